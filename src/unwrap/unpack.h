/* SPDX-License-Identifier: Apache-2.0
 * unpack.h: runs a packed program in the emulated process until what it has put together is about
 * to run, and makes a file of it.
 *
 * In: image and code of a program that looks packed, or whose code at the entry point may be
 * written (then it gets fewer steps).
 * Out: the bytes of a PE or ELF with the code as it is in memory, its entry point, and the
 * functions that the stub looked up as imports; or why there are none. Owner: unpack_close frees
 * all of it; the sample's arenas are not used. Odd input: whatever the stub does the run ends.
 * A PE whose first bytes were taken away or changed, so that nothing loads it before they are put
 * back, is repaired. Limits: UNPACK_*. Threads: one. Page: docs/evidence/unpacking.md. */
#ifndef COG_UNWRAP_UNPACK_H
#define COG_UNWRAP_UNPACK_H

#include "code/code.h"

enum {
    /* UPX's slowest stub (LZMA) takes 105 steps for each byte that it makes, its others 20, simple
     * ciphers 8 (bench/unpacking.py); for each byte that the program spans in memory. */
    UNPACK_STEPS_PER_BYTE = 160,
    UNPACK_STEPS_PER_BYTE_UNSURE = 16,
    UNPACK_LEAST_STEPS = 8 << 20,
    UNPACK_MOST_STEPS = 256 << 20, /* about five seconds */
    UNPACK_IMAGE_BYTES = 64 << 20, /* of memory that a program may span */
    UNPACK_LAYERS = 16
};

typedef enum UnpackEnd {
    UNPACK_DONE,
    UNPACK_NOT_RUN, /* no entry point, another processor, larger than the limit */
    UNPACK_BUDGET,  /* steps, instructions to lift, or the sample's time are used up */
    UNPACK_FAULT,   /* memory that nobody maps, or code that does not decode */
    UNPACK_UNKNOWN, /* the same, or an exit, after a call of a function that has no model */
    UNPACK_EXIT,    /* it ended by itself before anything was put together */
    UNPACK_MEMORY,  /* pages or the arena are used up */
    UNPACK_ODD      /* something ran, but no file can be made of it */
} UnpackEnd;

typedef struct Unpacked {
    UnpackEnd end;
    Bytes file;         /* UNPACK_DONE */
    uint64_t pc;        /* where the code that was put together begins, or where the run ended */
    const char *called; /* UNPACK_UNKNOWN: the function; else NULL */
    uint64_t steps;
    const char *repair;   /* what was wrong with the header of a file that is no longer one; NULL */
    bool has_own_headers; /* the stub put the program's own headers into memory: they are used */
    size_t imports;       /* slots that hold what the stub looked up */
    struct Arena *arena;
} Unpacked;

/* NULL when there is no reason to run it, or memory fails. */
Unpacked *unpack_open(Sample *s, const Image *image, const Code *code, bool looks_packed);
void unpack_close(Unpacked *u);

#endif
