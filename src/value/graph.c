/* SPDX-License-Identifier: Apache-2.0 */
#include "value/graph.h"

#include <stddef.h>
#include <string.h>

/* What makes a node what it is. */
typedef struct Key {
    uint64_t what, in, imm;
} Key;
_Static_assert(offsetof(Node, in) == 4 && offsetof(Node, imm) == 16 && offsetof(Node, top) == 24,
               "the first three words are the key, without gaps");

/* Word by word: the compiler keeps them in registers. */
static Key key_of(const Node *n) {
    uint64_t word[3];
    memcpy(&word[0], (const uint8_t *)n, sizeof *word);
    memcpy(&word[1], (const uint8_t *)n + sizeof *word, sizeof *word);
    memcpy(&word[2], (const uint8_t *)n + 2 * sizeof *word, sizeof *word);
    return (Key){word[0], word[1], word[2]};
}

/* Only places depend on it, no result does; its top bits are used. Multipliers: of the golden ratio
 * and of mix64. */
static uint64_t key_hash(Key k) {
    uint64_t h = (k.what * 0x9e3779b97f4a7c15ULL) ^ (k.in * 0xc4ceb9fe1a85ec53ULL) ^
                 (k.imm * 0xff51afd7ed558ccdULL);
    return (h ^ h >> 32) * 0x9e3779b97f4a7c15ULL;
}

static bool key_is_of(Key k, const Node *n) {
    Key other = key_of(n);
    return ((k.what ^ other.what) | (k.in ^ other.in) | (k.imm ^ other.imm)) == 0;
}

void graph_init(Graph *g, Arena *scratch, uint32_t expected) {
    *g = (Graph){.arena = scratch, .phi_inputs = {.max = 4 * MAX_VALUES}};
    g->place_bits = 6;
    while (g->place_bits < 19 && (uint32_t)1 << g->place_bits < 2 * expected)
        g->place_bits++;
    g->cap = (uint32_t)1 << (g->place_bits - 1);
    g->nodes = ARENA_UNSET(scratch, Node, g->cap);
    g->places = ARENA_ARRAY(scratch, uint32_t, (size_t)1 << g->place_bits);
    g->nodes[0] = (Node){.kind = VALUE_UNKNOWN, .bits = 64, .top = 64};
    g->count = 1;
}

static uint32_t *place_of(const Graph *g, const Node *n) {
    Key key = key_of(n);
    size_t last = ((size_t)1 << g->place_bits) - 1;
    size_t i = (size_t)(key_hash(key) >> (64 - g->place_bits));
    while (g->places[i] != 0 && !key_is_of(key, &g->nodes[g->places[i]]))
        i = (i + 1) & last;
    return &g->places[i];
}

/* Nobody asks for its equal: it is not in the table. */
static bool is_unique(const Node *n) { return n->kind == VALUE_PHI || n->kind == VALUE_UNKNOWN; }

static void graph_grow(Graph *g) {
    g->nodes = arena_grow(g->arena, g->nodes, g->cap * sizeof(Node), 2 * g->cap * sizeof(Node));
    g->cap *= 2;
    g->place_bits++;
    g->places = ARENA_ARRAY(g->arena, uint32_t, (size_t)1 << g->place_bits);
    for (uint32_t i = 1; i < g->count; i++)
        if (!is_unique(&g->nodes[i]))
            *place_of(g, &g->nodes[i]) = i;
}

static Value append(Graph *g, Node n) {
    if (n.top == 0 || n.top > n.bits)
        n.top = n.bits;
    g->nodes[g->count] = n;
    return g->count++;
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
    return *place = append(g, n);
}

/* A node that is no other's equal (is_unique): imm is a fresh number. */
static Value unique_node(Graph *g, Node n) {
    n.imm = ++g->unknowns;
    if (g->count >= MAX_VALUES)
        return 0;
    if (g->count == g->cap)
        graph_grow(g);
    return append(g, n);
}

Value graph_const(Graph *g, uint64_t value, unsigned bits) {
    value &= ir_mask(bits);
    unsigned top = 64 - (value ? (unsigned)__builtin_clzll(value) : 64);
    return graph_node(
        g, (Node){.kind = VALUE_CONST, .bits = 64, .imm = value, .top = (uint8_t)(top ? top : 1)});
}

Value graph_unknown(Graph *g) { return unique_node(g, (Node){.kind = VALUE_UNKNOWN, .bits = 64}); }

Value graph_phi(Graph *g, uint32_t block) {
    return unique_node(g, (Node){.kind = VALUE_PHI, .bits = 64, .in = {0, 0, block}});
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
    g->alias = ARENA_UNSET(g->arena, Value, g->count);
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
