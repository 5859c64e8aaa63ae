/* SPDX-License-Identifier: Apache-2.0
 * arm_vfp.c: coprocessor encodings as A32 words: VFP (DDI 0406C, A7.5 to A7.9) and the rest. */
#include "code/arm_insn.h"

static uint8_t reg_at(uint32_t w, unsigned low) { return (uint8_t)arm_bits(w, low + 3, low); }

/* Number of the d or s register whose four bits are at `low` and whose fifth is bit `extra`. */
static uint8_t float_at(uint32_t w, unsigned low, unsigned extra, bool wide) {
    unsigned four = arm_bits(w, low + 3, low), one = arm_bit(w, extra);
    return (uint8_t)(wide ? one << 4 | four : four << 1 | one);
}

static uint64_t float_imm(uint32_t imm8, bool wide) {
    uint64_t sign = imm8 >> 7, six = imm8 & 63, b = imm8 >> 6 & 1;
    if (wide)
        return sign << 63 | (!b ? UINT64_C(1) : 0) << 62 | (b ? UINT64_C(255) : 0) << 54 |
               six << 48;
    return sign << 31 | (!b ? UINT64_C(1) : 0) << 30 | (b ? UINT64_C(31) : 0) << 25 | six << 19;
}

static bool convert(uint32_t w, ArmInsn *out, bool wide) {
    unsigned op = arm_bits(w, 19, 16);
    if (op == 7) { /* between single and double */
        out->op = ARM_VCVT_FLOAT;
        out->imm = wide ? 32 : 64;
        out->rd = float_at(w, 12, 22, !wide);
        return true;
    }
    if (op == 2 || op == 3) { /* half precision: the other half of the register stays */
        out->op = ARM_VFLOAT_OTHER;
        out->imm = w & 0x00010080;
        if (op == 2)
            out->rm = float_at(w, 0, 5, false);
        else
            out->rd = float_at(w, 12, 22, false);
        return true;
    }
    if (op == 8) {
        out->op = ARM_VCVT_FROM_INT;
        out->rm = float_at(w, 0, 5, false);
        out->is_unsigned = !arm_bit(w, 7);
        return true;
    }
    if (op == 12 || op == 13) {
        out->op = ARM_VCVT_TO_INT;
        out->rd = float_at(w, 12, 22, false);
        out->is_unsigned = op == 12;
        out->amount = !arm_bit(w, 7);
        return true;
    }
    /* Fixed point, in place: 10, 11 from, 14, 15 to. */
    out->rm = out->rd;
    unsigned bits = arm_bit(w, 7) ? 32 : 16, down = arm_bits(w, 3, 0) << 1 | arm_bit(w, 5);
    out->op = ARM_VFLOAT_OTHER;
    out->imm = (bits - down) | 0x100 | op << 12 | bits << 16;
    return down <= bits;
}

static bool data_other(uint32_t w, ArmInsn *out, bool wide) {
    unsigned op = arm_bits(w, 19, 16);
    bool top = arm_bit(w, 7);
    if (!arm_bit(w, 6)) {
        out->op = ARM_VMOV_IMM;
        out->rm = ARM_NO_REG;
        out->wide = float_imm(op << 4 | arm_bits(w, 3, 0), wide);
        return !top && !arm_bit(w, 5);
    }
    switch (op) {
    case 0:
        out->op = top ? ARM_VABS_F : ARM_VMOV_REG;
        return true;
    case 1:
        out->op = top ? ARM_VSQRT_F : ARM_VNEG_F;
        return true;
    case 4:
    case 5:
        out->op = ARM_VCMP_F;
        if (op == 5)
            out->rm = ARM_NO_REG;
        return op == 4 || (arm_bits(w, 3, 0) == 0 && !arm_bit(w, 5));
    case 6:
        out->op = ARM_VRINT_F;
        return true;
    case 7:
        if (top)
            return convert(w, out, wide);
        out->op = ARM_VRINT_F;
        return true;
    case 9:
        return false;
    default:
        return convert(w, out, wide);
    }
}

/* Three registers of one size. */
static bool data(uint32_t w, ArmInsn *out) {
    bool wide = arm_bit(w, 8), low = arm_bit(w, 6);
    unsigned op = (unsigned)arm_bit(w, 23) << 2 | arm_bits(w, 21, 20);
    out->size = wide ? 64 : 32;
    out->rd = float_at(w, 12, 22, wide);
    out->rn = float_at(w, 16, 7, wide);
    out->rm = float_at(w, 0, 5, wide);
    static const uint16_t ops[][2] = {{ARM_VMLA_F, ARM_VMLS_F},  {ARM_VNMLS_F, ARM_VNMLA_F},
                                      {ARM_VMUL_F, ARM_VNMUL_F}, {ARM_VADD_F, ARM_VSUB_F},
                                      {ARM_VDIV_F, ARM_UNKNOWN}, {ARM_VFNMS_F, ARM_VFNMA_F},
                                      {ARM_VFMA_F, ARM_VFMS_F}};
    if (op == 7) {
        out->rn = ARM_NO_REG;
        return data_other(w, out, wide);
    }
    out->op = ops[op][low];
    return out->op != ARM_UNKNOWN;
}

/* vsel, vmaxnm, vminnm, vrint, vcvt of ARMv8. */
static bool data_unconditional(uint32_t w, ArmInsn *out) {
    bool wide = arm_bit(w, 8);
    out->size = wide ? 64 : 32;
    out->rd = float_at(w, 12, 22, wide);
    out->rn = float_at(w, 16, 7, wide);
    out->rm = float_at(w, 0, 5, wide);
    if (!arm_bit(w, 23)) {
        static const uint8_t conditions[] = {0, 6, 10, 12}; /* eq vs ge gt */
        out->op = ARM_VSEL_F;
        out->imm = conditions[arm_bits(w, 21, 20)];
        return !arm_bit(w, 6);
    }
    unsigned op = arm_bits(w, 21, 20);
    if (op == 0) {
        out->op = arm_bit(w, 6) ? ARM_VMIN_F : ARM_VMAX_F;
        return true;
    }
    out->rn = ARM_NO_REG;
    if (op != 3 || !arm_bit(w, 6))
        return false;
    if (arm_bits(w, 19, 18) == 2 && !arm_bit(w, 7)) {
        out->op = ARM_VRINT_F;
        return true;
    }
    out->op = ARM_VCVT_TO_INT;
    out->rd = float_at(w, 12, 22, false);
    out->is_unsigned = !arm_bit(w, 7);
    out->amount = 1;
    return arm_bits(w, 19, 18) == 3;
}

static bool transfer_system(uint32_t w, ArmInsn *out) {
    out->op = arm_bit(w, 20) ? ARM_VMRS : ARM_VMSR;
    out->imm = arm_bits(w, 19, 16);
    if (arm_bit(w, 20)) {
        out->rd = reg_at(w, 12);
        return (out->rd != ARM_PC || out->imm == 1) && (w & 0xef) == 0;
    }
    out->rm = reg_at(w, 12);
    return out->rm != ARM_PC && (w & 0xef) == 0;
}

/* Between a core register and one register or lane. */
static bool transfer(uint32_t w, ArmInsn *out) {
    bool to_core = arm_bit(w, 20);
    uint8_t core = reg_at(w, 12);
    unsigned op = arm_bits(w, 23, 21), op2 = arm_bits(w, 6, 5);
    if (!arm_bit(w, 8)) {
        if (op == 7)
            return transfer_system(w, out);
        out->op = to_core ? ARM_VMOV_TO_CORE : ARM_VMOV_FROM_CORE;
        out->size = 32;
        uint8_t single = float_at(w, 16, 7, false);
        out->rd = to_core ? core : single;
        out->rm = to_core ? single : core;
        return op == 0 && core != ARM_PC && (w & 0x6f) == 0;
    }
    uint8_t wide = float_at(w, 16, 7, true);
    if (!to_core && (op & 4)) {
        static const uint8_t sizes[] = {32, 16, 8, 0};
        out->op = ARM_VDUP_CORE;
        out->size = sizes[(unsigned)arm_bit(w, 22) << 1 | arm_bit(w, 5)];
        out->quad = arm_bit(w, 21);
        out->rd = wide;
        out->rm = core;
        return out->size != 0 && core != ARM_PC && !arm_bit(w, 6) && !(out->quad && wide & 1) &&
               (w & 15) == 0;
    }
    bool byte = arm_bit(w, 22), half = arm_bit(w, 5);
    unsigned index = arm_bit(w, 21);
    out->size = byte ? 8 : half ? 16 : 32;
    if (byte)
        out->amount = (uint8_t)(8 * (index << 2 | op2));
    else if (half)
        out->amount = (uint8_t)(16 * (index << 1 | arm_bit(w, 6)));
    else
        out->amount = (uint8_t)(32 * index);
    if (!byte && !half && arm_bit(w, 6))
        return false;
    out->is_unsigned = arm_bit(w, 23);
    if (out->size == 32 && out->is_unsigned)
        return false;
    out->op = to_core ? ARM_VMOV_FROM_LANE : ARM_VMOV_TO_LANE;
    out->rd = to_core ? core : wide;
    out->rm = to_core ? wide : core;
    return core != ARM_PC && (w & 15) == 0;
}

/* Between two core registers and one d or two s registers. */
static bool transfer_pair(uint32_t w, ArmInsn *out) {
    bool to_core = arm_bit(w, 20), wide = arm_bit(w, 8);
    uint8_t first = reg_at(w, 12), second = reg_at(w, 16), vector = float_at(w, 0, 5, wide);
    out->size = wide ? 64 : 32;
    if (arm_bits(w, 7, 6) != 0 || !arm_bit(w, 4) || first == ARM_PC || second == ARM_PC)
        return false;
    out->rs = second;
    if (to_core) {
        out->op = ARM_VMOV_TO_PAIR;
        out->rd = first;
        out->rm = vector;
        return first != second && (wide || vector != 31);
    }
    out->op = ARM_VMOV_FROM_PAIR;
    out->rd = vector;
    out->rm = first;
    return wide || vector != 31;
}

static bool memory(uint32_t w, ArmInsn *out) {
    bool wide = arm_bit(w, 8), load = arm_bit(w, 20);
    out->size = wide ? 64 : 32;
    out->pre = arm_bit(w, 24);
    out->add = arm_bit(w, 23);
    out->writeback = arm_bit(w, 21);
    out->rd = float_at(w, 12, 22, wide);
    out->rn = reg_at(w, 16);
    out->imm = (w & 0xff) * 4;
    if (out->pre && !out->writeback) {
        out->op = load ? ARM_VLDR : ARM_VSTR;
        if (out->rn == ARM_PC) {
            uint32_t base = (out->va + (out->thumb ? 4 : 8)) & ~UINT32_C(3);
            out->is_literal = true;
            out->target = base + (out->add ? out->imm : 0 - out->imm);
            return load || !out->thumb;
        }
        return true;
    }
    out->op = load ? ARM_VLDM : ARM_VSTM;
    out->regs = (uint8_t)(wide ? (w & 0xff) / 2 : w & 0xff);
    if (out->pre == out->add) /* both directions need writeback one way: 01 and 10 only */
        return false;
    return out->regs != 0 && out->regs <= (wide ? 16 : 32) && out->rd + out->regs <= 32 &&
           out->rn != ARM_PC;
}

static bool other_coprocessor(uint32_t w, ArmInsn *out) {
    out->list = (uint16_t)arm_bits(w, 11, 8);
    if (arm_bits(w, 25, 24) == 2) {
        if (arm_bit(w, 4) && arm_bit(w, 20)) {
            out->op = ARM_MRC;
            out->rd = reg_at(w, 12);
            out->imm = w & 0x00ef00ef;
        } else {
            out->op = ARM_COPROCESSOR;
        }
        return true;
    }
    if (arm_bits(w, 25, 21) == 2) { /* mcrr, mrrc */
        out->op = arm_bit(w, 20) ? ARM_MRRC : ARM_COPROCESSOR;
        out->imm = arm_bits(w, 7, 4) << 4 | arm_bits(w, 3, 0);
        if (arm_bit(w, 20)) {
            out->rd = reg_at(w, 12);
            out->rs = reg_at(w, 16);
        }
        return reg_at(w, 12) != ARM_PC && reg_at(w, 16) != ARM_PC;
    }
    out->op = ARM_COPROCESSOR; /* ldc, stc */
    return arm_bits(w, 24, 21) != 0;
}

bool arm_decode_vfp(uint32_t w, ArmInsn *out) {
    bool never = arm_bits(w, 31, 28) == 15, is_float = arm_bits(w, 11, 9) == 5;
    unsigned op = arm_bits(w, 25, 24);
    if (!is_float) {
        /* Coprocessors of the system: 14, 15; iwmmxt and others are gone. */
        return arm_bits(w, 11, 9) == 7 && other_coprocessor(w, out);
    }
    if (never)
        return op == 2 && !arm_bit(w, 4) && data_unconditional(w, out);
    if (op == 2)
        return arm_bit(w, 4) ? transfer(w, out) : data(w, out);
    if (arm_bits(w, 25, 21) == 2)
        return transfer_pair(w, out);
    return arm_bits(w, 25, 21) != 0 && memory(w, out);
}
