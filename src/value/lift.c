/* SPDX-License-Identifier: Apache-2.0
 * lift.c: which lifter an image needs. */
#include "value/lift.h"

#include "value/lift_arm.h"

Lifter *lifter_for_image(Arena *a, const Image *image, const Decoder *decoder) {
    Lifter l = {.decoder = decoder, .arch = image->arch, .bits = image->bits};
    switch (image->arch) {
    case ARCH_X86:
    case ARCH_X64:
        if (!decoder)
            return NULL;
        l.bits = image->arch == ARCH_X64 ? 64 : 32;
        l.tables = lift_x86_tables(a, decoder);
        break;
    case ARCH_ARM:
        l.bits = 32;
        break;
    case ARCH_ARM64:
        if (image->big_endian)
            return NULL;
        l.bits = 64;
        l.tables = lift_arm64_tables(a);
        break;
    case ARCH_NONE:
    case ARCH_MIPS:
    case ARCH_PPC:
    case ARCH_RISCV:
    case ARCH_OTHER:
    default:
        return NULL;
    }
    Lifter *made = ARENA_NEW(a, Lifter);
    *made = l;
    return made;
}

size_t lift_insn(const Lifter *l, Bytes b, uint64_t va, IrOp *ops, unsigned *length) {
    switch ((int)l->arch) {
    case ARCH_X86:
    case ARCH_X64:
        return lift_x86(l, b, va, ops, length);
    case ARCH_ARM64:
        return lift_arm64(l, b, va, ops, length);
    case ARCH_ARM:
        return lift_arm(b, (uint32_t)va & ~UINT32_C(1), va & 1, ops, length);
    default:
        *length = 0;
        return 0;
    }
}

size_t lift_decoded(const Lifter *l, const Insn *in, Bytes b, IrOp *ops, unsigned *length) {
    *length = in->length;
    if (l->arch == ARCH_X86 || l->arch == ARCH_X64)
        return lift_x86_decoded(l, in, b, ops);
    return lift_insn(l, b, in->va | in->is_thumb, ops, length); /* lifters that read the bits */
}
