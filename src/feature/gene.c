/* SPDX-License-Identifier: Apache-2.0
 * gene.c, version 1: normalised instructions. Which kinds there are, and which were tried and left
 * out, was decided by measurement: docs/evidence/code.md. */
#include "feature/gene.h"

/* What a gene speaks of; part of every stored gene: grow at the end, never renumber. */
typedef enum GeneKind {
    GENE_TOKEN = 1, /* one instruction: group and operand classes */
    GENE_PAIR,      /* two tokens that follow each other in a block, in any order */
    GENE_CONSTANT,  /* a telling constant */
    GENE_NUMBER,    /* another constant, with the group that uses it */
    GENE_FIELD,     /* offset from a pointer */
    GENE_IMPORT,    /* imported function that is called */
    GENE_CALL,      /* a call at all: counts how many */
    GENE_NODE       /* a block's place in the graph: degrees, loop, call */
} GeneKind;

/* Operand classes; part of stored genes, never renumber. */
typedef enum OperandClass {
    CLASS_NONE,
    CLASS_REGISTER,
    CLASS_VECTOR,
    CLASS_SPECIAL,
    CLASS_STACK,
    CLASS_GLOBAL,
    CLASS_POINTER,
    CLASS_INDEXED,
    CLASS_ZERO,
    CLASS_NUMBER,
    CLASS_CONSTANT,
    CLASS_ADDRESS,
    CLASS_TARGET
} OperandClass;

enum {
    /* Distinct genes that are gathered before the smallest MAX_FUNCTION_GENES are kept. It bounds
     * the time that constants made to collide can cost: 16,384 steps for each gene. */
    MAX_GATHERED = 4 * MAX_FUNCTION_GENES,
    /* Displacements beyond it are no fields of structures (guess: a page of pages). */
    MAX_FIELD = 0xffff,
    DEGREES = 3 /* more predecessors or successors count as so many */
};

typedef struct Slot {
    uint64_t gene; /* 0: free */
    uint64_t count;
} Slot;

/* Open addressing by the top bits: read from start to end, it is sorted but for a few neighbours.
 */
typedef struct Genes {
    const FunctionView *v;
    const PicRules *rules;
    Arena *scratch;
    Slot *slots;
    unsigned bits;
    size_t count;
} Genes;

static void table_new(Genes *g, unsigned bits) {
    g->bits = bits;
    g->slots = ARENA_ARRAY(g->scratch, Slot, (size_t)1 << bits);
}

static Slot *table_place(const Genes *g, uint64_t gene) {
    size_t last = ((size_t)1 << g->bits) - 1;
    size_t i = (size_t)(gene >> (64 - g->bits));
    while (g->slots[i].gene != 0 && g->slots[i].gene != gene)
        i = (i + 1) & last;
    return &g->slots[i];
}

static void table_grow(Genes *g) {
    const Slot *old = g->slots;
    size_t cap = (size_t)1 << g->bits;
    table_new(g, g->bits + 1);
    for (size_t i = 0; i < cap; i++)
        if (old[i].gene != 0)
            *table_place(g, old[i].gene) = old[i];
}

/* How often it is there now; 0 when there is no room. */
static uint64_t table_add(Genes *g, uint64_t gene) {
    Slot *slot = table_place(g, gene);
    if (slot->gene == 0) {
        if (g->count >= MAX_GATHERED)
            return 0;
        if (g->count * 2 >= (size_t)1 << g->bits) {
            table_grow(g);
            slot = table_place(g, gene);
        }
        g->count++;
        slot->gene = gene;
    }
    return ++slot->count;
}

static uint64_t gene_hash(GeneKind kind, uint64_t a, uint64_t b) {
    uint64_t h = mix64(mix64(a + ((uint64_t)kind << 56)) + b);
    return h ? h : 1;
}

/* A gene that is there four times and one that is there sixteen times are genes of their own: the
 * set remembers about how often. Only for kinds that say what, not where: finer steps, and steps
 * for pairs, cost recall (docs/evidence/code.md). */
static void add_counted(Genes *g, GeneKind kind, uint64_t a, uint64_t b) {
    uint64_t gene = gene_hash(kind, a, b);
    uint64_t count = table_add(g, gene);
    if (count == 4 || count == 16)
        table_add(g, gene_hash(kind, gene, count));
}

static void add(Genes *g, GeneKind kind, uint64_t a, uint64_t b) {
    table_add(g, gene_hash(kind, a, b));
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

static OperandClass memory_class(const FunctionView *v, const Operand *o) {
    RegisterClass base = view_register_class(v, o->base);
    if (base == REGISTER_STACK || base == REGISTER_FRAME)
        return CLASS_STACK;
    if (o->index != 0)
        return CLASS_INDEXED;
    return base == REGISTER_IP || o->base == 0 ? CLASS_GLOBAL : CLASS_POINTER;
}

static OperandClass register_class(const FunctionView *v, const Operand *o) {
    switch ((int)view_register_class(v, o->reg)) {
    case REGISTER_GENERAL:
    case REGISTER_FRAME:
    case REGISTER_STACK:
        return CLASS_REGISTER;
    case REGISTER_VECTOR:
    case REGISTER_FLOAT:
        return CLASS_VECTOR;
    default:
        return CLASS_SPECIAL;
    }
}

static OperandClass operand_class(const FunctionView *v, const Operand *o, bool imm_is_address) {
    switch (o->kind) {
    case OPERAND_REG:
        return register_class(v, o);
    case OPERAND_MEM:
        return memory_class(v, o);
    case OPERAND_IMM:
        if (imm_is_address)
            return CLASS_ADDRESS;
        if (o->value == 0)
            return CLASS_ZERO;
        return constant_from_imm((uint64_t)o->value) ? CLASS_CONSTANT : CLASS_NUMBER;
    case OPERAND_TARGET:
        return CLASS_TARGET;
    case OPERAND_NONE:
    default:
        return CLASS_NONE;
    }
}

static bool writes_stack_pointer(const FunctionView *v, const Insn *in) {
    return in->operand_count > 0 && in->operands[0].kind == OPERAND_REG &&
           view_register_class(v, in->operands[0].reg) == REGISTER_STACK;
}

/* Group and operand classes in one word, or 0 for what the compiler chose: copies between
 * registers, spills, saved registers, stack adjustment, padding. */
static uint32_t token_from_insn(const FunctionView *v, const Insn *in, MnemonicGroup group,
                                bool imm_is_address) {
    const Operand *o = in->operands;
    if (view_is_padding(v, in, group) || group == GROUP_STACK || writes_stack_pointer(v, in))
        return 0;
    OperandClass c[3] = {CLASS_NONE, CLASS_NONE, CLASS_NONE};
    for (unsigned i = 0; i < 3 && i < in->operand_count; i++)
        c[i] = operand_class(v, &o[i], imm_is_address);
    bool is_copy = group == GROUP_MOVE || group == GROUP_EXTEND || group == GROUP_VECTOR_MOVE;
    if (in->operand_count == 2 && o[0].kind == OPERAND_REG && o[1].kind == OPERAND_REG) {
        if (is_copy && c[0] == c[1])
            return 0;
        /* xor eax, eax is mov eax, 0; test eax, eax is cmp eax, 0. */
        if (o[0].reg == o[1].reg && (group == GROUP_LOGIC || group == GROUP_ARITHMETIC)) {
            group = GROUP_MOVE;
            c[1] = CLASS_ZERO;
        } else if (o[0].reg == o[1].reg && group == GROUP_COMPARE) {
            c[1] = CLASS_ZERO;
        }
    }
    if (group == GROUP_MOVE && (c[0] == CLASS_STACK || c[1] == CLASS_STACK))
        return 0;
    return 1 + ((uint32_t)group << 12 | (uint32_t)c[0] << 8 | (uint32_t)c[1] << 4 | (uint32_t)c[2]);
}

static void add_numbers(Genes *g, const Insn *in, MnemonicGroup group, bool imm_is_address) {
    if (!in->has_imm || imm_is_address || in->flow != FLOW_NEXT || writes_stack_pointer(g->v, in))
        return;
    uint64_t constant = constant_from_imm(in->imm);
    if (constant)
        add_counted(g, GENE_CONSTANT, constant, 0);
    else if (in->imm > 1) /* +1, -1 and 0 are everywhere; -1 is above and has no small form */
        add(g, GENE_NUMBER, in->imm & UINT32_MAX, group);
}

static void add_fields(Genes *g, const Insn *in) {
    for (unsigned i = 0; i < in->operand_count; i++) {
        const Operand *o = &in->operands[i];
        if (o->kind != OPERAND_MEM || o->value <= 0 || o->value > MAX_FIELD ||
            view_register_class(g->v, o->base) != REGISTER_GENERAL ||
            pic_disp_is_address(g->rules, g->v, in))
            continue;
        add(g, GENE_FIELD, (uint64_t)o->value, 0);
    }
}

static void add_block(Genes *g, const ViewBlock *block) {
    const FunctionView *v = g->v;
    uint32_t before = 0;
    for (uint32_t i = 0; i < block->insn_count; i++) {
        const Insn *in = &v->insns[block->first_insn + i];
        MnemonicGroup group = view_group(v, in);
        bool imm_is_address = pic_imm_is_address(g->rules, in);
        add_numbers(g, in, group, imm_is_address);
        if (in->disp_size > 0)
            add_fields(g, in);
        uint32_t token = token_from_insn(v, in, group, imm_is_address);
        if (token == 0)
            continue;
        add_counted(g, GENE_TOKEN, token, 0);
        if (before)
            add(g, GENE_PAIR, before < token ? before : token, before < token ? token : before);
        before = token;
    }
}

static bool block_has_call(const FunctionView *v, const ViewBlock *block) {
    for (uint32_t i = 0; i < block->insn_count; i++) {
        Flow flow = v->insns[block->first_insn + i].flow;
        if (flow == FLOW_CALL || flow == FLOW_CALL_INDIRECT)
            return true;
    }
    return false;
}

static void add_nodes(Genes *g) {
    for (uint32_t b = 0; b < g->v->block_count; b++) {
        const ViewBlock *block = &g->v->blocks[b];
        uint32_t in = block->entries < DEGREES ? block->entries : DEGREES;
        uint32_t out = block->exits < DEGREES ? block->exits : DEGREES;
        add_counted(g, GENE_NODE, in | out << 2 | (uint32_t)block->is_loop_head << 4,
                    block_has_call(g->v, block));
    }
}

static void add_calls(Genes *g) {
    const FunctionView *v = g->v;
    for (uint32_t i = 0; i < v->function->call_count; i++) {
        const Call *call = &v->code->calls.at[v->function->first_call + i];
        add_counted(g, GENE_CALL, 0, 0);
        if (call->import == 0 || call->import > v->image->imports.count)
            continue;
        const Import *import = &v->image->imports.at[call->import - 1];
        bool by_name = import->name && import->name[0];
        const char *name = by_name ? import->name : import->module ? import->module : "";
        uint64_t hash = hash64((Bytes){(const uint8_t *)name, strlen(name)});
        add(g, GENE_IMPORT, hash, by_name ? 0 : import->ordinal + 1ULL);
    }
}

/* The table in order, the few neighbours that stand wrong put right on the way. */
static size_t collect(const Genes *g, uint64_t *out) {
    size_t n = 0;
    for (size_t i = 0; i < (size_t)1 << g->bits; i++) {
        uint64_t gene = g->slots[i].gene;
        if (gene == 0)
            continue;
        size_t at = n++;
        for (; at > 0 && out[at - 1] > gene; at--)
            out[at] = out[at - 1];
        out[at] = gene;
    }
    return n;
}

size_t genes_from_function(const FunctionView *v, const PicRules *rules, Arena *scratch,
                           uint64_t *out, size_t max) {
    ArenaMark mark = arena_mark(scratch);
    Genes g = {.v = v, .rules = rules, .scratch = scratch};
    unsigned bits = 6;
    /* About 0.7 distinct genes to an instruction; growing is cheaper than clearing too much. */
    while (bits < 15 && (size_t)1 << bits < v->insn_count)
        bits++;
    table_new(&g, bits);
    for (uint32_t b = 0; b < v->block_count; b++)
        add_block(&g, &v->blocks[b]);
    add_nodes(&g);
    add_calls(&g);
    uint64_t *all = ARENA_ARRAY(scratch, uint64_t, g.count + 1);
    size_t n = collect(&g, all);
    n = n < max ? n : max;
    n = n < MAX_FUNCTION_GENES ? n : MAX_FUNCTION_GENES;
    memcpy(out, all, n * sizeof *out);
    arena_reset(scratch, mark);
    return n;
}
