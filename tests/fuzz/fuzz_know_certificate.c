/* SPDX-License-Identifier: Apache-2.0
 * fuzz_know_certificate.c: certificates in PEM and DER. */
#include "fuzz_know.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_import("c.pem", data, size);
    return 0;
}
