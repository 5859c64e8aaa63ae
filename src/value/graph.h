/* SPDX-License-Identifier: Apache-2.0
 * graph.h: values of one function as a graph in which equal things are one node; private to value/.
 * A node is an operation of ir.h on nodes, or one of the leaves below. Widths are canonical: values
 * of 32 and 64 bits are not told apart (the same source is compiled for both), narrower ones are
 * cut with AND; `bits` is kept for folding constants exactly. Owner: scratch, until the next
 * function. Limits: MAX_VALUES nodes, then graph_node gives 0, the one unknown node.
 */
#ifndef COG_VALUE_GRAPH_H
#define COG_VALUE_GRAPH_H

#include "base/table.h"
#include "value/ir.h"

typedef uint32_t Value; /* index of a node; 0: none */

/* Leaves, after the operations. */
enum {
    VALUE_CONST = IR_KIND_COUNT, /* imm */
    VALUE_ENTRY,                 /* what slot imm held when the function began */
    VALUE_ARG,                   /* argument number imm */
    VALUE_STACK,                 /* the stack pointer at the start plus imm */
    VALUE_PHI,                   /* in[0]: first of phi_inputs, in[1]: how many, in[2]: block */
    VALUE_RESULT,                /* what call number imm returned; in[0]: which output */
    VALUE_IMPORT,                /* address of import imm - 1 */
    VALUE_UNKNOWN,               /* nothing known; imm tells one from another */
    VALUE_KIND_COUNT
};

enum {
    /* Constant: made from the program counter, or used as an address. */
    NODE_ADDRESS = 1
};

typedef struct Node {
    /* What makes it the same as another: three whole words (key_of in graph.c). */
    uint8_t kind;
    uint8_t bits; /* width of the operation; the value is below 2^bits */
    uint8_t lane;
    uint8_t unused; /* 0 */
    Value in[3];
    uint64_t imm;
    /* What is known besides. */
    uint8_t top; /* the value is below 2^top */
    uint8_t flags;
} Node;

enum {
    /* About 3 nodes to an instruction; functions of 65,536 instructions fit. */
    MAX_VALUES = 1 << 18
};

typedef struct Graph {
    Arena *arena;
    Node *nodes;
    uint32_t count, cap;
    uint32_t *places; /* hash -> node */
    unsigned place_bits;
    VEC(Value) phi_inputs;
    Value *alias; /* of phis that turned out to be something else; NULL until graph_settle */
    uint64_t unknowns;
} Graph;

void graph_init(Graph *g, Arena *scratch, uint32_t expected);
/* The node as given, or the equal one that is there. */
Value graph_node(Graph *g, Node n);
Value graph_const(Graph *g, uint64_t value, unsigned bits);
Value graph_unknown(Graph *g);
/* Without inputs yet. */
Value graph_phi(Graph *g, uint32_t block);
static inline const Node *graph_at(const Graph *g, Value v) { return &g->nodes[v]; }
static inline bool graph_is_const(const Graph *g, Value v) {
    return g->nodes[v].kind == VALUE_CONST;
}
bool graph_is_number(const Graph *g, Value v, uint64_t value);

/* fold.c: the operation on these values, simplified. op->kind is one of the pure ones, IR_LOAD,
 * IR_FLOAT or IR_OPAQUE. */
Value fold(Graph *g, const IrOp *op, Value a, Value b, Value c);
/* v's low bits. */
Value fold_cut(Graph *g, Value v, unsigned bits);

/* Replaces phis that have one input only (besides themselves). */
void graph_settle(Graph *g);
static inline Value graph_resolve(const Graph *g, Value v) {
    while (g->alias && g->alias[v] != v)
        v = g->alias[v];
    return v;
}

#endif
