/* SPDX-License-Identifier: Apache-2.0
 * calibrate.h: from measures to a probability. The weights come from tools/calibrate.py on the
 * tuning part of the labelled set, the reliability table of the held-out part is in
 * docs/evidence/verdict.md. */
#ifndef COG_JUDGE_CALIBRATE_H
#define COG_JUDGE_CALIBRATE_H

#include "judge/verdict.h"

/* Probability that the sample is of the first family's code lineage. */
double probability_from_measures(const Measures *m);
/* From here on the decision is lineage; below it is unknown. */
double decision_threshold(void);

#endif
