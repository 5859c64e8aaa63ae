/* SPDX-License-Identifier: Apache-2.0
 * pe.c: headers, sections and the order of things. Offsets in comments are those of the PE/COFF
 * specification, revision 11. */
#include "image/pe.h"

#include <string.h>

enum {
    PAGE = 4096,
    SECTOR = 512 /* the loader rounds PointerToRawData down to it (MiCreateImageFileMap) */
};

bool pe_is_pe(Bytes b) {
    return bytes_u16_at(b, 0) == PE_DOS_MAGIC &&
           bytes_u32_at(b, bytes_u32_at(b, PE_LFANEW_OFF)) == PE_SIGNATURE;
}

uint64_t pe_off(const Pe *pe, uint64_t rva) {
    uint64_t off = image_off_at(pe->image, pe->image->base + rva);
    return off == UINT64_MAX ? 0 : off;
}

void pe_note(const Pe *pe, NoteKind kind, uint64_t rva) {
    notes_add(&pe->s->notes, kind, pe_off(pe, rva));
}

static void set_machine(Image *image, uint16_t machine) {
    static const struct {
        uint16_t machine;
        uint8_t bits;
        Arch arch;
    } known[] = {
        {PE_MACHINE_I386, 32, ARCH_X86},       {PE_MACHINE_AMD64, 64, ARCH_X64},
        {PE_MACHINE_ARM64, 64, ARCH_ARM64},    {PE_MACHINE_ARM64EC, 64, ARCH_ARM64},
        {PE_MACHINE_ARM, 32, ARCH_ARM},        {PE_MACHINE_THUMB, 32, ARCH_ARM},
        {PE_MACHINE_ARMNT, 32, ARCH_ARM},      {PE_MACHINE_R4000, 32, ARCH_MIPS},
        {PE_MACHINE_WCEMIPSV2, 32, ARCH_MIPS}, {PE_MACHINE_POWERPC, 32, ARCH_PPC},
        {PE_MACHINE_POWERPCFP, 32, ARCH_PPC},  {PE_MACHINE_RISCV32, 32, ARCH_RISCV},
        {PE_MACHINE_RISCV64, 64, ARCH_RISCV},
    };
    image->arch = ARCH_OTHER;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].machine == machine) {
            image->arch = known[i].arch;
            image->bits = known[i].bits;
        }
    }
}

/* COFF file header, 3.3. */
static void read_file_header(Pe *pe) {
    PeInfo *info = pe->info;
    uint64_t at = pe->header_off + 4;
    info->machine = bytes_u16_at(pe->file, at);
    pe->section_count = bytes_u16_at(pe->file, at + 2);
    info->timestamp = bytes_u32_at(pe->file, at + 4);
    pe->symbols_off = bytes_u32_at(pe->file, at + 8);
    pe->symbol_count = bytes_u32_at(pe->file, at + 12);
    uint16_t optional_size = bytes_u16_at(pe->file, at + 16);
    info->characteristics = bytes_u16_at(pe->file, at + 18);
    pe->optional_off = at + PE_FILE_HEADER_BYTES;
    pe->sections_off = pe->optional_off + optional_size;
    pe->image->is_library = (info->characteristics & PE_FILE_DLL) != 0;
    set_machine(pe->image, info->machine);
    if (pe->section_count > MAX_SECTIONS) {
        notes_add(&pe->s->notes, NOTE_TOO_MANY, at + 2);
        pe->section_count = MAX_SECTIONS;
    }
}

/* The loader rebases an image with an impossible ImageBase to 0x10000; so do we, which also keeps
 * every base + rva from wrapping. */
static uint64_t sane_base(Pe *pe, uint64_t base) {
    if (base < UINT64_MAX - ((uint64_t)8 << 32))
        return base;
    notes_add(&pe->s->notes, NOTE_HEADER_ODD, pe->optional_off + 24);
    return 0x10000;
}

/* Optional header, 3.4. The loader goes by Magic and reads past SizeOfOptionalHeader if that is
 * small, and so do we. */
static void read_optional_header(Pe *pe) {
    PeInfo *info = pe->info;
    Image *image = pe->image;
    Bytes h = bytes_clip(pe->file, pe->optional_off, 240);
    uint16_t magic = bytes_u16_at(h, 0);
    pe->is_64 = magic == PE_MAGIC_64;
    if (magic != PE_MAGIC_32 && magic != PE_MAGIC_64) {
        notes_add(&pe->s->notes, NOTE_HEADER_ODD, pe->optional_off);
        pe->is_64 = image->bits == 64;
    }
    if (image->bits == 0)
        image->bits = pe->is_64 ? 64 : 32;
    else if ((image->bits == 64) != pe->is_64)
        notes_add(&pe->s->notes, NOTE_HEADER_ODD, pe->optional_off);
    info->linker_major = bytes_u8_at(h, 2);
    info->linker_minor = bytes_u8_at(h, 3);
    uint32_t entry = bytes_u32_at(h, 16);
    image->base = sane_base(pe, pe->is_64 ? bytes_u64_at(h, 24) : bytes_u32_at(h, 28));
    image->has_entry = entry != 0;
    image->entry = image_code_va(pe->s, image, image->base + entry);
    pe->section_alignment = bytes_u32_at(h, 32);
    pe->file_alignment = bytes_u32_at(h, 36);
    info->os_major = bytes_u16_at(h, 40);
    info->os_minor = bytes_u16_at(h, 42);
    info->subsystem_major = bytes_u16_at(h, 48);
    info->subsystem_minor = bytes_u16_at(h, 50);
    info->size_of_image = bytes_u32_at(h, 56);
    pe->headers_size = bytes_u32_at(h, 60);
    info->checksum = bytes_u32_at(h, 64);
    info->subsystem = bytes_u16_at(h, 68);
    info->dll_characteristics = bytes_u16_at(h, 70);
    image->is_position_independent = (info->dll_characteristics & PE_DLL_DYNAMIC_BASE) &&
                                     !(info->characteristics & PE_FILE_RELOCS_STRIPPED);
    uint64_t count_off = pe->is_64 ? 108 : 92;
    uint32_t count = bytes_u32_at(h, count_off);
    for (uint32_t i = 0; i < PE_DIRECTORIES && i < count; i++) {
        pe->directory[i].rva = bytes_u32_at(h, count_off + 4 + i * 8);
        pe->directory[i].size = bytes_u32_at(h, count_off + 8 + i * 8);
    }
    uint64_t full = count_off + 4 + 8 * (count < PE_DIRECTORIES ? count : PE_DIRECTORIES);
    if (!bytes_has(pe->file, pe->optional_off, full))
        notes_add(&pe->s->notes, NOTE_HEADER_TRUNCATED, pe->optional_off);
    if (count > PE_DIRECTORIES)
        notes_add(&pe->s->notes, NOTE_HEADER_ODD, pe->optional_off + count_off);
}

static bool is_power_of_two(uint32_t v) { return v != 0 && (v & (v - 1)) == 0; }

/* Alignments are powers of two, the file's from 512 to 64 K and not above the section's (3.4.1). */
static void check_alignment(Pe *pe) {
    bool odd = !is_power_of_two(pe->section_alignment) || !is_power_of_two(pe->file_alignment) ||
               pe->file_alignment > pe->section_alignment || pe->file_alignment > 0x10000 ||
               (pe->file_alignment < SECTOR && pe->file_alignment != pe->section_alignment);
    if (odd || pe->section_alignment < PAGE)
        notes_add(&pe->s->notes, NOTE_ALIGNMENT_ODD, pe->optional_off + 32);
    if (!is_power_of_two(pe->section_alignment))
        pe->section_alignment = PAGE;
    if (!is_power_of_two(pe->file_alignment) || pe->file_alignment > 0x10000)
        pe->file_alignment = SECTOR;
}

/* Eight bytes, or "/123": decimal offset into the string table behind the COFF symbols (4). */
static const char *section_name(Pe *pe, Bytes header) {
    const char *name = text_fixed(pe->s->arena, header, 8);
    if (name[0] != '/' || name[1] < '0' || name[1] > '9' || pe->symbols_off == 0)
        return name;
    uint64_t off = 0;
    for (const char *c = name + 1; *c >= '0' && *c <= '9'; c++)
        off = off * 10 + (uint64_t)(*c - '0');
    uint64_t table = pe->symbols_off + (uint64_t)pe->symbol_count * PE_SYMBOL_BYTES;
    const char *full = text_in(bytes_clip(pe->file, table + off, MAX_NAME_BYTES));
    return text_is_name(full) ? full : name;
}

static uint8_t section_perms(uint32_t flags) {
    return (uint8_t)((flags & PE_SCN_MEM_READ ? PERM_R : 0) |
                     (flags & PE_SCN_MEM_WRITE ? PERM_W : 0) |
                     (flags & PE_SCN_MEM_EXECUTE ? PERM_X : 0));
}

/* What the loader maps for one section. With pages as alignment: the raw pointer rounded down to a
 * sector, the raw size rounded up to FileAlignment, both within VirtualSize rounded up to a page.
 * Below a page ("low alignment") the file is mapped flat, so that file place and rva are the same.
 */
static void map_section(Pe *pe, const Section *section, uint32_t rva, uint32_t raw_off,
                        uint32_t raw_size) {
    uint64_t size = section->va_size ? section->va_size : raw_size;
    bool is_low = pe->section_alignment < PAGE;
    uint64_t off = is_low ? rva : raw_off & ~(uint32_t)(SECTOR - 1);
    uint64_t in_file = is_low ? size : align_up(raw_size, pe->file_alignment);
    size = align_up(size, is_low ? 1 : PAGE);
    if (raw_size == 0 || (raw_off == 0 && !is_low))
        in_file = 0;
    if (is_low && raw_off != rva && raw_size != 0)
        notes_add(&pe->s->notes, NOTE_ALIGNMENT_ODD, raw_off);
    if (in_file > size)
        in_file = size;
    Segment segment = {.va = section->va,
                       .va_size = size,
                       .off = off,
                       .file = bytes_clip(pe->file, off, in_file),
                       .perms = section->perms};
    image_add_segment(pe->s, pe->image, segment);
}

static bool read_section(Pe *pe, uint64_t at) {
    Bytes h = bytes_cut(pe->file, at, PE_SECTION_BYTES);
    if (h.size == 0) {
        notes_add(&pe->s->notes, NOTE_HEADER_TRUNCATED, at);
        return false;
    }
    uint32_t rva = bytes_u32_at(h, 12), raw_size = bytes_u32_at(h, 16);
    uint32_t raw_off = bytes_u32_at(h, 20), flags = bytes_u32_at(h, 36);
    Section *section = VEC_ADD(pe->s->arena, &pe->image->sections);
    if (!section)
        return false;
    *section = (Section){.name = section_name(pe, h),
                         .va = pe->image->base + rva,
                         .va_size = bytes_u32_at(h, 8),
                         .off = raw_off,
                         .size = bytes_clip(pe->file, raw_off, raw_size).size,
                         .perms = section_perms(flags)};
    if (raw_size != 0 && !bytes_has(pe->file, raw_off, raw_size))
        notes_add(&pe->s->notes, NOTE_SECTION_PAST_END, at);
    if ((section->perms & (PERM_W | PERM_X)) == (PERM_W | PERM_X))
        notes_add(&pe->s->notes, NOTE_WRITABLE_CODE, at);
    if (rva % pe->section_alignment != 0)
        notes_add(&pe->s->notes, NOTE_ALIGNMENT_ODD, at + 12);
    map_section(pe, section, rva, raw_off, raw_size);
    return true;
}

static void map_headers(Pe *pe) {
    uint64_t size = pe->headers_size ? pe->headers_size : PAGE;
    if (pe->section_count == 0 && pe->section_alignment < PAGE) /* flat: all of the file */
        size = pe->file.size;
    Segment headers = {.va = pe->image->base,
                       .va_size = align_up(size, PAGE),
                       .file = bytes_clip(pe->file, 0, size),
                       .perms = PERM_R};
    /* SizeOfHeaders may lie; the first section ends the headers. */
    for (size_t i = 0; i < pe->image->segments.count; i++) {
        uint64_t rva = pe->image->segments.at[i].va - headers.va;
        if (rva < headers.va_size)
            headers.va_size = rva;
    }
    if (headers.file.size > headers.va_size)
        headers.file.size = (size_t)headers.va_size;
    image_add_segment(pe->s, pe->image, headers);
}

/* Without NX a 32-bit process executes any readable page, and low alignment maps every page
 * executable: then the segment of the entry point is code, whatever its flags say. */
static void free_entry(Pe *pe) {
    bool is_free = pe->section_alignment < PAGE ||
                   (!pe->is_64 && !(pe->info->dll_characteristics & PE_DLL_NX_COMPAT));
    if (!is_free || !pe->image->has_entry)
        return;
    for (size_t i = 0; i < pe->image->segments.count; i++) {
        Segment *seg = &pe->image->segments.at[i];
        if (pe->image->entry - seg->va < seg->file.size && !(seg->perms & PERM_X)) {
            notes_add(&pe->s->notes, NOTE_ENTRY_NOT_CODE, seg->off);
            seg->perms |= PERM_X;
        }
    }
}

static void read_sections(Pe *pe) {
    if (pe->section_count == 0)
        notes_add(&pe->s->notes, NOTE_SECTIONS_MISSING, pe->header_off + 6);
    for (uint32_t i = 0; i < pe->section_count; i++)
        if (!read_section(pe, pe->sections_off + (uint64_t)i * PE_SECTION_BYTES))
            break;
    map_headers(pe);
    image_settle_segments(pe->s, pe->image);
    free_entry(pe);
}

/* GCC's 32-bit targets unwind by call frame information in a section; stripping cuts its name to
 * eight bytes. */
static void read_eh_frame(Pe *pe) {
    for (size_t i = 0; i < pe->image->sections.count; i++) {
        const Section *section = &pe->image->sections.at[i];
        if (strcmp(section->name, ".eh_frame") == 0 || strcmp(section->name, ".eh_fram") == 0)
            eh_frame_read(pe->s, pe->image,
                          (EhFrame){.frame_va = section->va, .frame_size = section->size});
    }
}

static PeInfo *info_new(Sample *s) {
    PeInfo *info = ARENA_NEW(s->arena, PeInfo);
    info->resources.max = MAX_RESOURCES;
    info->version.max = MAX_VERSION_STRINGS;
    info->debug.max = MAX_DEBUG_ENTRIES;
    return info;
}

Image *image_from_pe(Sample *s) {
    Pe pe = {.s = s, .image = image_new(s, FORMAT_PE), .info = info_new(s), .file = s->bytes};
    pe.name_budget = name_budget(s->bytes);
    pe.image->pe = pe.info;
    pe.header_off = bytes_u32_at(s->bytes, PE_LFANEW_OFF);
    read_file_header(&pe);
    read_optional_header(&pe);
    check_alignment(&pe);
    read_sections(&pe);
    if (pe.image->arch == ARCH_OTHER)
        notes_add(&s->notes, NOTE_ARCH_UNSUPPORTED, pe.header_off + 4);
    image_settle_entry(s, pe.image);
    pe_read_imports(&pe);
    pe_read_delay_imports(&pe);
    pe_read_bound_imports(&pe);
    pe_read_exports(&pe);
    pe_read_relocs(&pe);
    pe_read_tls(&pe);
    pe_read_load_config(&pe);
    pe_read_unwind(&pe);
    read_eh_frame(&pe);
    pe_read_symbols(&pe);
    pe_read_resources(&pe);
    pe_read_rich(&pe);
    pe_read_debug(&pe);
    pe_read_cli(&pe);
    pe_read_certificate(&pe);
    pe_read_checksum(&pe);
    pe_read_overlay(&pe);
    image_settle_lists(s, pe.image);
    image_measure_sections(s, pe.image);
    return pe.image;
}
