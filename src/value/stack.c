/* SPDX-License-Identifier: Apache-2.0
 * stack.c: one pass over a body that follows only what stands at a fixed distance from the stack
 * pointer at entry: which slots there are, whose address gets out, which arguments are read. */
#include "value/body.h"

#include <stdlib.h>
#include <string.h>

enum {
    GENERAL = 32, /* general registers, as slots */
    KNOWN = 64    /* places for offsets seen before, so that few are sorted (guess) */
};

typedef struct Touch {
    int32_t offset;
    bool escapes;
} Touch;

typedef struct StackWalk {
    Body *body;
    const Abi *abi;
    int32_t now[SLOT_COUNT]; /* offsets held by slots; only general registers and temporaries do */
    VEC(Touch) touches;
    uint32_t known[KNOWN]; /* last touch of each class of offsets, index + 1 */
    Arena *scratch;
    uint32_t block;
    int32_t highest_arg; /* highest stack argument read, as an offset, or NOT_STACK */
} StackWalk;

static bool may_hold(uint16_t slot) {
    return slot < GENERAL || (slot >= SLOT_TEMP && slot < SLOT_COUNT);
}

static int32_t offset_of(const StackWalk *w, uint16_t slot) {
    return may_hold(slot) ? w->now[slot] : NOT_STACK;
}

static int32_t moved(int32_t offset, int64_t by) {
    enum { FAR = 1 << 28 }; /* frames beyond it are none */
    if (offset == NOT_STACK || by > FAR || by < -FAR)
        return NOT_STACK;
    int64_t to = (int64_t)offset + by;
    return to > FAR || to < -FAR ? NOT_STACK : (int32_t)to;
}

static void touch(StackWalk *w, int32_t offset, bool escapes) {
    if (offset == NOT_STACK)
        return;
    uint32_t *known = &w->known[((uint32_t)offset / 4) % KNOWN];
    if (*known && w->touches.at[*known - 1].offset == offset) {
        w->touches.at[*known - 1].escapes |= escapes;
        return;
    }
    Touch *t = VEC_ADD(w->scratch, &w->touches);
    if (!t)
        return;
    *t = (Touch){.offset = offset, .escapes = escapes};
    *known = (uint32_t)w->touches.count;
}

static void note_store(StackWalk *w, int32_t offset) {
    StackStore *store = offset == NOT_STACK ? NULL : VEC_ADD(w->scratch, &w->body->stack_stores);
    if (store)
        *store = (StackStore){.block = w->block, .offset = offset};
}

static int32_t address_of(const StackWalk *w, const IrOp *op) {
    bool is_64 = w->body->context->image->bits == 64;
    return moved(offset_of(w, op->a), is_64 ? (int64_t)op->imm : (int32_t)op->imm);
}

static void read_arg(StackWalk *w, int32_t offset) {
    if (offset >= w->abi->stack_args && offset > w->highest_arg &&
        offset < w->abi->stack_args + MAX_CALL_ARGS * w->abi->word_bytes)
        w->highest_arg = offset;
}

/* Arguments of a call that point into the frame. */
static void call_escapes(StackWalk *w, const IrOp *op) {
    for (unsigned i = 0; i < w->abi->arg_count; i++)
        touch(w, w->now[w->abi->args[i]], true);
    for (uint16_t slot = 0; slot < GENERAL; slot++)
        if (w->abi->clobbered >> slot & 1)
            w->now[slot] = NOT_STACK;
    int32_t *sp = &w->now[w->abi->stack];
    uint32_t pops = op->kind == IR_CALL ? body_pops_at(w->body->context, op->imm) : 0;
    *sp = moved(*sp, w->abi->call_pushes + pops);
}

static int32_t result_of(const StackWalk *w, const IrOp *op) {
    int32_t a = offset_of(w, op->a), b = offset_of(w, op->b);
    switch (op->kind) {
    case IR_MOVE:
        return op->bits >= 32 ? a : NOT_STACK;
    case IR_ADD:
        if (op->b == SLOT_IMM)
            return moved(a, op->bits == 32 ? (int32_t)op->imm : (int64_t)op->imm);
        return op->a == SLOT_IMM ? moved(b, op->bits == 32 ? (int32_t)op->imm : (int64_t)op->imm)
                                 : NOT_STACK;
    case IR_SUB:
        return op->b == SLOT_IMM
                   ? moved(a, op->bits == 32 ? -(int64_t)(int32_t)op->imm : -(int64_t)op->imm)
                   : NOT_STACK;
    case IR_AND: /* alignment of the frame */
        return op->b == SLOT_IMM ? a : NOT_STACK;
    default:
        return NOT_STACK;
    }
}

static void step(StackWalk *w, const IrOp *op) {
    switch (op->kind) {
    case IR_LOAD: {
        int32_t offset = address_of(w, op);
        touch(w, offset, false);
        read_arg(w, offset);
        break;
    }
    case IR_STORE:
        touch(w, address_of(w, op), false);
        note_store(w, address_of(w, op));
        touch(w, offset_of(w, op->b), true);
        break;
    case IR_CALL:
    case IR_CALL_TO:
        call_escapes(w, op);
        return;
    default:
        break;
    }
    if (may_hold(op->out))
        w->now[op->out] = result_of(w, op);
}

/* Registers read before they are written, by block; then over the graph. */
void body_find_args(Body *body, Arena *scratch) {
    const Abi *abi = &body->context->abi;
    uint16_t *used = ARENA_ARRAY(scratch, uint16_t, body->block_count + 1);
    uint16_t *set = ARENA_ARRAY(scratch, uint16_t, body->block_count + 1);
    unsigned count = abi->args_may_register ? 3 : abi->arg_count;
    for (uint32_t b = 0; b < body->block_count; b++) {
        const BodyBlock *block = &body->blocks[b];
        for (unsigned i = 0; i < count; i++) {
            used[b] |= (uint16_t)((block->general_used >> abi->args[i] & 1) << i);
            set[b] |= (uint16_t)((block->general_set >> abi->args[i] & 1) << i);
        }
    }
    enum { ROUNDS = 3 };
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = body->order_count; i-- > 0;) {
            uint32_t b = body->order[i];
            const Block *from = &body->code_blocks[b];
            for (uint32_t k = 0; k < from->successor_count; k++) {
                uint32_t to = body->context->code->successors.at[from->first_successor + k];
                used[b] = (uint16_t)(used[b] | (used[to] & ~set[b]));
            }
        }
    body->args_read = body->block_count ? used[0] : 0;
}

static int compare_touch(const void *a, const void *b) {
    const Touch *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void sort_touches(Touch *t, size_t count) {
    enum { FEW = 32 };
    if (count > FEW) {
        qsort(t, count, sizeof *t, compare_touch);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        Touch moving = t[i];
        size_t k = i;
        for (; k > 0 && t[k - 1].offset > moving.offset; k--)
            t[k] = t[k - 1];
        t[k] = moving;
    }
}

static void keep_slots(Body *body, StackWalk *w, Arena *scratch) {
    sort_touches(w->touches.at, w->touches.count);
    body->stack_offsets = ARENA_UNSET(scratch, int32_t, w->touches.count + 1);
    for (size_t i = 0; i < w->touches.count;) {
        int32_t offset = w->touches.at[i].offset;
        bool escapes = false;
        for (; i < w->touches.count && w->touches.at[i].offset == offset; i++)
            escapes |= w->touches.at[i].escapes;
        if (escapes)
            continue;
        if (body->stack_count >= MAX_STACK_SLOTS) {
            body->is_cut = true;
            break;
        }
        body->stack_offsets[body->stack_count++] = offset;
    }
}

void body_find_stack(Body *body, Arena *scratch) {
    const Abi *abi = &body->context->abi;
    StackWalk w = {.body = body, .abi = abi, .scratch = scratch, .touches = {.max = MAX_VALUE_OPS}};
    w.highest_arg = NOT_STACK;
    body->stack_stores.max = MAX_VALUE_OPS;
    int32_t *states = ARENA_UNSET(scratch, int32_t, (size_t)body->block_count * GENERAL + 1);
    for (uint32_t i = 0; i < body->order_count; i++) {
        uint32_t b = body->order[i];
        const BodyBlock *block = &body->blocks[b];
        w.block = b;
        for (unsigned slot = 0; slot < GENERAL; slot++)
            w.now[slot] = NOT_STACK;
        if (b == 0)
            w.now[abi->stack] = 0;
        for (uint32_t k = 0; b != 0 && k < block->pred_count; k++) {
            uint32_t pred = body->preds[block->first_pred + k];
            if (body->blocks[pred].order >= i)
                continue;
            memcpy(w.now, states + (size_t)pred * GENERAL, GENERAL * sizeof *states);
            break;
        }
        for (uint32_t k = 0; k < block->op_count; k++)
            step(&w, &body->ops[block->first_op + k]);
        memcpy(states + (size_t)b * GENERAL, w.now, GENERAL * sizeof *states);
    }
    keep_slots(body, &w, scratch);
    if (w.highest_arg != NOT_STACK)
        body->stack_args_read = (uint32_t)(w.highest_arg - abi->stack_args) / abi->word_bytes + 1;
}

uint32_t body_pops_at(const BodyContext *x, uint64_t va) {
    enum { RET_IMM16 = 0xc2, RET_SIZE = 3, MOST = 256 };
    if (x->image->arch != ARCH_X86)
        return 0;
    const Function *f = code_find_function(x->code, va);
    if (!f)
        return 0;
    uint16_t *known = &x->pops[f - x->code->functions.at];
    if (*known != POPS_UNKNOWN)
        return *known;
    *known = 0;
    for (uint32_t b = 0; b < f->block_count; b++) {
        const Block *block = &x->code->blocks.at[f->first_block + b];
        if (block->flow != FLOW_RETURN || block->size < RET_SIZE)
            continue;
        Bytes end = image_bytes_at(x->image, block->va + block->size - RET_SIZE);
        uint16_t pops = bytes_u16_at(end, 1);
        if (bytes_u8_at(end, 0) == RET_IMM16 && pops < MOST && pops % 4 == 0)
            *known = pops;
        break;
    }
    return *known;
}

uint32_t body_find_slot(const Body *body, int64_t offset) {
    uint32_t low = 0, high = body->stack_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (body->stack_offsets[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < body->stack_count && body->stack_offsets[low] == offset ? low : UINT32_MAX;
}
