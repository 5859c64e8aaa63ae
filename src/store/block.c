/* SPDX-License-Identifier: Apache-2.0 */
#include "store/block.h"

#include <string.h>

#include "base/digest.h"
#include "base/table.h"

/* Header: checksum u64, count u32, key_bits u8, lower_bits u8, value_bits u8, base_bytes u8, then
 * the least value in base_bytes bytes. */
enum { HEADER_BYTES = 16, BLOCK_SHORT = 1 };

static uint64_t load64(const uint8_t *at) {
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* The build is for little-endian processors only: the packed parts are read as words. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blocks are little-endian");

static uint64_t mask_bits(unsigned bits) { return bits >= 64 ? UINT64_MAX : (1ULL << bits) - 1; }
static uint64_t shift_right(uint64_t v, unsigned bits) { return bits >= 64 ? 0 : v >> bits; }

static unsigned width_of(uint64_t v) { return v == 0 ? 0 : 64u - (unsigned)__builtin_clzll(v); }

/* Baseline x86-64 has no popcnt instruction, and libgcc's call costs more than these ten steps. */
static unsigned ones(uint64_t v) {
    v -= v >> 1 & 0x5555555555555555ULL;
    v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
    return (unsigned)(v * 0x0101010101010101ULL >> 56);
}

static uint64_t checksum(const uint8_t *at, size_t size, BlockAddress a) {
    uint64_t place = mix64((uint64_t)a.segment << 32 | a.bucket) ^ mix64(a.table + 1ULL);
    return hash64((Bytes){at + sizeof(uint64_t), size - sizeof(uint64_t)}) ^ place;
}

/* Elias-Fano takes about log2(range / count) low bits for each key. */
static unsigned lower_bits_for(unsigned key_bits, uint64_t count) {
    unsigned count_bits = width_of(count - 1);
    return key_bits > count_bits ? key_bits - count_bits : 0;
}

/* One 1 for each posting, one 0 for each step of the high part, the last step included. */
static uint64_t upper_size_bits(unsigned key_bits, unsigned lower_bits, uint64_t count) {
    unsigned high_bits = key_bits - lower_bits;
    CHECK(high_bits <= 32);
    return count + (1ULL << high_bits);
}

static void put_bits(uint8_t *part, uint64_t bit_at, uint64_t v, unsigned bits) {
    while (bits > 0) {
        unsigned skip = (unsigned)(bit_at & 7);
        unsigned n = bits < 8 - skip ? bits : 8 - skip;
        part[bit_at >> 3] = (uint8_t)(part[bit_at >> 3] | (v & mask_bits(n)) << skip);
        v = shift_right(v, n);
        bit_at += n;
        bits -= n;
    }
}

void block_seal(uint8_t *at, size_t size, BlockAddress address) {
    uint64_t sum = checksum(at, size, address);
    memcpy(at, &sum, sizeof sum);
}

static void fill_parts(uint8_t *upper, uint8_t *lower, uint8_t *values, const Block *b,
                       const Posting *postings) {
    for (uint64_t i = 0; i < b->count; i++) {
        uint64_t high = shift_right(postings[i].key, b->lower_bits);
        put_bits(upper, high + i, 1, 1);
        put_bits(lower, i * b->lower_bits, postings[i].key, b->lower_bits);
        put_bits(values, i * b->value_bits, postings[i].value - b->value_base, b->value_bits);
    }
}

static size_t bytes_of(uint64_t bits) { return (size_t)((bits + 7) / 8); }

/* Where the parts lie; the size of the whole. */
static uint64_t lay_out(Block *b, unsigned base_bytes) {
    b->upper_bits = upper_size_bits(b->key_bits, b->lower_bits, b->count);
    b->upper_at = HEADER_BYTES + base_bytes;
    b->lower_at = b->upper_at + bytes_of(b->upper_bits);
    b->values_at = b->lower_at + bytes_of(b->count * b->lower_bits);
    return b->values_at + bytes_of(b->count * b->value_bits);
}

void block_write(Text *out, BlockAddress address, unsigned key_bits, const Posting *postings,
                 size_t count) {
    CHECK(count > 0 && count <= MAX_BLOCK_POSTINGS && key_bits <= 64);
    Block b = {.count = count, .key_bits = (uint8_t)key_bits};
    uint64_t most = 0;
    b.value_base = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        CHECK(postings[i].key <= mask_bits(key_bits));
        most = postings[i].value > most ? postings[i].value : most;
        b.value_base = postings[i].value < b.value_base ? postings[i].value : b.value_base;
    }
    b.lower_bits = (uint8_t)lower_bits_for(key_bits, count);
    b.value_bits = (uint8_t)width_of(most - b.value_base);
    unsigned base_bytes = (width_of(b.value_base) + 7) / 8;
    size_t size = (size_t)lay_out(&b, base_bytes);
    size_t at = out->size;
    static const uint8_t zeros[256];
    for (size_t left = size; left > 0;) {
        size_t n = left < sizeof zeros ? left : sizeof zeros;
        text_add_bytes(out, zeros, n);
        left -= n;
    }
    if (out->full)
        return;
    uint8_t *p = (uint8_t *)out->at + at;
    put_bits(p, 64, count, 32);
    p[12] = b.key_bits;
    p[13] = b.lower_bits;
    p[14] = b.value_bits;
    p[15] = (uint8_t)base_bytes;
    put_bits(p + HEADER_BYTES, 0, b.value_base, base_bytes * 8);
    fill_parts(p + b.upper_at, p + b.lower_at, p + b.values_at, &b, postings);
    block_seal(p, size, address);
}

/* The 64 bits from a byte on; bytes past the block's end count as 0. */
static uint64_t word_at(const uint8_t *at, const uint8_t *end) {
    if (end - at >= 8)
        return load64(at);
    uint64_t v = 0;
    for (ptrdiff_t i = 0; i < end - at; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

/* They lie before the block's end. */
static inline uint64_t bits_at(const uint8_t *part, const uint8_t *end, uint64_t bit_at,
                               unsigned bits) {
    unsigned skip = (unsigned)(bit_at & 7);
    const uint8_t *at = part + (bit_at >> 3);
    if (bits <= 56 && end - at >= 8)
        return load64(at) >> skip & mask_bits(bits);
    if (bits == 0)
        return 0;
    uint64_t v = word_at(at, end) >> skip;
    if (skip + bits > 64)
        v |= (uint64_t)at[8] << (64 - skip);
    return v & mask_bits(bits);
}

static const uint8_t *end_of(const Block *b) { return b->bytes.at + b->bytes.size; }

static inline uint64_t get_bits(const Block *b, size_t part, uint64_t bit_at, unsigned bits) {
    return bits_at(b->bytes.at + part, end_of(b), bit_at, bits);
}

/* The i-th word of the upper bits, with zeros past their end. */
static inline uint64_t upper_word(const Block *b, uint64_t i) {
    if ((i + 1) * 64 <= b->upper_bits)
        return load64(b->bytes.at + b->upper_at + i * 8);
    uint64_t left = b->upper_bits - i * 64;
    return word_at(b->bytes.at + b->upper_at + i * 8, end_of(b)) &
           mask_bits(left < 64 ? (unsigned)left : 64);
}

static bool upper_is_whole(const Block *b) {
    uint64_t sum = 0, words = (b->upper_bits + 63) / 64;
    for (uint64_t i = 0; i < words; i++)
        sum += ones(upper_word(b, i));
    /* With exactly count ones among upper_bits bits, the zeros are as many as the high parts. The
       last bit is the last step: no key lies beyond it. */
    uint64_t last = b->upper_bits - 1;
    return sum == b->count && !(b->bytes.at[b->upper_at + (last >> 3)] >> (last & 7) & 1);
}

static Status corrupt(BlockAddress a, const char *what, Error *err) {
    return error_set(err, STATUS_CORRUPT,
                     "posting block (table %u, segment %u, bucket %u) is damaged: %s", a.table,
                     a.segment, a.bucket, what);
}

Status block_open(Bytes bytes, BlockAddress address, unsigned key_bits, Block *out, Error *err) {
    *out = (Block){.bytes = bytes};
    if (bytes.size < HEADER_BYTES)
        return corrupt(address, "too short", err);
    if (load64(bytes.at) != checksum(bytes.at, bytes.size, address))
        return corrupt(address, "checksum", err);
    uint32_t count = bytes_u32_at(bytes, 8);
    unsigned base_bytes = bytes.at[15];
    out->key_bits = bytes.at[12];
    out->lower_bits = bytes.at[13];
    out->value_bits = bytes.at[14];
    if (count == 0 || count > MAX_BLOCK_POSTINGS || key_bits > 64 || out->key_bits != key_bits ||
        out->lower_bits != lower_bits_for(key_bits, count) || out->value_bits > 64 ||
        base_bytes > 8)
        return corrupt(address, "header", err);
    out->count = count;
    if (lay_out(out, base_bytes) != bytes.size)
        return corrupt(address, "size", err);
    for (unsigned i = 0; i < base_bytes; i++)
        out->value_base |= (uint64_t)bytes.at[HEADER_BYTES + i] << (8 * i);
    if (!upper_is_whole(out))
        return corrupt(address, "keys", err);
    return STATUS_OK;
}

/* Position of the n-th (from 0) set bit of a word that has more than n. */
static unsigned select_one(uint64_t word, unsigned n) {
    unsigned at = 0;
    for (unsigned half = 32; half >= 8; half /= 2) {
        unsigned below = ones(word & mask_bits(half));
        if (n >= below) {
            n -= below;
            word >>= half;
            at += half;
        }
    }
    while (n-- > 0)
        word &= word - 1;
    return at + (unsigned)__builtin_ctzll(word);
}

/* Position in the upper bits of the n-th zero (from 0): it exists, n < number of high parts. */
static uint64_t select_zero(BlockFinder *f, uint64_t n) {
    if (n < f->zeros)
        f->word_at = f->zeros = 0;
    for (;;) {
        uint64_t word = ~upper_word(f->block, f->word_at);
        unsigned here = ones(word);
        if (n < f->zeros + here)
            return f->word_at * 64 + select_one(word, (unsigned)(n - f->zeros));
        f->zeros += here;
        f->word_at++;
    }
}

/* Set bits in a row from position at; the last of all bits is known to be 0. */
static uint64_t run_from(const Block *b, uint64_t at) {
    uint64_t run = 0;
    while (at < b->upper_bits) {
        unsigned skip = (unsigned)(at & 63), left = 64 - skip;
        uint64_t word = ~(upper_word(b, at / 64) >> skip);
        unsigned n = word ? (unsigned)__builtin_ctzll(word) : 64;
        if (n < left)
            return run + n;
        run += left;
        at += left;
    }
    return run;
}

static uint64_t lower_at(const Block *b, uint64_t i) {
    return get_bits(b, b->lower_at, i * b->lower_bits, b->lower_bits);
}

/* Hashed keys make runs of a step or two; only hot or forged ones are worth halving. */
static uint64_t lower_bound(const Block *b, uint64_t first, uint64_t end, uint64_t low) {
    while (end - first > 8) {
        uint64_t middle = first + (end - first) / 2;
        if (lower_at(b, middle) < low)
            first = middle + 1;
        else
            end = middle;
    }
    while (first < end && lower_at(b, first) < low)
        first++;
    return first;
}

BlockRange block_find(BlockFinder *f, uint64_t key) {
    const Block *b = f->block;
    uint64_t high = shift_right(key, b->lower_bits), low = key & mask_bits(b->lower_bits);
    if (high >= b->upper_bits - b->count)
        return (BlockRange){0};
    uint64_t at = high == 0 ? 0 : select_zero(f, high - 1) + 1;
    uint64_t first = at - high, end = first + run_from(b, at);
    if (b->lower_bits == 0)
        return (BlockRange){first, end - first};
    first = lower_bound(b, first, end, low);
    uint64_t last = first;
    while (last < end && last - first < 4 && lower_at(b, last) == low)
        last++;
    if (last - first == 4 && last < end && low < mask_bits(b->lower_bits))
        last = lower_bound(b, last, end, low + 1);
    else if (last - first == 4)
        last = end;
    return (BlockRange){first, last - first};
}

uint64_t block_value_at(const Block *b, uint64_t i) {
    return b->value_base + get_bits(b, b->values_at, i * b->value_bits, b->value_bits);
}

BlockList block_list(const Block *b, BlockRange range) {
    uint64_t bit = range.first * b->value_bits;
    return (BlockList){.at = b->bytes.at + b->values_at + (bit >> 3),
                       .end = end_of(b),
                       .base = b->value_base,
                       .count = (uint32_t)range.count,
                       .first_bit = (uint8_t)(bit & 7),
                       .bits = b->value_bits};
}

/* By value: bytes of `places` could be anything's, so that it would be read again and again. */
static inline bool read_list(const BlockList l, uint64_t limit, uint32_t *out, uint8_t *places,
                             uint32_t place_mask) {
    const uint64_t mask = mask_bits(l.bits), bits = l.bits;
    /* The whole word of a value begins in its first byte and lies in the block, for all but the
       last. */
    uint64_t in_reach =
        bits <= 56 && bits > 0 && l.end - l.at >= 9 ? (uint64_t)(l.end - l.at - 9) * 8 / bits : 0;
    uint64_t most = 0, bit = l.first_bit;
    uint32_t i = 0;
    for (; i < l.count && i < in_reach; i++, bit += bits) {
        uint64_t v = l.base + (load64(l.at + (bit >> 3)) >> (bit & 7) & mask);
        most = v > most ? v : most;
        out[i] = (uint32_t)v;
        if (places)
            places[v & place_mask]++;
    }
    for (; i < l.count; i++, bit += bits) {
        uint64_t v = l.base + bits_at(l.at, l.end, bit, l.bits);
        most = v > most ? v : most;
        out[i] = (uint32_t)v;
        if (places)
            places[v & place_mask]++;
    }
    return l.count == 0 || (most < limit && most <= UINT32_MAX);
}

bool block_list_read(const BlockList *l, uint64_t limit, uint32_t *out) {
    return read_list(*l, limit, out, NULL, 0);
}

bool block_list_count(const BlockList *l, uint64_t limit, uint32_t *out, uint8_t *places,
                      uint32_t mask) {
    return read_list(*l, limit, out, places, mask);
}

void block_read(const Block *b, Posting *out) {
    uint64_t i = 0, words = (b->upper_bits + 63) / 64;
    for (uint64_t w = 0; w < words; w++) {
        for (uint64_t word = upper_word(b, w); word != 0; word &= word - 1) {
            uint64_t high = w * 64 + (unsigned)__builtin_ctzll(word) - i;
            out[i].key = (b->lower_bits < 64 ? high << b->lower_bits : 0) | lower_at(b, i);
            out[i].value = block_value_at(b, i);
            i++;
        }
    }
}

bool block_check(const Block *b) {
    Posting before = {0};
    uint64_t i = 0, words = (b->upper_bits + 63) / 64;
    for (uint64_t w = 0; w < words; w++) {
        for (uint64_t word = upper_word(b, w); word != 0; word &= word - 1, i++) {
            uint64_t high = w * 64 + (unsigned)__builtin_ctzll(word) - i;
            Posting p = {(b->lower_bits < 64 ? high << b->lower_bits : 0) | lower_at(b, i),
                         block_value_at(b, i)};
            bool is_after = p.key > before.key || (p.key == before.key && p.value > before.value);
            if (p.key > mask_bits(b->key_bits) || (i > 0 && !is_after))
                return false;
            before = p;
        }
    }
    return true;
}
