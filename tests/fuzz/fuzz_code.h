/* SPDX-License-Identifier: Apache-2.0
 * fuzz_code.h: discovery and graph on any bytes. The first byte says how the rest is dressed: bit 0
 * is the target's; bit 1: not raw, but a code and a data segment, with what bits 2..6 add (ranges,
 * relocations, plain pointers, an import, exports), all taken from the bytes. */
#ifndef COG_TESTS_FUZZ_CODE_H
#define COG_TESTS_FUZZ_CODE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/code/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CODE_VA = 0x401000, DATA_VA = 0x500000, LISTED = 64 };

static inline void dress(Sample *s, Image *image, uint8_t how) {
    Bytes b = s->bytes;
    size_t split = b.size - b.size / 4;
    image->segments.max = image->ranges.max = image->relocs.max = image->imports.max =
        image->exports.max = image->starts.max = LISTED * 2;
    *VEC_ADD(s->arena, &image->segments) = (Segment){
        .va = CODE_VA, .va_size = split, .file = bytes_clip(b, 0, split), .perms = PERM_R | PERM_X};
    Bytes extra = bytes_clip(b, split, UINT64_MAX);
    *VEC_ADD(s->arena, &image->segments) = (Segment){
        .va = DATA_VA, .va_size = extra.size, .off = split, .file = extra, .perms = PERM_R};
    uint64_t at = CODE_VA;
    for (size_t i = 0; i + 8 <= extra.size && i < LISTED * 8; i += 8) {
        uint32_t word = bytes_u32_at(extra, i), more = bytes_u32_at(extra, i + 4);
        if ((how & 4) && at < CODE_VA + split) {
            at += word & 0x3f;
            *VEC_ADD(s->arena, &image->ranges) =
                (Range){.va = at,
                        .size = word >> 8 & 0x7f,
                        .source = word & 0x40 ? RANGE_PDATA : RANGE_EH_FRAME,
                        .is_fragment = (word & 0x80) != 0};
            at += (word >> 8 & 0x7f) + (word >> 16 & 1);
        }
        if (how & 8)
            *VEC_ADD(s->arena, &image->relocs) = (Reloc){DATA_VA + i, CODE_VA + more % (split + 8)};
    }
    if (how & 0x20)
        *VEC_ADD(s->arena, &image->imports) = (Import){.module = "",
                                                       .name = how & 0x80 ? "exit" : "puts",
                                                       .slot_va = DATA_VA,
                                                       .stub_va = CODE_VA + split / 2};
    if (how & 0x40)
        *VEC_ADD(s->arena, &image->exports) = (Export){
            .name = "puts", .va = CODE_VA + bytes_u16_at(extra, 0) % split, .is_code = true};
    image->format = how & 8 ? FORMAT_PE : FORMAT_ELF;
    image->is_position_independent = (how & 0x10) == 0;
    image->entry = CODE_VA;
    image->has_entry = true;
}

static inline void fuzz_code(const uint8_t *data, size_t size, Arch arch) {
    if (size < 2 || size > (1 << 20))
        return;
    Sample s = {.bytes = {data + 1, size - 1}, .name = "fuzz"};
    s.arena = arena_new((size_t)1 << 30);
    s.scratch = arena_new((size_t)1 << 30);
    CHECK(s.arena && s.scratch);
    bool is_thumb = arch == ARCH_ARM && (data[0] & 1);
    ImageHint hint = {.force_raw = true, .arch = arch, .is_thumb = is_thumb, .base = CODE_VA};
    Image *image = NULL;
    if (data[0] & 2) {
        image = ARENA_NEW(s.arena, Image);
        image->arch = hint.arch;
        image->bits = arch == ARCH_X64 || arch == ARCH_ARM64 ? 64 : 32;
        dress(&s, image, data[0]);
        image->modes.max = LISTED * 2;
        if (arch == ARCH_ARM)
            *VEC_ADD(s.arena, &image->modes) =
                (ModeMark){CODE_VA, is_thumb ? MODE_THUMB : MODE_ARM};
    } else {
        image = image_from_sample(&s, &hint);
    }
    check_code(code_from_image(&s, image), image);
    arena_free(s.arena);
    arena_free(s.scratch);
}

#endif
