/* SPDX-License-Identifier: Apache-2.0
 * merge.c: keeps the number of live segments small. Neighbours of like size become one; a look-up
 * asks each live segment, and a posting is copied once for each power of MERGE_FACTOR.
 * A small merge is one transaction. A large one is many: it writes the blocks of a segment that is
 * not live yet (SEGMENT_BUILDING), makes it live and its parts SEGMENT_RETIRED at once, and then
 * deletes their blocks. Whatever a kill leaves of that, segments_sweep deletes. */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"

enum {
    /* Measured with bench_store: see docs/formats/store.md, "Merging". */
    MERGE_FACTOR = 8,
    /* Segments up to this size are of one tier: the 23 postings each of 1,000 functions. */
    TIER_POSTINGS = 32 * 1024,
    /* One transaction's new blocks. LMDB keeps its changed pages in memory until the commit. */
    TXN_BYTES = 32 << 20,
    /* Blocks deleted in one transaction: as many bytes again. */
    TXN_DELETES = 32 * 1024
};

/* A write transaction that ends and begins anew when it has grown large. */
typedef struct Work {
    Engine *engine;
    EngineTxn *txn;
    uint64_t bytes, deletes;
} Work;

static Status work_breathe(Work *w, Error *err) {
    if (w->txn && w->bytes < TXN_BYTES && w->deletes < TXN_DELETES)
        return STATUS_OK;
    EngineTxn *txn = w->txn;
    w->txn = NULL;
    w->bytes = w->deletes = 0;
    Status status = txn ? engine_commit(txn, err) : STATUS_OK;
    return status == STATUS_OK ? engine_begin(w->engine, true, &w->txn, err) : status;
}

static Status work_end(Work *w, Status status, Error *err) {
    EngineTxn *txn = w->txn;
    w->txn = NULL;
    if (status == STATUS_OK && txn)
        return engine_commit(txn, err);
    engine_abort(txn);
    return status;
}

static Status delete_blocks(Work *w, uint32_t segment, Error *err) {
    uint64_t from = (uint64_t)segment << 32, to = from + ((uint64_t)1 << 32);
    Status status = STATUS_OK;
    for (unsigned i = 0; i < INDEX_COUNT; i++) {
        uint64_t deleted = TXN_DELETES;
        while (status == STATUS_OK && deleted > 0) {
            status = work_breathe(w, err);
            if (status == STATUS_OK)
                status = engine_delete_u64(w->txn, (TableId)(TABLE_FIRST_INDEX + i), from, to,
                                           TXN_DELETES - w->deletes, &deleted, err);
            w->deletes += deleted;
        }
    }
    uint64_t key = segment;
    return status == STATUS_OK ? engine_delete(w->txn, TABLE_SEGMENT,
                                               (Bytes){(const uint8_t *)&key, sizeof key}, err)
                               : status;
}

/* Plans the merged index: counts add up, since no posting is in two segments. */
static SegmentIndex plan_index(const Segment *from, size_t count, unsigned index) {
    SegmentIndex x = {0};
    for (size_t i = 0; i < count; i++) {
        const SegmentIndex *y = &from[i].index[index];
        if (y->count == 0)
            continue;
        x.first = x.count == 0 || y->first < x.first ? y->first : x.first;
        x.last = x.count == 0 || y->last > x.last ? y->last : x.last;
        x.count += y->count;
    }
    x.shift = segment_shift(&x);
    return x;
}

/* The reader whose next posting is least. Few readers: looking at each is faster than a heap. */
static SegmentReader *least(SegmentReader *readers, size_t count, Status *status, Error *err) {
    SegmentReader *best = NULL;
    const Posting *at = NULL;
    for (size_t i = 0; i < count; i++) {
        const Posting *p = segment_reader_peek(&readers[i], status, err);
        if (*status != STATUS_OK)
            return NULL;
        if (p && (!at || p->key < at->key || (p->key == at->key && p->value < at->value))) {
            best = &readers[i];
            at = p;
        }
    }
    return best;
}

static Status copy_postings(Work *work, SegmentReader *readers, size_t count, SegmentWriter *w,
                            Error *err) {
    Status status = STATUS_OK;
    while (status == STATUS_OK) {
        SegmentReader *r = least(readers, count, &status, err);
        if (!r)
            break;
        status = segment_writer_add(w, r->at[r->used++], err);
        if (w->bytes >= (64 << 10)) {
            work->bytes += w->bytes;
            w->bytes = 0;
            if (status == STATUS_OK)
                status = work_breathe(work, err);
            w->txn = work->txn;
            for (size_t i = 0; i < count; i++)
                readers[i].txn = work->txn;
        }
    }
    return status == STATUS_OK ? segment_writer_finish(w, err) : status;
}

static Status merge_index(Work *work, const Segment *from, size_t count, const Segment *to,
                          IndexId index, Error *err) {
    if (to->index[index].count == 0)
        return STATUS_OK;
    SegmentReader *readers = calloc(count, sizeof *readers);
    if (!readers)
        return error_set(err, STATUS_FAILED, "store: out of memory");
    for (size_t i = 0; i < count; i++)
        readers[i] = segment_reader_init(work->txn, &from[i], index);
    SegmentWriter w = segment_writer_init(work->txn, to->id, index, &to->index[index]);
    Status status = copy_postings(work, readers, count, &w, err);
    work->bytes += w.bytes;
    segment_writer_free(&w);
    for (size_t i = 0; i < count; i++)
        segment_reader_free(&readers[i]);
    free(readers);
    return status;
}

static Status publish(Work *work, Segment *from, size_t count, Segment *to, Error *err) {
    to->state = SEGMENT_LIVE;
    Status status = put_segment(work->txn, to, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        from[i].state = SEGMENT_RETIRED;
        status = put_segment(work->txn, &from[i], err);
    }
    return status;
}

static Status merge_parts(Work *work, State *state, Segment *from, size_t count, Error *err) {
    Segment to = {.id = state->next_segment++,
                  .state = SEGMENT_BUILDING,
                  .first_ordinal = from[0].first_ordinal};
    for (unsigned i = 0; i < INDEX_COUNT; i++)
        to.index[i] = plan_index(from, count, i);
    Status status = put_state(work->txn, state, err);
    if (status == STATUS_OK)
        status = put_segment(work->txn, &to, err);
    for (unsigned i = 0; i < INDEX_COUNT && status == STATUS_OK; i++)
        status = merge_index(work, from, count, &to, (IndexId)i, err);
    if (status == STATUS_OK)
        status = publish(work, from, count, &to, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = delete_blocks(work, from[i].id, err);
    return status;
}

static unsigned tier_of(const Segment *s) {
    uint64_t postings = 0;
    for (unsigned i = 0; i < INDEX_COUNT; i++)
        postings += s->index[i].count;
    unsigned tier = 0;
    for (; postings > TIER_POSTINGS; postings /= MERGE_FACTOR)
        tier++;
    return tier;
}

/* How many of the newest segments should become one; 0 none. Older segments are of higher tiers, so
   the newest of a tier and below are neighbours. */
static size_t choose(const View *v, bool all) {
    if (all)
        return v->count > 1 ? v->count : 0;
    for (unsigned tier = 0, most = 0; tier <= most; tier++) {
        size_t n = 0;
        for (size_t i = v->count; i > 0; i--) {
            unsigned t = tier_of(&v->segments[i - 1]);
            most = t > most ? t : most;
            if (t > tier)
                break;
            n++;
        }
        if (n >= MERGE_FACTOR)
            return n;
    }
    return 0;
}

static Status merge_once(Engine *engine, bool all, bool *is_done, Error *err) {
    View view;
    Status status = view_open(engine, true, &view, err);
    if (status != STATUS_OK)
        return status;
    size_t n = choose(&view, all);
    *is_done = n == 0;
    if (n > 0) {
        Work work = {.engine = engine, .txn = view.txn};
        view.txn = NULL; /* the work ends it */
        status = merge_parts(&work, &view.state, view.segments + (view.count - n), n, err);
        status = work_end(&work, status, err);
    }
    view_close(&view);
    return status;
}

Status segments_merge(Engine *engine, bool all, Error *err) {
    bool is_done = false;
    while (!is_done) {
        Status status = merge_once(engine, all, &is_done, err);
        if (status == STATUS_FULL && engine_grow(engine))
            status = merge_once(engine, all, &is_done, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

Status segments_sweep(Engine *engine, Error *err) {
    Work work = {.engine = engine};
    Status status = work_breathe(&work, err);
    for (uint64_t id = 0; status == STATUS_OK; id++) {
        Bytes bytes = {0};
        Segment s = {0};
        status = engine_next_u64(work.txn, TABLE_SEGMENT, &id, &bytes, err);
        if (status == STATUS_OK)
            status = segment_from_bytes((uint32_t)id, bytes, &s, err);
        if (status == STATUS_OK && s.state != SEGMENT_LIVE)
            status = delete_blocks(&work, s.id, err);
    }
    return work_end(&work, status == STATUS_NOT_FOUND ? STATUS_OK : status, err);
}
