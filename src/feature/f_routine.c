/* SPDX-License-Identifier: Apache-2.0
 * f_routine.c: routines that transform data, as found by unwrap/. */
#include "feature/extractors.h"
#include "unwrap/find.h"

void extract_routines(Sample *s, const Image *image, const Code *code, Features *out) {
    routines_from_code(s, image, code, &out->routines, &out->parameters);
}
