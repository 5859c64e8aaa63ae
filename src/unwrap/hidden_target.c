/* SPDX-License-Identifier: Apache-2.0
 * hidden_target.c: which functions are worth running: those with loops that change data, those that
 * call them, and those with blocks whose instructions hold characters. Bytes of instructions are
 * looked at as they are, without decoding: a wrong one costs a run. */
#include <string.h>

#include "base/check.h"
#include "unwrap/hidden_inner.h"

enum {
    /* Characters that the instructions of a block hold (guess: shortest text worth a run). */
    LEAST_CHARS = 4,
    MOST_WRAPPER_BLOCKS = 24,
    MOST_DECODER_BLOCKS = 256,
    MOST_FUNCTION_BLOCKS = 4096
};

static bool is_char(uint8_t c) { return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n'; }

/* Characters of a constant of n bytes: all of it, with zeros behind or in every second place. */
static unsigned chars_of(uint64_t value, unsigned n) {
    unsigned chars = 0, zeros = 0;
    for (unsigned i = 0; i < n; i++) {
        uint8_t c = (uint8_t)(value >> 8 * i);
        if (c == 0)
            zeros++;
        else if (!is_char(c))
            return 0;
        else
            chars++;
    }
    bool is_wide = n >= 4 && (value & 0xff00ff00ff00ff00u) == 0;
    return chars && (zeros == 0 || is_wide || value >> 8 * chars == 0) ? chars : 0;
}

/* x86: place of what follows the memory operand whose ModRM byte is at `at`. */
static size_t behind_modrm(Bytes b, size_t at) {
    uint8_t modrm = bytes_u8_at(b, at), mod = modrm >> 6, rm = modrm & 7;
    if (mod == 3)
        return 0;
    size_t next = at + 1 + (rm == 4);
    return next + (mod == 1 ? 1u : mod == 2 || (mod == 0 && rm == 5) ? 4u : 0);
}

/* x86: a vector is loaded from a constant address (or relative to the next instruction). */
static unsigned vector_chars(const Image *image, Bytes b, size_t at, uint64_t va) {
    uint8_t op = b.at[at];
    if ((op != 0x6f && op != 0x28 && op != 0x10) || (bytes_u8_at(b, at + 1) & 0xc7) != 5)
        return 0;
    uint64_t to = bytes_u32_at(b, at + 2);
    if (image->bits == 64)
        to = va + at + 6 + (uint64_t)(int64_t)(int32_t)to;
    Bytes data = bytes_clip(image_bytes_at(image, to), 0, 16);
    return data.size < 16 ? 0
                          : chars_of(bytes_u64_at(data, 0), 8) + chars_of(bytes_u64_at(data, 8), 8);
}

/* x86: a vector is combined with another (not with itself, which makes zeros), or a byte in memory
 * with a number: what is left of a loop that was unrolled. */
static unsigned unrolled(Bytes b, size_t at) {
    uint8_t op = b.at[at], modrm = bytes_u8_at(b, at + 1), before = at ? b.at[at - 1] : 0;
    bool is_vector = before == 0x0f && (op == 0xef || op == 0x57 || op == 0xfc || op == 0xf8);
    if (is_vector && (modrm >> 6 != 3 || (modrm >> 3 & 7) != (modrm & 7)))
        return LEAST_CHARS;
    return op == 0x80 && modrm >> 6 != 3 && ((modrm & 0x38) == 0x30 || (modrm & 0x38) == 0x28);
}

/* Opcodes that x86_chars knows: most bytes are none of them. */
static const bool X86_KNOWN[256] = {
    [0x10] = true, [0x28] = true, [0x57] = true, [0x68] = true, [0x6f] = true,
    [0x80] = true, [0xb8] = true, [0xb9] = true, [0xba] = true, [0xbb] = true,
    [0xbc] = true, [0xbd] = true, [0xbe] = true, [0xbf] = true, [0xc6] = true,
    [0xc7] = true, [0xef] = true, [0xf8] = true, [0xfc] = true};

static unsigned x86_chars(const Image *image, Bytes b, uint64_t va) {
    unsigned chars = 0;
    for (size_t i = 0; i + 1 < b.size && chars < LEAST_CHARS; i++) {
        uint8_t op = b.at[i];
        if (!X86_KNOWN[op])
            continue;
        size_t at = 0;
        if (op == 0xc6 && (b.at[i + 1] & 0x38) == 0 && (at = behind_modrm(b, i + 1)) != 0)
            chars += chars_of(bytes_u8_at(b, at), 1);
        else if (op == 0xc7 && (b.at[i + 1] & 0x38) == 0 && (at = behind_modrm(b, i + 1)) != 0)
            chars += i > 0 && b.at[i - 1] == 0x66 ? chars_of(bytes_u16_at(b, at), 2)
                                                  : chars_of(bytes_u32_at(b, at), 4);
        else if ((op & 0xf8) == 0xb8 && i > 0 && (b.at[i - 1] & 0xf8) == 0x48)
            chars += chars_of(bytes_u64_at(b, i + 1), 8);
        else if ((op & 0xf8) == 0xb8 || op == 0x68)
            chars += chars_of(bytes_u32_at(b, i + 1), 4);
        else
            chars += vector_chars(image, b, i, va) + unrolled(b, i);
    }
    return chars;
}

static unsigned arm64_chars(Bytes b) {
    unsigned chars = 0;
    for (size_t i = 0; i + 4 <= b.size && chars < LEAST_CHARS; i += 4) {
        uint32_t word = bytes_u32_at(b, i);
        if ((word & 0x7f800000) == 0x52800000 || (word & 0x7f800000) == 0x72800000)
            chars += chars_of(word >> 5 & 0xffff, 2); /* movz, movk */
        else if ((word & 0xff000000) == 0x9c000000 || (word & 0xffc00000) == 0x3dc00000)
            chars += 3; /* ldr q */
        else if ((word & 0xbfe0fc00) == 0x2e201c00 && (word >> 5 & 31) != (word >> 16 & 31))
            chars += LEAST_CHARS; /* eor of vectors */
    }
    return chars;
}

static bool holds_text(Hunt *h, const Block *block) {
    Bytes b = hidden_block_bytes(h, block);
    unsigned chars = 0;
    if (h->image->arch == ARCH_X86 || h->image->arch == ARCH_X64)
        chars = x86_chars(h->image, b, block->va);
    else if (h->image->arch == ARCH_ARM64)
        chars = arm64_chars(b);
    return chars >= LEAST_CHARS;
}

static void add_place(Hunt *h, uint64_t va, uint64_t what) {
    uint64_t *known = hidden_place(h, va);
    if (known) {
        *known |= what;
        return;
    }
    uint64_t *stop = VEC_ADD(h->scratch, &h->stops);
    uint64_t *place = stop ? VEC_ADD(h->scratch, &h->places) : NULL;
    if (!place)
        return;
    *stop = va;
    *place = what;
    map_put(&h->place_at, va, h->stops.count - 1);
}

static void add_loop(Hunt *h, const TransformLoop *loop) {
    const Function *f = &h->code->functions.at[loop->function];
    h->functions[loop->function] |= FUNCTION_TARGETS;
    if (f->block_count <= MOST_DECODER_BLOCKS)
        h->functions[loop->function] |= FUNCTION_DECODES;
    uint64_t head_va = h->code->blocks.at[loop->head].va;
    add_place(h, head_va, PLACE_LOOP);
    map_put(&h->loop_at, head_va, (uint64_t)(loop - h->loops.at) + 1);
    for (uint32_t i = 0; i < f->block_count; i++) {
        const Block *block = &h->code->blocks.at[f->first_block + i];
        if (block->va < loop->va || block->va >= loop->end)
            continue;
        for (uint32_t k = 0; k < block->successor_count; k++) {
            uint32_t to = h->code->successors.at[block->first_successor + k];
            uint64_t va = h->code->blocks.at[f->first_block + to].va;
            if (va < loop->va || va >= loop->end)
                add_place(h, va, PLACE_EXIT);
        }
    }
}

static void find_texts(Hunt *h, uint32_t index) {
    const Function *f = &h->code->functions.at[index];
    if (f->block_count > MOST_FUNCTION_BLOCKS)
        return;
    for (uint32_t i = 0; i < f->block_count; i++) {
        const Block *block = &h->code->blocks.at[f->first_block + i];
        if (!holds_text(h, block))
            continue;
        add_place(h, block->va, PLACE_TEXT);
        h->functions[index] |= FUNCTION_TARGETS;
    }
}

static bool calls_decoder(const Hunt *h, const Function *f, unsigned flags) {
    for (uint32_t i = 0; i < f->call_count; i++) {
        uint32_t callee = h->code->calls.at[f->first_call + i].callee;
        if (callee && h->functions[callee - 1] & flags)
            return true;
    }
    return false;
}

/* All call sites of what will run, so that each is seen before it happens. */
static void add_calls(Hunt *h, const Function *f) {
    for (uint32_t i = 0; i < f->call_count; i++) {
        const Call *call = &h->code->calls.at[f->first_call + i];
        if (!call->is_tail)
            add_place(h, call->site_va, PLACE_CALL | (uint64_t)(f->first_call + i) << PLACE_BITS);
    }
}

void hidden_find_targets(Hunt *h) {
    const Code *code = h->code;
    size_t count = code->functions.count;
    for (size_t i = 0; i < h->loops.count; i++)
        add_loop(h, &h->loops.at[i]);
    for (size_t i = 0; i < count; i++)
        find_texts(h, (uint32_t)i);
    for (size_t i = 0; i < count; i++)
        if (code->functions.at[i].block_count <= MOST_WRAPPER_BLOCKS &&
            calls_decoder(h, &code->functions.at[i], FUNCTION_DECODES))
            h->functions[i] |= FUNCTION_WRAPS;
    hidden_find_resolvers(h);
    for (size_t i = 0; i < count; i++) {
        const Function *f = &code->functions.at[i];
        if (f->block_count <= MOST_FUNCTION_BLOCKS &&
            calls_decoder(h, f, FUNCTION_DECODES | FUNCTION_WRAPS | FUNCTION_RESOLVES))
            h->functions[i] |= FUNCTION_TARGETS;
        if (h->functions[i])
            add_calls(h, f);
    }
}
