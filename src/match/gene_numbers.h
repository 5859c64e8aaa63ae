/* SPDX-License-Identifier: Apache-2.0
 * gene_numbers.h: a sample's genes by number, so that what is asked of a gene (weight, rank, who
 * else has it) is worked out once and not wherever it occurs. In: Features. Out: plain data in the
 * arena; of features that were read from a pack the numbers are borrowed. */
#ifndef COG_MATCH_GENE_NUMBERS_H
#define COG_MATCH_GENE_NUMBERS_H

#include "feature/feature.h"

typedef struct GeneNumbers {
    const Features *features;
    size_t count;           /* of distinct genes */
    const uint64_t *genes;  /* distinct, ascending */
    const uint32_t *number; /* by place in Features.genes */
    uint8_t *weight;        /* gene_weight, by number */
    GeneRank *rank;         /* by number */
} GeneNumbers;

/* scratch is given back; it may be the same arena. */
GeneNumbers gene_numbers_from_features(const Features *f, Arena *a, Arena *scratch);
/* The sketches of all functions. */
Sketch *gene_numbers_sketches(const GeneNumbers *n, Arena *a);

/* For each gene of `of`, its number in `in`; GENE_NONE: it has none there, or says nothing. */
#define GENE_NONE UINT32_MAX
uint32_t *gene_numbers_translate(const GeneNumbers *of, const GeneNumbers *in, Arena *a);

#endif
