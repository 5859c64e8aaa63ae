/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "image/image.h"
#include "unwrap/sift.h"

static bool is_same(const Sifted *a, const Sifted *b) {
    return a->is_candidate == b->is_candidate && a->has_multiply == b->has_multiply &&
           a->has_mixing == b->has_mixing && a->has_store == b->has_store &&
           a->has_byte_load == b->has_byte_load && a->has_shift == b->has_shift &&
           a->strength == b->strength && a->likeness == b->likeness;
}

static Bytes own_program(void) {
    enum { MOST = 64 << 20 };
    FILE *f = fopen("/proc/self/exe", "rb");
    assert_non_null(f);
    uint8_t *at = malloc(MOST);
    assert_non_null(at);
    Bytes b = {at, fread(at, 1, MOST, f)};
    fclose(f);
    return b;
}

/* This very program: what is remembered of instructions changes nothing that is said of a function.
 */
static void test_memory_changes_nothing(void **state) {
    (void)state;
    Sample s = {.bytes = own_program(), .name = "test"};
    s.arena = arena_new((size_t)1 << 30);
    s.scratch = arena_new((size_t)1 << 30);
    Image *image = image_from_sample(&s, NULL);
    Code *code = code_from_image(&s, image);
    Lifter *lifter = lifter_for_image(s.arena, image, code->decoder);
    assert_non_null(lifter);
    IrOp *ops = ARENA_ARRAY(s.arena, IrOp, IR_MAX_OPS);
    SiftTools with = {code->decoder, lifter, ops, sift_memory_new(s.arena, image)};
    SiftTools without = {code->decoder, lifter, ops, NULL};
    size_t candidates = 0;
    for (size_t i = 0; i < code->functions.count; i++) {
        const Function *f = &code->functions.at[i];
        Sifted a = sift_function(image, code, f, &with, s.scratch);
        Sifted b = sift_function(image, code, f, &without, s.scratch);
        assert_true(is_same(&a, &b));
        candidates += a.is_candidate;
    }
    assert_true(candidates > 10);
    arena_free(s.arena);
    arena_free(s.scratch);
    free((void *)(uintptr_t)s.bytes.at);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_changes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
