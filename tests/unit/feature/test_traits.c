/* SPDX-License-Identifier: Apache-2.0
 * test_traits.c: traits of hand-made images: each kind once as it should be, once as it lies. */
#include "feature_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "feature/trait.h"
#include "signed_data.h"

static PeInfo *pe_of(Bench *b) {
    PeInfo *pe = ARENA_NEW(b->s.arena, PeInfo);
    pe->resources.max = pe->version.max = pe->debug.max = 64;
    b->image.format = FORMAT_PE;
    b->image.pe = pe;
    return pe;
}

static void extract(Bench *b) { extract_traits(&b->s, &b->image, &b->code, &b->f); }

static void add_import(Bench *b, const char *module, const char *name, uint32_t ordinal,
                       ImportKind kind) {
    Import *import = VEC_ADD(b->s.arena, &b->image.imports);
    *import = (Import){.module = module, .name = name, .ordinal = ordinal, .kind = kind};
}

static void imphash_is_pefiles(void **state) {
    (void)state;
    Bench *b = bench_open("", 0);
    pe_of(b);
    add_import(b, "KERNEL32.dll", "ExitProcess", 0, IMPORT_NORMAL);
    add_import(b, "WS2_32.dll", "", 115, IMPORT_NORMAL);
    add_import(b, "WS2_32.dll", "", 9999, IMPORT_NORMAL);
    add_import(b, "OLEAUT32.DLL", "", 2, IMPORT_NORMAL);
    add_import(b, "wsock32.dll", "", 16, IMPORT_NORMAL);
    add_import(b, "foo.bar.ocx", "", 7, IMPORT_NORMAL);
    add_import(b, "control.sys", "Init", 0, IMPORT_NORMAL);
    add_import(b, "late.dll", "Late", 0, IMPORT_DELAY);
    extract(b);
    assert_string_equal(bench_trait(b, TRAIT_IMPHASH, 0), "1921f0e96a42b3fb157ab98b28010ac3");
    bench_close(b);
    b = bench_open("", 0);
    pe_of(b);
    extract(b);
    assert_null(bench_trait(b, TRAIT_IMPHASH, 0));
    bench_close(b);
}

static void rich_is_sorted_and_hashed(void **state) {
    (void)state;
    /* "DanS" and two records, XOR 0x11223344. */
    static const uint32_t clear[] = {0x536e6144, 0, 0, 0, 0x01057809, 3, 0x00010000, 20};
    uint8_t block[40];
    for (size_t i = 0; i < 8; i++) {
        uint32_t word = clear[i] ^ 0x11223344;
        memcpy(block + 4 * i, &word, 4);
    }
    Bench *b = bench_open(block, sizeof block);
    PeInfo *pe = pe_of(b);
    RichRecord records[] = {{0x105, 0x7809, 3}, {1, 0, 20}};
    pe->rich = (Rich){.records = records, .count = 2, .key = 0x11223344, .off = 0, .size = 40};
    extract(b);
    assert_string_equal(bench_trait(b, TRAIT_RICH, 0), "1.0*20 261.30729*3");
    uint8_t md5[16];
    char hex[33];
    digest_md5((Bytes){(const uint8_t *)clear, sizeof clear}, md5);
    hex_write(hex, md5, 16);
    assert_string_equal(bench_trait(b, TRAIT_RICH_HASH, 0), hex);
    assert_string_equal(bench_trait(b, TRAIT_COMPILER, 0), "msvc Visual Studio 2022 (build 30729)");
    bench_close(b);
}

static const char *compile_time(uint32_t seconds, bool repro) {
    static char text[64];
    Bench *b = bench_open("", 0);
    PeInfo *pe = pe_of(b);
    pe->timestamp = seconds;
    if (repro) {
        DebugEntry *d = VEC_ADD(b->s.arena, &pe->debug);
        d->type = 16;
    }
    extract(b);
    const char *value = bench_trait(b, TRAIT_COMPILE_TIME, 0);
    snprintf(text, sizeof text, "%s", value ? value : "none");
    bench_close(b);
    return text;
}

static void times_are_times(void **state) {
    (void)state;
    assert_string_equal(compile_time(1464681600, false), "2016-05-31T08:00:00Z");
    assert_string_equal(compile_time(1464681600, true), "none");
    assert_string_equal(compile_time(0, false), "none");
    assert_string_equal(compile_time(0x2a425e19, false), "none");
    assert_string_equal(compile_time(0xf1234567, false), "none");
}

static void debug_and_resources(void **state) {
    (void)state;
    uint8_t bytes[512];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    Bench *b = bench_open(bytes, sizeof bytes);
    PeInfo *pe = pe_of(b);
    DebugEntry *d = VEC_ADD(b->s.arena, &pe->debug);
    *d = (DebugEntry){
        .type = 2, .timestamp = 1000000000, .age = 3, .pdb_path = "D:\\rifle\\a\xff.pdb"};
    for (uint8_t i = 0; i < 16; i++)
        d->guid[i] = (uint8_t)(i + 1);
    Resource *korean = VEC_ADD(b->s.arena, &pe->resources);
    *korean = (Resource){.type = 10, .language = 0x412, .off = 0, .size = 200};
    Resource *again = VEC_ADD(b->s.arena, &pe->resources);
    *again = *korean;
    Resource *manifest = VEC_ADD(b->s.arena, &pe->resources);
    *manifest = (Resource){.type = 24, .language = 0x409, .off = 200, .size = 200};
    Resource *past = VEC_ADD(b->s.arena, &pe->resources);
    *past = (Resource){.type = 10, .language = 0x409, .off = 500, .size = 100};
    VersionString *v = VEC_ADD(b->s.arena, &pe->version);
    *v = (VersionString){.key = "CompanyName", .value = "Example"};
    pe->export_name = "payload.dll";
    pe->linker_major = 14;
    pe->linker_minor = 2;
    extract(b);
    assert_string_equal(bench_trait(b, TRAIT_PDB_PATH, 0), "D:\\rifle\\a\\xff.pdb");
    assert_string_equal(bench_trait(b, TRAIT_PDB_GUID, 0),
                        "04030201-0605-0807-090a-0b0c0d0e0f10.3");
    assert_string_equal(bench_trait(b, TRAIT_DEBUG_TIME, 0), "2001-09-09T01:46:40Z");
    assert_string_equal(bench_trait(b, TRAIT_RESOURCE_LANGUAGE, 0), "0x0412 Korean");
    assert_string_equal(bench_trait(b, TRAIT_RESOURCE_LANGUAGE, 1), "0x0409 English");
    assert_null(bench_trait(b, TRAIT_RESOURCE_LANGUAGE, 2));
    assert_non_null(bench_trait(b, TRAIT_RESOURCE_HASH, 0));
    assert_null(bench_trait(b, TRAIT_RESOURCE_HASH, 1)); /* twice, boilerplate, past the end */
    assert_string_equal(bench_trait(b, TRAIT_VERSION_INFO, 0), "CompanyName=Example");
    assert_string_equal(bench_trait(b, TRAIT_EXPORT_NAME, 0), "payload.dll");
    assert_string_equal(bench_trait(b, TRAIT_LINKER, 0), "14.2");
    bench_close(b);
}

static void delphi_stamps_in_dos_time(void **state) {
    (void)state;
    Bench *b = bench_open("", 0);
    PeInfo *pe = pe_of(b);
    Resource *r = VEC_ADD(b->s.arena, &pe->resources);
    /* 2013-03-20 14:00:10 */
    uint32_t stamp = 33u << 25 | 3u << 21 | 20u << 16 | 14u << 11 | 0u << 5 | 5u;
    *r = (Resource){.type = 10, .name = "DVCLAL", .timestamp = stamp};
    extract(b);
    assert_string_equal(bench_trait(b, TRAIT_RESOURCE_TIME, 0), "2013-03-20T14:00:10Z");
    assert_string_equal(bench_trait(b, TRAIT_LANGUAGE, 0), "delphi");
    bench_close(b);
}

/* WIN_CERTIFICATE around the signed data; cut at n bytes. */
static const char *certificate(size_t n, uint8_t change_at) {
    static char text[512];
    static uint8_t table[8 + sizeof SIGNED_DATA];
    uint32_t length = sizeof table;
    memcpy(table, &length, 4);
    table[4] = 0;
    table[5] = 2;
    table[6] = 2;
    table[7] = 0;
    memcpy(table + 8, SIGNED_DATA, sizeof SIGNED_DATA);
    table[8 + change_at] ^= change_at ? 0xff : 0;
    if (n < sizeof table) {
        length = (uint32_t)n;
        memcpy(table, &length, 4);
    }
    Bench *b = bench_open(table, n);
    PeInfo *pe = pe_of(b);
    pe->certificate_size = n;
    extract(b);
    const char *value = bench_trait(b, TRAIT_CERTIFICATE, 0);
    snprintf(text, sizeof text, "%s", value ? value : "none");
    bench_close(b);
    return text;
}

static void signer_is_named(void **state) {
    (void)state;
    size_t n = 8 + sizeof SIGNED_DATA;
    assert_string_equal(certificate(n, 0),
                        "CN=Test Signer; O=Cognate Tests; serial=1122334455667788; "
                        "issuer=Test CA 한");
    assert_string_equal(certificate(n, 1), "none");
    assert_string_equal(certificate(n, 5), "none");
    for (size_t cut = 0; cut < n; cut++)
        certificate(cut, 0); /* no crash, no hang; what is named depends on the cut */
    assert_string_equal(certificate(40, 0), "none");
}

static const char *overlay(const char *bytes, size_t n) {
    static char text[64];
    Bench *b = bench_open(bytes, n);
    b->image.overlay_size = n;
    extract(b);
    const char *value = bench_trait(b, TRAIT_OVERLAY, 0);
    snprintf(text, sizeof text, "%s", value ? value : "none");
    bench_close(b);
    return text;
}

static void overlays_are_named(void **state) {
    (void)state;
    assert_string_equal(overlay("PK\3\4....", 8), "zip, 8 bytes");
    assert_string_equal(overlay("7z\xbc\xaf\x27\x1c..", 8), "7z, 8 bytes");
    assert_string_equal(overlay("\1\0\0\0\xef\xbe\xad\xdeNullsoftInst", 20), "nsis, 20 bytes");
    assert_string_equal(overlay("\0\0\0", 3), "zeros, 3 bytes");
    assert_string_equal(overlay("??", 2), "data, 2 bytes");
    assert_string_equal(overlay("", 0), "none");
}

static void add_section(Bench *b, const char *name, uint8_t perms, double entropy, uint64_t size) {
    Section *s = VEC_ADD(b->s.arena, &b->image.sections);
    uint64_t va = BENCH_BASE + 0x10000 * b->image.sections.count;
    *s = (Section){.name = name, .va = va, .va_size = 0x10000, .size = size};
    s->perms = perms;
    s->entropy = entropy;
}

static void packers_add_up(void **state) {
    (void)state;
    enum { RX = PERM_R | PERM_X, RWX = PERM_R | PERM_W | PERM_X };
    Bench *b = bench_open("", 0);
    pe_of(b);
    add_section(b, "UPX0", RWX, 0, 0);
    add_section(b, "UPX1", RWX, 7.9, 0x8000);
    b->image.has_entry = true;
    b->image.entry = BENCH_BASE + 0x20010;
    extract(b);
    assert_true(b->f.is_packed);
    assert_string_equal(b->f.packer, "upx");
    assert_string_equal(bench_trait(b, TRAIT_PACKER, 0), "upx");
    bench_close(b);
    /* The names changed with a hex editor: packed all the same, by nobody known. */
    b = bench_open("", 0);
    pe_of(b);
    add_section(b, ".text", RWX, 0, 0);
    add_section(b, ".data", RWX, 7.9, 0x8000);
    extract(b);
    assert_true(b->f.is_packed);
    assert_string_equal(b->f.packer, "unknown");
    assert_null(bench_trait(b, TRAIT_PACKER, 0));
    bench_close(b);
    /* An ordinary program with one high-entropy resource section. */
    b = bench_open("", 0);
    pe_of(b);
    add_section(b, ".text", RX, 6.4, 0x8000);
    add_section(b, ".rsrc", PERM_R, 7.99, 0x80000);
    b->image.has_entry = true;
    b->image.entry = BENCH_BASE + 0x10010;
    extract(b);
    assert_false(b->f.is_packed);
    assert_null(b->f.packer);
    bench_close(b);
}

static void toolchains_are_read_from_texts(void **state) {
    (void)state;
    Bench *b = bench_open("", 0);
    pe_of(b);
    bench_string(b, "GCC: (GNU) 12-win32");
    bench_string(b, "GCC: (GNU) 12-win32");
    bench_string(b, "/rustc/48a229ceaefd4985c50990b14116b6d856af0985/library/core/src/fmt/mod.rs");
    extract(b);
    assert_string_equal(bench_trait(b, TRAIT_COMPILER, 0), "GCC: (GNU) 12-win32");
    assert_string_equal(bench_trait(b, TRAIT_COMPILER, 1),
                        "rustc 48a229ceaefd4985c50990b14116b6d856af0985");
    assert_null(bench_trait(b, TRAIT_COMPILER, 2));
    assert_string_equal(bench_trait(b, TRAIT_LANGUAGE, 0), "rust");
    bench_close(b);
    static const char go[] = "....\xff Go buildinf:\x08\x02................\x08go1.21.5\x00more";
    b = bench_open(go, sizeof go - 1);
    b->image.format = FORMAT_ELF;
    extract(b);
    assert_string_equal(bench_trait(b, TRAIT_COMPILER, 0), "go1.21.5");
    assert_string_equal(bench_trait(b, TRAIT_LANGUAGE, 0), "go");
    bench_close(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imphash_is_pefiles),
        cmocka_unit_test(rich_is_sorted_and_hashed),
        cmocka_unit_test(times_are_times),
        cmocka_unit_test(debug_and_resources),
        cmocka_unit_test(delphi_stamps_in_dos_time),
        cmocka_unit_test(signer_is_named),
        cmocka_unit_test(overlays_are_named),
        cmocka_unit_test(packers_add_up),
        cmocka_unit_test(toolchains_are_read_from_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
