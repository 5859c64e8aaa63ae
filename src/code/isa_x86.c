/* SPDX-License-Identifier: Apache-2.0
 * isa_x86.c: how x86 and x86-64 functions begin and end, and what lies between them. */
#include <string.h>

#include "code/discover_table.h"

/* rax, rcx, rdx, r8..r11: what both calling conventions give up (rsi and rdi are kept on Windows).
 */
enum { X86_CALL_LOST = 0x0f07 };

/* Length of the nop at `at`, 0 when it is none. The forms are those of the GNU assembler
 * (gas/config/tc-i386.c), LLVM (X86AsmBackend::writeNopData) and MSVC. */
static size_t nop_length(const uint8_t *at, size_t left) {
    static const struct {
        uint8_t size, bytes[7];
    } leas[] = {
        {3, {0x8d, 0x76, 0}},
        {6, {0x8d, 0xb6, 0, 0, 0, 0}},
        {4, {0x8d, 0x74, 0x26, 0}},
        {7, {0x8d, 0xb4, 0x26, 0, 0, 0, 0}},
        {3, {0x8d, 0x7f, 0}},
        {6, {0x8d, 0xbf, 0, 0, 0, 0}},
        {4, {0x8d, 0x7c, 0x27, 0}},
        {7, {0x8d, 0xbc, 0x27, 0, 0, 0, 0}},
        {3, {0x8d, 0x49, 0}},
        {6, {0x8d, 0x9b, 0, 0, 0, 0}},
        {7, {0x8d, 0xa4, 0x24, 0, 0, 0, 0}},
        {4, {0x8d, 0x64, 0x24, 0}},
        {3, {0x8d, 0x40, 0}},
        {6, {0x8d, 0x80, 0, 0, 0, 0}},
        {2, {0x89, 0xf6}},
        {2, {0x8b, 0xc0}},
    };
    size_t prefixes = 0;
    while (prefixes < left && prefixes < 12 && (at[prefixes] == 0x66 || at[prefixes] == 0x2e))
        prefixes++;
    if (prefixes < left && at[prefixes] == 0x90)
        return prefixes + 1;
    const uint8_t *op = at + prefixes;
    size_t rest = left - prefixes;
    if (rest >= 3 && op[0] == 0x0f && op[1] == 0x1f && (op[2] & 0x38) == 0) {
        unsigned mod = op[2] >> 6, rm = op[2] & 7;
        if (mod == 3)
            return 0;
        size_t size = 3u + (rm == 4) + (mod == 1 ? 1u : mod == 2 || rm == 5 ? 4u : 0u);
        return size <= rest ? prefixes + size : 0;
    }
    if (prefixes < left && prefixes <= 1 && op[0] != 0x8b)
        for (size_t i = 0; i < sizeof leas / sizeof *leas; i++)
            if (leas[i].size <= rest && memcmp(op, leas[i].bytes, leas[i].size) == 0)
                return prefixes + leas[i].size;
    return 0;
}

/* jmp over filler to what follows it (npad of MSVC's assembler, gas for long gaps). */
static size_t jump_over_length(const uint8_t *at, size_t left) {
    if (left < 3 || at[0] != 0xeb || at[1] == 0 || at[1] > 15 || at[1] > left - 2)
        return 0;
    for (size_t i = 0; i < at[1];) {
        size_t nop = at[2 + i] == 0xcc ? 1 : nop_length(at + 2 + i, at[1] - i);
        if (nop == 0)
            return 0;
        i += nop;
    }
    return 2u + at[1];
}

static size_t x86_filler_length(const uint8_t *at, size_t limit) {
    size_t n = 0;
    while (n < limit) {
        if (at[n] == 0xcc || at[n] == 0x00) {
            n++;
            continue;
        }
        size_t over = jump_over_length(at + n, limit - n);
        if (over > 0) {
            n += over;
            continue;
        }
        size_t nop = nop_length(at + n, limit - n);
        if (nop == 0)
            break;
        n += nop;
    }
    return n;
}

/* push of a register that the callee saves. */
static bool is_save(const uint8_t *at, bool is_64) {
    if (at[0] == 0x53 || at[0] == 0x55 || at[0] == 0x56 || at[0] == 0x57)
        return true;
    return is_64 && at[0] == 0x41 && at[1] >= 0x54 && at[1] <= 0x57;
}

static int prologue_score_64(const uint8_t *at) {
    if (at[0] == 0x48 && (at[1] == 0x83 || at[1] == 0x81) && at[2] == 0xec)
        return 8;
    if (at[0] == 0x40 && at[1] >= 0x53 && at[1] <= 0x57)
        return 8;
    if ((at[0] == 0x48 || at[0] == 0x4c) && at[1] == 0x89 && (at[2] & 0xc7) == 0x44 &&
        at[3] == 0x24)
        return 6; /* MSVC home space: mov [rsp+n],reg */
    if (at[0] == 0x48 && at[1] == 0x8b && at[2] == 0xc4)
        return 6;
    return 0;
}

static int frame_score(const uint8_t *at, bool is_64) {
    if (!is_64 && at[0] == 0x8b && at[1] == 0xff) /* mov edi,edi: room for a hot patch */
        return at[2] == 0x55 || at[2] == 0x56 || at[2] == 0x51 || at[2] == 0x53 ? 8 : 6;
    if (at[0] == 0x55 && ((at[1] == 0x8b && at[2] == 0xec) || (at[1] == 0x89 && at[2] == 0xe5) ||
                          (at[1] == 0x48 && at[2] == 0x89 && at[3] == 0xe5)))
        return 8;
    if (is_save(at, is_64)) {
        /* Alone it may pass an argument. */
        const uint8_t *next = at + (at[0] == 0x41 ? 2 : 1);
        if (is_save(next, is_64) || (next[0] == 0x48 && next[1] == 0x83 && next[2] == 0xec) ||
            (!is_64 && (next[0] == 0x83 || next[0] == 0x81) && next[1] == 0xec))
            return 6;
        return 4;
    }
    if (is_64)
        return prologue_score_64(at);
    /* Less than 20 bytes may align the stack for a call. */
    if ((at[0] == 0x83 && at[1] == 0xec && at[2] >= 0x14) || (at[0] == 0x81 && at[1] == 0xec))
        return 6;
    if (at[0] == 0x8b && (at[1] & 0xc7) == 0x44 && at[2] == 0x24 && (at[3] == 4 || at[3] == 8))
        return 2; /* mov reg,[esp+4]: the first argument */
    return at[0] == 0x6a || at[0] == 0x68 ? 2 : 0;
}

static size_t endbr_length(const uint8_t *at, size_t left) {
    bool endbr = left >= 4 && at[0] == 0xf3 && at[1] == 0x0f && at[2] == 0x1e &&
                 (at[3] == 0xfa || at[3] == 0xfb);
    return endbr ? 4 : 0;
}

static int prologue_score(const uint8_t *at, size_t left, bool is_64) {
    if (left < 12)
        return 0;
    /* endbr marks labels of a computed goto, too. */
    size_t endbr = endbr_length(at, left);
    int score = frame_score(at + endbr, is_64);
    return endbr ? (score >= 4 ? 8 : 4) : score;
}

static int x86_prologue_score(const uint8_t *at, size_t left) {
    return prologue_score(at, left, false);
}

static int x64_prologue_score(const uint8_t *at, size_t left) {
    return prologue_score(at, left, true);
}

/* Instructions that compiled code of a process does not hold. */
static bool is_odd(const uint8_t *at, const Insn *in, bool is_64) {
    switch (at[0]) {
    case 0x00: /* add [eax],al: zeros */
        return in->length >= 2 && at[1] == 0;
    case 0x6c: /* ins, outs, in, out */
    case 0x6d:
    case 0x6e:
    case 0x6f:
    case 0xe4:
    case 0xe5:
    case 0xe6:
    case 0xe7:
    case 0xec:
    case 0xed:
    case 0xee:
    case 0xef:
    case 0xf4: /* hlt */
    case 0xfa: /* cli, sti */
    case 0xfb:
    case 0xf1: /* int1 */
    case 0xce: /* into */
    case 0xcf: /* iret */
    case 0xca: /* far returns, far jumps */
    case 0xcb:
    case 0xea:
    case 0x9a:
        return true;
    case 0x62: /* bound in 32 bits, unless it is EVEX */
        return !is_64 && in->length > 1 && at[1] < 0xc0;
    case 0x06: /* push, pop of segments; decimal arithmetic; arpl; les, lds */
    case 0x07:
    case 0x0e:
    case 0x16:
    case 0x17:
    case 0x1e:
    case 0x1f:
    case 0x27:
    case 0x2f:
    case 0x37:
    case 0x3f:
    case 0x63:
    case 0xd4:
    case 0xd5:
    case 0xd6:
        return !is_64;
    default:
        return false;
    }
}

static bool x86_is_odd(const uint8_t *at, const Insn *in) { return is_odd(at, in, false); }

static bool x64_is_odd(const uint8_t *at, const Insn *in) { return is_odd(at, in, true); }

/* Arithmetic of single bytes and shifts in memory: common in tables and text read as code, rare in
 * code (guess; what it changes: docs/evidence/discovery.md). */
static bool is_unlikely(const uint8_t *at, const Insn *in) {
    if (in->length < 2)
        return false;
    switch (at[0]) {
    case 0x00:
    case 0x02:
    case 0x10:
    case 0x12:
    case 0x14:
    case 0x15:
    case 0x18:
    case 0x1a:
    case 0x1c:
    case 0x1d:
        return true;
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return at[1] < 0xc0;
    default:
        return false;
    }
}

/* pop and leave end functions. */
static bool is_epilogue(const uint8_t *at, size_t left) {
    (void)left;
    return (at[0] >= 0x58 && at[0] <= 0x5f) || at[0] == 0xc9;
}

/* int3 in the middle of code is a break point that goes on; before more of it, or at the end of
 * what is aligned, it is filler. */
static bool is_debug_break(const Area *a, size_t off, const Insn *in) {
    return a->bytes[off] == 0xcc && off + 1 < a->size && a->bytes[off + 1] != 0xcc &&
           ((in->va + 1) & 15) != 0;
}

/* int3. */
static bool is_stopper(const uint8_t *at) { return at[0] == 0xcc; }

/* mov reg,[esp]; ret */
static bool is_pc_thunk(Discover *d, uint64_t va) {
    Area *a = area_find(d, va);
    Bytes b = a ? bytes_clip((Bytes){a->bytes, a->size}, va - a->va, 4) : (Bytes){0};
    return b.size == 4 && b.at[0] == 0x8b && (b.at[1] & 0xc7) == 0x04 && b.at[2] == 0x24 &&
           b.at[3] == 0xc3;
}

/* GOT base of x86 ELF: call __x86.get_pc_thunk.xx or call $+5, pop; then add reg, imm32. */
static void note_got(Discover *d, const Insn *call) {
    Area *a = area_find(d, call->va);
    uint64_t after = call->va + call->length;
    Bytes next = bytes_clip((Bytes){a->bytes, a->size}, after - a->va, 7);
    if (next.size < 7 || d->image->format != FORMAT_ELF)
        return;
    if (call->target == after) {
        if (next.at[0] < 0x58 || next.at[0] > 0x5f)
            return;
        next = bytes_clip(next, 1, 6);
    } else if (!is_pc_thunk(d, call->target)) {
        return;
    }
    uint32_t add = 0;
    if (next.at[0] == 0x05)
        add = bytes_u32_at(next, 1);
    else if (next.at[0] == 0x81 && (next.at[1] & 0xf8) == 0xc0)
        add = bytes_u32_at(next, 2);
    else
        return;
    uint64_t got = (after + add) & 0xffffffff;
    if (in_image(d, got))
        d->got = got;
}

const Isa isa_x86 = {
    .align = 1,
    .gap_align = 16,
    .thunk_instructions = 3, /* endbr and moves of registers may stand before the jump */
    /* GCC's ms_hook_prologue: mov edi,edi; push ebp; mov ebp,esp */
    .hook_size = 5,
    .hook = {0x8b, 0xff, 0x55, 0x8b, 0xec},
    .call_lost = X86_CALL_LOST,
    .filler_length = x86_filler_length,
    .filler_piece = 15,
    .is_stopper = is_stopper,
    .is_debug_break = is_debug_break,
    .prologue_score = x86_prologue_score,
    .mark_length = endbr_length,
    .is_epilogue = is_epilogue,
    .is_odd = x86_is_odd,
    .is_unlikely = is_unlikely,
    .note_call = note_got,
    .table_step = x86_table_step,
    .table_jump = x86_table_jump,
};

const Isa isa_x64 = {
    .is_64 = true,
    .align = 1,
    .gap_align = 16,
    .thunk_instructions = 3,
    .call_lost = X86_CALL_LOST,
    .filler_length = x86_filler_length,
    .filler_piece = 15,
    .is_stopper = is_stopper,
    .is_debug_break = is_debug_break,
    .prologue_score = x64_prologue_score,
    .mark_length = endbr_length,
    .is_epilogue = is_epilogue,
    .is_odd = x64_is_odd,
    .is_unlikely = is_unlikely,
    .table_step = x86_table_step,
    .table_jump = x86_table_jump,
};
