/* SPDX-License-Identifier: Apache-2.0
 * outline.c: the record of an outline, docs/formats/outline.md: header, columns, nothing else. */
#include "store/outline.h"

#include <inttypes.h>

#include "base/digest.h"

/* Header: checksum u64, version u32, is_go u32, then the counts, then zeros up to a multiple of 8.
 */
enum { OUTLINE_VERSION = 1, COUNTS_AT = 16, HEADER_BYTES = 56 };
_Static_assert(COUNTS_AT + OUTLINE_STORED_COUNTS * 4 <= HEADER_BYTES, "the header has room");
/* Columns are used as they lie. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "outlines are little-endian");

/* Each column's place in the bytes; returns the size of the whole. */
static uint64_t lay_out(const uint32_t counts[OUTLINE_COUNTS], uint64_t *places) {
    uint64_t at = HEADER_BYTES;
#define X(column, type, count)                                                                     \
    *places++ = at;                                                                                \
    at += (uint64_t)counts[OUTLINE_##count] * sizeof(type);
    OUTLINE_COLUMNS(X)
#undef X
    return at;
}

enum {
#define X(column, type, count) COLUMN_##column,
    OUTLINE_COLUMNS(X)
#undef X
        COLUMN_COUNT
};

static uint64_t checksum(Bytes b, uint32_t id) {
    return hash64((Bytes){b.at + 8, b.size - 8}) ^ mix64(id + 1ULL);
}

void outline_seal(uint8_t *at, size_t size, uint32_t id) {
    uint64_t sum = checksum((Bytes){at, size}, id);
    memcpy(at, &sum, sizeof sum);
}

void outline_write(const Outline *o, uint32_t id, Text *out) {
    size_t from = out->size;
    uint8_t header[HEADER_BYTES] = {0};
    uint32_t version = OUTLINE_VERSION, is_go = o->is_go;
    memcpy(header + 8, &version, sizeof version);
    memcpy(header + 12, &is_go, sizeof is_go);
    memcpy(header + COUNTS_AT, o->counts, OUTLINE_STORED_COUNTS * sizeof *o->counts);
    text_add_bytes(out, header, sizeof header);
#define X(column, type, count)                                                                     \
    if (o->counts[OUTLINE_##count] > 0)                                                            \
        text_add_bytes(out, o->column, o->counts[OUTLINE_##count] * sizeof(type));
    OUTLINE_COLUMNS(X)
#undef X
    if (!out->full)
        outline_seal((uint8_t *)out->at + from, out->size - from, id);
}

/* ---- reading ---- */

static bool is_below(const uint32_t *at, size_t count, uint32_t limit) {
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = at[i] > most ? at[i] : most;
    return count == 0 || most < limit;
}

static bool is_narrow_below(const uint16_t *at, size_t count, uint32_t limit) {
    uint16_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = at[i] > most ? at[i] : most;
    return count == 0 || most < limit;
}

/* From 0 to total, never falling. */
static bool are_ends(const uint32_t *at, size_t functions, uint32_t total) {
    bool is_bad = at[0] != 0 || at[functions] != total;
    for (size_t i = 0; i < functions; i++)
        is_bad |= at[i] > at[i + 1];
    return !is_bad;
}

static bool columns_are_whole(const Outline *o) {
    const uint32_t *n = o->counts;
    uint32_t functions = n[OUTLINE_FUNCTIONS];
    bool is_bad =
        !are_ends(o->first_gene, functions, n[OUTLINE_WIDE_GENES] + n[OUTLINE_NARROW_GENES]) ||
        !are_ends(o->first_call, functions, n[OUTLINE_CALLS]) ||
        !are_ends(o->first_member, functions, n[OUTLINE_MEMBERS]) ||
        !is_below(o->call, n[OUTLINE_CALLS], functions) ||
        !is_below(o->member, n[OUTLINE_MEMBERS], functions) ||
        !is_below(o->name, functions, n[OUTLINE_NAMES]) ||
        !is_below(o->wide_gene, n[OUTLINE_WIDE_GENES], n[OUTLINE_DICTIONARY]) ||
        !is_narrow_below(o->narrow_gene, n[OUTLINE_NARROW_GENES], n[OUTLINE_DICTIONARY]);
    is_bad |= n[OUTLINE_NAMES] == 0 || o->names[n[OUTLINE_NAMES] - 1] != 0;
    for (uint32_t i = 0; i < functions && !is_bad; i++) {
        uint32_t genes = o->first_gene[i + 1] - o->first_gene[i];
        is_bad = o->sketch_count[i] > SKETCH_KEYS || o->sketch_count[i] > genes ||
                 genes > n[OUTLINE_DICTIONARY];
    }
    for (uint32_t i = 0; i < n[OUTLINE_DICTIONARY]; i++)
        is_bad |= o->weight[i] > GENE_WEIGHT_MAX;
    return !is_bad;
}

static bool counts_are_good(const uint32_t *n) {
    return n[OUTLINE_FUNCTIONS] <= MAX_FUNCTIONS &&
           (n[OUTLINE_WIDE_GENES] == 0 || n[OUTLINE_NARROW_GENES] == 0);
}

static Status damaged(uint32_t id, const char *what, Error *err) {
    return error_set(err, STATUS_CORRUPT, "the outline of sample %" PRIu32 " is damaged: %s", id,
                     what);
}

Sketch outline_sketch(const Outline *o, size_t function) {
    Sketch s = {.count = o->sketch_count[function]};
    for (unsigned k = 0; k < s.count; k++)
        s.key[k] = sketch_key(o->dictionary[outline_gene(o, o->first_gene[function] + k)]);
    return s;
}

static bool is_aligned(Bytes b) { return (uintptr_t)b.at % sizeof(uint64_t) == 0; }

Bytes outline_align(Bytes b, Arena *a) {
    if (is_aligned(b))
        return b;
    uint8_t *copy = ARENA_UNSET(a, uint8_t, b.size + 1);
    memcpy(copy, b.at, b.size);
    return (Bytes){copy, b.size};
}

Status outline_from_bytes(Bytes b, uint32_t id, Outline *out, Error *err) {
    CHECK(is_aligned(b));
    *out = (Outline){.is_go = bytes_u32_at(b, 12) == 1};
    if (b.size < HEADER_BYTES)
        return damaged(id, "too short", err);
    if (bytes_u64_at(b, 0) != checksum(b, id))
        return damaged(id, "checksum", err);
    if (bytes_u32_at(b, 8) != OUTLINE_VERSION)
        return damaged(id, "version", err);
    for (unsigned i = 0; i < OUTLINE_STORED_COUNTS; i++)
        out->counts[i] = bytes_u32_at(b, COUNTS_AT + 4 * i);
    out->counts[OUTLINE_FUNCTION_ENDS] = out->counts[OUTLINE_FUNCTIONS] + 1;
    uint64_t places[COLUMN_COUNT];
    if (!counts_are_good(out->counts) || lay_out(out->counts, places) != b.size)
        return damaged(id, "size", err);
        /* The columns lie in the bytes, and aligned: places are sums of multiples of their own size
           and of larger ones. */
#define X(column, type, count)                                                                     \
    if (out->counts[OUTLINE_##count] > 0)                                                          \
        out->column = (const type *)(const void *)(b.at + places[COLUMN_##column]);
    OUTLINE_COLUMNS(X)
#undef X
    return columns_are_whole(out) ? STATUS_OK : damaged(id, "columns", err);
}
