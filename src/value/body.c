/* SPDX-License-Identifier: Apache-2.0 */
#include "value/body.h"

#include <string.h>

static const uint32_t *successors_of(const Body *b, uint32_t block, uint32_t *count) {
    const Block *from = &b->code_blocks[block];
    *count = from->successor_count;
    return b->context->code->successors.at + from->first_successor;
}

/* ---- operations ---- */

/* One instruction at va from its bytes, or from the next decoded one when it is that. Returns its
 * length, 0 when it does not decode. */
static unsigned lift_one(Body *body, Bytes b, uint64_t va, bool is_thumb, Decoded *decoded) {
    const Lifter *lifter = body->context->lifter;
    IrOp *to = body->ops + body->op_count;
    unsigned length = 0;
    while (decoded->count > 0 && decoded->at->va < va) {
        decoded->at++;
        decoded->count--;
    }
    if (decoded->count > 0 && decoded->at->va == va && decoded->at->length <= b.size) {
        body->op_count += (uint32_t)lift_decoded(lifter, decoded->at, b, to, &length);
    } else {
        body->op_count += (uint32_t)lift_insn(lifter, b, va | is_thumb, to, &length);
    }
    return length;
}

static void lift_block(Body *body, uint32_t index, Decoded *decoded) {
    const BodyContext *x = body->context;
    const Block *from = &body->code_blocks[index];
    BodyBlock *to = &body->blocks[index];
    Bytes bytes = bytes_clip(image_bytes_at(x->image, from->va), 0, from->size);
    to->first_op = body->op_count;
    size_t off = 0;
    while (off < bytes.size) {
        if (body->op_count + IR_MAX_OPS > MAX_VALUE_OPS) {
            body->is_cut = true;
            break;
        }
        uint32_t first = body->op_count;
        unsigned length = lift_one(body, bytes_clip(bytes, off, bytes.size), from->va + off,
                                   from->is_thumb, decoded);
        if (length == 0)
            break;
        for (uint32_t i = first; body->offs && i < body->op_count; i++)
            body->offs[i] = (uint32_t)(from->va + off - body->function->va);
        off += length;
    }
    to->op_count = body->op_count - to->first_op;
}

/* The bit of a slot of the first 64 (general registers, flags, ..), or 0. Inputs are mostly not
 * told apart by what came before, so nothing branches on them. */
static uint64_t low_bit(uint16_t slot) { return (uint64_t)(slot < 64) << (slot & 63); }

static uint64_t low_inputs(const IrOp *op) {
    return low_bit(op->a) | low_bit(op->b) | low_bit(op->c);
}

static void find_flags(const Body *body, BodyBlock *block) {
    const IrOp *ops = body->ops + block->first_op;
    uint64_t used = 0, set = 0;
    for (uint32_t i = 0; i < block->op_count; i++) {
        used |= low_inputs(&ops[i]) & ~set;
        set |= low_bit(ops[i].out);
    }
    uint64_t flags = ir_mask(SLOT_GE - SLOT_C + 1);
    block->flags_used = (uint16_t)(used >> SLOT_C & flags);
    block->flags_set = (uint16_t)(set >> SLOT_C & flags);
}

/* Flags that somebody behind a block reads; x86's direction flag and ARM's Q stay out of it. */
static void drop_dead_flags(Body *body) {
    enum { ROUNDS = 3 }; /* flags that live through more loops than that are rare: kept too short */
    for (uint32_t b = 0; b < body->block_count; b++)
        find_flags(body, &body->blocks[b]);
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = body->order_count; i-- > 0;) {
            BodyBlock *block = &body->blocks[body->order[i]];
            uint32_t count = 0, out = 0;
            const uint32_t *next = successors_of(body, body->order[i], &count);
            for (uint32_t k = 0; k < count; k++) {
                const BodyBlock *to = &body->blocks[next[k]];
                out |= to->flags_used | (uint32_t)(to->flags_out & ~to->flags_set);
            }
            block->flags_out = (uint16_t)out;
        }
    for (uint32_t b = 0; b < body->block_count; b++)
        ir_drop_dead(body->ops + body->blocks[b].first_op, body->blocks[b].op_count,
                     body->blocks[b].flags_out);
}

static void note_wide(uint64_t *words, uint16_t slot) {
    if (slot >= 64 && slot < BODY_SLOTS)
        words[slot / 64] |= (uint64_t)1 << slot % 64;
}

/* Which registers a block reads and writes. */
static void note_slots(Body *body, BodyBlock *block) {
    const IrOp *ops = body->ops + block->first_op;
    uint64_t used = 0, first = 0, set = 0;
    for (uint32_t i = 0; i < block->op_count; i++) {
        const IrOp *op = &ops[i];
        uint64_t in = low_inputs(op), out = low_bit(op->out);
        first |= in & ~set;
        used |= in;
        set |= out;
        block->written[0] |= out;
        note_wide(body->used, op->a);
        note_wide(body->used, op->b);
        note_wide(body->used, op->c);
        note_wide(block->written, op->out);
        if (op->kind == IR_CALL || op->kind == IR_CALL_TO) {
            block->has_call = true;
            set = UINT64_MAX;
        }
        block->has_string |= op->kind == IR_STRING;
    }
    block->general_used = (uint32_t)first;
    block->general_set = (uint32_t)set;
    body->used[0] |= used;
    for (unsigned i = 0; i < SLOT_WORDS; i++)
        body->used[i] |= block->written[i];
}

/* An IR_SKIP counts what is left of what it leaves out. */
static void close_skip(IrOp *op, uint32_t ops_behind) {
    uint64_t left = op->imm < ops_behind ? op->imm : ops_behind, real = 0;
    for (uint32_t k = 1; k <= left; k++)
        real += op[k].kind != IR_NOP;
    op->imm = real;
}

/* Takes out what was dropped. */
static void close_gaps(Body *body) {
    uint32_t kept = 0;
    for (uint32_t b = 0; b < body->block_count; b++) {
        BodyBlock *block = &body->blocks[b];
        uint32_t first = block->first_op, end = first + block->op_count;
        block->first_op = kept;
        for (uint32_t i = first; i < end; i++) {
            IrOp *op = &body->ops[i];
            if (op->kind == IR_SKIP)
                close_skip(op, end - 1 - i);
            body->ops[kept] = *op;
            if (body->offs)
                body->offs[kept] = body->offs[i];
            kept += op->kind != IR_NOP;
        }
        block->op_count = kept - block->first_op;
        note_slots(body, block);
    }
    body->op_count = kept;
}

/* ---- order ---- */

typedef struct Walk {
    uint32_t block, next;
} Walk;

static uint32_t walk_from(Body *body, uint32_t root, Walk *stack, uint32_t *post, uint32_t count) {
    uint32_t depth = 0;
    stack[depth++] = (Walk){.block = root};
    body->blocks[root].order = 0;
    while (depth > 0) {
        Walk *top = &stack[depth - 1];
        uint32_t successor_count = 0;
        const uint32_t *next = successors_of(body, top->block, &successor_count);
        if (top->next < successor_count) {
            uint32_t to = next[top->next++];
            if (to < body->block_count && body->blocks[to].order == NO_ORDER) {
                body->blocks[to].order = 0;
                stack[depth++] = (Walk){.block = to};
            }
        } else {
            post[count++] = top->block;
            depth--;
        }
    }
    return count;
}

static void order_blocks(Body *body, Arena *scratch) {
    uint32_t n = body->block_count;
    Walk *stack = ARENA_UNSET(scratch, Walk, n + 1);
    uint32_t *post = ARENA_UNSET(scratch, uint32_t, n + 1);
    body->order = ARENA_UNSET(scratch, uint32_t, n + 1);
    for (uint32_t b = 0; b < n; b++)
        body->blocks[b].order = NO_ORDER;
    /* Blocks that no path reaches (landing pads) come after those of the entry. */
    for (uint32_t root = 0; root < n; root++) {
        if (body->blocks[root].order != NO_ORDER)
            continue;
        uint32_t count = walk_from(body, root, stack, post, 0);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t block = post[count - 1 - i];
            body->blocks[block].order = body->order_count;
            body->order[body->order_count++] = block;
        }
    }
}

static void find_preds(Body *body, Arena *scratch) {
    uint32_t total = 0, count = 0;
    for (uint32_t b = 0; b < body->block_count; b++) {
        const uint32_t *next = successors_of(body, b, &count);
        for (uint32_t k = 0; k < count; k++)
            body->blocks[next[k]].pred_count++;
    }
    for (uint32_t b = 0; b < body->block_count; b++) {
        body->blocks[b].first_pred = total;
        total += body->blocks[b].pred_count;
        body->blocks[b].pred_count = 0;
    }
    body->preds = ARENA_UNSET(scratch, uint32_t, total + 1);
    for (uint32_t b = 0; b < body->block_count; b++) {
        const uint32_t *next = successors_of(body, b, &count);
        for (uint32_t k = 0; k < count; k++) {
            BodyBlock *to = &body->blocks[next[k]];
            body->preds[to->first_pred + to->pred_count++] = b;
        }
    }
}

static void find_loops(Body *body, Arena *scratch) {
    int32_t *change = ARENA_ARRAY(scratch, int32_t, body->order_count + 1);
    for (uint32_t i = 0; i < body->order_count; i++) {
        BodyBlock *head = &body->blocks[body->order[i]];
        uint32_t end = 0;
        for (uint32_t k = 0; k < head->pred_count; k++) {
            uint32_t from = body->blocks[body->preds[head->first_pred + k]].order;
            if (from >= i && from + 1 > end)
                end = from + 1;
        }
        head->loop_end = end;
        if (end) {
            change[i]++;
            change[end]--;
        }
    }
    int32_t depth = 0;
    for (uint32_t i = 0; i < body->order_count; i++) {
        depth += change[i];
        body->blocks[body->order[i]].loop_depth = (uint32_t)(depth < 255 ? depth : 255);
    }
}

void body_from_function(const BodyContext *x, const Function *f, Decoded decoded,
                        const BodyRoom *room, Arena *scratch, Body *body) {
    *body = (Body){.context = x, .function = f, .block_count = f->block_count};
    body->code_blocks = x->code->blocks.at + f->first_block;
    body->blocks = ARENA_ARRAY(scratch, BodyBlock, f->block_count + 1);
    body->ops = room->ops;
    body->offs = room->offs;
    for (uint32_t b = 0; b < f->block_count; b++)
        lift_block(body, b, &decoded);
    order_blocks(body, scratch);
    find_preds(body, scratch);
    find_loops(body, scratch);
    drop_dead_flags(body);
    close_gaps(body);
}
