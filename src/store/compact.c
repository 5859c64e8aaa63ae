/* SPDX-License-Identifier: Apache-2.0
 * compact.c: a new generation, learned again from the feature packs of the living samples, takes
 * the place of the old one by a rename of the header. It so repairs a damaged index as well. A kill
 * before the rename leaves the old store, after it the new one; the next writer sweeps the rest. */
#include <inttypes.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/know_merge.h"

/* One sample's features: as much as the engine allows an analysis. */
#define MAX_FEATURE_BYTES ((size_t)4 << 30)

typedef struct Compaction {
    View old;
    Engine *fresh;
    Batch *batch;
    Arena *arena;
    void (*progress)(void *ctx, double done);
    void *ctx;
} Compaction;

static Status copy_sample(Compaction *c, const SampleRecord *r, Error *err) {
    uint32_t id = r->sample.id;
    Bytes pack = {0};
    Status status = engine_get_u64(c->old.txn, TABLE_PACK, id, &pack, err);
    if (status == STATUS_NOT_FOUND)
        status =
            error_set(err, STATUS_CORRUPT, "the feature pack of sample %" PRIu32 " is missing", id);
    Features *f = NULL;
    jmp_buf escape;
    if (setjmp(escape) != 0) {
        arena_set_escape(c->arena, NULL);
        return error_set(err, STATUS_FULL, "out of memory for the features of sample %" PRIu32,
                         r->sample.id);
    }
    arena_set_escape(c->arena, &escape);
    if (status == STATUS_OK)
        status = features_from_bytes(c->arena, pack, &f, err);
    arena_set_escape(c->arena, NULL);
    LearnJob job = {.features = f, .labels = &r->sample.labels, .id = id};
    bool added = false, changed = false;
    if (status == STATUS_OK)
        status = batch_learn(c->batch, c->fresh, &job, &added, &changed, err);
    arena_reset(c->arena, (ArenaMark){0});
    return status;
}

static Status copy_all(Compaction *c, const Samples *samples, Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; i < samples->count && status == STATUS_OK; i++) {
        status = copy_sample(c, &samples->at[i], err);
        if (c->progress)
            c->progress(c->ctx, (double)(i + 1) / (double)samples->count);
    }
    if (status == STATUS_OK)
        status = batch_flush(c->batch, c->fresh, err);
    if (status == STATUS_OK)
        status = segments_merge(c->fresh, true, err);
    return status;
}

/* Sample ids are never used again, not even those of samples that are gone. */
static Status keep_numbers(Compaction *c, Error *err) {
    View view;
    Status status = view_open(c->fresh, true, &view, err);
    if (status != STATUS_OK)
        return status;
    view.state.next_sample = c->old.state.next_sample;
    view.state.changes = c->old.state.changes + 1;
    status = put_state(view.txn, &view.state, err);
    if (status == STATUS_OK) {
        status = engine_commit(view.txn, err);
        view.txn = NULL;
    }
    view_close(&view);
    return status;
}

static Status compact_into(Compaction *c, Store *s, uint64_t generation, Error *err) {
    Samples *samples = NULL;
    Status status = samples_read(&c->old, &samples, err);
    if (status == STATUS_OK)
        status = copy_all(c, samples, err);
    samples_free(samples);
    if (status == STATUS_OK)
        status = know_runs_copy(c->old.txn, c->fresh, err);
    if (status == STATUS_OK)
        status = keep_numbers(c, err);
    Head head = {.generation = generation, .extractor_version = EXTRACTOR_VERSION};
    if (status == STATUS_OK)
        status = head_write(s->path, &head, err);
    /* When only the folder's sync failed, the header already names the new generation. */
    struct stat st;
    if (status != STATUS_OK && head_read(s->path, &head, &st, NULL) == STATUS_OK &&
        head.generation == generation)
        status = STATUS_OK;
    return status;
}

static Status compact(Store *s, Compaction *c, Error *err) {
    uint64_t old = s->generation, generation = old + 1;
    Status status = batch_flush(s->batch, s->engine, err);
    if (status == STATUS_OK)
        status = generation_create(s->path, generation, &c->fresh, err);
    if (status != STATUS_OK)
        return status;
    status = view_open(s->engine, false, &c->old, err);
    if (status == STATUS_OK) {
        status = compact_into(c, s, generation, err);
        view_close(&c->old);
    }
    if (status == STATUS_OK) {
        pthread_mutex_lock(&s->mutex);
        store_use(s, c->fresh, generation);
        pthread_mutex_unlock(&s->mutex);
        generation_remove(s->path, old);
    } else {
        engine_close(c->fresh);
        generation_remove(s->path, generation);
    }
    return status;
}

Status store_compact(Store *s, void (*progress)(void *ctx, double done), void *ctx, Error *err) {
    if (!s->batch)
        return error_set(err, STATUS_USAGE, "%s: the store was opened for reading", s->path);
    Compaction c = {.progress = progress,
                    .ctx = ctx,
                    .batch = batch_new(),
                    .arena = arena_new(MAX_FEATURE_BYTES)};
    Status status = STATUS_FAILED;
    pthread_mutex_lock(&s->writing);
    if (c.batch && c.arena)
        status = compact(s, &c, err);
    else
        error_set(err, STATUS_FAILED, "out of memory");
    pthread_mutex_unlock(&s->writing);
    batch_free(c.batch);
    arena_free(c.arena);
    return status;
}
