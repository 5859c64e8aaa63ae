/* SPDX-License-Identifier: Apache-2.0
 * routine_token.h: what of a routine can link two samples, as 64-bit tokens like those of strings
 * and traits: the function that it computes, unless that is published as it is; and its secrets
 * (keys, seeds, alphabets, tables) that are long enough not to be met by chance. */
#ifndef COG_FEATURE_ROUTINE_TOKEN_H
#define COG_FEATURE_ROUTINE_TOKEN_H

#include "feature/feature.h"

typedef struct RoutineToken {
    uint64_t token;
    uint32_t routine;                  /* index in Features.routines */
    const RoutineParameter *parameter; /* the secret, or NULL: the function */
} RoutineToken;

/* At most this many for a sample: one for each routine and each parameter. */
static inline size_t routine_tokens_max(const Features *f) {
    return f->routines.count + f->parameters.count;
}
/* Fills out, which has room for routine_tokens_max, in the order of the routines. */
size_t routine_tokens(const Features *f, RoutineToken *out);

#endif
