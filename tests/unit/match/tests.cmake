cog_unit(align ${CMAKE_CURRENT_SOURCE_DIR}/unit/match/test_align.c)
cog_unit(evidence ${CMAKE_CURRENT_SOURCE_DIR}/unit/match/test_evidence.c)
cog_unit(chance ${CMAKE_CURRENT_SOURCE_DIR}/unit/match/test_chance.c)
cog_unit(effect_align ${CMAKE_CURRENT_SOURCE_DIR}/unit/match/test_effect_align.c)
