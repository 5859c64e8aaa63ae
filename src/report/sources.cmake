target_sources(cognate_objects PRIVATE
  src/report/escape.c
  src/report/json.c
  src/report/json_features.c
  src/report/json_match.c
  src/report/json_routine.c
  src/report/json_verdict.c
  src/report/know.c
  src/report/number.c
  src/report/shared.c
  src/report/page.c
  src/report/side_by_side.c
  src/report/text_features.c
  src/report/text_lists.c
  src/report/text_match.c
  src/report/text_verdict.c
  src/report/words.c
)
