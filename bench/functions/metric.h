/* SPDX-License-Identifier: Apache-2.0
 * metric.h: how the benchmarks of function matching count. Plain arithmetic, tested by
 * tests/unit/bench/test_metric.c. */
#ifndef COG_BENCH_FUNCTIONS_METRIC_H
#define COG_BENCH_FUNCTIONS_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the right function stands among the others: how many scored higher, how many the same. */
typedef struct Rank {
    uint32_t better, tied;
} Rank;

/* Probability that the right one comes first when ties are broken by lot. */
double rank_first(Rank r);
/* 1 / rank, ties at their middle; 0 beyond rank 10. */
double rank_reciprocal_10(Rank r);

typedef struct Tally {
    double first, reciprocal;
    uint64_t queries;
    uint64_t strange;  /* first match from another program */
    uint64_t lost;     /* what the index does not retrieve */
    double lost_first; /* of what would have come first: a match lost by the index */
} Tally;
void tally_add(Tally *t, Rank r);
void tally_merge(Tally *t, const Tally *other);

/* One query with its best match. */
typedef struct Answer {
    float score;
    bool is_right;
} Answer;
typedef struct Point {
    double recall, wrong, threshold;
} Point;
/* The most recall at a share of wrong answers of at most `wrong`: over all thresholds, answers at
 * or above one are given. Sorts the answers. queries >= count: those without any match count too.
 */
Point best_at_wrong_rate(Answer *answers, size_t count, size_t queries, double wrong);

/* Deterministic random numbers (splitmix64, public domain, S. Vigna). */
uint64_t random_next(uint64_t *state);
uint32_t random_below(uint64_t *state, uint32_t limit);

/* The i-th of n items taken evenly from total (n <= total). */
size_t even_pick(size_t i, size_t n, size_t total);

#endif
