/* SPDX-License-Identifier: Apache-2.0
 * tally.h: the signatures that share the most, and the rarest, keys with one query.
 * In: the lists of its keys, wherever they lie (KeyList). Of these the shortest are read, until
 * enough is. Out: hits, best first. Odd input: a list that names a signature which is not there is
 * refused. Limits: MAX_QUERY_POSTINGS. Threads: each has its own Tally. */
#ifndef COG_STORE_TALLY_H
#define COG_STORE_TALLY_H

#include "store/block.h"
#include "store/store.h"

enum {
    /* Postings read for one query: the rarest keys first, as many as fit. .008 of 10^6
     * signatures (docs/evidence/code.md, "Look-up", has what that loses). */
    MAX_QUERY_POSTINGS = 8192
};

/* Some of the postings of one key of one query: those of one segment. */
typedef struct KeyList {
    BlockList list;
    uint32_t who; /* query * SKETCH_KEYS + key */
} KeyList;

typedef struct TallyQuery {
    const KeyList *lists;
    size_t list_count;
    unsigned key_count;   /* of the sketch */
    uint64_t exact;       /* signature + 1 of the same PIC hash; 0: none */
    uint64_t signatures;  /* of the store: all numbers are below */
    float least_likeness; /* of a hit that is not exact */
} TallyQuery;

typedef struct Tally Tally;
Tally *tally_new(void); /* NULL: no memory */
void tally_free(Tally *t);
/* The best `wanted` hits, of which the query is to be filled in; they stay until the next query.
 * *skipped: keys whose lists were too long. STATUS_CORRUPT: a list names what is not there. */
Status tally_query(Tally *t, const TallyQuery *query, size_t wanted, const SignatureHit **hits,
                   size_t *count, unsigned *skipped);

#endif
