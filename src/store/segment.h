/* SPDX-License-Identifier: Apache-2.0
 * segment.h: immutable sets of postings, four indexes each, cut into blocks by key range.
 * Written once from sorted postings; merged with its neighbours; looked up by sorted keys. Every
 * block is validated when it is read. Format: docs/formats/store.md. */
#ifndef COG_STORE_SEGMENT_H
#define COG_STORE_SEGMENT_H

#include "store/block.h"
#include "store/record.h"

/* The four indexes of a segment; table = TABLE_FIRST_INDEX + this. */
typedef enum IndexId { INDEX_PIC, INDEX_SKETCH, INDEX_OCCURRENCE, INDEX_TOKEN } IndexId;

/* Sorts by key and keeps the order of equal keys (so: by value, when made in order of value).
 * scratch has room for count. */
void postings_sort(Posting *at, Posting *scratch, size_t count);

/* Shift for an index whose count, first and last are set. */
uint8_t segment_shift(const SegmentIndex *index);

/* Writes one index of a segment, posting by posting, ascending. The index's count, first and last
 * are known beforehand. */
typedef struct SegmentWriter {
    EngineTxn *txn;
    uint32_t segment;
    IndexId index;
    SegmentIndex plan;
    Posting *block; /* of the current bucket; keys less the bucket's first */
    size_t count, cap;
    uint64_t bucket, written, bytes;
    Text text;
} SegmentWriter;
SegmentWriter segment_writer_init(EngineTxn *txn, uint32_t segment, IndexId index,
                                  const SegmentIndex *plan);
Status segment_writer_add(SegmentWriter *w, Posting p, Error *err);
Status segment_writer_finish(SegmentWriter *w, Error *err); /* checks that all came */
void segment_writer_free(SegmentWriter *w);

/* Reads one index of a segment in order, block by block. */
typedef struct SegmentReader {
    EngineTxn *txn; /* may be exchanged between calls */
    const Segment *segment;
    IndexId index;
    uint64_t next_bucket;
    uint64_t left; /* postings that must still come */
    uint64_t blocks;
    Posting *at; /* the current block: keys made whole */
    size_t count, used, cap;
} SegmentReader;
SegmentReader segment_reader_init(EngineTxn *txn, const Segment *segment, IndexId index);
/* NULL at the end (then status tells whether it is one). */
const Posting *segment_reader_peek(SegmentReader *r, Status *status, Error *err);
void segment_reader_free(SegmentReader *r);

/* For each of the sorted keys (value: whose key it is) that the segment has, calls found with the
 * block and the range of its postings. A result other than STATUS_OK ends it. */
typedef Status (*SegmentFound)(void *ctx, uint64_t who, const Block *block, BlockRange range);
Status segment_find(EngineTxn *txn, const Segment *segment, IndexId index, const Posting *keys,
                    size_t count, SegmentFound found, void *ctx, Error *err);

#endif
