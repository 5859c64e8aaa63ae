/* SPDX-License-Identifier: Apache-2.0
 * fuzz_arm.c: fuzz_code.h on A32 and Thumb (bit 0). */
#include "fuzz_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_code(data, size, ARCH_ARM);
    return 0;
}
