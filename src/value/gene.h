/* SPDX-License-Identifier: Apache-2.0
 * gene.h: what a function computes, as a set of 64-bit hashes that survive another compiler,
 * another optimisation level and another processor. In: a function's values. Out: distinct genes,
 * sorted. The low 4 bits of a gene tell its kind. Kinds, what fools them and figures:
 * docs/evidence/code.md. Stored genes cite the numbers of this file: grow at the end, never
 * renumber. */
#ifndef COG_VALUE_GENE_H
#define COG_VALUE_GENE_H

#include "value/value.h"

typedef enum GeneKind {
    GENE_NODE = 1, /* an operation on its inputs, constants as they are */
    GENE_SHAPE,    /* the same with constants by class */
    /* 3 and 4 were deeper labels: they cost recall (docs/evidence/code.md) */
    GENE_STORE = 5,
    GENE_CALL,   /* callee and an argument */
    GENE_BRANCH, /* a condition */
    GENE_RETURN,
    GENE_LOOP,     /* what changes around a loop or where paths meet */
    GENE_CONSTANT, /* a telling constant */
    GENE_STRING,   /* text that an address points to */
    GENE_DATA,     /* read-only bytes that an address points to */
    GENE_IMPORT,   /* an imported function that is called */
    GENE_GRAPH     /* size and form of the control flow */
} GeneKind;
static inline GeneKind gene_kind(uint64_t gene) { return (GeneKind)(gene & 15); }

/* A constant that somebody chose, the same in every compiler and build: its low 32 bits when the
 * rest is sign or zero, or 0 when it tells nothing. Left out: what is below 256 (counts,
 * characters, small offsets), powers of two, masks of low bits, their negatives and complements,
 * and repeated bytes of memset (rules after BSim's and FunctionSimSearch's; the bound is measured
 * in docs/evidence/code.md). */
uint64_t constant_from_imm(uint64_t imm);

typedef struct Genes Genes;
/* Lives on a; made once per image. */
Genes *genes_for_image(Arena *a, const Image *image, const Code *code);
/* Writes at most max (and MAX_FUNCTION_GENES) genes; of more than that the smallest are kept, which
 * keeps sketches what they were. Returns how many. Uses scratch, gives it back. */
size_t genes_from_values(Genes *x, const ValueFunction *f, Arena *scratch, uint64_t *out,
                         size_t max);

#endif
