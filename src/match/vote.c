/* SPDX-License-Identifier: Apache-2.0 */
#include "match/vote.h"

#include <math.h>
#include <stdlib.h>

#include "code/code.h"
#include "match/runtime.h"
#include "match/token.h"

/* Below this a function is shared by chance or by every compiler (MCRIT uses 10 instructions,
 * ANCHORS 2.1). */
enum { MIN_INSTRUCTIONS = 10, MIN_GENES = 6 };
/* A likeness that says "this group has it", of enough keys to mean it (guess, checked on the tuning
 * part). */
static const float STRONG_LIKENESS = 0.66f;
enum { STRONG_KEYS = 6 };
/* Below this a hit says nothing: 6 of 32 keys are .10 (guess). */
static const float VOTE_LIKENESS = 0.1f;
static float size_weight(uint32_t instructions) {
    float w = (float)instructions / 75.0f;
    return w < 1.0f ? w : 1.0f;
}

float function_size_weight(const FunctionFeature *f) { return size_weight(f->instructions); }
float outline_size_weight(const Outline *o, size_t i) { return size_weight(o->instructions[i]); }

static bool is_telling(uint32_t instructions, uint32_t genes, uint8_t flags) {
    return instructions >= MIN_INSTRUCTIONS && genes >= MIN_GENES &&
           !(flags & (FUNCTION_STUB | FUNCTION_THUNK));
}

bool function_is_telling(const FunctionFeature *f) {
    return is_telling(f->instructions, f->gene_count, f->flags);
}

bool outline_is_telling(const Outline *o, size_t i) {
    return is_telling(o->instructions[i], o->gene_count[i], o->flags[i]);
}

Voter *vote_find(const Vote *vote, uint32_t sample) {
    uint32_t place = snapshot_find_place(vote->snap, sample);
    return place != UINT32_MAX ? &vote->voters[place] : NULL;
}

Ballot *vote_ballot(Vote *vote, Voter *voter) {
    if (voter->ballot)
        return &vote->ballots.at[voter->ballot - 1];
    Ballot *b = VEC_ADD(vote->scratch, &vote->ballots);
    if (!b) {
        vote->report->was_cut = true;
        return NULL;
    }
    *b = (Ballot){.sample = voter->sample->id,
                  .functions = voter->sample->function_count,
                  .group = voter->group};
    voter->ballot = (uint32_t)vote->ballots.count;
    return b;
}

static float likeness_of(const SignatureHit *h) {
    return h->exact ? 1.0f : sketch_likeness(h->shared, h->asked);
}

static bool is_strong(const SignatureHit *h) {
    return h->exact || (h->shared >= STRONG_KEYS && likeness_of(h) >= STRONG_LIKENESS);
}

/* What the index gave, with the places of each signature. */
typedef struct Places {
    const SignatureHit *hits;
    uint32_t *of_hit; /* by hit: index of its signature */
    uint32_t *signatures, *totals;
    size_t count;
    OccurrenceVec occurrences;
    uint32_t *first; /* by signature index; count + 1 of them */
} Places;

/* Distinct signatures, ascending. */
static void list_signatures(Vote *vote, const SignatureHitVec *hits, Places *p) {
    uint64_t *pairs = ARENA_UNSET(vote->scratch, uint64_t, hits->count + 1); /* signature, hit */
    p->of_hit = ARENA_UNSET(vote->scratch, uint32_t, hits->count + 1);
    p->signatures = ARENA_UNSET(vote->scratch, uint32_t, hits->count + 1);
    for (size_t i = 0; i < hits->count; i++)
        pairs[i] = (uint64_t)hits->at[i].signature << 32 | i;
    sort_u64(vote->scratch, pairs, hits->count);
    for (size_t i = 0; i < hits->count; i++) {
        uint32_t signature = (uint32_t)(pairs[i] >> 32);
        if (i == 0 || signature != p->signatures[p->count - 1])
            p->signatures[p->count++] = signature;
        p->of_hit[(uint32_t)pairs[i]] = (uint32_t)(p->count - 1);
    }
}

static Status find_places(Vote *vote, const SignatureHitVec *hits, Places *p, Error *err) {
    p->hits = hits->at;
    list_signatures(vote, hits, p);
    p->totals = ARENA_ARRAY(vote->scratch, uint32_t, p->count + 1);
    p->first = ARENA_ARRAY(vote->scratch, uint32_t, p->count + 1);
    p->occurrences.max = 1 << 26;
    Status status = snapshot_find_occurrences(vote->snap, vote->scratch, p->signatures, p->count,
                                              VOTE_OCCURRENCES, &p->occurrences, p->totals, err);
    size_t at = 0;
    for (size_t i = 0; i < p->count; i++) {
        p->first[i] = (uint32_t)at;
        while (at < p->occurrences.count && p->occurrences.at[at].signature == p->signatures[i])
            at++;
    }
    p->first[p->count] = (uint32_t)at;
    vote->report->was_cut |= p->occurrences.full;
    return status;
}

/* Hits of one query function. */
typedef struct HitRange {
    size_t first, end;
} HitRange;

/* True once for each query function: a sample may have it in several places. */
static bool is_first_in(Voter *voter, uint32_t query) {
    bool is_first = voter->counted != query + 1u;
    voter->counted = query + 1u;
    return is_first;
}

/* Who has this function for certain (exactly, or very likely by its sketch). */
static void judge_function(Vote *vote, const Places *p, HitRange hits, FunctionInfo *info,
                           const FunctionFeature *f) {
    GroupSet groups = {.count = 0};
    bool is_cut = false;
    for (size_t h = hits.first; h < hits.end; h++) {
        if (!is_strong(&p->hits[h]))
            continue;
        size_t s = p->of_hit[h];
        is_cut |= p->totals[s] > p->first[s + 1] - p->first[s];
        for (uint32_t o = p->first[s]; o < p->first[s + 1]; o++) {
            Voter *voter = vote_find(vote, p->occurrences.at[o].sample);
            if (!voter)
                continue;
            if (voter->is_reference) {
                info->samples += is_first_in(voter, p->hits[h].query);
                group_set_add(&groups, voter->group);
            } else {
                info->function_class = voter->sample->labels.sample_class == SAMPLE_LIBRARY
                                           ? CLASS_LIBRARY
                                           : CLASS_GOODWARE;
                info->library_sample = voter->sample->id;
            }
        }
    }
    info->families = groups.count;
    bool is_public =
        info->function_class == CLASS_LIBRARY || info->function_class == CLASS_GOODWARE;
    if (!is_public && groups.count > 0)
        info->function_class =
            groups.count >= COMMON_GROUPS || is_cut ? CLASS_COMMON : CLASS_FAMILY;
    if (!is_public)
        info->weight = function_size_weight(f) * rarity_weight(groups.count);
}

/* Each function votes once for each sample: with its best hit there. */
static void cast_votes(Vote *vote, const Places *p, HitRange hits, const FunctionInfo *info) {
    for (size_t h = hits.first; h < hits.end; h++) {
        float likeness = likeness_of(&p->hits[h]);
        size_t s = p->of_hit[h];
        for (uint32_t o = p->first[s]; o < p->first[s + 1]; o++) {
            Voter *voter = vote_find(vote, p->occurrences.at[o].sample);
            Ballot *b = voter && voter->is_reference ? vote_ballot(vote, voter) : NULL;
            if (!b || b->last == p->hits[h].query + 1)
                continue;
            b->last = p->hits[h].query + 1;
            b->votes += (double)(info->weight * likeness);
        }
    }
}

static Status vote_by_code(Vote *vote, Error *err) {
    size_t n = vote->query->functions.count;
    SignatureQuery *queries = ARENA_ARRAY(vote->scratch, SignatureQuery, n + 1);
    for (size_t i = 0; i < n; i++) {
        const FunctionFeature *f = &vote->query->functions.at[i];
        if (function_is_telling(f) && !vote->runtime[i])
            queries[i] = (SignatureQuery){f->pic, outline_sketch(vote->outline, i)};
    }
    SignatureQuestion question = {queries, n, VOTE_SIGNATURES, VOTE_LIKENESS};
    SignatureHitVec hits = {.max = 1 << 26};
    Status status = snapshot_find_signatures(vote->snap, vote->scratch, &question, &hits, err);
    Places places = {0};
    if (status == STATUS_OK)
        status = find_places(vote, &hits, &places, err);
    if (status != STATUS_OK)
        return status;
    vote->report->was_cut |= hits.full;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const FunctionFeature *f = &vote->query->functions.at[i];
        FunctionInfo *info = &vote->report->functions[i];
        HitRange range = {at, at};
        while (at < hits.count && hits.at[at].query == i)
            range.end = ++at;
        if (!function_is_telling(f)) {
            info->function_class = CLASS_SMALL;
            continue;
        }
        if (vote->runtime[i]) {
            info->function_class = CLASS_LIBRARY;
            continue;
        }
        judge_function(vote, &places, range, info, f);
        vote->report->weight_total += (double)info->weight;
        if (info->weight > 0)
            cast_votes(vote, &places, range, info);
    }
    return STATUS_OK;
}

static int compare_votes(const void *x, const void *y) {
    const Ballot *p = x, *q = y;
    double a = p->votes + p->tokens, b = q->votes + q->tokens;
    if (a != b)
        return a > b ? -1 : 1;
    return (p->sample > q->sample) - (p->sample < q->sample);
}

static int compare_share(const void *x, const void *y) {
    const Ballot *p = x, *q = y;
    double a = p->votes / (p->functions + 20.0), b = q->votes / (q->functions + 20.0);
    if (a != b)
        return a > b ? -1 : 1;
    return (p->sample > q->sample) - (p->sample < q->sample);
}

static void shortlist_add(Vote *vote, size_t limit) {
    for (size_t i = 0; i < vote->ballots.count && vote->shortlist_count < limit; i++) {
        const Ballot *b = &vote->ballots.at[i];
        unsigned same_group = 0;
        bool is_in = b->votes + b->tokens <= 0;
        for (size_t k = 0; k < vote->shortlist_count; k++) {
            is_in |= vote->shortlist[k] == b->sample;
            same_group += vote_find(vote, vote->shortlist[k])->group == b->group;
        }
        if (!is_in && same_group < SHORTLIST_PER_GROUP)
            vote->shortlist[vote->shortlist_count++] = b->sample;
    }
}

static void list_voters(Vote *vote) {
    uint32_t count = snapshot_sample_count(vote->snap);
    vote->voters = ARENA_ARRAY(vote->scratch, Voter, count + 1);
    Map groups = map_new(vote->scratch, 256);
    for (uint32_t i = 0; i < count; i++) {
        const StoredSample *sample = snapshot_sample_at(vote->snap, i);
        Voter *voter = &vote->voters[i];
        *voter = (Voter){.sample = sample,
                         .group = group_from_sample(sample),
                         .is_reference = sample->labels.sample_class == SAMPLE_REFERENCE};
        if (!voter->is_reference) {
            vote->report->public_in_store++;
            continue;
        }
        vote->report->samples_in_store++;
        vote->report->families_in_store += map_put(&groups, voter->group, 1);
    }
}

Status vote_run(Vote *vote, Error *err) {
    vote->ballots.max = 1 << 22;
    list_voters(vote);
    vote->runtime = runtime_functions(vote->query, vote->scratch);
    Status status = vote_by_code(vote, err);
    if (status == STATUS_OK)
        status = tokens_vote(vote, err);
    if (status != STATUS_OK || vote->ballots.count == 0)
        return status;
    qsort(vote->ballots.at, vote->ballots.count, sizeof *vote->ballots.at, compare_votes);
    shortlist_add(vote, SHORTLIST_BY_VOTES);
    qsort(vote->ballots.at, vote->ballots.count, sizeof *vote->ballots.at, compare_share);
    shortlist_add(vote, MAX_SHORTLIST);
    return STATUS_OK;
}
