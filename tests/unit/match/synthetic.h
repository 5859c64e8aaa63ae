/* SPDX-License-Identifier: Apache-2.0
 * synthetic.h: features made up for tests of matching and judging: functions with chosen genes,
 * hashes and calls. */
#ifndef COG_TEST_SYNTHETIC_H
#define COG_TEST_SYNTHETIC_H

#include <stdlib.h>
#include <string.h>

#include "feature/feature.h"

static inline Features *synthetic_new(Arena *a, const char *name) {
    Features *f = ARENA_NEW(a, Features);
    f->extractor_version = EXTRACTOR_VERSION;
    f->name = name;
    f->format = 2;
    f->arch = 2;
    f->bits = 64;
    digest_sha256((Bytes){(const uint8_t *)name, strlen(name)}, f->sha256);
    f->functions.max = f->blocks.max = f->calls.max = f->genes.max = 1 << 22;
    f->strings.max = f->traits.max = f->sections.max = f->imports.max = 1 << 20;
    f->string_refs.max = f->indicators.max = 1 << 20;
    return f;
}

/* A function of `count` genes drawn from stream `seed`; of these, `changed` per cent are replaced,
 * differently for each `build`. */
static inline FunctionFeature *synthetic_function(Arena *a, Features *f, uint64_t seed,
                                                  uint32_t count, unsigned changed,
                                                  uint64_t build) {
    FunctionFeature *fn = VEC_ADD(a, &f->functions);
    fn->va = 0x401000 + 0x100 * (f->functions.count - 1);
    fn->instructions = count;
    fn->size = count * 4;
    fn->blocks = 1 + count / 8;
    fn->first_gene = (uint32_t)f->genes.count;
    fn->gene_count = count;
    fn->first_call = (uint32_t)f->calls.count;
    fn->first_block = (uint32_t)f->blocks.count;
    uint64_t *at = ARENA_ARRAY(a, uint64_t, count);
    for (uint32_t i = 0; i < count; i++) {
        bool other = mix64(seed * 131 + i * 7 + build * 1315423911u) % 100 < changed;
        at[i] = mix64((seed << 20) + i + 1 + (other ? build << 50 : 0));
    }
    sort_u64(a, at, count);
    for (uint32_t i = 0; i < count; i++)
        *VEC_ADD(a, &f->genes) = at[i];
    fn->pic = hash128((Bytes){(const uint8_t *)at, count * sizeof *at});
    f->code_bytes += fn->size;
    f->code_recovered += fn->size;
    f->size = f->code_bytes;
    return fn;
}

static inline void synthetic_call(Arena *a, Features *f, FunctionFeature *fn, uint32_t callee) {
    *VEC_ADD(a, &f->calls) = callee;
    fn->call_count++;
}

static inline void synthetic_string(Arena *a, Features *f, const char *text) {
    StringFeature *s = VEC_ADD(a, &f->strings);
    *s = (StringFeature){.va = 0x500000 + 64 * f->strings.count,
                         .off = 64 * f->strings.count,
                         .text = text,
                         .length = (uint32_t)strlen(text),
                         .kind = STRING_PLAIN};
}

static inline void synthetic_trait(Arena *a, Features *f, TraitKind kind, const char *value) {
    Trait *t = VEC_ADD(a, &f->traits);
    *t = (Trait){kind, value, UINT64_MAX};
}

#endif
