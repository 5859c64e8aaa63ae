/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/note.h"
#include "base/parallel.h"
#include "base/status.h"
#include "base/table.h"
#include "base/text.h"

static const uint8_t DATA[] = {1, 2, 3, 4, 5, 6, 7, 8, 'a', 'b', 0, 'c'};
#define VIEW ((Bytes){DATA, sizeof DATA})

static void test_find(void **state) {
    (void)state;
    /* Whatever memmem finds, with few different bytes so that much nearly fits. */
    uint8_t text[300], what[6];
    uint64_t random = 1;
    for (unsigned turn = 0; turn < 3000; turn++) {
        size_t size = (random = mix64(random + turn)) % sizeof text, n = 1 + random / 512 % 6;
        for (size_t i = 0; i < size; i++)
            text[i] = (uint8_t) "ex\0H"[(random = mix64(random + i)) % 4];
        for (size_t i = 0; i < n; i++)
            what[i] = (uint8_t) "ex\0H"[(random = mix64(random + i)) % 4];
        assert_ptr_equal(bytes_find((Bytes){text, size}, (Bytes){what, n}),
                         memmem(text, size, what, n));
    }
    assert_null(bytes_find((Bytes){0}, (Bytes){what, 1}));
}

static void test_cut_refuses_what_is_not_inside(void **state) {
    (void)state;
    assert_int_equal(bytes_cut(VIEW, 0, sizeof DATA).size, sizeof DATA);
    assert_int_equal(bytes_cut(VIEW, 1, sizeof DATA).size, 0);
    assert_int_equal(bytes_cut(VIEW, UINT64_MAX, 2).size, 0);
    assert_int_equal(bytes_cut(VIEW, 2, UINT64_MAX).size, 0);
    assert_int_equal(bytes_clip(VIEW, 4, UINT64_MAX).size, sizeof DATA - 4);
    assert_int_equal(bytes_clip(VIEW, sizeof DATA, 1).size, 0);
    assert_int_equal(bytes_u32_at(VIEW, 1), 0x05040302);
    assert_int_equal(bytes_u32_at(VIEW, sizeof DATA - 3), 0);
    assert_int_equal(bytes_u64_at(VIEW, UINT64_MAX - 1), 0);
}

static void test_cursor_is_sticky(void **state) {
    (void)state;
    Cursor c = cursor_init(VIEW);
    assert_int_equal(cursor_u16(&c), 0x0201);
    c.big = true;
    assert_int_equal(cursor_u32(&c), 0x03040506);
    cursor_seek(&c, 8);
    Bytes text = cursor_text(&c, 100);
    assert_int_equal(text.size, 2);
    assert_int_equal(c.off, 11);
    assert_int_equal(cursor_u32(&c), 0);
    assert_true(c.bad);
    cursor_seek(&c, 0);
    assert_int_equal(cursor_u8(&c), 0);
    assert_int_equal(cursor_left(&c), 0);
}

static void test_cursor_text_needs_its_nul_in_reach(void **state) {
    (void)state;
    Cursor c = cursor_init(VIEW);
    cursor_seek(&c, 8);
    assert_int_equal(cursor_text(&c, 2).size, 0);
    assert_true(c.bad);
}

static void test_leb128(void **state) {
    (void)state;
    /* DWARF 5, 7.6: examples of unsigned and signed encodings. */
    static const uint8_t u[] = {0x80, 0x01, 0xb9, 0x64, 0x7e, 0xff, 0x00, 0x80, 0x7f};
    Cursor c = cursor_init((Bytes){u, sizeof u});
    assert_int_equal(cursor_uleb(&c), 128);
    assert_int_equal(cursor_uleb(&c), 12857);
    assert_int_equal(cursor_sleb(&c), -2);
    assert_int_equal(cursor_sleb(&c), 127);
    assert_int_equal(cursor_sleb(&c), -128);
    static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0};
    c = cursor_init((Bytes){endless, sizeof endless});
    cursor_uleb(&c);
    assert_true(c.bad);
}

static void test_arena_escapes_at_its_cap(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 20);
    jmp_buf full;
    volatile int blocks = 0;
    if (setjmp(full) == 0) {
        arena_set_escape(a, &full);
        for (;;) {
            uint8_t *block = arena_alloc(a, 100000);
            assert_int_equal(block[99999], 0);
            blocks++;
        }
    }
    assert_int_equal(blocks, 10);
    if (setjmp(full) == 0) {
        arena_alloc_array(a, SIZE_MAX / 4, 16);
        fail();
    }
    arena_free(a);
}

static void test_arena_reset_gives_back(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 24);
    char *kept = arena_text(a, (Bytes){(const uint8_t *)"kept", 4});
    ArenaMark mark = arena_mark(a);
    size_t used = arena_used(a);
    for (int i = 0; i < 100; i++) {
        arena_alloc(a, 5000);
        arena_alloc(a, 50000);
    }
    arena_reset(a, mark);
    assert_int_equal(arena_used(a), used);
    assert_string_equal(kept, "kept");
    uint8_t *grown = arena_alloc(a, 20000);
    memset(grown, 7, 20000);
    grown = arena_grow(a, grown, 20000, 2000000);
    assert_int_equal(grown[19999], 7);
    assert_int_equal(grown[20000], 0);
    /* One that is older than the mark, and the newest, grows (and may move): it stays, as do those
     * before it. */
    mark = arena_mark(a);
    grown = arena_grow(a, grown, 2000000, 4000000);
    used = arena_used(a);
    arena_alloc(a, 50000);
    arena_reset(a, mark);
    assert_int_equal(arena_used(a), used);
    assert_int_equal(grown[19999], 7);
    grown[3999999] = 1;
    arena_free(a);
}

static void test_map_and_vec(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 26);
    Map m = map_new(a, 4);
    for (uint64_t k = 0; k < 50000; k++)
        assert_true(map_put(&m, k * k, k));
    assert_false(map_put(&m, 0, 99));
    for (uint64_t k = 1; k < 50000; k++)
        assert_int_equal(*map_find(&m, k * k), k);
    assert_int_equal(*map_find(&m, 0), 99);
    assert_null(map_find(&m, 3));
    VEC(uint32_t) v = {.max = 20};
    for (uint32_t i = 0; i < 20; i++)
        *VEC_ADD(a, &v) = i;
    assert_null(VEC_ADD(a, &v));
    assert_true(v.full);
    assert_int_equal(v.at[19], 19);
    arena_free(a);
}

static void test_sort(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 26);
    for (size_t n = 0; n < 70000; n = n * 2 + 1) {
        uint64_t *at = ARENA_ARRAY(a, uint64_t, n), sum = 0;
        for (size_t i = 0; i < n; i++) {
            at[i] = mix64(i % 700) >> (i % 3 * 20);
            sum += mix64(at[i]);
        }
        sort_u64(a, at, n);
        for (size_t i = 0; i < n; i++)
            sum -= mix64(at[i]);
        assert_true(sum == 0); /* all of them are still there */
        for (size_t i = 1; i < n; i++)
            assert_true(at[i - 1] <= at[i]);
        size_t distinct = unique_u64(at, n);
        for (size_t i = 1; i < distinct; i++)
            assert_true(at[i - 1] < at[i]);
    }
    arena_free(a);
}

static void test_words_are_numbered(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 26);
    for (size_t n = 0; n < 40000; n = n * 3 + 1) {
        uint64_t *at = ARENA_ARRAY(a, uint64_t, n + 1), *distinct = ARENA_ARRAY(a, uint64_t, n + 1);
        uint32_t *number = ARENA_ARRAY(a, uint32_t, n + 1);
        for (size_t i = 0; i < n; i++)
            at[i] = i % 5 ? mix64(i % 97) : i * i;
        size_t count = number_u64(a, at, n, distinct, number);
        for (size_t i = 0; i < n; i++) {
            assert_true(number[i] < count);
            assert_true(distinct[number[i]] == at[i]);
        }
        sort_u64(a, at, n);
        assert_int_equal(count, unique_u64(at, n));
        assert_memory_equal(at, distinct, count * sizeof *at);
    }
    arena_free(a);
}

static void test_text_stops_at_its_maximum(void **state) {
    (void)state;
    Text t = text_new(300);
    text_addf(&t, "%0250d", 1);
    text_add_u64(&t, 18446744073709551615ull);
    text_add_va(&t, 0x401000);
    assert_int_equal(t.size, 278);
    assert_false(t.full);
    text_addf(&t, "%0100d", 1);
    assert_true(t.full);
    assert_int_equal(t.size, 278);
    assert_string_equal(t.at + 270, "0x401000");
    text_free(&t);
    assert_string_equal(text_str(&t), "");
}

static void test_digests(void **state) {
    (void)state;
    uint8_t out[32];
    char hex[65];
    digest_init();
    digest_sha256((Bytes){(const uint8_t *)"abc", 3}, out); /* FIPS 180-2, B.1 */
    hex_write(hex, out, 32);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_md5((Bytes){(const uint8_t *)"abc", 3}, out); /* RFC 1321, A.5 */
    hex_write(hex, out, 16);
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
    uint8_t back[16];
    assert_true(hex_read(back, 16, "900150983CD24fb0d6963f7d28e17f72"));
    assert_memory_equal(back, out, 16);
    assert_false(hex_read(back, 16, "900150983cd24fb0d6963f7d28e17f7"));
    assert_false(hex_read(back, 16, "900150983cd24fb0d6963f7d28e17f7g"));
    /* The on-disk hash must never change: XXH3 of nothing, seed 0 (xxHash test vectors). */
    assert_true(hash64((Bytes){0}) == 0x2d06800538d394c2ull);
}

static void test_notes_keep_the_first_of_each_kind(void **state) {
    (void)state;
    static Notes notes;
    for (int i = 0; i < 1000; i++)
        notes_add(&notes, NOTE_IMPORT_ODD, 1);
    notes_add(&notes, NOTE_OVERLAY, 2);
    assert_int_equal(notes.at[notes.count - 1].kind, NOTE_OVERLAY);
    assert_int_equal(notes.count + notes.dropped, 1001);
    assert_string_equal(note_name(NOTE_OVERLAY), "overlay");
}

static void test_error_is_recorded_once(void **state) {
    (void)state;
    Error err = {0};
    assert_int_equal(error_set(&err, STATUS_FULL, "disk %s", "full"), STATUS_FULL);
    assert_string_equal(err.message, "disk full");
    assert_int_equal(error_set(NULL, STATUS_BUSY, "x"), STATUS_BUSY);
}

static void square(void *ctx, size_t i) { ((uint64_t *)ctx)[i] += (uint64_t)i * i; }

static void test_parallel_runs_each_task_once(void **state) {
    (void)state;
    uint64_t at[1000] = {0};
    parallel_run(1000, square, at);
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(at[i] == i * i);
    parallel_run(0, square, NULL);
    parallel_run(1, square, at);
    assert_true(at[0] == 0);
}

typedef struct Shares {
    Portions *portions;
    uint64_t at[1000];
} Shares;

static void take_shares(void *ctx, size_t number) {
    (void)number;
    Shares *s = ctx;
    for (size_t first, end; portions_take(s->portions, &first, &end);) {
        for (size_t i = first; i < end; i++)
            s->at[i]++;
        portions_done(s->portions, end - first);
    }
}

static void test_portions_are_taken_once(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 7, 8, 1000};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        Arena *a = arena_new(1 << 20);
        Shares s = {.portions = portions_new(a, counts[k], 7)};
        Helpers *h = helpers_new(3);
        helpers_start(h, take_shares, &s);
        take_shares(&s, 0);
        assert_true(portions_wait(s.portions));
        for (size_t i = 0; i < 1000; i++)
            assert_true(s.at[i] == (i < counts[k]));
        helpers_free(h);
        arena_free(a);
    }
    Arena *a = arena_new(1 << 20);
    Portions *p = portions_new(a, 10, 7);
    size_t first, end;
    assert_true(portions_take(p, &first, &end) && first == 0 && end == 7);
    portions_give_up(p);
    assert_false(portions_wait(p));
    arena_free(a);
}

static void mark_number(void *ctx, size_t number) { ((uint64_t *)ctx)[number]++; }

static void test_helpers_each_run_once(void **state) {
    (void)state;
    uint64_t at[MAX_HELPERS + 1] = {0};
    Helpers *h = helpers_new(3);
    assert_int_equal(helpers_count(h), 3);
    for (unsigned round = 1; round <= 100; round++) {
        helpers_start(h, mark_number, at);
        helpers_wait(h);
        for (size_t i = 0; i <= MAX_HELPERS; i++)
            assert_true(at[i] == (i >= 1 && i <= 3 ? round : 0));
    }
    helpers_start(h, mark_number, at); /* freeing waits */
    helpers_free(h);
    assert_true(at[1] == 101 && at[3] == 101);
    assert_null(helpers_new(0));
    assert_int_equal(helpers_count(NULL), 0);
    helpers_start(NULL, mark_number, at);
    helpers_wait(NULL);
    helpers_free(NULL);
    helpers_wait((h = helpers_new(1000)));
    assert_true(helpers_count(h) <= MAX_HELPERS);
    helpers_free(h);
}

static void test_a_sentence_is_cut_between_characters(void **state) {
    (void)state;
    Arena *a = arena_new(1 << 20);
    char long_text[ARENA_SENTENCE + 8];
    for (unsigned filler = ARENA_SENTENCE - 8; filler < ARENA_SENTENCE; filler++) {
        static const char *const ends[] = {"\xc3\xa9", "\xed\x95\x9c", "\xf0\x9f\x98\x80"};
        for (unsigned e = 0; e < 3; e++) {
            memset(long_text, 'x', filler);
            long_text[filler] = 0;
            const char *text = arena_textf(a, "%s%s", long_text, ends[e]);
            size_t whole = filler + strlen(ends[e]);
            assert_int_equal(strlen(text), whole < ARENA_SENTENCE ? whole : filler);
        }
    }
    assert_string_equal(arena_textf(a, "%u of %s", 3u, "12"), "3 of 12");
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_a_sentence_is_cut_between_characters),
        cmocka_unit_test(test_portions_are_taken_once),
        cmocka_unit_test(test_helpers_each_run_once),
        cmocka_unit_test(test_parallel_runs_each_task_once),
        cmocka_unit_test(test_cut_refuses_what_is_not_inside),
        cmocka_unit_test(test_cursor_is_sticky),
        cmocka_unit_test(test_cursor_text_needs_its_nul_in_reach),
        cmocka_unit_test(test_leb128),
        cmocka_unit_test(test_arena_escapes_at_its_cap),
        cmocka_unit_test(test_arena_reset_gives_back),
        cmocka_unit_test(test_map_and_vec),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_words_are_numbered),
        cmocka_unit_test(test_text_stops_at_its_maximum),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_notes_keep_the_first_of_each_kind),
        cmocka_unit_test(test_error_is_recorded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
