/* SPDX-License-Identifier: Apache-2.0
 * test_sketch.c: equal bins estimate the Jaccard index of the gene sets. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>

#include "feature/feature.h"

static void an_empty_set_is_zero(void **state) {
    (void)state;
    Sketch none = {0}, k = sketch_from_genes(NULL, 0);
    assert_memory_equal(&k, &none, sizeof k);
    uint64_t zero = 0;
    k = sketch_from_genes(&zero, 1);
    for (unsigned i = 0; i < SKETCH_BINS; i++)
        assert_int_not_equal(k.bin[i], 0);
}

static void order_and_repeats_do_not_matter(void **state) {
    (void)state;
    uint64_t a[] = {5, 1, 9, 1ULL << 60, 77}, b[] = {77, 9, 9, 1ULL << 60, 5, 1, 1};
    Sketch x = sketch_from_genes(a, 5), y = sketch_from_genes(b, 7);
    assert_memory_equal(&x, &y, sizeof x);
}

static void equal_bins_estimate_jaccard(void **state) {
    (void)state;
    /* Sets of `size` with `shared` in common: J = shared / (2 size - shared). The mean over 2,000
     * trials lies within four standard errors; the spread of one trial stays near that of 64
     * independent bins, for small sets too, where most bins are borrowed (Shrivastava 2017: more
     * variance, no bias). */
    static const struct {
        unsigned size, shared;
    } cases[] = {{8, 6}, {20, 10}, {60, 20}, {60, 50}, {400, 100}, {400, 360}};
    enum { TRIALS = 2000 };
    for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++) {
        unsigned size = cases[c].size, shared = cases[c].shared;
        double truth = (double)shared / (2 * size - shared), sum = 0, squares = 0;
        for (unsigned t = 0; t < TRIALS; t++) {
            uint64_t a[400], b[400];
            for (unsigned i = 0; i < size; i++) {
                a[i] = mix64((uint64_t)c << 40 | t << 12 | i);
                b[i] = i < shared ? a[i] : mix64((uint64_t)c << 40 | t << 12 | (i + 2000));
            }
            Sketch x = sketch_from_genes(a, size), y = sketch_from_genes(b, size);
            unsigned equal = 0;
            for (unsigned i = 0; i < SKETCH_BINS; i++)
                equal += x.bin[i] == y.bin[i];
            double error = equal / (double)SKETCH_BINS - truth;
            sum += error;
            squares += error * error;
        }
        double spread = sqrt(squares / TRIALS);
        assert_true(fabs(sum / TRIALS) < 4 * spread / sqrt(TRIALS));
        double independent = sqrt(truth * (1 - truth) / SKETCH_BINS);
        double few =
            sqrt(truth * (1 - truth) / size); /* a set of 8 cannot tell more than 8 draws */
        assert_true(spread < 1.3 * (independent + few));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_set_is_zero),
        cmocka_unit_test(order_and_repeats_do_not_matter),
        cmocka_unit_test(equal_bins_estimate_jaccard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
