cog_unit(know_import ${CMAKE_CURRENT_SOURCE_DIR}/unit/know/test_import.c)
cog_fuzz(know_json)
cog_fuzz(know_list)
