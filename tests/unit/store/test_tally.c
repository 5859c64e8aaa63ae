/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "store/tally.h"

enum { KEYS = SKETCH_KEYS, BLOCKS = 2 };

static uint64_t random_state = 7;
static uint64_t rng(void) { return mix64(random_state += 0x9e3779b97f4a7c15ULL); }

/* Lists of all keys, as they stand in two blocks, and what is in them. */
typedef struct World {
    Text text[BLOCKS];
    Block block[BLOCKS];
    KeyList lists[KEYS * BLOCKS];
    size_t list_count;
    uint32_t signatures;
    uint32_t *has;   /* by signature: a bit for each key */
    uint32_t *known; /* signatures that have some, ascending */
    size_t known_count;
    uint32_t length[KEYS];
} World;

static void put(World *w, unsigned key, uint64_t signature) {
    uint32_t *has = &w->has[signature % w->signatures];
    w->length[key] += !(*has >> key & 1);
    *has |= 1U << key;
}

static void write_lists(World *w, unsigned b) {
    uint64_t first = (uint64_t)w->signatures * b / BLOCKS;
    uint64_t end = (uint64_t)w->signatures * (b + 1) / BLOCKS;
    Posting *at = calloc(w->known_count * KEYS, sizeof *at);
    assert_non_null(at);
    size_t count = 0;
    for (unsigned k = 0; k < KEYS; k++)
        for (size_t i = 0; i < w->known_count; i++)
            if (w->known[i] >= first && w->known[i] < end && w->has[w->known[i]] >> k & 1)
                at[count++] = (Posting){k, w->known[i]};
    BlockAddress address = {1, b, 0};
    w->text[b] = text_new(1 << 26);
    block_write(&w->text[b], address, 8, at, count);
    free(at);
    Bytes bytes = {(const uint8_t *)w->text[b].at, w->text[b].size};
    assert_int_equal(block_open(bytes, address, 8, &w->block[b], NULL), STATUS_OK);
    BlockFinder finder = {.block = &w->block[b]};
    for (unsigned k = 0; k < KEYS; k++) {
        BlockRange range = block_find(&finder, k);
        if (range.count > 0)
            w->lists[w->list_count++] = (KeyList){block_list(&w->block[b], range), 64 + k};
    }
}

/* `alike` signatures share much with the query; others stand in lists of at most `longest`, each
 * `stride` from the one before it, or anywhere. */
static World *make(unsigned alike, uint32_t stride, unsigned longest, uint32_t signatures) {
    World *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->signatures = signatures;
    w->has = calloc(signatures, sizeof *w->has);
    w->known = calloc(signatures, sizeof *w->known);
    assert_true(w->has && w->known);
    for (unsigned i = 0; i < alike; i++) {
        uint64_t signature = rng();
        for (unsigned k = 0; k < KEYS; k++)
            if (rng() % 100 < 20 + i % 70)
                put(w, k, signature);
    }
    for (unsigned k = 0; k < KEYS; k++)
        for (uint64_t n = 1 + rng() % longest, i = 0; i < n; i++)
            put(w, k, stride ? i * stride : rng());
    for (uint32_t s = 0; s < signatures; s++)
        if (w->has[s])
            w->known[w->known_count++] = s;
    for (unsigned b = 0; b < BLOCKS; b++)
        write_lists(w, b);
    return w;
}

static void free_world(World *w) {
    for (unsigned b = 0; b < BLOCKS; b++)
        text_free(&w->text[b]);
    free(w->has);
    free(w->known);
    free(w);
}

/* Which keys are asked: the shortest lists, as many as fit. */
static uint32_t asked_keys(const World *w, unsigned *count) {
    uint32_t asked = 0;
    uint64_t postings = 0;
    for (*count = 0; *count < KEYS; ++*count) {
        unsigned best = KEYS;
        for (unsigned k = 0; k < KEYS; k++)
            if (!(asked >> k & 1) && (best == KEYS || w->length[k] < w->length[best]))
                best = k;
        postings += w->length[best];
        if (postings > MAX_QUERY_POSTINGS)
            break;
        asked |= 1U << best;
    }
    return asked;
}

static void check(World *w, uint64_t exact, float least, size_t wanted) {
    Tally *t = tally_new();
    assert_non_null(t);
    TallyQuery q = {.lists = w->lists,
                    .list_count = w->list_count,
                    .key_count = KEYS,
                    .exact = exact,
                    .signatures = w->signatures,
                    .least_likeness = least};
    const SignatureHit *hits;
    size_t count, expected = exact > 0;
    unsigned skipped, asked_count;
    uint32_t asked = asked_keys(w, &asked_count);
    for (size_t i = 0; i < w->known_count; i++) {
        uint32_t s = w->known[i];
        unsigned shared = (unsigned)__builtin_popcount(w->has[s] & asked);
        expected += s + 1 != exact && shared && sketch_likeness(shared, asked_count) >= least;
    }
    for (int round = 0; round < 2; round++) { /* it leaves nothing behind */
        assert_int_equal(tally_query(t, &q, wanted, &hits, &count, &skipped), STATUS_OK);
        assert_int_equal(skipped, KEYS - asked_count);
        assert_int_equal(count, expected < wanted ? expected : wanted);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(hits[i].exact, hits[i].signature + 1 == exact);
            assert_true(
                i == 0 || hits[i - 1].exact || hits[i - 1].score > hits[i].score ||
                (hits[i - 1].score == hits[i].score && hits[i - 1].signature < hits[i].signature));
            if (!hits[i].exact)
                assert_int_equal(hits[i].shared,
                                 __builtin_popcount(w->has[hits[i].signature] & asked));
        }
    }
    tally_free(t);
}

static void test_hits_are_those_that_counting_finds(void **state) {
    (void)state;
    static const unsigned longest[] = {2, 40, 300, 2000, 9000};
    for (unsigned i = 0; i < 5; i++) {
        World *w = make(100 * i, 0, longest[i], 200000);
        for (unsigned least = 0; least <= 30; least += 5) {
            check(w, 0, (float)least / 100.0f, SIZE_MAX);
            check(w, 1 + rng() % w->signatures, (float)least / 100.0f, 64);
        }
        free_world(w);
    }
}

/* More signatures in one place of a sieve than its count holds. */
static void test_signatures_that_fall_together_are_counted(void **state) {
    (void)state;
    World *w = make(50, 1U << 14, 500, 1U << 23);
    check(w, 0, 0.1f, SIZE_MAX);
    check(w, 0, 0.0f, SIZE_MAX);
    free_world(w);
}

static void test_a_signature_that_is_not_there_is_refused(void **state) {
    (void)state;
    World *w = make(200, 0, 300, 200000);
    Tally *t = tally_new();
    TallyQuery q = {.lists = w->lists,
                    .list_count = w->list_count,
                    .key_count = KEYS,
                    .signatures = w->signatures / 2,
                    .least_likeness = 0.1f};
    const SignatureHit *hits;
    size_t count;
    unsigned skipped;
    assert_int_equal(tally_query(t, &q, 64, &hits, &count, &skipped), STATUS_CORRUPT);
    tally_free(t);
    free_world(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits_are_those_that_counting_finds),
        cmocka_unit_test(test_signatures_that_fall_together_are_counted),
        cmocka_unit_test(test_a_signature_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
