/* SPDX-License-Identifier: Apache-2.0
 * isa.h: what discovery must know about a processor beside its decoder; private to src/code. One
 * isa_<name>.c (and table_<name>.c for its jump tables) fills an Isa in; the stages ask it and know
 * no processor. In the functions, `at` and `left` are bytes inside a code segment and how many
 * there are. */
#ifndef COG_CODE_ISA_H
#define COG_CODE_ISA_H

#include "code/code.h"

typedef struct Discover Discover;
typedef struct Area Area;
typedef struct Eval Eval;
typedef struct Value Value;

typedef struct Isa {
    bool is_64; /* pointers are 8 bytes */
    /* Instructions start at multiples of it; a shortest instruction, too. A power of two. */
    uint8_t align;
    /* Where functions start in gaps when nothing else tells. A power of two. */
    uint8_t gap_align;
    /* Instructions of a function that only jumps on. */
    uint8_t thunk_instructions;
    /* Bytes of the code that GCC puts before functions that may be patched, and what they are. */
    uint8_t hook_size, hook[5];
    /* Registers that calls do not keep, by decode_register_number. */
    uint32_t call_lost;

    /* Bytes of filler at `at` (nops, zeros, traps between functions), up to limit. */
    size_t (*filler_length)(const uint8_t *at, size_t limit);
    /* The longest piece of filler, for looking whether one starts somewhere. */
    uint8_t filler_piece;
    /* Whether the `align` bytes are what compilers put behind calls that never return, or between
     * functions, and nowhere else. */
    bool (*is_stopper)(const uint8_t *at);
    /* Whether a FLOW_STOP at off may be a break point in the middle of code. */
    bool (*is_debug_break)(const Area *a, size_t off, const Insn *in);
    /* Whether compilers put functions right behind each other, so that an unconditional jump to a
     * sure prologue leaves the function though no filler is between. */
    bool is_dense;
    /* Whether at is a label that only indirect jumps come to; NULL: there are no such marks. */
    bool (*is_label)(const uint8_t *at, size_t left);
    /* Points for how a function begins; 0 says nothing. */
    int (*prologue_score)(const uint8_t *at, size_t left);
    /* Bytes of the mark that says an indirect jump may come here (endbr, bti), 0 none. */
    size_t (*mark_length)(const uint8_t *at, size_t left);
    /* An instruction that stands at ends of functions only. */
    bool (*is_epilogue)(const uint8_t *at, size_t left);
    /* Instructions that compiled code of a process does not hold, or that are rare in it. */
    bool (*is_odd)(const uint8_t *at, const Insn *in);
    bool (*is_unlikely)(const uint8_t *at, const Insn *in);
    /* After a direct call was claimed; NULL: nothing to learn from it. */
    void (*note_call)(Discover *d, const Insn *call);
    /* Jump tables: whether the code before a branch to the jump's block is looked at too (compilers
     * put that block out of the way); runs one instruction over the values, and what the jump goes
     * to. */
    bool looks_back;
    void (*table_step)(Eval *e, const Insn *in, const uint8_t *at);
    Value (*table_jump)(const Eval *e, const Insn *in, const uint8_t *at);
} Isa;

extern const Isa isa_x86, isa_x64, isa_arm64, isa_arm, isa_thumb;

/* Never NULL for an image that has a decoder. */
const Isa *isa_for_image(const Image *image);

#endif
