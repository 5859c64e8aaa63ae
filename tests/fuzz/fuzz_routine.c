/* SPDX-License-Identifier: Apache-2.0
 * fuzz_routine.c: the search for routines over any bytes as code, or as the file that they are; the
 * first byte chooses the processor or that. Whatever the functions do, the search ends, its lists
 * hold together, and it finds the same again. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "code/code.h"
#include "unwrap/find.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Found {
    RoutineVec routines;
    RoutineParameterVec parameters;
} Found;

static Found search(Sample *s, const Image *image, const Code *code) {
    Found f = {.routines.max = MAX_ROUTINES, .parameters.max = MAX_PARAMETERS};
    routines_from_code(s, image, code, &f.routines, &f.parameters);
    for (size_t i = 0; i < f.routines.count; i++) {
        const Routine *r = &f.routines.at[i];
        CHECK((uint64_t)r->first_parameter + r->parameter_count <= f.parameters.count);
        CHECK(r->kind < ROUTINE_KIND_COUNT && r->confidence <= 100);
        CHECK(r->fingerprint.low || r->fingerprint.high);
        CHECK(i == 0 || r->va > f.routines.at[i - 1].va);
    }
    for (size_t i = 0; i < f.parameters.count; i++)
        CHECK(f.parameters.at[i].name && f.parameters.at[i].text);
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const Arch ARCHS[] = {ARCH_X86, ARCH_X64, ARCH_ARM64, ARCH_ARM};
    if (size < 2 || size > 1 << 16)
        return 0;
    Sample s = {.bytes = {data + 1, size - 1}, .name = "fuzz"};
    s.arena = arena_new((size_t)1 << 30);
    s.scratch = arena_new((size_t)1 << 30);
    CHECK(s.arena && s.scratch);
    ImageHint hint = {.force_raw = data[0] < 0x80,
                      .arch = ARCHS[data[0] % 4],
                      .is_thumb = data[0] >> 2 & 1,
                      .base = 0x10000};
    const Image *image = image_from_sample(&s, &hint);
    const Code *code = code_from_image(&s, image);
    Found first = search(&s, image, code), again = search(&s, image, code);
    CHECK(first.routines.count == again.routines.count);
    for (size_t i = 0; i < first.routines.count; i++)
        CHECK(first.routines.at[i].fingerprint.low == again.routines.at[i].fingerprint.low &&
              first.routines.at[i].va == again.routines.at[i].va);
    arena_free(s.arena);
    arena_free(s.scratch);
    return 0;
}
