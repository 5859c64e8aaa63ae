/* SPDX-License-Identifier: Apache-2.0
 * pe_code.c: what a PE file declares about its code: base relocations, TLS callbacks, load
 * configuration, unwind tables (x64, ARM64), COFF symbols. */
#include "image/pe.h"

#include <string.h>

/* Base relocation blocks, PE specification 5.6: page rva, block size, then 16-bit entries. */
static bool read_reloc_block(Pe *pe, uint32_t page, Bytes entries) {
    for (size_t i = 0; i + 2 <= entries.size; i += 2) {
        uint16_t entry = bytes_u16_at(entries, i);
        unsigned type = entry >> 12;
        uint64_t va = pe->image->base + page + (entry & 0xfff);
        if (type == PE_RELOC_HIGHADJ)
            i += 2; /* its next entry is an operand */
        if (type != PE_RELOC_HIGHLOW && type != PE_RELOC_DIR64)
            continue;
        Bytes at = image_bytes_at(pe->image, va);
        uint64_t target = type == PE_RELOC_DIR64 ? bytes_u64_at(at, 0) : bytes_u32_at(at, 0);
        if (!image_add_reloc(pe->s, pe->image, (Reloc){va, target}))
            return false;
    }
    return true;
}

void pe_read_relocs(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_RELOC];
    if (dir.rva == 0 || dir.size == 0)
        return;
    Bytes table = pe_clip(pe, dir.rva, dir.size);
    uint64_t off = 0;
    if (table.size < dir.size)
        pe_note(pe, NOTE_RELOC_ODD, dir.rva);
    while (bytes_has(table, off, 8)) {
        uint32_t page = bytes_u32_at(table, off), size = bytes_u32_at(table, off + 4);
        if (size == 0 && page == 0) /* padding that some linkers count in */
            break;
        if (size < 8 || !bytes_has(table, off, size)) {
            pe_note(pe, NOTE_RELOC_ODD, dir.rva + off);
            break;
        }
        if (!read_reloc_block(pe, page, bytes_cut(table, off + 8, size - 8)))
            break;
        off += size;
    }
}

/* TLS directory, 6.7: the callbacks are a zero-terminated list of addresses. */
void pe_read_tls(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_TLS];
    if (dir.rva == 0)
        return;
    unsigned width = pe->is_64 ? 8 : 4;
    Bytes d = pe_clip(pe, dir.rva, pe->is_64 ? 40 : 24);
    if (d.size < 4u * width) {
        pe_note(pe, NOTE_TLS_ODD, dir.rva);
        return;
    }
    uint64_t list_va = pe->is_64 ? bytes_u64_at(d, 24) : bytes_u32_at(d, 12);
    if (list_va == 0)
        return;
    Bytes list = image_bytes_at(pe->image, list_va);
    for (uint32_t i = 0;; i++) {
        uint64_t off = (uint64_t)i * width;
        uint64_t va = pe->is_64 ? bytes_u64_at(list, off) : bytes_u32_at(list, off);
        if (!bytes_has(list, off, width) || (va != 0 && !image_find_segment(pe->image, va)))
            pe_note(pe, NOTE_TLS_ODD, dir.rva);
        if (va == 0)
            return;
        if (i == MAX_TLS_CALLBACKS) {
            pe_note(pe, NOTE_TOO_MANY, dir.rva);
            return;
        }
        if (image_is_code(pe->image, va))
            image_add_start(pe->s, pe->image, va, START_TLS);
    }
}

/* A table of rvas, each followed by stride - 4 bytes of flags. */
static void read_rva_table(Pe *pe, uint64_t va, uint64_t count, unsigned stride,
                           StartSource source) {
    if (va == 0 || count == 0)
        return;
    Bytes table = image_bytes_at(pe->image, va);
    if (count > table.size / stride) {
        pe_note(pe, NOTE_HEADER_ODD, pe->directory[PE_DIR_LOAD_CONFIG].rva);
        count = table.size / stride;
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t target = pe->image->base + bytes_u32_at(table, i * stride);
        if (image_is_code(pe->image, target) && !image_add_start(pe->s, pe->image, target, source))
            return;
    }
}

/* Load configuration, 6.8. Its first field says how much of it exists. */
void pe_read_load_config(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_LOAD_CONFIG];
    if (dir.rva == 0)
        return;
    uint32_t size = bytes_u32_at(pe_at(pe, dir.rva), 0);
    Bytes c = pe_clip(pe, dir.rva, size);
    if (pe->is_64) {
        unsigned stride = 4 + (bytes_u32_at(c, 0x90) >> 28);
        read_rva_table(pe, bytes_u64_at(c, 0x80), bytes_u64_at(c, 0x88), stride, START_CFGUARD);
        return;
    }
    unsigned stride = 4 + (bytes_u32_at(c, 0x58) >> 28);
    read_rva_table(pe, bytes_u32_at(c, 0x40), bytes_u32_at(c, 0x44), 4, START_SEH);
    read_rva_table(pe, bytes_u32_at(c, 0x50), bytes_u32_at(c, 0x54), stride, START_CFGUARD);
}

/* What UNWIND_INFO at an rva says of its function; false when it makes no sense. */
static bool read_unwind_info(Pe *pe, uint32_t rva, Range *range) {
    if (rva & 1) { /* the rva of another function's entry: this one is part of that */
        range->is_fragment = true;
        return pe_clip(pe, rva & ~1u, 12).size == 12;
    }
    Bytes info = pe_at(pe, rva);
    uint8_t first = bytes_u8_at(info, 0);
    unsigned version = first & 7, flags = first >> 3;
    if (info.size < 4 || version < 1 || version > 2 || flags > 4 ||
        (flags & 3 && flags & PE_UNWIND_CHAININFO))
        return false;
    /* The codes are padded to an even count. */
    uint64_t after = 4 + 2 * (((uint64_t)bytes_u8_at(info, 2) + 1) & ~(uint64_t)1);
    if (flags & PE_UNWIND_CHAININFO)
        range->is_fragment = true;
    else if (flags & (PE_UNWIND_EHANDLER | PE_UNWIND_UHANDLER))
        range->handler_va = pe->image->base + bytes_u32_at(info, after);
    return true;
}

static PeDirectory unwind_table(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_EXCEPTION];
    for (size_t i = 0; dir.rva == 0 && i < pe->image->sections.count; i++) {
        const Section *section = &pe->image->sections.at[i];
        if (strcmp(section->name, ".pdata") == 0) { /* the directory was wiped, the table stayed */
            dir.rva = (uint32_t)(section->va - pe->image->base);
            dir.size = (uint32_t)(section->va_size ? section->va_size : section->size);
        }
    }
    return dir;
}

/* Where the exception data of a processor lie: (begin, end, info) on x64. ARM64: (begin, word), the
 * word holds the function's length or leads to a record with it. */
static bool read_entry_x64(Pe *pe, Bytes entry, Range *range) {
    uint32_t begin = bytes_u32_at(entry, 0), end = bytes_u32_at(entry, 4);
    range->size = end - begin;
    return end >= begin && image_is_code(pe->image, range->va) &&
           read_unwind_info(pe, bytes_u32_at(entry, 8), range);
}

/* "ARM64 exception handling" in Microsoft's documentation: a record of .xdata. */
static bool read_xdata_arm64(Pe *pe, uint32_t rva, Range *range) {
    enum { END_C = 0xe5 };
    Bytes info = pe_at(pe, rva);
    uint32_t head = bytes_u32_at(info, 0), after = 4;
    uint32_t epilogs = head >> 22 & 31, code_words = head >> 27;
    if (info.size < 4 || (head >> 18 & 3) != 0)
        return false;
    if (epilogs == 0 && code_words == 0) {
        uint32_t more = bytes_u32_at(info, 4);
        epilogs = more & 0xffff;
        code_words = more >> 16 & 0xff;
        after = 8;
    }
    if ((head >> 21 & 1) == 0)
        after += 4 * epilogs;
    range->size = (uint64_t)(head & 0x3ffff) * 4;
    /* A prologue that was done elsewhere: a part of another function. */
    range->is_fragment = code_words > 0 && bytes_u8_at(info, after) == END_C;
    after += 4 * code_words;
    if (head >> 20 & 1)
        range->handler_va = pe->image->base + bytes_u32_at(info, after);
    return bytes_has(info, 0, after);
}

static bool read_entry_arm64(Pe *pe, Bytes entry, Range *range) {
    uint32_t word = bytes_u32_at(entry, 4);
    if (!image_is_code(pe->image, range->va) || (word & 3) == 3)
        return false;
    if ((word & 3) == 0)
        return read_xdata_arm64(pe, word, range);
    range->size = (word >> 2 & 0x7ff) * 4;
    range->is_fragment = (word & 3) == 2;
    return true;
}

void pe_read_unwind(Pe *pe) {
    enum { ENTRY_X64 = 12, ENTRY_ARM64 = 8, BAD = 4096 };
    bool is_arm64 = pe->image->arch == ARCH_ARM64;
    if (pe->image->arch != ARCH_X64 && !is_arm64)
        return;
    uint32_t entry_bytes = is_arm64 ? ENTRY_ARM64 : ENTRY_X64;
    PeDirectory dir = unwind_table(pe);
    Bytes table = pe_clip(pe, dir.rva, dir.size);
    if (table.size < dir.size || dir.size % entry_bytes != 0)
        pe_note(pe, NOTE_UNWIND_ODD, dir.rva);
    ArenaMark mark = arena_mark(pe->s->scratch);
    Map handlers = map_new(pe->s->scratch, 64); /* a few runtime functions serve all */
    uint32_t bad = 0;
    for (uint64_t off = 0; bytes_has(table, off, entry_bytes) && bad < BAD; off += entry_bytes) {
        Bytes entry = bytes_cut(table, off, entry_bytes);
        uint32_t begin = bytes_u32_at(entry, 0);
        /* Padding; GCC's functions without a body. */
        if (begin == 0 || (!is_arm64 && begin == bytes_u32_at(entry, 4)))
            continue;
        Range range = {.va = pe->image->base + begin, .source = RANGE_PDATA};
        if (!(is_arm64 ? read_entry_arm64(pe, entry, &range) : read_entry_x64(pe, entry, &range))) {
            pe_note(pe, NOTE_UNWIND_ODD, dir.rva + off);
            bad++;
            continue;
        }
        if (range.handler_va && !image_is_code(pe->image, range.handler_va))
            range.handler_va = 0;
        if (range.handler_va && map_put(&handlers, range.handler_va, 1))
            image_add_start(pe->s, pe->image, range.handler_va, START_SEH);
        if (!image_add_range(pe->s, pe->image, range))
            break;
    }
    arena_reset(pe->s->scratch, mark);
}

/* A name of at most 8 bytes, or (zero, offset into the string table), 5.4.1. */
static const char *symbol_name(Pe *pe, Bytes record, uint64_t strings_off) {
    if (bytes_u32_at(record, 0) != 0)
        return text_fixed(pe->s->arena, record, 8);
    uint32_t off = bytes_u32_at(record, 4);
    return text_spend(bytes_clip(pe->file, strings_off + off, MAX_NAME_BYTES), &pe->name_budget);
}

static bool is_wanted(uint8_t storage, const char *name) {
    bool is_place = storage == PE_SYM_CLASS_EXTERNAL || storage == PE_SYM_CLASS_STATIC ||
                    storage == PE_SYM_CLASS_WEAK;
    /* Static symbols with a dot are the sections' own (".text", ".rdata$zzz"). */
    return is_place && text_is_name(name) && !(storage == PE_SYM_CLASS_STATIC && name[0] == '.');
}

/* COFF symbol table, 5.4: deprecated for images, but GCC writes it unless stripped. */
void pe_read_symbols(Pe *pe) {
    if (pe->symbols_off == 0 || pe->symbol_count == 0)
        return;
    uint64_t strings = pe->symbols_off + (uint64_t)pe->symbol_count * PE_SYMBOL_BYTES;
    uint32_t count = pe->symbol_count < MAX_SYMBOLS ? pe->symbol_count : MAX_SYMBOLS;
    Bytes table = bytes_clip(pe->file, pe->symbols_off, (uint64_t)count * PE_SYMBOL_BYTES);
    if (strings > pe->file.size)
        notes_add(&pe->s->notes, NOTE_SYMBOLS_ODD, pe->symbols_off);
    for (uint64_t off = 0; bytes_has(table, off, PE_SYMBOL_BYTES); off += PE_SYMBOL_BYTES) {
        Bytes r = bytes_cut(table, off, PE_SYMBOL_BYTES);
        uint16_t section = bytes_u16_at(r, 12), type = bytes_u16_at(r, 14);
        uint8_t storage = bytes_u8_at(r, 16);
        off += (uint64_t)bytes_u8_at(r, 17) * PE_SYMBOL_BYTES; /* auxiliary records */
        if (section == 0 || section > pe->image->sections.count)
            continue;
        const char *name = symbol_name(pe, r, strings);
        if (!is_wanted(storage, name))
            continue;
        uint64_t va = pe->image->sections.at[section - 1].va + bytes_u32_at(r, 8);
        Symbol *symbol = VEC_ADD(pe->s->arena, &pe->image->symbols);
        if (!symbol) {
            notes_add(&pe->s->notes, NOTE_TOO_MANY, pe->symbols_off);
            return;
        }
        bool is_function = (type & 0x30) == PE_SYM_DTYPE_FUNCTION;
        *symbol = (Symbol){name, va, 0, is_function ? SYMBOL_FUNCTION : SYMBOL_OTHER};
    }
}
