# cog_unit(name ${CMAKE_CURRENT_SOURCE_DIR}/unit/emulate/test_name.c), cog_fuzz(name)
