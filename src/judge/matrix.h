/* SPDX-License-Identifier: Apache-2.0
 * matrix.h: hypotheses against evidence, so that a reader sees what is inconsistent with each. In:
 * the hypotheses in their final order, ledger, contradictions. Out: v->matrix. */
#ifndef COG_JUDGE_MATRIX_H
#define COG_JUDGE_MATRIX_H

#include "judge/verdict.h"

void matrix_fill(Verdict *v, Arena *a);

#endif
