/* SPDX-License-Identifier: Apache-2.0
 * f_code.c: functions as comparable things: hashes of their code, genes, whom they call. */
#include "feature/extractors.h"
#include "feature/pic.h"
#include "value/gene.h"

typedef struct Extraction {
    Sample *s;
    const Image *image;
    const Code *code;
    Features *out;
    PicRules rules;
    DecodeTables *tables;
    /* As large as the largest function needs, used again for each. */
    Insn *insns;
    ViewBlock *view_blocks;
    uint32_t *entries;
    uint32_t max_insns;
    BlockFeature *blocks;
    uint64_t *genes;
    Values *values; /* NULL: the processor is not lifted, there are no genes */
    Genes *gene_labels;
} Extraction;

static DecodeTables *tables_new(Arena *a, const Decoder *decoder) {
    DecodeTables *t = ARENA_NEW(a, DecodeTables);
    t->decoder = decoder;
    for (unsigned reg = 0; decoder && reg < VIEW_REGISTERS; reg++)
        t->register_class[reg] = (uint8_t)decode_register_class(decoder, (uint16_t)reg);
    return t;
}

static void make_room(Extraction *x) {
    uint32_t insns = 0, blocks = 0;
    for (size_t i = 0; i < x->code->functions.count; i++) {
        const Function *f = &x->code->functions.at[i];
        uint32_t count = 0;
        for (uint32_t b = 0; b < f->block_count; b++)
            count += x->code->blocks.at[f->first_block + b].instruction_count;
        insns = count > insns ? count : insns;
        blocks = f->block_count > blocks ? f->block_count : blocks;
    }
    x->max_insns = insns > MAX_VIEW_INSNS ? MAX_VIEW_INSNS : insns;
    Arena *a = x->s->scratch;
    x->insns = ARENA_ARRAY(a, Insn, x->max_insns + 1);
    x->view_blocks = ARENA_ARRAY(a, ViewBlock, blocks + 1);
    x->entries = ARENA_ARRAY(a, uint32_t, blocks + 1);
    x->blocks = ARENA_ARRAY(a, BlockFeature, blocks + 1);
    x->genes = ARENA_ARRAY(a, uint64_t, MAX_FUNCTION_GENES);
    x->tables = tables_new(a, x->code->decoder);
    x->values = values_for_image(a, x->image, x->code);
    x->gene_labels = genes_for_image(a, x->image, x->code);
}

static void count_entries(const Extraction *x, const Function *f) {
    if (f->block_count == 0)
        return;
    const Block *blocks = x->code->blocks.at + f->first_block;
    memset(x->entries, 0, f->block_count * sizeof *x->entries);
    for (uint32_t b = 0; b < f->block_count; b++)
        for (uint32_t k = 0; k < blocks[b].successor_count; k++) {
            uint32_t to = x->code->successors.at[blocks[b].first_successor + k];
            if (to < f->block_count)
                x->entries[to]++;
        }
}

/* True when block b is nothing but the rest of the block before it. */
static bool is_rest(const Extraction *x, const Function *f, uint32_t b) {
    if (b == 0 || x->entries[b] != 1)
        return false;
    const Block *before = x->code->blocks.at + f->first_block + b - 1;
    return before->flow == FLOW_NEXT && before->successor_count == 1 &&
           x->code->successors.at[before->first_successor] == b &&
           before->va + before->size == before[1].va;
}

/* Completes what single instructions do not say, where the processor makes addresses in several. */
static void track(const Extraction *x, Known *known, Insn *insns, uint32_t count) {
    for (uint32_t i = 0; i < count && decode_has_track(x->code->decoder); i++) {
        Bytes at = image_bytes_at(x->image, insns[i].va);
        if (at.size >= insns[i].length)
            decode_track(x->code->decoder, known, at.at, &insns[i]);
    }
}

/* Decodes whole blocks while they fit. */
static FunctionView view_from_function(Extraction *x, const Function *f) {
    FunctionView v = {.image = x->image,
                      .code = x->code,
                      .function = f,
                      .blocks = x->view_blocks,
                      .insns = x->insns,
                      .tables = x->tables};
    Known known = {0};
    count_entries(x, f);
    for (uint32_t b = 0; b < f->block_count; b++) {
        const Block *from = &x->code->blocks.at[f->first_block + b];
        if (from->instruction_count > x->max_insns - v.insn_count) {
            v.is_cut = true;
            break;
        }
        if (!is_rest(x, f, b))
            x->view_blocks[v.block_count++] = (ViewBlock){.va = from->va,
                                                          .first_insn = v.insn_count,
                                                          .entries = x->entries[b],
                                                          .is_loop_head = from->is_loop_head};
        ViewBlock *to = &x->view_blocks[v.block_count - 1];
        uint32_t got = (uint32_t)code_decode_block(x->code, x->image, from, x->insns + v.insn_count,
                                                   x->max_insns - v.insn_count);
        track(x, &known, x->insns + v.insn_count, got);
        to->size += from->size;
        to->insn_count += got;
        to->exits = from->successor_count;
        v.insn_count += got;
    }
    pic_find_got_registers(&x->rules, &v);
    return v;
}

static void add_calls(Extraction *x, const Function *f, FunctionFeature *to) {
    to->first_call = (uint32_t)x->out->calls.count;
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; i < f->call_count; i++) {
        const Call *call = &x->code->calls.at[f->first_call + i];
        uint32_t callee;
        if (call->import > 0 && call->import <= x->out->imports.count)
            callee = (call->import - 1) | CALL_IS_IMPORT;
        else if (call->callee > 0 && call->callee <= x->code->functions.count)
            callee = call->callee - 1;
        else
            continue;
        if (callee == before)
            continue;
        uint32_t *at = VEC_ADD(x->s->arena, &x->out->calls);
        if (!at)
            return;
        *at = before = callee;
        to->call_count++;
    }
}

static void add_blocks(Extraction *x, uint32_t count, FunctionFeature *to) {
    to->first_block = (uint32_t)x->out->blocks.count;
    for (uint32_t i = 0; i < count; i++) {
        BlockFeature *at = VEC_ADD(x->s->arena, &x->out->blocks);
        if (!at)
            return;
        *at = x->blocks[i];
        to->block_count++;
    }
}

static void add_genes(Extraction *x, size_t count, FunctionFeature *to) {
    to->first_gene = (uint32_t)x->out->genes.count;
    for (size_t i = 0; i < count; i++) {
        uint64_t *at = VEC_ADD(x->s->arena, &x->out->genes);
        if (!at)
            return;
        *at = x->genes[i];
        to->gene_count++;
    }
}

static void add_hashes(Extraction *x, const Function *f, FunctionFeature *to) {
    ArenaMark mark = arena_mark(x->s->scratch);
    FunctionView v = view_from_function(x, f);
    add_blocks(x, pic_from_view(&x->rules, &v, x->s->scratch, &to->pic, x->blocks), to);
    if (x->values) {
        const ValueFunction *values = values_from_function(x->values, f, x->s->scratch);
        add_genes(
            x,
            genes_from_values(x->gene_labels, values, x->s->scratch, x->genes, MAX_FUNCTION_GENES),
            to);
    }
    arena_reset(x->s->scratch, mark);
}

void extract_code(Sample *s, const Image *image, const Code *code, Features *out) {
    enum { ASK_EVERY = 64 }; /* functions between two looks at the clock */
    ArenaMark mark = arena_mark(s->scratch);
    Extraction x = {.s = s, .image = image, .code = code, .out = out};
    x.rules = pic_rules_from_image(image);
    make_room(&x);
    bool late = false;
    for (size_t i = 0; i < code->functions.count; i++) {
        const Function *from = &code->functions.at[i];
        FunctionFeature *to = VEC_ADD(s->arena, &out->functions);
        if (!to)
            break;
        to->va = from->va;
        to->size = from->size;
        to->blocks = from->block_count;
        to->instructions = from->instruction_count;
        to->name = from->name ? feature_text(s->arena, from->name, MAX_NAME_BYTES) : NULL;
        to->source = (uint8_t)from->source;
        to->flags = from->flags;
        add_calls(&x, from, to);
        late = late || (i % ASK_EVERY == 0 && sample_is_late(s));
        if (code->decoder && !late)
            add_hashes(&x, from, to);
    }
    arena_reset(s->scratch, mark);
}
