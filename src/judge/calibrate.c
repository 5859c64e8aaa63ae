/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/calibrate.h"

#include <math.h>

#include "judge/calibrate_table.h"

/* Functions that only the family has (guess: one may be chance, a graft, or an unknown library's).
 */
enum { MIN_DISTINCTIVE = 3 };
/* ... unless they are most of what there is (guess). */
static const double MIN_SHARE_OF_FEW = 0.5;

double probability_from_measures(const Measures *m) {
    double both = sqrt(fmax(0.0, m->code_share * m->reverse_share));
    double x[CALIBRATE_INPUTS] = {
        1.0,
        log2(1.0 + m->code_weight),
        m->code_share,
        m->reverse_share,
        both,
        log2(1.0 + fmin(m->token_weight, CALIBRATE_TOKEN_CAP)),
        m->margin,
        log2(1.0 + m->exact),
        log2(1.0 + m->distinctive),
    };
    double z = 0;
    for (int i = 0; i < CALIBRATE_INPUTS; i++)
        z += CALIBRATE_WEIGHTS[i] * x[i];
    double p = 1.0 / (1.0 + exp(-z));
    /* Without code of its own, likeness in strings and headers is no lineage: they are copied by
     * hand. */
    if (m->distinctive < MIN_DISTINCTIVE && m->code_share < MIN_SHARE_OF_FEW)
        p = fmin(p, 0.4);
    /* ICD 203 ends at 1 and 99 per cent: nothing here is certain. */
    return fmin(fmax(p, 0.01), 0.99);
}

double decision_threshold(void) { return CALIBRATE_THRESHOLD; }
