/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "unwrap/code_image.h"
#include "unwrap/profile.h"

static FunctionProfile profile_of(size_t size) {
    Image *image = image_of_code(size);
    Code *code = code_from_image(&sample, image);
    Values *values = values_for_image(sample.arena, image, code, NULL);
    assert_non_null(values);
    assert_int_equal(code->functions.at[0].va, CODE);
    ProfileInput in = {.image = image,
                       .values =
                           values_from_function(values, &code->functions.at[0], sample.scratch)};
    assert_false(in.values->is_cut);
    return profile_from_values(&in, sample.arena, sample.scratch);
}

static size_t put(size_t at, const char *bytes, size_t size) {
    memcpy(file + CODE_AT + at, bytes, size);
    return at + size;
}
#define PUT(at, bytes) put(at, bytes, sizeof(bytes) - 1)

static size_t put_compare(size_t at, uint32_t number, size_t out) {
    at = PUT(at, "\x3d");
    memcpy(file + CODE_AT + at, &number, 4);
    at = PUT(at + 4, "\x0f\x84");
    uint32_t rel = (uint32_t)(out - (at + 4));
    memcpy(file + CODE_AT + at, &rel, 4);
    return at + 4;
}

/* An interpreter's variables: a loop in which two registers are exchanged or not, again and again,
 * and compared with large constants here and there. Each meeting of ways has two variables that are
 * either of the two before, so ways back double with each: 2^24 were walked from each comparison
 * behind the first 128 meetings (a program of pcre2, 32 bits, clang -O2: 30 s). */
static void test_ways_are_walked_once(void **state) {
    (void)state;
    enum { MEETINGS = 165, EVERY = 10, ENTRY = 15 };
    size_t out = 5; /* jmp start; out: ret */
    size_t at = PUT(0, "\xe9\x0a\0\0\0\xc3\x90\x90\x90\x90\x90\x90\x90\x90\x90");
    assert_int_equal(at, ENTRY);
    at = PUT(at, "\x8b\x06\x8b\x56\x04"); /* mov eax, [rsi]; mov edx, [rsi + 4] */
    size_t loop = at;
    for (unsigned i = 0; i < MEETINGS; i++) {
        at = PUT(at, "\xf6\x07\x01\x74\x01\x92"); /* test byte [rdi], 1; jz + 1; xchg eax, edx */
        if (i % EVERY == 0)
            at = put_compare(at, 0x5eed0000 + 77 * i, out);
    }
    at = PUT(at, "\xe9");
    uint32_t rel = (uint32_t)(loop - (at + 4));
    memcpy(file + CODE_AT + at, &rel, 4);
    at += 4;
    assert_true(at <= sizeof file - CODE_AT);
    FunctionProfile p = profile_of(at);
    assert_true(p.branches >= MEETINGS + MEETINGS / EVERY);
    assert_int_equal(p.flattening, FLATTENING_NONE);
    /* It was looked at; and no more than the 256 variables that are remembered, two ways each, and
     * the comparisons. */
    assert_in_range(p.walked, 100, 2 * 256 + MEETINGS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ways_are_walked_once, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
