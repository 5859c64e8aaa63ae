/* SPDX-License-Identifier: Apache-2.0
 * apihash_mixers.h: published hashes that are no sequence of the catalogue's steps; private to the
 * catalogue. In: a name, characters folded already, and the first state. Out: the hash. */
#ifndef COG_UNWRAP_APIHASH_MIXERS_H
#define COG_UNWRAP_APIHASH_MIXERS_H

#include "base/bytes.h"

uint64_t mix_babble_4af1e366(Bytes name, uint64_t first);
uint64_t mix_babble_1c9943d2(Bytes name, uint64_t first);
uint64_t mix_blister(Bytes name, uint64_t first);
uint64_t mix_castle(Bytes name, uint64_t first);
uint64_t mix_murmur2(Bytes name, uint64_t first);  /* A. Appleby's MurmurHash2 */
uint64_t mix_murmur2a(Bytes name, uint64_t first); /* his MurmurHash2A */
uint64_t mix_crc32_zero(Bytes name, uint64_t first);
uint64_t mix_crc32_ca9d4d4e(Bytes name, uint64_t first);
uint64_t mix_crc64(Bytes name, uint64_t first); /* ECMA-182 */
uint64_t mix_donut(Bytes name, uint64_t first);
uint64_t mix_deed(Bytes name, uint64_t first);
uint64_t mix_deed_export(Bytes name, uint64_t first);
uint64_t mix_ror8(Bytes name, uint64_t first);
uint64_t mix_position(Bytes name, uint64_t first);
uint64_t mix_bkdr_31(Bytes name, uint64_t first);
uint64_t mix_xor_shr8(Bytes name, uint64_t first);
uint64_t mix_first_last(Bytes name, uint64_t first);

#endif
