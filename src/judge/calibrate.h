/* SPDX-License-Identifier: Apache-2.0
 * calibrate.h: from measures to a probability. The weights come from tools/calibrate.py on the
 * tuning part of the labelled set; none is negative, so more evidence never says less. The
 * reliability table of the held-out part is in docs/evidence/verdict.md. */
#ifndef COG_JUDGE_CALIBRATE_H
#define COG_JUDGE_CALIBRATE_H

#include "judge/verdict.h"

/* What is shared with one reference; without score, lead and margin. */
Measures measures_from_match(const MatchReport *report, const SampleMatch *m);
/* The same as it speaks against another family: what may be planted keeps nobody's rival small. */
Measures measures_of_rival(const MatchReport *report, const SampleMatch *m);
/* Log-odds that a family is the right one, by what is shared with its reference alone. */
double score_from_measures(const Measures *m);
/* Of the lead over a second family that does not exist. */
double lead_without_rival(void);
/* Probability that the sample is of the first family's code lineage: by its score and lead. */
double probability_from_measures(const Measures *m);
/* From this probability on the decision is lineage; below it is unknown. */
double decision_threshold(const Measures *m);

#endif
