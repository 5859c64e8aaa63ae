/* SPDX-License-Identifier: Apache-2.0
 * routine.h: code that transforms data, as a record: what it computes (fingerprint, structure),
 * what it is called when it is somebody's published algorithm, and what keys, seeds and tables were
 * found in it. Plain data in the sample's arena; part of Features. docs/evidence/routines.md says
 * how each field is made, docs/formats/records.md how it is shown. Limits: MAX_ROUTINES and its
 * neighbours. */
#ifndef COG_UNWRAP_ROUTINE_H
#define COG_UNWRAP_ROUTINE_H

#include "base/digest.h"
#include "base/table.h"

/* X(constant, "name-in-records") */
#define ROUTINE_KINDS(X)                                                                           \
    X(ROUTINE_STREAM_CIPHER, "stream_cipher")                                                      \
    X(ROUTINE_BLOCK_CIPHER, "block_cipher")                                                        \
    X(ROUTINE_ENCODER, "encoder")                                                                  \
    X(ROUTINE_HASH, "hash")                                                                        \
    X(ROUTINE_CHECKSUM, "checksum")                                                                \
    X(ROUTINE_API_HASH, "api_hash")                                                                \
    X(ROUTINE_GENERATOR, "generator")                                                              \
    X(ROUTINE_COMPRESSOR, "compressor")

typedef enum RoutineKind {
#define X(constant, name) constant,
    ROUTINE_KINDS(X)
#undef X
        ROUTINE_KIND_COUNT
} RoutineKind;
const char *routine_kind_name(RoutineKind kind);

enum {
    /* What it computes is published and unchanged: that two samples have it says nothing; what
     * stands in its parameters may. */
    ROUTINE_PUBLIC = 1,
    ROUTINE_CUT = 2 /* a budget ended its examination: it may be more than is said */
};

typedef enum ParameterKind {
    PARAMETER_BYTES,  /* text: lower-case hex */
    PARAMETER_NUMBER, /* number */
    PARAMETER_WORD,   /* number, shown in hexadecimal: seeds, polynomials, masks */
    PARAMETER_TEXT    /* text */
} ParameterKind;

/* One name may stand several times in a routine (a key for each call site). */
typedef struct RoutineParameter {
    const char *name; /* of the contract: key, seed, table, polynomial ...; never NULL */
    ParameterKind kind;
    uint64_t number;
    const char *text; /* of a word too: "0x..."; "" for a number */
} RoutineParameter;

/* An API name that an api_hash routine stands for at some call site. */
typedef struct ResolvedName {
    uint64_t hash;
    const char *module, *name; /* module "" when it plays no part */
} ResolvedName;

typedef struct Routine {
    uint64_t va;
    uint32_t size;
    RoutineKind kind;
    const char *algorithm; /* or NULL: nobody's */
    /* The same function whatever key or seed; the same construction with other constants. All zero:
     * not known. */
    Hash128 fingerprint, structure;
    uint32_t first_parameter, parameter_count; /* Features.parameters */
    uint32_t first_resolved, resolved_count;   /* Features.resolved */
    uint8_t confidence;                        /* percent */
    uint8_t flags;                             /* ROUTINE_* */
} Routine;

typedef VEC(Routine) RoutineVec;
typedef VEC(RoutineParameter) RoutineParameterVec;
typedef VEC(ResolvedName) ResolvedNameVec;

#endif
