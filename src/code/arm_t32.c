/* SPDX-License-Identifier: Apache-2.0
 * arm_t32.c: 32-bit Thumb encodings (DDI 0406C, A6.3). w: first halfword in the high half. */
#include "code/arm_insn.h"

static uint8_t reg_at(uint32_t w, unsigned low) { return (uint8_t)arm_bits(w, low + 3, low); }

/* Each register is given and not the counter. */
static bool none_is_pc(const ArmInsn *in) {
    return in->rd != ARM_PC && in->rn != ARM_PC && in->rm != ARM_PC && in->rs != ARM_PC;
}

bool arm_imm_t32(uint32_t imm12, ArmInsn *out) {
    uint32_t byte = imm12 & 0xff;
    unsigned top = arm_bits(imm12, 11, 10), kind = arm_bits(imm12, 9, 8);
    out->form = ARM_FORM_IMM;
    out->carry = ARM_CARRY_SAME;
    if (top == 0) {
        static const uint32_t times[] = {1, 0x00010001, 0x01000100, 0x01010101};
        out->imm = byte * times[kind];
        return kind == 0 || byte != 0;
    }
    unsigned turn = arm_bits(imm12, 11, 7);
    uint32_t value = 0x80 | (imm12 & 0x7f);
    out->imm = value >> turn | value << (32 - turn);
    out->carry = (uint8_t)(out->imm >> 31);
    return true;
}

static uint32_t imm12_at(uint32_t w) {
    return (uint32_t)arm_bit(w, 26) << 11 | arm_bits(w, 14, 12) << 8 | (w & 0xff);
}

/* The operations of data processing by their four bits; with rd or rn the counter some are others.
 */
static bool data_op(uint32_t w, ArmInsn *out) {
    static const uint16_t ops[] = {ARM_AND, ARM_BIC, ARM_ORR, ARM_ORN, ARM_EOR, 0, 0, 0, ARM_ADD, 0,
                                   ARM_ADC, ARM_SBC, 0,       ARM_SUB, ARM_RSB, 0};
    out->op = ops[arm_bits(w, 24, 21)];
    out->sets_flags = arm_bit(w, 20);
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 8);
    if (out->op == 0)
        return false;
    if (out->rd == ARM_PC && out->sets_flags) {
        switch (out->op) {
        case ARM_AND:
            out->op = ARM_TST;
            break;
        case ARM_EOR:
            out->op = ARM_TEQ;
            break;
        case ARM_ADD:
            out->op = ARM_CMN;
            break;
        case ARM_SUB:
            out->op = ARM_CMP;
            break;
        default:
            return false;
        }
        out->rd = ARM_NO_REG;
    }
    if (out->rn == ARM_PC && (out->op == ARM_ORR || out->op == ARM_ORN)) {
        out->op = out->op == ARM_ORR ? ARM_MOV : ARM_MVN;
        out->rn = ARM_NO_REG;
    }
    return none_is_pc(out);
}

static bool data_shifted(uint32_t w, ArmInsn *out) {
    unsigned amount = arm_bits(w, 14, 12) << 2 | arm_bits(w, 7, 6);
    out->rm = reg_at(w, 0);
    arm_shift_imm(arm_bits(w, 5, 4), amount, out);
    if (arm_bit(w, 15))
        return false;
    if (arm_bits(w, 24, 21) == 6) {
        out->op = arm_bit(w, 5) ? ARM_PKHTB : ARM_PKHBT;
        out->rn = reg_at(w, 16);
        out->rd = reg_at(w, 8);
        return none_is_pc(out) && !arm_bit(w, 20) && !arm_bit(w, 4);
    }
    if (!data_op(w, out))
        return false;
    if (out->op == ARM_MOV && (out->amount != 0 || out->shift != ARM_LSL))
        out->op = ARM_SHIFT;
    return true;
}

/* Bits, moves and saturation with plain immediates. */
static bool data_plain(uint32_t w, ArmInsn *out) {
    uint32_t imm12 = imm12_at(w), imm5 = arm_bits(w, 14, 12) << 2 | arm_bits(w, 7, 6);
    unsigned op = arm_bits(w, 24, 20);
    out->form = ARM_FORM_IMM;
    out->imm = imm12;
    out->rd = reg_at(w, 8);
    out->rn = reg_at(w, 16);
    switch (op) {
    case 0:
    case 10:
        out->op = op == 0 ? ARM_ADD : ARM_SUB;
        if (out->rn == ARM_PC) {
            uint32_t base = (out->va + 4) & ~UINT32_C(3);
            out->op = ARM_ADR;
            out->target = base + (op == 0 ? imm12 : 0 - imm12);
            out->rn = ARM_NO_REG;
        }
        break;
    case 4:
    case 12:
        out->op = op == 4 ? ARM_MOVW : ARM_MOVT;
        out->imm |= (uint32_t)out->rn << 12;
        out->rn = ARM_NO_REG;
        break;
    case 16:
    case 18:
    case 24:
    case 26: {
        bool is_unsigned = op >= 24;
        out->op = is_unsigned ? ARM_USAT : ARM_SSAT;
        out->imm = arm_bits(w, 4, 0) + !is_unsigned;
        out->amount = (uint8_t)imm5;
        out->shift = op & 2 ? ARM_ASR : ARM_LSL;
        if ((op & 2) && imm5 == 0) {
            out->op = is_unsigned ? ARM_USAT16 : ARM_SSAT16;
            if (arm_bits(w, 5, 4) != 0)
                return false;
        }
        break;
    }
    case 20:
    case 28:
        out->op = op == 20 ? ARM_SBFX : ARM_UBFX;
        out->amount = (uint8_t)imm5;
        out->imm = arm_bits(w, 4, 0) + 1;
        if (imm5 + out->imm > 32)
            return false;
        break;
    case 22:
        out->op = ARM_BFI;
        out->amount = (uint8_t)imm5;
        if (arm_bits(w, 4, 0) < imm5)
            return false;
        out->imm = arm_bits(w, 4, 0) - imm5 + 1;
        if (out->rn == ARM_PC)
            out->rn = ARM_NO_REG;
        break;
    default:
        return false;
    }
    return none_is_pc(out) && !(op >= 16 && (arm_bit(w, 26) || arm_bit(w, 5)));
}

static bool branch_wide(uint32_t w, ArmInsn *out, uint16_t op) {
    uint32_t s = arm_bit(w, 26), j1 = arm_bit(w, 13), j2 = arm_bit(w, 11);
    uint32_t off = s << 24 | (j1 ^ s ^ 1) << 23 | (j2 ^ s ^ 1) << 22 | arm_bits(w, 25, 16) << 12 |
                   arm_bits(w, 10, 0) << 1;
    uint32_t base = out->va + 4;
    out->op = op;
    if (op == ARM_BLX) {
        base &= ~UINT32_C(3);
        if (w & 1)
            return false;
    }
    out->target = base + (uint32_t)((int32_t)(off << 7) >> 7);
    return true;
}

static bool branch_conditional(uint32_t w, ArmInsn *out) {
    uint32_t off = (uint32_t)arm_bit(w, 26) << 20 | (uint32_t)arm_bit(w, 11) << 19 |
                   (uint32_t)arm_bit(w, 13) << 18 | arm_bits(w, 21, 16) << 12 |
                   arm_bits(w, 10, 0) << 1;
    out->op = ARM_B;
    out->cond = (uint8_t)arm_bits(w, 25, 22);
    out->target = out->va + 4 + (uint32_t)((int32_t)(off << 11) >> 11);
    return true;
}

static bool miscellaneous(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 26, 20);
    switch (op) {
    case 0x38:
    case 0x39:
        out->op = arm_bit(w, 5) ? ARM_UNKNOWN : ARM_MSR;
        out->rm = reg_at(w, 16);
        out->imm = arm_bits(w, 11, 8) | (uint32_t)(op & 1) << 4;
        return out->rm != ARM_PC && (arm_bit(w, 5) || (out->imm != 0 && (w & 0xff) == 0));
    case 0x3a:
        if (arm_bits(w, 19, 16) != 15 || arm_bits(w, 13, 11) != 0)
            return false;
        out->op = arm_bits(w, 10, 8) != 0 ? ARM_SYSTEM : ARM_NOP;
        return true;
    case 0x3b: {
        unsigned which = arm_bits(w, 7, 4);
        out->op = which == 2 ? ARM_CLREX : ARM_BARRIER;
        return arm_bits(w, 19, 16) == 15 && arm_bits(w, 11, 8) == 15 &&
               (which == 2 || (which >= 4 && which <= 6));
    }
    case 0x3c:
        out->op = ARM_BX; /* bxj */
        out->rm = reg_at(w, 16);
        return (w & 0xffff) == 0x8f00 && out->rm != ARM_PC;
    case 0x3d:
        out->op = ARM_RFE; /* subs pc, lr, #n; eret */
        return reg_at(w, 16) == ARM_LR && arm_bits(w, 15, 8) == 0x8f;
    case 0x3e:
    case 0x3f:
        out->op = arm_bit(w, 5) ? ARM_UNKNOWN : ARM_MRS;
        out->imm = (uint32_t)(op & 1) << 1;
        out->rd = reg_at(w, 8);
        return out->rd != ARM_PC && (arm_bit(w, 5) || (reg_at(w, 16) == 15 && (w & 0xff) == 0));
    case 0x7e:
    case 0x7f:
        out->op = op == 0x7e ? ARM_SYSTEM : op == 0x7f && arm_bit(w, 13) ? ARM_UDF : ARM_SYSTEM;
        return true;
    default:
        return false;
    }
}

static bool branches(uint32_t w, ArmInsn *out) {
    if (arm_bit(w, 14)) {
        if (arm_bit(w, 12))
            return branch_wide(w, out, ARM_BL);
        return branch_wide(w, out, ARM_BLX);
    }
    if (arm_bit(w, 12))
        return branch_wide(w, out, ARM_B);
    if (arm_bits(w, 25, 23) != 7)
        return branch_conditional(w, out);
    return miscellaneous(w, out);
}

static bool many(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 24, 23);
    out->rn = reg_at(w, 16);
    out->writeback = arm_bit(w, 21);
    bool load = arm_bit(w, 20);
    if (op == 0 || op == 3) {
        out->op = load ? ARM_RFE : ARM_UNKNOWN; /* srs */
        return load ? (w & 0xffff) == 0xc000 && out->rn != ARM_PC
                    : out->rn == ARM_SP && (w & 0xffe0) == 0xc000;
    }
    out->op = load ? ARM_LDM : ARM_STM;
    out->add = op == 1;
    out->pre = op == 2;
    out->size = 32;
    out->list = (uint16_t)w;
    uint16_t list = out->list;
    bool in_list = list >> out->rn & 1;
    /* One register, sp in the list, pc with lr, the base with writeback: UNPREDICTABLE. */
    return out->rn != ARM_PC && (list & (list - 1)) != 0 && !(list & 1u << ARM_SP) &&
           !(load ? (list >> 14) == 3 : list >> ARM_PC) && !(in_list && out->writeback);
}

static bool exclusive_plain(uint32_t w, ArmInsn *out) {
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, arm_bit(w, 20) ? 12 : 8);
    out->size = 32;
    out->imm = (w & 0xff) * 4;
    if (arm_bit(w, 20)) {
        out->op = ARM_LDREX;
        return arm_bits(w, 11, 8) == 15 && none_is_pc(out);
    }
    out->op = ARM_STREX;
    out->rm = reg_at(w, 12);
    return none_is_pc(out) && out->rd != out->rn && out->rd != out->rm;
}

/* tbb, tbh, ldrexb.., lda.., stl.. */
static bool exclusive_other(uint32_t w, ArmInsn *out) {
    unsigned kind = arm_bits(w, 7, 4);
    bool load = arm_bit(w, 20);
    out->rn = reg_at(w, 16);
    out->pre = out->add = true;
    if (kind < 2) {
        out->op = kind == 0 ? ARM_TBB : ARM_TBH;
        out->rm = reg_at(w, 0);
        return load && arm_bits(w, 15, 8) == 0xf0 && out->rm != ARM_SP && out->rm != ARM_PC &&
               out->rn != ARM_SP;
    }
    if (kind == 2 || kind == 3 || kind == 6)
        return false;
    out->size = (uint8_t)(8 << (kind & 3));
    bool plain = kind >= 8 && kind < 12; /* lda, stl */
    if (plain && out->size == 64)
        return false;
    out->op = load ? ARM_LDREX : ARM_STREX;
    uint8_t first = reg_at(w, 12), second = reg_at(w, 8), status = reg_at(w, 0);
    if (out->size != 64) {
        if (second != 15)
            return false;
        second = ARM_NO_REG;
    } else if (second == first && load) {
        return false;
    }
    if (load || plain) {
        if (status != 15)
            return false;
        status = ARM_NO_REG;
    }
    out->rd = load ? first : status;
    out->rm = load ? ARM_NO_REG : first;
    out->rs = second;
    return none_is_pc(out) &&
           !(!load && !plain && (status == first || status == second || status == out->rn));
}

static bool dual(uint32_t w, ArmInsn *out) {
    out->pre = arm_bit(w, 24);
    out->add = arm_bit(w, 23);
    out->writeback = arm_bit(w, 21);
    out->op = arm_bit(w, 20) ? ARM_LDRD : ARM_STRD;
    out->size = 32;
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 12);
    out->rs = reg_at(w, 8);
    out->imm = (w & 0xff) * 4;
    bool load = out->op == ARM_LDRD;
    if (out->writeback && (out->rn == out->rd || out->rn == out->rs))
        return false;
    if (out->rd == ARM_PC || out->rs == ARM_PC || (load && out->rd == out->rs))
        return false;
    if (out->rn != ARM_PC)
        return true;
    out->is_literal = true;
    out->target = ((out->va + 4) & ~UINT32_C(3)) + (out->add ? out->imm : 0 - out->imm);
    return load && !out->writeback;
}

static bool memory_dual(uint32_t w, ArmInsn *out) {
    if (!arm_bit(w, 24) && !arm_bit(w, 21)) {
        if (arm_bit(w, 23))
            return exclusive_other(w, out);
        out->pre = out->add = true;
        return exclusive_plain(w, out);
    }
    return dual(w, out);
}

static bool memory_literal(uint32_t w, ArmInsn *out) {
    out->imm = w & 0xfff;
    out->pre = true;
    out->add = arm_bit(w, 23);
    out->is_literal = true;
    out->target = ((out->va + 4) & ~UINT32_C(3)) + (out->add ? out->imm : 0 - out->imm);
    return out->op != ARM_STR;
}

static bool memory_one(uint32_t w, ArmInsn *out) {
    bool load = arm_bit(w, 20), is_signed = arm_bit(w, 24);
    unsigned size = arm_bits(w, 22, 21);
    out->size = (uint8_t)(8 << size);
    out->op = load ? (is_signed ? ARM_LDRS : ARM_LDR) : ARM_STR;
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 12);
    out->add = out->pre = true;
    if (size == 3 || (is_signed && (size == 2 || !load)))
        return false;
    bool is_hint = load && out->rd == ARM_PC && size < 2; /* pld, pldw, pli */
    bool ok = true;
    if (out->rn == ARM_PC) {
        ok = memory_literal(w, out);
    } else if (arm_bit(w, 23)) {
        out->imm = w & 0xfff;
    } else if (arm_bit(w, 11)) {
        out->imm = w & 0xff;
        out->pre = arm_bit(w, 10);
        out->add = arm_bit(w, 9);
        out->writeback = arm_bit(w, 8);
        ok = out->pre || out->writeback;
        if (out->writeback && (out->rn == out->rd || is_hint))
            ok = false;
        if (is_hint && arm_bits(w, 11, 8) != 12)
            ok = false;
    } else {
        out->rm = reg_at(w, 0);
        arm_shift_imm(ARM_LSL, arm_bits(w, 5, 4), out);
        ok = arm_bits(w, 10, 6) == 0 && out->rm != ARM_PC;
    }
    if (is_hint) {
        out->op = ARM_NOP;
        return ok && !(is_signed && size == 1);
    }
    return ok && (out->rd != ARM_PC || (load && size == 2));
}

static bool data_register(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 23, 20), op2 = arm_bits(w, 7, 4);
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 8);
    out->rm = reg_at(w, 0);
    if (arm_bits(w, 15, 12) != 15)
        return false;
    if (op < 8 && op2 == 0) {
        out->op = ARM_SHIFT;
        out->form = ARM_FORM_SHIFT;
        out->shift = (uint8_t)arm_bits(w, 22, 21);
        out->sets_flags = arm_bit(w, 20);
        out->rs = out->rm;
        out->rm = out->rn;
        out->rn = ARM_NO_REG;
        return none_is_pc(out);
    }
    if (op < 8) {
        static const uint16_t extends[] = {ARM_SXTH, ARM_UXTH, ARM_SXTB16, ARM_UXTB16,
                                           ARM_SXTB, ARM_UXTB, 0,          0};
        out->op = extends[op & 7];
        out->amount = (uint8_t)(8 * arm_bits(w, 5, 4));
        if (out->rn == ARM_PC)
            out->rn = ARM_NO_REG;
        return op < 6 && (op2 & 12) == 8 && none_is_pc(out);
    }
    if (op2 < 8) {
        static const uint8_t kinds[] = {0, 1, 2, 9, 3, 4, 5, 9};
        static const uint8_t which[] = {4, 0, 1, 9, 5, 3, 2, 9}; /* add8 add16 asx sub8 sub16 sax */
        if (kinds[op2] == 9 || which[op & 7] == 9)
            return false;
        out->op = (uint16_t)(ARM_SADD16 + 6 * kinds[op2] + which[op & 7]);
        return none_is_pc(out);
    }
    static const uint16_t others[][4] = {{ARM_QADD, ARM_QDADD, ARM_QSUB, ARM_QDSUB},
                                         {ARM_REV, ARM_REV16, ARM_RBIT, ARM_REVSH},
                                         {ARM_SEL, 0, 0, 0},
                                         {ARM_CLZ, 0, 0, 0},
                                         {ARM_CRC32, ARM_CRC32, ARM_CRC32, 0},
                                         {ARM_CRC32C, ARM_CRC32C, ARM_CRC32C, 0}};
    if (op > 13 || op2 > 11 || others[op - 8][op2 & 3] == 0)
        return false;
    out->op = others[op - 8][op2 & 3];
    out->size = (uint8_t)(8 << (op2 & 3));
    if (op == 9 || op == 11) {
        if (out->rn != out->rm)
            return false;
        out->rn = ARM_NO_REG;
    }
    return none_is_pc(out);
}

static bool multiply(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 22, 20), op2 = arm_bits(w, 5, 4);
    out->rn = reg_at(w, 16);
    out->rs = reg_at(w, 12);
    out->rd = reg_at(w, 8);
    out->rm = reg_at(w, 0);
    bool none = out->rs == ARM_PC;
    out->imm = op2 & 1;
    static const uint16_t with[] = {ARM_MLA,   ARM_SMLAXY, ARM_SMLAD, ARM_SMLAWY,
                                    ARM_SMLSD, ARM_SMMLA,  ARM_SMMLS, ARM_USAD8};
    static const uint16_t without[] = {ARM_MUL,   ARM_SMULXY, ARM_SMUAD, ARM_SMULWY,
                                       ARM_SMUSD, ARM_SMMUL,  0,         ARM_USAD8};
    out->op = none ? without[op] : with[op];
    if (op == 0 && op2 == 1) {
        out->op = ARM_MLS;
        if (none)
            return false;
    } else if ((op == 0 || op == 7) ? op2 != 0 : op != 1 && op2 > 1) {
        return false;
    }
    /* Bit 5 (N) chooses the half of rn, bit 4 (M) that of rm; smlaw has M only. */
    if (op == 1)
        out->imm = op2 >> 1 | (op2 & 1) << 1;
    if (op == 3)
        out->imm = (op2 & 1) << 1;
    if (none)
        out->rs = ARM_NO_REG;
    return out->op != 0 && arm_bits(w, 7, 6) == 0 && none_is_pc(out);
}

static bool multiply_long(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 22, 20), op2 = arm_bits(w, 7, 4);
    out->rn = reg_at(w, 16);
    out->rd = reg_at(w, 12);
    out->rs = reg_at(w, 8);
    out->rm = reg_at(w, 0);
    if (op == 1 || op == 3) {
        out->op = op == 1 ? ARM_SDIV : ARM_UDIV;
        out->rd = out->rs;
        out->rs = ARM_NO_REG;
        return op2 == 15 && reg_at(w, 12) == 15 && none_is_pc(out);
    }
    if (out->rd == out->rs || !none_is_pc(out))
        return false;
    static const uint16_t ops[] = {ARM_SMULL, 0, ARM_UMULL, 0, ARM_SMLAL, 0, ARM_UMLAL, 0};
    out->op = ops[op];
    if (op2 == 0)
        return out->op != 0;
    out->imm = op2 & 1;
    if (op == 6 && op2 == 6) {
        out->op = ARM_UMAAL;
        return true;
    }
    if (op == 4 && (op2 & 12) == 8) {
        out->op = ARM_SMLALXY;
        out->imm = (op2 >> 1 & 1) | (op2 & 1) << 1;
        return true;
    }
    if (op2 >> 1 != 6)
        return false;
    out->op = op == 4 ? ARM_SMLALD : ARM_SMLSLD;
    return op == 4 || op == 5;
}

/* Coprocessors: VFP and NEON have the words of A32 with other leading bits. */
static bool coprocessor(uint32_t w, ArmInsn *out) {
    unsigned op = arm_bits(w, 25, 24);
    if (op == 3)
        return arm_decode_neon((w & 0x00ffffff) | 0xf2000000 | (uint32_t)arm_bit(w, 28) << 24, out);
    return arm_decode_vfp(w, out);
}

bool arm_decode_t32(uint32_t w, ArmInsn *out) {
    if (arm_bits(w, 27, 26) == 3)
        return coprocessor(w, out);
    switch (arm_bits(w, 28, 27)) {
    case 1:
        if (arm_bit(w, 25))
            return data_shifted(w, out);
        return arm_bit(w, 22) ? memory_dual(w, out) : many(w, out);
    case 2:
        if (arm_bit(w, 15))
            return branches(w, out);
        if (arm_bit(w, 25))
            return data_plain(w, out);
        return arm_imm_t32(imm12_at(w), out) && data_op(w, out);
    default:
        break;
    }
    if (arm_bit(w, 25)) {
        if (!arm_bit(w, 24))
            return data_register(w, out);
        return arm_bit(w, 23) ? multiply_long(w, out) : multiply(w, out);
    }
    if (arm_bit(w, 24) && !arm_bit(w, 20))
        return arm_decode_neon_memory((w & 0x00ffffff) | 0xf4000000, out);
    return memory_one(w, out);
}
