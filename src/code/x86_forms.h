/* SPDX-License-Identifier: Apache-2.0
 * x86_forms.h: operands of instructions that were decoded before; private to src/code. Prefixes,
 * opcode, ModRM and SIB byte say all of an instruction but its numbers, and a program uses a few
 * thousand such forms: what Zydis said about one is kept, and only displacement, immediate and
 * target are filled in. Where two forms fall on one place, the later one stays.
 * In: keys of decode_fast's form and whole instructions. Memory: X86_FORMS records, in the arena.
 * Threads: with the decoder, one. */
#ifndef COG_CODE_X86_FORMS_H
#define COG_CODE_X86_FORMS_H

#include "base/arena.h"
#include "code/decode.h"

typedef struct X86Forms X86Forms;
X86Forms *x86_forms_new(Arena *a);
/* The first `form` bytes of b, which are there. */
uint64_t x86_form_key(Bytes b, unsigned form);
/* Completes what decode_fast found in b; false when the form was not seen. */
bool x86_forms_find(const X86Forms *f, uint64_t key, Bytes b, Insn *out);
void x86_forms_add(X86Forms *f, uint64_t key, const Insn *in);

#endif
