/* SPDX-License-Identifier: Apache-2.0
 * know_verify.h: the knowledge part of store_verify. */
#ifndef COG_STORE_KNOW_VERIFY_H
#define COG_STORE_KNOW_VERIFY_H

#include "store/know_run.h"

typedef void (*KnowProblemFound)(void *ctx, const char *text);
/* How many problems were found. */
uint64_t know_verify(EngineTxn *txn, KnowProblemFound problem, void *ctx);

#endif
