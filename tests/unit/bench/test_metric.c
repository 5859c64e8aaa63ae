/* SPDX-License-Identifier: Apache-2.0
 * How the benchmarks of function matching count. */
#include "functions/metric.h"

#include "cog_test.h"

static void test_rank(void **state) {
    (void)state;
    assert_float_equal(rank_first((Rank){0, 0}), 1.0, 1e-9);
    assert_float_equal(rank_first((Rank){0, 3}), 0.25, 1e-9);
    assert_float_equal(rank_first((Rank){1, 0}), 0.0, 1e-9);
    assert_float_equal(rank_reciprocal_10((Rank){1, 0}), 0.5, 1e-9);
    assert_float_equal(rank_reciprocal_10((Rank){0, 2}), 0.5, 1e-9);
    assert_float_equal(rank_reciprocal_10((Rank){9, 0}), 0.1, 1e-9);
    assert_float_equal(rank_reciprocal_10((Rank){10, 0}), 0.0, 1e-9);
}

static void test_tally(void **state) {
    (void)state;
    Tally a = {.strange = 1}, b = {.lost = 2};
    tally_add(&a, (Rank){0, 0});
    tally_add(&b, (Rank){1, 0});
    tally_add(&b, (Rank){0, 1});
    tally_merge(&a, &b);
    assert_int_equal(a.queries, 3);
    assert_float_equal(a.first, 1.5, 1e-9);
    assert_int_equal(a.strange, 1);
    assert_int_equal(a.lost, 2);
}

static void test_wrong_rate(void **state) {
    (void)state;
    Answer answers[] = {{0.5f, true}, {0.9f, true}, {0.7f, false}, {0.6f, true}, {0.4f, false}};
    Point p = best_at_wrong_rate(answers, 5, 10, 0.1);
    assert_float_equal(p.recall, 0.3, 1e-9);
    assert_float_equal(p.wrong, 0.1, 1e-9);
    assert_float_equal(p.threshold, 0.5, 1e-6);
    p = best_at_wrong_rate(answers, 5, 10, 0.0);
    assert_float_equal(p.recall, 0.1, 1e-9);
    assert_float_equal(p.threshold, 0.9, 1e-6);
}

/* Answers of one score are all given or none is. */
static void test_wrong_rate_ties(void **state) {
    (void)state;
    Answer answers[] = {{0.5f, true}, {0.5f, false}};
    assert_float_equal(best_at_wrong_rate(answers, 2, 2, 0.0).recall, 0.0, 1e-9);
    assert_float_equal(best_at_wrong_rate(answers, 2, 2, 0.5).recall, 0.5, 1e-9);
    assert_float_equal(best_at_wrong_rate(answers, 0, 0, 0.5).recall, 0.0, 1e-9);
}

static void test_even_pick(void **state) {
    (void)state;
    size_t before = 0;
    for (size_t i = 0; i < 7; i++) {
        size_t at = even_pick(i, 7, 100);
        assert_true(at < 100);
        assert_true(i == 0 || (at - before >= 14 && at - before <= 15));
        before = at;
    }
    assert_int_equal(even_pick(3, 10, 10), 3);
}

static void test_random(void **state) {
    (void)state;
    uint64_t a = 1, b = 1;
    unsigned seen = 0;
    for (unsigned i = 0; i < 1000; i++) {
        uint32_t x = random_below(&a, 5);
        assert_int_equal(x, random_below(&b, 5));
        assert_true(x < 5);
        seen |= 1u << x;
    }
    assert_int_equal(seen, 31);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rank),       cmocka_unit_test(test_tally),
        cmocka_unit_test(test_wrong_rate), cmocka_unit_test(test_wrong_rate_ties),
        cmocka_unit_test(test_even_pick),  cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
