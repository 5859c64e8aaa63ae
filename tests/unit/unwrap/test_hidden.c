/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "unwrap/hidden.h"
#include "unwrap/sample_file.h"
#include "unwrap/transform.h"

enum { BASE = 0x400000, CODE = 0x401000, DATA = 0x402000 };

static Image *image_of(const char *code, size_t size) {
    memcpy(file + 0x1000, code, size);
    sample.bytes = (Bytes){file, sizeof file};
    Image *image = ARENA_NEW(sample.arena, Image);
    image->arch = ARCH_X64;
    image->bits = 64;
    image->format = FORMAT_ELF;
    image->base = BASE;
    image->entry = CODE;
    image->has_entry = true;
    image->segments.max = 2;
    *VEC_ADD(sample.arena, &image->segments) = (Segment){.va = CODE,
                                                         .va_size = size,
                                                         .off = 0x1000,
                                                         .file = {file + 0x1000, size},
                                                         .perms = PERM_R | PERM_X};
    *VEC_ADD(sample.arena, &image->segments) = (Segment){.va = DATA,
                                                         .va_size = 0x1000,
                                                         .off = 0x2000,
                                                         .file = {file + 0x2000, 0x1000},
                                                         .perms = PERM_R | PERM_W};
    return image;
}

static HiddenTexts hunt(Image *image) {
    HiddenTexts found = {0};
    hidden_from_code(&sample, image, code_from_image(&sample, image), &found);
    assert_false(found.is_cut);
    return found;
}
#define HUNT(code) hunt(image_of(code, sizeof(code) - 1))

static void test_stack(void **state) {
    (void)state;
    /* sub rsp, 0x28; five dwords; mov rdi, rsp; call f; add rsp, 0x28; ret; f: ret */
    HiddenTexts found = HUNT("\x48\x83\xec\x28"
                             "\xc7\x04\x24"
                             "http"
                             "\xc7\x44\x24\x04"
                             "://c"
                             "\xc7\x44\x24\x08"
                             "2.ex"
                             "\xc7\x44\x24\x0c"
                             "ampl"
                             "\xc7\x44\x24\x10"
                             "e\0\0\0"
                             "\x48\x89\xe7\xe8\x05\0\0\0\x48\x83\xc4\x28\xc3\xc3");
    assert_int_equal(found.texts.count, 1);
    assert_string_equal(found.texts.at[0].text, "http://c2.example");
    assert_int_equal(found.texts.at[0].kind, HIDDEN_STACK);
    assert_int_equal(found.texts.at[0].site_va, CODE + 0x2e);
    assert_false(found.texts.at[0].is_wide);
}

/* lea rdi, [data]; mov esi, 17; call f; ret; f: xor byte [rdi], 0x5a; inc rdi; dec esi; jnz f; ret
 */
#define DECODER                                                                                    \
    "\x48\x8d\x3d\xf9\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"                                     \
    "\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3"

static void put_encoded(const char *text) {
    for (size_t i = 0; i < strlen(text); i++)
        file[0x2000 + i] = (uint8_t)text[i] ^ 0x5a;
}

static void test_decoded(void **state) {
    (void)state;
    put_encoded("http://c2.example");
    HiddenTexts found = HUNT(DECODER);
    assert_int_equal(found.texts.count, 1);
    assert_string_equal(found.texts.at[0].text, "http://c2.example");
    assert_int_equal(found.texts.at[0].kind, HIDDEN_DECODED);
    assert_int_equal(found.texts.at[0].routine_va, CODE + 18);
    assert_int_equal(found.texts.at[0].site_va, CODE + 12);
}

static void test_no_text(void **state) {
    (void)state;
    memcpy(file + 0x2000, "\x13\x99\x27\x45\x01\x88\xfe\x20\x11\x02\xc0\xde\xaa\x55\x31\x10\x08",
           17);
    assert_int_equal(HUNT(DECODER).texts.count, 0);
    put_encoded("ABCDEFGHIJKLMNOPQ"); /* an alphabet is a table */
    assert_int_equal(HUNT(DECODER).texts.count, 0);
}

/* A decoder that never ends costs its budget, and what comes after it is found. */
static void test_endless(void **state) {
    (void)state;
    put_encoded("http://c2.example");
    /* call g; lea rdi, [data]; mov esi, 17; call f; ret; f as above; g: xor byte [rsp-9], 1; jmp g
     */
    HiddenTexts found =
        HUNT("\xe8\x1d\0\0\0\x48\x8d\x3d\xf4\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"
             "\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3"
             "\x80\x74\x24\xf7\x01\xeb\xf9");
    assert_int_equal(found.texts.count, 1);
}

static void test_transform(void **state) {
    (void)state;
    Image *image = image_of(DECODER, sizeof DECODER - 1);
    Code *code = code_from_image(&sample, image);
    TransformInput in = {image, code, lifter_for_image(sample.arena, image, code->decoder)};
    TransformLoops loops = {0};
    transform_find(sample.arena, sample.scratch, &in, &loops);
    assert_int_equal(loops.count, 1);
    assert_true(loops.at[0].has_xor);
    assert_int_equal(loops.at[0].va, CODE + 18);
    /* f copies instead: mov al, [rdi]; mov [rdi], al */
    image = image_of("\x48\x8d\x3d\xf9\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"
                     "\x8a\x07\x88\x07\x48\xff\xc7\xff\xce\x75\xf5\xc3",
                     30);
    in.code = code = code_from_image(&sample, image);
    in.image = image;
    loops = (TransformLoops){0};
    transform_find(sample.arena, sample.scratch, &in, &loops);
    assert_int_equal(loops.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stack, start, stop),
        cmocka_unit_test_setup_teardown(test_decoded, start, stop),
        cmocka_unit_test_setup_teardown(test_no_text, start, stop),
        cmocka_unit_test_setup_teardown(test_endless, start, stop),
        cmocka_unit_test_setup_teardown(test_transform, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
