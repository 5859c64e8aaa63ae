/* SPDX-License-Identifier: Apache-2.0
 * secrets.h: where a function's keys, seeds and tables may lie: numbers in its code and that of its
 * callees, data they mention; private to unwrap/. Owner: scratch. Threads: one. */
#ifndef COG_UNWRAP_SECRETS_H
#define COG_UNWRAP_SECRETS_H

#include "code/code.h"
#include "value/value.h"

enum { MOST_CONSTANTS = 96, MOST_BLOBS = 48 };

typedef struct Secrets {
    uint32_t constants[MOST_CONSTANTS];
    unsigned constant_count;
    bool is_factor[MOST_CONSTANTS]; /* something is multiplied by it */
    bool small[256];                /* low bytes of numbers below 256 and their negatives */
    Bytes blobs[MOST_BLOBS];        /* to the end of the segment's bytes */
    uint64_t blob_va[MOST_BLOBS];
    unsigned blob_count;
    uint64_t steps; /* what finding them cost: budget.h */
} Secrets;

typedef struct SecretSource SecretSource;
/* Lives in a; the rest is borrowed. */
SecretSource *secret_source_new(Arena *a, const Image *image, const Code *code, Values *values);
const Secrets *secrets_of_function(SecretSource *source, const Function *f, Arena *scratch);

#endif
