/* SPDX-License-Identifier: Apache-2.0
 * sift.h: which functions are worth running: a cheap look at their operations. Helpers may do it
 * while the sample's thread is at something else (f_code.c). */
#ifndef COG_UNWRAP_SIFT_H
#define COG_UNWRAP_SIFT_H

#include "base/parallel.h"
#include "code/code.h"
#include "value/ir.h"

typedef struct Sifted {
    bool is_candidate;
    bool has_multiply;             /* by something that is no small number */
    bool has_mixing;               /* XOR of two values, rotation, multiplication */
    bool has_store, has_byte_load; /* or a string instruction */
    bool has_shift; /* shift, rotation or multiplication: without, no coding changes the length */
    uint32_t strength; /* how much of it transforms: those operations, and a quarter for each shift,
                          sum and stored byte, in thousandths of its instructions (guess) */
    int32_t likeness;  /* how much its loops look like those of routines, fitted (sift.c) */
} Sifted;

/* What a thread needs, its own. */
typedef struct SiftMemory SiftMemory;
typedef struct SiftTools {
    const Decoder *decoder;
    const Lifter *lifter;
    IrOp *ops;          /* room for IR_MAX_OPS */
    SiftMemory *memory; /* instructions seen before, or NULL */
} SiftTools;
/* NULL for processors other than x86. */
SiftMemory *sift_memory_new(Arena *a, const Image *image);

Sifted sift_function(const Image *image, const Code *code, const Function *f,
                     const SiftTools *tools, Arena *scratch);

/* All functions of a sample, looked at by whichever threads have time before one needs them. */
typedef struct SiftAll SiftAll;
SiftAll *sift_all_new(Arena *a, const Image *image, const Code *code);
/* Takes functions until none is left. scratch: the thread's own. */
void sift_all_work(SiftAll *all, const SiftTools *tools, Arena *scratch);
/* By a thread that had to leave its work. */
void sift_all_give_up(SiftAll *all);
/* One for each function, when all are there; NULL: somebody gave up. */
const Sifted *sift_all_wait(SiftAll *all);

#endif
