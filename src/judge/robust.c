/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/robust.h"

#include <math.h>
#include <string.h>

#include "judge/calibrate.h"

/* ---- lineage ---- */

/* What is left of the first probability beside the contradictions stays the same share. */
static double scale_of(const Verdict *v) {
    double before = probability_from_measures(&v->measures), after = 0;
    for (size_t i = 0; i < v->hypotheses.count && after <= 0; i++)
        if (v->hypotheses.at[i].kind == HYPOTHESIS_FAMILY)
            after = v->hypotheses.at[i].probability;
    return before > 0 ? fmin(1.0, after / before) : 1.0;
}

static bool holds(const Measures *m, double scale) {
    return probability_from_measures(m) * scale >= decision_threshold(m);
}

/* A change of the first family's measures changes its score, and by that its lead. */
static Measures rescored(Measures m, double before) {
    double less = before - score_from_measures(&m);
    m.score -= less;
    m.lead -= less;
    m.rivals *= exp(less);
    return m;
}

/* What the loss of one pair can take from the mean of all functions: the span of the ratios. */
static double most_of_one_function(const MatchReport *report) {
    const double span = 9.0; /* evidence_table.h: from about -3.5 to 5.5 */
    return span / (report->own_functions + 1.0);
}

static Measures without_function(const Verdict *v, const MatchReport *report) {
    Measures m = v->measures;
    double before = score_from_measures(&m);
    m.likelihood -= most_of_one_function(report);
    m.exact -= m.exact > 0;
    m.distinctive -= m.distinctive > 0;
    m.code_share = m.own_weight > 1.0 ? fmax(0, m.code_share - 1.0 / m.own_weight) : 0;
    return rescored(m, before);
}

static Measures without_texts(const Verdict *v) {
    Measures m = v->measures;
    double before = score_from_measures(&m);
    m.token_weight = m.token_share = m.token_reverse = 0;
    return rescored(m, before);
}

static const char *family_of(const PartyVec *parties) {
    return parties->count > 0 ? parties->at[0].labels->family : NULL;
}

static bool is_same(const char *x, const char *y) { return x && y ? !strcmp(x, y) : x == y; }

/* The decision as it would be without these reference samples. */
static bool holds_without(const VerdictCase *c, PartyLess less, const char *family, double scale,
                          Arena *a) {
    PartyVec parties;
    parties_from_matches(c->report, c->snap, less, a, &parties);
    Measures m = measures_from_parties(c->report, &parties);
    return parties.count > 0 && is_same(family_of(&parties), family) && holds(&m, scale);
}

static void check_samples(Verdict *v, const VerdictCase *c, const char *family, double scale,
                          Arena *a) {
    for (size_t i = 0; i < c->report->samples.count; i++) {
        uint32_t id = c->report->samples.at[i].sample;
        const StoredSample *s = snapshot_find_sample(c->snap, id);
        if (s && !holds_without(c, (PartyLess){.sample = id}, family, scale, a))
            line_add(a, &v->hangs_on,
                     "reference sample %.80s: without it the lineage would not be named", s->name);
    }
}

/* Only where there are several: what all comes from one source says nothing about it. */
static void check_sources(Verdict *v, const VerdictCase *c, const char *family, double scale,
                          Arena *a) {
    const char *seen[16];
    unsigned count = 0;
    for (size_t i = 0; i < c->report->samples.count; i++) {
        const StoredSample *s = snapshot_find_sample(c->snap, c->report->samples.at[i].sample);
        bool is_new = s && s->labels.source && count < sizeof seen / sizeof *seen;
        for (unsigned k = 0; is_new && k < count; k++)
            is_new = strcmp(seen[k], s->labels.source) != 0;
        if (is_new)
            seen[count++] = s->labels.source;
    }
    for (unsigned k = 0; count > 1 && k < count; k++)
        if (!holds_without(c, (PartyLess){.sample = UINT32_MAX, .source = seen[k]}, family, scale,
                           a))
            line_add(a, &v->hangs_on,
                     "source %.80s: without its samples the lineage would not be named", seen[k]);
}

static uint32_t weightiest(const Verdict *v, EvidenceClass class) {
    uint32_t id = 0;
    double most = -1;
    for (size_t i = 0; i < v->evidence.count; i++) {
        const Evidence *e = &v->evidence.at[i];
        if (e->evidence_class == class && !e->is_against && e->log10_lr > most) {
            most = e->log10_lr;
            id = e->id;
        }
    }
    return id;
}

static void check_lineage(Verdict *v, const VerdictCase *c, const PartyVec *parties, Arena *a) {
    double scale = scale_of(v);
    Measures m = without_function(v, c->report);
    if (!holds(&m, scale))
        line_add(a, &v->hangs_on,
                 "one function (evidence %u): without it the lineage would not be named",
                 weightiest(v, EVIDENCE_CODE));
    m = without_texts(v);
    if (v->measures.token_weight > 0 && !holds(&m, scale))
        line_add(a, &v->hangs_on,
                 "texts and headers: by code alone the lineage would not be named");
    check_samples(v, c, family_of(parties), scale, a);
    check_sources(v, c, family_of(parties), scale, a);
}

/* ---- operators ---- */

static bool is_named(const OperatorVec *operators) {
    for (size_t i = 0; i < operators->count; i++)
        if (operators->at[i].probability >= OPERATORS_NAMED)
            return true;
    return false;
}

static bool names_without(const Verdict *v, LedgerLess less, OperatorVec *operators, Arena *a) {
    LedgerVec ledger;
    ledger_fill(v, less, a, &ledger);
    operators_weigh(v, &ledger, operators);
    return is_named(operators);
}

static void check_operators(Verdict *v, OperatorVec *operators, Arena *a) {
    const char *last = NULL;
    for (size_t i = 0; i < v->evidence.count; i++) {
        const Evidence *e = &v->evidence.at[i];
        if (!e->is_against && e->evidence_class != EVIDENCE_CODE &&
            !names_without(v, (LedgerLess){.item = e->id}, operators, a))
            line_add(a, &v->hangs_on, "evidence %u (%s): without it no operator would be named",
                     e->id, evidence_class_name(e->evidence_class));
        if (e->is_against || !e->source || is_same(last, e->source))
            continue;
        last = e->source;
        if (e->evidence_class != EVIDENCE_CODE &&
            !names_without(v, (LedgerLess){.source = e->source}, operators, a))
            line_add(a, &v->hangs_on, "source %.80s: without it no operator would be named",
                     e->source);
    }
    operators_weigh(v, &v->ledger, operators);
}

void robust_fill(Verdict *v, const VerdictCase *c, const PartyVec *parties, OperatorVec *operators,
                 Arena *a) {
    v->hangs_on = (LineVec){0};
    if (v->decision == DECISION_LINEAGE || v->decision == DECISION_ATTRIBUTED)
        check_lineage(v, c, parties, a);
    if (v->decision == DECISION_ATTRIBUTED)
        check_operators(v, operators, a);
    v->robust = v->hangs_on.count == 0;
}

/* ---- what would change it ---- */

/* How many more of its own functions, of a kind that only the first family has, would do. 0: none
 * that it has. */
static unsigned functions_wanted(const Verdict *v) {
    Measures m = v->measures;
    double before = score_from_measures(&m), scale = scale_of(v);
    uint32_t room = m.own_functions > m.distinctive ? m.own_functions - m.distinctive : 0;
    for (uint32_t i = 1; i <= room && m.own_functions > 0; i++) {
        Measures more = m;
        more.distinctive += i;
        more.code_share = fmin(1.0, m.code_share + (double)i / m.own_functions);
        more.likelihood +=
            most_of_one_function(&(MatchReport){.own_functions = m.own_functions}) * i;
        more = rescored(more, before);
        if (holds(&more, scale))
            return i;
    }
    return 0;
}

static void say_lineage_changes(Verdict *v, Arena *a) {
    const char *name = v->claims[CLAIM_LINEAGE].name;
    bool is_answered = v->decision == DECISION_LINEAGE || v->decision == DECISION_ATTRIBUTED;
    unsigned wanted = is_answered || !name ? 0 : functions_wanted(v);
    if (wanted)
        line_add(a, &v->would_change,
                 "about %u more of its functions among those that only %.80s has would name that "
                 "lineage",
                 wanted, name);
    if (is_answered && !v->robust)
        line_add(a, &v->would_change,
                 "another sample of %.80s, from another source, would make it firm",
                 name ? name : "the family");
    if (v->contradiction_details.count > 0)
        line_add(
            a, &v->would_change,
            "where the contradictions come from (the build that made the file, an earlier copy of "
            "it) would settle whether it was worked on");
}

void robust_say_changes(Verdict *v, const VerdictCase *c, const OperatorVec *operators, Arena *a) {
    say_lineage_changes(v, a);
    const Operator *best = operators_best(operators, HYPOTHESIS_ACTOR);
    best = best ? best : operators_best(operators, HYPOTHESIS_CAMPAIGN);
    if (best && best->probability < OPERATORS_NAMED)
        line_add(
            a, &v->would_change,
            "infrastructure or a secret that it shares with other samples of %.80s, and that was "
            "not public before this one, would say who used it",
            best->name);
    bool has_public = false;
    for (size_t i = 0; i < v->evidence.count; i++)
        has_public |= v->evidence.at[i].is_copyable;
    if (has_public && !c->dates.first_seen)
        line_add(a, &v->would_change,
                 "a date at which the sample existed (--first-seen) before its indicators were "
                 "published "
                 "would make these count in full");
    if (c->query->is_packed)
        line_add(a, &v->would_change,
                 "the unpacked program would show the code that is hidden now");
    if (c->report->public_in_store == 0)
        line_add(a, &v->would_change,
                 "goodware and libraries in the store would take out what everybody has");
}
