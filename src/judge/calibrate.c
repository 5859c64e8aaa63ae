/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/calibrate.h"

#include <math.h>

#include "judge/calibrate_table.h"

/* Functions that only the family has (guess: one may be chance, a graft, or an unknown library's).
 */
enum { MIN_DISTINCTIVE = 3 };
/* ... unless they are most of what there is (guess). */
static const double MIN_SHARE_OF_FEW = 0.5;

static double weighted_sum(const double *weights, const double *inputs, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i] * inputs[i];
    return sum;
}

Measures measures_from_match(const SampleMatch *m) {
    return (Measures){.code_weight = m->code_weight,
                      .code_share = m->code_share,
                      .reverse_share = m->reverse_share,
                      .likelihood = m->likelihood,
                      .token_weight = m->token_weight,
                      .token_share = m->token_share,
                      .exact = m->exact_pairs,
                      .similar = m->similar_pairs,
                      .distinctive = m->distinctive_pairs};
}

double score_from_measures(const Measures *m) {
    const double x[] = {1.0,
                        m->likelihood,
                        m->reverse_share,
                        log2(1.0 + fmin(m->token_weight, CALIBRATE_TOKEN_CAP)),
                        m->token_share,
                        log2(1.0 + m->distinctive),
                        log2(1.0 + m->exact)};
    _Static_assert(sizeof x == sizeof CALIBRATE_PARTY, "an input for each weight");
    return weighted_sum(CALIBRATE_PARTY, x, sizeof x / sizeof *x);
}

double lead_without_rival(void) { return CALIBRATE_MAX_LEAD; }

double probability_from_measures(const Measures *m) {
    const double x[] = {1.0, m->score, fmin(m->lead, CALIBRATE_MAX_LEAD)};
    _Static_assert(sizeof x == sizeof CALIBRATE_VERDICT, "an input for each weight");
    double p = 1.0 / (1.0 + exp(-weighted_sum(CALIBRATE_VERDICT, x, sizeof x / sizeof *x)));
    /* Without code of its own, likeness in strings and headers is no lineage: they are copied by
     * hand. */
    if (m->distinctive < MIN_DISTINCTIVE && m->code_share < MIN_SHARE_OF_FEW)
        p = fmin(p, 0.4);
    /* ICD 203 ends at 1 and 99 per cent: nothing here is certain. */
    return fmin(fmax(p, 0.01), 0.99);
}

double decision_threshold(void) { return CALIBRATE_THRESHOLD; }
