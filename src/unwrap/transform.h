/* SPDX-License-Identifier: Apache-2.0
 * transform.h: loops that load data, change it and store it: what decoders are made of. Found by
 * following values through the operations of a loop's blocks, so that it is the same on every
 * processor. In: image and code. Out: loops in order of address. Odd input: loops of more than
 * TRANSFORM_BLOCKS blocks or TRANSFORM_BYTES bytes are left out. Limits: TRANSFORM_LOOPS. */
#ifndef COG_UNWRAP_TRANSFORM_H
#define COG_UNWRAP_TRANSFORM_H

#include "code/code.h"
#include "value/ir.h"

enum {
    /* RC4's generator at -O0 has 9 blocks; vectorised XOR loops with their tails about 1,000 bytes
     * (guess: twice that). */
    TRANSFORM_BLOCKS = 64,
    TRANSFORM_BYTES = 2048,
    TRANSFORM_LOOPS = 65536
};

typedef struct TransformLoop {
    uint32_t function; /* Code.functions */
    uint32_t head;     /* Code.blocks */
    uint32_t from;     /* block of the function that jumps back to it */
    uint64_t va, end;  /* of its blocks, by address */
    bool has_xor;      /* else other arithmetic, or a table */
    bool moves_words;  /* it stores words of four bytes and more as it loaded them, too */
} TransformLoop;
typedef VEC(TransformLoop) TransformLoops;

typedef struct TransformInput {
    const Image *image;
    const Code *code;
    const Lifter *lifter;
} TransformInput;

/* Loops of all functions; on the arena a, which may not be the scratch. */
void transform_find(Arena *a, Arena *scratch, const TransformInput *in, TransformLoops *out);

#endif
