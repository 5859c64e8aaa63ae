/* SPDX-License-Identifier: Apache-2.0
 * view.h: one published state of a store inside a transaction: its numbers, its live segments in
 * order, its samples. What snapshots, learn, verify and compact all start from. */
#ifndef COG_STORE_VIEW_H
#define COG_STORE_VIEW_H

#include <pthread.h>

#include "store/segment.h"

/* Merging keeps live segments near 8 for each power of 8; this is far beyond. */
enum { MAX_LIVE_SEGMENTS = 65536 };

typedef struct View {
    Engine *engine; /* an owner of it */
    EngineTxn *txn;
    State state;
    Segment *segments; /* live, by first_ordinal; heap */
    size_t count;
} View;

/* Both leave *view empty when they fail. The second takes over a transaction. */
Status view_open(Engine *engine, bool write, View *view, Error *err);
Status view_open_in(Engine *engine, EngineTxn *txn, View *view, Error *err);
void view_close(View *view); /* aborts the transaction; empty is fine */

/* All samples of a state, decoded once and shared by the snapshots of that state. */
typedef struct Samples {
    Arena *arena;
    SampleRecord *at; /* living, by id and so by first_ordinal */
    size_t count;
    uint32_t *by_id;  /* place in at, + 1; NULL: ids lie too far apart */
    size_t id_count;  /* of by_id */
    bool has_removed; /* some ordinals and ids belong to no living sample */
    uint64_t functions;
    uint64_t changes;
    const Engine *engine;
    unsigned owners; /* guarded by the store's mutex */
} Samples;
Status samples_read(const View *view, Samples **out, Error *err);
void samples_free(Samples *s);
/* Fills by_id, which has room for samples_id_room; 0: it is left out. */
size_t samples_id_room(const Samples *s);
void samples_number(Samples *s, uint32_t *by_id);
const SampleRecord *samples_find(const Samples *s, uint32_t id);
/* The living sample whose functions include the ordinal, or NULL. */
const SampleRecord *samples_find_ordinal(const Samples *s, uint64_t ordinal);

/* One function's identity in the index: its PIC hash; without one, its sketch; else none. */
typedef struct Identity {
    uint64_t key;   /* of the PIC index */
    uint32_t check; /* 32 more bits, in the value's upper half */
    bool is_some;
} Identity;
Identity identity_from_function(const FunctionFeature *f, const Sketch *sketch);
Identity identity_from_pic(Hash128 pic);

#endif
