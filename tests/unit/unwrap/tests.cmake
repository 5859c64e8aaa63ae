cog_unit(hidden ${CMAKE_CURRENT_SOURCE_DIR}/unit/unwrap/test_hidden.c)
