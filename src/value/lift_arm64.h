/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64.h: A64 words to micro-operations; shared by the files lift_arm64_*.c. The row of a
 * word (code/a64.h) gives its class, the fields are read where they are used.
 *
 * Registers: x0..x30 and sp are slots, the zero register is the number 0 and is never written. A
 * w register is written with 32-bit operations, which clear the upper half. v registers are two
 * slots; what a scalar or 64-bit form does not write becomes zero. Not kept: FPSR's cumulative
 * bits (saturation, exceptions), and whether an exclusive store succeeds (it does). FPCR is taken
 * to be at rest: to nearest, no flushing. */
#ifndef COG_VALUE_LIFT_ARM64_H
#define COG_VALUE_LIFT_ARM64_H

#include "code/a64.h"
#include "value/lift.h"

typedef struct A64 {
    Emit e;
    uint32_t w;
    uint64_t va;
    const A64Row *row;
} A64;

enum { A64_ZR = 31 };

static inline uint32_t field(const A64 *a, unsigned low, unsigned count) {
    return a64_bits(a->w, low, count);
}
static inline bool bit(const A64 *a, unsigned n) { return a->w >> n & 1; }
/* Width of the general registers, by bit 31. */
static inline unsigned width(const A64 *a) { return a->w >> 31 ? 64 : 32; }
/* The usual places of register numbers. */
static inline unsigned rd(const A64 *a) { return field(a, 0, 5); }
static inline unsigned rn(const A64 *a) { return field(a, 5, 5); }
static inline unsigned rm(const A64 *a) { return field(a, 16, 5); }
static inline unsigned ra(const A64 *a) { return field(a, 10, 5); }

/* A general register; number 31 is zero, or sp. */
static inline Input x_reg(unsigned n) {
    return n == A64_ZR ? input_imm(0) : input_slot((uint16_t)n);
}
static inline Input x_or_sp(unsigned n) { return input_slot((uint16_t)n); }
/* Where a result goes: the register, or nowhere. */
static inline uint16_t x_out(A64 *a, unsigned n) {
    return n == A64_ZR ? emit_temp(&a->e) : (uint16_t)n;
}
static inline uint16_t x_or_sp_out(unsigned n) { return (uint16_t)n; }

/* Half 0 or 1 of a v register. */
static inline uint16_t v_slot(unsigned n, unsigned half) {
    return (uint16_t)(SLOT_VECTOR + SLOT_VECTOR_STRIDE * (n & 31) + half);
}
static inline Input v_half(unsigned n, unsigned half) { return input_slot(v_slot(n, half)); }
static inline bool is_full(const A64 *a) { return bit(a, 30); }

/* Operations on lanes of a half. */
static inline void lanes_to(A64 *a, uint16_t out, IrKind kind, unsigned lane, Input x, Input y) {
    emit_to(&a->e, out, kind, 64, x, y, INPUT_NONE)->lane = (uint8_t)lane;
}
static inline Input lanes(A64 *a, IrKind kind, unsigned lane, Input x, Input y) {
    uint16_t out = emit_temp(&a->e);
    lanes_to(a, out, kind, lane, x, y);
    return input_slot(out);
}
static inline Input lanes1(A64 *a, IrKind kind, unsigned lane, Input x) {
    return lanes(a, kind, lane, x, INPUT_NONE);
}

/* Lanes in reverse order within groups of bits. */
static inline Input reverse_lanes(A64 *a, unsigned lane, unsigned group, Input x) {
    x = emit_in_slot(&a->e, x);
    IrOp *op = emit_new(&a->e, IR_PREVERSE, 64, emit_temp(&a->e));
    op->a = x.slot;
    op->imm = group;
    op->lane = (uint8_t)lane;
    return input_slot(op->out);
}
/* mask ? x : y, bit by bit. */
static inline Input blend(A64 *a, Input mask, Input x, Input y) {
    Input kept = emit2(&a->e, IR_AND, 64, y, emit1(&a->e, IR_NOT, 64, mask));
    return emit2(&a->e, IR_OR, 64, emit2(&a->e, IR_AND, 64, x, mask), kept);
}
/* A number in every lane. */
static inline uint64_t splat_number(uint64_t n, unsigned lane) {
    n &= ir_mask(lane);
    for (; lane < 64; lane *= 2)
        n |= n << lane;
    return n;
}

/* lift_arm64.c */
/* One bit: whether condition 0..15 holds. */
Input a64_condition(A64 *a, unsigned cond);
/* SLOT_N and SLOT_Z of a result. */
void a64_set_nz(A64 *a, unsigned w, Input result);
/* Input of w bits for flags; copies it where it is one of the flags' slots. */
void a64_set_flag(A64 *a, uint16_t flag, Input v);
/* An opaque value of what the row names and up to three inputs; number: which output. */
Input a64_opaque(A64 *a, unsigned w, unsigned number, Input x, Input y, Input z);
/* For every register that the class says is written, and nothing else. */
void a64_opaque_all(A64 *a);
/* Writes a v register: low and high half. Values are read before either is written. */
void a64_set_v(A64 *a, unsigned n, Input low, Input high);
/* A number without the bits above w in the lowest lane, zeros above. */
void a64_set_scalar(A64 *a, unsigned n, unsigned w, Input v);

/* lift_arm64_lanes.c: sqdmulh, sqrdmulh; sums of neighbours, twice as wide. */
Input a64_doubling_high(A64 *a, unsigned lane, bool rounds, Input x, Input y);
Input a64_pairs_long(A64 *a, unsigned lane, bool is_u, Input x);

/* The groups; false: not one of theirs. */
bool lift_a64_data(A64 *a);
bool lift_a64_control(A64 *a);
bool lift_a64_memory(A64 *a);
bool lift_a64_atomic(A64 *a);
bool lift_a64_struct(A64 *a);
bool lift_a64_lanes(A64 *a);
bool lift_a64_wide(A64 *a);
bool lift_a64_shift(A64 *a);
bool lift_a64_shuffle(A64 *a);
bool lift_a64_float(A64 *a);
bool lift_a64_float_lanes(A64 *a);

#endif
