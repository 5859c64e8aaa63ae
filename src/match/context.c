/* SPDX-License-Identifier: Apache-2.0 */
#include "match/context.h"

#include <string.h>

static GeneSet weigh(const uint64_t *genes, size_t count, Arena *arena) {
    uint8_t *weight = ARENA_ARRAY(arena, uint8_t, count + 1);
    GeneSet set = {genes, weight, (uint32_t)count, 0};
    for (size_t i = 0; i < count; i++)
        set.total += weight[i] = (uint8_t)gene_weight(genes[i]);
    return set;
}

/* Both sorted and distinct, and so is out, which has room for all. */
static size_t merge(const uint64_t *x, size_t nx, const uint64_t *y, size_t ny, uint64_t *out) {
    size_t i = 0, j = 0, n = 0;
    while (i < nx && j < ny) {
        uint64_t a = x[i], b = y[j];
        out[n++] = a < b ? a : b;
        i += a <= b;
        j += b <= a;
    }
    for (; i < nx; i++)
        out[n++] = x[i];
    for (; j < ny; j++)
        out[n++] = y[j];
    return n;
}

typedef struct Run {
    const uint64_t *at;
    size_t count;
} Run;

static GeneSet join(const Features *f, const ContextGroup *t, Arena *arena, Arena *scratch) {
    ArenaMark mark = arena_mark(scratch);
    Run runs[CONTEXT_CALLEES + 1];
    unsigned left = 0;
    for (unsigned i = 0; i < t->count; i++) {
        const FunctionFeature *fn = &f->functions.at[t->function[i]];
        if (fn->gene_count)
            runs[left++] = (Run){f->genes.at + fn->first_gene, fn->gene_count};
    }
    while (left > 1) { /* neighbours become one */
        unsigned made = 0;
        for (unsigned i = 0; i + 1 < left; i += 2) {
            size_t room = runs[i].count + runs[i + 1].count;
            uint64_t *to = ARENA_ARRAY(scratch, uint64_t, room);
            size_t n = merge(runs[i].at, runs[i].count, runs[i + 1].at, runs[i + 1].count, to);
            runs[made++] = (Run){to, n};
        }
        if (left % 2)
            runs[made++] = runs[left - 1];
        left = made;
    }
    size_t n = left ? runs[0].count : 0;
    uint64_t *kept = ARENA_ARRAY(arena, uint64_t, n + 1);
    if (n)
        memcpy(kept, runs[0].at, n * sizeof *kept);
    arena_reset(scratch, mark);
    return weigh(kept, n, arena);
}

ContextSide context_side(const Features *f, Arena *arena, Arena *scratch) {
    size_t n = f->functions.count;
    ContextSide side = {.features = f,
                        .arena = arena,
                        .own = ARENA_ARRAY(arena, GeneSet, n + 1),
                        .with_callees = ARENA_ARRAY(arena, GeneSet, n + 1),
                        .is_made = ARENA_ARRAY(arena, bool, n + 1),
                        .callers = context_callers(f, arena, scratch)};
    return side;
}

void context_need(ContextSide *side, uint32_t function, Arena *scratch) {
    if (side->is_made[function])
        return;
    side->is_made[function] = true;
    const Features *f = side->features;
    const FunctionFeature *fn = &f->functions.at[function];
    ContextGroup t = context_group(f, side->callers, function);
    side->own[function] = weigh(f->genes.at + fn->first_gene, fn->gene_count, side->arena);
    side->with_callees[function] =
        t.count > 1 ? join(f, &t, side->arena, scratch) : side->own[function];
}

void context_need_all(ContextSide *side, Arena *scratch) {
    for (uint32_t i = 0; i < side->features->functions.count; i++)
        context_need(side, i, scratch);
}

float gene_set_likeness(const GeneSet *a, const GeneSet *b) {
    uint32_t i = 0, j = 0, both = 0;
    while (i < a->count && j < b->count) {
        uint64_t x = a->genes[i], y = b->genes[j];
        both += x == y ? a->weight[i] : 0;
        i += x <= y;
        j += y <= x;
    }
    return weight_share(both, a->total, b->total);
}

static bool has_context(const ContextSide *a, uint32_t fa) {
    return a->with_callees[fa].genes != a->own[fa].genes;
}

float context_likeness(const ContextSide *a, uint32_t fa, const ContextSide *b, uint32_t fb) {
    float own = gene_set_likeness(&a->own[fa], &b->own[fb]);
    if (!has_context(a, fa) && !has_context(b, fb))
        return own;
    return 0.5f * (own + gene_set_likeness(&a->with_callees[fa], &b->with_callees[fb]));
}
