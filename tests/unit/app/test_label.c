/* SPDX-License-Identifier: Apache-2.0 */
#include "app/label.h"
#include <string.h>
#include <time.h>

#include "cog_test.h"

static void test_labels(void **state) {
    (void)state;
    char longest[MAX_LABEL_BYTES + 2];
    memset(longest, 'x', sizeof longest);
    longest[MAX_LABEL_BYTES] = 0;
    assert_true(label_is_valid("Emotet"));
    assert_true(label_is_valid("Группа 7 — 第七"));
    assert_true(label_is_valid(longest));
    longest[MAX_LABEL_BYTES] = 'x';
    longest[MAX_LABEL_BYTES + 1] = 0;
    assert_false(label_is_valid(longest));
    static const char *const BAD[] = {"",
                                      " ",
                                      " a",
                                      "a ",
                                      "a\nb",
                                      "a\033[31mb",
                                      "\xff",
                                      "\xc0\xaf",
                                      "\xe2\x80",
                                      "\xed\xa0\x80",
                                      "\xe2\x80\xae",
                                      "\xc2\x85",
                                      "\xf4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(label_is_valid(BAD[i]));
}

static void test_dates(void **state) {
    (void)state;
    assert_true(label_is_date("2024-02-29"));
    assert_true(label_is_date("2024-03-11T08:00:00Z"));
    static const char *const BAD[] = {"",
                                      "2024",
                                      "2023-02-29",
                                      "2024-13-01",
                                      "2024-00-10",
                                      "2024-01-32",
                                      "2024-1-1",
                                      "2024-03-11T08:00",
                                      "2024-03-11 08:00:00Z",
                                      "2024-03-11T24:00:00Z",
                                      "11.03.2024",
                                      "2024-03-11x"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(label_is_date(BAD[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_labels), cmocka_unit_test(test_dates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
