/* SPDX-License-Identifier: Apache-2.0
 * joined.h: indicators one or two steps away from those of a sample, by passive DNS and
 * certificates: where its names resolved to, which other names did, what its addresses were called.
 * Limits: MAX_JOINED indicators, MAX_JOINED_LOOKS of the store; what lies behind is left out, and
 * `full` tells. Owner: the arena. */
#ifndef COG_JUDGE_JOINED_H
#define COG_JUDGE_JOINED_H

#include "judge/neighbour.h"

typedef struct Joined {
    KnowValueKind kind;
    const char *value;
    double weight;   /* that both belong together, 0..1 */
    const char *via; /* the steps in words, with who says so */
    const char *source;
    uint64_t va; /* of the sample's own indicator */
} Joined;

enum { MAX_JOINED = 512, MAX_JOINED_LOOKS = 256 };
typedef struct JoinedSearch {
    const KnowView *know;
    Arena *arena;
    int64_t seen; /* when the sample was first seen; 0 not known */
    VEC(Joined) found;
    Map at; /* value key -> index + 1 */
    unsigned looks;
    bool full;
} JoinedSearch;

JoinedSearch joined_init(const KnowView *know, Arena *a, int64_t seen);
/* From one indicator of the sample, at va. */
Status joined_add(JoinedSearch *s, KnowValueKind kind, const char *value, uint64_t va, Error *err);

#endif
