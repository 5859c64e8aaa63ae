/* SPDX-License-Identifier: Apache-2.0
 * bench_slice STORE: adds to a store small samples made of parts of its reference samples, so that
 * the tables of match and judge are fitted to small programs too (bench/crossfit.py --slices).
 * A slice has the functions at one place of a sample, the strings that they use and those that
 * nothing uses at the same place, and no traits (those of the whole file would be
 * shared by all its slices). The place is a share of the functions in
 * the first sample of a family (for each processor and format), and in the others around the middle
 * one of those functions' partners: the slices are versions of one small program. Their names end
 * in #0, #1, #2. Prints a line for each: SHA-256 of the sample, a tab, SHA-256 of the slice (made
 * up). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "match/match.h"

enum { SLICES = 3, LEAST_SHARE = 3 };
/* Functions wanted; a sample gives those slices that are at most a third of it. */
static const uint32_t WANTED[SLICES] = {30, 80, 250};
/* Where a slice begins, as a share of the functions. */
static const double PLACE[SLICES] = {0.25, 0.45, 0.60};

typedef struct Slice {
    const Features *from;
    Features *to;
    Arena *arena;
    size_t first, count; /* functions */
} Slice;

static void take_function(Slice *s, const FunctionFeature *from) {
    FunctionFeature *f = VEC_ADD(s->arena, &s->to->functions);
    *f = *from;
    f->first_gene = (uint32_t)s->to->genes.count;
    f->first_block = (uint32_t)s->to->blocks.count;
    f->first_call = (uint32_t)s->to->calls.count;
    f->call_count = 0;
    for (uint32_t i = 0; i < from->gene_count; i++)
        *VEC_ADD(s->arena, &s->to->genes) = s->from->genes.at[from->first_gene + i];
    for (uint32_t i = 0; i < from->block_count; i++)
        *VEC_ADD(s->arena, &s->to->blocks) = s->from->blocks.at[from->first_block + i];
    for (uint32_t i = 0; i < from->call_count; i++) {
        uint32_t callee = s->from->calls.at[from->first_call + i];
        if (!(callee & CALL_IS_IMPORT)) {
            if (callee < s->first || callee >= s->first + s->count)
                continue;
            callee -= (uint32_t)s->first;
        }
        *VEC_ADD(s->arena, &s->to->calls) = callee;
        f->call_count++;
    }
}

static bool is_inside(const Slice *s, uint64_t va) {
    const FunctionFeature *first = &s->from->functions.at[s->first],
                          *last = &s->from->functions.at[s->first + s->count - 1];
    return va >= first->va && va < last->va + last->size;
}

static void take_string(Slice *s, size_t index) {
    const StringFeature *from = &s->from->strings.at[index];
    size_t refs = s->to->string_refs.count;
    for (uint32_t i = 0; i < from->ref_count; i++) {
        uint64_t va = s->from->string_refs.at[from->first_ref + i];
        if (is_inside(s, va))
            *VEC_ADD(s->arena, &s->to->string_refs) = va;
    }
    size_t n = s->from->strings.count, functions = s->from->functions.count;
    bool is_here =
        index * functions >= s->first * n && index * functions < (s->first + s->count) * n;
    if (s->to->string_refs.count == refs && (from->ref_count > 0 || !is_here))
        return;
    StringFeature *to = VEC_ADD(s->arena, &s->to->strings);
    *to = *from;
    to->first_ref = (uint32_t)refs;
    to->ref_count = (uint32_t)(s->to->string_refs.count - refs);
}

static void allow(Features *f) {
    f->functions.max = f->blocks.max = f->calls.max = f->genes.max = UINT32_MAX;
    f->strings.max = f->string_refs.max = UINT32_MAX;
}

static size_t place_of(const Features *f, unsigned k) {
    return (size_t)(PLACE[k] * (double)f->functions.count);
}

static int by_value(const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

/* Where the base's slice is in f; the same share where it cannot be told. */
static size_t follow(const Features *base, const Features *f, const FunctionPairVec *pairs,
                     unsigned k) {
    uint32_t partners[250];
    size_t first = place_of(base, k), n = 0;
    for (size_t i = 0; i < pairs->count; i++)
        if (pairs->at[i].a >= first && pairs->at[i].a < first + WANTED[k])
            partners[n++] = pairs->at[i].b;
    if (n == 0)
        return place_of(f, k);
    qsort(partners, n, sizeof *partners, by_value);
    size_t middle = partners[n / 2], half = WANTED[k] / 2;
    size_t at = middle > half ? middle - half : 0, most = f->functions.count - WANTED[k];
    return at < most ? at : most;
}

static Features *slice(Arena *a, const Features *from, size_t first, unsigned k) {
    Slice s = {.from = from, .to = ARENA_NEW(a, Features), .arena = a, .count = WANTED[k]};
    s.first = first;
    *s.to = *from;
    s.to->functions.at = NULL;
    s.to->functions.count = s.to->functions.cap = 0;
    s.to->blocks.at = NULL;
    s.to->blocks.count = s.to->blocks.cap = 0;
    s.to->calls.at = NULL;
    s.to->calls.count = s.to->calls.cap = 0;
    s.to->genes.at = NULL;
    s.to->genes.count = s.to->genes.cap = 0;
    s.to->strings.at = NULL;
    s.to->strings.count = s.to->strings.cap = 0;
    s.to->string_refs.at = NULL;
    s.to->string_refs.count = s.to->string_refs.cap = 0;
    s.to->indicators.count = s.to->traits.count = 0;
    s.to->routines.count = s.to->parameters.count = s.to->resolved.count = 0;
    allow(s.to);
    for (size_t i = 0; i < s.count; i++)
        take_function(&s, &from->functions.at[s.first + i]);
    for (size_t i = 0; i < from->strings.count; i++)
        take_string(&s, i);
    uint64_t bytes = 0;
    for (size_t i = 0; i < s.to->functions.count; i++)
        bytes += s.to->functions.at[i].size;
    s.to->code_bytes = s.to->code_recovered = bytes;
    s.to->code_padding = 0;
    uint8_t seed[33];
    memcpy(seed, from->sha256, 32);
    seed[32] = (uint8_t)k;
    digest_sha256((Bytes){seed, sizeof seed}, s.to->sha256);
    char *name = arena_alloc(a, strlen(from->name) + 3);
    snprintf(name, strlen(from->name) + 3, "%s#%u", from->name, k);
    s.to->name = name;
    return s.to;
}

static bool is_base_of(const StoredSample *base, const StoredSample *sample) {
    const char *x = base->labels.family, *y = sample->labels.family;
    return base->labels.sample_class == SAMPLE_REFERENCE && !strchr(base->name, '#') && x && y &&
           strcmp(x, y) == 0 && base->arch == sample->arch && base->format == sample->format;
}

static const StoredSample *find_base(const Snapshot *snap, const StoredSample *sample) {
    for (uint32_t i = 0; i < snapshot_sample_count(snap); i++)
        if (is_base_of(snapshot_sample_at(snap, i), sample))
            return snapshot_sample_at(snap, i);
    return sample;
}

static bool slice_sample(Store *store, Snapshot *snap, const StoredSample *sample, Error *err) {
    Arena *a = arena_new((size_t)4 << 30), *scratch = arena_new((size_t)4 << 30);
    const StoredSample *base = find_base(snap, sample);
    Features *f = NULL, *of_base = NULL;
    FunctionPairVec pairs = {.count = 0};
    bool is_good = a && scratch && snapshot_features(snap, sample->id, a, &f, err) == STATUS_OK &&
                   snapshot_features(snap, base->id, a, &of_base, err) == STATUS_OK;
    if (is_good && base != sample)
        match_pairs(of_base, f, a, scratch, &pairs);
    for (unsigned k = 0; is_good && k < SLICES; k++) {
        if (f->functions.count / LEAST_SHARE < WANTED[k] ||
            of_base->functions.count / LEAST_SHARE < WANTED[k])
            continue;
        Features *small = slice(a, f, follow(of_base, f, &pairs, k), k);
        char whole[65], part[65];
        hex_write(whole, sample->sha256, 32);
        hex_write(part, small->sha256, 32);
        is_good = store_learn(store, small, &sample->labels, NULL, NULL, err) == STATUS_OK;
        printf("%s\t%s\n", whole, part);
    }
    arena_free(a);
    arena_free(scratch);
    return is_good;
}

int main(int argc, char **argv) {
    Error err = {0};
    Store *store = NULL;
    Snapshot *snap = NULL;
    digest_init();
    bool is_good = argc == 2 && store_open(argv[1], STORE_WRITE, 0, &store, &err) == STATUS_OK &&
                   snapshot_open(store, &snap, &err) == STATUS_OK &&
                   store_batch_begin(store, &err) == STATUS_OK;
    for (uint32_t i = 0; is_good && i < snapshot_sample_count(snap); i++) {
        const StoredSample *sample = snapshot_sample_at(snap, i);
        if (sample->labels.sample_class == SAMPLE_REFERENCE && !strchr(sample->name, '#'))
            is_good = slice_sample(store, snap, sample, &err);
    }
    is_good = is_good && store_batch_end(store, &err) == STATUS_OK;
    if (!is_good)
        fprintf(stderr, "bench_slice: %s\n", argc == 2 ? err.message : "STORE");
    snapshot_close(snap);
    store_close(store);
    return is_good ? 0 : 1;
}
