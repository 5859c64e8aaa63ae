/* SPDX-License-Identifier: Apache-2.0
 * placed.h: fields of instructions that the linker fills in with distances it chose: offsets of
 * thread data from the thread pointer, and of data from the address that i386's
 * position-independent code fetches. They look like any displacement or number; what the registers
 * hold says what they are. One pass over a function's blocks in order follows the thread pointer,
 * fetched addresses and (AArch64, ARM) addresses made in steps; where paths meet, what all of them
 * agree on; paths back to an earlier block are not waited for. A second one backwards finds the
 * numbers that become offsets from the thread pointer. In: a view's decoded instructions. Out:
 * FunctionView.placed, and address_bits where the processor has no byte fields. Odd input: what is
 * not understood ends what is known. */
#ifndef COG_FEATURE_PLACED_H
#define COG_FEATURE_PLACED_H

#include "feature/view.h"

/* FunctionView.placed, bits per instruction (x86). */
enum { PLACED_DISP = 1, PLACED_IMM = 2 };

/* Instructions of one block of the function, as recovery has it. */
typedef struct InsnSpan {
    uint32_t first, count;
} InsnSpan;

typedef struct Placer Placer;
/* Room for the largest function. */
Placer *placer_new(Arena *a, uint32_t max_blocks, uint32_t max_insns);
/* insns: those of the view. What it gives lasts until the next call. */
void placed_find(Placer *p, FunctionView *v, Insn *insns, const InsnSpan *spans,
                 uint32_t span_count);

#endif
