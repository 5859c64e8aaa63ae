/* SPDX-License-Identifier: Apache-2.0
 * task_pool.c: a function of one configuration is searched among all functions of another: all
 * projects of the part. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions/retrieve.h"
#include "functions/tasks.h"
#include "match/match.h"

/* What two configurations differ in. */
typedef enum Axis { LEVEL, COMPILER, PROCESSOR, EVERYTHING, ANYTHING, AXES } Axis;
static const char *const AXIS_NAMES[] = {"optimisation", "compiler", "processor", "everything",
                                         "any two"};
/* A miss among strangers: the engine pairs by genes from this score on (src/match/align.c). */
static const float ENGINE_SCORE = 0.35f;

typedef struct Job {
    Axis axis;
    Config from, to;
} Job;

typedef struct Miss {
    Axis axis;
    const Case *a, *b, *other;
    uint32_t fa, fb, fother;
    float score, best;
    Rank rank;
} Miss;

typedef struct PoolTask {
    const Task *t;
    Config configs[PROCESSORS * COMPILERS * LEVELS];
    size_t config_count;
    Job *jobs;
    size_t job_count;
    pthread_mutex_t lock;
    Tally tally[AXES], aligned[AXES];
    uint64_t strangers[AXES], fooled[AXES]; /* asked among other projects only; score passed */
    Miss *misses;
    size_t miss_count, miss_cap;
    double pool_functions;
} PoolTask;

static bool differs_in(Axis axis, Config a, Config b) {
    bool p = a.processor != b.processor, c = a.compiler != b.compiler, l = a.level != b.level;
    switch (axis) {
    case LEVEL:
        return l && !p && !c;
    case COMPILER:
        return c && !p && !l;
    case PROCESSOR:
        return p && !c && !l;
    case EVERYTHING:
        return p && c && l;
    case ANYTHING:
        return p || c || l;
    case AXES:
    default:
        return false;
    }
}

static size_t count_of(const Corpus *corpus, Config config) {
    size_t n = 0;
    for (size_t i = 0; i < corpus->count; i++)
        n += config_is_equal(corpus->cases[i].config, config);
    return n;
}

/* Configurations that at least half of the projects have: a pool of two small libraries says
 * little. */
static void find_configs(PoolTask *pt) {
    const Corpus *corpus = pt->t->corpus;
    size_t left_out = 0;
    for (size_t i = 0; i < corpus->count; i++) {
        Config c = corpus->cases[i].config;
        bool is_known = c.compiler == MINGW; /* only in the table of MCRIT */
        for (size_t k = 0; k < i && !is_known; k++)
            is_known = config_is_equal(corpus->cases[k].config, c);
        if (is_known)
            continue;
        if (count_of(corpus, c) * 2 >= corpus->project_count)
            pt->configs[pt->config_count++] = c;
        else
            left_out++;
    }
    if (left_out)
        fprintf(stderr, "left out: %zu configurations that less than half of the projects have\n",
                left_out);
}

static void plan_axis(PoolTask *pt, Axis axis) {
    size_t n = pt->config_count, total = 0, at = 0, taken = 0;
    for (size_t i = 0; i < n * n; i++)
        total += differs_in(axis, pt->configs[i / n], pt->configs[i % n]);
    size_t wanted = pt->t->pairs < total ? pt->t->pairs : total;
    for (size_t i = 0; i < n * n && taken < wanted; i++) {
        Job job = {axis, pt->configs[i / n], pt->configs[i % n]};
        if (!differs_in(axis, job.from, job.to))
            continue;
        if (even_pick(taken, wanted, total) == at++) {
            pt->jobs[pt->job_count++] = job;
            taken++;
        }
    }
}

static size_t cases_of(const Corpus *corpus, Config config, const Case **out) {
    size_t n = 0;
    for (size_t i = 0; i < corpus->count; i++)
        if (config_is_equal(corpus->cases[i].config, config))
            out[n++] = &corpus->cases[i];
    return n;
}

static const Case *case_of(const Case *const *cases, size_t count, unsigned project) {
    for (size_t i = 0; i < count; i++)
        if (cases[i]->project_id == project)
            return cases[i];
    return NULL;
}

/* The function's counterpart when both count; -1 otherwise. */
static long counterpart(const Case *a, uint32_t fa, const Case *b) {
    if (!function_counts(&a->features->functions.at[fa]))
        return -1;
    long fb = case_find_same(a, fa, b);
    return fb >= 0 && function_counts(&b->features->functions.at[fb]) ? fb : -1;
}

static void add_miss(PoolTask *pt, Miss miss) {
    pthread_mutex_lock(&pt->lock);
    if (pt->miss_count == pt->miss_cap) {
        pt->miss_cap = pt->miss_cap ? pt->miss_cap * 2 : 1024;
        pt->misses = realloc(pt->misses, pt->miss_cap * sizeof *pt->misses);
    }
    pt->misses[pt->miss_count++] = miss;
    pthread_mutex_unlock(&pt->lock);
}

/* One configuration that is searched. */
typedef struct Target {
    Search *search;
    Retrieval *retrieval;
    const Case **cases;
    size_t count;
} Target;

typedef struct Result {
    Tally tally, aligned;
    uint64_t strangers, fooled;
} Result;

static void ask(PoolTask *pt, Axis axis, const Target *target, Miss q, Result *out) {
    Search *s = target->search;
    search_run(s, q.a, q.fa);
    q.axis = axis;
    q.score = similarity(q.a, q.fa, q.b, q.fb);
    float stranger = 0;
    for (size_t i = 0; i < s->count; i++) {
        const PoolFunction *p = &s->pool->at[s->hits[i].at];
        float score = s->hits[i].score;
        if (p->of->project_id != q.a->project_id && score > stranger)
            stranger = score;
        if (is_same_code(p->of, p->function, q.b, q.fb) || (p->of == q.b && p->function == q.fb))
            continue;
        if (!q.other && score >= q.score) {
            q.other = p->of;
            q.fother = p->function;
            q.best = score;
        }
        q.rank.better += score > q.score;
        q.rank.tied += score == q.score;
    }
    tally_add(&out->tally, q.rank);
    out->tally.strange += q.rank.better && q.other->project_id != q.a->project_id;
    bool is_lost = !retrieval_finds(target->retrieval, q.a, q.fa, q.b, q.fb);
    out->tally.lost += is_lost;
    out->tally.lost_first += is_lost ? rank_first(q.rank) : 0;
    out->strangers++;
    out->fooled += stranger >= ENGINE_SCORE;
    if (q.rank.better && pt->t->misses)
        add_miss(pt, q);
}

/* ---- one to one, with the call graph ---- */

/* What the best sample's alignment says for each function of a; UINT32_MAX where it says nothing.
 */
typedef struct Aligned {
    const Case *of;
    uint32_t *partner;
} Aligned;

static Aligned align_best(const Case *a, const Case *const *pool, size_t count) {
    Aligned best = {NULL, calloc(a->features->functions.count + 1, sizeof(uint32_t))};
    double best_mass = -1;
    Arena *arena = arena_new((size_t)1 << 31), *scratch = arena_new((size_t)1 << 31);
    for (size_t i = 0; i < count; i++) {
        ArenaMark mark = arena_mark(arena);
        FunctionPairVec pairs;
        double mass = 0;
        match_pairs(a->features, pool[i]->features, arena, scratch, &pairs);
        for (size_t k = 0; k < pairs.count; k++)
            mass +=
                (double)pairs.at[k].score * a->features->functions.at[pairs.at[k].a].instructions;
        if (mass > best_mass) {
            best_mass = mass;
            best.of = pool[i];
            memset(best.partner, 0xff, a->features->functions.count * sizeof *best.partner);
            for (size_t k = 0; k < pairs.count; k++)
                best.partner[pairs.at[k].a] = pairs.at[k].b;
        }
        arena_reset(arena, mark);
    }
    arena_free(arena);
    arena_free(scratch);
    return best;
}

static void add_aligned(const Aligned *al, const Miss *q, Tally *tally) {
    uint32_t partner = al->partner[q->fa];
    bool is_right =
        al->of && partner != UINT32_MAX &&
        ((al->of == q->b && partner == q->fb) || is_same_code(al->of, partner, q->b, q->fb));
    tally_add(tally, (Rank){.better = is_right ? 0 : 100});
}

/* ---- running ---- */

static size_t queries_of(const Case *a, const Case *b, Miss *out) {
    size_t n = 0;
    for (uint32_t f = 0; f < a->features->functions.count; f++) {
        long at = counterpart(a, f, b);
        if (at >= 0)
            out[n++] = (Miss){.a = a, .b = b, .fa = f, .fb = (uint32_t)at};
    }
    return n;
}

static void run_job(PoolTask *pt, const Job *job, const Target *target) {
    const Case **from = calloc(pt->t->corpus->count, sizeof *from);
    size_t from_count = cases_of(pt->t->corpus, job->from, from), most = 0, n = 0;
    for (size_t i = 0; i < from_count; i++)
        most += from[i]->features->functions.count;
    Miss *queries = calloc(most + 1, sizeof *queries);
    for (size_t i = 0; i < from_count; i++) {
        const Case *b = case_of(target->cases, target->count, from[i]->project_id);
        n += b ? queries_of(from[i], b, queries + n) : 0;
    }
    size_t wanted = pt->t->queries < n ? pt->t->queries : n;
    Result r = {.strangers = 0};
    Aligned al = {.of = NULL};
    const Case *aligned = NULL;
    for (size_t i = 0; i < wanted; i++) {
        const Miss *q = &queries[even_pick(i, wanted, n)];
        ask(pt, job->axis, target, *q, &r);
        if (pt->t->align && q->a != aligned) {
            free(al.partner);
            al = align_best(q->a, target->cases, target->count);
            aligned = q->a;
        }
        if (pt->t->align)
            add_aligned(&al, q, &r.aligned);
    }
    free(al.partner);
    free(queries);
    free(from);
    pthread_mutex_lock(&pt->lock);
    tally_merge(&pt->tally[job->axis], &r.tally);
    tally_merge(&pt->aligned[job->axis], &r.aligned);
    pt->strangers[job->axis] += r.strangers;
    pt->fooled[job->axis] += r.fooled;
    pthread_mutex_unlock(&pt->lock);
}

/* All jobs of one target configuration share its pool. */
static void run_target(void *ctx, size_t i) {
    PoolTask *pt = ctx;
    Config to = pt->configs[i];
    const Case **cases = calloc(pt->t->corpus->count, sizeof *cases);
    size_t count = cases_of(pt->t->corpus, to, cases);
    Pool *pool = pool_new(cases, count, function_counts);
    Target target = {search_new(pool), retrieval_new(pool), cases, count};
    for (size_t k = 0; k < pt->job_count; k++)
        if (config_is_equal(pt->jobs[k].to, to))
            run_job(pt, &pt->jobs[k], &target);
    pthread_mutex_lock(&pt->lock);
    pt->pool_functions += (double)pool->count;
    pthread_mutex_unlock(&pt->lock);
    search_free(target.search);
    retrieval_free(target.retrieval);
    pool_free(pool);
    free(cases);
}

/* ---- results ---- */

static void print_tally(const Task *t, const char *axis, const Tally *tally, const char *peer) {
    char set[64];
    snprintf(set, sizeof set, "%s/%s", t->set, axis);
    double n = tally->queries ? (double)tally->queries : 1.0;
    char note[32];
    snprintf(note, sizeof note, "%llu queries", (unsigned long long)tally->queries);
    row(set, "recall_at_1", tally->first / n, "share", peer, "%s", note);
    if (strcmp(peer, "cognate") != 0)
        return;
    row(set, "mrr_at_10", tally->reciprocal / n, "", peer, "%s", note);
    row(set, "first_from_other_program", (double)tally->strange / n, "share", peer, "%s", note);
    row(set, "lost_by_index", (double)tally->lost / n, "share", peer, "%s", note);
    row(set, "matches_lost_by_index", tally->first > 0 ? tally->lost_first / tally->first : 0,
        "share", peer, "of those that come first by exact scores");
}

static int worst_first(const void *x, const void *y) {
    const Miss *a = x, *b = y;
    float da = a->best - a->score, db = b->best - b->score;
    if (da != db)
        return da > db ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->fa > b->fa) - (a->fa < b->fa);
}

static void print_function(FILE *f, const Case *c, uint32_t function) {
    const FunctionFeature *fn = &c->features->functions.at[function];
    const KeyRef *names;
    size_t n = case_find_names(c, function, &names);
    fprintf(f, "\t%s %s\t%s\t%llx\t%u\t%u\t%u", c->project, config_name(c->config),
            n ? names[0].name : "?", (unsigned long long)fn->va, fn->blocks, fn->instructions,
            fn->gene_count);
}

static void write_misses(PoolTask *pt) {
    FILE *f = pt->t->misses ? fopen(pt->t->misses, "w") : NULL;
    if (!f)
        return;
    if (pt->miss_count > 1)
        qsort(pt->misses, pt->miss_count, sizeof *pt->misses, worst_first);
    fputs("axis\trank\tscore\tbest", f);
    for (unsigned i = 0; i < 3; i++) {
        const char *who = i == 0 ? "query" : i == 1 ? "right" : "found";
        fprintf(f, "\t%s\tname\tva\tblocks\tinstructions\tgenes", who);
    }
    fputc('\n', f);
    for (size_t i = 0; i < pt->miss_count; i++) {
        const Miss *m = &pt->misses[i];
        fprintf(f, "%s\t%u\t%.3f\t%.3f", AXIS_NAMES[m->axis], m->rank.better + 1, (double)m->score,
                (double)m->best);
        print_function(f, m->a, m->fa);
        print_function(f, m->b, m->fb);
        print_function(f, m->other, m->fother);
        fputc('\n', f);
    }
    fclose(f);
}

static void print_all(PoolTask *pt) {
    Tally one = {.queries = 0}, one_aligned = {.queries = 0};
    for (unsigned a = 0; a < AXES; a++) {
        if (a <= PROCESSOR) {
            tally_merge(&one, &pt->tally[a]);
            tally_merge(&one_aligned, &pt->aligned[a]);
        }
        if (pt->tally[a].queries)
            print_tally(pt->t, AXIS_NAMES[a], &pt->tally[a], "cognate");
        if (pt->aligned[a].queries)
            print_tally(pt->t, AXIS_NAMES[a], &pt->aligned[a], "cognate with call graph");
    }
    print_tally(pt->t, "overall", &one, "cognate");
    if (one_aligned.queries)
        print_tally(pt->t, "overall", &one_aligned, "cognate with call graph");
    uint64_t strangers = pt->strangers[ANYTHING], fooled = pt->fooled[ANYTHING];
    char set[64];
    snprintf(set, sizeof set, "%s/strangers only", pt->t->set);
    row(set, "passes_engine_score", strangers ? (double)fooled / (double)strangers : 0, "share",
        "cognate", "%llu queries; score %.2f", (unsigned long long)strangers, (double)ENGINE_SCORE);
    snprintf(set, sizeof set, "%s/pool", pt->t->set);
    row(set, "functions", pt->pool_functions / (double)(pt->config_count ? pt->config_count : 1),
        "functions", "cognate", "mean of %zu configurations", pt->config_count);
}

void task_pool(const Task *t) {
    PoolTask pt = {.t = t};
    pthread_mutex_init(&pt.lock, NULL);
    find_configs(&pt);
    pt.jobs = calloc(AXES * pt.config_count * pt.config_count + 1, sizeof *pt.jobs);
    for (unsigned axis = 0; axis < AXES; axis++)
        plan_axis(&pt, (Axis)axis);
    run_parallel(t->threads, pt.config_count, run_target, &pt);
    print_all(&pt);
    write_misses(&pt);
    free(pt.jobs);
    free(pt.misses);
}
