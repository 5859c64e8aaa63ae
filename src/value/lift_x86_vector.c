/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_vector.c: x87, MMX, SSE and AVX. */
#include "value/lift_x86.h"

bool lift_x86_vector(X86 *x) {
    (void)x;
    return false;
}
