/* SPDX-License-Identifier: Apache-2.0
 * image_check.h: what holds for every Image, whatever bytes it was made from. Used by the unit
 * tests on damaged files and by the fuzz targets. */
#ifndef COG_TEST_IMAGE_CHECK_H
#define COG_TEST_IMAGE_CHECK_H

#include <string.h>

#include "base/check.h"
#include "image/image.h"

static inline void check_segments(const Image *image, Bytes file) {
    uint64_t end = 0;
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *s = &image->segments.at[i];
        CHECK(s->va_size > 0 && (i == 0 || s->va >= end) && s->va + s->va_size > s->va);
        CHECK(s->file.size <= s->va_size);
        CHECK(s->file.size == 0 || (s->off <= file.size && s->file.at == file.at + s->off &&
                                    s->file.size <= file.size - s->off));
        CHECK(image_find_segment(image, s->va) == s);
        CHECK(image_find_segment(image, s->va + s->va_size - 1) == s);
        CHECK(image_bytes_at(image, s->va).size == s->file.size);
        if (s->file.size) {
            uint64_t last = s->off + s->file.size - 1;
            uint64_t va = image_va_at(image, last);
            CHECK(va != UINT64_MAX && image_off_at(image, va) == last);
            CHECK(image_off_at(image, s->va) == s->off);
        }
        (void)image_word_at(image, s->va + s->va_size - 1);
        end = s->va + s->va_size;
    }
    (void)image_find_segment(image, 0);
    (void)image_va_at(image, UINT64_MAX);
}

static inline void check_text(const char *text) { CHECK(text && strlen(text) < SIZE_MAX / 2); }

static inline void check_names(const Image *image) {
    for (size_t i = 0; i < image->sections.count; i++) {
        check_text(image->sections.at[i].name);
        CHECK(image->sections.at[i].entropy >= 0 && image->sections.at[i].entropy <= 8.001);
    }
    for (size_t i = 0; i < image->imports.count; i++) {
        check_text(image->imports.at[i].module);
        check_text(image->imports.at[i].name);
    }
    for (size_t i = 0; i < image->exports.count; i++)
        check_text(image->exports.at[i].name);
    for (size_t i = 0; i < image->symbols.count; i++)
        check_text(image->symbols.at[i].name);
}

static inline void check_lists(const Image *image) {
    for (size_t i = 0; i < image->ranges.count; i++) {
        CHECK(i == 0 || image->ranges.at[i - 1].va < image->ranges.at[i].va);
        CHECK(image->ranges.at[i].size > 0);
    }
    for (size_t i = 1; i < image->relocs.count; i++)
        CHECK(image->relocs.at[i - 1].va < image->relocs.at[i].va);
    for (size_t i = 0; i < image->starts.count; i++)
        CHECK(image_find_segment(image, image->starts.at[i].va));
    CHECK(!image->has_entry || image_find_segment(image, image->entry));
}

static inline void check_image(const Image *image, Bytes file) {
    CHECK(image->format != FORMAT_NONE);
    CHECK((image->pe != NULL) == (image->format == FORMAT_PE));
    CHECK((image->elf != NULL) == (image->format == FORMAT_ELF));
    check_segments(image, file);
    check_names(image);
    check_lists(image);
    CHECK(image->overlay_off <= file.size && image->overlay_size <= file.size - image->overlay_off);
    for (size_t i = 0; image->pe && i < image->pe->resources.count; i++) {
        const Resource *r = &image->pe->resources.at[i];
        CHECK(r->size == 0 || (r->off <= file.size && r->size <= file.size - r->off));
    }
    for (size_t i = 0; image->pe && i < image->pe->version.count; i++) {
        check_text(image->pe->version.at[i].key);
        check_text(image->pe->version.at[i].value);
    }
    for (size_t i = 0; image->elf && i < image->elf->needed.count; i++)
        check_text(image->elf->needed.at[i]);
}

#endif
