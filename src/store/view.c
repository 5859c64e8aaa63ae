/* SPDX-License-Identifier: Apache-2.0 */
#include "store/view.h"

#include <stdlib.h>
#include <string.h>

static int compare_segments(const void *x, const void *y) {
    const Segment *p = x, *q = y;
    if (p->first_ordinal != q->first_ordinal)
        return p->first_ordinal < q->first_ordinal ? -1 : 1;
    return (p->id > q->id) - (p->id < q->id);
}

static Status read_segments(View *v, Error *err) {
    size_t cap = 0;
    Status status = STATUS_OK;
    for (uint64_t id = 0;; id++) {
        Bytes bytes = {0};
        status = engine_next_u64(v->txn, TABLE_SEGMENT, &id, &bytes, err);
        if (status != STATUS_OK)
            break;
        if (id > UINT32_MAX || v->count == MAX_LIVE_SEGMENTS)
            return error_set(err, STATUS_CORRUPT, "the store's segment table is damaged");
        if (v->count == cap) {
            cap = cap ? cap * 2 : 32;
            Segment *fresh = realloc(v->segments, cap * sizeof *fresh);
            if (!fresh)
                return error_set(err, STATUS_FAILED, "store: out of memory");
            v->segments = fresh;
        }
        status = segment_from_bytes((uint32_t)id, bytes, &v->segments[v->count], err);
        if (status != STATUS_OK)
            return status;
        v->count += v->segments[v->count].state == SEGMENT_LIVE;
    }
    if (v->count > 0)
        qsort(v->segments, v->count, sizeof *v->segments, compare_segments);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static Status view_read(View *v, Error *err) {
    Bytes bytes = {0};
    Status status = engine_get_u64(v->txn, TABLE_META, 0, &bytes, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_CORRUPT, "the store has no state record");
    if (status == STATUS_OK)
        status = state_from_bytes(bytes, &v->state, err);
    return status == STATUS_OK ? read_segments(v, err) : status;
}

Status view_open_in(Engine *engine, EngineTxn *txn, View *view, Error *err) {
    *view = (View){.engine = engine_share(engine), .txn = txn};
    Status status = view_read(view, err);
    if (status != STATUS_OK)
        view_close(view);
    return status;
}

Status view_open(Engine *engine, bool write, View *view, Error *err) {
    *view = (View){0};
    EngineTxn *txn = NULL;
    Status status = engine_begin(engine, write, &txn, err);
    return status == STATUS_OK ? view_open_in(engine, txn, view, err) : status;
}

void view_close(View *v) {
    engine_abort(v->txn);
    free(v->segments);
    engine_close(v->engine);
    *v = (View){0};
}

static Status samples_fill(const View *view, Samples *s, Error *err) {
    VEC(SampleRecord) all = {.max = UINT32_MAX};
    Status status = STATUS_OK;
    uint64_t before = 0;
    for (uint64_t id = 0;; id++) {
        Bytes bytes = {0};
        status = engine_next_u64(view->txn, TABLE_SAMPLE, &id, &bytes, err);
        if (status != STATUS_OK)
            break;
        SampleRecord r;
        status = sample_record_from_bytes(s->arena, (uint32_t)id, bytes, &r, err);
        if (status != STATUS_OK)
            return status;
        if (id > UINT32_MAX || r.first_ordinal < before)
            return error_set(err, STATUS_CORRUPT, "the store's sample table is out of order");
        before = r.first_ordinal + r.sample.function_count;
        s->has_removed |= r.is_removed;
        if (r.is_removed)
            continue;
        s->functions += r.sample.function_count;
        SampleRecord *place = VEC_ADD(s->arena, &all);
        if (place)
            *place = r;
    }
    s->at = all.at;
    s->count = all.count;
    samples_number(s, ARENA_ARRAY(s->arena, uint32_t, samples_id_room(s) + 1));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

Status samples_read(const View *view, Samples **out, Error *err) {
    *out = NULL;
    Samples *s = calloc(1, sizeof *s);
    /* 10^7 samples of 200 bytes each are 2 GiB. */
    Arena *arena = s ? arena_new((size_t)4 << 30) : NULL;
    if (!arena) {
        free(s);
        return error_set(err, STATUS_FAILED, "store: out of memory");
    }
    *s = (Samples){
        .arena = arena, .owners = 1, .changes = view->state.changes, .engine = view->engine};
    jmp_buf escape;
    if (setjmp(escape) != 0) {
        samples_free(s);
        return error_set(err, STATUS_FAILED, "store: out of memory for the sample table");
    }
    arena_set_escape(arena, &escape);
    Status status = samples_fill(view, s, err);
    arena_set_escape(arena, NULL);
    if (status != STATUS_OK)
        samples_free(s);
    else
        *out = s;
    return status;
}

void samples_free(Samples *s) {
    if (!s)
        return;
    arena_free(s->arena);
    free(s);
}

size_t samples_id_room(const Samples *s) {
    size_t most = s->count ? (size_t)s->at[s->count - 1].sample.id + 1 : 0;
    return most <= 16 * s->count ? most : 0; /* no more than a sixteenth of it is in use (guess) */
}

void samples_number(Samples *s, uint32_t *by_id) {
    s->id_count = samples_id_room(s);
    s->by_id = s->id_count ? by_id : NULL;
    for (size_t i = 0; s->by_id && i < s->count; i++)
        by_id[s->at[i].sample.id] = (uint32_t)i + 1;
}

const SampleRecord *samples_find(const Samples *s, uint32_t id) {
    if (s->by_id)
        return id < s->id_count && s->by_id[id] ? &s->at[s->by_id[id] - 1] : NULL;
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->at[mid].sample.id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->count && s->at[low].sample.id == id ? &s->at[low] : NULL;
}

const SampleRecord *samples_find_ordinal(const Samples *s, uint64_t ordinal) {
    size_t low = 0, high = s->count;
    while (low < high) { /* the first that begins after it */
        size_t mid = low + (high - low) / 2;
        if (s->at[mid].first_ordinal <= ordinal)
            low = mid + 1;
        else
            high = mid;
    }
    const SampleRecord *r = low > 0 ? &s->at[low - 1] : NULL;
    return r && ordinal - r->first_ordinal < r->sample.function_count ? r : NULL;
}

Identity identity_from_pic(Hash128 pic) {
    return (Identity){
        .key = pic.low, .check = (uint32_t)(pic.high >> 32), .is_some = pic.low || pic.high};
}

Identity identity_from_function(const FunctionFeature *f, const Sketch *sketch) {
    Identity id = identity_from_pic(f->pic);
    if (id.is_some || !sketch_is_indexed(sketch))
        return id;
    return identity_from_pic(
        hash128((Bytes){(const uint8_t *)sketch->key, sketch->count * sizeof *sketch->key}));
}

/* Functions with fewer telling genes are alike by chance (the match layer asks for 6 genes of any
 * kind). */
enum { MIN_SKETCH_KEYS = 4 };

bool sketch_is_indexed(const Sketch *k) { return k->count >= MIN_SKETCH_KEYS; }
