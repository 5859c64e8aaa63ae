/* SPDX-License-Identifier: Apache-2.0
 * code_window.h: short runs of a sample's code bytes with a mask over what is an address, as rules
 * for scanners search them (docs/formats/yara.md). Not a feature: nothing is learned from them, and
 * they are made only when asked for. Travel beside the feature pack (docs/formats/exchange.md).
 * In: image and code. Out: windows by function, in the sample's arena. Limits: below. */
#ifndef COG_FEATURE_CODE_WINDOW_H
#define COG_FEATURE_CODE_WINDOW_H

#include "base/text.h"
#include "code/code.h"

enum {
    WINDOW_BYTES = 96, /* the longest run kept */
    /* Bytes of a window that are no address. Prologues of compilers fill 24 of them alone; a rule
     * asks for several windows (guess; what comes of it is measured by bench/yara.py). */
    WINDOW_FIXED = 32,
    /* YARA looks for four bytes in a row first. */
    WINDOW_ATOM = 4,
    WINDOWS_PER_FUNCTION = 12, /* large functions shall not crowd out the others (guess) */
    MAX_WINDOWS = 1 << 17      /* of a sample: at most 13 MB */
};

typedef struct CodeWindow {
    uint32_t function; /* index */
    uint64_t va;
    uint32_t size;
    const uint8_t *at;       /* masked bytes are 0 */
    const uint8_t *is_fixed; /* 1 for a byte that is compared, 0 for one that is masked */
} CodeWindow;

typedef struct CodeWindows {
    VEC(CodeWindow) windows; /* by function, then as the code lies */
} CodeWindows;

/* Empty when the processor has no decoder. */
CodeWindows *code_windows_from_code(Sample *s, const Image *image, const Code *code);
void code_windows_write(const CodeWindows *w, Text *out);
/* False: the bytes do not check out; *out is then worth nothing. Bytes are borrowed. */
bool code_windows_from_bytes(Arena *a, Bytes bytes, CodeWindows *out);

#endif
