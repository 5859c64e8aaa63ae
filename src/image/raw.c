/* SPDX-License-Identifier: Apache-2.0
 * raw.c: bytes without a header we know. */
#include "image/build.h"

Image *image_from_raw(Sample *s, const ImageHint *hint) {
    Image *image = image_new(s, FORMAT_RAW);
    Arch arch = hint ? hint->arch : ARCH_NONE;
    image->arch = arch;
    image->bits = arch == ARCH_NONE ? 0 : arch == ARCH_X64 || arch == ARCH_ARM64 ? 64 : 32;
    image->base = hint ? hint->base : 0;
    image->is_position_independent = true;
    uint8_t perms = arch == ARCH_NONE ? PERM_R : PERM_R | PERM_W | PERM_X;
    Segment all = {.va = image->base, .va_size = s->bytes.size, .file = s->bytes, .perms = perms};
    image_add_segment(s, image, all);
    image_settle_segments(s, image);
    if (arch != ARCH_NONE && s->bytes.size > 0) {
        image->has_entry = true;
        image->entry = image->base;
        image_settle_entry(s, image);
    }
    return image;
}
