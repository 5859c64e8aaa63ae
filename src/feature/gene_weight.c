/* SPDX-License-Identifier: Apache-2.0
 * gene_weight.c: what sharing a gene says. A few genes are in half of all functions: unweighted,
 * unrelated functions look alike. */
#include "feature/feature.h"
#include "feature/gene_table.h"

/* By class of the table, and for genes that are not in it: about half the log2 of the rarity at the
 * class's middle. */
static const uint8_t WEIGHT[4] = {0, 1, 2, GENE_WEIGHT_MAX};

unsigned gene_weight(uint64_t gene) {
    unsigned high = (unsigned)(gene >> 52);
    uint64_t key = gene | 3;
    for (unsigned i = GENE_FIRST[high]; i < GENE_FIRST[high + 1]; i++)
        if ((GENE_COMMON[i] | 3) == key)
            return WEIGHT[GENE_COMMON[i] & 3];
    return WEIGHT[3];
}
