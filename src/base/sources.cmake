target_sources(cognate_objects PRIVATE
  src/base/arena.c
  src/base/bytes.c
  src/base/check.c
  src/base/digest.c
  src/base/note.c
  src/base/parallel.c
  src/base/sample.c
  src/base/status.c
  src/base/table.c
  src/base/text.c
)
