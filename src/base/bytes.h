/* SPDX-License-Identifier: Apache-2.0
 * bytes.h: a view on bytes that are not ours, and the only two ways to read them.
 *   Bytes  {at, size}: a view, never owned. Checked reads past the end give 0.
 *   Cursor sticky reader: a read past the end gives 0 and sets `bad`; parse straight through, test
 * once. Odd input: every offset and length may lie; sums that overflow are caught. Threads: plain
 * values. */
#ifndef COG_BASE_BYTES_H
#define COG_BASE_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Bytes {
    const uint8_t *at;
    size_t size;
} Bytes;

/* True when the n bytes at off lie inside. */
static inline bool bytes_has(Bytes b, uint64_t off, uint64_t n) {
    return !(off > b.size || n > b.size - off);
}

/* The n bytes at off, or an empty view when they do not all lie inside. */
static inline Bytes bytes_cut(Bytes b, uint64_t off, uint64_t n) {
    return bytes_has(b, off, n) ? (Bytes){b.at + off, (size_t)n} : (Bytes){0};
}

/* The bytes from off to the end, at most n; empty when off is past the end. */
static inline Bytes bytes_clip(Bytes b, uint64_t off, uint64_t n) {
    if (off >= b.size)
        return (Bytes){0};
    size_t left = b.size - (size_t)off;
    return (Bytes){b.at + off, n < left ? (size_t)n : left};
}

/* Little-endian reads at an offset; 0 when past the end. */
static inline uint8_t bytes_u8_at(Bytes b, uint64_t off) { return off < b.size ? b.at[off] : 0; }

static inline uint16_t bytes_u16_at(Bytes b, uint64_t off) {
    uint16_t v = 0;
    if (bytes_has(b, off, sizeof v))
        memcpy(&v, b.at + off, sizeof v);
    return le16toh(v);
}

static inline uint32_t bytes_u32_at(Bytes b, uint64_t off) {
    uint32_t v = 0;
    if (bytes_has(b, off, sizeof v))
        memcpy(&v, b.at + off, sizeof v);
    return le32toh(v);
}

static inline uint64_t bytes_u64_at(Bytes b, uint64_t off) {
    uint64_t v = 0;
    if (bytes_has(b, off, sizeof v))
        memcpy(&v, b.at + off, sizeof v);
    return le64toh(v);
}

/* Where `what` (one byte or more) stands first in b, or NULL. In real files several times as fast
 * as memmem: the byte of it that is likely to be rarest is looked for with memchr. */
const uint8_t *bytes_find(Bytes b, Bytes what);
bool bytes_is_equal(Bytes a, Bytes b);

typedef struct Cursor {
    Bytes bytes;
    size_t off;
    bool bad; /* a read or move went past the end */
    bool big; /* multi-byte reads are big-endian */
} Cursor;

Cursor cursor_init(Bytes b);
uint8_t cursor_u8(Cursor *c);
uint16_t cursor_u16(Cursor *c);
uint32_t cursor_u32(Cursor *c);
uint64_t cursor_u64(Cursor *c);
/* 32 or 64 bits wide, for formats of both classes. */
uint64_t cursor_word(Cursor *c, bool is_64);
/* LEB128; more than 64 bits of payload sets bad. */
uint64_t cursor_uleb(Cursor *c);
int64_t cursor_sleb(Cursor *c);
Bytes cursor_bytes(Cursor *c, uint64_t n);
/* Text up to (and past) a NUL; at most max bytes are looked at. Empty and bad when there is none.
 */
Bytes cursor_text(Cursor *c, size_t max);
void cursor_seek(Cursor *c, uint64_t off);
void cursor_skip(Cursor *c, uint64_t n);
static inline size_t cursor_left(const Cursor *c) { return c->bad ? 0 : c->bytes.size - c->off; }

#endif
