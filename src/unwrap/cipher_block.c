/* SPDX-License-Identifier: Apache-2.0
 * cipher_block.c: block ciphers without tables: TEA family, SPECK, RC5, RC6, Blowfish. */
#include <string.h>

#include "unwrap/cipher.h"

/* D. Wheeler, R. Needham: TEA (1994), XTEA and Block TEA (1997), XXTEA (1998). */
void tea_crypt(const Tea *t, const uint8_t key[16], uint8_t block[8], bool decrypt) {
    uint32_t a = word32_at(block, t->is_big), b = word32_at(block + 4, t->is_big), k[4];
    for (unsigned i = 0; i < 4; i++)
        k[i] = word32_at(key + 4 * i, t->is_big);
    uint32_t sum = decrypt ? t->delta * t->rounds : 0;
    for (uint32_t i = 0; i < t->rounds; i++) {
        if (decrypt) {
            b -= ((a << 4) + k[2]) ^ (a + sum) ^ ((a >> 5) + k[3]);
            a -= ((b << 4) + k[0]) ^ (b + sum) ^ ((b >> 5) + k[1]);
            sum -= t->delta;
        } else {
            sum += t->delta;
            a += ((b << 4) + k[0]) ^ (b + sum) ^ ((b >> 5) + k[1]);
            b += ((a << 4) + k[2]) ^ (a + sum) ^ ((a >> 5) + k[3]);
        }
    }
    word32_put(block, a, t->is_big);
    word32_put(block + 4, b, t->is_big);
}

void xtea_crypt(const Tea *t, const uint8_t key[16], uint8_t block[8], bool decrypt) {
    uint32_t a = word32_at(block, t->is_big), b = word32_at(block + 4, t->is_big), k[4];
    for (unsigned i = 0; i < 4; i++)
        k[i] = word32_at(key + 4 * i, t->is_big);
    uint32_t sum = decrypt ? t->delta * t->rounds : 0;
    for (uint32_t i = 0; i < t->rounds; i++) {
        if (decrypt) {
            b -= (((a << 4) ^ (a >> 5)) + a) ^ (sum + k[sum >> 11 & 3]);
            sum -= t->delta;
            a -= (((b << 4) ^ (b >> 5)) + b) ^ (sum + k[sum & 3]);
        } else {
            a += (((b << 4) ^ (b >> 5)) + b) ^ (sum + k[sum & 3]);
            sum += t->delta;
            b += (((a << 4) ^ (a >> 5)) + a) ^ (sum + k[sum >> 11 & 3]);
        }
    }
    word32_put(block, a, t->is_big);
    word32_put(block + 4, b, t->is_big);
}

static uint32_t xxtea_mix(uint32_t y, uint32_t z, uint32_t sum, uint32_t k) {
    return (((z >> 5) ^ (y << 2)) + ((y >> 3) ^ (z << 4))) ^ ((sum ^ y) + (k ^ z));
}

void xxtea_crypt(const Tea *t, const uint8_t key[16], uint8_t *data, size_t words, bool decrypt) {
    uint32_t k[4], rounds = t->rounds ? t->rounds : (uint32_t)(6 + 52 / words);
    for (unsigned i = 0; i < 4; i++)
        k[i] = word32_at(key + 4 * i, t->is_big);
    uint32_t sum = decrypt ? rounds * t->delta : 0;
    for (uint32_t r = 0; r < rounds; r++) {
        if (!decrypt)
            sum += t->delta;
        uint32_t e = sum >> 2 & 3;
        for (size_t i = 0; i < words; i++) {
            size_t p = decrypt ? words - 1 - i : i;
            uint8_t *at = data + 4 * p;
            size_t next = p + 1 < words ? p + 1 : 0, previous = p > 0 ? p - 1 : words - 1;
            uint32_t y = word32_at(data + 4 * next, t->is_big);
            uint32_t z = word32_at(data + 4 * previous, t->is_big);
            uint32_t m = xxtea_mix(y, z, sum, k[(p & 3) ^ e]), v = word32_at(at, t->is_big);
            word32_put(at, decrypt ? v - m : v + m, t->is_big);
        }
        if (decrypt)
            sum -= t->delta;
    }
}

/* R. Beaulieu and others, "The SIMON and SPECK families" (2013). */
static void speck64_rounds(const uint32_t k[27], uint8_t block[8], bool decrypt) {
    uint32_t y = word32_at(block, false), x = word32_at(block + 4, false);
    for (unsigned i = 0; i < 27; i++) {
        if (decrypt) {
            y = rotl32(y ^ x, 29);
            x = rotl32((x ^ k[26 - i]) - y, 8);
        } else {
            x = (rotl32(x, 24) + y) ^ k[i];
            y = rotl32(y, 3) ^ x;
        }
    }
    word32_put(block, y, false);
    word32_put(block + 4, x, false);
}

static void speck128_rounds(const uint64_t k[32], uint8_t block[16], bool decrypt) {
    uint64_t y = word64_at(block, false), x = word64_at(block + 8, false);
    for (unsigned i = 0; i < 32; i++) {
        if (decrypt) {
            y = rotl64(y ^ x, 61);
            x = rotl64((x ^ k[31 - i]) - y, 8);
        } else {
            x = (rotl64(x, 56) + y) ^ k[i];
            y = rotl64(y, 3) ^ x;
        }
    }
    word64_put(block, y, false);
    word64_put(block + 8, x, false);
}

void speck_rounds(unsigned word_bits, const uint8_t *keys, uint8_t block[16], bool decrypt) {
    uint32_t narrow[27];
    uint64_t wide[32];
    if (word_bits == 32) {
        for (unsigned i = 0; i < 27; i++)
            narrow[i] = word32_at(keys + 4 * i, false);
        speck64_rounds(narrow, block, decrypt);
    } else {
        for (unsigned i = 0; i < 32; i++)
            wide[i] = word64_at(keys + 8 * i, false);
        speck128_rounds(wide, block, decrypt);
    }
}

void speck_crypt(unsigned word_bits, const uint8_t key[16], uint8_t block[16], bool decrypt) {
    if (word_bits == 32) {
        uint32_t k[27], l[3];
        k[0] = word32_at(key, false);
        for (unsigned i = 0; i < 3; i++)
            l[i] = word32_at(key + 4 * (i + 1), false);
        for (uint32_t i = 0; i < 26; i++) {
            l[i % 3] = (k[i] + rotl32(l[i % 3], 24)) ^ i;
            k[i + 1] = rotl32(k[i], 3) ^ l[i % 3];
        }
        speck64_rounds(k, block, decrypt);
        return;
    }
    uint64_t k[32], l = word64_at(key + 8, false);
    k[0] = word64_at(key, false);
    for (uint64_t i = 0; i < 31; i++) {
        l = (k[i] + rotl64(l, 56)) ^ i;
        k[i + 1] = rotl64(k[i], 3) ^ l;
    }
    speck128_rounds(k, block, decrypt);
}

/* R. Rivest, RC5 (1994) and RC6 (1998): the same key schedule for 32-bit words. */
void rc56_key(Bytes key, uint32_t *s, unsigned count) {
    uint32_t l[64] = {0};
    unsigned words = key.size ? (unsigned)(key.size + 3) / 4 : 1;
    for (size_t i = 0; i < key.size && i < 256; i++)
        l[i / 4] |= (uint32_t)key.at[i] << 8 * (i % 4);
    s[0] = 0xb7e15163;
    for (unsigned i = 1; i < count; i++)
        s[i] = s[i - 1] + 0x9e3779b9;
    uint32_t a = 0, b = 0;
    unsigned turns = 3 * (count > words ? count : words);
    for (unsigned n = 0, i = 0, j = 0; n < turns; n++) {
        a = s[i] = rotl32(s[i] + a + b, 3);
        b = l[j] = rotl32(l[j] + a + b, (a + b) & 31);
        i = (i + 1) % count;
        j = (j + 1) % words;
    }
}

void rc5_crypt(const uint32_t s[RC5_WORDS], uint8_t block[8], bool decrypt) {
    uint32_t a = word32_at(block, false), b = word32_at(block + 4, false);
    if (decrypt) {
        for (unsigned i = 12; i >= 1; i--) {
            b = rotl32(b - s[2 * i + 1], 32 - (a & 31)) ^ a;
            a = rotl32(a - s[2 * i], 32 - (b & 31)) ^ b;
        }
        b -= s[1];
        a -= s[0];
    } else {
        a += s[0];
        b += s[1];
        for (unsigned i = 1; i <= 12; i++) {
            a = rotl32(a ^ b, b & 31) + s[2 * i];
            b = rotl32(b ^ a, a & 31) + s[2 * i + 1];
        }
    }
    word32_put(block, a, false);
    word32_put(block + 4, b, false);
}

void rc6_crypt(const uint32_t s[RC6_WORDS], uint8_t block[16], bool decrypt) {
    uint32_t x[4];
    for (unsigned i = 0; i < 4; i++)
        x[i] = word32_at(block + 4 * i, false);
    if (decrypt) {
        x[2] -= s[43];
        x[0] -= s[42];
        for (unsigned i = 20; i >= 1; i--) {
            uint32_t last = x[3];
            x[3] = x[2], x[2] = x[1], x[1] = x[0], x[0] = last;
            uint32_t u = rotl32(x[3] * (2 * x[3] + 1), 5), t = rotl32(x[1] * (2 * x[1] + 1), 5);
            x[2] = rotl32(x[2] - s[2 * i + 1], 32 - (t & 31)) ^ u;
            x[0] = rotl32(x[0] - s[2 * i], 32 - (u & 31)) ^ t;
        }
        x[3] -= s[1];
        x[1] -= s[0];
    } else {
        x[1] += s[0];
        x[3] += s[1];
        for (unsigned i = 1; i <= 20; i++) {
            uint32_t t = rotl32(x[1] * (2 * x[1] + 1), 5), u = rotl32(x[3] * (2 * x[3] + 1), 5);
            x[0] = rotl32(x[0] ^ t, u & 31) + s[2 * i];
            x[2] = rotl32(x[2] ^ u, t & 31) + s[2 * i + 1];
            uint32_t first = x[0];
            x[0] = x[1], x[1] = x[2], x[2] = x[3], x[3] = first;
        }
        x[0] += s[42];
        x[2] += s[43];
    }
    for (unsigned i = 0; i < 4; i++)
        word32_put(block + 4 * i, x[i], false);
}
