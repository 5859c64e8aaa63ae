/* SPDX-License-Identifier: Apache-2.0
 * contradict.h: what in a sample cannot all be true: headers against each other, against the tools
 * that they name and against time, and what points to a family without its code. Each finding says
 * where, and how much more often forged files have it than real ones (contradict_table.h).
 * In: features (const), dates, matches. Out: findings in the arena. Never sees bytes. Limits:
 * MAX_CONTRADICTIONS. Page: docs/evidence/contradictions.md. */
#ifndef COG_JUDGE_CONTRADICT_H
#define COG_JUDGE_CONTRADICT_H

#include "judge/party.h"

enum { MAX_CONTRADICTIONS = 24 };

/* Of the file alone. */
void contradict_file(const Features *f, CaseDates dates, Arena *a, ContradictionVec *out);
/* Of what it shares with the families. */
void contradict_match(const Features *query, const MatchReport *report, const PartyVec *parties,
                      Arena *a, ContradictionVec *out);

/* An empty finding with its weight filled in; NULL when the list is full. */
PRINTF_LIKE(4, 5)
Contradiction *contradiction_add(ContradictionVec *out, Arena *a, ContradictionKind kind,
                                 const char *fmt, ...);
void contradiction_add_spot(Contradiction *c, const uint8_t sha256[32], uint64_t va, uint64_t off);
void contradiction_add_name(Contradiction *c, const char *name);

#endif
