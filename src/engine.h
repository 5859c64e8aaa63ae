/* SPDX-License-Identifier: Apache-2.0
 * engine.h: the whole line from bytes to features, for one file or every member of an archive. */
#ifndef COG_ENGINE_H
#define COG_ENGINE_H

#include "feature/effect_lines.h"
#include "feature/feature.h"
#include "image/image.h"

typedef struct EngineOptions {
    uint64_t max_bytes;  /* of one sample's memory */
    uint64_t timeout_ms; /* 0 = none */
    ImageHint hint;
    bool no_archives;
    Helpers *helpers;  /* borrowed; NULL: the caller's thread does all */
    bool want_effects; /* EngineResult.effects */
} EngineOptions;

/* One finished sample. features is NULL when it failed: then stage and reason say where and why.
 * Valid during the call only. */
typedef struct EngineResult {
    const char *path; /* file name; members as "archive.zip!member" */
    const Features *features;
    const EffectLines *effects; /* NULL: not asked for */
    const char *stage, *reason;
    uint8_t sha256[32];
} EngineResult;

/* Return false to stop. */
typedef bool (*EngineEmit)(void *ctx, const EngineResult *result);

void engine_run(const EngineOptions *options, const char *path, Bytes bytes, EngineEmit emit,
                void *ctx);

#endif
