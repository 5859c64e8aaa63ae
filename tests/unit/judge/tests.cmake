# cog_unit(name ${CMAKE_CURRENT_SOURCE_DIR}/unit/judge/test_name.c), cog_fuzz(name)
