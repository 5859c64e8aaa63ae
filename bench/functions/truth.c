/* SPDX-License-Identifier: Apache-2.0
 * truth.c: which function of one file is which of another. */
#include <stdlib.h>

#include "functions/corpus.h"

bool function_counts(const FunctionFeature *f) { return f->blocks >= MIN_BLOCKS; }

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
