# cog_unit(name ${CMAKE_CURRENT_SOURCE_DIR}/unit/code/test_name.c), cog_fuzz(name)
