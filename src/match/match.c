/* SPDX-License-Identifier: Apache-2.0
 * match.c: votes of the index, short list, exact alignment. */
#include "match/match.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "match/align.h"
#include "match/evidence.h"
#include "match/group.h"
#include "match/public.h"
#include "match/token.h"
#include "match/vote.h"

const char *pair_reason_name(PairReason reason) {
    static const char *const names[] = {"exact", "genes", "calls"};
    return (unsigned)reason < 3 ? names[reason] : "genes";
}

void match_pairs(const Features *a, const Features *b, Arena *arena, Arena *scratch,
                 FunctionPairVec *out) {
    size_t room = a->functions.count;
    *out = (FunctionPairVec){.at = ARENA_ARRAY(arena, FunctionPair, room + 1), .cap = room};
    out->max = room;
    ArenaMark mark = arena_mark(scratch);
    Outline of_a, of_b;
    outline_from_features(a, arena, scratch, &of_a);
    outline_from_features(b, arena, scratch, &of_b);
    AlignQuery query = align_query_new(&of_a, NULL, arena);
    out->count = align_outlines(&query, &of_b, NULL, scratch, out->at);
    arena_reset(scratch, mark);
}

/* Random pairs of functions share genes too (docs/evidence/code.md: p95 0.30, p99 0.36 to 0.45):
 * only what is above that speaks for a common origin. */
float pair_strength(const FunctionPair *p) {
    const float chance = 0.35f;
    return p->score > chance ? (p->score - chance) / (1.0f - chance) : 0.0f;
}

/* Functions that do not take part in a sum of ratios move it by no more than this many would
 * (guess: a sample of ten functions says half of what one of many does). */
static const double PRIOR_FUNCTIONS = 10;

static void weigh_own(const Features *query, MatchReport *report) {
    for (size_t i = 0; i < query->functions.count; i++) {
        const FunctionInfo *info = &report->functions[i];
        if (!evidence_has_part(info))
            continue;
        report->own_functions++;
        report->likelihood_none +=
            (double)evidence_log_ratio(evidence_cell(&query->functions.at[i], info, NULL));
    }
}

static double likelihood_of(const Features *query, const MatchReport *report,
                            const SampleMatch *m) {
    double sum = report->likelihood_none;
    for (size_t i = 0; i < m->pairs.count; i++) {
        const FunctionPair *p = &m->pairs.at[i];
        const FunctionFeature *f = &query->functions.at[p->a];
        const FunctionInfo *info = &report->functions[p->a];
        if (evidence_has_part(info))
            sum += (double)(evidence_log_ratio(evidence_cell(f, info, p)) -
                            evidence_log_ratio(evidence_cell(f, info, NULL)));
    }
    return sum / (report->own_functions + PRIOR_FUNCTIONS);
}

/* Which pairs are of functions that only this sample's group has, and what all pairs weigh. */
static void weigh_pairs(const Features *query, MatchReport *report, SampleMatch *m,
                        const bool *is_public) {
    double reverse_total = 0, reverse = 0;
    for (size_t i = 0; i < m->pairs.count; i++) {
        const FunctionPair *p = &m->pairs.at[i];
        const FunctionInfo *info = &report->functions[p->a];
        if (!evidence_has_part(info) || is_public[p->b])
            continue;
        if (p->reason == PAIR_EXACT)
            m->exact_pairs++;
        else
            m->similar_pairs++;
        double strength = (double)pair_strength(p);
        m->code_weight += (double)info->weight * strength;
        reverse += (double)function_size_weight(&query->functions.at[p->a]) * strength;
        if (info->families <= 1 && strength > 0)
            m->distinctive_pairs++;
    }
    for (size_t i = 0; i < m->outline->counts[OUTLINE_FUNCTIONS]; i++)
        if (outline_is_telling(m->outline, i) && !is_public[i])
            reverse_total += (double)outline_size_weight(m->outline, i);
    if (report->weight_total > 0)
        m->code_share = m->code_weight / report->weight_total;
    if (reverse_total > 0)
        m->reverse_share = fmin(1.0, reverse / reverse_total);
}

static int compare_match(const void *x, const void *y) {
    const SampleMatch *p = x, *q = y;
    double a = p->code_weight + p->token_weight_all, b = q->code_weight + q->token_weight_all;
    if (a != b)
        return a > b ? -1 : 1;
    return (p->sample > q->sample) - (p->sample < q->sample);
}

/* A function that no reference has but by likeness found in alignment belongs to that family as
 * well. */
static void settle_functions(MatchReport *report, const SampleMatch *m) {
    for (size_t i = 0; i < m->pairs.count; i++) {
        FunctionInfo *info = &report->functions[m->pairs.at[i].a];
        if (info->function_class == CLASS_UNKNOWN)
            info->function_class = CLASS_FAMILY;
    }
}

static void count_bytes(const Features *query, MatchReport *report) {
    for (size_t i = 0; i < query->functions.count; i++) {
        uint64_t size = query->functions.at[i].size;
        switch (report->functions[i].function_class) {
        case CLASS_LIBRARY:
        case CLASS_GOODWARE:
            report->bytes_library += size;
            break;
        case CLASS_COMMON:
            report->bytes_common += size;
            break;
        case CLASS_SMALL:
            report->bytes_small += size;
            break;
        case CLASS_UNKNOWN:
        case CLASS_FAMILY:
            report->bytes_compared += size;
            break;
        }
    }
}

/* One reference on its way through alignment. Tasks run side by side: each has its own scratch. */
typedef struct Alignment {
    const AlignQuery *query;
    const Outline *reference;
    const bool *is_public; /* by function of the reference */
    FunctionPair *pairs;   /* room for all that there can be */
    size_t count;
    bool is_done;
} Alignment;

static void run_alignment(void *ctx, size_t i) {
    const size_t most = (size_t)4 << 30; /* as much as MAX_WORK_BYTES allows two of them */
    Alignment *x = (Alignment *)ctx + i;
    Arena *scratch = arena_new(most);
    jmp_buf out_of_memory;
    if (scratch && !setjmp(out_of_memory)) {
        arena_set_escape(scratch, &out_of_memory);
        x->count = align_outlines(x->query, x->reference, x->is_public, scratch, x->pairs);
        x->is_done = true;
    }
    arena_free(scratch);
}

/* What is known of the references before they are aligned. */
typedef struct References {
    const Outline *outlines[MAX_SHORTLIST];
    bool *is_public[MAX_SHORTLIST];
    RareTexts rare;
} References;

static Status load_references(const Vote *vote, References *r, Arena *a, Error *err) {
    size_t count = vote->shortlist_count;
    Outline *outlines = ARENA_ARRAY(a, Outline, MAX_SHORTLIST);
    Status status =
        snapshot_outlines(vote->snap, vote->shortlist, count, a, vote->scratch, outlines, err);
    for (size_t i = 0; i < count; i++)
        r->outlines[i] = &outlines[i];
    PublicQuestion question = {r->outlines, count, vote->snap};
    if (status == STATUS_OK)
        status = public_functions(&question, r->is_public, a, vote->scratch, err);
    if (status == STATUS_OK)
        status = tokens_weigh_back(vote, r->outlines, count, &r->rare, err);
    return status;
}

static Status match_references(Vote *vote, const AlignQuery *query, Arena *a, Error *err) {
    MatchReport *report = vote->report;
    Alignment *all = ARENA_ARRAY(vote->scratch, Alignment, MAX_SHORTLIST);
    References refs;
    Status status = load_references(vote, &refs, a, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < vote->shortlist_count; i++)
        all[i] =
            (Alignment){.query = query,
                        .reference = refs.outlines[i],
                        .is_public = refs.is_public[i],
                        .pairs = ARENA_UNSET(a, FunctionPair, vote->query->functions.count + 1)};
    parallel_run(vote->shortlist_count, run_alignment, all);
    for (size_t i = 0; i < vote->shortlist_count; i++) {
        if (!all[i].is_done)
            return error_set(err, STATUS_FULL, "out of memory");
        SampleMatch *m = VEC_ADD(a, &report->samples);
        m->sample = vote->shortlist[i];
        m->outline = refs.outlines[i];
        m->cache = report->references;
        m->pairs = (FunctionPairVec){.at = all[i].pairs, .count = all[i].count};
        m->tokens.max = MAX_SHARED_TOKENS;
        weigh_pairs(vote->query, report, m, refs.is_public[i]);
        m->likelihood = likelihood_of(vote->query, report, m);
        settle_functions(report, m);
        tokens_share(vote, &refs.rare, i, m, a);
    }
    return STATUS_OK;
}

static const bool *public_of_query(const Features *query, const MatchReport *report, Arena *arena) {
    bool *out = ARENA_ARRAY(arena, bool, query->functions.count + 1);
    for (size_t i = 0; i < query->functions.count; i++)
        out[i] = report->functions[i].function_class == CLASS_LIBRARY ||
                 report->functions[i].function_class == CLASS_GOODWARE;
    return out;
}

Status match_from_features(const Features *query, const Snapshot *snap, Arena *a, Arena *scratch,
                           MatchReport **out, Error *err) {
    MatchReport *report = ARENA_NEW(a, MatchReport);
    *out = report;
    report->functions = ARENA_ARRAY(a, FunctionInfo, query->functions.count + 1);
    report->samples.max = MAX_SHORTLIST;
    report->references = feature_cache_new(a, snap);
    ArenaMark mark = arena_mark(scratch);
    Outline outline;
    outline_from_features(query, a, scratch, &outline);
    Vote vote = {
        .query = query, .outline = &outline, .snap = snap, .scratch = scratch, .report = report};
    Status status = vote_run(&vote, err);
    report->skipped_lists = snapshot_skipped_lists(snap);
    weigh_own(query, report);
    if (status == STATUS_OK && vote.shortlist_count > 0) {
        AlignQuery ready = align_query_new(&outline, public_of_query(query, report, a), a);
        status = match_references(&vote, &ready, a, err);
    }
    arena_reset(scratch, mark);
    if (report->samples.count > 1)
        qsort(report->samples.at, report->samples.count, sizeof *report->samples.at, compare_match);
    count_bytes(query, report);
    return status;
}

/* ---- nearest functions ---- */

static int compare_near(const void *x, const void *y) {
    const NearFunction *p = x, *q = y;
    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    if (p->sample != q->sample)
        return p->sample < q->sample ? -1 : 1;
    return (p->function > q->function) - (p->function < q->function);
}

/* Places beyond so many of one signature have the same code (guess). */
enum { NEAR_PLACES = 8 };

static Status find_places(const NearSearch *s, const SignatureHitVec *hits, Arena *scratch,
                          OccurrenceVec *places, Error *err) {
    uint64_t *ids = ARENA_ARRAY(scratch, uint64_t, hits->count + 1);
    for (size_t i = 0; i < hits->count; i++)
        ids[i] = hits->at[i].signature;
    sort_u64(scratch, ids, hits->count);
    size_t n = unique_u64(ids, hits->count);
    uint32_t *sorted = ARENA_ARRAY(scratch, uint32_t, n + 1),
             *totals = ARENA_ARRAY(scratch, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (uint32_t)ids[i];
    return snapshot_find_occurrences(s->snap, scratch, sorted, n, NEAR_PLACES, places, totals, err);
}

Status match_near(const NearSearch *s, uint32_t function, Arena *a, Arena *scratch,
                  NearFunctionVec *out, Error *err) {
    const Features *query = s->query->features;
    context_need(s->query, function, scratch);
    const FunctionFeature *f = &query->functions.at[function];
    ArenaMark mark = arena_mark(scratch);
    *out = (NearFunctionVec){.max = NEAR_SIGNATURES * NEAR_PLACES};
    SignatureQuery q = {f->pic, sketch_from_function(query, f)};
    SignatureQuestion question = {&q, 1, NEAR_SIGNATURES, 0.0f};
    SignatureHitVec hits = {.max = NEAR_SIGNATURES};
    Status status = snapshot_find_signatures(s->snap, scratch, &question, &hits, err);
    uint32_t exact = hits.count && hits.at[0].exact ? hits.at[0].signature : UINT32_MAX;
    OccurrenceVec places = {.max = NEAR_SIGNATURES * NEAR_PLACES};
    if (status == STATUS_OK)
        status = find_places(s, &hits, scratch, &places, err);
    for (size_t i = 0; status == STATUS_OK && i < places.count; i++) {
        const Occurrence *o = &places.at[i];
        ContextSide *ref = NULL;
        status = feature_cache_context(s->cache, o->sample, scratch, &ref, err);
        if (status != STATUS_OK || o->function >= ref->features->functions.count)
            continue;
        context_need(ref, o->function, scratch);
        bool is_exact = o->signature == exact;
        NearFunction *near = VEC_ADD(a, out);
        if (near)
            *near = (NearFunction){
                o->sample, o->function,
                is_exact ? 1.0f : context_likeness(s->query, function, ref, o->function), is_exact};
    }
    arena_reset(scratch, mark);
    if (out->count > 1)
        qsort(out->at, out->count, sizeof *out->at, compare_near);
    if (out->count > s->top)
        out->count = s->top;
    return status;
}
