/* SPDX-License-Identifier: Apache-2.0
 * fuzz_unpack.c: any file as a packed program. It ends, says how, and what it makes is a file of
 * the same format that the reader takes. */
#include "fuzz_image.h"

#include "base/check.h"
#include "unwrap/unpack.h"

static void unpack_any(Sample *s) {
    const Image *image = image_from_sample(s, NULL);
    Unpacked *u = unpack_open(s, image, code_from_image(s, image), true);
    CHECK(u);
    CHECK((u->end == UNPACK_DONE) == (u->file.size > 0));
    Sample inner = *s;
    inner.bytes = u->file;
    if (u->file.size) {
        const Image *made = image_from_sample(&inner, NULL);
        CHECK(made->format == image->format);
        check_image(made, inner.bytes);
    }
    unpack_close(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Sample s = {.bytes = {data, size}};
    s.arena = arena_new((size_t)512 << 20);
    s.scratch = arena_new((size_t)512 << 20);
    jmp_buf full;
    if (!s.arena || !s.scratch)
        abort();
    if (setjmp(full) == 0) {
        arena_set_escape(s.arena, &full);
        arena_set_escape(s.scratch, &full);
        unpack_any(&s);
    }
    arena_free(s.arena);
    arena_free(s.scratch);
    return 0;
}
