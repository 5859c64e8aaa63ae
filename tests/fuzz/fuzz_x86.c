/* SPDX-License-Identifier: Apache-2.0
 * fuzz_x86.c: fuzz_code.h on x86; bit 0 of the first byte: 64 bits. */
#include "fuzz_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_code(data, size, size > 0 && data[0] & 1 ? ARCH_X64 : ARCH_X86);
    return 0;
}
