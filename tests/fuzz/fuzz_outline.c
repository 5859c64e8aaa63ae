/* SPDX-License-Identifier: Apache-2.0
 * fuzz_outline.c: hostile outlines, whose checksum is made right so that the reader goes on; one
 * that is taken is aligned with itself. */
#include <stdlib.h>
#include <string.h>

#include "match/align.h"
#include "match/runtime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const Outline *o, Arena *a, Arena *scratch) {
    size_t n = o->counts[OUTLINE_FUNCTIONS];
    bool *runtime;
    runtime_functions_of(&o, 1, &runtime, a);
    FunctionPair *pairs = ARENA_UNSET(a, FunctionPair, n + 1);
    AlignQuery query = align_query_new(o, NULL, a);
    size_t count = align_outlines(&query, o, NULL, scratch, pairs);
    AlignQuery partly = align_query_new(o, runtime, a);
    count = align_outlines(&partly, o, runtime, scratch, pairs);
    for (size_t i = 0; i < count; i++)
        CHECK(pairs[i].a < n && pairs[i].b < n && pairs[i].score >= 0 && pairs[i].score <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8 || size > 1 << 20)
        return 0;
    uint8_t *copy = malloc(size);
    Arena *a = arena_new((size_t)1 << 30), *scratch = arena_new((size_t)1 << 30);
    CHECK(copy && a && scratch);
    memcpy(copy, data, size);
    outline_seal(copy, size, 7);
    Outline o;
    if (outline_from_bytes((Bytes){copy, size}, 7, &o, NULL) == STATUS_OK)
        use(&o, a, scratch);
    arena_free(a);
    arena_free(scratch);
    free(copy);
    return 0;
}
