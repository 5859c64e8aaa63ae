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
                VALUE_NONE)
            ->lane = v->row->lane;
    vector_clear(v, v->words);
    return true;
}

bool vector_each(Vector *v) {
    Words from;
    if (!vector_read(v, 1, v->words, &from))
        return false;
    for (unsigned k = 0; k < v->words; k++)
        emit_to(v->e, vector_slot(v->x, 0, k), (IrKind)v->row->kind, 64, from.at[k], VALUE_NONE,
                VALUE_NONE)
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
                b.at[k], VALUE_NONE);
    vector_clear(v, v->words);
    return true;
}

/* psign..: a, -a or 0 by the sign of b. */
bool vector_sign(Vector *v) {
    unsigned lane = v->row->lane;
    Value words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        Value negative = vector_op(v, IR_PSAR, lane, b.at[k], value_imm(lane - 1));
        Value is_zero = vector_op(v, IR_PEQ, lane, b.at[k], value_imm(0));
        Value r = emit2(v->e, IR_XOR, 64, a.at[k], negative);
        r = vector_op(v, IR_PSUB, lane, r, negative);
        words[k] = emit2(v->e, IR_AND, 64, r, emit1(v->e, IR_NOT, 64, is_zero));
    }
    vector_put(v, words, v->words);
    return true;
}

/* pmulhrsw: ((a * b >> 14) + 1) >> 1, put together from the halves of the product. */
bool vector_multiply_round(Vector *v) {
    Value words[VECTOR_WORDS], one = value_imm(0x0001000100010001);
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        Value high = vector_op(v, IR_PMULHS, 16, a.at[k], b.at[k]);
        Value low = vector_op(v, IR_PMUL, 16, a.at[k], b.at[k]);
        low = vector_op(v, IR_PSHR, 16, low, value_imm(14));
        low = vector_op(v, IR_PADD, 16, low, one);
        low = vector_op(v, IR_PSHR, 16, low, value_imm(1));
        high = vector_op(v, IR_PSHL, 16, high, value_imm(1));
        words[k] = vector_op(v, IR_PADD, 16, high, low);
    }
    vector_put(v, words, v->words);
    return true;
}

/* All lanes by one count: a number, or the low word of a vector. */
bool vector_shift(Vector *v) {
    X86 *x = v->x;
    Words from;
    Value count;
    if (v->second >= x->in->operand_count)
        return false;
    if (x86_is_mem(x, v->second))
        count = emit_load(v->e, 64, x86_memory(x, v->second));
    else if (x86_is_reg(x, v->second))
        count = emit_move(v->e, 64, value_slot(vector_slot(x, v->second, 0)));
    else
        count = value_imm(vector_imm(v));
    if (!vector_read(v, v->first, v->words, &from))
        return false;
    for (unsigned k = 0; k < v->words; k++)
        emit_to(v->e, vector_slot(x, 0, k), (IrKind)v->row->kind, 64, from.at[k], count, VALUE_NONE)
            ->lane = v->row->lane;
    vector_clear(v, v->words);
    return true;
}

/* ptest, vtestps, vtestpd: Z: a & b is 0, C: ~a & b is 0; of all bits (lane 0) or of the signs. */
bool vector_test(Vector *v) {
    Value both = VALUE_NONE, only = VALUE_NONE;
    Words a, b;
    if (!vector_read(v, 1, v->words, &b) || !vector_read(v, 0, v->words, &a))
        return false;
    for (unsigned k = 0; k < v->words; k++) {
        Value x = emit2(v->e, IR_AND, 64, a.at[k], b.at[k]);
        Value y = emit2(v->e, IR_AND, 64, emit1(v->e, IR_NOT, 64, a.at[k]), b.at[k]);
        both = k ? emit2(v->e, IR_OR, 64, both, x) : x;
        only = k ? emit2(v->e, IR_OR, 64, only, y) : y;
    }
    if (v->row->lane) {
        Value signs = value_imm(v->row->lane == 32 ? 0x8000000080000000 : 0x8000000000000000);
        both = emit2(v->e, IR_AND, 64, both, signs);
        only = emit2(v->e, IR_AND, 64, only, signs);
    }
    emit_to(v->e, SLOT_Z, IR_EQ, 64, both, value_imm(0), VALUE_NONE);
    emit_to(v->e, SLOT_C, IR_EQ, 64, only, value_imm(0), VALUE_NONE);
    static const uint16_t zeros[] = {SLOT_N, SLOT_V, SLOT_P, SLOT_A};
    for (unsigned i = 0; i < sizeof zeros / sizeof *zeros; i++)
        x86_flag(v->x, zeros[i], value_imm(0));
    return true;
}

bool vector_carryless(Vector *v) {
    unsigned imm = vector_imm(v);
    Value words[VECTOR_WORDS];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned k = 0; k < v->words; k += 2) {
        Value x = a.at[k + (imm & 1)], y = b.at[k + (imm >> 4 & 1)];
        words[k] = emit2(v->e, IR_CLMUL, 64, x, y);
        words[k + 1] = emit2(v->e, IR_CLMULH, 64, x, y);
    }
    vector_put(v, words, v->words);
    return true;
}

/* Half of an AES step on the state high:low. */
static Value aes_half(const Vector *v, IrKind kind, Value low, Value high, unsigned half) {
    Value out = emit2(v->e, kind, 64, low, high);
    v->e->ops[v->e->count - 1].imm = half;
    return out;
}

/* A round and its key; aesimc has no key. */
bool vector_aes(Vector *v) {
    IrKind kind = (IrKind)v->row->kind;
    Value words[VECTOR_WORDS];
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
    Value words[2];
    Words from;
    if (!vector_read(v, 1, 2, &from))
        return false;
    for (unsigned k = 0; k < 2; k++) {
        Value column = emit_extract(v->e, 32, from.at[k], 32);
        column = vector_op(v, IR_PSPLAT, 32, column, VALUE_NONE);
        Value substituted = aes_half(v, IR_AESENCLAST, column, column, 0);
        Value rotated = emit2(v->e, IR_ROR, 32, substituted, value_imm(8));
        rotated = emit2(v->e, IR_XOR, 32, rotated, value_imm(vector_imm(v)));
        words[k] = vector_join(v, emit_move(v->e, 32, substituted), rotated);
    }
    vector_put(v, words, 2);
    return true;
}
