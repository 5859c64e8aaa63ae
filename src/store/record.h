/* SPDX-License-Identifier: Apache-2.0
 * record.h: the small records of a store as plain data, to and from bytes. Each ends with an xxh3
 * checksum; whatever does not check out is STATUS_CORRUPT. Format: docs/formats/store.md. */
#ifndef COG_STORE_RECORD_H
#define COG_STORE_RECORD_H

#include "store/engine.h"
#include "store/store.h"

/* Numbers that are given out once, and how often samples changed. */
typedef struct State {
    uint32_t next_sample, next_signature, next_segment;
    uint64_t next_ordinal; /* of a function: first_ordinal of its sample + its index */
    uint64_t changes;      /* of the sample table: added, relabelled, removed */
} State;

typedef enum SegmentState { SEGMENT_LIVE, SEGMENT_BUILDING, SEGMENT_RETIRED } SegmentState;
typedef struct SegmentIndex {
    uint64_t count;       /* postings */
    uint64_t first, last; /* least and greatest key */
    uint8_t shift;        /* bucket = (key - first) >> shift */
} SegmentIndex;
typedef struct Segment {
    uint32_t id;
    SegmentState state;
    uint64_t first_ordinal; /* segments are ordered by it; it never overlaps */
    SegmentIndex index[INDEX_COUNT];
} Segment;

typedef struct SampleRecord {
    StoredSample sample; /* without its id */
    bool is_removed;
    uint64_t first_ordinal;
} SampleRecord;

void state_write(const State *s, Text *out);
Status state_from_bytes(Bytes b, State *out, Error *err);
void segment_write(const Segment *s, Text *out);
Status segment_from_bytes(uint32_t id, Bytes b, Segment *out, Error *err);
void sample_record_write(const SampleRecord *r, Text *out);
/* Strings are copied into the arena; with arena NULL they stay NULL. */
Status sample_record_from_bytes(Arena *a, uint32_t id, Bytes b, SampleRecord *out, Error *err);

/* Greatest number of functions in one store: ordinals then fit 40 bits of a sort key. */
#define MAX_ORDINAL ((uint64_t)1 << 40)

#endif
