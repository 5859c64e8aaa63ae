/* SPDX-License-Identifier: Apache-2.0
 * cipher_table.c: block ciphers with tables: AES (FIPS 197), DES (FIPS 46-3). */
#include <string.h>

#include "unwrap/cipher.h"
#include "value/ir_eval.h"

static uint8_t gf_multiply(uint8_t a, uint8_t b) {
    uint8_t r = 0;
    for (; b; b >>= 1) {
        if (b & 1)
            r ^= a;
        a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1b : 0));
    }
    return r;
}

uint8_t aes_sbox(uint8_t x) { return ir_aes_sbox(x); }

void aes_key(Aes *a, Bytes key) {
    unsigned words = (unsigned)key.size / 4;
    uint8_t rcon = 1, *k = a->round_keys;
    memset(a, 0, sizeof *a);
    if (key.size != 16 && key.size != 24 && key.size != 32)
        return;
    a->rounds = words + 6;
    memcpy(k, key.at, key.size);
    for (unsigned i = words; i < 4 * (a->rounds + 1); i++) {
        uint8_t t[4];
        memcpy(t, k + 4 * (i - 1), 4);
        if (i % words == 0) {
            uint8_t first = t[0];
            t[0] = aes_sbox(t[1]) ^ rcon;
            t[1] = aes_sbox(t[2]);
            t[2] = aes_sbox(t[3]);
            t[3] = aes_sbox(first);
            rcon = gf_multiply(rcon, 2);
        } else if (words > 6 && i % words == 4) {
            for (unsigned n = 0; n < 4; n++)
                t[n] = aes_sbox(t[n]);
        }
        for (unsigned n = 0; n < 4; n++)
            k[4 * i + n] = k[4 * (i - words) + n] ^ t[n];
    }
}

static void aes_add_key(uint8_t *s, const uint8_t *k) {
    for (unsigned i = 0; i < 16; i++)
        s[i] ^= k[i];
}

static void aes_shift(uint8_t *s, bool decrypt) {
    uint8_t t[16];
    memcpy(t, s, 16);
    for (unsigned c = 0; c < 4; c++)
        for (unsigned r = 0; r < 4; r++)
            s[4 * c + r] = t[4 * ((c + (decrypt ? 4 - r : r)) % 4) + r];
}

static void aes_mix(uint8_t *s, bool decrypt) {
    static const uint8_t ENCRYPT[4] = {2, 3, 1, 1}, DECRYPT[4] = {14, 11, 13, 9};
    const uint8_t *m = decrypt ? DECRYPT : ENCRYPT;
    for (unsigned c = 0; c < 4; c++) {
        uint8_t t[4];
        memcpy(t, s + 4 * c, 4);
        for (unsigned r = 0; r < 4; r++) {
            s[4 * c + r] = 0;
            for (unsigned k = 0; k < 4; k++)
                s[4 * c + r] ^= gf_multiply(t[k], m[(k + 4 - r) % 4]);
        }
    }
}

void aes_crypt(const Aes *a, uint8_t block[16], bool decrypt) {
    uint8_t box[256];
    for (unsigned i = 0; i < 256; i++) {
        if (decrypt)
            box[aes_sbox((uint8_t)(i))] = (uint8_t)i;
        else
            box[i] = aes_sbox((uint8_t)(i));
    }
    aes_add_key(block, a->round_keys + (decrypt ? 16 * a->rounds : 0));
    for (unsigned r = 1; r <= a->rounds; r++) {
        const uint8_t *k = a->round_keys + 16 * (decrypt ? a->rounds - r : r);
        aes_shift(block, decrypt);
        for (unsigned i = 0; i < 16; i++)
            block[i] = box[block[i]];
        if (decrypt) {
            aes_add_key(block, k);
            if (r < a->rounds)
                aes_mix(block, true);
        } else {
            if (r < a->rounds)
                aes_mix(block, false);
            aes_add_key(block, k);
        }
    }
}

/* FIPS 46-3, appendix 1: bits are numbered from 1, the most significant first. */
static const uint8_t DES_IP[64] = {58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
                                   62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
                                   57, 49, 41, 33, 25, 17, 9,  1, 59, 51, 43, 35, 27, 19, 11, 3,
                                   61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7};
static const uint8_t DES_P[32] = {16, 7, 20, 21, 29, 12, 28, 17, 1,  15, 23, 26, 5,  18, 31, 10,
                                  2,  8, 24, 14, 32, 27, 3,  9,  19, 13, 30, 6,  22, 11, 4,  25};
static const uint8_t DES_PC1[56] = {57, 49, 41, 33, 25, 17, 9,  1,  58, 50, 42, 34, 26, 18,
                                    10, 2,  59, 51, 43, 35, 27, 19, 11, 3,  60, 52, 44, 36,
                                    63, 55, 47, 39, 31, 23, 15, 7,  62, 54, 46, 38, 30, 22,
                                    14, 6,  61, 53, 45, 37, 29, 21, 13, 5,  28, 20, 12, 4};
static const uint8_t DES_PC2[48] = {14, 17, 11, 24, 1,  5,  3,  28, 15, 6,  21, 10, 23, 19, 12, 4,
                                    26, 8,  16, 7,  27, 20, 13, 2,  41, 52, 31, 37, 47, 55, 30, 40,
                                    51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32};
/* Two digits a byte, rows of 16. */
static const char DES_S[8][65] = {"E4D12FB83A6C59070F74E2D1A6CB9538"
                                  "41E8D62BFC973A50FC8249175B3EA06D",
                                  "F18E6B34972DC05A3D47F28EC01A69B5"
                                  "0E7BA4D158C6932FD8A13F42B67C05E9",
                                  "A09E63F51DC7B428D709346A285ECBF1"
                                  "D6498F30B12C5AE71AD069874FE3B52C",
                                  "7DE3069A1285BC4FD8B56F03472C1AE9"
                                  "A690CB7DF13E52843F06A1D8945BC72E",
                                  "2C417AB6853FD0E9EB2C47D150FA3986"
                                  "421BAD78F9C5630EB8C71E2D6F09A453",
                                  "C1AF92680D34E75BAF427C9561DE0B38"
                                  "9EF528C3704A1DB6432C95FABE17608D",
                                  "4B2EF08D3C975A61D0B7491AE35C2F86"
                                  "14BDC37EAF6805926BD814A7950FE23C",
                                  "D2846FB1A93E50C71FD8A374C56B0E92"
                                  "7B419CE206ADF35821E74A8DFC90356B"};

static uint64_t des_permute(uint64_t in, unsigned in_bits, const uint8_t *table, unsigned count) {
    uint64_t out = 0;
    for (unsigned i = 0; i < count; i++)
        out = out << 1 | (in >> (in_bits - table[i]) & 1);
    return out;
}

static unsigned hex_digit(char c) { return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10); }

static uint32_t des_f(uint32_t r, uint64_t k) {
    uint32_t out = 0;
    for (unsigned i = 0; i < 8; i++) {
        /* E: six bits around each group of four, round the ends. */
        unsigned six = (rotl32(r, (4 * i + 5) & 31) & 63) ^ (unsigned)(k >> (42 - 6 * i) & 63);
        unsigned row = (six >> 4 & 2) | (six & 1), column = six >> 1 & 15;
        out = out << 4 | hex_digit(DES_S[i][16 * row + column]);
    }
    return (uint32_t)des_permute(out, 32, DES_P, 32);
}

static void des_round_keys(const uint8_t key[8], uint64_t out[16]) {
    uint64_t k = des_permute(word64_at(key, true), 64, DES_PC1, 56);
    uint32_t c = (uint32_t)(k >> 28), d = (uint32_t)(k & 0xfffffff);
    for (unsigned i = 0; i < 16; i++) {
        unsigned n = i == 0 || i == 1 || i == 8 || i == 15 ? 1 : 2;
        c = (c << n | c >> (28 - n)) & 0xfffffff;
        d = (d << n | d >> (28 - n)) & 0xfffffff;
        out[i] = des_permute((uint64_t)c << 28 | d, 56, DES_PC2, 48);
    }
}

void des_crypt(const uint8_t key[8], uint8_t block[8], bool decrypt) {
    uint64_t keys[16], x = des_permute(word64_at(block, true), 64, DES_IP, 64);
    uint32_t l = (uint32_t)(x >> 32), r = (uint32_t)x;
    des_round_keys(key, keys);
    for (unsigned i = 0; i < 16; i++) {
        uint32_t next = l ^ des_f(r, keys[decrypt ? 15 - i : i]);
        l = r;
        r = next;
    }
    x = (uint64_t)r << 32 | l;
    uint64_t out = 0;
    for (unsigned i = 0; i < 64; i++)
        out |= (x >> (63 - i) & 1) << (64 - DES_IP[i]);
    word64_put(block, out, true);
}
