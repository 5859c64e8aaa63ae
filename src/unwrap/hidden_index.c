/* SPDX-License-Identifier: Apache-2.0
 * hidden_index.c: what texts that were found are compared with, made once for a sample: the
 * references of each function, and which stretches of characters the data has. */
#include <string.h>

#include "base/digest.h"
#include "unwrap/hidden_inner.h"

enum { GRAM_BITS = 22 /* bits of a table; programs of 20 MB have 160,000 different stretches */ };

static uint64_t gram_at(const Grams *g, const void *at) {
    uint64_t gram = 0;
    if (g->size == INDEX_WORD) /* sizes that the compiler knows are no calls */
        memcpy(&gram, at, INDEX_WORD);
    else
        memcpy(&gram, at, INDEX_HALF);
    return mix64(gram) >> (64 - GRAM_BITS);
}

bool hidden_grams_have(const Grams *g, const void *at) {
    uint64_t gram = gram_at(g, at);
    return g->bits[gram / 8] >> gram % 8 & 1;
}

static void gram_add(Grams *g, const uint8_t *end) {
    uint64_t gram = gram_at(g, end - g->size);
    g->bits[gram / 8] |= (uint8_t)(1u << gram % 8);
}

static void grams_add(HiddenIndex *index, Bytes b) {
    size_t run = 0;
    for (size_t i = 0; i < b.size; i++) {
        run = b.at[i] >= 0x20 && b.at[i] < 0x7f ? run + 1 : 0;
        if (run < INDEX_HALF)
            continue;
        gram_add(&index->halves, b.at + i + 1);
        if (run >= INDEX_WORD)
            gram_add(&index->words, b.at + i + 1);
    }
}

static void index_grams(Hunt *h, HiddenIndex *index) {
    size_t bytes = (size_t)1 << (GRAM_BITS - 3);
    index->words = (Grams){ARENA_ARRAY(h->scratch, uint8_t, bytes), INDEX_WORD};
    index->halves = (Grams){ARENA_ARRAY(h->scratch, uint8_t, bytes), INDEX_HALF};
    for (size_t i = 0; i < h->image->segments.count; i++)
        if (!(h->image->segments.at[i].perms & PERM_X))
            grams_add(index, h->image->segments.at[i].file);
}

static void index_references(Hunt *h, HiddenIndex *index) {
    const Code *code = h->code;
    size_t functions = code->functions.count;
    uint32_t *first = ARENA_ARRAY(h->scratch, uint32_t, functions + 2);
    index->refs = ARENA_ARRAY(h->scratch, uint32_t, code->refs.count + 1);
    for (size_t i = 0; i < code->refs.count; i++)
        first[code->refs.at[i].function + 2]++;
    for (size_t i = 2; i < functions + 2; i++)
        first[i] += first[i - 1];
    for (size_t i = 0; i < code->refs.count; i++)
        index->refs[first[code->refs.at[i].function + 1]++] = (uint32_t)i;
    index->first_ref = first;
}

const HiddenIndex *hidden_index(Hunt *h) {
    HiddenIndex *index = &h->index;
    if (index->first_ref)
        return index;
    index_references(h, index);
    index_grams(h, index);
    return index;
}

size_t hidden_mentions(Hunt *h, const Function *f, const uint32_t **refs) {
    const HiddenIndex *index = hidden_index(h);
    size_t i = (size_t)(f - h->code->functions.at);
    *refs = index->refs + index->first_ref[i];
    return index->first_ref[i + 1] - index->first_ref[i];
}
