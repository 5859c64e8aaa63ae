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
    fuzz_sample(data, size, unpack_any);
    return 0;
}
