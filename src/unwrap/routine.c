/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/routine.h"

const char *routine_kind_name(RoutineKind kind) {
    static const char *const names[] = {
#define X(constant, name) name,
        ROUTINE_KINDS(X)
#undef X
    };
    return (unsigned)kind < ROUTINE_KIND_COUNT ? names[kind] : "unknown";
}
