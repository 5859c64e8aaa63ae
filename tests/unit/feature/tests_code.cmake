cog_unit(pack ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_pack.c)
cog_unit(pic ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_pic.c)
cog_unit(sketch ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_sketch.c)
cog_fuzz(pack)

# Not a test: the figures of docs/evidence/code.md.
add_executable(measure_genes ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/measure_genes.c)
target_include_directories(measure_genes PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(measure_genes PRIVATE cognate_static)
