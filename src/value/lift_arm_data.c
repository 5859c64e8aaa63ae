/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_data.c: data processing, moves, bit fields and extensions of core registers. */
#include "value/lift_arm.h"

typedef struct Shifted {
    ArmValue value, carry;
} Shifted;

static IrKind shift_kind(unsigned shift) {
    static const IrKind kinds[] = {IR_SHL, IR_SHR, IR_SAR, IR_ROR};
    return kinds[shift & 3];
}

static Shifted shift_fixed(ArmLift *l, ArmValue rm, bool wants_carry) {
    unsigned amount = l->in->amount;
    ArmValue c = arm_slot(SLOT_C);
    if (l->in->shift == ARM_RRX) {
        Shifted s;
        ArmValue down = arm_op2(l, IR_SHR, 32, rm, arm_number(1));
        s.value = arm_op2(l, IR_OR, 32, down, arm_op2(l, IR_SHL, 32, c, arm_number(31)));
        s.carry = wants_carry ? arm_extract(l, 1, rm, 0) : c;
        return s;
    }
    if (amount == 0)
        return (Shifted){rm, c};
    unsigned bit = l->in->shift == ARM_LSL ? 32 - amount : amount - 1;
    if (wants_carry)
        c = arm_extract(l, 1, rm, bit);
    return (Shifted){arm_op2(l, shift_kind(l->in->shift), 32, rm, arm_number(amount)), c};
}

/* By the low byte of a register. The carry is the last bit shifted out: seen in 64 bits. */
static Shifted shift_by_register(ArmLift *l, ArmValue rm, bool wants_carry) {
    ArmValue amount = arm_op2(l, IR_AND, 32, arm_reg(l, l->in->rs), arm_number(0xff));
    Shifted s = {arm_op2(l, shift_kind(l->in->shift), 32, rm, amount), arm_slot(SLOT_C)};
    if (!wants_carry)
        return s;
    ArmValue wide, out;
    switch (l->in->shift) {
    case ARM_LSL:
        wide = arm_op2(l, IR_SHL, 64, rm, amount);
        out = arm_extract(l, 1, wide, 32);
        break;
    case ARM_LSR:
        wide = arm_op2(l, IR_SHL, 64, rm, arm_number(1));
        out = arm_extract(l, 1, arm_op2(l, IR_SHR, 64, wide, amount), 0);
        break;
    case ARM_ASR:
        wide = arm_op2(l, IR_SHL, 64, arm_sext(l, 32, 64, rm), arm_number(1));
        out = arm_extract(l, 1, arm_op2(l, IR_SAR, 64, wide, amount), 0);
        break;
    default:
        out = arm_extract(l, 1, s.value, 31);
        break;
    }
    ArmValue none = arm_op2(l, IR_EQ, 32, amount, arm_number(0));
    s.carry = arm_op3(l, IR_SELECT, 1, none, arm_slot(SLOT_C), out);
    return s;
}

static Shifted operand(ArmLift *l, bool wants_carry) {
    const ArmInsn *in = l->in;
    if (in->form == ARM_FORM_IMM) {
        ArmValue carry = in->carry == ARM_CARRY_SAME ? arm_slot(SLOT_C) : arm_number(in->carry);
        return (Shifted){arm_number(in->imm), carry};
    }
    if (in->form == ARM_FORM_REG)
        return shift_fixed(l, arm_reg(l, in->rm), wants_carry);
    return shift_by_register(l, arm_reg(l, in->rm), wants_carry);
}

ArmValue arm_operand(ArmLift *l) { return operand(l, false).value; }

/* Writes the counter as `mov pc, lr` and its kind do. */
static void finish(ArmLift *l, ArmValue value) {
    const ArmInsn *in = l->in;
    if (in->rd == ARM_NO_REG)
        return;
    bool returns = in->op == ARM_MOV && in->rm == ARM_LR;
    arm_set_or_go(l, in->rd, value, returns ? ARM_GO_RETURN : ARM_GO_JUMP);
}

static void logic(ArmLift *l) {
    const ArmInsn *in = l->in;
    bool flags = in->sets_flags && in->rd != ARM_PC;
    Shifted s = operand(l, flags);
    ArmValue a = in->rn == ARM_NO_REG ? arm_number(0) : arm_reg(l, in->rn), value = s.value;
    switch (in->op) {
    case ARM_AND:
    case ARM_TST:
        value = arm_op2(l, IR_AND, 32, a, s.value);
        break;
    case ARM_EOR:
    case ARM_TEQ:
        value = arm_op2(l, IR_XOR, 32, a, s.value);
        break;
    case ARM_ORR:
        value = arm_op2(l, IR_OR, 32, a, s.value);
        break;
    case ARM_ORN:
        value = arm_op2(l, IR_OR, 32, a, arm_op1(l, IR_NOT, 32, s.value));
        break;
    case ARM_BIC:
        value = arm_op2(l, IR_AND, 32, a, arm_op1(l, IR_NOT, 32, s.value));
        break;
    case ARM_MVN:
        value = arm_op1(l, IR_NOT, 32, s.value);
        break;
    default:
        break;
    }
    if (flags) {
        arm_set_flag(l, SLOT_C, s.carry);
        arm_set_nz(l, value);
    }
    finish(l, value);
}

/* a + b + carry, or a - b - borrow; `third` is the carry or borrow, slot SLOT_NONE: none. */
static void sum(ArmLift *l, bool subtracts, ArmValue a, ArmValue b, ArmValue third) {
    const ArmInsn *in = l->in;
    bool has_third = third.slot != SLOT_NONE, flags = in->sets_flags && in->rd != ARM_PC;
    ArmValue c = third, v = third;
    if (flags) {
        v = arm_op3(l, subtracts ? IR_UNDERFLOW : IR_OVERFLOW, 32, a, b, third);
        if (!subtracts)
            c = arm_op3(l, IR_CARRY, 32, a, b, third);
        else if (has_third)
            c = arm_op2(l, IR_XOR, 1, arm_op3(l, IR_BORROW, 32, a, b, third), arm_number(1));
        else
            c = arm_op2(l, IR_ULE, 32, b, a);
    }
    ArmValue value = arm_op2(l, subtracts ? IR_SUB : IR_ADD, 32, a, b);
    if (has_third)
        value = arm_op2(l, subtracts ? IR_SUB : IR_ADD, 32, value, third);
    if (flags) {
        arm_set_nz(l, value);
        arm_set_flag(l, SLOT_V, v);
        arm_set_flag(l, SLOT_C, c);
    }
    finish(l, value);
}

static void arithmetic(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue a = arm_reg(l, in->rn), b = arm_operand(l), none = arm_slot(SLOT_NONE);
    switch (in->op) {
    case ARM_ADC:
        sum(l, false, a, b, arm_slot(SLOT_C));
        return;
    case ARM_SBC:
        sum(l, true, a, b, arm_op2(l, IR_XOR, 1, arm_slot(SLOT_C), arm_number(1)));
        return;
    case ARM_RSC:
        sum(l, true, b, a, arm_op2(l, IR_XOR, 1, arm_slot(SLOT_C), arm_number(1)));
        return;
    case ARM_RSB:
        sum(l, true, b, a, none);
        return;
    case ARM_SUB:
    case ARM_CMP:
        sum(l, true, a, b, none);
        return;
    default:
        sum(l, false, a, b, none);
        return;
    }
}

static void extend(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue m = arm_reg(l, in->rm), value;
    if (in->amount != 0)
        m = arm_op2(l, IR_ROR, 32, m, arm_number(in->amount));
    bool is_signed = in->op == ARM_SXTB || in->op == ARM_SXTH || in->op == ARM_SXTB16;
    if (in->op == ARM_SXTB16 || in->op == ARM_UXTB16) {
        ArmValue low = arm_op2(l, IR_AND, 32, m, arm_number(0x00ff00ff));
        value = low;
        if (is_signed) {
            /* Sign of a byte in 16 bits: (x ^ 0x80) - 0x80 in each half. */
            ArmValue turned = arm_op2(l, IR_XOR, 32, low, arm_number(0x00800080));
            value = arm_lanes(l, IR_PSUB, 16, turned, arm_number(0x00800080));
        }
        if (in->rn != ARM_NO_REG)
            value = arm_lanes(l, IR_PADD, 16, arm_reg(l, in->rn), value);
        arm_set_reg(l, in->rd, value);
        return;
    }
    unsigned from = in->op == ARM_SXTB || in->op == ARM_UXTB ? 8 : 16;
    value = is_signed ? arm_sext(l, from, 32, m) : arm_extract(l, from, m, 0);
    if (in->rn != ARM_NO_REG)
        value = arm_op2(l, IR_ADD, 32, arm_reg(l, in->rn), value);
    arm_set_reg(l, in->rd, value);
}

static void field(ArmLift *l) {
    const ArmInsn *in = l->in;
    unsigned low = in->amount, width = in->imm;
    uint32_t mask = (uint32_t)ir_mask(width);
    ArmValue value;
    if (in->op == ARM_BFI) {
        value = arm_op2(l, IR_AND, 32, arm_reg(l, in->rd), arm_number(~(mask << low)));
        if (in->rn != ARM_NO_REG) {
            ArmValue piece = arm_op2(l, IR_AND, 32, arm_reg(l, in->rn), arm_number(mask));
            value = arm_op2(l, IR_OR, 32, value, arm_op2(l, IR_SHL, 32, piece, arm_number(low)));
        }
    } else if (in->op == ARM_UBFX) {
        ArmValue down = arm_op2(l, IR_SHR, 32, arm_reg(l, in->rn), arm_number(low));
        value = arm_op2(l, IR_AND, 32, down, arm_number(mask));
    } else {
        ArmValue up = arm_op2(l, IR_SHL, 32, arm_reg(l, in->rn), arm_number(32 - low - width));
        value = arm_op2(l, IR_SAR, 32, up, arm_number(32 - width));
    }
    arm_set_reg(l, in->rd, value);
}

static ArmValue reverse_halves(ArmLift *l, ArmValue m) {
    ArmValue up =
        arm_op2(l, IR_SHL, 32, arm_op2(l, IR_AND, 32, m, arm_number(0x00ff00ff)), arm_number(8));
    ArmValue down =
        arm_op2(l, IR_AND, 32, arm_op2(l, IR_SHR, 32, m, arm_number(8)), arm_number(0x00ff00ff));
    return arm_op2(l, IR_OR, 32, up, down);
}

static bool bits(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue m = arm_reg(l, in->rm), value;
    switch (in->op) {
    case ARM_CLZ:
        value = arm_op1(l, IR_CLZ, 32, m);
        break;
    case ARM_RBIT:
        value = arm_op1(l, IR_RBIT, 32, m);
        break;
    case ARM_REV:
        value = arm_op1(l, IR_BSWAP, 32, m);
        break;
    case ARM_REV16:
        value = reverse_halves(l, m);
        break;
    case ARM_REVSH:
        value = arm_sext(l, 16, 32, arm_op1(l, IR_BSWAP, 16, m));
        break;
    case ARM_CRC32:
    case ARM_CRC32C: {
        IrOp op = {.kind = in->op == ARM_CRC32 ? IR_CRC32 : IR_CRC32C,
                   .bits = 32,
                   .lane = in->size,
                   .a = arm_reg(l, in->rn).slot,
                   .b = m.slot,
                   .c = SLOT_NONE};
        value = arm_emit_value(l, op);
        break;
    }
    default:
        return false;
    }
    arm_set_reg(l, in->rd, value);
    return true;
}

bool lift_arm_data(ArmLift *l) {
    const ArmInsn *in = l->in;
    switch (in->op) {
    case ARM_AND:
    case ARM_EOR:
    case ARM_TST:
    case ARM_TEQ:
    case ARM_ORR:
    case ARM_MOV:
    case ARM_BIC:
    case ARM_MVN:
    case ARM_ORN:
    case ARM_SHIFT:
        logic(l);
        return true;
    case ARM_SUB:
    case ARM_RSB:
    case ARM_ADD:
    case ARM_ADC:
    case ARM_SBC:
    case ARM_RSC:
    case ARM_CMP:
    case ARM_CMN:
        arithmetic(l);
        return true;
    case ARM_ADR:
        arm_set_or_go(l, in->rd, arm_address(in->target), ARM_GO_JUMP);
        return true;
    case ARM_MOVW:
        arm_set_reg(l, in->rd, arm_number(in->imm));
        return true;
    case ARM_MOVT: {
        ArmValue low = arm_op2(l, IR_AND, 32, arm_reg(l, in->rd), arm_number(0xffff));
        arm_set_reg(l, in->rd, arm_op2(l, IR_OR, 32, low, arm_number((uint64_t)in->imm << 16)));
        return true;
    }
    case ARM_SXTB:
    case ARM_SXTH:
    case ARM_SXTB16:
    case ARM_UXTB:
    case ARM_UXTH:
    case ARM_UXTB16:
        extend(l);
        return true;
    case ARM_BFI:
    case ARM_UBFX:
    case ARM_SBFX:
        field(l);
        return true;
    default:
        return bits(l);
    }
}
