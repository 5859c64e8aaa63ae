/* SPDX-License-Identifier: Apache-2.0
 * value.h: what a function computes: its values as a graph (graph.h) and what it does with them
 * that can be seen from outside (effects): stores, calls with their arguments, conditions, results.
 * In: code and image. Out: a ValueFunction on scratch, dead with the caller's arena_reset. Stack
 * slots are variables, registers are gone; see docs/evidence/values.md for what is and is not
 * modelled. Odd input: what is not understood is an unknown value. Limits: MAX_VALUE_OPS,
 * MAX_VALUES, MAX_STACK_SLOTS; is_cut tells that one was hit. Threads: one Values, one thread. */
#ifndef COG_VALUE_VALUE_H
#define COG_VALUE_VALUE_H

#include "code/code.h"
#include "value/graph.h"

typedef enum EffectKind {
    EFFECT_STORE,  /* a: address, b: value, bits wide */
    EFFECT_CALL,   /* a: target when it is not known; args */
    EFFECT_BRANCH, /* a: condition */
    EFFECT_SWITCH, /* a: target of an indirect jump */
    EFFECT_RETURN, /* a: result */
    EFFECT_FILL,   /* rep stos: a: address, b: value, args: count */
    EFFECT_COPY    /* rep movs: a: to, b: from, args: count */
} EffectKind;

typedef struct Effect {
    uint8_t kind, bits;
    bool in_loop;
    uint32_t block; /* of the function */
    uint64_t va;    /* of the instruction */
    Value a, b;
    uint32_t first_arg, arg_count; /* ValueFunction.args */
    uint32_t callee, import; /* EFFECT_CALL: index + 1 of function or import, 0; b: number of the
                                call among the function's */
} Effect;

typedef struct ValueFunction {
    const Function *function;
    Graph graph;
    VEC(Effect) effects;
    VEC(Value) args;
    bool is_cut;
} ValueFunction;

enum {
    /* Operations of one function that are looked at: 65,536 instructions of 4 (guess). */
    MAX_VALUE_OPS = 1 << 18,
    /* Stack slots that are variables; the rest is memory. sqlite3VdbeExec at -O0 has 430. */
    MAX_STACK_SLOTS = 1024,
    MAX_CALL_ARGS = 12
};

/* What callers need to know of callees, found once per function whichever thread asks first. */
typedef struct Summaries Summaries;
Summaries *summaries_new(Arena *a, const Code *code);

typedef struct Values Values;
/* NULL when the processor is not lifted. Lives on a. summaries: of this code, shared with Values of
 * other threads, or NULL: its own. */
Values *values_for_image(Arena *a, const Image *image, const Code *code, Summaries *summaries);
/* On scratch; the caller marks and resets. */
const ValueFunction *values_from_function(Values *v, const Function *f, Arena *scratch);
/* i386: registers that hold arguments by what the function does: bit 0: eax, 1: edx, 2: ecx is read
 * before it is written (a push that only makes room or saves is no read). Other processors: the
 * same for the convention's argument registers in order. */
uint32_t values_args_of(Values *v, const Function *f, Arena *scratch);
/* The same where instructions are decoded already: insns[0..count) are those of the function's
 * blocks in order, as far as they go. */
const ValueFunction *values_from_insns(Values *v, const Function *f, const Insn *insns,
                                       size_t count, Arena *scratch);

#endif
