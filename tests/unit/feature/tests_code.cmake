cog_unit(pack ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_pack.c)
cog_unit(code_window ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_code_window.c)
cog_unit(pic ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_pic.c)
cog_unit(sketch ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_sketch.c)
cog_fuzz(pack)
cog_fuzz(window)


