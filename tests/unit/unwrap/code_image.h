/* SPDX-License-Identifier: Apache-2.0
 * code_image.h: an x86-64 image around code that a test has put into sample_file.h's file. */
#ifndef COG_UNIT_CODE_IMAGE_H
#define COG_UNIT_CODE_IMAGE_H

#include "image/image.h"
#include "unwrap/sample_file.h"

enum { CODE = 0x401000, CODE_AT = 0x1000 /* in the file */ };

/* One segment of code, `size` bytes; room for one more. */
static Image *image_of_code(size_t size) {
    Image *image = ARENA_NEW(sample.arena, Image);
    image->arch = ARCH_X64;
    image->bits = 64;
    image->format = FORMAT_ELF;
    image->base = 0x400000;
    image->entry = CODE;
    image->has_entry = true;
    image->segments.max = 2;
    *VEC_ADD(sample.arena, &image->segments) = (Segment){.va = CODE,
                                                         .va_size = size,
                                                         .off = CODE_AT,
                                                         .file = {file + CODE_AT, size},
                                                         .perms = PERM_R | PERM_X};
    return image;
}

#endif
