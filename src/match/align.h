/* SPDX-License-Identifier: Apache-2.0
 * align.h: which function of A is which function of B, one to one.
 * In: two Features. Out: pairs sorted by a. Exact hashes first, then genes (best pairs first), then
 * what the call graph and the neighbourhood of a pair suggest. Deterministic. Cost: near-linear in
 * genes, whatever the input. */
#ifndef COG_MATCH_ALIGN_H
#define COG_MATCH_ALIGN_H

#include "match/match.h"

void align_features(const Features *a, const Features *b, Arena *arena, Arena *scratch,
                    FunctionPairVec *out);

/* Jaccard similarity of the gene sets of two functions, each gene by gene_weight, 0..1. */
float align_jaccard(const Features *a, const FunctionFeature *fa, const Features *b,
                    const FunctionFeature *fb);

#endif
