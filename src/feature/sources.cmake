target_sources(cognate_objects PRIVATE
  src/feature/f_code.c
  src/feature/f_image.c
  src/feature/gene.c
  src/feature/pack.c
  src/feature/pack_read.c
  src/feature/pack_write.c
  src/feature/pic.c
  src/feature/registry.c
  src/feature/sketch.c
  src/feature/ssdeep.c
  src/feature/tlsh.c
  src/feature/utf8.c
)
