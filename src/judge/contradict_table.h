/* SPDX-License-Identifier: Apache-2.0
 * contradict_table.h: how often real and forged files have each contradiction. Real: PE and ELF
 * files of the corpus, goodware and library pack (bench_contradict). Forged: files made by
 * bench/forge.py from the tuning families. Where nothing was forged, the second pair is a guess (1
 * of 2). log10_cap keeps measurements of harmless programs from saying more about malware than they
 * can: a packer or a builder that blanks headers is no false flag (guess). */
#ifndef COG_JUDGE_CONTRADICT_TABLE_H
#define COG_JUDGE_CONTRADICT_TABLE_H

#include "judge/verdict.h"

typedef struct ContradictionRate {
    double real, real_of, forged, forged_of;
    double log10_cap;
} ContradictionRate;

static const ContradictionRate CONTRADICTION_RATES[CONTRADICTION_KIND_COUNT] = {
    [CONTRADICTION_RICH_CHECKSUM] = {0, 766, 1, 2, 1.0},
    [CONTRADICTION_RICH_LINKER] = {0, 766, 64, 66, 2.0},
    [CONTRADICTION_RICH_CODE] = {0, 766, 34, 66, 2.0},
    [CONTRADICTION_TIME_TOOL] = {0, 787, 12, 66, 1.0},
    [CONTRADICTION_TIME_PARTS] = {0, 787, 62, 66, 1.0},
    [CONTRADICTION_TIME_FIRST_SEEN] = {0, 787, 1, 2, 1.0},
    [CONTRADICTION_TIME_FUTURE] = {1, 787, 1, 2, 1.0},
    [CONTRADICTION_BUILD_PATH] = {1, 354, 2, 14, 1.0},
    [CONTRADICTION_IDLE_STRINGS] = {0, 47, 23, 66, 2.0},
    [CONTRADICTION_EASY_ONLY] = {0, 47, 20, 73, 2.0},
    [CONTRADICTION_SPLIT] = {1, 47, 22, 73, 2.0},
    [CONTRADICTION_TRANSPLANT] = {1, 47, 13, 23, 1.5},
};

#endif
