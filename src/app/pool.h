/* SPDX-License-Identifier: Apache-2.0
 * pool.h: many inputs, --jobs workers, results in input order.
 *
 *   main process (store, printing) <- one pipe <- pool process (walks, opens, forks) <- workers
 *
 * The pool is a process of its own, made before a store is open, so that no worker ever has a
 * store's memory or descriptors to inherit. Both ends die with the main process. Memory: a worker
 * that is far ahead of the result that is due stops being read (its clock stops too). */
#ifndef COG_APP_POOL_H
#define COG_APP_POOL_H

#include <cognate/cognate.h>

typedef struct Pool Pool;

typedef struct PoolOptions {
    const char *const *paths; /* files, folders, "-" */
    size_t count;
    CogOptions analyse;
    unsigned jobs;
    bool verbose; /* show what workers say on stderr */
} PoolOptions;

typedef struct PoolItem {
    CogResult *result; /* the caller's to free */
    size_t argument;   /* index of the path it came from */
    uint64_t done, known;
    bool is_known_final; /* `known` will not grow */
} PoolItem;

typedef enum PoolState { POOL_ITEM, POOL_END, POOL_BROKEN, POOL_INTERRUPTED } PoolState;

/* Ends the program when the system has no process left. The options are borrowed. */
Pool *pool_start(const PoolOptions *options);
/* POOL_INTERRUPTED: a signal came; ask again to go on. */
PoolState pool_next(Pool *p, PoolItem *out);
void pool_close(Pool *p);

/* In the pool process: never returns. */
__attribute__((noreturn)) void pool_main(const PoolOptions *options, int out);

/* The head of a message from the pool: then path_size bytes of the path, then the result. */
typedef struct PoolHead {
    uint64_t size; /* of the result; 0: the end */
    uint64_t path_size, argument, done, known, is_known_final;
} PoolHead;

#endif
