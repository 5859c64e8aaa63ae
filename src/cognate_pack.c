/* SPDX-License-Identifier: Apache-2.0
 * cognate_pack.c: samples with their labels as one stream of bytes, for other stores
 * (docs/formats/exchange.md). */
#include "cognate_inner.h"

#include <string.h>

static const char MAGIC[8] = {'C', 'O', 'G', 'S', 'H', 'A', 'R', '1'};

enum { LABEL_COUNT = 6, MAX_PACK_LABEL_BYTES = 4096 };

typedef struct Packing {
    CogStore *store;
    const char *const *sha256s;
    size_t count;
    CogWrite write;
    void *ctx;
} Packing;

static void put(Text *out, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        text_add_char(out, (char)(value >> (8 * i)));
}

/* An absent label and an empty one differ. */
static void put_label(Text *out, const char *text) {
    put(out, text ? strlen(text) + 1 : 0, 4);
    if (text)
        text_add(out, text);
}

static Status give(const Packing *p, const Text *text, Error *err) {
    if (text->full)
        return error_set(err, STATUS_FULL, "a sample's pack does not fit into memory");
    return p->write(p->ctx, text->at, text->size)
               ? STATUS_OK
               : error_set(err, STATUS_FAILED, "the pack could not be written");
}

static Status pack_sample(Work *w, const Packing *p, const StoredSample *sample, Text *entry,
                          Error *err) {
    const Labels *labels = &sample->labels;
    const char *texts[LABEL_COUNT] = {labels->family,  labels->campaign, labels->actor,
                                      labels->library, labels->source,   labels->first_seen};
    Features *f = NULL;
    ArenaMark mark = arena_mark(w->scratch);
    Status status = snapshot_features(w->snap, sample->id, w->scratch, &f, err);
    if (status != STATUS_OK)
        return status;
    Text pack = text_new(MAX_WORK_TEXT), body = text_new(MAX_WORK_TEXT);
    status = features_write(f, &pack, err);
    put(&body, labels->sample_class, 4);
    for (size_t i = 0; i < LABEL_COUNT; i++)
        put_label(&body, texts[i]);
    put(&body, pack.size, 8);
    text_add_bytes(&body, pack.at, pack.size);
    text_clear(entry);
    put(entry, body.size, 8);
    put(entry, hash64((Bytes){(const uint8_t *)body.at, body.size}), 8);
    text_add_bytes(entry, body.at, body.size);
    entry->full |= body.full || pack.full;
    text_free(&pack);
    text_free(&body);
    arena_reset(w->scratch, mark);
    return status == STATUS_OK ? give(p, entry, err) : status;
}

static Status pack_named(Work *w, const Packing *p, Text *entry, Error *err) {
    for (size_t i = 0; i < p->count; i++) {
        uint8_t sha256[32];
        if (!hex_read(sha256, sizeof sha256, p->sha256s[i]))
            return error_set(err, STATUS_USAGE, "a SHA-256 is 64 hex digits");
        const StoredSample *sample = snapshot_find_sha256(w->snap, sha256);
        if (!sample)
            return error_set(err, STATUS_NOT_FOUND, "%s is not in the store", p->sha256s[i]);
        Status status = pack_sample(w, p, sample, entry, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static Status pack_all(Work *w, void *ctx, Error *err) {
    const Packing *p = ctx;
    Text entry = text_new(MAX_WORK_TEXT);
    Status status = snapshot_open(p->store->store, &w->snap, err);
    text_add_bytes(&entry, MAGIC, sizeof MAGIC);
    if (status == STATUS_OK)
        status = give(p, &entry, err);
    if (status == STATUS_OK && p->count)
        status = pack_named(w, p, &entry, err);
    for (uint32_t i = 0; status == STATUS_OK && !p->count && i < snapshot_sample_count(w->snap);
         i++)
        status = pack_sample(w, p, snapshot_sample_at(w->snap, i), &entry, err);
    text_free(&entry);
    return status;
}

CogStatus cog_store_pack_to(CogStore *s, const char *const *sha256s, size_t count, CogWrite write,
                            void *ctx, CogError *err) {
    Error error = {0};
    Packing p = {s, sha256s, count, write, ctx};
    return error_give(work_run(pack_all, &p, &error), &error, err);
}

static bool write_text(void *ctx, const void *bytes, size_t size) {
    Text *out = ctx;
    text_add_bytes(out, bytes, size);
    return !out->full;
}

CogStatus cog_store_pack(CogStore *s, const char *const *sha256s, size_t count, CogOutput *o,
                         CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    CogStatus status = cog_store_pack_to(s, sha256s, count, write_text, &out, err);
    Status closed = output_close(o, &out, &error);
    return status != COG_OK ? status : error_give(closed, &error, err);
}

/* ---- reading ---- */

typedef struct Unpacking {
    CogStore *store;
    Bytes bytes;
    uint64_t learned;
} Unpacking;

/* In the arena, or NULL; sets bad when it lies. */
static const char *label_at(Cursor *c, Arena *a) {
    uint32_t size = cursor_u32(c);
    if (size == 0 || size > MAX_PACK_LABEL_BYTES) {
        c->bad |= size > MAX_PACK_LABEL_BYTES;
        return NULL;
    }
    Bytes text = cursor_bytes(c, size - 1);
    return c->bad ? NULL : arena_text(a, text);
}

static Status corrupt(Error *err, size_t off) {
    return error_set(err, STATUS_CORRUPT, "the pack is damaged at byte %zu", off);
}

static Status learn_entry(Work *w, Unpacking *u, Bytes body, size_t off, Error *err) {
    Cursor c = cursor_init(body);
    Labels labels = {.sample_class = SAMPLE_REFERENCE};
    uint32_t sample_class = cursor_u32(&c);
    const char **texts[LABEL_COUNT] = {&labels.family,  &labels.campaign, &labels.actor,
                                       &labels.library, &labels.source,   &labels.first_seen};
    for (size_t i = 0; i < LABEL_COUNT; i++)
        *texts[i] = label_at(&c, w->arena);
    uint64_t size = cursor_u64(&c);
    Bytes pack = cursor_bytes(&c, size);
    if (c.bad || cursor_left(&c) || sample_class > SAMPLE_LIBRARY)
        return corrupt(err, off);
    labels.sample_class = (SampleClass)sample_class;
    Features *f = NULL;
    bool added = false, changed = false;
    Status status = features_from_bytes(w->arena, pack, &f, err);
    if (status == STATUS_OK)
        status = store_learn(u->store->store, f, &labels, &added, &changed, err);
    u->learned += added || changed;
    return status;
}

static Status unpack_all(Work *w, void *ctx, Error *err) {
    Unpacking *u = ctx;
    Cursor c = cursor_init(u->bytes);
    Bytes magic = cursor_bytes(&c, sizeof MAGIC);
    if (c.bad || memcmp(magic.at, MAGIC, sizeof MAGIC) != 0)
        return error_set(err, STATUS_CORRUPT, "not a pack of this version");
    while (cursor_left(&c) > 0) {
        size_t off = c.off;
        ArenaMark mark = arena_mark(w->arena);
        uint64_t size = cursor_u64(&c), hash = cursor_u64(&c);
        Bytes body = cursor_bytes(&c, size);
        if (c.bad || hash != hash64(body))
            return corrupt(err, off);
        Status status = learn_entry(w, u, body, off, err);
        if (status != STATUS_OK)
            return status;
        arena_reset(w->arena, mark);
    }
    return c.bad ? corrupt(err, c.off) : STATUS_OK;
}

CogStatus cog_store_unpack(CogStore *s, const void *bytes, size_t size, uint64_t *learned,
                           CogError *err) {
    Error error = {0}, late = {0};
    Unpacking u = {.store = s, .bytes = {bytes, size}};
    Status status = store_batch_begin(s->store, &error);
    if (status == STATUS_OK) {
        status = work_run(unpack_all, &u, &error);
        /* What was read before a damage is kept. */
        Status ended = store_batch_end(s->store, &late);
        if (status == STATUS_OK && ended != STATUS_OK) {
            status = ended;
            error = late;
        }
    }
    if (learned)
        *learned = u.learned;
    return error_give(status, &error, err);
}
