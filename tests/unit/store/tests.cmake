cog_unit(store ${CMAKE_CURRENT_SOURCE_DIR}/unit/store/test_store.c)
