/* SPDX-License-Identifier: Apache-2.0
 * elf_reloc.c: dynamic relocations: which words the loader changes, what they will hold, and which
 * of them are the slots of imports. */
#include "image/elf.h"

/* Relocation numbers of the processor supplements; 0 where there is none. */
typedef struct RelocTypes {
    uint16_t machine;
    uint16_t relative, absolute, absolute_64, global, jump, indirect;
} RelocTypes;

static const RelocTypes known_types[] = {
    {ELF_MACHINE_386, 8, 1, 0, 6, 7, 42},     {ELF_MACHINE_X64, 8, 10, 1, 6, 7, 37},
    {ELF_MACHINE_ARM, 23, 2, 0, 21, 22, 160}, {ELF_MACHINE_ARM64, 1027, 0, 257, 1025, 1026, 1032},
    {ELF_MACHINE_MIPS, 0, 3, 3, 51, 127, 0}, /* R_MIPS_REL32 */
    {ELF_MACHINE_PPC, 22, 1, 0, 20, 21, 248}, {ELF_MACHINE_PPC64, 22, 0, 38, 20, 21, 248},
    {ELF_MACHINE_RISCV, 3, 1, 2, 0, 5, 58},   {ELF_MACHINE_S390, 12, 4, 22, 10, 11, 61},
};

typedef struct ElfReloc {
    uint64_t va, addend;
    uint32_t symbol, type;
    bool has_addend;
} ElfReloc;

static const RelocTypes *reloc_types(const Elf *elf) {
    for (size_t i = 0; i < sizeof known_types / sizeof *known_types; i++)
        if (known_types[i].machine == elf->info->machine)
            return &known_types[i];
    return NULL;
}

static ElfReloc next_reloc(const Elf *elf, Cursor *c, bool has_addend) {
    ElfReloc r = {.va = cursor_word(c, elf->is_64), .has_addend = has_addend};
    uint64_t info = cursor_word(c, elf->is_64);
    if (has_addend)
        r.addend = cursor_word(c, elf->is_64);
    if (!elf->is_64) {
        r.symbol = (uint32_t)info >> 8;
        r.type = (uint32_t)info & 0xff;
        r.addend = (uint32_t)r.addend;
    } else if (elf->info->machine == ELF_MACHINE_MIPS) {
        /* 64-bit MIPS has a word and four bytes here, which only big-endian files have in the
         * common order. */
        r.symbol = (uint32_t)(elf->big ? info >> 32 : info);
        r.type = (uint32_t)(elf->big ? info : info >> 56) & 0xff;
    } else {
        r.symbol = (uint32_t)(info >> 32);
        r.type = (uint32_t)info;
    }
    return r;
}

/* A second slot of the same symbol makes a second entry. */
static void set_slot(Elf *elf, uint32_t import, uint64_t va) {
    Import *first = &elf->image->imports.at[import - 1];
    if (first->slot_va == 0) {
        first->slot_va = va;
        return;
    }
    Import copy = *first;
    copy.slot_va = va;
    copy.stub_va = 0;
    if (copy.slot_va == first->slot_va)
        return;
    Import *second = VEC_ADD(elf->s->arena, &elf->image->imports);
    if (second)
        *second = copy;
}

static bool use_reloc(Elf *elf, const RelocTypes *types, const ElfReloc *r) {
    if (r->type == 0)
        return true;
    bool is_jump = r->type == types->jump || r->type == types->global;
    bool is_absolute = r->type == types->absolute || r->type == types->absolute_64;
    bool is_relative =
        r->type == types->relative || r->type == types->indirect || (is_absolute && r->symbol == 0);
    if (!is_jump && !is_absolute && !is_relative)
        return true;
    uint64_t addend = r->has_addend ? r->addend : image_word_at(elf->image, r->va);
    if (is_relative)
        return image_add_reloc(elf->s, elf->image, (Reloc){r->va, addend});
    if (r->symbol >= elf->symbol_count) {
        notes_add(&elf->s->notes, NOTE_RELOC_ODD, 0);
        return true;
    }
    const ElfSymbol *s = &elf->symbols[r->symbol];
    /* RISC-V has no GLOB_DAT: a plain absolute word is the slot. */
    bool is_slot = is_jump || (types->global == 0 && is_absolute);
    if (s->import && is_slot)
        set_slot(elf, s->import, r->va);
    uint64_t target = s->section == ELF_SHN_UNDEF ? 0 : s->value + (is_jump ? 0 : addend);
    return image_add_reloc(elf->s, elf->image,
                           (Reloc){r->va, elf->is_64 ? target : (uint32_t)target});
}

static void read_table(Elf *elf, Bytes table, uint64_t size, bool has_addend) {
    const RelocTypes *types = reloc_types(elf);
    if (size == 0 || !types)
        return;
    if (table.size < size)
        notes_add(&elf->s->notes, NOTE_RELOC_ODD, 0);
    unsigned words = has_addend ? 3 : 2, width = words * (elf->is_64 ? 8 : 4);
    Cursor c = elf_cursor(elf, bytes_clip(table, 0, size));
    while (cursor_left(&c) >= width) {
        ElfReloc r = next_reloc(elf, &c, has_addend);
        if (!use_reloc(elf, types, &r))
            return;
    }
}

/* DT_RELR: an even word is an address, an odd one a bitmap over the words behind it (gabi draft,
 * "Relative Relocation Table"). */
static void read_relr(Elf *elf) {
    const ElfDynamic *d = &elf->dynamic;
    if (d->relr_va == 0)
        return;
    unsigned width = elf->is_64 ? 8 : 4;
    Bytes table = bytes_clip(image_bytes_at(elf->image, d->relr_va), 0, d->relr_size);
    Cursor c = elf_cursor(elf, table);
    uint64_t next = 0;
    while (cursor_left(&c) >= width) {
        uint64_t word = cursor_word(&c, elf->is_64);
        if (!(word & 1)) {
            if (!image_add_reloc(elf->s, elf->image,
                                 (Reloc){word, image_word_at(elf->image, word)}))
                return;
            next = word + width;
            continue;
        }
        for (uint64_t bits = word >> 1, va = next; bits; bits >>= 1, va += width)
            if (bits & 1 &&
                !image_add_reloc(elf->s, elf->image, (Reloc){va, image_word_at(elf->image, va)}))
                return;
        next += (uint64_t)width * (8 * width - 1);
    }
}

void elf_read_relocs(Elf *elf) {
    const ElfDynamic *d = &elf->dynamic;
    const Image *image = elf->image;
    /* Slots of direct calls come first, so that an import's first entry is the one with a stub. */
    read_table(elf, image_bytes_at(image, d->jmprel_va), d->jmprel_size,
               d->jmprel_kind ? d->jmprel_kind == ELF_DT_RELA : elf->is_64);
    read_table(elf, image_bytes_at(image, d->rela_va), d->rela_size, true);
    read_table(elf, image_bytes_at(image, d->rel_va), d->rel_size, false);
    read_relr(elf);
    if (d->is_present || elf->info->type == ELF_TYPE_REL)
        return;
    for (uint32_t i = 0; i < elf->section_count; i++) { /* static programs: IRELATIVE only */
        const ElfPart *p = &elf->sections[i];
        if ((p->type == ELF_SHT_RELA || p->type == ELF_SHT_REL) && p->flags & ELF_SHF_ALLOC)
            read_table(elf, elf_section_bytes(elf, p), p->size, p->type == ELF_SHT_RELA);
    }
}

/* The MIPS GOT has no relocations: behind the local entries it runs parallel to the dynamic symbols
 * (MIPS ABI supplement, "Global Offset Table"). */
void elf_read_mips_got(Elf *elf) {
    const ElfDynamic *d = &elf->dynamic;
    if (elf->info->machine != ELF_MACHINE_MIPS || d->got_va == 0)
        return;
    unsigned width = elf->is_64 ? 8 : 4;
    for (uint64_t i = d->mips_first; i < elf->symbol_count; i++) {
        uint64_t va = d->got_va + (d->mips_local + (i - d->mips_first)) * width;
        if (!image_find_segment(elf->image, va)) {
            notes_add(&elf->s->notes, NOTE_DYNAMIC_ODD, 0);
            return;
        }
        if (elf->symbols[i].import)
            set_slot(elf, elf->symbols[i].import, va);
    }
}
