cog_unit(verdict ${CMAKE_CURRENT_SOURCE_DIR}/unit/judge/test_verdict.c)
