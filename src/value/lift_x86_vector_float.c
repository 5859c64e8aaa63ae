/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_vector_float.c: floating point of SSE, AVX and FMA: what moves is exact, what computes
 * is an IR_FLOAT for each lane. Exception flags and modes of MXCSR are not followed. */
#include "value/lift_x86_vector.h"

/* kind on numbers of w bits; from: width of the source where it differs, else 0. */
static Input number_op(const Vector *v, FloatKind kind, unsigned w, unsigned from, Input a, Input b,
                       Input c) {
    a = emit_in_slot(v->e, a);
    IrOp *op = emit_new(v->e, IR_FLOAT, w, emit_temp(v->e));
    op->lane = (uint8_t)from;
    op->a = a.slot;
    op->b = b.slot;
    op->c = c.slot;
    op->imm = kind;
    return input_slot(op->out);
}

static Input float_op(const Vector *v, FloatKind kind, Input a, Input b) {
    return number_op(v, kind, v->row->lane, 0, a, b, INPUT_NONE);
}

static Input negated(const Vector *v, Input a) {
    return number_op(v, FLOAT_NEG, v->row->lane, 0, a, INPUT_NONE, INPUT_NONE);
}

/* Lane i of a row of words, in the low bits. */
static Input lane_at(const Vector *v, const Input *words, unsigned lane, unsigned i) {
    unsigned at = i * lane % 64;
    Input word = words[i * lane / 64];
    return at ? emit_extract(v->e, lane, word, at) : word;
}

/* Words of numbers of `lane` bits, which are zero above; the last word may be half full. */
static void words_from(const Vector *v, unsigned lane, const Input *numbers, unsigned count,
                       Input *words) {
    for (unsigned i = 0; i < count; i += 64 / lane)
        words[i * lane / 64] =
            lane == 64 || i + 1 == count ? numbers[i] : vector_join(v, numbers[i], numbers[i + 1]);
}

enum { MAX_LANES = VECTOR_WORDS * 2 };

static unsigned lanes_of(const Vector *v) { return v->words * 64 / v->row->lane; }

static bool put_lanes(const Vector *v, const Input *numbers) {
    Input words[VECTOR_WORDS];
    words_from(v, v->row->lane, numbers, lanes_of(v), words);
    vector_put(v, words, v->words);
    return true;
}

/* The destination's low lane is `number`, the rest of its 128 bits that of `rest`. */
static bool put_scalar(const Vector *v, unsigned lane, Input number, const Words *rest) {
    Input low = number;
    if (lane < 64) {
        low = input_slot(emit_temp(v->e));
        emit_insert_to(v->e, low.slot, lane, rest->at[0], number, 0);
    }
    vector_put(v, (Input[]){low, rest->at[1]}, 2);
    return true;
}

static bool scalar_sources(const Vector *v, Words *a, Input *b) {
    return vector_scalar(v, v->second, v->row->lane, b) && vector_read(v, v->first, 2, a);
}

bool vector_float(Vector *v) {
    Input numbers[MAX_LANES];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned i = 0; i < lanes_of(v); i++)
        numbers[i] = float_op(v, (FloatKind)v->row->kind, lane_at(v, a.at, v->row->lane, i),
                              lane_at(v, b.at, v->row->lane, i));
    return put_lanes(v, numbers);
}

bool vector_float_scalar(Vector *v) {
    Words a;
    Input b;
    if (!scalar_sources(v, &a, &b))
        return false;
    return put_scalar(v, v->row->lane, float_op(v, (FloatKind)v->row->kind, a.at[0], b), &a);
}

/* Of one number: roots, reciprocals (FLOAT_OTHER told apart by lane), rounding (by the immediate's
 * mode unless it asks for the current one). */
static Input one_number(const Vector *v, Input a) {
    FloatKind kind = (FloatKind)v->row->kind;
    Input mode = INPUT_NONE;
    if (kind == FLOAT_ROUND_INT && !(vector_imm(v) & 4))
        mode = emit_in_slot(v->e, input_imm(vector_imm(v) & 3));
    return number_op(v, kind, v->row->lane, v->row->more, a, mode, INPUT_NONE);
}

bool vector_float_one(Vector *v) {
    Input numbers[MAX_LANES];
    Words a;
    if (!vector_read(v, 1, v->words, &a))
        return false;
    for (unsigned i = 0; i < lanes_of(v); i++)
        numbers[i] = one_number(v, lane_at(v, a.at, v->row->lane, i));
    return put_lanes(v, numbers);
}

bool vector_float_one_scalar(Vector *v) {
    Words a;
    Input b;
    if (!scalar_sources(v, &a, &b))
        return false;
    return put_scalar(v, v->row->lane, one_number(v, b), &a);
}

bool vector_float_add_sub(Vector *v) {
    Input numbers[MAX_LANES];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned i = 0; i < lanes_of(v); i++)
        numbers[i] = float_op(v, i % 2 ? FLOAT_ADD : FLOAT_SUB, lane_at(v, a.at, v->row->lane, i),
                              lane_at(v, b.at, v->row->lane, i));
    return put_lanes(v, numbers);
}

/* haddps ...: in each 128 bits neighbours of the first source, then of the second. */
bool vector_float_pairs(Vector *v) {
    unsigned lane = v->row->lane, in_half = 128 / lane;
    Input numbers[MAX_LANES];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned i = 0; i < lanes_of(v); i++) {
        unsigned half = i / in_half * in_half, in = i % in_half;
        const Words *from = in < in_half / 2 ? &a : &b;
        unsigned first = half + in % (in_half / 2) * 2;
        numbers[i] = float_op(v, (FloatKind)v->row->kind, lane_at(v, from->at, lane, first),
                              lane_at(v, from->at, lane, first + 1));
    }
    return put_lanes(v, numbers);
}

/* dpps, dppd: the immediate says which products count (high half) and where the sum goes. */
bool vector_float_dot(Vector *v) {
    unsigned lane = v->row->lane, in_half = 128 / lane, imm = vector_imm(v);
    Input numbers[MAX_LANES], zero = input_imm(0);
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned half = 0; half < lanes_of(v); half += in_half) {
        Input products[4];
        for (unsigned i = 0; i < in_half; i++)
            products[i] = imm >> (4 + i) & 1
                              ? float_op(v, FLOAT_MUL, lane_at(v, a.at, lane, half + i),
                                         lane_at(v, b.at, lane, half + i))
                              : emit_in_slot(v->e, zero);
        Input sum = float_op(v, FLOAT_ADD, products[0], products[1]);
        if (in_half == 4)
            sum = float_op(v, FLOAT_ADD, sum, float_op(v, FLOAT_ADD, products[2], products[3]));
        for (unsigned i = 0; i < in_half; i++)
            numbers[half + i] = imm >> i & 1 ? sum : emit_in_slot(v->e, zero);
    }
    return put_lanes(v, numbers);
}

/* All ones or zeros by the predicate of cmpps ... (bit 4, whether quiet NaNs signal, left out). */
static Input predicate(const Vector *v, Input a, Input b) {
    enum { E = 1, L = 2, LE = 4, U = 8, NOT = 16 };
    static const uint8_t made_of[16] = {
        E,     L,     LE,     U, NOT | E,     NOT | L,     NOT | LE,     NOT | U,
        E | U, L | U, LE | U, 0, NOT | E | U, NOT | L | U, NOT | LE | U, NOT};
    static const FloatKind kinds[] = {FLOAT_EQUAL, FLOAT_LESS, FLOAT_LESS_EQUAL, FLOAT_UNORDERED};
    unsigned lane = v->row->lane, what = made_of[vector_imm(v) & (v->row->is_avx ? 15 : 7)];
    Input any = INPUT_NONE;
    for (unsigned i = 0; i < 4; i++)
        if (what >> i & 1) {
            Input one = float_op(v, kinds[i], a, b);
            any = any.slot == SLOT_NONE ? one : emit2(v->e, IR_OR, 1, any, one);
        }
    if (any.slot == SLOT_NONE)
        return emit_in_slot(v->e, input_imm(what & NOT ? ir_mask(lane) : 0));
    if (what & NOT)
        any = emit1(v->e, IR_NOT, 1, any);
    return emit1(v->e, IR_NEG, lane, any);
}

bool vector_float_compare(Vector *v) {
    Input numbers[MAX_LANES];
    Words a, b;
    if (!vector_sources(v, &a, &b))
        return false;
    for (unsigned i = 0; i < lanes_of(v); i++)
        numbers[i] =
            predicate(v, lane_at(v, a.at, v->row->lane, i), lane_at(v, b.at, v->row->lane, i));
    return put_lanes(v, numbers);
}

bool vector_float_compare_scalar(Vector *v) {
    Words a;
    Input b;
    if (!scalar_sources(v, &a, &b))
        return false;
    return put_scalar(v, v->row->lane, predicate(v, a.at[0], b), &a);
}

/* comiss ...: C: less or unordered, Z: equal or unordered, P: unordered. */
bool vector_float_flags(Vector *v) {
    Input a, b;
    if (!vector_scalar(v, 1, v->row->lane, &b) || !vector_scalar(v, 0, v->row->lane, &a))
        return false;
    Input unordered = float_op(v, FLOAT_UNORDERED, a, b);
    Input less = float_op(v, FLOAT_LESS, a, b), equal = float_op(v, FLOAT_EQUAL, a, b);
    emit_to(v->e, SLOT_C, IR_OR, 1, less, unordered, INPUT_NONE);
    emit_to(v->e, SLOT_Z, IR_OR, 1, equal, unordered, INPUT_NONE);
    x86_flag(v->x, SLOT_P, unordered);
    x86_flag(v->x, SLOT_V, input_imm(0));
    x86_flag(v->x, SLOT_N, input_imm(0));
    x86_flag(v->x, SLOT_A, input_imm(0));
    return true;
}

/* A multiply-add on lane i of the three operands. */
static Input fused(const Vector *v, const Input by[3], unsigned i) {
    static const uint8_t order[3][3] = {{0, 2, 1}, {1, 0, 2}, {1, 2, 0}};
    unsigned more = v->row->more;
    const uint8_t *at = order[more & FMA_ORDER];
    Input a = by[at[0]], b = by[at[1]], c = by[at[2]];
    if (more & FMA_MINUS)
        a = negated(v, a);
    if (more & (i % 2 ? FMA_SUB_ODD : FMA_SUB_EVEN))
        c = negated(v, c);
    return number_op(v, FLOAT_FMA, v->row->lane, 0, a, b, c);
}

bool vector_float_fma(Vector *v) {
    Input numbers[MAX_LANES];
    Words words[3];
    if (!vector_read(v, 2, v->words, &words[2]) || !vector_read(v, 1, v->words, &words[1]) ||
        !vector_read(v, 0, v->words, &words[0]))
        return false;
    for (unsigned i = 0; i < lanes_of(v); i++) {
        Input by[3];
        for (unsigned k = 0; k < 3; k++)
            by[k] = lane_at(v, words[k].at, v->row->lane, i);
        numbers[i] = fused(v, by, i);
    }
    return put_lanes(v, numbers);
}

bool vector_float_fma_scalar(Vector *v) {
    Input by[3];
    Words first;
    if (!vector_scalar(v, 2, v->row->lane, &by[2]) || !vector_scalar(v, 1, v->row->lane, &by[1]) ||
        !vector_read(v, 0, 2, &first))
        return false;
    by[0] = first.at[0];
    return put_scalar(v, v->row->lane, fused(v, by, 0), &first);
}

/* A number of `from` bits as one of `to`, as the row says. */
static Input converted(const Vector *v, Input a, unsigned from, unsigned to) {
    FloatKind kind = (FloatKind)v->row->kind;
    if (kind == FLOAT_ROUND_INT) {
        a = number_op(v, FLOAT_ROUND_INT, from, 0, a, INPUT_NONE, INPUT_NONE);
        kind = FLOAT_TO_INT;
    }
    return number_op(v, kind, to, from, a, INPUT_NONE, INPUT_NONE);
}

static unsigned bits_of(const Vector *v, unsigned i) {
    return x86_is_mem(v->x, i) ? x86_width(v->x, i)
                               : x86_place(v->x, x86_operand(v->x, i)->reg).bits;
}

/* cvt.. between packed numbers: as many as both sides hold. What the result does not fill of 128
 * bits becomes zero, but for cvtpi2ps. */
bool vector_convert(Vector *v) {
    unsigned from = v->row->lane, to = v->row->more;
    unsigned count = v->words * 64 / to, held = bits_of(v, 1) / from;
    if (held < count)
        count = held;
    Words source;
    unsigned taken = count * from;
    bool is_part = x86_is_mem(v->x, 1) && taken < 64;
    if (count == 0 || count > MAX_LANES || taken > 256 ||
        (is_part ? !vector_scalar(v, 1, taken, &source.at[0])
                 : !vector_read(v, 1, (taken + 63) / 64, &source)))
        return false;
    Input numbers[MAX_LANES], words[VECTOR_WORDS];
    for (unsigned i = 0; i < count; i++)
        numbers[i] = converted(v, lane_at(v, source.at, from, i), from, to);
    words_from(v, to, numbers, count, words);
    unsigned filled = (count * to + 63) / 64;
    if (filled < v->words && v->x->in->id != X86_CVTPI2PS)
        words[filled++] = input_imm(0);
    vector_put(v, words, filled);
    return true;
}

/* cvtss2sd, cvtsd2ss. */
bool vector_convert_scalar(Vector *v) {
    Words a;
    Input b;
    if (!scalar_sources(v, &a, &b))
        return false;
    return put_scalar(v, v->row->more, converted(v, b, v->row->lane, v->row->more), &a);
}

bool vector_convert_from_general(Vector *v) {
    X86 *x = v->x;
    Words a;
    unsigned from = x86_width(x, v->second);
    Input b = x86_read(x, v->second);
    if (!vector_read(v, v->first, 2, &a))
        return false;
    return put_scalar(v, v->row->more, converted(v, b, from, v->row->more), &a);
}

bool vector_convert_to_general(Vector *v) {
    X86 *x = v->x;
    Input a;
    if (!vector_scalar(v, 1, v->row->lane, &a))
        return false;
    x86_write(x, 0, converted(v, a, v->row->lane, x86_width(x, 0)));
    return true;
}

/* vcvtps2ph: to half precision, in memory or the low half of a register. Other roundings than to
 * nearest are not lifted. */
bool vector_convert_half(Vector *v) {
    X86 *x = v->x;
    Input numbers[MAX_LANES], words[2];
    Words from;
    v->words = vector_slot(x, 1, 3) != SLOT_NONE ? 4 : 2;
    if ((vector_imm(v) & 7) != 0 || !vector_read(v, 1, v->words, &from))
        return false;
    unsigned count = v->words * 2;
    for (unsigned i = 0; i < count; i++)
        numbers[i] = number_op(v, FLOAT_FROM_FLOAT, 16, 32, lane_at(v, from.at, 32, i), INPUT_NONE,
                               INPUT_NONE);
    for (unsigned i = 0; i < count; i++) {
        uint16_t word = emit_temp(v->e);
        if (i % 4)
            emit_insert_to(v->e, word, 16, words[i / 4], numbers[i], i % 4 * 16);
        words[i / 4] = i % 4 ? input_slot(word) : numbers[i];
    }
    if (!x86_is_mem(x, 0)) {
        words[1] = count == 8 ? words[1] : input_imm(0);
        vector_put(v, words, 2);
        return true;
    }
    for (unsigned k = 0; k < count / 4; k++)
        emit_store(v->e, 64, x86_further(x86_memory(x, 0), 8 * k, x->bits), words[k]);
    return true;
}
