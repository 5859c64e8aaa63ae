/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include "match/chance.h"

static void test_rarer_with_likeness_and_never_below_what_was_measured(void **state) {
    (void)state;
    FunctionFeature small = {.instructions = 12}, large = {.instructions = 150},
                    tiny = {.instructions = 9};
    assert_float_equal(chance_log10(&tiny, &large, 1.0f), 0, 0);
    assert_float_equal(chance_log10(&large, &large, 0.1f), 0, 0);
    for (float score = 0.2f; score < 0.99f; score += 0.01f)
        assert_true(chance_log10(&small, &large, score + 0.01f) >=
                    chance_log10(&small, &large, score));
    /* The smaller one decides. */
    assert_float_equal(chance_log10(&small, &large, 0.5f), chance_log10(&large, &small, 0.5f), 0);
    assert_float_equal(chance_log10(&small, &large, 0.5f), chance_log10(&small, &small, 0.5f), 0);
    assert_true(chance_log10(&large, &large, 0.5f) > chance_log10(&small, &small, 0.5f));
    /* 2 * 10^9 pairs cannot tell less than about 10^-9. */
    assert_true(chance_log10(&large, &large, 1.0f) < 9.5f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rarer_with_likeness_and_never_below_what_was_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
