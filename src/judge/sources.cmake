target_sources(cognate_objects PRIVATE
  src/judge/calibrate.c
  src/judge/explain.c
  src/judge/link.c
  src/judge/link_edge.c
  src/judge/overlap.c
  src/judge/party.c
  src/judge/verdict.c
  src/judge/words.c
)
