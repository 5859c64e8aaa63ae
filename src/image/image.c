/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

Image *image_from_sample(Sample *s, const ImageHint *hint) {
    (void)hint;
    return ARENA_NEW(s->arena, Image);
}
