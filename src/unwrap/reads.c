/* SPDX-License-Identifier: Apache-2.0
 * reads.c: registers by liveness over the blocks; words of the stack by following the stack pointer
 * and what is made of it by sums with constants. */
#include "unwrap/reads.h"

#include <string.h>

enum { GENERAL = 32, STACK_WORDS = 32, FRAME_SLOTS = 2 };

/* A number that is the stack pointer at entry and so many bytes more. */
typedef struct Place {
    int32_t off;
    bool is_known;
} Place;

typedef struct BlockReads {
    uint32_t reads, writes, live;
    Place at_start[FRAME_SLOTS]; /* of the stack pointer, of the frame pointer */
    bool is_reached;
} BlockReads;

typedef struct Walk {
    const Image *image;
    const Code *code;
    const Lifter *lifter;
    const Function *f;
    BlockReads *blocks;
    Abi abi;
    uint16_t frame_slot[FRAME_SLOTS];
    Place places[SLOT_COUNT];
    uint32_t stack;
    IrOp *ops;
} Walk;

static Place place_of(const Walk *w, uint16_t slot) {
    return slot < SLOT_COUNT ? w->places[slot] : (Place){0};
}

static void read_stack(Walk *w, Place at, bool and_above) {
    if (!at.is_known || at.off < 0 || at.off >= (int32_t)(STACK_WORDS * w->abi.word_bytes))
        return;
    unsigned word = (unsigned)at.off / w->abi.word_bytes;
    w->stack |= and_above ? UINT32_MAX << word : (uint32_t)1 << word;
}

static bool is_frame_slot(const Walk *w, uint16_t slot) {
    return slot == w->frame_slot[0] || slot == w->frame_slot[1];
}

/* Frames beyond it are none. */
static Place moved(Place p, int64_t by) {
    enum { FAR = 1 << 28 };
    int64_t to = p.off + by;
    if (to > FAR || to < -FAR)
        return (Place){0};
    p.off = (int32_t)to;
    return p;
}

/* Where an operation's result points, when it is a sum with a constant. */
static Place sum_of(const Walk *w, const IrOp *op) {
    Place p = place_of(w, op->a);
    if (op->kind == IR_MOVE)
        return p;
    if (op->kind == IR_ADD && op->a == SLOT_IMM)
        p = place_of(w, op->b);
    else if ((op->kind != IR_ADD && op->kind != IR_SUB) || op->b != SLOT_IMM)
        return (Place){0};
    int64_t by = (int64_t)(int32_t)op->imm;
    return moved(p, op->kind == IR_SUB ? -by : by);
}

static void see_memory(Walk *w, const IrOp *op) {
    Place p = place_of(w, op->a);
    if (!p.is_known && is_frame_slot(w, op->a))
        w->stack = UINT32_MAX; /* lost: it may be anything */
    if (op->kind == IR_LOAD)
        read_stack(w, moved(p, (int32_t)op->imm), false);
}

static void see_places(Walk *w, const IrOp *op) {
    if (op->kind == IR_LOAD || op->kind == IR_STORE)
        see_memory(w, op);
    if (op->out >= SLOT_COUNT)
        return;
    Place p = sum_of(w, op);
    /* The address of an argument: of a structure, of what follows. Return addresses are passed
     * over. */
    if (p.is_known && p.off >= w->abi.word_bytes && op->out < GENERAL && !is_frame_slot(w, op->out))
        read_stack(w, p, true);
    w->places[op->out] = p;
}

static void see_registers(BlockReads *b, const IrOp *op, bool is_sure) {
    const uint16_t in[3] = {op->a, op->b, op->c};
    bool clears = (op->kind == IR_XOR || op->kind == IR_SUB) && op->a == op->b;
    for (unsigned i = 0; i < 3; i++)
        if (in[i] < GENERAL && !clears)
            b->reads |= (uint32_t)1 << in[i] & ~b->writes;
    if (op->kind == IR_STRING || op->kind == IR_CALL || op->kind == IR_CALL_TO ||
        op->kind == IR_SYSCALL || op->kind == IR_OPAQUE)
        b->reads |= ~b->writes;
    if (op->out < GENERAL && is_sure)
        b->writes |= (uint32_t)1 << op->out;
}

static void see_insn(Walk *w, BlockReads *b, size_t count) {
    bool is_sure = true;
    for (size_t i = 0; i < count; i++) {
        const IrOp *op = &w->ops[i];
        see_registers(b, op, is_sure);
        see_places(w, op);
        is_sure &= op->kind != IR_SKIP;
        /* i386: the callee may have taken its arguments off. */
        if ((op->kind == IR_CALL || op->kind == IR_CALL_TO) && w->image->arch == ARCH_X86)
            w->places[w->frame_slot[0]] = (Place){0};
        else if (op->kind == IR_CALL || op->kind == IR_CALL_TO)
            w->places[w->frame_slot[0]] = moved(w->places[w->frame_slot[0]], w->abi.call_pushes);
    }
}

static void see_block(Walk *w, uint32_t index) {
    const Block *block = &w->code->blocks.at[w->f->first_block + index];
    BlockReads *b = &w->blocks[index];
    Bytes bytes = bytes_clip(image_bytes_at(w->image, block->va), 0, block->size);
    memset(w->places, 0, sizeof w->places);
    for (unsigned i = 0; i < FRAME_SLOTS; i++)
        w->places[w->frame_slot[i]] = b->at_start[i];
    for (size_t off = 0; off < bytes.size;) {
        unsigned length;
        size_t n = lift_insn(w->lifter, bytes_clip(bytes, off, UINT64_MAX),
                             block->va + off + block->is_thumb, w->ops, &length);
        if (length == 0)
            break;
        see_insn(w, b, n);
        off += length;
    }
    if (block->successor_count == 0 && block->flow != FLOW_RETURN && block->flow != FLOW_STOP) {
        b->reads |= ~b->writes;
        w->stack = UINT32_MAX;
    }
    for (uint32_t k = 0; k < block->successor_count; k++) {
        uint32_t to = w->code->successors.at[block->first_successor + k];
        if (to >= w->f->block_count || w->blocks[to].is_reached)
            continue;
        w->blocks[to].is_reached = true;
        for (unsigned i = 0; i < FRAME_SLOTS; i++)
            w->blocks[to].at_start[i] = w->places[w->frame_slot[i]];
    }
}

/* Each round carries what is read along all ways that go forward, and over one jump back. */
static uint32_t live_at_entry(Walk *w) {
    enum { ROUNDS = 16 }; /* loops in loops; beyond it anything may be read (guess) */
    bool changed = true;
    for (unsigned round = 0; changed && round < ROUNDS; round++) {
        changed = false;
        for (uint32_t i = w->f->block_count; i-- > 0;) {
            const Block *block = &w->code->blocks.at[w->f->first_block + i];
            uint32_t after = 0;
            for (uint32_t k = 0; k < block->successor_count; k++) {
                uint32_t to = w->code->successors.at[block->first_successor + k];
                after |= to < w->f->block_count ? w->blocks[to].live : 0;
            }
            uint32_t live = w->blocks[i].reads | (after & ~w->blocks[i].writes);
            changed |= live != w->blocks[i].live;
            w->blocks[i].live = live;
        }
    }
    return w->f->block_count && !changed ? w->blocks[0].live : UINT32_MAX;
}

Reads reads_from_function(const Image *image, const Code *code, const Lifter *lifter,
                          const Function *f, IrOp *ops, Arena *scratch) {
    ArenaMark mark = arena_mark(scratch);
    Walk *w = ARENA_NEW(scratch, Walk);
    *w = (Walk){.image = image, .code = code, .lifter = lifter, .f = f, .ops = ops};
    w->abi = abi_for_image(image);
    w->blocks = ARENA_ARRAY(scratch, BlockReads, f->block_count + 1);
    w->frame_slot[0] = w->abi.stack;
    w->frame_slot[1] = image->arch == ARCH_ARM ? 11 : image->arch == ARCH_ARM64 ? 29 : SLOT_X86_RBP;
    w->blocks[0].at_start[0].is_known = w->blocks[0].is_reached = true;
    for (uint32_t i = 0; i < f->block_count; i++)
        see_block(w, i);
    Reads r = {live_at_entry(w), w->stack};
    arena_reset(scratch, mark);
    return r;
}
