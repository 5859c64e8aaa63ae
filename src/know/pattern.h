/* SPDX-License-Identifier: Apache-2.0
 * pattern.h: the exact values that a STIX pattern compares with (STIX 2.1, 9). Comparisons by
 * LIKE, MATCHES, ISSUBSET, <, > and with NOT name no value and are counted only. */
#ifndef COG_KNOW_PATTERN_H
#define COG_KNOW_PATTERN_H

#include "know/know.h"

typedef void (*KnowPatternValue)(void *ctx, KnowValueKind kind, const char *text, size_t n);
/* Returns false when the pattern is no pattern; *inexact counts what names no value. */
bool know_pattern_read(const char *pattern, KnowPatternValue found, void *ctx, uint64_t *inexact);

#endif
