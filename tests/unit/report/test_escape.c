/* SPDX-License-Identifier: Apache-2.0
 * test_escape.c: nothing that a hostile name holds reaches a terminal or breaks a record. */
#include "cog_test.h"
#include "report/escape.h"
#include "report/number.h"

#include <locale.h>
#include <math.h>

static void expect_json(const char *in, const char *expected) {
    Text out = text_new(1 << 12);
    escape_json(bytes_from_text(in), &out);
    assert_string_equal(text_str(&out), expected);
    text_free(&out);
}

static void expect_terminal(const char *in, unsigned columns, const char *expected) {
    Text out = text_new(1 << 12);
    escape_terminal(bytes_from_text(in), columns, &out);
    assert_string_equal(text_str(&out), expected);
    text_free(&out);
}

static void test_json(void **state) {
    (void)state;
    expect_json("", "");
    expect_json("plain /\\ \"quoted\"", "plain /\\\\ \\\"quoted\\\"");
    expect_json("a\nb\tc\rd\001\177", "a\\nb\\tc\\rd\\u0001\\u007f");
    expect_json("grün 漢字 😀", "grün 漢字 😀");
    expect_json("\xff\xfe", "\\\\xff\\\\xfe");
    expect_json("\xc0\xaf|\xe0\x80\xaf|\xed\xa0\x80|\xf4\x90\x80\x80",
                "\\\\xc0\\\\xaf|\\\\xe0\\\\x80\\\\xaf|\\\\xed\\\\xa0\\\\x80|"
                "\\\\xf4\\\\x90\\\\x80\\\\x80");
    expect_json("cut \xe2\x82", "cut \\\\xe2\\\\x82");
    expect_json("\xe2\x80\xae"
                "exe.txt",
                "\\u202eexe.txt");
    expect_json("\xc2\x9b"
                "31m",
                "\\u009b31m");
    expect_json("\xf3\xa0\x81\x81", "\\udb40\\udc41"); /* a tag letter */
}

static void test_terminal(void **state) {
    (void)state;
    expect_terminal("\033[31mred\033[0m", 0, "\\x1b[31mred\\x1b[0m");
    expect_terminal("\033]0;title\007", 0, "\\x1b]0;title\\x07");
    expect_terminal("a\r\nb", 0, "a\\r\\nb");
    expect_terminal("\xc2\x9b"
                    "31m",
                    0, "\\u{9b}31m");
    expect_terminal("\xe2\x80\xae"
                    "cod",
                    0, "\\u{202e}cod");
    expect_terminal("\xff", 0, "\\xff");
    expect_terminal("abcdef", 6, "abcdef");
    expect_terminal("abcdefg", 6, "abcde…");
    expect_terminal("漢字漢字", 8, "漢字漢字");
    expect_terminal("漢字漢字", 7, "漢字漢…");
    expect_terminal("漢字漢字", 6, "漢字…");
    expect_terminal("ab\033\033", 5, "ab…");
}

/* No code point and no pair of bytes gives an unsafe one. */
static void test_all_pairs(void **state) {
    (void)state;
    Text out = text_new(1 << 12);
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        uint8_t in[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};
        text_clear(&out);
        escape_terminal((Bytes){in, 2}, 0, &out);
        escape_json((Bytes){in, 2}, &out);
        Bytes written = {(const uint8_t *)text_str(&out), out.size};
        for (size_t off = 0; off < written.size;) {
            uint32_t code;
            assert_true(utf8_next(written, &off, &code));
            assert_false(code_is_unsafe(code));
        }
    }
    text_free(&out);
}

static void expect_real(double value, unsigned digits, bool is_short, const char *expected) {
    Text out = text_new(64);
    text_add_real(&out, value, digits, is_short);
    assert_string_equal(text_str(&out), expected);
    text_free(&out);
}

static void test_numbers(void **state) {
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where installed, printf would write a comma */
    expect_real(0.5, 4, true, "0.5");
    expect_real(0.99995, 4, true, "1");
    expect_real(1.25, 1, true, "1.3");
    expect_real(-1.25, 2, false, "-1.25");
    expect_real(-0.0001, 2, true, "0");
    expect_real(7, 3, true, "7");
    expect_real(0.05, 2, false, "0.05");
    expect_real((double)NAN, 2, true, "0");
    expect_real(1e300, 0, true, "9000000000000");
    Text out = text_new(64);
    text_add_count(&out, 0);
    text_add_char(&out, ' ');
    text_add_count(&out, 1234567);
    text_add_char(&out, ' ');
    text_add_size(&out, 1536);
    assert_string_equal(text_str(&out), "0 1,234,567 1.5 KiB");
    text_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_json), cmocka_unit_test(test_terminal),
                                       cmocka_unit_test(test_all_pairs),
                                       cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
