/* SPDX-License-Identifier: Apache-2.0
 * call_group.h: which callees are taken together with a function, because a compiler may have put
 * them into it or taken them out: those that it alone calls, and short ones. In: features. Out:
 * plain data in the arena. Measured: docs/evidence/code.md, "Context". */
#ifndef COG_FEATURE_CALL_GROUP_H
#define COG_FEATURE_CALL_GROUP_H

#include "feature/feature.h"

/* The function itself, then callees. */
enum { CONTEXT_CALLEES = 24 }; /* of one function, all levels (guess) */
typedef struct ContextGroup {
    uint32_t function[CONTEXT_CALLEES + 1];
    unsigned count;
    uint32_t insns;
} ContextGroup;
/* By function: how many different ones call it, at most 2. scratch is given back; it may be the
 * same arena. */
uint8_t *context_callers(const Features *f, Arena *arena, Arena *scratch);
ContextGroup context_group(const Features *f, const uint8_t *callers, uint32_t function);

#endif
