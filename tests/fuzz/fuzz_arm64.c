/* SPDX-License-Identifier: Apache-2.0
 * fuzz_arm64.c: fuzz_code.h on A64. */
#include "fuzz_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_code(data, size, ARCH_ARM64);
    return 0;
}
