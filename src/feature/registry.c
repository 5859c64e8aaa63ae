/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/registry.h"

Features *features_from_code(Sample *s, const Image *image, const Code *code) {
    (void)image;
    (void)code;
    return ARENA_NEW(s->arena, Features);
}
