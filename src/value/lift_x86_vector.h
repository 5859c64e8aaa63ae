/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_vector.h: what the files of the vector half of the x86 lifter share. A vector operand is
 * a row of 64-bit words, lowest first: one for MMX, two for xmm, four for ymm. Instructions of SSE
 * and AVX that do the same share a row of the table; those of AVX have one operand more and clear
 * the words of the destination that they do not write. */
#ifndef COG_VALUE_LIFT_X86_VECTOR_H
#define COG_VALUE_LIFT_X86_VECTOR_H

#include "value/lift_x86.h"

enum { VECTOR_WORDS = SLOT_VECTOR_STRIDE };

typedef struct Vector Vector;
/* False: the instruction has a form that is not lifted. */
typedef bool VectorLift(Vector *v);

typedef struct VectorRow {
    VectorLift *lift;
    uint8_t kind; /* IrKind, or FloatKind */
    uint8_t lane; /* width of a lane */
    uint8_t more; /* what the function says */
    bool is_avx;
} VectorRow;

/* VectorRow.more of fused multiply-add: which operands are multiplied, and what is negated. */
enum {
    FMA_132 = 0, /* first * third + second */
    FMA_213 = 1,
    FMA_231 = 2,
    FMA_ORDER = 3,
    FMA_MINUS = 4,    /* the product is negated */
    FMA_SUB_EVEN = 8, /* even lanes subtract */
    FMA_SUB_ODD = 16,
    FMA_SUB = FMA_SUB_EVEN | FMA_SUB_ODD
};

struct Vector {
    X86 *x;
    Emit *e;
    const VectorRow *row;
    unsigned words;         /* of the destination, or of the source where that is no vector */
    unsigned first, second; /* operands that hold the sources */
};

typedef struct Words {
    Input at[VECTOR_WORDS];
} Words;

/* Rows of SSE and AVX instructions by id - X86_FIRST_VECTOR: lift NULL where there is none. */
extern const VectorRow x86_vector_rows[];

/* Slot of word k of operand i; SLOT_NONE when it is no vector register. */
uint16_t vector_slot(const X86 *x, unsigned i, unsigned k);
/* Words of operand i, a register or memory of just that size, which is loaded. False: it is another
 * size (a form with broadcast, 512 bits). */
bool vector_read(const Vector *v, unsigned i, unsigned words, Words *out);
/* The same for the sources; both false and nothing read when one of them does not fit. */
bool vector_sources(const Vector *v, Words *a, Words *b);
/* The low w bits of operand i, a register's or memory of that size. */
bool vector_scalar(const Vector *v, unsigned i, unsigned w, Input *out);
/* Writes the first words of the destination, and zeros above where AVX does. What is written may be
 * a word of the destination itself. */
void vector_put(const Vector *v, const Input *words, unsigned count);
/* Zeros in the words from `from` on where AVX clears them. */
void vector_clear(const Vector *v, unsigned from);
/* The immediate, the last operand. */
unsigned vector_imm(const Vector *v);
/* kind with lanes. */
Input vector_op(const Vector *v, IrKind kind, unsigned lane, Input a, Input b);
/* Two 32-bit halves side by side: bits at_low .. of `low`, at_high .. of `high`. */
Input vector_pair(const Vector *v, Input low, unsigned at_low, Input high, unsigned at_high);

/* The same of two 32-bit numbers. */
Input vector_join(const Vector *v, Input low, Input high);

VectorLift vector_move, vector_move_word, vector_move_scalar, vector_move_half, vector_move_across,
    vector_double, vector_move_mmx, vector_masked_bytes, vector_masked_lanes, vector_store_low,
    vector_zero, vector_control, vector_string_mask;
VectorLift vector_broadcast, vector_unpack, vector_pairs, vector_pairs_apart, vector_shuffle_words,
    vector_shuffle_32, vector_shuffle_64, vector_shuffle_bytes, vector_align, vector_shift_bytes,
    vector_permute_64, vector_permute_128, vector_permute_32, vector_permute_lanes, vector_blend,
    vector_blend_by, vector_insert, vector_extract, vector_insert_single, vector_insert_128,
    vector_extract_128, vector_widen, vector_mask;
VectorLift vector_lanes, vector_and_not, vector_each, vector_sign, vector_multiply_round,
    vector_shift, vector_test, vector_carryless, vector_aes, vector_aes_key;
VectorLift vector_float, vector_float_scalar, vector_float_one, vector_float_one_scalar,
    vector_float_add_sub, vector_float_pairs, vector_float_dot, vector_float_compare,
    vector_float_compare_scalar, vector_float_flags, vector_float_round, vector_float_fma,
    vector_float_fma_scalar, vector_convert, vector_convert_scalar, vector_convert_from_general,
    vector_convert_to_general, vector_convert_half;

/* x87: ids from X86_FIRST_FLOAT to X86_FIRST_VECTOR - 1. */
bool lift_x86_float(X86 *x);

#endif
