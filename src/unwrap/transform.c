/* SPDX-License-Identifier: Apache-2.0
 * transform.c: what happens to loaded data in a loop. */
#include "unwrap/transform.h"

#include <stdlib.h>
#include <string.h>

/* What a slot's value was made from and how. */
enum {
    FROM_BYTE = 1, /* of 8 bits in memory */
    FROM_WORD = 2, /* of more */
    XORED = 4,
    MIXED = 8 /* added, shifted, looked up */
};

/* TRANSFORM_BYTES have 600 instructions as a rule, of three operations each. */
enum { MOST_LOOP_OPS = 1 << 14 };

typedef struct Walk {
    const Image *image;
    const Lifter *lifter;
    uint8_t taint[SLOT_COUNT];
    bool has_xor, has_mix;   /* of stores of changed data */
    bool moves_words;        /* of stores of four bytes and more */
    IrOp ops[MOST_LOOP_OPS]; /* of a loop */
    size_t op_count;
    Arena *scratch;
} Walk;

static uint8_t taint_of(const Walk *w, uint16_t slot) {
    return slot < SLOT_COUNT ? w->taint[slot] : 0;
}

static bool is_frame_slot(const Walk *w, uint16_t slot) {
    switch ((int)w->image->arch) {
    case ARCH_X86:
    case ARCH_X64:
        return slot == SLOT_X86_RSP || slot == SLOT_X86_RBP;
    case ARCH_ARM64:
        return slot == SLOT_ARM64_SP || slot == 29;
    default:
        return slot == SLOT_ARM_SP || slot == 11 || slot == 7;
    }
}

static uint8_t changed(const IrOp *op, uint8_t a, uint8_t b) {
    uint8_t from = (a | b) & (FROM_BYTE | FROM_WORD);
    if (!from)
        return 0;
    switch ((int)op->kind) {
    case IR_XOR:
        return op->a != op->b ? XORED : 0;
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_NEG:
    case IR_NOT:
    case IR_SHL:
    case IR_SHR:
    case IR_ROL:
    case IR_ROR:
    case IR_PADD:
    case IR_PSUB:
        return MIXED;
    default:
        return 0;
    }
}

static bool carries(const IrOp *op) {
    switch ((int)op->kind) {
    case IR_EQ:
    case IR_ULT:
    case IR_ULE:
    case IR_SLT:
    case IR_SLE:
    case IR_CARRY:
    case IR_BORROW:
    case IR_OVERFLOW:
    case IR_UNDERFLOW:
    case IR_PARITY:
        return false;
    default:
        return true;
    }
}

static void see_store(Walk *w, unsigned bits, uint16_t base, uint8_t value) {
    if (is_frame_slot(w, base))
        return; /* a variable */
    w->moves_words |= bits >= 32 && (value & (FROM_BYTE | FROM_WORD)) && !(value & (XORED | MIXED));
    if (bits <= 16 && value & (FROM_BYTE | FROM_WORD)) {
        w->has_xor |= (value & XORED) != 0;
        w->has_mix |= (value & MIXED) != 0 && (value & FROM_BYTE || bits == 8);
    } else if (bits > 16 && value & XORED) {
        w->has_xor = true;
    }
}

static void see_op(Walk *w, const IrOp *op) {
    uint8_t a = taint_of(w, op->a), b = taint_of(w, op->b), c = taint_of(w, op->c);
    uint8_t out = 0;
    switch ((int)op->kind) {
    case IR_LOAD:
        /* Looked up in a table by data. */
        out = op->bits == 8 ? FROM_BYTE : FROM_WORD;
        if (op->bits <= 32 && a & FROM_BYTE && !is_frame_slot(w, op->a))
            out = FROM_BYTE | MIXED;
        break;
    case IR_STORE:
        see_store(w, op->bits, op->a, b);
        return;
    case IR_STRING:
        if ((op->imm & STRING_OP) == STRING_LODS)
            w->taint[SLOT_X86_RAX] = op->bits == 8 ? FROM_BYTE : FROM_WORD;
        else if ((op->imm & STRING_OP) == STRING_STOS)
            see_store(w, op->bits, SLOT_X86_RDI, w->taint[SLOT_X86_RAX]);
        return;
    default:
        if (!carries(op))
            break;
        out = (uint8_t)(a | b | c);
        out |= changed(op, a, b);
    }
    if (op->out < SLOT_COUNT)
        w->taint[op->out] = out;
}

/* Adds a block's operations to those of the loop. */
static void add_block(Walk *w, const Block *block) {
    Bytes b = bytes_clip(image_bytes_at(w->image, block->va), 0, block->size);
    for (size_t off = 0; off < b.size && w->op_count + IR_MAX_OPS <= MOST_LOOP_OPS;) {
        unsigned length = 0;
        w->op_count +=
            lift_insn(w->lifter, bytes_clip(b, off, b.size - off),
                      (block->va + off) | (uint64_t)block->is_thumb, w->ops + w->op_count, &length);
        if (length == 0)
            return;
        off += length;
    }
}

static bool has_store(const Walk *w) {
    for (size_t i = 0; i < w->op_count; i++)
        if ((w->ops[i].kind == IR_STORE && !is_frame_slot(w, w->ops[i].a)) ||
            w->ops[i].kind == IR_STRING)
            return true;
    return false;
}

/* ---- Natural loops ---- */

/* The graph of one function, for the time of find_in. */
typedef struct FlowGraph {
    const Code *code;
    const Function *f;
    uint32_t *first_pred, *preds; /* of block n: preds[first_pred[n]] up to first_pred[n + 1] */
    uint8_t *inside;              /* of the loop that is looked at */
    uint32_t *work;
} FlowGraph;

static const Block *block_at(const FlowGraph *g, uint32_t b) {
    return &g->code->blocks.at[g->f->first_block + b];
}

static void graph_fill(FlowGraph *g, Arena *a) {
    uint32_t count = g->f->block_count, edges = 0;
    g->first_pred = ARENA_ARRAY(a, uint32_t, count + 2);
    g->inside = ARENA_ARRAY(a, uint8_t, count);
    g->work = ARENA_ARRAY(a, uint32_t, count + 1);
    for (uint32_t b = 0; b < count; b++)
        for (uint32_t k = 0; k < block_at(g, b)->successor_count; k++, edges++)
            g->first_pred[g->code->successors.at[block_at(g, b)->first_successor + k] + 2]++;
    for (uint32_t b = 2; b < count + 2; b++)
        g->first_pred[b] += g->first_pred[b - 1];
    g->preds = ARENA_ARRAY(a, uint32_t, edges + 1);
    for (uint32_t b = 0; b < count; b++)
        for (uint32_t k = 0; k < block_at(g, b)->successor_count; k++) {
            uint32_t to = g->code->successors.at[block_at(g, b)->first_successor + k];
            g->preds[g->first_pred[to + 1]++] = b;
        }
}

/* Blocks that reach `from` without passing the head; false: too many, or the entry is one of them,
 * so that the head does not rule them. */
static bool body_of(FlowGraph *g, uint32_t from, uint32_t head) {
    uint32_t found = 1, left = 0;
    memset(g->inside, 0, g->f->block_count);
    g->inside[head] = 1;
    if (from != head) {
        g->inside[from] = 1;
        g->work[left++] = from;
        found++;
    }
    while (left > 0) {
        uint32_t b = g->work[--left];
        for (uint32_t k = g->first_pred[b]; k < g->first_pred[b + 1]; k++) {
            uint32_t to = g->preds[k];
            if (g->inside[to])
                continue;
            if (++found > TRANSFORM_BLOCKS || to == 0)
                return false;
            g->inside[to] = 1;
            g->work[left++] = to;
        }
    }
    return true;
}

static bool is_transform(Walk *w, const FlowGraph *g, TransformLoop *loop) {
    memset(w->taint, 0, sizeof w->taint);
    w->has_xor = w->has_mix = w->moves_words = false;
    w->op_count = 0;
    for (uint32_t i = 0; i < g->f->block_count; i++)
        if (g->inside[i])
            add_block(w, block_at(g, i));
    if (!has_store(w))
        return false;
    /* Twice: what one turn loads and changes the next one may store. */
    for (unsigned turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < w->op_count; i++)
            see_op(w, &w->ops[i]);
    loop->has_xor = w->has_xor;
    loop->moves_words = w->moves_words;
    return w->has_xor || w->has_mix;
}

/* The loop of an edge to a head, when it is one and small enough. */
static bool loop_of(FlowGraph *g, uint32_t from, uint32_t head, TransformLoop *loop) {
    if (!block_at(g, head)->is_loop_head || !body_of(g, from, head))
        return false;
    loop->head = g->f->first_block + head;
    loop->va = UINT64_MAX;
    loop->end = 0;
    for (uint32_t i = 0; i < g->f->block_count; i++) {
        const Block *block = block_at(g, i);
        if (!g->inside[i])
            continue;
        loop->va = block->va < loop->va ? block->va : loop->va;
        loop->end = block->va + block->size > loop->end ? block->va + block->size : loop->end;
    }
    return loop->end - loop->va <= TRANSFORM_BYTES;
}

static bool contains_found(const TransformLoop *loop, const TransformLoops *out, size_t from) {
    for (size_t i = from; i < out->count; i++)
        if (out->at[i].va >= loop->va && out->at[i].end <= loop->end)
            return true;
    return false;
}

static int compare_loops(const void *a, const void *b) {
    const TransformLoop *x = a, *y = b;
    uint64_t p = x->end - x->va, q = y->end - y->va;
    if (p != q)
        return p < q ? -1 : 1;
    return x->va < y->va ? -1 : x->va > y->va;
}

enum { MAX_FUNCTION_LOOPS = 256, MOST_BLOCKS = 4096 };

static void find_in(Walk *w, Arena *a, const Code *code, uint32_t index, TransformLoops *out) {
    FlowGraph g = {.code = code, .f = &code->functions.at[index]};
    TransformLoop loops[MAX_FUNCTION_LOOPS];
    size_t n = 0, first = out->count;
    graph_fill(&g, w->scratch);
    for (uint32_t i = 0; i < g.f->block_count; i++)
        for (uint32_t k = 0; k < block_at(&g, i)->successor_count && n < MAX_FUNCTION_LOOPS; k++) {
            uint32_t head = code->successors.at[block_at(&g, i)->first_successor + k];
            loops[n] = (TransformLoop){.function = index, .from = i};
            n += loop_of(&g, i, head, &loops[n]);
        }
    if (n > 1)
        qsort(loops, n, sizeof *loops, compare_loops); /* inner ones first */
    for (size_t i = 0; i < n; i++) {
        if (contains_found(&loops[i], out, first) ||
            !body_of(&g, loops[i].from, loops[i].head - g.f->first_block) ||
            !is_transform(w, &g, &loops[i]))
            continue;
        TransformLoop *loop = VEC_ADD(a, out);
        if (!loop)
            return;
        *loop = loops[i];
    }
}

void transform_find(Arena *a, Arena *scratch, const TransformInput *in, TransformLoops *out) {
    const Code *code = in->code;
    Walk *w = ARENA_NEW(scratch, Walk);
    w->image = in->image;
    w->lifter = in->lifter;
    w->scratch = scratch;
    out->max = TRANSFORM_LOOPS;
    for (size_t i = 0; i < code->functions.count && !out->full; i++) {
        const Function *f = &code->functions.at[i];
        if (f->loop_count == 0 || f->block_count > MOST_BLOCKS)
            continue;
        ArenaMark mark = arena_mark(scratch);
        find_in(w, a, code, (uint32_t)i, out);
        arena_reset(scratch, mark);
    }
}
