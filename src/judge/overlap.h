/* SPDX-License-Identifier: Apache-2.0
 * overlap.h: infrastructure and other listed values that a sample shares with samples of the store
 * and with what others report, as evidence that points to whoever these stand for. It tells who
 * used a sample (operators.h), and moves no probability of lineage. Weights: docs/evidence/
 * infrastructure.md. */
#ifndef COG_JUDGE_OVERLAP_H
#define COG_JUDGE_OVERLAP_H

#include "judge/verdict.h"

/* Adds the weightiest items to v->evidence, and says of those that are there since when they are
 * public. */
Status overlap_add(Verdict *v, const VerdictCase *c, Arena *a, Error *err);

/* Is the string an address, domain or URL that the extractor took for an indicator? */
bool overlap_is_indicator(const Features *f, const StringFeature *s);

#endif
