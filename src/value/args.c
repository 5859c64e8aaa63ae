/* SPDX-License-Identifier: Apache-2.0
 * args.c: which registers a function takes arguments in, by what it reads. */
#include "value/build.h"

/* push ecx at the start of a function makes room for a variable (MSVC) or saves. */
static void forget_pushes(Body *body) {
    const Abi *abi = &body->context->abi;
    const BodyBlock *entry = &body->blocks[0];
    for (uint32_t i = 0; i < entry->op_count; i++) {
        IrOp *op = &body->ops[entry->first_op + i];
        if (op->kind == IR_CALL || op->kind == IR_CALL_TO)
            return;
        if (op->kind == IR_STORE && op->a == abi->stack && op->b < SLOT_TEMP)
            op->b = SLOT_NONE;
    }
}

uint32_t values_args_of(Values *v, const Function *f, Arena *scratch) {
    enum { MOST_BLOCKS = 4096 }; /* as summary.c */
    if (f->block_count == 0 || f->block_count > MOST_BLOCKS)
        return 0;
    ArenaMark mark = arena_mark(scratch);
    Body body;
    body_from_function(&v->context, f, (Decoded){0}, &(BodyRoom){.ops = v->callee_ops}, scratch,
                       &body);
    if (v->context.abi.call_pushes == 4 && body.block_count)
        forget_pushes(&body);
    body_find_args(&body, scratch);
    uint32_t read = (uint32_t)body.args_read;
    arena_reset(scratch, mark);
    return read;
}
