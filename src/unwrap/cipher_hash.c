/* SPDX-License-Identifier: Apache-2.0
 * cipher_hash.c: digests, checksums and table hashes. */
#include <math.h>
#include <string.h>

#include "unwrap/cipher.h"

const uint32_t HASH_INITIAL[3][8] = {{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476},
                                     {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
                                     {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                      0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};

/* RFC 1321: the constants are floor(2^32 |sin(i + 1)|). */
static void md5_compress(uint32_t *state, const uint8_t block[64]) {
    static const uint8_t SHIFT[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static const uint8_t STEP[4][2] = {{1, 0}, {5, 1}, {3, 5}, {7, 0}};
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (unsigned i = 0; i < 64; i++) {
        unsigned r = i / 16;
        uint32_t f = r == 0   ? (b & c) | (~b & d)
                     : r == 1 ? (d & b) | (~d & c)
                     : r == 2 ? b ^ c ^ d
                              : c ^ (b | ~d);
        uint32_t k = (uint32_t)floor(fabs(sin(i + 1.0)) * 4294967296.0);
        f += a + k + word32_at(block + 4 * ((STEP[r][0] * i + STEP[r][1]) % 16), false);
        a = d;
        d = c;
        c = b;
        b += rotl32(f, SHIFT[r][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

/* FIPS 180-4. */
static void sha1_compress(uint32_t *state, const uint8_t block[64]) {
    static const uint32_t K[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (unsigned i = 0; i < 80; i++)
        w[i] = i < 16 ? word32_at(block + 4 * i, true)
                      : rotl32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? (b & c) | (~b & d)
                     : i < 40 ? b ^ c ^ d
                     : i < 60 ? (b & c) | (b & d) | (c & d)
                              : b ^ c ^ d;
        f += rotl32(a, 5) + e + K[i / 20] + w[i];
        e = d;
        d = c;
        c = rotl32(b, 30);
        b = a;
        a = f;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

/* The constants are the first 32 bits of the fractions of the cube roots of the first primes. */
static void sha256_compress(uint32_t *state, const uint8_t block[64]) {
    uint32_t w[64], s[8];
    unsigned prime = 1;
    memcpy(s, state, sizeof s);
    for (unsigned i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = word32_at(block + 4 * i, true);
        } else {
            uint32_t x = w[i - 15], y = w[i - 2];
            w[i] = w[i - 16] + w[i - 7] + (rotl32(x, 25) ^ rotl32(x, 14) ^ x >> 3) +
                   (rotl32(y, 15) ^ rotl32(y, 13) ^ y >> 10);
        }
    }
    for (unsigned i = 0; i < 64; i++) {
        bool is_prime;
        do {
            prime++;
            is_prime = true;
            for (unsigned p = 2; p * p <= prime; p++)
                is_prime &= prime % p != 0;
        } while (!is_prime);
        double root = cbrt(prime);
        uint32_t k = (uint32_t)((root - floor(root)) * 4294967296.0);
        uint32_t t1 = s[7] + (rotl32(s[4], 26) ^ rotl32(s[4], 21) ^ rotl32(s[4], 7)) +
                      ((s[4] & s[5]) ^ (~s[4] & s[6])) + k + w[i];
        uint32_t t2 = (rotl32(s[0], 30) ^ rotl32(s[0], 19) ^ rotl32(s[0], 10)) +
                      ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += s[i];
}

void hash_compress(HashName name, uint32_t *state, const uint8_t block[64]) {
    if (name == HASH_MD5)
        md5_compress(state, block);
    else if (name == HASH_SHA1)
        sha1_compress(state, block);
    else
        sha256_compress(state, block);
}

size_t hash_digest(HashName name, Bytes message, uint8_t *out) {
    uint32_t state[8];
    uint8_t block[64];
    bool is_big = name != HASH_MD5, has_mark = false;
    unsigned words = name == HASH_MD5 ? 4 : name == HASH_SHA1 ? 5 : 8;
    memcpy(state, HASH_INITIAL[name], sizeof state);
    for (size_t off = 0;; off += 64) {
        size_t n = off < message.size ? message.size - off : 0;
        n = n > 64 ? 64 : n;
        memset(block, 0, sizeof block);
        if (n > 0)
            memcpy(block, message.at + off, n);
        if (n < 64 && !has_mark) {
            block[n] = 0x80;
            has_mark = true;
        }
        bool is_last = has_mark && n < 56;
        if (is_last)
            word64_put(block + 56, (uint64_t)message.size * 8, is_big);
        hash_compress(name, state, block);
        if (is_last)
            break;
    }
    for (unsigned i = 0; i < words; i++)
        word32_put(out + 4 * i, state[i], is_big);
    return words * 4;
}

uint64_t crc_value(const Crc *c, Bytes b) {
    uint64_t mask = c->width >= 64 ? UINT64_MAX : ((uint64_t)1 << c->width) - 1;
    uint64_t r = c->initial & mask, top = (uint64_t)1 << (c->width - 1);
    for (size_t i = 0; i < b.size; i++) {
        r ^= c->reflected ? b.at[i] : (uint64_t)b.at[i] << (c->width - 8);
        for (unsigned k = 0; k < 8; k++) {
            if (c->reflected)
                r = r >> 1 ^ (r & 1 ? c->polynomial : 0);
            else
                r = (r << 1 ^ (r & top ? c->polynomial : 0)) & mask;
        }
    }
    return (r ^ c->final) & mask;
}

static uint8_t fold_case(uint8_t c, uint8_t fold) {
    if (fold == 1 && c >= 'A' && c <= 'Z')
        return (uint8_t)(c + 32);
    if (fold == 2 && c >= 'a' && c <= 'z')
        return (uint8_t)(c - 32);
    return c;
}

static uint64_t accumulator_mix(const Accumulator *a, uint64_t r, uint64_t mask) {
    if (a->mix == MIX_MULTIPLY)
        return r * a->by & mask;
    unsigned n = (unsigned)(a->by % a->width);
    return n ? (r << n | r >> (a->width - n)) & mask : r;
}

uint64_t accumulator_value(const Accumulator *a, Bytes b) {
    uint64_t mask = a->width >= 64 ? UINT64_MAX : ((uint64_t)1 << a->width) - 1;
    uint64_t r = a->initial & mask;
    for (size_t i = 0; i < b.size; i++) {
        uint64_t c = fold_case(b.at[i], a->fold);
        if (!a->op_first)
            r = accumulator_mix(a, r, mask);
        r = (a->is_add ? r + c : r ^ c) & mask;
        if (a->op_first)
            r = accumulator_mix(a, r, mask);
    }
    return r;
}

/* RFC 1950. */
uint32_t adler32_value(uint32_t initial, Bytes b) {
    uint32_t low = initial & 0xffff, high = initial >> 16;
    for (size_t i = 0; i < b.size; i++) {
        low = (low + b.at[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

/* J. Fletcher (1982), modulo 255. */
uint32_t fletcher16_value(Bytes b) {
    uint32_t low = 0, high = 0;
    for (size_t i = 0; i < b.size; i++) {
        low = (low + b.at[i]) % 255;
        high = (high + low) % 255;
    }
    return high << 8 | low;
}

/* A. Appleby, MurmurHash2 (2008) and MurmurHash3_x86_32 (2011). */
uint32_t murmur2_value(uint32_t seed, Bytes b) {
    const uint32_t m = 0x5bd1e995;
    uint32_t h = seed ^ (uint32_t)b.size;
    size_t i = 0;
    for (; i + 4 <= b.size; i += 4) {
        uint32_t k = bytes_u32_at(b, i) * m;
        k = (k ^ k >> 24) * m;
        h = h * m ^ k;
    }
    if (i < b.size) {
        for (size_t k = 0; i + k < b.size; k++)
            h ^= (uint32_t)b.at[i + k] << 8 * k;
        h *= m;
    }
    h = (h ^ h >> 13) * m;
    return h ^ h >> 15;
}

uint32_t murmur3_value(uint32_t seed, Bytes b) {
    uint32_t h = seed;
    for (size_t i = 0; i < b.size; i += 4) {
        uint32_t k = 0;
        for (size_t n = 0; n < 4 && i + n < b.size; n++)
            k |= (uint32_t)b.at[i + n] << 8 * n;
        k = rotl32(k * 0xcc9e2d51, 15) * 0x1b873593;
        h ^= k;
        if (i + 4 <= b.size)
            h = rotl32(h, 13) * 5 + 0xe6546b64;
    }
    h ^= (uint32_t)b.size;
    h = (h ^ h >> 16) * 0x85ebca6b;
    h = (h ^ h >> 13) * 0xc2b2ae35;
    return h ^ h >> 16;
}

/* B. Jenkins, one-at-a-time (1997). */
uint32_t jenkins_oaat_value(uint32_t initial, Bytes b) {
    uint32_t h = initial;
    for (size_t i = 0; i < b.size; i++) {
        h += b.at[i];
        h += h << 10;
        h ^= h >> 6;
    }
    h += h << 3;
    h ^= h >> 11;
    return h + (h << 15);
}

/* System V ABI, symbol hash; P. Weinberger's PJW. */
uint32_t elf_hash_value(uint32_t initial, Bytes b) {
    uint32_t h = initial;
    for (size_t i = 0; i < b.size; i++) {
        h = (h << 4) + b.at[i];
        uint32_t g = h & 0xf0000000;
        h ^= g >> 24;
        h &= ~g;
    }
    return h;
}
