/* SPDX-License-Identifier: Apache-2.0
 * label.h: what may stand in a label. Labels end up in reports, in other people's tools and on
 * terminals, so they are checked where they come in. */
#ifndef COG_APP_LABEL_H
#define COG_APP_LABEL_H

#include <stdbool.h>
#include <stddef.h>

enum { MAX_LABEL_BYTES = 256 };

/* 1..256 bytes of valid UTF-8 without control characters, not only blanks. */
bool label_is_valid(const char *text);
/* "2024-03-11" or "2024-03-11T08:00:00Z", a day that exists. */
bool label_is_date(const char *text);
/* Bytes of the code point at text (NUL-terminated) when it is valid UTF-8 that a terminal may be
 * shown; 0 otherwise. */
size_t printable_bytes(const char *text);

#endif
