/* SPDX-License-Identifier: Apache-2.0
 * eh_frame.c: function ranges from call frame information: LSB core specification 10.6 (.eh_frame,
 * .eh_frame_hdr), DWARF 5 section 6.4. Used for ELF and for GCC's 32-bit PE files. */
#include "image/build.h"

#include <string.h>

#include "image/elf_format.h"

/* Augmentations in use have at most six letters. */
enum { MAX_AUGMENTATION = 16 };

typedef struct Frames {
    Sample *s;
    Image *image;
    Bytes bytes; /* of .eh_frame */
    uint64_t va;
    EhFrame where;
    uint64_t cie_off; /* of the last one read, below */
    bool has_cie;
    struct {
        bool is_valid, has_data, is_signal;
        bool is_inside; /* its rules are those of a function's middle */
        uint8_t encoding;
        uint64_t handler_va;
    } cie;
    uint64_t count;
} Frames;

static uint64_t as_signed(uint64_t v, unsigned bits) {
    uint64_t sign = (uint64_t)1 << (bits - 1);
    return (v ^ sign) - sign;
}

/* A pointer in one of the DW_EH_PE encodings; va is that of the cursor's byte 0. */
static uint64_t read_pointer(const Frames *f, Cursor *c, uint64_t va, uint8_t encoding,
                             uint64_t data_va) {
    uint64_t place = va + c->off, v = 0;
    bool is_64 = f->image->bits == 64;
    switch (encoding & 0x0f) {
    case DW_PE_ABSPTR:
        v = cursor_word(c, is_64);
        break;
    case DW_PE_ULEB:
        v = cursor_uleb(c);
        break;
    case DW_PE_SLEB:
        v = (uint64_t)cursor_sleb(c);
        break;
    case DW_PE_UDATA2:
        v = cursor_u16(c);
        break;
    case DW_PE_SDATA2:
        v = as_signed(cursor_u16(c), 16);
        break;
    case DW_PE_UDATA4:
        v = cursor_u32(c);
        break;
    case DW_PE_SDATA4:
        v = as_signed(cursor_u32(c), 32);
        break;
    case DW_PE_UDATA8:
    case DW_PE_SDATA8:
        v = cursor_u64(c);
        break;
    default:
        c->bad = true;
        break;
    }
    uint8_t base = encoding & 0x70;
    if (v != 0 && base == DW_PE_PCREL)
        v += place;
    else if (v != 0 && base == DW_PE_DATAREL)
        v += data_va;
    else if (base != 0)
        c->bad = c->bad || v != 0; /* text- and function-relative: no compiler writes them */
    return is_64 ? v : (uint32_t)v;
}

/* Personality: often behind a pointer that the loader fills; what can be told is kept. */
static uint64_t personality(const Frames *f, Cursor *c, uint64_t va) {
    uint8_t encoding = cursor_u8(c);
    if (encoding == DW_PE_OMIT)
        return 0;
    uint64_t v = read_pointer(f, c, va, encoding & 0x7f, f->where.got_va);
    if (v && encoding & DW_PE_INDIRECT)
        v = image_pointer_at(f->image, v);
    return image_is_code(f->image, v) ? v : 0;
}

/* A part of a function that was split off starts in the middle of its frame, so that the frame's
 * size is another one than at a call. The rules for that stand in its FDE before the first advance,
 * or the assembler has made them a CIE of their own. The PLT's entry looks the same and is no
 * function either. Measured on 40 ELF files with symbols (GCC, clang, rustc): finds 836 of
 * 852 ".cold" parts, and 4 of 58,423 functions, all of which others jump into. */
static bool is_inside(const Frames *f, Cursor c) {
    enum { OFFSET = 2, DEF_CFA = 0x0c, DEF_CFA_OFFSET = 0x0e, GNU_ARGS_SIZE = 0x2e };
    uint64_t at_call = f->image->arch == ARCH_X64 ? 8 : f->image->arch == ARCH_X86 ? 4 : 0;
    uint64_t offset = at_call;
    while (cursor_left(&c) > 0) {
        uint8_t op = cursor_u8(&c);
        if (op == DEF_CFA) {
            (void)cursor_uleb(&c); /* register */
            offset = cursor_uleb(&c);
        } else if (op >> 6 == OFFSET || op == GNU_ARGS_SIZE) {
            (void)cursor_uleb(&c);
        } else if (op == DEF_CFA_OFFSET) {
            offset = cursor_uleb(&c);
        } else {
            break; /* an advance, or what no compiler writes here */
        }
    }
    return offset != at_call;
}

/* `c` stands behind the CIE id of a record that starts at byte 0 of its bytes. */
static void read_cie(Frames *f, Cursor c, uint64_t va) {
    memset(&f->cie, 0, sizeof f->cie);
    uint8_t version = cursor_u8(&c);
    Bytes text = cursor_text(&c, MAX_AUGMENTATION);
    if (version == 4)
        cursor_skip(&c, 2); /* address and segment size */
    (void)cursor_uleb(&c);  /* code alignment */
    (void)cursor_sleb(&c);  /* data alignment */
    if (version == 1)
        (void)cursor_u8(&c); /* return address register */
    else
        (void)cursor_uleb(&c);
    f->cie.encoding = DW_PE_ABSPTR;
    f->cie.has_data = text.size > 0 && text.at[0] == 'z';
    uint64_t data_size = f->cie.has_data ? cursor_uleb(&c) : 0;
    uint64_t rules_off = c.off + data_size;
    bool is_known = version == 1 || version == 3 || version == 4;
    for (size_t i = f->cie.has_data; i < text.size && is_known; i++) {
        char letter = (char)text.at[i];
        if (letter == 'R')
            f->cie.encoding = cursor_u8(&c);
        else if (letter == 'P')
            f->cie.handler_va = personality(f, &c, va);
        else if (letter == 'L')
            (void)cursor_u8(&c);
        else if (letter == 'S')
            f->cie.is_signal = true;
        else if (letter != 'B' && letter != 'G') /* AArch64 keys and tags */
            is_known = false;
    }
    f->cie.is_valid = is_known && !c.bad;
    cursor_seek(&c, rules_off);
    f->cie.is_inside = f->cie.is_valid && is_inside(f, c);
}

/* The record at off: its bytes, with the length field; empty at the end and when it lies. */
static Bytes record_at(const Frames *f, uint64_t off, uint64_t *header) {
    Cursor c = {.bytes = f->bytes, .big = f->image->big_endian};
    cursor_seek(&c, off);
    uint64_t length = cursor_u32(&c);
    *header = 4;
    if (length == 0xffffffff) {
        length = cursor_u64(&c);
        *header = 12;
    }
    if (c.bad || length == 0 || length > f->bytes.size)
        return (Bytes){0};
    return bytes_cut(f->bytes, off, *header + length);
}

static void read_fde(Frames *f, Bytes record, uint64_t va, uint64_t header) {
    Cursor c = {.bytes = record, .off = (size_t)header + 4, .big = f->image->big_endian};
    Range range = {.source = RANGE_EH_FRAME, .handler_va = f->cie.handler_va};
    range.va = read_pointer(f, &c, va, f->cie.encoding & 0x7f, f->where.got_va);
    range.size = read_pointer(f, &c, va, f->cie.encoding & 0x0f, 0);
    if (f->cie.has_data)
        cursor_skip(&c, cursor_uleb(&c));
    if (c.bad) {
        notes_add(&f->s->notes, NOTE_UNWIND_ODD, 0);
        return;
    }
    f->count++;
    if (range.size == 0 || range.va == 0) /* of a section that the linker dropped */
        return;
    if (!image_is_code(f->image, range.va)) {
        notes_add(&f->s->notes, NOTE_UNWIND_ODD, image_off_at(f->image, va));
        return;
    }
    range.is_fragment = !f->cie.is_signal && (f->cie.is_inside || is_inside(f, c));
    image_add_range(f->s, f->image, range);
}

/* One record, CIE or FDE, whose bytes start at off. */
static void read_record(Frames *f, Bytes record, uint64_t off, uint64_t header) {
    Cursor c = {.bytes = record, .off = (size_t)header, .big = f->image->big_endian};
    uint64_t id = cursor_u32(&c), id_off = off + header;
    if (c.bad || id == 0)
        return;
    uint64_t cie_off = id_off - id, cie_header = 0;
    if (id > id_off) {
        notes_add(&f->s->notes, NOTE_UNWIND_ODD, 0);
        return;
    }
    if (!f->has_cie || f->cie_off != cie_off) {
        Bytes cie = record_at(f, cie_off, &cie_header);
        Cursor at = {.bytes = cie, .off = (size_t)cie_header, .big = f->image->big_endian};
        if (cie.size == 0 || cursor_u32(&at) != 0)
            at.bad = true;
        read_cie(f, at, f->va + cie_off);
        f->cie_off = cie_off;
        f->has_cie = true;
    }
    if (f->cie.is_valid)
        read_fde(f, record, f->va + off, header);
    else
        notes_add(&f->s->notes, NOTE_UNWIND_ODD, 0);
}

static void walk_records(Frames *f) {
    uint64_t off = 0, header = 0;
    while (off + 4 <= f->bytes.size && !f->image->ranges.full && f->count < MAX_RANGES) {
        Bytes record = record_at(f, off, &header);
        if (record.size == 0)
            break;
        read_record(f, record, off, header);
        off += record.size;
    }
}

/* The sorted table of the header names FDEs that the walk may have missed (a zero length in the
 * middle, as startup files of some C libraries leave). */
static void walk_table(Frames *f, Cursor c, uint8_t encoding, uint64_t count) {
    uint64_t header_va = f->where.header_va, header = 0;
    for (uint64_t i = 0; i < count && !c.bad && f->count < 2 * (uint64_t)MAX_RANGES; i++) {
        (void)read_pointer(f, &c, header_va, encoding, header_va);
        uint64_t va = read_pointer(f, &c, header_va, encoding, header_va);
        if (c.bad || va < f->va || va - f->va >= f->bytes.size) {
            notes_add(&f->s->notes, NOTE_UNWIND_ODD, 0);
            return;
        }
        Bytes record = record_at(f, va - f->va, &header);
        if (record.size)
            read_record(f, record, va - f->va, header);
    }
}

/* Static programs have no header for it, and without sections only the first CIE's own looks tell
 * where the frames are: a small length, id 0, version 1, an augmentation with data. */
static uint64_t find_first_cie(const Image *image) {
    enum { LEAST = 12, MOST = 64 };
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *seg = &image->segments.at[i];
        if (seg->perms & PERM_W)
            continue;
        for (size_t off = (0 - seg->va) & 3; off + MOST <= seg->file.size; off += 4) {
            const uint8_t *at = seg->file.at + off;
            if (at[8] != 1 || at[9] != 'z' || (at[10] != 'R' && at[10] != 'P'))
                continue;
            Cursor c = {.bytes = seg->file, .off = off, .big = image->big_endian};
            uint32_t length = cursor_u32(&c), id = cursor_u32(&c);
            if (id == 0 && length >= LEAST && length <= MOST && length % 4 == 0)
                return seg->va + off;
        }
    }
    return 0;
}

void eh_frame_read(Sample *s, Image *image, EhFrame where) {
    Frames f = {.s = s, .image = image, .where = where, .va = where.frame_va};
    Cursor c = {.bytes = image_bytes_at(image, where.header_va), .big = image->big_endian};
    uint64_t table_count = 0;
    uint8_t table_encoding = DW_PE_OMIT;
    if (where.header_va && c.bytes.size) {
        uint8_t version = cursor_u8(&c), frame_encoding = cursor_u8(&c);
        uint8_t count_encoding = cursor_u8(&c);
        table_encoding = cursor_u8(&c);
        uint64_t frame_va = read_pointer(&f, &c, where.header_va, frame_encoding, where.header_va);
        if (count_encoding != DW_PE_OMIT)
            table_count = read_pointer(&f, &c, where.header_va, count_encoding, where.header_va);
        if (version != 1 || c.bad || image_bytes_at(image, frame_va).size == 0)
            notes_add(&s->notes, NOTE_UNWIND_ODD, 0);
        else if (f.va != frame_va) {
            f.va = frame_va;
            f.where.frame_size = 0;
        }
    }
    if (f.va == 0 && where.may_search)
        f.va = find_first_cie(image);
    f.bytes = image_bytes_at(image, f.va);
    if (f.va == 0 || f.bytes.size == 0)
        return;
    if (f.where.frame_size)
        f.bytes = bytes_clip(f.bytes, 0, f.where.frame_size);
    walk_records(&f);
    if (table_encoding != DW_PE_OMIT && f.count < table_count)
        walk_table(&f, c, table_encoding, table_count);
    if (image->ranges.full)
        notes_add(&s->notes, NOTE_TOO_MANY, 0);
}
