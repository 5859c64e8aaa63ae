/* SPDX-License-Identifier: Apache-2.0
 * temp_store.h: a folder for a store that goes away, and samples made up by number. */
#ifndef COG_TEST_TEMP_STORE_H
#define COG_TEST_TEMP_STORE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "match/synthetic.h"
#include "store/store.h"

typedef struct TempStore {
    char dir[64];
    char path[80];
    Arena *arena;
    Error err;
} TempStore;

static inline int temp_remove_one(const char *path, const struct stat *st, int kind,
                                  struct FTW *ftw) {
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static inline TempStore *temp_store_new(void) {
    TempStore *t = calloc(1, sizeof *t);
    const char *tmp = getenv("TMPDIR");
    snprintf(t->dir, sizeof t->dir, "%.40s/cog-store-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(t->dir))
        abort();
    snprintf(t->path, sizeof t->path, "%s/store", t->dir);
    t->arena = arena_new((size_t)2 << 30);
    return t;
}

static inline void temp_store_free(TempStore *t) {
    nftw(t->dir, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(t->arena);
    free(t);
}

enum { MADE_FUNCTIONS = 40 };

/* Sample number n: half of its functions are shared with its neighbours of the same ten, the others
 * are its own; a tenth has no PIC hash; some are too small for the index. */
static inline Features *made_sample(Arena *a, unsigned n) {
    char *name = arena_alloc(a, 32);
    snprintf(name, 32, "sample-%u", n);
    Features *f = synthetic_new(a, name);
    for (unsigned i = 0; i < MADE_FUNCTIONS; i++) {
        uint64_t seed = i % 2 ? 1000000 + n / 10 * 100 + i : (uint64_t)n * 100 + i;
        uint32_t genes = i % 13 == 0 ? 2 : 12 + i * 3;
        FunctionFeature *fn = synthetic_function(a, f, seed, genes, i % 4 == 1 ? 10 : 0, n);
        if (i % 10 == 3 || i % 13 == 0)
            fn->pic = (Hash128){0};
    }
    for (unsigned i = 0; i < 12; i++) {
        char *text = arena_alloc(a, 48);
        snprintf(text, 48, "string number %u", i < 6 ? i : n * 100 + i);
        synthetic_string(a, f, text);
    }
    synthetic_trait(a, f, TRAIT_IMPHASH, n % 2 ? "odd" : "even");
    return f;
}

static inline Labels made_labels(unsigned n) {
    static const char *const families[] = {"alpha", "beta", "gamma"};
    return (Labels){.family = families[n / 10 % 3], .source = "test"};
}

#endif
