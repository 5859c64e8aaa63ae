/* SPDX-License-Identifier: Apache-2.0
 * parallel.h: independent tasks on all processors. A task sees only its own memory and what nobody
 * writes; which thread runs it, and when, must not matter for what it gives. Returns when all are
 * done. When the system gives no thread, the caller's does the work. */
#ifndef COG_BASE_PARALLEL_H
#define COG_BASE_PARALLEL_H

#include <stddef.h>

void parallel_run(size_t count, void (*task)(void *ctx, size_t i), void *ctx);

#endif
