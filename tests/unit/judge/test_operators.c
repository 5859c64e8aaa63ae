/* SPDX-License-Identifier: Apache-2.0
 * test_operators.c: what it takes to name a group above even chance. */
#include "cog_test.h"
#include "judge/operators.h"

typedef struct Asked {
    const char *planted; /* kind of a finding, or NULL */
    bool has_report;     /* a report names the very file */
} Asked;

static LedgerRow row(Arena *a, const char *group, Vertex vertex, double log10_lr) {
    LedgerRow r = {.group = group, .vertex = vertex, .log10_lr = log10_lr, .forgeability = "hard"};
    r.supports.max = 4;
    *VEC_ADD(a, &r.supports) = (Pointer){HYPOTHESIS_ACTOR, "Three", "test"};
    return r;
}

/* Whose code it is is named, and an address of the group is there. */
static double probability(Asked asked, const char *expected_words) {
    Arena *a = arena_new(1 << 20);
    Verdict *v = ARENA_NEW(a, Verdict);
    v->decision = DECISION_LINEAGE;
    v->contradiction_details.max = 4;
    for (unsigned k = 0; asked.planted && k < CONTRADICTION_KIND_COUNT; k++)
        if (strcmp(contradiction_kind_name((ContradictionKind)k), asked.planted) == 0)
            *VEC_ADD(a, &v->contradiction_details) = (Contradiction){.kind = (ContradictionKind)k};
    assert_int_equal(v->contradiction_details.count, asked.planted != NULL);
    LedgerVec ledger = {.max = 4};
    *VEC_ADD(a, &ledger) = row(a, "infrastructure", VERTEX_INFRASTRUCTURE, 2);
    if (asked.has_report)
        *VEC_ADD(a, &ledger) = row(a, "knowledge", VERTEX_REPORTING, 2);
    OperatorVec operators = {.max = 1};
    *VEC_ADD(a, &operators) = (Operator){.kind = HYPOTHESIS_ACTOR,
                                         .name = "Three",
                                         .source = "test",
                                         .by_family = 0.5,
                                         .lineage = 0.95};
    operators_weigh(v, &ledger, &operators);
    operators_say(v, &operators, a);
    double p = operators.at[0].probability;
    assert_non_null(strstr(v->claims[CLAIM_GROUP].statement, expected_words));
    arena_free(a);
    return p;
}

static void test_two_sides_name_a_group(void **state) {
    (void)state;
    assert_true(probability((Asked){0}, "by capability and infrastructure") > 0.9);
}

static void test_a_finding_of_planted_evidence_wants_a_third(void **state) {
    (void)state;
    static const char *const kinds[] = {"rich_code", "idle_strings", "easy_only",
                                        "split",     "transplant",   "build_path"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_true(probability((Asked){.planted = kinds[i]}, "without three independent kinds") <=
                    0.5);
        assert_true(probability((Asked){.planted = kinds[i], .has_report = true},
                                "capability and infrastructure and reporting") > 0.9);
    }
}

static void test_times_are_set_back_by_many(void **state) {
    (void)state;
    assert_true(probability((Asked){.planted = "time_parts"}, "by capability and infrastructure") >
                0.9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_sides_name_a_group),
        cmocka_unit_test(test_a_finding_of_planted_evidence_wants_a_third),
        cmocka_unit_test(test_times_are_set_back_by_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
