/* SPDX-License-Identifier: Apache-2.0 */
#include "store/segment.h"

#include <stdlib.h>
#include <string.h>

/* A block holds from this many postings to twice as many (keys are spread by a hash). Measured with
   bench_store: see docs/formats/store.md, "Size of a block". */
enum { BLOCK_POSTINGS = 192 };

void postings_sort(Posting *at, Posting *scratch, size_t count) {
    Posting *from = at, *to = scratch;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t place[256] = {0};
        for (size_t i = 0; i < count; i++)
            place[from[i].key >> shift & 255]++;
        if (count == 0 || place[from[0].key >> shift & 255] == count)
            continue; /* one value only: nothing would move */
        for (size_t i = 0, sum = 0; i < 256; i++) {
            size_t n = place[i];
            place[i] = sum;
            sum += n;
        }
        for (size_t i = 0; i < count; i++)
            to[place[from[i].key >> shift & 255]++] = from[i];
        Posting *other = from;
        from = to;
        to = other;
    }
    if (from != at && count > 0)
        memcpy(at, from, count * sizeof *at);
}

static uint64_t shift_right(uint64_t v, unsigned bits) { return bits >= 64 ? 0 : v >> bits; }

uint8_t segment_shift(const SegmentIndex *index) {
    uint64_t buckets = index->count / BLOCK_POSTINGS;
    if (buckets == 0)
        buckets = 1;
    uint8_t shift = 0;
    while (shift < 64 && shift_right(index->last - index->first, shift) >= buckets)
        shift++;
    return shift;
}

static BlockAddress address(uint32_t segment, IndexId index, uint64_t bucket) {
    return (BlockAddress){TABLE_FIRST_INDEX + (uint32_t)index, segment, (uint32_t)bucket};
}

static TableId table_of(IndexId index) { return (TableId)(TABLE_FIRST_INDEX + (unsigned)index); }
static uint64_t block_key(uint32_t segment, uint64_t bucket) {
    return (uint64_t)segment << 32 | bucket;
}

static uint64_t bucket_first(const SegmentIndex *x, uint64_t bucket) {
    return x->first + (x->shift >= 64 ? 0 : bucket << x->shift);
}

static bool make_room(Posting **at, size_t *cap, size_t count) {
    if (count <= *cap)
        return true;
    size_t fresh = *cap ? *cap * 2 : 512;
    while (fresh < count)
        fresh *= 2;
    Posting *p = realloc(*at, fresh * sizeof *p);
    if (!p)
        return false;
    *at = p;
    *cap = fresh;
    return true;
}

SegmentWriter segment_writer_init(EngineTxn *txn, uint32_t segment, IndexId index,
                                  const SegmentIndex *plan) {
    /* The largest block: MAX_BLOCK_POSTINGS of at most 17 bytes each. */
    return (SegmentWriter){.txn = txn,
                           .segment = segment,
                           .index = index,
                           .plan = *plan,
                           .text = text_new((size_t)MAX_BLOCK_POSTINGS * 17)};
}

static Status put_block(SegmentWriter *w, Error *err) {
    if (w->count == 0)
        return STATUS_OK;
    text_clear(&w->text);
    block_write(&w->text, address(w->segment, w->index, w->bucket), w->plan.shift, w->block,
                w->count);
    if (w->text.full)
        return error_set(err, STATUS_FAILED, "store: out of memory for a posting block");
    w->bytes += w->text.size;
    w->written += w->count;
    w->count = 0;
    return engine_put_u64(w->txn, table_of(w->index), block_key(w->segment, w->bucket),
                          (Bytes){(const uint8_t *)w->text.at, w->text.size}, err);
}

Status segment_writer_add(SegmentWriter *w, Posting p, Error *err) {
    CHECK(p.key >= w->plan.first && p.key <= w->plan.last);
    uint64_t bucket = shift_right(p.key - w->plan.first, w->plan.shift);
    if (bucket != w->bucket) {
        Status status = put_block(w, err);
        if (status != STATUS_OK)
            return status;
        w->bucket = bucket;
    }
    if (w->count == MAX_BLOCK_POSTINGS)
        return error_set(err, STATUS_FULL, "store: a posting list has reached its limit");
    if (!make_room(&w->block, &w->cap, w->count + 1))
        return error_set(err, STATUS_FAILED, "store: out of memory for a posting block");
    w->block[w->count++] = (Posting){p.key - bucket_first(&w->plan, bucket), p.value};
    return STATUS_OK;
}

Status segment_writer_finish(SegmentWriter *w, Error *err) {
    Status status = put_block(w, err);
    CHECK(status != STATUS_OK || w->written == w->plan.count);
    return status;
}

void segment_writer_free(SegmentWriter *w) {
    free(w->block);
    text_free(&w->text);
    w->block = NULL;
}

SegmentReader segment_reader_init(EngineTxn *txn, const Segment *segment, IndexId index) {
    return (SegmentReader){
        .txn = txn, .segment = segment, .index = index, .left = segment->index[index].count};
}

static Status missing(const SegmentReader *r, Error *err) {
    return error_set(err, STATUS_CORRUPT,
                     "posting blocks of table %u, segment %u are missing or too many",
                     TABLE_FIRST_INDEX + (unsigned)r->index, r->segment->id);
}

static Status read_block(SegmentReader *r, Error *err) {
    const SegmentIndex *x = &r->segment->index[r->index];
    uint64_t key = block_key(r->segment->id, r->next_bucket);
    Bytes bytes = {0};
    Status status = r->next_bucket > UINT32_MAX
                        ? STATUS_NOT_FOUND
                        : engine_next_u64(r->txn, table_of(r->index), &key, &bytes, err);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && key >> 32 != r->segment->id))
        return missing(r, err);
    Block b;
    uint64_t bucket = key & UINT32_MAX;
    if (status == STATUS_OK)
        status = block_open(bytes, address(r->segment->id, r->index, bucket), x->shift, &b, err);
    if (status != STATUS_OK)
        return status;
    if (b.count > r->left || bucket > shift_right(x->last - x->first, x->shift))
        return missing(r, err);
    if (!block_check(&b))
        return error_set(err, STATUS_CORRUPT,
                         "posting block (table %u, segment %u, bucket %u) is out of order",
                         TABLE_FIRST_INDEX + (unsigned)r->index, r->segment->id, (unsigned)bucket);
    if (!make_room(&r->at, &r->cap, (size_t)b.count))
        return error_set(err, STATUS_FAILED, "store: out of memory for a posting block");
    block_read(&b, r->at);
    for (size_t i = 0; i < b.count; i++)
        r->at[i].key += bucket_first(x, bucket);
    if (r->at[b.count - 1].key > x->last || r->at[b.count - 1].key < x->first)
        return missing(r, err);
    r->count = (size_t)b.count;
    r->used = 0;
    r->left -= b.count;
    r->blocks++;
    r->next_bucket = bucket + 1;
    return STATUS_OK;
}

const Posting *segment_reader_peek(SegmentReader *r, Status *status, Error *err) {
    *status = STATUS_OK;
    if (r->used == r->count && r->left > 0)
        *status = read_block(r, err);
    return *status == STATUS_OK && r->used < r->count ? &r->at[r->used] : NULL;
}

void segment_reader_free(SegmentReader *r) {
    free(r->at);
    r->at = NULL;
}

/* The keys from *from on that fall into the bucket of the first of them. */
static Status find_in_bucket(EngineTxn *txn, const Segment *s, IndexId index, const Posting *keys,
                             size_t count, size_t *used, SegmentFound found, void *ctx,
                             Error *err) {
    const SegmentIndex *x = &s->index[index];
    uint64_t bucket = shift_right(keys[0].key - x->first, x->shift);
    size_t n = 1;
    while (n < count && keys[n].key <= x->last &&
           shift_right(keys[n].key - x->first, x->shift) == bucket)
        n++;
    *used = n;
    Bytes bytes = {0};
    Block b;
    Status status = engine_get_u64(txn, table_of(index), block_key(s->id, bucket), &bytes, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* an empty bucket has no block; verify counts */
    if (status == STATUS_OK)
        status = block_open(bytes, address(s->id, index, bucket), x->shift, &b, err);
    BlockFinder finder = {.block = &b};
    uint64_t first = bucket_first(x, bucket);
    BlockRange range = {0};
    for (size_t i = 0; i < n && status == STATUS_OK; i++) {
        if (i == 0 || keys[i].key != keys[i - 1].key)
            range = block_find(&finder, keys[i].key - first);
        if (range.count > 0)
            status = found(ctx, keys[i].value, &b, range);
    }
    return status;
}

Status segment_find(EngineTxn *txn, const Segment *segment, IndexId index, const Posting *keys,
                    size_t count, SegmentFound found, void *ctx, Error *err) {
    const SegmentIndex *x = &segment->index[index];
    Status status = STATUS_OK;
    if (x->count == 0)
        return status;
    size_t i = 0;
    while (i < count && keys[i].key < x->first)
        i++;
    while (i < count && keys[i].key <= x->last && status == STATUS_OK) {
        size_t used = 0;
        status = find_in_bucket(txn, segment, index, keys + i, count - i, &used, found, ctx, err);
        i += used;
    }
    return status;
}
