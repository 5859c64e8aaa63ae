/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Text text_new(size_t max_bytes) { return (Text){.max = max_bytes}; }

void text_free(Text *t) {
    free(t->at);
    *t = (Text){.max = t->max};
}

void text_clear(Text *t) {
    t->size = 0;
    t->full = false;
    if (t->at)
        t->at[0] = 0;
}

static bool make_room(Text *t, size_t n) {
    if (t->full || n > t->max - t->size) {
        t->full = true;
        return false;
    }
    if (t->size + n + 1 <= t->cap)
        return true;
    size_t cap = t->cap ? t->cap * 2 : 256;
    while (cap < t->size + n + 1)
        cap *= 2;
    char *at = realloc(t->at, cap);
    if (!at) {
        t->full = true;
        return false;
    }
    t->at = at;
    t->cap = cap;
    return true;
}

void text_add_bytes(Text *t, const void *at, size_t n) {
    if (n == 0 || !make_room(t, n))
        return;
    memcpy(t->at + t->size, at, n);
    t->size += n;
    t->at[t->size] = 0;
}

void text_add(Text *t, const char *s) { text_add_bytes(t, s, strlen(s)); }

void text_add_char(Text *t, char c) {
    if (!make_room(t, 1))
        return;
    t->at[t->size++] = c;
    t->at[t->size] = 0;
}

void text_addf(Text *t, const char *fmt, ...) {
    char small[256];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n < sizeof small) {
        text_add_bytes(t, small, (size_t)n);
        return;
    }
    if (!make_room(t, (size_t)n))
        return;
    va_start(args, fmt);
    vsnprintf(t->at + t->size, (size_t)n + 1, fmt, args);
    va_end(args);
    t->size += (size_t)n;
}

static const char hex_digits[] = "0123456789abcdef";

void text_add_hex(Text *t, Bytes b) {
    if (b.size == 0 || b.size > SIZE_MAX / 2 || !make_room(t, 2 * b.size))
        return;
    char *to = t->at + t->size;
    for (size_t i = 0; i < b.size; i++) {
        *to++ = hex_digits[b.at[i] >> 4];
        *to++ = hex_digits[b.at[i] & 15];
    }
    *to = 0;
    t->size += 2 * b.size;
}

void text_add_u64(Text *t, uint64_t v) {
    char buf[20];
    size_t n = sizeof buf;
    do {
        buf[--n] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    text_add_bytes(t, buf + n, sizeof buf - n);
}

void text_add_va(Text *t, uint64_t va) {
    char buf[18];
    size_t n = sizeof buf;
    do {
        buf[--n] = hex_digits[va & 15];
        va >>= 4;
    } while (va);
    buf[--n] = 'x';
    buf[--n] = '0';
    text_add_bytes(t, buf + n, sizeof buf - n);
}

const char *text_str(const Text *t) { return t->at ? t->at : ""; }
