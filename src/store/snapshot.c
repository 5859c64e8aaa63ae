/* SPDX-License-Identifier: Apache-2.0
 * snapshot.c: questions to one published state. All look-ups of a question are sorted by key first,
 * so that each block is read once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parallel.h"
#include "store/snapshot_inner.h"

uint64_t snapshot_skipped_lists(const Snapshot *snap) { return snap->work->skipped; }

/* As many transactions as there are processors. A writer may publish between two of them: then the
 * look-ups are left to fewer threads. */
static void open_helpers(Snapshot *s) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    s->txns[s->txn_count++] = s->view.txn;
    while (s->txn_count < FIND_PARTS && (long)s->txn_count < processors) {
        EngineTxn *txn = NULL;
        if (engine_begin(s->view.engine, false, &txn, NULL) != STATUS_OK)
            return;
        if (engine_state_number(txn) != engine_state_number(s->view.txn)) {
            engine_abort(txn);
            return;
        }
        s->txns[s->txn_count++] = txn;
    }
}

Status snapshot_open(Store *store, Snapshot **out, Error *err) {
    *out = NULL;
    Snapshot *s = calloc(1, sizeof *s);
    if (s)
        s->work = calloc(1, sizeof *s->work);
    if (!s || !s->work) {
        free(s);
        return error_set(err, STATUS_FAILED, "out of memory");
    }
    s->store = store;
    pthread_mutex_lock(&store->mutex);
    Status status = store_refresh(store, err);
    if (status == STATUS_OK)
        status = view_open(store->engine, false, &s->view, err);
    if (status == STATUS_OK)
        status = store_samples(store, &s->view, &s->all, err);
    pthread_mutex_unlock(&store->mutex);
    s->samples = s->all;
    if (status == STATUS_OK)
        open_helpers(s);
    if (status == STATUS_OK)
        *out = s;
    else
        snapshot_close(s);
    return status;
}

void snapshot_close(Snapshot *s) {
    if (!s)
        return;
    free(s->shown.at);
    free(s->shown.by_id);
    if (s->all)
        store_samples_drop(s->store, s->all);
    for (size_t i = 1; i < s->txn_count; i++)
        engine_abort(s->txns[i]);
    if (s->view.engine)
        view_close(&s->view);
    Workspace *w = s->work;
    for (size_t i = 0; i < FIND_PARTS; i++)
        free(w->parts[i].at);
    free(w->keys.at);
    free(w->keys_scratch.at);
    free(w->pairs.at);
    free(w->pairs_scratch.at);
    free(w->exact.at);
    free(w->lists.at);
    free(w->sorted.at);
    free(w->ends.at);
    free(w->hits.at);
    free(w->answers.at);
    free(w->same.at);
    free(w->same_places.at);
    free(w);
    free(s);
}

Status snapshot_hide(Snapshot *s, bool (*is_hidden)(void *ctx, const StoredSample *sample),
                     void *ctx, Error *err) {
    SampleRecord *at = calloc(s->all->count + 1, sizeof *at);
    uint32_t *by_id = calloc(s->all->id_count + 1, sizeof *by_id);
    if (!at || !by_id) {
        free(at);
        free(by_id);
        return error_set(err, STATUS_FAILED, "store: out of memory for the sample table");
    }
    free(s->shown.at);
    free(s->shown.by_id);
    s->shown = *s->all;
    s->shown.at = at;
    s->shown.by_id = NULL;
    s->shown.count = 0;
    for (size_t i = 0; i < s->all->count; i++) {
        const SampleRecord *r = &s->all->at[i];
        if (is_hidden(ctx, &r->sample)) {
            s->shown.has_removed = true;
            s->shown.functions -= r->sample.function_count;
        } else {
            at[s->shown.count++] = *r;
        }
    }
    if (s->all->by_id) /* the room is enough: no id is greater */
        samples_number(&s->shown, by_id);
    if (!s->shown.by_id)
        free(by_id);
    s->samples = &s->shown;
    return STATUS_OK;
}

uint32_t snapshot_sample_count(const Snapshot *s) { return (uint32_t)s->samples->count; }
uint64_t snapshot_function_count(const Snapshot *s) { return s->samples->functions; }

const StoredSample *snapshot_sample_at(const Snapshot *s, uint32_t i) {
    CHECK(i < s->samples->count);
    return &s->samples->at[i].sample;
}

const StoredSample *snapshot_find_sample(const Snapshot *s, uint32_t id) {
    const SampleRecord *r = samples_find(s->samples, id);
    return r ? &r->sample : NULL;
}

uint32_t snapshot_find_place(const Snapshot *s, uint32_t id) {
    const SampleRecord *r = samples_find(s->samples, id);
    return r ? (uint32_t)(r - s->samples->at) : UINT32_MAX;
}

const StoredSample *snapshot_find_sha256(const Snapshot *s, const uint8_t sha256[32]) {
    Bytes bytes = {0};
    if (engine_get(s->view.txn, TABLE_SHA, (Bytes){sha256, 32}, &bytes, NULL) != STATUS_OK)
        return NULL;
    const StoredSample *sample = snapshot_find_sample(s, bytes_u32_at(bytes, 0));
    return sample && memcmp(sample->sha256, sha256, 32) == 0 ? sample : NULL;
}

static Status find_pack(const Snapshot *s, uint32_t id, Bytes *pack, Error *err) {
    if (!samples_find(s->samples, id))
        return error_set(err, STATUS_NOT_FOUND, "no sample %" PRIu32 " in the store", id);
    Status status = engine_get_u64(s->view.txn, TABLE_PACK, id, pack, err);
    return status == STATUS_NOT_FOUND
               ? error_set(err, STATUS_CORRUPT, "the feature pack of sample %" PRIu32 " is missing",
                           id)
               : status;
}

Status snapshot_features(const Snapshot *s, uint32_t id, Arena *a, Features **out, Error *err) {
    *out = NULL;
    Bytes pack = {0};
    Status status = find_pack(s, id, &pack, err);
    return status == STATUS_OK ? features_from_bytes(a, pack, out, err) : status;
}

Status snapshot_features_without_genes(const Snapshot *s, uint32_t id, Arena *a, Features **out,
                                       Error *err) {
    *out = NULL;
    Bytes pack = {0};
    Status status = find_pack(s, id, &pack, err);
    return status == STATUS_OK ? features_from_bytes_without_genes(a, pack, out, err) : status;
}

/* One of several outlines on its way; those that the store has are checked side by side. */
typedef struct OutlineTask {
    Bytes bytes; /* none: it was made of features */
    const SampleRecord *record;
    Outline *out;
    Status status;
    Error err;
} OutlineTask;

static Status make_outline(const Snapshot *s, uint32_t id, Arena *a, Arena *scratch, Outline *out,
                           Error *err) {
    Features *f = NULL;
    Status status = snapshot_features(s, id, a, &f, err);
    if (status != STATUS_OK)
        return status;
    outline_from_features(f, a, scratch, out);
    outline_add_tokens(f, a, scratch, out);
    return STATUS_OK;
}

static void check_outline(void *ctx, size_t i) {
    OutlineTask *t = (OutlineTask *)ctx + i;
    uint32_t id = t->record->sample.id;
    if (!t->bytes.at)
        return;
    t->status = outline_from_bytes(t->bytes, id, t->out, &t->err);
    if (t->status == STATUS_OK &&
        t->out->counts[OUTLINE_FUNCTIONS] != t->record->sample.function_count)
        t->status = error_set(&t->err, STATUS_CORRUPT,
                              "the outline of sample %" PRIu32 " is that of another sample", id);
}

Status snapshot_outlines(const Snapshot *s, const uint32_t *ids, size_t count, Arena *a,
                         Arena *scratch, Outline *out, Error *err) {
    OutlineTask *tasks = ARENA_ARRAY(a, OutlineTask, count + 1);
    for (size_t i = 0; i < count; i++) {
        tasks[i].out = &out[i];
        tasks[i].record = samples_find(s->samples, ids[i]);
        if (!tasks[i].record)
            return error_set(err, STATUS_NOT_FOUND, "no sample %" PRIu32 " in the store", ids[i]);
        Bytes bytes = {0};
        Status status = engine_get_u64(s->view.txn, TABLE_OUTLINE, ids[i], &bytes, err);
        if (status == STATUS_OK)
            tasks[i].bytes = outline_align(bytes, a);
        else if (status == STATUS_NOT_FOUND)
            status = make_outline(s, ids[i], a, scratch, &out[i], err);
        if (status != STATUS_OK)
            return status;
    }
    parallel_run(count, check_outline, tasks);
    for (size_t i = 0; i < count; i++)
        if (tasks[i].status != STATUS_OK)
            return error_set(err, tasks[i].status, "%s", tasks[i].err.message);
    return STATUS_OK;
}

bool buffer_room(Buffer *b, size_t bytes) {
    if (bytes <= b->bytes)
        return true;
    size_t fresh = b->bytes ? b->bytes : (size_t)64 * 1024;
    while (fresh < bytes)
        fresh *= 2;
    void *at = realloc(b->at, fresh);
    if (!at)
        return false;
    *b = (Buffer){at, fresh};
    return true;
}

Status snapshot_no_memory(Error *err) {
    return error_set(err, STATUS_FAILED, "out of memory for a look-up in the store");
}

/* One thread's part of the keys. */
typedef struct FindPart {
    const Snapshot *snap;
    IndexId index;
    const Posting *keys;
    size_t count;
    SegmentFound found;
    Finding finding;
    EngineTxn *txn;
    Status status;
    Error err;
} FindPart;

static void run_part(void *ctx, size_t i) {
    FindPart *p = (FindPart *)ctx + i;
    const View *v = &p->snap->view;
    for (size_t s = 0; s < v->count && p->status == STATUS_OK; s++)
        p->status = segment_find(p->txn, &v->segments[s], p->index, p->keys, p->count, p->found,
                                 &p->finding, &p->err);
}

/* Puts what the parts found behind what the first did. */
static Status join_parts(const FindPart *parts, size_t count, Finding *in, size_t item_bytes,
                         Error *err) {
    for (size_t i = 0; i < count; i++) {
        const FindPart *p = &parts[i];
        if (p->status != STATUS_OK)
            return p->err.status == p->status ? error_set(err, p->status, "%s", p->err.message)
                                              : p->status;
        size_t before = in->count * item_bytes, more = p->finding.count * item_bytes;
        if (i > 0 && more > 0) {
            if (!buffer_room(in->out, before + more))
                return snapshot_no_memory(err);
            memcpy((uint8_t *)in->out->at + before, p->finding.out->at, more);
        }
        in->count += p->finding.count;
    }
    return STATUS_OK;
}

Status snapshot_find_in_all(const Snapshot *snap, IndexId index, size_t count, SegmentFound found,
                            Finding *in, size_t item_bytes, Error *err) {
    enum { PART_KEYS = 512 }; /* a thread costs as much as looking up some tens */
    Workspace *w = snap->work;
    postings_sort(w->keys.at, w->keys_scratch.at, count);
    size_t part_count = count / PART_KEYS < snap->txn_count ? count / PART_KEYS : snap->txn_count;
    part_count = part_count ? part_count : 1;
    FindPart parts[FIND_PARTS];
    for (size_t i = 0; i < part_count; i++) {
        size_t first = count * i / part_count;
        parts[i] = (FindPart){.snap = snap,
                              .index = index,
                              .keys = (const Posting *)w->keys.at + first,
                              .count = count * (i + 1) / part_count - first,
                              .found = found,
                              .finding = {.of = in->of, .out = i ? &w->parts[i] : in->out},
                              .txn = snap->txns[i]};
    }
    in->count = 0;
    parallel_run(part_count, run_part, parts);
    return join_parts(parts, part_count, in, item_bytes, err);
}
