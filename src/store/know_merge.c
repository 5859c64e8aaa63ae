/* SPDX-License-Identifier: Apache-2.0
 * know_merge.c: many runs to one, in order, equal entries once. As merge.c does with segments: the
 * new run is written in state building, made live together with the retirement of its parts, and
 * then their blocks are deleted; whatever a kill leaves of that is swept. */
#include "store/know_merge.h"

#include <stdlib.h>

enum {
    MERGE_FACTOR = 8,       /* as merge.c */
    TIER_BYTES = 1 << 20,   /* runs up to this size are of one tier (guess) */
    TXN_BYTES = 32 << 20,   /* as merge.c */
    TXN_DELETES = 8 * 1024, /* 64 MB of blocks */
};

Status know_run_new_id(EngineTxn *txn, uint32_t *out, Error *err) {
    KnowRun *runs = NULL;
    size_t count = 0;
    Status status = know_runs_list(txn, &runs, &count, err);
    *out = count ? runs[count - 1].id + 1 : 1;
    if (*out >= KNOW_MAX_RUNS) { /* the first free one: 16 million runs were there before */
        *out = 1;
        for (size_t i = 0; i < count && runs[i].id == *out; i++)
            ++*out;
    }
    free(runs);
    return status;
}

/* ---- sweeping ---- */

static Status delete_run(Engine *engine, uint32_t id, Error *err) {
    Status status = STATUS_OK;
    for (uint64_t deleted = TXN_DELETES; status == STATUS_OK && deleted > 0;) {
        EngineTxn *txn = NULL;
        status = engine_begin(engine, true, &txn, err);
        if (status == STATUS_OK)
            status = engine_delete_u64(txn, TABLE_KNOW, know_run_from(id), know_run_to(id),
                                       TXN_DELETES, &deleted, err);
        if (status == STATUS_OK && deleted < TXN_DELETES) {
            status = know_run_delete(txn, id, err);
            deleted = 0;
        }
        if (status == STATUS_OK)
            status = engine_commit(txn, err);
        else
            engine_abort(txn);
        engine_forget(engine); /* deleting reads the pages' heads */
    }
    return status;
}

static Status list_runs(Engine *engine, KnowRun **runs, size_t *count, Error *err) {
    EngineTxn *txn = NULL;
    *runs = NULL;
    *count = 0;
    Status status = engine_begin(engine, false, &txn, err);
    if (status == STATUS_OK)
        status = know_runs_list(txn, runs, count, err);
    engine_abort(txn);
    return status;
}

Status know_runs_sweep(Engine *engine, Error *err) {
    KnowRun *runs = NULL;
    size_t count = 0;
    Status status = list_runs(engine, &runs, &count, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (runs[i].state != KNOW_RUN_LIVE)
            status = delete_run(engine, runs[i].id, err);
    free(runs);
    return status;
}

/* ---- merging ---- */

typedef struct Merge {
    Engine *engine; /* of the new run */
    EngineTxn *txn; /* written to */
    EngineTxn *from;
    KnowRunCursor *cursors;
    size_t count;
} Merge;

/* A heap would win from about 30 runs on; there are seldom more. */
static KnowRunCursor *least(Merge *m) {
    KnowRunCursor *best = NULL;
    for (size_t i = 0; i < m->count; i++) {
        KnowRunCursor *c = &m->cursors[i];
        if (c->entry.type != KNOW_ENTRY_NONE &&
            (!best || know_entry_compare(&c->entry, &best->entry) < 0))
            best = c;
    }
    return best;
}

static Status breathe(Merge *m, KnowRunWriter *w, Error *err) {
    if (w->fresh_bytes < TXN_BYTES)
        return STATUS_OK;
    w->fresh_bytes = 0;
    engine_forget(m->engine);
    Status status = engine_commit(m->txn, err);
    m->txn = NULL;
    if (status == STATUS_OK)
        status = engine_begin(m->engine, true, &m->txn, err);
    w->txn = m->txn;
    return status;
}

static Status copy_entries(Merge *m, KnowRunWriter *w, Error *err) {
    Status status = STATUS_OK;
    for (KnowRunCursor *c; status == STATUS_OK && (c = least(m));) {
        status = know_run_writer_add(w, &c->entry, err);
        if (status == STATUS_OK)
            status = know_run_next(c, err);
        if (status == STATUS_OK)
            status = breathe(m, w, err);
    }
    return status;
}

/* The runs become one in state building; its record in *out. */
static Status build(Merge *m, const KnowRun *runs, KnowRun *out, Error *err) {
    uint32_t id = 0;
    Status status = engine_begin(m->engine, true, &m->txn, err);
    if (status == STATUS_OK)
        status = know_run_new_id(m->txn, &id, err);
    m->cursors = calloc(m->count + 1, sizeof *m->cursors);
    if (status == STATUS_OK && !m->cursors)
        status = error_set(err, STATUS_FAILED, "out of memory");
    for (size_t i = 0; i < m->count && status == STATUS_OK; i++)
        status = know_run_seek(&m->cursors[i], m->from, runs[i].id, 0, err);
    KnowRunWriter w = know_run_writer_init(m->txn, id);
    w.may_repeat = true;
    if (status == STATUS_OK)
        status = know_run_put(m->txn, &w.run, err);
    if (status == STATUS_OK)
        status = copy_entries(m, &w, err);
    if (status == STATUS_OK)
        status = know_run_writer_finish(&w, err);
    *out = w.run;
    know_run_writer_free(&w);
    free(m->cursors);
    EngineTxn *txn = m->txn;
    m->txn = NULL;
    if (status == STATUS_OK)
        return engine_commit(txn, err);
    engine_abort(txn);
    return status;
}

static Status exchange(Engine *engine, KnowRun *runs, size_t count, KnowRun *fresh, Error *err) {
    EngineTxn *txn = NULL;
    Status status = engine_begin(engine, true, &txn, err);
    fresh->state = KNOW_RUN_LIVE;
    if (status == STATUS_OK)
        status = know_run_put(txn, fresh, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        runs[i].state = KNOW_RUN_RETIRED;
        status = know_run_put(txn, &runs[i], err);
    }
    if (status == STATUS_OK)
        return engine_commit(txn, err);
    engine_abort(txn);
    return status;
}

static Status merge(Engine *engine, KnowRun *runs, size_t count, Error *err) {
    Merge m = {.engine = engine, .count = count};
    KnowRun fresh;
    /* A reader's transaction of its own: what it reads stays as it is while blocks are written. */
    Status status = engine_begin(engine, false, &m.from, err);
    if (status == STATUS_OK)
        status = build(&m, runs, &fresh, err);
    engine_abort(m.from);
    if (status == STATUS_OK)
        status = exchange(engine, runs, count, &fresh, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = delete_run(engine, runs[i].id, err);
    return status;
}

static int compare_size(const void *x, const void *y) {
    const KnowRun *a = x, *b = y;
    return (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

static unsigned tier_of(const KnowRun *run) {
    unsigned tier = 0;
    for (uint64_t bytes = run->bytes; bytes > TIER_BYTES; bytes /= MERGE_FACTOR)
        tier++;
    return tier;
}

/* How many of the runs, smallest first, are to be merged: all up to the lowest tier that is full.
 */
static size_t due(const KnowRun *runs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t same = i;
        while (same + 1 < count && tier_of(&runs[same + 1]) == tier_of(&runs[i]))
            same++;
        if (same - i + 1 >= MERGE_FACTOR)
            return same + 1;
        i = same;
    }
    return 0;
}

Status know_runs_merge(Engine *engine, bool all, Error *err) {
    Status status = STATUS_OK;
    for (size_t n = 2; n > 1 && status == STATUS_OK;) {
        KnowRun *runs = NULL;
        size_t count = 0, live = 0;
        status = list_runs(engine, &runs, &count, err);
        for (size_t i = 0; i < count; i++)
            if (runs[i].state == KNOW_RUN_LIVE)
                runs[live++] = runs[i];
        if (live > 1)
            qsort(runs, live, sizeof *runs, compare_size);
        n = status != STATUS_OK ? 0 : all ? live : due(runs, live);
        if (n > 1)
            status = merge(engine, runs, n, err);
        free(runs);
    }
    return status;
}

Status know_runs_copy(EngineTxn *from, Engine *to, Error *err) {
    KnowRun *runs = NULL, fresh;
    size_t count = 0, live = 0;
    Status status = know_runs_list(from, &runs, &count, err);
    for (size_t i = 0; i < count; i++)
        if (runs[i].state == KNOW_RUN_LIVE)
            runs[live++] = runs[i];
    Merge m = {.engine = to, .from = from, .count = live};
    if (status == STATUS_OK && live > 0)
        status = build(&m, runs, &fresh, err);
    if (status == STATUS_OK && live > 0)
        status = exchange(to, NULL, 0, &fresh, err);
    free(runs);
    return status;
}
