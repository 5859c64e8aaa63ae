/* SPDX-License-Identifier: Apache-2.0
 * token.h: strings and traits as further, weaker evidence: rare ones only. */
#ifndef COG_MATCH_TOKEN_H
#define COG_MATCH_TOKEN_H

#include "match/vote.h"

/* Shorter strings are shared by chance (guess: 8 characters of text carry about 20 bits). */
enum { MIN_STRING = 8 };

/* Looks up the query's tokens, weighs them by rarity, lets the rare ones vote. */
Status tokens_vote(Vote *vote, Error *err);
/* Of each reference of the short list, in its order: texts that stand for all of its texts. */
typedef struct RareTexts {
    uint32_t *places[MAX_SHORTLIST]; /* in its outline's tokens */
    size_t counts[MAX_SHORTLIST];
    Map weight_of; /* token -> its place in weights */
    double *weights;
} RareTexts;
Status tokens_weigh_back(const Vote *vote, const Outline *const *refs, size_t count, RareTexts *out,
                         Error *err);
/* Which weighty tokens the number-th reference, m, has too: m->tokens, token_weight and both
 * shares.
 */
void tokens_share(const Vote *vote, const RareTexts *rare, size_t number, SampleMatch *m, Arena *a);
/* Traits that can link two samples (a TLSH digest or a linker version cannot). */
bool trait_is_linking(TraitKind kind);

#endif
