/* SPDX-License-Identifier: Apache-2.0
 * digest.h: hashes of bytes. SHA-256 and MD5 by libcrypto; XXH3 (xxHash 0.8, seed 0, stable on
 * disk) for our own keys. */
#ifndef COG_BASE_DIGEST_H
#define COG_BASE_DIGEST_H

#include "base/bytes.h"

typedef struct Hash128 {
    uint64_t low, high;
} Hash128;

void digest_init(void); /* once per process, before a sandbox closes: loads no configuration file */
void digest_sha256(Bytes b, uint8_t out[32]);
/* The same, piece by piece; _end frees it. */
typedef struct Digest Digest;
Digest *digest_sha256_begin(void);
void digest_add(Digest *d, Bytes b);
void digest_end(Digest *d, uint8_t out[32]);
void digest_md5(Bytes b, uint8_t out[16]);
uint64_t hash64(Bytes b);
Hash128 hash128(Bytes b);
/* out has room for 2*n+1. */
void hex_write(char *out, const uint8_t *at, size_t n);
/* Of a hex digit of either case, or -1. */
int hex_value(char c);
/* Exactly 2*n hex digits; false otherwise. */
bool hex_read(uint8_t *out, size_t n, const char *text);

#endif
