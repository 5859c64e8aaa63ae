/* SPDX-License-Identifier: Apache-2.0
 * robust.h: the verdict without each of its items, each reference sample and each source: what the
 * decision hangs on; and what would change it. Runs after the decision is made. */
#ifndef COG_JUDGE_ROBUST_H
#define COG_JUDGE_ROBUST_H

#include "judge/operators.h"
#include "judge/party.h"

/* Fills v->robust and v->hangs_on. p: the first family's probability before contradictions;
 * operators: as they were weighed, changed and restored. */
void robust_fill(Verdict *v, const VerdictCase *c, const PartyVec *parties, OperatorVec *operators,
                 Arena *a);
/* Fills v->would_change. */
void robust_say_changes(Verdict *v, const VerdictCase *c, const OperatorVec *operators, Arena *a);

#endif
