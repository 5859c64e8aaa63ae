/* SPDX-License-Identifier: Apache-2.0
 * routine_evidence.h: routines and their secrets among the rare tokens of a vote (token.h). */
#ifndef COG_MATCH_ROUTINE_EVIDENCE_H
#define COG_MATCH_ROUTINE_EVIDENCE_H

#include "feature/routine_token.h"
#include "match/vote.h"

/* What one rare function that a routine computes, and one rare secret, say beside one rare function
 * of full size (guesses: a secret is copied with ease but hardly met by chance). */
#define ROUTINE_WEIGHT 0.5f
#define SECRET_WEIGHT 0.7f

/* All tokens of the sample's routines, in the arena. */
typedef struct RoutineTokens {
    RoutineToken *at;
    size_t count;
} RoutineTokens;
RoutineTokens routine_tokens_of(const Features *f, Arena *a);

#endif
