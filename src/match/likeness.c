/* SPDX-License-Identifier: Apache-2.0 */
#include "match/likeness.h"

#include <string.h>

LikeSide like_side_new(const Features *f, const LikeSide *a, Arena *arena, Arena *scratch) {
    size_t n = f->functions.count;
    LikeSide side = {.genes = gene_numbers_from_features(f, arena, scratch), .arena = arena};
    if (a)
        side.to_a = gene_numbers_translate(&side.genes, &a->genes, arena);
    side.own = ARENA_UNSET(arena, NumberSet, n + 1);
    side.with_callees = ARENA_UNSET(arena, NumberSet, n + 1);
    side.is_made = ARENA_ARRAY(arena, bool, n + 1);
    side.has_callees = ARENA_ARRAY(arena, bool, n + 1);
    side.callers = context_callers(f, arena, scratch);
    side.seen_in = ARENA_ARRAY(arena, uint32_t, side.genes.count + 1);
    side.room = ARENA_UNSET(arena, uint32_t, side.genes.count + 1);
    return side;
}

/* A's number of a gene that says something, or GENE_NONE. */
static inline uint32_t number_of(const LikeSide *side, uint32_t gene) {
    if (side->to_a)
        return side->to_a[gene];
    return side->genes.weight[gene] ? gene : GENE_NONE;
}

static NumberSet keep(LikeSide *side, uint32_t count, uint32_t total) {
    uint32_t *at = ARENA_UNSET(side->arena, uint32_t, count + 1);
    memcpy(at, side->room, count * sizeof *at);
    return (NumberSet){at, count, total};
}

/* A function's genes are distinct. */
static NumberSet own_set(LikeSide *side, const FunctionFeature *fn) {
    const uint32_t *gene = side->genes.number + fn->first_gene;
    uint32_t count = 0, total = 0;
    for (uint32_t i = 0; i < fn->gene_count; i++) {
        uint32_t number = number_of(side, gene[i]);
        total += side->genes.weight[gene[i]];
        side->room[count] = number;
        count += number != GENE_NONE;
    }
    return keep(side, count, total);
}

static NumberSet union_set(LikeSide *side, const ContextGroup *group) {
    uint32_t count = 0, total = 0, name = ++side->unions;
    for (unsigned k = 0; k < group->count; k++) {
        const FunctionFeature *fn = &side->genes.features->functions.at[group->function[k]];
        const uint32_t *gene = side->genes.number + fn->first_gene;
        for (uint32_t i = 0; i < fn->gene_count; i++) {
            if (side->seen_in[gene[i]] == name)
                continue;
            side->seen_in[gene[i]] = name;
            uint32_t number = number_of(side, gene[i]);
            total += side->genes.weight[gene[i]];
            side->room[count] = number;
            count += number != GENE_NONE;
        }
    }
    return keep(side, count, total);
}

void like_need(LikeSide *side, uint32_t function) {
    if (side->is_made[function])
        return;
    side->is_made[function] = true;
    const Features *f = side->genes.features;
    ContextGroup group = context_group(f, side->callers, function);
    side->own[function] = own_set(side, &f->functions.at[function]);
    side->has_callees[function] = group.count > 1;
    side->with_callees[function] = group.count > 1 ? union_set(side, &group) : side->own[function];
}

void like_need_all(LikeSide *side) {
    for (uint32_t i = 0; i < side->genes.features->functions.count; i++)
        like_need(side, i);
}

LikeMarks like_marks_new(const LikeSide *a, Arena *arena) {
    return (LikeMarks){.a = a,
                       .own = ARENA_ARRAY(arena, uint8_t, a->genes.count + 1),
                       .with_callees = ARENA_ARRAY(arena, uint8_t, a->genes.count + 1)};
}

static void mark(const NumberSet *set, const uint8_t *weight, uint8_t *marks) {
    for (uint32_t i = 0; i < set->count; i++)
        marks[set->at[i]] = weight[set->at[i]];
}

static void unmark(const NumberSet *set, uint8_t *marks) {
    for (uint32_t i = 0; i < set->count; i++)
        marks[set->at[i]] = 0;
}

static void mark_function(LikeMarks *m, uint32_t function) {
    if (m->function == function + 1)
        return;
    const LikeSide *a = m->a;
    if (m->function) {
        unmark(&a->own[m->function - 1], m->own);
        unmark(&a->with_callees[m->function - 1], m->with_callees);
    }
    m->function = function + 1;
    mark(&a->own[function], a->genes.weight, m->own);
    mark(&a->with_callees[function], a->genes.weight, m->with_callees);
}

static float share(const NumberSet *a, const NumberSet *b, const uint8_t *marks) {
    uint32_t both = 0;
    for (uint32_t i = 0; i < b->count; i++)
        both += marks[b->at[i]];
    return weight_share(both, a->total, b->total);
}

float like_score(LikeMarks *m, uint32_t fa, const LikeSide *b, uint32_t fb) {
    const LikeSide *a = m->a;
    mark_function(m, fa);
    float own = share(&a->own[fa], &b->own[fb], m->own);
    if (!a->has_callees[fa] && !b->has_callees[fb])
        return own;
    return 0.5f * (own + share(&a->with_callees[fa], &b->with_callees[fb], m->with_callees));
}

/* Sets of too different weights cannot be alike, whatever is in them. */
static float limit_of(const NumberSet *a, const NumberSet *b) {
    uint32_t less = a->total < b->total ? a->total : b->total;
    uint32_t more = a->total < b->total ? b->total : a->total;
    return more ? (float)less / (float)more : 0.0f;
}

float like_limit(const LikeSide *a, uint32_t fa, const LikeSide *b, uint32_t fb) {
    return 0.5f * (limit_of(&a->own[fa], &b->own[fb]) +
                   limit_of(&a->with_callees[fa], &b->with_callees[fb]));
}
