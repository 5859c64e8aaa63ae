/* SPDX-License-Identifier: Apache-2.0
 * fuzz_strings.c: hostile bytes to strings, traits and indicators. The first byte chooses: the rest
 * is a whole file for the image readers, a certificate table, or texts divided by zeros. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "feature/indicator.h"
#include "feature/ssdeep.h"
#include "feature/tlsh.h"
#include "feature/trait.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_features(const Features *f, size_t size) {
    for (size_t i = 0; i < f->strings.count; i++) {
        const StringFeature *s = &f->strings.at[i];
        CHECK(s->off < size && s->length <= MAX_STRING_BYTES && strlen(s->text) == s->length);
        CHECK(utf8_is_valid(s->text, s->length));
        CHECK(s->first_ref + s->ref_count <= f->string_refs.count);
        CHECK(i == 0 || f->strings.at[i - 1].off <= s->off);
    }
    for (size_t i = 0; i < f->traits.count; i++)
        CHECK(utf8_is_valid(f->traits.at[i].value, strlen(f->traits.at[i].value)));
    for (size_t i = 0; i < f->indicators.count; i++)
        CHECK(f->indicators.at[i].value[0] != 0);
}

static void limit(Features *f) {
    f->imports.max = f->sections.max = 1024;
    f->strings.max = MAX_STRINGS;
    f->string_refs.max = MAX_XREFS;
    f->traits.max = MAX_TRAITS;
    f->indicators.max = MAX_INDICATORS;
}

static void run_file(Sample *s, Features *f, bool raw) {
    ImageHint hint = {.force_raw = raw, .arch = ARCH_X86};
    Image *image = image_from_sample(s, &hint);
    /* Code from the bytes themselves: references to anywhere, blocks over anything. */
    Code *code = ARENA_NEW(s->arena, Code);
    code->refs.max = code->blocks.max = 256;
    uint64_t base = image->base, va = base;
    for (size_t i = 0; i + 2 < s->bytes.size && code->refs.count < 200; i += 37) {
        va += s->bytes.at[i];
        DataRef *ref = VEC_ADD(s->arena, &code->refs);
        *ref = (DataRef){.from_va = base + i, .to_va = va, .function = s->bytes.at[i + 1]};
        if (s->bytes.at[i + 2] % 8 == 0) {
            Block *block = VEC_ADD(s->arena, &code->blocks);
            *block = (Block){.va = va, .size = s->bytes.at[i + 1]};
        }
    }
    extract_image(s, image, code, f);
    extract_strings(s, image, code, f);
    extract_traits(s, image, code, f);
    extract_indicators(s, image, code, f);
}

static void run_certificate(Sample *s, Features *f) {
    PeInfo pe = {.certificate_size = s->bytes.size};
    Image image = {.format = FORMAT_PE, .pe = &pe};
    Code code = {0};
    Traits t = {s, &image, &code, f};
    traits_from_certificate(&t);
}

static void run_texts(Sample *s, Features *f) {
    static const Image image;
    static const Code code;
    for (size_t i = 0; i < s->bytes.size;) {
        size_t n = strnlen((const char *)s->bytes.at + i, s->bytes.size - i);
        char *text = arena_text(s->arena, (Bytes){s->bytes.at + i, n});
        if (n > 0 && n <= MAX_STRING_BYTES && utf8_is_valid(text, n)) {
            StringFeature *string = VEC_ADD(s->arena, &f->strings);
            *string = (StringFeature){.off = i, .text = text, .length = (uint32_t)n};
        }
        i += n + 1;
    }
    extract_indicators(s, &image, &code, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    Sample s = {.bytes = {data + 1, size - 1}, .name = "fuzz"};
    s.arena = arena_new((size_t)256 << 20);
    s.scratch = arena_new((size_t)256 << 20);
    jmp_buf escape;
    if (setjmp(escape) == 0) {
        arena_set_escape(s.arena, &escape);
        arena_set_escape(s.scratch, &escape);
        Features *f = ARENA_NEW(s.arena, Features);
        limit(f);
        switch (data[0] % 4) {
        case 0:
            run_file(&s, f, false);
            break;
        case 1:
            run_file(&s, f, true);
            break;
        case 2:
            run_certificate(&s, f);
            break;
        default:
            run_texts(&s, f);
            break;
        }
        check_features(f, s.bytes.size);
        char tlsh[TLSH_TEXT_BYTES], ssdeep[SSDEEP_TEXT_BYTES];
        if (tlsh_from_bytes(s.bytes, tlsh))
            CHECK(tlsh_distance(tlsh, tlsh) == 0);
        ssdeep_from_bytes(s.bytes, ssdeep);
        CHECK(ssdeep_compare(ssdeep, ssdeep) == 100);
        char text[512];
        size_t n = s.bytes.size < sizeof text - 1 ? s.bytes.size : sizeof text - 1;
        memcpy(text, s.bytes.at, n);
        text[n] = 0;
        (void)ssdeep_compare(text, ssdeep);
        (void)tlsh_distance(text, text);
    }
    arena_free(s.arena);
    arena_free(s.scratch);
    return 0;
}
