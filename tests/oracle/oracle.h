/* SPDX-License-Identifier: Apache-2.0
 * oracle.h: proof that lifters are right. One instruction at a time is run from a random state by
 * our machine (src/emulate over the lifter) and by an oracle (Unicorn, or the host's processor),
 * and registers, defined flags, memory and pc are compared.
 *
 *   oracle TARGET [--cases N] [--seed N] [--mnemonic NAME] [--form N --case N] [--table FILE]
 *
 * runs N cases of each form (an encoding with its kinds and sizes of operands), prints the
 * first disagreements of each mnemonic, each with a command that repeats it alone, and ends with
 * code 1 when there was one. --table appends a row for each mnemonic (docs/evidence/lifters.md).
 *
 * To add a processor: fill an OracleTarget (see x86.c):
 *   forms  lists encodings, one for each way that operands come: enumerate opcodes, keep what the
 *          decoder takes, drop those whose key was seen. Nothing has to be said about what the
 *          lifter knows: an instruction that lifts to opaque values is compared only in the bits
 *          that do not depend on them (it is run with several seeds), and the table says so.
 *   make   turns a form into a case: fills the free fields of the encoding (registers, immediates),
 *          the state before (random_value gives telling numbers), points the registers of memory
 *          operands into ORACLE_DATA, says which flags are undefined. False: no such case.
 *   put, get  copy a state to and from Unicorn.
 * and name it in targets[] of oracle.c and in tests/oracle/oracle.cmake. Unicorn runs in forked
 * children, since it aborts on some inputs; a case that kills it counts as refused.
 *
 * Memory is the same for every case: four areas of random bytes; `make` may overwrite 64 bytes of
 * it. Whatever a case changes is put back. */
#ifndef COG_ORACLE_H
#define COG_ORACLE_H

#include "emulate/machine.h"

struct uc_struct;

enum {
    /* Areas of memory, all below 2^31 so that every addressing form reaches them. The first one is
     * for 16-bit addresses, a little more than 64 KiB. */
    ORACLE_LOW = 0,
    ORACLE_LOW_BYTES = 0x11000,
    ORACLE_CODE = 0x100000, /* each case has its own place, nobody's cache can be stale */
    ORACLE_CODE_STEP = 64,
    ORACLE_BATCH = 4096, /* cases of one child */
    ORACLE_CODE_BYTES = ORACLE_BATCH * ORACLE_CODE_STEP,
    ORACLE_DATA = 0x400000,
    ORACLE_DATA_BYTES = 0x4000,
    ORACLE_STACK = 0x500000,
    ORACLE_STACK_BYTES = 0x8000,
    ORACLE_AREAS = 3, /* LOW, DATA, STACK */
    ORACLE_PAGES = (ORACLE_LOW_BYTES + ORACLE_DATA_BYTES + ORACLE_STACK_BYTES) / PAGE_BYTES,
    ORACLE_FORMS = 60000,
    ORACLE_PATCH = 64
};

typedef struct OracleState {
    uint64_t slots[SLOT_TEMP];
    uint64_t pc;
    bool is_thumb;
} OracleState;

typedef struct OracleForm {
    uint8_t bytes[16];
    uint8_t length;
    uint16_t mnemonic; /* the target's number of it */
    uint64_t key;
} OracleForm;

typedef struct OracleCase {
    uint8_t bytes[20]; /* an IT instruction with its block takes 18 */
    uint8_t length;
    OracleState before;     /* pc is set when make is called */
    uint32_t ignored_flags; /* bit n: SLOT_C + n is undefined afterwards */
    bool is_x87;            /* x86: SLOT_X87 holds doubles, not MMX registers */
    bool is_inexact;        /* floating point that our machine rounds otherwise: not compared */
    bool repeats;           /* runs until pc leaves it (rep) */
    bool is_for_host;       /* Unicorn is known to be wrong */
    bool is_refused;        /* not for the oracle: system instructions, or results undefined */
    uint64_t patch_va;      /* memory before; 0: none */
    uint8_t patch[ORACLE_PATCH];
} OracleCase;

typedef struct Random {
    uint64_t state;
} Random;
uint64_t random_next(Random *r);
uint64_t random_below(Random *r, uint64_t n);
/* A number that is likely to matter: 0, 1, -1, powers of two and their neighbours, small ones, sign
 * borders of every width, or just random. */
uint64_t random_value(Random *r);
/* Eight lanes' worth of those, or random, for vector registers and memory. */
void random_bytes(Random *r, uint8_t *out, size_t n);

typedef enum OracleAnswer {
    ANSWER_OK,
    ANSWER_TRAP,   /* the processor stopped: division, invalid operand, access */
    ANSWER_REFUSED /* the oracle does not know the instruction, or died of it */
} OracleAnswer;

typedef struct OracleTarget {
    const char *name;
    Arch arch;
    uint8_t bits;
    int uc_arch, uc_mode;
    int uc_model;           /* of processor, where it is not the usual one, else 0 */
    const uint16_t *unseen; /* slots that oracles do not tell, SLOT_NONE at the end; may be NULL */
    size_t (*forms)(OracleForm *out, size_t max);
    const char *(*mnemonic)(uint16_t mnemonic);
    bool (*make)(const OracleForm *form, Random *r, OracleCase *out);
    void (*start)(struct uc_struct *uc); /* once for each engine; may be NULL */
    void (*put)(struct uc_struct *uc, const OracleState *state);
    void (*get)(struct uc_struct *uc, OracleState *state);
    /* The host's own processor, where it can: NULL otherwise. */
    OracleAnswer (*host)(const OracleCase *c, OracleState *after);
} OracleTarget;

extern const OracleTarget oracle_x86, oracle_x64, oracle_arm, oracle_thumb, oracle_arm64;

/* Unicorn with its memory at areas (page-aligned). NULL: cannot. */
typedef struct OracleUnicorn OracleUnicorn;
OracleUnicorn *unicorn_open(const OracleTarget *target, uint8_t *areas[ORACLE_AREAS]);
OracleAnswer unicorn_run(OracleUnicorn *u, const OracleCase *c, OracleState *after);
/* The next case runs in a new engine. */
void unicorn_renew(OracleUnicorn *u);
void unicorn_close(OracleUnicorn *u);

#endif
