/* SPDX-License-Identifier: Apache-2.0
 * parallel.h: work on several processors. A task sees only its own memory, what nobody writes, and
 * atomics; which thread runs it, and when, must not matter for what it gives.
 * parallel_run: independent tasks on all processors; returns when all are done. When the system
 * gives no thread, the caller's does the work.
 * Helpers: threads that were made beforehand and wait, for a place where none can be made any more
 * (a sandbox). Beside memory they ask the kernel for futexes only.
 * Portions: a job that threads take pieces of while they have time, and one waits for. */
#ifndef COG_BASE_PARALLEL_H
#define COG_BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

void parallel_run(size_t count, void (*task)(void *ctx, size_t i), void *ctx);

enum { MAX_HELPERS = 15 }; /* more find no work in one sample (guess) */
typedef struct Helpers Helpers;
/* At most MAX_HELPERS, fewer when the system gives fewer; NULL when it gives none. */
Helpers *helpers_new(size_t count);
void helpers_free(Helpers *h);          /* waits first; NULL is fine, here and below: none */
size_t helpers_count(const Helpers *h); /* 0 for NULL */
/* Every helper runs task(ctx, number) once, numbers from 1 on. Returns at once; helpers_wait comes
 * before the next start. */
void helpers_start(Helpers *h, void (*task)(void *ctx, size_t number), void *ctx);
/* Until all tasks have returned; at once when none was started. */
void helpers_wait(Helpers *h);

typedef struct Portions Portions;
/* 0 to count - 1, `portion` at a time; on a. */
Portions *portions_new(Arena *a, size_t count, size_t portion);
/* The next ones, first to end - 1; false: all are taken. */
bool portions_take(Portions *p, size_t *first, size_t *end);
/* As many of those that were taken are done. */
void portions_done(Portions *p, size_t count);
/* Some that were taken will never be done. */
void portions_give_up(Portions *p);
/* Until all are done; false when somebody gave up. */
bool portions_wait(Portions *p);

#endif
