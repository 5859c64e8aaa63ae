/* SPDX-License-Identifier: Apache-2.0
 * utf8.h: one character of UTF-8, read strictly (Unicode 15, table 3-7) and written. */
#ifndef COG_KNOW_UTF8_H
#define COG_KNOW_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `at`; 0 when it is none. */
static inline size_t utf8_length(const uint8_t *at, size_t n) {
    if (n == 0)
        return 0;
    uint8_t c = at[0];
    size_t size = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : 4;
    if (size == 4 && (c < 0xf0 || c > 0xf4))
        return 0;
    if (size > n)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && at[1] < 0xa0) || (c == 0xed && at[1] > 0x9f) || (c == 0xf0 && at[1] < 0x90) ||
        (c == 0xf4 && at[1] > 0x8f))
        return 0;
    return size;
}

/* At most 4 bytes; returns how many. */
static inline size_t utf8_write(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

#endif
