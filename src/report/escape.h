/* SPDX-License-Identifier: Apache-2.0
 * escape.h: text from hostile files, made safe to print. Names in a sample are bytes that somebody
 * else chose: terminal control sequences, text direction overrides, broken UTF-8. In: any
 * NUL-terminated bytes. Out: valid UTF-8 without controls. Bytes that are not UTF-8 stand as the
 * four characters \xNN, so that two different names stay different. */
#ifndef COG_REPORT_ESCAPE_H
#define COG_REPORT_ESCAPE_H

#include "base/text.h"

/* Reads one code point at text[*off] and moves *off past it. False when the byte there does not
 * start valid UTF-8 (overlong, surrogate, past U+10FFFF, cut off): *code is then that byte, and
 * *off moves by one. */
bool utf8_next(Bytes text, size_t *off, uint32_t *code);

/* True for what no terminal and no log viewer should be shown raw: C0 and C1 controls, DEL, line
 * and paragraph separators, direction marks and overrides, the byte order mark, other invisible
 * format characters, tags, noncharacters. */
bool code_is_unsafe(uint32_t code);

/* The inside of a JSON string, without the quotes. */
void escape_json(Bytes text, Text *out);
/* For a terminal: unsafe code points as \n \t \r or \u{202e}, other bytes as \xNN. At most
 * `columns` columns (0: all of it), cut with an ellipsis. Returns the columns used. */
unsigned escape_terminal(Bytes text, unsigned columns, Text *out);

/* Columns that a code point takes: 0 combining, 2 East Asian wide and emoji, else 1 (Unicode
 * Standard Annex 11, the wide blocks only). */
unsigned code_columns(uint32_t code);

static inline Bytes bytes_from_text(const char *s) {
    size_t n = 0;
    while (s && s[n])
        n++;
    return (Bytes){(const uint8_t *)s, n};
}

#endif
