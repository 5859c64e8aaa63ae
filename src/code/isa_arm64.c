/* SPDX-License-Identifier: Apache-2.0
 * isa_arm64.c: how A64 functions begin and end, and what lies between them. */
#include "code/a64.h"
#include "code/discover_table.h"

enum {
    WORD = 4,
    /* x0..x18, x30: procedure call standard, 6.1.1 */
    CALL_LOST = 0x4007ffff
};
static const uint32_t NOP = 0xd503201f, PACIASP = 0xd503233f, PACIBSP = 0xd503237f,
                      BTI_J = 0xd503249f;
/* What MSVC puts behind calls that do not return; also __debugbreak. */
static const uint32_t BRK_F000 = 0xd43e0000;

static uint32_t word_at(const uint8_t *at) { return bytes_u32_at((Bytes){at, WORD}, 0); }

/* nop, and zeros, which are udf #0. */
static size_t arm64_filler_length(const uint8_t *at, size_t limit) {
    size_t n = 0;
    while (limit - n >= WORD && (word_at(at + n) == NOP || word_at(at + n) == 0))
        n += WORD;
    return n;
}

static bool arm64_is_stopper(const uint8_t *at) { return word_at(at) == BRK_F000; }

/* bti, with any of its operands. */
static size_t bti_length(const uint8_t *at, size_t left) {
    return left >= WORD && (word_at(at) & 0xffffff3f) == 0xd503241f ? WORD : 0;
}

/* Stores to the stack with which functions begin: pre-indexed, or behind sub sp. */
static int save_score(uint32_t w) {
    if ((w & 0xffe003ff) == 0xa9a003fd || (w & 0xffc07fff) == 0xa9807bfd)
        return 8; /* stp x29, .., [sp, #-n]! */
    if ((w & 0xffc003e0) == 0xa98003e0 || (w & 0xffc003e0) == 0x6d8003e0)
        return 8; /* stp x or d */
    if ((w & 0xffe00fe0) == 0xf8000fe0 || (w & 0xffe00fe0) == 0xfc000fe0)
        return 8; /* str x or d, [sp, #-n]! with n below 256: the sign is bit 20 */
    if ((w & 0xffe00c00 & ~0x100000u) == 0xf8000c00 && (w & 0x3e0) == 0x3e0)
        return 8;
    return 0;
}

static int prologue_words(uint32_t first, uint32_t second) {
    if (first == PACIASP || first == PACIBSP)
        return 8;
    int score = save_score(first);
    if (score != 0)
        return score;
    if ((first & 0xff8003ff) == 0xd10003ff) { /* sub sp, sp, #n; stp .., [sp, #m] */
        bool saves = (second & 0x7fc003e0) == 0x290003e0 || (second & 0xffc003e0) == 0x6d0003e0 ||
                     (second & 0xffc003e0) == 0xf90003e0;
        return saves ? 8 : 6;
    }
    return 0;
}

static int arm64_prologue_score(const uint8_t *at, size_t left) {
    if (left < 3 * WORD)
        return 0;
    uint32_t first = word_at(at), second = word_at(at + WORD);
    /* bti c marks what is called, bti j labels, bti jc both. */
    if (bti_length(at, left) != 0) {
        if ((first & 0x40) == 0)
            return 0;
        return prologue_words(second, word_at(at + 2 * WORD)) >= 4 ? 8 : 6;
    }
    return prologue_words(first, second);
}

static bool is_bti_j(const uint8_t *at, size_t left) {
    return left >= WORD && word_at(at) == BTI_J;
}

/* Loads of saved registers that raise the stack pointer, add sp, sp, #n. */
static bool arm64_is_epilogue(const uint8_t *at, size_t left) {
    uint32_t w = left >= WORD ? word_at(at) : 0;
    return (w & 0xffc003e0) == 0xa8c003e0 || (w & 0xffe00fe0) == 0xf84007e0 ||
           (w & 0xff8003ff) == 0x910003ff;
}

/* Instructions that compiled code of a process does not hold. */
static bool arm64_is_odd(const uint8_t *at, const Insn *in) {
    uint32_t w = word_at(at);
    switch ((int)a64_row(in->mnemonic)->kind) {
    case A64_RESERVED:
    case A64_ERET:
    case A64_TAG_STORE:
    case A64_TAG_LOAD:
    case A64_BLOCK_64:
        return true;
    case A64_SYSCALL: /* hvc, smc */
        return (w & 3) != 1;
    case A64_TRAP:
        return (w >> 21 & 7) != 1; /* all but brk */
    case A64_MSR:
    case A64_MRS: /* system registers of a process have op1 3; kernel drivers' have others */
        return (w >> 16 & 7) != 3 && (w >> 16 & 7) != 0;
    default:
        return false;
    }
}

/* Rare in code, common in other bytes read as code (guess). */
static bool arm64_is_unlikely(const uint8_t *at, const Insn *in) {
    (void)at;
    switch ((int)a64_row(in->mnemonic)->kind) {
    case A64_SCALABLE:
    case A64_TAG_IMM:
    case A64_TAG_REG:
    case A64_MINMAX_IMM:
    case A64_MEMORY_COPY:
    case A64_STORE_EX_PAIR:
    case A64_LOAD_EX_PAIR:
    case A64_CASP:
    case A64_LOAD_AUTH:
    case A64_V_HALF_SAME:
    case A64_V_HALF_MISC:
    case A64_V_HALF_INDEXED:
    case A64_V_FLOAT_LONG:
    case A64_V_FLOAT_LONG_INDEXED:
    case A64_V_FLOAT_COMPLEX:
    case A64_V_FLOAT_COMPLEX_INDEXED:
    case A64_V_BFLOAT_INDEXED:
    case A64_V_RDM_INDEXED:
    case A64_S_HALF_SAME:
    case A64_S_HALF_MISC:
    case A64_S_HALF_INDEXED:
    case A64_SYS:
    case A64_SYSL:
    case A64_MSR:
    case A64_F_TO_FIXED:
    case A64_F_FROM_FIXED:
        return true;
    default:
        return false;
    }
}

/* __debugbreak in the middle of code; at the end of a function padding or the next one follows. */
static bool arm64_is_debug_break(const Area *a, size_t off, const Insn *in) {
    (void)in;
    const uint8_t *next = a->bytes + off + WORD;
    size_t left = a->size - off - WORD;
    return arm64_is_stopper(a->bytes + off) && left >= WORD && word_at(next) != 0 &&
           !arm64_is_stopper(next) && arm64_prologue_score(next, left) < 6;
}

const Isa isa_arm64 = {
    .is_64 = true,
    .align = WORD,
    .gap_align = 16,
    .thunk_instructions = 5, /* bti; adrp; ldr; add; br */
    .call_lost = CALL_LOST,
    .filler_length = arm64_filler_length,
    .filler_piece = WORD,
    .is_stopper = arm64_is_stopper,
    .is_debug_break = arm64_is_debug_break,
    .is_dense = true,
    .is_label = is_bti_j,
    .prologue_score = arm64_prologue_score,
    .mark_length = bti_length,
    .is_epilogue = arm64_is_epilogue,
    .is_odd = arm64_is_odd,
    .is_unlikely = arm64_is_unlikely,
    .looks_back = true,
    .table_step = arm64_table_step,
    .table_jump = arm64_table_jump,
};
