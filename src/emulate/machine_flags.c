/* SPDX-License-Identifier: Apache-2.0
 * machine_flags.c: x86 sets six flags with each sum, comparison and test, and where a block ends
 * all of them stay: nearly half of all operations that ran. Those that stand together as the lifter
 * writes them are one step. */
#include "emulate/machine_inner.h"

static bool is_flag(uint16_t slot) { return slot >= SLOT_C && slot <= SLOT_GE; }

static bool is_op(const IrOp *op, IrKind kind, uint16_t out, unsigned bits) {
    return op->kind == kind && op->out == out && op->bits == bits;
}

/* Z N P of a result. */
enum { RESULT_OPS = 3, CARRY_OPS = 3, LOGIC_OPS = 6, ALL_OPS = 7 };
static bool is_result(const IrOp *ops) {
    const IrOp *z = &ops[0], *n = &ops[1], *p = &ops[2];
    return is_op(z, IR_EQ, SLOT_Z, z->bits) && z->b == SLOT_IMM && z->imm == 0 && !is_flag(z->a) &&
           is_op(n, IR_EXTRACT, SLOT_N, 1) && n->a == z->a && n->imm + 1 == z->bits &&
           is_op(p, IR_PARITY, SLOT_P, 8) && p->a == z->a && z->a < SLOT_COUNT;
}

static bool is_zero(const IrOp *op, uint16_t flag) {
    return is_op(op, IR_MOVE, flag, 1) && op->a == SLOT_IMM && op->imm == 0;
}

static bool has_inputs(const IrOp *op, const IrOp *other, uint64_t mask) {
    return op->a == other->a && op->b == other->b && op->c == SLOT_NONE &&
           op->imm == (other->imm & mask);
}

/* V A C of a sum or difference without a carry in. */
static bool is_carries(const IrOp *ops, IrKind overflow, IrKind carry) {
    const IrOp *v = &ops[0], *a = &ops[1], *c = &ops[2];
    return is_op(v, overflow, SLOT_V, v->bits) && v->c == SLOT_NONE && !is_flag(v->a) &&
           !is_flag(v->b) && is_op(a, carry, SLOT_A, 4) && has_inputs(a, v, 15) &&
           is_op(c, carry, SLOT_C, v->bits) && has_inputs(c, v, UINT64_MAX);
}

/* V A C, then the sum or difference itself, then its Z N P. */
static bool is_whole(const IrOp *ops, IrKind kind) {
    const IrOp *v = &ops[0], *r = &ops[CARRY_OPS], *z = &ops[CARRY_OPS + 1];
    return is_op(r, kind, z->a, v->bits) && has_inputs(r, v, UINT64_MAX) && is_result(z) &&
           z->bits == v->bits;
}

size_t flags_step(const IrOp *ops, size_t count, StepKind *kind, const IrOp **what) {
    *what = ops;
    if (count < RESULT_OPS)
        return 0;
    if (is_result(ops)) {
        *kind = STEP_FLAGS_RESULT;
        return RESULT_OPS;
    }
    bool subtracts = is_carries(ops, IR_UNDERFLOW, IR_BORROW);
    if (subtracts || is_carries(ops, IR_OVERFLOW, IR_CARRY)) {
        bool all = count >= ALL_OPS && is_whole(ops, subtracts ? IR_SUB : IR_ADD);
        if (all)
            *what = &ops[CARRY_OPS];
        *kind = subtracts ? all ? STEP_DIFFERENCE : STEP_FLAGS_SUB
                : all     ? STEP_SUM
                          : STEP_FLAGS_ADD;
        return all ? ALL_OPS : CARRY_OPS;
    }
    if (count >= LOGIC_OPS && is_zero(&ops[0], SLOT_C) && is_zero(&ops[1], SLOT_V) &&
        is_zero(&ops[2], SLOT_A) && is_result(&ops[3])) {
        *what = &ops[3];
        *kind = STEP_FLAGS_LOGIC;
        return LOGIC_OPS;
    }
    return 0;
}
