/* SPDX-License-Identifier: Apache-2.0
 * fuzz_know_list.c: CSV and text lists. */
#include "fuzz_know.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_import("l.txt", data, size);
    return 0;
}
