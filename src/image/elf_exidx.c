/* SPDX-License-Identifier: Apache-2.0
 * elf_exidx.c: function starts from the unwind index of ARM (Exception Handling ABI for the Arm
 * Architecture, 5). Linkers join neighbouring entries that say the same, so an entry tells where a
 * function starts, but not where it ends. */
#include "image/elf.h"

enum { ENTRY_BYTES = 8, CANNOT_UNWIND = 1 };

static Bytes index_bytes(const Elf *elf, uint64_t *va) {
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const ElfPart *p = &elf->segments[i];
        *va = p->va;
        if (p->type == ELF_PT_ARM_EXIDX)
            return bytes_clip(image_bytes_at(elf->image, p->va), 0, p->va_size);
    }
    for (uint32_t i = 0; i < elf->section_count && elf->info->type != ELF_TYPE_REL; i++) {
        const ElfPart *p = &elf->sections[i];
        *va = elf->section_va[i];
        if (p->type == ELF_SHT_ARM_EXIDX)
            return elf_section_bytes(elf, p);
    }
    return (Bytes){0};
}

void elf_read_exidx(Elf *elf) {
    uint64_t va = 0;
    if (elf->image->arch != ARCH_ARM)
        return;
    Bytes index = index_bytes(elf, &va);
    for (uint64_t off = 0; off + ENTRY_BYTES <= index.size; off += ENTRY_BYTES) {
        uint32_t place = elf_u32_at(elf, index, off), what = elf_u32_at(elf, index, off + 4);
        /* Signed, 31 bits, from here. */
        int32_t distance = (int32_t)(place << 1) >> 1;
        uint64_t start = (uint32_t)(va + off + (uint64_t)(int64_t)distance) & ~UINT32_C(1);
        bool is_end = what == CANNOT_UNWIND && off + 2 * ENTRY_BYTES > index.size;
        if (is_end || !image_is_code(elf->image, start))
            continue;
        if (!image_add_start(elf->s, elf->image, start, START_UNWIND))
            return;
    }
}
