/* SPDX-License-Identifier: Apache-2.0
 * build.h: from a body to values; private to value/. */
#ifndef COG_VALUE_BUILD_H
#define COG_VALUE_BUILD_H

#include <stdatomic.h>

#include "value/body.h"

/* What calls of a function look like from outside. */
typedef struct Summary {
    bool is_known;
    uint8_t reg_args;   /* the first so many argument registers are read */
    uint8_t stack_args; /* words */
    uint8_t pc_slot;    /* i386: it fetches the return address into slot pc_slot - 1 */
    uint32_t clobbers;  /* general registers that it may change, of those that the convention gives
                         * it */
} Summary;

/* Each a Summary in one word, so that threads see all of it or nothing. Two that make the same one
 * at once write the same. */
struct Summaries {
    _Atomic uint64_t *at; /* per function */
    bool *is_called;      /* per function: somebody will ask */
};

struct Values {
    BodyContext context;
    Summaries *summaries;
    IrOp *ops, *callee_ops;
    uint32_t *offs;
    Map import_of_slot; /* va of a slot -> import index + 1 */
    Map own_of_import;  /* import index -> va of the export of the same name in this image */
};

/* summary.c */
Summary summary_of_function(Values *v, const Function *f, Arena *scratch);
/* Keeps what the body of a function says, for its callers. The stack was looked at. */
void summary_from_body(Values *v, Body *body, Arena *scratch);

/* memory.c: what a load from a constant address gives: a number or an import, or 0 when it may
 * change. */
Value memory_const_load(Values *v, Graph *g, uint64_t va, unsigned bits);
/* Index + 1 of the import that a function or stub at
 * va stands for, 0 none. */
uint32_t memory_import_at(const Values *v, uint64_t va);

#endif
