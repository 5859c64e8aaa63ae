/* SPDX-License-Identifier: Apache-2.0
 * The pool's search against comparing everything with everything. */
#include <stdlib.h>

#include "cog_test.h"
#include "functions/pool.h"
#include "match/align.h"

enum { FUNCTIONS = 40, GENES = 12, DISTINCT = 60 };

static Arena *memory, *scratch;

/* Functions with random genes: many are shared. */
static Case make_case(uint64_t seed) {
    Features *f = calloc(1, sizeof *f);
    f->functions.at = calloc(FUNCTIONS, sizeof *f->functions.at);
    f->genes.at = calloc(FUNCTIONS * GENES, sizeof *f->genes.at);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        uint64_t *genes = f->genes.at + f->genes.count;
        for (unsigned g = 0; g < GENES; g++)
            genes[g] = mix64(1 + random_below(&seed, DISTINCT));
        for (unsigned g = 1; g < GENES; g++) /* insertion sort */
            for (unsigned k = g; k > 0 && genes[k - 1] > genes[k]; k--) {
                uint64_t swap = genes[k];
                genes[k] = genes[k - 1];
                genes[k - 1] = swap;
            }
        uint32_t n = (uint32_t)unique_u64(genes, GENES);
        f->functions.at[i] = (FunctionFeature){
            .va = i, .blocks = i % 8, .first_gene = (uint32_t)f->genes.count, .gene_count = n};
        f->genes.count += n;
        f->functions.count++;
    }
    f->calls.at = calloc(FUNCTIONS, sizeof *f->calls.at);
    for (uint32_t i = 0; i + 1 < FUNCTIONS; i += 2) { /* every second one calls the next */
        f->functions.at[i].first_call = (uint32_t)f->calls.count;
        f->functions.at[i].call_count = 1;
        f->calls.at[f->calls.count++] = i + 1;
    }
    Case made = {.features = f, .context = context_side(f, memory, scratch)};
    context_need_all(&made.context, scratch);
    return made;
}

static void free_case(Case *c) {
    free(c->features->functions.at);
    free(c->features->genes.at);
    free(c->features->calls.at);
    free((void *)(uintptr_t)c->features);
}

static void test_search(void **state) {
    (void)state;
    Case a = make_case(1), b = make_case(2);
    const Case *cases[] = {&b};
    Pool *pool = pool_new(cases, 1, function_counts);
    Search *s = search_new(pool);
    for (uint32_t q = 0; q < FUNCTIONS; q++) {
        float best = 0;
        for (uint32_t f = 0; f < FUNCTIONS; f++)
            if (function_counts(&b.features->functions.at[f]) && similarity(&a, q, &b, f) > best)
                best = similarity(&a, q, &b, f);
        search_run(s, &a, q);
        float first = s->count > 0 ? s->hits[0].score : 0.0f;
        assert_float_equal(first, best, 1e-6);
        for (size_t i = 1; i < s->count; i++)
            assert_true(s->hits[i - 1].score >= s->hits[i].score);
    }
    search_free(s);
    pool_free(pool);
    free_case(&a);
    free_case(&b);
}

static void test_sums(void **state) {
    (void)state;
    Case a = make_case(3), b = make_case(4);
    const Case *cases[] = {&b};
    Pool *pool = pool_new(cases, 1, function_counts);
    Search *s = search_new(pool);
    for (unsigned round = 0; round < 2; round++) { /* the second finds nothing left over */
        search_share(s, &a, 5);
        assert_true(s->touched_count > 0);
        for (size_t i = 0; i < s->touched_count; i++) {
            const PoolFunction *p = &pool->at[s->touched[i]];
            float exact = gene_set_likeness(&a.context.own[5], &b.context.own[p->function]);
            assert_float_equal(search_jaccard(s, s->touched[i]), exact, 1e-6);
        }
        search_clear(s);
    }
    search_free(s);
    pool_free(pool);
    free_case(&a);
    free_case(&b);
}

static void test_config(void **state) {
    (void)state;
    Config c;
    assert_true(config_from_text("arm64-clang-Os", &c));
    assert_string_equal(config_name(c), "arm64-clang-Os");
    assert_false(config_from_text("arm64-clang", &c));
    assert_false(config_from_text("mips-gcc-O2", &c));
}

/* A function with two names is found by either. */
static void test_names(void **state) {
    (void)state;
    KeyRef key_a[] = {{10, 3, "f"}, {20, 4, "g"}}, key_b[] = {{10, 7, "f"}, {15, 8, "h"}};
    KeyRef by_function[] = {{20, 4, "g"}};
    Case a = {.by_key = key_a, .by_function = key_a, .key_count = 2};
    Case b = {.by_key = key_b, .by_function = key_b, .key_count = 2};
    assert_int_equal(case_find_same(&a, 3, &b), 7);
    assert_int_equal(case_find_same(&a, 4, &b), -1);
    assert_int_equal(case_find_same(&a, 9, &b), -1);
    const KeyRef *names;
    a.by_function = by_function;
    a.key_count = 1;
    assert_int_equal(case_find_names(&a, 4, &names), 1);
    assert_string_equal(names[0].name, "g");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_names),
    };
    memory = arena_new(1 << 24);
    scratch = arena_new(1 << 24);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(memory);
    arena_free(scratch);
    return failed;
}
