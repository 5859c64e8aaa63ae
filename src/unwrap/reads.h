/* SPDX-License-Identifier: Apache-2.0
 * reads.h: which places of arguments a function may read before it writes them; private to unwrap/.
 * In: a function and its blocks. Out: registers and words of the stack; a superset: calls, jumps
 * out of the function and code that cannot be followed read all. Threads: one. */
#ifndef COG_UNWRAP_READS_H
#define COG_UNWRAP_READS_H

#include "code/code.h"
#include "value/abi.h"

typedef struct Reads {
    uint32_t registers; /* bit n: general register n */
    uint32_t stack;     /* bit n: word n from the stack pointer at entry on */
} Reads;

/* ops: room for IR_MAX_OPS. */
Reads reads_from_function(const Image *image, const Code *code, const Lifter *lifter,
                          const Function *f, IrOp *ops, Arena *scratch);

#endif
