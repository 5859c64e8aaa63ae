/* SPDX-License-Identifier: Apache-2.0
 * pack_sums [-hN] [-s] FILE...: the hash of each file's feature pack (XXH3, 128 bits), one line
 * each: two builds that print the same lines find the same in these files. Archives are not opened.
 * -h: with N helpers; -s: without running code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "read_file.h"

static bool print_sum(void *ctx, const EngineResult *result) {
    (void)ctx;
    Error err = {0};
    Text pack = text_new((size_t)1 << 30);
    if (result->features && features_write(result->features, &pack, &err) == STATUS_OK) {
        Hash128 sum = hash128((Bytes){(const uint8_t *)pack.at, pack.size});
        printf("%016llx%016llx %zu functions %s\n", (unsigned long long)sum.high,
               (unsigned long long)sum.low, result->features->functions.count, result->path);
    } else {
        printf("%s: %s\n", result->path, result->reason ? result->reason : err.message);
    }
    text_free(&pack);
    return true;
}

int main(int argc, char **argv) {
    digest_init();
    Helpers *helpers = NULL;
    int first = 1;
    if (argc > 1 && strncmp(argv[1], "-h", 2) == 0)
        helpers = helpers_new(strtoul(argv[first++] + 2, NULL, 10));
    bool is_static = argc > first && strcmp(argv[first], "-s") == 0;
    first += is_static;
    for (int i = first; i < argc; i++) {
        Text file = text_new((size_t)1 << 30);
        EngineOptions options = {.no_emulation = is_static,
                                 .max_bytes = (size_t)1 << 31,
                                 .no_archives = true,
                                 .helpers = helpers};
        if (read_file(argv[i], &file))
            engine_run(&options, argv[i], (Bytes){(const uint8_t *)file.at, file.size}, print_sum,
                       NULL);
        else
            fprintf(stderr, "cannot read %s\n", argv[i]);
        text_free(&file);
    }
    helpers_free(helpers);
    return 0;
}
