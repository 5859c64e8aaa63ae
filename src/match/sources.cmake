target_sources(cognate_objects PRIVATE
  src/match/align.c
  src/match/cache.c
  src/match/chance.c
  src/match/context.c
  src/match/effect_align.c
  src/match/evidence.c
  src/match/group.c
  src/match/likeness.c
  src/match/match.c
  src/match/public.c
  src/match/routine_evidence.c
  src/match/runtime.c
  src/match/token.c
  src/match/tree.c
  src/match/vote.c
)
