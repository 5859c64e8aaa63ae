/* SPDX-License-Identifier: Apache-2.0
 * evidence.h: what it says about a common lineage that a function of the query has, or has not, a
 * partner of some likeness in a reference: log-likelihood ratios measured on labelled families
 * (evidence_table.h, made by tools/calibrate.py; docs/evidence/verdict.md). Likeness of small
 * functions says less than the same likeness of big ones. */
#ifndef COG_MATCH_EVIDENCE_H
#define COG_MATCH_EVIDENCE_H

#include "match/match.h"

enum {
    EVIDENCE_KINDS = 4, /* by how many families have the function: 0, 1, 2, more */
    EVIDENCE_SIZES = 6, /* instructions: below 20, 40, 80, 160, 320, more */
    EVIDENCE_BINS = 10  /* no partner; score below .35, .45, ... .95, more; exact */
};

/* Index of a function's cell: (kind * EVIDENCE_SIZES + size) * EVIDENCE_BINS + bin. p: its pair, or
 * NULL. */
unsigned evidence_cell(const FunctionFeature *f, const FunctionInfo *info, const FunctionPair *p);
/* Natural logarithm of P(cell | one lineage) / P(cell | none). */
float evidence_log_ratio(unsigned cell);
/* Neither small nor public: it takes part. */
bool evidence_has_part(const FunctionInfo *info);

#endif
