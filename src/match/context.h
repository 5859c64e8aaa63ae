/* SPDX-License-Identifier: Apache-2.0
 * context.h: how alike two functions are with what a compiler may have put into them or taken out:
 * beside its own genes a function has those of callees that are likely to be inlined at another
 * optimisation level (called by it alone, or short). In: features. Out: plain data in the arena.
 * Measured: docs/evidence/code.md, "Context". */
#ifndef COG_MATCH_CONTEXT_H
#define COG_MATCH_CONTEXT_H

#include "feature/call_group.h"

typedef struct GeneSet {
    const uint64_t *genes; /* sorted, distinct */
    const uint8_t *weight; /* gene_weight of each */
    uint32_t count, total; /* total: of the weights */
} GeneSet;

/* Sets are made when they are needed, by context_need; only then may they be read. */
typedef struct ContextSide {
    const Features *features;
    Arena *arena;          /* of the sets */
    GeneSet *own;          /* by function */
    GeneSet *with_callees; /* by function; the same as own where nothing is taken in */
    bool *is_made;         /* by function */
    uint8_t *callers;      /* by function: how many call it, at most 2 */
} ContextSide;

/* scratch: another arena, given back. */
ContextSide context_side(const Features *f, Arena *arena, Arena *scratch);
void context_need(ContextSide *side, uint32_t function, Arena *scratch);
/* All of them: threads may then share the side. */
void context_need_all(ContextSide *side, Arena *scratch);
/* Of two sets' weights and of that of what both have: the Jaccard index. */
static inline float weight_share(uint32_t both, uint32_t a, uint32_t b) {
    uint32_t all = a + b - both;
    return all > both ? (float)both / (float)all : both ? 1.0f : 0.0f;
}
/* 0..1: weight of the genes that both have over that of those that either has. */
float gene_set_likeness(const GeneSet *a, const GeneSet *b);
/* 0..1: the mean of the likenesses of own genes and of genes with callees. */
float context_likeness(const ContextSide *a, uint32_t fa, const ContextSide *b, uint32_t fb);

#endif
