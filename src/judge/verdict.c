/* SPDX-License-Identifier: Apache-2.0
 * verdict.c: measures → probability → decision, with the alternatives and what would change it. */
#include "judge/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge/calibrate.h"
#include "judge/explain.h"
#include "judge/party.h"

enum { MAX_LINES = 32, MAX_HYPOTHESES = 16, MAX_NAMED = 5 };
/* Less distinctive code than this (about four functions of 60 instructions) decides nothing (guess,
 * checked on the tuning part). */
static const double MIN_OWN_WEIGHT = 3.0;
/* Code does not name a group: without a second, independent and hardly forged class the label of an
 * operator stays at even chance. */
static const double CODE_ONLY_CAP = 0.5;

PRINTF_LIKE(3, 4)
static void say(Arena *a, LineVec *lines, const char *fmt, ...) {
    char text[400];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    lines->max = MAX_LINES;
    const char **slot = n < 0 ? NULL : VEC_ADD(a, lines);
    if (slot)
        *slot = arena_text(a, (Bytes){(const uint8_t *)text, strlen(text)});
}

static Hypothesis *add_hypothesis(Verdict *v, Arena *a, HypothesisKind kind, const char *name,
                                  const char *source, double p) {
    Hypothesis *h = VEC_ADD(a, &v->hypotheses);
    if (!h)
        return NULL;
    p = fmin(fmax(p, 0.0), 0.99);
    *h = (Hypothesis){.kind = kind,
                      .name = name,
                      .source = source,
                      .probability = p,
                      .words = likelihood_words(p)};
    h->log10_lr = log10(fmax(p, 0.001) / fmax(1.0 - p, 0.001));
    return h;
}

/* Share of the supporting weight that a hex editor can plant. */
static double easy_share(const Measures *m) {
    double tokens = fmin(m->token_weight, 2.0), all = m->code_weight + tokens;
    return all > 0 ? tokens / all : 0;
}

/* What the first family leaves is split between its rivals and the alternatives: rivals by their
 * share of code; the rest mostly unknown, public code by how much of the sample is library or
 * common, false flag by how much of the evidence is easily planted (split: guess; only the first
 * probability is calibrated). */
static void add_hypotheses(Verdict *v, const PartyVec *parties, double p, Arena *a) {
    v->hypotheses.max = MAX_HYPOTHESES;
    double rest = 1.0 - p, rivals = 0, common = v->coverage_library;
    for (size_t i = 1; i < parties->count && i < MAX_NAMED; i++)
        rivals += parties->at[i].best->code_share;
    double first = parties->count > 0 ? parties->at[0].best->code_share : 0;
    double rival_part = first + rivals > 0 ? fmin(0.9, rivals / (first + rivals)) * rest : 0;
    if (v->decision == DECISION_UNKNOWN || v->decision == DECISION_INSUFFICIENT)
        rival_part *= p;
    for (size_t i = 0; i < parties->count && i < MAX_NAMED; i++) {
        const Labels *l = parties->at[i].labels;
        double share = i == 0       ? p
                       : rivals > 0 ? rival_part * parties->at[i].best->code_share / rivals
                                    : 0;
        if (l->family)
            add_hypothesis(v, a, HYPOTHESIS_FAMILY, l->family, l->source, share);
        double cap = share * CODE_ONLY_CAP;
        if (i == 0 && l->campaign)
            add_hypothesis(v, a, HYPOTHESIS_CAMPAIGN, l->campaign, l->source, cap);
        if (i == 0 && l->actor)
            add_hypothesis(v, a, HYPOTHESIS_ACTOR, l->actor, l->source, cap);
    }
    double left = rest - rival_part;
    double flag = left * 0.5 * easy_share(&v->measures), open = left - flag;
    double public_code = open * 0.5 * common, supplier = open * 0.05;
    add_hypothesis(v, a, HYPOTHESIS_UNKNOWN, NULL, NULL, open - public_code - supplier);
    add_hypothesis(v, a, HYPOTHESIS_PUBLIC_CODE, NULL, NULL, public_code);
    add_hypothesis(v, a, HYPOTHESIS_SHARED_SUPPLIER, NULL, NULL, supplier);
    add_hypothesis(v, a, HYPOTHESIS_FALSE_FLAG, NULL, NULL, flag);
}

static void sort_hypotheses(Verdict *v) {
    for (size_t i = 1; i < v->hypotheses.count; i++) {
        Hypothesis h = v->hypotheses.at[i];
        size_t k = i;
        for (; k > 0 && v->hypotheses.at[k - 1].probability < h.probability; k--)
            v->hypotheses.at[k] = v->hypotheses.at[k - 1];
        v->hypotheses.at[k] = h;
    }
}

/* A family is named only when it has at least three times out of five what all families score: of
 * 354 known samples of the tuning part that are answered none has less (small and whole ones). */
static const double MAX_RIVALS = 2.0 / 3.0;

static Decision decide(const Features *query, const Measures *m, double p) {
    if (p >= decision_threshold(m) && m->code_weight > 0 && m->rivals <= MAX_RIVALS)
        return DECISION_LINEAGE;
    if (query->is_packed || m->own_weight < MIN_OWN_WEIGHT)
        return DECISION_INSUFFICIENT;
    return DECISION_UNKNOWN;
}

/* What the loss of one pair can take from the mean of all functions: the span of the ratios. */
static double most_of_one_function(const MatchReport *report) {
    const double span = 9.0; /* evidence_table.h: from about -3.5 to 5.5 */
    return span / (report->own_functions + 1.0);
}

/* The decision without its weightiest pair, and without each reference in turn. */
static bool is_robust(const Verdict *v, const MatchReport *report, const Snapshot *snap,
                      Arena *scratch) {
    if (v->decision != DECISION_LINEAGE)
        return true;
    Measures m = v->measures;
    double before = score_from_measures(&m);
    m.likelihood -= most_of_one_function(report);
    m.exact -= m.exact > 0;
    m.distinctive -= m.distinctive > 0;
    m.code_share = m.own_weight > 1.0 ? fmax(0, m.code_share - 1.0 / m.own_weight) : 0;
    double less = before - score_from_measures(&m);
    m.score -= less;
    m.lead -= less;
    m.rivals *= exp(less);
    if (probability_from_measures(&m) < decision_threshold(&m))
        return false;
    const char *name = v->hypotheses.count > 0 ? v->hypotheses.at[0].name : NULL;
    for (size_t i = 0; i < report->samples.count; i++) {
        PartyVec parties;
        parties_from_matches(report, snap, report->samples.at[i].sample, scratch, &parties);
        m = measures_from_parties(report, &parties);
        const char *first = parties.count > 0 ? parties.at[0].labels->family : NULL;
        bool same = first && name ? strcmp(first, name) == 0 : first == name;
        if (!same || probability_from_measures(&m) < decision_threshold(&m))
            return false;
    }
    return true;
}

static void add_confidence(Verdict *v, const Features *query, const MatchReport *report,
                           const PartyVec *parties, Arena *a) {
    unsigned doubts = 0;
    if (query->is_packed) {
        say(a, &v->confidence_reasons, "the file looks packed (%s): most of its code is hidden",
            query->packer ? query->packer : "unknown packer");
        doubts += 2;
    }
    if (v->measures.own_weight < 4 * MIN_OWN_WEIGHT) {
        say(a, &v->confidence_reasons, "little code of its own to compare");
        doubts++;
    }
    if (v->coverage_recovered < 0.5 && v->code_bytes > 0) {
        say(a, &v->confidence_reasons,
            "only %.0f %% of the executable bytes were recovered as code",
            100 * v->coverage_recovered);
        doubts++;
    }
    if (v->store_families < 10) {
        say(a, &v->confidence_reasons, "the store knows only %u families", v->store_families);
        doubts++;
    }
    if (report->public_in_store == 0) {
        say(a, &v->confidence_reasons,
            "the store knows no public code: a run-time library looks like the family that brought "
            "it (learn --goodware, --library)");
        doubts++;
    }
    if (v->decision == DECISION_LINEAGE && !v->robust) {
        say(a, &v->confidence_reasons, "the decision hangs on one reference or one function");
        doubts++;
    }
    if (v->decision == DECISION_LINEAGE && parties->count > 0 && parties->at[0].samples > 1)
        say(a, &v->confidence_reasons, "%u references of the family agree", parties->at[0].samples);
    if (v->decision == DECISION_LINEAGE && v->measures.exact + v->measures.similar > 0)
        say(a, &v->confidence_reasons,
            "%u functions are the same and %u similar in the nearest reference", v->measures.exact,
            v->measures.similar);
    v->confidence_level = doubts == 0 ? "high" : doubts == 1 ? "moderate" : "low";
}

/* Metadata and strings that point elsewhere than the code does. */
static void add_contradictions(Verdict *v, const PartyVec *parties, Arena *a) {
    if (parties->count == 0)
        return;
    const Party *first = &parties->at[0];
    if (first->best->distinctive_pairs == 0 && first->best->token_weight > 0)
        say(a, &v->contradictions,
            "strings or metadata equal those of %s, but no distinctive code does: they may be "
            "planted",
            first->labels->family ? first->labels->family : "a reference");
    for (size_t i = 1; i < parties->count; i++) {
        const SampleMatch *m = parties->at[i].best;
        if (m->token_weight > 0.4 && m->token_weight > 2 * first->best->token_weight &&
            m->code_share < 0.1)
            say(a, &v->contradictions, "strings or metadata point to %s, the code to %s",
                parties->at[i].labels->family ? parties->at[i].labels->family : "another reference",
                first->labels->family ? first->labels->family : "this reference");
    }
}

static void add_coverage(Verdict *v, const Features *query, const MatchReport *report, Arena *a) {
    uint64_t recovered = query->code_recovered;
    v->code_bytes = query->code_bytes;
    if (query->code_bytes > 0)
        v->coverage_recovered =
            fmin(1.0, (double)(recovered + query->code_padding) / (double)query->code_bytes);
    if (recovered > 0) {
        v->coverage_library =
            fmin(1.0, (double)(report->bytes_library + report->bytes_common) / (double)recovered);
        v->coverage_compared = fmin(1.0, (double)report->bytes_compared / (double)recovered);
    }
    v->was_cut = report->was_cut;
    if (report->was_cut)
        say(a, &v->limits,
            "a list limit of the index look-up was hit: very common code was not read to the end");
    if (report->skipped_lists > 0)
        say(a, &v->limits, "%llu lists of very common code in the index were not read",
            (unsigned long long)report->skipped_lists);
    for (uint32_t i = 0; i < query->note_count; i++) {
        NoteKind kind = query->notes[i].kind;
        if (kind == NOTE_TIME_LIMIT || kind == NOTE_CODE_LIMIT || kind == NOTE_STRING_LIMIT ||
            kind == NOTE_TOO_MANY || kind == NOTE_FUNCTION_LIMIT)
            say(a, &v->limits, "%s", note_name(kind));
        if (kind == NOTE_DOTNET || kind == NOTE_ARCH_UNSUPPORTED)
            say(a, &v->limits, "code not compared: %s", note_name(kind));
    }
}

Verdict *verdict_from_match(const Features *query, const MatchReport *report, const Snapshot *snap,
                            Arena *a) {
    Verdict *v = ARENA_NEW(a, Verdict);
    memcpy(v->sha256, query->sha256, sizeof v->sha256);
    v->name = query->name;
    v->store_samples = report->samples_in_store;
    v->store_families = report->families_in_store;
    add_coverage(v, query, report, a);
    PartyVec parties;
    parties_from_matches(report, snap, UINT32_MAX, a, &parties);
    v->measures = measures_from_parties(report, &parties);
    double p = parties.count > 0 ? probability_from_measures(&v->measures) : 0.01;
    v->decision = decide(query, &v->measures, p);
    if (parties.count > 0) {
        const StoredSample *best = snapshot_find_sample(snap, parties.at[0].best->sample);
        if (best) {
            memcpy(v->best_sha256, best->sha256, sizeof v->best_sha256);
            v->best_name = best->name;
        }
    }
    add_hypotheses(v, &parties, p, a);
    sort_hypotheses(v);
    explain_evidence(v, query, report, &parties, snap, a);
    add_contradictions(v, &parties, a);
    v->robust = is_robust(v, report, snap, a);
    add_confidence(v, query, report, &parties, a);
    return v;
}
