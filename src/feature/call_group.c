/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/call_group.h"

enum {
    /* A callee so short is often inlined at -O2 and -O3; tried on the tuning part: 0, 30, 60 (the
       best). */
    SHORT_INSNS = 60,
    MOST_INSNS = 4000, /* of all that is taken together (guess) */
    MOST_LEVELS = 3    /* callees of callees of callees */
};

uint8_t *context_callers(const Features *f, Arena *arena, Arena *scratch) {
    size_t n = f->functions.count;
    uint8_t *callers = ARENA_ARRAY(arena, uint8_t, n + 1);
    ArenaMark mark = arena_mark(scratch);
    uint32_t *last = ARENA_ARRAY(scratch, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        for (uint32_t k = 0; k < fn->call_count; k++) {
            uint32_t callee = f->calls.at[fn->first_call + k];
            if ((callee & CALL_IS_IMPORT) || callee == i || last[callee] == i + 1)
                continue;
            last[callee] = i + 1;
            callers[callee] = (uint8_t)(callers[callee] < 2 ? callers[callee] + 1 : 2);
        }
    }
    arena_reset(scratch, mark);
    return callers;
}

static bool is_taken(const ContextGroup *t, uint32_t function) {
    for (unsigned i = 0; i < t->count; i++)
        if (t->function[i] == function)
            return true;
    return false;
}

static void take_callees(const Features *f, const uint8_t *callers, ContextGroup *t) {
    unsigned from = 0;
    for (unsigned level = 0; level < MOST_LEVELS; level++) {
        unsigned to = t->count;
        for (; from < to; from++) {
            const FunctionFeature *fn = &f->functions.at[t->function[from]];
            for (uint32_t k = 0; k < fn->call_count && t->count <= CONTEXT_CALLEES; k++) {
                uint32_t callee = f->calls.at[fn->first_call + k];
                if ((callee & CALL_IS_IMPORT) || is_taken(t, callee))
                    continue;
                const FunctionFeature *c = &f->functions.at[callee];
                if ((callers[callee] == 1 || c->instructions <= SHORT_INSNS) &&
                    t->insns + c->instructions <= MOST_INSNS) {
                    t->function[t->count++] = callee;
                    t->insns += c->instructions;
                }
            }
        }
    }
}

ContextGroup context_group(const Features *f, const uint8_t *callers, uint32_t function) {
    ContextGroup t = {
        .function = {function}, .count = 1, .insns = f->functions.at[function].instructions};
    take_callees(f, callers, &t);
    return t;
}
