/* SPDX-License-Identifier: Apache-2.0
 * truth.c: which function of one file is which of another, and what the index would retrieve. */
#include <stdlib.h>

#include "functions/corpus.h"
#include "store/view.h"

bool function_counts(const FunctionFeature *f) { return f->blocks >= MIN_BLOCKS; }

void case_add_bands(Case *c) {
    const Features *f = c->features;
    c->bands = calloc(f->functions.count + 1, sizeof *c->bands);
    for (size_t i = 0; i < f->functions.count; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        if (!function_counts(fn))
            continue;
        Sketch sketch = sketch_from_genes(f->genes.at + fn->first_gene, fn->gene_count);
        sketch_bands(&sketch, c->bands[i].at);
    }
}

size_t case_find_names(const Case *c, uint32_t function, const KeyRef **out) {
    size_t low = 0, high = c->key_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c->by_function[mid].function < function)
            low = mid + 1;
        else
            high = mid;
    }
    size_t n = 0;
    while (low + n < c->key_count && c->by_function[low + n].function == function)
        n++;
    *out = c->by_function + low;
    return n;
}

static int only_key(const void *x, const void *y) {
    const KeyRef *a = x, *b = y;
    return (a->key > b->key) - (a->key < b->key);
}

long case_find_same(const Case *a, uint32_t from, const Case *b) {
    const KeyRef *names;
    size_t n = case_find_names(a, from, &names);
    for (size_t i = 0; i < n; i++) {
        KeyRef wanted = {.key = names[i].key};
        const KeyRef *at =
            b->key_count ? bsearch(&wanted, b->by_key, b->key_count, sizeof *at, only_key) : NULL;
        if (at)
            return (long)at->function;
    }
    return -1;
}

bool case_is_retrieved(const Case *a, uint32_t fa, const Case *b, uint32_t fb) {
    const FunctionFeature *x = &a->features->functions.at[fa], *y = &b->features->functions.at[fb];
    if ((x->pic.low || x->pic.high) && x->pic.low == y->pic.low && x->pic.high == y->pic.high)
        return true;
    unsigned equal = 0;
    for (unsigned i = 0; i < STORE_BANDS; i++)
        equal += a->bands[fa].at[i] == b->bands[fb].at[i];
    return equal >= STORE_MIN_BANDS && x->gene_count && y->gene_count;
}
