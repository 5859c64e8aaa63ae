target_sources(cognate_objects PRIVATE
  src/judge/calibrate.c
  src/judge/explain.c
  src/judge/party.c
  src/judge/verdict.c
  src/judge/words.c
)
