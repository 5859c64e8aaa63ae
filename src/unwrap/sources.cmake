# Sources of the layer "unwrap", by name.
target_sources(cognate_objects PRIVATE
  src/unwrap/routine.c
)
