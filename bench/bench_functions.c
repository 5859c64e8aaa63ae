/* SPDX-License-Identifier: Apache-2.0
 * bench_functions DIR [--part tune|report] [--quick] [--tasks T] [--projects A,B] [--threads N]
 * [--mcrit CSV] [--goodware DIR] [--chance FILE] [--pairs N] [--queries N] [--align] [--misses
 * FILE]: matches the functions of the corpus in DIR (tools/functions_build.py) across compilers,
 * levels and processors, and prints CSV rows bench,set,metric,value,unit,peer,note. What is
 * counted: tests/quality/functions.md.
 * --quick: part of the configurations, pairs and queries, for tuning. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "functions/tasks.h"

void row(const char *set, const char *metric, double value, const char *unit, const char *peer,
         const char *note, ...) {
    va_list args;
    va_start(args, note);
    printf("functions,%s,%s,%.4f,%s,%s,", set, metric, value, unit, peer);
    vprintf(note, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct Options {
    const char *dir, *tasks, *goodware;
    CorpusFilter filter;
    Task task;
} Options;

static bool parse(int argc, char **argv, Options *o) {
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (name[0] != '-') {
            o->dir = name;
            continue;
        }
        if (strcmp(name, "--quick") == 0) {
            o->filter.quick = true;
            continue;
        }
        if (strcmp(name, "--align") == 0) {
            o->task.align = true;
            continue;
        }
        if (strcmp(name, "--part") == 0)
            o->filter.part = value;
        else if (strcmp(name, "--projects") == 0)
            o->filter.projects = value;
        else if (strcmp(name, "--tasks") == 0)
            o->tasks = value;
        else if (strcmp(name, "--misses") == 0)
            o->task.misses = value;
        else if (strcmp(name, "--mcrit") == 0)
            o->task.mcrit = value;
        else if (strcmp(name, "--chance") == 0)
            o->task.chance = value;
        else if (strcmp(name, "--goodware") == 0)
            o->goodware = value;
        else if (strcmp(name, "--threads") == 0)
            o->task.threads = (unsigned)atoi(value);
        else if (strcmp(name, "--pairs") == 0)
            o->task.pairs = (size_t)atol(value);
        else if (strcmp(name, "--queries") == 0)
            o->task.queries = (size_t)atol(value);
        else
            return false;
        i++;
    }
    return o->dir != NULL;
}

static void describe(const Corpus *corpus, double seconds) {
    static const char *const NAMES[] = {"x64", "x86", "arm64", "arm"};
    uint64_t truth = 0, found = 0, functions = 0, code = 0;
    for (size_t i = 0; i < corpus->count; i++) {
        truth += corpus->cases[i].truth_count;
        found += corpus->cases[i].truth_found;
        functions += corpus->cases[i].features->functions.count;
        code += corpus->cases[i].code_bytes;
    }
    fprintf(stderr,
            "%zu files of %u projects, %.1f MB code, %llu functions, %.4f of named ones found, "
            "%.1f s\n",
            corpus->count, corpus->project_count, (double)code / 1e6, (unsigned long long)functions,
            truth ? (double)found / (double)truth : 0.0, seconds);
    for (unsigned p = 0; p < PROCESSORS; p++)
        if (corpus->skipped[p])
            fprintf(stderr, "left out: %u files for %s, which is not analysed\n",
                    corpus->skipped[p], NAMES[p]);
}

int main(int argc, char **argv) {
    Options o = {.tasks = "pool", .task = {.threads = 2}};
    if (!parse(argc, argv, &o)) {
        fputs("usage: bench_functions DIR [--part P] [--quick] [--tasks T] ...\n", stderr);
        return 2;
    }
    if (!o.task.pairs)
        o.task.pairs = o.filter.quick ? 16 : 160;
    if (!o.task.queries)
        o.task.queries = o.filter.quick ? 400 : 100000;
    o.task.set = o.filter.part ? o.filter.part : "all";
    digest_init();
    double start = now_s();
    Corpus *corpus = corpus_open(o.dir, &o.filter, o.task.threads);
    o.task.corpus = corpus;
    if (!corpus || corpus->count == 0) {
        fprintf(stderr, "bench_functions: no corpus in %s\n", o.dir);
        return 1;
    }
    describe(corpus, now_s() - start);
    if (strstr(o.tasks, "pool"))
        task_pool(&o.task);
    if (strstr(o.tasks, "talos"))
        task_talos(&o.task);
    if (strstr(o.tasks, "mcrit"))
        task_mcrit(&o.task);
    if (strstr(o.tasks, "speed"))
        task_speed(&o.task);
    if (strstr(o.tasks, "chance"))
        task_chance(&o.task, "corpus", true);
    if (strstr(o.tasks, "chance") && o.goodware) {
        corpus_add_folders(corpus, o.goodware, o.task.threads); /* the other tasks have run */
        task_chance(&o.task, "corpus and goodware", false);
    }
    fprintf(stderr, "%.1f s\n", now_s() - start);
    return 0;
}
