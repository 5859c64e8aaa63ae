/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "image/image.h"
#include "image_check.h"

static Image *read_bytes(Sample *s, const void *at, size_t size, const ImageHint *hint) {
    *s = (Sample){.bytes = {at, size}};
    s->arena = arena_new((size_t)16 << 20);
    s->scratch = arena_new((size_t)16 << 20);
    Image *image = image_from_sample(s, hint);
    check_image(image, s->bytes);
    return image;
}

static void close_sample(Sample *s) {
    arena_free(s->arena);
    arena_free(s->scratch);
}

static Arch arch_of(const void *at, size_t size) {
    Sample s;
    Arch arch = read_bytes(&s, at, size, NULL)->arch;
    close_sample(&s);
    return arch;
}

/* push ebp; mov ebp, esp; sub esp, 24; mov eax, [ebp+8]; test eax, eax; je ..; call ..; leave */
static const uint8_t code_x86[] = {
    0x55, 0x8b, 0xec, 0x83, 0xec, 0x18, 0x8b, 0x45, 0x08, 0x85, 0xc0, 0x74, 0x0e, 0x50, 0xe8,
    0x10, 0x00, 0x00, 0x00, 0x83, 0xc4, 0x04, 0x89, 0x44, 0x24, 0x10, 0x8b, 0x4d, 0xfc, 0xff,
    0x75, 0x08, 0xff, 0x15, 0x00, 0x10, 0x40, 0x00, 0x33, 0xc0, 0x8b, 0xe5, 0x5d, 0xc3, 0xcc};
/* sub rsp, 40; mov rax, [rsp+32]; test; lea; mov r8.. */
static const uint8_t code_x64[] = {
    0x48, 0x83, 0xec, 0x28, 0x48, 0x8b, 0x44, 0x24, 0x20, 0x48, 0x85, 0xc0, 0x74, 0x0e, 0x48,
    0x8d, 0x0d, 0x10, 0x00, 0x00, 0x00, 0x4c, 0x89, 0xc7, 0x48, 0x89, 0xd6, 0xe8, 0x20, 0x00,
    0x00, 0x00, 0x48, 0x8b, 0x4c, 0x24, 0x28, 0x31, 0xc0, 0x48, 0x83, 0xc4, 0x28, 0xc3};

static void test_guess(void **state) {
    (void)state;
    assert_int_equal(arch_of(code_x86, sizeof code_x86), ARCH_X86);
    assert_int_equal(arch_of(code_x64, sizeof code_x64), ARCH_X64);
    static const char text[] =
        "The quick brown fox jumps over the lazy dog. It does so every day, in "
        "all weathers; nobody knows why, and the dog has given up asking.";
    assert_int_equal(arch_of(text, sizeof text), ARCH_NONE);
    static const uint8_t zeros[4096];
    assert_int_equal(arch_of(zeros, sizeof zeros), ARCH_NONE);
    static uint8_t noise[65536];
    uint64_t word = 1;
    for (size_t i = 0; i < sizeof noise; i++) {
        word = word * 6364136223846793005ULL + 1442695040888963407ULL;
        noise[i] = (uint8_t)(word >> 56);
    }
    assert_int_equal(arch_of(noise, sizeof noise), ARCH_NONE);
    memcpy(noise + 20, "\xd9\x74\x24\xf4\x5b", 5); /* a decoder before its payload */
    assert_int_equal(arch_of(noise, sizeof noise), ARCH_X86);
}

static void test_not_code(void **state) {
    (void)state;
    Sample s;
    Image *i = read_bytes(&s, "hello, world", 12, NULL);
    assert_int_equal(i->format, FORMAT_RAW);
    assert_int_equal(i->segments.count, 1);
    assert_false(i->has_entry || image_is_code(i, 0));
    assert_true(s.notes.per_kind[NOTE_RAW] == 1);
    close_sample(&s);
    i = read_bytes(&s, "", 0, NULL);
    assert_int_equal(i->segments.count, 0);
    assert_true(s.notes.per_kind[NOTE_EMPTY_FILE] == 1);
    close_sample(&s);
}

static void test_hint(void **state) {
    (void)state;
    Sample s;
    ImageHint hint = {.force_raw = true, .arch = ARCH_X64, .base = 0x7ff000000000};
    Image *i = read_bytes(&s, "\177ELF, but raw and long enough", 28, &hint);
    assert_int_equal(i->format, FORMAT_RAW);
    assert_true(i->base == hint.base && i->entry == hint.base && i->has_entry);
    assert_int_equal(i->bits, 64);
    assert_true(image_is_code(i, hint.base + 27) && !image_is_code(i, hint.base + 28));
    assert_true(image_off_at(i, hint.base + 3) == 3 && image_va_at(i, 3) == hint.base + 3);
    assert_true(image_off_at(i, 3) == UINT64_MAX && image_va_at(i, 28) == UINT64_MAX);
    close_sample(&s);
    hint.base = UINT64_MAX - 4; /* up to the top of the address space, not around it */
    i = read_bytes(&s, code_x64, sizeof code_x64, &hint);
    assert_true(i->segments.at[0].va_size == 4);
    close_sample(&s);
}

static void test_names(void **state) {
    (void)state;
    assert_string_equal(arch_name(ARCH_X64), "x86-64");
    assert_string_equal(arch_name(ARCH_NONE), "unknown");
    assert_string_equal(format_name(FORMAT_RAW), "raw");
}

/* docs/formats/notes.md has a row for every kind. */
static void test_notes_documented(void **state) {
    (void)state;
    FILE *f = fopen(COG_SOURCE_DIR "/docs/formats/notes.md", "rb");
    assert_non_null(f);
    static char page[65536];
    page[fread(page, 1, sizeof page - 1, f)] = 0;
    fclose(f);
    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++) {
        char row[128];
        snprintf(row, sizeof row, "| `%s` |", note_name((NoteKind)kind));
        if (!strstr(page, row))
            fail_msg("no row for %s", note_name((NoteKind)kind));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guess),
        cmocka_unit_test(test_not_code),
        cmocka_unit_test(test_hint),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_notes_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
