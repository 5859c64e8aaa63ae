/* SPDX-License-Identifier: Apache-2.0
 * input.h: a document read piece by piece: 256 KiB in memory, whatever its size. Counts lines and
 * offsets. UTF-16 (with a byte order mark, or JSON in it) is turned into UTF-8 in a temporary file
 * first. One input, one thread. */
#ifndef COG_KNOW_INPUT_H
#define COG_KNOW_INPUT_H

#include "base/bytes.h"
#include "base/status.h"

typedef struct KnowInput {
    int fd;       /* -1: memory */
    Bytes memory; /* the document itself */
    uint8_t *buffer;
    Bytes piece; /* what is in reach, from piece_off */
    uint64_t piece_off;
    size_t at;      /* next byte of the piece */
    uint64_t line;  /* 1-based, of the next byte */
    bool is_failed; /* reading failed; error says why */
    Error error;
} KnowInput;

/* fd: a regular file; stays the caller's. */
Status know_input_open(KnowInput *in, int fd, Error *err);
void know_input_from_memory(KnowInput *in, Bytes memory);
void know_input_close(KnowInput *in);

/* Next byte, -1 at the end. peek does not take it. */
int know_input_peek(KnowInput *in);
int know_input_take(KnowInput *in);
static inline uint64_t know_input_off(const KnowInput *in) { return in->piece_off + in->at; }
/* At least one byte of what follows, in reach until the next call; empty at the end. Taken by
 * know_input_advance, which counts the lines in it. */
Bytes know_input_reach(KnowInput *in);
void know_input_advance(KnowInput *in, size_t n);

typedef struct KnowPlace {
    uint64_t off, line;
} KnowPlace;
static inline KnowPlace know_input_place(const KnowInput *in) {
    return (KnowPlace){know_input_off(in), in->line};
}
void know_input_seek(KnowInput *in, KnowPlace place);

#endif
