/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_neon.c: NEON integers, lane by lane of equal size. The cumulative saturation flag of
 * FPSCR is not kept. */
#include "value/lift_arm.h"

static ArmValue inverted(ArmLift *l, ArmValue v) { return arm_op1(l, IR_NOT, 64, v); }

static ArmValue logic2(ArmLift *l, IrKind kind, ArmValue a, ArmValue b) {
    return arm_op2(l, kind, 64, a, b);
}

/* mask ? a : b, bit by bit. */
static ArmValue blend(ArmLift *l, ArmValue mask, ArmValue a, ArmValue b) {
    return logic2(l, IR_OR, logic2(l, IR_AND, a, mask), logic2(l, IR_AND, b, inverted(l, mask)));
}

static ArmValue halving(ArmLift *l, ArmValue n, ArmValue m) {
    const ArmInsn *in = l->in;
    IrKind shift = in->is_unsigned ? IR_PSHR : IR_PSAR;
    if (in->op == ARM_VRHADD && in->is_unsigned)
        return arm_lanes(l, IR_PAVG, in->size, n, m);
    ArmValue half = arm_lanes(l, shift, in->size, logic2(l, IR_XOR, n, m), arm_number(1));
    if (in->op == ARM_VHADD)
        return arm_lanes(l, IR_PADD, in->size, logic2(l, IR_AND, n, m), half);
    if (in->op == ARM_VRHADD)
        return arm_lanes(l, IR_PSUB, in->size, logic2(l, IR_OR, n, m), half);
    return arm_lanes(l, IR_PSUB, in->size, half, logic2(l, IR_AND, inverted(l, n), m));
}

/* By a signed number in the low byte of each lane: left, or right when it is negative. */
static ArmValue shift_lanes(ArmLift *l, ArmValue value, ArmValue by) {
    const ArmInsn *in = l->in;
    unsigned size = in->size;
    if (size > 8) {
        by = arm_lanes(l, IR_PSHL, size, by, arm_number(size - 8));
        by = arm_lanes(l, IR_PSAR, size, by, arm_number(size - 8));
    }
    ArmValue zero = arm_number(0);
    ArmValue back = arm_lanes(l, IR_PSUB, size, zero, by);
    ArmValue is_right = arm_lanes(l, IR_PGTS, size, zero, by);
    ArmValue left = arm_lanes(l, IR_PSHLV, size, value, by);
    ArmValue right = arm_lanes(l, in->is_unsigned ? IR_PSHRV : IR_PSARV, size, value, back);
    return blend(l, is_right, right, left);
}

static ArmValue difference(ArmLift *l, ArmValue n, ArmValue m) {
    const ArmInsn *in = l->in;
    ArmValue most = arm_lanes(l, in->is_unsigned ? IR_PMAXU : IR_PMAXS, in->size, n, m);
    ArmValue least = arm_lanes(l, in->is_unsigned ? IR_PMINU : IR_PMINS, in->size, n, m);
    return arm_lanes(l, IR_PSUB, in->size, most, least);
}

static ArmValue compare(ArmLift *l, ArmValue n, ArmValue m) {
    const ArmInsn *in = l->in;
    bool with_zero = in->rm == ARM_NO_REG;
    if (with_zero)
        m = arm_number(0);
    IrKind greater = in->is_unsigned && !with_zero ? IR_PGTU : IR_PGTS;
    switch (in->op) {
    case ARM_VCEQ:
        return arm_lanes(l, IR_PEQ, in->size, n, m);
    case ARM_VCGT:
        return arm_lanes(l, greater, in->size, n, m);
    case ARM_VCLT:
        return arm_lanes(l, greater, in->size, m, n);
    case ARM_VCGE:
        return inverted(l, arm_lanes(l, greater, in->size, m, n));
    case ARM_VCLE:
        return inverted(l, arm_lanes(l, greater, in->size, n, m));
    default: /* vtst */
        n = logic2(l, IR_AND, n, m);
        return inverted(l, arm_lanes(l, IR_PEQ, in->size, n, arm_number(0)));
    }
}

static ArmValue logical(ArmLift *l, ArmValue d, ArmValue n, ArmValue m) {
    switch (l->in->op) {
    case ARM_VAND:
        return logic2(l, IR_AND, n, m);
    case ARM_VBIC:
        return logic2(l, IR_AND, n, inverted(l, m));
    case ARM_VORR:
        return logic2(l, IR_OR, n, m);
    case ARM_VORN:
        return logic2(l, IR_OR, n, inverted(l, m));
    case ARM_VEOR:
        return logic2(l, IR_XOR, n, m);
    case ARM_VBSL:
        return blend(l, d, n, m);
    case ARM_VBIT:
        return blend(l, m, n, d);
    default:
        return blend(l, m, d, n);
    }
}

/* Neighbours of n and m: the even ones, the odd ones. */
static ArmValue pairwise(ArmLift *l, ArmValue n, ArmValue m) {
    const ArmInsn *in = l->in;
    if (in->op == ARM_VPADD)
        return arm_lanes(l, IR_PADDP, in->size, n, m);
    ArmValue even = arm_lanes(l, IR_PPACK, in->size, n, m), by = arm_number(in->size);
    ArmValue odd = arm_lanes(l, IR_PPACK, in->size, arm_op2(l, IR_SHR, 64, n, by),
                             arm_op2(l, IR_SHR, 64, m, by));
    static const IrKind kinds[2][2] = {{IR_PMINS, IR_PMINU}, {IR_PMAXS, IR_PMAXU}};
    return arm_lanes(l, kinds[in->op == ARM_VPMAX][in->is_unsigned], in->size, even, odd);
}

/* Sums of neighbours, twice as wide. */
static ArmValue pairs_long(ArmLift *l, ArmValue m) {
    const ArmInsn *in = l->in;
    IrKind shift = in->is_unsigned ? IR_PSHR : IR_PSAR;
    unsigned wide = in->size * 2u;
    ArmValue by = arm_number(in->size);
    ArmValue even = arm_lanes(l, shift, wide, arm_lanes(l, IR_PSHL, wide, m, by), by);
    return arm_lanes(l, IR_PADD, wide, even, arm_lanes(l, shift, wide, m, by));
}

static ArmValue arithmetic(ArmLift *l, ArmValue d, ArmValue n, ArmValue m) {
    static const IrKind saturating[2][2] = {{IR_PADD_SS, IR_PADD_US}, {IR_PSUB_SS, IR_PSUB_US}};
    static const IrKind extremes[2][2] = {{IR_PMINS, IR_PMINU}, {IR_PMAXS, IR_PMAXU}};
    const ArmInsn *in = l->in;
    switch (in->op) {
    case ARM_VQADD:
    case ARM_VQSUB:
        return arm_lanes(l, saturating[in->op == ARM_VQSUB][in->is_unsigned], in->size, n, m);
    case ARM_VADD:
        return arm_lanes(l, IR_PADD, in->size, n, m);
    case ARM_VSUB:
        return arm_lanes(l, IR_PSUB, in->size, n, m);
    case ARM_VMUL:
        return arm_lanes(l, IR_PMUL, in->size, n, m);
    case ARM_VMLA:
        return arm_lanes(l, IR_PADD, in->size, d, arm_lanes(l, IR_PMUL, in->size, n, m));
    case ARM_VMLS:
        return arm_lanes(l, IR_PSUB, in->size, d, arm_lanes(l, IR_PMUL, in->size, n, m));
    case ARM_VMAX:
    case ARM_VMIN:
        return arm_lanes(l, extremes[in->op == ARM_VMAX][in->is_unsigned], in->size, n, m);
    case ARM_VABD:
        return difference(l, n, m);
    case ARM_VABA:
        return arm_lanes(l, IR_PADD, in->size, d, difference(l, n, m));
    case ARM_VPMAX:
    case ARM_VPMIN:
    case ARM_VPADD:
        return pairwise(l, n, m);
    case ARM_VPADDL:
        return pairs_long(l, m);
    case ARM_VPADAL:
        return arm_lanes(l, IR_PADD, in->size * 2u, d, pairs_long(l, m));
    default:
        return arm_slot(SLOT_NONE);
    }
}

/* One d register of the result; slot SLOT_NONE: not of this file. */
static ArmValue one(ArmLift *l, ArmValue d, ArmValue n, ArmValue m) {
    const ArmInsn *in = l->in;
    if (in->op >= ARM_VHADD && in->op <= ARM_VHSUB)
        return halving(l, n, m);
    if (in->op >= ARM_VAND && in->op <= ARM_VBIF)
        return logical(l, d, n, m);
    if (in->op >= ARM_VCGT && in->op <= ARM_VTST)
        return compare(l, n, m);
    switch (in->op) {
    case ARM_VSHL_REG:
        return shift_lanes(l, m, n);
    case ARM_VMVN:
        return inverted(l, m);
    case ARM_VORR_IMM:
        return logic2(l, IR_OR, d, arm_number(in->wide));
    case ARM_VBIC_IMM:
        return logic2(l, IR_AND, d, arm_number(~in->wide));
    case ARM_VCNT:
        return arm_lanes(l, IR_PPOPCNT, in->size, m, arm_slot(SLOT_NONE));
    case ARM_VABS:
        return arm_lanes(l, IR_PABS, in->size, m, arm_slot(SLOT_NONE));
    case ARM_VNEG:
        return arm_lanes(l, IR_PSUB, in->size, arm_number(0), m);
    default:
        return arithmetic(l, d, n, m);
    }
}

static bool uses_crypto(unsigned op) { return op >= ARM_AESE && op <= ARM_AESIMC; }

/* AES works on the whole state: both halves of rd (with rm mixed in) or rm. */
static void crypto(ArmLift *l) {
    const ArmInsn *in = l->in;
    static const IrKind kinds[] = {IR_AESENCLAST, IR_AESDECLAST, IR_AESMC, IR_AESIMC};
    bool rounds = in->op == ARM_AESE || in->op == ARM_AESD;
    ArmValue low = arm_d(in->rm), high = arm_d(in->rm + 1u), results[2];
    if (rounds) {
        low = logic2(l, IR_XOR, arm_d(in->rd), low);
        high = logic2(l, IR_XOR, arm_d(in->rd + 1u), high);
    }
    for (unsigned i = 0; i < 2; i++) {
        IrOp op = {.kind = (uint8_t)kinds[in->op - ARM_AESE],
                   .bits = 64,
                   .a = low.slot,
                   .b = high.slot,
                   .c = SLOT_NONE,
                   .imm = i};
        results[i] = arm_emit_value(l, op);
    }
    arm_set_d(l, in->rd, results[0]);
    arm_set_d(l, in->rd + 1u, results[1]);
}

/* Not computed: a value of all that is read, for each register of the result. */
static void opaque(ArmLift *l) {
    const ArmInsn *in = l->in;
    unsigned wide = in->quad || in->op == ARM_SHA;
    ArmValue state = arm_slot(SLOT_NONE);
    for (unsigned i = 0; i <= wide; i++) {
        state = arm_opaque(l, 64, 2, arm_d(in->rd + i), state);
        if (in->rn != ARM_NO_REG)
            state = arm_opaque(l, 64, 3, arm_d(in->rn + i), state);
        if (in->rm != ARM_NO_REG)
            state = arm_opaque(l, 64, 4, arm_d(in->rm + i), state);
    }
    /* Long forms write two registers whatever quad says; the name does not tell, so both. */
    unsigned written = wide || (in->op == ARM_VOTHER && !(in->rd & 1));
    ArmValue results[2];
    for (unsigned i = 0; i <= written; i++)
        results[i] = arm_opaque(l, 64, i, state, arm_slot(SLOT_NONE));
    for (unsigned i = 0; i <= written; i++)
        arm_set_d(l, in->rd + i, results[i]);
}

bool lift_arm_neon(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (!in->vector)
        return false;
    if (uses_crypto(in->op)) {
        crypto(l);
        return true;
    }
    if (in->op == ARM_SHA || in->op == ARM_VOTHER) {
        opaque(l);
        return true;
    }
    ArmValue scalar = arm_slot(SLOT_NONE);
    bool by_scalar = in->op == ARM_VMUL || in->op == ARM_VMLA || in->op == ARM_VMLS;
    if (in->one_lane && by_scalar) {
        scalar = arm_extract(l, in->size, arm_d(in->rm), in->amount);
        scalar = arm_lanes(l, IR_PSPLAT, in->size, scalar, arm_slot(SLOT_NONE));
    }
    for (unsigned i = 0; i <= in->quad; i++) {
        ArmValue n = in->rn == ARM_NO_REG ? scalar : arm_d(in->rn + i);
        ArmValue m = in->rm == ARM_NO_REG || in->one_lane ? scalar : arm_d(in->rm + i);
        ArmValue v = one(l, arm_d(in->rd + i), n, m);
        if (v.slot == SLOT_NONE)
            return false;
        arm_set_d(l, in->rd + i, v);
    }
    return true;
}
