/* SPDX-License-Identifier: Apache-2.0
 * loops.c: natural loops by dominators (Cooper, Harvey, Kennedy: A Simple, Fast Dominance
 * Algorithm, 2001), on a list instead of recursion. Code of a function that no path from its entry
 * reaches (landing pads) makes trees of its own; edges between trees are left out, so that a
 * handler that goes on in the middle of a loop does not hide it. */
#include "code/discover.h"

typedef struct Loops {
    Block *blocks;
    const uint32_t *successors; /* Code.successors */
    uint32_t count;
    uint32_t *order; /* place -> block: reverse postorder, tree by tree */
    uint32_t *place; /* block -> place */
    uint32_t *tree;  /* block -> its tree's root block + 1; 0: not visited */
    uint32_t *idom;  /* place -> place of the immediate dominator; NONE: not known yet */
    uint32_t *first_pred, *preds;
    uint64_t steps; /* left; hostile graphs make the walk up the tree quadratic */
} Loops;

#define NONE UINT32_MAX

/* Depth-first from `root`; places from `place` on. Returns the next free place. */
static uint32_t tree_walk(Loops *l, uint32_t root, uint32_t place, uint32_t *stack,
                          uint32_t *next) {
    uint32_t depth = 0, done = 0;
    stack[depth++] = root;
    l->tree[root] = root + 1;
    while (depth > 0) {
        uint32_t b = stack[depth - 1];
        if (next[b] < l->blocks[b].successor_count) {
            uint32_t to = l->successors[l->blocks[b].first_successor + next[b]++];
            if (l->tree[to] == 0) {
                l->tree[to] = root + 1;
                stack[depth++] = to;
            }
        } else {
            l->order[place + done++] = b;
            depth--;
        }
    }
    for (uint32_t i = 0; i < done / 2; i++) {
        uint32_t swap = l->order[place + i];
        l->order[place + i] = l->order[place + done - 1 - i];
        l->order[place + done - 1 - i] = swap;
    }
    return place + done;
}

static void preds_fill(Arena *a, Loops *l) {
    l->first_pred = ARENA_ARRAY(a, uint32_t, l->count + 2);
    uint32_t edges = 0;
    for (uint32_t b = 0; b < l->count; b++)
        for (uint32_t i = 0; i < l->blocks[b].successor_count; i++, edges++)
            l->first_pred[l->successors[l->blocks[b].first_successor + i] + 2]++;
    for (uint32_t b = 0; b < l->count; b++)
        l->first_pred[b + 2] += l->first_pred[b + 1];
    l->preds = ARENA_ARRAY(a, uint32_t, edges + 1);
    for (uint32_t b = 0; b < l->count; b++)
        for (uint32_t i = 0; i < l->blocks[b].successor_count; i++)
            l->preds[l->first_pred[l->successors[l->blocks[b].first_successor + i] + 1]++] = b;
}

static uint32_t intersect(Loops *l, uint32_t a, uint32_t b) {
    while (a != b && l->steps > 0) {
        l->steps--;
        if (a > b)
            a = l->idom[a];
        else
            b = l->idom[b];
    }
    return a < b ? a : b;
}

/* False when the steps ran out. */
static bool dominators_find(Loops *l) {
    for (uint32_t p = 0; p < l->count; p++)
        l->idom[p] = l->tree[l->order[p]] == l->order[p] + 1 ? p : NONE;
    for (bool changed = true; changed && l->steps > 0;) {
        changed = false;
        for (uint32_t p = 0; p < l->count; p++) {
            uint32_t b = l->order[p], idom = NONE;
            if (l->tree[b] == b + 1)
                continue;
            for (uint32_t i = l->first_pred[b]; i < l->first_pred[b + 1]; i++) {
                uint32_t from = l->preds[i];
                if (l->tree[from] != l->tree[b] || l->idom[l->place[from]] == NONE)
                    continue;
                idom = idom == NONE ? l->place[from] : intersect(l, idom, l->place[from]);
            }
            changed |= l->idom[p] != idom;
            l->idom[p] = idom;
        }
    }
    return l->steps > 0;
}

/* Whether the block at place a is on every path to place b. */
static bool dominates(Loops *l, uint32_t a, uint32_t b) {
    while (b > a && l->idom[b] != b && l->steps > 0) {
        l->steps--;
        b = l->idom[b];
    }
    return a == b;
}

uint32_t loops_find(Arena *a, Block *blocks, uint32_t count, const uint32_t *successors) {
    bool backward = false;
    for (uint32_t b = 0; b < count && !backward; b++)
        for (uint32_t i = 0; i < blocks[b].successor_count && !backward; i++)
            backward = blocks[successors[blocks[b].first_successor + i]].va <= blocks[b].va;
    if (!backward)
        return 0; /* most functions: every cycle needs an edge back */
    Loops l = {.blocks = blocks, .successors = successors, .count = count};
    /* Far more than real code takes (guess); the limit is for graphs made to be slow. */
    l.steps = 4096 + (uint64_t)count * 256;
    l.order = ARENA_ARRAY(a, uint32_t, count);
    l.place = ARENA_ARRAY(a, uint32_t, count);
    l.tree = ARENA_ARRAY(a, uint32_t, count);
    l.idom = ARENA_ARRAY(a, uint32_t, count);
    uint32_t *stack = ARENA_ARRAY(a, uint32_t, count), *next = ARENA_ARRAY(a, uint32_t, count);
    uint32_t place = 0;
    for (uint32_t b = 0; b < count; b++)
        if (l.tree[b] == 0)
            place = tree_walk(&l, b, place, stack, next);
    for (uint32_t p = 0; p < count; p++)
        l.place[l.order[p]] = p;
    preds_fill(a, &l);
    bool known = dominators_find(&l);
    uint32_t loops = 0;
    for (uint32_t b = 0; b < count; b++)
        for (uint32_t i = 0; i < blocks[b].successor_count; i++) {
            uint32_t to = successors[blocks[b].first_successor + i];
            if (l.place[to] > l.place[b] || l.tree[to] != l.tree[b] || blocks[to].is_loop_head)
                continue;
            /* Without dominators every edge against the order counts. */
            if (known && !dominates(&l, l.place[to], l.place[b]))
                continue;
            blocks[to].is_loop_head = 1;
            loops++;
        }
    return loops;
}
