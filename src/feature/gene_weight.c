/* SPDX-License-Identifier: Apache-2.0
 * gene_weight.c: what sharing a gene says. A few genes are in half of all functions: unweighted,
 * unrelated functions look alike. */
#include "feature/feature.h"
#include "feature/gene_table.h"

/* Classes of the table; behind them, genes that are not in it. */
enum { GENE_CLASSES = 6 };

static unsigned class_of(uint64_t gene) {
    unsigned high = (unsigned)(gene >> 52);
    uint64_t key = gene | 7;
    for (unsigned i = GENE_FIRST[high]; i < GENE_FIRST[high + 1]; i++)
        if ((GENE_COMMON[i] | 7) == key)
            return (unsigned)(GENE_COMMON[i] & 7);
    return GENE_CLASSES;
}

unsigned gene_weight(uint64_t gene) {
    /* About half the log2 of the rarity at the class's middle. */
    static const uint8_t weight[GENE_CLASSES + 1] = {0, 1, 2, 2, 2, 2, GENE_WEIGHT_MAX};
    return weight[class_of(gene)];
}

unsigned gene_rarity(uint64_t gene) {
    /* log2 of one over the share of functions that have it, at the class's middle; a quarter of the
     * table's last share for what is not in it. */
    static const uint8_t bits[GENE_CLASSES + 1] = {0, 4, 5, 6, 7, 8, GENE_RARITY_MAX};
    return bits[class_of(gene)];
}
