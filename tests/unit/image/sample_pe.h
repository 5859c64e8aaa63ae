/* SPDX-License-Identifier: Apache-2.0
 * sample_pe.h: writes a small PE file that has one of everything the reader knows. Used by the unit
 * tests and, as seeds, by the fuzz targets. All places are fixed; see the constants. */
#ifndef COG_TEST_SAMPLE_PE_H
#define COG_TEST_SAMPLE_PE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    PE_LFANEW = 0xc0,
    PE_OPTIONAL = PE_LFANEW + 24,
    PE_TEXT_OFF = 0x400,
    PE_RDATA_OFF = 0x600,
    PE_DATA_OFF = 0xe00,
    PE_RSRC_OFF = 0x1000,
    PE_RELOC_OFF = 0x1600,
    PE_SYMBOLS_OFF = 0x1800,
    PE_SYMBOL_COUNT = 3,
    PE_STRINGS_OFF = PE_SYMBOLS_OFF + PE_SYMBOL_COUNT * 18,
    PE_STRINGS_SIZE = 64,
    PE_OVERLAY_OFF = PE_STRINGS_OFF + PE_STRINGS_SIZE,
    PE_CERT_OFF = 0x18a0,
    PE_CERT_SIZE = 0x20,
    PE_BYTES = PE_CERT_OFF + PE_CERT_SIZE
};
#define PE_BASE_32 0x400000u
#define PE_BASE_64 0x140000000u

static inline void put(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}
static inline void put16(uint8_t *at, unsigned value) { put(at, value, 2); }
static inline void put32(uint8_t *at, uint64_t value) { put(at, value, 4); }
static inline void put_text(uint8_t *at, const char *text) { memcpy(at, text, strlen(text)); }
static inline void put_utf16(uint8_t *at, const char *text) {
    for (; *text; text++, at += 2)
        *at = (uint8_t)*text;
}

typedef struct SamplePe {
    uint8_t *at;
    bool is_64;
    unsigned width;
    uint64_t base;
} SamplePe;

/* File place of an rva. */
static inline uint8_t *pe_place(const SamplePe *p, uint32_t rva) {
    static const uint32_t offs[] = {0,           PE_TEXT_OFF, PE_RDATA_OFF,
                                    PE_DATA_OFF, PE_RSRC_OFF, PE_RELOC_OFF};
    return p->at + offs[rva >> 12] + (rva & 0xfff);
}

static inline void pe_directory(const SamplePe *p, unsigned index, uint32_t rva, uint32_t size) {
    uint8_t *at = p->at + PE_OPTIONAL + (p->is_64 ? 112 : 96) + 8 * index;
    put32(at, rva);
    put32(at + 4, size);
}

static inline uint32_t pe_rotate(uint32_t v, unsigned n) {
    n &= 31;
    return n ? v << n | v >> (32 - n) : v;
}

static inline void pe_rich(const SamplePe *p) {
    static const uint32_t records[3][2] = {{0x01047809, 10}, {0x01057809, 3}, {0x00ff7809, 1}};
    uint32_t key = 0x80;
    for (unsigned i = 0; i < 0x80; i++)
        if (i < 0x3c || i >= 0x40)
            key += pe_rotate(p->at[i], i);
    for (int i = 0; i < 3; i++)
        key += pe_rotate(records[i][0], records[i][1]);
    uint8_t *at = p->at + 0x80;
    put32(at, 0x536e6144 ^ key);
    for (int i = 1; i < 4; i++)
        put32(at + 4 * i, key);
    for (int i = 0; i < 3; i++) {
        put32(at + 16 + 8 * i, records[i][0] ^ key);
        put32(at + 20 + 8 * i, records[i][1] ^ key);
    }
    put_text(at + 40, "Rich");
    put32(at + 44, key);
}

static inline void pe_section(const SamplePe *p, int index, const char *name, uint32_t flags,
                              uint32_t off, uint32_t size, uint32_t va_size) {
    uint8_t *at = p->at + PE_OPTIONAL + (p->is_64 ? 240 : 224) + 40 * index;
    put_text(at, name);
    put32(at + 8, va_size);
    put32(at + 12, 0x1000u * (unsigned)(index + 1));
    put32(at + 16, size);
    put32(at + 20, off);
    put32(at + 36, flags);
}

static inline void pe_headers(const SamplePe *p) {
    uint8_t *at = p->at;
    put_text(at, "MZ");
    put32(at + 0x3c, PE_LFANEW);
    put_text(at + 0x4e, "This program cannot be run in DOS mode.");
    pe_rich(p);
    put_text(at + PE_LFANEW, "PE");
    put16(at + PE_LFANEW + 4, p->is_64 ? 0x8664 : 0x14c);
    put16(at + PE_LFANEW + 6, 5);
    put32(at + PE_LFANEW + 8, 0x5f000000);
    put32(at + PE_LFANEW + 12, PE_SYMBOLS_OFF);
    put32(at + PE_LFANEW + 16, PE_SYMBOL_COUNT);
    put16(at + PE_LFANEW + 20, p->is_64 ? 240 : 224);
    put16(at + PE_LFANEW + 22, 0x2022);
    uint8_t *o = at + PE_OPTIONAL;
    put16(o, p->is_64 ? 0x20b : 0x10b);
    o[2] = 14;
    o[3] = 29;
    put32(o + 16, 0x1000);
    put(o + (p->is_64 ? 24 : 28), p->base, p->width);
    put32(o + 32, 0x1000);
    put32(o + 36, 0x200);
    put16(o + 40, 6);
    put16(o + 48, 6);
    put16(o + 50, 1);
    put32(o + 56, 0x6000);
    put32(o + 60, 0x400);
    put32(o + 64, 0x12345);
    put16(o + 68, 2);
    put16(o + 70, 0x140);
    put32(o + (p->is_64 ? 108 : 92), 16);
    pe_section(p, 0, ".text", 0x60000020, PE_TEXT_OFF, 0x200, 0x180);
    pe_section(p, 1, ".rdata", 0x40000040, PE_RDATA_OFF, 0x800, 0x800);
    pe_section(p, 2, "/4", 0xc0000040, PE_DATA_OFF, 0x200, 0xf00);
    pe_section(p, 3, ".rsrc", 0x40000040, PE_RSRC_OFF, 0x600, 0x600);
    pe_section(p, 4, ".reloc", 0x42000040, PE_RELOC_OFF, 0x200, 0x200);
}

/* One name and one ordinal of alpha.dll; slots at 0x3000; delay-loaded beta.dll at 0x3040. */
static inline void pe_imports(const SamplePe *p) {
    unsigned w = p->width;
    uint8_t *d = pe_place(p, 0x2000);
    put32(d, 0x2040);
    put32(d + 12, 0x2080);
    put32(d + 16, 0x3000);
    put_text(pe_place(p, 0x2080), "alpha.dll");
    put_text(pe_place(p, 0x2092), "CreateThing");
    for (int i = 0; i < 2; i++) {
        uint8_t *list = pe_place(p, i ? 0x3000 : 0x2040);
        put(list, 0x2090, w);
        put(list + w, (uint64_t)1 << (8 * w - 1) | 17, w);
    }
    pe_directory(p, 1, 0x2000, 40);
    uint8_t *delay = pe_place(p, 0x20c0);
    put32(delay, 1);
    put32(delay + 4, 0x2100);
    put32(delay + 12, 0x3040);
    put32(delay + 16, 0x2120);
    put_text(pe_place(p, 0x2100), "beta.dll");
    put(pe_place(p, 0x2120), 0x2140, w);
    put_text(pe_place(p, 0x2142), "LaterThing");
    pe_directory(p, 13, 0x20c0, 64);
    pe_directory(p, 11, 0x2150, 8);
}

/* Ordinals 5 (named Run), 6 (hole), 7 (forwarder Pass), 8 (by ordinal only). */
static inline void pe_exports(const SamplePe *p) {
    static const uint32_t functions[] = {0x1010, 0, 0x2260, 0x1020};
    uint8_t *d = pe_place(p, 0x2180);
    put32(d + 4, 0x5e000000);
    put32(d + 12, 0x2230);
    put32(d + 16, 5);
    put32(d + 20, 4);
    put32(d + 24, 2);
    put32(d + 28, 0x21b0);
    put32(d + 32, 0x21d0);
    put32(d + 36, 0x21e0);
    for (int i = 0; i < 4; i++)
        put32(pe_place(p, 0x21b0) + 4 * i, functions[i]);
    put32(pe_place(p, 0x21d0), 0x2240);
    put32(pe_place(p, 0x21d4), 0x2248);
    put16(pe_place(p, 0x21e0), 2);
    put16(pe_place(p, 0x21e2), 0);
    put_text(pe_place(p, 0x2230), "sample.dll");
    put_text(pe_place(p, 0x2240), "Pass");
    put_text(pe_place(p, 0x2248), "Run");
    put_text(pe_place(p, 0x2260), "OTHER.Target");
    pe_directory(p, 0, 0x2180, 0x100);
}

static inline void pe_code_tables(const SamplePe *p) {
    unsigned w = p->width;
    uint8_t *tls = pe_place(p, 0x2300); /* callbacks at 0x3080 */
    put(tls + 3 * w, p->base + 0x3080, w);
    put(pe_place(p, 0x3080), p->base + 0x1030, w);
    pe_directory(p, 9, 0x2300, p->is_64 ? 40 : 24);
    uint8_t *load = pe_place(p, 0x2340); /* guard table at 0x2400, handlers at 0x2420 */
    put32(load, p->is_64 ? 0x94 : 0x5c);
    if (p->is_64) {
        put(load + 0x80, p->base + 0x2400, 8);
        put(load + 0x88, 2, 8);
        put32(load + 0x90, 0x10000500);
    } else {
        put32(load + 0x40, p->base + 0x2420);
        put32(load + 0x44, 1);
        put32(load + 0x50, p->base + 0x2400);
        put32(load + 0x54, 2);
        put32(load + 0x58, 0x10000500);
    }
    put32(pe_place(p, 0x2400), 0x1010);
    put32(pe_place(p, 0x2405), 0x1020); /* each followed by one byte of flags */
    put32(pe_place(p, 0x2420), 0x1040);
    pe_directory(p, 10, 0x2340, 0x94);
    if (p->is_64) { /* plain; with a handler; a part of the first */
        static const uint32_t entries[3][3] = {
            {0x1000, 0x1010, 0x24c0}, {0x1010, 0x1020, 0x24c8}, {0x1050, 0x1060, 0x24d8}};
        for (int i = 0; i < 9; i++)
            put32(pe_place(p, 0x2480) + 4 * i, entries[i / 3][i % 3]);
        put32(pe_place(p, 0x24c0), 0x00000001);
        put32(pe_place(p, 0x24c8), 0x00010009); /* one code, padded to two */
        put32(pe_place(p, 0x24d0), 0x1060);
        put32(pe_place(p, 0x24d8), 0x00000021);
        memcpy(pe_place(p, 0x24dc), pe_place(p, 0x2480), 12);
        pe_directory(p, 3, 0x2480, 36);
    }
    uint8_t *relocs = pe_place(p, 0x5000);
    put32(relocs, 0x3000);
    put32(relocs + 4, 12);
    put16(relocs + 8, (p->is_64 ? 10u << 12 : 3u << 12) | 0x80);
    pe_directory(p, 5, 0x5000, 12);
}

/* One version resource: type 16, name 1, language 0x409; a second leaf with a name "DATA". */
static inline void pe_resources(const SamplePe *p) {
    uint8_t *r = pe_place(p, 0x4000);
    put32(r + 4, 0x5d000000);
    put16(r + 12, 1);
    put16(r + 14, 1);
    put32(r + 16, 0x80000100);
    put32(r + 20, 0x80000080);
    put32(r + 24, 16);
    put32(r + 28, 0x80000040);
    put16(r + 0x40 + 14, 1);
    put32(r + 0x50, 1);
    put32(r + 0x54, 0x80000060);
    put16(r + 0x60 + 14, 1);
    put32(r + 0x70, 0x409);
    put32(r + 0x74, 0xd0);
    put16(r + 0x80 + 14, 1);
    put32(r + 0x90, 2);
    put32(r + 0x94, 0x800000a0);
    put16(r + 0xa0 + 14, 1);
    put32(r + 0xb0, 0);
    put32(r + 0xb4, 0xe0);
    put32(r + 0xd0, 0x4200);
    put32(r + 0xd4, 0x200);
    put32(r + 0xe0, 0x4180);
    put32(r + 0xe4, 0x20);
    put16(r + 0x100, 4);
    put_utf16(r + 0x102, "DATA");
    pe_directory(p, 2, 0x4000, 0x600);
    uint8_t *v = r + 0x200; /* VS_VERSIONINFO, fixed part, StringFileInfo, table, string */
    put16(v, 0x100);
    put16(v + 2, 52);
    put_utf16(v + 6, "VS_VERSION_INFO");
    put32(v + 0x28, 0xfeef04bd);
    put32(v + 0x30, 0x00010002);
    put32(v + 0x34, 0x00030004);
    put32(v + 0x38, 0x00050006);
    put32(v + 0x3c, 0x00070008);
    put16(v + 0x5c, 0x64);
    put16(v + 0x60, 1);
    put_utf16(v + 0x62, "StringFileInfo");
    put16(v + 0x80, 0x40);
    put16(v + 0x84, 1);
    put_utf16(v + 0x86, "040904b0");
    put16(v + 0x98, 0x28);
    put16(v + 0x9a, 6);
    put16(v + 0x9c, 1);
    put_utf16(v + 0x9e, "Company");
    put_utf16(v + 0xb0, "Tester");
}

static inline void pe_debug(const SamplePe *p) {
    uint8_t *d = pe_place(p, 0x2500);
    put32(d + 4, 0x5c000000);
    put32(d + 12, 2);
    put32(d + 16, 24 + 12);
    put32(d + 20, 0x2540);
    put32(d + 24, PE_RDATA_OFF + 0x540);
    uint8_t *cv = pe_place(p, 0x2540);
    put_text(cv, "RSDS");
    for (int i = 0; i < 16; i++)
        cv[4 + i] = (uint8_t)i;
    put32(cv + 20, 3);
    put_text(cv + 24, "c:\\x\\y.pdb");
    pe_directory(p, 6, 0x2500, 28);
}

static inline void pe_tail(const SamplePe *p) {
    uint8_t *s = p->at + PE_SYMBOLS_OFF;
    put_text(s, "short_fn"); /* eight letters, no NUL */
    put32(s + 8, 0x10);
    put16(s + 12, 1);
    put16(s + 14, 0x20);
    s[16] = 2;
    put32(s + 18 + 4, 22); /* by offset */
    put32(s + 18 + 8, 0x20);
    put16(s + 18 + 12, 1);
    s[18 + 16] = 3;
    put_text(s + 36, ".text"); /* the section's own */
    put16(s + 36 + 12, 1);
    s[36 + 16] = 3;
    put32(p->at + PE_STRINGS_OFF, PE_STRINGS_SIZE);
    put_text(p->at + PE_STRINGS_OFF + 4, ".data_long_named");
    put_text(p->at + PE_STRINGS_OFF + 22, "a_function_with_a_long_name");
    put_text(p->at + PE_OVERLAY_OFF, "overlay");
    put32(p->at + PE_CERT_OFF, PE_CERT_SIZE);
    put32(p->at + PE_CERT_OFF + 4, 0x00020200);
    pe_directory(p, 4, PE_CERT_OFF, PE_CERT_SIZE);
}

/* `at` has room for PE_BYTES. */
static inline SamplePe sample_pe(uint8_t *at, bool is_64) {
    SamplePe p = {at, is_64, is_64 ? 8 : 4, is_64 ? PE_BASE_64 : PE_BASE_32};
    memset(at, 0, PE_BYTES);
    pe_headers(&p);
    memset(at + PE_TEXT_OFF, 0xc3, 0x200);
    pe_imports(&p);
    pe_exports(&p);
    pe_code_tables(&p);
    pe_resources(&p);
    pe_debug(&p);
    pe_tail(&p);
    return p;
}

#endif
