/* SPDX-License-Identifier: Apache-2.0
 * fuzz_know_json.c: STIX, MISP events and galaxies; patterns. */
#include "fuzz_know.h"

#include "know/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void see_value(void *ctx, KnowValueKind kind, const char *text, size_t n) {
    (void)ctx;
    CHECK(kind < KNOW_VALUE_COUNT && memchr(text, 0, n) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char pattern[4096];
    uint64_t inexact;
    fuzz_import("d.json", data, size);
    size_t n = size < sizeof pattern - 1 ? size : sizeof pattern - 1;
    memcpy(pattern, data, n);
    pattern[n] = 0;
    know_pattern_read(pattern, see_value, NULL, &inexact);
    return 0;
}
