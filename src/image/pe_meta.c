/* SPDX-License-Identifier: Apache-2.0
 * pe_meta.c: how and when the file was made: Rich header, debug directory, certificates, CLI
 * header, checksum, overlay. */
#include "image/pe.h"

#include <endian.h>
#include <string.h>

static uint32_t rotate_left(uint32_t v, unsigned n) {
    n &= 31;
    return n ? v << n | v >> (32 - n) : v;
}

/* The XOR key is a checksum over the DOS header (without e_lfanew), the stub and the records. */
static uint32_t rich_checksum(Bytes file, uint64_t start, const Rich *rich) {
    uint32_t sum = (uint32_t)start;
    for (uint64_t i = 0; i < start; i++)
        if (i < PE_LFANEW_OFF || i >= PE_LFANEW_OFF + 4)
            sum += rotate_left(bytes_u8_at(file, i), (unsigned)i);
    for (size_t i = 0; i < rich->count; i++) {
        const RichRecord *r = &rich->records[i];
        sum += rotate_left((uint32_t)r->product << 16 | r->build, r->count);
    }
    return sum;
}

/* "Rich" and the key close the block; from there back, "DanS" XOR key opens it. Undocumented by
 * Microsoft; D. Pistelli, "Microsoft's Rich Signature" (2008). */
void pe_read_rich(Pe *pe) {
    enum { STUB_LIMIT = 0x1000, DOS_HEADER = 0x40 };
    Bytes stub = bytes_clip(pe->file, 0, pe->header_off < STUB_LIMIT ? pe->header_off : STUB_LIMIT);
    uint64_t end = stub.size & ~(uint64_t)3;
    while (end >= DOS_HEADER + 4 && bytes_u32_at(stub, end - 4) != PE_RICH_END)
        end -= 4;
    if (end < DOS_HEADER + 4)
        return;
    end -= 4;
    Rich *rich = &pe->info->rich;
    uint32_t key = bytes_u32_at(pe->file, end + 4);
    uint64_t start = end;
    while (start >= DOS_HEADER + 4 && bytes_u32_at(stub, start) != (PE_RICH_START ^ key))
        start -= 4;
    uint64_t body = start + 16; /* three zero words pad the opening */
    if (bytes_u32_at(stub, start) != (PE_RICH_START ^ key) || body > end || (end - body) % 8 != 0) {
        notes_add(&pe->s->notes, NOTE_RICH_ODD, end);
        return;
    }
    size_t count = (size_t)(end - body) / 8;
    if (count > MAX_RICH_RECORDS) {
        notes_add(&pe->s->notes, NOTE_TOO_MANY, start);
        count = MAX_RICH_RECORDS;
    }
    *rich = (Rich){.key = key, .off = start, .size = end + 8 - start, .count = count};
    rich->records = ARENA_ARRAY(pe->s->arena, RichRecord, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t id = bytes_u32_at(stub, body + i * 8) ^ key;
        rich->records[i].product = (uint16_t)(id >> 16);
        rich->records[i].build = (uint16_t)id;
        rich->records[i].count = bytes_u32_at(stub, body + i * 8 + 4) ^ key;
    }
    rich->checksum_ok = rich_checksum(pe->file, start, rich) == key;
    if (!rich->checksum_ok)
        notes_add(&pe->s->notes, NOTE_RICH_CHECKSUM, start);
}

static void read_codeview(Pe *pe, DebugEntry *entry, Bytes data) {
    uint32_t signature = bytes_u32_at(data, 0);
    if (signature == PE_CV_RSDS && data.size >= 24) {
        memcpy(entry->guid, data.at + 4, sizeof entry->guid);
        entry->age = bytes_u32_at(data, 20);
        entry->pdb_path = text_fixed(pe->s->arena, bytes_clip(data, 24, data.size), MAX_NAME_BYTES);
    } else if (signature == PE_CV_NB10 && data.size >= 16) {
        memcpy(entry->guid, data.at + 8, 4); /* a time stamp stands in place of the GUID */
        entry->age = bytes_u32_at(data, 12);
        entry->pdb_path = text_fixed(pe->s->arena, bytes_clip(data, 16, data.size), MAX_NAME_BYTES);
    }
}

/* Debug directory, PE specification 6.1. */
void pe_read_debug(Pe *pe) {
    enum { ENTRY = 28 };
    PeDirectory dir = pe->directory[PE_DIR_DEBUG];
    if (dir.rva == 0 || dir.size == 0)
        return;
    Bytes table = pe_clip(pe, dir.rva, dir.size);
    if (table.size < dir.size || dir.size % ENTRY != 0)
        pe_note(pe, NOTE_DEBUG_ODD, dir.rva);
    for (uint64_t off = 0; bytes_has(table, off, ENTRY); off += ENTRY) {
        DebugEntry *entry = VEC_ADD(pe->s->arena, &pe->info->debug);
        if (!entry) {
            pe_note(pe, NOTE_TOO_MANY, dir.rva);
            return;
        }
        entry->timestamp = bytes_u32_at(table, off + 4);
        entry->type = bytes_u32_at(table, off + 12);
        uint32_t size = bytes_u32_at(table, off + 16), rva = bytes_u32_at(table, off + 20);
        entry->off = bytes_u32_at(table, off + 24);
        if (entry->off == 0 && rva != 0)
            entry->off = pe_off(pe, rva);
        Bytes data = bytes_clip(pe->file, entry->off, entry->off ? size : 0);
        entry->size = data.size;
        if (data.size < size)
            pe_note(pe, NOTE_DEBUG_ODD, dir.rva + off);
        if (entry->type == PE_DEBUG_CODEVIEW)
            read_codeview(pe, entry, data);
    }
}

/* The one directory that holds a file offset (5.7). */
void pe_read_certificate(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_CERTIFICATE];
    if (dir.rva == 0 || dir.size == 0)
        return;
    Bytes table = bytes_clip(pe->file, dir.rva, dir.size);
    uint32_t length = bytes_u32_at(table, 0);
    if (table.size < dir.size || length < 8 || length > table.size)
        notes_add(&pe->s->notes, NOTE_CERTIFICATE_ODD, dir.rva);
    if (table.size == 0)
        return;
    pe->info->certificate_off = dir.rva;
    pe->info->certificate_size = table.size;
}

/* CLI header, ECMA-335 II.25.3.3; metadata root, II.24.2.1. */
void pe_read_cli(Pe *pe) {
    PeDirectory dir = pe->directory[PE_DIR_CLI];
    Bytes header = pe_clip(pe, dir.rva, 72);
    if (dir.rva == 0 || header.size < 16)
        return;
    Bytes root = pe_at(pe, bytes_u32_at(header, 8));
    if (bytes_u32_at(root, 0) != PE_CLI_SIGNATURE)
        return;
    Bytes version = bytes_clip(root, 16, bytes_u32_at(root, 12));
    pe->info->dotnet_version = text_fixed(pe->s->arena, version, 255);
    pe_note(pe, NOTE_DOTNET, dir.rva);
}

/* As CheckSumMappedFile of imagehlp: 16-bit one's complement sum of the file without the field,
 * plus the file's size. Words of 32 bits add up to the same after folding. */
void pe_read_checksum(Pe *pe) {
    uint64_t field = pe->optional_off + 64, sum = 0;
    const uint8_t *at = pe->file.at;
    size_t size = pe->file.size, i = 0;
    for (; i + 4 <= size; i += 4) {
        uint32_t word;
        memcpy(&word, at + i, 4);
        sum += le32toh(word);
    }
    for (; i < size; i++)
        sum += (uint64_t)at[i] << (8 * (i & 3));
    for (uint64_t k = field; k < field + 4; k++)
        sum -= (uint64_t)bytes_u8_at(pe->file, k) << (8 * (k & 3));
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    pe->info->checksum_computed = (uint32_t)(sum + size);
}

static uint64_t max_u64(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* What no header speaks of: past the headers, sections and COFF symbols, before the certificates.
 */
void pe_read_overlay(Pe *pe) {
    enum { CERTIFICATE_ALIGN = 8 };
    uint64_t end = pe->sections_off + (uint64_t)pe->section_count * PE_SECTION_BYTES;
    end = max_u64(end, pe->headers_size < pe->file.size ? pe->headers_size : 0);
    for (size_t i = 0; i < pe->image->sections.count; i++)
        if (pe->image->sections.at[i].size)
            end = max_u64(end, pe->image->sections.at[i].off + pe->image->sections.at[i].size);
    uint64_t strings = pe->symbols_off + (uint64_t)pe->symbol_count * PE_SYMBOL_BYTES;
    if (pe->symbols_off && strings < pe->file.size && strings >= end)
        end = strings + max_u64(bytes_u32_at(pe->file, strings), 4);
    uint64_t stop = pe->file.size, signed_at = pe->info->certificate_off;
    if (signed_at && signed_at + CERTIFICATE_ALIGN > end &&
        signed_at + pe->info->certificate_size >= stop)
        stop = signed_at - end < CERTIFICATE_ALIGN ? end : signed_at;
    if (end >= stop)
        return;
    pe->image->overlay_off = end;
    pe->image->overlay_size = stop - end;
    notes_add(&pe->s->notes, NOTE_OVERLAY, end);
}
