/* SPDX-License-Identifier: Apache-2.0
 * bench_speed FILE...: the whole analysis of each file, in process on one core, with and without
 * the stages that run code, beside a Zydis full decode of the same executable bytes. All in turn
 * ROUNDS times, and the shortest time of each counts: what else runs on the machine only makes them
 * longer. Prints CSV rows bench,set,metric,value,unit,peer,note: MB of code per second of each,
 * functions per second, the ratio, and what running code costs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "read_file.h"
#include "zydis_sweep.h"

enum { ROUNDS = 5 };

typedef struct Total {
    double code_mb, decode_s, analyse_s, static_s;
    uint64_t functions;
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

static void row(const char *set, const char *metric, double value, const char *unit,
                const char *peer, const char *note) {
    printf("speed,%s,%s,%.3f,%s,%s,%s\n", set, metric, value, unit, peer, note);
    fflush(stdout);
}

int main(int argc, char **argv) {
    Total total = {0};
    digest_init();
    for (int i = 1; i < argc; i++) {
        Text file = text_new((size_t)1 << 30);
        if (!read_file(argv[i], &file)) {
            fprintf(stderr, "cannot read %s\n", argv[i]);
            continue;
        }
        Bytes bytes = {(const uint8_t *)file.at, file.size};
        uint64_t code_bytes = 0, functions = 0;
        double decode_s = 1e9, analyse_s = 1e9, static_s = 1e9;
        for (unsigned round = 0; round < ROUNDS; round++) {
            code_bytes = 0;
            decode_s = fmin(decode_s, zydis_sweep(bytes, &code_bytes));
            static_s = fmin(static_s, analyse(argv[i], bytes, true, &functions));
            analyse_s = fmin(analyse_s, analyse(argv[i], bytes, false, &functions));
        }
        double mb = (double)code_bytes / 1e6;
        const char *slash = strrchr(argv[i], '/');
        fprintf(stderr,
                "%-16.16s %6.2f MB code %7llu functions  decode %5.1f MB/s  analyse %5.1f MB/s  "
                "without "
                "running code %5.1f MB/s\n",
                slash ? slash + 1 : argv[i], mb, (unsigned long long)functions, mb / decode_s,
                mb / analyse_s, mb / static_s);
        total.code_mb += mb;
        total.decode_s += decode_s;
        total.analyse_s += analyse_s;
        total.static_s += static_s;
        total.functions += functions;
        text_free(&file);
    }
    if (total.code_mb == 0)
        return 1;
    const char *whole = "whole analysis; one core; CPU time; best of 5";
    const char *fixed = "without running code; one core; CPU time; best of 5";
    row("real", "code_per_second", total.code_mb / total.analyse_s, "MB/s", "cognate", whole);
    row("real", "code_per_second", total.code_mb / total.decode_s, "MB/s", "zydis full decode",
        "same executable bytes; same run; best of 5");
    row("real", "share_of_decode_limit", total.decode_s / total.analyse_s, "ratio", "cognate",
        whole);
    row("real", "functions_per_second", (double)total.functions / total.analyse_s, "1/s", "cognate",
        whole);
    row("real/static", "code_per_second", total.code_mb / total.static_s, "MB/s", "cognate", fixed);
    row("real/static", "share_of_decode_limit", total.decode_s / total.static_s, "ratio", "cognate",
        fixed);
    row("real/static", "functions_per_second", (double)total.functions / total.static_s, "1/s",
        "cognate", fixed);
    row("real", "running_code_per_mb", (total.analyse_s - total.static_s) / total.code_mb, "s",
        "cognate", "routines; hidden strings; API hashes: CPU seconds per MB of code");
    return 0;
}
