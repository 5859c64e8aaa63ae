/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/file_digests.h"

static void make(const Sample *s) {
    tlsh_from_bytes(s->bytes, s->digests->tlsh);
    ssdeep_from_bytes(s->bytes, s->digests->ssdeep);
}

static void run(void *ctx, size_t number) {
    if (number == 1)
        make(ctx);
}

void file_digests_start(Sample *s) {
    if (helpers_count(s->helpers) == 0)
        return;
    s->digests = ARENA_NEW(s->arena, FileDigests);
    helpers_start(s->helpers, run, s);
}

const FileDigests *file_digests_of(Sample *s) {
    if (!s->digests) {
        s->digests = ARENA_NEW(s->arena, FileDigests);
        make(s);
    }
    return s->digests;
}
