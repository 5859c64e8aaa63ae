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
    const char *mcrit;  /* CSV with MCRIT's rows of the same files, or NULL */
    const char *chance; /* file for the table of task_chance, or NULL */
    bool align;         /* also one to one with the call graph (src/match/align.c) */
} Task;

void row(const char *set, const char *metric, double value, const char *unit, const char *peer,
         const char *note, ...) __attribute__((format(printf, 6, 7)));

void task_pool(const Task *t);
/* The tasks of Marcelli et al., USENIX Security 2022 (ANCHORS 6.1): 1 right among 100 wrong ones.
 */
void task_talos(const Task *t);
/* mbedTLS builds against builds, at no more than MCRIT's share of wrong answers. */
void task_mcrit(const Task *t);
/* How often functions of unrelated programs score this high. `programs` says which; the table
 * begins with the first. */
void task_chance(const Task *t, const char *programs, bool is_first);
/* Code per second, beside a Zydis full decode of the same bytes. */
void task_speed(const Task *t);

#endif
