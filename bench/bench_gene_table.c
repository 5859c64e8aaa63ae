/* SPDX-License-Identifier: Apache-2.0
 * bench_gene_table FILE... > src/feature/gene_table.h: counts in how many functions each gene is
 * and writes the table of common genes. FILE...: the learned files of the corpus' tuning part, one
 * per family (the command stands in docs/evidence/code.md). */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "read_file.h"

enum { CAP_BITS = 25, COMMON = 2048 };

typedef struct Count {
    uint64_t gene;
    uint32_t functions;
} Count;

typedef struct Counts {
    Count *at;
    uint64_t functions;
} Counts;

static bool count_genes(void *ctx, const EngineResult *result) {
    Counts *c = ctx;
    const Features *f = result->features;
    for (size_t i = 0; f && i < f->functions.count; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        c->functions++;
        for (uint32_t g = 0; g < fn->gene_count; g++) {
            uint64_t gene = f->genes.at[fn->first_gene + g];
            size_t slot = (size_t)(gene >> (64 - CAP_BITS));
            while (c->at[slot].gene && c->at[slot].gene != gene)
                slot = (slot + 1) & (((size_t)1 << CAP_BITS) - 1);
            c->at[slot].gene = gene;
            c->at[slot].functions++;
        }
    }
    return true;
}

static int by_count(const void *x, const void *y) {
    const Count *a = x, *b = y;
    if (a->functions != b->functions)
        return a->functions > b->functions ? -1 : 1;
    return (a->gene > b->gene) - (a->gene < b->gene);
}

static int by_value(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* gene_weight.c says what is made of the classes. */
static unsigned class_of(const Counts *counts, unsigned rank) {
    if (rank < 64)
        return 0;
    if (rank < 256)
        return 1;
    double share = counts->at[rank].functions / (double)counts->functions;
    return share >= 0.02 ? 2 : share >= 0.01 ? 3 : share >= 0.005 ? 4 : 5;
}

static bool analyse(const char *path, Counts *counts) {
    Text bytes = text_new((size_t)1 << 30);
    if (!read_file(path, &bytes)) {
        text_free(&bytes);
        return false;
    }
    EngineOptions options = {.max_bytes = (size_t)1 << 31, .no_archives = true};
    engine_run(&options, path, (Bytes){(const uint8_t *)bytes.at, bytes.size}, count_genes, counts);
    text_free(&bytes);
    return true;
}

int main(int argc, char **argv) {
    Counts counts = {.at = calloc((size_t)1 << CAP_BITS, sizeof(Count))};
    static uint64_t table[COMMON];
    digest_init();
    for (int i = 1; i < argc; i++)
        if (!counts.at || !analyse(argv[i], &counts))
            return 1;
    qsort(counts.at, (size_t)1 << CAP_BITS, sizeof(Count), by_count);
    for (unsigned i = 0; i < COMMON; i++)
        table[i] = (counts.at[i].gene & ~(uint64_t)7) | class_of(&counts, i);
    fprintf(stderr, "%llu functions; share of functions at rank 64: %.4f, 256: %.4f, 2048: %.4f\n",
            (unsigned long long)counts.functions,
            counts.at[63].functions / (double)counts.functions,
            counts.at[255].functions / (double)counts.functions,
            counts.at[2047].functions / (double)counts.functions);
    qsort(table, COMMON, sizeof *table, by_value);
    printf(
        "/* SPDX-License-Identifier: Apache-2.0\n * gene_table.h: the %d commonest genes of %llu "
        "functions; made by bench_gene_table.\n * Do not edit; the low three bits are "
        "the class: 0 the commonest 64, 1 up to 256, then by share of\n * functions: 2 from .02, "
        "3 from .01, 4 from .005, 5 the rest. */\n#ifndef "
        "COG_FEATURE_GENE_TABLE_H\n#define COG_FEATURE_GENE_TABLE_H\n\n#include <stdint.h>\n\n"
        "static const uint64_t GENE_COMMON[%d] = {",
        COMMON, (unsigned long long)counts.functions, COMMON);
    for (unsigned i = 0; i < COMMON; i++)
        printf("%s0x%016llxu,", i % 4 ? " " : "\n    ", (unsigned long long)table[i]);
    printf("\n};\n\n/* Where the entries with given high 12 bits begin. */\nstatic const uint16_t "
           "GENE_FIRST[4097] = {");
    unsigned at = 0;
    for (unsigned high = 0; high <= 4096; high++) {
        while (at < COMMON && (table[at] >> 52) < high)
            at++;
        printf("%s%u,", high % 16 ? " " : "\n    ", at);
    }
    printf("\n};\n\n#endif\n");
    free(counts.at);
    return 0;
}
