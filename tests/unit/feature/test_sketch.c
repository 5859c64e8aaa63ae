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
#include <stdlib.h>

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

static int by_value(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Sets of all sizes; every tenth gene is one whose key another gene of its set may have: of 300,000
 * genes some 170 pairs share a key of 28 bits. */
static void ranks_give_the_same_sketches(void **state) {
    (void)state;
    enum { ALL = 300000, MOST = 700 };
    Arena *arena = arena_new(1 << 28);
    uint64_t *genes = ARENA_ARRAY(arena, uint64_t, ALL);
    uint32_t *twins = ARENA_ARRAY(arena, uint32_t, ALL), twin_count = 0;
    for (uint64_t i = 0; i < ALL; i++)
        genes[i] = mix64(i + 1);
    qsort(genes, ALL, sizeof *genes, by_value);
    GeneRank *ranks = gene_ranks_from_genes(genes, ALL, arena, arena);
    for (uint32_t i = 0; i < ALL; i++)
        if (ranks[i].has_twin)
            twins[twin_count++] = i;
    assert_in_range(twin_count, 100, 1000);
    for (uint64_t round = 0; round < 4000; round++) {
        uint64_t numbers[MOST], set[MOST];
        uint32_t short_numbers[MOST];
        size_t n = round % MOST;
        for (size_t i = 0; i < n; i++) {
            uint64_t r = mix64(round * MOST + i + 1);
            numbers[i] = i % 10 == 9 ? twins[r % twin_count] : r % ALL;
        }
        qsort(numbers, n, sizeof *numbers, by_value);
        n = unique_u64(numbers, n);
        for (size_t i = 0; i < n; i++) {
            short_numbers[i] = (uint32_t)numbers[i];
            set[i] = genes[numbers[i]];
        }
        Sketch x = sketch_from_genes(set, n);
        uint32_t chosen[SKETCH_KEYS];
        unsigned count = sketch_choose(ranks, short_numbers, n, chosen), found = 0;
        assert_int_equal(count, x.count);
        for (unsigned k = 0; k < count; k++)
            for (unsigned i = 0; i < count; i++)
                found += sketch_key(genes[chosen[i]]) == x.key[k];
        assert_int_equal(found, count);
    }
    arena_free(arena);
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
        cmocka_unit_test(ranks_give_the_same_sketches),
        cmocka_unit_test(samples_are_coordinated),
        cmocka_unit_test(shared_keys_estimate_jaccard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
