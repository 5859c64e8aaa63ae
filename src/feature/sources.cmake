target_sources(cognate_objects PRIVATE
  src/feature/f_code.c
  src/feature/f_image.c
  src/feature/registry.c
  src/feature/sketch.c
  src/feature/utf8.c
)
