/* SPDX-License-Identifier: Apache-2.0
 * arm_insn.c: which of the instruction sets, and what does not depend on it. */
#include "code/arm_insn.h"

bool arm_decode(Bytes b, uint32_t va, bool thumb, ArmInsn *out) {
    *out = (ArmInsn){.va = va,
                     .thumb = thumb,
                     .cond = ARM_ALWAYS,
                     .rd = ARM_NO_REG,
                     .rn = ARM_NO_REG,
                     .rm = ARM_NO_REG,
                     .rs = ARM_NO_REG,
                     .carry = ARM_CARRY_SAME};
    if (!thumb) {
        out->length = 4;
        return b.size >= 4 && arm_decode_a32(bytes_u32_at(b, 0), out);
    }
    if (b.size < 2)
        return false;
    uint32_t half = bytes_u16_at(b, 0);
    if (half < 0xe800) {
        out->length = 2;
        return arm_decode_t16(half, out);
    }
    out->length = 4;
    return b.size >= 4 && arm_decode_t32(half << 16 | bytes_u16_at(b, 2), out);
}

bool arm_writes_pc(const ArmInsn *in) {
    switch (in->op) {
    case ARM_LDM:
        return in->list >> ARM_PC & 1;
    case ARM_B:
    case ARM_BX:
    case ARM_BL:
    case ARM_BLX:
    case ARM_CBZ:
    case ARM_CBNZ:
    case ARM_TBB:
    case ARM_TBH:
    case ARM_RFE:
        return true;
    case ARM_LDR:
        return in->rd == ARM_PC;
    default:
        return in->op >= ARM_AND && in->op <= ARM_ADR && in->rd == ARM_PC;
    }
}

uint32_t arm_written(const ArmInsn *in) {
    uint32_t set = 0;
    bool stores = in->op == ARM_STR || in->op == ARM_STRD || in->op == ARM_STM ||
                  in->op == ARM_CBZ || in->op == ARM_CBNZ;
    bool is_float = in->op >= ARM_VLDR;
    if (in->op == ARM_LDM)
        set |= in->list;
    if (in->rd < 16 && !stores &&
        (!is_float || in->op == ARM_VMOV_TO_CORE || in->op == ARM_VMOV_FROM_LANE ||
         in->op == ARM_VMOV_TO_PAIR || in->op == ARM_VMRS))
        set |= 1u << in->rd;
    bool pair = in->op == ARM_LDRD || in->op == ARM_MRRC || in->op == ARM_VMOV_TO_PAIR ||
                (in->op >= ARM_UMAAL && in->op <= ARM_SMLAL) || in->op == ARM_SMLALXY ||
                in->op == ARM_SMLALD || in->op == ARM_SMLSLD ||
                (in->op == ARM_LDREX && in->size == 64);
    if (pair && in->rs < 16)
        set |= 1u << in->rs;
    if (in->writeback && in->rn < 16)
        set |= 1u << in->rn;
    return set;
}

const char *arm_op_name(ArmOp op) {
    static const char *const names[] = {
#define X(constant, name, group) name,
        ARM_OPS(X)
#undef X
    };
    return (size_t)op < sizeof names / sizeof *names ? names[op] : "invalid";
}
