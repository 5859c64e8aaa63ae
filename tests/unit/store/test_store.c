/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include "store/temp_store.h"
#include "store/view.h"

static int set_up(void **state) {
    *state = temp_store_new();
    return 0;
}

static int tear_down(void **state) {
    temp_store_free(*state);
    return 0;
}

#define OK(t, call)                                                                                \
    do {                                                                                           \
        Status ok_status = (call);                                                                 \
        if (ok_status != STATUS_OK)                                                                \
            fail_msg("%s: status %d: %s", #call, (int)ok_status, (t)->err.message);                \
    } while (0)

static Store *open_store(TempStore *t, StoreMode mode) {
    Store *s = NULL;
    OK(t, store_open(t->path, mode, 0, &s, &t->err));
    return s;
}

static void learn(TempStore *t, Store *s, unsigned from, unsigned to) {
    for (unsigned n = from; n < to; n++) {
        Labels labels = made_labels(n);
        bool added = false, changed = true;
        OK(t, store_learn(s, made_sample(t->arena, n), &labels, &added, &changed, &t->err));
        assert_true(added);
        assert_false(changed);
    }
}

static void print_problem(void *ctx, const char *text) {
    (void)ctx;
    print_message("problem: %s\n", text);
}

static void verify(TempStore *t, Store *s) {
    uint64_t problems = 99;
    OK(t, store_verify(s, print_problem, NULL, &problems, &t->err));
    assert_int_equal(problems, 0);
}

static SignatureQuery query_of(const Features *f, size_t i) {
    const FunctionFeature *fn = &f->functions.at[i];
    return (SignatureQuery){fn->pic, sketch_from_function(f, fn)};
}

static unsigned equal_keys(const Sketch *x, const Sketch *y) {
    unsigned n = 0;
    for (unsigned i = 0; i < x->count; i++)
        for (unsigned j = 0; j < y->count; j++)
            n += x->key[i] == y->key[j];
    return n;
}

/* Every function of every learned sample, compared with every query: what the index must find.
 * Signatures are known by one of their occurrences. */
static void check_against_all(TempStore *t, const Snapshot *snap, const Features *q,
                              const unsigned *learned, size_t count) {
    size_t n = q->functions.count;
    SignatureQuery *queries = ARENA_ARRAY(t->arena, SignatureQuery, n);
    for (size_t i = 0; i < n; i++)
        queries[i] = query_of(q, i);
    SignatureHitVec hits = {.max = 1 << 20};
    SignatureQuestion question = {queries, n, 1 << 20, 0.0f};
    OK(t, snapshot_find_signatures(snap, t->arena, &question, &hits, &t->err));
    assert_false(hits.full);
    Map found = map_new(t->arena, 1024); /* query << 40 | sample << 20 | function -> keys, exact */
    for (size_t h = 0; h < hits.count; h++) {
        const SignatureHit *x = &hits.at[h];
        OccurrenceVec places = {.max = 1 << 20};
        uint32_t total = 0;
        OK(t, snapshot_find_occurrences(snap, t->arena, &x->signature, 1, 1000, &places, &total,
                                        &t->err));
        assert_int_equal(places.count, total);
        for (size_t o = 0; o < places.count; o++)
            map_put(&found,
                    (uint64_t)x->query << 40 | (uint64_t)places.at[o].sample << 20 |
                        places.at[o].function,
                    (uint64_t)x->shared << 1 | x->exact);
        if (h > 0 && x[-1].query == x->query) {
            assert_true(x[-1].exact >= x->exact);
            if (x[-1].exact == x->exact)
                assert_true(x[-1].score > x->score ||
                            (x[-1].score == x->score && x[-1].signature < x->signature));
            assert_int_equal(x->asked, x[-1].asked);
        }
    }
    size_t expected = 0;
    for (size_t s = 0; s < count; s++) {
        const Features *f = made_sample(t->arena, learned[s]);
        const StoredSample *sample = snapshot_find_sha256(snap, f->sha256);
        assert_non_null(sample);
        for (size_t j = 0; j < f->functions.count; j++) {
            SignatureQuery known = query_of(f, j);
            for (size_t i = 0; i < n; i++) {
                bool exact = queries[i].pic.low && known.pic.low == queries[i].pic.low;
                bool is_sketched =
                    sketch_is_indexed(&queries[i].sketch) && sketch_is_indexed(&known.sketch);
                unsigned keys = is_sketched ? equal_keys(&queries[i].sketch, &known.sketch) : 0;
                uint64_t *at = map_find(&found, (uint64_t)i << 40 | (uint64_t)sample->id << 20 | j);
                if (!exact && keys == 0)
                    continue;
                expected++;
                assert_non_null(at);
                assert_int_equal(*at, (uint64_t)keys << 1 | exact);
            }
        }
    }
    assert_int_equal(expected, found.count);
}

static void test_what_was_learned_is_found(void **state) {
    TempStore *t = *state;
    Store *s = open_store(t, STORE_CREATE);
    unsigned learned[60];
    for (unsigned i = 0; i < 60; i++)
        learned[i] = i;
    learn(t, s, 0, 60);
    Snapshot *snap = NULL;
    OK(t, snapshot_open(s, &snap, &t->err));
    assert_int_equal(snapshot_sample_count(snap), 60);
    assert_int_equal(snapshot_function_count(snap), 60 * MADE_FUNCTIONS);
    check_against_all(t, snap, made_sample(t->arena, 17), learned, 60);
    check_against_all(t, snap, made_sample(t->arena, 1001), learned, 60);
    for (unsigned i = 0; i < 60; i++) {
        const StoredSample *x = snapshot_sample_at(snap, i);
        Features *f = NULL, *want = made_sample(t->arena, i);
        OK(t, snapshot_features(snap, x->id, t->arena, &f, &t->err));
        assert_string_equal(x->name, want->name);
        assert_string_equal(x->labels.family, made_labels(i).family);
        assert_null(x->labels.actor);
        assert_int_equal(x->function_count, MADE_FUNCTIONS);
        assert_memory_equal(f->sha256, want->sha256, 32);
        assert_int_equal(f->genes.count, want->genes.count);
    }
    verify(t, s);
    snapshot_close(snap);
    store_close(s);
}

static void test_paths_of_sources_are_one_token_wherever_they_were_built(void **state) {
    (void)state;
    static const char *const same[][2] = {
        {"C:\\Users\\runner\\.cargo\\registry\\src\\index.crates.io-6f17\\notify-5.0.0\\src\\poll."
         "rs",
         "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/notify-6.1.1/src/poll.rs"},
        {"/home/a/go/pkg/mod/github.com/spf13/cobra@v1.7.0/command.go",
         "/tmp/x/github.com/spf13/cobra@v1.8.1/command.go"},
        {"D:\\a\\1\\s\\libzmq\\src\\own.cpp", "C:/projects/libzmq/src/own.cpp"},
    };
    static const char *const other[][2] = {
        {"/x/notify-5.0.0/src/poll.rs", "/x/notify-5.0.0/src/null.rs"},
        {"/x/notify-5.0.0/src/poll.rs", "/x/pyo3-5.0.0/src/poll.rs"},
        {"src/own.cpp", "lib/own.cpp"},
        {"/usr/share/a/b", "/usr/lib/a/b"}, /* no source file: as it is */
        {"", "/"},
        {"-1@/.c", "//.c"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_true(token_from_string(same[i][0], strlen(same[i][0])) ==
                    token_from_string(same[i][1], strlen(same[i][1])));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_true(token_from_string(other[i][0], strlen(other[i][0])) !=
                    token_from_string(other[i][1], strlen(other[i][1])));
}

static bool is_of_three(void *ctx, const StoredSample *sample) {
    return sample->id % 3 == *(uint32_t *)ctx;
}

static void test_hidden_samples_are_as_if_removed(void **state) {
    TempStore *t = *state;
    Store *s = open_store(t, STORE_CREATE);
    learn(t, s, 0, 30);
    Snapshot *snap = NULL, *other = NULL;
    OK(t, snapshot_open(s, &snap, &t->err));
    OK(t, snapshot_open(s, &other, &t->err));
    uint32_t removed = snapshot_sample_at(snap, 0)->id % 3;
    uint64_t functions = snapshot_function_count(snap);
    OK(t, snapshot_hide(snap, is_of_three, &removed, &t->err));
    assert_int_equal(snapshot_sample_count(snap), 20);
    assert_int_equal(snapshot_sample_count(other), 30);
    assert_true(snapshot_function_count(snap) < functions);
    const StoredSample *first = snapshot_sample_at(other, 0);
    assert_null(snapshot_find_sample(snap, first->id));
    assert_null(snapshot_find_sha256(snap, first->sha256));
    Features *f = NULL;
    assert_int_equal(snapshot_features(snap, first->id, t->arena, &f, &t->err), STATUS_NOT_FOUND);
    uint64_t token = token_from_string("string number 3", 15);
    uint32_t total = 0;
    TokenHitVec hits = {.max = 1000};
    OK(t, snapshot_find_tokens(snap, t->arena, &token, 1, 100, &hits, &total, &t->err));
    assert_int_equal(total, 20);
    for (size_t i = 0; i < hits.count; i++)
        assert_true(hits.at[i].sample % 3 != removed);
    uint32_t none = 3;
    OK(t, snapshot_hide(snap, is_of_three, &none, &t->err));
    assert_int_equal(snapshot_sample_count(snap), 30);
    snapshot_close(other);
    snapshot_close(snap);
    store_close(s);
}

static void test_tokens_are_found(void **state) {
    TempStore *t = *state;
    Store *s = open_store(t, STORE_CREATE);
    learn(t, s, 0, 30);
    Snapshot *snap = NULL;
    OK(t, snapshot_open(s, &snap, &t->err));
    const char *own = "string number 711";
    uint64_t tokens[] = {token_from_string("nobody has it", 13),
                         token_from_string("string number 3", 15),
                         token_from_trait(TRAIT_IMPHASH, "odd"),
                         token_from_trait(TRAIT_RICH, "odd"), token_from_string(own, strlen(own))};
    uint32_t totals[5];
    TokenHitVec hits = {.max = 1000};
    OK(t, snapshot_find_tokens(snap, t->arena, tokens, 5, 20, &hits, totals, &t->err));
    assert_int_equal(totals[0], 0);
    assert_int_equal(totals[1], 30);
    assert_int_equal(totals[2], 15);
    assert_int_equal(totals[3], 0);
    assert_int_equal(totals[4], 1);
    assert_int_equal(hits.count, 20 + 15 + 1);
    for (size_t i = 1; i < hits.count; i++)
        assert_true(hits.at[i - 1].token < hits.at[i].token ||
                    hits.at[i - 1].sample < hits.at[i].sample);
    assert_string_equal(snapshot_find_sample(snap, hits.at[35].sample)->name, "sample-7");
    snapshot_close(snap);
    store_close(s);
}

static void test_learning_again_changes_nothing_but_labels(void **state) {
    TempStore *t = *state;
    Store *s = open_store(t, STORE_CREATE);
    learn(t, s, 0, 10);
    Labels labels = made_labels(3);
    bool added = true, changed = true;
    OK(t, store_learn(s, made_sample(t->arena, 3), &labels, &added, &changed, &t->err));
    assert_false(added);
    assert_false(changed);
    labels.actor = "somebody";
    OK(t, store_learn(s, made_sample(t->arena, 3), &labels, &added, &changed, &t->err));
    assert_false(added);
    assert_true(changed);
    Snapshot *snap = NULL;
    OK(t, snapshot_open(s, &snap, &t->err));
    assert_int_equal(snapshot_sample_count(snap), 10);
    const StoredSample *x = snapshot_find_sha256(snap, made_sample(t->arena, 3)->sha256);
    assert_string_equal(x->labels.actor, "somebody");
    snapshot_close(snap);
    StoreStat stat;
    OK(t, store_stat(s, &stat, &t->err));
    assert_int_equal(stat.samples, 10);
    assert_int_equal(stat.functions, 10 * MADE_FUNCTIONS);
    verify(t, s);
    store_close(s);
}

static void test_removed_samples_are_gone(void **state) {
    TempStore *t = *state;
    Store *s = open_store(t, STORE_CREATE);
    learn(t, s, 0, 30);
    uint32_t id = 0, after = 0;
    unsigned learned[29];
    for (unsigned i = 0; i < 29; i++)
        learned[i] = i < 12 ? i : i + 1;
    Features *gone = made_sample(t->arena, 12);
    Snapshot *old = NULL, *snap = NULL;
    OK(t, snapshot_open(s, &old, &t->err));
    id = snapshot_find_sha256(old, gone->sha256)->id;
    OK(t, store_remove(s, gone->sha256, &t->err));
    assert_int_equal(store_remove(s, gone->sha256, &t->err), STATUS_NOT_FOUND);
    assert_non_null(snapshot_find_sha256(old, gone->sha256)); /* it sees its own state */
    OK(t, snapshot_open(s, &snap, &t->err));
    assert_null(snapshot_find_sha256(snap, gone->sha256));
    assert_null(snapshot_find_sample(snap, id));
    assert_int_equal(snapshot_sample_count(snap), 29);
    check_against_all(t, snap, gone, learned, 29);
    snapshot_close(snap);
    snapshot_close(old);
    verify(t, s);
    OK(t, store_compact(s, NULL, NULL, &t->err));
    verify(t, s);
    OK(t, snapshot_open(s, &snap, &t->err));
    check_against_all(t, snap, gone, learned, 29);
    snapshot_close(snap);
    learn(t, s, 12, 13);
    OK(t, snapshot_open(s, &snap, &t->err));
    after = snapshot_find_sha256(snap, gone->sha256)->id;
    assert_true(after > 30); /* an id is never used again */
    snapshot_close(snap);
    verify(t, s);
    store_close(s);
}

static void test_batches_and_reopening(void **state) {
    TempStore *t = *state;
    Store *s = open_store(t, STORE_CREATE);
    OK(t, store_batch_begin(s, &t->err));
    learn(t, s, 0, 25);
    Labels labels = made_labels(20);
    bool added = true;
    OK(t, store_learn(s, made_sample(t->arena, 20), &labels, &added, NULL, &t->err));
    assert_false(added);
    learn(t, s, 25, 50);
    OK(t, store_batch_end(s, &t->err));
    store_close(s);
    s = open_store(t, STORE_WRITE);
    learn(t, s, 50, 60);
    store_close(s);
    s = open_store(t, STORE_READ);
    unsigned learned[60];
    for (unsigned i = 0; i < 60; i++)
        learned[i] = i;
    Snapshot *snap = NULL;
    OK(t, snapshot_open(s, &snap, &t->err));
    check_against_all(t, snap, made_sample(t->arena, 33), learned, 60);
    snapshot_close(snap);
    verify(t, s);
    assert_int_equal(store_batch_begin(s, &t->err), STATUS_USAGE);
    store_close(s);
}

static void test_readers_see_one_state(void **state) {
    TempStore *t = *state;
    Store *w = open_store(t, STORE_CREATE);
    learn(t, w, 0, 5);
    Store *r = open_store(t, STORE_READ);
    Snapshot *before = NULL, *after = NULL;
    OK(t, snapshot_open(r, &before, &t->err));
    learn(t, w, 5, 40);
    OK(t, snapshot_open(r, &after, &t->err));
    assert_int_equal(snapshot_sample_count(before), 5);
    assert_int_equal(snapshot_sample_count(after), 40);
    unsigned learned[40];
    for (unsigned i = 0; i < 40; i++)
        learned[i] = i;
    check_against_all(t, before, made_sample(t->arena, 3), learned, 5);
    check_against_all(t, after, made_sample(t->arena, 3), learned, 40);
    /* Compaction makes another file; the old snapshots keep theirs. */
    OK(t, store_compact(w, NULL, NULL, &t->err));
    check_against_all(t, before, made_sample(t->arena, 3), learned, 5);
    snapshot_close(after);
    OK(t, snapshot_open(r, &after, &t->err));
    check_against_all(t, after, made_sample(t->arena, 3), learned, 40);
    snapshot_close(before);
    snapshot_close(after);
    store_close(r);
    store_close(w);
}

static void test_one_writer(void **state) {
    TempStore *t = *state;
    Store *s = open_store(t, STORE_CREATE), *other = NULL;
    assert_int_equal(store_open(t->path, STORE_WRITE, 30, &other, &t->err), STATUS_BUSY);
    assert_non_null(strstr(t->err.message, "is changing this store"));
    assert_null(other);
    store_close(s);
    s = open_store(t, STORE_WRITE);
    store_close(s);
}

static void test_what_is_no_store_is_refused(void **state) {
    TempStore *t = *state;
    Store *s = NULL;
    assert_int_equal(store_open(t->path, STORE_READ, 0, &s, &t->err), STATUS_NOT_FOUND);
    assert_int_equal(store_open(t->path, STORE_WRITE, 0, &s, &t->err), STATUS_NOT_FOUND);
    char file[128];
    snprintf(file, sizeof file, "%s/notes.txt", t->dir);
    fclose(fopen(file, "w"));
    assert_int_equal(store_open(t->dir, STORE_CREATE, 0, &s, &t->err), STATUS_USAGE);
    assert_non_null(strstr(t->err.message, "notes.txt"));
    store_close(open_store(t, STORE_CREATE));
    snprintf(file, sizeof file, "%s/cognate.store", t->path);
    FILE *f = fopen(file, "w");
    fputs("cognate store\nformat 9\n", f);
    fclose(f);
    assert_int_equal(store_open(t->path, STORE_READ, 0, &s, &t->err), STATUS_FAILED);
    assert_non_null(strstr(t->err.message, "format 9"));
    f = fopen(file, "w");
    fputs("something else\n", f);
    fclose(f);
    assert_int_equal(store_open(t->path, STORE_CREATE, 0, &s, &t->err), STATUS_CORRUPT);
    assert_null(s);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_what_was_learned_is_found),
        T(test_tokens_are_found),
        T(test_paths_of_sources_are_one_token_wherever_they_were_built),
        T(test_hidden_samples_are_as_if_removed),
        T(test_learning_again_changes_nothing_but_labels),
        T(test_removed_samples_are_gone),
        T(test_batches_and_reopening),
        T(test_readers_see_one_state),
        T(test_one_writer),
        T(test_what_is_no_store_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
