/* SPDX-License-Identifier: Apache-2.0 */
#include "match/token.h"

#include "base/search.h"
#include "match/routine_evidence.h"
#include "match/runtime.h"

#include <math.h>
#include <string.h>

enum {
    MAX_TOKENS = 65536,
    /* Strings of a reference that are looked up: shares are right to three per cent. */
    REVERSE_SAMPLE = 1024
};
/* What one rare string says beside one rare function of full size, and one linking trait (guess;
 * strings are copied with ease). */
static const float STRING_WEIGHT = 0.05f, TRAIT_WEIGHT = 0.5f;
/* A habit of hiding (guess): a table of functions or a tuple of moduli is copied with the source, a
 * combination of public techniques is met by chance. */
static const float OBFUSCATION_WEIGHT = 0.15f;
/* Ten strings that nobody shares, in every sample: a share of few is no share (guess). */
static const double PRIOR_TOKENS = 0.5;

bool trait_is_linking(TraitKind kind) {
    switch (kind) {
    case TRAIT_IMPHASH:
    case TRAIT_RICH:
    case TRAIT_PDB_PATH:
    case TRAIT_PDB_GUID:
    case TRAIT_RESOURCE_HASH:
    case TRAIT_VERSION_INFO:
    case TRAIT_EXPORT_NAME:
    case TRAIT_EXPORTS_HASH:
    case TRAIT_BUILD_ID:
    case TRAIT_GO_BUILD_ID:
    case TRAIT_CERTIFICATE:
    case TRAIT_SONAME:
    case TRAIT_RUNPATH:
    case TRAIT_IMPORTS:
    case TRAIT_IMPORT_TABLE:
    case TRAIT_TIME_FORGERY:
    case TRAIT_OBFUSCATION:
        return true;
    case TRAIT_RICH_HASH: /* says what TRAIT_RICH says */
    case TRAIT_COMPILE_TIME:
    case TRAIT_EXPORT_TIME:
    case TRAIT_DEBUG_TIME:
    case TRAIT_RESOURCE_TIME:
    case TRAIT_RESOURCE_LANGUAGE:
    case TRAIT_SECTION_NAMES:
    case TRAIT_LINKER:
    case TRAIT_COMPILER:
    case TRAIT_LANGUAGE:
    case TRAIT_PACKER:
    case TRAIT_TLSH:
    case TRAIT_SSDEEP:
    case TRAIT_OVERLAY:
    case TRAIT_STRING_SCHEME: /* public tools; together: TRAIT_OBFUSCATION */
    case TRAIT_API_SCHEME:
    case TRAIT_FLATTENING:
    case TRAIT_OPAQUE:
    case TRAIT_JUNK:
    case TRAIT_RANDOM_TAIL:
    case TRAIT_HEADER_REPAIR:
    case TRAIT_UNPACKED:
    case TRAIT_PARENT:
    case TRAIT_KIND_COUNT:
        return false;
    }
    return false;
}

static TokenRow *add_row(Vote *vote, uint64_t token, size_t index, bool is_trait) {
    if (map_find(&vote->row_of, token))
        return NULL;
    TokenRow *row = VEC_ADD(vote->scratch, &vote->tokens);
    if (!row) {
        vote->report->was_cut = true;
        return NULL;
    }
    map_put(&vote->row_of, token, vote->tokens.count);
    *row = (TokenRow){.token = token, .index = (uint32_t)index, .is_trait = is_trait};
    return row;
}

/* Mentioned, and by functions of a run-time library only. */
static bool string_is_of_runtime(const Vote *vote, const StringFeature *s) {
    for (uint32_t i = 0; i < s->ref_count; i++) {
        uint64_t va = vote->query->string_refs.at[s->first_ref + i];
        size_t function = features_function_at(vote->query, va);
        if (function == SIZE_MAX || !vote->runtime[function])
            return false;
    }
    return s->ref_count > 0;
}

/* Texts of one program lie together: this far from one that is mentioned (guess; Go and Rust texts
 * lie end to end, of which few can be told to be mentioned). */
static const uint64_t NEAR = 4096;

static void mark_near(const Features *q, size_t i, uint64_t *last, bool *is_near) {
    const StringFeature *s = &q->strings.at[i];
    if (s->kind > STRING_UTF16)
        return;
    if (s->ref_count > 0)
        *last = s->off;
    uint64_t apart = s->off > *last ? s->off - *last : *last - s->off;
    *is_near = *last != UINT64_MAX && apart < NEAR;
}

/* Which texts the code mentions, or lie near mentioned ones on both sides (strings are in order of
 * their places in the file); all, where no mention is known. */
static const bool *bound_texts(const Vote *vote) {
    const Features *q = vote->query;
    size_t n = q->strings.count;
    bool *out = ARENA_ARRAY(vote->scratch, bool, n + 1);
    uint64_t before = UINT64_MAX, after = UINT64_MAX;
    for (size_t i = 0; i < n; i++)
        mark_near(q, i, &before, &out[i]);
    for (size_t i = n; i-- > 0;) {
        bool is_near = false;
        mark_near(q, i, &after, &is_near);
        out[i] = (out[i] && is_near) || q->strings.at[i].ref_count > 0 || q->string_refs.count == 0;
    }
    return out;
}

static void list_tokens(Vote *vote) {
    const Features *q = vote->query;
    const bool *bound = bound_texts(vote);
    vote->tokens.max = MAX_TOKENS;
    vote->row_of = map_new(vote->scratch, q->strings.count + q->traits.count);
    RoutineTokens routines = routine_tokens_of(q, vote->scratch);
    for (size_t i = 0; i < routines.count; i++) {
        TokenRow *row = add_row(vote, routines.at[i].token, i, false);
        if (!row)
            continue;
        row->of_routine = routines.at[i].parameter ? TOKEN_SECRET : TOKEN_ROUTINE;
        row->is_bound = true;
    }
    for (size_t i = 0; i < q->traits.count; i++)
        if (trait_is_linking(q->traits.at[i].kind))
            add_row(vote, token_from_trait(q->traits.at[i].kind, q->traits.at[i].value), i, true);
    for (size_t i = 0; i < q->strings.count; i++) {
        const StringFeature *f = &q->strings.at[i];
        uint64_t token = token_from_string(f->text, f->length);
        if (f->length < MIN_STRING || string_is_runtime(token) || string_is_of_runtime(vote, f))
            continue;
        TokenRow *row = add_row(vote, token, i, false);
        if (row)
            row->is_bound = bound[i];
    }
}

static float row_weight(const Vote *vote, const TokenRow *row) {
    if (row->is_trait && trait_is_obfuscation(vote->query->traits.at[row->index].kind))
        return OBFUSCATION_WEIGHT;
    return row->of_routine == TOKEN_ROUTINE  ? ROUTINE_WEIGHT
           : row->of_routine == TOKEN_SECRET ? SECRET_WEIGHT
           : row->is_trait                   ? TRAIT_WEIGHT
                                             : STRING_WEIGHT;
}

static void weigh_row(Vote *vote, TokenRow *row, const TokenHit *hits, size_t count) {
    GroupSet groups = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        const Voter *voter = vote_find(vote, hits[i].sample);
        if (!voter)
            continue;
        if (voter->is_reference)
            group_set_add(&groups, voter->group);
        else
            row->is_public = true;
    }
    row->groups = groups.count;
    if (!row->is_public && row->samples == count && groups.count < COMMON_GROUPS) {
        float weight = row_weight(vote, row) * rarity_weight(groups.count);
        vote->report->token_total += (double)weight;
        row->weight = groups.count > 0 ? weight : 0;
    }
    for (size_t i = 0; i < count && row->weight > 0; i++) {
        Voter *voter = vote_find(vote, hits[i].sample);
        Ballot *b = voter && voter->is_reference ? vote_ballot(vote, voter) : NULL;
        if (b)
            b->tokens += (double)row->weight;
    }
}

Status tokens_vote(Vote *vote, Error *err) {
    list_tokens(vote);
    size_t n = vote->tokens.count;
    uint64_t *tokens = ARENA_ARRAY(vote->scratch, uint64_t, n + 1);
    uint32_t *totals = ARENA_ARRAY(vote->scratch, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        tokens[i] = vote->tokens.at[i].token;
    TokenHitVec hits = {.max = 1 << 24};
    Status status = snapshot_find_tokens(vote->snap, vote->scratch, tokens, n, VOTE_OCCURRENCES,
                                         &hits, totals, err);
    if (status != STATUS_OK)
        return status;
    vote->report->was_cut |= hits.full;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        size_t first = at;
        while (at < hits.count && hits.at[at].token == i)
            at++;
        vote->tokens.at[i].samples = totals[i];
        weigh_row(vote, &vote->tokens.at[i], hits.at + first, at - first);
    }
    return STATUS_OK;
}

/* Weight of a token that is in these places; 0 for what is public or common. */
static double rare_weight(const Vote *vote, const TokenHit *hits, size_t count, uint32_t samples) {
    GroupSet groups = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        const Voter *voter = vote_find(vote, hits[i].sample);
        if (voter && !voter->is_reference)
            return 0;
        if (voter)
            group_set_add(&groups, voter->group);
    }
    return samples > count || groups.count >= COMMON_GROUPS ? 0
                                                            : (double)rarity_weight(groups.count);
}

static bool is_text(const Outline *ref, size_t at) {
    return (ref->token_of[at] & OUTLINE_OF) == OUTLINE_STRING;
}

/* at: the token's place in ref. */
static StringUse use_of(const Vote *vote, const Outline *ref, size_t at, const TokenRow *row) {
    if (row->is_trait || row->of_routine || !is_text(ref, at) ||
        vote->query->string_refs.count == 0)
        return STRING_USE_UNTOLD;
    const StringFeature *here = &vote->query->strings.at[row->index];
    if (!(ref->token_of[at] & OUTLINE_MENTIONED) || !(ref->token_of[at] & OUTLINE_PLAIN) ||
        here->kind > STRING_UTF16)
        return STRING_USE_UNTOLD;
    return here->ref_count > 0 ? STRING_LIVE : STRING_IDLE;
}

/* Part of its weight that such a text keeps (guess; docs/decisions.md). */
static const float IDLE_PART = 0.2f;

/* Of code and texts that it mentions (is_bound), and of what anybody can put into a file: headers,
 * other texts. */
typedef struct TokenSum {
    double bound, loose;
} TokenSum;

static void sum_add(TokenSum *sum, const TokenRow *row, StringUse use, double weight) {
    weight *= use == STRING_IDLE ? (double)IDLE_PART : 1;
    *(row->is_bound ? &sum->bound : &sum->loose) += weight;
}

/* What is loose says at most as much as what is bound beside it (guess; docs/decisions.md). */
static double sum_weight(TokenSum sum) { return sum.bound + fmin(sum.loose, sum.bound); }

/* Tokens are hashes: the smallest ones are a fair sample, and the same one every time. */
static size_t sample_texts(const Outline *ref, uint32_t *places) {
    size_t n = 0;
    for (uint32_t i = 0; i < ref->counts[OUTLINE_TOKENS] && n < REVERSE_SAMPLE; i++)
        if (is_text(ref, i) && ref->token_length[i] >= MIN_STRING &&
            !string_is_runtime(ref->token[i]))
            places[n++] = i;
    return n;
}

/* What the texts weigh that a sample of each reference has; references share many. */
Status tokens_weigh_back(const Vote *vote, const Outline *const *refs, size_t count, RareTexts *out,
                         Error *err) {
    uint64_t *tokens = ARENA_UNSET(vote->scratch, uint64_t, count * REVERSE_SAMPLE + 1);
    size_t n = 0;
    for (size_t r = 0; r < count; r++) {
        out->places[r] = ARENA_UNSET(vote->scratch, uint32_t, REVERSE_SAMPLE);
        out->counts[r] = sample_texts(refs[r], out->places[r]);
        for (size_t i = 0; i < out->counts[r]; i++)
            tokens[n++] = refs[r]->token[out->places[r][i]];
    }
    sort_u64(vote->scratch, tokens, n);
    n = unique_u64(tokens, n);
    uint32_t *totals = ARENA_UNSET(vote->scratch, uint32_t, n + 1);
    TokenHitVec hits = {.max = 1 << 24};
    Status status = snapshot_find_tokens(vote->snap, vote->scratch, tokens, n, VOTE_OCCURRENCES,
                                         &hits, totals, err);
    out->weight_of = map_new(vote->scratch, n);
    out->weights = ARENA_UNSET(vote->scratch, double, n + 1);
    for (size_t i = 0, at = 0; status == STATUS_OK && i < n; i++) {
        size_t first = at;
        while (at < hits.count && hits.at[at].token == i)
            at++;
        out->weights[i] = rare_weight(vote, hits.at + first, at - first, totals[i]);
        map_put(&out->weight_of, tokens[i], i);
    }
    return status;
}

/* How much of the reference's rare strings the query has. */
static void share_back(const Vote *vote, const RareTexts *rare, size_t number, const Outline *ref,
                       SampleMatch *m) {
    double all = PRIOR_TOKENS / (double)STRING_WEIGHT;
    TokenSum both = {0};
    for (size_t i = 0; i < rare->counts[number]; i++) {
        uint32_t place = rare->places[number][i];
        double weight = rare->weights[*map_find(&rare->weight_of, ref->token[place])];
        all += weight;
        const uint64_t *row = map_find(&vote->row_of, ref->token[place]);
        const TokenRow *found = row ? &vote->tokens.at[*row - 1] : NULL;
        if (found)
            sum_add(&both, found, use_of(vote, ref, place, found), weight);
    }
    m->token_reverse = sum_weight(both) / all;
    m->token_reverse_all = (both.bound + both.loose) / all;
}

/* Its place among the reference's tokens, or SIZE_MAX. */
static size_t find_token(const Outline *ref, uint64_t token) {
    size_t place = search_u64(ref->token, ref->counts[OUTLINE_TOKENS], token);
    return place < ref->counts[OUTLINE_TOKENS] && ref->token[place] == token ? place : SIZE_MAX;
}

void tokens_share(const Vote *vote, const RareTexts *rare, size_t number, SampleMatch *m,
                  Arena *a) {
    const Outline *ref = m->outline;
    TokenSum both = {0};
    for (size_t i = 0; i < vote->tokens.count; i++) {
        const TokenRow *row = &vote->tokens.at[i];
        size_t at = row->weight > 0 ? find_token(ref, row->token) : SIZE_MAX;
        if (at == SIZE_MAX)
            continue;
        StringUse use = use_of(vote, ref, at, row);
        float weight = use == STRING_IDLE ? row->weight * IDLE_PART : row->weight;
        sum_add(&both, row, use, (double)row->weight);
        SharedToken *shared = VEC_ADD(a, &m->tokens); /* the list is to be shown; it may end */
        if (shared)
            *shared = (SharedToken){.index = row->index,
                                    .ref_index = ref->token_index[at],
                                    .is_trait = row->is_trait,
                                    .of_routine = row->of_routine,
                                    .use = use,
                                    .samples = row->samples,
                                    .families = row->groups,
                                    .weight = weight};
    }
    double all = vote->report->token_total + PRIOR_TOKENS;
    m->token_weight = sum_weight(both);
    m->token_share = m->token_weight / all;
    m->token_weight_all = both.bound + both.loose;
    m->token_share_all = m->token_weight_all / all;
    share_back(vote, rare, number, ref, m);
}
