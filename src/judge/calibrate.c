/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/calibrate.h"

#include <math.h>

#include "judge/calibrate_table.h"

double probability_from_measures(const Measures *m) {
    double x[CALIBRATE_INPUTS] = {
        1.0,
        log2(1.0 + m->code_weight),
        m->code_share,
        m->reverse_share,
        fmin(m->token_weight, CALIBRATE_TOKEN_CAP),
        m->margin,
    };
    double z = 0;
    for (int i = 0; i < CALIBRATE_INPUTS; i++)
        z += CALIBRATE_WEIGHTS[i] * x[i];
    double p = 1.0 / (1.0 + exp(-z));
    /* ICD 203 ends at 1 and 99 per cent: nothing here is certain. */
    return fmin(fmax(p, 0.01), 0.99);
}

double decision_threshold(void) { return CALIBRATE_THRESHOLD; }
