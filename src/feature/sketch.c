/* SPDX-License-Identifier: Apache-2.0
 * sketch.c: one-permutation MinHash (Li, Owen, Zhang, NIPS 2012) with optimal densification
 * (Shrivastava, ICML 2017): one pass over the set instead of 64. */
#include "feature/feature.h"

/* Genes may come from elsewhere: an own multiplier keeps their bits from choosing the bin. */
#define SKETCH_SALT 0x9e3779b97f4a7c15ULL

/* An empty bin borrows from a bin that a hash of (bin, attempt) picks. Every set takes the same
 * path for the same pattern of empty bins, which keeps the estimate of the Jaccard index unbiased.
 */
static void densify(Sketch *k, uint64_t filled) {
    for (unsigned bin = 0; bin < SKETCH_BINS; bin++) {
        if (filled >> bin & 1)
            continue;
        unsigned from = bin;
        for (uint64_t attempt = 1; !(filled >> from & 1); attempt++)
            from = (unsigned)(mix64(attempt << 8 | bin) >> 58);
        k->bin[bin] = k->bin[from];
    }
}

Sketch sketch_from_genes(const uint64_t *genes, size_t count) {
    _Static_assert(SKETCH_BINS == 64, "six bits choose the bin, one word tells which are filled");
    Sketch k = {0};
    uint64_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        /* A gene of weight w stands in the set w times, under w names. */
        for (unsigned copy = gene_weight(genes[i]); copy > 0; copy--) {
            uint64_t h = mix64((genes[i] + copy) * SKETCH_SALT);
            unsigned bin = (unsigned)(h >> 58);
            /* Zero stands for "no sketch" everywhere else. */
            uint32_t value = (uint32_t)h | 1u;
            if (!(filled >> bin & 1) || value < k.bin[bin])
                k.bin[bin] = value;
            filled |= 1ULL << bin;
        }
    }
    if (filled)
        densify(&k, filled);
    return k;
}
