/* SPDX-License-Identifier: Apache-2.0
 * know_run.h: sorted, immutable runs of knowledge entries, cut into blocks. Written once in order;
 * merged with others; looked up by key. No entry is in two runs. Every block is checked when it is
 * read. Format: docs/formats/knowledge.md. */
#ifndef COG_STORE_KNOW_RUN_H
#define COG_STORE_KNOW_RUN_H

#include "store/engine.h"
#include "store/know_record.h"

typedef enum KnowRunState { KNOW_RUN_LIVE, KNOW_RUN_BUILDING, KNOW_RUN_RETIRED } KnowRunState;
typedef struct KnowRun {
    uint32_t id; /* 24 bits */
    KnowRunState state;
    uint64_t blocks, bytes;
    uint64_t counts[KNOW_ENTRY_TYPES];
} KnowRun;
enum { KNOW_MAX_RUNS = 1 << 24, KNOW_MAX_LIVE_RUNS = 4096 };

Status know_run_put(EngineTxn *txn, const KnowRun *run, Error *err);
Status know_run_read(uint32_t id, Bytes b, KnowRun *out, Error *err);
Status know_run_delete(EngineTxn *txn, uint32_t id, Error *err); /* the record only */
/* All runs by id, in heap memory. */
Status know_runs_list(EngineTxn *txn, KnowRun **out, size_t *count, Error *err);
/* Keys of a run's blocks: from .. to (without to). */
static inline uint64_t know_run_from(uint32_t id) { return (uint64_t)id << 40; }
static inline uint64_t know_run_to(uint32_t id) { return ((uint64_t)id + 1) << 40; }

/* Writes entries in ascending order; equal ones once, if may_repeat is set. txn may be exchanged
 * between calls. */
typedef struct KnowRunWriter {
    EngineTxn *txn;
    KnowRun run;
    Text block;
    uint64_t last_key;
    uint32_t count;
    bool may_repeat;
    Text last;            /* then: type and payload of the last entry, to tell equal ones */
    uint64_t fresh_bytes; /* since the caller last set it to 0 */
} KnowRunWriter;
KnowRunWriter know_run_writer_init(EngineTxn *txn, uint32_t id);
Status know_run_writer_add(KnowRunWriter *w, const KnowEntry *e, Error *err);
Status know_run_writer_finish(KnowRunWriter *w, Error *err);
void know_run_writer_free(KnowRunWriter *w);

/* Reads one run in order, from any key on. Entries are views that live until the next call. */
typedef struct KnowRunCursor {
    EngineTxn *txn;
    uint32_t run;
    uint64_t next_key; /* of the next block */
    Bytes body;        /* entries of the block at hand */
    size_t off;
    uint32_t left;
    uint64_t blocks;
    KnowEntry entry; /* type KNOW_ENTRY_NONE: at the end */
} KnowRunCursor;
/* At the first entry whose key is at least `key`. */
Status know_run_seek(KnowRunCursor *c, EngineTxn *txn, uint32_t run, uint64_t key, Error *err);
/* Onward to the first entry at or after that key; cheap when it is near. */
Status know_run_seek_on(KnowRunCursor *c, uint64_t key, Error *err);
Status know_run_next(KnowRunCursor *c, Error *err);

#endif
