/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/apihash_mixers.h"

static uint32_t rol(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }
static uint32_t ror(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static uint64_t babble(Bytes name, uint64_t first, uint32_t number) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h = (h + name.at[i]) * (name.at[i] + number);
    return h;
}

uint64_t mix_babble_4af1e366(Bytes name, uint64_t first) { return babble(name, first, 0x4af1e366); }
uint64_t mix_babble_1c9943d2(Bytes name, uint64_t first) { return babble(name, first, 0x1c9943d2); }

enum { MURMUR2 = 0x5bd1e995 };

uint64_t mix_blister(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        h = (h ^ name.at[i]) * MURMUR2;
        h ^= h >> 15;
    }
    return h;
}

uint64_t mix_castle(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        uint32_t c = name.at[i];
        h ^= i % 2 ? ~((h << 11) + (c ^ h >> 5)) : h << 7 ^ c * (h >> 3);
    }
    return h;
}

static uint32_t murmur2_word(uint32_t k) {
    k *= MURMUR2;
    return (k ^ k >> 24) * MURMUR2;
}

static uint32_t murmur2_end(uint32_t h) {
    h = (h ^ h >> 13) * MURMUR2;
    return h ^ h >> 15;
}

/* What is left behind the last whole word. */
static uint32_t tail_of(Bytes name) {
    uint32_t tail = 0;
    for (size_t i = name.size; i > (name.size & ~(size_t)3); i--)
        tail = tail << 8 | name.at[i - 1];
    return tail;
}

uint64_t mix_murmur2(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first ^ (uint32_t)name.size;
    for (size_t i = 0; i + 4 <= name.size; i += 4)
        h = h * MURMUR2 ^ murmur2_word(bytes_u32_at(name, i));
    if (name.size % 4)
        h = (h ^ tail_of(name)) * MURMUR2;
    return murmur2_end(h);
}

uint64_t mix_murmur2a(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i + 4 <= name.size; i += 4)
        h = h * MURMUR2 ^ murmur2_word(bytes_u32_at(name, i));
    h = h * MURMUR2 ^ murmur2_word(tail_of(name));
    h = h * MURMUR2 ^ murmur2_word((uint32_t)name.size);
    return murmur2_end(h);
}

static uint32_t crc32_byte(uint32_t h, uint8_t c) {
    h ^= c;
    for (unsigned k = 0; k < 8; k++)
        h = h & 1 ? h >> 1 ^ 0xedb88320 : h >> 1;
    return h;
}

static uint32_t crc32_open(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h = crc32_byte(h, name.at[i]);
    return h;
}

uint64_t mix_crc32_zero(Bytes name, uint64_t first) {
    return (uint32_t)~crc32_byte(crc32_open(name, first), 0);
}

uint64_t mix_crc32_ca9d4d4e(Bytes name, uint64_t first) {
    return (uint32_t)~crc32_open(name, first) ^ 0xca9d4d4e;
}

uint64_t mix_crc64(Bytes name, uint64_t first) {
    uint64_t h = first;
    for (size_t i = 0; i < name.size; i++) {
        h ^= (uint64_t)name.at[i] << 56;
        for (unsigned k = 0; k < 8; k++)
            h = h >> 63 ? h << 1 ^ 0x42f0e1eba9ea3693 : h << 1;
    }
    return h;
}

static uint32_t donut_word(uint32_t k) { return rol(k * 0x85ebca87u, 15) * 0x27d4eb4fu; }

/* MurmurHash3's shape with the primes of xxHash, some of them changed. */
uint64_t mix_donut(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i + 4 <= name.size; i += 4)
        h = rol(h ^ donut_word(bytes_u32_at(name, i)), 13) * 5 - 1640531463u;
    h ^= donut_word(tail_of(name)) ^ (uint32_t)name.size;
    h = (h ^ h >> 16) * 0xc2b2ae63u;
    h = (h ^ h >> 13) * 0x165667c5u;
    return h ^ h >> 16;
}

static uint32_t deed(Bytes name, uint64_t first, bool folds) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++) {
        uint32_t c = name.at[i];
        if (folds && c < 'a')
            c += 0x20;
        h ^= i % 2 ? ~(h << 9 ^ h >> 3 ^ c) : h << 5 ^ h >> 1 ^ c;
    }
    return h;
}

uint64_t mix_deed(Bytes name, uint64_t first) { return deed(name, first, true); }
uint64_t mix_deed_export(Bytes name, uint64_t first) {
    return deed(name, first, false) & 0x7fffffff;
}

uint64_t mix_ror8(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h ^= ror(h, 8) + name.at[i];
    return h;
}

/* The place of a character takes part. */
uint64_t mix_position(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first, number = (uint32_t)first;
    for (uint32_t i = 0; i < name.size; i++) {
        uint32_t c = name.at[i];
        h = (i ? i ^ number : 0) * ((i + number) * c + (h ^ c)) + c;
    }
    return h;
}

uint64_t mix_bkdr_31(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h = h * 131 + name.at[i];
    return h & 0x7fffffff;
}

uint64_t mix_xor_shr8(Bytes name, uint64_t first) {
    uint32_t h = (uint32_t)first;
    for (size_t i = 0; i < name.size; i++)
        h = (h ^ name.at[i]) * h ^ h >> 8;
    return h;
}

/* 48 bits: a rotation of the low half, below it the last and the first character. */
uint64_t mix_first_last(Bytes name, uint64_t first) {
    uint64_t h = first;
    for (size_t i = 0; i < name.size; i++)
        h = name.at[i] ^ (h >> 25 | (h & 0x1ffffff) << 7);
    return name.size == 0
               ? UINT64_MAX
               : name.at[0] | (uint64_t)name.at[name.size - 1] << 8 | (h & UINT32_MAX) << 16;
}
