target_sources(cognate_objects PRIVATE
  src/code/code.c
)
