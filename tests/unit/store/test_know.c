/* SPDX-License-Identifier: Apache-2.0
 * Knowledge in the store: what goes in comes out, once; nothing before the commit; through merges,
 * compaction and verify. */
#include "cog_test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/know_store.h"

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

typedef struct Case {
    char dir[64];
    Store *store;
    Arena *arena;
} Case;

static int set_up(void **state) {
    static Case c;
    snprintf(c.dir, sizeof c.dir, "/tmp/cog_know_XXXXXX");
    assert_non_null(mkdtemp(c.dir));
    Error err = {0};
    assert_int_equal(store_open(c.dir, STORE_CREATE, 0, &c.store, &err), STATUS_OK);
    c.arena = arena_new(64 << 20);
    *state = &c;
    return 0;
}

static int tear_down(void **state) {
    Case *c = *state;
    store_close(c->store);
    arena_free(c->arena);
    return nftw(c->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static KnowEntity entity(const char *ref, KnowKind kind, const char *name) {
    return (KnowEntity){.id = know_id(ref), .ref = ref, .kind = kind, .name = name};
}

/* n reports that each list `each` addresses; the last one is in all of them. */
static void add_reports(KnowBatch *b, unsigned first, unsigned n, unsigned each) {
    Error err = {0};
    for (unsigned r = first; r < first + n; r++) {
        char ref[64], value[64];
        snprintf(ref, sizeof ref, "list:r%u", r);
        KnowEntity e = entity(ref, KNOW_REPORT, ref);
        assert_int_equal(know_batch_entity(b, &e, &err), STATUS_OK);
        for (unsigned i = 0; i < each; i++) {
            snprintf(value, sizeof value, "198.51.100.%u",
                     i + 1 == each ? 7 : 10000 + r * 1000 + i);
            KnowSighting s = {KNOW_IPV4, value, e.id, 1000, 2000};
            assert_int_equal(know_batch_sighting(b, &s, &err), STATUS_OK);
        }
        KnowClaim c = {.subject = e.id,
                       .object = know_id("actor--1"),
                       .relation = KNOW_ATTRIBUTED_TO,
                       .source = "lab",
                       .trust = KNOW_TRUST_NONE};
        assert_int_equal(know_batch_claim(b, &c, &err), STATUS_OK);
    }
}

static KnowAdded import_reports(Case *c, unsigned first, unsigned n, unsigned each) {
    KnowBatch *b = NULL;
    KnowAdded added = {0};
    Error err = {0};
    KnowDocument d = {.name = "d", .format = "text", .records = n};
    assert_int_equal(know_batch_begin(c->store, &b, &err), STATUS_OK);
    KnowEntity actor = entity("actor--1", KNOW_ACTOR, "Grey Heron");
    assert_int_equal(know_batch_entity(b, &actor, &err), STATUS_OK);
    KnowClaim alias = {.subject = actor.id,
                       .relation = KNOW_ALIAS,
                       .text = "Ash-Bird",
                       .source = "lab",
                       .trust = {85, 'B', 2}};
    assert_int_equal(know_batch_claim(b, &alias, &err), STATUS_OK);
    add_reports(b, first, n, each);
    assert_int_equal(know_batch_document(b, &d, &err), STATUS_OK);
    assert_int_equal(know_batch_commit(b, &added, &err), STATUS_OK);
    return added;
}

static void no_problem(void *ctx, const char *text) {
    (void)ctx;
    fail_msg("verify: %s", text);
}

static void check_store(Case *c) {
    uint64_t problems = 0;
    Error err = {0};
    assert_int_equal(store_verify(c->store, no_problem, NULL, &problems, &err), STATUS_OK);
    assert_int_equal(problems, 0);
}

static bool count_value(void *ctx, const KnowListed *listed) {
    unsigned *n = ctx;
    assert_int_equal(listed->kind, KNOW_IPV4);
    assert_memory_equal(listed->value.at, "198.51.100.", 11);
    ++*n;
    return true;
}

/* r reports with three addresses each, one of them shared. */
static void check_reports(Case *c, unsigned r) {
    KnowView *v = NULL;
    Error err = {0};
    KnowSeenVec seen = {.max = 10};
    KnowIdVec ids = {0};
    KnowClaimVec claims = {0};
    KnowEntity e;
    uint64_t total = 0;
    unsigned values = 0;
    assert_int_equal(know_view_open(c->store, &v, &err), STATUS_OK);
    assert_int_equal(
        know_view_sightings(v, KNOW_IPV4, "198.51.100.7", c->arena, &seen, &total, &err),
        STATUS_OK);
    assert_int_equal(total, r);
    assert_int_equal(seen.count, r < 10 ? r : 10);
    assert_int_equal(seen.at[0].last, 2000);
    assert_int_equal(know_view_values(v, know_id("list:r2"), count_value, &values, &err),
                     STATUS_OK);
    assert_int_equal(values, 3);
    assert_int_equal(know_view_named(v, "ashbird", c->arena, &ids, &err), STATUS_OK);
    assert_int_equal(ids.count, 1);
    assert_int_equal(know_view_entity(v, ids.at[0], c->arena, &e, &err), STATUS_OK);
    assert_string_equal(e.name, "Grey Heron");
    assert_int_equal(know_view_entity(v, 12345, c->arena, &e, &err), STATUS_NOT_FOUND);
    assert_int_equal(know_view_claims(v, know_id("actor--1"), c->arena, &claims, &err), STATUS_OK);
    assert_int_equal(claims.count, r + 1);
    const KnowClaim *alias = &claims.at[r];
    assert_string_equal(alias->text, "Ash-Bird");
    assert_int_equal(alias->trust.reliability, 'B');
    know_view_close(v);
}

static void test_in_and_out(void **state) {
    Case *c = *state;
    KnowAdded added = import_reports(c, 0, 5, 3);
    assert_int_equal(added.entities, 6);
    assert_int_equal(added.claims, 6);
    assert_int_equal(added.sightings, 15);
    check_reports(c, 5);
    check_store(c);
}

static void test_again_is_no_change(void **state) {
    Case *c = *state;
    StoreStat before, after;
    Error err = {0};
    import_reports(c, 0, 5, 3);
    assert_int_equal(store_stat(c->store, &before, &err), STATUS_OK);
    KnowAdded added = import_reports(c, 0, 5, 3);
    assert_int_equal(added.entities + added.claims + added.sightings, 0);
    assert_int_equal(store_stat(c->store, &after, &err), STATUS_OK);
    assert_memory_equal(&before, &after, sizeof before);
}

/* Twenty imports are merged on the way; then all into one generation. */
static void test_merge_and_compact(void **state) {
    Case *c = *state;
    Error err = {0};
    for (unsigned i = 0; i < 20; i++)
        import_reports(c, i, 1, 3);
    check_reports(c, 20);
    check_store(c);
    assert_int_equal(store_compact(c->store, NULL, NULL, &err), STATUS_OK);
    check_reports(c, 20);
    check_store(c);
    KnowAdded added = import_reports(c, 19, 1, 3);
    assert_int_equal(added.entities + added.claims + added.sightings, 0);
}

/* More than one flush: entries beyond FLUSH_ENTRIES. */
static void test_large(void **state) {
    Case *c = *state;
    KnowAdded added = import_reports(c, 0, 5400, 200);
    assert_int_equal(added.sightings, 1080000);
    added = import_reports(c, 5000, 401, 200);
    assert_int_equal(added.sightings, 200);
    check_store(c);
}

static void test_abort(void **state) {
    Case *c = *state;
    KnowBatch *b = NULL;
    KnowView *v = NULL;
    Error err = {0};
    assert_int_equal(know_batch_begin(c->store, &b, &err), STATUS_OK);
    add_reports(b, 0, 5400, 200);
    know_batch_abort(b);
    assert_int_equal(know_view_open(c->store, &v, &err), STATUS_OK);
    assert_true(know_view_is_empty(v));
    know_view_close(v);
    check_store(c);
    import_reports(c, 0, 5, 3);
    check_reports(c, 5);
}

static void test_versions(void **state) {
    Case *c = *state;
    Error err = {0};
    for (unsigned i = 0; i < 3; i++) {
        static const char *const names[] = {"Second", "Third", "First"};
        static const int64_t times[] = {2000, 3000, 1000};
        KnowBatch *b = NULL;
        KnowAdded added;
        KnowEntity e = entity("malware--1", KNOW_FAMILY, names[i]);
        e.modified = times[i];
        e.flags = i == 0 ? KNOW_LEAKED : 0;
        assert_int_equal(know_batch_begin(c->store, &b, &err), STATUS_OK);
        assert_int_equal(know_batch_entity(b, &e, &err), STATUS_OK);
        assert_int_equal(know_batch_commit(b, &added, &err), STATUS_OK);
    }
    KnowView *v = NULL;
    KnowEntity e;
    assert_int_equal(know_view_open(c->store, &v, &err), STATUS_OK);
    assert_int_equal(know_view_entity(v, know_id("malware--1"), c->arena, &e, &err), STATUS_OK);
    assert_string_equal(e.name, "Third");
    assert_int_equal(e.flags, KNOW_LEAKED);
    know_view_close(v);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(test_in_and_out),
                                       TEST(test_again_is_no_change),
                                       TEST(test_merge_and_compact),
                                       TEST(test_large),
                                       TEST(test_abort),
                                       TEST(test_versions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
