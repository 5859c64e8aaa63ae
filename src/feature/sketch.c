/* SPDX-License-Identifier: Apache-2.0
 * sketch.c: bottom-k sampling with exponential ranks (Cohen and Kaplan, PODC 2007): a gene's rank
 * is an exponential random number, made of its hash, divided by its weight; a set is sampled by its
 * genes of least rank. */
#include <string.h>

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

static uint64_t hash_of(uint64_t gene) { return mix64((gene + 1) * SKETCH_SALT); }
static uint32_t key_of(uint64_t hash) { return (uint32_t)(mix64(hash) >> (64 - SKETCH_KEY_BITS)); }

GeneRank gene_rank(uint64_t gene) {
    uint64_t hash = hash_of(gene);
    unsigned rarity = gene_rarity(gene);
    return (GeneRank){rarity ? rank_of(hash, rarity) : GENE_NEVER, key_of(hash)};
}

/* A sketch as it is made. */
typedef struct Picked {
    Sketch sketch;
    uint64_t rank[SKETCH_KEYS];
    uint32_t number[SKETCH_KEYS];
} Picked;

static inline bool is_too_late(const Picked *p, uint64_t rank) {
    return p->sketch.count == SKETCH_KEYS && rank >= p->rank[SKETCH_KEYS - 1];
}

static inline bool has_key(const Sketch *s, uint32_t key) {
    bool is_there = false;
    for (unsigned j = 0; j < s->count; j++)
        is_there |= s->key[j] == key;
    return is_there;
}

static inline void pick(Picked *p, GeneRank gene, uint32_t number) {
    Sketch *s = &p->sketch;
    if (has_key(s, gene.key))
        return;
    unsigned at = s->count < SKETCH_KEYS ? s->count++ : SKETCH_KEYS - 1;
    for (; at > 0 && (p->rank[at - 1] > gene.rank ||
                      (p->rank[at - 1] == gene.rank && s->key[at - 1] > gene.key));
         at--) {
        p->rank[at] = p->rank[at - 1];
        p->number[at] = p->number[at - 1];
        s->key[at] = s->key[at - 1];
    }
    p->rank[at] = gene.rank;
    p->number[at] = number;
    s->key[at] = gene.key;
}

Sketch sketch_from_genes(const uint64_t *genes, size_t count) {
    Picked p = {.sketch = {.count = 0}};
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = hash_of(genes[i]);
        /* The table of common genes is asked only about what would be taken if it were rare. */
        if (is_too_late(&p, rank_of(hash, GENE_RARITY_MAX)))
            continue;
        unsigned rarity = gene_rarity(genes[i]);
        uint64_t rank = rank_of(hash, rarity);
        if (rarity > 0 && !is_too_late(&p, rank))
            pick(&p, (GeneRank){rank, key_of(hash)}, 0);
    }
    return p.sketch;
}

static void pick_all(Picked *p, const GeneRank *ranks, const uint32_t *numbers, size_t count) {
    p->sketch.count = 0;
    for (size_t i = 0; i < count; i++) {
        GeneRank gene = ranks[numbers[i]];
        if (gene.rank != GENE_NEVER && !is_too_late(p, gene.rank))
            pick(p, gene, numbers[i]);
    }
}

Sketch sketch_from_ranks(const GeneRank *ranks, const uint32_t *numbers, size_t count) {
    Picked p;
    pick_all(&p, ranks, numbers, count);
    memset(p.sketch.key + p.sketch.count, 0, (SKETCH_KEYS - p.sketch.count) * sizeof *p.sketch.key);
    return p.sketch;
}

unsigned sketch_choose(const GeneRank *ranks, const uint32_t *numbers, size_t count,
                       uint32_t *out) {
    Picked p;
    if (count > SKETCH_KEYS) {
        pick_all(&p, ranks, numbers, count);
        memcpy(out, p.number, p.sketch.count * sizeof *out);
        return p.sketch.count;
    }
    p.sketch.count = 0;
    for (size_t i = 0; i < count; i++) { /* all are taken: no need to sort */
        GeneRank gene = ranks[numbers[i]];
        if (gene.rank == GENE_NEVER || has_key(&p.sketch, gene.key))
            continue;
        out[p.sketch.count] = numbers[i];
        p.sketch.key[p.sketch.count++] = gene.key;
    }
    return p.sketch.count;
}

Sketch sketch_from_function(const Features *f, const FunctionFeature *function) {
    return sketch_from_genes(f->genes.at + function->first_gene, function->gene_count);
}

float sketch_likeness(unsigned shared, unsigned asked) {
    return shared < asked ? (float)shared / (float)(2 * asked - shared) : asked ? 1.0f : 0.0f;
}
