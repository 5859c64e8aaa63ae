/* SPDX-License-Identifier: Apache-2.0
 * align.h: which function of A is which function of B, one to one.
 * In: two samples. Out: pairs sorted by a. Exact hashes first, then genes (best pairs first), then
 * what the call graph and the neighbourhood of a pair suggest. Deterministic. Cost: near-linear in
 * genes, whatever the input. */
#ifndef COG_MATCH_ALIGN_H
#define COG_MATCH_ALIGN_H

#include "match/likeness.h"
#include "match/match.h"

typedef struct PicEntry {
    Hash128 pic;
    uint32_t index;
} PicEntry;

/* Sample A, made ready to be aligned with many. Threads may share it. In the arena. */
typedef struct AlignQuery {
    LikeSide side; /* all of it is made */
    /* By function: it pairs only with what has the same hash. NULL: none. Borrowed. */
    const bool *only_exact;
    PicEntry *pics; /* of its functions that have one, sorted */
    size_t pic_count;
    Map pic_at; /* low half of a pic -> first place in pics */
    uint32_t
        *slot; /* by gene: its number among those by which functions are looked up; GENE_NONE */
    size_t slot_count;
} AlignQuery;

AlignQuery align_query_new(const Outline *outline, const bool *only_exact, Arena *a);

/* Writes the pairs to out, which has room for one for each function of a; returns how many.
 * only_exact: of b, as above. Uses scratch and gives it back. */
size_t align_outlines(const AlignQuery *a, const Outline *b, const bool *only_exact, Arena *scratch,
                      FunctionPair *out);

#endif
