/* SPDX-License-Identifier: Apache-2.0
 * discover_tail.c: which jumps of functions without a declared range leave the function. The extent
 * of a function is what lies between its start and the next one; a jump out of it is a tail call
 * when the place it goes to can be a start. New starts make new extents, so this is done in rounds.
 */
#include "code/discover.h"

typedef struct Tails {
    Discover *d;
    uint64_t *starts; /* sorted */
    size_t count;
} Tails;

size_t start_rank(const uint64_t *starts, size_t count, uint64_t va) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (starts[mid] <= va)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

Before code_before(Discover *d, uint64_t va) {
    Area *a = area_find(d, va);
    size_t off = a ? va - a->va : 0;
    if (off == 0)
        return BEFORE_NOTHING;
    if (!map_is_used(a->map[off - 1]))
        return filler_ends_at(d, a, off) ? BEFORE_FILLER : BEFORE_UNKNOWN;
    if (a->map[off - 1] == MAP_DATA)
        return BEFORE_DATA;
    for (size_t n = 1; n <= 15 && n <= off; n++) {
        uint8_t m = a->map[off - n];
        if ((m & MAP_LENGTH) != n)
            continue;
        if (!(m & MAP_FLOW))
            return BEFORE_FALLS;
        Insn in;
        if (!insn_at(d, a, off - n, &in))
            return BEFORE_UNKNOWN;
        if (in.flow == FLOW_BRANCH || in.is_conditional)
            return BEFORE_FALLS;
        if (in.flow == FLOW_CALL || in.flow == FLOW_CALL_INDIRECT)
            return BEFORE_CALL;
        return BEFORE_END;
    }
    return BEFORE_UNKNOWN;
}

static bool tail_fits(Discover *d, const Edge *e) {
    Before before = code_before(d, e->to);
    Area *a = area_find(d, e->to);
    size_t off = e->to - a->va;
    if (before == BEFORE_FALLS || is_filler(d, a, off))
        return false;
    int score = prologue_at(d, a, off);
    if (!e->conditional)
        return true;
    return score >= 4;
}

/* A jump that stays between two starts may still leave: over filler, to a prologue. */
static bool skips_filler(Discover *d, const Edge *e) {
    if (e->conditional)
        return false;
    Before before = code_before(d, e->to);
    Area *a = area_find(d, e->to);
    size_t off = e->to - a->va;
    const Isa *isa = isa_at(d, a, off);
    bool is_apart = before == BEFORE_END || (d->has_modes && before == BEFORE_DATA);
    if (isa->is_dense && is_apart && prologue_at(d, a, off) >= 8)
        return true;
    if (e->to < e->from || before != BEFORE_FILLER)
        return false;
    if (off >= isa->align && isa->is_stopper(a->bytes + off - isa->align))
        return true;
    return prologue_at(d, a, off) >= 6;
}

/* Whether `rank` starts lie at or before va. */
static bool has_rank(const Tails *t, uint64_t va, size_t rank) {
    return (rank == 0 || t->starts[rank - 1] <= va) && (rank == t->count || va < t->starts[rank]);
}

static bool tails_round(Discover *d) {
    /* On the results' arena: what is found below makes lists on scratch grow. */
    ArenaMark mark = arena_mark(d->s->arena);
    Tails t = {.d = d};
    t.starts = ARENA_ARRAY(d->s->arena, uint64_t, d->roots.count + 1);
    t.count = starts_list(d, t.starts);
    size_t found = 0;
    uint64_t *add = ARENA_ARRAY(d->s->arena, uint64_t, d->edges.count + 1);
    size_t own = 0;
    for (size_t i = 0; i < d->edges.count && !discover_is_late(d); i++) {
        const Edge *e = &d->edges.at[i];
        if (i == 0 || e->owner != d->edges.at[i - 1].owner)
            own = start_rank(t.starts, t.count, d->roots.at[e->owner].va);
        /* Most edges stay in their function: looked for elsewhere only when not there. */
        size_t to = has_rank(&t, e->to, own) ? own : start_rank(t.starts, t.count, e->to);
        if (to > 0 && t.starts[to - 1] == e->to)
            continue;
        bool stays = to == own || has_rank(&t, e->from, to);
        if (stays ? skips_filler(d, e) : tail_fits(d, e))
            add[found++] = e->to;
    }
    sort_u64(d->arena, add, found);
    found = unique_u64(add, found);
    bool any = false;
    for (size_t i = 0; i < found; i++)
        any |= root_add(d, add[i], FROM_TAIL_CALL) != NO_ROOT;
    arena_reset(d->s->arena, mark);
    flow_drain(d);
    return any;
}

void tails_add(Discover *d) {
    /* Rounds end by themselves when nothing new is found; the limit is for hostile files (guess).
     */
    enum { ROUNDS = 8 };
    for (int i = 0; i < ROUNDS && !discover_is_late(d) && tails_round(d); i++)
        ;
}
