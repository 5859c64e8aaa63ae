# SPDX-License-Identifier: Apache-2.0
# Strings, traits, indicators and whole-file digests.
cog_unit(feature_fuzzy ${CMAKE_CURRENT_SOURCE_DIR}/unit/feature/test_fuzzy.c)
