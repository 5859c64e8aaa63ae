/* SPDX-License-Identifier: Apache-2.0
 * retrieve.c: what a store that holds the pool would hand to exact scoring (find_signatures.c): the
 * functions that share the most, and the rarest, sketch keys. */
#include <math.h>
#include <stdlib.h>

#include "functions/retrieve.h"
#include "match/match.h"

typedef struct KeyOwner {
    uint32_t key, owner;
} KeyOwner;

struct Retrieval {
    const Pool *pool;
    KeyOwner *at;
    size_t count;
    float *score; /* by pool function */
};

static int by_key(const void *x, const void *y) {
    const KeyOwner *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

static Sketch sketch_of(const Case *c, uint32_t function) {
    const FunctionFeature *f = &c->features->functions.at[function];
    return sketch_from_function(c->features, f);
}

Retrieval *retrieval_new(const Pool *pool) {
    Retrieval *r = calloc(1, sizeof *r);
    r->pool = pool;
    r->at = calloc(pool->count * SKETCH_KEYS + 1, sizeof *r->at);
    r->score = calloc(pool->count + 1, sizeof *r->score);
    for (size_t i = 0; i < pool->count; i++) {
        Sketch k = sketch_of(pool->at[i].of, pool->at[i].function);
        for (unsigned j = 0; sketch_is_indexed(&k) && j < k.count; j++)
            r->at[r->count++] = (KeyOwner){k.key[j], (uint32_t)i};
    }
    if (r->count > 1)
        qsort(r->at, r->count, sizeof *r->at, by_key);
    return r;
}

void retrieval_free(Retrieval *r) {
    free(r->at);
    free(r->score);
    free(r);
}

static void add_list(Retrieval *r, uint32_t key) {
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (r->at[mid].key < key)
            low = mid + 1;
        else
            high = mid;
    }
    size_t n = 0;
    while (low + n < r->count && r->at[low + n].key == key)
        n++;
    for (size_t i = 0; i < n; i++)
        r->score[r->at[low + i].owner] += log2f((float)(r->pool->count + 1) / (float)n);
}

bool retrieval_finds(Retrieval *r, const Case *a, uint32_t fa, const Case *b, uint32_t fb) {
    if (is_same_code(a, fa, b, fb))
        return true;
    Sketch k = sketch_of(a, fa);
    for (unsigned j = 0; sketch_is_indexed(&k) && j < k.count; j++)
        add_list(r, k.key[j]);
    float score = 0;
    for (size_t i = 0; i < r->pool->count; i++)
        if (r->pool->at[i].of == b && r->pool->at[i].function == fb)
            score = r->score[i];
    size_t better = 0, tied = 0;
    for (size_t i = 0; i < r->pool->count; i++) {
        better += r->score[i] > score;
        tied += r->score[i] == score;
        r->score[i] = 0;
    }
    return score > 0 && better + tied / 2 < NEAR_SIGNATURES;
}
