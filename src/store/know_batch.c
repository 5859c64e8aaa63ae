/* SPDX-License-Identifier: Apache-2.0
 * know_batch.c: what importers say, gathered, sorted, and written as runs that nobody sees before
 * the commit. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "store/internal.h"
#include "store/know_merge.h"
#include "store/know_store.h"

/* A flush is due at either. 64 MiB of entries and 24 bytes for each of them, twice while sorting:
 * about 150 MB. */
enum { FLUSH_BYTES = 64 << 20, FLUSH_ENTRIES = 1 << 20, MAX_VALUES_BYTES = 3072 };
/* A pass over a run of 1 GB maps a sixteenth of it at most. */
enum { FORGET_ENTRIES = FLUSH_ENTRIES / 16 };
/* Blocks of one transaction, as merge.c. */
enum { TXN_BYTES = 32 << 20 };
#define MAX_BATCH_ARENA ((size_t)1 << 30)

/* An entry in the arena: payload, and for a sighting what follows it: kind, length, value. */
typedef struct Item {
    uint64_t key;
    const uint8_t *payload;
    uint32_t size;
    uint16_t value_size; /* of a sighting's value, which stands behind the payload */
    uint8_t type;
    uint8_t kind; /* of that value */
} Item;

struct KnowBatch {
    Store *store;
    Engine *engine;
    EngineTxn *txn; /* of a flush */
    Arena *arena;
    Text text;  /* the entry at hand */
    Text chunk; /* values of one container */
    VEC(Item) items;
    KnowRun *runs; /* of this batch */
    size_t run_count;
    KnowAdded added;
};

static Status batch_flush_items(KnowBatch *b, Error *err);

Status know_batch_begin(Store *s, KnowBatch **out, Error *err) {
    *out = NULL;
    if (!s->batch)
        return error_set(err, STATUS_USAGE, "%s: the store was opened for reading", s->path);
    KnowBatch *b = calloc(1, sizeof *b);
    Arena *arena = b ? arena_new(MAX_BATCH_ARENA) : NULL;
    if (!arena) {
        free(b);
        return error_set(err, STATUS_FAILED, "out of memory");
    }
    *b = (KnowBatch){
        .store = s, .arena = arena, .text = text_new(1 << 20), .chunk = text_new(1 << 20)};
    b->items.max = (size_t)FLUSH_ENTRIES + 16;
    pthread_mutex_lock(&s->writing);
    b->engine = s->engine;
    Status status = engine_add_tables(b->engine, err);
    if (status != STATUS_OK)
        know_batch_abort(b);
    else
        *out = b;
    return status;
}

static void batch_end(KnowBatch *b) {
    pthread_mutex_unlock(&b->store->writing);
    arena_free(b->arena);
    text_free(&b->text);
    text_free(&b->chunk);
    free(b->runs);
    free(b);
}

void know_batch_abort(KnowBatch *b) {
    if (!b)
        return;
    (void)know_runs_sweep(b->engine, NULL); /* else the next writer does it */
    batch_end(b);
}

/* ---- gathering ---- */

static Status add_item(KnowBatch *b, uint64_t key, KnowEntryType type, size_t size, Error *err) {
    jmp_buf escape;
    bool is_due = b->items.count >= FLUSH_ENTRIES || arena_used(b->arena) >= FLUSH_BYTES;
    Status status = is_due ? batch_flush_items(b, err) : STATUS_OK;
    if (status != STATUS_OK || b->text.full)
        return status != STATUS_OK ? status : error_set(err, STATUS_USAGE, "an entry is too long");
    if (setjmp(escape) != 0) {
        arena_set_escape(b->arena, NULL);
        return error_set(err, STATUS_FULL, "out of memory for knowledge");
    }
    arena_set_escape(b->arena, &escape);
    uint8_t *copy = arena_alloc(b->arena, b->text.size + 1);
    memcpy(copy, b->text.at, b->text.size);
    Item *item = VEC_ADD(b->arena, &b->items);
    arena_set_escape(b->arena, NULL);
    CHECK(item);
    *item = (Item){.key = key, .payload = copy, .size = (uint32_t)size, .type = (uint8_t)type};
    return STATUS_OK;
}

static Status add_name(KnowBatch *b, const char *name, uint64_t id, Error *err) {
    text_clear(&b->text);
    for (unsigned i = 0; i < 8; i++)
        text_add_char(&b->text, (char)(id >> (8 * i)));
    return add_item(b, know_name_key(name), KNOW_ENTRY_NAME, 8, err);
}

Status know_batch_entity(KnowBatch *b, const KnowEntity *e, Error *err) {
    text_clear(&b->text);
    know_entity_write(e, &b->text);
    Status status = add_item(b, e->id, KNOW_ENTRY_ENTITY, b->text.size, err);
    return status == STATUS_OK ? add_name(b, e->name, e->id, err) : status;
}

Status know_batch_claim(KnowBatch *b, const KnowClaim *c, Error *err) {
    text_clear(&b->text);
    know_claim_write(c, &b->text);
    size_t n = b->text.size;
    Status status = add_item(b, c->subject, KNOW_ENTRY_OUT, n, err);
    if (status == STATUS_OK && c->object)
        status = add_item(b, c->object, KNOW_ENTRY_IN, n, err);
    bool is_name = c->relation == KNOW_ALIAS || c->relation == KNOW_EXTERNAL_ID;
    if (status == STATUS_OK && is_name && c->text)
        status = add_name(b, c->text, c->subject, err);
    return status;
}

Status know_batch_sighting(KnowBatch *b, const KnowSighting *s, Error *err) {
    KnowSeen seen = {s->container, s->first, s->last};
    text_clear(&b->text);
    know_seen_write(&seen, &b->text);
    size_t size = b->text.size;
    size_t value_size = strlen(s->value);
    text_add_bytes(&b->text, s->value, value_size);
    if (value_size > UINT16_MAX)
        return error_set(err, STATUS_USAGE, "an indicator is too long");
    Status status = add_item(b, know_value_key(s->kind, s->value), KNOW_ENTRY_SIGHTING, size, err);
    if (status == STATUS_OK) {
        Item *item = &b->items.at[b->items.count - 1];
        item->kind = (uint8_t)s->kind;
        item->value_size = (uint16_t)value_size;
    }
    return status;
}

/* Items lie in the order they came; what is read in another order is asked for a while before, or
 * every step would wait for memory (bench/knowledge.py --kind lists). */
enum { AHEAD = 12 };
static void ask_ahead(const KnowBatch *b, size_t i) {
    if (i + AHEAD < b->items.count)
        __builtin_prefetch(b->items.at[i + AHEAD].payload);
}

/* ---- sorting ---- */

static KnowEntry entry_of(const Item *i) {
    return (KnowEntry){i->key, (KnowEntryType)i->type, {i->payload, i->size}};
}

static int compare_items(const void *x, const void *y) {
    KnowEntry a = entry_of(x), b = entry_of(y);
    return know_entry_compare(&a, &b);
}

/* By radix for the keys, by comparison for the few that share one. */
static void sort_items(KnowBatch *b) {
    size_t n = b->items.count, kept = 0;
    ArenaMark mark = arena_mark(b->arena);
    Posting *order = ARENA_ARRAY(b->arena, Posting, n + 1);
    Posting *scratch = ARENA_ARRAY(b->arena, Posting, n + 1);
    Item *sorted = ARENA_ARRAY(b->arena, Item, n + 1);
    for (size_t i = 0; i < n; i++)
        order[i] = (Posting){b->items.at[i].key, i};
    postings_sort(order, scratch, n);
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(&b->items.at[order[i + AHEAD].value]);
        sorted[i] = b->items.at[order[i].value];
    }
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end].key == sorted[i].key; end++)
            ;
        if (end - i > 1)
            qsort(sorted + i, end - i, sizeof *sorted, compare_items);
    }
    if (n > 0)
        memcpy(b->items.at, sorted, n * sizeof *sorted);
    arena_reset(b->arena, mark);
    for (size_t i = 0; i < b->items.count; i++)
        if (kept == 0 || compare_items(&b->items.at[kept - 1], &b->items.at[i]) != 0)
            b->items.at[kept++] = b->items.at[i];
    b->items.count = kept;
}

/* Takes out what a run already has. Both are sorted. */
static Status drop_known(KnowBatch *b, EngineTxn *txn, const KnowRun *run, Error *err) {
    KnowRunCursor c;
    size_t kept = 0, n = b->items.count;
    if (n == 0)
        return STATUS_OK;
    Status status = know_run_seek(&c, txn, run->id, b->items.at[0].key, err);
    for (size_t i = 0; i < n && status == STATUS_OK; i++) {
        KnowEntry e = entry_of(&b->items.at[i]);
        ask_ahead(b, i);
        status = know_run_seek_on(&c, e.key, err);
        while (status == STATUS_OK && c.entry.type != KNOW_ENTRY_NONE &&
               know_entry_compare(&c.entry, &e) < 0)
            status = know_run_next(&c, err);
        bool is_known = c.entry.type != KNOW_ENTRY_NONE && know_entry_compare(&c.entry, &e) == 0;
        if (!is_known)
            b->items.at[kept++] = b->items.at[i];
        if (i % FORGET_ENTRIES == FORGET_ENTRIES - 1)
            engine_forget(b->engine);
    }
    if (status == STATUS_OK)
        b->items.count = kept;
    return status;
}

static Status drop_all_known(KnowBatch *b, EngineTxn *txn, Error *err) {
    KnowRun *runs = NULL;
    size_t count = 0;
    Status status = know_runs_list(txn, &runs, &count, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (runs[i].state != KNOW_RUN_RETIRED)
            status = drop_known(b, txn, &runs[i], err);
    free(runs);
    return status;
}

/* ---- lists of values ---- */

static void end_chunk(KnowBatch *b, uint64_t container) {
    if (b->chunk.size == 0)
        return;
    uint8_t *copy = arena_alloc(b->arena, b->chunk.size);
    memcpy(copy, b->chunk.at, b->chunk.size);
    Item *item = VEC_ADD(b->arena, &b->items);
    CHECK(item);
    *item = (Item){.key = container,
                   .payload = copy,
                   .size = (uint32_t)b->chunk.size,
                   .type = KNOW_ENTRY_VALUES};
    text_clear(&b->chunk);
}

/* The new sightings' values by container, in chunks: what a report lists. */
static void list_values(KnowBatch *b) {
    size_t n = 0, all = b->items.count;
    Posting *order = ARENA_ARRAY(b->arena, Posting, all + 1);
    Posting *scratch = ARENA_ARRAY(b->arena, Posting, all + 1);
    for (size_t i = 0; i < all; i++) {
        const Item *item = &b->items.at[i];
        ask_ahead(b, i);
        if (item->type == KNOW_ENTRY_SIGHTING)
            order[n++] = (Posting){bytes_u64_at((Bytes){item->payload, item->size}, 0), i};
    }
    postings_sort(order, scratch, n);
    text_clear(&b->chunk);
    b->items.max = 2 * all + 16;
    for (size_t i = 0; i < n; i++) {
        KnowSeen seen;
        if (i + 2 * AHEAD < n)
            __builtin_prefetch(&b->items.at[order[i + 2 * AHEAD].value]);
        if (i + AHEAD < n)
            __builtin_prefetch(b->items.at[order[i + AHEAD].value].payload);
        Item item = b->items.at[order[i].value]; /* the vector grows below: its items move */
        CHECK(know_seen_read((Bytes){item.payload, item.size}, &seen));
        if (i > 0 && (order[i].key != order[i - 1].key || b->chunk.size > MAX_VALUES_BYTES))
            end_chunk(b, order[i - 1].key);
        KnowListed listed = {(KnowValueKind)item.kind,
                             {item.payload + item.size, item.value_size},
                             seen.first,
                             seen.last};
        know_listed_write(&listed, &b->chunk);
    }
    if (n > 0)
        end_chunk(b, order[n - 1].key);
    b->items.max = (size_t)FLUSH_ENTRIES + 16;
}

/* ---- writing ---- */

static Status write_run(KnowBatch *b, KnowRunWriter *w, Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; i < b->items.count && status == STATUS_OK; i++) {
        KnowEntry e = entry_of(&b->items.at[i]);
        ask_ahead(b, i);
        status = know_run_writer_add(w, &e, err);
        if (status == STATUS_OK && w->fresh_bytes >= TXN_BYTES) {
            w->fresh_bytes = 0;
            status = engine_commit(b->txn, err);
            b->txn = NULL;
            if (status == STATUS_OK)
                status = engine_begin(b->engine, true, &b->txn, err);
            w->txn = b->txn;
        }
    }
    return status == STATUS_OK ? know_run_writer_finish(w, err) : status;
}

static Status remember_run(KnowBatch *b, const KnowRun *run, Error *err) {
    KnowRun *grown = realloc(b->runs, (b->run_count + 1) * sizeof *grown);
    if (!grown)
        return error_set(err, STATUS_FAILED, "out of memory");
    b->runs = grown;
    b->runs[b->run_count++] = *run;
    b->added.entities += run->counts[KNOW_ENTRY_ENTITY];
    b->added.claims += run->counts[KNOW_ENTRY_OUT];
    b->added.sightings += run->counts[KNOW_ENTRY_SIGHTING];
    return STATUS_OK;
}

static Status flush_items(KnowBatch *b, Error *err) {
    uint32_t id = 0;
    sort_items(b);
    Status status = engine_begin(b->engine, true, &b->txn, err);
    if (status == STATUS_OK)
        status = drop_all_known(b, b->txn, err);
    if (status == STATUS_OK && b->items.count > 0) {
        list_values(b);
        sort_items(b);
        status = know_run_new_id(b->txn, &id, err);
        KnowRunWriter w = know_run_writer_init(b->txn, id);
        if (status == STATUS_OK) /* so that a sweep finds its blocks */
            status = know_run_put(b->txn, &w.run, err);
        if (status == STATUS_OK)
            status = write_run(b, &w, err);
        if (status == STATUS_OK)
            status = remember_run(b, &w.run, err);
        know_run_writer_free(&w);
    }
    EngineTxn *txn = b->txn;
    b->txn = NULL;
    if (status == STATUS_OK)
        return engine_commit(txn, err);
    engine_abort(txn);
    return status;
}

static Status batch_flush_items(KnowBatch *b, Error *err) {
    jmp_buf escape;
    Status status;
    if (setjmp(escape) == 0) {
        arena_set_escape(b->arena, &escape);
        status = flush_items(b, err);
    } else {
        engine_abort(b->txn);
        b->txn = NULL;
        status = error_set(err, STATUS_FULL, "out of memory for knowledge");
    }
    arena_set_escape(b->arena, NULL);
    arena_reset(b->arena, (ArenaMark){0});
    engine_forget(b->engine);
    b->items.at = NULL;
    b->items.count = b->items.cap = 0;
    return status;
}

static Status publish(KnowBatch *b, Error *err) {
    EngineTxn *txn = NULL;
    Status status = engine_begin(b->engine, true, &txn, err);
    for (size_t i = 0; i < b->run_count && status == STATUS_OK; i++) {
        b->runs[i].state = KNOW_RUN_LIVE;
        status = know_run_put(txn, &b->runs[i], err);
    }
    if (status == STATUS_OK)
        return engine_commit(txn, err);
    engine_abort(txn);
    return status;
}

Status know_batch_document(KnowBatch *b, const KnowDocument *d, Error *err) {
    text_clear(&b->text);
    know_document_write(d, &b->text);
    return add_item(b, hash64((Bytes){d->sha256, 32}), KNOW_ENTRY_DOCUMENT, b->text.size, err);
}

Status know_batch_commit(KnowBatch *b, KnowAdded *added, Error *err) {
    Status status = batch_flush_items(b, err);
    if (status == STATUS_OK)
        status = publish(b, err);
    *added = b->added;
    if (status != STATUS_OK) {
        know_batch_abort(b);
        return status;
    }
    status = know_runs_merge(b->engine, false, err);
    if (status == STATUS_FULL) { /* what was imported is in; the next import merges */
        (void)know_runs_sweep(b->engine, NULL);
        status = STATUS_OK;
    }
    batch_end(b);
    return status;
}
