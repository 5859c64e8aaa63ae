/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_vector_lanes.c: vector arithmetic on integers, tests, and the instructions of ciphers.
 */
#include "value/lift_x86_vector.h"

/* kind on each word of both sources, straight into the destination. */
bool vector_lanes(Vector *v) {
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k++)
        emit_to(v->e, vector_slot(v->x, 0, k), (IrKind)v->row->kind, 64, a.at[k], b.at[k],
                INPUT_NONE)
            ->lane = v->row->lane;
    vector_clear(v, v->words);
    return true;
}

bool vector_each(Vector *v) {
    Words from;
    if (!vector_read(v, 1, v->words, &from))
        return false;
    for (unsigned k = 0; k < v->words; k++)
        emit_to(v->e, vector_slot(v->x, 0, k), (IrKind)v->row->kind, 64, from.at[k], INPUT_NONE,
                INPUT_NONE)
            ->lane = v->row->lane;
    vector_clear(v, v->words);
    return true;
}

bool vector_and_not(Vector *v) {
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k++)
        emit_to(v->e, vector_slot(v->x, 0, k), IR_AND, 64, emit1(v->e, IR_NOT, 64, a.at[k]),
                b.at[k], INPUT_NONE);
    vector_clear(v, v->words);
    return true;
}

/* psign..: a, -a or 0 by the sign of b. */
bool vector_sign(Vector *v) {
    unsigned lane = v->row->lane;
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        Input negative = vector_op(v, IR_PSAR, lane, b.at[k], input_imm(lane - 1));
        Input is_zero = vector_op(v, IR_PEQ, lane, b.at[k], input_imm(0));
        Input r = emit2(v->e, IR_XOR, 64, a.at[k], negative);
        r = vector_op(v, IR_PSUB, lane, r, negative);
        words[k] = emit2(v->e, IR_AND, 64, r, emit1(v->e, IR_NOT, 64, is_zero));
    }
    vector_put(v, words, v->words);
    return true;
}

/* pmulhrsw: ((a * b >> 14) + 1) >> 1, put together from the halves of the product. */
bool vector_multiply_round(Vector *v) {
    Input words[VECTOR_WORDS], one = input_imm(0x0001000100010001);
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        Input high = vector_op(v, IR_PMULHS, 16, a.at[k], b.at[k]);
        Input low = vector_op(v, IR_PMUL, 16, a.at[k], b.at[k]);
        low = vector_op(v, IR_PSHR, 16, low, input_imm(14));
        low = vector_op(v, IR_PADD, 16, low, one);
        low = vector_op(v, IR_PSHR, 16, low, input_imm(1));
        high = vector_op(v, IR_PSHL, 16, high, input_imm(1));
        words[k] = vector_op(v, IR_PADD, 16, high, low);
    }
    vector_put(v, words, v->words);
    return true;
}

/* All lanes by one count: a number, or the low word of a vector. */
bool vector_shift(Vector *v) {
    X86 *x = v->x;
    Words from;
    Input count;
    if (v->second >= x->in->operand_count)
        return false;
    if (x86_is_mem(x, v->second))
        count = emit_load(v->e, 64, x86_memory(x, v->second));
    else if (x86_is_reg(x, v->second))
        count = emit_move(v->e, 64, input_slot(vector_slot(x, v->second, 0)));
    else
        count = input_imm(vector_imm(v));
    if (!vector_read(v, v->first, v->words, &from))
        return false;
    for (unsigned k = 0; k < v->words; k++)
        emit_to(v->e, vector_slot(x, 0, k), (IrKind)v->row->kind, 64, from.at[k], count, INPUT_NONE)
            ->lane = v->row->lane;
    vector_clear(v, v->words);
    return true;
}

/* ptest, vtestps, vtestpd: Z: a & b is 0, C: ~a & b is 0; of all bits (lane 0) or of the signs. */
bool vector_test(Vector *v) {
    Input both = INPUT_NONE, only = INPUT_NONE;
    Words a, b;
    if (!vector_read(v, 1, v->words, &b) || !vector_read(v, 0, v->words, &a))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        Input x = emit2(v->e, IR_AND, 64, a.at[k], b.at[k]);
        Input y = emit2(v->e, IR_AND, 64, emit1(v->e, IR_NOT, 64, a.at[k]), b.at[k]);
        both = k ? emit2(v->e, IR_OR, 64, both, x) : x;
        only = k ? emit2(v->e, IR_OR, 64, only, y) : y;
    }
    if (v->row->lane) {
        Input signs = input_imm(v->row->lane == 32 ? 0x8000000080000000 : 0x8000000000000000);
        both = emit2(v->e, IR_AND, 64, both, signs);
        only = emit2(v->e, IR_AND, 64, only, signs);
    }
    emit_to(v->e, SLOT_Z, IR_EQ, 64, both, input_imm(0), INPUT_NONE);
    emit_to(v->e, SLOT_C, IR_EQ, 64, only, input_imm(0), INPUT_NONE);
    static const uint16_t zeros[] = {SLOT_N, SLOT_V, SLOT_P, SLOT_A};
    for (unsigned i = 0; i < sizeof zeros / sizeof *zeros; i++)
        x86_flag(v->x, zeros[i], input_imm(0));
    return true;
}

bool vector_carryless(Vector *v) {
    unsigned imm = vector_imm(v);
    Input words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k += 2) {
        Input x = a.at[k + (imm & 1)], y = b.at[k + (imm >> 4 & 1)];
        words[k] = emit2(v->e, IR_CLMUL, 64, x, y);
        words[k + 1] = emit2(v->e, IR_CLMULH, 64, x, y);
    }
    vector_put(v, words, v->words);
    return true;
}

/* Half of an AES step on the state high:low. */
static Input aes_half(const Vector *v, IrKind kind, Input low, Input high, unsigned half) {
    Input out = emit2(v->e, kind, 64, low, high);
    v->e->ops[v->e->count - 1].imm = half;
    return out;
}

/* A round and its key; aesimc has no key. */
bool vector_aes(Vector *v) {
    IrKind kind = (IrKind)v->row->kind;
    Input words[VECTOR_WORDS];
    Words state, key;
    bool has_key = kind != IR_AESIMC;
    if (has_key ? !vector_sources(v, &state, &key) : !vector_read(v, 1, v->words, &state))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        words[k] = aes_half(v, kind, state.at[k & ~1u], state.at[k | 1], k & 1);
        if (has_key)
            words[k] = emit2(v->e, IR_XOR, 64, words[k], key.at[k]);
    }
    vector_put(v, words, v->words);
    return true;
}

/* aeskeygenassist: SubWord of the odd 32-bit lanes, and that rotated with the round constant. The
 * last round on a state of equal columns substitutes each byte in its place. */
bool vector_aes_key(Vector *v) {
    Input words[2];
    Words from;
    if (!vector_read(v, 1, 2, &from))
        return false;
    for (unsigned k = 0; k < 2; k++) {
        Input column = emit_extract(v->e, 32, from.at[k], 32);
        column = vector_op(v, IR_PSPLAT, 32, column, INPUT_NONE);
        Input substituted = aes_half(v, IR_AESENCLAST, column, column, 0);
        Input rotated = emit2(v->e, IR_ROR, 32, substituted, input_imm(8));
        rotated = emit2(v->e, IR_XOR, 32, rotated, input_imm(vector_imm(v)));
        words[k] = vector_join(v, emit_move(v->e, 32, substituted), rotated);
    }
    vector_put(v, words, 2);
    return true;
}
