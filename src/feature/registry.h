/* SPDX-License-Identifier: Apache-2.0
 * registry.h: the one table of extractors. An extractor adds to Features what it sees in the image
 * and the code. */
#ifndef COG_FEATURE_REGISTRY_H
#define COG_FEATURE_REGISTRY_H

#include "code/code.h"
#include "feature/feature.h"

typedef struct Extractor {
    const char *name;
    uint32_t version;
    bool runs_code;
    void (*extract)(Sample *s, const Image *image, const Code *code, Features *out);
    /* NULL, or adds what helpers have found meanwhile; all rows have extracted before. */
    void (*finish)(Sample *s, Features *out);
} Extractor;

extern const Extractor EXTRACTORS[];
extern const size_t EXTRACTOR_COUNT;

/* Runs all extractors in table order, then finishes them in table order. */
Features *features_from_code(Sample *s, const Image *image, const Code *code);

#endif
