/* SPDX-License-Identifier: Apache-2.0
 * test_pack.c: feature packs travel unharmed, and harmed ones are refused. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "code/code.h"
#include "feature/extractors.h"
#include "feature/pack_format.h"

enum { ARENA_BYTES = 512 << 20 };

static uint64_t seed;
static uint64_t next_random(void) { return mix64(seed += 0x9e3779b97f4a7c15ULL); }
static uint32_t below(uint32_t n) { return (uint32_t)(next_random() % n); }

#define FILL(a, list, n)                                                                           \
    do {                                                                                           \
        (list).at = arena_alloc_array((a), (n), sizeof *(list).at);                                \
        (list).count = (list).cap = (list).max = (n);                                              \
    } while (0)

static const char *random_text(Arena *a) {
    static const char *const some[] = {"", "kernel32.dll", "h\xc3\xa9llo", "\xe2\x82\xac 5",
                                       "sub_1"};
    char *text = arena_alloc(a, 64);
    snprintf(text, 64, "%s%u", some[below(5)], below(1000));
    return text;
}

static void fill_functions(Arena *a, Features *f, uint32_t n, uint32_t pool) {
    FILL(a, f->functions, n);
    FILL(a, f->genes, (size_t)n * 40);
    FILL(a, f->blocks, (size_t)n * 4);
    FILL(a, f->calls, (size_t)n * 3);
    uint32_t genes = 0, blocks = 0, calls = 0;
    uint64_t va = 0x140001000;
    for (uint32_t i = 0; i < n; i++) {
        FunctionFeature *fn = &f->functions.at[i];
        *fn = (FunctionFeature){.va = va += 16 + below(500), .size = below(5000)};
        fn->blocks = below(30);
        fn->instructions = below(300);
        fn->name = below(3) ? NULL : random_text(a);
        fn->source = (uint8_t)below(FUNCTION_SOURCE_COUNT);
        fn->flags = (uint8_t)below(64);
        fn->pic = (Hash128){next_random(), next_random()};
        fn->first_gene = genes;
        uint32_t want = below(40);
        for (uint32_t g = 0; g < want; g++)
            f->genes.at[genes + g] = mix64(1 + below(pool));
        sort_u64(a, f->genes.at + genes, want);
        fn->gene_count = (uint32_t)unique_u64(f->genes.at + genes, want);
        genes += fn->gene_count;
        fn->first_block = blocks;
        fn->block_count = below(4);
        for (uint32_t b = 0; b < fn->block_count; b++)
            f->blocks.at[blocks++] =
                (BlockFeature){below(9999), below(99), below(20), {next_random(), next_random()}};
        fn->first_call = calls;
        fn->call_count = below(3);
        for (uint32_t c = 0; c < fn->call_count; c++)
            f->calls.at[calls++] =
                below(2) ? CALL_IS_IMPORT | below((uint32_t)f->imports.count) : below(n);
    }
    f->genes.count = genes;
    f->blocks.count = blocks;
    f->calls.count = calls;
}

static void fill_texts(Arena *a, Features *f) {
    FILL(a, f->strings, 50);
    FILL(a, f->string_refs, 100);
    for (uint32_t i = 0; i < 50; i++) {
        StringFeature *s = &f->strings.at[i];
        s->off = i * 40u;
        s->va = i % 7 ? 0x403000 + s->off : UINT64_MAX;
        s->text = random_text(a);
        s->length = (uint32_t)strlen(s->text);
        s->kind = (StringKind)below(STRING_DECODED + 1);
        s->first_ref = 2 * i;
        s->ref_count = 2;
        f->string_refs.at[2 * i] = 0x401000 + below(9999);
        f->string_refs.at[2 * i + 1] = next_random();
    }
    FILL(a, f->traits, 9);
    for (uint32_t i = 0; i < 9; i++)
        f->traits.at[i] = (Trait){(TraitKind)below(TRAIT_KIND_COUNT), random_text(a),
                                  i % 2 ? UINT64_MAX : next_random()};
    FILL(a, f->indicators, 5);
    for (uint32_t i = 0; i < 5; i++)
        f->indicators.at[i] = (Indicator){(IndicatorKind)below(INDICATOR_KIND_COUNT),
                                          random_text(a), next_random(), STRING_UTF16};
    FILL(a, f->routines, 7);
    FILL(a, f->parameters, 14);
    FILL(a, f->resolved, 7);
    for (uint32_t i = 0; i < 7; i++) {
        f->routines.at[i] = (Routine){.va = 0x401000 + 40u * i,
                                      .size = below(999),
                                      .kind = (RoutineKind)below(ROUTINE_KIND_COUNT),
                                      .algorithm = i % 2 ? random_text(a) : NULL,
                                      .fingerprint = {next_random(), next_random()},
                                      .structure = {next_random(), next_random()},
                                      .first_parameter = 2 * i,
                                      .parameter_count = 2,
                                      .first_resolved = i,
                                      .resolved_count = 1,
                                      .confidence = (uint8_t)below(101),
                                      .flags = (uint8_t)below(4)};
        f->parameters.at[2 * i] = (RoutineParameter){"key", PARAMETER_BYTES, 0, random_text(a)};
        f->parameters.at[2 * i + 1] = (RoutineParameter){"seed", PARAMETER_WORD, next_random(), ""};
        f->resolved.at[i] = (ResolvedName){next_random(), random_text(a), random_text(a)};
    }
    f->note_count = 3;
    for (uint32_t i = 0; i < 3; i++)
        f->notes[i] = (Note){(NoteKind)below(NOTE_KIND_COUNT), next_random()};
}

static Features *make_features(Arena *a, uint32_t functions) {
    Features *f = ARENA_NEW(a, Features);
    f->extractor_version = EXTRACTOR_VERSION;
    for (unsigned i = 0; i < 32; i++)
        f->sha256[i] = (uint8_t)below(256);
    f->size = next_random();
    f->name = "sample \xc3\xbc.exe";
    f->packer = "unknown";
    f->is_packed = f->has_entry = true;
    f->format = FORMAT_PE;
    f->arch = ARCH_X64;
    f->bits = 64;
    f->entry = 0x140001000;
    f->export_count = 3;
    FILL(a, f->sections, 4);
    for (uint32_t i = 0; i < 4; i++)
        f->sections.at[i] =
            (SectionFeature){random_text(a), next_random(), i, i * 2u, 9, 5, 0.125 * (double)i};
    FILL(a, f->imports, 20);
    for (uint32_t i = 0; i < 20; i++)
        f->imports.at[i] = (ImportFeature){random_text(a), random_text(a), 0x402000 + 8u * i};
    fill_functions(a, f, functions, functions * 10 + 1);
    fill_texts(a, f);
    return f;
}

static Text write_pack(const Features *f) {
    Text t = text_new((size_t)1 << 30);
    Error err = {0};
    assert_int_equal(features_write(f, &t, &err), STATUS_OK);
    return t;
}

static Bytes text_bytes(const Text *t) { return (Bytes){(const uint8_t *)t->at, t->size}; }

static Features *read_pack(Arena *a, Bytes b) {
    Features *f = NULL;
    Error err = {0};
    assert_int_equal(features_from_bytes(a, b, &f, &err), STATUS_OK);
    return f;
}

static void assert_same_lists(const Features *x, const Features *y) {
    assert_int_equal(x->functions.count, y->functions.count);
    assert_int_equal(x->genes.count, y->genes.count);
    if (x->genes.count > 0)
        assert_memory_equal(x->genes.at, y->genes.at, x->genes.count * sizeof *x->genes.at);
    for (size_t i = 0; i < x->functions.count; i++) {
        const FunctionFeature *p = &x->functions.at[i], *q = &y->functions.at[i];
        assert_int_equal(p->va, q->va);
        assert_int_equal(p->first_gene, q->first_gene);
        assert_int_equal(p->call_count, q->call_count);
        assert_int_equal(p->pic.high, q->pic.high);
        assert_int_equal(p->name == NULL, q->name == NULL);
        if (p->name)
            assert_string_equal(p->name, q->name);
    }
    assert_int_equal(x->strings.count, y->strings.count);
    for (size_t i = 0; i < x->strings.count; i++) {
        assert_string_equal(x->strings.at[i].text, y->strings.at[i].text);
        assert_int_equal(x->strings.at[i].length, y->strings.at[i].length);
        assert_int_equal(x->strings.at[i].va, y->strings.at[i].va);
    }
    assert_int_equal(x->routines.count, y->routines.count);
    for (size_t i = 0; i < x->routines.count; i++) {
        const Routine *p = &x->routines.at[i], *q = &y->routines.at[i];
        assert_int_equal(p->va, q->va);
        assert_int_equal(p->kind, q->kind);
        assert_int_equal(p->algorithm == NULL, q->algorithm == NULL);
        assert_int_equal(p->structure.high, q->structure.high);
        assert_int_equal(p->confidence, q->confidence);
        const RoutineParameter *s = &x->parameters.at[p->first_parameter + 1],
                               *t = &y->parameters.at[q->first_parameter + 1];
        assert_string_equal(s->name, t->name);
        assert_int_equal(s->number, t->number);
        assert_string_equal(x->resolved.at[p->first_resolved].name,
                            y->resolved.at[q->first_resolved].name);
    }
    for (size_t i = 0; i < x->traits.count; i++)
        assert_int_equal(x->traits.at[i].off, y->traits.at[i].off);
}

static void round_trip_gives_the_same_bytes(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 400; n = n * 3 + 1) {
        seed = n;
        Arena *a = arena_new(ARENA_BYTES);
        Features *f = make_features(a, n);
        if (n == 0)
            f->calls.count = 0;
        Text first = write_pack(f);
        Features *back = read_pack(a, text_bytes(&first));
        assert_string_equal(back->name, f->name);
        assert_string_equal(back->packer, "unknown");
        assert_same_lists(f, back);
        Text second = write_pack(back);
        assert_int_equal(first.size, second.size);
        assert_memory_equal(first.at, second.at, first.size);
        text_free(&first);
        text_free(&second);
        arena_free(a);
    }
}

static void plain_packs_say_the_same(void **state) {
    (void)state;
    seed = 11;
    Arena *a = arena_new(ARENA_BYTES);
    Features *f = make_features(a, 40);
    Text first = write_pack(f), plain = text_new((size_t)1 << 30);
    Error err = {0};
    assert_int_equal(features_write_plain(f, &plain, &err), STATUS_OK);
    assert_true(plain.size > first.size);
    Features *back = read_pack(a, text_bytes(&plain));
    assert_same_lists(f, back);
    Text second = write_pack(back);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.at, second.at, first.size);
    for (size_t n = 0; n < plain.size; n += 97)
        assert_int_equal(features_from_bytes(a, (Bytes){(const uint8_t *)plain.at, n}, &back, &err),
                         STATUS_CORRUPT);
    text_free(&first);
    text_free(&second);
    text_free(&plain);
    arena_free(a);
}

static void genes_can_be_left_out(void **state) {
    (void)state;
    for (uint32_t n = 1; n < 400; n = n * 3 + 1) {
        seed = n;
        Arena *a = arena_new(ARENA_BYTES);
        Features *f = make_features(a, n), *less = NULL;
        Text t = write_pack(f);
        Features *all = read_pack(a, text_bytes(&t));
        Error err = {0};
        assert_int_equal(features_from_bytes_without_genes(a, text_bytes(&t), &less, &err),
                         STATUS_OK);
        assert_int_equal(less->genes.count, 0);
        assert_int_equal(less->dictionary.count, 0);
        all->genes.count = 0;
        assert_same_lists(all, less);
        text_free(&t);
        arena_free(a);
    }
}

static void empty_features_travel(void **state) {
    (void)state;
    Arena *a = arena_new(ARENA_BYTES);
    Features none = {0};
    Text t = write_pack(&none);
    Features *back = read_pack(a, text_bytes(&t));
    assert_string_equal(back->name, "");
    assert_null(back->packer);
    text_free(&t);
    arena_free(a);
}

static void bad_text_is_escaped_not_refused(void **state) {
    (void)state;
    Arena *a = arena_new(ARENA_BYTES);
    Features f = {.name = "a\xff\xc3z\xed\xa0\x80"};
    Text t = write_pack(&f);
    assert_string_equal(read_pack(a, text_bytes(&t))->name, "a\\xff\\xc3z\\xed\\xa0\\x80");
    text_free(&t);
    arena_free(a);
}

/* A copy of exactly that size, so that ASan sees every byte read past the end. */
static Status try_read(Arena *a, const void *at, size_t size) {
    uint8_t *copy = malloc(size + !size);
    assert_non_null(copy);
    memcpy(copy, at, size);
    ArenaMark mark = arena_mark(a);
    Features *f = NULL;
    Status status = features_from_bytes(a, (Bytes){copy, size}, &f, NULL);
    assert_int_equal(f == NULL, status != STATUS_OK);
    arena_reset(a, mark);
    free(copy);
    return status;
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    seed = 7;
    Arena *a = arena_new(ARENA_BYTES);
    Text t = write_pack(make_features(a, 12));
    for (size_t n = 0; n < t.size; n++)
        assert_int_equal(try_read(a, t.at, n), STATUS_CORRUPT);
    text_free(&t);
    arena_free(a);
}

static void every_bit_flip_is_refused(void **state) {
    (void)state;
    seed = 8;
    Arena *a = arena_new(ARENA_BYTES);
    Text t = write_pack(make_features(a, 5));
    for (size_t bit = 0; bit < t.size * 8; bit++) {
        t.at[bit / 8] = (char)(t.at[bit / 8] ^ 1 << bit % 8);
        assert_int_equal(try_read(a, t.at, t.size), STATUS_CORRUPT);
        t.at[bit / 8] = (char)(t.at[bit / 8] ^ 1 << bit % 8);
    }
    text_free(&t);
    arena_free(a);
}

static void put_le64(uint8_t *to, uint64_t v) {
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

/* The pack with its columns changed at one place and everything around made right again: what an
 * attacker who knows the format would send. */
static void forged_columns_never_crash(void **state) {
    (void)state;
    seed = 9;
    Arena *a = arena_new(ARENA_BYTES);
    Text t = write_pack(make_features(a, 6));
    size_t raw_size = (size_t)bytes_u64_at(text_bytes(&t), 16);
    uint8_t *raw = arena_alloc(a, raw_size);
    size_t room = PACK_HEADER_BYTES + ZSTD_compressBound(raw_size) + PACK_TRAILER_BYTES;
    uint8_t *forged = arena_alloc(a, room);
    size_t frame_size = t.size - PACK_HEADER_BYTES - PACK_TRAILER_BYTES;
    assert_int_equal(ZSTD_decompress(raw, raw_size, t.at + PACK_HEADER_BYTES, frame_size),
                     raw_size);
    memcpy(forged, t.at, PACK_HEADER_BYTES);
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    unsigned refused = 0;
    for (size_t i = 0; i < raw_size; i++) {
        uint8_t was = raw[i];
        for (unsigned v = 0; v < sizeof values; v++) {
            raw[i] = values[v];
            size_t n =
                PACK_HEADER_BYTES + ZSTD_compress(forged + PACK_HEADER_BYTES,
                                                  room - PACK_HEADER_BYTES, raw, raw_size, 1);
            put_le64(forged + n, hash64((Bytes){forged, n}));
            refused += try_read(a, forged, n + PACK_TRAILER_BYTES) != STATUS_OK;
        }
        raw[i] = was;
    }
    assert_true(refused > 1000);
    text_free(&t);
    arena_free(a);
}

static void bombs_are_refused(void **state) {
    (void)state;
    Arena *a = arena_new((size_t)1 << 20);
    Features none = {0};
    Text t = write_pack(&none);
    uint8_t *at = (uint8_t *)t.at;
    put_le64(at + 16, PACK_MAX_RAW + 1);
    put_le64(at + t.size - 8, hash64((Bytes){at, t.size - 8}));
    assert_int_equal(try_read(a, at, t.size), STATUS_CORRUPT);
    /* Two million functions in a hundred bytes. */
    put_le64(at + 16, 1000);
    put_le64(at + PACK_COUNTS_OFF + 8, MAX_FUNCTIONS);
    put_le64(at + t.size - 8, hash64((Bytes){at, t.size - 8}));
    assert_int_equal(try_read(a, at, t.size), STATUS_CORRUPT);
    text_free(&t);
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_gives_the_same_bytes),
        cmocka_unit_test(plain_packs_say_the_same),
        cmocka_unit_test(genes_can_be_left_out),
        cmocka_unit_test(empty_features_travel),
        cmocka_unit_test(bad_text_is_escaped_not_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_bit_flip_is_refused),
        cmocka_unit_test(forged_columns_never_crash),
        cmocka_unit_test(bombs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
