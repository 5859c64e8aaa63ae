/* SPDX-License-Identifier: Apache-2.0
 * sample_file.h: one sample, made anew for each test, and room for its file. */
#ifndef COG_UNIT_SAMPLE_FILE_H
#define COG_UNIT_SAMPLE_FILE_H

#include <string.h>

#include "base/sample.h"

static Sample sample;
static uint8_t file[0x3000];

static int start(void **state) {
    (void)state;
    sample = (Sample){.bytes = {file, sizeof file}, .name = "test"};
    sample.arena = arena_new((size_t)256 << 20);
    sample.scratch = arena_new((size_t)256 << 20);
    memset(file, 0, sizeof file);
    return !sample.arena || !sample.scratch;
}

static int stop(void **state) {
    (void)state;
    arena_free(sample.arena);
    arena_free(sample.scratch);
    return 0;
}

#endif
