cog_unit(hidden ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_hidden.c)
cog_unit(apihash ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_apihash.c)
cog_fuzz(hidden)
