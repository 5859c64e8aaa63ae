/* SPDX-License-Identifier: Apache-2.0
 * test_cognate.c: the public interface without a store: results carried as bytes, damaged bytes,
 * records. */
#include <cognate/cognate.h>
#include <stdio.h>
#include <stdlib.h>

#include <string.h>
#include <time.h>

#include "cog_test.h"

static bool keep(void *ctx, CogResult *result) {
    CogResult **kept = ctx;
    assert_null(*kept);
    *kept = result;
    return true;
}

static CogResult *analyse_self(const char *name) {
    static unsigned char bytes[1 << 16];
    FILE *f = fopen("/proc/self/exe", "rb");
    assert_non_null(f);
    size_t size = fread(bytes, 1, sizeof bytes, f); /* the start of an ELF file: enough */
    fclose(f);
    CogResult *r = NULL;
    cog_analyse(NULL, name, bytes, size, keep, &r);
    assert_non_null(r);
    return r;
}

static char *render(const CogResult *r, unsigned parts, CogStyle style) {
    CogOutput out = {0};
    CogError error;
    assert_int_equal(cog_result_render(r, parts, style, 80, &out, &error), COG_OK);
    return out.at;
}

static void test_result_travels(void **state) {
    (void)state;
    CogResult *a = analyse_self("dir/self"), *b = NULL;
    CogOutput out = {0};
    CogError error;
    assert_false(cog_result_is_failure(a));
    assert_int_equal(cog_result_write(a, &out, &error), COG_OK);
    assert_int_equal(cog_result_read(out.at, out.size, &b, &error), COG_OK);
    assert_string_equal(cog_result_path(b), "dir/self");
    assert_string_equal(cog_result_sha256(a), cog_result_sha256(b));
    char *first = render(a, COG_ALL, COG_JSON), *second = render(b, COG_ALL, COG_JSON);
    assert_string_equal(first, second);
    free(first);
    free(second);
    cog_output_free(&out);
    cog_result_free(a);
    cog_result_free(b);
}

static void test_failure_travels(void **state) {
    (void)state;
    CogResult *a = cog_result_failure("a\"b", "open", "no \x1b[31m"), *b = NULL;
    CogOutput out = {0};
    CogError error;
    assert_int_equal(cog_result_write(a, &out, &error), COG_OK);
    assert_int_equal(cog_result_read(out.at, out.size, &b, &error), COG_OK);
    assert_true(cog_result_is_failure(b));
    char *json = render(b, COG_ALL, COG_JSON), *text = render(b, COG_ALL, COG_TEXT);
    assert_string_equal(json,
                        "{\"schema\":\"cognate/1\",\"type\":\"failure\",\"path\":\"a\\\"b\","
                        "\"sha256\":null,\"stage\":\"open\",\"reason\":\"no \\u001b[31m\"}\n");
    assert_string_equal(text, "a\"b: no \\x1b[31m (open)\n");
    free(json);
    free(text);
    CogOutput none = {0};
    CogResult *c = analyse_self("c");
    assert_int_equal(cog_compare(a, c, COG_JSON, 0, &none, &error), COG_USAGE);
    cog_output_free(&none);
    cog_output_free(&out);
    cog_result_free(a);
    cog_result_free(b);
    cog_result_free(c);
}

static void test_damage_is_noticed(void **state) {
    (void)state;
    CogResult *a = analyse_self("x"), *b = NULL;
    CogOutput out = {0};
    CogError error;
    assert_int_equal(cog_result_write(a, &out, &error), COG_OK);
    for (size_t size = 0; size < out.size; size += size < 200 ? 1 : 997)
        assert_int_equal(cog_result_read(out.at, size, &b, &error), COG_CORRUPT);
    for (size_t at = 0; at < out.size; at += at < 200 ? 1 : 499) {
        out.at[at] = (char)(out.at[at] ^ 0x40);
        /* A hash's letter may turn into another digit: then it is the hash of another file. */
        if (cog_result_read(out.at, out.size, &b, &error) == COG_OK) {
            assert_in_range(at, 24, 87);
            cog_result_free(b);
        }
        out.at[at] = (char)(out.at[at] ^ 0x40);
    }
    cog_output_free(&out);
    cog_result_free(a);
}

static void test_output_appends(void **state) {
    (void)state;
    CogResult *a = cog_result_failure("a", "s", "r");
    CogOutput out = {0};
    CogError error;
    for (int i = 0; i < 100; i++)
        assert_int_equal(cog_result_render(a, 0, COG_JSON, 0, &out, &error), COG_OK);
    assert_int_equal(strlen(out.at), out.size);
    assert_int_equal(out.size % 100, 0);
    cog_output_free(&out);
    assert_null(out.at);
    cog_result_free(a);
}

static void test_odd_calls(void **state) {
    (void)state;
    CogResult *r = NULL;
    CogOptions options = {.arch = "z80"};
    cog_analyse(&options, "n", "abc", 3, keep, &r);
    assert_true(cog_result_is_failure(r));
    cog_result_free(r);
    r = NULL;
    cog_analyse(NULL, "empty", NULL, 0, keep, &r);
    assert_non_null(r);
    cog_result_free(r);
    cog_result_free(NULL);
    CogStore *store;
    CogError error;
    assert_int_equal(cog_store_open("postgresql://host/db", COG_READ, 0, &store, &error),
                     COG_USAGE);
    assert_null(store);
    assert_non_null(strstr(error.message, "not in this version"));
    cog_store_close(NULL);
}

int main(void) {
    cog_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result_travels), cmocka_unit_test(test_failure_travels),
        cmocka_unit_test(test_damage_is_noticed), cmocka_unit_test(test_output_appends),
        cmocka_unit_test(test_odd_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
