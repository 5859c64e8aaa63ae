/* SPDX-License-Identifier: Apache-2.0
 * elf.h: what the elf_*.c files share while one ELF file is read. Private to src/image. */
#ifndef COG_IMAGE_ELF_H
#define COG_IMAGE_ELF_H

#include "image/build.h"
#include "image/elf_format.h"

typedef struct ElfPart { /* one program header or section header */
    uint64_t off, va, size, va_size, flags, align;
    uint32_t type, name, link, info;
    uint64_t item_bytes;
} ElfPart;

typedef struct ElfDynamic {
    bool is_present;
    uint64_t strings_va, strings_size, symbols_va, hash_va, gnu_hash_va, got_va;
    uint64_t rela_va, rela_size, rel_va, rel_size, jmprel_va, jmprel_size, jmprel_kind;
    uint64_t relr_va, relr_size;
    uint64_t init_va, fini_va, array_va[3], array_size[3]; /* preinit, init, fini */
    uint64_t soname, rpath, runpath; /* offsets + 1 into the strings, 0 none */
    uint64_t flags_1, mips_local, mips_first, mips_symbols;
} ElfDynamic;

typedef struct ElfSymbol {
    const char *name; /* NULL when its offset lies */
    uint64_t value, size;
    uint32_t section;
    uint8_t kind, bind, visibility;
    uint32_t import; /* index + 1 of its first import */
    bool is_thumb;   /* ARM functions */
} ElfSymbol;

typedef struct Elf {
    Sample *s;
    Image *image;
    ElfInfo *info;
    Bytes file;
    bool is_64, big;
    uint16_t segment_bytes, section_bytes; /* sizes of one header, as declared */
    ElfPart *segments, *sections;          /* scratch */
    uint32_t segment_count, section_count;
    Bytes names;          /* of sections */
    uint64_t *section_va; /* relocatable objects: where we put each section */
    uint64_t entry;
    ElfDynamic dynamic;
    ElfSymbol *symbols; /* dynamic ones; scratch */
    uint32_t symbol_count;
    uint64_t name_budget;
} Elf;

/* Cursor over bytes in the file's byte order. */
static inline Cursor elf_cursor(const Elf *elf, Bytes b) {
    return (Cursor){.bytes = b, .big = elf->big};
}
static inline uint64_t elf_word_at(const Elf *elf, Bytes b, uint64_t off) {
    Cursor c = elf_cursor(elf, b);
    cursor_seek(&c, off);
    return cursor_word(&c, elf->is_64);
}
static inline uint32_t elf_u32_at(const Elf *elf, Bytes b, uint64_t off) {
    Cursor c = elf_cursor(elf, b);
    cursor_seek(&c, off);
    return cursor_u32(&c);
}
const char *elf_section_name(const Elf *elf, const ElfPart *part);
/* NULL when there is none of that name. */
const ElfPart *elf_find_section(const Elf *elf, const char *name);
/* The section's bytes in the file; none for SHT_NOBITS. */
Bytes elf_section_bytes(const Elf *elf, const ElfPart *part);
/* One symbol table entry at the cursor. */
ElfSymbol elf_symbol(Elf *elf, Cursor *c, Bytes strings);

/* elf_dynamic.c: PT_DYNAMIC, dynamic symbols, imports, exports */
void elf_read_dynamic(Elf *elf);
void elf_read_dynamic_symbols(Elf *elf);
/* elf_reloc.c */
void elf_read_relocs(Elf *elf);
void elf_read_mips_got(Elf *elf);
/* elf_plt.c: stubs that jump through import slots */
void elf_read_stubs(Elf *elf);
/* elf_symbols.c: .symtab, relocatable objects, init and fini */
void elf_read_symbols(Elf *elf);
void elf_read_object(Elf *elf);
void elf_read_init(Elf *elf);
/* elf_exidx.c: the unwind index of ARM */
void elf_read_exidx(Elf *elf);
/* elf_note.c: notes, .comment, interpreter */
void elf_read_notes(Elf *elf);

#endif
