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

enum { LIKE_OWN = 1, LIKE_GROUP = 2 };

LikeSide like_side_new(const Outline *outline, const LikeSide *a, Arena *arena) {
    size_t n = outline->counts[OUTLINE_FUNCTIONS], genes = outline->counts[OUTLINE_DICTIONARY];
    LikeSide side = {.outline = outline, .arena = arena};
    if (a)
        side.to_a = translate(outline, a->outline, arena);
    side.own = ARENA_UNSET(arena, NumberSet, n + 1);
    side.group = ARENA_UNSET(arena, NumberSet, n + 1);
    side.is_made = ARENA_ARRAY(arena, uint8_t, n + 1);
    side.seen_in = ARENA_ARRAY(arena, uint32_t, genes + 1);
    side.room = ARENA_UNSET(arena, uint32_t, genes + 1);
    return side;
}

static NumberSet keep(LikeSide *side, uint32_t count) {
    uint32_t *at = ARENA_UNSET(side->arena, uint32_t, count + 1);
    memcpy(at, side->room, count * sizeof *at);
    return (NumberSet){at, count};
}

/* In these loops what does not change is held in variables: as far as the compiler knows, each
 * number that is written could be it. */

/* A function's genes are distinct. */
static NumberSet own_set(LikeSide *side, uint32_t function) {
    const Outline o = *side->outline;
    const uint32_t *to_a = side->to_a;
    uint32_t *room = side->room, count = 0, end = o.first_gene[function + 1];
    for (uint32_t i = o.first_gene[function]; i < end; i++) {
        uint32_t gene = outline_gene(&o, i), number = to_a ? to_a[gene] : gene;
        room[count] = number;
        count += number != GENE_NONE;
    }
    return keep(side, count);
}

static uint32_t add_to_union(LikeSide *side, uint32_t function, uint32_t count) {
    const Outline o = *side->outline;
    const uint32_t *to_a = side->to_a;
    uint32_t *room = side->room, *seen_in = side->seen_in;
    uint32_t this = side->unions, end = o.first_gene[function + 1];
    for (uint32_t i = o.first_gene[function]; i < end; i++) {
        uint32_t gene = outline_gene(&o, i), number = to_a ? to_a[gene] : gene;
        bool is_new = seen_in[gene] != this;
        seen_in[gene] = this;
        room[count] = number;
        count += is_new && number != GENE_NONE;
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

static void need_own(LikeSide *side, uint32_t function) {
    if (!(side->is_made[function] & LIKE_OWN))
        side->own[function] = own_set(side, function);
    side->is_made[function] |= LIKE_OWN;
}

static void need_group(LikeSide *side, uint32_t function) {
    if (!(side->is_made[function] & LIKE_GROUP))
        side->group[function] =
            has_members(side, function) ? union_set(side, function) : side->own[function];
    side->is_made[function] |= LIKE_GROUP;
}

void like_need_all(LikeSide *side) {
    for (uint32_t i = 0; i < side->outline->counts[OUTLINE_FUNCTIONS]; i++) {
        need_own(side, i);
        need_group(side, i);
    }
}

LikeMarks like_marks_new(const LikeSide *a, Arena *arena) {
    size_t genes = a->outline->counts[OUTLINE_DICTIONARY];
    return (LikeMarks){.a = a,
                       .own = ARENA_ARRAY(arena, uint8_t, genes + 1),
                       .group = ARENA_ARRAY(arena, uint8_t, genes + 1)};
}

/* Marks one of the function's sets in place of that of the function before. */
static void mark(const NumberSet *sets, const uint8_t *weight, uint32_t function, uint32_t *of,
                 uint8_t *marks) {
    if (*of == function + 1)
        return;
    const NumberSet before = *of ? sets[*of - 1] : (NumberSet){0}, set = sets[function];
    for (uint32_t i = 0; i < before.count; i++)
        marks[before.at[i]] = 0;
    for (uint32_t i = 0; i < set.count; i++)
        marks[set.at[i]] = weight[set.at[i]];
    *of = function + 1;
}

static uint32_t weigh_both(const NumberSet *b, const uint8_t *marks) {
    uint32_t both = 0;
    for (uint32_t i = 0; i < b->count; i++)
        both += marks[b->at[i]];
    return both;
}

/* Sets of too different weights cannot be alike, whatever is in them. */
static float limit_of(uint32_t a, uint32_t b) {
    uint32_t less = a < b ? a : b, more = a < b ? b : a;
    return more ? (float)less / (float)more : 0.0f;
}

/* Of what groups have in common at most all that members bring is not in the functions' own. */
static float group_limit(const Outline *p, uint32_t fa, const Outline *q, uint32_t fb,
                         uint32_t own_both) {
    uint32_t a = p->group_total[fa], b = q->group_total[fb], less = a < b ? a : b;
    uint64_t both = (uint64_t)own_both + (a - p->own_total[fa]) + (b - q->own_total[fb]);
    return weight_share(both < less ? (uint32_t)both : less, a, b);
}

float like_score(LikeMarks *m, uint32_t fa, LikeSide *b, uint32_t fb, float least) {
    const Outline *p = m->a->outline, *q = b->outline;
    float limit = limit_of(p->group_total[fa], q->group_total[fb]);
    if (0.5f * (limit_of(p->own_total[fa], q->own_total[fb]) + limit) < least)
        return 0.0f;
    need_own(b, fb);
    mark(m->a->own, p->weight, fa, &m->of_own, m->own);
    uint32_t both = weigh_both(&b->own[fb], m->own);
    float own = weight_share(both, p->own_total[fa], q->own_total[fb]);
    if (!has_members(m->a, fa) && !has_members(b, fb))
        return own >= least ? own : 0.0f;
    if (0.5f * (own + group_limit(p, fa, q, fb, both)) < least)
        return 0.0f;
    need_group(b, fb);
    mark(m->a->group, p->weight, fa, &m->of_group, m->group);
    float score = 0.5f * (own + weight_share(weigh_both(&b->group[fb], m->group),
                                             p->group_total[fa], q->group_total[fb]));
    return score >= least ? score : 0.0f;
}
