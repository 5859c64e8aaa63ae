# Sources of the search for routines (layer "unwrap"), by name.
target_sources(cognate_objects PRIVATE
  src/unwrap/cipher_block.c
  src/unwrap/cipher_blowfish.c
  src/unwrap/cipher_code.c
  src/unwrap/cipher_hash.c
  src/unwrap/cipher_stream.c
  src/unwrap/cipher_table.c
  src/unwrap/exam.c
  src/unwrap/find.c
  src/unwrap/linear.c
  src/unwrap/match_block.c
  src/unwrap/match_code.c
  src/unwrap/match_hash.c
  src/unwrap/match_keystream.c
  src/unwrap/match_map.c
  src/unwrap/match_stream.c
  src/unwrap/probe.c
  src/unwrap/sift.c
  src/unwrap/site.c
)
