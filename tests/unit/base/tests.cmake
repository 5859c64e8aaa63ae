cog_unit(base ${CMAKE_CURRENT_SOURCE_DIR}/unit/base/test_base.c)
