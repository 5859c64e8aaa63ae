/* SPDX-License-Identifier: Apache-2.0
 * test_records.c: records and pages from features and verdicts made by hand: the exact bytes of a
 * record, and that hostile names stay inside it. */
#include <string.h>
#include <time.h>

#include "cog_test.h"
#include "report/report.h"

static Features *hostile_features(Arena *a) {
    Features *f = ARENA_NEW(a, Features);
    f->size = 1000;
    f->base = 0x400000;
    f->entry = 0x401000;
    f->has_entry = true;
    f->bits = 64;
    f->format = 200; /* from a pack of another version: no such number */
    f->arch = 200;
    f->code_bytes = 100;
    f->code_recovered = 80;
    f->code_padding = 30; /* more than there is */
    f->sections.max = f->imports.max = f->functions.max = f->strings.max = f->traits.max =
        f->indicators.max = 10;
    *VEC_ADD(a, &f->sections) =
        (SectionFeature){"\033[2J\xff", 0x401000, 0x100, 0x200, 0x100, 5, 7.9};
    *VEC_ADD(a, &f->imports) = (ImportFeature){"a\"b.dll", "Beep\n", 0x402000};
    *VEC_ADD(a, &f->functions) = (FunctionFeature){.va = 0x401000,
                                                   .size = 20,
                                                   .blocks = 2,
                                                   .instructions = 9,
                                                   .name = "x\xe2\x80\xaey",
                                                   .source = 250,
                                                   .pic = {1, 0xab}};
    *VEC_ADD(a, &f->strings) = (StringFeature){.va = UINT64_MAX,
                                               .off = 16,
                                               .text = "evil\r\nHTTP",
                                               .length = 10,
                                               .kind = STRING_DECODED,
                                               .routine = 0x401000};
    *VEC_ADD(a, &f->traits) = (Trait){TRAIT_PDB_PATH, "c:\\\"x\".pdb", UINT64_MAX};
    *VEC_ADD(a, &f->indicators) =
        (Indicator){INDICATOR_DOMAIN, "evil.example", 0x402010, STRING_PLAIN};
    return f;
}

static void assert_is_clean(const Text *t, bool is_text) {
    for (size_t i = 0; i < t->size; i++) {
        unsigned char c = (unsigned char)t->at[i];
        if (c == '\n' && is_text)
            continue;
        if (c == '\n')
            assert_true(i + 1 == t->size || t->at[i + 1] == '{');
        else
            assert_true(c >= 0x20 && c != 0x7f);
    }
}

static void test_routine_record(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 20);
    Features *f = hostile_features(a);
    f->routines.max = f->parameters.max = f->resolved.max = 10;
    *VEC_ADD(a, &f->parameters) = (RoutineParameter){"key", PARAMETER_BYTES, 0, "0102"};
    *VEC_ADD(a, &f->parameters) = (RoutineParameter){"rounds", PARAMETER_NUMBER, 32, ""};
    *VEC_ADD(a, &f->parameters) = (RoutineParameter){"key", PARAMETER_BYTES, 0, "ff"};
    *VEC_ADD(a, &f->resolved) = (ResolvedName){0x10, "", "Sleep"};
    *VEC_ADD(a, &f->routines) = (Routine){.va = 0x401000,
                                          .size = 20,
                                          .kind = ROUTINE_API_HASH,
                                          .structure = {1, 2},
                                          .parameter_count = 3,
                                          .resolved_count = 1,
                                          .confidence = 95,
                                          .flags = ROUTINE_CUT};
    Text out = text_new(1 << 20);
    json_write_features((Subject){"p", f}, PART_ROUTINES, &out);
    const char *at = strstr(text_str(&out), "\"va\"");
    assert_non_null(at);
    assert_string_equal(
        at, "\"va\":\"0x401000\",\"size\":20,\"kind\":\"api_hash\",\"algorithm\":null,"
            "\"fingerprint\":null,\"structure\":\"00000000000000020000000000000001\","
            "\"parameters\":{\"key\":[\"0102\",\"ff\"],\"rounds\":32,\"resolved\":[{\"hash\":"
            "\"0x10\",\"module\":null,\"name\":\"Sleep\"}]},\"confidence\":0.95,"
            "\"public\":false,\"cut\":true}\n");
    text_free(&out);
    text_write_features((Subject){"p", f}, PART_ROUTINES, (TextStyle){.columns = 120}, &out);
    assert_non_null(strstr(text_str(&out), "key 0102, rounds 32, key ff, Sleep"));
    text_free(&out);
    arena_free(a);
}

static void test_feature_records(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 20);
    Features *f = hostile_features(a);
    Text out = text_new(1 << 20);
    json_write_features((Subject){"p", f}, PART_FUNCTIONS | PART_STRINGS | PART_TRAITS, &out);
    static const char *const ZERO =
        "0000000000000000000000000000000000000000000000000000000000000000";
    Text expected = text_new(1 << 20);
    text_addf(&expected,
              "{\"schema\":\"cognate/1\",\"type\":\"function\",\"sha256\":\"%s\","
              "\"va\":\"0x401000\",\"size\":20,\"name\":\"x\\u202ey\",\"source\":\"unknown\","
              "\"blocks\":2,\"instructions\":9,\"pic\":\"00000000000000ab0000000000000001\","
              "\"genes\":0,\"calls\":0,\"library\":null}\n"
              "{\"schema\":\"cognate/1\",\"type\":\"string\",\"sha256\":\"%s\",\"va\":null,"
              "\"offset\":\"0x10\",\"kind\":\"decoded\",\"text\":\"evil\\r\\nHTTP\","
              "\"routine\":\"0x401000\",\"references\":[]}\n"
              "{\"schema\":\"cognate/1\",\"type\":\"trait\",\"sha256\":\"%s\","
              "\"kind\":\"pdb_path\",\"value\":\"c:\\\\\\\"x\\\".pdb\",\"forgeability\":\"easy\","
              "\"offset\":null}\n",
              ZERO, ZERO, ZERO);
    assert_string_equal(text_str(&out), text_str(&expected));
    text_clear(&out);
    json_write_features((Subject){"\033", f}, PART_ALL, &out);
    assert_is_clean(&out, false);
    assert_non_null(strstr(text_str(&out), "\"unknown\":0}")); /* never below zero */
    text_clear(&out);
    text_write_features((Subject){"\033", f}, PART_ALL, (TextStyle){.columns = 60}, &out);
    assert_is_clean(&out, true);
    text_free(&expected);
    text_free(&out);
    arena_free(a);
}

static Verdict *verdict_by_hand(Arena *a) {
    Verdict *v = ARENA_NEW(a, Verdict);
    v->name = "x";
    v->decision = DECISION_LINEAGE;
    v->confidence_level = "moderate";
    v->code_bytes = 5000;
    v->coverage_recovered = 0.9;
    v->coverage_library = 0.25;
    v->coverage_compared = 0.5;
    v->store_samples = 12;
    v->store_families = 3;
    v->robust = true;
    v->best_sha256[0] = 0xbb;
    v->best_name = "ref\033.exe";
    v->hypotheses.max = v->evidence.max = v->limits.max = v->confidence_reasons.max = 10;
    v->contradictions.max = 10;
    *VEC_ADD(a, &v->hypotheses) =
        (Hypothesis){HYPOTHESIS_FAMILY, "Fam\033ily", "lab", 0.87654, "very likely", 3.25};
    *VEC_ADD(a, &v->hypotheses) =
        (Hypothesis){HYPOTHESIS_UNKNOWN, NULL, NULL, 0.1, "very unlikely", -1};
    *VEC_ADD(a, &v->evidence) = (Evidence){.id = 1,
                                           .evidence_class = EVIDENCE_CODE,
                                           .statement = "same function",
                                           .here = {{1}, 0x401000, 20},
                                           .there = {{0xbb}, 0x501000, 21},
                                           .rarity_count = 2,
                                           .rarity_corpus = 12,
                                           .forgeability = "hard",
                                           .group = "code",
                                           .log10_lr = 1.5,
                                           .source = "lab"};
    *VEC_ADD(a, &v->evidence) = (Evidence){.id = 2,
                                           .evidence_class = EVIDENCE_METADATA,
                                           .statement = "other language",
                                           .here = {{1}, UINT64_MAX, 0},
                                           .there = {{0}, UINT64_MAX, 0},
                                           .forgeability = "easy",
                                           .group = "metadata",
                                           .is_against = true};
    *VEC_ADD(a, &v->limits) = "strings: more than 262144";
    *VEC_ADD(a, &v->contradictions) = "two families share it";
    return v;
}

static void test_verdict_record(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 20);
    Text out = text_new(1 << 20);
    Verdict *v = verdict_by_hand(a);
    json_write_verdict(v, "p", "9.9", &out);
    assert_is_clean(&out, false);
    static const char *const PARTS[] = {
        "\"decision\":\"lineage\",\"hypotheses\":[{\"rank\":1,\"kind\":\"family\","
        "\"name\":\"Fam\\u001bily\",\"probability\":0.8765,\"words\":\"very likely\","
        "\"log10_lr\":3.25,\"source\":\"lab\"},{\"rank\":2,\"kind\":\"unknown\",\"name\":null,",
        "\"evidence\":[{\"id\":1,\"class\":\"code\",\"statement\":\"same function\",\"here\":{"
        "\"sha256\":\"01",
        "\"va\":\"0x501000\",\"size\":21},\"rarity\":{\"count\":2,\"corpus\":12},"
        "\"forgeability\":\"hard\",\"group\":\"code\",\"log10_lr\":1.5,\"source\":\"lab\","
        "\"first_public\":null}],\"against\":[{\"id\":2,",
        "\"contradictions\":[\"two families share it\"]",
        "\"robust\":true",
        "\"versions\":{\"cognate\":\"9.9\",\"extractor\":"};
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
        assert_non_null(strstr(text_str(&out), PARTS[i]));
    text_free(&out);
    arena_free(a);
}

static void test_verdict_page(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 20);
    Text out = text_new(1 << 20);
    Verdict *v = verdict_by_hand(a);
    text_write_verdict(v, "p\033", (TextStyle){.columns = 80}, &out);
    assert_is_clean(&out, true);
    static const char *const IN_ORDER[] = {
        "This is very likely (88%) the same code lineage as Fam\\x1bily.",
        "holds without any one piece",
        "Why",
        "same function",
        "here  0x401000 (20 bytes)",
        "there 0x501000 (21 bytes) in bb00000000000000… ref\\x1b.exe",
        "2 of 12 samples",
        "What speaks against it",
        "other language",
        "Contradictions",
        "What it could be",
        "Coverage",
        "What was not looked at",
        "262144"};
    const char *at = text_str(&out);
    for (size_t i = 0; i < sizeof IN_ORDER / sizeof *IN_ORDER; i++) {
        at = strstr(at, IN_ORDER[i]);
        if (!at)
            print_error("not found, or not in its place: %s in\n%s", IN_ORDER[i], text_str(&out));
        assert_non_null(at);
    }
    text_clear(&out);
    Verdict none = {.decision = DECISION_INSUFFICIENT};
    text_write_verdict(&none, "p", (TextStyle){.colour = true, .columns = 80}, &out);
    json_write_verdict(&none, "p", "1", &out);
    assert_non_null(strstr(text_str(&out), "Not enough to say"));
    text_free(&out);
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feature_records), cmocka_unit_test(test_routine_record),
        cmocka_unit_test(test_verdict_record), cmocka_unit_test(test_verdict_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
