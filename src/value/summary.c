/* SPDX-License-Identifier: Apache-2.0
 * summary.c: what a caller needs to know of a callee: how many arguments it reads. Arguments that
 * it only passes on are not seen. */
#include "value/build.h"

/* mov reg, [esp]; ret: __x86.get_pc_thunk. Slot + 1 of the register, or 0. */
static uint8_t pc_thunk_slot(const Values *v, const Function *f) {
    if (v->context.image->arch != ARCH_X86)
        return 0;
    Bytes b = image_bytes_at(v->context.image, f->va);
    bool is_thunk = bytes_u8_at(b, 0) == 0x8b && (bytes_u8_at(b, 1) & 0xc7) == 0x04 &&
                    bytes_u8_at(b, 2) == 0x24 && bytes_u8_at(b, 3) == 0xc3;
    return is_thunk ? (uint8_t)(((bytes_u8_at(b, 1) >> 3) & 7) + 1) : 0;
}

/* What a function that calls nothing writes: gcc's callers count on it (-fipa-ra). */
static uint32_t clobbers_of(const Body *body) {
    uint32_t written = 0;
    for (uint32_t i = 0; i < body->op_count; i++) {
        const IrOp *op = &body->ops[i];
        if (op->kind > IR_STRING && op->kind != IR_SKIP && op->kind != IR_BRANCH &&
            op->kind != IR_RETURN && op->kind != IR_TRAP && op->kind != IR_TRAP_IF)
            return UINT32_MAX; /* a call, or a jump to somewhere */
        if (op->kind == IR_STRING)
            return UINT32_MAX;
        if (op->kind != IR_NOP && op->out < 32)
            written |= (uint32_t)1 << op->out;
    }
    return written;
}

const Summary *summary_of_function(Values *v, const Function *f, Arena *scratch) {
    /* Larger callees read their arguments early; this bounds what one call can cost (guess). */
    enum { MOST_BLOCKS = 4096, MOST_WORDS = MAX_CALL_ARGS };
    Summary *s = &v->summaries[f - v->context.code->functions.at];
    if (s->done)
        return s;
    s->done = true;
    s->pc_slot = pc_thunk_slot(v, f);
    s->clobbers = v->context.abi.clobbered;
    if (f->block_count == 0 || f->block_count > MOST_BLOCKS || s->pc_slot)
        return s;
    ArenaMark mark = arena_mark(scratch);
    Body body;
    body_from_function(&v->context, f, v->callee_ops, NULL, scratch, &body);
    body_find_stack(&body, scratch);
    body_find_args(&body, scratch);
    s->reg_args = (uint8_t)(body.args_read ? 64 - __builtin_clzll(body.args_read) : 0);
    s->stack_args =
        (uint8_t)(body.stack_args_read < MOST_WORDS ? body.stack_args_read : MOST_WORDS);
    s->clobbers &= clobbers_of(&body);
    arena_reset(scratch, mark);
    return s;
}
