/* SPDX-License-Identifier: Apache-2.0 */
#include "code/code.h"

Code *code_from_image(Sample *s, const Image *image) {
    (void)image;
    return ARENA_NEW(s->arena, Code);
}
