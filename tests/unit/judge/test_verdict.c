/* SPDX-License-Identifier: Apache-2.0
 * From a store of made-up families to verdicts: the line that users rely on, without any file
 * format. */
#include "cog_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "judge/verdict.h"
#include "match/synthetic.h"

typedef struct Fixture {
    Arena *arena, *scratch;
    char path[64];
    Store *store;
    Snapshot *snap;
    Error err;
} Fixture;

enum { FAMILIES = 12, VERSIONS = 2, FUNCTIONS = 40 };

/* Version `build` of a family: its own functions, slightly changed, and 20 of a library that all
 * families carry. */
static Features *member(Fixture *x, const char *name, uint64_t family, uint64_t build) {
    Features *f = synthetic_new(x->arena, name);
    for (uint64_t i = 0; i < FUNCTIONS; i++)
        synthetic_function(x->arena, f, family * 1000 + i, 50 + (uint32_t)i, i % 3 ? 12 : 0, build);
    for (uint64_t i = 0; i < 20; i++)
        synthetic_function(x->arena, f, 900000 + i, 60, 0, 0);
    f->code_bytes += 100;
    return f;
}

static int set_up(void **state) {
    Fixture *x = calloc(1, sizeof *x);
    x->arena = arena_new(1 << 28);
    x->scratch = arena_new(1 << 28);
    snprintf(x->path, sizeof x->path, "/tmp/cognate-judge-XXXXXX");
    assert_non_null(mkdtemp(x->path));
    assert_int_equal(store_open(x->path, STORE_CREATE, 0, &x->store, &x->err), STATUS_OK);
    for (uint64_t family = 0; family < FAMILIES; family++) {
        for (uint64_t version = 0; version < VERSIONS; version++) {
            char name[32], label[16];
            snprintf(name, sizeof name, "f%u-v%u", (unsigned)family, (unsigned)version);
            snprintf(label, sizeof label, "family%u", (unsigned)family);
            Features *f = member(x, name, family, version + 1);
            if (family == 3)
                synthetic_trait(x->arena, f, TRAIT_PDB_PATH, "C:\\work\\three\\three.pdb");
            Labels labels = {
                .family = label, .actor = family == 3 ? "Three" : NULL, .source = "test"};
            assert_int_equal(store_learn(x->store, f, &labels, NULL, NULL, &x->err), STATUS_OK);
        }
    }
    assert_int_equal(snapshot_open(x->store, &x->snap, &x->err), STATUS_OK);
    *state = x;
    return 0;
}

static int tear_down(void **state) {
    Fixture *x = *state;
    snapshot_close(x->snap);
    store_close(x->store);
    arena_free(x->arena);
    arena_free(x->scratch);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", x->path);
    int rc = system(command);
    free(x);
    return rc;
}

static Verdict *ask(Fixture *x, const Features *query) {
    MatchReport *report = NULL;
    assert_int_equal(match_from_features(query, x->snap, x->arena, x->scratch, &report, &x->err),
                     STATUS_OK);
    return verdict_from_match(query, report, x->snap, x->arena);
}

static const Hypothesis *find(const Verdict *v, HypothesisKind kind) {
    for (size_t i = 0; i < v->hypotheses.count; i++)
        if (v->hypotheses.at[i].kind == kind)
            return &v->hypotheses.at[i];
    return NULL;
}

static void test_a_new_version_is_of_its_family(void **state) {
    Fixture *x = *state;
    Verdict *v = ask(x, member(x, "new", 5, 9));
    assert_int_equal(v->decision, DECISION_LINEAGE);
    assert_int_equal(v->hypotheses.at[0].kind, HYPOTHESIS_FAMILY);
    assert_string_equal(v->hypotheses.at[0].name, "family5");
    assert_true(v->hypotheses.at[0].probability > 0.8);
    assert_true(v->robust); /* two versions were learned */
    assert_true(v->evidence.count > 0);
    for (size_t i = 0; i < v->evidence.count; i++) {
        const Evidence *e = &v->evidence.at[i];
        if (e->evidence_class != EVIDENCE_CODE)
            continue;
        assert_true(e->here.va >= 0x401000 && e->there.va >= 0x401000);
        assert_true(e->here.va < 0x401000 + 0x100 * FUNCTIONS); /* never library code */
        assert_string_equal(e->source, "test");
    }
}

/* A function that stands in one sample many times is in one sample. */
static void test_samples_are_counted_once(void **state) {
    Fixture *x = *state;
    for (uint64_t version = 1; version <= VERSIONS; version++) {
        Features *f = member(x, version == 1 ? "copies-v1" : "copies-v2", 20, version);
        for (unsigned i = 0; i < 30; i++)
            synthetic_function(x->arena, f, 20500, 60, 0, 0);
        Labels labels = {.family = "family20", .source = "test"};
        assert_int_equal(store_learn(x->store, f, &labels, NULL, NULL, &x->err), STATUS_OK);
    }
    snapshot_close(x->snap);
    assert_int_equal(snapshot_open(x->store, &x->snap, &x->err), STATUS_OK);
    Features *query = member(x, "copies-new", 20, 9);
    synthetic_function(x->arena, query, 20500, 60, 0, 0);
    MatchReport *report = NULL;
    assert_int_equal(match_from_features(query, x->snap, x->arena, x->scratch, &report, &x->err),
                     STATUS_OK);
    assert_int_equal(report->functions[query->functions.count - 1].samples, VERSIONS);
    for (size_t i = 0; i < query->functions.count; i++)
        assert_true(report->functions[i].samples <= report->samples_in_store);
}

static void test_a_stranger_with_the_same_library_is_unknown(void **state) {
    Fixture *x = *state;
    Verdict *v = ask(x, member(x, "stranger", 77, 1));
    assert_int_equal(v->decision, DECISION_UNKNOWN);
    assert_int_equal(v->hypotheses.at[0].kind, HYPOTHESIS_UNKNOWN);
    assert_true(v->coverage_library > 0.2);
    const Hypothesis *public_code = find(v, HYPOTHESIS_PUBLIC_CODE);
    assert_non_null(public_code);
    assert_true(public_code->probability > 0);
}

static void test_too_little_code_is_insufficient(void **state) {
    Fixture *x = *state;
    Features *f = synthetic_new(x->arena, "tiny");
    synthetic_function(x->arena, f, 424242, 20, 0, 0);
    assert_int_equal(ask(x, f)->decision, DECISION_INSUFFICIENT);
    assert_int_equal(ask(x, synthetic_new(x->arena, "empty"))->decision, DECISION_INSUFFICIENT);
}

static void test_planted_metadata_does_not_attribute(void **state) {
    Fixture *x = *state;
    Features *f = member(x, "flag", 88, 1);
    synthetic_trait(x->arena, f, TRAIT_PDB_PATH, "C:\\work\\three\\three.pdb");
    Verdict *v = ask(x, f);
    assert_int_equal(v->decision, DECISION_UNKNOWN);
    assert_true(v->contradictions.count > 0);
    const Hypothesis *flag = find(v, HYPOTHESIS_FALSE_FLAG);
    assert_non_null(flag);
    assert_true(flag->probability > find(v, HYPOTHESIS_SHARED_SUPPLIER)->probability);
}

static void test_code_alone_does_not_name_an_actor(void **state) {
    Fixture *x = *state;
    Verdict *v = ask(x, member(x, "three", 3, 9));
    assert_int_equal(v->decision, DECISION_LINEAGE);
    const Hypothesis *actor = find(v, HYPOTHESIS_ACTOR);
    assert_non_null(actor);
    assert_string_equal(actor->name, "Three");
    assert_true(actor->probability <= 0.5);
}

static void test_probabilities_and_words(void **state) {
    Fixture *x = *state;
    Verdict *v = ask(x, member(x, "new", 5, 9));
    double previous = 1, sum = 0;
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        assert_true(h->probability >= 0 && h->probability <= previous);
        assert_string_equal(h->words, likelihood_words(h->probability));
        previous = h->probability;
        if (h->kind != HYPOTHESIS_ACTOR && h->kind != HYPOTHESIS_CAMPAIGN)
            sum += h->probability;
    }
    assert_true(sum > 0.98 && sum < 1.02);
    assert_string_equal(likelihood_words(0.96), "almost certainly");
    assert_string_equal(likelihood_words(0.5), "roughly even chance");
    assert_string_equal(likelihood_words(0.02), "almost no chance");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_new_version_is_of_its_family, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_samples_are_counted_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_stranger_with_the_same_library_is_unknown, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_too_little_code_is_insufficient, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_planted_metadata_does_not_attribute, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_code_alone_does_not_name_an_actor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_probabilities_and_words, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
