/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/gene_numbers.h"

/* Features that were never in a pack. */
static void number_genes(GeneNumbers *n, Arena *a, Arena *scratch) {
    const Features *f = n->features;
    uint64_t *genes = ARENA_UNSET(a, uint64_t, f->genes.count + 1);
    uint32_t *number = ARENA_UNSET(a, uint32_t, f->genes.count + 1);
    n->count = number_u64(scratch, f->genes.at, f->genes.count, genes, number);
    n->genes = genes;
    n->number = number;
}

GeneNumbers gene_numbers_from_features(const Features *f, Arena *a, Arena *scratch) {
    GeneNumbers n = {.features = f,
                     .count = f->dictionary.count,
                     .genes = f->dictionary.at,
                     .number = f->gene_numbers.at};
    if (f->gene_numbers.count != f->genes.count)
        number_genes(&n, a, scratch);
    n.weight = ARENA_UNSET(a, uint8_t, n.count + 1);
    n.rank = gene_ranks_from_genes(n.genes, n.count, a, scratch);
    for (size_t i = 0; i < n.count; i++)
        n.weight[i] = (uint8_t)gene_weight(n.genes[i]);
    return n;
}
