/* SPDX-License-Identifier: Apache-2.0
 * sample_elf.h: writes a small dynamic ELF executable that has one of everything the reader knows,
 * in either class and byte order. Used by the unit tests and, as seeds, by the fuzz targets. All
 * places are fixed; see the constants. */
#ifndef COG_TEST_SAMPLE_ELF_H
#define COG_TEST_SAMPLE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    ELF_INTERP_OFF = 0x1a0,
    ELF_NOTES_OFF = 0x1c0,
    ELF_DYNSYM_OFF = 0x200,
    ELF_HASH_OFF = 0x280,
    ELF_DYNSTR_OFF = 0x2c0,
    ELF_DYNSTR_SIZE = 0x40,
    ELF_REL_OFF = 0x300,
    ELF_JMPREL_OFF = 0x340,
    ELF_PLT_OFF = 0x400,
    ELF_TEXT_OFF = 0x500,
    ELF_EH_HEADER_OFF = 0x600,
    ELF_EH_FRAME_OFF = 0x640,
    ELF_DATA_OFF = 0x800,
    ELF_DYNAMIC_OFF = 0x800,
    ELF_INIT_OFF = 0x960,
    ELF_SLOT_OFF = 0x970,  /* of puts */
    ELF_SLOT2_OFF = 0x980, /* of other */
    ELF_SYMTAB_OFF = 0xa00,
    ELF_STRTAB_OFF = 0xa80,
    ELF_COMMENT_OFF = 0xac0,
    ELF_NAMES_OFF = 0xae0,
    ELF_SECTIONS_OFF = 0xb40,
    ELF_SECTION_COUNT = 7,
    ELF_BYTES = ELF_SECTIONS_OFF + ELF_SECTION_COUNT * 64
};
#define ELF_CODE_VA 0x400000u
#define ELF_DATA_VA 0x600000u

typedef struct SampleElf {
    uint8_t *at;
    bool is_64, big;
    unsigned width;
    size_t next; /* where the next number goes */
} SampleElf;

static inline void elf_put(SampleElf *e, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        e->at[e->next + (e->big ? bytes - 1 - i : i)] = (uint8_t)(value >> (8 * i));
    e->next += bytes;
}
static inline void elf_half(SampleElf *e, unsigned value) { elf_put(e, value, 2); }
static inline void elf_int(SampleElf *e, uint64_t value) { elf_put(e, value, 4); }
static inline void elf_word(SampleElf *e, uint64_t value) { elf_put(e, value, e->width); }
static inline void elf_text(SampleElf *e, size_t off, const char *text, size_t size) {
    memcpy(e->at + off, text, size);
}

static inline unsigned elf_machine(const SampleElf *e) {
    return e->big ? (e->is_64 ? 21 : 20) : (e->is_64 ? 62 : 3); /* PowerPC, x86 */
}

static inline void elf_segment(SampleElf *e, unsigned type, unsigned flags, uint64_t off,
                               uint64_t va, uint64_t size, uint64_t va_size) {
    elf_int(e, type);
    if (e->is_64)
        elf_int(e, flags);
    elf_word(e, off);
    elf_word(e, va);
    elf_word(e, va);
    elf_word(e, size);
    elf_word(e, va_size);
    if (!e->is_64)
        elf_int(e, flags);
    elf_word(e, 0x1000);
}

static inline void elf_headers(SampleElf *e) {
    memcpy(e->at, "\177ELF", 4);
    e->at[4] = e->is_64 ? 2 : 1;
    e->at[5] = e->big ? 2 : 1;
    e->at[6] = 1;
    e->next = 16;
    elf_half(e, 2);
    elf_half(e, elf_machine(e));
    elf_int(e, 1);
    elf_word(e, ELF_CODE_VA + ELF_TEXT_OFF);
    elf_word(e, e->is_64 ? 64 : 52);
    elf_word(e, ELF_SECTIONS_OFF);
    elf_int(e, 0);
    elf_half(e, e->is_64 ? 64 : 52);
    elf_half(e, e->is_64 ? 56 : 32);
    elf_half(e, 6);
    elf_half(e, e->is_64 ? 64 : 40);
    elf_half(e, ELF_SECTION_COUNT);
    elf_half(e, ELF_SECTION_COUNT - 1);
    elf_segment(e, 1, 5, 0, ELF_CODE_VA, 0x800, 0x800);
    elf_segment(e, 1, 6, ELF_DATA_OFF, ELF_DATA_VA + ELF_DATA_OFF, 0x200, 0x300);
    elf_segment(e, 2, 6, ELF_DYNAMIC_OFF, ELF_DATA_VA + ELF_DYNAMIC_OFF, 0x150, 0x150);
    elf_segment(e, 3, 4, ELF_INTERP_OFF, ELF_CODE_VA + ELF_INTERP_OFF, 11, 11);
    elf_segment(e, 4, 4, ELF_NOTES_OFF, ELF_CODE_VA + ELF_NOTES_OFF, 48, 48);
    elf_segment(e, 0x6474e550, 4, ELF_EH_HEADER_OFF, ELF_CODE_VA + ELF_EH_HEADER_OFF, 36, 36);
    elf_text(e, ELF_INTERP_OFF, "/lib/ld.so", 11);
}

static inline void elf_notes(SampleElf *e) {
    e->next = ELF_NOTES_OFF;
    elf_int(e, 4);
    elf_int(e, 8);
    elf_int(e, 3);
    elf_text(e, e->next, "GNU\0\1\2\3\4\5\6\7\10", 12);
    e->next += 12;
    elf_int(e, 4);
    elf_int(e, 5);
    elf_int(e, 4);
    elf_text(e, e->next, "Go\0\0go-id", 9);
}

static inline void elf_symbol_put(SampleElf *e, unsigned name, uint64_t value, uint64_t size,
                                  unsigned info, unsigned section) {
    elf_int(e, name);
    if (!e->is_64) {
        elf_int(e, value);
        elf_int(e, size);
    }
    elf_put(e, info, 1);
    elf_put(e, 0, 1);
    elf_half(e, section);
    if (e->is_64) {
        elf_word(e, value);
        elf_word(e, size);
    }
}

static inline void elf_symbols(SampleElf *e) {
    static const char names[] = "\0puts\0other\0api\0value\0libx.so.1\0self.so\0/run";
    elf_text(e, ELF_DYNSTR_OFF, names, sizeof names);
    e->next = ELF_DYNSYM_OFF;
    elf_symbol_put(e, 0, 0, 0, 0, 0);
    elf_symbol_put(e, 1, 0, 0, 0x12, 0);
    elf_symbol_put(e, 6, 0, 0, 0x12, 0);
    elf_symbol_put(e, 12, ELF_CODE_VA + ELF_TEXT_OFF, 16, 0x12, 1);
    elf_symbol_put(e, 16, ELF_DATA_VA + 0x990, 4, 0x11, 1);
    e->next = ELF_HASH_OFF;
    elf_int(e, 1);
    elf_int(e, 5);
    static const char local[] = "\0local_fn\0datum\0file.c";
    elf_text(e, ELF_STRTAB_OFF, local, sizeof local);
    e->next = ELF_SYMTAB_OFF;
    elf_symbol_put(e, 0, 0, 0, 0, 0);
    elf_symbol_put(e, 17, 0, 0, 0x04, 0xfff1);
    elf_symbol_put(e, 1, ELF_CODE_VA + ELF_TEXT_OFF + 0x20, 16, 0x02, 1);
    elf_symbol_put(e, 10, ELF_DATA_VA + 0x994, 4, 0x01, 1);
}

static inline void elf_reloc(SampleElf *e, uint64_t va, unsigned symbol, unsigned type,
                             uint64_t addend) {
    elf_word(e, va);
    elf_word(e, e->is_64 ? (uint64_t)symbol << 32 | type : (uint64_t)symbol << 8 | type);
    if (e->is_64)
        elf_word(e, addend);
}

/* The 64-bit file has addends, the 32-bit one words in place. */
static inline void elf_relocs(SampleElf *e) {
    uint64_t init = ELF_CODE_VA + ELF_TEXT_OFF + 0x10;
    e->next = ELF_REL_OFF;
    elf_reloc(e, ELF_DATA_VA + ELF_INIT_OFF, 0, e->big ? 22 : 8, init);
    elf_reloc(e, ELF_DATA_VA + ELF_SLOT2_OFF, 2, e->big ? 20 : 6, 0);
    e->next = ELF_JMPREL_OFF;
    elf_reloc(e, ELF_DATA_VA + ELF_SLOT_OFF, 1, e->big ? 21 : 7, 0);
    e->next = ELF_INIT_OFF;
    elf_word(e, e->is_64 ? 0 : init);
    e->next = ELF_PLT_OFF;
    if (e->is_64) { /* endbr64; jmp [rip + x] */
        elf_text(e, ELF_PLT_OFF, "\xf3\x0f\x1e\xfa\xff\x25", 6);
        e->next += 6;
        elf_int(e, ELF_DATA_VA + ELF_SLOT_OFF - (ELF_CODE_VA + ELF_PLT_OFF + 10));
    } else {
        elf_text(e, ELF_PLT_OFF, "\xff\x25", 2);
        e->next += 2;
        elf_int(e, ELF_DATA_VA + ELF_SLOT_OFF);
    }
    e->at[e->next] = 0x66; /* padding behind the jump */
}

static inline void elf_frames(SampleElf *e) {
    uint64_t text = ELF_CODE_VA + ELF_TEXT_OFF, frame = ELF_CODE_VA + ELF_EH_FRAME_OFF;
    e->next = ELF_EH_HEADER_OFF;
    elf_text(e, e->next, "\1\x1b\3\x3b", 4);
    e->next += 4;
    elf_int(e, frame - (ELF_CODE_VA + ELF_EH_HEADER_OFF + 4));
    elf_int(e, 3);
    for (unsigned i = 0; i < 3; i++) {
        elf_int(e, text + 16 * i - (ELF_CODE_VA + ELF_EH_HEADER_OFF));
        elf_int(e, frame + 24 + 24 * i - (ELF_CODE_VA + ELF_EH_HEADER_OFF));
    }
    e->next = ELF_EH_FRAME_OFF;
    elf_int(e, 20);
    elf_int(e, 0);
    elf_text(e, e->next, "\1zR\0\1\x78\x10\1\x1b", 9); /* the rest: nops */
    e->next += 16;
    for (unsigned i = 0; i < 3; i++) {
        size_t here = e->next;
        elf_int(e, 20);
        elf_int(e, here + 4 - ELF_EH_FRAME_OFF);
        elf_int(e, text + 16 * i - (ELF_CODE_VA + here + 8));
        elf_int(e, 16);
        e->next++; /* no augmentation data */
        if (i == 2)
            elf_text(e, e->next, "\x0e\x30\x41", 3); /* def_cfa_offset 48; advance_loc 1 */
        e->next = here + 24;
    }
    elf_int(e, 0);
}

static inline void elf_dynamic(SampleElf *e) {
    const uint64_t tags[][2] = {
        {1, 22},
        {14, 32},
        {29, 40},
        {4, ELF_CODE_VA + ELF_HASH_OFF},
        {5, ELF_CODE_VA + ELF_DYNSTR_OFF},
        {6, ELF_CODE_VA + ELF_DYNSYM_OFF},
        {10, ELF_DYNSTR_SIZE},
        {e->is_64 ? 7 : 17, ELF_CODE_VA + ELF_REL_OFF},
        {e->is_64 ? 8 : 18, (e->is_64 ? 3u : 2u) * 2 * e->width},
        {23, ELF_CODE_VA + ELF_JMPREL_OFF},
        {2, (e->is_64 ? 3u : 2u) * e->width},
        {20, e->is_64 ? 7 : 17},
        {25, ELF_DATA_VA + ELF_INIT_OFF},
        {27, e->width},
        {13, ELF_CODE_VA + ELF_TEXT_OFF + 0x20},
        {0, 0},
    };
    e->next = ELF_DYNAMIC_OFF;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        elf_word(e, tags[i][0]);
        elf_word(e, tags[i][1]);
    }
}

static inline void elf_section(SampleElf *e, unsigned name, unsigned type, unsigned flags,
                               uint64_t va, uint64_t off, uint64_t size) {
    elf_int(e, name);
    elf_int(e, type);
    elf_word(e, flags);
    elf_word(e, va);
    elf_word(e, off);
    elf_word(e, size);
    elf_int(e, type == 2 ? 4 : 0); /* .symtab's strings */
    elf_int(e, 0);
    elf_word(e, 1);
    elf_word(e, type == 2 ? (e->is_64 ? 24 : 16) : 0);
}

static inline void elf_sections(SampleElf *e) {
    static const char names[] = "\0.text\0.plt\0.symtab\0.strtab\0.comment\0.shstrtab";
    elf_text(e, ELF_NAMES_OFF, names, sizeof names);
    elf_text(e, ELF_COMMENT_OFF, "GCC: (test) 1.0", 16);
    e->next = ELF_SECTIONS_OFF;
    elf_section(e, 0, 0, 0, 0, 0, 0);
    elf_section(e, 1, 1, 6, ELF_CODE_VA + ELF_TEXT_OFF, ELF_TEXT_OFF, 0x100);
    elf_section(e, 7, 1, 6, ELF_CODE_VA + ELF_PLT_OFF, ELF_PLT_OFF, 0x20);
    elf_section(e, 12, 2, 0, 0, ELF_SYMTAB_OFF, (e->is_64 ? 24u : 16u) * 4);
    elf_section(e, 20, 3, 0, 0, ELF_STRTAB_OFF, 0x40);
    elf_section(e, 28, 1, 0, 0, ELF_COMMENT_OFF, 16);
    elf_section(e, 37, 3, 0, 0, ELF_NAMES_OFF, 0x40);
}

/* `at` has room for ELF_BYTES. */
static inline SampleElf sample_elf(uint8_t *at, bool is_64, bool big) {
    SampleElf e = {.at = at, .is_64 = is_64, .big = big, .width = is_64 ? 8 : 4};
    memset(at, 0, ELF_BYTES);
    elf_headers(&e);
    elf_notes(&e);
    elf_symbols(&e);
    elf_relocs(&e);
    memset(at + ELF_TEXT_OFF, 0xc3, 0x100);
    elf_frames(&e);
    elf_dynamic(&e);
    elf_sections(&e);
    return e;
}

#endif
