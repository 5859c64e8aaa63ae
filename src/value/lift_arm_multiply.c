/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_multiply.c: multiplication, division, saturation. */
#include "value/lift_arm.h"

/* A signed half of a register. */
static ArmValue half(ArmLift *l, ArmValue v, bool top) {
    if (top)
        return arm_op2(l, IR_SAR, 32, v, arm_number(16));
    return arm_sext(l, 16, 32, v);
}

static ArmValue pair_64(ArmLift *l, ArmValue low, ArmValue high) {
    return arm_op2(l, IR_OR, 64, arm_op2(l, IR_SHL, 64, high, arm_number(32)), low);
}

static void set_pair(ArmLift *l, ArmValue v) {
    ArmValue low = arm_extract(l, 32, v, 0), high = arm_extract(l, 32, v, 32);
    if (l->in->sets_flags) {
        arm_set_flag(l, SLOT_N, arm_op2(l, IR_SLT, 64, v, arm_number(0)));
        arm_set_flag(l, SLOT_Z, arm_op2(l, IR_EQ, 64, v, arm_number(0)));
    }
    arm_set_reg(l, l->in->rd, low);
    arm_set_reg(l, l->in->rs, high);
}

/* a + b in 32 bits; Q is set when that overflows. */
static ArmValue add_q(ArmLift *l, ArmValue a, ArmValue b) {
    ArmValue over = arm_op3(l, IR_OVERFLOW, 32, a, b, arm_slot(SLOT_NONE));
    ArmValue value = arm_op2(l, IR_ADD, 32, a, b);
    arm_set_q(l, over);
    return value;
}

static void plain(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue value = arm_op2(l, IR_MUL, 32, arm_reg(l, in->rn), arm_reg(l, in->rm));
    if (in->op == ARM_MLA)
        value = arm_op2(l, IR_ADD, 32, value, arm_reg(l, in->rs));
    if (in->op == ARM_MLS)
        value = arm_op2(l, IR_SUB, 32, arm_reg(l, in->rs), value);
    if (in->sets_flags)
        arm_set_nz(l, value);
    arm_set_reg(l, in->rd, value);
}

static void wide(ArmLift *l) {
    const ArmInsn *in = l->in;
    bool is_signed = in->op == ARM_SMULL || in->op == ARM_SMLAL;
    ArmValue n = arm_reg(l, in->rn), m = arm_reg(l, in->rm), low = arm_reg(l, in->rd),
             high = arm_reg(l, in->rs);
    if (is_signed) {
        n = arm_sext(l, 32, 64, n);
        m = arm_sext(l, 32, 64, m);
    }
    ArmValue value = arm_op2(l, IR_MUL, 64, n, m);
    if (in->op == ARM_UMLAL || in->op == ARM_SMLAL)
        value = arm_op2(l, IR_ADD, 64, value, pair_64(l, low, high));
    if (in->op == ARM_UMAAL)
        value = arm_op2(l, IR_ADD, 64, arm_op2(l, IR_ADD, 64, value, low), high);
    set_pair(l, value);
}

static void halves(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue n = half(l, arm_reg(l, in->rn), in->imm & 1),
             m = half(l, arm_reg(l, in->rm), in->imm >> 1 & 1);
    ArmValue value = arm_op2(l, IR_MUL, 32, n, m);
    if (in->op == ARM_SMLALXY) {
        value = arm_op2(l, IR_ADD, 64, arm_sext(l, 32, 64, value),
                        pair_64(l, arm_reg(l, in->rd), arm_reg(l, in->rs)));
        set_pair(l, value);
        return;
    }
    if (in->op == ARM_SMLAXY)
        value = add_q(l, value, arm_reg(l, in->rs));
    arm_set_reg(l, in->rd, value);
}

static void word_by_half(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue n = arm_sext(l, 32, 64, arm_reg(l, in->rn)),
             m = arm_sext(l, 32, 64, half(l, arm_reg(l, in->rm), in->imm >> 1 & 1));
    ArmValue value = arm_extract(l, 32, arm_op2(l, IR_MUL, 64, n, m), 16);
    if (in->op == ARM_SMLAWY)
        value = add_q(l, value, arm_reg(l, in->rs));
    arm_set_reg(l, in->rd, value);
}

/* Two products of halves, added or subtracted. */
static void dual(ArmLift *l) {
    const ArmInsn *in = l->in;
    bool subtracts = in->op == ARM_SMUSD || in->op == ARM_SMLSD || in->op == ARM_SMLSLD;
    ArmValue n = arm_reg(l, in->rn), m = arm_reg(l, in->rm);
    if (in->imm & 1)
        m = arm_op2(l, IR_ROR, 32, m, arm_number(16));
    ArmValue low = arm_op2(l, IR_MUL, 32, half(l, n, false), half(l, m, false)),
             high = arm_op2(l, IR_MUL, 32, half(l, n, true), half(l, m, true));
    /* In 64 bits nothing overflows; Q is whether 32 do not hold it. */
    ArmValue value = arm_op2(l, subtracts ? IR_SUB : IR_ADD, 64, arm_sext(l, 32, 64, low),
                             arm_sext(l, 32, 64, high));
    if (in->op == ARM_SMLALD || in->op == ARM_SMLSLD) {
        value = arm_op2(l, IR_ADD, 64, value, pair_64(l, arm_reg(l, in->rd), arm_reg(l, in->rs)));
        set_pair(l, value);
        return;
    }
    if (in->rs != ARM_NO_REG)
        value = arm_op2(l, IR_ADD, 64, value, arm_sext(l, 32, 64, arm_reg(l, in->rs)));
    if (in->op != ARM_SMUSD) {
        ArmValue fits = arm_op2(l, IR_EQ, 64, arm_sext(l, 32, 64, value), value);
        arm_set_q(l, arm_op2(l, IR_XOR, 1, fits, arm_number(1)));
    }
    arm_set_reg(l, in->rd, arm_extract(l, 32, value, 0));
}

static void high_word(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue value = arm_op2(l, IR_MUL, 64, arm_sext(l, 32, 64, arm_reg(l, in->rn)),
                             arm_sext(l, 32, 64, arm_reg(l, in->rm)));
    if (in->op != ARM_SMMUL) {
        ArmValue a = arm_op2(l, IR_SHL, 64, arm_reg(l, in->rs), arm_number(32));
        value = arm_op2(l, in->op == ARM_SMMLA ? IR_ADD : IR_SUB, 64, a, value);
    }
    if (in->imm & 1)
        value = arm_op2(l, IR_ADD, 64, value, arm_number(UINT64_C(1) << 31));
    arm_set_reg(l, in->rd, arm_extract(l, 32, value, 32));
}

static void absolute_differences(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue value = arm_lanes(l, IR_PSAD, 8, arm_reg(l, in->rn), arm_reg(l, in->rm));
    if (in->rs != ARM_NO_REG)
        value = arm_op2(l, IR_ADD, 32, value, arm_reg(l, in->rs));
    arm_set_reg(l, in->rd, arm_extract(l, 32, value, 0));
}

/* A 64-bit number cut to [least, most]; *cut: whether it was. */
static ArmValue clamp(ArmLift *l, ArmValue v, int64_t least, int64_t most, ArmValue *cut) {
    ArmValue low = arm_number((uint64_t)least), high = arm_number((uint64_t)most);
    ArmValue below = arm_op2(l, IR_SLT, 64, v, low), above = arm_op2(l, IR_SLT, 64, high, v);
    *cut = arm_op2(l, IR_OR, 1, below, above);
    v = arm_op3(l, IR_SELECT, 64, below, low, v);
    return arm_op3(l, IR_SELECT, 64, above, high, v);
}

static void saturating_sum(ArmLift *l) {
    const ArmInsn *in = l->in;
    bool subtracts = in->op == ARM_QSUB || in->op == ARM_QDSUB;
    ArmValue m = arm_sext(l, 32, 64, arm_reg(l, in->rm)),
             n = arm_sext(l, 32, 64, arm_reg(l, in->rn)), cut, cut_double;
    bool doubles = in->op == ARM_QDADD || in->op == ARM_QDSUB;
    if (doubles)
        n = clamp(l, arm_op2(l, IR_SHL, 64, n, arm_number(1)), INT32_MIN, INT32_MAX, &cut_double);
    ArmValue value =
        clamp(l, arm_op2(l, subtracts ? IR_SUB : IR_ADD, 64, m, n), INT32_MIN, INT32_MAX, &cut);
    if (doubles)
        cut = arm_op2(l, IR_OR, 1, cut, cut_double);
    arm_set_q(l, cut);
    arm_set_reg(l, in->rd, arm_extract(l, 32, value, 0));
}

static void bounds(const ArmInsn *in, int64_t *least, int64_t *most) {
    bool is_signed = in->op == ARM_SSAT || in->op == ARM_SSAT16;
    *least = is_signed ? -((int64_t)1 << (in->imm - 1)) : 0;
    *most = ((int64_t)1 << (is_signed ? in->imm - 1 : in->imm)) - 1;
}

static void saturate(ArmLift *l) {
    const ArmInsn *in = l->in;
    int64_t least, most;
    bounds(in, &least, &most);
    ArmValue n = arm_reg(l, in->rn), cut, value;
    if (in->op == ARM_SSAT || in->op == ARM_USAT) {
        if (in->amount != 0)
            n = arm_op2(l, in->shift == ARM_ASR ? IR_SAR : IR_SHL, 32, n, arm_number(in->amount));
        value = clamp(l, arm_sext(l, 32, 64, n), least, most, &cut);
        value = arm_extract(l, 32, value, 0);
    } else {
        ArmValue cut_high;
        ArmValue low = clamp(l, arm_sext(l, 16, 64, n), least, most, &cut);
        ArmValue top = arm_sext(l, 32, 64, half(l, n, true));
        ArmValue high = clamp(l, top, least, most, &cut_high);
        value = arm_insert(l, 16, arm_extract(l, 16, low, 0), high, 16);
        cut = arm_op2(l, IR_OR, 1, cut, cut_high);
    }
    arm_set_q(l, cut);
    arm_set_reg(l, in->rd, value);
}

static void divide(ArmLift *l) {
    const ArmInsn *in = l->in;
    /* Division by zero gives 0, as IR_UDIV does (the A profile never traps). */
    arm_set_reg(l, in->rd,
                arm_op2(l, in->op == ARM_UDIV ? IR_UDIV : IR_SDIV, 32, arm_reg(l, in->rn),
                        arm_reg(l, in->rm)));
}

bool lift_arm_multiply(ArmLift *l) {
    switch (l->in->op) {
    case ARM_MUL:
    case ARM_MLA:
    case ARM_MLS:
        plain(l);
        return true;
    case ARM_UMULL:
    case ARM_UMLAL:
    case ARM_SMULL:
    case ARM_SMLAL:
    case ARM_UMAAL:
        wide(l);
        return true;
    case ARM_SMULXY:
    case ARM_SMLAXY:
    case ARM_SMLALXY:
        halves(l);
        return true;
    case ARM_SMULWY:
    case ARM_SMLAWY:
        word_by_half(l);
        return true;
    case ARM_SMUAD:
    case ARM_SMUSD:
    case ARM_SMLAD:
    case ARM_SMLSD:
    case ARM_SMLALD:
    case ARM_SMLSLD:
        dual(l);
        return true;
    case ARM_SMMUL:
    case ARM_SMMLA:
    case ARM_SMMLS:
        high_word(l);
        return true;
    case ARM_UDIV:
    case ARM_SDIV:
        divide(l);
        return true;
    case ARM_USAD8:
        absolute_differences(l);
        return true;
    case ARM_QADD:
    case ARM_QSUB:
    case ARM_QDADD:
    case ARM_QDSUB:
        saturating_sum(l);
        return true;
    case ARM_SSAT:
    case ARM_USAT:
    case ARM_SSAT16:
    case ARM_USAT16:
        saturate(l);
        return true;
    default:
        return false;
    }
}
