/* SPDX-License-Identifier: Apache-2.0
 * sample.h: one file under analysis: its bytes, the arena that everything derived from it lives in,
 * its notes, its clock. The bytes are borrowed from the caller and outlive the sample. One sample,
 * one thread. */
#ifndef COG_BASE_SAMPLE_H
#define COG_BASE_SAMPLE_H

#include "base/arena.h"
#include "base/note.h"

typedef struct Sample {
    Bytes bytes;
    const char *name; /* where it came from, for messages only */
    uint8_t sha256[32];
    Arena *arena;         /* results */
    Arena *scratch;       /* mark/reset inside one stage */
    uint64_t deadline_ms; /* on clock_now_ms(); 0 = none */
    Notes notes;
} Sample;

/* Milliseconds of the monotonic clock. */
uint64_t clock_now_ms(void);
/* True once the deadline has passed; stages ask now and then, note NOTE_TIME_LIMIT and return what
 * they have. */
bool sample_is_late(Sample *s);

#endif
