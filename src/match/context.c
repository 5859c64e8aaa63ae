/* SPDX-License-Identifier: Apache-2.0 */
#include "match/context.h"

#include <string.h>

enum {
    /* A callee so short is often inlined at -O2 and -O3; tried on the tuning part: 0, 30, 60 (the
       best). */
    SHORT_INSNS = 60,
    MOST_CALLEES = 24, /* of one function, all levels (guess) */
    MOST_INSNS = 4000, /* of all that is taken together (guess) */
    MOST_LEVELS = 3    /* callees of callees of callees */
};

typedef struct Taken {
    uint32_t function[MOST_CALLEES + 1];
    unsigned count;
    uint32_t insns;
} Taken;

/* How many different functions call each one, at most 2. */
static uint8_t *count_callers(const Features *f, Arena *scratch) {
    size_t n = f->functions.count;
    uint8_t *callers = ARENA_ARRAY(scratch, uint8_t, n + 1);
    uint32_t *last = ARENA_ARRAY(scratch, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        for (uint32_t k = 0; k < fn->call_count; k++) {
            uint32_t callee = f->calls.at[fn->first_call + k];
            if ((callee & CALL_IS_IMPORT) || callee == i || last[callee] == i + 1)
                continue;
            last[callee] = i + 1;
            callers[callee] = (uint8_t)(callers[callee] < 2 ? callers[callee] + 1 : 2);
        }
    }
    return callers;
}

static bool is_taken(const Taken *t, uint32_t function) {
    for (unsigned i = 0; i < t->count; i++)
        if (t->function[i] == function)
            return true;
    return false;
}

static void take_callees(const Features *f, const uint8_t *callers, Taken *t) {
    unsigned from = 0;
    for (unsigned level = 0; level < MOST_LEVELS; level++) {
        unsigned to = t->count;
        for (; from < to; from++) {
            const FunctionFeature *fn = &f->functions.at[t->function[from]];
            for (uint32_t k = 0; k < fn->call_count && t->count <= MOST_CALLEES; k++) {
                uint32_t callee = f->calls.at[fn->first_call + k];
                if ((callee & CALL_IS_IMPORT) || is_taken(t, callee))
                    continue;
                const FunctionFeature *c = &f->functions.at[callee];
                if ((callers[callee] == 1 || c->instructions <= SHORT_INSNS) &&
                    t->insns + c->instructions <= MOST_INSNS) {
                    t->function[t->count++] = callee;
                    t->insns += c->instructions;
                }
            }
        }
    }
}

static GeneSet join(const Features *f, const Taken *t, Arena *arena, Arena *scratch) {
    const FunctionFeature *own = &f->functions.at[t->function[0]];
    if (t->count == 1)
        return (GeneSet){f->genes.at + own->first_gene, own->gene_count};
    ArenaMark mark = arena_mark(scratch);
    size_t n = 0;
    for (unsigned i = 0; i < t->count; i++)
        n += f->functions.at[t->function[i]].gene_count;
    uint64_t *all = ARENA_ARRAY(scratch, uint64_t, n + 1);
    n = 0;
    for (unsigned i = 0; i < t->count; i++) {
        const FunctionFeature *fn = &f->functions.at[t->function[i]];
        if (fn->gene_count)
            memcpy(all + n, f->genes.at + fn->first_gene, fn->gene_count * sizeof *all);
        n += fn->gene_count;
    }
    sort_u64(scratch, all, n);
    n = unique_u64(all, n);
    uint64_t *kept = ARENA_ARRAY(arena, uint64_t, n + 1);
    memcpy(kept, all, n * sizeof *kept);
    arena_reset(scratch, mark);
    return (GeneSet){kept, (uint32_t)n};
}

ContextSide context_side(const Features *f, Arena *arena, Arena *scratch) {
    ContextSide side = {.features = f,
                        .with_callees = ARENA_ARRAY(arena, GeneSet, f->functions.count + 1)};
    ArenaMark mark = arena_mark(scratch);
    const uint8_t *callers = count_callers(f, scratch);
    for (uint32_t i = 0; i < f->functions.count; i++) {
        Taken t = {.function = {i}, .count = 1, .insns = f->functions.at[i].instructions};
        take_callees(f, callers, &t);
        side.with_callees[i] = join(f, &t, arena, scratch);
    }
    arena_reset(scratch, mark);
    return side;
}

static float jaccard(GeneSet a, GeneSet b) {
    uint32_t i = 0, j = 0, both = 0, all = 0;
    while (i < a.count || j < b.count) {
        bool from_a = j == b.count || (i < a.count && a.genes[i] <= b.genes[j]);
        bool from_b = i == a.count || (j < b.count && b.genes[j] <= a.genes[i]);
        uint32_t weight = gene_weight(from_a ? a.genes[i] : b.genes[j]);
        both += from_a && from_b ? weight : 0;
        all += weight;
        i += from_a;
        j += from_b;
    }
    return all ? (float)both / (float)all : 0.0f;
}

static GeneSet own_genes(const Features *f, uint32_t function) {
    const FunctionFeature *fn = &f->functions.at[function];
    return (GeneSet){f->genes.at + fn->first_gene, fn->gene_count};
}

float context_likeness(const ContextSide *a, uint32_t fa, const ContextSide *b, uint32_t fb) {
    float own = jaccard(own_genes(a->features, fa), own_genes(b->features, fb));
    return 0.5f * (own + jaccard(a->with_callees[fa], b->with_callees[fb]));
}
