/* SPDX-License-Identifier: Apache-2.0
 * explain.h: evidence items with addresses in both samples, made from one match. */
#ifndef COG_JUDGE_EXPLAIN_H
#define COG_JUDGE_EXPLAIN_H

#include "judge/party.h"
#include "match/routine_evidence.h"

/* Adds the weightiest items that support the first party, then what speaks against it. */
void explain_evidence(Verdict *v, const Features *query, const MatchReport *report,
                      const PartyVec *parties, const Snapshot *snap, Arena *a);

#endif
