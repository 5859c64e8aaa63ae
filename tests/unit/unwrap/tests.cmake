cog_unit(hidden ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_hidden.c)
cog_unit(hidden_making ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_hidden_making.c)
cog_unit(apihash ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_apihash.c)
cog_fuzz(hidden)
# The search for routines: its references, the whole by fixtures, any bytes.
cog_unit(cipher ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_cipher.c)
cog_fuzz(routine)
cog_program_test(cli_routines ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_routines.py)
# Packed programs.
cog_unit(unpack ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_unpack.c)
cog_fuzz(unpack)
cog_program_test(cli_unpack ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_unpack.py)
cog_unit(profile ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_profile.c)
cog_program_test(cli_obfuscation ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_obfuscation.py)
