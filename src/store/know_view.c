/* SPDX-License-Identifier: Apache-2.0
 * know_view.c: looking knowledge up: in each live run, by key. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "store/internal.h"
#include "store/know_merge.h"
#include "store/know_store.h"
#include "store/know_view.h"

struct KnowView {
    Engine *engine;
    EngineTxn *txn;
    KnowRun *runs; /* live */
    size_t count;
};

enum { DEFAULT_MAX = 4096 };

Status know_view_open(Store *s, KnowView **out, Error *err) {
    *out = NULL;
    KnowView *v = calloc(1, sizeof *v);
    if (!v)
        return error_set(err, STATUS_FAILED, "out of memory");
    pthread_mutex_lock(&s->mutex);
    Status status = store_refresh(s, err);
    if (status == STATUS_OK)
        v->engine = engine_share(s->engine);
    pthread_mutex_unlock(&s->mutex);
    if (status == STATUS_OK)
        status = engine_begin(v->engine, false, &v->txn, err);
    size_t count = 0;
    if (status == STATUS_OK)
        status = know_runs_list(v->txn, &v->runs, &count, err);
    for (size_t i = 0; i < count; i++)
        if (v->runs[i].state == KNOW_RUN_LIVE)
            v->runs[v->count++] = v->runs[i];
    if (status == STATUS_OK)
        *out = v;
    else
        know_view_close(v);
    return status;
}

void know_view_close(KnowView *v) {
    if (!v)
        return;
    engine_abort(v->txn);
    engine_close(v->engine);
    free(v->runs);
    free(v);
}

bool know_view_is_empty(const KnowView *v) { return v->count == 0; }

typedef Status (*Visit)(void *ctx, const KnowEntry *e, Error *err);
typedef struct Ending {
    bool is_over; /* the visitor has enough */
} Ending;

/* Entries with the key, of all runs. The context of a visit begins with its Ending. */
static Status find(const KnowView *v, uint64_t key, KnowEntryType type, Visit visit, void *ctx,
                   Error *err) {
    const Ending *ending = ctx;
    Status status = STATUS_OK;
    for (size_t i = 0; i < v->count && status == STATUS_OK && !ending->is_over; i++) {
        KnowRunCursor c;
        status = know_run_seek(&c, v->txn, v->runs[i].id, key, err);
        while (status == STATUS_OK && !ending->is_over && c.entry.type != KNOW_ENTRY_NONE &&
               c.entry.key == key) {
            if (c.entry.type == type)
                status = visit(ctx, &c.entry, err);
            if (status == STATUS_OK)
                status = know_run_next(&c, err);
        }
    }
    return status;
}

static Status corrupt(const char *what, Error *err) {
    return error_set(err, STATUS_CORRUPT, "the store's knowledge has a damaged %s", what);
}

/* ---- entities ---- */

typedef struct EntitySearch {
    Ending ending;
    Arena *arena;
    KnowEntity best;
    unsigned flags;
    bool is_found;
} EntitySearch;

static int compare_text(const char *x, const char *y) {
    return x && y ? strcmp(x, y) : (x != NULL) - (y != NULL);
}

/* Later is better; with equal times the one that says more, then the first by name and source: the
 * answer does not depend on how the entries lie in runs. */
static bool is_better(const KnowEntity *x, const KnowEntity *y) {
    if (x->modified != y->modified)
        return x->modified > y->modified;
    if (!x->description != !y->description)
        return x->description != NULL;
    int order = strcmp(x->name, y->name);
    return (order ? order : compare_text(x->source, y->source)) < 0;
}

static Status see_entity(void *ctx, const KnowEntry *e, Error *err) {
    EntitySearch *s = ctx;
    KnowEntity entity;
    if (!know_entity_read(e->key, e->payload, s->arena, &entity))
        return corrupt("entity", err);
    s->flags |= entity.flags & ~(unsigned)KNOW_REVOKED;
    if (!s->is_found || is_better(&entity, &s->best))
        s->best = entity;
    s->is_found = true;
    return STATUS_OK;
}

Status know_view_entity(const KnowView *v, uint64_t id, Arena *a, KnowEntity *out, Error *err) {
    EntitySearch s = {.arena = a};
    Status status = find(v, id, KNOW_ENTRY_ENTITY, see_entity, &s, err);
    *out = s.best;
    out->id = id;
    out->flags |= s.flags;
    return status == STATUS_OK && !s.is_found ? STATUS_NOT_FOUND : status;
}

/* ---- claims ---- */

typedef struct ClaimSearch {
    Ending ending;
    Arena *arena;
    KnowClaimVec *out;
} ClaimSearch;

static Status see_claim(void *ctx, const KnowEntry *e, Error *err) {
    ClaimSearch *s = ctx;
    if (s->out->count >= s->out->max) {
        s->out->full = s->ending.is_over = true;
        return STATUS_OK;
    }
    KnowClaim *claim = VEC_ADD(s->arena, s->out);
    return know_claim_read(e->payload, s->arena, claim) ? STATUS_OK : corrupt("claim", err);
}

static int compare_claims(const void *x, const void *y) {
    const KnowClaim *a = x, *b = y;
    int order = (a->relation > b->relation) - (a->relation < b->relation);
    if (order == 0)
        order = (a->subject > b->subject) - (a->subject < b->subject);
    if (order == 0)
        order = (a->object > b->object) - (a->object < b->object);
    if (order == 0)
        order = compare_text(a->text, b->text);
    if (order == 0)
        order = compare_text(a->source, b->source);
    if (order == 0)
        order = compare_text(a->ref, b->ref);
    return order ? order : compare_text(a->note, b->note);
}

static int compare_seen(const void *x, const void *y) {
    const KnowSeen *a = x, *b = y;
    int order = (a->container > b->container) - (a->container < b->container);
    return order ? order : (a->first > b->first) - (a->first < b->first);
}

Status know_view_claims(const KnowView *v, uint64_t id, Arena *a, KnowClaimVec *out, Error *err) {
    ClaimSearch s = {.arena = a, .out = out};
    out->max = out->max ? out->max : DEFAULT_MAX;
    Status status = find(v, id, KNOW_ENTRY_OUT, see_claim, &s, err);
    if (status == STATUS_OK)
        status = find(v, id, KNOW_ENTRY_IN, see_claim, &s, err);
    if (out->count > 1)
        qsort(out->at, out->count, sizeof *out->at, compare_claims);
    return status;
}

/* ---- names ---- */

typedef struct IdSearch {
    Ending ending;
    Arena *arena;
    KnowIdVec *out;
} IdSearch;

static Status see_name(void *ctx, const KnowEntry *e, Error *err) {
    IdSearch *s = ctx;
    (void)err;
    uint64_t *id = VEC_ADD(s->arena, s->out);
    if (id)
        *id = bytes_u64_at(e->payload, 0);
    return STATUS_OK;
}

Status know_view_named(const KnowView *v, const char *name, Arena *a, KnowIdVec *out, Error *err) {
    IdSearch s = {.arena = a, .out = out};
    out->max = out->max ? out->max : DEFAULT_MAX;
    Status status = find(v, know_name_key(name), KNOW_ENTRY_NAME, see_name, &s, err);
    sort_u64(a, out->at, out->count);
    out->count = unique_u64(out->at, out->count);
    return status;
}

/* ---- indicators ---- */

typedef struct SeenSearch {
    Ending ending;
    Arena *arena;
    KnowSeenVec *out;
    uint64_t total;
} SeenSearch;

static Status see_sighting(void *ctx, const KnowEntry *e, Error *err) {
    SeenSearch *s = ctx;
    KnowSeen seen;
    if (!know_seen_read(e->payload, &seen))
        return corrupt("sighting", err);
    s->total++;
    KnowSeen *slot = VEC_ADD(s->arena, s->out);
    if (slot)
        *slot = seen;
    return STATUS_OK;
}

Status know_view_sightings(const KnowView *v, KnowValueKind kind, const char *value, Arena *a,
                           KnowSeenVec *out, uint64_t *total, Error *err) {
    SeenSearch s = {.arena = a, .out = out};
    out->max = out->max ? out->max : DEFAULT_MAX;
    Status status =
        find(v, know_value_key(kind, value), KNOW_ENTRY_SIGHTING, see_sighting, &s, err);
    *total = s.total;
    if (out->count > 1)
        qsort(out->at, out->count, sizeof *out->at, compare_seen);
    return status;
}

typedef struct ValueSearch {
    Ending ending;
    bool (*visit)(void *ctx, const KnowListed *listed);
    void *ctx;
} ValueSearch;

static Status see_values(void *ctx, const KnowEntry *e, Error *err) {
    ValueSearch *s = ctx;
    Cursor c = cursor_init(e->payload);
    KnowListed listed;
    while (!s->ending.is_over && know_listed_next(&c, &listed))
        s->ending.is_over = !s->visit(s->ctx, &listed);
    return c.bad ? corrupt("list of values", err) : STATUS_OK;
}

Status know_view_values(const KnowView *v, uint64_t container,
                        bool (*visit)(void *ctx, const KnowListed *listed), void *ctx, Error *err) {
    ValueSearch s = {.visit = visit, .ctx = ctx};
    return find(v, container, KNOW_ENTRY_VALUES, see_values, &s, err);
}

/* ---- all ---- */

Status know_view_each(const KnowView *v, KnowEntryType type, Visit visit, void *ctx, Error *err) {
    KnowRunCursor *cursors = calloc(v->count + 1, sizeof *cursors);
    Status status = cursors ? STATUS_OK : error_set(err, STATUS_FAILED, "out of memory");
    for (size_t i = 0; i < v->count && status == STATUS_OK; i++)
        status = know_run_seek(&cursors[i], v->txn, v->runs[i].id, 0, err);
    while (status == STATUS_OK) {
        KnowRunCursor *best = NULL;
        for (size_t i = 0; i < v->count; i++)
            if (cursors[i].entry.type != KNOW_ENTRY_NONE &&
                (!best || know_entry_compare(&cursors[i].entry, &best->entry) < 0))
                best = &cursors[i];
        if (!best)
            break;
        if (best->entry.type == type)
            status = visit(ctx, &best->entry, err);
        if (status == STATUS_OK)
            status = know_run_next(best, err);
    }
    free(cursors);
    return status;
}

typedef struct DocumentSearch {
    Ending ending;
    const uint8_t *sha256;
    bool is_found;
} DocumentSearch;

static Status see_document(void *ctx, const KnowEntry *e, Error *err) {
    DocumentSearch *s = ctx;
    KnowDocument d;
    if (!know_document_read(e->payload, NULL, &d))
        return corrupt("document record", err);
    s->is_found |= memcmp(d.sha256, s->sha256, 32) == 0;
    return STATUS_OK;
}

Status know_view_has_document(const KnowView *v, const uint8_t sha256[32], bool *out, Error *err) {
    DocumentSearch s = {.sha256 = sha256};
    uint64_t key = hash64((Bytes){sha256, 32});
    Status status = find(v, key, KNOW_ENTRY_DOCUMENT, see_document, &s, err);
    *out = s.is_found;
    return status;
}

Status know_stat_add(EngineTxn *txn, StoreStat *out, Error *err) {
    KnowRun *runs = NULL;
    size_t count = 0;
    Status status = know_runs_list(txn, &runs, &count, err);
    for (size_t i = 0; i < count; i++) {
        if (runs[i].state != KNOW_RUN_LIVE)
            continue;
        out->entities += runs[i].counts[KNOW_ENTRY_ENTITY];
        out->claims += runs[i].counts[KNOW_ENTRY_OUT];
        out->sightings += runs[i].counts[KNOW_ENTRY_SIGHTING];
        out->documents += runs[i].counts[KNOW_ENTRY_DOCUMENT];
        out->bytes_know += runs[i].bytes;
    }
    free(runs);
    return status;
}
