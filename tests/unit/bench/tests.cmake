set(bench ${CMAKE_SOURCE_DIR}/bench)
cog_unit(bench_metric ${CMAKE_CURRENT_SOURCE_DIR}/unit/bench/test_metric.c ${bench}/functions/metric.c)
cog_unit(bench_pool ${CMAKE_CURRENT_SOURCE_DIR}/unit/bench/test_pool.c ${bench}/functions/corpus.c ${bench}/read_file.c ${bench}/functions/truth.c
  ${bench}/functions/pool.c ${bench}/functions/metric.c)
foreach(name bench_metric bench_pool)
  target_include_directories(unit_${name} PRIVATE ${bench})
endforeach()
