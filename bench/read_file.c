/* SPDX-License-Identifier: Apache-2.0 */
#include "read_file.h"

#include <stdio.h>

bool read_file(const char *path, Text *out) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char block[1 << 14];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
        text_add_bytes(out, block, n);
    fclose(f);
    return !out->full;
}
