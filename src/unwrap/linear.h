/* SPDX-License-Identifier: Apache-2.0
 * linear.h: sequences whose next bit is a sum (XOR) of earlier ones: the shortest such rule, found
 * by Berlekamp and Massey's algorithm. It is the same whatever form the register has and wherever
 * it started, and a register that moves on by 2, 4 or 8 bits at once has the rule of one that moves
 * by one (squaring is linear over GF(2)), so it names generators across compilers and seeds. */
#ifndef COG_UNWRAP_LINEAR_H
#define COG_UNWRAP_LINEAR_H

#include "base/bytes.h"

enum { LINEAR_MOST = 64 };

typedef struct LinearForm {
    unsigned length;               /* of the register */
    uint8_t taps[LINEAR_MOST + 1]; /* coefficients of the connection polynomial, [0] is 1 */
} LinearForm;

/* Each of the 8 bits of the bytes, one sequence, all with one rule. */
bool linear_from_bytes(const uint8_t *at, size_t n, LinearForm *out);
/* All bits, most or least significant first, as one sequence. */
bool linear_from_bits(const uint8_t *at, size_t n, LinearForm *out);
/* "x^31+x^3+1" */
void linear_write(const LinearForm *f, char *to, size_t room);

#endif
