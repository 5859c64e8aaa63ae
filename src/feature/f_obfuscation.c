/* SPDX-License-Identifier: Apache-2.0
 * f_obfuscation.c: what the code's profiles say in all, tables of functions, and the combination.
 */
#include <stdlib.h>
#include <string.h>

#include "emulate/api_names.h"
#include "feature/obfuscation.h"

enum {
    /* Below these, chance and compilers do it (docs/evidence/obfuscation.md). */
    LEAST_OPAQUE = 3,
    LEAST_JUNK = 8,
    JUNK_PER = 1000, /* one in so many instructions */
    LEAST_TABLE = 5,
    LEAST_MODULI = 3,
    LEAST_SCHEMES = 3
};

void scheme_add(Schemes *schemes, const char *text) {
    for (size_t i = 0; i < schemes->count; i++)
        if (strcmp(schemes->at[i], text) == 0)
            return;
    if (schemes->count < sizeof schemes->at / sizeof *schemes->at)
        schemes->at[schemes->count++] = text;
}

/* ---- Sums over all functions ---- */

typedef struct Sums {
    size_t chains, switches, functions;
    uint64_t branches, opaque, instructions, junk;
} Sums;

static void add_flow(Traits *t, const Sums *sums, Schemes *schemes) {
    if (sums->chains) {
        trait_addf(t, TRAIT_FLATTENING, UINT64_MAX, "comparisons, %zu of %zu functions",
                   sums->chains, sums->functions);
        scheme_add(schemes, "flattened");
        schemes->is_distinct = true;
    }
    if (sums->switches)
        trait_addf(t, TRAIT_FLATTENING, UINT64_MAX, "switch, %zu of %zu functions", sums->switches,
                   sums->functions);
    if (sums->opaque >= LEAST_OPAQUE) {
        trait_addf(t, TRAIT_OPAQUE, UINT64_MAX, "%llu of %llu conditions",
                   (unsigned long long)sums->opaque, (unsigned long long)sums->branches);
        scheme_add(schemes, "opaque predicates");
        schemes->is_distinct = true;
    }
    if (sums->junk >= LEAST_JUNK && sums->junk * JUNK_PER >= sums->instructions) {
        trait_addf(t, TRAIT_JUNK, UINT64_MAX, "%llu pairs in %llu instructions",
                   (unsigned long long)sums->junk, (unsigned long long)sums->instructions);
        scheme_add(schemes, "junk");
        schemes->is_distinct = true;
    }
}

static void add_times(Traits *t, const FunctionProfile *p, uint64_t off) {
    if (p->modulus_count < LEAST_MODULI)
        return;
    Text text = text_new(128);
    for (unsigned i = 0; i < p->modulus_count; i++)
        text_addf(&text, "%s%u", i ? "," : "", p->moduli[i]);
    trait_add(t, TRAIT_TIME_FORGERY, off, text_str(&text));
    text_free(&text);
}

/* ---- Tables of functions ---- */

typedef VEC(TableStore) TableStores;

static int by_slot(const void *a, const void *b) {
    const TableStore *x = a, *y = b;
    if (x->import != y->import)
        return x->import < y->import ? -1 : 1;
    if (x->callee != y->callee)
        return x->callee < y->callee ? -1 : 1;
    if (x->slot_va != y->slot_va)
        return x->slot_va < y->slot_va ? -1 : 1;
    return (x->site_va > y->site_va) - (x->site_va < y->site_va);
}

static const char *name_at(const Image *image, uint64_t va) {
    return (const char *)image_bytes_at(image, va).at; /* profile.c: ends */
}

static int by_site(const void *a, const void *b) {
    const TableStore *x = a, *y = b;
    return (x->site_va > y->site_va) - (x->site_va < y->site_va);
}

/* Through what: the system's look-up, or a function of the program that knows API names. */
static bool is_lookup(const Traits *t, const TableStore *at, size_t count) {
    if (at->import && at->import <= t->image->imports.count) {
        const char *name = t->image->imports.at[at->import - 1].name;
        return strcmp(name, "GetProcAddress") == 0 || strcmp(name, "dlsym") == 0;
    }
    if (t->image->format != FORMAT_PE)
        return false;
    const ApiNames *api = api_names_new(t->s->scratch);
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = name_at(t->image, at[i].name_va);
        known +=
            api_names_find_any(api, (Bytes){(const uint8_t *)name, strlen(name)}, NULL) != NO_API;
    }
    return known * 2 >= count;
}

/* Slots one behind the other, filled by the same function. */
static void add_run(Traits *t, TableStore *at, size_t count, Schemes *schemes) {
    if (count < LEAST_TABLE || !is_lookup(t, at, count))
        return;
    qsort(at, count, sizeof *at, by_site); /* compilers lay variables out as they like */
    Text text = text_new(MAX_TRAIT_BYTES);
    for (size_t i = 0; i < count; i++)
        text_addf(&text, "%s%s", i ? "," : "", name_at(t->image, at[i].name_va));
    trait_add(t, TRAIT_IMPORT_TABLE, image_off_at(t->image, at->site_va), text_str(&text));
    text_free(&text);
    scheme_add(schemes, "functions looked up by name into a table");
}

static void add_tables(Traits *t, TableStores *stores, Schemes *schemes) {
    uint64_t word = t->image->bits / 8;
    if (stores->count)
        qsort(stores->at, stores->count, sizeof *stores->at, by_slot);
    for (size_t i = 0; i < stores->count;) {
        size_t end = i + 1;
        TableStore *at = stores->at;
        while (end < stores->count && at[end].import == at[i].import &&
               at[end].callee == at[i].callee && at[end].slot_va - at[end - 1].slot_va <= 2 * word)
            end++;
        add_run(t, &at[i], end - i, schemes);
        i = end;
    }
}

/* ---- The whole ---- */

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_combination(Traits *t, Schemes *schemes) {
    if (schemes->count < LEAST_SCHEMES || !schemes->is_distinct)
        return;
    qsort(schemes->at, schemes->count, sizeof *schemes->at, by_text);
    Text text = text_new(MAX_TRAIT_BYTES);
    for (size_t i = 0; i < schemes->count; i++)
        text_addf(&text, "%s%s", i ? "; " : "", schemes->at[i]);
    trait_add(t, TRAIT_OBFUSCATION, UINT64_MAX, text_str(&text));
    text_free(&text);
}

void traits_from_profiles(Sample *s, const Image *image, const Code *code, const CodeHash *hashes,
                          Features *out) {
    enum { MOST_STORES = 65536 };
    Traits t = {s, image, code, out};
    Sums sums = {.functions = code->functions.count};
    TableStores stores = {.max = MOST_STORES};
    Schemes schemes = {0};
    for (size_t i = 0; i < code->functions.count; i++) {
        const FunctionProfile *p = &hashes[i].profile;
        sums.chains += p->flattening == FLATTENING_CHAIN;
        sums.switches += p->flattening == FLATTENING_SWITCH;
        sums.branches += p->branches;
        sums.opaque += p->opaque;
        sums.instructions += p->instructions;
        sums.junk += p->junk;
        add_times(&t, p, image_off_at(image, code->functions.at[i].va));
        for (size_t k = 0; k < p->store_count; k++) {
            TableStore *store = VEC_ADD(s->scratch, &stores);
            if (store)
                *store = p->stores[k];
        }
    }
    traits_from_schemes(&t, &schemes);
    add_tables(&t, &stores, &schemes);
    add_flow(&t, &sums, &schemes);
    add_combination(&t, &schemes);
}
