/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "image/image.h"
#include "image_check.h"
#include "sample_elf.h"

typedef struct Case {
    Sample s;
    uint8_t bytes[ELF_BYTES];
    SampleElf elf;
} Case;

static void open_arenas(Sample *s) {
    s->arena = arena_new((size_t)512 << 20);
    s->scratch = arena_new((size_t)512 << 20);
}

static void close_arenas(Sample *s) {
    arena_free(s->arena);
    arena_free(s->scratch);
}

static Case *case_new(bool is_64, bool big) {
    Case *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->elf = sample_elf(c->bytes, is_64, big);
    c->s.bytes = (Bytes){c->bytes, sizeof c->bytes};
    open_arenas(&c->s);
    return c;
}

static Image *case_read(Case *c) {
    Image *image = image_from_sample(&c->s, NULL);
    check_image(image, c->s.bytes);
    return image;
}

static void case_free(Case *c) {
    close_arenas(&c->s);
    free(c);
}

static bool has_note(const Case *c, NoteKind kind) { return c->s.notes.per_kind[kind] > 0; }

static void put_at(Case *c, size_t off, uint64_t value, unsigned bytes) {
    c->elf.next = off;
    elf_put(&c->elf, value, bytes);
}

/* Section headers: gone. */
static void drop_sections(Case *c) {
    put_at(c, c->elf.is_64 ? 40 : 32, 0, c->elf.width);
    put_at(c, c->elf.is_64 ? 60 : 48, 0, 2);
}

static void check_code(const Image *i, bool has_plt) {
    uint64_t text = ELF_CODE_VA + ELF_TEXT_OFF;
    assert_int_equal(i->imports.count, 2);
    assert_string_equal(i->imports.at[0].name, "puts");
    assert_true(i->imports.at[0].slot_va == ELF_DATA_VA + ELF_SLOT_OFF);
    assert_true(i->imports.at[0].stub_va == (has_plt ? ELF_CODE_VA + ELF_PLT_OFF : 0));
    assert_string_equal(i->imports.at[1].name, "other");
    assert_true(i->imports.at[1].slot_va == ELF_DATA_VA + ELF_SLOT2_OFF);
    assert_true(i->imports.at[1].stub_va == 0);
    assert_int_equal(i->exports.count, 2);
    assert_string_equal(i->exports.at[0].name, "api");
    assert_true(i->exports.at[0].va == text && i->exports.at[0].is_code);
    assert_false(i->exports.at[1].is_code);
    assert_int_equal(i->ranges.count, 3);
    for (size_t k = 0; k < 3; k++) {
        assert_true(i->ranges.at[k].va == text + 16 * k && i->ranges.at[k].size == 16);
        assert_int_equal(i->ranges.at[k].is_fragment, k == 2);
    }
    assert_int_equal(i->starts.count, 3); /* entry, .init_array, DT_FINI */
    assert_true(i->starts.at[1].va == text + 0x10 && i->starts.at[1].source == START_INIT);
    assert_true(i->starts.at[2].va == text + 0x20);
    assert_int_equal(i->relocs.count, 3);
    assert_true(i->relocs.at[0].target == text + 0x10);
}

static void test_all_kinds(void **state) {
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        bool is_64 = kind & 1, big = kind >> 1;
        Case *c = case_new(is_64, big);
        Image *i = case_read(c);
        assert_int_equal(i->format, FORMAT_ELF);
        assert_int_equal(i->arch, big ? ARCH_PPC : is_64 ? ARCH_X64 : ARCH_X86);
        assert_int_equal(i->bits, is_64 ? 64 : 32);
        assert_int_equal(i->big_endian, big);
        assert_false(i->is_library || i->is_position_independent || i->elf->is_static);
        assert_true(i->base == ELF_CODE_VA && i->entry == ELF_CODE_VA + ELF_TEXT_OFF);
        assert_int_equal(i->segments.count, 2);
        assert_true(i->segments.at[1].va_size == 0x300 && i->segments.at[1].file.size == 0x200);
        check_code(i, !big);
        assert_int_equal(i->sections.count, 6);
        assert_string_equal(i->sections.at[0].name, ".text");
        assert_int_equal(i->symbols.count, 2);
        assert_string_equal(i->symbols.at[0].name, "local_fn");
        assert_int_equal(i->symbols.at[0].kind, SYMBOL_FUNCTION);
        assert_int_equal(i->symbols.at[1].kind, SYMBOL_OBJECT);
        const ElfInfo *info = i->elf;
        assert_int_equal(info->build_id.size, 8);
        assert_int_equal(info->build_id.at[7], 8);
        assert_string_equal(info->go_build_id, "go-id");
        assert_string_equal(info->interpreter, "/lib/ld.so");
        assert_string_equal(info->soname, "self.so");
        assert_string_equal(info->runpath, "/run");
        assert_int_equal(info->needed.count, 1);
        assert_string_equal(info->needed.at[0], "libx.so.1");
        assert_int_equal(info->comments.count, 1);
        assert_string_equal(info->comments.at[0], "GCC: (test) 1.0");
        case_free(c);
    }
}

static void test_without_sections(void **state) {
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        Case *c = case_new(kind & 1, kind >> 1);
        drop_sections(c);
        Image *i = case_read(c);
        assert_true(has_note(c, NOTE_SECTIONS_MISSING));
        assert_int_equal(i->sections.count, 0);
        check_code(i, !(kind >> 1));
        case_free(c);
    }
}

/* A static program without section headers: nothing but the frames' own looks leads to them. */
static void test_unannounced_frames(void **state) {
    (void)state;
    Case *c = case_new(true, false);
    drop_sections(c);
    put_at(c, 64 + 5 * 56, 0, 4); /* PT_GNU_EH_FRAME: gone */
    Image *i = case_read(c);
    assert_int_equal(i->ranges.count, 3);
    case_free(c);
}

/* Many symbols, one long name: the file is read in a time that its size explains. */
static void test_shared_names(void **state) {
    (void)state;
    enum { COUNT = 200000, SYMBOLS = 8192, SIZE = SYMBOLS + COUNT * 24 };
    uint8_t *at = calloc(1, SIZE);
    assert_non_null(at);
    SampleElf e = sample_elf(at, true, false);
    memset(at + 4096, 'A', 4095);
    e.next = ELF_SECTIONS_OFF + 3 * 64 + 24;
    elf_word(&e, SYMBOLS);
    elf_word(&e, COUNT * 24);
    e.next = ELF_SECTIONS_OFF + 4 * 64 + 24;
    elf_word(&e, 4096);
    elf_word(&e, 4096);
    e.next = SYMBOLS;
    for (int i = 0; i < COUNT; i++)
        elf_symbol_put(&e, 1, ELF_CODE_VA + ELF_TEXT_OFF, 1, 2, 1);
    Sample s = {.bytes = {at, SIZE}};
    open_arenas(&s);
    uint64_t before = clock_now_ms();
    Image *i = image_from_sample(&s, NULL);
    assert_true(clock_now_ms() - before < 5000);
    assert_true(i->symbols.count > 1000 && i->symbols.count < COUNT / 2);
    assert_true(s.notes.per_kind[NOTE_SYMBOLS_ODD] > 0);
    close_arenas(&s);
    free(at);
}

/* The section headers claim other places: what is loaded stays. */
static void test_lying_sections(void **state) {
    (void)state;
    Case *c = case_new(true, false);
    for (int k = 1; k < ELF_SECTION_COUNT; k++)
        put_at(c, ELF_SECTIONS_OFF + (size_t)k * 64 + 16, 0x12345678, 8);
    check_code(case_read(c), true);
    case_free(c);
}

/* Relative relocations packed as bitmaps. */
static void test_relr(void **state) {
    (void)state;
    Case *c = case_new(true, false);
    put_at(c, ELF_DYNAMIC_OFF + 15 * 16, 36, 8);
    put_at(c, ELF_DYNAMIC_OFF + 15 * 16 + 8, ELF_DATA_VA + 0x9a0, 8);
    put_at(c, ELF_DYNAMIC_OFF + 16 * 16, 35, 8);
    put_at(c, ELF_DYNAMIC_OFF + 16 * 16 + 8, 16, 8);
    put_at(c, ELF_DATA_OFF + 0x1a0, ELF_DATA_VA + 0x9c0, 8);
    put_at(c, ELF_DATA_OFF + 0x1a8, 0x5 << 1 | 1, 8);
    put_at(c, ELF_DATA_OFF + 0x1d8, 0x77, 8);
    Image *i = case_read(c);
    assert_int_equal(i->relocs.count, 6);
    assert_true(i->relocs.at[3].va == ELF_DATA_VA + 0x9c0);
    assert_true(i->relocs.at[4].va == ELF_DATA_VA + 0x9c8);
    assert_true(i->relocs.at[5].va == ELF_DATA_VA + 0x9d8 && i->relocs.at[5].target == 0x77);
    case_free(c);
}

static void test_truncation(void **state) {
    (void)state;
    static uint8_t full[ELF_BYTES];
    for (int kind = 0; kind < 4; kind++) {
        sample_elf(full, kind & 1, kind >> 1);
        for (size_t n = 0; n < ELF_BYTES; n += n < 0x1a0 ? 1 : 5) {
            uint8_t *exact = malloc(n ? n : 1);
            assert_non_null(exact);
            memcpy(exact, full, n);
            Sample s = {.bytes = {exact, n}};
            open_arenas(&s);
            check_image(image_from_sample(&s, NULL), s.bytes);
            close_arenas(&s);
            free(exact);
        }
    }
}

static void test_damage(void **state) {
    (void)state;
    static const uint32_t words[] = {0, 0xffffffff, 0x7fffffff, 0x80000000, 0x1000, 0x600800};
    static uint8_t full[ELF_BYTES];
    for (int kind = 0; kind < 4; kind++) {
        Case *c = case_new(kind & 1, kind >> 1);
        memcpy(full, c->bytes, ELF_BYTES);
        for (size_t at = 4; at + 4 <= ELF_BYTES; at += 2) {
            for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
                memcpy(c->bytes, full, ELF_BYTES);
                memcpy(c->bytes + at, &words[w], 4);
                ArenaMark mark = arena_mark(c->s.arena), scratch = arena_mark(c->s.scratch);
                case_read(c);
                arena_reset(c->s.arena, mark);
                arena_reset(c->s.scratch, scratch);
            }
        }
        case_free(c);
    }
}

/* ---- real files, built with the tests ---- */

static Bytes read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(f);
    rewind(f);
    uint8_t *at = malloc(size);
    assert_non_null(at);
    assert_int_equal(fread(at, 1, size, f), size);
    fclose(f);
    return (Bytes){at, size};
}

static uint64_t symbol_va(const Image *i, const char *name) {
    for (size_t k = 0; k < i->symbols.count; k++)
        if (strcmp(i->symbols.at[k].name, name) == 0)
            return i->symbols.at[k].va;
    return 0;
}

static const Import *find_import(const Image *i, const char *name) {
    for (size_t k = 0; k < i->imports.count; k++)
        if (strcmp(i->imports.at[k].name, name) == 0)
            return &i->imports.at[k];
    return NULL;
}

static bool has_start(const Image *i, uint64_t va, StartSource source) {
    for (size_t k = 0; k < i->starts.count; k++)
        if (i->starts.at[k].va == va && i->starts.at[k].source == source)
            return true;
    return false;
}

static const Range *find_range(const Image *i, uint64_t va) {
    for (size_t k = 0; k < i->ranges.count; k++)
        if (i->ranges.at[k].va == va)
            return &i->ranges.at[k];
    return NULL;
}

/* built_program.c, by the compiler of the tests: the facts are those of its source. */
static void test_built_program(void **state) {
    (void)state;
    Sample s = {.bytes = read_file(COG_BUILT_PROGRAM)};
    open_arenas(&s);
    Image *i = image_from_sample(&s, NULL);
    check_image(i, s.bytes);
    assert_int_equal(i->format, FORMAT_ELF);
    assert_true(i->has_entry && i->entry == symbol_va(i, "_start"));
    uint64_t work = symbol_va(i, "built_work");
    assert_true(work && image_is_code(i, work) && find_range(i, work));
    assert_false(find_range(i, work)->is_fragment);
    assert_true(has_start(i, symbol_va(i, "built_before_main"), START_INIT));
    assert_true(has_start(i, symbol_va(i, "built_after_main"), START_INIT));
    const Import *import = find_import(i, "strtoul");
    assert_true(import && import->slot_va && image_find_segment(i, import->slot_va));
    assert_true(import->stub_va == 0 || image_is_code(i, import->stub_va));
    uint64_t table = symbol_va(i, "built_table"); /* pointers to functions: relocated */
    bool is_known = false;
    for (size_t k = 0; k < i->relocs.count; k++)
        is_known |= i->relocs.at[k].va == table && i->relocs.at[k].target == work;
    assert_true(is_known || image_word_at(i, table) == work);
    Bytes text = image_bytes_at(i, symbol_va(i, "built_text"));
    assert_memory_equal(text.at, "one of a kind", 14);
    close_arenas(&s);
    free((void *)(uintptr_t)s.bytes.at);
}

/* The same source, compiled and not linked: sections have no addresses, imports no slots. */
static void test_built_object(void **state) {
    (void)state;
    Sample s = {.bytes = read_file(COG_BUILT_OBJECT)};
    open_arenas(&s);
    Image *i = image_from_sample(&s, NULL);
    check_image(i, s.bytes);
    assert_int_equal(i->elf->type, 1);
    assert_false(i->has_entry);
    uint64_t work = symbol_va(i, "built_work"), table = symbol_va(i, "built_table");
    assert_true(image_is_code(i, work));
    const Import *import = find_import(i, "strtoul");
    assert_true(import && import->slot_va == 0);
    assert_null(find_import(i, "_GLOBAL_OFFSET_TABLE_"));
    unsigned known = 0;
    for (size_t k = 0; k < i->relocs.count; k++)
        known += i->relocs.at[k].va - table < 16 && i->relocs.at[k].target == work;
    assert_int_equal(known, 2);
    assert_true(has_start(i, symbol_va(i, "built_before_main"), START_INIT));
    close_arenas(&s);
    free((void *)(uintptr_t)s.bytes.at);
}

/* A prefix of any length parses, and quickly: a copy of exactly that size is read. */
static void test_built_prefixes(void **state) {
    (void)state;
    Bytes whole = read_file(COG_BUILT_PROGRAM);
    uint64_t before = clock_now_ms();
    for (size_t n = 0; n < whole.size; n += n < 1024 ? 3 : 251) {
        uint8_t *exact = malloc(n ? n : 1);
        assert_non_null(exact);
        memcpy(exact, whole.at, n);
        Sample s = {.bytes = {exact, n}};
        open_arenas(&s);
        check_image(image_from_sample(&s, NULL), s.bytes);
        close_arenas(&s);
        free(exact);
    }
    assert_true(clock_now_ms() - before < 60000);
    free((void *)(uintptr_t)whole.at);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds),          cmocka_unit_test(test_without_sections),
        cmocka_unit_test(test_lying_sections),     cmocka_unit_test(test_relr),
        cmocka_unit_test(test_unannounced_frames), cmocka_unit_test(test_shared_names),
        cmocka_unit_test(test_truncation),         cmocka_unit_test(test_damage),
        cmocka_unit_test(test_built_program),      cmocka_unit_test(test_built_object),
        cmocka_unit_test(test_built_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
