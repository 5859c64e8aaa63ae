/* SPDX-License-Identifier: Apache-2.0
 * overlap.h: what others know of the indicators in a sample, as evidence of a verdict. It names who
 * lists them and what these stand for; it moves no probability (the tables of calibrate.h were
 * fitted without it). Weights: docs/evidence/infrastructure.md. */
#ifndef COG_JUDGE_OVERLAP_H
#define COG_JUDGE_OVERLAP_H

#include "judge/verdict.h"
#include "store/know_store.h"

/* Adds the weightiest items to v->evidence. Nothing when the store knows nothing. */
Status overlap_add(Verdict *v, const Features *query, const KnowView *know, Arena *a, Error *err);

#endif
