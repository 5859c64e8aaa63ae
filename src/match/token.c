/* SPDX-License-Identifier: Apache-2.0 */
#include "match/token.h"

#include <string.h>

enum {
    /* Shorter strings are shared by chance (guess: 8 characters of text carry about 20 bits). */
    MIN_STRING = 8,
    MAX_TOKENS = 65536,
    COMMON_GROUPS = 3
};
/* What one rare string says beside one rare function of full size, and one linking trait (guess;
 * strings are copied with ease). */
static const float STRING_WEIGHT = 0.05f, TRAIT_WEIGHT = 0.5f;
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
    case TRAIT_KIND_COUNT:
        return false;
    }
    return false;
}

static void add_row(Vote *vote, Map *seen, uint64_t token, size_t index, bool is_trait) {
    if (map_find(seen, token))
        return;
    TokenRow *row = VEC_ADD(vote->scratch, &vote->tokens);
    if (!row) {
        vote->report->was_cut = true;
        return;
    }
    map_put(seen, token, 1);
    *row = (TokenRow){.token = token, .index = (uint32_t)index, .is_trait = is_trait};
}

static void list_tokens(Vote *vote) {
    const Features *q = vote->query;
    vote->tokens.max = MAX_TOKENS;
    Map seen = map_new(vote->scratch, q->strings.count + q->traits.count);
    for (size_t i = 0; i < q->traits.count; i++)
        if (trait_is_linking(q->traits.at[i].kind))
            add_row(vote, &seen, token_from_trait(q->traits.at[i].kind, q->traits.at[i].value), i,
                    true);
    for (size_t i = 0; i < q->strings.count; i++)
        if (q->strings.at[i].length >= MIN_STRING)
            add_row(vote, &seen, token_from_string(q->strings.at[i].text, q->strings.at[i].length),
                    i, false);
}

static void weigh_row(Vote *vote, TokenRow *row, const TokenHit *hits, size_t count) {
    GroupSet groups = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        const StoredSample *sample = snapshot_find_sample(vote->snap, hits[i].sample);
        if (!sample)
            continue;
        if (sample->labels.sample_class == SAMPLE_REFERENCE)
            group_set_add(&groups, group_from_sample(sample));
        else
            row->is_public = true;
    }
    row->groups = groups.count;
    if (!row->is_public && row->samples == count && groups.count < COMMON_GROUPS) {
        float weight = (row->is_trait ? TRAIT_WEIGHT : STRING_WEIGHT) * rarity_weight(groups.count);
        vote->report->token_total += (double)weight;
        row->weight = groups.count > 0 ? weight : 0;
    }
    for (size_t i = 0; i < count && row->weight > 0; i++) {
        const StoredSample *sample = snapshot_find_sample(vote->snap, hits[i].sample);
        Ballot *b = sample && sample->labels.sample_class == SAMPLE_REFERENCE
                        ? vote_ballot(vote, sample)
                        : NULL;
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

void tokens_share(const Vote *vote, SampleMatch *m, Arena *a) {
    const Features *ref = m->features;
    Map where = map_new(vote->scratch, ref->strings.count + ref->traits.count);
    for (size_t i = 0; i < ref->strings.count; i++)
        map_put(&where, token_from_string(ref->strings.at[i].text, ref->strings.at[i].length),
                i + 1);
    for (size_t i = 0; i < ref->traits.count; i++)
        map_put(&where, token_from_trait(ref->traits.at[i].kind, ref->traits.at[i].value), i + 1);
    for (size_t i = 0; i < vote->tokens.count; i++) {
        const TokenRow *row = &vote->tokens.at[i];
        uint64_t *at = row->weight > 0 ? map_find(&where, row->token) : NULL;
        SharedToken *shared = at ? VEC_ADD(a, &m->tokens) : NULL;
        if (!shared)
            continue;
        *shared = (SharedToken){.index = row->index,
                                .ref_index = (uint32_t)(*at - 1),
                                .is_trait = row->is_trait,
                                .samples = row->samples,
                                .families = row->groups,
                                .weight = row->weight};
        m->token_weight += (double)row->weight;
    }
    m->token_share = m->token_weight / (vote->report->token_total + PRIOR_TOKENS);
}
