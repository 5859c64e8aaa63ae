/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_float.c: floating point: scalars here, lanes below. Moves are exact; arithmetic is
 * IR_FLOAT. maxnm and minnm are lifted as max and min, which differ in what they make of NaNs. */
#include "value/lift_arm64.h"

/* FLOAT_ROUND_INT's second input: to nearest even, down, up, to zero; away from zero in ties. */
enum { ROUND_EVEN = 0, ROUND_DOWN = 1, ROUND_UP = 2, ROUND_ZERO = 3, ROUND_AWAY = 16 };

static Input float_op(A64 *a, FloatKind kind, unsigned w, unsigned from, const Input in[3]) {
    Emit *e = &a->e;
    Input x = emit_in_slot(e, in[0]), y = emit_in_slot(e, in[1]), z = emit_in_slot(e, in[2]);
    IrOp *op = emit_new(e, IR_FLOAT, w, emit_temp(e));
    op->a = x.slot;
    op->b = y.slot;
    op->c = z.slot;
    op->imm = kind;
    op->lane = (uint8_t)(from != w ? from : 0);
    return input_slot(op->out);
}

static Input float1(A64 *a, FloatKind kind, unsigned w, Input x) {
    return float_op(a, kind, w, w, (Input[]){x, INPUT_NONE, INPUT_NONE});
}

static Input float2(A64 *a, FloatKind kind, unsigned w, Input x, Input y) {
    return float_op(a, kind, w, w, (Input[]){x, y, INPUT_NONE});
}

static Input float3(A64 *a, FloatKind kind, unsigned w, Input x, Input y, Input z) {
    return float_op(a, kind, w, w, (Input[]){x, y, z});
}

static Input converted(A64 *a, FloatKind kind, unsigned to, unsigned from, Input x) {
    return float_op(a, kind, to, from, (Input[]){x, INPUT_NONE, INPUT_NONE});
}

/* A comparison of two w-bit numbers: one bit. */
static Input tested(A64 *a, FloatKind kind, unsigned w, Input x, Input y) {
    return float2(a, kind, w, x, y);
}

/* Neither changes more than the sign, so they are exact. */
static Input negated(A64 *a, unsigned w, Input x) { return float1(a, FLOAT_NEG, w, x); }
static Input absolute(A64 *a, unsigned w, Input x) { return float1(a, FLOAT_ABS, w, x); }

static Input rounded(A64 *a, unsigned w, Input x, unsigned mode) {
    return float2(a, FLOAT_ROUND_INT, w, x, input_imm(mode));
}

/* Bits of the type in bits 23 and 22. */
static unsigned type_bits(const A64 *a) {
    static const uint8_t bits[4] = {32, 64, 0, 16};
    return bits[field(a, 22, 2)];
}

/* 2^n as a number of w bits: 32 or 64, half precision ends at 2^15. */
static uint64_t power_of_two(unsigned w, int n) {
    return w == 64 ? (uint64_t)(1023 + n) << 52 : (uint64_t)(127 + n) << 23;
}

/* fcvtzs and others: rounded by `mode`, then to an integer of `to` bits. */
static Input to_int(A64 *a, unsigned mode, bool is_signed, unsigned to, unsigned from, Input x) {
    if (mode != ROUND_ZERO)
        x = rounded(a, from, x, mode);
    return converted(a, is_signed ? FLOAT_TO_INT : FLOAT_TO_UINT, to, from, x);
}

static void to_integer(A64 *a) {
    static const uint8_t modes[4] = {ROUND_EVEN, ROUND_UP, ROUND_DOWN, ROUND_ZERO};
    unsigned opcode = field(a, 16, 3), mode = modes[field(a, 19, 2)], w = type_bits(a);
    if (opcode >= 4)
        mode = ROUND_AWAY;
    if (opcode == 6) { /* fjcvtzs: modulo 2^32, and Z tells whether it was exact */
        a64_set_flag(a, SLOT_Z, a64_opaque(a, 1, 1, v_half(rn(a), 0), INPUT_NONE, INPUT_NONE));
        a64_set_flag(a, SLOT_N, input_imm(0));
        a64_set_flag(a, SLOT_C, input_imm(0));
        a64_set_flag(a, SLOT_V, input_imm(0));
        emit_set(&a->e, x_out(a, rd(a)), 32,
                 a64_opaque(a, 32, 0, v_half(rn(a), 0), INPUT_NONE, INPUT_NONE));
        return;
    }
    Input r = to_int(a, mode, !(opcode & 1), width(a), w, v_half(rn(a), 0));
    emit_set(&a->e, x_out(a, rd(a)), width(a), r);
}

static void from_integer(A64 *a) {
    unsigned w = type_bits(a);
    FloatKind kind = bit(a, 16) ? FLOAT_FROM_UINT : FLOAT_FROM_INT;
    a64_set_scalar(a, rd(a), w, converted(a, kind, w, width(a), x_reg(rn(a))));
}

/* Fixed point: the number of fraction bits is 64 - scale. */
static void to_fixed(A64 *a) {
    unsigned w = type_bits(a), fraction = 64 - field(a, 10, 6);
    Input x = float2(a, FLOAT_MUL, w, v_half(rn(a), 0), input_imm(power_of_two(w, (int)fraction)));
    Input r = to_int(a, ROUND_ZERO, !bit(a, 16), width(a), w, x);
    emit_set(&a->e, x_out(a, rd(a)), width(a), r);
}

static void from_fixed(A64 *a) {
    unsigned w = type_bits(a), fraction = 64 - field(a, 10, 6);
    FloatKind kind = bit(a, 16) ? FLOAT_FROM_UINT : FLOAT_FROM_INT;
    Input x = converted(a, kind, w, width(a), x_reg(rn(a)));
    x = float2(a, FLOAT_MUL, w, x, input_imm(power_of_two(w, -(int)fraction)));
    a64_set_scalar(a, rd(a), w, x);
}

static void move(A64 *a) {
    Emit *e = &a->e;
    bool to_vector = bit(a, 16);
    unsigned d = rd(a), n = rn(a), w = type_bits(a);
    if (a->row->kind == A64_F_MOVE_HIGH) {
        if (to_vector)
            emit_set(e, v_slot(d, 1), 64, x_reg(n));
        else
            emit_set(e, x_out(a, d), 64, v_half(n, 1));
    } else if (to_vector) {
        a64_set_scalar(a, d, w, x_reg(n));
    } else {
        emit_set(e, x_out(a, d), w, v_half(n, 0));
    }
}

static void one_source(A64 *a) {
    unsigned w = type_bits(a), opcode = field(a, 15, 6);
    Input x = v_half(rn(a), 0), r = x;
    if (opcode == 1)
        r = absolute(a, w, x);
    else if (opcode == 2)
        r = negated(a, w, x);
    else if (opcode == 3)
        r = float1(a, FLOAT_SQRT, w, x);
    a64_set_scalar(a, rd(a), w, r);
}

static void convert(A64 *a) {
    static const uint8_t bits[4] = {32, 64, 0, 16};
    unsigned to = bits[field(a, 15, 2)];
    a64_set_scalar(a, rd(a), to,
                   converted(a, FLOAT_FROM_FLOAT, to, type_bits(a), v_half(rn(a), 0)));
}

static bool round_scalar(A64 *a) {
    /* frintn, p, m, z, a, -, x, i */
    static const uint8_t modes[8] = {ROUND_EVEN, ROUND_UP,   ROUND_DOWN, ROUND_ZERO,
                                     ROUND_AWAY, ROUND_EVEN, ROUND_EVEN, ROUND_EVEN};
    unsigned w = type_bits(a);
    if (bit(a, 19)) /* frint32z and others */
        return false;
    a64_set_scalar(a, rd(a), w, rounded(a, w, v_half(rn(a), 0), modes[field(a, 15, 3)]));
    return true;
}

static Input arithmetic(A64 *a, unsigned opcode, unsigned w, Input x, Input y) {
    static const FloatKind kinds[9] = {FLOAT_MUL, FLOAT_DIV, FLOAT_ADD, FLOAT_SUB, FLOAT_MAX,
                                       FLOAT_MIN, FLOAT_MAX, FLOAT_MIN, FLOAT_MUL};
    Input r = float2(a, kinds[opcode], w, x, y);
    return opcode == 8 ? negated(a, w, r) : r;
}

/* N: less, Z: equal, C: not less, V: unordered; or the four bits of `otherwise`. */
static void set_flags(A64 *a, unsigned w, Input y, Input is, unsigned otherwise) {
    Emit *e = &a->e;
    static const uint16_t slots[4] = {SLOT_V, SLOT_C, SLOT_Z, SLOT_N};
    Input x = v_half(rn(a), 0), less = tested(a, FLOAT_LESS, w, x, y);
    Input flags[4] = {tested(a, FLOAT_UNORDERED, w, x, y), emit2(e, IR_XOR, 1, less, input_imm(1)),
                      tested(a, FLOAT_EQUAL, w, x, y), less};
    for (unsigned i = 0; i < 4; i++) {
        if (is.slot == SLOT_NONE)
            a64_set_flag(a, slots[i], flags[i]);
        else
            emit_to(e, slots[i], IR_SELECT, 1, is, flags[i], input_imm(otherwise >> i & 1));
    }
}

static void three_sources(A64 *a) {
    unsigned w = type_bits(a);
    bool negates_product = bit(a, 15) != bit(a, 21), negates_sum = bit(a, 21);
    Input x = v_half(rn(a), 0), sum = v_half(ra(a), 0);
    if (negates_product)
        x = negated(a, w, x);
    if (negates_sum)
        sum = negated(a, w, sum);
    a64_set_scalar(a, rd(a), w, float3(a, FLOAT_FMA, w, x, v_half(rm(a), 0), sum));
}

static uint64_t immediate(const A64 *a, unsigned w) {
    uint64_t imm = field(a, 13, 8), b = imm >> 6 & 1, fraction = imm & 0x3f, sign = imm >> 7;
    unsigned bits = w == 64 ? 52 : w == 32 ? 23 : 10, exponent = w - 1 - bits;
    uint64_t high = b ? (ir_mask(exponent - 1) & ~(uint64_t)3) : (uint64_t)1 << (exponent - 1);
    return sign << (w - 1) | (high | fraction >> 4) << bits | (fraction & 15) << (bits - 4);
}

bool lift_a64_float(A64 *a) {
    unsigned w = type_bits(a), n = rn(a), m = rm(a);
    switch ((int)a->row->kind) {
    case A64_F_TO_INT:
        to_integer(a);
        return true;
    case A64_F_FROM_INT:
        from_integer(a);
        return true;
    case A64_F_TO_FIXED:
        if (w > 16)
            to_fixed(a);
        return w > 16;
    case A64_F_FROM_FIXED:
        if (w > 16)
            from_fixed(a);
        return w > 16;
    case A64_F_MOVE:
    case A64_F_MOVE_HIGH:
        move(a);
        return true;
    case A64_F_ONE:
        one_source(a);
        return true;
    case A64_F_CONVERT:
        convert(a);
        return true;
    case A64_F_ROUND:
        return round_scalar(a);
    case A64_F_TWO:
        a64_set_scalar(a, rd(a), w, arithmetic(a, field(a, 12, 4), w, v_half(n, 0), v_half(m, 0)));
        return true;
    case A64_F_THREE:
        three_sources(a);
        return true;
    case A64_F_IMM:
        a64_set_scalar(a, rd(a), w, input_imm(immediate(a, w)));
        return true;
    case A64_F_COMPARE:
        set_flags(a, w, bit(a, 3) ? input_imm(0) : v_half(m, 0), INPUT_NONE, 0);
        return true;
    case A64_F_COND_COMPARE: {
        Input is = emit_move(&a->e, 1, a64_condition(a, field(a, 12, 4)));
        set_flags(a, w, v_half(m, 0), is, field(a, 0, 4));
        return true;
    }
    case A64_F_SELECT: {
        Input is = a64_condition(a, field(a, 12, 4));
        a64_set_scalar(a, rd(a), w, emit3(&a->e, IR_SELECT, w, is, v_half(n, 0), v_half(m, 0)));
        return true;
    }
    default:
        return false;
    }
}

/* ---- Lanes ---- */

/* Lane i of a register as a number of w bits. */
static Input lane_of(A64 *a, unsigned n, unsigned w, unsigned i) {
    unsigned at = i * w;
    Input half = v_half(n, at / 64);
    return w == 64 ? half : emit_extract(&a->e, w, half, at % 64);
}

/* The result of all lanes, gathered half by half: written at the end, since lanes of the inputs may
 * be read late. */
typedef struct Gathered {
    Input half[2];
} Gathered;

static Gathered gathered_new(void) { return (Gathered){{input_imm(0), input_imm(0)}}; }

static void gather(A64 *a, Gathered *g, unsigned w, unsigned i, Input v) {
    Input *half = &g->half[i * w / 64];
    if (w == 64) {
        *half = v;
        return;
    }
    uint16_t out = emit_temp(&a->e);
    emit_insert_to(&a->e, out, w, *half, v, i * w % 64);
    *half = input_slot(out);
}

static Input all_ones_if(A64 *a, unsigned w, Input is) { return emit1(&a->e, IR_NEG, w, is); }

/* fmla .. frsqrts on one lane; u: bit 29, high: bit 23; slot SLOT_NONE: not modelled. */
static Input same(A64 *a, unsigned w, Input d, Input x, Input y) {
    bool is_u = bit(a, 29), high = bit(a, 23);
    unsigned opcode = field(a, 11, 3); /* the low bits; half precision has only these */
    switch (opcode) {
    case 0:
        return float2(a, high ? FLOAT_MIN : FLOAT_MAX, w, x, y);
    case 1:
        return is_u ? INPUT_NONE : float3(a, FLOAT_FMA, w, high ? negated(a, w, x) : x, y, d);
    case 2:
        if (is_u && high)
            return absolute(a, w, float2(a, FLOAT_SUB, w, x, y));
        return float2(a, !is_u && high ? FLOAT_SUB : FLOAT_ADD, w, x, y);
    case 3:
        return float2(a, FLOAT_MUL, w, x, y); /* fmul; fmulx differs for 0 times infinity */
    case 4:
        return all_ones_if(a, w,
                           !is_u  ? tested(a, FLOAT_EQUAL, w, x, y)
                           : high ? tested(a, FLOAT_LESS, w, y, x)
                                  : tested(a, FLOAT_LESS_EQUAL, w, y, x));
    case 5:
        x = absolute(a, w, x);
        y = absolute(a, w, y);
        return all_ones_if(a, w, tested(a, high ? FLOAT_LESS : FLOAT_LESS_EQUAL, w, y, x));
    case 6:
        return float2(a, high ? FLOAT_MIN : FLOAT_MAX, w, x, y);
    default: /* fdiv; frecps, frsqrts */
        return is_u && !high ? float2(a, FLOAT_DIV, w, x, y) : INPUT_NONE;
    }
}

static unsigned lane_bits(const A64 *a) { return bit(a, 22) ? 64 : 32; }

static bool is_pairwise(const A64 *a) {
    unsigned opcode = field(a, 11, 3);
    return bit(a, 29) && (opcode == 0 || opcode == 6 || (opcode == 2 && !bit(a, 23)));
}

static bool three_same(A64 *a, unsigned w) {
    unsigned count = (is_full(a) ? 128 : 64) / w, n = rn(a), m = rm(a);
    bool pairs = is_pairwise(a);
    Gathered g = gathered_new();
    for (unsigned i = 0; i < count; i++) {
        unsigned from = i < count / 2 ? n : m, at = 2 * (i % (count / 2 ? count / 2 : 1));
        Input x = pairs ? lane_of(a, from, w, at) : lane_of(a, n, w, i);
        Input y = pairs ? lane_of(a, from, w, at + 1) : lane_of(a, m, w, i);
        bool adds_up = field(a, 11, 3) == 1;
        Input r = same(a, w, adds_up ? lane_of(a, rd(a), w, i) : INPUT_NONE, x, y);
        if (r.slot == SLOT_NONE)
            return false;
        gather(a, &g, w, i, r);
    }
    a64_set_v(a, rd(a), g.half[0], g.half[1]);
    return true;
}

static bool scalar_same(A64 *a, unsigned w) {
    Input r = same(a, w, v_half(rd(a), 0), v_half(rn(a), 0), v_half(rm(a), 0));
    if (r.slot == SLOT_NONE)
        return false;
    a64_set_scalar(a, rd(a), w, r);
    return true;
}

/* One lane of the forms with one input; opcode: bits 16 to 12. */
static Input misc(A64 *a, unsigned w, Input x) {
    bool is_u = bit(a, 29), high = bit(a, 23);
    Input zero = input_imm(0);
    switch (field(a, 12, 5)) {
    case 0x0c: /* fcmgt, fcmge with zero */
        return all_ones_if(a, w, tested(a, is_u ? FLOAT_LESS_EQUAL : FLOAT_LESS, w, zero, x));
    case 0x0d: /* fcmeq, fcmle */
        return all_ones_if(a, w, tested(a, is_u ? FLOAT_LESS_EQUAL : FLOAT_EQUAL, w, x, zero));
    case 0x0e:
        return all_ones_if(a, w, tested(a, FLOAT_LESS, w, x, zero));
    case 0x0f:
        return is_u ? negated(a, w, x) : absolute(a, w, x);
    case 0x18: /* frintn, frintp; frinta */
        return rounded(a, w, x, is_u ? ROUND_AWAY : high ? ROUND_UP : ROUND_EVEN);
    case 0x19: /* frintm, frintz; frintx, frinti */
        return rounded(a, w, x, is_u ? ROUND_EVEN : high ? ROUND_ZERO : ROUND_DOWN);
    case 0x1a:
        return to_int(a, high ? ROUND_UP : ROUND_EVEN, !is_u, w, w, x);
    case 0x1b:
        return to_int(a, high ? ROUND_ZERO : ROUND_DOWN, !is_u, w, w, x);
    case 0x1c:
        return high ? INPUT_NONE : to_int(a, ROUND_AWAY, !is_u, w, w, x);
    case 0x1d:
        return high ? INPUT_NONE : converted(a, is_u ? FLOAT_FROM_UINT : FLOAT_FROM_INT, w, w, x);
    case 0x1f:
        return is_u && high && !bit(a, 28) ? float1(a, FLOAT_SQRT, w, x) : INPUT_NONE;
    default:
        return INPUT_NONE;
    }
}

static bool two_registers(A64 *a, unsigned w) {
    unsigned count = (is_full(a) ? 128 : 64) / w;
    Gathered g = gathered_new();
    for (unsigned i = 0; i < count; i++) {
        Input r = misc(a, w, lane_of(a, rn(a), w, i));
        if (r.slot == SLOT_NONE)
            return false;
        gather(a, &g, w, i, r);
    }
    a64_set_v(a, rd(a), g.half[0], g.half[1]);
    return true;
}

static bool scalar_misc(A64 *a, unsigned w) {
    Input r = misc(a, w, v_half(rn(a), 0));
    if (r.slot == SLOT_NONE)
        return false;
    a64_set_scalar(a, rd(a), w, r);
    return true;
}

/* fcvtl widens the low half (Q: the high one), fcvtn narrows into it. */
static bool convert_lanes(A64 *a) {
    unsigned opcode = field(a, 12, 5), wide = bit(a, 22) ? 64 : 32, lane = wide / 2;
    unsigned count = 64 / lane, first = is_full(a) ? count : 0;
    bool widens = opcode == 0x17;
    Gathered g = gathered_new();
    if ((opcode != 0x16 && !widens) || bit(a, 29) || bit(a, 23))
        return false;
    if (!widens && is_full(a))
        g.half[0] = v_half(rd(a), 0);
    for (unsigned i = 0; i < count; i++) {
        Input x = lane_of(a, rn(a), widens ? lane : wide, widens ? first + i : i);
        Input r = converted(a, FLOAT_FROM_FLOAT, widens ? wide : lane, widens ? lane : wide, x);
        gather(a, &g, widens ? wide : lane, widens ? i : first + i, r);
    }
    a64_set_v(a, rd(a), g.half[0], g.half[1]);
    return true;
}

/* fmla, fmls, fmul by one lane; opcode: bits 15 to 12. */
static void by_element(A64 *a, unsigned w, bool is_scalar) {
    unsigned opcode = field(a, 12, 4), m = rm(a), index;
    if (w == 16) {
        index = (unsigned)bit(a, 11) << 2 | (unsigned)bit(a, 21) << 1 | bit(a, 20);
        m &= 15;
    } else {
        index = w == 32 ? (unsigned)bit(a, 11) << 1 | bit(a, 21) : bit(a, 11);
    }
    unsigned count = is_scalar ? 1 : (is_full(a) ? 128 : 64) / w;
    Input y = emit_move(&a->e, w, lane_of(a, m, w, index));
    Gathered g = gathered_new();
    for (unsigned i = 0; i < count; i++) {
        Input x = lane_of(a, rn(a), w, i), r;
        if (opcode & 8) {
            r = float2(a, FLOAT_MUL, w, x, y);
        } else {
            x = opcode & 4 ? negated(a, w, x) : x;
            r = float3(a, FLOAT_FMA, w, x, y, lane_of(a, rd(a), w, i));
        }
        gather(a, &g, w, i, r);
    }
    a64_set_v(a, rd(a), g.half[0], g.half[1]);
}

/* faddp, fmaxp .. of two lanes; fmaxv .. of all. */
static void reduced(A64 *a, unsigned w, unsigned count) {
    unsigned opcode = field(a, 12, 5);
    FloatKind kind = opcode == 0x0d ? FLOAT_ADD : bit(a, 23) ? FLOAT_MIN : FLOAT_MAX;
    Input all[8];
    for (unsigned i = 0; i < count; i++)
        all[i] = lane_of(a, rn(a), w, i);
    for (; count > 1; count /= 2)
        for (unsigned i = 0; i < count / 2; i++)
            all[i] = float2(a, kind, w, all[2 * i], all[2 * i + 1]);
    a64_set_scalar(a, rd(a), w, all[0]);
}

/* scvtf, fcvtzs with a fraction; not of half precision. */
static bool fixed(A64 *a, bool is_scalar) {
    unsigned immh = field(a, 19, 4), w = immh & 8 ? 64 : immh & 4 ? 32 : 16;
    int fraction = (int)(2 * w - field(a, 16, 7));
    bool is_u = bit(a, 29), to_float = field(a, 11, 5) == 0x1c;
    unsigned count = is_scalar ? 1 : (is_full(a) ? 128 : 64) / w;
    Gathered g = gathered_new();
    if (w == 16)
        return false;
    for (unsigned i = 0; i < count; i++) {
        Input x = lane_of(a, rn(a), w, i);
        if (to_float) {
            x = converted(a, is_u ? FLOAT_FROM_UINT : FLOAT_FROM_INT, w, w, x);
            x = float2(a, FLOAT_MUL, w, x, input_imm(power_of_two(w, -fraction)));
        } else {
            x = float2(a, FLOAT_MUL, w, x, input_imm(power_of_two(w, fraction)));
            x = to_int(a, ROUND_ZERO, !is_u, w, w, x);
        }
        gather(a, &g, w, i, x);
    }
    a64_set_v(a, rd(a), g.half[0], g.half[1]);
    return true;
}

bool lift_a64_float_lanes(A64 *a) {
    A64Class kind = a->row->kind;
    bool is_scalar = bit(a, 28);
    switch ((int)kind) {
    case A64_V_FLOAT_SAME:
        return three_same(a, lane_bits(a));
    case A64_V_HALF_SAME:
        return three_same(a, 16);
    case A64_S_FLOAT_SAME:
        return scalar_same(a, lane_bits(a));
    case A64_S_HALF_SAME:
        return scalar_same(a, 16);
    case A64_V_FLOAT_MISC:
        return convert_lanes(a) || two_registers(a, lane_bits(a));
    case A64_V_HALF_MISC:
        return two_registers(a, 16);
    case A64_S_FLOAT_MISC:
        return scalar_misc(a, lane_bits(a));
    case A64_S_HALF_MISC:
        return scalar_misc(a, 16);
    case A64_V_FLOAT_INDEXED:
    case A64_S_FLOAT_INDEXED:
        by_element(a, lane_bits(a), is_scalar);
        return true;
    case A64_V_HALF_INDEXED:
    case A64_S_HALF_INDEXED:
        by_element(a, 16, is_scalar);
        return true;
    case A64_S_FLOAT_PAIR:
        reduced(a, lane_bits(a), 2);
        return true;
    case A64_S_HALF_PAIR:
        reduced(a, 16, 2);
        return true;
    case A64_V_FLOAT_ACROSS: /* four lanes of 32 bits, or of 16 */
        if (bit(a, 29))
            reduced(a, 32, 4);
        else
            reduced(a, 16, is_full(a) ? 8 : 4);
        return true;
    case A64_V_FIXED:
    case A64_S_FIXED:
        return fixed(a, is_scalar);
    default:
        return false;
    }
}
