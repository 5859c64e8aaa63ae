/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_media.c: parallel addition and subtraction of halves and bytes, packing, selection. The
 * word lies in the low half of a slot of lanes; the upper half stays zero. */
#include "value/lift_arm.h"

typedef enum Kind { KIND_S, KIND_Q, KIND_SH, KIND_U, KIND_UQ, KIND_UH } Kind;

static ArmValue halving(ArmLift *l, Kind kind, bool subtracts, unsigned lane, ArmValue a,
                        ArmValue b) {
    IrKind shift = kind == KIND_SH ? IR_PSAR : IR_PSHR;
    ArmValue one = arm_number(1);
    if (!subtracts) { /* (a & b) + ((a ^ b) >> 1) */
        ArmValue half = arm_lanes(l, shift, lane, arm_op2(l, IR_XOR, 64, a, b), one);
        return arm_lanes(l, IR_PADD, lane, arm_op2(l, IR_AND, 64, a, b), half);
    }
    /* ((a ^ b) >> 1) - (~a & b) */
    ArmValue half = arm_lanes(l, shift, lane, arm_op2(l, IR_XOR, 64, a, b), one);
    ArmValue borrow = arm_op2(l, IR_AND, 64, arm_op1(l, IR_NOT, 64, a), b);
    return arm_lanes(l, IR_PSUB, lane, half, borrow);
}

static ArmValue lanes_of(ArmLift *l, Kind kind, bool subtracts, unsigned lane, ArmValue a,
                         ArmValue b) {
    static const IrKind kinds[][2] = {{IR_PADD, IR_PSUB},       {IR_PADD_SS, IR_PSUB_SS},
                                      {IR_NOP, IR_NOP},         {IR_PADD, IR_PSUB},
                                      {IR_PADD_US, IR_PSUB_US}, {IR_NOP, IR_NOP}};
    if (kind == KIND_SH || kind == KIND_UH)
        return halving(l, kind, subtracts, lane, a, b);
    return arm_lanes(l, kinds[kind][subtracts], lane, a, b);
}

/* Lanes whose top bit says that GE's bits are 0 (signed and unsigned subtraction: 1 inverted). */
static ArmValue ge_lanes(ArmLift *l, Kind kind, bool subtracts, unsigned lane, ArmValue a,
                         ArmValue b) {
    if (kind == KIND_S) /* negative, seen without wrapping */
        return arm_lanes(l, subtracts ? IR_PSUB_SS : IR_PADD_SS, lane, a, b);
    if (subtracts)
        return arm_lanes(l, IR_PGTU, lane, b, a);
    ArmValue sum = arm_lanes(l, IR_PADD, lane, a, b);
    return arm_op1(l, IR_NOT, 64, arm_lanes(l, IR_PGTU, lane, a, sum));
}

/* Two results for the halves of `lane` 16: the low one from `low`, the high one from `high`. */
static ArmValue merge(ArmLift *l, ArmValue low, ArmValue high) {
    return arm_insert(l, 16, high, low, 0);
}

typedef ArmValue (*LanesOf)(ArmLift *, Kind, bool, unsigned, ArmValue, ArmValue);

static ArmValue combine(ArmLift *l, LanesOf make, Kind kind, unsigned which, ArmValue a,
                        ArmValue b) {
    switch (which) {
    case 1: /* asx: low subtracts, high adds */
        return merge(l, make(l, kind, true, 16, a, b), make(l, kind, false, 16, a, b));
    case 2:
        return merge(l, make(l, kind, false, 16, a, b), make(l, kind, true, 16, a, b));
    default:
        return make(l, kind, which == 3 || which == 5, which >= 4 ? 8 : 16, a, b);
    }
}

static void parallel(ArmLift *l) {
    const ArmInsn *in = l->in;
    Kind kind = (Kind)((in->op - ARM_SADD16) / 6);
    unsigned which = (unsigned)(in->op - ARM_SADD16) % 6;
    ArmValue a = arm_reg(l, in->rn), b = arm_reg(l, in->rm);
    if (which == 1 || which == 2)
        b = arm_op2(l, IR_ROL, 32, b, arm_number(16));
    ArmValue value = combine(l, lanes_of, kind, which, a, b);
    if (kind == KIND_S || kind == KIND_U) {
        ArmValue ge = combine(l, ge_lanes, kind, which, a, b);
        if (which < 4) /* both bytes of a half */
            ge = arm_lanes(l, IR_PSAR, 16, ge, arm_number(15));
        IrOp mask = {
            .kind = IR_PMASK, .bits = 64, .lane = 8, .a = ge.slot, .b = SLOT_NONE, .c = SLOT_NONE};
        ge = arm_emit_value(l, mask);
        ge = arm_op2(l, IR_XOR, 32, arm_op2(l, IR_AND, 32, ge, arm_number(15)), arm_number(15));
        arm_set(l, SLOT_GE, 8, ge);
    }
    arm_set_reg(l, in->rd, arm_extract(l, 32, value, 0));
}

static void pack(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue m = arm_reg(l, in->rm), n = arm_reg(l, in->rn), low, high;
    if (in->amount != 0)
        m = arm_op2(l, in->shift == ARM_ASR ? IR_SAR : IR_SHL, 32, m, arm_number(in->amount));
    low = in->op == ARM_PKHBT ? n : m;
    high = in->op == ARM_PKHBT ? m : n;
    low = arm_op2(l, IR_AND, 32, low, arm_number(0xffff));
    high = arm_op2(l, IR_AND, 32, high, arm_number(0xffff0000));
    arm_set_reg(l, in->rd, arm_op2(l, IR_OR, 32, low, high));
}

static void choose(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue spread = arm_op2(l, IR_PDEP, 32, arm_slot(SLOT_GE), arm_number(0x01010101));
    ArmValue mask = arm_op2(l, IR_MUL, 32, spread, arm_number(0xff));
    ArmValue n = arm_op2(l, IR_AND, 32, arm_reg(l, in->rn), mask);
    ArmValue m = arm_op2(l, IR_AND, 32, arm_reg(l, in->rm), arm_op1(l, IR_NOT, 32, mask));
    arm_set_reg(l, in->rd, arm_op2(l, IR_OR, 32, n, m));
}

bool lift_arm_media(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->op >= ARM_SADD16 && in->op <= ARM_UHSUB8) {
        parallel(l);
        return true;
    }
    switch (in->op) {
    case ARM_PKHBT:
    case ARM_PKHTB:
        pack(l);
        return true;
    case ARM_SEL:
        choose(l);
        return true;
    default:
        return false;
    }
}
