/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <endian.h>
#include <string.h>

#include "image/build.h"

Image *image_from_sample(Sample *s, const ImageHint *hint) {
    if (s->bytes.size == 0) {
        notes_add(&s->notes, NOTE_EMPTY_FILE, 0);
        return image_from_raw(s, hint);
    }
    if (hint && hint->force_raw)
        return image_from_raw(s, hint);
    if (pe_is_pe(s->bytes))
        return image_from_pe(s);
    if (elf_is_elf(s->bytes))
        return image_from_elf(s);
    notes_add(&s->notes, NOTE_RAW, 0);
    return image_from_raw(s, hint);
}

const Segment *image_find_segment(const Image *image, uint64_t va) {
    size_t low = 0, count = image->segments.count;
    const Segment *at = image->segments.at;
    if (count == 0)
        return NULL;
    while (count >
           1) { /* the last segment that starts at or before va; compiles without branches */
        size_t half = count / 2;
        low = at[low + half].va <= va ? low + half : low;
        count -= half;
    }
    return va - at[low].va < at[low].va_size ? &at[low] : NULL;
}

Bytes image_bytes_at(const Image *image, uint64_t va) {
    const Segment *seg = image_find_segment(image, va);
    if (!seg || va - seg->va >= seg->file.size)
        return (Bytes){0};
    size_t skip = (size_t)(va - seg->va);
    return (Bytes){seg->file.at + skip, seg->file.size - skip};
}

uint64_t image_off_at(const Image *image, uint64_t va) {
    const Segment *seg = image_find_segment(image, va);
    if (!seg || va - seg->va >= seg->file.size)
        return UINT64_MAX;
    return seg->off + (va - seg->va);
}

uint64_t image_va_at(const Image *image, uint64_t off) {
    size_t low = 0, count = image->places.count;
    const FilePlace *at = image->places.at;
    if (count == 0)
        return UINT64_MAX;
    while (count > 1) {
        size_t half = count / 2;
        low = at[low + half].off <= off ? low + half : low;
        count -= half;
    }
    return off - at[low].off < at[low].size ? at[low].va + (off - at[low].off) : UINT64_MAX;
}

bool image_is_code(const Image *image, uint64_t va) {
    const Segment *seg = image_find_segment(image, va);
    return seg && (seg->perms & PERM_X) && va - seg->va < seg->file.size;
}

uint64_t image_word_at(const Image *image, uint64_t va) {
    Bytes b = image_bytes_at(image, va);
    /* Asked for millions of words: one load instead of a loop over bytes. */
    if (image->bits == 64) {
        uint64_t word = 0;
        if (b.size >= sizeof word)
            memcpy(&word, b.at, sizeof word);
        return image->big_endian ? be64toh(word) : le64toh(word);
    }
    uint32_t word = 0;
    if (b.size >= sizeof word)
        memcpy(&word, b.at, sizeof word);
    return image->big_endian ? be32toh(word) : le32toh(word);
}

const char *arch_name(Arch arch) {
    switch (arch) {
    case ARCH_X86:
        return "x86";
    case ARCH_X64:
        return "x86-64";
    case ARCH_ARM:
        return "arm";
    case ARCH_ARM64:
        return "aarch64";
    case ARCH_MIPS:
        return "mips";
    case ARCH_PPC:
        return "powerpc";
    case ARCH_RISCV:
        return "riscv";
    case ARCH_OTHER:
        return "other";
    case ARCH_NONE:
        break;
    }
    return "unknown";
}

const char *format_name(Format f) {
    switch (f) {
    case FORMAT_RAW:
        return "raw";
    case FORMAT_PE:
        return "pe";
    case FORMAT_ELF:
        return "elf";
    case FORMAT_NONE:
        break;
    }
    return "none";
}
