/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <stdlib.h>

#include "feature/gene_numbers.h"
#include "store/internal.h"
#include "store/temp_store.h"

typedef struct Fixture {
    Arena *arena, *scratch;
    Features *f;
    Outline made;
    Text record;
} Fixture;

enum { ID = 3, FUNCTIONS = 60 };

static int set_up(void **state) {
    Fixture *x = calloc(1, sizeof *x);
    x->arena = arena_new(1 << 28);
    x->scratch = arena_new(1 << 28);
    x->f = synthetic_new(x->arena, "outlined");
    for (uint64_t i = 0; i < FUNCTIONS; i++) {
        FunctionFeature *fn = synthetic_function(x->arena, x->f, i, 4 + 3 * (uint32_t)i, 0, 0);
        if (i > 0)
            synthetic_call(x->arena, x->f, fn, (uint32_t)i - 1);
        if (i % 3 == 0)
            fn->name = i % 2 ? "a name that is longer than what an outline keeps" : "main";
    }
    synthetic_string(x->arena, x->f, "a text that somebody wrote");
    synthetic_string(x->arena, x->f, "another one");
    outline_from_features(x->f, x->arena, x->scratch, &x->made);
    outline_add_tokens(x->f, x->arena, x->scratch, &x->made);
    x->record = text_new(1 << 24);
    outline_write(&x->made, ID, &x->record);
    *state = x;
    return 0;
}

static int tear_down(void **state) {
    Fixture *x = *state;
    text_free(&x->record);
    arena_free(x->arena);
    arena_free(x->scratch);
    free(x);
    return 0;
}

static Bytes record_of(const Fixture *x) {
    return (Bytes){(const uint8_t *)x->record.at, x->record.size};
}

static void test_columns_are_those_of_the_features(void **state) {
    Fixture *x = *state;
    Outline o;
    assert_int_equal(outline_from_bytes(outline_align(record_of(x), x->arena), ID, &o, NULL),
                     STATUS_OK);
    assert_int_equal(o.counts[OUTLINE_FUNCTIONS], FUNCTIONS);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        const FunctionFeature *fn = &x->f->functions.at[i];
        assert_memory_equal(&o.pic[i], &fn->pic, sizeof fn->pic);
        assert_int_equal(o.instructions[i], fn->instructions);
        assert_int_equal(o.gene_count[i], fn->gene_count);
        assert_int_equal(o.first_call[i + 1] - o.first_call[i], fn->call_count);
        uint32_t weight = 0;
        for (uint32_t k = 0; k < fn->gene_count; k++)
            weight += gene_weight(x->f->genes.at[fn->first_gene + k]);
        assert_int_equal(o.own_total[i], weight);
        assert_true(o.group_total[i] >= weight);
        assert_string_equal(o.names + o.name[i], i % 3        ? ""
                                                 : i % 2 == 0 ? "main"
                                                              : "a name that is longer t");
    }
    assert_int_equal(o.counts[OUTLINE_TOKENS], 2);
    assert_true(o.token[0] < o.token[1]);
}

/* The index is asked by the sketch that the features have; alignment by the outline's. */
static void test_sketches_are_those_of_the_index(void **state) {
    Fixture *x = *state;
    GeneNumbers genes = gene_numbers_from_features(x->f, x->arena, x->scratch);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        Sketch sketch = sketch_from_function(x->f, &x->f->functions.at[i]);
        assert_int_equal(x->made.sketch_count[i], sketch.count);
        for (unsigned k = 0; k < sketch.count; k++) {
            uint64_t gene = x->made.dictionary[outline_gene(&x->made, x->made.first_gene[i] + k)];
            size_t at = 0;
            while (genes.genes[at] != gene)
                at++;
            assert_int_equal(genes.rank[at].key, sketch.key[k]);
        }
    }
}

static void test_bytes_that_are_not_aligned_are_copied(void **state) {
    Fixture *x = *state;
    uint8_t *moved = malloc(x->record.size + 2);
    memcpy(moved + 2, x->record.at, x->record.size);
    Outline o;
    Bytes bytes = {moved + 2, x->record.size};
    assert_int_equal(outline_from_bytes(outline_align(bytes, x->arena), ID, &o, NULL), STATUS_OK);
    assert_memory_equal(o.dictionary, x->made.dictionary,
                        o.counts[OUTLINE_DICTIONARY] * sizeof *o.dictionary);
    free(moved);
}

static void test_damage_is_told(void **state) {
    Fixture *x = *state;
    Outline o;
    Error err = {0};
    assert_int_equal(outline_from_bytes(outline_align(record_of(x), x->arena), ID + 1, &o, &err),
                     STATUS_CORRUPT);
    for (size_t size = 0; size < x->record.size; size += 7)
        assert_int_equal(outline_from_bytes(outline_align((Bytes){record_of(x).at, size}, x->arena),
                                            ID, &o, &err),
                         STATUS_CORRUPT);
    for (size_t at = 0; at < x->record.size; at += 11) {
        x->record.at[at] ^= 4;
        assert_int_equal(outline_from_bytes(outline_align(record_of(x), x->arena), ID, &o, &err),
                         STATUS_CORRUPT);
        x->record.at[at] ^= 4;
    }
    assert_int_equal(outline_from_bytes(outline_align(record_of(x), x->arena), ID, &o, &err),
                     STATUS_OK);
}

/* Numbers that lead outside a column are refused even under a good checksum. */
static void test_numbers_outside_are_refused(void **state) {
    Fixture *x = *state;
    Outline o;
    assert_int_equal(outline_from_bytes(outline_align(record_of(x), x->arena), ID, &o, NULL),
                     STATUS_OK);
    const void *const victims[] = {o.first_gene + 1, o.first_call + 1, o.call,        o.member,
                                   o.name,           o.narrow_gene,    o.sketch_count};
    for (size_t i = 0; i < sizeof victims / sizeof *victims; i++) {
        uint8_t *at = (uint8_t *)x->record.at + ((const char *)victims[i] - x->record.at), kept[2];
        memcpy(kept, at, sizeof kept);
        memset(at, 0xff, sizeof kept);
        outline_seal((uint8_t *)x->record.at, x->record.size, ID);
        assert_int_equal(outline_from_bytes(outline_align(record_of(x), x->arena), ID, &o, NULL),
                         STATUS_CORRUPT);
        memcpy(at, kept, sizeof kept);
    }
}

static void get_outline(Store *store, TempStore *t, Arena *scratch, Outline *out, Text *record) {
    Snapshot *snap = NULL;
    assert_int_equal(snapshot_open(store, &snap, &t->err), STATUS_OK);
    uint32_t id = snapshot_sample_at(snap, 0)->id;
    assert_int_equal(snapshot_outlines(snap, &id, 1, t->arena, scratch, out, &t->err), STATUS_OK);
    outline_write(out, id, record);
    snapshot_close(snap);
}

/* A store from before there were outlines has none: they are made from the packs. */
static void test_a_sample_without_an_outline_has_the_same(void **state) {
    Fixture *x = *state;
    TempStore *t = temp_store_new();
    Store *store = NULL;
    Outline stored, made;
    Text with = text_new(1 << 24), without = text_new(1 << 24);
    uint64_t deleted = 0, problems = 0;
    const Labels labels = {.family = "x"};
    assert_int_equal(store_open(t->path, STORE_CREATE, 0, &store, &t->err), STATUS_OK);
    assert_int_equal(store_learn(store, x->f, &labels, NULL, NULL, &t->err), STATUS_OK);
    get_outline(store, t, x->scratch, &stored, &with);
    EngineTxn *txn = NULL;
    assert_int_equal(engine_begin(store->engine, true, &txn, &t->err), STATUS_OK);
    assert_int_equal(engine_delete_u64(txn, TABLE_OUTLINE, 0, UINT32_MAX, 9, &deleted, &t->err),
                     STATUS_OK);
    assert_int_equal(engine_commit(txn, &t->err), STATUS_OK);
    assert_int_equal(deleted, 1);
    get_outline(store, t, x->scratch, &made, &without);
    assert_int_equal(with.size, without.size);
    assert_memory_equal(with.at, without.at, with.size);
    assert_int_equal(store_verify(store, NULL, NULL, &problems, &t->err), STATUS_OK);
    assert_int_equal(problems, 0);
    store_close(store);
    text_free(&with);
    text_free(&without);
    temp_store_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_columns_are_those_of_the_features, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sketches_are_those_of_the_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_that_are_not_aligned_are_copied, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_damage_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_numbers_outside_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_sample_without_an_outline_has_the_same, set_up,
                                        tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
