/* SPDX-License-Identifier: Apache-2.0
 * plausible.c: filler between functions, and whether bytes read like the start of one. */
#include <string.h>

#include "code/discover.h"

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

bool is_filler(const Area *a, size_t off) {
    enum { LONGEST_NOP = 15 };
    size_t left = a->size - off;
    return filler_length(a->bytes + off, left < LONGEST_NOP ? left : LONGEST_NOP) > 0;
}

bool filler_ends_at(const Area *a, size_t off) {
    /* Long enough for any alignment in use. */
    enum { LONGEST = 64 };
    size_t start = off;
    while (start > 0 && off - start < LONGEST && !map_is_used(a->map[start - 1]))
        start--;
    return start < off && filler_length(a->bytes + start, off - start) == off - start;
}

size_t filler_length(const uint8_t *at, size_t limit) {
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

int prologue_score(const uint8_t *at, size_t left, bool is_64) {
    if (left < 12)
        return 0;
    /* endbr marks labels of a computed goto, too. */
    bool endbr =
        at[0] == 0xf3 && at[1] == 0x0f && at[2] == 0x1e && (at[3] == 0xfa || at[3] == 0xfb);
    int score = frame_score(endbr ? at + 4 : at, is_64);
    return endbr ? (score >= 4 ? 8 : 4) : score;
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

/* Arithmetic of single bytes and shifts in memory: common in tables and text read as code, rare in
 * code (guess; what it changes: docs/evidence/discovery.md). */
static bool is_unlikely(const uint8_t *at) {
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
static bool is_epilogue(uint8_t byte) { return (byte >= 0x58 && byte <= 0x5f) || byte == 0xc9; }

int start_score(Discover *d, uint64_t va) {
    const Area *a = area_find(d, va);
    size_t off = a ? va - a->va : 0;
    if (!a || is_filler(a, off) || is_epilogue(a->bytes[off]))
        return -1;
    return plausible_score(d, va);
}

int plausible_score(Discover *d, uint64_t va) {
    /* Enough to tell text and tables from code: random bytes survive 24 instructions in less than
     * 1 of 100 tries (guess). */
    enum { LOOK = 24 };
    Area *a = area_find(d, va);
    if (!a)
        return -1;
    size_t off = va - a->va;
    int score = prologue_score(a->bytes + off, a->size - off, d->is_64);
    for (int i = 0, unlikely = 0; i < LOOK; i++) {
        Insn in;
        Bytes b = bytes_clip((Bytes){a->bytes, a->size}, off, 15);
        if (b.size == 0 || !decode_flow(d->decoder, b, a->va + off, &in) ||
            is_odd(b.at, &in, d->is_64))
            return -1;
        unlikely += in.length > 1 && is_unlikely(b.at);
        if (unlikely * 6 > i + 5)
            return -1;
        if (a->map[off] & MAP_LENGTH)
            return score + 2; /* runs into known code */
        if (map_is_used(a->map[off]))
            return -1;
        if (in.flow == FLOW_JUMP || in.flow == FLOW_BRANCH || in.flow == FLOW_CALL) {
            Area *to = area_find(d, in.target);
            if (!to)
                return -1;
            uint8_t m = to->map[in.target - to->va];
            if (map_is_inside(m))
                return -1;
            score += in.flow == FLOW_CALL && (m & MAP_LENGTH) ? 4 : 1;
        }
        if (in.flow == FLOW_RETURN || in.flow == FLOW_JUMP || in.flow == FLOW_JUMP_INDIRECT)
            return score + 2;
        if (in.flow == FLOW_STOP)
            return i == 0 ? -1 : score;
        off += in.length;
    }
    return score + 2;
}
