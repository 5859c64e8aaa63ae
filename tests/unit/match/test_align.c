/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdlib.h>

#include "match/align.h"
#include "match/synthetic.h"

typedef struct Fixture {
    Arena *arena, *scratch;
    Features *a, *b;
    FunctionPairVec pairs;
} Fixture;

static int set_up(void **state) {
    Fixture *x = calloc(1, sizeof *x);
    x->arena = arena_new(1 << 28);
    x->scratch = arena_new(1 << 28);
    x->a = synthetic_new(x->arena, "a");
    x->b = synthetic_new(x->arena, "b");
    *state = x;
    return 0;
}

static int tear_down(void **state) {
    Fixture *x = *state;
    arena_free(x->arena);
    arena_free(x->scratch);
    free(x);
    return 0;
}

static const FunctionPair *pair_of(const Fixture *x, uint32_t a) {
    for (size_t i = 0; i < x->pairs.count; i++)
        if (x->pairs.at[i].a == a)
            return &x->pairs.at[i];
    return NULL;
}

static void test_same_functions_pair_exactly_in_any_order(void **state) {
    Fixture *x = *state;
    for (uint64_t i = 0; i < 200; i++)
        synthetic_function(x->arena, x->a, i, 40, 0, 0);
    for (uint64_t i = 200; i-- > 0;)
        synthetic_function(x->arena, x->b, i, 40, 0, 0);
    match_pairs(x->a, x->b, x->arena, x->scratch, &x->pairs);
    assert_int_equal(x->pairs.count, 200);
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(x->pairs.at[i].a, i);
        assert_int_equal(x->pairs.at[i].b, 199 - i);
        assert_int_equal(x->pairs.at[i].reason, PAIR_EXACT);
    }
}

static void test_changed_functions_pair_by_genes(void **state) {
    Fixture *x = *state;
    for (uint64_t i = 0; i < 300; i++)
        synthetic_function(x->arena, x->a, i, 60, 15, 1);
    for (uint64_t i = 0; i < 300; i++)
        synthetic_function(x->arena, x->b, (i * 7) % 300, 60, 15, 2);
    match_pairs(x->a, x->b, x->arena, x->scratch, &x->pairs);
    unsigned right = 0;
    for (size_t i = 0; i < x->pairs.count; i++)
        right += (x->pairs.at[i].b * 7) % 300 == x->pairs.at[i].a;
    assert_true(right >= 297);
    assert_int_equal(right, x->pairs.count); /* and none is wrong */
}

static void test_unrelated_functions_do_not_pair(void **state) {
    Fixture *x = *state;
    for (uint64_t i = 0; i < 300; i++) {
        synthetic_function(x->arena, x->a, i, 60, 0, 0);
        synthetic_function(x->arena, x->b, 1000 + i, 60, 0, 0);
    }
    match_pairs(x->a, x->b, x->arena, x->scratch, &x->pairs);
    assert_int_equal(x->pairs.count, 0);
}

static void test_pairs_are_one_to_one(void **state) {
    Fixture *x = *state;
    for (uint64_t i = 0; i < 5; i++)
        synthetic_function(x->arena, x->a, 7, 60, 0, 0); /* five copies here */
    for (uint64_t i = 0; i < 2; i++)
        synthetic_function(x->arena, x->b, 7, 60, 0, 0); /* two there */
    match_pairs(x->a, x->b, x->arena, x->scratch, &x->pairs);
    assert_int_equal(x->pairs.count, 2);
    assert_int_not_equal(x->pairs.at[0].b, x->pairs.at[1].b);
}

static void test_a_pair_brings_its_callees(void **state) {
    Fixture *x = *state;
    for (int side = 0; side < 2; side++) {
        Features *f = side ? x->b : x->a;
        FunctionFeature *caller = synthetic_function(x->arena, f, 1, 80, 0, 0);
        for (uint64_t pad = 0; pad < 3; pad++) /* so that neighbourhood does not explain it */
            synthetic_function(x->arena, f, 100 + pad + (side ? 50 : 0), 30, 0, 0);
        /* 2/3 of the genes changed on each side: Jaccard about 0.2, too little without context */
        synthetic_function(x->arena, f, 2, 90, side ? 60 : 0, 3);
        caller = &f->functions.at[0];
        synthetic_call(x->arena, f, caller, 4);
    }
    match_pairs(x->a, x->b, x->arena, x->scratch, &x->pairs);
    const FunctionPair *p = pair_of(x, 4);
    assert_non_null(p);
    assert_int_equal(p->b, 4);
    assert_int_equal(p->reason, PAIR_CALLS);
    assert_null(pair_of(x, 1));
}

static void test_nothing_to_align_is_fine(void **state) {
    Fixture *x = *state;
    match_pairs(x->a, x->b, x->arena, x->scratch, &x->pairs);
    assert_int_equal(x->pairs.count, 0);
    synthetic_function(x->arena, x->a, 1, 0, 0, 0);
    synthetic_function(x->arena, x->b, 2, 0, 0, 0);
    match_pairs(x->a, x->b, x->arena, x->scratch, &x->pairs);
    assert_int_equal(x->pairs.count, 1); /* two empty functions are the same function */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_functions_pair_exactly_in_any_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_changed_functions_pair_by_genes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unrelated_functions_do_not_pair, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pairs_are_one_to_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_pair_brings_its_callees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_to_align_is_fine, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
