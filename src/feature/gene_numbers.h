/* SPDX-License-Identifier: Apache-2.0
 * gene_numbers.h: a sample's genes by number, so that what is asked of a gene (weight, rank, who
 * else has it) is worked out once and not wherever it occurs. In: Features. Out: plain data in the
 * arena; of features that were read from a pack the numbers are borrowed. */
#ifndef COG_FEATURE_GENE_NUMBERS_H
#define COG_FEATURE_GENE_NUMBERS_H

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
#define GENE_NONE UINT32_MAX /* no number of a gene */

#endif
