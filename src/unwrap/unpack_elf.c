/* SPDX-License-Identifier: Apache-2.0
 * unpack_elf.c: an ELF file of what a packed one put into memory. Offsets: System V ABI, chapters 4
 * and 5. */
#include "image/elf_format.h"
#include "unwrap/unpack_inner.h"

enum { MAX_PARTS = 64, HEADER_32 = 52, HEADER_64 = 64, PART_32 = 32, PART_64 = 56 };

typedef struct Part {
    uint32_t type;
    uint64_t off, va, file_size, memory_size;
    uint64_t row; /* where its program header stands */
} Part;

typedef struct Elf {
    bool is_64;
    uint64_t entry, table;
    size_t count;
    Part parts[MAX_PARTS];
} Elf;

static uint64_t word_at(Bytes b, uint64_t off, bool is_64) {
    return is_64 ? bytes_u64_at(b, off) : bytes_u32_at(b, off);
}

/* False when the program headers make no sense. */
static bool read_header(Bytes b, Elf *out) {
    bool is_64 = bytes_u8_at(b, 4) == ELF_CLASS_64;
    size_t row = is_64 ? PART_64 : PART_32;
    *out = (Elf){.is_64 = is_64,
                 .entry = word_at(b, 24, is_64),
                 .table = word_at(b, is_64 ? 32 : 28, is_64),
                 .count = bytes_u16_at(b, is_64 ? 56 : 44)};
    if (b.size < HEADER_64 || memcmp(b.at, "\177ELF", 4) != 0 || out->count == 0 ||
        out->count > MAX_PARTS || bytes_u16_at(b, is_64 ? 54 : 42) != row ||
        !bytes_has(b, out->table, out->count * row))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        uint64_t at = out->table + i * row;
        out->parts[i] = (Part){.type = bytes_u32_at(b, at),
                               .off = word_at(b, at + (is_64 ? 8 : 4), is_64),
                               .va = word_at(b, at + (is_64 ? 16 : 8), is_64),
                               .file_size = word_at(b, at + (is_64 ? 32 : 16), is_64),
                               .memory_size = word_at(b, at + (is_64 ? 40 : 20), is_64),
                               .row = at};
    }
    return true;
}

static bool is_load(const Part *p) { return p->type == ELF_PT_LOAD && p->memory_size; }

/* What the dump holds of [va, va + size), addresses as the header gives them. */
static Bytes memory_of(const Dump *d, uint64_t va, uint64_t size) {
    return bytes_clip(d->memory, va - d->image->base, size);
}

/* Section headers are not loaded: what they say of the packed file is no longer so. */
static void forget_sections(Dump *d, bool is_64) {
    file_out_put(&d->file, is_64 ? 40 : 32, 0, is_64 ? 8 : 4);
    file_out_put(&d->file, is_64 ? 60 : 48, 0, 2);
    file_out_put(&d->file, is_64 ? 62 : 50, 0, 2);
}

/* The stub put the program's own headers where the image begins: its file follows from them. */
static bool make_from_own_headers(Dump *d, const Elf *packed) {
    Elf own;
    if (!read_header(d->memory, &own) || own.is_64 != packed->is_64 || own.entry == packed->entry ||
        own.count == 0)
        return false;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < own.count; i++)
        least = is_load(&own.parts[i]) && own.parts[i].va < least ? own.parts[i].va : least;
    least &= ~(uint64_t)(PAGE_BYTES - 1);
    if (least != d->image->base)
        return false;
    for (size_t i = 0; i < own.count; i++) {
        const Part *part = &own.parts[i];
        if (is_load(part) && part->off <= UNPACK_IMAGE_BYTES)
            file_out_bytes(&d->file, part->off, memory_of(d, part->va, part->file_size));
    }
    forget_sections(d, own.is_64);
    d->out->has_own_headers = true;
    return true;
}

/* The packed file with its parts as they are in memory; a part that has more in memory than the
 * file gave it moves to the end. */
static void make_from_file(Dump *d, const Elf *packed) {
    unsigned word = packed->is_64 ? 8 : 4;
    uint64_t off[MAX_PARTS] = {0}, size[MAX_PARTS] = {0};
    file_out_bytes(&d->file, 0, d->packed);
    for (size_t i = 0; i < packed->count; i++) {
        const Part *part = &packed->parts[i];
        if (!is_load(part) || part->off > UNPACK_IMAGE_BYTES)
            continue;
        Bytes now = memory_of(d, part->va, part->memory_size);
        while (now.size && now.size > part->file_size && now.at[now.size - 1] == 0)
            now.size--;
        off[i] = part->off;
        size[i] = now.size;
        if (now.size > part->file_size)
            off[i] = ((d->file.size + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1)) +
                     (part->va & (PAGE_BYTES - 1));
        file_out_bytes(&d->file, off[i], now);
    }
    /* The headers as the packed file has them, whatever the program did with its memory. */
    bool has_moved = false;
    file_out_bytes(&d->file, 0, bytes_clip(d->packed, 0, packed->is_64 ? HEADER_64 : HEADER_32));
    file_out_bytes(
        &d->file, packed->table,
        bytes_clip(d->packed, packed->table, packed->count * (packed->is_64 ? PART_64 : PART_32)));
    for (size_t i = 0; i < packed->count; i++) {
        const Part *part = &packed->parts[i];
        if (size[i] <= part->file_size)
            continue;
        file_out_put(&d->file, part->row + word, off[i], word);
        file_out_put(&d->file, part->row + (packed->is_64 ? 32 : 16), size[i], word);
        has_moved = true;
    }
    file_out_put(&d->file, 24, d->entry, word);
    if (has_moved)
        forget_sections(d, packed->is_64);
}

void unpack_make_elf(Dump *d) {
    Elf packed;
    if (read_header(d->packed, &packed) && !make_from_own_headers(d, &packed))
        make_from_file(d, &packed);
}
