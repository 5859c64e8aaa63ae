/* SPDX-License-Identifier: Apache-2.0
 * feature_test.h: a sample made of bytes, with hand-made image and code, for tests of extractors.
 */
#ifndef COG_TESTS_FEATURE_TEST_H
#define COG_TESTS_FEATURE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "feature/extractors.h"

typedef struct Bench {
    Sample s;
    Image image;
    Code code;
    Features f;
} Bench;

enum { BENCH_BASE = 0x400000 };

/* One readable segment over all bytes, at BENCH_BASE. */
static inline Bench *bench_open(const void *at, size_t n) {
    Arena *arena = arena_new((size_t)64 << 20);
    assert_non_null(arena);
    Bench *b = ARENA_NEW(arena, Bench);
    b->s = (Sample){.bytes = {at, n}, .name = "bench", .arena = arena};
    b->s.scratch = arena_new((size_t)64 << 20);
    b->image.format = FORMAT_RAW;
    b->image.bits = 64;
    b->image.segments.max = b->image.sections.max = b->image.imports.max = b->image.relocs.max =
        b->image.exports.max = 64;
    b->code.refs.max = b->code.blocks.max = b->code.functions.max = 64;
    b->f.strings.max = MAX_STRINGS;
    b->f.string_refs.max = MAX_XREFS;
    b->f.traits.max = MAX_TRAITS;
    b->f.indicators.max = MAX_INDICATORS;
    b->f.imports.max = MAX_IMPORTS;
    b->f.sections.max = MAX_SECTIONS;
    Segment *segment = VEC_ADD(arena, &b->image.segments);
    *segment = (Segment){.va = BENCH_BASE, .va_size = n, .file = {at, n}, .perms = PERM_R};
    return b;
}

static inline void bench_close(Bench *b) {
    arena_free(b->s.scratch);
    arena_free(b->s.arena);
}

/* References must be added in order of off. */
static inline void bench_ref(Bench *b, uint64_t off, uint64_t from, uint32_t function) {
    DataRef *ref = VEC_ADD(b->s.arena, &b->code.refs);
    *ref = (DataRef){.from_va = from, .to_va = BENCH_BASE + off, .function = function};
}

static inline const StringFeature *bench_find(const Bench *b, const char *text) {
    for (size_t i = 0; i < b->f.strings.count; i++)
        if (strcmp(b->f.strings.at[i].text, text) == 0)
            return &b->f.strings.at[i];
    return NULL;
}

/* The n-th trait of a kind, or NULL. */
static inline const char *bench_trait(const Bench *b, TraitKind kind, size_t n) {
    for (size_t i = 0; i < b->f.traits.count; i++)
        if (b->f.traits.at[i].kind == kind && n-- == 0)
            return b->f.traits.at[i].value;
    return NULL;
}

static inline void bench_string(Bench *b, const char *text) {
    StringFeature *s = VEC_ADD(b->s.arena, &b->f.strings);
    *s = (StringFeature){.va = 0x1000, .off = 0x10000000, .text = text};
    s->length = (uint32_t)strlen(text);
}

#endif
