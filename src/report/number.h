/* SPDX-License-Identifier: Apache-2.0
 * number.h: numbers as text. printf writes a comma for the point in half of the world's locales and
 * the caller of a library may have set one, so decimals are written here. */
#ifndef COG_REPORT_NUMBER_H
#define COG_REPORT_NUMBER_H

#include "base/text.h"

/* value, rounded half away from zero to `digits` (0..6) decimals; is_short drops trailing zeros.
 * Beyond 9e12 it is cut to that; NaN is 0. */
void text_add_real(Text *out, double value, unsigned digits, bool is_short);
/* 12,345,678 */
void text_add_count(Text *out, uint64_t value);
/* "1.5 MiB" */
void text_add_size(Text *out, uint64_t bytes);

/* "1 of 80,000 unrelated pairs" from -log10 of the share, rounded to one digit, after `before`;
 * nothing for 0. */
void text_add_chance(Text *t, float log10, const char *before);

#endif
