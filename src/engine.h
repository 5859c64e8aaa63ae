/* SPDX-License-Identifier: Apache-2.0
 * engine.h: the whole line from bytes to features, for one file or every member of an archive. */
#ifndef COG_ENGINE_H
#define COG_ENGINE_H

#include "feature/code_window.h"
#include "feature/effect_lines.h"
#include "feature/feature.h"
#include "image/image.h"
#include "report/yara_scan.h"

typedef struct EngineOptions {
    uint64_t max_bytes;  /* of one sample's memory */
    uint64_t timeout_ms; /* 0 = none */
    ImageHint hint;
    bool no_archives;
    bool no_emulation; /* code is not run: no routines, no hidden strings */
    Helpers *helpers;  /* borrowed; NULL: the caller's thread does all */
    bool want_effects; /* EngineResult.effects */
    bool want_windows; /* EngineResult.windows */
    /* Not NULL: nothing is analysed; EngineResult.hits says which rules hit. Borrowed. */
    const YaraScanner *scanner;
} EngineOptions;

/* One finished sample. stage and reason say where and why it failed; NULL: it did not.
 * Valid during the call only. */
typedef struct EngineResult {
    const char *path; /* file name; members as "archive.zip!member" */
    const Features *features;
    const EffectLines *effects; /* NULL: not asked for */
    const CodeWindows *windows; /* likewise */
    const Text *hits;           /* of the scanner, which then is all there is */
    const char *stage, *reason;
    uint8_t sha256[32];
} EngineResult;

/* Return false to stop. */
typedef bool (*EngineEmit)(void *ctx, const EngineResult *result);

void engine_run(const EngineOptions *options, const char *path, Bytes bytes, EngineEmit emit,
                void *ctx);

#endif
