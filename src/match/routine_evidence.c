/* SPDX-License-Identifier: Apache-2.0 */
#include "match/routine_evidence.h"

RoutineTokens routine_tokens_of(const Features *f, Arena *a) {
    RoutineTokens t = {.at = ARENA_ARRAY(a, RoutineToken, routine_tokens_max(f) + 1)};
    t.count = routine_tokens(f, t.at);
    return t;
}
