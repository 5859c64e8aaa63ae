/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/calibrate.h"

#include <math.h>

#include "judge/calibrate_table.h"

/* Functions that would dilute those that only the family has (guess: a share of few is no share).
 */
static const double PRIOR_DISTINCTIVE = 20;

/* Strings and headers are copied by hand, so they count only beside code: functions that only the
 * family has must be three (one may be chance, a graft, or an unknown library's; guess) and this
 * share of the sample's own. Unrelated programs of the tuning part have up to 4 % of such
 * functions, rebuilt and renewed ones from 9 % (docs/evidence/verdict.md). */
enum { MIN_DISTINCTIVE = 3 };
static const double MIN_DISTINCTIVE_SHARE = 0.05;
/* ... or what is shared is most of what there is (guess). */
static const double MIN_SHARE_OF_FEW = 0.5;

static double weighted_sum(const double *weights, const double *inputs, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i] * inputs[i];
    return sum;
}

Measures measures_from_match(const MatchReport *report, const SampleMatch *m) {
    return (Measures){.code_weight = m->code_weight,
                      .code_share = m->code_share,
                      .reverse_share = m->reverse_share,
                      .likelihood = m->likelihood,
                      .token_weight = m->token_weight,
                      .token_share = m->token_share,
                      .token_reverse = m->token_reverse,
                      .exact = m->exact_pairs,
                      .similar = m->similar_pairs,
                      .distinctive = m->distinctive_pairs,
                      .token_total = report->token_total,
                      .own_functions = report->own_functions,
                      .own_weight = report->weight_total};
}

Measures measures_of_rival(const MatchReport *report, const SampleMatch *m) {
    Measures out = measures_from_match(report, m);
    out.token_weight = m->token_weight_all;
    out.token_share = m->token_share_all;
    out.token_reverse = m->token_reverse_all;
    return out;
}

/* Strings that nobody shares speak against a family only as far as there are any: a sample that
 * hides its strings is judged by its code. Twenty rare strings weigh as much as none (guess). */
static const double PRIOR_SEEN = 1.0;

static double share_of_seen(const Measures *m) {
    return m->token_total / (m->token_total + PRIOR_SEEN);
}

/* 0: a small program, 1: a large one. A share of few functions is worth less, and a stranger has
 * less to share by chance. */
static double share_of_large(const Measures *m) {
    double at = log(fmax(1.0, m->own_functions) / CALIBRATE_SMALL);
    return fmin(1.0, fmax(0.0, at / log(CALIBRATE_LARGE / CALIBRATE_SMALL)));
}

/* Small samples with rare strings, and without; large ones with, and without. */
static double mixed(const Measures *m, const double of[4]) {
    double seen = share_of_seen(m), large = share_of_large(m);
    return (1 - large) * (seen * of[0] + (1 - seen) * of[1]) +
           large * (seen * of[2] + (1 - seen) * of[3]);
}

double score_from_measures(const Measures *m) {
    const double x[] = {1.0,
                        m->likelihood,
                        sqrt(m->reverse_share),
                        sqrt(m->distinctive / (m->own_functions + PRIOR_DISTINCTIVE)),
                        log2(1.0 + fmin(m->token_weight, CALIBRATE_TOKEN_CAP)),
                        sqrt(m->token_share * m->token_reverse)};
    enum { COUNT = sizeof x / sizeof *x };
    _Static_assert(sizeof CALIBRATE_PARTY == 4 * sizeof x, "an input for each weight");
    double of[4];
    for (unsigned i = 0; i < 4; i++)
        of[i] = weighted_sum(CALIBRATE_PARTY[i], x, COUNT);
    return mixed(m, of);
}

double lead_without_rival(void) { return CALIBRATE_MAX_LEAD; }

double probability_from_measures(const Measures *m) {
    const double x[] = {1.0, m->score, fmin(m->lead, CALIBRATE_MAX_LEAD)};
    enum { COUNT = sizeof x / sizeof *x };
    _Static_assert(sizeof CALIBRATE_VERDICT == 4 * sizeof x, "an input for each weight");
    double of[4];
    for (unsigned i = 0; i < 4; i++)
        of[i] = weighted_sum(CALIBRATE_VERDICT[i], x, COUNT);
    /* Only one family can be the right one: of several that score alike each has its share. */
    double p = fmin(1.0 / (1.0 + exp(-mixed(m, of))), 1.0 / (1.0 + m->rivals));
    bool has_code = m->distinctive >= MIN_DISTINCTIVE &&
                    m->distinctive >= MIN_DISTINCTIVE_SHARE * m->own_functions;
    if (!has_code && m->code_share < MIN_SHARE_OF_FEW)
        p = fmin(p, 0.4);
    /* ICD 203 ends at 1 and 99 per cent: nothing here is certain. */
    return fmin(fmax(p, 0.01), 0.99);
}

double decision_threshold(const Measures *m) { return mixed(m, CALIBRATE_THRESHOLD); }
