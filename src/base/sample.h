/* SPDX-License-Identifier: Apache-2.0
 * sample.h: one file under analysis: its bytes, the arena that everything derived from it lives in,
 * its notes, its clock. The bytes are borrowed from the caller and outlive the sample. One sample,
 * one thread, but for stages that give part of their work to its helpers: each of those has
 * arenas of its own. */
#ifndef COG_BASE_SAMPLE_H
#define COG_BASE_SAMPLE_H

#include "base/arena.h"
#include "base/note.h"
#include "base/parallel.h"

/* Memory of one thread inside a stage; the stage makes and frees it. */
typedef struct ThreadArenas {
    Arena *arena, *scratch;
} ThreadArenas;

typedef struct Sample {
    Bytes bytes;
    const char *name; /* where it came from, for messages only */
    uint8_t sha256[32];
    Arena *arena;         /* results */
    Arena *scratch;       /* mark/reset inside one stage */
    uint64_t deadline_ms; /* on clock_now_ms(); 0 = none */
    Notes notes;
    bool no_emulation;           /* stages that run code find nothing */
    uint64_t run_steps;          /* what they have used: unwrap/budget.h */
    Helpers *helpers;            /* borrowed; NULL: none */
    void *job;                   /* what they are at work on: its stage's */
    struct FileDigests *digests; /* feature/file_digests.h, or NULL */
    struct SiftAll *sifted;      /* unwrap/sift.h: what they do for unwrap/find.c, or NULL */
    ThreadArenas thread_arenas[MAX_HELPERS + 1];
} Sample;

/* Milliseconds of the monotonic clock. */
uint64_t clock_now_ms(void);
/* True once the deadline has passed; stages ask now and then, note NOTE_TIME_LIMIT and return what
 * they have. */
bool sample_is_late(Sample *s);
/* The same without a note, for helpers. */
bool sample_is_past_deadline(const Sample *s);
/* Waits for the helpers and frees all arenas of threads. The owner of the sample calls it in the
 * end: an escape may have left a stage early. */
void sample_free_thread_arenas(Sample *s);

#endif
