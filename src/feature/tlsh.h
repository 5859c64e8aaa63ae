/* SPDX-License-Identifier: Apache-2.0
 * tlsh.h: TLSH, a locality-sensitive digest of a whole file: near files have near digests.
 * The common variant: 128 buckets, 1 byte of checksum, "T1" and 70 hex digits. Own code after
 * J. Oliver, C. Cheng, Y. Chen, "TLSH - A Locality Sensitive Hash" (CTC 2013); the permutation and
 * the steps of the length code are those of the published reference (Apache-2.0 or BSD), without
 * which digests would not compare. Odd input: fewer than 50 bytes, or too little variety, have no
 * digest. Threads: pure functions. */
#ifndef COG_FEATURE_TLSH_H
#define COG_FEATURE_TLSH_H

#include "base/bytes.h"

enum { TLSH_TEXT_BYTES = 73 }; /* "T1", 70 digits, NUL */

/* False when the bytes have no digest; out is then "". */
bool tlsh_from_bytes(Bytes b, char out[TLSH_TEXT_BYTES]);

/* 0 for equal digests; about 30 for near relatives, above 100 for strangers (the paper's tables);
 * -1 when a text is no digest. The "T1" may be absent. */
int tlsh_distance(const char *a, const char *b);

#endif
