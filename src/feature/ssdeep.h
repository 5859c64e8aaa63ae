/* SPDX-License-Identifier: Apache-2.0
 * ssdeep.h: context-triggered piecewise hashing, digests as the ssdeep tool prints them
 * ("block:pieces:pieces of twice the block"). Own code after J. Kornblum, "Identifying almost
 * identical files using context triggered piecewise hashing", Digital Investigation 3S (2006).
 * Two or three linear passes. Threads: pure functions. */
#ifndef COG_FEATURE_SSDEEP_H
#define COG_FEATURE_SSDEEP_H

#include "base/bytes.h"

enum { SSDEEP_TEXT_BYTES = 160 }; /* block size (20 digits at most), 64 and 32 pieces, NUL, room */

void ssdeep_from_bytes(Bytes b, char out[SSDEEP_TEXT_BYTES]);

/* 0 nothing in common .. 100 as good as equal; -1 when a text is no digest. Digests compare only
 * when their block sizes are equal or one is twice the other; else 0. */
int ssdeep_compare(const char *a, const char *b);

#endif
