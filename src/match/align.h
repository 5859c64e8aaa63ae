/* SPDX-License-Identifier: Apache-2.0
 * align.h: which function of A is which function of B, one to one.
 * In: two samples. Out: pairs sorted by a. Exact hashes first, then genes (best pairs first), then
 * what the call graph and the neighbourhood of a pair suggest. Deterministic. Cost: near-linear in
 * genes, whatever the input. */
#ifndef COG_MATCH_ALIGN_H
#define COG_MATCH_ALIGN_H

#include "match/match.h"

/* The sketches of a sample's functions and which keys they have, for a sample that is aligned with
 * many. */
typedef struct AlignKeys {
    const Sketch *sketches;
    const uint64_t *seen; /* bit set of the keys' upper bits */
} AlignKeys;
AlignKeys align_keys_from_features(const Features *f, Arena *a);

/* One sample's functions, made ready for alignment. In the arena. */
typedef struct AlignSide {
    ContextSide context;
    /* By function: it pairs only with what has the same hash. NULL: none. Borrowed. */
    const bool *only_exact;
    AlignKeys keys; /* of a; not read of b */
} AlignSide;

/* Writes the pairs to out, which has room for one for each function of a; returns how many. Of a
 * everything is made (context_need_all, keys): threads may share it. Uses scratch and gives it
 * back. */
size_t align_features(const AlignSide *a, AlignSide *b, Arena *scratch, FunctionPair *out);

#endif
