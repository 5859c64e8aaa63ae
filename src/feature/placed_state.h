/* SPDX-License-Identifier: Apache-2.0
 * placed_state.h: what the placed*.c files share: what registers hold at one place of a function.
 * Private to them. */
#ifndef COG_FEATURE_PLACED_STATE_H
#define COG_FEATURE_PLACED_STATE_H

#include "feature/placed.h"

/* Stack places that hold what is followed (i386: a fetched address, AArch64: a page), by distance
 * from the stack pointer (i386: what it was at entry) or from the frame pointer. */
typedef struct StackSlot {
    int32_t off;
    bool is_used, by_frame;
    uint64_t page; /* AArch64 */
} StackSlot;

enum { STACK_SLOTS = 4 /* compilers keep one or two (guess) */ };

typedef struct PlacedState {
    bool is_reached;
    Known known; /* processors that make addresses in steps */
    /* Bit n: register n holds the thread pointer; AArch64: it with the high part of an offset. */
    uint32_t thread, thread_page;
    /* i386: bit n: register n holds an address that was fetched with a call, or that and the
     * distance to the global offset table: displacements count from it. */
    uint32_t fetched;
    uint64_t popped_va; /* the next instruction's address lies on the stack, 0 no */
    int32_t depth;      /* bytes on the stack since entry */
    StackSlot slots[STACK_SLOTS];
} PlacedState;

/* Registers that the instruction uses as an offset from the thread pointer. */
typedef uint32_t ThreadUses;

typedef struct PlacedPlace {
    const FunctionView *v;
    Insn *in;
    uint8_t *placed; /* PLACED_* of the instruction */
} PlacedPlace;

/* Forwards: marks what the state tells, changes the state. */
ThreadUses placed_x86_step(PlacedState *s, const PlacedPlace *at);
ThreadUses placed_arm64_step(PlacedState *s, const PlacedPlace *at);
/* Backwards: `wanted` after the instruction are the registers whose value becomes such an offset;
 * marks numbers that do; returns those before it, but for the instruction's own uses. */
uint32_t placed_x86_back(uint32_t wanted, const PlacedPlace *at);
uint32_t placed_arm64_back(uint32_t wanted, const PlacedPlace *at);
/* True when the function's code is worth the two passes. */
bool placed_x86_is_worth(const FunctionView *v);

#endif
