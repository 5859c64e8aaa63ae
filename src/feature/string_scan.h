/* SPDX-License-Identifier: Apache-2.0
 * string_scan.h: runs of text in bytes, and whether a run is text or chance (see
 * docs/evidence/strings.md). In: any bytes. Out: visits in order of offset, per encoding. Linear
 * time, no memory. Threads: pure functions. */
#ifndef COG_FEATURE_STRING_SCAN_H
#define COG_FEATURE_STRING_SCAN_H

#include "base/bytes.h"

typedef struct TextRun {
    size_t off, size; /* bytes within what was scanned */
    bool is_wide;     /* UTF-16 */
    bool has_foreign; /* characters beyond ASCII */
    bool is_closed;   /* a zero character (wide: below 0x20) stands behind it */
    bool is_opened;   /* the same, or nothing, stands before it */
} TextRun;

typedef void (*TextVisit)(void *ctx, const TextRun *run);

/* Least characters of a run. Four are a string only where code or a pointer mentions them; five is
 * where chance, at 1 in 150 positions of random bytes, becomes filterable (string_noise.c). */
enum { MIN_TEXT_CHARS = 4, MIN_LONE_CHARS = 5 };

/* Printable ASCII with tab, and well-formed UTF-8 beyond it. Line ends end a run. */
void scan_bytes(Bytes b, TextVisit visit, void *ctx);
/* UTF-16 at even and odd offsets, in the given byte order: first all even ones. */
void scan_wide(Bytes b, bool big_endian, TextVisit visit, void *ctx);

/* True when a run that nothing mentions looks like text. `text` is UTF-8. */
bool text_is_likely(const char *text, size_t size, bool is_delimited);

/* Eighths of a bit that the letters of a text speak for words of programs (+) or for letters that
 * came together by chance (-); letters: how many. Single letters say nothing. Words of 250 programs
 * of Debian 12 and of Python wheels (tools/word_noise.py). */
int text_word_odds(const char *text, size_t size, size_t *letters);

/* Length of the well-formed UTF-8 character beyond ASCII at p (n bytes left), else 0. */
size_t utf8_foreign_size(const uint8_t *p, size_t n);

#endif
