/* SPDX-License-Identifier: Apache-2.0
 * elf_symbols.c: .symtab, relocatable objects, and the functions that run at start and end. */
#include "image/elf.h"

#include <string.h>

/* "$a", "$d", "$t.2", "$x": mapping symbols of the Arm and RISC-V ABIs name no function. */
static bool is_mapping(const Elf *elf, const char *name) {
    Arch arch = elf->image->arch;
    return (arch == ARCH_ARM || arch == ARCH_ARM64 || arch == ARCH_RISCV) && name[0] == '$' &&
           strchr("adtx", name[1]) && (name[2] == 0 || name[2] == '.' || arch == ARCH_RISCV);
}

static SymbolKind symbol_kind(uint8_t kind) {
    return kind == ELF_STT_FUNC || kind == ELF_STT_IFUNC ? SYMBOL_FUNCTION
           : kind == ELF_STT_OBJECT                      ? SYMBOL_OBJECT
                                                         : SYMBOL_OTHER;
}

static uint64_t symbol_va(const Elf *elf, const ElfSymbol *s) {
    if (elf->info->type != ELF_TYPE_REL)
        return s->value;
    return s->section < elf->section_count ? elf->section_va[s->section] + s->value : 0;
}

static void add_mode(Elf *elf, const ElfSymbol *s, CodeMode mode) {
    if (elf->image->arch == ARCH_ARM)
        image_add_mode(elf->s, elf->image, (ModeMark){symbol_va(elf, s), (uint8_t)mode});
}

static void add_mapping(Elf *elf, const ElfSymbol *s) {
    char kind = s->name[1];
    add_mode(elf, s, kind == 'a' ? MODE_ARM : kind == 't' ? MODE_THUMB : MODE_DATA);
}

static bool add_symbol(Elf *elf, const ElfSymbol *s) {
    bool is_kind = s->kind == ELF_STT_NOTYPE || s->kind == ELF_STT_OBJECT ||
                   s->kind == ELF_STT_FUNC || s->kind == ELF_STT_IFUNC;
    if (!is_kind || s->section == ELF_SHN_UNDEF || s->section == ELF_SHN_ABS ||
        s->section == ELF_SHN_COMMON || (s->name && !*s->name))
        return true;
    if (!s->name || !text_is_name(s->name)) {
        notes_add(&elf->s->notes, NOTE_SYMBOLS_ODD, 0);
        return true;
    }
    if (is_mapping(elf, s->name)) {
        add_mapping(elf, s);
        return true;
    }
    Symbol *symbol = VEC_ADD(elf->s->arena, &elf->image->symbols);
    if (!symbol) {
        notes_add(&elf->s->notes, NOTE_TOO_MANY, 0);
        return false;
    }
    *symbol = (Symbol){s->name, symbol_va(elf, s), s->size, symbol_kind(s->kind)};
    if (symbol->kind == SYMBOL_FUNCTION)
        add_mode(elf, s, s->is_thumb ? MODE_THUMB : MODE_ARM);
    return true;
}

static Bytes linked_strings(const Elf *elf, const ElfPart *table) {
    return table->link < elf->section_count ? elf_section_bytes(elf, &elf->sections[table->link])
                                            : (Bytes){0};
}

void elf_read_symbols(Elf *elf) {
    unsigned width = elf->is_64 ? 24 : 16;
    for (uint32_t i = 0; i < elf->section_count; i++) {
        const ElfPart *table = &elf->sections[i];
        if (table->type != ELF_SHT_SYMTAB)
            continue;
        Bytes strings = linked_strings(elf, table), bytes = elf_section_bytes(elf, table);
        if (bytes.size / width > MAX_SYMBOLS)
            notes_add(&elf->s->notes, NOTE_TOO_MANY, table->off);
        Cursor c = elf_cursor(elf, bytes_clip(bytes, 0, (uint64_t)MAX_SYMBOLS * width));
        while (cursor_left(&c) >= width) {
            ElfSymbol s = elf_symbol(elf, &c, strings);
            if (!add_symbol(elf, &s))
                return;
        }
        return; /* the ABI allows one */
    }
}

/* Undefined symbols of a relocatable object are its imports; they have no slots yet. */
static void read_object_imports(Elf *elf, const ElfPart *table) {
    unsigned width = elf->is_64 ? 24 : 16;
    Bytes strings = linked_strings(elf, table);
    Cursor c = elf_cursor(elf, elf_section_bytes(elf, table));
    cursor_skip(&c, width);
    while (cursor_left(&c) >= width) {
        ElfSymbol s = elf_symbol(elf, &c, strings);
        if (s.section != ELF_SHN_UNDEF || !text_is_name(s.name) ||
            strcmp(s.name, "_GLOBAL_OFFSET_TABLE_") == 0) /* the linker's own */
            continue;
        Import *import = VEC_ADD(elf->s->arena, &elf->image->imports);
        if (!import) {
            notes_add(&elf->s->notes, NOTE_TOO_MANY, 0);
            return;
        }
        *import = (Import){.module = "", .name = s.name};
    }
}

/* Pointer-sized absolute relocations of one section; the words themselves are not changed. */
static bool read_object_relocs(Elf *elf, const ElfPart *part) {
    if (part->link >= elf->section_count || part->info >= elf->section_count)
        return true;
    unsigned width = elf->is_64 ? 24 : 16, word = elf->is_64 ? 8 : 4;
    uint32_t absolute = elf->info->machine == ELF_MACHINE_386     ? 1
                        : elf->info->machine == ELF_MACHINE_X64   ? 1
                        : elf->info->machine == ELF_MACHINE_ARM   ? 2
                        : elf->info->machine == ELF_MACHINE_ARM64 ? 257
                                                                  : 0;
    bool has_addend = part->type == ELF_SHT_RELA;
    Bytes symbols = elf_section_bytes(elf, &elf->sections[part->link]);
    Cursor c = elf_cursor(elf, elf_section_bytes(elf, part));
    while (absolute && cursor_left(&c) >= (size_t)word * (has_addend ? 3 : 2)) {
        uint64_t va = elf->section_va[part->info] + cursor_word(&c, elf->is_64);
        uint64_t info = cursor_word(&c, elf->is_64);
        uint64_t addend = has_addend ? cursor_word(&c, elf->is_64) : image_word_at(elf->image, va);
        if ((uint32_t)(elf->is_64 ? info : info & 0xff) != absolute)
            continue;
        Cursor at =
            elf_cursor(elf, bytes_cut(symbols, (info >> (elf->is_64 ? 32 : 8)) * width, width));
        ElfSymbol s = elf_symbol(elf, &at, (Bytes){0});
        bool is_known = !at.bad && s.section != ELF_SHN_UNDEF && s.section < elf->section_count;
        uint64_t target = is_known ? symbol_va(elf, &s) + addend : 0;
        if (!image_add_reloc(elf->s, elf->image,
                             (Reloc){va, elf->is_64 ? target : (uint32_t)target}))
            return false;
    }
    return true;
}

void elf_read_object(Elf *elf) {
    bool more = true;
    for (uint32_t i = 0; i < elf->section_count; i++) {
        const ElfPart *part = &elf->sections[i];
        if (part->type == ELF_SHT_SYMTAB && elf->image->imports.count == 0)
            read_object_imports(elf, part);
        bool is_reloc = part->type == ELF_SHT_RELA || part->type == ELF_SHT_REL;
        if (is_reloc && more && part->info < elf->section_count &&
            elf->sections[part->info].flags & ELF_SHF_ALLOC)
            more = read_object_relocs(elf, part);
    }
}

static void add_init(Elf *elf, uint64_t va) {
    va = image_code_va(elf->s, elf->image, va);
    if (image_is_code(elf->image, va))
        image_add_start(elf->s, elf->image, va, START_INIT);
}

static void add_init_array(Elf *elf, uint64_t va, uint64_t size) {
    unsigned width = elf->is_64 ? 8 : 4;
    size = bytes_clip(image_bytes_at(elf->image, va), 0, size).size;
    if (va % width != 0)
        return;
    for (uint64_t off = 0; off + width <= size && !elf->image->starts.full; off += width)
        add_init(elf, image_pointer_at(elf->image, va + off));
}

/* By the dynamic section, as the loader; static programs have only their sections. */
void elf_read_init(Elf *elf) {
    const ElfDynamic *d = &elf->dynamic;
    if (d->init_va)
        add_init(elf, d->init_va);
    for (int i = 0; i < 3; i++)
        if (d->array_va[i])
            add_init_array(elf, d->array_va[i], d->array_size[i]);
    if (d->fini_va)
        add_init(elf, d->fini_va);
    for (uint32_t i = 0; !d->is_present && i < elf->section_count; i++) {
        const ElfPart *part = &elf->sections[i];
        uint64_t va = elf->section_va[i];
        if (part->type == ELF_SHT_INIT_ARRAY || part->type == ELF_SHT_FINI_ARRAY ||
            part->type == ELF_SHT_PREINIT_ARRAY)
            add_init_array(elf, va, part->size);
        const char *name = elf_section_name(elf, part);
        if (name && part->flags & ELF_SHF_EXEC && elf->info->type != ELF_TYPE_REL &&
            (strcmp(name, ".init") == 0 || strcmp(name, ".fini") == 0))
            add_init(elf, va);
    }
}
