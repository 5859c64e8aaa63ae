/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdlib.h>

#include "image/image.h"
#include "image_check.h"
#include "sample_pe.h"

typedef struct Case {
    Sample s;
    uint8_t bytes[PE_BYTES];
    SamplePe pe;
    Image *image;
} Case;

static Case *case_new(bool is_64) {
    Case *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->pe = sample_pe(c->bytes, is_64);
    c->s.bytes = (Bytes){c->bytes, sizeof c->bytes};
    c->s.arena = arena_new((size_t)64 << 20);
    c->s.scratch = arena_new((size_t)64 << 20);
    return c;
}

static Image *case_read(Case *c) {
    c->image = image_from_sample(&c->s, NULL);
    check_image(c->image, c->s.bytes);
    return c->image;
}

static void case_free(Case *c) {
    arena_free(c->s.arena);
    arena_free(c->s.scratch);
    free(c);
}

static bool has_note(const Case *c, NoteKind kind) { return c->s.notes.per_kind[kind] > 0; }

static void headers_of(bool is_64) {
    Case *c = case_new(is_64);
    Image *i = case_read(c);
    assert_int_equal(i->format, FORMAT_PE);
    assert_int_equal(i->arch, is_64 ? ARCH_X64 : ARCH_X86);
    assert_int_equal(i->bits, is_64 ? 64 : 32);
    assert_true(i->base == c->pe.base);
    assert_true(i->has_entry && i->entry == c->pe.base + 0x1000);
    assert_true(i->is_library && i->is_position_independent);
    assert_int_equal(i->sections.count, 5);
    assert_string_equal(i->sections.at[0].name, ".text");
    assert_string_equal(i->sections.at[2].name, ".data_long_named");
    assert_int_equal(i->sections.at[0].perms, PERM_R | PERM_X);
    assert_true(i->sections.at[0].entropy == 0);
    /* Headers and five sections; the loader maps whole pages. */
    assert_int_equal(i->segments.count, 6);
    assert_true(i->segments.at[0].va == c->pe.base && i->segments.at[0].file.size == 0x400);
    assert_true(i->segments.at[1].va_size == 0x1000 && i->segments.at[1].file.size == 0x200);
    assert_true(i->segments.at[3].va_size == 0x1000 && i->segments.at[3].file.size == 0x200);
    assert_int_equal(i->pe->timestamp, 0x5f000000);
    assert_int_equal(i->pe->linker_major, 14);
    assert_int_equal(i->pe->linker_minor, 29);
    assert_int_equal(i->pe->subsystem, 2);
    assert_int_equal(i->overlay_off, PE_OVERLAY_OFF);
    assert_int_equal(i->overlay_size, PE_CERT_OFF - PE_OVERLAY_OFF);
    assert_int_equal(i->pe->certificate_off, PE_CERT_OFF);
    assert_int_equal(i->pe->certificate_size, PE_CERT_SIZE);
    assert_true(has_note(c, NOTE_OVERLAY) && has_note(c, NOTE_BOUND_IMPORTS));
    assert_int_equal(c->s.notes.count, 2);
    case_free(c);
}
static void test_headers(void **state) {
    (void)state;
    headers_of(false);
    headers_of(true);
}

static void test_imports(void **state) {
    (void)state;
    for (int is_64 = 0; is_64 < 2; is_64++) {
        Case *c = case_new(is_64);
        Image *i = case_read(c);
        uint64_t base = c->pe.base;
        assert_int_equal(i->imports.count, 3);
        const Import *at = i->imports.at;
        assert_string_equal(at[0].module, "alpha.dll");
        assert_string_equal(at[0].name, "CreateThing");
        assert_true(at[0].slot_va == base + 0x3000 && at[0].kind == IMPORT_NORMAL);
        assert_string_equal(at[1].name, "");
        assert_int_equal(at[1].ordinal, 17);
        assert_true(at[1].slot_va == base + 0x3000 + c->pe.width);
        assert_string_equal(at[2].module, "beta.dll");
        assert_string_equal(at[2].name, "LaterThing");
        assert_true(at[2].slot_va == base + 0x3040 && at[2].kind == IMPORT_DELAY);
        assert_true(i->pe->has_bound_imports);
        case_free(c);
    }
}

/* A stale name list, as packers leave it: the slots have the names. */
static void test_import_fallback(void **state) {
    (void)state;
    Case *c = case_new(true);
    put32(pe_place(&c->pe, 0x2000), 0x2f00);
    Image *i = case_read(c);
    assert_int_equal(i->imports.count, 3);
    assert_string_equal(i->imports.at[0].name, "CreateThing");
    case_free(c);
}

/* Visual C++ 6 wrote addresses into delay-load descriptors and name lists. */
static void test_old_delay_imports(void **state) {
    (void)state;
    Case *c = case_new(false);
    uint8_t *delay = pe_place(&c->pe, 0x20c0);
    put32(delay, 0);
    put32(delay + 4, PE_BASE_32 + 0x2100);
    put32(delay + 12, PE_BASE_32 + 0x3040);
    put32(delay + 16, PE_BASE_32 + 0x2120);
    put32(pe_place(&c->pe, 0x2120), PE_BASE_32 + 0x2140);
    Image *i = case_read(c);
    assert_int_equal(i->imports.count, 3);
    assert_string_equal(i->imports.at[2].module, "beta.dll");
    assert_string_equal(i->imports.at[2].name, "LaterThing");
    assert_true(i->imports.at[2].slot_va == PE_BASE_32 + 0x3040);
    case_free(c);
}

static void test_exports(void **state) {
    (void)state;
    Case *c = case_new(true);
    Image *i = case_read(c);
    assert_string_equal(i->pe->export_name, "sample.dll");
    assert_int_equal(i->pe->export_timestamp, 0x5e000000);
    assert_int_equal(i->exports.count, 3);
    const Export *at = i->exports.at;
    assert_string_equal(at[0].name, "Pass");
    assert_string_equal(at[0].forwarder, "OTHER.Target");
    assert_int_equal(at[0].ordinal, 7);
    assert_string_equal(at[1].name, "Run");
    assert_true(at[1].va == c->pe.base + 0x1010 && at[1].is_code && !at[1].forwarder);
    assert_string_equal(at[2].name, "");
    assert_int_equal(at[2].ordinal, 8);
    case_free(c);
}

static void test_code_tables(void **state) {
    (void)state;
    static const struct {
        uint32_t rva;
        StartSource source;
    } want[2][6] = {
        {{0x1000, START_ENTRY},
         {0x1030, START_TLS},
         {0x1040, START_SEH},
         {0x1010, START_CFGUARD},
         {0x1020, START_CFGUARD}},
        {{0x1000, START_ENTRY},
         {0x1030, START_TLS},
         {0x1010, START_CFGUARD},
         {0x1020, START_CFGUARD},
         {0x1060, START_SEH}},
    };
    for (int is_64 = 0; is_64 < 2; is_64++) {
        Case *c = case_new(is_64);
        Image *i = case_read(c);
        assert_int_equal(i->starts.count, 5);
        for (size_t k = 0; k < 5; k++) {
            assert_true(i->starts.at[k].va == c->pe.base + want[is_64][k].rva);
            assert_int_equal(i->starts.at[k].source, want[is_64][k].source);
        }
        assert_int_equal(i->relocs.count, 1);
        assert_true(i->relocs.at[0].va == c->pe.base + 0x3080);
        assert_true(i->relocs.at[0].target == c->pe.base + 0x1030);
        assert_int_equal(i->ranges.count, is_64 ? 3 : 0);
        if (is_64) {
            assert_true(!i->ranges.at[0].is_fragment && i->ranges.at[0].size == 0x10);
            assert_true(i->ranges.at[1].handler_va == c->pe.base + 0x1060);
            assert_true(i->ranges.at[2].is_fragment);
        }
        case_free(c);
    }
}

static void test_meta(void **state) {
    (void)state;
    Case *c = case_new(false);
    Image *i = case_read(c);
    const PeInfo *pe = i->pe;
    assert_int_equal(pe->rich.count, 3);
    assert_int_equal(pe->rich.records[0].product, 0x0104);
    assert_int_equal(pe->rich.records[0].build, 0x7809);
    assert_int_equal(pe->rich.records[0].count, 10);
    assert_true(pe->rich.checksum_ok && pe->rich.off == 0x80 && pe->rich.size == 48);
    assert_int_equal(pe->debug.count, 1);
    assert_string_equal(pe->debug.at[0].pdb_path, "c:\\x\\y.pdb");
    assert_int_equal(pe->debug.at[0].age, 3);
    assert_int_equal(pe->debug.at[0].guid[15], 15);
    assert_int_equal(pe->resources.count, 2);
    assert_string_equal(pe->resources.at[0].type_name, "DATA");
    assert_int_equal(pe->resources.at[1].type, 16);
    assert_int_equal(pe->resources.at[1].language, 0x409);
    assert_int_equal(pe->resources.at[1].timestamp, 0x5d000000);
    assert_int_equal(pe->resources.at[1].off, PE_RSRC_OFF + 0x200);
    assert_true(pe->has_version);
    assert_int_equal(pe->file_version[0], 1);
    assert_int_equal(pe->file_version[3], 4);
    assert_int_equal(pe->product_version[1], 6);
    assert_int_equal(pe->version.count, 1);
    assert_string_equal(pe->version.at[0].key, "Company");
    assert_string_equal(pe->version.at[0].value, "Tester");
    assert_int_equal(pe->version.at[0].language, 0x0409);
    assert_int_equal(i->symbols.count, 2);
    assert_string_equal(i->symbols.at[0].name, "short_fn");
    assert_int_equal(i->symbols.at[0].kind, SYMBOL_FUNCTION);
    assert_string_equal(i->symbols.at[1].name, "a_function_with_a_long_name");
    assert_true(i->symbols.at[1].va == c->pe.base + 0x1020);
    case_free(c);
}

static void test_checksum(void **state) {
    (void)state;
    Case *c = case_new(true);
    Image *i = case_read(c);
    /* The documented algorithm, word by word. */
    uint32_t sum = 0;
    put32(c->bytes + PE_OPTIONAL + 64, 0);
    for (size_t k = 0; k < PE_BYTES; k += 2) {
        sum += (uint32_t)c->bytes[k] | (uint32_t)c->bytes[k + 1] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    assert_int_equal(i->pe->checksum_computed, sum + PE_BYTES);
    case_free(c);
}

static void test_forged_rich(void **state) {
    (void)state;
    Case *c = case_new(true);
    c->bytes[0x50] ^= 1;
    Image *i = case_read(c);
    assert_int_equal(i->pe->rich.count, 3);
    assert_false(i->pe->rich.checksum_ok);
    assert_true(has_note(c, NOTE_RICH_CHECKSUM));
    case_free(c);
}

static void test_dotnet(void **state) {
    (void)state;
    Case *c = case_new(false);
    pe_directory(&c->pe, 14, 0x2600, 72);
    put32(pe_place(&c->pe, 0x2608), 0x2660);
    put_text(pe_place(&c->pe, 0x2660), "BSJB");
    put32(pe_place(&c->pe, 0x266c), 12);
    put_text(pe_place(&c->pe, 0x2670), "v4.0.30319");
    Image *i = case_read(c);
    assert_string_equal(i->pe->dotnet_version, "v4.0.30319");
    assert_true(has_note(c, NOTE_DOTNET));
    case_free(c);
}

/* Below a page the file is mapped flat. */
static void test_low_alignment(void **state) {
    (void)state;
    Case *c = case_new(false);
    put32(c->bytes + PE_OPTIONAL + 32, 0x200);
    for (int k = 0; k < 5; k++) {
        uint8_t *h = c->bytes + PE_OPTIONAL + 224 + 40 * k;
        memcpy(h + 12, h + 20, 4); /* rva = file place */
    }
    put32(c->bytes + PE_OPTIONAL + 16, PE_TEXT_OFF);
    Image *i = case_read(c);
    assert_true(has_note(c, NOTE_ALIGNMENT_ODD));
    assert_true(image_off_at(i, PE_BASE_32 + PE_TEXT_OFF) == PE_TEXT_OFF);
    assert_true(image_va_at(i, PE_RDATA_OFF) == PE_BASE_32 + PE_RDATA_OFF);
    assert_true(i->has_entry && image_is_code(i, i->entry));
    case_free(c);
}

/* Raw pointers are rounded down to a sector, raw sizes up to FileAlignment, past the end is zero.
 */
static void test_section_rounding(void **state) {
    (void)state;
    Case *c = case_new(true);
    uint8_t *text = c->bytes + PE_OPTIONAL + 240, *rsrc = text + 3 * 40, *reloc = text + 4 * 40;
    put32(text + 20, PE_TEXT_OFF + 0x10);
    put32(rsrc + 16, 0x5f1);
    put32(reloc + 16, 0x4000);
    put32(reloc + 8, 0x4000);
    Image *i = case_read(c);
    assert_true(image_off_at(i, c->pe.base + 0x1000) == PE_TEXT_OFF);
    assert_true(i->segments.at[4].file.size == 0x600);
    assert_true(i->segments.at[5].file.size == PE_BYTES - PE_RELOC_OFF);
    assert_true(i->segments.at[5].va_size == 0x4000);
    assert_true(i->sections.at[4].size == PE_BYTES - PE_RELOC_OFF);
    assert_true(has_note(c, NOTE_SECTION_PAST_END));
    case_free(c);
}

static void test_overlap(void **state) {
    (void)state;
    Case *c = case_new(true);
    uint8_t *text = c->bytes + PE_OPTIONAL + 240;
    put32(text + 2 * 40 + 12, 0x2100); /* .data into .rdata, which has 0x800 bytes in the file */
    put32(text + 3 * 40 + 12, 0x1000); /* .rsrc onto .text */
    Image *i = case_read(c);
    assert_true(has_note(c, NOTE_SECTIONS_OVERLAP));
    assert_true(image_off_at(i, c->pe.base + 0x1000) == PE_TEXT_OFF);
    assert_true(image_off_at(i, c->pe.base + 0x2100) == PE_RDATA_OFF + 0x100);
    case_free(c);
}

static void test_resource_loop(void **state) {
    (void)state;
    Case *c = case_new(true);
    uint8_t *r = pe_place(&c->pe, 0x4000);
    put32(r + 20, 0x80000000); /* the root is its own child */
    put32(r + 28, 0x80000000);
    Image *i = case_read(c);
    assert_int_equal(i->pe->resources.count, 0);
    assert_true(has_note(c, NOTE_RESOURCE_ODD));
    case_free(c);
}

/* Every entry of a wide directory leads to the same directory: finite, but the fourth power. */
static void test_resource_flood(void **state) {
    (void)state;
    Case *c = case_new(true);
    uint8_t *r = pe_place(&c->pe, 0x4000);
    memset(r, 0, 0x600);
    put16(r + 14, 180);
    for (unsigned k = 0; k < 180; k++) {
        put32(r + 16 + 8 * k, k);
        put32(r + 20 + 8 * k, 0x80000000);
    }
    uint64_t before = clock_now_ms();
    case_read(c);
    assert_true(clock_now_ms() - before < 2000);
    assert_true(has_note(c, NOTE_TOO_MANY));
    case_free(c);
}

static void test_cyclic_exports(void **state) {
    (void)state;
    Case *c = case_new(true);
    uint8_t *d = pe_place(&c->pe, 0x2180);
    put32(d + 28, 0x2180); /* functions, names, ordinals are the directory itself */
    put32(d + 32, 0x2180);
    put32(d + 36, 0x2180);
    put32(d + 20, 0xffffffff);
    put32(d + 24, 0xffffffff);
    case_read(c);
    assert_true(has_note(c, NOTE_EXPORT_ODD) || has_note(c, NOTE_TOO_MANY));
    case_free(c);
}

static void test_odd_base(void **state) {
    (void)state;
    Case *c = case_new(true);
    put(c->bytes + PE_OPTIONAL + 24, UINT64_MAX - 0xfff, 8);
    Image *i = case_read(c);
    assert_true(i->base == 0x10000 && has_note(c, NOTE_HEADER_ODD));
    assert_int_equal(i->segments.count, 6);
    case_free(c);
}

static void test_truncation(void **state) {
    (void)state;
    uint8_t full[PE_BYTES];
    for (int is_64 = 0; is_64 < 2; is_64++) {
        sample_pe(full, is_64);
        for (size_t n = 0; n < PE_BYTES; n += n < 0x400 ? 1 : 7) {
            uint8_t *exact = malloc(n + 1); /* so that the sanitiser sees a read past the end */
            assert_non_null(exact);
            memcpy(exact, full, n);
            uint8_t *tight = realloc(exact, n ? n : 1);
            Sample s = {.bytes = {tight, n}};
            s.arena = arena_new((size_t)64 << 20);
            s.scratch = arena_new((size_t)64 << 20);
            check_image(image_from_sample(&s, NULL), s.bytes);
            arena_free(s.arena);
            arena_free(s.scratch);
            free(tight);
        }
    }
}

/* Every field, wherever it stands: words of one kind over each place in turn. */
static void test_damage(void **state) {
    (void)state;
    static const uint32_t words[] = {0, 0xffffffff, 0x7fffffff, 0x80000000, 0x1000, 0x1fff};
    for (int is_64 = 0; is_64 < 2; is_64++) {
        Case *c = case_new(is_64);
        uint8_t full[PE_BYTES];
        memcpy(full, c->bytes, PE_BYTES);
        for (size_t at = 0x3c; at + 4 <= PE_BYTES; at += at < 0x2e0 || at >= PE_RDATA_OFF ? 2 : 64)
            for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
                memcpy(c->bytes, full, PE_BYTES);
                put32(c->bytes + at, words[w]);
                ArenaMark mark = arena_mark(c->s.arena), scratch = arena_mark(c->s.scratch);
                case_read(c);
                arena_reset(c->s.arena, mark);
                arena_reset(c->s.scratch, scratch);
            }
        case_free(c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_imports),
        cmocka_unit_test(test_import_fallback),
        cmocka_unit_test(test_exports),
        cmocka_unit_test(test_old_delay_imports),
        cmocka_unit_test(test_code_tables),
        cmocka_unit_test(test_meta),
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_forged_rich),
        cmocka_unit_test(test_dotnet),
        cmocka_unit_test(test_low_alignment),
        cmocka_unit_test(test_section_rounding),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_resource_loop),
        cmocka_unit_test(test_resource_flood),
        cmocka_unit_test(test_cyclic_exports),
        cmocka_unit_test(test_odd_base),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
