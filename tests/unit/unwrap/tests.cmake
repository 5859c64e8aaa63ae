cog_unit(hidden ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_hidden.c)
cog_unit(apihash ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_apihash.c)
cog_fuzz(hidden)
# The search for routines: its references, the whole by fixtures, any bytes.
cog_unit(cipher ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_cipher.c)
cog_fuzz(routine)
add_test(NAME cli_routines COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_routines.py)
set_tests_properties(cli_routines PROPERTIES ENVIRONMENT "${COG_PROGRAM_ENV}" TIMEOUT 900)
