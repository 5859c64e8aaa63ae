/* SPDX-License-Identifier: Apache-2.0
 * fuzz_image.h: reads one input as an image and checks what must hold for any. */
#ifndef COG_FUZZ_IMAGE_H
#define COG_FUZZ_IMAGE_H

#include <stdlib.h>
#include <string.h>

#include "../unit/image/image_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An arena that is full ends the run as in the engine: by a jump, not by a crash. */
static inline void fuzz_sample(const uint8_t *data, size_t size, void (*run)(Sample *s)) {
    Sample s = {.bytes = {data, size}};
    s.arena = arena_new((size_t)512 << 20);
    s.scratch = arena_new((size_t)512 << 20);
    jmp_buf full;
    if (!s.arena || !s.scratch)
        abort();
    if (setjmp(full) == 0) {
        arena_set_escape(s.arena, &full);
        arena_set_escape(s.scratch, &full);
        run(&s);
    }
    arena_free(s.arena);
    arena_free(s.scratch);
}

static inline void fuzz_image_of(Sample *s) { check_image(image_from_sample(s, NULL), s->bytes); }

static inline void fuzz_image(const uint8_t *data, size_t size) {
    fuzz_sample(data, size, fuzz_image_of);
}

#endif
