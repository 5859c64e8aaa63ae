/* SPDX-License-Identifier: Apache-2.0 */
#include "functions/pool.h"

#include <stdlib.h>
#include <string.h>

float similarity(const Case *a, uint32_t fa, const Case *b, uint32_t fb) {
    return context_likeness(&a->context, fa, &b->context, fb);
}

bool is_same_code(const Case *a, uint32_t fa, const Case *b, uint32_t fb) {
    Hash128 x = a->features->functions.at[fa].pic, y = b->features->functions.at[fb].pic;
    return (x.low || x.high) && x.low == y.low && x.high == y.high;
}

/* ---- building ---- */

static int by_gene(const void *x, const void *y) {
    const Posting *a = x, *b = y;
    if (a->gene != b->gene)
        return a->gene < b->gene ? -1 : 1;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

static size_t slot_of(const Pool *p, uint64_t gene) {
    return (size_t)(mix64(gene) >> (64 - p->head_bits));
}

static uint32_t find_head(const Pool *p, uint64_t gene) {
    size_t mask = ((size_t)1 << p->head_bits) - 1;
    for (size_t slot = slot_of(p, gene); p->heads[slot]; slot = (slot + 1) & mask)
        if (p->postings[p->heads[slot] - 1].gene == gene)
            return p->heads[slot];
    return 0;
}

static void hash_genes(Pool *p) {
    for (p->head_bits = 10; (size_t)1 << p->head_bits < 2 * p->posting_count;)
        p->head_bits++;
    p->heads = calloc((size_t)1 << p->head_bits, sizeof *p->heads);
    size_t mask = ((size_t)1 << p->head_bits) - 1;
    for (size_t i = 0; i < p->posting_count; i++) {
        if (i > 0 && p->postings[i].gene == p->postings[i - 1].gene)
            continue;
        size_t slot = slot_of(p, p->postings[i].gene);
        while (p->heads[slot])
            slot = (slot + 1) & mask;
        p->heads[slot] = (uint32_t)i + 1;
    }
}

static void add_postings(Pool *p, uint32_t at) {
    PoolFunction *to = &p->at[at];
    const Features *all = to->of->features;
    const FunctionFeature *f = &all->functions.at[to->function];
    to->weight = 0;
    for (uint32_t g = 0; g < f->gene_count; g++) {
        uint64_t gene = all->genes.at[f->first_gene + g];
        unsigned weight = gene_weight(gene);
        to->weight += weight;
        if (weight)
            p->postings[p->posting_count++] = (Posting){gene, at};
    }
}

Pool *pool_from_functions(const PoolFunction *list, size_t count) {
    Pool *p = calloc(1, sizeof *p);
    size_t genes = 0;
    p->at = calloc(count + 1, sizeof *p->at);
    p->count = count;
    for (size_t i = 0; i < count; i++) {
        p->at[i] = list[i];
        genes += list[i].of->features->functions.at[list[i].function].gene_count;
    }
    p->postings = calloc(genes + 1, sizeof *p->postings);
    for (size_t i = 0; i < count; i++)
        add_postings(p, (uint32_t)i);
    if (p->posting_count > 1)
        qsort(p->postings, p->posting_count, sizeof *p->postings, by_gene);
    hash_genes(p);
    return p;
}

Pool *pool_new(const Case *const *cases, size_t count, bool (*wanted)(const FunctionFeature *)) {
    size_t functions = 0, n = 0;
    for (size_t i = 0; i < count; i++)
        functions += cases[i]->features->functions.count;
    PoolFunction *list = calloc(functions + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        for (uint32_t f = 0; f < cases[i]->features->functions.count; f++)
            if (wanted(&cases[i]->features->functions.at[f]))
                list[n++] = (PoolFunction){.of = cases[i], .function = f};
    Pool *p = pool_from_functions(list, n);
    free(list);
    return p;
}

void pool_free(Pool *p) {
    free(p->at);
    free(p->postings);
    free(p->heads);
    free(p);
}

/* ---- searching ---- */

Search *search_new(const Pool *pool) {
    Search *s = calloc(1, sizeof *s);
    s->pool = pool;
    s->shared = calloc(pool->count + 1, sizeof *s->shared);
    s->touched = calloc(pool->count + 1, sizeof *s->touched);
    return s;
}

void search_free(Search *s) {
    free(s->shared);
    free(s->touched);
    free(s);
}

void search_share(Search *s, const Case *c, uint32_t function) {
    const FunctionFeature *f = &c->features->functions.at[function];
    const Pool *p = s->pool;
    for (uint32_t g = 0; g < f->gene_count; g++) {
        uint64_t gene = c->features->genes.at[f->first_gene + g];
        unsigned weight = gene_weight(gene);
        s->weight += weight;
        uint32_t head = weight ? find_head(p, gene) : 0;
        for (size_t i = head ? head - 1 : p->posting_count;
             i < p->posting_count && p->postings[i].gene == gene; i++) {
            uint32_t owner = p->postings[i].owner;
            if (s->shared[owner] == 0)
                s->touched[s->touched_count++] = owner;
            s->shared[owner] += weight;
        }
    }
}

void search_clear(Search *s) {
    for (size_t i = 0; i < s->touched_count; i++)
        s->shared[s->touched[i]] = 0;
    s->touched_count = s->weight = 0;
}

float search_jaccard(const Search *s, uint32_t at) {
    uint32_t both = s->shared[at], all = s->weight + s->pool->at[at].weight - both;
    return all ? (float)both / (float)all : 0.0f;
}

static void insert_hit(Search *s, Hit hit) {
    size_t at = s->count < POOL_RESCORED ? s->count++ : POOL_RESCORED;
    for (; at > 0 && s->hits[at - 1].score < hit.score; at--)
        if (at < POOL_RESCORED)
            s->hits[at] = s->hits[at - 1];
    if (at < POOL_RESCORED)
        s->hits[at] = hit;
}

static int best_first(const void *x, const void *y) {
    const Hit *a = x, *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

void search_run(Search *s, const Case *c, uint32_t function) {
    s->count = 0;
    search_share(s, c, function);
    for (size_t i = 0; i < s->touched_count; i++) {
        float score = search_jaccard(s, s->touched[i]);
        if (s->count < POOL_RESCORED || score > s->hits[s->count - 1].score)
            insert_hit(s, (Hit){s->touched[i], score});
    }
    search_clear(s);
    for (size_t i = 0; i < s->count; i++) {
        const PoolFunction *p = &s->pool->at[s->hits[i].at];
        s->hits[i].score = similarity(c, function, p->of, p->function);
    }
    if (s->count > 1)
        qsort(s->hits, s->count, sizeof *s->hits, best_first);
}

float search_margin(const Search *s) {
    if (s->count == 0)
        return 0.0f;
    const PoolFunction *best = &s->pool->at[s->hits[0].at];
    for (size_t i = 1; i < s->count; i++) {
        const PoolFunction *p = &s->pool->at[s->hits[i].at];
        if (!is_same_code(p->of, p->function, best->of, best->function))
            return s->hits[0].score - s->hits[i].score;
    }
    return s->hits[0].score;
}
