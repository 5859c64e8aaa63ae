/* SPDX-License-Identifier: Apache-2.0
 * task_talos.c: a function, its counterpart of another build, and 100 other functions; all drawn
 * with a fixed seed. The wrong ones are built as the task allows, as the right one is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions/tasks.h"

/* Their sets have 200 queries of a task; more makes the figures finer. */
enum { QUERIES = 2000, NEGATIVES = 100, TRIES = 100000, SEED = 20220810 };

typedef enum Kind { XO, XC, XC_XB, XA, XM, KINDS } Kind;
static const char *const KIND_NAMES[] = {"XO", "XC", "XC+XB", "XA", "XM"};

typedef struct Member {
    const Case *of;
    uint32_t function;
    uint64_t key; /* its first name */
} Member;

typedef struct Talos {
    const Task *t;
    Kind kind;
    Member *members; /* by key */
    size_t count;
    Rank *ranks;
    bool *is_drawn;
} Talos;

/* May b be compared with a: what the task leaves equal is equal, what it is about differs. */
static bool is_allowed(Kind kind, Config a, Config b) {
    bool p = a.processor == b.processor, c = a.compiler == b.compiler, l = a.level == b.level;
    bool intel = a.processor <= X86 && b.processor <= X86;
    switch (kind) {
    case XO:
        return p && c && !l;
    case XC:
        return p && !(c && l);
    case XC_XB:
        return intel && !(p && c && l);
    case XA:
        return !p && c && l;
    case XM:
        return !(p && c && l);
    case KINDS:
    default:
        return false;
    }
}

static int by_key(const void *x, const void *y) {
    const Member *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->of != b->of)
        return a->of < b->of ? -1 : 1;
    return (a->function > b->function) - (a->function < b->function);
}

static void find_members(Talos *ta) {
    const Corpus *corpus = ta->t->corpus;
    size_t most = 1;
    for (size_t i = 0; i < corpus->count; i++)
        most += corpus->cases[i].features->functions.count;
    ta->members = calloc(most, sizeof *ta->members);
    for (size_t i = 0; i < corpus->count; i++) {
        const Case *c = &corpus->cases[i];
        for (uint32_t f = 0; c->config.compiler != MINGW && f < c->features->functions.count; f++) {
            const KeyRef *names;
            if (function_counts(&c->features->functions.at[f]) && case_find_names(c, f, &names))
                ta->members[ta->count++] = (Member){c, f, names[0].key};
        }
    }
    if (ta->count > 1)
        qsort(ta->members, ta->count, sizeof *ta->members, by_key);
}

/* A counterpart of members[at] that the task allows; NULL when there is none. */
static const Member *draw_right(const Talos *ta, size_t at, uint64_t *seed) {
    size_t first = at, end = at, allowed = 0;
    while (first > 0 && ta->members[first - 1].key == ta->members[at].key)
        first--;
    while (end < ta->count && ta->members[end].key == ta->members[at].key)
        end++;
    Config config = ta->members[at].of->config;
    for (size_t i = first; i < end; i++)
        allowed += is_allowed(ta->kind, config, ta->members[i].of->config);
    if (allowed == 0)
        return NULL;
    size_t wanted = random_below(seed, (uint32_t)allowed);
    for (size_t i = first; i < end; i++)
        if (is_allowed(ta->kind, config, ta->members[i].of->config) && wanted-- == 0)
            return &ta->members[i];
    return NULL;
}

static void ask(void *ctx, size_t i) {
    Talos *ta = ctx;
    uint64_t seed = mix64(SEED + (uint64_t)ta->kind * QUERIES + i);
    const Member *query = NULL, *right = NULL;
    for (unsigned n = 0; n < TRIES && !right; n++) {
        size_t at = random_below(&seed, (uint32_t)ta->count);
        query = &ta->members[at];
        right = draw_right(ta, at, &seed);
    }
    if (!right)
        return;
    float score = similarity(query->of, query->function, right->of, right->function);
    Rank rank = {0};
    unsigned negatives = 0;
    for (unsigned n = 0; n < TRIES && negatives < NEGATIVES; n++) {
        const Member *other = &ta->members[random_below(&seed, (uint32_t)ta->count)];
        if (other->key == query->key ||
            !is_allowed(ta->kind, query->of->config, other->of->config) ||
            is_same_code(other->of, other->function, right->of, right->function))
            continue;
        float wrong = similarity(query->of, query->function, other->of, other->function);
        rank.better += wrong > score;
        rank.tied += wrong == score;
        negatives++;
    }
    ta->ranks[i] = rank;
    ta->is_drawn[i] = negatives == NEGATIVES;
}

void task_talos(const Task *t) {
    static Rank ranks[QUERIES];
    static bool is_drawn[QUERIES];
    Talos ta = {.t = t, .ranks = ranks, .is_drawn = is_drawn};
    find_members(&ta);
    for (unsigned kind = 0; kind < KINDS && ta.count; kind++) {
        Tally tally = {.queries = 0};
        ta.kind = (Kind)kind;
        memset(is_drawn, 0, sizeof is_drawn);
        run_parallel(t->threads, QUERIES, ask, &ta);
        for (size_t i = 0; i < QUERIES; i++)
            if (is_drawn[i])
                tally_add(&tally, ranks[i]);
        if (!tally.queries)
            continue;
        char set[64];
        snprintf(set, sizeof set, "%s/talos %s", t->set, KIND_NAMES[kind]);
        double n = (double)tally.queries;
        unsigned queries = (unsigned)tally.queries;
        row(set, "mrr_at_10", tally.reciprocal / n, "", "cognate",
            "1 right among 100 wrong; %u queries", queries);
        row(set, "recall_at_1", tally.first / n, "share", "cognate",
            "1 right among 100 wrong; %u queries", queries);
    }
    free(ta.members);
}
