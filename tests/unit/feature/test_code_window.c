/* SPDX-License-Identifier: Apache-2.0
 * test_code_window.c: which bytes of code a rule may search for. */
#include "feature_test.h"

#include "code/code.h"
#include "feature/code_window.h"

static void test_windows_travel(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 20);
    const uint8_t at[] = {0x55, 0, 0, 0x90}, fixed[] = {1, 0, 0, 1};
    CodeWindow windows[] = {{3, 0x401000, 4, at, fixed}, {7, 0x402000, 1, at, fixed}};
    CodeWindows w = {0}, back;
    w.windows.at = windows;
    w.windows.count = 2;
    Text t = text_new(1 << 16);
    code_windows_write(&w, &t);
    Bytes bytes = {(const uint8_t *)text_str(&t), t.size};
    assert_true(code_windows_from_bytes(a, bytes, &back));
    assert_int_equal(back.windows.count, 2);
    assert_int_equal(back.windows.at[0].function, 3);
    assert_true(back.windows.at[1].va == 0x402000);
    assert_memory_equal(back.windows.at[0].is_fixed, fixed, 4);
    for (size_t cut = 0; cut < bytes.size; cut++)
        assert_false(code_windows_from_bytes(a, (Bytes){bytes.at, cut}, &back));
    text_free(&t);
    arena_free(a);
}

/* A function of i386 with a call and an absolute address among constants that stay. */
static void test_addresses_are_masked(void **state) {
    (void)state;
    static const uint8_t CODE[] = {
        0x55, 0x89, 0xe5, 0x53, 0x8b, 0x5d, 0x08, /* push ebp; mov; push; mov */
        0x81, 0xf3, 0x11, 0x22, 0x33, 0x44,       /* xor ebx, 0x44332211 */
        0x69, 0xdb, 0x0d, 0x66, 0x19, 0x00,       /* imul ebx, ebx, 0x19660d */
        0xe8, 0x20, 0x00, 0x00, 0x00,             /* call +0x20 */
        0x81, 0xc3, 0x5f, 0xf3, 0x6e, 0x3c,       /* add ebx, 0x3c6ef35f */
        0xc1, 0xcb, 0x0b, 0x31, 0xc3, 0x89, 0xd8, /* ror; xor; mov eax, ebx */
        0x35, 0x78, 0x56, 0x34, 0x12,             /* xor eax, 0x12345678 */
        0x5b, 0x5d, 0xc3};                        /* pop ebx; pop ebp; ret */
    Sample s = {.bytes = {CODE, sizeof CODE}, .name = "w", .arena = arena_new((size_t)64 << 20)};
    s.scratch = arena_new((size_t)64 << 20);
    ImageHint hint = {.force_raw = true, .arch = ARCH_X86, .base = 0x400000};
    Image *image = image_from_sample(&s, &hint);
    Code *code = code_from_image(&s, image);
    CodeWindows *w = code_windows_from_code(&s, image, code);
    assert_int_equal(w->windows.count, 1);
    const CodeWindow *first = &w->windows.at[0];
    assert_true(first->va == 0x400000);
    assert_true(first->size >= 32 && first->size <= WINDOW_BYTES);
    for (size_t i = 0; i < first->size; i++) {
        bool is_target = i >= 20 && i < 24;
        assert_int_equal(first->is_fixed[i], !is_target);
        assert_int_equal(first->at[i], is_target ? 0 : CODE[i]);
    }
    arena_free(s.arena);
    arena_free(s.scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_windows_travel),
                                       cmocka_unit_test(test_addresses_are_masked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
