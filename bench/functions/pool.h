/* SPDX-License-Identifier: Apache-2.0
 * pool.h: a set of functions that are searched, and the one place that says how alike two functions
 * are. In: cases. Out: for a query, the best of the pool by exact scores. The pool's inverted index
 * adds up the weight of shared genes with every function that shares one, which gives the exact
 * weighted Jaccard index of all; of these the best POOL_RESCORED are scored by similarity().
 * Threads: a pool is read-only once built; a Search belongs to one thread. */
#ifndef COG_BENCH_FUNCTIONS_POOL_H
#define COG_BENCH_FUNCTIONS_POOL_H

#include "functions/corpus.h"
#include "functions/metric.h"

enum { POOL_RESCORED = 48 };

/* The engine's score of two functions, 0..1. To measure another score, change this function. */
float similarity(const Case *a, uint32_t fa, const Case *b, uint32_t fb);

/* Byte-identical but for addresses: whoever finds one has found the other. */
bool is_same_code(const Case *a, uint32_t fa, const Case *b, uint32_t fb);

typedef struct PoolFunction {
    const Case *of;
    uint32_t function;
    uint32_t weight; /* of all its genes */
} PoolFunction;

typedef struct Posting {
    uint64_t gene;
    uint32_t owner;
} Posting;

typedef struct Pool {
    PoolFunction *at;
    size_t count;
    Posting *postings; /* by gene */
    size_t posting_count;
    uint32_t *heads; /* hash of the genes: posting + 1 */
    unsigned head_bits;
} Pool;

/* Of functions by case and index; copies the list. */
Pool *pool_from_functions(const PoolFunction *list, size_t count);
/* All functions that `wanted` says yes to. */
Pool *pool_new(const Case *const *cases, size_t count, bool (*wanted)(const FunctionFeature *));
void pool_free(Pool *p);

typedef struct Hit {
    uint32_t at; /* in the pool */
    float score;
} Hit;

typedef struct Search {
    const Pool *pool;
    uint32_t *shared;  /* by pool function */
    uint32_t *touched; /* pool functions that share something */
    size_t touched_count;
    uint32_t weight; /* of the query */
    Hit hits[POOL_RESCORED];
    size_t count;
} Search;

Search *search_new(const Pool *pool);
void search_free(Search *s);
/* Only the sums of shared weights: shared, touched, weight; search_clear makes room for the next.
 */
void search_share(Search *s, const Case *c, uint32_t function);
void search_clear(Search *s);
/* Best first. */
void search_run(Search *s, const Case *c, uint32_t function);
/* How sure the best hit is: its score less that of the best hit with other code. At 5 % wrong
 * answers over 20 pairs of builds of the tuning part it gives .49 right ones, the score alone .30,
 * score * margin .48, margin / (score + .1) .47. */
float search_margin(const Search *s);
/* The weighted Jaccard index by the sums. */
float search_jaccard(const Search *s, uint32_t at);

#endif
