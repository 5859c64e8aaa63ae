/* SPDX-License-Identifier: Apache-2.0
 * text.h: a growing byte string with a maximum at birth.
 *   Text t = text_new(1 << 20); text_add(&t, "..."); use t.at (NUL-terminated), t.size;
 * text_free(&t). Past the maximum (or out of memory) it stops growing and `full` is set: test once
 * at the end. Owner: whoever called text_new; heap memory, for what leaves the sample's arena. */
#ifndef COG_BASE_TEXT_H
#define COG_BASE_TEXT_H

#include "base/bytes.h"
#include "base/check.h"

typedef struct Text {
    char *at; /* NULL while empty */
    size_t size, cap, max;
    bool full;
} Text;

Text text_new(size_t max_bytes);
void text_free(Text *t);
void text_clear(Text *t);
void text_add(Text *t, const char *s);
void text_add_bytes(Text *t, const void *at, size_t n);
void text_add_char(Text *t, char c);
void text_addf(Text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_add_hex(Text *t, Bytes b); /* lower-case */
void text_add_u64(Text *t, uint64_t v);
void text_add_va(Text *t, uint64_t va); /* 0x401000 */
/* t.at, or "" while empty. */
const char *text_str(const Text *t);

#endif
