/* SPDX-License-Identifier: Apache-2.0
 * test_yara.c: what a rule wants of a file. */
#include "cog_test.h"
#include "image/image.h"
#include "report/yara.h"

enum { CODES = 30, TEXTS = 8, BODY = 32 };

static void add_pattern(RuleSet *set, PatternKind kind, uint64_t has) {
    uint8_t *body = arena_alloc(set->arena, BODY);
    size_t n = set->patterns.count;
    memset(body, 'a' + (int)(n % 26), BODY);
    Pattern *p = VEC_ADD(set->arena, &set->patterns);
    assert_non_null(p);
    *p = (Pattern){.kind = kind,
                   .function = (uint32_t)n,
                   .va = UINT64_MAX,
                   .at = body,
                   .size = BODY,
                   .weight = 1,
                   .has = has};
}

/* The rule of two samples that both have all code, and the texts that `has` says. */
static const char *condition_of(uint64_t has, size_t texts) {
    static Text out;
    RuleSet *set = rules_new("test");
    Arena *scratch = arena_new((size_t)1 << 24);
    Rule *r = VEC_ADD(set->arena, &set->rules);
    assert_non_null(r);
    *r = (Rule){.family = "Heron", .basis = "a test"};
    r->samples.max = MAX_RULE_SAMPLES;
    for (unsigned i = 0; i < 2; i++) {
        RuleSample *s = VEC_ADD(set->arena, &r->samples);
        assert_non_null(s);
        *s = (RuleSample){.size = 4096, .format = FORMAT_ELF};
    }
    for (size_t i = 0; i < CODES; i++)
        add_pattern(set, PATTERN_CODE, 3);
    for (size_t i = 0; i < texts; i++)
        add_pattern(set, PATTERN_TEXT, has);
    rules_choose(set, scratch);
    text_free(&out);
    out = text_new(1 << 16);
    rules_write(set, &out);
    arena_free(scratch);
    rules_free(set);
    const char *at = strstr(text_str(&out), "condition:");
    assert_non_null(at);
    return at;
}

/* A bundled library comes with its code, and without the program's own texts. */
static void test_texts_are_wanted_where_all_have_them(void **state) {
    (void)state;
    const char *condition = condition_of(3, TEXTS);
    assert_non_null(strstr(condition, "((9 of ($c*) and 1 of ($s*)) or "
                                      "(4 of ($s*) and 1 of ($c*)) or 6 of ($s*))"));
}

/* A build whose texts are hidden must still be hit. */
static void test_texts_are_no_must_where_one_has_none(void **state) {
    (void)state;
    const char *condition = condition_of(1, TEXTS);
    assert_non_null(strstr(condition, "(9 of ($c*) or (2 of ($s*) and 1 of ($c*)) or"));
    condition = condition_of(3, TEXTS - 1);
    assert_non_null(strstr(condition, "(9 of ($c*) or (2 of ($s*) and 1 of ($c*)))"));
    condition = condition_of(3, 0);
    assert_non_null(strstr(condition, "(9 of ($c*))"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_wanted_where_all_have_them),
        cmocka_unit_test(test_texts_are_no_must_where_one_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
