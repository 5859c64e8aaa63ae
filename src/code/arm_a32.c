/* SPDX-License-Identifier: Apache-2.0
 * arm_a32.c: the A32 encodings (DDI 0406C, chapter A5). */
#include "code/arm_insn.h"

void arm_imm_a32(uint32_t imm12, ArmInsn *out) {
    unsigned turn = 2 * arm_bits(imm12, 11, 8);
    uint32_t value = imm12 & 0xff;
    if (turn != 0)
        value = value >> turn | value << (32 - turn);
    out->form = ARM_FORM_IMM;
    out->imm = value;
    out->carry = turn == 0 ? ARM_CARRY_SAME : (uint8_t)(value >> 31);
}

void arm_shift_imm(unsigned type, unsigned amount, ArmInsn *out) {
    out->form = ARM_FORM_REG;
    out->shift = (uint8_t)type;
    out->amount = (uint8_t)amount;
    if (amount != 0)
        return;
    if (type == ARM_LSR || type == ARM_ASR)
        out->amount = 32;
    else if (type == ARM_ROR) {
        out->shift = ARM_RRX;
        out->amount = 1;
    }
}

static uint8_t reg_at(uint32_t w, unsigned low) { return (uint8_t)arm_bits(w, low + 3, low); }

/* cmp has no destination, mov no first operand; mov with a shift is a shift. */
static bool data_finish(uint32_t w, ArmInsn *out) {
    out->op = (uint16_t)(ARM_AND + arm_bits(w, 24, 21));
    out->sets_flags = arm_bit(w, 20);
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 12);
    bool compares = out->op >= ARM_TST && out->op <= ARM_CMN;
    bool moves = out->op == ARM_MOV || out->op == ARM_MVN;
    if ((compares && out->rd != 0) || (moves && out->rn != 0))
        return false;
    if (compares)
        out->rd = ARM_NO_REG;
    if (moves)
        out->rn = ARM_NO_REG;
    bool shifted = out->form == ARM_FORM_SHIFT ||
                   (out->form == ARM_FORM_REG && (out->amount != 0 || out->shift != ARM_LSL));
    if (out->op == ARM_MOV && shifted)
        out->op = ARM_SHIFT;
    bool is_sum = out->op == ARM_ADD || out->op == ARM_SUB;
    if (is_sum && out->form == ARM_FORM_IMM && out->rn == ARM_PC && !out->sets_flags) {
        out->target = out->va + 8 + (out->op == ARM_ADD ? out->imm : 0 - out->imm);
        out->op = ARM_ADR;
    }
    if (out->rd == ARM_PC && out->sets_flags)
        out->op = ARM_RFE; /* subs pc, lr, #4: return from an exception */
    /* The manual's UNPREDICTABLE: the counter in a shift by a register. */
    return out->form != ARM_FORM_SHIFT ||
           (out->rd != ARM_PC && out->rn != ARM_PC && out->rm != ARM_PC && out->rs != ARM_PC);
}

static bool data_reg(uint32_t w, ArmInsn *out) {
    out->rm = reg_at(w, 0);
    if (arm_bit(w, 4)) {
        out->form = ARM_FORM_SHIFT;
        out->shift = (uint8_t)arm_bits(w, 6, 5);
        out->rs = reg_at(w, 8);
    } else {
        arm_shift_imm(arm_bits(w, 6, 5), arm_bits(w, 11, 7), out);
    }
    return data_finish(w, out);
}

/* rd in bits 19:16, as multiplies have it. */
static bool multiply(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[] = {ARM_MUL,   ARM_MLA,   ARM_UMAAL, ARM_MLS,
                                   ARM_UMULL, ARM_UMLAL, ARM_SMULL, ARM_SMLAL};
    unsigned which = arm_bits(w, 23, 21);
    out->op = ops[which];
    out->sets_flags = arm_bit(w, 20);
    out->rn = reg_at(w, 0);
    out->rm = reg_at(w, 8);
    if (which == 2 || which >= 4) {
        out->rd = reg_at(w, 12);
        out->rs = reg_at(w, 16);
        if (out->rd == out->rs)
            return false;
    } else {
        out->rd = reg_at(w, 16);
        out->rs = which == 0 ? ARM_NO_REG : reg_at(w, 12);
        if (which == 0 && reg_at(w, 12) != 0)
            return false;
    }
    if (out->sets_flags && (out->op == ARM_UMAAL || out->op == ARM_MLS))
        return false;
    return out->rd != ARM_PC && out->rn != ARM_PC && out->rm != ARM_PC && out->rs != ARM_PC;
}

static bool synchronise(uint32_t w, ArmInsn *out) {
    static const uint8_t sizes[] = {32, 64, 8, 16};
    out->rn = reg_at(w, 16);
    out->pre = out->add = true;
    if (!arm_bit(w, 23)) { /* swp, swpb */
        out->op = ARM_SWP;
        out->size = arm_bit(w, 22) ? 8 : 32;
        out->rd = reg_at(w, 12);
        out->rm = reg_at(w, 0);
        return arm_bits(w, 21, 20) == 0 && arm_bits(w, 11, 8) == 0 && out->rd != ARM_PC &&
               out->rm != ARM_PC && out->rn != ARM_PC;
    }
    /* Bits 9:8: 3 exclusive, 2 acquire and release with exclusive, 0 without. */
    unsigned kind = arm_bits(w, 9, 8);
    if (arm_bits(w, 11, 10) != 3 || kind == 1 || out->rn == ARM_PC)
        return false;
    out->size = sizes[arm_bits(w, 22, 21)];
    bool wide = out->size == 64;
    if (kind == 0 && wide)
        return false;
    if (arm_bit(w, 20)) {
        out->op = ARM_LDREX;
        out->rd = reg_at(w, 12);
        if (wide)
            out->rs = out->rd + 1;
        return reg_at(w, 0) == 15 && out->rd < (wide ? ARM_LR : ARM_PC) && !(wide && out->rd & 1);
    }
    out->op = ARM_STREX;
    out->rm = reg_at(w, 0);
    if (wide)
        out->rs = out->rm + 1;
    out->rd = kind == 0 ? ARM_NO_REG : reg_at(w, 12);
    if (kind == 0)
        return reg_at(w, 12) == 15 && out->rm != ARM_PC;
    return out->rd != ARM_PC && out->rd != out->rn && out->rd != out->rm && out->rd != out->rs &&
           out->rm < (wide ? ARM_LR : ARM_PC) && !(wide && out->rm & 1);
}

static void memory_modes(uint32_t w, ArmInsn *out) {
    out->pre = arm_bit(w, 24);
    out->add = arm_bit(w, 23);
    out->writeback = !out->pre || arm_bit(w, 21);
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 12);
}

static void memory_literal(ArmInsn *out) {
    if (out->rn != ARM_PC || out->form != ARM_FORM_IMM || out->writeback)
        return;
    uint32_t base = (out->va + (out->thumb ? 4 : 8)) & ~UINT32_C(3);
    out->is_literal = true;
    out->target = base + (out->add ? out->imm : 0 - out->imm);
}

static bool memory_is_odd(const ArmInsn *out) {
    return out->writeback && (out->rn == ARM_PC || out->rn == out->rd || out->rn == out->rs);
}

/* ldrh ldrsb ldrsh ldrd strd. */
static bool memory_extra(uint32_t w, ArmInsn *out) {
    memory_modes(w, out);
    if (arm_bit(w, 22)) {
        out->form = ARM_FORM_IMM;
        out->imm = arm_bits(w, 11, 8) << 4 | arm_bits(w, 3, 0);
    } else {
        out->form = ARM_FORM_REG;
        out->rm = reg_at(w, 0);
        if (arm_bits(w, 11, 8) != 0 || out->rm == ARM_PC)
            return false;
    }
    unsigned which = arm_bits(w, 6, 5);
    out->size = which == 2 ? 8 : 16;
    if (arm_bit(w, 20)) {
        out->op = which == 1 ? ARM_LDR : ARM_LDRS;
    } else if (which == 1) {
        out->op = ARM_STR;
    } else {
        out->op = which == 2 ? ARM_LDRD : ARM_STRD;
        out->size = 32;
        if (out->rd & 1 || out->rd == ARM_LR || (!out->pre && arm_bit(w, 21)))
            return false;
        out->rs = out->rd + 1;
    }
    memory_literal(out);
    return out->rd != ARM_PC && !memory_is_odd(out);
}

static bool memory_word(uint32_t w, ArmInsn *out) {
    memory_modes(w, out);
    if (arm_bit(w, 25)) {
        out->rm = reg_at(w, 0);
        arm_shift_imm(arm_bits(w, 6, 5), arm_bits(w, 11, 7), out);
        if (out->rm == ARM_PC)
            return false;
    } else {
        out->form = ARM_FORM_IMM;
        out->imm = arm_bits(w, 11, 0);
    }
    out->op = arm_bit(w, 20) ? ARM_LDR : ARM_STR;
    out->size = arm_bit(w, 22) ? 8 : 32;
    memory_literal(out);
    if (out->size == 8 && out->rd == ARM_PC)
        return false;
    return !memory_is_odd(out);
}

/* Halfword multiplies: smlaXY smlawY smulwY smlalXY smulXY. */
static bool multiply_half(uint32_t w, ArmInsn *out) {
    out->rd = reg_at(w, 16);
    out->rs = reg_at(w, 12);
    out->rm = reg_at(w, 8);
    out->rn = reg_at(w, 0);
    out->imm = arm_bits(w, 6, 5); /* bit 0: x, bit 1: y */
    switch (arm_bits(w, 22, 21)) {
    case 0:
        out->op = ARM_SMLAXY;
        break;
    case 1:
        out->op = out->imm & 1 ? ARM_SMULWY : ARM_SMLAWY;
        break;
    case 2:
        out->op = ARM_SMLALXY;
        out->rs = reg_at(w, 16);
        out->rd = reg_at(w, 12);
        break;
    default:
        out->op = ARM_SMULXY;
        break;
    }
    if (out->op == ARM_SMULWY || out->op == ARM_SMULXY) {
        if (out->rs != 0)
            return false;
        out->rs = ARM_NO_REG;
    }
    return out->rd != ARM_PC && out->rs != ARM_PC && out->rm != ARM_PC && out->rn != ARM_PC;
}

/* bx blx clz qadd bkpt mrs msr crc32 and others. */
static bool miscellaneous(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 22, 21);
    out->rd = reg_at(w, 12);
    out->rm = reg_at(w, 0);
    switch (arm_bits(w, 6, 4)) {
    case 0:
        if (arm_bit(w, 9)) { /* banked registers */
            out->op = ARM_UNKNOWN;
            return true;
        }
        if (op & 1) {
            out->op = ARM_MSR;
            out->imm = arm_bits(w, 19, 16) | (op & 2) << 3;
            out->rd = ARM_NO_REG;
            return arm_bits(w, 15, 8) == 0xf0 && out->rm != ARM_PC && out->imm != 0;
        }
        out->op = ARM_MRS;
        out->imm = op & 2;
        out->rm = ARM_NO_REG;
        return arm_bits(w, 19, 16) == 15 && arm_bits(w, 11, 0) == 0 && out->rd != ARM_PC;
    case 1:
        if (op == 1) {
            out->op = ARM_BX;
            out->rd = ARM_NO_REG;
            return arm_bits(w, 19, 8) == 0xfff;
        }
        out->op = ARM_CLZ;
        return op == 3 && arm_bits(w, 19, 16) == 15 && arm_bits(w, 11, 8) == 15 &&
               out->rd != ARM_PC && out->rm != ARM_PC;
    case 2:
        out->op = ARM_BX; /* bxj */
        out->rd = ARM_NO_REG;
        return op == 1 && arm_bits(w, 19, 8) == 0xfff && out->rm != ARM_PC;
    case 3:
        out->op = ARM_BLX;
        out->rd = ARM_NO_REG;
        return op == 1 && arm_bits(w, 19, 8) == 0xfff && out->rm != ARM_PC;
    case 4: /* crc32, crc32c */
        out->op = arm_bit(w, 9) ? ARM_CRC32C : ARM_CRC32;
        out->size = (uint8_t)(8 << op);
        out->rn = reg_at(w, 16);
        return op != 3 && (arm_bits(w, 11, 8) & 13) == 0 && out->rd != ARM_PC &&
               out->rm != ARM_PC && out->rn != ARM_PC;
    case 5:
        out->op = (uint16_t)(ARM_QADD + op);
        out->rn = reg_at(w, 16);
        return arm_bits(w, 11, 8) == 0 && out->rd != ARM_PC && out->rm != ARM_PC &&
               out->rn != ARM_PC;
    case 6:
        out->op = ARM_RFE; /* eret */
        return w == 0xe160006e || (w & 0x0fffffff) == 0x0160006e;
    default:
        out->rd = out->rm = ARM_NO_REG;
        out->imm = arm_bits(w, 19, 8) << 4 | arm_bits(w, 3, 0);
        out->op = op == 1 ? ARM_BKPT : ARM_SYSTEM; /* hlt is a trap for debuggers; hvc, smc */
        if (op == 0)
            out->op = ARM_UDF;
        return op != 3 || arm_bits(w, 19, 8) == 0;
    }
}

static bool data_imm(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 24, 20);
    if (op == 0x10 || op == 0x14) {
        out->op = op == 0x10 ? ARM_MOVW : ARM_MOVT;
        out->rd = reg_at(w, 12);
        out->imm = arm_bits(w, 19, 16) << 12 | arm_bits(w, 11, 0);
        return out->rd != ARM_PC;
    }
    arm_imm_a32(w, out);
    if (op != 0x12 && op != 0x16)
        return data_finish(w, out);
    if (arm_bits(w, 15, 12) != 15)
        return false;
    if (op == 0x12 && arm_bits(w, 19, 16) == 0) { /* hints */
        out->op = ARM_NOP;
        return arm_bits(w, 11, 8) == 0;
    }
    out->op = ARM_MSR;
    out->target = out->imm;
    out->imm = arm_bits(w, 19, 16) | (uint32_t)(op & 4) << 2;
    return out->imm != 0;
}

static bool media_multiply(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 22, 20), op2 = arm_bits(w, 7, 5);
    out->rd = reg_at(w, 16);
    out->rs = reg_at(w, 12);
    out->rm = reg_at(w, 8);
    out->rn = reg_at(w, 0);
    out->imm = op2 & 1;
    bool none = out->rs == 15;
    switch (op) {
    case 0:
        if (op2 >= 4)
            return false;
        out->op = op2 & 2 ? (none ? ARM_SMUSD : ARM_SMLSD) : (none ? ARM_SMUAD : ARM_SMLAD);
        break;
    case 1:
    case 3:
        out->op = op == 1 ? ARM_SDIV : ARM_UDIV;
        if (op2 != 0 || !none)
            return false;
        break;
    case 4:
        if (op2 >= 4)
            return false;
        out->op = op2 & 2 ? ARM_SMLSLD : ARM_SMLALD;
        out->rd = reg_at(w, 12);
        out->rs = reg_at(w, 16);
        none = false;
        if (out->rd == out->rs)
            return false;
        break;
    case 5:
        if (op2 >= 2 && op2 < 6)
            return false;
        out->op = op2 >= 6 ? ARM_SMMLS : none ? ARM_SMMUL : ARM_SMMLA;
        none = out->op == ARM_SMMUL;
        break;
    default:
        return false;
    }
    if (none)
        out->rs = ARM_NO_REG;
    return out->rd != ARM_PC && out->rm != ARM_PC && out->rn != ARM_PC && out->rs != ARM_PC;
}

static bool media_pack(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 22, 20), op2 = arm_bits(w, 7, 5);
    static const uint16_t extends[] = {ARM_SXTB16, 0, ARM_SXTB, ARM_SXTH,
                                       ARM_UXTB16, 0, ARM_UXTB, ARM_UXTH};
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 12);
    out->rm = reg_at(w, 0);
    if (out->rd == ARM_PC || out->rm == ARM_PC)
        return false;
    if ((op2 & 1) == 0) {
        unsigned amount = arm_bits(w, 11, 7);
        if (op == 0) { /* pkhbt, pkhtb */
            arm_shift_imm(arm_bits(w, 6, 5), amount, out);
            out->op = arm_bit(w, 6) ? ARM_PKHTB : ARM_PKHBT;
            return out->rn != ARM_PC;
        }
        if ((op & 2) == 0)
            return false;
        out->op = op & 4 ? ARM_USAT : ARM_SSAT;
        out->rn = out->rm;
        out->rm = ARM_NO_REG;
        out->shift = arm_bit(w, 6) ? ARM_ASR : ARM_LSL;
        out->amount = (uint8_t)(arm_bit(w, 6) && amount == 0 ? 32 : amount);
        out->imm = arm_bits(w, 20, 16) + (op & 4 ? 0 : 1);
        return true;
    }
    if (op2 == 3) {
        if (extends[op] == 0)
            return false;
        out->op = extends[op];
        out->amount = (uint8_t)(8 * arm_bits(w, 11, 10));
        if (out->rn == ARM_PC)
            out->rn = ARM_NO_REG;
        return arm_bits(w, 9, 8) == 0;
    }
    if (op2 == 5 && op == 0) {
        out->op = ARM_SEL;
        return arm_bits(w, 11, 8) == 15 && out->rn != ARM_PC;
    }
    if (op2 == 1 && (op == 2 || op == 6)) {
        out->op = op == 2 ? ARM_SSAT16 : ARM_USAT16;
        out->imm = arm_bits(w, 19, 16) + (op == 2 ? 1 : 0);
        out->rn = out->rm;
        out->rm = ARM_NO_REG;
        return arm_bits(w, 11, 8) == 15;
    }
    static const struct {
        uint8_t op, op2;
        uint16_t is;
    } reverses[] = {{3, 1, ARM_REV}, {3, 5, ARM_REV16}, {7, 1, ARM_RBIT}, {7, 5, ARM_REVSH}};
    for (size_t i = 0; i < sizeof reverses / sizeof *reverses; i++)
        if (reverses[i].op == op && reverses[i].op2 == op2) {
            out->op = reverses[i].is;
            out->rn = ARM_NO_REG;
            return arm_bits(w, 19, 16) == 15 && arm_bits(w, 11, 8) == 15;
        }
    return false;
}

static bool media_parallel(uint32_t w, ArmInsn *out) {
    static const uint8_t kinds[] = {9, 0, 1, 2, 9, 3, 4, 5}, which[] = {0, 1, 2, 3, 4, 9, 9, 5};
    unsigned kind = kinds[arm_bits(w, 22, 20)], op = which[arm_bits(w, 7, 5)];
    if (kind == 9 || op == 9 || arm_bits(w, 11, 8) != 15)
        return false;
    out->op = (uint16_t)(ARM_SADD16 + 6 * kind + op);
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 12);
    out->rm = reg_at(w, 0);
    return out->rn != ARM_PC && out->rd != ARM_PC && out->rm != ARM_PC;
}

static bool media_field(uint32_t w, ArmInsn *out) {
    unsigned low = arm_bits(w, 11, 7), high = arm_bits(w, 20, 16);
    out->rd = reg_at(w, 12);
    out->amount = (uint8_t)low;
    if (out->rd == ARM_PC)
        return false;
    if (arm_bits(w, 22, 21) == 2) {
        out->op = ARM_BFI;
        out->rn = reg_at(w, 0) == 15 ? ARM_NO_REG : reg_at(w, 0);
        out->imm = high - low + 1;
        return high >= low;
    }
    out->op = arm_bit(w, 22) ? ARM_UBFX : ARM_SBFX;
    out->rn = reg_at(w, 0);
    out->imm = high + 1;
    return low + high < 32 && out->rn != ARM_PC;
}

static bool media(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 24, 20), op2 = arm_bits(w, 7, 5);
    if (op < 8)
        return media_parallel(w, out);
    if (op < 16)
        return media_pack(w, out);
    if (op < 24)
        return media_multiply(w, out);
    if (op == 24 && op2 == 0) {
        out->op = ARM_USAD8;
        out->rd = reg_at(w, 16);
        out->rs = reg_at(w, 12) == 15 ? ARM_NO_REG : reg_at(w, 12);
        out->rm = reg_at(w, 8);
        out->rn = reg_at(w, 0);
        return out->rd != ARM_PC && out->rm != ARM_PC && out->rn != ARM_PC;
    }
    if (op == 31 && op2 == 7) {
        out->op = ARM_UDF;
        out->imm = arm_bits(w, 19, 8) << 4 | arm_bits(w, 3, 0);
        return out->cond == ARM_ALWAYS;
    }
    if (op >= 26 && (op2 & 3) == 2 && (op < 28 || op > 29))
        return media_field(w, out);
    if ((op == 28 || op == 29) && (op2 & 3) == 0)
        return media_field(w, out);
    return false;
}

static bool memory_many(uint32_t w, ArmInsn *out) {
    out->op = arm_bit(w, 20) ? ARM_LDM : ARM_STM;
    out->pre = arm_bit(w, 24);
    out->add = arm_bit(w, 23);
    out->writeback = arm_bit(w, 21);
    out->rn = reg_at(w, 16);
    out->list = (uint16_t)w;
    out->size = 32;
    if (arm_bit(w, 22)) { /* user registers or return from an exception */
        out->op = arm_bit(w, 20) && arm_bit(w, 15) ? ARM_RFE : ARM_UNKNOWN;
        return out->list != 0 && out->rn != ARM_PC;
    }
    if (out->op == ARM_LDM && out->writeback && (out->list >> out->rn & 1))
        return false;
    return out->list != 0 && out->rn != ARM_PC;
}

static bool coprocessor(uint32_t w, ArmInsn *out) {
    if (arm_bits(w, 25, 24) == 3) {
        out->op = ARM_SVC;
        out->imm = arm_bits(w, 23, 0);
        return true;
    }
    return arm_decode_vfp(w, out);
}

static bool unconditional_system(uint32_t w, ArmInsn *out) {
    if ((w & 0x0ff10020) == 0x01000000) { /* cps */
        out->op = ARM_SYSTEM;
        return true;
    }
    if ((w & 0x0fff0df0) == 0x01010000) { /* setend */
        out->op = ARM_SYSTEM;
        return true;
    }
    if ((w & 0x0ff000f0) == 0x05700010 && arm_bits(w, 19, 8) == 0xff0) {
        out->op = ARM_CLREX;
        return arm_bits(w, 3, 0) == 15;
    }
    if ((w & 0x0ffffff0) == 0x057ff040 || (w & 0x0ffffff0) == 0x057ff050 ||
        (w & 0x0ffffff0) == 0x057ff060) {
        out->op = ARM_BARRIER;
        return true;
    }
    if ((w & 0x0d70f000) == 0x0550f000 || (w & 0x0d30f000) == 0x0510f000 ||
        (w & 0x0d70f000) == 0x0450f000) { /* pld pldw pli */
        out->op = ARM_NOP;
        return !(arm_bit(w, 25) && arm_bit(w, 4));
    }
    return false;
}

static bool unconditional(uint32_t w, ArmInsn *out) {
    out->cond = ARM_ALWAYS;
    unsigned op = arm_bits(w, 27, 24);
    if (op == 2 || op == 3)
        return arm_decode_neon(w, out);
    if (op == 4 && !arm_bit(w, 20))
        return arm_decode_neon_memory(w, out);
    if (op < 8)
        return unconditional_system(w, out);
    if (op == 10 || op == 11) {
        out->op = ARM_BLX;
        uint32_t off = arm_bits(w, 23, 0) << 8;
        out->target = out->va + 8 + (uint32_t)((int32_t)off >> 6) + arm_bit(w, 24) * 2u;
        return true;
    }
    if (op == 8 || op == 9) { /* rfe, srs */
        bool load = arm_bit(w, 20);
        out->op = load ? ARM_RFE : ARM_UNKNOWN;
        return arm_bit(w, 22) != load && (w & 0xffff) == (load ? 0x0a00u : (w & 0x1f) | 0x0500u);
    }
    return op != 15 && arm_decode_vfp(w, out);
}

bool arm_decode_a32(uint32_t w, ArmInsn *out) {
    out->cond = (uint8_t)arm_bits(w, 31, 28);
    if (out->cond == 15)
        return unconditional(w, out);
    switch (arm_bits(w, 27, 25)) {
    case 0:
        if (arm_bit(w, 7) && arm_bit(w, 4)) {
            if (arm_bits(w, 6, 5) != 0)
                return memory_extra(w, out);
            return arm_bit(w, 24) ? synchronise(w, out) : multiply(w, out);
        }
        if ((w & 0x01900000) == 0x01000000)
            return arm_bit(w, 7) ? multiply_half(w, out) : miscellaneous(w, out);
        return data_reg(w, out);
    case 1:
        return data_imm(w, out);
    case 2:
        return memory_word(w, out);
    case 3:
        return arm_bit(w, 4) ? media(w, out) : memory_word(w, out);
    case 4:
        return memory_many(w, out);
    case 5:
        out->op = arm_bit(w, 24) ? ARM_BL : ARM_B;
        out->target = out->va + 8 + (uint32_t)((int32_t)(w << 8) >> 6);
        return true;
    default:
        return coprocessor(w, out);
    }
}
