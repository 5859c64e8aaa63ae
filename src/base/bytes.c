/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

/* n is 1, 2, 4 or 8. One load each: cursors read most of what the program reads. */
static uint64_t get(const uint8_t *at, unsigned n, bool big) {
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;
    switch (n) {
    case 1:
        return *at;
    case 2:
        memcpy(&v16, at, sizeof v16);
        return big ? be16toh(v16) : le16toh(v16);
    case 4:
        memcpy(&v32, at, sizeof v32);
        return big ? be32toh(v32) : le32toh(v32);
    default:
        memcpy(&v64, at, sizeof v64);
        return big ? be64toh(v64) : le64toh(v64);
    }
}

/* How common a byte is in code and in texts (guess): a wrong answer costs time only. */
static unsigned commonness(uint8_t c) {
    if (c == 0)
        return 4;
    if (c == 0xff || c == 0x48 || c == 0x8b || c == 0x89 || strchr(" etaoinsr", c))
        return 3;
    if ((c >= 'a' && c <= 'z' && !strchr("jkqvxz", c)) || c <= 8 || (c & 0xf0) == 0xc0)
        return 2;
    return c >= 0x20 && c < 0x7f;
}

const uint8_t *bytes_find(Bytes b, Bytes what) {
    size_t rare = 0;
    if (b.size < what.size)
        return NULL;
    for (size_t i = 1; i < what.size; i++)
        rare = commonness(what.at[i]) < commonness(what.at[rare]) ? i : rare;
    const uint8_t *end = b.at + (b.size - what.size + 1);
    for (const uint8_t *at = b.at; at < end; at++) {
        at = memchr(at + rare, what.at[rare], (size_t)(end - at));
        if (!at)
            return NULL;
        at -= rare;
        if (memcmp(at, what.at, what.size) == 0)
            return at;
    }
    return NULL;
}

bool bytes_is_equal(Bytes a, Bytes b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

Cursor cursor_init(Bytes b) { return (Cursor){.bytes = b}; }

static inline uint64_t cursor_get(Cursor *c, unsigned n) {
    if (c->bad || !bytes_has(c->bytes, c->off, n)) {
        c->bad = true;
        return 0;
    }
    uint64_t v = get(c->bytes.at + c->off, n, c->big);
    c->off += n;
    return v;
}

uint8_t cursor_u8(Cursor *c) { return (uint8_t)cursor_get(c, 1); }
uint16_t cursor_u16(Cursor *c) { return (uint16_t)cursor_get(c, 2); }
uint32_t cursor_u32(Cursor *c) { return (uint32_t)cursor_get(c, 4); }
uint64_t cursor_u64(Cursor *c) { return cursor_get(c, 8); }
uint64_t cursor_word(Cursor *c, bool is_64) { return cursor_get(c, is_64 ? 8 : 4); }

uint64_t cursor_uleb(Cursor *c) {
    uint64_t v = 0;
    if (!c->bad && c->off < c->bytes.size && c->bytes.at[c->off] < 0x80) /* most are short */
        return c->bytes.at[c->off++];
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = cursor_u8(c);
        if (shift == 63 && byte > 1)
            c->bad = true;
        if (c->bad)
            return 0;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return v;
    }
    c->bad = true;
    return 0;
}

int64_t cursor_sleb(Cursor *c) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = cursor_u8(c);
        if (c->bad)
            return 0;
        if (shift < 64)
            v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            if ((byte & 0x40) && shift + 7 < 64)
                v |= ~(uint64_t)0 << (shift + 7);
            return (int64_t)v;
        }
    }
    c->bad = true;
    return 0;
}

Bytes cursor_bytes(Cursor *c, uint64_t n) {
    if (c->bad || !bytes_has(c->bytes, c->off, n)) {
        c->bad = true;
        return (Bytes){0};
    }
    Bytes b = {c->bytes.at + c->off, (size_t)n};
    c->off += (size_t)n;
    return b;
}

Bytes cursor_text(Cursor *c, size_t max) {
    Bytes rest = bytes_clip(c->bytes, c->off, max);
    const uint8_t *nul = c->bad || rest.size == 0 ? NULL : memchr(rest.at, 0, rest.size);
    if (!nul) {
        c->bad = true;
        return (Bytes){0};
    }
    size_t n = (size_t)(nul - rest.at);
    c->off += n + 1;
    return (Bytes){rest.at, n};
}

void cursor_seek(Cursor *c, uint64_t off) {
    if (off > c->bytes.size)
        c->bad = true;
    else
        c->off = (size_t)off;
}

void cursor_skip(Cursor *c, uint64_t n) {
    if (c->bad || n > c->bytes.size - c->off)
        c->bad = true;
    else
        c->off += (size_t)n;
}
