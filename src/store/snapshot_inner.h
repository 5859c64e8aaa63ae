/* SPDX-License-Identifier: Apache-2.0
 * snapshot_inner.h: what a Snapshot is, for snapshot.c and find_signatures.c. */
#ifndef COG_STORE_SNAPSHOT_INNER_H
#define COG_STORE_SNAPSHOT_INNER_H

#include "store/internal.h"

/* What a list may grow to when its owner did not say. */
#define DEFAULT_MAX_HITS ((size_t)1 << 26)

typedef struct Buffer {
    void *at;
    size_t bytes;
} Buffer;

/* Memory that questions share; it stays with the snapshot, so that an escape of the caller's arena
   loses nothing. */
/* Look-ups of one question are shared by so many threads at most: beyond these the rest of it takes
 * longer (guess). */
enum { FIND_PARTS = 4 };

typedef struct Workspace {
    Buffer keys, keys_scratch, pairs, pairs_scratch;                     /* postings of all kinds */
    Buffer same, same_places, exact, lists, sorted, ends, hits, answers; /* find_signatures.c */
    Buffer parts[FIND_PARTS]; /* what threads but the first find */
    size_t pair_count, list_count;
    uint64_t skipped; /* lists of sketch keys that were not read, since the snapshot was opened */
} Workspace;

struct Snapshot {
    Store *store;
    View view;
    Samples *all;
    const Samples *samples; /* all, or shown */
    Samples shown;          /* without the hidden ones; its records are this snapshot's */
    Workspace *work;
    /* Of the same state; the first is the view's. Each thread has its own. */
    EngineTxn *txns[FIND_PARTS];
    size_t txn_count;
};

/* What one thread finds: items of one size, one after another. */
typedef struct Finding {
    const void *of; /* the search; but for places that are one key's alone nobody writes to it */
    Buffer *out;
    size_t count;
} Finding;

/* False: no memory. What was in it stays. */
bool buffer_room(Buffer *b, size_t bytes);
Status snapshot_no_memory(Error *err);
/* Looks up the first `count` of work->keys in every segment; sorts them first. found gets a Finding
 * as its ctx; what all threads have found is then in *in, in order of keys, and of segments within
 * each. */
Status snapshot_find_in_all(const Snapshot *snap, IndexId index, size_t count, SegmentFound found,
                            Finding *in, size_t item_bytes, Error *err);

#endif
