target_sources(cognate_objects PRIVATE
  src/feature/registry.c
)
