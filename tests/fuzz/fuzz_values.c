/* SPDX-License-Identifier: Apache-2.0
 * fuzz_values.c: values and genes of the functions found in any bytes. The first byte modulo 5 is
 * the processor: x86, x86-64, ARM, Thumb, AArch64. Held besides memory: every value is a node,
 * aliases end, genes are sorted and distinct, and what a function gives depends neither on the
 * functions looked at before it nor on who decoded its instructions. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "unwrap/profile.h"
#include "value/gene.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_GENES = 4096, MOST_INSNS = 4096 };

typedef struct Target {
    const Image *image;
    const Code *code;
    Arena *arena, *scratch;
} Target;

static void check_value(const ValueFunction *f, Value v) {
    CHECK(v < f->graph.count);
    CHECK(graph_resolve(&f->graph, v) < f->graph.count);
}

static void check_values(const ValueFunction *f) {
    const Graph *g = &f->graph;
    CHECK(g->count >= 1 && g->count <= MAX_VALUES);
    for (uint32_t i = 0; i < g->count; i++) {
        const Node *n = &g->nodes[i];
        CHECK(n->kind < VALUE_KIND_COUNT && n->bits <= 64 && n->top <= n->bits);
        if (n->kind == VALUE_PHI) {
            CHECK(n->in[0] + n->in[1] <= g->phi_inputs.count);
            for (uint32_t k = 0; k < n->in[1]; k++)
                check_value(f, g->phi_inputs.at[n->in[0] + k]);
        } else if (n->kind < VALUE_CONST) {
            for (unsigned k = 0; k < 3; k++)
                CHECK(n->in[k] < i); /* made of what was there before */
        }
    }
    for (size_t i = 0; i < f->effects.count; i++) {
        const Effect *e = &f->effects.at[i];
        check_value(f, e->a);
        CHECK(e->first_arg + e->arg_count <= f->args.count);
        for (uint32_t k = 0; k < e->arg_count; k++)
            check_value(f, f->args.at[e->first_arg + k]);
    }
}

static uint64_t genes_hash(Values *v, Genes *labels, const Target *t, const Function *f,
                           bool is_decoded) {
    ArenaMark mark = arena_mark(t->scratch);
    Insn *insns = ARENA_ARRAY(t->scratch, Insn, MOST_INSNS);
    size_t count = 0;
    for (uint32_t b = 0; is_decoded && b < f->block_count; b++)
        count += code_decode_block(t->code, t->image, &t->code->blocks.at[f->first_block + b],
                                   insns + count, MOST_INSNS - count);
    const ValueFunction *values = values_from_insns(v, f, insns, count, t->scratch);
    if (values->function->block_count > 0)
        check_values(values);
    uint64_t *genes = ARENA_ARRAY(t->scratch, uint64_t, MAX_GENES), hash = 0;
    size_t n = genes_from_values(labels, values, t->scratch, genes, MAX_GENES);
    for (size_t i = 0; i < n; i++) {
        CHECK(i == 0 || genes[i - 1] < genes[i]);
        hash = mix64(hash + genes[i]);
    }
    ProfileInput input = {t->image, values, insns, count};
    FunctionProfile profile = profile_from_values(&input, t->arena, t->scratch);
    CHECK(profile.opaque <= profile.branches && profile.store_count <= PROFILE_STORES);
    hash = mix64(hash + profile.flattening + profile.opaque);
    arena_reset(t->scratch, mark);
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const Arch archs[] = {ARCH_X86, ARCH_X64, ARCH_ARM, ARCH_ARM, ARCH_ARM64};
    if (size < 2 || size > (1 << 16))
        return 0;
    unsigned which = data[0] % 5;
    Sample s = {.bytes = {data + 1, size - 1}, .name = "fuzz"};
    s.arena = arena_new((size_t)1 << 28);
    s.scratch = arena_new((size_t)1 << 28);
    CHECK(s.arena && s.scratch);
    ImageHint hint = {
        .force_raw = true, .arch = archs[which], .is_thumb = which == 3, .base = 0x10000};
    Image *image = image_from_sample(&s, &hint);
    Code *code = code_from_image(&s, image);
    Target t = {image, code, s.arena, s.scratch};
    Values *up = values_for_image(s.arena, image, code, NULL);
    Values *down = values_for_image(s.arena, image, code, NULL);
    Genes *labels = genes_for_image(s.arena, image, code);
    size_t count = code->functions.count;
    uint64_t *hashes = ARENA_ARRAY(s.arena, uint64_t, count + 1);
    for (size_t i = 0; up && i < count; i++)
        hashes[i] = genes_hash(up, labels, &t, &code->functions.at[i], false);
    for (size_t i = count; down && i-- > 0;)
        CHECK(hashes[i] == genes_hash(down, labels, &t, &code->functions.at[i], true));
    arena_free(s.arena);
    arena_free(s.scratch);
    return 0;
}
