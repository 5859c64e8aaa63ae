/* SPDX-License-Identifier: Apache-2.0
 * f_routine.c: routines that transform data, as found by unwrap/. */
#include "feature/extractors.h"

void extract_routines(Sample *s, const Image *image, const Code *code, Features *out) {
    (void)s;
    (void)image;
    (void)code;
    (void)out;
}
