/* SPDX-License-Identifier: Apache-2.0
 * view.h: one function with its instructions decoded, as the hashes of f_code.c look at it.
 * Owner: f_code.c; the instructions live in scratch until the next function. */
#ifndef COG_FEATURE_VIEW_H
#define COG_FEATURE_VIEW_H

#include "code/code.h"

enum {
    /* Functions beyond this are looked at up to here: 13 MB of decoded instructions, and twice the
     * largest function of SQLite, CPython and the Linux kernel (guess; sqlite3VdbeExec has 12,000).
     */
    MAX_VIEW_INSNS = 65536,
    /* Zydis has 1,800 mnemonics and 260 registers; ids beyond the tables are asked for one by one.
     */
    VIEW_MNEMONICS = 4096,
    VIEW_REGISTERS = 512
};

/* Answers of the decoder that are asked for on every instruction. */
typedef struct DecodeTables {
    const Decoder *decoder;
    uint8_t group[VIEW_MNEMONICS]; /* + 1; 0 not asked yet */
    uint8_t register_class[VIEW_REGISTERS];
} DecodeTables;

typedef struct FunctionView {
    const Image *image;
    const Code *code;
    const Function *function;
    const Block *blocks;
    uint32_t block_count; /* those whose instructions are here */
    const Insn *insns;
    uint32_t insn_count;
    const uint32_t *first_insn; /* block_count + 1 places */
    DecodeTables *tables;
} FunctionView;

static inline MnemonicGroup view_group(const FunctionView *v, const Insn *in) {
    if (in->mnemonic >= VIEW_MNEMONICS)
        return (MnemonicGroup)decode_mnemonic_group(v->tables->decoder, in->mnemonic);
    uint8_t *known = &v->tables->group[in->mnemonic];
    if (*known == 0)
        *known = (uint8_t)(decode_mnemonic_group(v->tables->decoder, in->mnemonic) + 1);
    return (MnemonicGroup)(*known - 1);
}

static inline RegisterClass view_register_class(const FunctionView *v, uint16_t reg) {
    if (reg >= VIEW_REGISTERS)
        return decode_register_class(v->tables->decoder, reg);
    return (RegisterClass)v->tables->register_class[reg];
}

/* A constant that somebody chose, the same in every compiler and build: its low 32 bits when the
 * rest is sign or zero, or 0 when it tells nothing. Left out: what is below 256 (counts,
 * characters, small offsets), powers of two, masks of low bits, their negatives and complements,
 * and repeated bytes of memset (rules after BSim's and FunctionSimSearch's; the bound is measured
 * in docs/evidence/code.md). */
uint64_t constant_from_imm(uint64_t imm);

#endif
