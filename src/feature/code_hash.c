/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/code_hash.h"

#include <string.h>

#include "feature/placed.h"
#include "value/gene.h"

struct CodeHasher {
    const Image *image;
    const Code *code;
    Arena *kept, *scratch;
    PicRules rules;
    DecodeTables *tables;
    /* As large as the largest function needs, used again for each. */
    Insn *insns;
    ViewBlock *view_blocks;
    InsnSpan *spans; /* of the code's own blocks */
    Placer *placer;
    uint32_t *entries;
    uint32_t max_insns;
    BlockFeature *blocks;
    uint64_t *genes;
    Values *values; /* NULL: the processor is not lifted, there are no genes */
    Genes *gene_labels;
};

static DecodeTables *tables_new(Arena *a, const Decoder *decoder) {
    DecodeTables *t = ARENA_NEW(a, DecodeTables);
    t->decoder = decoder;
    for (unsigned reg = 0; decoder && reg < VIEW_REGISTERS; reg++)
        t->register_class[reg] = (uint8_t)decode_register_class(decoder, (uint16_t)reg);
    return t;
}

static void make_room(CodeHasher *x, Summaries *summaries) {
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
    Arena *a = x->kept;
    x->insns = ARENA_ARRAY(a, Insn, x->max_insns + 1);
    x->view_blocks = ARENA_ARRAY(a, ViewBlock, blocks + 1);
    x->entries = ARENA_ARRAY(a, uint32_t, blocks + 1);
    x->spans = ARENA_ARRAY(a, InsnSpan, blocks + 1);
    x->placer = placer_new(a, blocks, x->max_insns);
    x->blocks = ARENA_ARRAY(a, BlockFeature, blocks + 1);
    x->genes = ARENA_ARRAY(a, uint64_t, MAX_FUNCTION_GENES);
    x->tables = tables_new(a, x->code->decoder);
    x->values = values_for_image(a, x->image, x->code, summaries);
    x->gene_labels = genes_for_image(a, x->image, x->code);
}

static void count_entries(const CodeHasher *x, const Function *f) {
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
static bool is_rest(const CodeHasher *x, const Function *f, uint32_t b) {
    if (b == 0 || x->entries[b] != 1)
        return false;
    const Block *before = x->code->blocks.at + f->first_block + b - 1;
    return before->flow == FLOW_NEXT && before->successor_count == 1 &&
           x->code->successors.at[before->first_successor] == b &&
           before->va + before->size == before[1].va;
}

/* Decodes whole blocks while they fit. */
FunctionView code_hasher_view(CodeHasher *x, const Function *f) {
    FunctionView v = {.image = x->image,
                      .code = x->code,
                      .function = f,
                      .blocks = x->view_blocks,
                      .insns = x->insns,
                      .tables = x->tables};
    uint32_t span_count = 0;
    count_entries(x, f);
    for (uint32_t b = 0; b < f->block_count; b++) {
        const Block *from = &x->code->blocks.at[f->first_block + b];
        if (from->instruction_count > x->max_insns - v.insn_count) {
            v.is_cut = true;
            break;
        }
        x->spans[b] = (InsnSpan){.first = v.insn_count};
        span_count++;
        if (!is_rest(x, f, b))
            x->view_blocks[v.block_count++] = (ViewBlock){.va = from->va,
                                                          .first_insn = v.insn_count,
                                                          .entries = x->entries[b],
                                                          .is_loop_head = from->is_loop_head};
        ViewBlock *to = &x->view_blocks[v.block_count - 1];
        uint32_t got = (uint32_t)code_decode_block(x->code, x->image, from, x->insns + v.insn_count,
                                                   x->max_insns - v.insn_count);
        to->size += from->size;
        to->insn_count += got;
        to->exits = from->successor_count;
        x->spans[b].count = got;
        v.insn_count += got;
    }
    placed_find(x->placer, &v, x->insns, x->spans, span_count);
    pic_find_got_registers(&x->rules, &v);
    return v;
}

CodeHasher *code_hasher_new(Arena *kept, Arena *scratch, const Image *image, const Code *code,
                            Summaries *summaries) {
    CodeHasher *x = ARENA_NEW(kept, CodeHasher);
    *x = (CodeHasher){.image = image, .kept = kept, .scratch = scratch};
    x->code = code_for_thread(kept, image, code);
    x->rules = pic_rules_from_image(image);
    make_room(x, summaries);
    return x;
}

const PicRules *code_hasher_rules(const CodeHasher *x) { return &x->rules; }

static const void *keep(const CodeHasher *x, const void *items, size_t count, size_t item_bytes) {
    void *copy = arena_alloc_array(x->kept, count, item_bytes);
    memcpy(copy, items, count * item_bytes);
    return copy;
}

CodeHash code_hash_function(CodeHasher *x, const Function *f) {
    CodeHash out = {0};
    ArenaMark mark = arena_mark(x->scratch);
    FunctionView v = code_hasher_view(x, f);
    out.is_cut = v.is_cut;
    out.block_count = pic_from_view(&x->rules, &v, x->scratch, &out.pic, x->blocks);
    if (out.block_count > 0)
        out.blocks = keep(x, x->blocks, out.block_count, sizeof *x->blocks);
    if (x->values) {
        const ValueFunction *values =
            values_from_insns(x->values, f, v.insns, v.insn_count, x->scratch);
        out.is_cut |= values->is_cut;
        out.gene_count = (uint32_t)genes_from_values(x->gene_labels, values, x->scratch, x->genes,
                                                     MAX_FUNCTION_GENES);
        if (out.gene_count > 0)
            out.genes = keep(x, x->genes, out.gene_count, sizeof *x->genes);
        ProfileInput profile = {x->image, values, v.insns, v.insn_count};
        out.profile = profile_from_values(&profile, x->kept, x->scratch);
    }
    arena_reset(x->scratch, mark);
    return out;
}
