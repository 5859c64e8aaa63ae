/* SPDX-License-Identifier: Apache-2.0
 * pair.h: the fields that every `pair` record begins with: both functions, score, chance, reason.
 */
#ifndef COG_REPORT_PAIR_H
#define COG_REPORT_PAIR_H

#include "match/match.h"
#include "report/json.h"

void json_write_pair(Json *j, const Features *a, const Features *b, const FunctionPair *pair);

#endif
