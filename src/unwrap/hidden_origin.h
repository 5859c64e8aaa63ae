/* SPDX-License-Identifier: Apache-2.0
 * hidden_origin.h: where the characters of a text come from, by the log of writes; between
 * hidden_origin.c and hidden_making.c. */
#ifndef COG_UNWRAP_HIDDEN_ORIGIN_H
#define COG_UNWRAP_HIDDEN_ORIGIN_H

#include "unwrap/hidden_inner.h"

enum { ORIGIN_CHARS = 256 /* of a text that are looked at */ };

/* A character, or the zero behind the text. */
typedef struct Origin {
    uint64_t at;         /* where it was before it came here; 0: it was computed */
    uint64_t when;       /* of the write that put it here, counted from 1; 0: long ago, or never */
    uint64_t va;         /* where that began */
    uint32_t size;       /* its bytes */
    uint8_t before;      /* what stood here */
    bool done, is_moved; /* is_moved: it was read from elsewhere, alone */
    uint32_t writer;     /* of the first write of this value */
    uint32_t placer;     /* of the write that put it here */
} Origin;

/* Characters that lie one behind the other, before they were moved. */
typedef struct Stretch {
    uint64_t va, end;
    size_t first, count;
} Stretch;

typedef struct Origins {
    Hunt *h;
    const TextPlace *t;
    Origin at[ORIGIN_CHARS + 1];
    size_t chars; /* that are looked at; the one behind stands at [chars] */
    Stretch stretches[ORIGIN_CHARS + 1];
    size_t stretch_count;
} Origins;

/* False: too much was looked through already. */
bool origins_find(Hunt *h, const TextPlace *t, Origins *o);
/* Characters from `i` on that one write put there. */
size_t origins_group(const Origins *o, size_t i);
/* What the instruction stored that put the characters at `i`. */
HiddenSource origins_stored(const Origins *o, size_t i);
/* The same, but that words which stand in the instructions somewhere else are constants, too. */
HiddenSource origins_source(const Origins *o, size_t i);

#endif
