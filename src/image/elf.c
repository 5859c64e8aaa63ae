/* SPDX-License-Identifier: Apache-2.0
 * elf.c: ELF header, program and section headers, and the order of things. The program headers are
 * what the system loads; section headers are believed only about themselves. */
#include "image/elf.h"

#include <string.h>

enum { OBJECT_BASE = 0x10000 }; /* where relocatable objects are laid out; any place does */

bool elf_is_elf(Bytes b) { return bytes_u32_at(b, 0) == ELF_MAGIC && b.size >= 16; }

static void set_machine(Image *image, const ElfInfo *info, bool is_64) {
    image->bits = is_64 ? 64 : 32;
    switch (info->machine) {
    case ELF_MACHINE_386:
        image->arch = ARCH_X86;
        break;
    case ELF_MACHINE_X64: /* also x32: 64-bit code with 32-bit pointers */
        image->arch = ARCH_X64;
        break;
    case ELF_MACHINE_ARM:
        image->arch = ARCH_ARM;
        break;
    case ELF_MACHINE_ARM64:
        image->arch = ARCH_ARM64;
        break;
    case ELF_MACHINE_MIPS:
        image->arch = ARCH_MIPS;
        break;
    case ELF_MACHINE_PPC:
    case ELF_MACHINE_PPC64:
        image->arch = ARCH_PPC;
        break;
    case ELF_MACHINE_RISCV:
        image->arch = ARCH_RISCV;
        break;
    default:
        image->arch = ARCH_OTHER;
        break;
    }
}

static ElfPart read_program_header(const Elf *elf, uint64_t off) {
    Cursor c = elf_cursor(elf, elf->file);
    cursor_seek(&c, off);
    ElfPart p = {.type = cursor_u32(&c)};
    if (elf->is_64)
        p.flags = cursor_u32(&c);
    p.off = cursor_word(&c, elf->is_64);
    p.va = cursor_word(&c, elf->is_64);
    (void)cursor_word(&c, elf->is_64); /* physical address */
    p.size = cursor_word(&c, elf->is_64);
    p.va_size = cursor_word(&c, elf->is_64);
    if (!elf->is_64)
        p.flags = cursor_u32(&c);
    p.align = cursor_word(&c, elf->is_64);
    if (c.bad)
        memset(&p, 0, sizeof p);
    return p;
}

static ElfPart read_section_header(const Elf *elf, uint64_t off) {
    Cursor c = elf_cursor(elf, elf->file);
    cursor_seek(&c, off);
    ElfPart p = {.name = cursor_u32(&c)};
    p.type = cursor_u32(&c);
    p.flags = cursor_word(&c, elf->is_64);
    p.va = cursor_word(&c, elf->is_64);
    p.off = cursor_word(&c, elf->is_64);
    p.size = p.va_size = cursor_word(&c, elf->is_64);
    p.link = cursor_u32(&c);
    p.info = cursor_u32(&c);
    p.align = cursor_word(&c, elf->is_64);
    p.item_bytes = cursor_word(&c, elf->is_64);
    if (c.bad)
        memset(&p, 0, sizeof p);
    return p;
}

/* How many headers of a table lie in the file. */
static uint32_t table_count(Elf *elf, uint64_t off, uint64_t count, uint64_t bytes, uint64_t least,
                            uint32_t max) {
    if (count == 0 || off == 0)
        return 0;
    if (bytes < least || off >= elf->file.size) {
        notes_add(&elf->s->notes, NOTE_HEADER_ODD, off);
        return 0;
    }
    uint64_t most = (elf->file.size - off) / bytes;
    if (count > most) {
        notes_add(&elf->s->notes, NOTE_HEADER_TRUNCATED, off);
        count = most;
    }
    if (count > max) {
        notes_add(&elf->s->notes, NOTE_TOO_MANY, off);
        count = max;
    }
    return (uint32_t)count;
}

static void read_tables(Elf *elf, uint64_t segments_off, uint64_t sections_off, uint32_t segments,
                        uint32_t sections, uint32_t *names) {
    unsigned least_segment = elf->is_64 ? 56 : 32, least_section = elf->is_64 ? 64 : 40;
    /* Counts that do not fit in 16 bits stand in section header 0 (gabi, "e_shnum"). */
    ElfPart zero = read_section_header(elf, sections_off);
    if (segments == ELF_PN_XNUM && sections_off)
        segments = zero.info;
    uint64_t section_count = sections == 0 && sections_off ? zero.size : sections;
    if (*names == ELF_SHN_XINDEX)
        *names = zero.link;
    uint32_t n =
        table_count(elf, segments_off, segments, elf->segment_bytes, least_segment, MAX_SEGMENTS);
    elf->segments = ARENA_ARRAY(elf->s->scratch, ElfPart, n);
    for (uint32_t i = 0; i < n; i++)
        elf->segments[i] =
            read_program_header(elf, segments_off + (uint64_t)i * elf->segment_bytes);
    elf->segment_count = n;
    n = table_count(elf, sections_off, section_count, elf->section_bytes, least_section,
                    MAX_ELF_SECTIONS);
    elf->sections = ARENA_ARRAY(elf->s->scratch, ElfPart, n);
    for (uint32_t i = 0; i < n; i++)
        elf->sections[i] =
            read_section_header(elf, sections_off + (uint64_t)i * elf->section_bytes);
    elf->section_count = n;
}

/* ELF header; returns the section that holds the section names. */
static uint32_t read_header(Elf *elf) {
    ElfInfo *info = elf->info;
    elf->is_64 = bytes_u8_at(elf->file, 4) == ELF_CLASS_64;
    elf->big = bytes_u8_at(elf->file, 5) == ELF_DATA_BIG;
    elf->image->big_endian = elf->big;
    info->osabi = bytes_u8_at(elf->file, 7);
    Cursor c = elf_cursor(elf, elf->file);
    cursor_seek(&c, 16);
    info->type = cursor_u16(&c);
    info->machine = cursor_u16(&c);
    (void)cursor_u32(&c); /* version */
    elf->entry = cursor_word(&c, elf->is_64);
    uint64_t segments_off = cursor_word(&c, elf->is_64);
    uint64_t sections_off = cursor_word(&c, elf->is_64);
    info->flags = cursor_u32(&c);
    (void)cursor_u16(&c); /* header size */
    elf->segment_bytes = cursor_u16(&c);
    uint32_t segments = cursor_u16(&c);
    elf->section_bytes = cursor_u16(&c);
    uint32_t sections = cursor_u16(&c);
    uint32_t names = cursor_u16(&c);
    if (c.bad)
        notes_add(&elf->s->notes, NOTE_HEADER_TRUNCATED, elf->file.size);
    set_machine(elf->image, info, elf->is_64);
    read_tables(elf, segments_off, sections_off, segments, sections, &names);
    return names;
}

const char *elf_section_name(const Elf *elf, const ElfPart *part) {
    return part->name < elf->names.size
               ? text_in(bytes_clip(elf->names, part->name, MAX_NAME_BYTES))
               : NULL;
}

const ElfPart *elf_find_section(const Elf *elf, const char *name) {
    for (uint32_t i = 0; i < elf->section_count; i++) {
        const char *is = elf_section_name(elf, &elf->sections[i]);
        if (is && strcmp(is, name) == 0)
            return &elf->sections[i];
    }
    return NULL;
}

Bytes elf_section_bytes(const Elf *elf, const ElfPart *part) {
    return bytes_clip(elf->file, part->off, part->type == ELF_SHT_NOBITS ? 0 : part->size);
}

static void add_segments(Elf *elf) {
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const ElfPart *p = &elf->segments[i];
        if (p->type != ELF_PT_LOAD)
            continue;
        uint64_t in_file = p->size < p->va_size ? p->size : p->va_size;
        Segment seg = {.va = p->va,
                       .va_size = p->va_size,
                       .off = p->off,
                       .file = bytes_clip(elf->file, p->off, in_file),
                       .perms = (uint8_t)(p->flags & (PERM_R | PERM_W | PERM_X))};
        if (seg.file.size < in_file)
            notes_add(&elf->s->notes, NOTE_SECTION_PAST_END, p->off);
        if (p->size > p->va_size)
            notes_add(&elf->s->notes, NOTE_HEADER_ODD, p->off);
        /* The loader maps pages: file place and address must agree modulo the page (gabi 5). */
        if ((p->va - p->off) % 4096 != 0 && elf->info->type != ELF_TYPE_CORE)
            notes_add(&elf->s->notes, NOTE_ALIGNMENT_ODD, p->off);
        if ((seg.perms & (PERM_W | PERM_X)) == (PERM_W | PERM_X))
            notes_add(&elf->s->notes, NOTE_WRITABLE_CODE, p->off);
        image_add_segment(elf->s, elf->image, seg);
    }
}

static uint8_t section_perms(uint64_t flags) {
    return (uint8_t)((flags & ELF_SHF_ALLOC ? PERM_R : 0) | (flags & ELF_SHF_WRITE ? PERM_W : 0) |
                     (flags & ELF_SHF_EXEC ? PERM_X : 0));
}

/* Relocatable objects have no addresses yet: allocated sections are laid out one after the other.
 * Without program headers the sections of any other file are mapped where they say. */
static void map_sections(Elf *elf) {
    bool is_object = elf->info->type == ELF_TYPE_REL;
    uint64_t next = OBJECT_BASE;
    for (uint32_t i = 0; i < elf->section_count; i++) {
        const ElfPart *p = &elf->sections[i];
        if (!(p->flags & ELF_SHF_ALLOC) || (p->flags & ELF_SHF_TLS && p->type == ELF_SHT_NOBITS))
            continue;
        uint64_t align = p->align > 1 && p->align <= 65536 ? p->align : 16;
        uint64_t va = is_object ? align_up(next, align) : p->va;
        if (is_object && (p->va_size > ((uint64_t)1 << 40)))
            continue; /* noted with the sections */
        elf->section_va[i] = va;
        Segment seg = {.va = va,
                       .va_size = p->va_size,
                       .off = p->off,
                       .file = elf_section_bytes(elf, p),
                       .perms = section_perms(p->flags)};
        image_add_segment(elf->s, elf->image, seg);
        next = va + p->va_size;
    }
}

static void list_sections(Elf *elf) {
    if (elf->section_count == 0)
        notes_add(&elf->s->notes, NOTE_SECTIONS_MISSING, 0);
    for (uint32_t i = 1; i < elf->section_count; i++) { /* 0 is the null section */
        const ElfPart *p = &elf->sections[i];
        const char *name = elf_section_name(elf, p);
        Section *section = VEC_ADD(elf->s->arena, &elf->image->sections);
        if (!section) {
            notes_add(&elf->s->notes, NOTE_TOO_MANY, p->off);
            return;
        }
        Bytes data = elf_section_bytes(elf, p);
        *section = (Section){.name = name ? name : "",
                             .va = elf->section_va[i],
                             .va_size = p->flags & ELF_SHF_ALLOC ? p->va_size : 0,
                             .off = p->off,
                             .size = data.size,
                             .perms = section_perms(p->flags)};
        if (p->type != ELF_SHT_NOBITS && data.size < p->size)
            notes_add(&elf->s->notes, NOTE_SECTION_PAST_END, p->off);
        if (p->flags & ELF_SHF_COMPRESSED)
            notes_add(&elf->s->notes, NOTE_COMPRESSED_DEBUG, p->off);
    }
}

/* Call frame information by the loader's header, else by the section. */
static void read_unwind(Elf *elf) {
    EhFrame where = {.got_va = elf->dynamic.got_va, .may_search = elf->section_count == 0};
    for (uint32_t i = 0; i < elf->segment_count; i++)
        if (elf->segments[i].type == ELF_PT_GNU_EH_FRAME)
            where.header_va = elf->segments[i].va;
    const ElfPart *section = elf_find_section(elf, ".eh_frame");
    if (section && section->type != ELF_SHT_NOBITS &&
        image_off_at(elf->image, section->va) == section->off) {
        where.frame_va = section->va;
        where.frame_size = section->size;
    }
    if (elf->info->type != ELF_TYPE_REL)
        eh_frame_read(elf->s, elf->image, where);
}

/* What lies past everything that a header speaks of. */
static void read_overlay(Elf *elf, uint64_t end) {
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const ElfPart *p = &elf->segments[i];
        uint64_t stop = p->off + bytes_clip(elf->file, p->off, p->size).size;
        end = stop > end ? stop : end;
    }
    for (uint32_t i = 0; i < elf->section_count; i++) {
        Bytes data = elf_section_bytes(elf, &elf->sections[i]);
        uint64_t stop = data.size ? elf->sections[i].off + data.size : 0;
        end = stop > end ? stop : end;
    }
    if (end >= elf->file.size || end == 0)
        return;
    elf->image->overlay_off = end;
    elf->image->overlay_size = elf->file.size - end;
    notes_add(&elf->s->notes, NOTE_OVERLAY, end);
}

/* Ends of the header tables, which belong to no segment when they stand last. */
static uint64_t tables_end(const Elf *elf) {
    uint64_t at[2] = {elf_word_at(elf, elf->file, elf->is_64 ? 32 : 28),
                      elf_word_at(elf, elf->file, elf->is_64 ? 40 : 32)};
    uint64_t size[2] = {(uint64_t)elf->segment_count * elf->segment_bytes,
                        (uint64_t)elf->section_count * elf->section_bytes};
    uint64_t end = elf->is_64 ? 64 : 52;
    for (int i = 0; i < 2; i++)
        if (size[i] && at[i] + size[i] > end && at[i] < elf->file.size)
            end = at[i] + size[i];
    return end;
}

static void settle_kind(Elf *elf) {
    Image *image = elf->image;
    ElfInfo *info = elf->info;
    bool is_dyn = info->type == ELF_TYPE_DYN;
    bool is_pie = (elf->dynamic.flags_1 & ELF_DF_1_PIE) != 0;
    /* libc.so has an interpreter, too, but a name of its own. */
    image->is_library = is_dyn && !is_pie && (!info->interpreter || info->soname);
    image->is_position_independent = is_dyn || info->type == ELF_TYPE_REL;
    info->got_va = elf->dynamic.got_va;
    info->is_static = !info->interpreter && info->needed.count == 0;
    image->base = image->segments.count ? image->segments.at[0].va : 0;
    image->has_entry = elf->entry != 0 && info->type != ELF_TYPE_REL && info->type != ELF_TYPE_CORE;
    image->entry = image_code_va(elf->s, image, elf->entry);
    image_settle_entry(elf->s, image);
}

static Elf elf_new(Sample *s) {
    Elf elf = {.s = s, .image = image_new(s, FORMAT_ELF), .file = s->bytes};
    elf.name_budget = name_budget(s->bytes);
    elf.info = ARENA_NEW(s->arena, ElfInfo);
    elf.info->needed.max = elf.info->comments.max = MAX_ELF_ENTRIES;
    elf.image->segments.max = MAX_ELF_SECTIONS;
    elf.image->sections.max = MAX_ELF_SECTIONS;
    elf.image->elf = elf.info;
    return elf;
}

Image *image_from_elf(Sample *s) {
    ArenaMark mark = arena_mark(s->scratch);
    Elf elf = elf_new(s);
    uint32_t names = read_header(&elf);
    if (names < elf.section_count)
        elf.names = elf_section_bytes(&elf, &elf.sections[names]);
    elf.section_va = ARENA_ARRAY(s->scratch, uint64_t, elf.section_count + 1);
    for (uint32_t i = 0; i < elf.section_count; i++)
        elf.section_va[i] = elf.sections[i].va;
    add_segments(&elf);
    if (elf.image->segments.count == 0)
        map_sections(&elf);
    image_settle_segments(s, elf.image);
    list_sections(&elf);
    if (elf.image->arch == ARCH_OTHER)
        notes_add(&s->notes, NOTE_ARCH_UNSUPPORTED, 18);
    elf_read_notes(&elf);
    elf_read_dynamic(&elf);
    settle_kind(&elf);
    elf_read_dynamic_symbols(&elf);
    elf_read_relocs(&elf);
    elf_read_mips_got(&elf);
    elf_read_symbols(&elf);
    if (elf.info->type == ELF_TYPE_REL)
        elf_read_object(&elf);
    image_settle_lists(s, elf.image);
    elf_read_stubs(&elf);
    elf_read_init(&elf);
    read_unwind(&elf);
    elf_read_exidx(&elf);
    read_overlay(&elf, tables_end(&elf));
    image_settle_lists(s, elf.image);
    image_measure_sections(s, elf.image);
    arena_reset(s->scratch, mark);
    return elf.image;
}
