# SPDX-License-Identifier: Apache-2.0
# Strings, traits, indicators and whole-file digests.
cog_unit(feature_fuzzy ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_fuzzy.c)
cog_unit(feature_strings ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_strings.c)
cog_unit(feature_hidden_texts ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_hidden_texts.c)
cog_unit(feature_indicators ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_indicators.c)
cog_unit(feature_traits ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_traits.c)
cog_fuzz(strings)
