# The app's own pieces are linked in by name: only the program has them.
cog_unit(app_label ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_label.c ${CMAKE_SOURCE_DIR}/src/app/label.c)
cog_unit(app_worker ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_worker.c ${CMAKE_SOURCE_DIR}/src/app/worker.c
  ${CMAKE_SOURCE_DIR}/src/app/sandbox.c)
cog_unit(cognate ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_cognate.c)

# The program as its users meet it. Inputs are built from tests/fixtures.
set(COG_PROGRAM_ENV "COGNATE=$<TARGET_FILE:cognate_app>" "COGNATE_WORK=${CMAKE_BINARY_DIR}/cli"
  "CC=${CMAKE_C_COMPILER}" "COGNATE_SANITIZED=${COG_SANITIZE}")
foreach(group usage inputs code output store know)
  add_test(NAME cli_${group} COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${group}.py)
  set_tests_properties(cli_${group} PROPERTIES ENVIRONMENT "${COG_PROGRAM_ENV}" TIMEOUT 900)
endforeach()
add_test(NAME records COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_records.py)
set_tests_properties(records PROPERTIES ENVIRONMENT "${COG_PROGRAM_ENV}" TIMEOUT 900)
add_test(NAME golden COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/golden.py test)
set_tests_properties(golden PROPERTIES ENVIRONMENT "${COG_PROGRAM_ENV}" TIMEOUT 900)
