/* SPDX-License-Identifier: Apache-2.0
 * likeness.h: context_likeness (context.h) of many functions of A with many of B, for alignment.
 * Genes are numbered (store/outline.h): of B's only those count that A has, the rest is in the
 * totals; A's genes are marked in a table, one function at a time, and B's looked up there. Exactly
 * the numbers that context_likeness gives. In: outlines. Out: plain data in the arena. */
#ifndef COG_MATCH_LIKENESS_H
#define COG_MATCH_LIKENESS_H

#include "store/outline.h"

typedef struct NumberSet {
    const uint32_t *at; /* A's numbers of its genes, in no order */
    uint32_t count;
} NumberSet;

typedef struct LikeSide {
    const Outline *outline;
    const uint32_t *to_a; /* by gene: A's number, GENE_NONE: it has it not; NULL: this is A */
    Arena *arena;         /* of the sets */
    NumberSet *own;       /* by function */
    NumberSet *group;     /* by function: with its members; the same as own where it has none */
    uint8_t *is_made;     /* by function: LIKE_* */
    uint32_t *seen_in;    /* by gene: the last union that it was put into */
    uint32_t *room;       /* for one union */
    uint32_t unions;
} LikeSide;

/* a: the other side, or NULL: the side is A itself. */
LikeSide like_side_new(const Outline *outline, const LikeSide *a, Arena *arena);
/* All sets are made: threads may then share the side. */
void like_need_all(LikeSide *side);

/* Whose genes are marked. One for each thread. */
typedef struct LikeMarks {
    const LikeSide *a;
    uint8_t *own, *group;      /* by A's number: weight */
    uint32_t of_own, of_group; /* function + 1; 0: none is marked */
} LikeMarks;
LikeMarks like_marks_new(const LikeSide *a, Arena *arena);
/* A's sets are made, those of b when they are needed. A likeness below least comes out as 0: most
 * are told to be from the sets' weights alone, or from own genes. */
float like_score(LikeMarks *m, uint32_t fa, LikeSide *b, uint32_t fb, float least);

#endif
