/* SPDX-License-Identifier: Apache-2.0
 * test_strings.c: the scanners against a plain one, the noise filter, references, seams, limits. */
#include "feature_test.h"

#include <stdlib.h>

#include "feature/string_scan.h"

typedef struct Seen {
    TextRun run[4096];
    size_t count;
} Seen;

static void see(void *ctx, const TextRun *run) {
    Seen *seen = ctx;
    assert_in_range(seen->count, 0, 4095);
    seen->run[seen->count++] = *run;
}

static bool plain_is_text(uint8_t c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; }

/* Every run of four and more, byte by byte: what scan_bytes must find by masks. */
static void narrow_equals_plain(void **state) {
    (void)state;
    static Seen seen;
    uint64_t x = 7;
    for (unsigned round = 0; round < 3000; round++) {
        uint8_t b[300];
        size_t n = round % 300, count = 0;
        for (size_t i = 0; i < n; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            /* Runs of all lengths: mostly text, and no bytes beyond ASCII in two rounds of three.
             */
            unsigned v = (unsigned)(x >> 40);
            b[i] = (uint8_t)(v % 8 ? 0x20 + v % 97 : round % 3 ? v % 128 : 0x80 | v % 128);
            if (b[i] >= 0xc0)
                b[i] = 0xff; /* no well-formed characters: those have a test of their own */
        }
        seen.count = 0;
        scan_bytes((Bytes){b, n}, see, &seen);
        for (size_t i = 0; i < n;) {
            size_t start = i;
            while (i < n && plain_is_text(b[i]))
                i++;
            if (i - start >= MIN_TEXT_CHARS) {
                assert_in_range(count, 0, seen.count - 1);
                assert_int_equal(seen.run[count].off, start);
                assert_int_equal(seen.run[count].size, i - start);
                assert_int_equal(seen.run[count].is_closed, i < n && b[i] == 0);
                count++;
            }
            i += i == start;
        }
        assert_int_equal(count, seen.count);
    }
}

/* UTF-8 of other scripts, pure and mixed, at every offset within the scanner's blocks of 64. */
static void narrow_reads_utf8(void **state) {
    (void)state;
    static const char *const texts[] = {"한국어", "Привет, мир", "naïve café", "日本 abc",
                                        "é12345"};
    static Seen seen;
    for (unsigned k = 0; k < sizeof texts / sizeof *texts; k++)
        for (size_t off = 0; off < 130; off++) {
            uint8_t b[256] = {0};
            size_t n = strlen(texts[k]);
            memcpy(b + off, texts[k], n);
            seen.count = 0;
            scan_bytes((Bytes){b, sizeof b}, see, &seen);
            if (k == 0) { /* three characters are below the least length */
                assert_int_equal(seen.count, 0);
                continue;
            }
            assert_int_equal(seen.count, 1);
            assert_int_equal(seen.run[0].off, off);
            assert_int_equal(seen.run[0].size, n);
            assert_true(seen.run[0].has_foreign && seen.run[0].is_closed);
        }
}

static size_t put_wide(uint8_t *out, const char *ascii, bool big) {
    size_t n = 0;
    for (; *ascii; ascii++) {
        out[n + big] = (uint8_t)*ascii;
        out[n + !big] = 0;
        n += 2;
    }
    return n;
}

static void wide_at_every_offset(void **state) {
    (void)state;
    static Seen seen;
    for (unsigned big = 0; big < 2; big++)
        for (size_t off = 0; off < 40; off++)
            for (unsigned fill = 0; fill < 2; fill++) {
                uint8_t b[128];
                memset(b, fill ? 0x91 : 0, sizeof b);
                size_t n = put_wide(b + off, "Wide text", big != 0);
                seen.count = 0;
                scan_wide((Bytes){b, sizeof b}, big != 0, see, &seen);
                size_t found = 0;
                for (size_t i = 0; i < seen.count; i++)
                    found += seen.run[i].off == off && seen.run[i].size == n;
                assert_int_equal(found, 1);
            }
}

static void wide_reads_korean_not_tables(void **state) {
    (void)state;
    static Seen seen;
    /* U+C548 U+B155 U+D558 U+C138 U+C694: a greeting of five syllables */
    static const uint8_t hello[] = {0,    0,    0x48, 0xc5, 0x55, 0xb1, 0x58,
                                    0xd5, 0x38, 0xc1, 0x94, 0xc6, 0,    0};
    scan_wide((Bytes){hello, sizeof hello}, false, see, &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.run[0].off, 2);
    assert_int_equal(seen.run[0].size, 10);
    /* Addresses 0x0040xxxx read as Han and "@" in turn. */
    static const uint8_t table[] = {0,    0,    0x54, 0x88, 0x40, 0,    0x14, 0x8c, 0x40, 0,
                                    0x7b, 0x91, 0x40, 0,    0x6b, 0x9a, 0x40, 0,    0,    0};
    seen.count = 0;
    scan_wide((Bytes){table, sizeof table}, false, see, &seen);
    assert_int_equal(seen.count, 0);
    /* Narrow text read as wide. */
    static const char narrow[] = "\0\0irish-english\0\0";
    scan_wide((Bytes){(const uint8_t *)narrow, sizeof narrow}, false, see, &seen);
    assert_int_equal(seen.count, 0);
}

static void noise_is_told_from_text(void **state) {
    (void)state;
    static const char *const text[] = {"kernel32.dll",
                                       "Hello",
                                       "GetProcAddress",
                                       "%s: %d",
                                       "error",
                                       "C:\\temp\\x.exe",
                                       "deadbeef01",
                                       "QWxhZGRpbjpv",
                                       "xor_key",
                                       "SOFTWARE\\Run",
                                       "-----BEGIN RSA PRIVATE KEY-----",
                                       "Mozilla"};
    static const char *const chance[] = {"AWAVAU",
                                         "t$0H+",
                                         "[]A\\A]A^",
                                         "|$ H)",
                                         "0 0$0(0,040<0@0D0",
                                         "UUUUUUUUUUUUUUUUUUUUUUUU",
                                         "9&~!x",
                                         "^_^_^_^_^",
                                         "]{Q#z"};
    for (unsigned i = 0; i < sizeof text / sizeof *text; i++)
        if (!text_is_likely(text[i], strlen(text[i]), true))
            fail_msg("dropped: %s", text[i]);
    for (unsigned i = 0; i < sizeof chance / sizeof *chance; i++)
        if (text_is_likely(chance[i], strlen(chance[i]), false))
            fail_msg("kept: %s", chance[i]);
}

static void words_are_told(void **state) {
    (void)state;
    static const char *const words[] = {"LoadLibraryA", "http://c2.example", "cmd.exe /c",
                                        "XMLFile"};
    static const char *const none[] = {"3dnk2dnk", "kodnerodmr%nEgfl", "w}wuvuon"};
    size_t letters = 0;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(text_word_odds(words[i], strlen(words[i]), &letters) > -4 * (int)letters);
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++)
        assert_true(text_word_odds(none[i], strlen(none[i]), &letters) < -8 * (int)letters);
    assert_int_equal(text_word_odds("192.0.2.1:80", 12, &letters), 0);
    assert_int_equal(letters, 0);
}

static void references_are_joined(void **state) {
    (void)state;
    static const char data[] = "\0\0the command line\0open\0lone\0\0shared tail\0\0\0";
    Bench *b = bench_open(data, sizeof data - 1);
    bench_ref(b, 2, 0x500010, 1);
    bench_ref(b, 2, 0x500020, 2);
    bench_ref(b, 6, 0x500014, 1); /* the same function reads on: no string of its own */
    bench_ref(b, 19, 0x500030, 1);
    bench_ref(b, 37, 0x500040, 3); /* "tail" inside "shared tail" */
    extract_strings(&b->s, &b->image, &b->code, &b->f);
    const StringFeature *line = bench_find(b, "the command line");
    assert_non_null(line);
    assert_int_equal(line->ref_count, 2);
    assert_int_equal(b->f.string_refs.at[line->first_ref], 0x500010);
    assert_int_equal(b->f.string_refs.at[line->first_ref + 1], 0x500020);
    assert_int_equal(line->va, BENCH_BASE + 2);
    assert_int_equal(line->length, 16);
    assert_null(bench_find(b, "command line"));
    assert_non_null(bench_find(b, "open")); /* four characters, but mentioned */
    assert_null(bench_find(b, "lone"));
    assert_non_null(bench_find(b, "shared tail"));
    assert_non_null(bench_find(b, "tail"));
    for (size_t i = 1; i < b->f.strings.count; i++)
        assert_true(b->f.strings.at[i - 1].off <= b->f.strings.at[i].off);
    bench_close(b);
}

static void code_is_not_text(void **state) {
    (void)state;
    static const char data[] = "\0inside code\0\0\0mentioned there\0\0\0outside code\0";
    Bench *b = bench_open(data, sizeof data - 1);
    Block *block = VEC_ADD(b->s.arena, &b->code.blocks);
    *block = (Block){.va = BENCH_BASE, .size = 32};
    bench_ref(b, 15, 0x500000, 0);
    extract_strings(&b->s, &b->image, &b->code, &b->f);
    assert_null(bench_find(b, "inside code"));
    assert_non_null(bench_find(b, "mentioned there"));
    assert_non_null(bench_find(b, "outside code"));
    bench_close(b);
}

static void unterminated_text_is_split(void **state) {
    (void)state;
    static uint8_t data[256];
    static const char blob[] = "/rustc/first messageSECOND partthird piece of text";
    memcpy(data + 64, blob, sizeof blob - 1);
    /* {pointer, length} of "third piece" */
    uint64_t pointer = BENCH_BASE + 64 + 31, length = 11;
    memcpy(data + 8, &pointer, 8);
    memcpy(data + 16, &length, 8);
    Bench *b = bench_open(data, sizeof data);
    bench_ref(b, 64 + 7, 0x500000, 1);
    bench_ref(b, 64 + 20, 0x500010, 1);
    extract_strings(&b->s, &b->image, &b->code, &b->f);
    assert_non_null(bench_find(b, "first message"));
    assert_non_null(bench_find(b, "SECOND part"));
    assert_non_null(bench_find(b, "third piece"));
    assert_int_equal(bench_find(b, "SECOND part")->ref_count, 1);
    bench_close(b);
}

static void long_text_comes_in_parts(void **state) {
    (void)state;
    enum { SIZE = 10000 };
    static uint8_t data[SIZE + 2];
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)("word and "[i % 9]);
    Bench *b = bench_open(data, sizeof data);
    extract_strings(&b->s, &b->image, &b->code, &b->f);
    size_t total = 0;
    for (size_t i = 0; i < b->f.strings.count; i++) {
        assert_in_range(b->f.strings.at[i].length, 1, MAX_STRING_BYTES);
        total += b->f.strings.at[i].length;
    }
    assert_int_equal(total, SIZE);
    bench_close(b);
    b = bench_open(data, sizeof data);
    b->f.strings.max = 1;
    extract_strings(&b->s, &b->image, &b->code, &b->f);
    assert_int_equal(b->f.strings.count, 1);
    assert_int_equal(b->s.notes.per_kind[NOTE_STRING_LIMIT], 1);
    bench_close(b);
}

static void empty_input_has_none(void **state) {
    (void)state;
    Bench *b = bench_open("", 0);
    extract_strings(&b->s, &b->image, &b->code, &b->f);
    assert_int_equal(b->f.strings.count, 0);
    bench_close(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrow_equals_plain),
        cmocka_unit_test(narrow_reads_utf8),
        cmocka_unit_test(wide_at_every_offset),
        cmocka_unit_test(wide_reads_korean_not_tables),
        cmocka_unit_test(noise_is_told_from_text),
        cmocka_unit_test(words_are_told),
        cmocka_unit_test(references_are_joined),
        cmocka_unit_test(code_is_not_text),
        cmocka_unit_test(unterminated_text_is_split),
        cmocka_unit_test(long_text_comes_in_parts),
        cmocka_unit_test(empty_input_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
