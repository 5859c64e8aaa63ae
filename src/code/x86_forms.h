/* SPDX-License-Identifier: Apache-2.0
 * x86_forms.h: operands of instructions that were decoded before; private to src/code. Prefixes,
 * opcode, ModRM and SIB byte say all of an instruction but its numbers, and a program uses a few
 * thousand such forms: what Zydis said about one is kept, and only displacement, immediate and
 * target are filled in. Forms that differ only in which registers they name have one *template*,
 * so that Zydis is asked about a few hundred. Where two fall on one place, the later one stays.
 * In: keys of decode_fast's form and whole instructions. Memory: X86_FORMS records and a quarter
 * as many templates, in the arena.
 * Threads: with the decoder, one. */
#ifndef COG_CODE_X86_FORMS_H
#define COG_CODE_X86_FORMS_H

#include "base/arena.h"
#include "code/decode.h"

typedef struct X86Forms X86Forms;

/* Registers of the decoder that templates count from or tell apart. */
typedef struct X86Registers {
    bool is_64;
    uint8_t general; /* first of the general registers that addresses are made of */
    uint8_t ds, ss;
} X86Registers;

/* Which field of ModRM names the register of an operand. */
typedef enum X86Field { FIELD_NONE, FIELD_REG, FIELD_RM } X86Field;

/* How an instruction's operands were encoded. */
typedef struct X86Encoding {
    bool is_odd;                   /* no template can say it */
    uint8_t fields[INSN_OPERANDS]; /* X86Field of each operand that is a register */
} X86Encoding;

X86Forms *x86_forms_new(Arena *a, X86Registers registers);
/* Completes what decode_fast found in b, of which `form` bytes are the form; false when neither it
 * nor one with other registers was seen. */
bool x86_forms_find(X86Forms *f, Bytes b, unsigned form, Insn *out);
void x86_forms_add(X86Forms *f, Bytes b, unsigned form, const Insn *in,
                   const X86Encoding *encoding);

#endif
