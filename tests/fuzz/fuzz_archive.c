/* SPDX-License-Identifier: Apache-2.0
 * Reads every member of an archive. Leaks and overflows in libarchive show here as well as ours. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "image/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool visit(void *ctx, const char *member, Bytes bytes, const char *reason) {
    size_t *total = ctx;
    CHECK(member && strlen(member) < 1 << 20);
    CHECK(!reason || bytes.size == 0);
    for (size_t i = 0; i < bytes.size; i += 4096)
        *total += bytes.at[i];
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Bytes bytes = {data, size};
    if (!archive_is_archive(bytes))
        return 0;
    archive_init();
    /* A second is plenty for what a fuzzer writes. */
    Sample s = {.bytes = bytes, .deadline_ms = clock_now_ms() + 1000};
    size_t total = 0;
    archive_visit(&s, visit, &total);
    return total == SIZE_MAX;
}
