/* SPDX-License-Identifier: Apache-2.0
 * fuzz_hidden.c: the hunt for hidden texts and API hashes on any bytes as code. The first byte
 * chooses processor and format. It ends, within its budgets, and what it says can be read. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "unwrap/apihash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CODE_VA = 0x401000, DATA_VA = 0x402000 };

static Image *image_of(Arena *a, unsigned which, Bytes b) {
    static const struct {
        Arch arch;
        uint8_t bits;
        Format format;
    } kinds[] = {{ARCH_X86, 32, FORMAT_PE},  {ARCH_X64, 64, FORMAT_PE},
                 {ARCH_X64, 64, FORMAT_ELF}, {ARCH_ARM64, 64, FORMAT_ELF},
                 {ARCH_ARM, 32, FORMAT_ELF}, {ARCH_X86, 32, FORMAT_RAW}};
    which %= sizeof kinds / sizeof *kinds;
    size_t split = b.size - b.size / 4;
    Image *image = ARENA_NEW(a, Image);
    image->arch = kinds[which].arch;
    image->bits = kinds[which].bits;
    image->format = kinds[which].format;
    image->base = image->entry = CODE_VA;
    image->has_entry = true;
    image->segments.max = 2;
    *VEC_ADD(a, &image->segments) = (Segment){
        .va = CODE_VA, .va_size = split, .file = bytes_clip(b, 0, split), .perms = PERM_R | PERM_X};
    *VEC_ADD(a, &image->segments) = (Segment){.va = DATA_VA,
                                              .va_size = 0x1000,
                                              .off = split,
                                              .file = bytes_clip(b, split, UINT64_MAX),
                                              .perms = PERM_R | PERM_W};
    return image;
}

static void check_texts(const HiddenTexts *found) {
    for (size_t i = 0; i < found->texts.count; i++) {
        const HiddenText *t = &found->texts.at[i];
        CHECK(strlen(t->text) == t->length && t->length <= HIDDEN_TEXT_BYTES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 0x1000)
        return 0;
    Sample s = {.name = "fuzz", .bytes = {data + 1, size - 1}};
    s.arena = arena_new((size_t)1 << 28);
    s.scratch = arena_new((size_t)1 << 28);
    CHECK(s.arena && s.scratch);
    const Image *image = image_of(s.arena, data[0], s.bytes);
    const Code *code = code_from_image(&s, image);
    HiddenTexts found = {0};
    hidden_from_code(&s, image, code, &found);
    check_texts(&found);
    RoutineVec routines = {.max = 64};
    RoutineParameterVec parameters = {.max = 64};
    ResolvedNameVec resolved = {.max = 64};
    api_hashes_from_calls(s.arena, image, &found, &routines, &parameters, &resolved);
    for (size_t i = 0; i < routines.count; i++)
        CHECK(routines.at[i].first_resolved + routines.at[i].resolved_count <= resolved.count);
    arena_free(s.arena);
    arena_free(s.scratch);
    return 0;
}
