/* SPDX-License-Identifier: Apache-2.0
 * discover_table.h: the values that jump tables are understood by; private to discover_table.c and
 * the evaluators of the processors (table_<name>.c). */
#ifndef COG_CODE_DISCOVER_TABLE_H
#define COG_CODE_DISCOVER_TABLE_H

#include "code/discover.h"

typedef enum ValueKind {
    VALUE_NONE,
    VALUE_CONST,
    VALUE_ADDRESS, /* a constant plus something: a place in a table */
    VALUE_ENTRY,
    VALUE_TARGET,
    VALUE_FIELD /* loaded without an index: a jump to it is a call of what a pointer says */
} ValueKind;

struct Value {
    ValueKind kind;
    uint64_t number;   /* CONST: itself; TARGET: what is added to the entry */
    uint64_t table_va; /* ENTRY, TARGET */
    uint64_t inner_va; /* table of small numbers that index the table, 0 none */
    uint32_t bound;    /* the register is below it; 0 not known */
    uint32_t inner_bound;
    uint8_t entry_size; /* ENTRY, TARGET: bytes; TARGET 0: no table, the entry is the index */
    uint8_t inner_size;
    uint8_t shift; /* TARGET: entries count in units of 1 << shift bytes */
    bool is_signed;
    bool is_loose; /* the bound comes from a mask or a width, not from a compare */
};

/* A place on the stack that was compared; -O0 keeps the index there. */
typedef struct Slot {
    uint16_t base;
    int64_t disp;
    uint32_t bound;
} Slot;

enum { EVAL_REGS = 32, EVAL_MEMORY = 32, EVAL_KEPT = 8 };

/* Registers are numbered as by decode_register_number. */
struct Eval {
    Discover *d;
    Value regs[EVAL_REGS];
    struct {
        uint16_t base;
        int64_t disp;
        uint64_t number;
    } kept[EVAL_KEPT]; /* constants that were put on the stack, the oldest given up first */
    unsigned kept_count;
    uint64_t sticky[EVAL_REGS]; /* last constant that `lea` made, for bases set far above */
    bool retry;
    /* Flags of the last compare with a constant. */
    int cmp_reg; /* -1 none, EVAL_MEMORY: cmp_slot */
    uint32_t cmp_number;
    Slot cmp_slot, slot;
    /* Register that was last loaded from or stored to the stack, and where; -1 none. */
    int twin_reg;
    Slot twin_slot;
    uint8_t copy_from, copy_to; /* the last copy of a register */
};

/* Cut to the width of addresses. */
static inline uint64_t value_narrow(const Eval *e, uint64_t v) {
    return e->d->isa->is_64 ? v : v & 0xffffffff;
}
/* Content of register r (0.., below 0: none). */
Value value_of_register(const Eval *e, int r);
/* A store of v at [base + disp]: a constant is remembered; and what was stored there. */
void value_keep(Eval *e, uint16_t base, int64_t disp, Value v);
Value value_kept(const Eval *e, uint16_t base, int64_t disp);
/* The register or place of the last compare is below `bound`. */
void value_bound(Eval *e, uint32_t bound);

/* table_x86.c, table_arm.c, table_arm64.c */
void x86_table_step(Eval *e, const Insn *in, const uint8_t *at);
Value x86_table_jump(const Eval *e, const Insn *in, const uint8_t *at);
void arm_table_step(Eval *e, const Insn *in, const uint8_t *at);
Value arm_table_jump(const Eval *e, const Insn *in, const uint8_t *at);
void arm64_table_step(Eval *e, const Insn *in, const uint8_t *at);
Value arm64_table_jump(const Eval *e, const Insn *in, const uint8_t *at);

#endif
