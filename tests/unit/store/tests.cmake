cog_unit(store ${CMAKE_CURRENT_SOURCE_DIR}/unit/store/test_store.c)
cog_unit(block ${CMAKE_CURRENT_SOURCE_DIR}/unit/store/test_block.c)
cog_fuzz(block)
cog_unit(store_crash ${CMAKE_CURRENT_SOURCE_DIR}/unit/store/test_crash.c)
