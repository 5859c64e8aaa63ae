/* SPDX-License-Identifier: Apache-2.0
 * pic.h: position-independent hashes: equal for the same function (block) in two images where only
 * addresses differ. What is masked, and when a hash stays zero: docs/evidence/code.md. */
#ifndef COG_FEATURE_PIC_H
#define COG_FEATURE_PIC_H

#include "feature/feature.h"
#include "feature/view.h"

enum {
    /* MCRIT's minimum for matching (PEERS, MCRIT 1.6.2): below it a body may be a coincidence, and
     * the names of called imports are hashed with it. */
    PIC_SMALL_INSNS = 10,
    /* Below this a body says nothing unless it holds a telling constant. */
    PIC_TINY_INSNS = 5,
    /* Of these, so many must do something else than move registers, calls and stack (guess). */
    PIC_TINY_WORK = 4,
    /* Blocks below it are not kept (as SMDA's PicBlockHash). */
    PIC_BLOCK_INSNS = 4
};

/* How addresses are told from numbers in this image; made once per sample. */
typedef struct PicRules {
    const Image *image;
    bool by_reloc;   /* the image names every address in its code */
    bool by_value;   /* a number that lies in a mapped segment is an address */
    bool by_rva;     /* displacements relative to the image base (MSVC x64 tables) */
    uint64_t got_va; /* i386 position-independent code: displacements from here; 0 none */
} PicRules;

PicRules pic_rules_from_image(const Image *image);
/* Fills v->got_registers from the instructions. */
void pic_find_got_registers(const PicRules *rules, FunctionView *v);
/* True when an immediate or displacement of the instruction (one of v->insns) is an address, or a
 * distance that the linker chose. */
bool pic_imm_is_address(const PicRules *rules, const FunctionView *v, const Insn *in);
bool pic_disp_is_address(const PicRules *rules, const FunctionView *v, const Insn *in);

/* Hashes of the function and of its blocks of PIC_BLOCK_INSNS and more. blocks has room for
 * v->block_count; returns how many were written. */
uint32_t pic_from_view(const PicRules *rules, const FunctionView *v, Arena *scratch, Hash128 *pic,
                       BlockFeature *blocks);

#endif
