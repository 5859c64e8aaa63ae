/* SPDX-License-Identifier: Apache-2.0
 * shared.h: strings, traits, routines, secrets and indicators that two samples both have, letter by
 * letter. What they mean is not said here: without a store nobody knows how rare they are. */
#ifndef COG_REPORT_SHARED_H
#define COG_REPORT_SHARED_H

#include "feature/feature.h"

typedef struct SharedItem {
    const char *what; /* "string" "trait" "routine" "secret" "indicator" */
    const char *kind; /* in a */
    const char *value;
    size_t length;
    uint64_t a_va, b_va; /* UINT64_MAX: not mapped, or a trait of the whole file */
} SharedItem;

/* Shorter strings are in every program. */
enum { SHARED_STRING_BYTES = 6 };

/* Calls visit for each, in a's order, each value once. */
void shared_visit(const Features *a, const Features *b,
                  void (*visit)(void *ctx, const SharedItem *item), void *ctx);

#endif
