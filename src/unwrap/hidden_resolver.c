/* SPDX-License-Identifier: Apache-2.0
 * hidden_resolver.c: functions that look for API functions on their own, by what they read: the PEB
 * through fs or gs (x18 on ARM), or in a loop the headers and the export directory of a module.
 * Bytes of instructions are looked at as they are; a wrong one costs a run. */
#include <string.h>

#include "unwrap/hidden_inner.h"

enum {
    MOST_WRAPPER_BLOCKS = 48,
    /* Of a function that reads headers and directory. Hashes whose rounds are unrolled load words
     * at the same distances, in OpenSSL in functions of 6 to 10 KB; the fixtures' have 800 bytes at
     * most. */
    MOST_WALKER_BYTES = 4096,
    NEAR = 128 /* bytes from one of these loads to the other, in any optimisation (guess) */
};

/* mov reg, fs:[0x30]; mov reg, gs:[0x60] or, for the TEB itself, gs:[0x30]. */
static bool x86_reads_peb(Bytes b, size_t i, bool is_64) {
    uint8_t prefix = is_64 ? 0x65 : 0x64;
    if (b.at[i] != prefix)
        return false;
    size_t at = i + 1;
    if (is_64 && (bytes_u8_at(b, at) & 0xf0) == 0x40)
        at++;
    uint8_t op = bytes_u8_at(b, at), modrm = bytes_u8_at(b, at + 1);
    uint32_t far =
        op == 0xa1 ? bytes_u32_at(b, at + 1) : bytes_u32_at(b, at + 2 + ((modrm & 7) == 4));
    if (op == 0xa1 || (op == 0x8b && modrm >> 6 == 0))
        return far == 0x30 || (is_64 && far == 0x60);
    uint8_t near = bytes_u8_at(b, at + 2 + ((modrm & 7) == 4));
    return op == 0x8b && modrm >> 6 == 1 && (near == 0x30 || (is_64 && near == 0x60));
}

typedef struct Signs {
    bool peb, walk;
    uint64_t headers_va; /* of the last load of their address; 0: none */
} Signs;

static void see_headers(Signs *signs, uint64_t va) { signs->headers_va = va; }

static void see_directory(Signs *signs, uint64_t va) {
    signs->walk |= signs->headers_va && va - signs->headers_va <= NEAR;
}

static void x86_peb(Bytes b, bool is_64, Signs *signs) {
    for (size_t i = 0; i + 2 < b.size; i++) {
        const uint8_t *prefix = memchr(b.at + i, is_64 ? 0x65 : 0x64, b.size - 2 - i);
        if (!prefix)
            return;
        i = (size_t)(prefix - b.at);
        signs->peb |= x86_reads_peb(b, i, is_64);
    }
}

static void x86_walk(Bytes b, uint64_t va, Signs *signs) {
    for (size_t i = 0; i + 2 < b.size; i++) {
        /* mov or movsxd, reg, [reg + 0x3c]; then [reg + 0x78] or [reg + 0x88] */
        if (b.at[i] != 0x8b && b.at[i] != 0x63 && b.at[i] != 0x03)
            continue;
        uint8_t modrm = b.at[i + 1];
        size_t disp = i + 2 + ((modrm & 7) == 4);
        if (modrm >> 6 == 1 && bytes_u8_at(b, disp) == 0x3c)
            see_headers(signs, va + i);
        if ((modrm >> 6 == 1 && bytes_u8_at(b, disp) == 0x78) ||
            (modrm >> 6 == 2 && bytes_u32_at(b, disp) == 0x88))
            see_directory(signs, va + i);
    }
}

/* ldr x, [x18, 0x60]; ldr or ldrsw, [x, 0x3c]; ldr w, [x, 0x88] */
static void arm64_signs(Bytes b, uint64_t va, Signs *signs) {
    for (size_t i = 0; i + 4 <= b.size; i += 4) {
        uint32_t word = bytes_u32_at(b, i);
        signs->peb |= (word & 0xffffffe0) == 0xf9403240;
        if ((word & 0xfffffc00) == 0xb9403c00 || (word & 0xfffffc00) == 0xb9803c00)
            see_headers(signs, va + i);
        if ((word & 0xfffffc00) == 0xb9408800)
            see_directory(signs, va + i);
    }
}

static bool walks(Hunt *h, const Function *f) {
    Signs signs = {0};
    bool may_walk = f->size <= MOST_WALKER_BYTES && f->loop_count > 0;
    for (uint32_t i = 0; i < f->block_count; i++) {
        const Block *block = &h->code->blocks.at[f->first_block + i];
        Bytes b = hidden_block_bytes(h, block);
        if (h->image->arch == ARCH_ARM64)
            arm64_signs(b, block->va, &signs);
        else
            x86_peb(b, h->image->bits == 64, &signs);
        if (h->image->arch != ARCH_ARM64 && may_walk)
            x86_walk(b, block->va, &signs);
    }
    return signs.peb || (signs.walk && may_walk);
}

static bool calls_resolver(const Hunt *h, const Function *f) {
    for (uint32_t i = 0; i < f->call_count; i++) {
        uint32_t callee = h->code->calls.at[f->first_call + i].callee;
        if (callee && h->functions[callee - 1] & FUNCTION_RESOLVES)
            return true;
    }
    return false;
}

void hidden_find_resolvers(Hunt *h) {
    Arch arch = h->image->arch;
    bool is_windows = h->image->format == FORMAT_PE || h->image->format == FORMAT_RAW;
    if (!is_windows || (arch != ARCH_X86 && arch != ARCH_X64 && arch != ARCH_ARM64))
        return;
    size_t count = h->code->functions.count, found = 0;
    for (size_t i = 0; i < count; i++)
        if (walks(h, &h->code->functions.at[i])) {
            h->functions[i] |= FUNCTION_RESOLVES;
            found++;
        }
    /* Who calls them for somebody else; twice, as resolve -> find module -> walk exports. */
    for (unsigned round = 0; round < 2 && found; round++)
        for (size_t i = 0; i < count; i++)
            if (h->code->functions.at[i].block_count <= MOST_WRAPPER_BLOCKS &&
                calls_resolver(h, &h->code->functions.at[i]))
                h->functions[i] |= FUNCTION_RESOLVES;
}
