/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/hypotheses.h"

#include <math.h>
#include <string.h>

/* Of verdicts that are not the first family's, so many are false flags before anything speaks for
 * one (guess: published cases can be counted on the fingers). */
static const double PRIOR_FALSE_FLAG = 0.02;

Hypothesis *hypothesis_add(Verdict *v, Arena *a, HypothesisKind kind, const char *name, double p) {
    v->hypotheses.max = MAX_HYPOTHESES;
    Hypothesis *h = VEC_ADD(a, &v->hypotheses);
    if (!h)
        return NULL;
    p = fmin(fmax(p, 0.0), 0.99);
    *h = (Hypothesis){.kind = kind, .name = name, .probability = p, .words = likelihood_words(p)};
    h->log10_lr = log10(fmax(p, 0.001) / fmax(1.0 - p, 0.001));
    return h;
}

void hypotheses_sort(Verdict *v) {
    for (size_t i = 1; i < v->hypotheses.count; i++) {
        Hypothesis h = v->hypotheses.at[i];
        size_t k = i;
        for (; k > 0 && v->hypotheses.at[k - 1].probability < h.probability; k--)
            v->hypotheses.at[k] = v->hypotheses.at[k - 1];
        v->hypotheses.at[k] = h;
    }
}

/* Weights of the explanations; they need not add up to one. */
typedef struct Weights {
    double family[MAX_NAMED];
    double unknown, public_code, supplier, flag;
} Weights;

static double sum_of(const Weights *w) {
    double sum = w->unknown + w->public_code + w->supplier + w->flag;
    for (size_t i = 0; i < MAX_NAMED; i++)
        sum += w->family[i];
    return sum;
}

/* What the first family leaves goes to its rivals by their share of code, and to the alternatives
 * by what is shared: code that several families have speaks for public code, code that only this
 * one has for a supplier of both, what is not shared at all for an unknown group. */
static Weights weights_of(const Verdict *v, const PartyVec *parties, double p, bool is_named) {
    const Measures *m = &v->measures;
    double first = parties->count > 0 ? parties->at[0].best->code_share : 0, rivals = 0;
    Weights w = {.family = {parties->count > 0 ? p : 0}};
    for (size_t i = 1; i < parties->count && i < MAX_NAMED; i++)
        rivals += parties->at[i].best->code_share;
    double rest = 1.0 - w.family[0];
    double part = first + rivals > 0 ? fmin(0.9, rivals / (first + rivals)) * rest : 0;
    if (!is_named)
        part *= p;
    for (size_t i = 1; i < parties->count && i < MAX_NAMED && rivals > 0; i++)
        w.family[i] = part * parties->at[i].best->code_share / rivals;
    double shared = fmin(1.0, m->code_share), pairs = m->exact + m->similar;
    double common = pairs > 0 ? 1.0 - fmin(1.0, m->distinctive / pairs) : 1.0;
    w.unknown = (1 - shared) * (1 - v->coverage_library / 2);
    w.public_code = (1 - shared) * v->coverage_library / 2 + shared * common;
    w.supplier = shared * (1 - common);
    w.flag = PRIOR_FALSE_FLAG;
    double scale = (rest - part) / (w.unknown + w.public_code + w.supplier + w.flag);
    w.unknown *= scale;
    w.public_code *= scale;
    w.supplier *= scale;
    w.flag *= scale;
    return w;
}

/* Findings with one cause count once. */
typedef enum Cause {
    CAUSE_RICH,
    CAUSE_TIME,
    CAUSE_PATH,
    CAUSE_TEXT,
    CAUSE_CODE,
    CAUSE_COUNT
} Cause;

static Cause cause_of(ContradictionKind kind) {
    switch (kind) {
    case CONTRADICTION_RICH_CHECKSUM:
    case CONTRADICTION_RICH_LINKER:
    case CONTRADICTION_RICH_CODE:
        return CAUSE_RICH;
    case CONTRADICTION_TIME_TOOL:
    case CONTRADICTION_TIME_PARTS:
    case CONTRADICTION_TIME_FIRST_SEEN:
    case CONTRADICTION_TIME_FUTURE:
        return CAUSE_TIME;
    case CONTRADICTION_BUILD_PATH:
        return CAUSE_PATH;
    case CONTRADICTION_TRANSPLANT:
        return CAUSE_CODE;
    case CONTRADICTION_IDLE_STRINGS:
    case CONTRADICTION_EASY_ONLY:
    case CONTRADICTION_SPLIT:
    case CONTRADICTION_KIND_COUNT:
        break;
    }
    return CAUSE_TEXT;
}

static bool lowers(const Contradiction *c, const char *name) {
    for (unsigned i = 0; name && i < c->lower_count; i++)
        if (!strcmp(c->lowers[i], name))
            return true;
    return false;
}

/* Who it would be if all that may be planted counted in full. */
static size_t pointed_at(const PartyVec *parties) {
    size_t at = 0;
    for (size_t i = 1; i < parties->count; i++)
        at = parties->at[i].against > parties->at[at].against ? i : at;
    return at;
}

/* A finding is as frequent whichever family is right, and more frequent in a forged file. What is
 * planted to point at the first family, or at whom it was meant to make the first, competes with
 * it; what points at another takes from that one alone; what supports nobody still says that the
 * file was worked on (half of its weight, guess).
 */
static void weigh_contradictions(const Verdict *v, const PartyVec *parties, Weights *w) {
    double first[CAUSE_COUNT] = {0}, other[MAX_NAMED][CAUSE_COUNT] = {{0}};
    size_t target = pointed_at(parties);
    for (size_t i = 0; i < v->contradiction_details.count; i++) {
        const Contradiction *c = &v->contradiction_details.at[i];
        Cause cause = cause_of(c->kind);
        if (c->lower_count == 0)
            first[cause] = fmax(first[cause], c->log10_lr / 2);
        for (size_t k = 0; k < parties->count; k++) {
            if (!lowers(c, parties->at[k].labels->family))
                continue;
            if (k == 0 || k == target)
                first[cause] = fmax(first[cause], c->log10_lr);
            if (k > 0 && k < MAX_NAMED)
                other[k][cause] = fmax(other[k][cause], c->log10_lr);
        }
    }
    double log10_first = 0;
    for (unsigned i = 0; i < CAUSE_COUNT; i++)
        log10_first += first[i];
    w->flag *= pow(10, log10_first);
    for (size_t k = 1; k < MAX_NAMED; k++) {
        double lr = 0;
        for (unsigned i = 0; i < CAUSE_COUNT; i++)
            lr += other[k][i];
        double kept = w->family[k] * pow(10, -lr);
        w->flag += w->family[k] - kept;
        w->family[k] = kept;
    }
}

double hypotheses_fill(Verdict *v, const PartyVec *parties, double p, Arena *a) {
    Weights w = weights_of(v, parties, p, p >= 0.5);
    weigh_contradictions(v, parties, &w);
    double sum = sum_of(&w);
    for (size_t i = 0; i < parties->count && i < MAX_NAMED; i++) {
        const Labels *l = parties->at[i].labels;
        double share = w.family[i] / sum;
        Hypothesis *h =
            l->family ? hypothesis_add(v, a, HYPOTHESIS_FAMILY, l->family, share) : NULL;
        if (h)
            h->source = l->source;
    }
    hypothesis_add(v, a, HYPOTHESIS_UNKNOWN, NULL, w.unknown / sum);
    hypothesis_add(v, a, HYPOTHESIS_PUBLIC_CODE, NULL, w.public_code / sum);
    hypothesis_add(v, a, HYPOTHESIS_SHARED_SUPPLIER, NULL, w.supplier / sum);
    hypothesis_add(v, a, HYPOTHESIS_FALSE_FLAG, NULL, w.flag / sum);
    hypotheses_sort(v);
    return w.family[0] / sum;
}
