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
    Map pic_at;   /* low half of a pic -> first place in pics */
    Map key_slot; /* sketch key -> its number among those of functions that are looked up */
    size_t slot_count;
    uint32_t *slots;    /* of the functions' sketches, SKETCH_KEYS for each function */
    uint8_t *slot_used; /* by function: how many of them */
} AlignQuery;

/* scratch: another arena, given back. */
AlignQuery align_query_new(const Features *f, const bool *only_exact, Arena *a, Arena *scratch);

/* Writes the pairs to out, which has room for one for each function of a; returns how many.
 * only_exact: of b, as above. Uses scratch and gives it back. */
size_t align_features(const AlignQuery *a, const Features *b, const bool *only_exact,
                      Arena *scratch, FunctionPair *out);

#endif
