target_sources(cognate_objects PRIVATE
  src/cognate.c
  src/cognate_pack.c
  src/cognate_store.c
  src/engine.c
)
file(GLOB STORE_SOURCES src/store/*.c)
if(NOT STORE_SOURCES)
  target_sources(cognate_objects PRIVATE src/pending_store.c)
endif()
