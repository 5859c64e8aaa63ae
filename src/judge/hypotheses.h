/* SPDX-License-Identifier: Apache-2.0
 * hypotheses.h: what else it could be, and how likely each is. One explanation of what is shared is
 * right: a family's lineage, an unknown group, public code, a supplier of both, or planted
 * evidence; their shares add up to one. Operators are further claims beside these (operators.h). */
#ifndef COG_JUDGE_HYPOTHESES_H
#define COG_JUDGE_HYPOTHESES_H

#include "judge/party.h"

enum { MAX_HYPOTHESES = 48, MAX_NAMED = 5 };

/* p: of the first party by its code and texts (calibrate.h). Uses v->measures, coverage and
 * contradictions; fills v->hypotheses. Returns what is left of p beside the contradictions. */
double hypotheses_fill(Verdict *v, const PartyVec *parties, double p, Arena *a);
Hypothesis *hypothesis_add(Verdict *v, Arena *a, HypothesisKind kind, const char *name, double p);
void hypotheses_sort(Verdict *v);

#endif
