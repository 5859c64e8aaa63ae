/* SPDX-License-Identifier: Apache-2.0
 * profile.h: what obfuscators leave in the code of one function: a dispatcher that all blocks go
 * through, conditions that are known, instructions that undo each other, addresses of functions
 * that are looked up by name and kept in a table, arithmetic of made-up file times.
 *
 * In: a function's values and instructions, as they are made for its genes (nothing is made again).
 * Out: a FunctionProfile; its lists live on `kept`. Odd input: what is not understood is not
 * counted. Limits: PROFILE_*. Threads: none shared. Page: docs/evidence/obfuscation.md. */
#ifndef COG_UNWRAP_PROFILE_H
#define COG_UNWRAP_PROFILE_H

#include "value/value.h"

enum {
    PROFILE_MODULI = 8,
    PROFILE_STORES = 1024, /* of one function */
    PROFILE_COMPARES = 4096
};

/* Result of a call with a name among its arguments, stored at a fixed address. */
typedef struct TableStore {
    uint64_t site_va, slot_va, name_va;
    uint32_t callee, import; /* of the call: index + 1, or 0 */
} TableStore;

typedef enum Flattening {
    FLATTENING_NONE,
    FLATTENING_CHAIN, /* a chain of comparisons with large constants that have no order */
    FLATTENING_SWITCH /* a jump table, and every block says which is next */
} Flattening;

typedef struct FunctionProfile {
    uint32_t branches, opaque;       /* conditions; those that have one outcome */
    uint32_t instructions, junk;     /* junk: of x86 */
    uint8_t flattening;              /* Flattening */
    uint8_t modulus_count;           /* in a function that sets a file's time */
    uint16_t moduli[PROFILE_MODULI]; /* distinct, ascending */
    uint32_t walked; /* values looked at for flattening: that work is bounded (test_profile.c) */
    uint32_t store_count;
    const TableStore *stores; /* in order of the code */
} FunctionProfile;

typedef struct ProfileInput {
    const Image *image;
    const ValueFunction *values;
    const Insn *insns; /* of the function's blocks in order */
    size_t insn_count;
} ProfileInput;

FunctionProfile profile_from_values(const ProfileInput *in, Arena *kept, Arena *scratch);

#endif
