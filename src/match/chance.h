/* SPDX-License-Identifier: Apache-2.0
 * chance.h: how often a pair of functions is this alike by chance, measured on pairs of functions
 * of unrelated programs (bench/functions_chance.csv), by the size of the smaller function. */
#ifndef COG_MATCH_CHANCE_H
#define COG_MATCH_CHANCE_H

#include "feature/feature.h"

/* -log10 of the share of unrelated pairs that score at least so high; 0: below what was measured.
 * Scores between the table's get the lower one's. */
float chance_log10(const FunctionFeature *a, const FunctionFeature *b, float score);

#endif
