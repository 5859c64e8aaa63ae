/* SPDX-License-Identifier: Apache-2.0 */
#include "store/know_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/table.h"

enum {
    RUN_VERSION = 1,
    /* Two pages of LMDB less the 16 bytes of their header: a block fills them. */
    BLOCK_BYTES = 2 * 4096 - 16,
    BLOCK_HEADER = 12,
    /* A VALUES payload is 3 KB, a claim at most five texts of 8 KB. */
    MAX_PAYLOAD = 64 * 1024,
    /* Entries of one 40-bit prefix stay in one block: an indicator in 10^7 reports has 200 MB. */
    MAX_BLOCK = 1 << 30
};

static void add_u64(Text *out, uint64_t v) {
    uint8_t b[8];
    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> (8 * i));
    text_add_bytes(out, b, sizeof b);
}

static uint64_t block_check(uint64_t key, Bytes rest) { return hash64(rest) ^ mix64(key + 1); }

/* ---- records of runs ---- */

Status know_run_put(EngineTxn *txn, const KnowRun *run, Error *err) {
    Text t = text_new(1024);
    text_add_char(&t, RUN_VERSION);
    text_add_char(&t, (char)run->state);
    add_u64(&t, run->blocks);
    add_u64(&t, run->bytes);
    for (unsigned i = 0; i < KNOW_ENTRY_TYPES; i++)
        add_u64(&t, run->counts[i]);
    add_u64(&t, hash64((Bytes){(const uint8_t *)t.at, t.size}));
    Status status =
        engine_put_u64(txn, TABLE_KNOW_RUN, run->id, (Bytes){(const uint8_t *)t.at, t.size}, err);
    text_free(&t);
    return status;
}

Status know_run_read(uint32_t id, Bytes b, KnowRun *out, Error *err) {
    Bytes body = bytes_cut(b, 0, b.size < 8 ? 0 : b.size - 8);
    Cursor c = cursor_init(body);
    uint8_t version = cursor_u8(&c), state = cursor_u8(&c);
    *out = (KnowRun){.id = id, .state = (KnowRunState)state, .blocks = cursor_u64(&c)};
    out->bytes = cursor_u64(&c);
    for (unsigned i = 0; i < KNOW_ENTRY_TYPES; i++)
        out->counts[i] = cursor_u64(&c);
    if (c.bad || c.off != body.size || version != RUN_VERSION || state > KNOW_RUN_RETIRED ||
        hash64(body) != bytes_u64_at(b, b.size - 8))
        return error_set(err, STATUS_CORRUPT, "the store's record of knowledge run %u is damaged",
                         id);
    return STATUS_OK;
}

Status know_run_delete(EngineTxn *txn, uint32_t id, Error *err) {
    uint64_t key = id;
    return engine_delete(txn, TABLE_KNOW_RUN, (Bytes){(const uint8_t *)&key, sizeof key}, err);
}

Status know_runs_list(EngineTxn *txn, KnowRun **out, size_t *count, Error *err) {
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    for (uint64_t id = 0;; id++) {
        Bytes bytes = {0};
        Status status = engine_next_u64(txn, TABLE_KNOW_RUN, &id, &bytes, err);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_OK && *count == cap) {
            cap = cap ? cap * 2 : 16;
            KnowRun *grown = cap <= KNOW_MAX_LIVE_RUNS ? realloc(*out, cap * sizeof **out) : NULL;
            if (!grown)
                status = error_set(err, STATUS_FULL, "the store has too many knowledge runs");
            else
                *out = grown;
        }
        if (status == STATUS_OK)
            status = know_run_read((uint32_t)id, bytes, &(*out)[*count], err);
        if (status != STATUS_OK) {
            free(*out);
            *out = NULL;
            *count = 0;
            return status;
        }
        ++*count;
    }
}

/* ---- writing ---- */

KnowRunWriter know_run_writer_init(EngineTxn *txn, uint32_t id) {
    return (KnowRunWriter){.txn = txn,
                           .run = {.id = id, .state = KNOW_RUN_BUILDING},
                           .block = text_new(MAX_BLOCK),
                           .last = text_new(MAX_PAYLOAD + 1)};
}

void know_run_writer_free(KnowRunWriter *w) {
    text_free(&w->block);
    text_free(&w->last);
}

static Status put_block(KnowRunWriter *w, Error *err) {
    if (w->count == 0)
        return STATUS_OK;
    uint64_t key = know_run_from(w->run.id) | w->last_key >> 24;
    Bytes b = {(const uint8_t *)w->block.at, w->block.size};
    uint8_t *head = (uint8_t *)w->block.at;
    for (unsigned i = 0; i < 4; i++)
        head[8 + i] = (uint8_t)(w->count >> (8 * i));
    uint64_t check = block_check(key, bytes_cut(b, 8, b.size - 8));
    for (unsigned i = 0; i < 8; i++)
        head[i] = (uint8_t)(check >> (8 * i));
    Status status = w->block.full ? error_set(err, STATUS_FULL, "a block of knowledge is too large")
                                  : engine_put_u64(w->txn, TABLE_KNOW, key, b, err);
    w->run.blocks++;
    w->run.bytes += b.size;
    w->fresh_bytes += b.size;
    w->count = 0;
    text_clear(&w->block);
    return status;
}

static void put_entry(Text *out, const KnowEntry *e) {
    uint8_t head[20];
    size_t n = 0;
    for (; n < 8; n++)
        head[n] = (uint8_t)(e->key >> (8 * n));
    head[n++] = (uint8_t)e->type;
    uint64_t size = e->payload.size;
    for (; size >= 0x80; size >>= 7)
        head[n++] = (uint8_t)(size | 0x80);
    head[n++] = (uint8_t)size;
    text_add_bytes(out, head, n);
    text_add_bytes(out, e->payload.at, e->payload.size);
}

Status know_run_writer_add(KnowRunWriter *w, const KnowEntry *e, Error *err) {
    Status status = STATUS_OK;
    if (e->payload.size > MAX_PAYLOAD)
        return error_set(err, STATUS_USAGE, "an entry of knowledge is too long");
    if (w->may_repeat && w->last.size && e->key == w->last_key &&
        e->payload.size + 1 == w->last.size && w->last.at[0] == (char)e->type &&
        memcmp(w->last.at + 1, e->payload.at, e->payload.size) == 0)
        return STATUS_OK;
    bool is_full = w->block.size + e->payload.size + 16 > BLOCK_BYTES;
    if (w->count > 0 && is_full && e->key >> 24 != w->last_key >> 24)
        status = put_block(w, err);
    if (w->block.size == 0)
        text_add_bytes(&w->block, (const uint8_t[BLOCK_HEADER]){0}, BLOCK_HEADER);
    put_entry(&w->block, e);
    w->count++;
    w->run.counts[e->type]++;
    w->last_key = e->key;
    if (w->may_repeat) {
        text_clear(&w->last);
        text_add_char(&w->last, (char)e->type);
        text_add_bytes(&w->last, e->payload.at, e->payload.size);
    }
    return status;
}

Status know_run_writer_finish(KnowRunWriter *w, Error *err) {
    Status status = put_block(w, err);
    return status == STATUS_OK ? know_run_put(w->txn, &w->run, err) : status;
}

/* ---- reading ---- */

static Status damaged(const KnowRunCursor *c, Error *err) {
    return error_set(err, STATUS_CORRUPT, "a block of knowledge run %u is damaged", c->run);
}

/* The block at or after key; the cursor stands before its first entry. */
static Status load(KnowRunCursor *c, uint64_t key, Error *err) {
    Bytes b = {0};
    uint64_t found = key;
    c->left = 0;
    c->entry = (KnowEntry){0};
    if (key >= know_run_to(c->run))
        return STATUS_OK;
    Status status = engine_next_u64(c->txn, TABLE_KNOW, &found, &b, err);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && found >= know_run_to(c->run)))
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (b.size < BLOCK_HEADER ||
        bytes_u64_at(b, 0) != block_check(found, bytes_cut(b, 8, b.size - 8)))
        return damaged(c, err);
    c->left = bytes_u32_at(b, 8);
    c->body = bytes_cut(b, BLOCK_HEADER, b.size - BLOCK_HEADER);
    c->off = 0;
    c->next_key = found + 1;
    c->blocks++;
    return STATUS_OK;
}

static Status step(KnowRunCursor *c, Error *err) {
    Cursor at = cursor_init(c->body);
    at.off = c->off;
    uint64_t key = cursor_u64(&at);
    uint8_t type = cursor_u8(&at);
    Bytes payload = cursor_bytes(&at, cursor_uleb(&at));
    if (at.bad || type == KNOW_ENTRY_NONE || type >= KNOW_ENTRY_TYPES)
        return damaged(c, err);
    c->off = at.off;
    c->left--;
    c->entry = (KnowEntry){key, (KnowEntryType)type, payload};
    return STATUS_OK;
}

Status know_run_next(KnowRunCursor *c, Error *err) {
    Status status = STATUS_OK;
    if (c->left == 0)
        status = load(c, c->next_key, err);
    return status == STATUS_OK && c->left > 0 ? step(c, err) : status;
}

static Status onward(KnowRunCursor *c, uint64_t key, Error *err) {
    Status status = know_run_next(c, err);
    while (status == STATUS_OK && c->entry.type != KNOW_ENTRY_NONE && c->entry.key < key)
        status = know_run_next(c, err);
    return status;
}

Status know_run_seek(KnowRunCursor *c, EngineTxn *txn, uint32_t run, uint64_t key, Error *err) {
    *c = (KnowRunCursor){.txn = txn, .run = run};
    Status status = load(c, know_run_from(run) | key >> 24, err);
    if (status != STATUS_OK || c->left == 0)
        return status;
    return onward(c, key, err);
}

Status know_run_seek_on(KnowRunCursor *c, uint64_t key, Error *err) {
    if (c->entry.type == KNOW_ENTRY_NONE || c->entry.key >= key)
        return STATUS_OK;
    uint64_t block = know_run_from(c->run) | key >> 24;
    if (block >= c->next_key) { /* not in this block: its key is that of its last entry */
        Status status = load(c, block, err);
        if (status != STATUS_OK || c->left == 0)
            return status;
    }
    return onward(c, key, err);
}
