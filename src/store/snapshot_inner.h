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
typedef struct Workspace {
    Buffer keys, keys_scratch, pairs, pairs_scratch;      /* postings of all kinds */
    Buffer exact, extents, order, ends, hits, hit_counts; /* find_signatures.c */
    size_t pair_count, extent_count;
    bool is_over;
    uint64_t skipped; /* lists of sketch keys that were not read, since the snapshot was opened */
} Workspace;

struct Snapshot {
    Store *store;
    View view;
    Samples *all;
    const Samples *samples; /* all, or shown */
    Samples shown;          /* without the hidden ones; its records are this snapshot's */
    Workspace *work;
};

/* False: no memory. What was in it stays. */
bool buffer_room(Buffer *b, size_t bytes);
Status snapshot_no_memory(Error *err);
/* Looks up the first `count` of work->keys in every segment; sorts them first. */
Status snapshot_find_in_all(const Snapshot *snap, IndexId index, size_t count, SegmentFound found,
                            void *ctx, Error *err);

#endif
