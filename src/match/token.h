/* SPDX-License-Identifier: Apache-2.0
 * token.h: strings and traits as further, weaker evidence: rare ones only. */
#ifndef COG_MATCH_TOKEN_H
#define COG_MATCH_TOKEN_H

#include "match/vote.h"

/* Shorter strings are shared by chance (guess: 8 characters of text carry about 20 bits). */
enum { MIN_STRING = 8 };

/* Looks up the query's tokens, weighs them by rarity, lets the rare ones vote. */
Status tokens_vote(Vote *vote, Error *err);
/* Which weighty tokens sample m has too: m->tokens, token_weight and both shares. */
Status tokens_share(const Vote *vote, const Outline *ref, SampleMatch *m, Arena *a, Error *err);
/* Traits that can link two samples (a TLSH digest or a linker version cannot). */
bool trait_is_linking(TraitKind kind);

#endif
