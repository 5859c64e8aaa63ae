/* SPDX-License-Identifier: Apache-2.0
 * probe.h: runs one function of a sample in an emulated process to see what it does with what it is
 * given. Nobody tells which arguments a function has, so every place where the calling conventions
 * of the format may pass one is a cell: it holds a number, or the address of a buffer of ours.
 * Cells that the function uses as addresses are found by giving it addresses that nobody maps and
 * looking at what faults; so conventions, unused and reordered arguments do not matter.
 *
 * In: a process. Out: shots: what a run returned and which bytes it changed, buffers and other
 * memory alike (the stack is not looked at). Each shot starts from the same state. Bytes given are
 * 1 to 127, because whether a char is signed depends on the processor. Owner: the arena; shots live
 * until the caller's arena_reset. Limits: PROBE_*. Threads: one. */
#ifndef COG_UNWRAP_PROBE_H
#define COG_UNWRAP_PROBE_H

#include "emulate/process.h"
#include "unwrap/reads.h"

enum {
    PROBE_CELLS = 9,
    PROBE_BYTES = 8192, /* of a buffer: holds the largest context known, Blowfish's 4,168 */
    PROBE_FILLED = 4352,
    PROBE_OUTPUTS = 6,
    /* Instructions of a shot. Blowfish's key schedule takes 350,000 and Caracachs' 450,000 without
     * optimisation; a longer one is cut. */
    PROBE_STEPS = 800000,
    /* Of the first run on usual arguments. All routines of the fixtures return before (the most is
     * 99,000, find.c asks for more where Caracachs or a key schedule like Blowfish's may be); what
     * does not is public-key arithmetic, mostly. */
    PROBE_RETURN_STEPS = 150000,
    /* Of the runs that look for addresses: they end in a fault early, or work on what was given: a
     * CRC that makes its table first takes 40,000 without optimisation. */
    PROBE_FIND_STEPS = 60000,
    /* Runs that do not end before looking for addresses is given up (guess). */
    PROBE_FIND_ENDLESS = 3,
    /* Of one byte pattern each, made once (probe.c). */
    PROBE_PATTERNS = 128,
    PROBE_MEMOS = 64, /* shots of one function that are kept: matchers ask for the same ones */
    /* Instructions for one function, all its shots together: 40 ms. Routines of the fixtures need a
     * fiftieth of it in the middle and .999 of them less; with 3.0 million eight were cut. */
    PROBE_FUNCTION_STEPS = 3600000,
    /* What a run costs beside its instructions: buffers are filled, compared and taken back. */
    PROBE_RUN_STEPS = 400
};

typedef struct ProbeCell {
    uint16_t slot;      /* register, or SLOT_NONE: on the stack */
    uint16_t stack_off; /* from the stack pointer at entry */
    bool is_pointer;
    bool is_read; /* the function may look at it */
    uint64_t va;  /* of its buffer */
} ProbeCell;

/* What the cells hold in a shot. */
typedef struct ProbeSetup {
    uint8_t bytes[PROBE_CELLS][PROBE_BYTES];
    uint64_t number[PROBE_CELLS];
} ProbeSetup;

typedef struct ProbeOutput {
    int cell; /* -1: other memory */
    uint64_t va;
    const uint8_t *before, *after; /* `size` bytes at va */
    uint32_t size;
    uint32_t first, end; /* what changed, at most */
} ProbeOutput;

typedef struct ProbeShot {
    bool returned;
    bool is_endless; /* the budget ended it */
    uint64_t result, result2;
    uint64_t steps;
    ProbeOutput outputs[PROBE_OUTPUTS];
    unsigned output_count;
} ProbeShot;

/* A shot and what it was made of. */
typedef struct ProbeMemo {
    uint64_t key;
    uint64_t most_steps; /* it might have taken */
    ProbeShot shot;
    bool is_set;
} ProbeMemo;

typedef struct Probe {
    Arena *arena; /* shots */
    Arena *kept;  /* what lives as long as the probe */
    Process *process;
    ProcessMark mark, own_mark; /* own_mark: of probe_vary */
    ProbeCell cells[PROBE_CELLS];
    unsigned cell_count;
    uint64_t va;     /* function */
    uint64_t canary; /* distance of the unmapped addresses that are given, and the first of them */
    ProbeSetup *setup; /* the next shot's; the caller fills it */
    uint64_t pattern_of[PROBE_PATTERNS];
    uint8_t *patterns[PROBE_PATTERNS];
    ProbeMemo memos[PROBE_MEMOS]; /* of the function at va */
    uint64_t function_steps;      /* for each function: PROBE_FUNCTION_STEPS unless less is left */
    uint64_t steps_left;          /* for this function */
    uint64_t shot_steps; /* of one shot: PROBE_STEPS unless the caller knows a cheaper way */
} Probe;

/* Sets up buffers in the process. NULL when there is no room. kept: for what the probe itself needs
 * while it is used; a: of the shots, which the caller resets between functions. */
Probe *probe_new(Arena *kept, Arena *a, Process *process);
/* Finds out which cells of the function hold addresses. */
void probe_find_pointers(Probe *p, uint64_t va, const Reads *reads);
/* The first run on usual arguments. */
ProbeShot probe_shoot_first(Probe *p, uint64_t steps);
unsigned probe_pointer_count(const Probe *p);
/* Other work that is done for the function. False: nothing is left. */
bool probe_pay(Probe *p, uint64_t steps);
/* Goes on with a run that was stopped, and pays. */
ProcessEnd probe_go_on(Probe *p, uint64_t steps);

/* Fills the setup: each buffer `length` bytes of its own (salt: others), a zero, and more bytes;
 * each number `number`. */
void probe_fill(Probe *p, uint64_t salt, size_t length, uint64_t number);
/* The same for one cell, which keeps what is in others. */
void probe_fill_cell(Probe *p, unsigned cell, uint64_t salt, size_t length);
/* As probe_fill_cell, but the same bytes whatever the cell. */
void probe_fill_same(Probe *p, unsigned cell, uint64_t salt, size_t length);
void probe_put_cell(Probe *p, unsigned cell, Bytes b); /* and zeros behind it */
/* The same setup gives the same shot and is run once only; so the process may hold what another run
 * left. */
ProbeShot probe_shoot(Probe *p);
/* As probe_shoot, but the process holds what this run left. */
ProbeShot probe_shoot_now(Probe *p);
/* Runs find other variables that begin as zeros, another time and number of the process, until it
 * is called with false. Shots must be taken with probe_shoot_now. */
void probe_vary(Probe *p, bool on);
/* Goes on calling with the state that the last shot left (generators). */
ProbeShot probe_shoot_again(Probe *p);
/* Runs another function with the setup, from the same state; nothing is collected. */
ProcessEnd probe_call(Probe *p, uint64_t va, uint64_t steps);
/* The output at an address, of a run that returned, or NULL. */
const ProbeOutput *shot_find_output(const ProbeShot *s, uint64_t va);
/* The output in a cell's buffer, or NULL. */
const ProbeOutput *shot_find_cell(const ProbeShot *s, int cell);

#endif
