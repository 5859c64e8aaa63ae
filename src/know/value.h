/* SPDX-License-Identifier: Apache-2.0
 * value.h: one indicator as people write it (defanged, with a port, in capitals) to the one
 * spelling under which it is compared. */
#ifndef COG_KNOW_VALUE_H
#define COG_KNOW_VALUE_H

#include "know/know.h"

/* As feature/indicator.h: a URL of 2,048 is more than servers take. */
enum { KNOW_MAX_VALUE = 2048 };

typedef struct KnowValue {
    KnowValueKind kind;
    char text[KNOW_MAX_VALUE + 1];
} KnowValue;

/* What one written token stands for: itself, and what is part of it (the host of a URL, the port
 * beside an address). At most 4. */
typedef struct KnowValues {
    KnowValue at[4];
    size_t count;
} KnowValues;

/* kind KNOW_VALUE_OTHER: told by its form. Returns false when it is no indicator (of that kind). */
bool know_values_from_text(KnowValueKind kind, const char *text, size_t n, KnowValues *out);

/* "hxxp://a[.]example" to "http://a.example"; out has room for n + 1 bytes; returns the length. */
size_t know_refang(const char *text, size_t n, char *out);

/* Host name of two labels or more whose last label could be a top-level domain. */
bool know_is_domain(const char *text, size_t n);

/* The part after "scheme://", or all of it: what URLs are compared by. */
const char *know_url_rest(const char *url);

#endif
