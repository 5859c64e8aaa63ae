/* SPDX-License-Identifier: Apache-2.0
 * machine_inner.h: between the files of the machine: blocks of lifted code in a form that runs
 * fast. An operation's inputs are places in one array of numbers (`file`): the slots, then the
 * immediates of all blocks, so that nothing is decided while running. */
#ifndef COG_EMULATE_MACHINE_INNER_H
#define COG_EMULATE_MACHINE_INNER_H

#include "emulate/machine.h"

/* What a step does: an operation that block_run knows itself, with memory split by width; EVAL:
 * what ir_eval or float_run say of `op`; END of the block: on to imm. FLAGS_*, DIFFERENCE and SUM
 * are several operations: machine_flags.c. */
#define STEP_KINDS(X)                                                                              \
    X(EVAL)                                                                                        \
    X(END)                                                                                         \
    X(NOP)                                                                                         \
    X(MOVE)                                                                                        \
    X(SEXT)                                                                                        \
    X(EXTRACT)                                                                                     \
    X(INSERT)                                                                                      \
    X(SELECT) X(ADD) X(SUB) X(MUL) X(NEG) X(AND) X(OR) X(XOR) X(NOT) X(SHL) X(SHR) X(EQ) X(ULT)    \
        X(ULE) X(SLT) X(SLE) X(CARRY) X(BORROW) X(OVERFLOW) X(UNDERFLOW) X(PARITY) X(LOAD8)        \
            X(LOAD16) X(LOAD32) X(LOAD64) X(STORE8) X(STORE16) X(STORE32) X(STORE64) X(STRING)     \
                X(SKIP) X(BRANCH) X(JUMP) X(JUMP_TO) X(SYSCALL) X(TRAP) X(TRAP_IF) X(FLAGS_RESULT) \
                    X(FLAGS_LOGIC) X(FLAGS_SUB) X(FLAGS_ADD) X(DIFFERENCE) X(SUM)

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
    STOP_FILTER_BITS = 1 << 20, /* 100,000 stops of a large program fill a tenth of it */
    FILE_ZERO = SLOT_COUNT,     /* SLOT_NONE as an input */
    FILE_SINK,                  /* SLOT_NONE as an output */
    FILE_POOL
};

/* What was lifted. In the pool, one behind the other: the block, its instructions and one more for
 * the end, its constants, its steps and STEP_END. */
typedef struct Block {
    uint64_t key;       /* pc, with the mode in bit 0 on ARM */
    uint32_t max_insns; /* that it was lifted with */
    bool passes_stop;   /* goes over a stop at its start */
    bool is_stop;       /* only says that a stop is reached: `stop` is what the map has for it */
    uint32_t insn_count, op_count; /* op_count: operations that its steps do, without STEP_END */
    uint64_t last_va;              /* of the last instruction */
    uint64_t stop;
    Step *steps;
    BlockInsn *insns;
} Block;

/* An instruction as it was lifted. Blocks that end at stops, or where steps end, have the same ones
 * as those that go on. */
enum { LIFTED_OPS = 10, LIFTED_BYTES = 16, LIFTED_INSNS = 512 };
typedef struct LiftedInsn {
    uint64_t va; /* with the mode in bit 0 on ARM */
    uint8_t bytes[LIFTED_BYTES];
    uint8_t length, count; /* length 0: nothing here yet */
    IrOp ops[LIFTED_OPS];
} LiftedInsn;

/* A place of the table: the block that was lifted last, while it is of this version. */
typedef struct BlockPlace {
    uint64_t key;
    uint32_t max_insns;
    bool passes_stop;
    uint64_t version;
    Block *block;
} BlockPlace;

/* A block of the file's bytes: its place in the pool, and bits of the hash that led here. */
typedef struct KeptPlace {
    uint32_t tag, word; /* tag 0: nothing */
} KeptPlace;

/* Lifting is paid for as if blocks were kept in the table and nowhere else, at most MACHINE_OPS
 * steps of them, and all were forgotten when lifted code is written: `version` is of the table,
 * `steps` and `insns` what it holds. Blocks of the file's own bytes do stay beyond that. */
typedef struct BlockUse {
    size_t steps, insns;
} BlockUse;

enum {
    /* Words of the pool. All is forgotten when the table is and more than KEPT is used: some
     * 200,000 steps (in 21 programs .68 of what the table lost was lifted again; .65 with twice
     * that, .88 with half). Until the next time the table is forgotten, it takes so many words. */
    POOL_KEPT = 5 << 18,
    POOL_BLOCK = 8 * BLOCK_STEPS,
    POOL_TABLE = 12 * (MACHINE_OPS + BLOCK_STEPS),
    FILE_WORDS = FILE_POOL + POOL_KEPT + POOL_TABLE + POOL_BLOCK,
    /* Places of blocks of the file's bytes, by hash. */
    KEPT_PLACES = 1 << 15
};

typedef struct Inner {
    Machine m; /* first: a Machine * is an Inner * */
    const Lifter *lifter;
    bool has_modes; /* ARM */
    bool is_arm;    /* 32 or 64 bits: NaNs and conversions as there */
    uint64_t address_mask;
    BlockPlace table[MACHINE_BLOCKS]; /* by hash of the key; a newer one takes the place */
    uint64_t version;                 /* of valid blocks */
    BlockUse use;
    KeptPlace kept[KEPT_PLACES];
    size_t pool_used, kept_count;
    Block *running;
    /* The running block ends before this step, which is `cut_was` in other runs. */
    Step *cut, cut_was;
    uint32_t cut_insns;
    const Map *stops;
    /* A bit for each stop, by the low bits of its address: nearly all addresses are none. */
    uint64_t stop_filter[STOP_FILTER_BITS / 64];
    bool is_at_stop;     /* the last run ended with MACHINE_STOPPED ... */
    uint64_t stopped_pc; /* ... here */
    uint64_t steps_left;
    IrOp ops[BLOCK_STEPS];
    LiftedInsn lifted[LIFTED_INSNS]; /* by address; a newer one takes the place */
    uint64_t *file;                  /* FILE_WORDS */
} Inner;

static inline uint64_t machine_key(const Inner *in) {
    return in->has_modes ? in->m.pc | in->m.is_thumb : in->m.pc;
}
static inline BlockPlace *block_place(Inner *in, uint64_t key, size_t max_insns, bool passes_stop) {
    size_t other = (BLOCK_INSNS - max_insns) * 0x9e37 + passes_stop;
    return &in->table[(key ^ key >> 13 ^ other) % MACHINE_BLOCKS];
}
static inline void block_start(Inner *in, Block *block) {
    in->steps_left -= block->insn_count;
    in->m.operations += block->op_count;
    in->running = block;
    in->m.from = block->last_va;
}
static inline size_t machine_filter_place(uint64_t va) {
    return (size_t)((va ^ va >> 20) % STOP_FILTER_BITS);
}
/* What the map of stops has for va, or NULL. */
static inline const uint64_t *machine_stop_at(const Inner *in, uint64_t va) {
    size_t place = machine_filter_place(va);
    return in->stops && in->stop_filter[place / 64] >> place % 64 & 1 ? map_find(in->stops, va)
                                                                      : NULL;
}
enum { INSN_BYTES = 20 /* longest of any processor (Thumb's IT with its block: 18), and more */ };

/* Lifts the block at pc into the pool, at most max_insns instructions of it, over a stop at its
 * start when told to pass it. MACHINE_RUNNING: *out is there; *stays: it is of the file's bytes and
 * stands for them whenever they are there. */
MachineStop block_lift(Inner *in, size_t max_insns, bool passes_stop, Block **out, bool *stays);
StepKind step_kind_of(const IrOp *op);
/* machine_flags.c: how many of the operations are one step, of a kind that says so; *what: the one
 * whose inputs, width and output it takes. 0: the first one is a step of its own. */
size_t flags_step(const IrOp *ops, size_t count, StepKind *kind, const IrOp **what);
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
