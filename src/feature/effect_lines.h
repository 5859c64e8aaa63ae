/* SPDX-License-Identifier: Apache-2.0
 * effect_lines.h: what functions do, one line of text per effect (value/show.h), for a reader who
 * compares two of them. Not a feature: nothing is learned from it, and it is made only when asked
 * for. Travels beside the feature pack (docs/formats/exchange.md). Limits: MAX_EFFECT_LINES of a
 * sample, MAX_EFFECT_TEXT bytes of a line. */
#ifndef COG_FEATURE_EFFECT_LINES_H
#define COG_FEATURE_EFFECT_LINES_H

#include "base/text.h"
#include "code/code.h"

enum {
    /* 40 bytes each: 80 MB; a 10 MB program has about 10^6 effects. */
    MAX_EFFECT_LINES = 2000000,
    MAX_EFFECT_TEXT = 1024
};

typedef struct EffectLine {
    uint32_t function; /* index */
    uint64_t va;       /* of the instruction */
    const char *text;  /* NUL-terminated */
} EffectLine;

typedef struct EffectLines {
    VEC(EffectLine) lines; /* by function */
    bool is_cut;           /* a limit was hit */
} EffectLines;

/* Empty when the processor is not lifted. In the sample's arena. */
EffectLines *effect_lines_from_code(Sample *s, const Image *image, const Code *code);
void effect_lines_write(const EffectLines *e, Text *out);
/* False: the bytes do not check out; *out is then worth nothing. Texts are copied. */
bool effect_lines_from_bytes(Arena *a, Bytes bytes, EffectLines *out);
/* The lines of one function. */
size_t effect_lines_find(const EffectLines *e, uint32_t function, const EffectLine **out);

#endif
