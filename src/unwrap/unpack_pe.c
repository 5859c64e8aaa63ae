/* SPDX-License-Identifier: Apache-2.0
 * unpack_pe.c: a PE file of what a packed one put into memory. Offsets: PE specification 2.3 to 4.
 *
 * Packers that can undo their work keep the program's own headers (UPX: behind the last byte that
 * it unpacks). When they are found in memory, sections and directories are as they were; without
 * them the sections are the packed file's. Exports, resources and thread-local storage stay where
 * the packer has put them for the loader. Imports are what the stub looked up. */
#include "base/text.h"
#include "image/pe_format.h"
#include "unwrap/unpack_inner.h"

enum {
    MAX_UNPACKED_SECTIONS = 64,
    FILE_ALIGNMENT = 0x200,
    SECTION_ALIGNMENT = 0x1000,
    FILE_HEADER = 4,     /* behind the signature */
    OPTIONAL_HEADER = 24 /* behind the signature */
};

typedef struct Part {
    char name[9];
    uint32_t va, size, flags; /* va: from the base */
    Bytes bytes;
} Part;

typedef struct Make {
    Dump *d;
    bool is_64;
    uint32_t lfanew;
    Bytes packed;  /* headers of the packed file from its signature on */
    Bytes headers; /* those that are used: the program's own, or the same */
    Part parts[MAX_UNPACKED_SECTIONS];
    size_t count;
    uint32_t import_va, import_size;
} Make;

static uint32_t optional_size(Bytes headers) { return bytes_u16_at(headers, FILE_HEADER + 16); }

static uint64_t directory_off(const Make *m, unsigned index) {
    return OPTIONAL_HEADER + (m->is_64 ? 112u : 96u) + 8u * index;
}

static uint64_t base_of(Bytes headers, bool is_64) {
    return is_64 ? bytes_u64_at(headers, OPTIONAL_HEADER + 24)
                 : bytes_u32_at(headers, OPTIONAL_HEADER + 28);
}

static uint32_t up(uint64_t size, uint32_t to) { return (uint32_t)((size + to - 1) / to * to); }

/* ---- The headers ---- */

/* Headers of the same program (base and time are as in the packed file) with a section table that
 * fits the image. */
static bool are_headers(const Make *m, Bytes h) {
    uint16_t sections = bytes_u16_at(h, FILE_HEADER + 2);
    uint32_t table = OPTIONAL_HEADER + optional_size(h);
    if (bytes_u32_at(h, 0) != PE_SIGNATURE ||
        bytes_u16_at(h, FILE_HEADER) != bytes_u16_at(m->packed, FILE_HEADER) ||
        bytes_u16_at(h, OPTIONAL_HEADER) != (m->is_64 ? PE_MAGIC_64 : PE_MAGIC_32) ||
        optional_size(h) < directory_off(m, PE_DIRECTORIES) - OPTIONAL_HEADER || sections == 0 ||
        sections > MAX_UNPACKED_SECTIONS / 2 ||
        bytes_u32_at(h, FILE_HEADER + 4) != bytes_u32_at(m->packed, FILE_HEADER + 4) ||
        bytes_u32_at(h, OPTIONAL_HEADER + 16) >= m->d->memory.size ||
        base_of(h, m->is_64) != base_of(m->packed, m->is_64) ||
        !bytes_has(h, table, (uint64_t)sections * PE_SECTION_BYTES))
        return false;
    uint64_t before = 0;
    for (unsigned i = 0; i < sections; i++) {
        uint64_t va = bytes_u32_at(h, table + i * PE_SECTION_BYTES + 12);
        uint64_t size = bytes_u32_at(h, table + i * PE_SECTION_BYTES + 8);
        if (va < before || va > m->d->memory.size || size > m->d->memory.size - va)
            return false;
        before = va + size;
    }
    return true;
}

static void find_own_headers(Make *m) {
    Bytes memory = m->d->memory;
    m->headers = m->packed;
    for (size_t at = SECTION_ALIGNMENT; at + OPTIONAL_HEADER < memory.size; at++) {
        const uint8_t *p = memchr(memory.at + at, 'P', memory.size - at);
        if (!p)
            return;
        at = (size_t)(p - memory.at);
        Bytes headers = bytes_clip(memory, at, UINT64_MAX);
        if (bytes_u32_at(headers, 0) == PE_SIGNATURE && are_headers(m, headers)) {
            m->headers = headers;
            m->d->out->has_own_headers = true;
            /* Stubs call the functions for thread-local storage before the entry point. */
            m->d->entry = m->d->image->base + bytes_u32_at(headers, OPTIONAL_HEADER + 16);
            return;
        }
    }
}

/* ---- Sections ---- */

static bool overlaps(const Make *m, uint32_t va, uint32_t size) {
    for (size_t i = 0; i < m->count; i++)
        if (m->parts[i].va < va + size && va < m->parts[i].va + up(m->parts[i].size, 1))
            return true;
    return false;
}

static void add_part(Make *m, const char *name, uint32_t va, uint32_t size, uint32_t flags) {
    if (m->count >= MAX_UNPACKED_SECTIONS || size == 0)
        return;
    Part *part = &m->parts[m->count++];
    *part = (Part){.va = va, .size = size, .flags = flags};
    size_t n = strnlen(name, 8);
    memcpy(part->name, name, n);
    part->bytes = bytes_clip(m->d->memory, va, size);
    while (part->bytes.size && part->bytes.at[part->bytes.size - 1] == 0)
        part->bytes.size--;
}

static void add_sections(Make *m, Bytes headers, bool is_own) {
    uint32_t table = OPTIONAL_HEADER + optional_size(headers);
    uint32_t entry = (uint32_t)(m->d->entry - m->d->image->base);
    unsigned count = bytes_u16_at(headers, FILE_HEADER + 2);
    for (unsigned i = 0; i < count && i < MAX_UNPACKED_SECTIONS / 2; i++) {
        Bytes row = bytes_cut(headers, table + i * PE_SECTION_BYTES, PE_SECTION_BYTES);
        uint32_t va = bytes_u32_at(row, 12), size = bytes_u32_at(row, 8);
        uint32_t flags = bytes_u32_at(row, 36);
        if (!row.size || va >= m->d->memory.size || (!is_own && overlaps(m, va, size)))
            continue;
        /* What has been unpacked is not written again, and what is left of the packed file does
         * not run. */
        if (!is_own && va <= entry && entry - va < size)
            flags = (flags | PE_SCN_MEM_EXECUTE) & ~PE_SCN_MEM_WRITE;
        else if (!is_own && m->d->out->has_own_headers)
            flags &= ~(PE_SCN_MEM_EXECUTE | PE_SCN_MEM_WRITE);
        char name[9] = {0};
        if (is_own)
            memcpy(name, row.at, 8);
        add_part(m, name, va, size, flags);
    }
}

/* ---- Imports ---- */

typedef struct Slot {
    uint32_t va; /* from the base */
    const ProcessLookup *lookup;
} Slot;

typedef VEC(Slot) SlotVec;

static uint64_t word_at(const Make *m, uint64_t off) {
    return m->is_64 ? bytes_u64_at(m->d->memory, off) : bytes_u32_at(m->d->memory, off);
}

/* The packed file's own imports, which the program shares unless it has headers of its own. */
static void add_own_lookups(Make *m) {
    Dump *d = m->d;
    size_t n = d->lookup_count, room = n + d->image->imports.count;
    ProcessLookup *all = ARENA_ARRAY(d->arena, ProcessLookup, room + 1);
    if (n)
        memcpy(all, d->lookups, n * sizeof *all);
    for (size_t i = 0; i < d->image->imports.count; i++) {
        const Import *import = &d->image->imports.at[i];
        if (!import->slot_va || import->kind != IMPORT_NORMAL)
            continue;
        Text ordinal = text_new(16);
        text_addf(&ordinal, "#%u", (unsigned)(uint16_t)import->ordinal);
        const char *name = import->name[0] ? import->name : text_str(&ordinal);
        all[n++] = (ProcessLookup){
            import->module, arena_text(d->arena, (Bytes){(const uint8_t *)name, strlen(name)}),
            word_at(m, import->slot_va - d->image->base)};
        text_free(&ordinal);
    }
    d->lookups = all;
    d->lookup_count = n;
}

/* The stub's own slots hold the same functions. */
static bool is_own_slot(const Make *m, uint64_t va) {
    for (size_t i = 0; m->d->out->has_own_headers && i < m->d->image->imports.count; i++)
        if (m->d->image->imports.at[i].slot_va == va)
            return true;
    return false;
}

/* Words of the memory that are what a lookup gave. */
static SlotVec find_slots(Make *m) {
    Dump *d = m->d;
    SlotVec slots = {.max = MAX_IMPORTS};
    if (d->lookup_count && !d->out->has_own_headers)
        add_own_lookups(m);
    Map known = map_new(d->arena, 2 * d->lookup_count + 16);
    for (size_t i = 0; i < d->lookup_count; i++)
        map_put(&known, d->lookups[i].va, i + 1);
    unsigned word = m->is_64 ? 8 : 4;
    for (size_t at = 0; d->lookup_count && at + word <= d->memory.size; at += word) {
        uint64_t value = word_at(m, at);
        const uint64_t *index = value ? map_find(&known, value) : NULL;
        bool is_slot = index && !is_own_slot(m, d->image->base + at);
        Slot *slot = is_slot ? VEC_ADD(d->arena, &slots) : NULL;
        if (slot)
            *slot = (Slot){(uint32_t)at, &d->lookups[*index - 1]};
    }
    return slots;
}

static uint64_t put_text(FileOut *f, const char *text) {
    uint64_t at = f->size;
    file_out_bytes(f, at, (Bytes){(const uint8_t *)text, strlen(text) + 1});
    file_out_grow(f, (f->size + 1) & ~(size_t)1);
    return at;
}

/* What a thunk says: a name with a hint before it, or an ordinal. */
static uint64_t put_name(FileOut *f, uint32_t va, const Make *m, const char *name) {
    if (name[0] == '#') {
        uint64_t ordinal = 0;
        for (const char *c = name + 1; *c >= '0' && *c <= '9'; c++)
            ordinal = 10 * ordinal + (uint64_t)(*c - '0');
        return (ordinal & 0xffff) | (uint64_t)1 << (m->is_64 ? 63 : 31);
    }
    uint64_t at = f->size;
    file_out_put(f, at, 0, 2);
    put_text(f, name);
    return va + at;
}

/* A descriptor for each run of slots of one module, specification 6.4. */
static Bytes make_imports(Make *m, const SlotVec *slots, uint32_t va) {
    enum { DESCRIPTOR = 20 };
    FileOut f = {.arena = m->d->arena};
    unsigned word = m->is_64 ? 8 : 4;
    size_t runs = 0;
    for (size_t i = 0; i < slots->count; i++)
        runs += i == 0 || slots->at[i].va != slots->at[i - 1].va + word ||
                strcmp(slots->at[i].lookup->module, slots->at[i - 1].lookup->module) != 0;
    file_out_grow(&f, DESCRIPTOR * (runs + 1));
    m->import_size = (uint32_t)f.size;
    for (size_t i = 0, run = 0; i < slots->count; run++) {
        size_t end = i + 1;
        while (end < slots->count && slots->at[end].va == slots->at[end - 1].va + word &&
               strcmp(slots->at[end].lookup->module, slots->at[i].lookup->module) == 0)
            end++;
        uint64_t table = (f.size + 7) & ~(size_t)7;
        file_out_grow(&f, table + word * (end - i + 1));
        file_out_put(&f, DESCRIPTOR * run, va + table, 4);
        file_out_put(&f, DESCRIPTOR * run + 12, va + put_text(&f, slots->at[i].lookup->module), 4);
        file_out_put(&f, DESCRIPTOR * run + 16, slots->at[i].va, 4);
        for (size_t k = i; k < end; k++)
            file_out_put(&f, table + word * (k - i), put_name(&f, va, m, slots->at[k].lookup->name),
                         word);
        i = end;
    }
    return (Bytes){f.at, f.size};
}

static void add_imports(Make *m) {
    SlotVec slots = find_slots(m);
    m->d->out->imports = slots.count;
    if (!slots.count || m->count >= MAX_UNPACKED_SECTIONS)
        return;
    uint32_t va = SECTION_ALIGNMENT;
    for (size_t i = 0; i < m->count; i++)
        if (m->parts[i].va + m->parts[i].size > va)
            va = m->parts[i].va + m->parts[i].size;
    va = up(va, SECTION_ALIGNMENT);
    Part *part = &m->parts[m->count++];
    *part = (Part){.va = va, .flags = PE_SCN_MEM_READ};
    part->bytes = make_imports(m, &slots, va);
    part->size = (uint32_t)part->bytes.size;
    m->import_va = va;
}

/* ---- The file ---- */

static void put_directories(const Make *m, FileOut *f) {
    /* What a packer moves for the loader: the packed file's. What only the program's own headers
     * say: theirs. */
    static const uint8_t moved[] = {PE_DIR_EXPORT, PE_DIR_RESOURCE, PE_DIR_TLS, PE_DIR_LOAD_CONFIG};
    static const uint8_t gone[] = {PE_DIR_CERTIFICATE, PE_DIR_RELOC, PE_DIR_BOUND_IMPORT,
                                   PE_DIR_DELAY_IMPORT};
    for (size_t i = 0; i < sizeof moved; i++)
        file_out_put(f, m->lfanew + directory_off(m, moved[i]),
                     bytes_u64_at(m->packed, directory_off(m, moved[i])), 8);
    for (size_t i = 0; i < sizeof gone; i++)
        file_out_put(f, m->lfanew + directory_off(m, gone[i]), 0, 8);
    if (m->import_va)
        file_out_put(f, m->lfanew + directory_off(m, PE_DIR_IMPORT),
                     m->import_va | (uint64_t)m->import_size << 32, 8);
    else if (m->d->out->has_own_headers)
        file_out_put(f, m->lfanew + directory_off(m, PE_DIR_IMPORT), 0, 8);
}

static void sort_parts(Make *m) {
    for (size_t i = 1; i < m->count; i++) {
        Part part = m->parts[i];
        size_t k = i;
        for (; k > 0 && m->parts[k - 1].va > part.va; k--)
            m->parts[k] = m->parts[k - 1];
        m->parts[k] = part;
    }
}

static void put_headers(const Make *m, FileOut *f, uint32_t table, uint32_t headers_end) {
    uint32_t at = m->lfanew, image_size = SECTION_ALIGNMENT;
    file_out_bytes(f, 0, bytes_clip(m->d->packed, 0, m->lfanew));
    file_out_bytes(f, at, bytes_clip(m->headers, 0, OPTIONAL_HEADER + optional_size(m->headers)));
    for (size_t i = 0; i < m->count; i++)
        image_size = up((uint64_t)m->parts[i].va + m->parts[i].size, SECTION_ALIGNMENT);
    file_out_put(f, at + FILE_HEADER + 2, m->count, 2);
    file_out_put(f, at + FILE_HEADER + 8, 0, 8); /* no symbols */
    file_out_put(f, at + OPTIONAL_HEADER + 16, m->d->entry - m->d->image->base, 4);
    file_out_put(f, at + OPTIONAL_HEADER + 36, FILE_ALIGNMENT, 4);
    file_out_put(f, at + OPTIONAL_HEADER + 56, image_size, 4);
    file_out_put(f, at + OPTIONAL_HEADER + 60, headers_end, 4);
    file_out_put(f, at + OPTIONAL_HEADER + 64, 0, 4); /* checksum */
    put_directories(m, f);
    uint32_t off = headers_end;
    for (size_t i = 0; i < m->count; i++) {
        const Part *part = &m->parts[i];
        uint32_t row = table + (uint32_t)i * PE_SECTION_BYTES;
        uint32_t size = up(part->bytes.size, FILE_ALIGNMENT);
        file_out_grow(f, row + PE_SECTION_BYTES);
        file_out_bytes(f, row, (Bytes){(const uint8_t *)part->name, 8});
        file_out_put(f, row + 8, part->size, 4);
        file_out_put(f, row + 12, part->va, 4);
        file_out_put(f, row + 16, size, 4);
        file_out_put(f, row + 20, size ? off : 0, 4);
        file_out_put(f, row + 36, part->flags, 4);
        off += size;
    }
}

static void put_file(const Make *m) {
    uint32_t table = m->lfanew + OPTIONAL_HEADER + optional_size(m->headers);
    uint32_t headers_end = up((uint64_t)table + m->count * PE_SECTION_BYTES, FILE_ALIGNMENT);
    if (m->count == 0 || headers_end > m->parts[0].va)
        return;
    FileOut f = {.arena = m->d->arena};
    put_headers(m, &f, table, headers_end);
    file_out_grow(&f, headers_end);
    for (size_t i = 0; i < m->count; i++) {
        size_t at = f.size;
        file_out_bytes(&f, at, m->parts[i].bytes);
        file_out_grow(&f, at + up(m->parts[i].bytes.size, FILE_ALIGNMENT));
    }
    m->d->file = f;
}

void unpack_make_pe(Dump *d) {
    Make *m = ARENA_NEW(d->arena, Make);
    *m = (Make){
        .d = d, .is_64 = d->image->bits == 64, .lfanew = bytes_u32_at(d->packed, PE_LFANEW_OFF)};
    m->packed = bytes_clip(d->packed, m->lfanew, UINT64_MAX);
    if (m->lfanew > SECTION_ALIGNMENT || m->lfanew < PE_LFANEW_OFF + 4 ||
        optional_size(m->packed) < directory_off(m, PE_DIRECTORIES) - OPTIONAL_HEADER ||
        !bytes_has(m->packed, 0, OPTIONAL_HEADER + optional_size(m->packed)))
        return;
    find_own_headers(m);
    if (d->out->has_own_headers)
        add_sections(m, m->headers, true);
    add_sections(m, m->packed, false);
    sort_parts(m);
    add_imports(m);
    put_file(m);
}
