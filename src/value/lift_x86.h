/* SPDX-License-Identifier: Apache-2.0
 * lift_x86.h: the x86 lifter's parts and what they share; private to src/value/lift_x86*.c.
 * Flags that the manual leaves undefined keep their value, or get the one that processors give
 * where that costs nothing. Order inside an instruction: memory is written before registers and
 * flags, so that a fault finds the state as it was. */
#ifndef COG_VALUE_LIFT_X86_H
#define COG_VALUE_LIFT_X86_H

#include "code/x86_mnemonics.h"
#include "value/lift.h"

/* What IR_TRAP and IR_TRAP_IF say: the processor's exception. */
enum {
    TRAP_DIVIDE = 0,
    TRAP_DEBUG = 1,
    TRAP_BREAKPOINT = 3,
    TRAP_OVERFLOW = 4,
    TRAP_BOUND = 5,
    TRAP_INVALID = 6,
    TRAP_PROTECTION = 13
};

/* Where a register of the decoder lives: bits off .. off + bits - 1 from its first slot on. */
typedef struct X86Place {
    uint16_t slot; /* SLOT_NONE: not modelled (control and debug registers, masks ...) */
    uint16_t bits;
    uint8_t off;
    RegisterClass class;
} X86Place;

typedef struct X86Tables {
    unsigned count;
    X86Place places[];
} X86Tables;

/* One instruction on its way to operations. */
typedef struct X86 {
    Emit e;
    const Lifter *lifter;
    const X86Tables *tables;
    const Insn *in;
    Bytes bytes;
    unsigned bits; /* of the processor: 32, 64 */
    /* The memory operand's place, computed once (memory_known). */
    bool memory_known;
    Place memory;
    uint64_t popped; /* bytes that pop has taken before its operand's address is computed */
} X86;

static inline const Operand *x86_operand(const X86 *x, unsigned i) { return &x->in->operands[i]; }
static inline unsigned x86_width(const X86 *x, unsigned i) { return x->in->operands[i].bits; }
X86Place x86_place(const X86 *x, uint16_t reg);
static inline bool x86_is_reg(const X86 *x, unsigned i) {
    return x->in->operands[i].kind == OPERAND_REG;
}
static inline bool x86_is_mem(const X86 *x, unsigned i) {
    return x->in->operands[i].kind == OPERAND_MEM;
}
/* Address after the instruction. */
static inline uint64_t x86_next(const X86 *x) {
    return (x->in->va + x->in->length) & ir_mask(x->bits);
}

/* Place of the memory operand: segment base, base, scaled index and displacement, cut to the
 * address width. An instruction has one; it is computed at the first call. */
Place x86_memory(X86 *x, unsigned i);
/* The same `bytes` further on. */
static inline Place x86_further(Place at, uint64_t bytes, unsigned bits) {
    at.off = (at.off + bytes) & ir_mask(bits);
    return at;
}
/* The address that an operand stands for, in w bits (lea). */
void x86_address_to(X86 *x, unsigned i, unsigned w, uint16_t out);

/* Operand i: a general register's slot (only its low bits count), a copy of ah .. bh, a loaded
 * value, or a number. At most 64 bits. */
Input x86_read(X86 *x, unsigned i);
/* The low w bits of operand i, zero-extended, in `out`. */
void x86_read_to(X86 *x, unsigned i, unsigned w, uint16_t out);
/* Writes operand i. Keeps the rest of a register for 8 and 16 bits, clears it for 32. */
void x86_write(X86 *x, unsigned i, Input v);
/* For a result of the operand's width that is computed straight into a register: the slot to
 * compute it in, and what must follow (nothing for a whole register). */
uint16_t x86_out(X86 *x, unsigned i);
void x86_done(X86 *x, unsigned i, uint16_t out);
/* Writes the low w bits of a general register's slot. */
void x86_set_general(X86 *x, uint16_t slot, unsigned w, Input v);

/* Flags of a result of w bits. */
void x86_flags_znp(X86 *x, unsigned w, Input r);
void x86_flag(X86 *x, uint16_t flag, Input v); /* bit 0 of v */
/* C = V = A = 0, and Z N P of r. */
void x86_flags_logic(X86 *x, unsigned w, Input r);
/* 0 or 1: condition code n in encoding order (o no b nb z nz be nbe s ns p np l nl le nle). */
Input x86_condition(X86 *x, unsigned n);
/* EFLAGS as pushf and syscall see them, and from a number. */
Input x86_flags_word(X86 *x);
void x86_set_flags_word(X86 *x, unsigned w, Input v);

void x86_push(X86 *x, unsigned w, Input v);

/* The instruction as unknown values of what it writes, made from what it reads. */
void x86_unknown(X86 *x);

/* The parts: false when the instruction is not theirs; what they emitted until then is dropped. */
bool lift_x86_move(X86 *x);    /* moves, stack, conversions, flags */
bool lift_x86_arith(X86 *x);   /* arithmetic, logic, decimal */
bool lift_x86_shift(X86 *x);   /* shifts, rotates, bits */
bool lift_x86_control(X86 *x); /* jumps, calls, traps, system, string instructions */
/* x87, MMX, SSE, AVX: ids from X86_FIRST_FLOAT on. */
bool lift_x86_vector(X86 *x);

#endif
