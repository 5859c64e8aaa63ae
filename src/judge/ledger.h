/* SPDX-License-Identifier: Apache-2.0
 * ledger.h: evidence by common cause, each cause counted once. In: the evidence of a verdict. Out:
 * v->ledger, and forgeability of items that were public before the sample. */
#ifndef COG_JUDGE_LEDGER_H
#define COG_JUDGE_LEDGER_H

#include "judge/verdict.h"

/* without: id of an item that is left out, 0 none; without_source: source of items, NULL none. */
typedef struct LedgerLess {
    uint32_t item;
    const char *source;
} LedgerLess;
void ledger_fill(const Verdict *v, LedgerLess less, Arena *a, LedgerVec *out);

/* How much the group says about who used it; false: nothing, whoever it points to. */
bool ledger_is_of_operators(const LedgerRow *row);
bool ledger_points_to(const LedgerRow *row, HypothesisKind kind, const char *name);
void evidence_point(Evidence *e, HypothesisKind kind, const char *name, const char *source);

#endif
