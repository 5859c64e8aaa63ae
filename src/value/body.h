/* SPDX-License-Identifier: Apache-2.0
 * body.h: one function as operations with its blocks in reverse postorder, before values; private
 * to value/. Owner: scratch. */
#ifndef COG_VALUE_BODY_H
#define COG_VALUE_BODY_H

#include "value/abi.h"
#include "value/value.h"

enum {
    BODY_SLOTS = SLOT_TEMP, /* register slots */
    SLOT_WORDS = BODY_SLOTS / 64,
    NOT_STACK = INT32_MIN /* of an offset: not relative to the stack pointer at entry */
};
#define NO_ORDER UINT32_MAX

typedef struct BodyBlock {
    uint32_t first_op, op_count;
    uint32_t order; /* place in reverse postorder, or NO_ORDER */
    uint32_t first_pred, pred_count;
    uint32_t loop_end;   /* of a loop head: highest order that jumps back here, else 0 */
    uint32_t loop_depth; /* how many loops (ranges of the order) it lies in, at most 255 */
    uint16_t flags_used, flags_set, flags_out;
    /* Of what is left once dead operations are gone. */
    bool has_call, has_string;
    uint32_t general_used, general_set; /* general registers: read before written; written */
    uint64_t written[SLOT_WORDS];       /* register slots */
} BodyBlock;

enum { POPS_UNKNOWN = 0xffff };

/* Per image, made once. */
typedef struct BodyContext {
    const Image *image;
    const Code *code;
    const Lifter *lifter;
    Abi abi;
    uint16_t *pops; /* per function: bytes that `ret n` takes, or POPS_UNKNOWN until asked */
} BodyContext;

/* A store to the stack, at an offset from the stack pointer at entry. */
typedef struct StackStore {
    uint32_t block;
    int32_t offset;
} StackStore;

typedef struct Body {
    const BodyContext *context;
    const Function *function;
    const Block *code_blocks;
    BodyBlock *blocks;
    uint32_t block_count;
    IrOp *ops;
    uint32_t op_count;
    uint32_t *offs; /* per op: its instruction's va less the function's, modulo 2^32; may be NULL */
    uint32_t *order; /* blocks in reverse postorder, reachable ones first */
    uint32_t order_count;
    uint32_t *preds;
    int32_t *stack_offsets; /* distinct offsets of slots that are read or written, sorted */
    uint32_t stack_count;
    uint64_t used[SLOT_WORDS]; /* register slots that are read or written */
    VEC(StackStore) stack_stores;
    uint64_t args_read;       /* bit n: argument register n is read before it is written */
    uint32_t stack_args_read; /* words of stack arguments up to the highest that is read */
    bool is_cut;
} Body;

/* Instructions of the function that are decoded already, blocks in order; may end early. */
typedef struct Decoded {
    const Insn *at;
    size_t count;
} Decoded;

/* Room for MAX_VALUE_OPS, in use as long as the body; offs may be NULL. */
typedef struct BodyRoom {
    IrOp *ops;
    uint32_t *offs;
} BodyRoom;

/* Lifts a function's blocks while they fit; drops dead flags, orders blocks, finds loops. */
void body_from_function(const BodyContext *x, const Function *f, Decoded decoded,
                        const BodyRoom *room, Arena *scratch, Body *body);
/* Bytes of arguments that the function at va takes off the stack when it returns (i386). */
uint32_t body_pops_at(const BodyContext *x, uint64_t va);
/* stack.c: where the stack pointer stands and which slots are variables; fills stack_*. */
void body_find_stack(Body *body, Arena *scratch);
/* Fills args_read. */
void body_find_args(Body *body, Arena *scratch);
/* Index of the slot variable at an offset, or UINT32_MAX. */
uint32_t body_find_slot(const Body *body, int64_t offset);

#endif
