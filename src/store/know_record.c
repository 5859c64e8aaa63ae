/* SPDX-License-Identifier: Apache-2.0 */
#include "store/know_record.h"

#include <string.h>

#include "base/digest.h"

/* Longest text that a payload holds: importers cut at 4,000; values at 2,048. */
enum { MAX_TEXT = 8192 };

int know_entry_compare(const KnowEntry *x, const KnowEntry *y) {
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    size_t n = x->payload.size < y->payload.size ? x->payload.size : y->payload.size;
    int order = n ? memcmp(x->payload.at, y->payload.at, n) : 0;
    if (order != 0)
        return order;
    return (x->payload.size > y->payload.size) - (x->payload.size < y->payload.size);
}

/* ---- writing ---- */

static void put_uleb(Text *out, uint64_t v) {
    for (; v >= 0x80; v >>= 7)
        text_add_char(out, (char)(v | 0x80));
    text_add_char(out, (char)v);
}

/* Zigzag: times before 1970 are odd but possible. */
static void put_time(Text *out, int64_t v) {
    put_uleb(out, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static void put_id(Text *out, uint64_t v) {
    uint8_t b[8];
    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> (8 * i));
    text_add_bytes(out, b, sizeof b);
}

/* 0: none; else the length + 1 and the bytes. */
static void put_text(Text *out, const char *text) {
    size_t n = text ? strlen(text) : 0;
    n = n < MAX_TEXT ? n : MAX_TEXT;
    put_uleb(out, text ? n + 1 : 0);
    text_add_bytes(out, text ? text : "", n);
}

void know_entity_write(const KnowEntity *e, Text *out) {
    put_uleb(out, (uint64_t)e->kind);
    put_uleb(out, e->flags);
    put_text(out, e->ref);
    put_text(out, e->name);
    put_text(out, e->description);
    put_text(out, e->source);
    put_time(out, e->created);
    put_time(out, e->modified);
    put_time(out, e->first_seen);
    put_time(out, e->last_seen);
}

void know_claim_write(const KnowClaim *c, Text *out) {
    put_uleb(out, (uint64_t)c->relation);
    put_id(out, c->subject);
    put_id(out, c->object);
    put_text(out, c->text);
    put_text(out, c->source);
    put_text(out, c->url);
    put_text(out, c->note);
    put_text(out, c->ref);
    text_add_char(out, (char)c->trust.confidence);
    text_add_char(out, c->trust.reliability);
    text_add_char(out, (char)c->trust.credibility);
    put_time(out, c->said);
    put_time(out, c->from);
    put_time(out, c->to);
}

void know_seen_write(const KnowSeen *s, Text *out) {
    put_id(out, s->container);
    put_time(out, s->first);
    put_time(out, s->last);
}

void know_listed_write(const KnowListed *v, Text *out) {
    put_uleb(out, (uint64_t)v->kind);
    put_uleb(out, v->value.size);
    text_add_bytes(out, v->value.at, v->value.size);
    put_time(out, v->first);
    put_time(out, v->last);
}

void know_document_write(const KnowDocument *d, Text *out) {
    text_add_bytes(out, d->sha256, sizeof d->sha256);
    put_text(out, d->name);
    put_text(out, d->format);
    put_uleb(out, d->records);
    put_uleb(out, d->problems);
}

/* ---- reading ---- */

static int64_t take_time(Cursor *c) {
    uint64_t v = cursor_uleb(c);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static const char *take_text(Cursor *c, Arena *a) {
    uint64_t n = cursor_uleb(c);
    c->bad |= n > MAX_TEXT + 1;
    Bytes b = cursor_bytes(c, c->bad || n == 0 ? 0 : n - 1);
    return n == 0 || c->bad ? NULL : a ? arena_text(a, b) : "";
}

static bool is_whole(const Cursor *c) { return !c->bad && c->off == c->bytes.size; }

bool know_entity_read(uint64_t key, Bytes b, Arena *a, KnowEntity *out) {
    Cursor c = cursor_init(b);
    uint64_t kind = cursor_uleb(&c), flags = cursor_uleb(&c);
    *out = (KnowEntity){.id = key};
    out->kind = kind < KNOW_KIND_COUNT ? (KnowKind)kind : KNOW_OTHER;
    out->flags = (unsigned)flags;
    out->ref = take_text(&c, a);
    out->name = take_text(&c, a);
    out->description = take_text(&c, a);
    out->source = take_text(&c, a);
    out->created = take_time(&c);
    out->modified = take_time(&c);
    out->first_seen = take_time(&c);
    out->last_seen = take_time(&c);
    return is_whole(&c) && kind < KNOW_KIND_COUNT && flags < 1u << KNOW_FLAG_COUNT && out->ref &&
           out->name;
}

bool know_claim_read(Bytes b, Arena *a, KnowClaim *out) {
    Cursor c = cursor_init(b);
    uint64_t relation = cursor_uleb(&c);
    *out = (KnowClaim){.subject = cursor_u64(&c)};
    out->relation = relation < KNOW_RELATION_COUNT ? (KnowRelation)relation : KNOW_RELATED_TO;
    out->object = cursor_u64(&c);
    out->text = take_text(&c, a);
    out->source = take_text(&c, a);
    out->url = take_text(&c, a);
    out->note = take_text(&c, a);
    out->ref = take_text(&c, a);
    out->trust.confidence = cursor_u8(&c);
    out->trust.reliability = (char)cursor_u8(&c);
    out->trust.credibility = cursor_u8(&c);
    out->said = take_time(&c);
    out->from = take_time(&c);
    out->to = take_time(&c);
    return is_whole(&c) && relation < KNOW_RELATION_COUNT && out->subject != 0;
}

bool know_seen_read(Bytes b, KnowSeen *out) {
    Cursor c = cursor_init(b);
    out->container = cursor_u64(&c);
    out->first = take_time(&c);
    out->last = take_time(&c);
    return is_whole(&c) && out->container != 0;
}

bool know_listed_next(Cursor *c, KnowListed *out) {
    if (cursor_left(c) == 0)
        return false;
    uint64_t kind = cursor_uleb(c), n = cursor_uleb(c);
    c->bad |= kind >= KNOW_VALUE_COUNT || n > MAX_TEXT;
    out->kind = c->bad ? KNOW_VALUE_OTHER : (KnowValueKind)kind;
    out->value = cursor_bytes(c, n);
    out->first = take_time(c);
    out->last = take_time(c);
    return !c->bad;
}

bool know_document_read(Bytes b, Arena *a, KnowDocument *out) {
    Cursor c = cursor_init(b);
    Bytes sha256 = cursor_bytes(&c, 32);
    if (sha256.size == 32)
        memcpy(out->sha256, sha256.at, 32);
    out->name = take_text(&c, a);
    out->format = take_text(&c, a);
    out->records = cursor_uleb(&c);
    out->problems = cursor_uleb(&c);
    return is_whole(&c);
}

static bool values_are_good(Bytes b) {
    Cursor c = cursor_init(b);
    KnowListed listed;
    while (know_listed_next(&c, &listed))
        ;
    return !c.bad;
}

bool know_entry_is_good(const KnowEntry *e) {
    KnowEntity entity;
    KnowClaim claim;
    KnowSeen seen;
    KnowDocument document;
    switch (e->type) {
    case KNOW_ENTRY_ENTITY:
        return know_entity_read(e->key, e->payload, NULL, &entity);
    case KNOW_ENTRY_OUT:
        return know_claim_read(e->payload, NULL, &claim) && claim.subject == e->key;
    case KNOW_ENTRY_IN:
        return know_claim_read(e->payload, NULL, &claim) && claim.object == e->key;
    case KNOW_ENTRY_NAME:
        return e->payload.size == 8;
    case KNOW_ENTRY_SIGHTING:
        return know_seen_read(e->payload, &seen);
    case KNOW_ENTRY_VALUES:
        return values_are_good(e->payload);
    case KNOW_ENTRY_DOCUMENT:
        return know_document_read(e->payload, NULL, &document);
    case KNOW_ENTRY_NONE:
    case KNOW_ENTRY_TYPES:
        break;
    }
    return false;
}
