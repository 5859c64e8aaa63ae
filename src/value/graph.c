/* SPDX-License-Identifier: Apache-2.0 */
#include "value/graph.h"

#include <string.h>

static uint64_t node_hash(const Node *n) {
    uint64_t h = (uint64_t)n->kind | (uint64_t)n->bits << 8 | (uint64_t)n->lane << 16 |
                 (uint64_t)n->in[0] << 32;
    return mix64(h ^ mix64(n->imm + ((uint64_t)n->in[1] << 32 | n->in[2])));
}

static bool node_equal(const Node *a, const Node *b) {
    return a->kind == b->kind && a->bits == b->bits && a->lane == b->lane && a->imm == b->imm &&
           a->in[0] == b->in[0] && a->in[1] == b->in[1] && a->in[2] == b->in[2];
}

void graph_init(Graph *g, Arena *scratch, uint32_t expected) {
    *g = (Graph){.arena = scratch, .phi_inputs = {.max = 4 * MAX_VALUES}};
    g->place_bits = 8;
    while (g->place_bits < 19 && (uint32_t)1 << g->place_bits < 2 * expected)
        g->place_bits++;
    g->cap = (uint32_t)1 << (g->place_bits - 1);
    g->nodes = ARENA_ARRAY(scratch, Node, g->cap);
    g->places = ARENA_ARRAY(scratch, uint32_t, (size_t)1 << g->place_bits);
    g->nodes[0] = (Node){.kind = VALUE_UNKNOWN, .bits = 64, .top = 64};
    g->count = 1;
}

static uint32_t *place_of(const Graph *g, const Node *n) {
    size_t last = ((size_t)1 << g->place_bits) - 1;
    size_t i = (size_t)(node_hash(n) >> (64 - g->place_bits));
    while (g->places[i] != 0 && !node_equal(&g->nodes[g->places[i]], n))
        i = (i + 1) & last;
    return &g->places[i];
}

static void graph_grow(Graph *g) {
    g->nodes = arena_grow(g->arena, g->nodes, g->cap * sizeof(Node), 2 * g->cap * sizeof(Node));
    g->cap *= 2;
    g->place_bits++;
    g->places = ARENA_ARRAY(g->arena, uint32_t, (size_t)1 << g->place_bits);
    for (uint32_t i = 1; i < g->count; i++)
        *place_of(g, &g->nodes[i]) = i;
}

Value graph_node(Graph *g, Node n) {
    uint32_t *place = place_of(g, &n);
    if (*place) {
        g->nodes[*place].flags |= n.flags;
        return *place;
    }
    if (g->count >= MAX_VALUES)
        return 0;
    if (g->count == g->cap) {
        graph_grow(g);
        place = place_of(g, &n);
    }
    if (n.top == 0 || n.top > n.bits)
        n.top = n.bits;
    g->nodes[g->count] = n;
    *place = g->count;
    return g->count++;
}

Value graph_const(Graph *g, uint64_t value, unsigned bits) {
    value &= ir_mask(bits);
    unsigned top = 64 - (value ? (unsigned)__builtin_clzll(value) : 64);
    return graph_node(
        g, (Node){.kind = VALUE_CONST, .bits = 64, .imm = value, .top = (uint8_t)(top ? top : 1)});
}

Value graph_unknown(Graph *g) {
    return graph_node(g, (Node){.kind = VALUE_UNKNOWN, .bits = 64, .imm = ++g->unknowns});
}

bool graph_is_number(const Graph *g, Value v, uint64_t value) {
    const Node *n = &g->nodes[v];
    return n->kind == VALUE_CONST && n->imm == value;
}

/* The one value that a phi stands for, itself when there are several. */
static Value phi_single(const Graph *g, Value phi) {
    const Node *n = &g->nodes[phi];
    Value single = phi;
    for (uint32_t i = 0; i < n->in[1]; i++) {
        Value v = graph_resolve(g, g->phi_inputs.at[n->in[0] + i]);
        if (v == phi || v == single)
            continue;
        if (single != phi)
            return phi;
        single = v;
    }
    return single;
}

void graph_settle(Graph *g) {
    enum { ROUNDS = 4 }; /* nested loops deeper than that keep a phi too much */
    g->alias = ARENA_ARRAY(g->arena, Value, g->count);
    for (uint32_t i = 0; i < g->count; i++)
        g->alias[i] = i;
    bool changed = true;
    for (int round = 0; changed && round < ROUNDS; round++) {
        changed = false;
        for (uint32_t i = 1; i < g->count; i++) {
            if (g->nodes[i].kind != VALUE_PHI || g->alias[i] != i)
                continue;
            Value single = phi_single(g, i);
            g->alias[i] = single;
            changed = changed || single != i;
        }
    }
}
