/* SPDX-License-Identifier: Apache-2.0
 * isa_arm.c: how A32 and Thumb functions begin and end, and what lies between them. */
#include "code/arm_insn.h"
#include "code/discover_table.h"

enum { CALL_LOST = 0x500f /* r0..r3, ip, lr: AAPCS 6.1.1 */ };

static uint32_t word_at(const uint8_t *at) { return bytes_u32_at((Bytes){at, 4}, 0); }
static uint32_t half_at(const uint8_t *at) { return bytes_u16_at((Bytes){at, 2}, 0); }

/* nop of both kinds, zeros, and what lld fills with. */
static size_t arm_filler_length(const uint8_t *at, size_t limit) {
    size_t n = 0;
    for (; limit - n >= 4; n += 4) {
        uint32_t w = word_at(at + n);
        if (w != 0xe1a00000 && w != 0xe320f000 && w != 0 && w != 0xd4d4d4d4)
            break;
    }
    return n;
}

static size_t thumb_filler_length(const uint8_t *at, size_t limit) {
    size_t n = 0;
    while (limit - n >= 2) {
        uint32_t h = half_at(at + n);
        bool is_wide = h == 0xf3af && limit - n >= 4 && half_at(at + n + 2) == 0x8000;
        /* b .-2: behind bx pc */
        if (!is_wide && h != 0xbf00 && h != 0x46c0 && h != 0xe7fd && h != 0 && h != 0xd4d4)
            break;
        n += is_wide ? 4 : 2;
    }
    return n;
}

/* udf: __builtin_trap, and what compilers put behind calls that do not return. */
static bool arm_is_stopper(const uint8_t *at) { return (word_at(at) & 0xfff000f0) == 0xe7f000f0; }
static bool thumb_is_stopper(const uint8_t *at) { return at[1] == 0xde; }

static bool arm_is_debug_break(const Area *a, size_t off, const Insn *in) {
    (void)in;
    return (word_at(a->bytes + off) & 0x0ff000f0) == 0x01200070;
}
static bool thumb_is_debug_break(const Area *a, size_t off, const Insn *in) {
    (void)in;
    return a->bytes[off + 1] == 0xbe;
}

static size_t no_mark(const uint8_t *at, size_t left) {
    (void)at;
    (void)left;
    return 0;
}

static int arm_prologue_score(const uint8_t *at, size_t left) {
    if (left < 12)
        return 0;
    uint32_t w = word_at(at), next = word_at(at + 4);
    if ((w & 0xffff4000) == 0xe92d4000 || w == 0xe52de004) /* push {.., lr} */
        return 8;
    if (w == 0xe1a0c00d) /* mov ip, sp; push {.., fp, ip, lr, pc} */
        return (next & 0xffff0000) == 0xe92d0000 ? 8 : 4;
    if ((w & 0xffff0000) == 0xe92d0000 || (w & 0xffff0fff) == 0xe52d0004)
        return 6;
    return (w & 0xfffff000) == 0xe24dd000 ? 4 : 0; /* sub sp, sp, #n */
}

static int thumb_prologue_score(const uint8_t *at, size_t left) {
    if (left < 8)
        return 0;
    uint32_t h = half_at(at), next = half_at(at + 2);
    if ((h & 0xff00) == 0xb500 || (h == 0xe92d && (next & 0xa000) == 0 && (next & 0x4000)) ||
        (h == 0xf84d && next == 0xed04))
        return 8; /* push {.., lr} of every kind */
    if ((h & 0xff00) == 0xb400 && (h & 0xff) != 0)
        return 6;
    if ((h == 0xe92d && (next & 0xe000) == 0) || (h == 0xf84d && (next & 0x0fff) == 0x0d04))
        return 6;
    return (h & 0xff80) == 0xb080 ? 4 : 0; /* sub sp, #n */
}

/* Loads of saved registers that raise sp, add sp. */
static bool arm_is_epilogue(const uint8_t *at, size_t left) {
    uint32_t w = left >= 4 ? word_at(at) : 0;
    return (w & 0x0fff0000) == 0x08bd0000 || (w & 0x0fff0fff) == 0x049d0004 ||
           (w & 0xfffff000) == 0xe28dd000;
}
static bool thumb_is_epilogue(const uint8_t *at, size_t left) {
    uint32_t h = left >= 4 ? half_at(at) : 0, next = left >= 4 ? half_at(at + 2) : 0;
    return (h & 0xfe00) == 0xbc00 || h == 0xe8bd || (h & 0xff80) == 0xb000 ||
           (h == 0xf85d && (next & 0x0fff) == 0x0b04);
}

/* Instructions that compiled code of a process does not hold. */
static bool is_odd(const Insn *in) {
    switch (in->mnemonic) {
    case ARM_UNKNOWN:
    case ARM_SYSTEM:
    case ARM_SWP:
    case ARM_BKPT:
    case ARM_RSC:
        return true;
    default:
        return false;
    }
}
/* Conditions of overflow are those of float compares; zero is andeq. */
static bool arm_is_odd(const uint8_t *at, const Insn *in) {
    uint32_t w = word_at(at), cond = w >> 28;
    return is_odd(in) || w == 0 ||
           ((cond == 6 || cond == 7) && in->flow == FLOW_NEXT && in->mnemonic >= ARM_LDR &&
            in->mnemonic < ARM_VLDR);
}
static bool thumb_is_odd(const uint8_t *at, const Insn *in) {
    return is_odd(in) || half_at(at) == 0;
}

/* What tables and text read as code are full of, and code is not (guess; what it changes:
 * docs/evidence/discovery.md). */
static bool is_unlikely(const Insn *in) {
    switch (in->mnemonic) {
    case ARM_COPROCESSOR:
    case ARM_MRRC:
    case ARM_VOTHER:
    case ARM_MSR:
    case ARM_CLREX:
    case ARM_CMN:
    case ARM_TEQ:
    case ARM_SVC:
        return true;
    default:
        return in->mnemonic >= ARM_SADD16 && in->mnemonic <= ARM_UHSUB8;
    }
}
static bool arm_is_unlikely(const uint8_t *at, const Insn *in) {
    uint32_t cond = word_at(at) >> 28;
    /* Conditional halves, multiplies and the like are rare, and so are some conditions. */
    bool is_usual = (in->mnemonic >= ARM_AND && in->mnemonic <= ARM_MUL) ||
                    in->mnemonic == ARM_LDR || in->mnemonic == ARM_STR || in->mnemonic >= ARM_VLDR;
    bool is_rare = cond >= 4 && cond < 8;
    return is_unlikely(in) || (cond < 14 && in->flow == FLOW_NEXT && (is_rare || !is_usual));
}
static bool thumb_is_unlikely(const uint8_t *at, const Insn *in) {
    uint32_t h = half_at(at);
    /* ldm and stm of low registers, register shifts, adc, sbc, ror. */
    return is_unlikely(in) || (h & 0xf000) == 0xc000 || (h & 0xff00) == 0x4100 ||
           (h & 0xfe00) == 0x5600 || (h & 0xfe00) == 0x5e00;
}

const Isa isa_arm = {
    .align = 4,
    .gap_align = 4,
    .thunk_instructions = 4,
    .call_lost = CALL_LOST,
    .filler_length = arm_filler_length,
    .filler_piece = 4,
    .is_stopper = arm_is_stopper,
    .is_debug_break = arm_is_debug_break,
    .is_dense = true,
    .prologue_score = arm_prologue_score,
    .mark_length = no_mark,
    .is_epilogue = arm_is_epilogue,
    .is_odd = arm_is_odd,
    .is_unlikely = arm_is_unlikely,
    .looks_back = true,
    .table_step = arm_table_step,
    .table_jump = arm_table_jump,
};

const Isa isa_thumb = {
    .align = 2,
    .gap_align = 4,
    .thunk_instructions = 4,
    .call_lost = CALL_LOST,
    .filler_length = thumb_filler_length,
    .filler_piece = 4,
    .is_stopper = thumb_is_stopper,
    .is_debug_break = thumb_is_debug_break,
    .is_dense = true,
    .prologue_score = thumb_prologue_score,
    .mark_length = no_mark,
    .is_epilogue = thumb_is_epilogue,
    .is_odd = thumb_is_odd,
    .is_unlikely = thumb_is_unlikely,
    .looks_back = true,
    .table_step = arm_table_step,
    .table_jump = arm_table_jump,
};
