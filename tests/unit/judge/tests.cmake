cog_unit(verdict ${CMAKE_CURRENT_SOURCE_DIR}/unit/judge/test_verdict.c)
cog_unit(contradict ${CMAKE_CURRENT_SOURCE_DIR}/unit/judge/test_contradict.c)
cog_unit(operators ${CMAKE_CURRENT_SOURCE_DIR}/unit/judge/test_operators.c)
cog_program_test(cli_verdict ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_verdict.py)
