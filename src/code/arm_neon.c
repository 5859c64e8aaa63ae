/* SPDX-License-Identifier: Apache-2.0
 * arm_neon.c: NEON data processing and structure loads as A32 words (DDI 0406C, A7.4, A7.7). */
#include "code/arm_insn.h"

static uint8_t reg_d(uint32_t w) {
    return (uint8_t)((unsigned)arm_bit(w, 22) << 4 | arm_bits(w, 15, 12));
}
static uint8_t reg_n(uint32_t w) {
    return (uint8_t)((unsigned)arm_bit(w, 7) << 4 | arm_bits(w, 19, 16));
}
static uint8_t reg_m(uint32_t w) {
    return (uint8_t)((unsigned)arm_bit(w, 5) << 4 | arm_bits(w, 3, 0));
}

static bool is_odd(uint8_t reg) { return reg != ARM_NO_REG && reg & 1; }

static void other(ArmInsn *out, uint32_t w) {
    out->op = ARM_VOTHER;
    out->imm = w & 0x01b30fd0; /* without the registers */
}

/* Three registers with float lanes; false: none of them. */
static bool three_float(uint32_t w, ArmInsn *out) {
    unsigned a = arm_bits(w, 11, 8);
    bool u = arm_bit(w, 24), b = arm_bit(w, 4), c = arm_bit(w, 21), half = arm_bit(w, 20);
    out->size = 32;
    if (half) { /* ARMv8.2 half precision */
        other(out, w);
        return a != 12;
    }
    if (a == 12)
        out->op = c ? ARM_VFMS_F : ARM_VFMA_F;
    else if (a == 13 && !u)
        out->op = b ? (c ? ARM_VMLS_F : ARM_VMLA_F) : (c ? ARM_VSUB_F : ARM_VADD_F);
    else if (a == 13 && b && !c)
        out->op = ARM_VMUL_F;
    else if (a == 13 && b)
        return false;
    else if (a == 14 && !(b && !u)) {
        out->op = ARM_VCMPV_F;
        out->imm = b ? (c ? 4 : 3) : u ? (c ? 2 : 1) : 0;
        if (!b && !u && c)
            return false;
    } else if (a == 15 && !u && !b)
        out->op = c ? ARM_VMIN_F : ARM_VMAX_F;
    else if (a == 15 || a == 13)
        other(out, w); /* vpadd vabd vpmax vpmin vrecps vrsqrts vmaxnm vminnm */
    else
        return false;
    bool no_quad = !b && u && ((a == 13 && !c) || a == 15);
    return !(no_quad && out->quad);
}

static bool three_sha(uint32_t w, ArmInsn *out) {
    bool u = arm_bit(w, 24);
    out->op = ARM_SHA;
    out->imm = w & 0x01b30fd0;
    return out->quad && !(u && arm_bits(w, 21, 20) == 3);
}

static bool three_same_op(uint32_t w, ArmInsn *out) {
    /* By A and B; those that depend on U or C too are 0 here. */
    static const uint16_t ops[12][2] = {{ARM_VHADD, ARM_VQADD},
                                        {ARM_VRHADD, 0},
                                        {ARM_VHSUB, ARM_VQSUB},
                                        {ARM_VCGT, ARM_VCGE},
                                        {ARM_VSHL_REG, ARM_VOTHER},
                                        {ARM_VOTHER, ARM_VOTHER},
                                        {ARM_VMAX, ARM_VMIN},
                                        {ARM_VABD, ARM_VABA},
                                        {0, 0},
                                        {0, ARM_VMUL},
                                        {ARM_VPMAX, ARM_VPMIN},
                                        {ARM_VOTHER, ARM_VPADD}};
    static const uint16_t logic[] = {ARM_VAND, ARM_VBIC, ARM_VORR, ARM_VORN,
                                     ARM_VEOR, ARM_VBSL, ARM_VBIT, ARM_VBIF};
    unsigned a = arm_bits(w, 11, 8), c = arm_bits(w, 21, 20);
    bool u = arm_bit(w, 24), b = arm_bit(w, 4);
    if (a == 1 && b) {
        out->op = logic[(unsigned)u << 2 | c];
        out->size = 64;
        return true;
    }
    out->op = ops[a][b];
    if (a == 8)
        out->op = b ? (u ? ARM_VCEQ : ARM_VTST) : (u ? ARM_VSUB : ARM_VADD);
    if (a == 9 && !b)
        out->op = u ? ARM_VMLS : ARM_VMLA;
    if (a == 9 && b && u) { /* polynomials */
        other(out, w);
        return c == 0;
    }
    if (out->op == ARM_VOTHER)
        other(out, w);
    if (a == 11 && !b)
        return c == 1 || c == 2;
    if (a == 11)
        return !u && c != 3 && !out->quad;
    if (a == 10)
        return c != 3 && !out->quad;
    bool any_size = a == 0 ? b : a == 2 ? b : a == 4 || a == 5 || (a == 8 && !b);
    return any_size || c != 3;
}

static bool three_same(uint32_t w, ArmInsn *out) {
    unsigned a = arm_bits(w, 11, 8);
    out->is_unsigned = arm_bit(w, 24);
    out->quad = arm_bit(w, 6);
    out->size = (uint8_t)(8 << arm_bits(w, 21, 20));
    bool ok;
    if (a == 12 && !arm_bit(w, 4))
        ok = three_sha(w, out);
    else if ((a == 11 || a == 12) && arm_bit(w, 4) && arm_bit(w, 24)) {
        other(out, w); /* vqrdmlah, vqrdmlsh */
        ok = out->size == 16 || out->size == 32;
    } else if (a >= 12)
        ok = three_float(w, out);
    else
        ok = three_same_op(w, out);
    return ok && !(out->quad && (is_odd(out->rd) || is_odd(out->rn) || is_odd(out->rm)));
}

static uint64_t times(uint64_t value, unsigned bits) {
    for (; bits < 64; bits *= 2)
        value |= value << bits;
    return value;
}

static bool one_imm(uint32_t w, ArmInsn *out) {
    uint64_t imm = (uint64_t)arm_bit(w, 24) << 7 | arm_bits(w, 18, 16) << 4 | arm_bits(w, 3, 0);
    unsigned mode = arm_bits(w, 11, 8);
    bool invert = arm_bit(w, 5);
    out->quad = arm_bit(w, 6);
    out->size = 64;
    out->rn = out->rm = ARM_NO_REG;
    out->op = ARM_VMOV_IMM;
    if (mode < 12) {
        bool half = mode >= 8;
        unsigned up = (mode >> 1 & 3) * 8;
        out->wide = half ? times(imm << (up & 8), 16) : times(imm << up, 32);
        if (mode & 1)
            out->op = invert ? ARM_VBIC_IMM : ARM_VORR_IMM;
    } else if (mode < 14) {
        out->wide = times(mode == 12 ? imm << 8 | 0xff : imm << 16 | 0xffff, 32);
    } else if (mode == 14 && !invert) {
        out->wide = times(imm, 8);
    } else if (mode == 14) {
        out->wide = 0;
        for (unsigned i = 0; i < 8; i++)
            out->wide |= (imm >> i & 1 ? UINT64_C(255) : 0) << 8 * i;
        invert = false;
    } else {
        uint64_t b = imm >> 6 & 1;
        out->wide = times((imm >> 7) << 31 | (b ? UINT64_C(0x1f) << 25 : UINT64_C(1) << 30) |
                              (imm & 63) << 19,
                          32);
        if (invert)
            return false;
    }
    if (invert && out->op == ARM_VMOV_IMM)
        out->wide = ~out->wide;
    return !(out->quad && is_odd(out->rd));
}

/* Lane size and amount from imm6 and L; right: counted down from twice the size. */
static void shift_imm(uint32_t w, ArmInsn *out, bool right) {
    unsigned imm = arm_bits(w, 21, 16) | (unsigned)arm_bit(w, 7) << 6, size = 64;
    if (imm < 64)
        size = imm >= 32 ? 32 : imm >= 16 ? 16 : 8;
    out->size = (uint8_t)size;
    out->imm =
        right ? (size == 64 ? 128 - imm : 2 * size - imm) : (size == 64 ? imm - 64 : imm - size);
}

static bool shift_narrow(uint32_t w, ArmInsn *out) {
    bool u = arm_bit(w, 24);
    out->amount = arm_bit(w, 6);
    if (arm_bits(w, 11, 8) == 8)
        out->op = u ? ARM_VQSHRUN : ARM_VSHRN;
    else
        out->op = ARM_VQSHRN;
    out->quad = false;
    shift_imm(w, out, true);
    return !is_odd(out->rm);
}

static bool two_shift(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[][2] = {{ARM_VSHR, ARM_VSHR},   {ARM_VSRA, ARM_VSRA},
                                      {ARM_VRSHR, ARM_VRSHR}, {ARM_VRSRA, ARM_VRSRA},
                                      {0, ARM_VSRI},          {ARM_VSHL, ARM_VSLI},
                                      {0, ARM_VOTHER},        {ARM_VOTHER, ARM_VOTHER}};
    unsigned op = arm_bits(w, 11, 8);
    bool l = arm_bit(w, 7);
    out->rn = ARM_NO_REG;
    out->is_unsigned = arm_bit(w, 24);
    out->quad = arm_bit(w, 6);
    if (op < 8) {
        shift_imm(w, out, op < 5);
        out->op = ops[op][out->is_unsigned];
        if (out->op == ARM_VOTHER)
            other(out, w);
        return out->op != 0 && !(out->quad && (is_odd(out->rd) || is_odd(out->rm)));
    }
    if (l)
        return false;
    if (op == 8 || op == 9)
        return shift_narrow(w, out);
    if (op == 10) {
        out->op = ARM_VSHLL;
        shift_imm(w, out, false);
        bool ok = !out->quad && !is_odd(out->rd);
        return ok;
    }
    other(out, w); /* vcvt with fixed point */
    return op >= 14 && arm_bit(w, 21) && !(out->quad && (is_odd(out->rd) || is_odd(out->rm)));
}

static bool three_different(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[] = {ARM_VADDL,  ARM_VADDW,  ARM_VSUBL,   ARM_VSUBW,
                                   ARM_VADDHN, ARM_VABAL,  ARM_VSUBHN,  ARM_VABDL,
                                   ARM_VMLAL,  ARM_VOTHER, ARM_VMLSL,   ARM_VOTHER,
                                   ARM_VMULL,  ARM_VOTHER, ARM_VMULL_P, 0};
    unsigned a = arm_bits(w, 11, 8);
    bool u = arm_bit(w, 24);
    out->is_unsigned = u;
    out->size = (uint8_t)(8 << arm_bits(w, 21, 20));
    out->op = ops[a];
    if (out->op == ARM_VOTHER) { /* saturating doubling */
        other(out, w);
        return !u && (out->size == 16 || out->size == 32) && !is_odd(out->rd);
    }
    if (out->op == ARM_VMULL_P)
        return !u && (out->size == 8 || out->size == 32) && !is_odd(out->rd);
    if (out->op == ARM_VADDHN || out->op == ARM_VSUBHN) {
        out->imm = u;
        return !is_odd(out->rn) && !is_odd(out->rm);
    }
    bool wide_n = out->op == ARM_VADDW || out->op == ARM_VSUBW;
    return out->op != 0 && !is_odd(out->rd) && !(wide_n && is_odd(out->rn));
}

/* A lane of rm: rm and amount (its lowest bit). */
static bool two_scalar(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[] = {ARM_VMLA,   ARM_VMLA_F, ARM_VMLAL,  ARM_VOTHER,
                                   ARM_VMLS,   ARM_VMLS_F, ARM_VMLSL,  ARM_VOTHER,
                                   ARM_VMUL,   ARM_VMUL_F, ARM_VMULL,  ARM_VOTHER,
                                   ARM_VOTHER, ARM_VOTHER, ARM_VOTHER, ARM_VOTHER};
    unsigned a = arm_bits(w, 11, 8), m = reg_m(w);
    bool u = arm_bit(w, 24);
    out->size = (uint8_t)(8 << arm_bits(w, 21, 20));
    if (out->size == 16) {
        out->rm = (uint8_t)(m & 7);
        out->amount = (uint8_t)(16 * (m >> 3));
    } else {
        out->rm = (uint8_t)(m & 15);
        out->amount = (uint8_t)(32 * (m >> 4));
    }
    out->one_lane = true;
    out->op = ops[a];
    bool is_long = a == 2 || a == 3 || a == 6 || a == 7 || a == 10 || a == 11;
    bool is_float = a == 1 || a == 5 || a == 9;
    out->is_unsigned = u;
    out->quad = !is_long && u;
    if (out->op == ARM_VOTHER) {
        other(out, w);
        if ((a == 3 || a == 7 || a == 11) && u)
            return false;
    }
    if (is_long ? is_odd(out->rd) : out->quad && (is_odd(out->rd) || is_odd(out->rn)))
        return false;
    if (is_float && out->size == 16)
        other(out, w);
    return out->size == 32 || out->size == 16;
}

static bool misc_narrow(uint32_t w, ArmInsn *out) {
    unsigned b = arm_bits(w, 10, 6);
    bool narrow = true;
    out->quad = false;
    switch (b) {
    case 8:
        out->op = ARM_VMOVN;
        break;
    case 9:
        out->op = ARM_VQMOVUN;
        break;
    case 10:
    case 11:
        out->op = ARM_VQMOVN;
        out->is_unsigned = b & 1;
        break;
    case 12: /* vshll by the size of a lane */
        out->op = ARM_VSHLL;
        out->imm = out->size;
        narrow = false;
        break;
    case 14:
    case 15:
        out->op = ARM_SHA; /* sha1su1, sha256su0 */
        out->imm = w & 0x01b30fd0;
        return out->size == 32 && !is_odd(out->rd) && !is_odd(out->rm);
    case 24: /* vcvt.f16.f32 */
    case 28:
        other(out, w);
        return out->size == 16 && !is_odd(b == 24 ? out->rm : out->rd);
    default:
        return false;
    }
    return out->size != 64 && !is_odd(narrow ? out->rm : out->rd);
}

static bool misc_zero(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[] = {ARM_VCGT, ARM_VCGE, ARM_VCEQ, ARM_VCLE,
                                   ARM_VCLT, 0,        ARM_VABS, ARM_VNEG};
    static const uint8_t floats[] = {2, 1, 0, 5, 6};
    unsigned b = arm_bits(w, 9, 7);
    bool is_float = arm_bit(w, 10);
    if (b == 5) {
        out->op = ARM_SHA; /* sha1h */
        out->imm = w & 0x01b30fd0;
        return !is_float && out->quad && out->size == 32;
    }
    out->op = ops[b];
    out->rn = b < 5 ? out->rm : ARM_NO_REG;
    if (b < 5)
        out->rm = ARM_NO_REG;
    if (!is_float)
        return out->size != 64;
    if (b < 5) {
        out->op = ARM_VCMPV_F;
        out->imm = floats[b];
    } else {
        out->op = b == 6 ? ARM_VABS_F : ARM_VNEG_F;
    }
    return out->size == 32;
}

static bool misc_first(uint32_t w, ArmInsn *out) {
    unsigned b = arm_bits(w, 10, 7);
    switch (b) {
    case 0:
    case 1:
    case 2:
        out->op = ARM_VREV;
        out->imm = 64 >> b;
        return out->size < out->imm;
    case 4:
    case 5:
    case 12:
    case 13:
        out->op = b < 8 ? ARM_VPADDL : ARM_VPADAL;
        out->is_unsigned = b & 1;
        return out->size != 64;
    case 6:
    case 7:
        out->op = (uint16_t)(b == 6 ? (out->quad ? ARM_AESD : ARM_AESE)
                                    : (out->quad ? ARM_AESIMC : ARM_AESMC));
        out->quad = true;
        return out->size == 8;
    case 10:
        out->op = ARM_VCNT;
        return out->size == 8;
    case 11:
        out->op = ARM_VMVN;
        return out->size == 8;
    case 8:
    case 9:
    case 14:
    case 15:
        other(out, w); /* vcls vclz vqabs vqneg */
        return out->size != 64;
    default:
        return false;
    }
}

static bool misc_swap(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[] = {ARM_VSWP, ARM_VTRN, ARM_VUZP, ARM_VZIP};
    unsigned b = arm_bits(w, 10, 7);
    if (b < 4) {
        out->op = ops[b];
        if (b == 0)
            return out->size == 8;
        return out->size != 64 && out->rd != out->rm && !(b >= 2 && out->size == 32 && !out->quad);
    }
    if (b >= 8 && b != 12 && b != 14) {
        other(out, w); /* vrint */
        return b != 12 && (out->size == 32 || out->size == 16);
    }
    return misc_narrow(w, out);
}

static bool two_misc(uint32_t w, ArmInsn *out) {
    out->quad = arm_bit(w, 6);
    out->size = (uint8_t)(8 << arm_bits(w, 19, 18));
    out->rn = ARM_NO_REG;
    bool ok;
    switch (arm_bits(w, 17, 16)) {
    case 0:
        ok = misc_first(w, out);
        break;
    case 1:
        ok = misc_zero(w, out);
        break;
    case 2:
        return misc_swap(w, out) && !(out->quad && (is_odd(out->rd) || is_odd(out->rm)));
    default:
        other(out, w); /* vrecpe, vrsqrte, vcvt */
        ok = out->size == 32 || out->size == 16;
        break;
    }
    return ok && !(out->quad && (is_odd(out->rd) || is_odd(out->rm) || is_odd(out->rn)));
}

static bool table_or_dup(uint32_t w, ArmInsn *out) {
    if (!arm_bit(w, 10)) {
        out->op = arm_bit(w, 6) ? ARM_VTBX : ARM_VTBL;
        out->size = 8;
        out->regs = (uint8_t)(arm_bits(w, 9, 8) + 1);
        return out->rn + out->regs <= 32;
    }
    if (arm_bits(w, 9, 7) != 0)
        return false;
    unsigned imm = arm_bits(w, 19, 16);
    out->op = ARM_VDUP;
    out->rn = ARM_NO_REG;
    out->quad = arm_bit(w, 6);
    if (imm & 1)
        out->size = 8;
    else if (imm & 2)
        out->size = 16;
    else
        out->size = 32;
    out->amount = (uint8_t)(out->size == 8    ? 8 * (imm >> 1)
                            : out->size == 16 ? 16 * (imm >> 2)
                                              : 32 * (imm >> 3));
    return (imm & 7) != 0 && !(out->quad && is_odd(out->rd));
}

bool arm_decode_neon(uint32_t w, ArmInsn *out) {
    out->vector = true;
    out->cond = ARM_ALWAYS;
    out->rd = reg_d(w);
    out->rn = reg_n(w);
    out->rm = reg_m(w);
    if (!arm_bit(w, 23))
        return three_same(w, out);
    if (arm_bit(w, 4)) {
        if (arm_bits(w, 21, 19) == 0 && !arm_bit(w, 7))
            return one_imm(w, out);
        return two_shift(w, out);
    }
    if (arm_bits(w, 21, 20) != 3)
        return arm_bit(w, 6) ? two_scalar(w, out) : three_different(w, out);
    if (!arm_bit(w, 24)) {
        out->op = ARM_VEXT;
        out->quad = arm_bit(w, 6);
        out->size = 8;
        out->imm = arm_bits(w, 11, 8);
        return out->quad ? !(is_odd(out->rd) || is_odd(out->rn) || is_odd(out->rm)) : out->imm < 8;
    }
    return arm_bit(w, 11) ? table_or_dup(w, out) : two_misc(w, out);
}

static bool memory_multiple(uint32_t w, ArmInsn *out) {
    /* By type: registers, elements of a structure, stride. */
    static const uint8_t types[][3] = {{4, 4, 1}, {4, 4, 2}, {4, 1, 1}, {4, 2, 2},
                                       {3, 3, 1}, {3, 3, 2}, {3, 1, 1}, {1, 1, 1},
                                       {2, 2, 1}, {2, 2, 2}, {2, 1, 1}};
    unsigned type = arm_bits(w, 11, 8), align = arm_bits(w, 5, 4);
    if (type > 10)
        return false;
    out->regs = types[type][0];
    out->width = types[type][1];
    out->stride = types[type][2];
    out->size = (uint8_t)(8 << arm_bits(w, 7, 6));
    if (out->width > 1 && out->size == 64)
        return false;
    if ((type == 7 || type == 6 || type == 4 || type == 5) && align >= 2)
        return false;
    if ((type == 10 || type == 8 || type == 9) && align == 3)
        return false;
    unsigned last = out->rd + (out->width > 1 ? (out->width - 1u) * out->stride : out->regs - 1u);
    if (type == 3)
        last = out->rd + 3u;
    return last < 32;
}

static bool memory_lane(uint32_t w, ArmInsn *out, unsigned size) {
    unsigned field = arm_bits(w, 7, 4);
    out->one_lane = true;
    out->size = (uint8_t)(8 << size);
    out->amount = (uint8_t)((field >> (size + 1)) << (3 + size));
    out->stride = (uint8_t)(size == 0 ? 1 : 1 + (field >> size & 1));
    if (out->width == 1) {
        if (size == 0 ? field & 1 : size == 1 ? field & 2 : (field & 4) || ((field & 3) % 3 != 0))
            return false;
        out->stride = 1;
    }
    if (out->width == 2 && size == 2 && field & 2)
        return false;
    if (out->width == 3 && (field & (size == 2 ? 3 : 1)))
        return false;
    if (out->width == 4 && size == 2 && (field & 3) == 3)
        return false;
    return true;
}

static bool memory_all_lanes(uint32_t w, ArmInsn *out) {
    unsigned size = arm_bits(w, 7, 6);
    bool t = arm_bit(w, 5), align = arm_bit(w, 4);
    out->all_lanes = true;
    out->size = (uint8_t)(8 << size);
    out->stride = t ? 2 : 1;
    if (out->width == 1) {
        out->regs = t ? 2 : 1;
        out->stride = 1;
        return size != 3 && !(size == 0 && align);
    }
    if (out->width == 4 && size == 3) {
        out->size = 32;
        return align;
    }
    return size != 3 && !(out->width == 3 && align);
}

bool arm_decode_neon_memory(uint32_t w, ArmInsn *out) {
    out->vector = true;
    out->cond = ARM_ALWAYS;
    bool load = arm_bit(w, 21);
    out->op = load ? ARM_VLDN : ARM_VSTN;
    out->rd = reg_d(w);
    out->rn = (uint8_t)arm_bits(w, 19, 16);
    out->rm = (uint8_t)arm_bits(w, 3, 0);
    out->writeback = out->rm != ARM_PC;
    if (out->rm == ARM_PC || out->rm == ARM_SP)
        out->rm = ARM_NO_REG;
    if (out->rn == ARM_PC)
        return false;
    if (!arm_bit(w, 23))
        return memory_multiple(w, out);
    unsigned size = arm_bits(w, 11, 10);
    out->width = (uint8_t)(arm_bits(w, 9, 8) + 1);
    out->regs = out->width;
    bool ok = size == 3 ? load && memory_all_lanes(w, out) : memory_lane(w, out, size);
    unsigned last = out->rd + (out->width > 1 ? (out->width - 1u) * out->stride : out->regs - 1u);
    return ok && last < 32;
}
