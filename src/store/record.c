/* SPDX-License-Identifier: Apache-2.0 */
#include "store/record.h"

#include <string.h>

enum { RECORD_VERSION = 1 };

static void add_u64(Text *out, uint64_t v) {
    uint8_t b[8];
    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> (8 * i));
    text_add_bytes(out, b, sizeof b);
}
static void add_u32(Text *out, uint32_t v) {
    uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    text_add_bytes(out, b, sizeof b);
}
static void add_u8(Text *out, uint8_t v) { text_add_bytes(out, &v, 1); }

static void seal(Text *out, size_t from) {
    add_u64(out, hash64((Bytes){(const uint8_t *)text_str(out) + from, out->size - from}));
}

/* The record without its checksum, read past its version; bad when either is wrong. */
static Cursor unseal(Bytes b) {
    Bytes body = bytes_cut(b, 0, b.size < 8 ? 0 : b.size - 8);
    Cursor c = cursor_init(body);
    if (b.size < 9 || hash64(body) != bytes_u64_at(b, b.size - 8) ||
        cursor_u8(&c) != RECORD_VERSION)
        c.bad = true;
    return c;
}

static Status finish(const Cursor *c, const char *what, uint32_t id, Error *err) {
    if (!c->bad && c->off == c->bytes.size)
        return STATUS_OK;
    return error_set(err, STATUS_CORRUPT, "the store's %s record %u is damaged", what, id);
}

void state_write(const State *s, Text *out) {
    size_t from = out->size;
    add_u8(out, RECORD_VERSION);
    add_u32(out, s->next_sample);
    add_u32(out, s->next_signature);
    add_u32(out, s->next_segment);
    add_u64(out, s->next_ordinal);
    add_u64(out, s->changes);
    seal(out, from);
}

Status state_from_bytes(Bytes b, State *out, Error *err) {
    Cursor c = unseal(b);
    out->next_sample = cursor_u32(&c);
    out->next_signature = cursor_u32(&c);
    out->next_segment = cursor_u32(&c);
    out->next_ordinal = cursor_u64(&c);
    out->changes = cursor_u64(&c);
    c.bad |= out->next_ordinal > MAX_ORDINAL;
    return finish(&c, "state", 0, err);
}

void segment_write(const Segment *s, Text *out) {
    size_t from = out->size;
    add_u8(out, RECORD_VERSION);
    add_u8(out, (uint8_t)s->state);
    add_u64(out, s->first_ordinal);
    for (unsigned i = 0; i < INDEX_COUNT; i++) {
        add_u64(out, s->index[i].count);
        add_u64(out, s->index[i].first);
        add_u64(out, s->index[i].last);
        add_u8(out, s->index[i].shift);
    }
    seal(out, from);
}

Status segment_from_bytes(uint32_t id, Bytes b, Segment *out, Error *err) {
    Cursor c = unseal(b);
    *out = (Segment){.id = id};
    unsigned state = cursor_u8(&c);
    c.bad |= state > SEGMENT_RETIRED;
    out->state = (SegmentState)state;
    out->first_ordinal = cursor_u64(&c);
    for (unsigned i = 0; i < INDEX_COUNT; i++) {
        SegmentIndex *x = &out->index[i];
        x->count = cursor_u64(&c);
        x->first = cursor_u64(&c);
        x->last = cursor_u64(&c);
        x->shift = cursor_u8(&c);
        uint64_t range = x->last - x->first;
        c.bad |= x->last < x->first || x->shift > 64 ||
                 (x->shift < 64 && range >> x->shift > UINT32_MAX);
    }
    return finish(&c, "segment", id, err);
}

static void add_text(Text *out, const char *s) {
    size_t n = s ? strlen(s) : 0;
    add_u8(out, s != NULL);
    if (s) {
        add_u32(out, (uint32_t)n);
        text_add_bytes(out, s, n);
    }
}

static const char *read_text(Cursor *c, Arena *a) {
    if (cursor_u8(c) == 0)
        return NULL;
    Bytes b = cursor_bytes(c, cursor_u32(c));
    return a && !c->bad ? arena_text(a, b) : NULL;
}

void sample_record_write(const SampleRecord *r, Text *out) {
    const StoredSample *s = &r->sample;
    size_t from = out->size;
    add_u8(out, RECORD_VERSION);
    add_u8(out, r->is_removed);
    text_add_bytes(out, s->sha256, sizeof s->sha256);
    add_u64(out, s->size);
    add_u8(out, s->format);
    add_u8(out, s->arch);
    add_u32(out, s->function_count);
    add_u64(out, r->first_ordinal);
    add_u8(out, (uint8_t)s->labels.sample_class);
    add_text(out, s->name);
    add_text(out, s->labels.family);
    add_text(out, s->labels.campaign);
    add_text(out, s->labels.actor);
    add_text(out, s->labels.library);
    add_text(out, s->labels.source);
    add_text(out, s->labels.first_seen);
    seal(out, from);
}

Status sample_record_from_bytes(Arena *a, uint32_t id, Bytes b, SampleRecord *out, Error *err) {
    Cursor c = unseal(b);
    *out = (SampleRecord){.sample = {.id = id}};
    StoredSample *s = &out->sample;
    out->is_removed = cursor_u8(&c) != 0;
    Bytes sha256 = cursor_bytes(&c, sizeof s->sha256);
    if (sha256.size == sizeof s->sha256)
        memcpy(s->sha256, sha256.at, sizeof s->sha256);
    s->size = cursor_u64(&c);
    s->format = cursor_u8(&c);
    s->arch = cursor_u8(&c);
    s->function_count = cursor_u32(&c);
    out->first_ordinal = cursor_u64(&c);
    unsigned sample_class = cursor_u8(&c);
    s->labels.sample_class = (SampleClass)sample_class;
    c.bad |= sample_class > SAMPLE_LIBRARY || out->first_ordinal > MAX_ORDINAL;
    s->name = read_text(&c, a);
    s->labels.family = read_text(&c, a);
    s->labels.campaign = read_text(&c, a);
    s->labels.actor = read_text(&c, a);
    s->labels.library = read_text(&c, a);
    s->labels.source = read_text(&c, a);
    s->labels.first_seen = read_text(&c, a);
    return finish(&c, "sample", id, err);
}
