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

/* In eighths of a power of two, from 2^16 on. */
static uint8_t step_of(uint64_t rank) {
    unsigned bits = 63 - (unsigned)__builtin_clzll(rank);
    unsigned step = bits < 16 ? 0 : (bits - 16) * 8 + (unsigned)(rank >> (bits - 3) & 7);
    return (uint8_t)(step < UINT8_MAX ? step : UINT8_MAX - 1);
}

/* Keys of genes that share a place in a small table with others are compared one by one. */
static void find_twins(GeneRank *ranks, size_t count, Arena *scratch) {
    enum { PLACE_BITS = 18, PLACES = 1 << PLACE_BITS };
    ArenaMark mark = arena_mark(scratch);
    uint64_t *once = ARENA_ARRAY(scratch, uint64_t, 2 * PLACES / 64), *twice = once + PLACES / 64;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t place = ranks[i].key & (PLACES - 1);
        uint64_t bit = (uint64_t)1 << place % 64;
        n += once[place / 64] >> place % 64 & 1;
        twice[place / 64] |= once[place / 64] & bit;
        once[place / 64] |= bit;
    }
    uint64_t *doubtful = ARENA_UNSET(scratch, uint64_t, 2 * n + 1); /* at most so many */
    n = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t place = ranks[i].key & (PLACES - 1);
        if (twice[place / 64] >> place % 64 & 1)
            doubtful[n++] = (uint64_t)ranks[i].key << 32 | i;
    }
    sort_u64(scratch, doubtful, n);
    for (size_t i = 1; i < n; i++)
        if (doubtful[i] >> 32 == doubtful[i - 1] >> 32)
            ranks[(uint32_t)doubtful[i]].has_twin = ranks[(uint32_t)doubtful[i - 1]].has_twin =
                true;
    arena_reset(scratch, mark);
}

GeneRank *gene_ranks_from_genes(const uint64_t *genes, size_t count, Arena *a, Arena *scratch) {
    GeneRank *out = ARENA_UNSET(a, GeneRank, count + 1);
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = hash_of(genes[i]);
        unsigned rarity = gene_rarity(genes[i]);
        out[i] =
            (GeneRank){.rank = rarity ? rank_of(hash, rarity) : GENE_NEVER, .key = key_of(hash)};
        out[i].step = rarity ? step_of(out[i].rank) : UINT8_MAX;
    }
    find_twins(out, count, scratch);
    return out;
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
            pick(&p, (GeneRank){.rank = rank, .key = key_of(hash)}, 0);
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

/* The genes of least rank, found without sorting them: how many are of each step, then those of the
 * step in which the last place falls, by rank. False: genes of one key or of one rank make it a
 * matter of order. */
static bool choose(const GeneRank *ranks, const uint32_t *numbers, size_t count, uint32_t *out,
                   unsigned *chosen) {
    uint16_t of_step[UINT8_MAX + 1] = {0};
    unsigned twins = 0, n = 0, last = 0, sum = 0, edge = 0;
    for (size_t i = 0; i < count; i++) {
        of_step[ranks[numbers[i]].step]++;
        twins += ranks[numbers[i]].has_twin;
    }
    of_step[UINT8_MAX] = 0;
    while (last < UINT8_MAX && sum + of_step[last] <= SKETCH_KEYS)
        sum += of_step[last++];
    uint32_t at_edge[SKETCH_KEYS + 1] = {0}; /* of step `last`, by rank; one more than fit */
    unsigned room = SKETCH_KEYS - sum;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = numbers[i];
        unsigned step = ranks[number].step;
        if (step < last) {
            out[n++] = number;
        } else if (step == last && step < UINT8_MAX) {
            unsigned at = edge <= room ? edge++ : room + 1;
            for (; at > 0 && ranks[at_edge[at - 1]].rank > ranks[number].rank; at--)
                if (at <= room)
                    at_edge[at] = at_edge[at - 1];
            if (at <= room)
                at_edge[at] = number;
        }
    }
    memcpy(out + n, at_edge, (edge < room ? edge : room) * sizeof *out);
    *chosen = n + (edge < room ? edge : room);
    bool is_tied =
        edge > room && room > 0 && ranks[at_edge[room]].rank == ranks[at_edge[room - 1]].rank;
    return twins < 2 && !is_tied;
}

unsigned sketch_choose(const GeneRank *ranks, const uint32_t *numbers, size_t count,
                       uint32_t *out) {
    unsigned n = 0;
    if (count <= UINT16_MAX && choose(ranks, numbers, count, out, &n))
        return n;
    Picked p;
    pick_all(&p, ranks, numbers, count);
    memcpy(out, p.number, p.sketch.count * sizeof *out);
    return p.sketch.count;
}

uint32_t sketch_key(uint64_t gene) { return key_of(hash_of(gene)); }

Sketch sketch_from_function(const Features *f, const FunctionFeature *function) {
    return sketch_from_genes(f->genes.at + function->first_gene, function->gene_count);
}

float sketch_likeness(unsigned shared, unsigned asked) {
    return shared < asked ? (float)shared / (float)(2 * asked - shared) : asked ? 1.0f : 0.0f;
}
