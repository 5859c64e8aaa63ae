target_sources(cognate_objects PRIVATE
  src/judge/calibrate.c
  src/judge/contradict_file.c
  src/judge/contradict_match.c
  src/judge/explain.c
  src/judge/hypotheses.c
  src/judge/ledger.c
  src/judge/link.c
  src/judge/link_edge.c
  src/judge/matrix.c
  src/judge/operators.c
  src/judge/overlap.c
  src/judge/party.c
  src/judge/robust.c
  src/judge/verdict.c
  src/judge/words.c
)
