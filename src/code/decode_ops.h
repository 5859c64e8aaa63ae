/* SPDX-License-Identifier: Apache-2.0
 * decode_ops.h: what a processor's decoder gives to decode.c; private to src/code. Each decoder is
 * one file: a struct that begins with Decoder, a table of functions, and a function that makes one,
 * which decoder_for_image calls. A new processor needs these and an Isa (isa.h), nothing else. */
#ifndef COG_CODE_DECODE_OPS_H
#define COG_CODE_DECODE_OPS_H

#include "code/decode.h"

typedef struct DecoderOps {
    /* *out is zeroed by the caller. */
    bool (*flow)(const Decoder *d, Bytes b, uint64_t va, Insn *out);
    bool (*full)(const Decoder *d, Bytes b, uint64_t va, Insn *out);
    /* NULL where one instruction holds a whole address. */
    void (*track)(const Decoder *d, Known *known, const uint8_t *at, Insn *in);
    const char *(*mnemonic)(uint16_t mnemonic);
    MnemonicGroup (*mnemonic_group)(uint16_t mnemonic);
    RegisterClass (*register_class)(uint16_t reg);
    unsigned (*register_number)(uint16_t reg);
    /* For lifters of the processor; NULL where they do without. */
    RegisterPlace (*register_place)(uint16_t reg);
    bool (*implied)(const Decoder *d, Bytes b, Implied *out);
    unsigned register_count;
} DecoderOps;

struct Decoder {
    const DecoderOps *ops;
};

/* NULL when the image is of another processor, or of a kind that is not supported. */
Decoder *decoder_x86(Arena *a, const Image *image);
/* For tests: from now on decode_full is Zydis alone. */
void decoder_x86_without_forms(Decoder *d);
Decoder *decoder_arm64(Arena *a, const Image *image);
Decoder *decoder_arm(Arena *a, const Image *image);

#endif
