/* SPDX-License-Identifier: Apache-2.0
 * task_chance.c: how often two functions of unrelated programs score this high. Every query is held
 * against all functions of a pool through its inverted index, which gives the exact weighted
 * Jaccard index of each pair; pairs from FLOOR on are scored by similarity(), the others count as
 * below. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions/tasks.h"

enum { POOL = 24000, QUERIES = 96000, BINS = 101, CLASSES = 6 };
static const float FLOOR = 0.15f;
/* By instructions of the smaller function. */
static const uint32_t CLASS_FROM[CLASSES + 1] = {10, 25, 50, 100, 200, 400, UINT32_MAX};

typedef struct Place {
    const Case *of;
    uint32_t function;
} Place;

typedef struct Counts {
    uint64_t pairs[CLASSES], at[CLASSES][BINS]; /* by score, rounded down to 0.01 */
} Counts;

typedef struct Chance {
    const Task *t;
    const char *programs; /* what they are, for the table */
    bool is_first;        /* of the table */
    Place *places;
    size_t count;
    Pool *pool;
    uint64_t of_class[CLASSES];                 /* pool functions */
    uint64_t of_project[MAX_PROJECTS][CLASSES]; /* of them */
    Counts counts;
    pthread_mutex_t lock;
} Chance;

static unsigned class_of(uint32_t instructions) {
    unsigned c = 0;
    while (c + 1 < CLASSES && instructions >= CLASS_FROM[c + 1])
        c++;
    return c;
}

typedef struct Code {
    Hash128 hash;
    uint32_t project, place;
} Code;

static int by_hash(const void *x, const void *y) {
    const Code *a = x, *b = y;
    if (a->hash.low != b->hash.low)
        return a->hash.low < b->hash.low ? -1 : 1;
    if (a->hash.high != b->hash.high)
        return a->hash.high < b->hash.high ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* Every function that may be compared: big enough, its code in one program only (what two programs
 * have word for word is shared, not chance), and the same code once. */
static void find_places(Chance *ch) {
    const Corpus *corpus = ch->t->corpus;
    size_t most = 1, n = 0;
    for (size_t i = 0; i < corpus->count; i++)
        most += corpus->cases[i].features->functions.count;
    Code *codes = calloc(most, sizeof *codes);
    Place *all = calloc(most, sizeof *all);
    ch->places = calloc(most, sizeof *ch->places);
    for (size_t i = 0; i < corpus->count; i++)
        for (uint32_t f = 0; f < corpus->cases[i].features->functions.count; f++) {
            const FunctionFeature *fn = &corpus->cases[i].features->functions.at[f];
            if (fn->instructions < CLASS_FROM[0] || (!fn->pic.low && !fn->pic.high))
                continue;
            all[n] = (Place){&corpus->cases[i], f};
            codes[n] = (Code){fn->pic, corpus->cases[i].project_id, (uint32_t)n};
            n++;
        }
    if (n > 1)
        qsort(codes, n, sizeof *codes, by_hash);
    for (size_t i = 0, next; i < n; i = next) {
        bool is_shared = false;
        for (next = i + 1; next < n && codes[next].hash.low == codes[i].hash.low &&
                           codes[next].hash.high == codes[i].hash.high;
             next++)
            is_shared |= codes[next].project != codes[i].project;
        if (!is_shared)
            ch->places[ch->count++] = all[codes[i].place];
    }
    free(codes);
    free(all);
}

static void make_pool(Chance *ch) {
    size_t n = ch->count < POOL ? ch->count : POOL;
    PoolFunction *picked = calloc(n + 1, sizeof *picked);
    for (size_t i = 0; i < n; i++) {
        const Place *p = &ch->places[even_pick(i, n, ch->count)];
        picked[i] = (PoolFunction){.of = p->of, .function = p->function};
        unsigned c = class_of(p->of->features->functions.at[p->function].instructions);
        ch->of_class[c]++;
        ch->of_project[p->of->project_id][c]++;
    }
    ch->pool = pool_from_functions(picked, n);
    free(picked);
}

/* All pairs of one query, by class; then those that share something are put where they belong. */
static void count_pairs(const Chance *ch, const Place *q, uint32_t size, Counts *out) {
    unsigned own = class_of(size);
    for (unsigned c = 0; c < CLASSES; c++) {
        uint64_t n = ch->of_class[c] - ch->of_project[q->of->project_id][c];
        out->pairs[c < own ? c : own] += n;
        out->at[c < own ? c : own][0] += n;
    }
}

static void ask(const Chance *ch, Search *s, const Place *q, Counts *out) {
    uint32_t size = q->of->features->functions.at[q->function].instructions;
    count_pairs(ch, q, size, out);
    search_share(s, q->of, q->function);
    for (size_t i = 0; i < s->touched_count; i++) {
        const PoolFunction *p = &ch->pool->at[s->touched[i]];
        float score = search_jaccard(s, s->touched[i]);
        if (score < FLOOR || p->of->project_id == q->of->project_id)
            continue;
        score = similarity(q->of, q->function, p->of, p->function);
        uint32_t other = p->of->features->functions.at[p->function].instructions;
        unsigned c = class_of(other < size ? other : size);
        unsigned bin = score > 0 ? (unsigned)(score * 100.0f + 0.0001f) : 0;
        out->at[c][bin < BINS ? bin : BINS - 1]++;
        out->at[c][0]--;
    }
    search_clear(s);
}

enum { CHUNK = 256 };

static void ask_chunk(void *ctx, size_t chunk) {
    Chance *ch = ctx;
    Counts *counts = calloc(1, sizeof *counts);
    Search *s = search_new(ch->pool);
    size_t n = ch->count < QUERIES ? ch->count : QUERIES;
    for (size_t i = chunk * CHUNK; i < (chunk + 1) * CHUNK && i < n; i++)
        ask(ch, s, &ch->places[even_pick(i, n, ch->count)], counts);
    pthread_mutex_lock(&ch->lock);
    for (unsigned c = 0; c < CLASSES; c++) {
        ch->counts.pairs[c] += counts->pairs[c];
        for (unsigned b = 0; b < BINS; b++)
            ch->counts.at[c][b] += counts->at[c][b];
    }
    pthread_mutex_unlock(&ch->lock);
    search_free(s);
    free(counts);
}

/* For each class and score: pairs, and the share of them that score at least this. */
static void write_table(const Chance *ch) {
    FILE *f = ch->t->chance ? fopen(ch->t->chance, ch->is_first ? "w" : "a") : NULL;
    if (!f)
        return;
    if (ch->is_first)
        fputs("programs,instructions_from,score_from,pairs_at_least,pairs,share\n", f);
    for (unsigned c = 0; c < CLASSES; c++) {
        uint64_t above = 0;
        for (unsigned b = BINS; b-- > 0;) {
            above += ch->counts.at[c][b];
            if (b % 5 == 0 && (float)b >= FLOOR * 100)
                fprintf(f, "%s,%u,%.2f,%llu,%llu,%.3g\n", ch->programs, CLASS_FROM[c], b / 100.0,
                        (unsigned long long)above, (unsigned long long)ch->counts.pairs[c],
                        ch->counts.pairs[c] ? (double)above / (double)ch->counts.pairs[c] : 0.0);
        }
    }
    fclose(f);
}

void task_chance(const Task *t, const char *programs, bool is_first) {
    Chance *ch = calloc(1, sizeof *ch);
    ch->t = t;
    ch->programs = programs;
    ch->is_first = is_first;
    pthread_mutex_init(&ch->lock, NULL);
    find_places(ch);
    make_pool(ch);
    size_t n = ch->count < QUERIES ? ch->count : QUERIES;
    run_parallel(t->threads, (n + CHUNK - 1) / CHUNK, ask_chunk, ch);
    uint64_t pairs = 0, above[3] = {0};
    for (unsigned c = 0; c < CLASSES; c++) {
        pairs += ch->counts.pairs[c];
        for (unsigned b = 0; b < BINS; b++)
            for (unsigned k = 0; k < 3; k++)
                above[k] += b >= 35 + 20 * k ? ch->counts.at[c][b] : 0;
    }
    char set[64];
    snprintf(set, sizeof set, "%s/chance %s", t->set, programs);
    row(set, "pairs", (double)pairs, "pairs", "cognate", "%zu functions of %u programs", ch->count,
        t->corpus->project_count);
    for (unsigned k = 0; k < 3; k++)
        row(set,
            k == 0   ? "one_in_at_0.35"
            : k == 1 ? "one_in_at_0.55"
                     : "one_in_at_0.75",
            above[k] ? (double)pairs / (double)above[k] : 0, "pairs", "cognate",
            "%llu pairs score this or more", (unsigned long long)above[k]);
    write_table(ch);
    pool_free(ch->pool);
    free(ch->places);
    free(ch);
}
