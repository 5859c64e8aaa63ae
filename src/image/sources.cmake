target_sources(cognate_objects PRIVATE
  src/image/image.c
  src/image/archive.c
)
