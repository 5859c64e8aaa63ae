/* SPDX-License-Identifier: Apache-2.0
 * gene.c: Weisfeiler-Lehman labels of values, gathered at what can be observed of them. Which kinds
 * there are, and which were tried and left out, was decided by measurement: docs/evidence/code.md.
 */
#include "value/gene.h"

#include <string.h>

#include "base/digest.h"
#include "value/address.h"

enum {
    DEPTHS = 3, /* labels of 0, 1 and 2 operations */
    /* Distinct genes that are gathered before the smallest MAX_FUNCTION_GENES are kept. It bounds
     * the time that constants made to collide can cost: 16,384 steps for each gene. */
    MAX_GATHERED = 4 * MAX_FUNCTION_GENES
};

struct Genes {
    Addresses *addresses;
};

/* Labels of one node: with its constants, and with their classes only. */
typedef struct Labels {
    uint64_t exact[DEPTHS], shape[DEPTHS];
} Labels;

typedef struct Gather {
    Genes *x;
    const ValueFunction *f;
    const Graph *g;
    Labels *labels;
    uint32_t *live; /* nodes, in order of being found */
    uint32_t live_count;
    bool *is_live;
    Arena *scratch;
    /* Open addressing by the top bits: read from start to end, it is sorted but for a few
     * neighbours. */
    uint64_t *slots; /* 0: free */
    uint32_t *times; /* of the same places: how often a counted gene was met */
    unsigned bits;
    size_t count;
} Gather;

/* ---- the set ---- */

static void table_new(Gather *g, unsigned bits) {
    g->bits = bits;
    g->slots = ARENA_ARRAY(g->scratch, uint64_t, (size_t)1 << bits);
    g->times = ARENA_ARRAY(g->scratch, uint32_t, (size_t)1 << bits);
}

static size_t table_place(const Gather *g, uint64_t gene) {
    size_t last = ((size_t)1 << g->bits) - 1;
    size_t i = (size_t)(gene >> (64 - g->bits));
    while (g->slots[i] != 0 && g->slots[i] != gene)
        i = (i + 1) & last;
    return i;
}

static void table_grow(Gather *g) {
    const uint64_t *old = g->slots;
    const uint32_t *times = g->times;
    size_t cap = (size_t)1 << g->bits;
    table_new(g, g->bits + 1);
    for (size_t i = 0; i < cap; i++)
        if (old[i] != 0) {
            size_t at = table_place(g, old[i]);
            g->slots[at] = old[i];
            g->times[at] = times[i];
        }
}

/* Whether a gene is new cannot be foretold, so nothing branches on it. False when there is no room.
 */
static bool table_put(Gather *g, size_t at, uint64_t gene) {
    bool is_new = g->slots[at] == 0;
    if (g->count >= MAX_GATHERED && is_new)
        return false;
    g->slots[at] = gene;
    g->count += is_new;
    return true;
}

static void table_add(Gather *g, uint64_t gene) {
    if (table_put(g, table_place(g, gene), gene) && g->count * 2 > (size_t)1 << g->bits)
        table_grow(g);
}

/* How often it is there now; 0 when there is no room. */
static uint32_t table_count(Gather *g, uint64_t gene) {
    size_t at = table_place(g, gene);
    if (!table_put(g, at, gene))
        return 0;
    uint32_t times = ++g->times[at];
    if (g->count * 2 > (size_t)1 << g->bits)
        table_grow(g);
    return times;
}

static uint64_t gene_of(GeneKind kind, uint64_t a, uint64_t b) {
    return (mix64(mix64(a + ((uint64_t)kind << 56)) + b) & ~(uint64_t)15) | (uint64_t)kind;
}

static void add(Gather *g, GeneKind kind, uint64_t a, uint64_t b) {
    table_add(g, gene_of(kind, a, b));
}

/* A gene that is there four times and one that is there sixteen times are genes of their own: the
 * set remembers about how often. */
static void add_counted(Gather *g, GeneKind kind, uint64_t a, uint64_t b) {
    uint64_t gene = gene_of(kind, a, b);
    uint32_t count = table_count(g, gene);
    if (count == 4 || count == 16)
        table_add(g, gene_of(kind, gene, count));
}

/* The table in order, the few neighbours that stand wrong put right afterwards. out has room for
 * one more than there are. */
static size_t collect(const Gather *g, uint64_t *out) {
    size_t n = 0;
    for (size_t i = 0; i < (size_t)1 << g->bits; i++) {
        out[n] = g->slots[i];
        n += g->slots[i] != 0;
    }
    for (size_t i = 1; i < n; i++) {
        uint64_t gene = out[i];
        size_t at = i;
        for (; at > 0 && out[at - 1] > gene; at--)
            out[at] = out[at - 1];
        out[at] = gene;
    }
    return n;
}

/* ---- labels ---- */

static uint64_t mix2(uint64_t a, uint64_t b) { return mix64(mix64(a) + b); }

/* 4 and 8 bytes are one width: a pointer, an int, a long. */
static unsigned width_class(unsigned bits) { return bits == 32 || bits == 64 ? 4 : bits / 8; }

/* The same number in 32 and in 64 bits. */
static uint64_t canonical_number(uint64_t value) {
    return value > UINT32_MAX ? value : (uint64_t)(int64_t)(int32_t)value;
}

uint64_t constant_from_imm(uint64_t imm) {
    if (imm >> 32 == UINT32_MAX)
        imm &= UINT32_MAX;
    uint64_t width = imm >> 32 ? UINT64_MAX : UINT32_MAX;
    const uint64_t forms[] = {imm, ~imm & width, (0 - imm) & width};
    for (unsigned i = 0; i < 3; i++) {
        uint64_t v = forms[i];
        if (v < 0x100 || (v & (v - 1)) == 0 || (v & (v + 1)) == 0)
            return 0;
    }
    return imm == (imm & 0xff) * (width / 0xff) ? 0 : imm;
}

static uint64_t number_class(uint64_t value) {
    uint64_t number = canonical_number(value);
    if (number + 1 <= 2) /* -1, 0, 1 */
        return number;
    uint64_t telling = constant_from_imm(value);
    return telling ? telling : 2;
}

enum { ANY_PHI = VALUE_PHI, COMPUTED = VALUE_KIND_COUNT };

static uint64_t callee_label(const Gather *g, const Effect *call) {
    if (call->import)
        return addresses_import_label(g->x->addresses, call->import);
    return call->callee ? 1 : 2; /* a function of the image; an address that was computed */
}

static void label_leaf(Gather *g, Value v, Labels *l) {
    const Node *n = &g->g->nodes[v];
    uint64_t exact = mix2(n->kind, 0), shape = exact;
    switch ((int)n->kind) {
    case VALUE_CONST: {
        uint64_t address = addresses_label(g->x->addresses, n->imm, n->flags & NODE_ADDRESS);
        if (address) {
            exact = shape = mix2(COMPUTED, address);
        } else {
            exact = mix2(n->kind, canonical_number(n->imm));
            shape = mix2(n->kind, number_class(n->imm));
        }
        break;
    }
    case VALUE_ARG:
        exact = mix2(n->kind, n->imm);
        break;
    case VALUE_IMPORT:
        exact = shape = mix2(n->kind, addresses_import_label(g->x->addresses, (uint32_t)n->imm));
        break;
    case IR_SELECT:
        exact = shape = mix2(ANY_PHI, 0);
        break;
    case IR_LOAD:
        exact = shape = mix2(n->kind, width_class(n->bits));
        break;
    case IR_SEXT:
        exact = shape = mix2(n->kind, n->lane);
        break;
    case IR_FLOAT:
        exact = shape = mix2(n->kind, n->imm);
        break;
    case IR_OPAQUE:
    case IR_INSERT:
        exact = shape = mix2(n->kind, n->imm);
        break;
    default:
        break;
    }
    for (unsigned d = 0; d < DEPTHS; d++) {
        l->exact[d] = exact;
        l->shape[d] = shape;
    }
}

static bool is_leaf(const Node *n) { return n->kind >= VALUE_CONST || n->kind == IR_SELECT; }

static bool is_unordered(const Node *n) {
    switch (n->kind) {
    case IR_ADD:
    case IR_MUL:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_EQ:
    case IR_UMULH:
    case IR_SMULH:
        return true;
    case IR_FLOAT:
        return n->imm == FLOAT_ADD || n->imm == FLOAT_MUL || n->imm == FLOAT_EQUAL;
    default:
        return false;
    }
}

static void label_round(Gather *g, unsigned depth) {
    for (uint32_t i = 0; i < g->live_count; i++) {
        const Node *n = &g->g->nodes[g->live[i]];
        if (is_leaf(n))
            continue;
        Labels *l = &g->labels[g->live[i]];
        bool unordered = is_unordered(n);
        uint64_t exact = 0, shape = 0;
        for (unsigned k = 0; k < 3; k++) {
            if (n->in[k] == 0)
                continue;
            const Labels *in = &g->labels[graph_resolve(g->g, n->in[k])];
            uint64_t e = in->exact[depth - 1], s = in->shape[depth - 1];
            exact = unordered ? exact + mix64(e) : mix2(exact, e);
            shape = unordered ? shape + mix64(s) : mix2(shape, s);
        }
        l->exact[depth] = mix2(l->exact[0], exact);
        l->shape[depth] = mix2(l->shape[0], shape);
    }
}

/* ---- what is alive ---- */

static void reach(Gather *g, Value v) {
    v = graph_resolve(g->g, v);
    if (v == 0 || g->is_live[v])
        return;
    g->is_live[v] = true;
    g->live[g->live_count++] = v;
}

static void find_live(Gather *g) {
    const ValueFunction *f = g->f;
    for (size_t i = 0; i < f->effects.count; i++) {
        const Effect *e = &f->effects.at[i];
        reach(g, e->a);
        if (e->kind != EFFECT_CALL)
            reach(g, e->b);
        for (uint32_t k = 0; k < e->arg_count; k++)
            reach(g, f->args.at[e->first_arg + k]);
    }
    for (uint32_t i = 0; i < g->live_count; i++) {
        const Node *n = &g->g->nodes[g->live[i]];
        if (n->kind == VALUE_PHI)
            for (uint32_t k = 0; k < n->in[1]; k++)
                reach(g, g->g->phi_inputs.at[n->in[0] + k]);
        else if (n->kind < VALUE_CONST)
            for (unsigned k = 0; k < 3; k++)
                reach(g, n->in[k]);
    }
}

/* ---- genes ---- */

static void add_value(Gather *g, Value v) {
    const Node *n = &g->g->nodes[v];
    const Labels *l = &g->labels[v];
    if (n->kind == VALUE_CONST) {
        uint64_t label = addresses_label(g->x->addresses, n->imm, n->flags & NODE_ADDRESS);
        AddressKind kind = addresses_kind(label);
        if (kind == ADDRESS_STRING)
            add(g, GENE_STRING, label, 0);
        else if (kind == ADDRESS_DATA)
            add(g, GENE_DATA, label, 0);
        else if (label == 0 && constant_from_imm(n->imm))
            add(g, GENE_CONSTANT, constant_from_imm(n->imm), 0);
        return;
    }
    if (n->kind == VALUE_PHI) {
        for (uint32_t k = 0; k < n->in[1]; k++) {
            const Labels *in = &g->labels[graph_resolve(g->g, g->g->phi_inputs.at[n->in[0] + k])];
            add(g, GENE_LOOP, in->exact[1], 0);
        }
        return;
    }
    if (n->kind == IR_SELECT) {
        add(g, GENE_BRANCH, g->labels[graph_resolve(g->g, n->in[0])].exact[1], 1);
        add(g, GENE_BRANCH, g->labels[graph_resolve(g->g, n->in[0])].shape[2], 2);
        for (unsigned k = 1; k < 3; k++)
            add(g, GENE_LOOP, g->labels[graph_resolve(g->g, n->in[k])].exact[1], 0);
        return;
    }
    if (n->kind >= VALUE_CONST)
        return;
    add_counted(g, GENE_NODE, l->exact[1], 0);
    add(g, GENE_SHAPE, l->shape[1], 0);
}

static void add_call(Gather *g, const Effect *e) {
    uint64_t callee = callee_label(g, e);
    add_counted(g, GENE_CALL, callee, 0);
    if (e->import)
        add(g, GENE_IMPORT, callee, 0);
    for (uint32_t k = 0; k < e->arg_count; k++) {
        const Labels *l = &g->labels[graph_resolve(g->g, g->f->args.at[e->first_arg + k])];
        add(g, GENE_CALL, mix2(callee, k + 1), l->exact[1]);
        add(g, GENE_CALL, mix2(callee, k + 1), l->shape[2] + 1);
    }
}

static void add_effect_genes(Gather *g, const Effect *e) {
    Value va = graph_resolve(g->g, e->a);
    const Labels *a = &g->labels[va];
    const Labels *b = &g->labels[e->kind == EFFECT_CALL ? 0 : graph_resolve(g->g, e->b)];
    const Node *n = &g->g->nodes[va];
    switch ((EffectKind)e->kind) {
    case EFFECT_STORE:
        add(g, GENE_STORE, mix2(width_class(e->bits), b->exact[1]), a->exact[1]);
        add(g, GENE_STORE, mix2(width_class(e->bits), b->exact[1]), 1);
        add(g, GENE_STORE, mix2(width_class(e->bits), b->shape[2]), a->shape[1]);
        break;
    case EFFECT_CALL:
        add_call(g, e);
        break;
    case EFFECT_BRANCH:
        if (n->kind == IR_XOR && n->bits == 1)
            a = &g->labels[graph_resolve(g->g, n->in[0])];
        add(g, GENE_BRANCH, a->exact[1], 1);
        add(g, GENE_BRANCH, a->exact[2], 3);
        add(g, GENE_BRANCH, a->shape[2], 2);
        break;
    case EFFECT_RETURN:
        add(g, GENE_RETURN, a->exact[1], 0);
        add(g, GENE_RETURN, a->shape[2], 1);
        break;
    case EFFECT_FILL:
    case EFFECT_COPY:
    case EFFECT_SWITCH:
        add(g, GENE_STORE, mix2(e->kind + 16u, a->shape[1]), b->shape[1]);
        break;
    default:
        break;
    }
}

/* Sizes in steps of a factor of two, each and all smaller ones, so that near sizes share most. */
static void add_size(Gather *g, uint64_t what, uint64_t size) {
    for (uint64_t step = 1; step <= size && step < 1 << 20; step *= 2)
        add(g, GENE_GRAPH, what, step);
}

static void add_graph(Gather *g) {
    const Function *f = g->f->function;
    uint32_t loops = f->loop_count, calls = 0;
    for (size_t i = 0; i < g->f->effects.count; i++)
        calls += g->f->effects.at[i].kind == EFFECT_CALL;
    add_size(g, 1, loops);
    add_size(g, 2, calls);
    add_size(g, 3, f->block_count);
}

Genes *genes_for_image(Arena *a, const Image *image, const Code *code) {
    Genes *x = ARENA_NEW(a, Genes);
    x->addresses = addresses_for_image(a, image, code);
    return x;
}

size_t genes_from_values(Genes *x, const ValueFunction *f, Arena *scratch, uint64_t *out,
                         size_t max) {
    ArenaMark mark = arena_mark(scratch);
    Gather g = {.x = x, .f = f, .g = &f->graph, .scratch = scratch};
    uint32_t nodes = f->graph.count;
    g.labels = ARENA_UNSET(scratch, Labels, nodes + 1);
    g.labels[0] = (Labels){0}; /* of no value; all others that are read are alive */
    g.live = ARENA_UNSET(scratch, uint32_t, nodes + 1);
    g.is_live = ARENA_ARRAY(scratch, bool, nodes + 1);
    find_live(&g);
    unsigned bits = 6; /* a live value gives about two genes (guess); it grows */
    while (bits < 16 && g.live_count * 4 > (uint32_t)1 << bits)
        bits++;
    table_new(&g, bits);
    for (uint32_t i = 0; i < g.live_count; i++)
        label_leaf(&g, g.live[i], &g.labels[g.live[i]]);
    for (unsigned depth = 1; depth < DEPTHS; depth++)
        label_round(&g, depth);
    for (uint32_t i = 0; i < g.live_count; i++)
        add_value(&g, g.live[i]);
    for (size_t i = 0; i < f->effects.count; i++)
        add_effect_genes(&g, &f->effects.at[i]);
    add_graph(&g);
    uint64_t *all = ARENA_UNSET(scratch, uint64_t, g.count + 1);
    size_t n = collect(&g, all);
    n = n < max ? n : max;
    n = n < MAX_FUNCTION_GENES ? n : MAX_FUNCTION_GENES;
    memcpy(out, all, n * sizeof *out);
    arena_reset(scratch, mark);
    return n;
}
