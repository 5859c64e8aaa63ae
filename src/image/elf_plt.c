/* SPDX-License-Identifier: Apache-2.0
 * elf_plt.c: the stubs through which code calls imports. A stub is recognised by the jump it makes:
 * its slot must be that of an import. No order of stubs is assumed, so that .plt, .plt.sec,
 * .plt.got and those of other linkers are all alike. */
#include "image/elf.h"

#include <string.h>

enum { STUB_STEP = 4 }; /* every known stub starts at a multiple of it */

typedef struct Stubs {
    Elf *elf;
    Map slots;      /* slot va -> import index */
    uint32_t found; /* stubs */
} Stubs;

/* x86: [endbr] [bnd] jmp [slot]. Returns the slot, 0 when the code is no stub. */
static uint64_t x86_slot(const Elf *elf, Bytes code, uint64_t va) {
    size_t at = 0;
    uint32_t first = bytes_u32_at(code, 0);
    if (first == 0xfa1e0ff3 || first == 0xfb1e0ff3) /* endbr64, endbr32 */
        at = 4;
    if (bytes_u8_at(code, at) == 0xf2) /* bnd */
        at++;
    uint16_t jump = bytes_u16_at(code, at);
    uint64_t place = bytes_u32_at(code, at + 2);
    if (!bytes_has(code, at, 6))
        return 0;
    if (elf->image->arch == ARCH_X64)
        return jump == 0x25ff ? va + at + 6 + (uint64_t)(int64_t)(int32_t)place : 0;
    if (jump == 0x25ff)
        return place;
    return jump == 0xa3ff ? (elf->dynamic.got_va + place) & 0xffffffff : 0; /* by ebx */
}

/* AArch64: [bti c;] adrp x16, page; ldr x17, [x16, #off] (ELF for the Arm 64-bit architecture). */
static uint64_t arm64_slot(Bytes code, uint64_t va) {
    size_t at = bytes_u32_at(code, 0) == 0xd503245f ? 4 : 0;
    uint32_t adrp = bytes_u32_at(code, at), ldr = bytes_u32_at(code, at + 4);
    if ((adrp & 0x9f00001f) != 0x90000010 || (ldr & 0xffc003ff) != 0xf9400211)
        return 0;
    uint64_t pages = (adrp >> 29 & 3) | (adrp >> 5 & 0x7ffff) << 2;
    pages = (pages ^ 0x100000) - 0x100000; /* sign of 21 bits */
    return ((va + at) & ~(uint64_t)0xfff) + (pages << 12) + (uint64_t)(ldr >> 10 & 0xfff) * 8;
}

/* ARM: add ip, pc, #a; add ip, ip, #b; ldr pc, [ip, #c]!. */
static uint64_t arm_slot(Bytes code, uint64_t va) {
    uint32_t a = bytes_u32_at(code, 0), b = bytes_u32_at(code, 4), c = bytes_u32_at(code, 8);
    if ((a & 0xffffff00) != 0xe28fc600 || (b & 0xffffff00) != 0xe28cca00 ||
        (c & 0xfffff000) != 0xe5bcf000)
        return 0;
    return (va + 8 + ((a & 0xff) << 20) + ((b & 0xff) << 12) + (c & 0xfff)) & 0xffffffff;
}

static uint64_t stub_slot(const Elf *elf, Bytes code, uint64_t va) {
    switch (elf->image->arch) {
    case ARCH_X86:
    case ARCH_X64:
        return x86_slot(elf, code, va);
    case ARCH_ARM64:
        return arm64_slot(code, va);
    case ARCH_ARM:
        return arm_slot(code, va);
    case ARCH_NONE:
    case ARCH_MIPS:
    case ARCH_PPC:
    case ARCH_RISCV:
    case ARCH_OTHER:
        break;
    }
    return 0;
}

/* Outside of the PLT's sections a jump through a slot may be the tail call of a function: a stub is
 * aligned to 8 and nothing but the jump and what follows it in a PLT: a push, or padding. */
static bool is_alone(const Elf *elf, Bytes code, uint64_t va) {
    if (elf->image->arch != ARCH_X86 && elf->image->arch != ARCH_X64)
        return true;
    if (va % 8 != 0)
        return false;
    size_t at = bytes_u16_at(code, 0) == 0x0ff3 ? 4 : 0;
    at += bytes_u8_at(code, at) == 0xf2 ? 7 : 6;
    uint8_t next = bytes_u8_at(code, at);
    return next == 0x68 || next == 0x66 || next == 0x0f || next == 0x90 || next == 0xcc;
}

static void scan(Stubs *stubs, uint64_t va, Bytes code, bool is_plt) {
    Elf *elf = stubs->elf;
    uint64_t skip = (STUB_STEP - va % STUB_STEP) % STUB_STEP;
    for (uint64_t off = skip; off < code.size; off += STUB_STEP) {
        Bytes at = bytes_clip(code, off, 24);
        uint64_t slot = stub_slot(elf, at, va + off);
        uint64_t *import = slot ? map_find(&stubs->slots, slot) : NULL;
        if (!import || (!is_plt && !is_alone(elf, at, va + off)))
            continue;
        Import *i = &elf->image->imports.at[*import];
        if (i->stub_va == 0)
            i->stub_va = va + off;
        stubs->found++;
    }
}

void elf_read_stubs(Elf *elf) {
    Image *image = elf->image;
    if (image->imports.count == 0)
        return;
    ArenaMark mark = arena_mark(elf->s->scratch);
    Stubs stubs = {.elf = elf, .slots = map_new(elf->s->scratch, image->imports.count)};
    for (size_t i = 0; i < image->imports.count; i++)
        if (image->imports.at[i].slot_va)
            map_put(&stubs.slots, image->imports.at[i].slot_va, i);
    for (size_t i = 0; i < image->sections.count; i++) {
        const Section *p = &image->sections.at[i];
        if (strncmp(p->name, ".plt", 4) == 0 && image_is_code(image, p->va))
            scan(&stubs, p->va, bytes_clip(image_bytes_at(image, p->va), 0, p->size), true);
    }
    for (size_t i = 0; stubs.found == 0 && i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        if (seg->perms & PERM_X)
            scan(&stubs, seg->va, seg->file, false);
    }
    arena_reset(elf->s->scratch, mark);
}
