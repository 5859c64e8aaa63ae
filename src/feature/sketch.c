/* SPDX-License-Identifier: Apache-2.0
 * sketch.c: bottom-k sampling with exponential ranks (Cohen and Kaplan, PODC 2007): a gene's rank
 * is an exponential random number, made of its hash, divided by its weight; a set is sampled by its
 * genes of least rank. */
#include "feature/feature.h"

/* Genes may come from elsewhere: an own multiplier keeps their bits from choosing the rank. */
#define SKETCH_SALT 0x9e3779b97f4a7c15ULL

/* -log2 of the hash as a number in (0, 1], times 2^32, with the logarithm straight between powers
 * of two (wrong by at most 0.09; whole numbers, so that every computer makes the same sketch); over
 * the weight 2^rarity. */
static uint64_t rank_of(uint64_t hash, unsigned rarity) {
    unsigned zeros = (unsigned)__builtin_clzll(hash | 1);
    uint64_t below = (hash | 1) << zeros << 1 >> 32;
    return ((((uint64_t)zeros + 1) << 32) - below) << (GENE_RARITY_MAX - rarity);
}

Sketch sketch_from_genes(const uint64_t *genes, size_t count) {
    Sketch k = {0};
    uint64_t rank[SKETCH_KEYS];
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = mix64((genes[i] + 1) * SKETCH_SALT);
        /* The table of common genes is asked only about what would be taken if it were rare. */
        if (k.count == SKETCH_KEYS && rank_of(hash, GENE_RARITY_MAX) >= rank[SKETCH_KEYS - 1])
            continue;
        unsigned rarity = gene_rarity(genes[i]);
        uint64_t r = rank_of(hash, rarity);
        if (rarity == 0 || (k.count == SKETCH_KEYS && r >= rank[SKETCH_KEYS - 1]))
            continue;
        uint32_t key = (uint32_t)(mix64(hash) >> (64 - SKETCH_KEY_BITS));
        bool is_there = false;
        for (unsigned j = 0; j < k.count; j++)
            is_there |= k.key[j] == key;
        if (is_there)
            continue;
        unsigned at = k.count < SKETCH_KEYS ? k.count++ : SKETCH_KEYS - 1;
        for (; at > 0 && (rank[at - 1] > r || (rank[at - 1] == r && k.key[at - 1] > key)); at--) {
            rank[at] = rank[at - 1];
            k.key[at] = k.key[at - 1];
        }
        rank[at] = r;
        k.key[at] = key;
    }
    return k;
}

Sketch sketch_from_function(const Features *f, const FunctionFeature *function) {
    return sketch_from_genes(f->genes.at + function->first_gene, function->gene_count);
}

float sketch_likeness(unsigned shared, unsigned asked) {
    return shared < asked ? (float)shared / (float)(2 * asked - shared) : asked ? 1.0f : 0.0f;
}
