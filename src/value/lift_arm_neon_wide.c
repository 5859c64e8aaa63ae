/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_neon_wide.c: NEON between lanes of a size and of twice that size. */
#include "value/lift_arm.h"

static ArmValue none(void) { return arm_slot(SLOT_NONE); }

/* Half i of a d register, its lanes widened to twice their size. */
static ArmValue widened(ArmLift *l, ArmValue d, unsigned i, unsigned size, bool is_unsigned) {
    if (i == 1)
        d = arm_op2(l, IR_SHR, 64, d, arm_number(32));
    return arm_lanes(l, is_unsigned ? IR_PZEXT : IR_PSEXT, size, d, none());
}

static ArmValue polynomial(ArmLift *l, ArmValue n, ArmValue m, unsigned i) {
    if (l->in->size == 32)
        return arm_op2(l, i == 0 ? IR_CLMUL : IR_CLMULH, 64, n, m);
    ArmValue result = arm_number(0);
    for (unsigned lane = 0; lane < 4; lane++) {
        unsigned low = 32 * i + 8 * lane;
        ArmValue product =
            arm_op2(l, IR_CLMUL, 16, arm_extract(l, 8, n, low), arm_extract(l, 8, m, low));
        result = arm_insert(l, 16, result, product, 16 * lane);
    }
    return result;
}

/* Register i of the result of a long or wide operation. */
static ArmValue long_one(ArmLift *l, unsigned i, ArmValue n, ArmValue m) {
    const ArmInsn *in = l->in;
    unsigned wide = in->size * 2u;
    bool u = in->is_unsigned;
    if (in->op == ARM_VMULL_P)
        return polynomial(l, n, m, i);
    bool wide_n = in->op == ARM_VADDW || in->op == ARM_VSUBW;
    ArmValue a = wide_n ? arm_d(in->rn + i) : widened(l, n, i, in->size, u);
    ArmValue b = widened(l, m, i, in->size, u), d = arm_d(in->rd + i), v;
    switch (in->op) {
    case ARM_VADDL:
    case ARM_VADDW:
        return arm_lanes(l, IR_PADD, wide, a, b);
    case ARM_VSUBL:
    case ARM_VSUBW:
        return arm_lanes(l, IR_PSUB, wide, a, b);
    case ARM_VABDL:
    case ARM_VABAL:
        v = arm_lanes(l, IR_PSUB, wide, arm_lanes(l, IR_PMAXS, wide, a, b),
                      arm_lanes(l, IR_PMINS, wide, a, b));
        return in->op == ARM_VABDL ? v : arm_lanes(l, IR_PADD, wide, d, v);
    default:
        v = arm_lanes(l, IR_PMUL, wide, a, b);
        if (in->op == ARM_VMULL)
            return v;
        return arm_lanes(l, in->op == ARM_VMLAL ? IR_PADD : IR_PSUB, wide, d, v);
    }
}

static void long_forms(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue n = arm_d(in->rn), m = arm_d(in->rm), results[2];
    if (in->one_lane) {
        m = arm_extract(l, in->size, m, in->amount);
        m = arm_lanes(l, IR_PSPLAT, in->size, m, none());
    }
    for (unsigned i = 0; i < 2; i++)
        results[i] = long_one(l, i, n, m);
    arm_set_d(l, in->rd, results[0]);
    arm_set_d(l, in->rd + 1u, results[1]);
}

/* Shifted right by imm with rounding: (x >> imm) + the last bit out. */
static ArmValue rounded(ArmLift *l, IrKind shift, unsigned lane, ArmValue m) {
    unsigned by = l->in->imm;
    ArmValue v = arm_lanes(l, shift, lane, m, arm_number(by));
    uint64_t ones = UINT64_MAX / ir_mask(lane);
    ArmValue last = arm_lanes(l, IR_PSHR, lane, m, arm_number(by - 1));
    return arm_lanes(l, IR_PADD, lane, v, arm_op2(l, IR_AND, 64, last, arm_number(ones)));
}

/* Register i of the source, before its lanes are narrowed. */
static ArmValue narrow_source(ArmLift *l, unsigned i) {
    const ArmInsn *in = l->in;
    unsigned wide = in->size * 2u;
    ArmValue m = arm_d(in->rm + i);
    if (in->op == ARM_VADDHN || in->op == ARM_VSUBHN) {
        m = arm_lanes(l, in->op == ARM_VADDHN ? IR_PADD : IR_PSUB, wide, arm_d(in->rn + i), m);
        if (in->imm) {
            uint64_t ones = UINT64_MAX / ir_mask(wide);
            m = arm_lanes(l, IR_PADD, wide, m, arm_number(ones << (in->size - 1)));
        }
        return arm_lanes(l, IR_PSHR, wide, m, arm_number(in->size));
    }
    if (in->op == ARM_VMOVN || in->op == ARM_VQMOVN || in->op == ARM_VQMOVUN)
        return m;
    bool is_unsigned = in->op == ARM_VSHRN || (in->op == ARM_VQSHRN && in->is_unsigned);
    IrKind shift = is_unsigned ? IR_PSHR : IR_PSAR;
    if (in->amount)
        return rounded(l, shift, wide, m);
    return arm_lanes(l, shift, wide, m, arm_number(in->imm));
}

static void narrow(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue low = narrow_source(l, 0), high = narrow_source(l, 1);
    IrKind kind = IR_PPACK;
    if (in->op == ARM_VQMOVUN || in->op == ARM_VQSHRUN)
        kind = IR_PPACK_US;
    else if (in->op == ARM_VQMOVN || in->op == ARM_VQSHRN)
        kind = in->is_unsigned ? IR_PPACK_UU : IR_PPACK_SS;
    unsigned lane = kind == IR_PPACK ? in->size : in->size * 2u;
    arm_set_d(l, in->rd, arm_lanes(l, kind, lane, low, high));
}

static void shift_long(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue results[2];
    for (unsigned i = 0; i < 2; i++) {
        results[i] = widened(l, arm_d(in->rm), i, in->size, in->is_unsigned);
        if (in->imm != 0)
            results[i] = arm_lanes(l, IR_PSHL, in->size * 2u, results[i], arm_number(in->imm));
    }
    arm_set_d(l, in->rd, results[0]);
    arm_set_d(l, in->rd + 1u, results[1]);
}

bool lift_arm_neon_wide(ArmLift *l) {
    switch (l->in->op) {
    case ARM_VADDL:
    case ARM_VADDW:
    case ARM_VSUBL:
    case ARM_VSUBW:
    case ARM_VABAL:
    case ARM_VABDL:
    case ARM_VMLAL:
    case ARM_VMLSL:
    case ARM_VMULL:
    case ARM_VMULL_P:
        long_forms(l);
        return true;
    case ARM_VADDHN:
    case ARM_VSUBHN:
    case ARM_VSHRN:
    case ARM_VQSHRN:
    case ARM_VQSHRUN:
    case ARM_VMOVN:
    case ARM_VQMOVN:
    case ARM_VQMOVUN:
        narrow(l);
        return true;
    case ARM_VSHLL:
        shift_long(l);
        return true;
    default:
        return false;
    }
}

static ArmValue shifted(ArmLift *l, ArmValue d, ArmValue m) {
    const ArmInsn *in = l->in;
    unsigned size = in->size;
    ArmValue by = arm_number(in->imm), v;
    IrKind right = in->is_unsigned ? IR_PSHR : IR_PSAR;
    uint64_t ones = UINT64_MAX / ir_mask(size);
    switch (in->op) {
    case ARM_VSHR:
        return arm_lanes(l, right, size, m, by);
    case ARM_VSRA:
        return arm_lanes(l, IR_PADD, size, d, arm_lanes(l, right, size, m, by));
    case ARM_VRSHR:
        return rounded(l, right, size, m);
    case ARM_VRSRA:
        return arm_lanes(l, IR_PADD, size, d, rounded(l, right, size, m));
    case ARM_VSHL:
        return arm_lanes(l, IR_PSHL, size, m, by);
    case ARM_VSRI: {
        uint64_t moved = in->imm < size ? ir_mask(size) >> in->imm : 0;
        v = arm_lanes(l, IR_PSHR, size, m, by);
        return arm_op2(l, IR_OR, 64, v, arm_op2(l, IR_AND, 64, d, arm_number(~(moved * ones))));
    }
    default: { /* vsli */
        uint64_t kept = ir_mask(in->imm);
        v = arm_lanes(l, IR_PSHL, size, m, by);
        return arm_op2(l, IR_OR, 64, v, arm_op2(l, IR_AND, 64, d, arm_number(kept * ones)));
    }
    }
}

bool lift_arm_neon_shift(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->op < ARM_VSHR || in->op > ARM_VSLI)
        return false;
    for (unsigned i = 0; i <= in->quad; i++)
        arm_set_d(l, in->rd + i, shifted(l, arm_d(in->rd + i), arm_d(in->rm + i)));
    return true;
}
