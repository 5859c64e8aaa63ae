/* SPDX-License-Identifier: Apache-2.0
 * verdict.c: measures → probability → decision, with the alternatives and what would change it. */
#include "judge/verdict.h"

#include <math.h>
#include <string.h>

#include "judge/calibrate.h"
#include "judge/contradict.h"
#include "judge/explain.h"
#include "judge/hypotheses.h"
#include "judge/matrix.h"
#include "judge/operators.h"
#include "judge/overlap.h"
#include "judge/party.h"
#include "judge/robust.h"

/* Less distinctive code than this (about four functions of 60 instructions) decides nothing (guess,
 * checked on the tuning part). */
static const double MIN_OWN_WEIGHT = 3.0;

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

static void add_confidence(Verdict *v, const Features *query, const MatchReport *report,
                           const PartyVec *parties, Arena *a) {
    unsigned doubts = 0;
    if (query->is_packed) {
        const char *inner = features_unpacked(query);
        line_add(
            a, &v->confidence_reasons, "the file looks packed (%s): most of its code is hidden%s%s",
            query->packer ? query->packer : "unknown packer",
            inner ? "; what it unpacks to has a verdict of its own: " : "", inner ? inner : "");
        doubts += 2;
    }
    if (v->measures.own_weight < 4 * MIN_OWN_WEIGHT) {
        line_add(a, &v->confidence_reasons, "little code of its own to compare");
        doubts++;
    }
    if (v->coverage_recovered < 0.5 && v->code_bytes > 0) {
        line_add(a, &v->confidence_reasons,
                 "only %.0f %% of the executable bytes were recovered as code",
                 100 * v->coverage_recovered);
        doubts++;
    }
    if (v->store_families < 10) {
        line_add(a, &v->confidence_reasons, "the store knows only %u families", v->store_families);
        doubts++;
    }
    if (report->public_in_store == 0) {
        line_add(a, &v->confidence_reasons,
                 "the store knows no public code: a static library looks like the family that "
                 "brought it "
                 "(learn --goodware, --library)");
        doubts++;
    }
    bool is_named = v->decision == DECISION_LINEAGE || v->decision == DECISION_ATTRIBUTED;
    if (is_named && !v->robust) {
        line_add(a, &v->confidence_reasons, "the decision hangs on one item or source");
        doubts++;
    }
    if (v->contradiction_details.count > 0) {
        line_add(a, &v->confidence_reasons, "parts of it contradict each other");
        doubts++;
    }
    if (is_named && parties->count > 0 && parties->at[0].samples > 1)
        line_add(a, &v->confidence_reasons, "%u references of the family agree",
                 parties->at[0].samples);
    if (is_named && v->measures.exact + v->measures.similar > 0)
        line_add(a, &v->confidence_reasons,
                 "%u functions are the same and %u similar in the nearest reference",
                 v->measures.exact, v->measures.similar);
    v->confidence_level = doubts == 0 ? "high" : doubts == 1 ? "moderate" : "low";
}

static void add_contradictions(Verdict *v, const VerdictCase *c, const PartyVec *parties,
                               Arena *a) {
    ContradictionVec *found = &v->contradiction_details;
    contradict_file(c->query, c->dates, a, found);
    contradict_match(c->query, c->report, parties, a, found);
    for (size_t i = 0; i < found->count; i++)
        line_add(a, &v->contradictions, "%s", found->at[i].statement);
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
        line_add(
            a, &v->limits,
            "a list limit of the index look-up was hit: very common code was not read to the end");
    if (report->skipped_lists > 0)
        line_add(a, &v->limits, "%llu lists of very common code in the index were not read",
                 (unsigned long long)report->skipped_lists);
    for (uint32_t i = 0; i < query->note_count; i++) {
        NoteKind kind = query->notes[i].kind;
        if (kind == NOTE_TIME_LIMIT || kind == NOTE_CODE_LIMIT || kind == NOTE_STRING_LIMIT ||
            kind == NOTE_TOO_MANY || kind == NOTE_FUNCTION_LIMIT)
            line_add(a, &v->limits, "%s", note_name(kind));
        if (kind == NOTE_DOTNET || kind == NOTE_ARCH_UNSUPPORTED)
            line_add(a, &v->limits, "code not compared: %s", note_name(kind));
    }
}

Status verdict_from_case(const VerdictCase *c, Arena *a, Verdict **out, Error *err) {
    Verdict *v = ARENA_NEW(a, Verdict);
    *out = v;
    memcpy(v->sha256, c->query->sha256, sizeof v->sha256);
    v->name = c->query->name;
    v->store_samples = c->report->samples_in_store;
    v->store_families = c->report->families_in_store;
    add_coverage(v, c->query, c->report, a);
    PartyVec parties;
    parties_from_matches(c->report, c->snap, (PartyLess){.sample = UINT32_MAX}, a, &parties);
    v->measures = measures_from_parties(c->report, &parties);
    double p = parties.count > 0 ? probability_from_measures(&v->measures) : 0.01;
    add_contradictions(v, c, &parties, a);
    p = hypotheses_fill(v, &parties, p, a);
    v->decision = decide(c->query, &v->measures, p);
    if (parties.count > 0) {
        const StoredSample *best = snapshot_find_sample(c->snap, parties.at[0].best->sample);
        if (best) {
            memcpy(v->best_sha256, best->sha256, sizeof v->best_sha256);
            v->best_name = best->name;
        }
    }
    explain_evidence(v, c->query, c->report, &parties, c->snap, a);
    Status status = overlap_add(v, c, a, err);
    OperatorVec operators = {0};
    ledger_fill(v, (LedgerLess){0}, a, &v->ledger);
    if (status == STATUS_OK)
        status = operators_find(v, c, &parties, a, &operators, err);
    operators_weigh(v, &v->ledger, &operators);
    for (size_t i = 0; i < operators.count; i++)
        if (operators.at[i].probability >= OPERATORS_NAMED)
            v->decision = DECISION_ATTRIBUTED;
    robust_fill(v, c, &parties, &operators, a);
    operators_say(v, &operators, a);
    robust_say_changes(v, c, &operators, a);
    matrix_fill(v, a);
    add_confidence(v, c->query, c->report, &parties, a);
    return status;
}

Verdict *verdict_from_match(const Features *query, const MatchReport *report, const Snapshot *snap,
                            Arena *a) {
    VerdictCase c = {.query = query, .report = report, .snap = snap};
    Verdict *v = NULL;
    Error err = {0};
    Status status = verdict_from_case(&c, a, &v, &err);
    CHECK(status == STATUS_OK); /* only knowledge can fail to be read */
    return v;
}
