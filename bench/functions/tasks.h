/* SPDX-License-Identifier: Apache-2.0
 * tasks.h: the benchmarks of function matching, one function each; tests/quality/functions.md says
 * what they count. Each prints rows bench,set,metric,value,unit,peer,note to standard output. */
#ifndef COG_BENCH_FUNCTIONS_TASKS_H
#define COG_BENCH_FUNCTIONS_TASKS_H

#include "functions/pool.h"

typedef struct Task {
    const Corpus *corpus;
    const char *set; /* first part of the rows' set: "tune", "report" */
    unsigned threads;
    size_t pairs;       /* of configurations on each axis, at most */
    size_t queries;     /* of one pair of configurations, at most */
    const char *misses; /* file to write the misses to, or NULL */
    bool align;         /* also one to one with the call graph (src/match/align.c) */
} Task;

void row(const char *set, const char *metric, double value, const char *unit, const char *peer,
         const char *note, ...) __attribute__((format(printf, 6, 7)));

void task_pool(const Task *t);

#endif
