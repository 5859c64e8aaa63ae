/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdlib.h>

#include "match/effect_align.h"

typedef struct Fixture {
    Arena *arena, *scratch;
} Fixture;

static int set_up(void **state) {
    Fixture *x = calloc(1, sizeof *x);
    x->arena = arena_new(1 << 28);
    x->scratch = arena_new(1 << 28);
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

enum { MOST = 8 };
static EffectSide side_of(EffectLine lines[MOST], const char *const texts[]) {
    size_t n = 0;
    for (; texts[n]; n++)
        lines[n] = (EffectLine){0, 0x1000 + n, texts[n]};
    return (EffectSide){lines, n};
}

static void check(Fixture *x, const char *const a[], const char *const b[], const char *expected) {
    EffectLine la[MOST], lb[MOST];
    EffectRowVec rows;
    char got[2 * MOST + 1] = "";
    effects_align(side_of(la, a), side_of(lb, b), x->arena, x->scratch, &rows);
    for (size_t i = 0; i < rows.count; i++)
        got[i] = "=~^<>"[rows.at[i].relation];
    assert_string_equal(got, expected);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_names_and_widths_of_the_compiler_do_not_matter(void **state) {
    Fixture *x = *state;
    check(x, LINES("r1 = f_4010(a0, v3)", "[s-8]8 = v17 ^ 0x9e37", "if !((r1 == 0))"),
          LINES("r9 = f_88(a0, v99)", "[s-0x40]4 = v2 ^ 0x9e37", "if r9 == 0"), "===");
    /* What is computed does. */
    check(x, LINES("[a0]4 = v1 ^ 0x9e37"), LINES("[a0]4 = v1 ^ 0x9e38"), "~");
    check(x, LINES("[a0]4 = a1"), LINES("[a0]4 = a2"), "~");
    check(x, LINES("return 1"), LINES("if a1 == 7"), "<>");
}

static void test_what_one_side_has_stands_alone(void **state) {
    Fixture *x = *state;
    check(x, LINES("return 1"), LINES("r1 = send(a0)", "return 1"), ">=");
    check(x, LINES("[a0]1 = 5", "r1 = recv(a1)", "return 0"), LINES("[a0]1 = 5", "return 0"),
          "=<=");
}

static void test_a_moved_line_is_found(void **state) {
    Fixture *x = *state;
    check(x, LINES("r1 = send(a0)", "[a1]4 = 7", "[a2]4 = 8", "return 0"),
          LINES("[a1]4 = 7", "[a2]4 = 8", "r3 = send(a0)", "return 0"), "^===");
}

static void test_lines_travel(void **state) {
    Fixture *x = *state;
    EffectLine lines[] = {{0, 0x10, "return 1"}, {2, 0x20, ""}, {2, UINT64_MAX, "if a0 == 1"}};
    EffectLines e = {.is_cut = true}, back;
    e.lines.at = lines;
    e.lines.count = 3;
    Text t = text_new(1 << 16);
    effect_lines_write(&e, &t);
    Bytes bytes = {(const uint8_t *)text_str(&t), t.size};
    assert_true(effect_lines_from_bytes(x->arena, bytes, &back));
    assert_true(back.is_cut);
    const EffectLine *of = NULL;
    assert_int_equal(effect_lines_find(&back, 1, &of), 0);
    assert_int_equal(effect_lines_find(&back, 2, &of), 2);
    assert_string_equal(of[1].text, "if a0 == 1");
    assert_true(of[1].va == UINT64_MAX);
    for (size_t cut = 0; cut < bytes.size; cut++)
        assert_false(effect_lines_from_bytes(x->arena, (Bytes){bytes.at, cut}, &back));
    text_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_and_widths_of_the_compiler_do_not_matter, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_one_side_has_stands_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_moved_line_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_travel, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
