/* SPDX-License-Identifier: Apache-2.0
 * measure_genes.c: how well genes and PIC hashes find the same function again; the figures of
 * docs/evidence/code.md. Not a test.
 *   measure_genes A B          same function = same symbol name; one line of figures
 *   measure_genes --cross A B  no function of A is in B: how near the nearest one comes
 *   measure_genes --speed A    this stage beside the decoder, and the pack
 * Functions below 10 instructions are left out, as everywhere where MCRIT is measured. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "feature/registry.h"

enum { LEAST_INSNS = 10, BANDS = 21, FIELDS = 3, SAMPLED = 20 };
#define ARENA_BYTES ((size_t)4 << 30)

typedef struct File {
    Sample sample;
    const Image *image;
    const Code *code;
    const Features *features;
} File;

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static File *file_open(const char *path) {
    File *f = calloc(1, sizeof *f);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (!f || fd < 0 || fstat(fd, &st) != 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    f->sample.bytes.size = (size_t)st.st_size;
    f->sample.bytes.at = mmap(NULL, f->sample.bytes.size, PROT_READ, MAP_PRIVATE, fd, 0);
    f->sample.name = path;
    f->sample.arena = arena_new(ARENA_BYTES);
    f->sample.scratch = arena_new(ARENA_BYTES);
    f->image = image_from_sample(&f->sample, NULL);
    f->code = code_from_image(&f->sample, f->image);
    return f;
}

static double jaccard(const Features *a, const FunctionFeature *x, const Features *b,
                      const FunctionFeature *y) {
    const uint64_t *p = a->genes.at + x->first_gene, *p_end = p + x->gene_count;
    const uint64_t *q = b->genes.at + y->first_gene, *q_end = q + y->gene_count;
    size_t both = 0;
    while (p < p_end && q < q_end) {
        both += *p == *q;
        bool step_p = *p <= *q, step_q = *q <= *p;
        p += step_p;
        q += step_q;
    }
    size_t all = x->gene_count + y->gene_count - both;
    return all ? (double)both / (double)all : 0;
}

static bool is_found_by_bands(const Features *a, const FunctionFeature *x, const Features *b,
                              const FunctionFeature *y) {
    Sketch p = sketch_from_genes(a->genes.at + x->first_gene, x->gene_count);
    Sketch q = sketch_from_genes(b->genes.at + y->first_gene, y->gene_count);
    unsigned equal = 0;
    for (unsigned i = 0; i < BANDS; i++)
        equal += memcmp(p.bin + FIELDS * i, q.bin + FIELDS * i, FIELDS * sizeof *p.bin) == 0;
    return equal >= 2;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double q) {
    return n ? sorted[(size_t)((double)(n - 1) * q)] : 0;
}

/* Symbol name without the marks of cloned parts; i386 COFF puts an underscore in front. */
static void plain_name(char out[256], const char *name) {
    snprintf(out, 256, "%s", name[0] == '_' ? name + 1 : name);
    char *dot = strchr(out, '.');
    if (dot)
        *dot = 0;
}

static bool is_query(const FunctionFeature *f) {
    return f->name && f->instructions >= LEAST_INSNS && !strstr(f->name, ".cold");
}

static const FunctionFeature *find_truth(const Features *b, const char *name) {
    char want[256], have[256];
    plain_name(want, name);
    for (size_t i = 0; i < b->functions.count; i++) {
        if (!is_query(&b->functions.at[i]))
            continue;
        plain_name(have, b->functions.at[i].name);
        if (strcmp(want, have) == 0)
            return &b->functions.at[i];
    }
    return NULL;
}

static void measure_pair(const Features *a, const Features *b) {
    size_t queries = 0, first = 0, found = 0, exact = 0, others = 0;
    double *same = calloc(a->functions.count + 1, sizeof *same);
    double *other = calloc(a->functions.count * SAMPLED + 1, sizeof *other);
    uint64_t random = 1;
    for (size_t i = 0; same && other && i < a->functions.count; i++) {
        const FunctionFeature *x = &a->functions.at[i];
        const FunctionFeature *truth = is_query(x) ? find_truth(b, x->name) : NULL;
        if (!truth)
            continue;
        double score = jaccard(a, x, b, truth), best = 0;
        for (size_t j = 0; j < b->functions.count; j++)
            if (b->functions.at[j].instructions >= LEAST_INSNS) {
                double s = jaccard(a, x, b, &b->functions.at[j]);
                best = s > best ? s : best;
            }
        for (unsigned k = 0; k < SAMPLED; k++) {
            random = mix64(random + 1);
            const FunctionFeature *y = &b->functions.at[random % b->functions.count];
            if (y != truth && y->instructions >= LEAST_INSNS)
                other[others++] = jaccard(a, x, b, y);
        }
        same[queries++] = score;
        first += score >= best;
        found += is_found_by_bands(a, x, b, truth);
        exact += memcmp(&x->pic, &truth->pic, sizeof x->pic) == 0;
    }
    if (queries == 0)
        return;
    qsort(same, queries, sizeof *same, compare_doubles);
    qsort(other, others, sizeof *other, compare_doubles);
    double n = (double)queries;
    printf("queries %zu recall@1 %.3f by bands %.3f pic equal %.3f | same p10 %.2f p25 %.2f p50 "
           "%.2f | other p50 %.2f p95 %.2f p99 %.2f\n",
           queries, (double)first / n, (double)found / n, (double)exact / n,
           quantile(same, queries, .1), quantile(same, queries, .25), quantile(same, queries, .5),
           quantile(other, others, .5), quantile(other, others, .95), quantile(other, others, .99));
    free(same);
    free(other);
}

static void measure_cross(const Features *a, const Features *b) {
    static const unsigned sizes[] = {10, 20, 50, 200, UINT32_MAX};
    for (unsigned k = 0; k + 1 < sizeof sizes / sizeof *sizes; k++) {
        double *near = calloc(a->functions.count + 1, sizeof *near);
        size_t n = 0, exact = 0;
        for (size_t i = 0; near && i < a->functions.count; i++) {
            const FunctionFeature *x = &a->functions.at[i];
            if (x->instructions < sizes[k] || x->instructions >= sizes[k + 1])
                continue;
            bool is_exact = false;
            for (size_t j = 0; j < b->functions.count; j++) {
                const FunctionFeature *y = &b->functions.at[j];
                if (y->instructions < LEAST_INSNS)
                    continue;
                double s = jaccard(a, x, b, y);
                near[n] = s > near[n] ? s : near[n];
                is_exact |= memcmp(&x->pic, &y->pic, sizeof x->pic) == 0;
            }
            n++;
            exact += is_exact;
        }
        qsort(near, n, sizeof *near, compare_doubles);
        printf("from %u instructions: %zu functions, nearest p50 %.2f p95 %.2f p99 %.2f max %.2f, "
               "pic equal %zu\n",
               sizes[k], n, quantile(near, n, .5), quantile(near, n, .95), quantile(near, n, .99),
               quantile(near, n, 1), exact);
        free(near);
    }
}

static void measure_speed(const char *path) {
    enum { ROUNDS = 7 };
    double decode = 1e9, row = 1e9, packing = 1e9;
    size_t bytes = 0, functions = 0, pack = 0;
    Insn *insns = calloc(UINT16_MAX + 1, sizeof *insns);
    for (unsigned round = 0; insns && round < ROUNDS; round++) {
        File *f = file_open(path);
        double start = cpu_seconds();
        bytes = 0;
        for (size_t i = 0; i < f->code->blocks.count; i++) {
            const Block *block = &f->code->blocks.at[i];
            code_decode_block(f->code, f->image, block, insns, UINT16_MAX);
            bytes += block->size;
        }
        double decoded = cpu_seconds();
        Features *out = ARENA_NEW(f->sample.arena, Features);
        out->functions.max = out->blocks.max = out->calls.max = out->genes.max = UINT32_MAX;
        out->imports.max = MAX_IMPORTS;
        for (size_t i = 0; i < EXTRACTOR_COUNT; i++)
            if (strcmp(EXTRACTORS[i].name, "code") == 0)
                EXTRACTORS[i].extract(&f->sample, f->image, f->code, out);
        double extracted = cpu_seconds();
        out->calls.count = 0; /* there are no imports to call here */
        for (size_t i = 0; i < out->functions.count; i++)
            out->functions.at[i].first_call = out->functions.at[i].call_count = 0;
        Text text = text_new((size_t)1 << 30);
        Features *back = NULL;
        double ready = cpu_seconds();
        if (features_write(out, &text, NULL) != STATUS_OK ||
            features_from_bytes(f->sample.arena, (Bytes){(const uint8_t *)text.at, text.size},
                                &back, NULL) != STATUS_OK)
            exit(1);
        double end = cpu_seconds();
        functions = out->functions.count;
        pack = text.size;
        decode = decoded - start < decode ? decoded - start : decode;
        row = extracted - decoded < row ? extracted - decoded : row;
        packing = end - ready < packing ? end - ready : packing;
        text_free(&text);
        arena_free(f->sample.arena);
        arena_free(f->sample.scratch);
    }
    double mb = (double)bytes / 1e6, n = (double)functions;
    printf("%zu functions, %.2f MB of code: decode_full alone %.1f MB/s, whole row %.1f MB/s, pack "
           "write and read %.0f functions/s, %.0f bytes/function\n",
           functions, mb, mb / decode, mb / row, n / packing, (double)pack / n);
    free(insns);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--speed") == 0) {
        measure_speed(argv[2]);
        return 0;
    }
    bool is_cross = argc == 4 && strcmp(argv[1], "--cross") == 0;
    if (argc != 3 && !is_cross) {
        fprintf(stderr, "measure_genes [--cross] A B | --speed A\n");
        return 2;
    }
    const Features *features[2];
    for (int i = 0; i < 2; i++) {
        File *f = file_open(argv[argc - 2 + i]);
        features[i] = features_from_code(&f->sample, f->image, f->code);
    }
    if (is_cross)
        measure_cross(features[0], features[1]);
    else
        measure_pair(features[0], features[1]);
    return 0;
}
