/* SPDX-License-Identifier: Apache-2.0
 * retrieve.h: would a store that holds a pool find a function's true partner before exact scoring?
 * Threads: a Retrieval belongs to one. */
#ifndef COG_BENCH_FUNCTIONS_RETRIEVE_H
#define COG_BENCH_FUNCTIONS_RETRIEVE_H

#include "functions/pool.h"

typedef struct Retrieval Retrieval;
/* The pool is borrowed. */
Retrieval *retrieval_new(const Pool *pool);
void retrieval_free(Retrieval *r);
/* True when function fb of b, which is in the pool, has the same PIC hash as fa of a, or is among
 * the NEAR_SIGNATURES best by shared keys. */
bool retrieval_finds(Retrieval *r, const Case *a, uint32_t fa, const Case *b, uint32_t fb);

#endif
