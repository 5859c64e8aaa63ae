# The app's own pieces are linked in by name: only the program has them.
cog_unit(app_label ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_label.c ${CMAKE_SOURCE_DIR}/src/app/label.c)
cog_unit(app_worker ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_worker.c ${CMAKE_SOURCE_DIR}/src/app/worker.c
  ${CMAKE_SOURCE_DIR}/src/app/sandbox.c)
cog_unit(cognate ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_cognate.c)

# The program as its users meet it.
foreach(group usage inputs code output store enrich know yara report)
  cog_program_test(cli_${group} ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${group}.py)
endforeach()
cog_program_test(records ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_records.py)
cog_program_test(golden ${CMAKE_SOURCE_DIR}/tools/golden.py test)
