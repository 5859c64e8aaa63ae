/* SPDX-License-Identifier: Apache-2.0
 * arm_t16.c: 16-bit Thumb encodings (DDI 0406C, A6.2), and IT blocks. */
#include "code/arm_insn.h"

static uint8_t low_reg(uint32_t w, unsigned low) { return (uint8_t)arm_bits(w, low + 2, low); }

static bool shift_add(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 13, 11);
    out->sets_flags = true;
    if (op < 3) {
        out->rd = low_reg(w, 0);
        out->rm = low_reg(w, 3);
        arm_shift_imm(op, arm_bits(w, 10, 6), out);
        out->op = out->amount == 0 ? ARM_MOV : ARM_SHIFT;
        return true;
    }
    if (op == 3) {
        out->op = arm_bit(w, 9) ? ARM_SUB : ARM_ADD;
        out->rd = low_reg(w, 0);
        out->rn = low_reg(w, 3);
        out->imm = low_reg(w, 6);
        if (!arm_bit(w, 10)) {
            out->form = ARM_FORM_REG;
            out->rm = low_reg(w, 6);
            out->imm = 0;
        }
        return true;
    }
    static const uint16_t ops[] = {ARM_MOV, ARM_CMP, ARM_ADD, ARM_SUB};
    out->op = ops[op - 4];
    out->rd = out->rn = low_reg(w, 8);
    if (out->op == ARM_CMP)
        out->rd = ARM_NO_REG;
    if (out->op == ARM_MOV)
        out->rn = ARM_NO_REG;
    out->imm = w & 0xff;
    return true;
}

static bool data(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[] = {ARM_AND, ARM_EOR,   ARM_SHIFT, ARM_SHIFT, ARM_SHIFT, ARM_ADC,
                                   ARM_SBC, ARM_SHIFT, ARM_TST,   ARM_RSB,   ARM_CMP,   ARM_CMN,
                                   ARM_ORR, ARM_MUL,   ARM_BIC,   ARM_MVN};
    unsigned which = arm_bits(w, 9, 6);
    out->op = ops[which];
    out->sets_flags = true;
    out->form = ARM_FORM_REG;
    out->rd = out->rn = low_reg(w, 0);
    out->rm = low_reg(w, 3);
    switch (out->op) {
    case ARM_SHIFT:
        out->form = ARM_FORM_SHIFT;
        out->shift = (uint8_t)(which == 7 ? ARM_ROR : which - 2);
        out->rm = out->rd;
        out->rs = low_reg(w, 3);
        out->rn = ARM_NO_REG;
        break;
    case ARM_RSB:
        out->rn = out->rm;
        out->rm = ARM_NO_REG;
        out->form = ARM_FORM_IMM;
        break;
    case ARM_MVN:
        out->rn = ARM_NO_REG;
        break;
    case ARM_TST:
    case ARM_CMP:
    case ARM_CMN:
        out->rd = ARM_NO_REG;
        break;
    default:
        break;
    }
    return true;
}

/* High registers: add, cmp, mov, bx, blx. */
static bool special(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 9, 8);
    out->form = ARM_FORM_REG;
    out->rm = (uint8_t)arm_bits(w, 6, 3);
    if (op == 3) {
        out->op = arm_bit(w, 7) ? ARM_BLX : ARM_BX;
        return arm_bits(w, 2, 0) == 0 && !(out->op == ARM_BLX && out->rm == ARM_PC);
    }
    uint8_t rd = (uint8_t)((unsigned)arm_bit(w, 7) << 3 | arm_bits(w, 2, 0));
    if (op == 0) {
        out->op = ARM_ADD;
        out->rd = out->rn = rd;
        return !(rd == ARM_PC && out->rm == ARM_PC);
    }
    if (op == 1) {
        out->op = ARM_CMP;
        out->sets_flags = true;
        out->rn = rd;
        return rd != ARM_PC && out->rm != ARM_PC && (rd > 7 || out->rm > 7);
    }
    out->op = ARM_MOV;
    out->rd = rd;
    return true;
}

static void memory(uint32_t w, ArmInsn *out, uint16_t op, unsigned size) {
    out->op = op;
    out->size = (uint8_t)size;
    out->pre = out->add = true;
    out->rd = low_reg(w, 0);
    out->rn = low_reg(w, 3);
}

static bool memory_reg(uint32_t w, ArmInsn *out) {
    static const struct {
        uint16_t op;
        uint8_t size;
    } kinds[] = {{ARM_STR, 32}, {ARM_STR, 16}, {ARM_STR, 8}, {ARM_LDRS, 8},
                 {ARM_LDR, 32}, {ARM_LDR, 16}, {ARM_LDR, 8}, {ARM_LDRS, 16}};
    unsigned which = arm_bits(w, 11, 9);
    memory(w, out, kinds[which].op, kinds[which].size);
    out->form = ARM_FORM_REG;
    out->rm = low_reg(w, 6);
    return true;
}

static bool memory_imm(uint32_t w, ArmInsn *out) {
    unsigned size = arm_bits(w, 15, 12) == 8 ? 16 : arm_bit(w, 12) ? 8 : 32;
    memory(w, out, arm_bit(w, 11) ? ARM_LDR : ARM_STR, size);
    out->imm = arm_bits(w, 10, 6) * (size / 8);
    return true;
}

static bool memory_based(uint32_t w, ArmInsn *out, uint8_t base) {
    memory(w, out, arm_bit(w, 11) ? ARM_LDR : ARM_STR, 32);
    out->rd = low_reg(w, 8);
    out->rn = base;
    out->imm = (w & 0xff) * 4;
    if (base == ARM_PC) {
        out->op = ARM_LDR;
        out->is_literal = true;
        out->target = ((out->va + 4) & ~UINT32_C(3)) + out->imm;
    }
    return true;
}

static bool stack(uint32_t w, ArmInsn *out) {
    bool load = arm_bit(w, 11);
    out->op = load ? ARM_LDM : ARM_STM;
    out->size = 32;
    out->rn = ARM_SP;
    out->writeback = true;
    out->pre = !load;
    out->add = load;
    out->list = (uint16_t)((w & 0xff) | (uint32_t)arm_bit(w, 8) << (load ? 15 : 14));
    return out->list != 0;
}

static bool extend_reverse(uint32_t w, ArmInsn *out) {
    static const uint16_t extends[] = {ARM_SXTH, ARM_SXTB, ARM_UXTH, ARM_UXTB};
    static const uint16_t reverses[] = {ARM_REV, ARM_REV16, ARM_UDF, ARM_REVSH};
    unsigned which = arm_bits(w, 7, 6);
    out->rd = low_reg(w, 0);
    out->rm = low_reg(w, 3);
    if (arm_bits(w, 11, 8) == 2) {
        out->op = extends[which];
        return true;
    }
    out->op = reverses[which];
    if (which != 2)
        return true;
    out->op = ARM_BKPT; /* hlt */
    out->rd = out->rm = ARM_NO_REG;
    out->imm = w & 0x3f;
    return true;
}

static bool hint_or_it(uint32_t w, ArmInsn *out) {
    if ((w & 15) == 0) {
        out->op = ARM_NOP;
        return true;
    }
    out->op = ARM_IT;
    out->imm = w & 15;
    out->list = (uint16_t)arm_bits(w, 7, 4);
    /* UNPREDICTABLE: never; always with an else. */
    return out->list != 15 && !(out->list == 14 && ((w & 15) & ((w & 15) - 1)) != 0);
}

static bool miscellaneous(uint32_t w, ArmInsn *out) {
    switch (arm_bits(w, 11, 8)) {
    case 0:
        out->op = arm_bit(w, 7) ? ARM_SUB : ARM_ADD;
        out->rd = out->rn = ARM_SP;
        out->imm = (w & 0x7f) * 4;
        return true;
    case 1:
    case 3:
    case 9:
    case 11:
        out->op = arm_bit(w, 11) ? ARM_CBNZ : ARM_CBZ;
        out->rn = low_reg(w, 0);
        out->target = out->va + 4 + (arm_bits(w, 7, 3) << 1 | (uint32_t)arm_bit(w, 9) << 6);
        return true;
    case 2:
    case 10:
        return extend_reverse(w, out);
    case 4:
    case 5:
    case 12:
    case 13:
        return stack(w, out);
    case 6:
        out->op = ARM_SYSTEM; /* setend, cps */
        return (w & 0xfff7) == 0xb650 || (w & 0xffe8) == 0xb660;
    case 14:
        out->op = ARM_BKPT;
        out->imm = w & 0xff;
        return true;
    case 15:
        return hint_or_it(w, out);
    default:
        return false;
    }
}

static bool branch(uint32_t w, ArmInsn *out) {
    unsigned cond = arm_bits(w, 11, 8);
    if (cond == 15) {
        out->op = ARM_SVC;
        out->imm = w & 0xff;
        return true;
    }
    if (cond == 14) {
        out->op = ARM_UDF;
        out->imm = w & 0xff;
        return true;
    }
    out->op = ARM_B;
    out->cond = (uint8_t)cond;
    out->target = out->va + 4 + (uint32_t)((int32_t)(w << 24) >> 23);
    return true;
}

static bool many(uint32_t w, ArmInsn *out) {
    out->op = arm_bit(w, 11) ? ARM_LDM : ARM_STM;
    out->size = 32;
    out->add = true;
    out->rn = low_reg(w, 8);
    out->list = (uint16_t)(w & 0xff);
    out->writeback = out->op == ARM_STM || !(out->list >> out->rn & 1);
    return out->list != 0;
}

static bool adr(uint32_t w, ArmInsn *out) {
    out->rd = low_reg(w, 8);
    out->imm = (w & 0xff) * 4;
    if (arm_bit(w, 11)) {
        out->op = ARM_ADD;
        out->rn = ARM_SP;
        return true;
    }
    out->op = ARM_ADR;
    out->target = ((out->va + 4) & ~UINT32_C(3)) + out->imm;
    return true;
}

bool arm_decode_t16(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 15, 10);
    if (op < 16)
        return shift_add(w, out);
    if (op == 16)
        return data(w, out);
    if (op == 17)
        return special(w, out);
    switch (arm_bits(w, 15, 12)) {
    case 4:
        return memory_based(w, out, ARM_PC);
    case 5:
        return memory_reg(w, out);
    case 6:
    case 7:
    case 8:
        return memory_imm(w, out);
    case 9:
        return memory_based(w, out, ARM_SP);
    case 10:
        return adr(w, out);
    case 11:
        return miscellaneous(w, out);
    case 12:
        return many(w, out);
    case 13:
        return branch(w, out);
    default:
        out->op = ARM_B;
        out->target = out->va + 4 + (uint32_t)((int32_t)(w << 21) >> 20);
        return true;
    }
}

unsigned arm_it_count(const ArmInsn *it) {
    unsigned count = 4;
    for (uint32_t mask = it->imm; (mask & 1) == 0 && count > 1; mask >>= 1)
        count--;
    return count;
}

bool arm_it_apply(const ArmInsn *it, unsigned index, ArmInsn *in) {
    if (index >= arm_it_count(it))
        return false;
    /* The mask's bits are the low bits of the second to fourth condition. */
    uint8_t cond = (uint8_t)it->list;
    if (index > 0)
        cond = (uint8_t)((cond & 14) | (it->imm >> (4 - index) & 1));
    if (in->op == ARM_BKPT || in->op == ARM_UDF)
        return true; /* whatever the condition */
    in->cond = cond;
    if (in->length == 2 && in->op != ARM_CMP && in->op != ARM_CMN && in->op != ARM_TST)
        in->sets_flags = false;
    return true;
}

static bool is_wide(uint16_t half) { return half >= 0xe800; }

/* Whether an instruction starts at `off`, which holds what looks like an IT instruction. A halfword
 * that cannot open a 32-bit instruction ends one, whatever came before it; so does every second of
 * those that can, behind it. */
static bool starts_insn(Bytes code, size_t off) {
    size_t wide = 0;
    while (off >= 2 && is_wide(bytes_u16_at(code, off - 2)) && wide < 64) {
        off -= 2;
        wide++;
    }
    return (wide & 1) == 0;
}

bool arm_it_find(Bytes code, size_t off, ArmInsn *it, unsigned *index) {
    for (size_t back = 2; back <= ARM_IT_MAX - 4 && back <= off; back += 2) {
        uint16_t half = bytes_u16_at(code, off - back);
        if ((half & 0xff00) != 0xbf00 || (half & 15) == 0 || !starts_insn(code, off - back))
            continue;
        *it = (ArmInsn){.length = 2, .cond = ARM_ALWAYS};
        if (!hint_or_it(half, it))
            continue;
        size_t at = off - back + 2;
        unsigned n = 0;
        while (at < off) {
            at += is_wide(bytes_u16_at(code, at)) ? 4 : 2;
            n++;
        }
        *index = n;
        return at == off && n < arm_it_count(it);
    }
    return false;
}
