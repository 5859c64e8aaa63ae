/* SPDX-License-Identifier: Apache-2.0 */
#include "match/likeness.h"

#include <string.h>

#include "feature/gene_numbers.h"
#include "match/context.h"

/* Both dictionaries ascend. */
static uint32_t *translate(const Outline *of, const Outline *in, Arena *a) {
    size_t n = of->counts[OUTLINE_DICTIONARY], most = in->counts[OUTLINE_DICTIONARY];
    uint32_t *out = ARENA_UNSET(a, uint32_t, n + 1);
    for (size_t i = 0, k = 0; i < n; i++) {
        while (k < most && in->dictionary[k] < of->dictionary[i])
            k++;
        out[i] = k < most && in->dictionary[k] == of->dictionary[i] ? (uint32_t)k : GENE_NONE;
    }
    return out;
}

LikeSide like_side_new(const Outline *outline, const LikeSide *a, Arena *arena) {
    size_t n = outline->counts[OUTLINE_FUNCTIONS], genes = outline->counts[OUTLINE_DICTIONARY];
    LikeSide side = {.outline = outline, .arena = arena};
    if (a)
        side.to_a = translate(outline, a->outline, arena);
    side.own = ARENA_UNSET(arena, NumberSet, n + 1);
    side.group = ARENA_UNSET(arena, NumberSet, n + 1);
    side.is_made = ARENA_ARRAY(arena, bool, n + 1);
    side.seen_in = ARENA_ARRAY(arena, uint32_t, genes + 1);
    side.room = ARENA_UNSET(arena, uint32_t, genes + 1);
    return side;
}

static inline uint32_t number_of(const LikeSide *side, uint32_t gene) {
    return side->to_a ? side->to_a[gene] : gene;
}

static NumberSet keep(LikeSide *side, uint32_t count) {
    uint32_t *at = ARENA_UNSET(side->arena, uint32_t, count + 1);
    memcpy(at, side->room, count * sizeof *at);
    return (NumberSet){at, count};
}

/* A function's genes are distinct. */
static NumberSet own_set(LikeSide *side, uint32_t function) {
    const Outline *o = side->outline;
    uint32_t count = 0, end = o->first_gene[function + 1];
    for (uint32_t i = o->first_gene[function]; i < end; i++) {
        uint32_t number = number_of(side, outline_gene(o, i));
        side->room[count] = number;
        count += number != GENE_NONE;
    }
    return keep(side, count);
}

static uint32_t add_to_union(LikeSide *side, uint32_t function, uint32_t count) {
    const Outline *o = side->outline;
    uint32_t end = o->first_gene[function + 1];
    for (uint32_t i = o->first_gene[function]; i < end; i++) {
        uint32_t gene = outline_gene(o, i);
        if (side->seen_in[gene] == side->unions)
            continue;
        side->seen_in[gene] = side->unions;
        uint32_t number = number_of(side, gene);
        side->room[count] = number;
        count += number != GENE_NONE;
    }
    return count;
}

static NumberSet union_set(LikeSide *side, uint32_t function) {
    const Outline *o = side->outline;
    side->unions++;
    uint32_t count = add_to_union(side, function, 0);
    for (uint32_t i = o->first_member[function]; i < o->first_member[function + 1]; i++)
        count = add_to_union(side, o->member[i], count);
    return keep(side, count);
}

static bool has_members(const LikeSide *side, uint32_t function) {
    return side->outline->first_member[function] < side->outline->first_member[function + 1];
}

void like_need(LikeSide *side, uint32_t function) {
    if (side->is_made[function])
        return;
    side->is_made[function] = true;
    side->own[function] = own_set(side, function);
    side->group[function] =
        has_members(side, function) ? union_set(side, function) : side->own[function];
}

void like_need_all(LikeSide *side) {
    for (uint32_t i = 0; i < side->outline->counts[OUTLINE_FUNCTIONS]; i++)
        like_need(side, i);
}

LikeMarks like_marks_new(const LikeSide *a, Arena *arena) {
    size_t genes = a->outline->counts[OUTLINE_DICTIONARY];
    return (LikeMarks){.a = a,
                       .own = ARENA_ARRAY(arena, uint8_t, genes + 1),
                       .group = ARENA_ARRAY(arena, uint8_t, genes + 1)};
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
        unmark(&a->group[m->function - 1], m->group);
    }
    m->function = function + 1;
    mark(&a->own[function], a->outline->weight, m->own);
    mark(&a->group[function], a->outline->weight, m->group);
}

static uint32_t weigh_both(const NumberSet *b, const uint8_t *marks) {
    uint32_t both = 0;
    for (uint32_t i = 0; i < b->count; i++)
        both += marks[b->at[i]];
    return both;
}

float like_score(LikeMarks *m, uint32_t fa, const LikeSide *b, uint32_t fb) {
    const LikeSide *a = m->a;
    const Outline *p = a->outline, *q = b->outline;
    mark_function(m, fa);
    float own = weight_share(weigh_both(&b->own[fb], m->own), p->own_total[fa], q->own_total[fb]);
    if (!has_members(a, fa) && !has_members(b, fb))
        return own;
    return 0.5f * (own + weight_share(weigh_both(&b->group[fb], m->group), p->group_total[fa],
                                      q->group_total[fb]));
}

/* Sets of too different weights cannot be alike, whatever is in them. */
static float limit_of(uint32_t a, uint32_t b) {
    uint32_t less = a < b ? a : b, more = a < b ? b : a;
    return more ? (float)less / (float)more : 0.0f;
}

float like_limit(const LikeSide *a, uint32_t fa, const LikeSide *b, uint32_t fb) {
    const Outline *p = a->outline, *q = b->outline;
    return 0.5f * (limit_of(p->own_total[fa], q->own_total[fb]) +
                   limit_of(p->group_total[fa], q->group_total[fb]));
}
