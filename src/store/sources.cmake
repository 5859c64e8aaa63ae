target_sources(cognate_objects PRIVATE
  src/store/block.c
  src/store/compact.c
  src/store/find_signatures.c
  src/store/head.c
  src/store/learn.c
  src/store/lmdb_file.c
  src/store/lock.c
  src/store/merge.c
  src/store/record.c
  src/store/segment.c
  src/store/snapshot.c
  src/store/store.c
  src/store/store_lmdb.c
  src/store/token.c
  src/store/verify.c
  src/store/view.c
)
