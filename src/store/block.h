/* SPDX-License-Identifier: Apache-2.0
 * block.h: a block of postings: sorted (key, value) pairs in near their least number of bits, read
 * in place.
 * Keys: Elias-Fano (low bits packed, high bits in unary), so that one key is found by counting bits
 * in a few words instead of decoding all before it. Values: packed above the block's least value.
 * In: bytes from the store. Out: a view into them. Odd input: block_open refuses whatever could
 * make a read leave the bytes or loop; block_check proves the order as well.
 * Limits: MAX_BLOCK_POSTINGS. Threads: plain values. Format: docs/formats/store.md. */
#ifndef COG_STORE_BLOCK_H
#define COG_STORE_BLOCK_H

#include "base/status.h"
#include "base/text.h"

typedef struct Posting {
    uint64_t key, value;
} Posting;

/* A token that is in each of 200 million samples; sizes in bits then still fit 40 bits. */
#define MAX_BLOCK_POSTINGS ((uint64_t)1 << 28)

/* Where a block lives. It goes into the checksum: a good block in the wrong place is refused. */
typedef struct BlockAddress {
    uint32_t table, segment, bucket;
} BlockAddress;

typedef struct Block {
    Bytes bytes;
    uint64_t count;
    uint64_t value_base;
    size_t upper_at, lower_at, values_at; /* byte offsets of the three parts */
    uint64_t upper_bits;
    uint8_t key_bits, lower_bits, value_bits;
} Block;

/* Appends the block to out. Postings are sorted by (key, value) and distinct; every key fits
 * key_bits (0..64: what the bucket does not imply). */
void block_write(Text *out, BlockAddress address, unsigned key_bits, const Posting *postings,
                 size_t count);

/* Writes the checksum into the first 8 bytes of a block (at least 8 bytes). */
void block_seal(uint8_t *at, size_t size, BlockAddress address);

/* STATUS_CORRUPT unless the bytes are one whole block of this address. */
Status block_open(Bytes bytes, BlockAddress address, unsigned key_bits, Block *out, Error *err);

/* Finds keys in ascending order without going back; keys may repeat. */
typedef struct BlockFinder {
    const Block *block;
    uint64_t word_at; /* 64-bit word of the upper bits */
    uint64_t zeros;   /* in the words before it */
} BlockFinder;
typedef struct BlockRange {
    uint64_t first, count;
} BlockRange;
BlockRange block_find(BlockFinder *finder, uint64_t key);
uint64_t block_value_at(const Block *block, uint64_t i);

/* The values of a range, which lie one after another; the block's bytes must stay. */
typedef struct BlockList {
    const uint8_t *at, *end; /* from the byte where the first begins to the block's end */
    uint64_t base;
    uint32_t count;
    uint8_t first_bit, bits;
} BlockList;
BlockList block_list(const Block *block, BlockRange range);
/* False when a value is not below limit: out is then worth nothing. */
bool block_list_read(const BlockList *list, uint64_t limit, uint32_t *out);
/* The same, and counts each value at the place of its lowest bits, as the mask says. */
bool block_list_count(const BlockList *list, uint64_t limit, uint32_t *out, uint8_t *places,
                      uint32_t mask);

/* All postings, count of them. */
void block_read(const Block *block, Posting *out);
/* True when the postings are strictly ascending and all keys lie inside key_bits. */
bool block_check(const Block *block);

#endif
