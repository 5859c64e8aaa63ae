/* SPDX-License-Identifier: Apache-2.0
 * holders.h: how many have a value. All reports, lists and indicators that stand for one actor (or
 * family) are one holder, and so are its samples: what is much reported is not everybody's.
 * Limit: of more than MAX_HOLDERS containers each counts for itself. Owner: the arena. */
#ifndef COG_JUDGE_HOLDERS_H
#define COG_JUDGE_HOLDERS_H

#include "store/know_store.h"
#include "store/store.h"

enum { MAX_HOLDERS = 64 };

/* What was found for one question: a list that has one value of a sample often has many. */
typedef struct Holders {
    const KnowView *know;
    Arena *arena;
    Map of; /* container -> its holder */
} Holders;
Holders holders_new(const KnowView *know, Arena *a);

/* All families of one actor are one user. */
uint64_t holder_from_sample(const StoredSample *sample);

/* total: of the containers, of which `seen` has the first. samples: that have the value too. */
Status holders_count(Holders *h, const KnowSeenVec *seen, uint64_t total,
                     const StoredSample *const *samples, size_t sample_count, uint64_t *out,
                     Error *err);

#endif
