cog_unit(store ${CMAKE_CURRENT_SOURCE_DIR}/unit/store/test_store.c)
cog_unit(block ${CMAKE_CURRENT_SOURCE_DIR}/unit/store/test_block.c)
cog_fuzz(block)
