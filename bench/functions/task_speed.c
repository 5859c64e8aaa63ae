/* SPDX-License-Identifier: Apache-2.0
 * task_speed.c: what making genes costs on one core: decoding again with operands, lifting, genes,
 * hashes and sketches; beside it finding functions, and a Zydis full decode of the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "feature/registry.h"
#include "functions/tasks.h"
#include "read_file.h"
#include "zydis_sweep.h"

/* Every so many-th file, and at most so many: a core for a minute is enough. */
enum { MOST_FILES = 60 };

typedef struct Cost {
    double sweep_s, discover_s, genes_s, mb;
    uint64_t functions;
} Cost;

static Features *room(Arena *a) {
    Features *f = ARENA_NEW(a, Features);
    f->sections.max = f->imports.max = f->functions.max = f->blocks.max = UINT32_MAX;
    f->calls.max = f->genes.max = UINT32_MAX;
    return f;
}

static void sketch_all(const Features *f) {
    volatile uint32_t sink = 0;
    for (size_t i = 0; i < f->functions.count; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        Sketch k = sketch_from_function(f, fn);
        sink = sink + k.key[0];
    }
}

static void measure(Bytes file, Cost *cost) {
    Sample s = {.bytes = file, .name = ""};
    s.arena = arena_new((size_t)1 << 32);
    s.scratch = arena_new((size_t)1 << 32);
    uint64_t code_bytes = 0;
    cost->sweep_s += zydis_sweep(file, &code_bytes);
    cost->mb += (double)code_bytes / 1e6;
    double start = thread_seconds();
    Image *image = image_from_sample(&s, NULL);
    Code *code = code_from_image(&s, image);
    cost->discover_s += thread_seconds() - start;
    Features *f = room(s.arena);
    for (size_t i = 0; i < EXTRACTOR_COUNT; i++) {
        bool is_code = strcmp(EXTRACTORS[i].name, "code") == 0;
        if (!is_code && strcmp(EXTRACTORS[i].name, "image") != 0)
            continue;
        start = thread_seconds();
        EXTRACTORS[i].extract(&s, image, code, f);
        if (EXTRACTORS[i].finish) /* where functions are hashed, without helpers on this thread */
            EXTRACTORS[i].finish(&s, f);
        cost->genes_s += is_code ? thread_seconds() - start : 0;
    }
    start = thread_seconds();
    sketch_all(f);
    cost->genes_s += thread_seconds() - start;
    cost->functions += f->functions.count;
    arena_free(s.arena);
    arena_free(s.scratch);
}

void task_speed(const Task *t) {
    size_t total = 0, seen = 0, taken = 0;
    Cost cost = {.mb = 0};
    for (size_t i = 0; i < t->corpus->count; i++)
        total += t->corpus->cases[i].config.processor <= X86;
    size_t wanted = total < MOST_FILES ? total : MOST_FILES;
    for (size_t i = 0; i < t->corpus->count && taken < wanted; i++) {
        const Case *c = &t->corpus->cases[i];
        if (c->config.processor > X86 || even_pick(taken, wanted, total) != seen++)
            continue;
        taken++;
        Text file = text_new((size_t)1 << 30);
        if (read_file(c->path, &file))
            measure((Bytes){(const uint8_t *)file.at, file.size}, &cost);
        text_free(&file);
    }
    if (cost.mb <= 0)
        return;
    char set[64];
    snprintf(set, sizeof set, "%s/speed", t->set);
    double both = cost.genes_s + cost.discover_s;
    row(set, "code_per_second", cost.mb / cost.genes_s, "MB/s", "cognate",
        "decode; lift; genes; hashes; sketch; one core; %zu x86 files of %.1f MB code", taken,
        cost.mb);
    row(set, "code_per_second_with_discovery", cost.mb / both, "MB/s", "cognate",
        "the same after finding functions and blocks");
    row(set, "functions_per_second", (double)cost.functions / both, "1/s", "cognate",
        "with discovery");
    row(set, "code_per_second", cost.mb / cost.sweep_s, "MB/s", "zydis full decode",
        "same bytes; same run");
}
