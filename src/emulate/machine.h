/* SPDX-License-Identifier: Apache-2.0
 * machine.h: runs the micro-operations of ir.h: registers are slots, memory is paged (memory.h).
 * Nothing of the sample runs on our processor, and whatever it does the machine stops with a
 * reason.
 *
 * In: an image and its lifter; registers and memory as the caller set them. Out: the same, changed,
 * and why it stopped. The state after a stop is exact after every whole instruction; `pc` is the
 * next one. When an instruction could not end (MACHINE_UNMAPPED, MACHINE_FULL, MACHINE_TRAP), `pc`
 * is that instruction, what it wrote before is written, and flags that the code after it replaces
 * before reading them may be old.
 *
 * Calls out of the image: control that leaves what is mapped stops with MACHINE_OUTSIDE, `pc` being
 * where it went and `from` the instruction that sent it. The caller acts (a model of an API
 * function: return value, memory, stack, pc) and runs on; there are no callbacks.
 *
 * Opaque values: IR_OPAQUE, and IR_FLOAT where it is not computed, give a hash of their inputs and
 * of `opaque_seed`, so they are deterministic, cost little and pass for any number. Whether a
 * result depends on one is told by another run with another seed: what differs does. As addresses
 * they end in MACHINE_UNMAPPED but for luck. `opaque` counts them. Floating point is computed where
 * machine_float.c says, which x87 code with its wider numbers may disagree with in the last bit.
 *
 * Budgets: steps (one instruction; each turn of a rep string instruction is one), exact; lifts
 * (instructions decoded, so that code that rewrites itself pays); pages (memory.h). The same state
 * and budgets give the same run on every computer. Limits: MACHINE_BLOCKS, MACHINE_OPS (code that
 * is kept lifted; beyond it all is forgotten and lifted again). Threads: one. */
#ifndef COG_EMULATE_MACHINE_H
#define COG_EMULATE_MACHINE_H

#include "emulate/memory.h"
#include "value/ir.h"

enum {
    MACHINE_BLOCKS = 8192,
    /* Operations that are lifted before they are paid for again: a 200-instruction decoder has
     * about 1,000. */
    MACHINE_OPS = 65536,
    MACHINE_PAGES = 4096,   /* 16 MiB, a usual choice for max_pages */
    MACHINE_LIFTS = 1000000 /* a usual choice for `lifts`: about a second */
};

typedef enum MachineStop {
    MACHINE_RUNNING,     /* never returned */
    MACHINE_BUDGET,      /* steps are used up */
    MACHINE_LIFTS_USED,  /* lifts are used up */
    MACHINE_OUTSIDE,     /* control went to unmapped memory: pc */
    MACHINE_UNMAPPED,    /* access to fault_va */
    MACHINE_FULL,        /* no more pages: fault_va */
    MACHINE_UNDECODABLE, /* bytes at pc */
    MACHINE_SYSCALL,     /* done up to pc, which lies behind it; code: the interrupt's number */
    MACHINE_TRAP,        /* at pc; code: IR_TRAP's or IR_TRAP_IF's imm */
    MACHINE_STOPPED,     /* pc is one of the stops; the next run goes on from there */
    MACHINE_WRITTEN      /* pc is code that was written since `written_since` */
} MachineStop;

typedef struct Machine Machine;
struct Machine {
    uint64_t *slots; /* SLOT_COUNT of them; flags are 0 or 1 */
    uint64_t pc;     /* Thumb: without the low bit */
    bool is_thumb;   /* pc's mode */
    Memory *memory;  /* the caller may map, read and write between runs */
    uint64_t opaque_seed;
    bool opaque_floats; /* IR_FLOAT is never computed */
    /* Borrowed, NULL: none. Control that comes to a block of these addresses whose bytes are not
     * what they were at this mark stops there, and again until the mark is a later one. Code that
     * is lifted when this is set counts as it was. */
    const MemoryMark *written_since;
    uint64_t written_from, written_to;
    uint64_t lifts;      /* left */
    uint64_t opaque;     /* opaque values made so far */
    uint64_t operations; /* run so far, counted by whole blocks */
    /* After a stop */
    uint64_t from; /* MACHINE_OUTSIDE: the instruction that sent control there */
    uint64_t fault_va;
    bool is_write; /* MACHINE_UNMAPPED, MACHINE_FULL */
    uint64_t code;
    uint64_t stop; /* MACHINE_STOPPED: what the map of stops has for pc */
};

/* Registers zero, pc 0, nothing mapped but the image. All borrowed, all in the arena a (about
 * 16 MiB, of which it touches what it uses). */
Machine *machine_from_image(Arena *a, const Image *image, const Lifter *lifter, size_t max_pages);
/* Runs at most `steps` instructions from pc. *left (may be NULL): steps not used. */
MachineStop machine_run(Machine *m, uint64_t steps, uint64_t *left);
const char *machine_stop_name(MachineStop stop);
/* Runs end before the instructions whose addresses are keys of the map (NULL: none), but for the
 * first one of a run that goes on from such a stop. Borrowed; the caller tells of a change by
 * calling again. */
void machine_set_stops(Machine *m, const Map *stops);

typedef struct MachineMark {
    uint64_t slots[SLOT_COUNT];
    uint64_t pc;
    bool is_thumb;
    MemoryMark memory;
} MachineMark;
/* Registers, pc and memory; not budgets and counts. */
MachineMark machine_mark(Machine *m);
void machine_restore(Machine *m, const MachineMark *mark);

#endif
