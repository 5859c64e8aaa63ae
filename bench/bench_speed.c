/* SPDX-License-Identifier: Apache-2.0
 * bench_speed [--set NAME] FILE... [--set NAME FILE...]: the whole analysis of each file, in
 process
 * on one core, with and without the stages that run code, beside a Zydis full decode of the same
 * executable bytes. "spine" is the analysis without running code less what lifting, values and
 genes
 * take (a pass over all functions with them and one without). All in turn ROUNDS times, and the
 shortest time of each counts: what else runs
 * on the machine only makes them longer. Files are summed up by set; the first is called "real".
 Prints CSV rows bench,set,metric,value,unit,peer,note: MB of code per second of each,
 * functions per second, the ratio, and what running code costs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code/code.h"
#include "engine.h"
#include "feature/code_hash.h"
#include "image/image.h"
#include "read_file.h"
#include "value/gene.h"
#include "zydis_sweep.h"

enum { ROUNDS = 5 };

typedef struct Total {
    double code_mb, decode_s, analyse_s, static_s, values_s;
    double running_s; /* most of one file */
    uint64_t functions;
    unsigned files;
} Total;

static bool count_functions(void *ctx, const EngineResult *result) {
    if (result->features)
        *(uint64_t *)ctx += result->features->functions.count;
    return true;
}

static double analyse(const char *path, Bytes bytes, bool no_emulation, uint64_t *functions) {
    EngineOptions options = {
        .max_bytes = (size_t)1 << 31, .no_archives = true, .no_emulation = no_emulation};
    *functions = 0;
    double start = thread_seconds();
    engine_run(&options, path, bytes, count_functions, functions);
    return thread_seconds() - start;
}

/* Decodes each function, and takes its values and genes when asked to. */
static double pass(CodeHasher *hasher, const Code *code, Values *values, Genes *genes,
                   Arena *scratch) {
    static uint64_t out[MAX_FUNCTION_GENES];
    double start = thread_seconds();
    for (size_t i = 0; i < code->functions.count; i++) {
        const Function *f = &code->functions.at[i];
        ArenaMark mark = arena_mark(scratch);
        FunctionView v = code_hasher_view(hasher, f);
        if (values)
            genes_from_values(genes, values_from_insns(values, f, v.insns, v.insn_count, scratch),
                              scratch, out, MAX_FUNCTION_GENES);
        arena_reset(scratch, mark);
    }
    return thread_seconds() - start;
}

static double values_seconds(const char *path, Bytes bytes) {
    Sample s = {.bytes = bytes, .name = path};
    s.arena = arena_new((size_t)1 << 32);
    s.scratch = arena_new((size_t)1 << 32);
    Image *image = image_from_sample(&s, NULL);
    Code *code = code_from_image(&s, image);
    Summaries *summaries = summaries_new(s.arena, code);
    double with = 0, without = 0;
    if (code->decoder) {
        CodeHasher *hasher = code_hasher_new(s.arena, s.scratch, image, code, summaries);
        without = pass(hasher, code, NULL, NULL, s.scratch);
        with = pass(hasher, code, values_for_image(s.arena, image, code, summaries),
                    genes_for_image(s.arena, image, code), s.scratch);
    }
    arena_free(s.arena);
    arena_free(s.scratch);
    return with - without;
}

static void row(const char *set, const char *metric, double value, const char *unit,
                const char *peer, const char *note) {
    printf("speed,%s,%s,%.3f,%s,%s,%s\n", set, metric, value, unit, peer, note);
    fflush(stdout);
}

static void measure(const char *path, Total *total) {
    Text file = text_new((size_t)1 << 30);
    if (!read_file(path, &file)) {
        fprintf(stderr, "cannot read %s\n", path);
        return;
    }
    Bytes bytes = {(const uint8_t *)file.at, file.size};
    uint64_t code_bytes = 0, functions = 0;
    double decode_s = 1e9, analyse_s = 1e9, static_s = 1e9, values_s = 1e9;
    for (unsigned round = 0; round < ROUNDS; round++) {
        code_bytes = 0;
        decode_s = fmin(decode_s, zydis_sweep(bytes, &code_bytes));
        static_s = fmin(static_s, analyse(path, bytes, true, &functions));
        analyse_s = fmin(analyse_s, analyse(path, bytes, false, &functions));
        values_s = fmin(values_s, values_seconds(path, bytes));
    }
    double mb = (double)code_bytes / 1e6;
    const char *slash = strrchr(path, '/');
    fprintf(stderr,
            "%-16.16s %6.2f MB code %7llu functions  decode %5.1f MB/s  analyse %5.1f MB/s  "
            "without running code %5.1f MB/s  nor values %5.1f MB/s  running code %.2f s\n",
            slash ? slash + 1 : path, mb, (unsigned long long)functions, mb / decode_s,
            mb / analyse_s, mb / static_s, mb / (static_s - values_s), analyse_s - static_s);
    total->code_mb += mb;
    total->decode_s += decode_s;
    total->analyse_s += analyse_s;
    total->static_s += static_s;
    total->values_s += values_s;
    total->running_s = fmax(total->running_s, analyse_s - static_s);
    total->functions += functions;
    total->files++;
    text_free(&file);
}

static void write_rows(const char *set, const Total *t) {
    char whole[100], fixed[100], static_set[100], spine_set[100], files[30];
    double spine_s = t->static_s - t->values_s;
    if (t->code_mb == 0)
        return;
    snprintf(files, sizeof files, "%u files", t->files);
    snprintf(static_set, sizeof static_set, "%s/static", set);
    snprintf(whole, sizeof whole, "whole analysis; one core; CPU time; best of 5; %s", files);
    snprintf(fixed, sizeof fixed, "without running code; one core; CPU time; best of 5; %s", files);
    row(set, "code_per_second", t->code_mb / t->analyse_s, "MB/s", "cognate", whole);
    row(set, "code_per_second", t->code_mb / t->decode_s, "MB/s", "zydis full decode",
        "same executable bytes; same run; best of 5");
    row(set, "share_of_decode_limit", t->decode_s / t->analyse_s, "ratio", "cognate", whole);
    row(set, "functions_per_second", (double)t->functions / t->analyse_s, "1/s", "cognate", whole);
    row(static_set, "code_per_second", t->code_mb / t->static_s, "MB/s", "cognate", fixed);
    row(static_set, "share_of_decode_limit", t->decode_s / t->static_s, "ratio", "cognate", fixed);
    row(static_set, "functions_per_second", (double)t->functions / t->static_s, "1/s", "cognate",
        fixed);
    snprintf(spine_set, sizeof spine_set, "%s/spine", set);
    snprintf(fixed, sizeof fixed, "static less values and genes; one core; CPU time; best of 5; %s",
             files);
    row(spine_set, "code_per_second", t->code_mb / spine_s, "MB/s", "cognate", fixed);
    row(spine_set, "share_of_decode_limit", t->decode_s / spine_s, "ratio", "cognate", fixed);
    row(spine_set, "functions_per_second", (double)t->functions / spine_s, "1/s", "cognate", fixed);
    row(static_set, "values_and_genes_per_mb", t->values_s / t->code_mb, "s", "cognate", fixed);
    snprintf(whole, sizeof whole, "routines; hidden strings; API hashes: CPU seconds; %s", files);
    row(set, "running_code_per_mb", (t->analyse_s - t->static_s) / t->code_mb, "s", "cognate",
        whole);
    row(set, "running_code_costliest", t->running_s, "s", "cognate", whole);
}

int main(int argc, char **argv) {
    Total total = {0};
    const char *set = "real";
    bool any = false;
    digest_init();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--set") != 0 || i + 1 == argc) {
            measure(argv[i], &total);
            any |= total.code_mb > 0;
            continue;
        }
        write_rows(set, &total);
        total = (Total){0};
        set = argv[++i];
    }
    write_rows(set, &total);
    return !any;
}
