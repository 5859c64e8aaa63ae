/* SPDX-License-Identifier: Apache-2.0
 * view.h: one function with its instructions decoded, as the hashes of f_code.c look at it.
 * Owner: f_code.c; the instructions live in scratch until the next function. */
#ifndef COG_FEATURE_VIEW_H
#define COG_FEATURE_VIEW_H

#include "code/code.h"

enum {
    /* Functions beyond this are looked at up to here: 13 MB of decoded instructions (guess; the
     * largest function of SQLite, its interpreter, has under 10,000). */
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

/* A basic block as the code itself has it: where the block before runs into it and nothing else
 * comes in, they are one. Recovery may split there (a callee was thought not to return, another
 * function reaches in), and would split the same function elsewhere in another image. */
typedef struct ViewBlock {
    uint64_t va;
    uint32_t size;
    uint32_t first_insn, insn_count;
    uint32_t entries, exits; /* edges from and to blocks of the function */
    bool is_loop_head;
} ViewBlock;

typedef struct FunctionView {
    const Image *image;
    const Code *code;
    const Function *function;
    const ViewBlock *blocks; /* the entry block first, then by va */
    uint32_t block_count;
    const Insn *insns;
    uint32_t insn_count;
    bool is_cut;            /* blocks beyond MAX_VIEW_INSNS are not here */
    uint32_t got_registers; /* i386: numbers of registers that hold the offset table's address */
    DecodeTables *tables;
    const uint8_t *placed; /* per instruction: PLACED_* (placed.h); NULL: none */
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

/* Instructions that only fill space: nop of all lengths, endbr, lea esi, [esi+0]. */
static inline bool view_is_padding(const FunctionView *v, const Insn *in, MnemonicGroup group) {
    (void)v;
    if (group == GROUP_NOP)
        return true;
    const Operand *o = in->operands;
    return group == GROUP_ADDRESS && in->operand_count == 2 && o[1].kind == OPERAND_MEM &&
           o[1].base == o[0].reg && o[1].index == 0 && o[1].value == 0;
}

#endif
