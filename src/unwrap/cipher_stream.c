/* SPDX-License-Identifier: Apache-2.0
 * cipher_stream.c: keystream generators. */
#include <string.h>

#include "unwrap/cipher.h"

uint32_t word32_at(const uint8_t *at, bool is_big) {
    uint32_t w =
        (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return is_big ? __builtin_bswap32(w) : w;
}

void word32_put(uint8_t *at, uint32_t w, bool is_big) {
    w = is_big ? __builtin_bswap32(w) : w;
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(w >> 8 * i);
}

uint64_t word64_at(const uint8_t *at, bool is_big) {
    uint64_t a = word32_at(at, is_big), b = word32_at(at + 4, is_big);
    return is_big ? a << 32 | b : b << 32 | a;
}

void word64_put(uint8_t *at, uint64_t w, bool is_big) {
    word32_put(at + (is_big ? 4 : 0), (uint32_t)w, is_big);
    word32_put(at + (is_big ? 0 : 4), (uint32_t)(w >> 32), is_big);
}

void lcg_stream(const Lcg *lcg, uint32_t seed, uint8_t *out, size_t n) {
    uint32_t x = seed;
    for (size_t i = 0; i < n; i++) {
        if (lcg->output_first)
            out[i] = (uint8_t)(x >> lcg->shift);
        x = x * lcg->multiplier + lcg->increment;
        if (!lcg->output_first)
            out[i] = (uint8_t)(x >> lcg->shift);
    }
}

/* Anonymous post to sci.crypt, 1994; RFC 6229 has vectors. */
void rc4_key(Rc4 *r, Bytes key) {
    for (unsigned i = 0; i < 256; i++)
        r->s[i] = (uint8_t)i;
    r->i = r->j = 0;
    for (unsigned i = 0; i < 256 && key.size > 0; i++) {
        uint8_t was = r->s[i];
        r->j = (uint8_t)(r->j + was + key.at[i % key.size]);
        r->s[i] = r->s[r->j];
        r->s[r->j] = was;
    }
    r->j = 0;
}

void rc4_stream(Rc4 *r, uint8_t *out, size_t n, const Rc4Change *c) {
    for (size_t k = 0; k < n; k++) {
        if (k > 0 || !c->from_zero)
            r->i++;
        uint8_t a = r->s[r->i];
        r->j = (uint8_t)(r->j + a);
        uint8_t b = r->s[r->j];
        r->s[r->i] = b;
        r->s[r->j] = a;
        out[k] = c->is_one_look_up ? b : r->s[(uint8_t)(a + b)];
    }
}

/* A. Pukall, 2000; published description and vectors in CASE.md 1.5. Words of two key bytes, each
 * run through Borland's generator; r collects them and is rotated as if it had 16 bits. */
typedef struct Caracachs {
    uint32_t b[128], r;
    unsigned words;
} Caracachs;

static void caracachs_step(Caracachs *c, unsigned index) {
    c->b[index] = c->b[index] * CARACACHS_MULTIPLIER + 1;
    c->r += c->b[index] >> 16 & 0x7fff;
    unsigned n = c->r % 16;
    c->r = c->r << n | c->r >> (16 - n);
}

static uint8_t caracachs_byte(Caracachs *c, uint8_t data) {
    for (unsigned i = 0; i < c->words; i++)
        caracachs_step(c, i);
    uint8_t out = data ^ (uint8_t)c->r;
    c->r += data;
    c->b[c->words - 1] += data;
    return out;
}

static void caracachs_load(Caracachs *c, const uint8_t *key, size_t n) {
    memset(c, 0, sizeof *c);
    c->words = (unsigned)(n + 1) / 2;
    for (size_t i = 0; i < n; i++)
        c->b[i / 2] += i % 2 ? key[i] : (uint32_t)key[i] << 8;
    for (unsigned i = 0; i < c->words; i++)
        for (unsigned z = 0; z <= i; z++)
            caracachs_step(c, i);
}

void caracachs_crypt(Bytes key, uint8_t *data, size_t n) {
    uint8_t tab[256];
    Caracachs c;
    size_t size = key.size > sizeof tab ? sizeof tab : key.size;
    if (size == 0)
        return;
    memcpy(tab, key.at, size);
    caracachs_load(&c, tab, size);
    for (size_t i = 0; i < size; i++)
        tab[i] ^= caracachs_byte(&c, tab[i]);
    for (size_t z = 0, i = size - 1; z < (size + 1) * 10; z++, i = (i + 1) % size)
        tab[i] ^= caracachs_byte(&c, tab[i]);
    caracachs_load(&c, tab, size);
    for (size_t i = 0; i < n; i++)
        data[i] = caracachs_byte(&c, data[i]);
}

/* Bits move to the right; the new bit of each step is the XOR of the state's taps. */
uint32_t lfsr_step8(uint32_t state, unsigned width, uint32_t taps) {
    for (unsigned i = 0; i < 8; i++) {
        uint32_t bit = (uint32_t)__builtin_parity(state & taps);
        state = state >> 1 | bit << (width - 1);
    }
    return state;
}

const LfsrPair LFSR_MAJORITY = {{31, 32}, {1u | 1u << 3, 1u | 1u << 2 | 1u << 3 | 1u << 7}};

void lfsr_majority_stream(const LfsrPair *p, LfsrPairState *s, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t a = s->k1, b = s->k[0], c = s->k[1];
        out[i] = (uint8_t)(a ^ b ^ c);
        s->k1 = (uint8_t)((a & c) ^ (b & (a ^ c)));
        s->k[0] = lfsr_step8(b, p->width[0], p->taps[0]);
        s->k[1] = lfsr_step8(c, p->width[1], p->taps[1]);
    }
}

static void quarter_salsa(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d) {
    x[b] ^= rotl32(x[a] + x[d], 7);
    x[c] ^= rotl32(x[b] + x[a], 9);
    x[d] ^= rotl32(x[c] + x[b], 13);
    x[a] ^= rotl32(x[d] + x[c], 18);
}

void salsa_block(const uint32_t in[16], unsigned rounds, uint8_t out[64]) {
    uint32_t x[16];
    memcpy(x, in, sizeof x);
    for (unsigned r = 0; r + 2 <= rounds; r += 2) {
        for (unsigned i = 0; i < 4; i++)
            quarter_salsa(x, 5 * i, (5 * i + 4) % 16, (5 * i + 8) % 16, (5 * i + 12) % 16);
        for (unsigned i = 0; i < 4; i++)
            quarter_salsa(x, 5 * i, 4 * i + (i + 1) % 4, 4 * i + (i + 2) % 4, 4 * i + (i + 3) % 4);
    }
    for (unsigned i = 0; i < 16; i++)
        word32_put(out + 4 * i, x[i] + in[i], false);
}

static void quarter_chacha(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d) {
    x[a] += x[b];
    x[d] = rotl32(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = rotl32(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = rotl32(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = rotl32(x[b] ^ x[c], 7);
}

void chacha_block(const uint32_t in[16], unsigned rounds, uint8_t out[64]) {
    uint32_t x[16];
    memcpy(x, in, sizeof x);
    for (unsigned r = 0; r + 2 <= rounds; r += 2) {
        for (unsigned i = 0; i < 4; i++)
            quarter_chacha(x, i, i + 4, i + 8, i + 12);
        for (unsigned i = 0; i < 4; i++)
            quarter_chacha(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
    for (unsigned i = 0; i < 16; i++)
        word32_put(out + 4 * i, x[i] + in[i], false);
}
