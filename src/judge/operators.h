/* SPDX-License-Identifier: Apache-2.0
 * operators.h: who used it: campaigns and actors that labels, reports and shared infrastructure
 * name, each with a probability that code alone never carries past even chance. In: hypotheses of
 * lineage, evidence, ledger, knowledge. Out: hypotheses of kind campaign and actor, and the three
 * claims. */
#ifndef COG_JUDGE_OPERATORS_H
#define COG_JUDGE_OPERATORS_H

#include "judge/ledger.h"
#include "judge/party.h"

/* "likely" (ICD 203): from here on somebody is named. */
static const double OPERATORS_NAMED = 0.55;

typedef struct Operator {
    HypothesisKind kind; /* HYPOTHESIS_CAMPAIGN or HYPOTHESIS_ACTOR */
    const char *name, *source;
    double by_family; /* P(the family is theirs) if the lineage is right, by labels and claims */
    double lineage;   /* probability of the families that are theirs */
    double log10_lr;  /* of what speaks about operators */
    double probability;
    unsigned vertices; /* bits of Vertex that point to them */
    bool has_hard;     /* one of these is hard to forge */
    unsigned wanted;   /* so many independent classes, before it may be above even chance */
    bool is_capped;    /* held at even chance for want of them */
} Operator;
typedef VEC(Operator) OperatorVec;

/* Who is named by labels of the parties' samples, by claims about these families, by evidence. */
Status operators_find(const Verdict *v, const VerdictCase *c, const PartyVec *parties, Arena *a,
                      OperatorVec *out, Error *err);
/* Probabilities by a ledger (whole, or with an item or source left out). */
void operators_weigh(const Verdict *v, const LedgerVec *ledger, OperatorVec *operators);
/* The best of a kind, or NULL. */
const Operator *operators_best(const OperatorVec *operators, HypothesisKind kind);
/* Adds hypotheses and claims to the verdict. */
void operators_say(Verdict *v, const OperatorVec *operators, Arena *a);

#endif
