/* SPDX-License-Identifier: Apache-2.0
 * decode.c: which decoder an image needs; everything else goes to it. */
#include "code/decode.h"

#include <string.h>

#include "code/decode_ops.h"

Decoder *decoder_for_image(Arena *a, const Image *image) {
    switch (image->arch) {
    case ARCH_X86:
    case ARCH_X64:
        return decoder_x86(a, image);
    case ARCH_ARM64:
        return decoder_arm64(a, image);
    case ARCH_ARM:
        return decoder_arm(a, image);
    case ARCH_NONE:
    case ARCH_MIPS:
    case ARCH_PPC:
    case ARCH_RISCV:
    case ARCH_OTHER:
        break;
    }
    return NULL;
}

/* In parts: cleared as a whole it becomes one rep stos, which takes longer than decoding does. */
static inline void clear(Insn *out) {
    memset(out, 0, offsetof(Insn, operands));
    for (unsigned i = 0; i < INSN_OPERANDS; i++)
        memset(&out->operands[i], 0, sizeof out->operands[i]);
}

bool decode_flow(const Decoder *d, Bytes b, uint64_t va, Insn *out) {
    clear(out);
    return d->ops->flow(d, b, va, out);
}

bool decode_full(const Decoder *d, Bytes b, uint64_t va, Insn *out) {
    clear(out);
    return d->ops->full(d, b, va, out);
}

bool decode_has_track(const Decoder *d) { return d->ops->track != NULL; }

void decode_track(const Decoder *d, Known *known, const uint8_t *at, Insn *in) {
    if (d->ops->track)
        d->ops->track(d, known, at, in);
}

const char *decode_mnemonic(const Decoder *d, uint16_t mnemonic) {
    return d->ops->mnemonic(mnemonic);
}

unsigned decode_mnemonic_group(const Decoder *d, uint16_t mnemonic) {
    return d->ops->mnemonic_group(mnemonic);
}

RegisterClass decode_register_class(const Decoder *d, uint16_t reg) {
    return d->ops->register_class(reg);
}

unsigned decode_register_number(const Decoder *d, uint16_t reg) {
    return d->ops->register_number(reg);
}

RegisterPlace decode_register_place(const Decoder *d, uint16_t reg) {
    return d->ops->register_place ? d->ops->register_place(reg) : (RegisterPlace){0};
}

unsigned decode_register_count(const Decoder *d) { return d->ops->register_count; }

bool decode_implied(const Decoder *d, Bytes b, Implied *out) {
    *out = (Implied){0};
    return d->ops->implied && d->ops->implied(d, b, out);
}
