/* SPDX-License-Identifier: Apache-2.0
 * decode_fast.h: length, control flow and references of the common x86 encodings from two tables;
 * private to src/code. In: bytes and the processor mode. Out: the fields that decode_flow promises
 * (no mnemonic). 0 for everything rare, odd or invalid, which is Zydis' to decide: where both
 * speak they say the same (tests/unit/code/test_decode.c goes over all opcodes). */
#ifndef COG_CODE_DECODE_FAST_H
#define COG_CODE_DECODE_FAST_H

#include "code/decode.h"

/* out is zeroed by the caller. Returns how many of the bytes say what instruction it is (prefixes,
 * opcode, ModRM, SIB: at most 6), displacement and immediate aside; 0: not decoded, out is zero. */
unsigned decode_fast(bool is_64, Bytes b, uint64_t va, Insn *out);

#endif
