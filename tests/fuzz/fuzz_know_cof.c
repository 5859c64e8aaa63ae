/* SPDX-License-Identifier: Apache-2.0
 * fuzz_know_cof.c: passive DNS; the pairs of its claims can be read back. */
#include "fuzz_know.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_import("d.jsonl", data, size);
    return 0;
}
