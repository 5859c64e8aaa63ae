/* SPDX-License-Identifier: Apache-2.0
 * party.h: matches joined by label: what the sample shares with each family, and what is left of
 * that without one reference. */
#ifndef COG_JUDGE_PARTY_H
#define COG_JUDGE_PARTY_H

#include "judge/verdict.h"

typedef struct Party {
    uint64_t group;
    const Labels *labels;    /* of its best sample */
    const SampleMatch *best; /* by score */
    double score;            /* of it: score_from_measures */
    double against;          /* as another's rival: at most, with headers and loose texts in full */
    uint32_t samples;
} Party;
typedef VEC(Party) PartyVec;

/* What is left out: a sample (UINT32_MAX none), all samples of a source (NULL none). */
typedef struct PartyLess {
    uint32_t sample;
    const char *source;
} PartyLess;
/* Best first. */
void parties_from_matches(const MatchReport *report, const Snapshot *snap, PartyLess less, Arena *a,
                          PartyVec *out);
/* Measures of the first party against the others. */
Measures measures_from_parties(const MatchReport *report, const PartyVec *parties);

#endif
