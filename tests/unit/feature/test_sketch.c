/* SPDX-License-Identifier: Apache-2.0
 * test_sketch.c: shared keys estimate the Jaccard index of the gene sets. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

#include "feature/feature.h"

static void an_empty_set_has_no_keys(void **state) {
    (void)state;
    Sketch k = sketch_from_genes(NULL, 0);
    assert_int_equal(k.count, 0);
    uint64_t zero = 0;
    k = sketch_from_genes(&zero, 1);
    assert_int_equal(k.count, 1);
    assert_true(k.key[0] >> SKETCH_KEY_BITS == 0);
}

static void order_and_repeats_do_not_matter(void **state) {
    (void)state;
    uint64_t a[] = {5, 1, 9, 1ULL << 60, 77}, b[] = {77, 9, 9, 1ULL << 60, 5, 1, 1};
    Sketch x = sketch_from_genes(a, 5), y = sketch_from_genes(b, 7);
    assert_int_equal(x.count, 5);
    assert_memory_equal(&x, &y, sizeof x);
}

static uint64_t made_gene(uint64_t n) { return mix64(n + 1); }

/* Two sets sample the same of what they share: a small one's keys are those of the large one that
 * are in it, as far as both reach. */
static void samples_are_coordinated(void **state) {
    (void)state;
    uint64_t all[400];
    for (unsigned i = 0; i < 400; i++)
        all[i] = made_gene(i);
    Sketch large = sketch_from_genes(all, 400), small = sketch_from_genes(all, 200);
    assert_int_equal(large.count, SKETCH_KEYS);
    unsigned next = 0; /* keys of the large one that the small one has come in the same order */
    for (unsigned i = 0; i < SKETCH_KEYS; i++)
        next += next < SKETCH_KEYS && large.key[i] == small.key[next];
    assert_true(next >= 6); /* of 16 expected; fewer than 6 once in 5,000 */
    for (unsigned i = 0; i < next; i++) {
        bool is_there = false;
        for (unsigned j = 0; j < SKETCH_KEYS; j++)
            is_there |= large.key[j] == small.key[i];
        assert_true(is_there);
    }
}

static void shared_keys_estimate_jaccard(void **state) {
    (void)state;
    /* Sets of `size` with `shared` in common: J = shared / (2 size - shared). The mean over 2,000
     * trials is a little low: a shared gene may be past the end of one sample only. */
    static const struct {
        unsigned size, shared;
    } cases[] = {{20, 10}, {60, 20}, {60, 50}, {400, 100}, {400, 360}};
    enum { TRIALS = 2000 };
    for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++) {
        unsigned size = cases[c].size, shared = cases[c].shared;
        double truth = (double)shared / (2 * size - shared), sum = 0;
        for (unsigned t = 0; t < TRIALS; t++) {
            uint64_t a[400], b[400];
            for (unsigned i = 0; i < size; i++) {
                a[i] = made_gene((uint64_t)c << 40 | t << 12 | i);
                b[i] = i < shared ? a[i] : made_gene((uint64_t)c << 40 | t << 12 | (i + 2000));
            }
            Sketch x = sketch_from_genes(a, size), y = sketch_from_genes(b, size);
            unsigned same = 0;
            for (unsigned i = 0; i < x.count; i++)
                for (unsigned j = 0; j < y.count; j++)
                    same += x.key[i] == y.key[j];
            sum += (double)sketch_likeness(same, x.count);
        }
        double off = sum / TRIALS - truth;
        assert_true(off < 0.01 && off > -0.04);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_set_has_no_keys),
        cmocka_unit_test(order_and_repeats_do_not_matter),
        cmocka_unit_test(samples_are_coordinated),
        cmocka_unit_test(shared_keys_estimate_jaccard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
