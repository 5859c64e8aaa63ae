/* SPDX-License-Identifier: Apache-2.0
 * machine_inner.h: between the files of the machine: blocks of lifted code in a form that runs
 * fast. An operation's inputs are places in one array of numbers (`file`): the slots, then the
 * immediates of all blocks, so that nothing is decided while running. */
#ifndef COG_EMULATE_MACHINE_INNER_H
#define COG_EMULATE_MACHINE_INNER_H

#include "emulate/machine.h"

/* What a step does: an operation that block_run knows itself, with memory split by width; EVAL:
 * what ir_eval or float_run say of `op`; END of the block: on to imm. */
#define STEP_KINDS(X)                                                                              \
    X(EVAL)                                                                                        \
    X(END)                                                                                         \
    X(NOP)                                                                                         \
    X(MOVE)                                                                                        \
    X(SEXT)                                                                                        \
    X(EXTRACT) X(INSERT) X(SELECT) X(ADD) X(SUB) X(MUL) X(NEG) X(AND) X(OR) X(XOR) X(NOT) X(SHL)   \
        X(SHR) X(EQ) X(ULT) X(ULE) X(SLT) X(SLE) X(CARRY) X(BORROW) X(OVERFLOW) X(UNDERFLOW)       \
            X(PARITY) X(LOAD8) X(LOAD16) X(LOAD32) X(LOAD64) X(STORE8) X(STORE16) X(STORE32)       \
                X(STORE64) X(STRING) X(SKIP) X(BRANCH) X(JUMP) X(JUMP_TO) X(SYSCALL) X(TRAP)       \
                    X(TRAP_IF) X(STOP)

typedef enum StepKind {
#define X(name) STEP_##name,
    STEP_KINDS(X)
#undef X
        STEP_KIND_COUNT
} StepKind;

typedef struct Step {
    uint8_t kind; /* StepKind */
    uint8_t op;   /* IrKind */
    uint8_t bits, lane;
    uint32_t out, a, b, c; /* places in file */
    uint32_t va;           /* low half of the instruction's, where it writes to memory */
    uint64_t imm, mask;
} Step;

typedef struct BlockInsn {
    uint64_t va;
    size_t first; /* step in the block */
} BlockInsn;

enum {
    BLOCK_INSNS = 64, /* longer straight code goes on in a next block */
    /* Room of one block: it ends early when one more instruction might not fit. */
    BLOCK_STEPS = 1024,
    STOP_FILTER_BITS = 1 << 16, /* stops of a large program fill a sixth of it */
    FILE_ZERO = SLOT_COUNT,     /* SLOT_NONE as an input */
    FILE_SINK,                  /* SLOT_NONE as an output */
    FILE_CONSTANTS
};

typedef struct Block {
    uint64_t key;       /* pc, with the mode in bit 0 on ARM */
    uint32_t max_insns; /* that it was lifted with */
    bool passes_stop;   /* goes over a stop at its start */
    uint64_t version;
    Step *steps;
    BlockInsn *insns;              /* insn_count, and one more for the end */
    size_t insn_count, step_count; /* step_count: without STEP_END */
} Block;

/* What is used of the arrays below. */
typedef struct BlockUse {
    size_t steps, insns, constants;
} BlockUse;

typedef struct Inner {
    Machine m; /* first: a Machine * is an Inner * */
    const Lifter *lifter;
    bool has_modes; /* ARM */
    bool is_arm;    /* 32 or 64 bits: NaNs and conversions as there */
    uint64_t address_mask;
    Block table[MACHINE_BLOCKS]; /* by hash of the key; a newer one takes the place */
    uint64_t version;            /* of valid blocks */
    BlockUse use;
    Block *running;
    const Map *stops;
    /* A bit for each stop, by the low bits of its address: nearly all addresses are none. */
    uint64_t stop_filter[STOP_FILTER_BITS / 64];
    bool is_at_stop; /* the last run ended with MACHINE_STOPPED */
    uint64_t steps_left;
    uint64_t file[FILE_CONSTANTS + MACHINE_OPS + BLOCK_STEPS];
    Step steps[MACHINE_OPS + BLOCK_STEPS];
    BlockInsn insns[MACHINE_OPS + BLOCK_INSNS + 1];
    IrOp ops[BLOCK_STEPS];
} Inner;

static inline uint64_t machine_key(const Inner *in) {
    return in->has_modes ? in->m.pc | in->m.is_thumb : in->m.pc;
}
static inline size_t machine_filter_place(uint64_t va) {
    return (size_t)((va ^ va >> 16) % STOP_FILTER_BITS);
}
static inline bool machine_stops_at(const Inner *in, uint64_t va) {
    size_t place = machine_filter_place(va);
    return in->stops && in->stop_filter[place / 64] >> place % 64 & 1 && map_find(in->stops, va);
}
/* Lifts the block at pc, at most max_insns instructions of it, over a stop at its start when told
 * to pass it. MACHINE_RUNNING: *out is there. */
MachineStop block_lift(Inner *in, size_t max_insns, bool passes_stop, Block *out);
StepKind step_kind_of(const IrOp *op);
/* Runs a block. MACHINE_RUNNING: control goes on at pc. */
MachineStop block_run(Inner *in, const Step *s);
/* One IR_STRING. MACHINE_RUNNING: done; MACHINE_BUDGET: steps ran out between two turns. */
MachineStop string_run(Inner *in, const Step *s);
/* IR_FLOAT; false: not computed. */
bool float_run(const Inner *in, const Step *s, uint64_t *out);
/* Load and store off the hot path; addresses are cut to the processor's. */
bool machine_load(Inner *in, uint64_t va, unsigned bytes, uint64_t *out, MachineStop *stop);
bool machine_store(Inner *in, uint64_t va, unsigned bytes, uint64_t value, MachineStop *stop);

#endif
