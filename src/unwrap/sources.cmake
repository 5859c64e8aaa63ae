# Sources of the layer "unwrap", by name.
target_sources(cognate_objects PRIVATE
  src/unwrap/apihash.c
  src/unwrap/apihash_catalogue.c
  src/unwrap/hidden.c
  src/unwrap/hidden_resolver.c
  src/unwrap/hidden_target.c
  src/unwrap/hidden_text.c
  src/unwrap/routine.c
  src/unwrap/transform.c
)
