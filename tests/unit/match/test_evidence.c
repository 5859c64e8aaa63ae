/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "code/code.h"
#include "match/evidence.h"
#include "match/public.h"
#include "match/runtime.h"
#include "match/runtime_table.h"
#include "match/synthetic.h"

enum { CELLS = EVIDENCE_KINDS * EVIDENCE_SIZES * EVIDENCE_BINS };

static void test_cells_are_those_of_the_table(void **state) {
    (void)state;
    FunctionFeature f = {.instructions = 10};
    FunctionInfo info = {.families = 0};
    FunctionPair p = {.score = 0.2f, .reason = PAIR_CALLS};
    assert_int_equal(evidence_cell(&f, &info, NULL), 0);
    assert_int_equal(evidence_cell(&f, &info, &p), 1);
    p = (FunctionPair){.score = 0.36f, .reason = PAIR_GENES};
    assert_int_equal(evidence_cell(&f, &info, &p), 2);
    p.score = 1.0f;
    assert_int_equal(evidence_cell(&f, &info, &p), 8);
    p.reason = PAIR_EXACT;
    assert_int_equal(evidence_cell(&f, &info, &p), 9);
    f.instructions = UINT32_MAX;
    info.families = UINT32_MAX;
    assert_int_equal(evidence_cell(&f, &info, &p), CELLS - 1);
}

static void test_more_likeness_never_says_less(void **state) {
    (void)state;
    for (unsigned row = 0; row < CELLS; row += EVIDENCE_BINS)
        for (unsigned bin = 1; bin < EVIDENCE_BINS; bin++)
            assert_true(evidence_log_ratio(row + bin) >= evidence_log_ratio(row + bin - 1));
}

static void test_small_and_public_functions_take_no_part(void **state) {
    (void)state;
    const FunctionClass no[] = {CLASS_SMALL, CLASS_LIBRARY, CLASS_GOODWARE};
    const FunctionClass yes[] = {CLASS_UNKNOWN, CLASS_COMMON, CLASS_FAMILY};
    for (size_t i = 0; i < 3; i++) {
        assert_false(evidence_has_part(&(FunctionInfo){.function_class = no[i]}));
        assert_true(evidence_has_part(&(FunctionInfo){.function_class = yes[i]}));
    }
}

/* A reference with functions of its own and ten of a library: those are public, and only those. */
static void test_functions_of_libraries_are_public(void **state) {
    (void)state;
    Arena *arena = arena_new(1 << 26), *scratch = arena_new(1 << 26);
    Features *library = synthetic_new(arena, "library"), *f = synthetic_new(arena, "reference");
    for (uint64_t i = 0; i < 10; i++)
        synthetic_function(arena, library, 500 + i, 40, 0, 0);
    for (uint64_t i = 0; i < 30; i++)
        synthetic_function(arena, f, i < 10 ? 500 + i : i, 40, 0, 0);
    char path[] = "/tmp/cognate-public-XXXXXX", command[64];
    assert_non_null(mkdtemp(path));
    Error err = {0};
    Store *store = NULL;
    Snapshot *snap = NULL;
    const Labels of_library = {.sample_class = SAMPLE_LIBRARY, .library = "x"};
    const Labels of_family = {.family = "y"};
    assert_int_equal(store_open(path, STORE_CREATE, 0, &store, &err), STATUS_OK);
    assert_int_equal(store_learn(store, library, &of_library, NULL, NULL, &err), STATUS_OK);
    assert_int_equal(store_learn(store, f, &of_family, NULL, NULL, &err), STATUS_OK);
    assert_int_equal(snapshot_open(store, &snap, &err), STATUS_OK);
    Outline outline;
    const Outline *outlines[] = {&outline};
    bool *is_public = NULL;
    outline_from_features(f, arena, scratch, &outline);
    PublicQuestion question = {outlines, 1, snap};
    assert_int_equal(public_functions(&question, &is_public, arena, scratch, &err), STATUS_OK);
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(is_public[i], i < 10);
    snapshot_close(snap);
    store_close(store);
    arena_free(arena);
    arena_free(scratch);
    snprintf(command, sizeof command, "rm -rf %s", path);
    assert_int_equal(system(command), 0);
}

static void test_go_is_told_by_its_table_of_functions(void **state) {
    (void)state;
    Arena *arena = arena_new(1 << 20);
    Features *f = synthetic_new(arena, "stripped");
    FunctionFeature *fn = synthetic_function(arena, f, 1, 20, 0, 0);
    fn->name = "fmt.Println";
    assert_false(features_are_go(f));
    assert_false(function_is_runtime(fn, features_are_go(f)));
    fn->source = FROM_GOPCLNTAB;
    assert_true(features_are_go(f));
    assert_true(function_is_runtime(fn, true));
    fn->name = "main.main";
    assert_false(function_is_runtime(fn, true));
    arena_free(arena);
}

static void test_runtime_functions_are_told_by_their_hash(void **state) {
    (void)state;
    Arena *arena = arena_new(1 << 20);
    Features *f = synthetic_new(arena, "stripped");
    FunctionFeature *fn = synthetic_function(arena, f, 1, 20, 0, 0);
    size_t count = sizeof RUNTIME_KEYS / sizeof *RUNTIME_KEYS;
    assert_true(count > 4096);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || RUNTIME_KEYS[i - 1] < RUNTIME_KEYS[i]);
        fn->pic.high = RUNTIME_KEYS[i] << 16 | 0x1234;
        assert_true(function_is_runtime(fn, false));
    }
    fn->pic = (Hash128){0};
    assert_false(function_is_runtime(fn, false));
    fn->pic.high = (RUNTIME_KEYS[7] + 1) << 16;
    assert_int_equal(function_is_runtime(fn, false), RUNTIME_KEYS[8] == RUNTIME_KEYS[7] + 1);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_are_those_of_the_table),
        cmocka_unit_test(test_more_likeness_never_says_less),
        cmocka_unit_test(test_small_and_public_functions_take_no_part),
        cmocka_unit_test(test_functions_of_libraries_are_public),
        cmocka_unit_test(test_runtime_functions_are_told_by_their_hash),
        cmocka_unit_test(test_go_is_told_by_its_table_of_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
