/* SPDX-License-Identifier: Apache-2.0
 * cipher_blowfish.c: B. Schneier, Blowfish (1993). Its tables are the digits of pi behind the
 * point, which are computed instead of listed: Machin's formula, 16 atan(1/5) - 4 atan(1/239). */
#include <string.h>

#include "unwrap/cipher.h"

enum { PI_WORDS = 18 + 4 * 256, FIXED_WORDS = PI_WORDS + 3 }; /* one before the point, two spare */

static void fixed_add(uint32_t *to, const uint32_t *from, bool subtract) {
    uint64_t carry = subtract;
    for (unsigned i = FIXED_WORDS; i-- > 0;) {
        carry += (uint64_t)to[i] + (subtract ? ~from[i] : from[i]);
        to[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* from: words before it are 0. */
static bool fixed_divide(uint32_t *x, unsigned from, uint32_t by) {
    uint64_t rest = 0;
    uint32_t any = 0;
    for (unsigned i = from; i < FIXED_WORDS; i++) {
        rest = rest << 32 | x[i];
        any |= x[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    return any != 0;
}

/* pi += sign * scale * atan(1 / x) */
static void add_atan(uint32_t *pi, uint32_t scale, uint32_t x, bool subtract) {
    uint32_t power[FIXED_WORDS] = {scale}, term[FIXED_WORDS];
    unsigned from = 0;
    fixed_divide(power, from, x);
    for (uint32_t n = 1;; n += 2) {
        while (from + 1 < FIXED_WORDS && power[from] == 0)
            from++;
        memcpy(term, power, sizeof term);
        fixed_divide(term, from, n);
        fixed_add(pi, term, subtract != (n / 2 % 2 == 1));
        if (!fixed_divide(power, from, x * x))
            return;
    }
}

void blowfish_pi(Blowfish *out) {
    uint32_t pi[FIXED_WORDS] = {0};
    add_atan(pi, 16, 5, false);
    add_atan(pi, 4, 239, true);
    memcpy(out->p, pi + 1, sizeof out->p);
    memcpy(out->s, pi + 1 + 18, sizeof out->s);
}

static void blowfish_block(const Blowfish *b, uint32_t *l, uint32_t *r, bool decrypt) {
    for (unsigned i = 0; i < 16; i++) {
        *l ^= b->p[decrypt ? 17 - i : i];
        uint32_t f = b->s[0][*l >> 24] + b->s[1][*l >> 16 & 255];
        f = (f ^ b->s[2][*l >> 8 & 255]) + b->s[3][*l & 255];
        uint32_t next = *r ^ f;
        *r = *l;
        *l = next;
    }
    uint32_t last = *l;
    *l = *r ^ b->p[decrypt ? 0 : 17];
    *r = last ^ b->p[decrypt ? 1 : 16];
}

void blowfish_key(const Blowfish *pi, Bytes key, Blowfish *b) {
    *b = *pi;
    for (unsigned i = 0; i < 18 && key.size > 0; i++)
        for (unsigned k = 0; k < 4; k++)
            b->p[i] ^= (uint32_t)key.at[(4 * i + k) % key.size] << (24 - 8 * k);
    uint32_t l = 0, r = 0;
    for (unsigned i = 0; i < 18; i += 2) {
        blowfish_block(b, &l, &r, false);
        b->p[i] = l;
        b->p[i + 1] = r;
    }
    for (unsigned i = 0; i < 4 * 256; i += 2) {
        blowfish_block(b, &l, &r, false);
        b->s[i / 256][i % 256] = l;
        b->s[i / 256][i % 256 + 1] = r;
    }
}

void blowfish_crypt(const Blowfish *b, uint8_t block[8], bool decrypt) {
    uint32_t l = word32_at(block, true), r = word32_at(block + 4, true);
    blowfish_block(b, &l, &r, decrypt);
    word32_put(block, l, true);
    word32_put(block + 4, r, true);
}
