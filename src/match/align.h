/* SPDX-License-Identifier: Apache-2.0
 * align.h: which function of A is which function of B, one to one.
 * In: two samples. Out: pairs sorted by a. Exact hashes first, then genes (best pairs first), then
 * what the call graph and the neighbourhood of a pair suggest. Deterministic. Cost: near-linear in
 * genes, whatever the input. */
#ifndef COG_MATCH_ALIGN_H
#define COG_MATCH_ALIGN_H

#include "match/match.h"

/* One sample's functions, made ready for alignment once, with however many others. In the arena. */
typedef struct AlignSide {
    const Features *features;
    uint8_t *weight; /* parallel to the genes: gene_weight */
    uint32_t *total; /* of each function's genes */
    /* By function: it pairs only with what has the same hash. NULL: none. Borrowed. */
    const bool *only_exact;
} AlignSide;
AlignSide align_side(const Features *f, const bool *only_exact, Arena *arena);

/* Writes the pairs to out, which has room for one for each function of a; returns how many. Uses
 * scratch and gives it back. */
size_t align_features(const AlignSide *a, const AlignSide *b, Arena *scratch, FunctionPair *out);

/* Jaccard similarity of the gene sets of two functions, each gene by gene_weight, 0..1. */
float align_jaccard(const Features *a, const FunctionFeature *fa, const Features *b,
                    const FunctionFeature *fb);

#endif
