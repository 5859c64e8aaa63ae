/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "store/block.h"

static const BlockAddress address = {6, 3, 12};

static uint64_t random_state = 1;
static uint64_t rng(void) { return mix64(random_state += 0x9e3779b97f4a7c15ULL); }

static int compare(const void *x, const void *y) {
    const Posting *p = x, *q = y;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return (p->value > q->value) - (p->value < q->value);
}

/* Distinct sorted postings: keys below 2^key_bits, hot ones often. */
static size_t make(Posting *out, size_t count, unsigned key_bits, unsigned value_bits,
                   unsigned hot_per_cent) {
    uint64_t keys = key_bits == 64 ? UINT64_MAX : (1ULL << key_bits) - 1;
    uint64_t values = value_bits == 64 ? UINT64_MAX : (1ULL << value_bits) - 1;
    for (size_t i = 0; i < count; i++)
        out[i] = (Posting){(rng() % 100 < hot_per_cent ? 5 : rng()) & keys, rng() & values};
    qsort(out, count, sizeof *out, compare);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (compare(&out[i], &out[kept - 1]) != 0)
            out[kept++] = out[i];
    return kept;
}

static void check_finds(const Block *b, const Posting *want, size_t count) {
    BlockFinder finder = {.block = b};
    uint64_t top = b->key_bits == 64 ? UINT64_MAX : (1ULL << b->key_bits) - 1;
    for (size_t i = 0; i < count; i++) {
        size_t first = i, end = i;
        while (first > 0 && want[first - 1].key == want[i].key)
            first--;
        while (end < count && want[end].key == want[i].key)
            end++;
        BlockRange r = block_find(&finder, want[i].key);
        assert_int_equal(r.first, first);
        assert_int_equal(r.count, end - first);
        uint64_t other = want[i].key + 1;
        BlockFinder fresh = {.block = b};
        r = other <= top && other != 0 ? block_find(&fresh, other) : (BlockRange){0};
        assert_int_equal(r.count > 0, end < count && want[end].key == other);
    }
}

static void test_blocks_give_back_what_was_written(void **state) {
    (void)state;
    static const unsigned key_bits[] = {0, 1, 7, 8, 17, 28, 33, 63, 64};
    static const unsigned value_bits[] = {0, 1, 19, 40, 57, 58, 63, 64};
    static const size_t counts[] = {1, 2, 3, 63, 64, 65, 256, 1000};
    Posting *want = calloc(1000, sizeof *want), *got = calloc(1000, sizeof *got);
    for (unsigned k = 0; k < 9; k++)
        for (unsigned v = 0; v < 8; v++)
            for (unsigned c = 0; c < 8; c++) {
                unsigned hot = (unsigned)(rng() % 3) * 40;
                size_t n = make(want, counts[c], key_bits[k], value_bits[v], hot);
                Text t = text_new(1 << 20);
                text_add(&t, "before");
                block_write(&t, address, key_bits[k], want, n);
                Block b;
                Bytes bytes = {(const uint8_t *)t.at + 6, t.size - 6};
                assert_int_equal(block_open(bytes, address, key_bits[k], &b, NULL), STATUS_OK);
                assert_int_equal(b.count, n);
                assert_true(block_check(&b));
                block_read(&b, got);
                assert_memory_equal(want, got, n * sizeof *want);
                check_finds(&b, want, n);
                text_free(&t);
            }
    free(want);
    free(got);
}

static void test_equal_postings_give_equal_bytes(void **state) {
    (void)state;
    Posting want[300];
    size_t n = make(want, 300, 20, 20, 10);
    Text x = text_new(1 << 16), y = text_new(1 << 16);
    block_write(&x, address, 20, want, n);
    block_write(&y, address, 20, want, n);
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.at, y.at, x.size);
    text_free(&x);
    text_free(&y);
}

/* Bits for a posting, as docs/formats/store.md says: 2 + log2(range / count) + value bits. */
static void test_blocks_are_small(void **state) {
    (void)state;
    Posting want[256];
    size_t n = make(want, 256, 13, 19, 0);
    Text t = text_new(1 << 16);
    block_write(&t, address, 13, want, n);
    assert_true(t.size <= 24 + n * (2 + 5 + 19) / 8 + 8);
    text_free(&t);
}

static void test_damage_is_seen(void **state) {
    (void)state;
    Posting want[256];
    size_t n = make(want, 256, 13, 19, 5);
    Text t = text_new(1 << 16);
    block_write(&t, address, 13, want, n);
    uint8_t *copy = malloc(t.size);
    Block b;
    Error err = {0};
    for (size_t i = 0; i < t.size; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, t.at, t.size);
            copy[i] ^= (uint8_t)(1u << bit);
            assert_int_equal(block_open((Bytes){copy, t.size}, address, 13, &b, &err),
                             STATUS_CORRUPT);
        }
    assert_string_equal(err.message,
                        "posting block (table 6, segment 3, bucket 12) is damaged: checksum");
    for (size_t size = 0; size < t.size; size++)
        assert_int_equal(block_open((Bytes){(const uint8_t *)t.at, size}, address, 13, &b, NULL),
                         STATUS_CORRUPT);
    Bytes whole = {(const uint8_t *)t.at, t.size};
    BlockAddress wrong[] = {{5, 3, 12}, {6, 4, 12}, {6, 3, 13}, {6, 12, 3}};
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(block_open(whole, wrong[i], 13, &b, NULL), STATUS_CORRUPT);
    assert_int_equal(block_open(whole, address, 14, &b, NULL), STATUS_CORRUPT);
    assert_int_equal(block_open(whole, address, 13, &b, NULL), STATUS_OK);
    free(copy);
    text_free(&t);
}

/* A forger can make the checksum right: reads then stay inside the block, whatever it says. */
static void test_forged_blocks_are_harmless(void **state) {
    (void)state;
    Posting want[200], *got = calloc(1 << 16, sizeof *got);
    size_t n = make(want, 200, 13, 19, 5), opened = 0;
    Text t = text_new(1 << 16);
    block_write(&t, address, 13, want, n);
    uint8_t *copy = malloc(t.size);
    for (unsigned round = 0; round < 20000; round++) {
        memcpy(copy, t.at, t.size);
        for (uint64_t k = rng() % 3 + 1; k > 0; k--)
            copy[round % 4 == 0 ? 8 + rng() % 8 : rng() % t.size] ^= (uint8_t)(1 + rng() % 255);
        block_seal(copy, t.size, address);
        Block b;
        if (block_open((Bytes){copy, t.size}, address, 13, &b, NULL) != STATUS_OK)
            continue;
        opened++;
        block_check(&b);
        block_read(&b, got);
        BlockFinder finder = {.block = &b};
        for (uint64_t key = 0; key < 1 << 13; key += 1 + rng() % 64) {
            BlockRange r = block_find(&finder, key);
            assert_true(r.count <= b.count && r.first <= b.count - r.count);
        }
    }
    assert_true(opened > 100);
    free(copy);
    free(got);
    text_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_give_back_what_was_written),
        cmocka_unit_test(test_equal_postings_give_equal_bytes),
        cmocka_unit_test(test_blocks_are_small),
        cmocka_unit_test(test_damage_is_seen),
        cmocka_unit_test(test_forged_blocks_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
