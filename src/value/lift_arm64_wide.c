/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_wide.c: lanes that get wider or narrower, by-element forms, sums over a register. */
#include "value/lift_arm64.h"

/* The lanes of 32 bits of x, half 0 or 1, twice as wide. */
static Input widened(A64 *a, unsigned lane, bool is_u, Input x, unsigned half) {
    if (half)
        x = emit2(&a->e, IR_SHR, 64, x, input_imm(32));
    if (lane == 32)
        return is_u ? emit_move(&a->e, 32, x) : emit_sext(&a->e, 64, 32, x);
    return lanes1(a, is_u ? IR_PZEXT : IR_PSEXT, lane, x);
}

/* x / 2^by rounded down, plus the last bit that goes out if it rounds. */
static Input shifted_down(A64 *a, unsigned lane, bool is_u, bool rounds, Input x, unsigned by) {
    Input r = lanes(a, is_u ? IR_PSHR : IR_PSAR, lane, x, input_imm(by));
    if (!rounds)
        return r;
    Input last = by == lane ? x : lanes(a, IR_PSHL, lane, x, input_imm(lane - by));
    return lanes(a, IR_PADD, lane, r, lanes(a, IR_PSHR, lane, last, input_imm(lane - 1)));
}

/* Writes 64 bits of narrowed lanes: the low half, or with Q the high one. */
static void set_narrow(A64 *a, Input r) {
    unsigned d = rd(a);
    emit_set(&a->e, v_slot(d, is_full(a)), 64, r);
    if (!is_full(a))
        emit_set(&a->e, v_slot(d, 1), 64, input_imm(0));
}

/* xtn, sqxtn, sqxtun, uqxtn: how lanes of `wide` bits are cut. */
static Input narrowed(A64 *a, unsigned wide, IrKind kind, Input low, Input high) {
    unsigned lane = kind == IR_PPACK ? wide / 2 : wide;
    return lanes(a, kind, lane, low, high);
}

static bool narrow(A64 *a) {
    unsigned opcode = field(a, 12, 5), wide = 16u << field(a, 22, 2), n = rn(a);
    bool is_u = bit(a, 29), is_scalar = bit(a, 28);
    IrKind kind = opcode == 0x14 ? (is_u ? IR_PPACK_UU : IR_PPACK_SS)
                  : is_u         ? IR_PPACK_US
                                 : IR_PPACK;
    if (opcode != 0x12 && opcode != 0x14)
        return false;
    if (is_scalar) {
        Input one = narrowed(a, wide, kind, v_half(n, 0), input_imm(0));
        a64_set_scalar(a, rd(a), wide / 2, one);
        return true;
    }
    set_narrow(a, narrowed(a, wide, kind, v_half(n, 0), v_half(n, 1)));
    return true;
}

/* shll: by the width of the lanes. */
static bool shift_left_long(A64 *a) {
    if (field(a, 12, 5) != 0x13)
        return false;
    unsigned lane = 8u << field(a, 22, 2);
    Input x = v_half(rn(a), is_full(a)), r[2];
    for (unsigned h = 0; h < 2; h++)
        r[h] = lanes(a, IR_PSHL, lane * 2, widened(a, lane, true, x, h), input_imm(lane));
    a64_set_v(a, rd(a), r[0], r[1]);
    return true;
}

/* ---- Three registers of different widths ---- */

static Input long_difference(A64 *a, unsigned wide, Input x, Input y) {
    /* Of widened numbers: they and their difference fit a signed lane. */
    return lanes1(a, IR_PABS, wide, lanes(a, IR_PSUB, wide, x, y));
}

/* Twice the product, saturated. */
static Input doubled(A64 *a, unsigned wide, Input product) {
    return lanes(a, IR_PADD_SS, wide, product, product);
}

/* One half of a long form: opcode as in the word, x and y already wide. */
static Input long_form(A64 *a, unsigned opcode, unsigned wide, Input d, Input x, Input y) {
    Input product = opcode >= 8 ? lanes(a, IR_PMUL, wide, x, y) : INPUT_NONE;
    switch (opcode) {
    case 0:
    case 1:
        return lanes(a, IR_PADD, wide, x, y);
    case 2:
    case 3:
        return lanes(a, IR_PSUB, wide, x, y);
    case 5:
        return lanes(a, IR_PADD, wide, d, long_difference(a, wide, x, y));
    case 7:
        return long_difference(a, wide, x, y);
    case 8:
        return lanes(a, IR_PADD, wide, d, product);
    case 9:
        return lanes(a, IR_PADD_SS, wide, d, doubled(a, wide, product));
    case 10:
        return lanes(a, IR_PSUB, wide, d, product);
    case 11:
        return lanes(a, IR_PSUB_SS, wide, d, doubled(a, wide, product));
    case 13:
        return doubled(a, wide, product);
    default:
        return product;
    }
}

/* addhn, subhn and rounded: the high halves of sums. */
static void high_narrow(A64 *a, unsigned wide) {
    bool subtracts = field(a, 12, 4) == 6, rounds = bit(a, 29);
    Input r[2];
    for (unsigned h = 0; h < 2; h++) {
        r[h] = lanes(a, subtracts ? IR_PSUB : IR_PADD, wide, v_half(rn(a), h), v_half(rm(a), h));
        if (rounds)
            r[h] = lanes(a, IR_PADD, wide, r[h],
                         input_imm(splat_number((uint64_t)1 << (wide / 2 - 1), wide)));
        r[h] = lanes(a, IR_PSHR, wide, r[h], input_imm(wide / 2));
    }
    set_narrow(a, narrowed(a, wide, IR_PPACK, r[0], r[1]));
}

/* pmull: eight bytes, or one number of 64 bits. */
static void polynomial_long(A64 *a) {
    Emit *e = &a->e;
    Input x = v_half(rn(a), is_full(a)), y = v_half(rm(a), is_full(a)), r[2];
    for (unsigned h = 0; h < 2; h++) {
        if (bit(a, 22)) {
            r[h] = emit2(e, h ? IR_CLMULH : IR_CLMUL, 64, x, y);
            continue;
        }
        r[h] = input_imm(0);
        for (unsigned i = 0; i < 4; i++) {
            unsigned at = h * 32 + i * 8;
            Input p = emit2(e, IR_CLMUL, 64, emit_extract(e, 8, x, at), emit_extract(e, 8, y, at));
            uint16_t out = emit_temp(e);
            emit_insert_to(e, out, 16, r[h], p, i * 16);
            r[h] = input_slot(out);
        }
    }
    a64_set_v(a, rd(a), r[0], r[1]);
}

static void three_different(A64 *a) {
    unsigned opcode = field(a, 12, 4), lane = 8u << field(a, 22, 2), wide = lane * 2, d = rd(a);
    bool is_u = bit(a, 29);
    if (opcode == 4 || opcode == 6) {
        high_narrow(a, wide);
        return;
    }
    if (opcode == 14) {
        polynomial_long(a);
        return;
    }
    Input x = v_half(rn(a), is_full(a)), y = v_half(rm(a), is_full(a)), r[2];
    bool first_is_wide = opcode == 1 || opcode == 3;
    for (unsigned h = 0; h < 2; h++) {
        Input wide_x = first_is_wide ? v_half(rn(a), h) : widened(a, lane, is_u, x, h);
        r[h] = long_form(a, opcode, wide, v_half(d, h), wide_x, widened(a, lane, is_u, y, h));
    }
    a64_set_v(a, d, r[0], r[1]);
}

/* sqdmull and its sums on one lane. */
static void scalar_different(A64 *a, Input y) {
    unsigned lane = 8u << field(a, 22, 2), wide = lane * 2, opcode = field(a, 12, 4);
    if (a->row->kind == A64_S_INDEXED) /* sqdmlal 3, sqdmlsl 7, sqdmull 11 */
        opcode = opcode == 3 ? 9 : opcode == 7 ? 11 : 13;
    Input x = emit_sext(&a->e, 64, lane, v_half(rn(a), 0));
    y = emit_sext(&a->e, 64, lane, y);
    a64_set_scalar(a, rd(a), wide, long_form(a, opcode, wide, v_half(rd(a), 0), x, y));
}

/* ---- By element ---- */

/* The chosen lane of m, alone in the low bits. */
static Input element(A64 *a, unsigned lane) {
    unsigned m = rm(a), index;
    if (lane == 16) {
        index = (unsigned)bit(a, 11) << 2 | (unsigned)bit(a, 21) << 1 | bit(a, 20);
        m &= 15;
    } else if (lane == 32) {
        index = (unsigned)bit(a, 11) << 1 | bit(a, 21);
    } else {
        index = bit(a, 11);
    }
    unsigned at = index * lane;
    Input half = v_half(m, at / 64);
    return lane == 64 ? half : emit_extract(&a->e, lane, half, at % 64);
}

static void by_element(A64 *a) {
    unsigned opcode = field(a, 12, 4), lane = 8u << field(a, 22, 2), wide = lane * 2, d = rd(a);
    bool is_u = bit(a, 29);
    Input y = lanes1(a, IR_PSPLAT, lane, element(a, lane)), r[2] = {INPUT_NONE, input_imm(0)};
    /* Long forms: opcode 2, 3, 6, 7, 10, 11 are 8 .. 13 of three_different. */
    static const uint8_t long_of[16] = {0, 0, 8, 9, 0, 0, 10, 11, 0, 0, 12, 13, 0, 0, 0, 0};
    unsigned halves = long_of[opcode] || is_full(a) ? 2 : 1;
    for (unsigned h = 0; h < halves; h++) {
        Input x = v_half(rn(a), h), old = v_half(d, h);
        if (long_of[opcode]) {
            x = widened(a, lane, is_u, v_half(rn(a), is_full(a)), h);
            r[h] = long_form(a, long_of[opcode], wide, old, x, widened(a, lane, is_u, y, h));
        } else if (opcode >= 12) { /* sqdmulh, sqrdmulh */
            r[h] = a64_doubling_high(a, lane, opcode == 13, x, y);
        } else {
            Input product = lanes(a, IR_PMUL, lane, x, y);
            r[h] = opcode == 8 ? product
                               : lanes(a, opcode == 0 ? IR_PADD : IR_PSUB, lane, old, product);
        }
    }
    a64_set_v(a, d, r[0], r[1]);
}

static void scalar_by_element(A64 *a) {
    unsigned opcode = field(a, 12, 4), lane = 8u << field(a, 22, 2);
    Input y = element(a, lane);
    if (opcode < 12) {
        scalar_different(a, y);
        return;
    }
    a64_set_scalar(a, rd(a), lane, a64_doubling_high(a, lane, opcode == 13, v_half(rn(a), 0), y));
}

/* sdot, udot: four products of bytes added to each lane of 32 bits. */
static Input dot(A64 *a, bool is_u, Input sum, Input x, Input y) {
    IrKind kind = is_u ? IR_PMULU : IR_PMULS;
    Input by = input_imm(8);
    Input even = lanes(a, kind, 8, x, y);
    Input odd = lanes(a, kind, 8, emit2(&a->e, IR_SHR, 64, x, by), emit2(&a->e, IR_SHR, 64, y, by));
    sum = lanes(a, IR_PADD, 32, sum, a64_pairs_long(a, 16, is_u, even));
    return lanes(a, IR_PADD, 32, sum, a64_pairs_long(a, 16, is_u, odd));
}

static bool dots(A64 *a) {
    bool is_indexed = a->row->kind == A64_V_DOT_INDEXED, is_u = bit(a, 29);
    Input y = INPUT_NONE, r[2] = {INPUT_NONE, input_imm(0)};
    if (a->row->name[0] == 'u' ? a->row->name[1] == 's' : a->row->name[1] == 'u')
        return false; /* signs mixed */
    if (is_indexed)
        y = lanes1(a, IR_PSPLAT, 32, element(a, 32));
    for (unsigned h = 0; h <= is_full(a); h++)
        r[h] = dot(a, is_u, v_half(rd(a), h), v_half(rn(a), h), is_indexed ? y : v_half(rm(a), h));
    a64_set_v(a, rd(a), r[0], r[1]);
    return true;
}

/* ---- Over all lanes ---- */

/* addv, smaxv ..: halves together, then each half of the rest. */
static Input folded(A64 *a, IrKind kind, unsigned lane, Input x) {
    for (unsigned by = 32; by >= lane; by /= 2)
        x = lanes(a, kind, lane, x, emit2(&a->e, IR_SHR, 64, x, input_imm(by)));
    return x;
}

static void across(A64 *a) {
    unsigned opcode = field(a, 12, 5), lane = 8u << field(a, 22, 2);
    bool is_u = bit(a, 29);
    Input x = v_half(rn(a), 0);
    if (opcode == 3) { /* saddlv, uaddlv */
        unsigned wide = lane * 2;
        Input sum = a64_pairs_long(a, lane, is_u, x);
        if (is_full(a))
            sum = lanes(a, IR_PADD, wide, sum, a64_pairs_long(a, lane, is_u, v_half(rn(a), 1)));
        a64_set_scalar(a, rd(a), wide, folded(a, IR_PADD, wide, sum));
        return;
    }
    IrKind kind = opcode == 0x1b   ? IR_PADD
                  : opcode == 0x0a ? (is_u ? IR_PMAXU : IR_PMAXS)
                                   : (is_u ? IR_PMINU : IR_PMINS);
    if (is_full(a))
        x = lanes(a, kind, lane, x, v_half(rn(a), 1));
    a64_set_scalar(a, rd(a), lane, folded(a, kind, lane, x));
}

/* ---- Shifts by a number ---- */

/* shrn and what rounds and saturates: opcodes 0x10 to 0x13. */
static void shift_narrow(A64 *a, unsigned lane, unsigned by) {
    unsigned opcode = field(a, 11, 5), wide = lane * 2, n = rn(a);
    bool is_u = bit(a, 29), rounds = opcode & 1, is_scalar = bit(a, 28);
    IrKind kind = opcode >= 0x12 ? (is_u ? IR_PPACK_UU : IR_PPACK_SS)
                  : is_u         ? IR_PPACK_US
                                 : IR_PPACK;
    bool is_logical = kind == IR_PPACK_UU || kind == IR_PPACK;
    Input r[2] = {INPUT_NONE, input_imm(0)};
    for (unsigned h = 0; h < 2 - (unsigned)is_scalar; h++) {
        r[h] = shifted_down(a, wide, is_logical, rounds, v_half(n, h), by);
    }
    Input narrow_lanes = narrowed(a, wide, kind, r[0], r[1]);
    if (is_scalar)
        a64_set_scalar(a, rd(a), lane, narrow_lanes);
    else
        set_narrow(a, narrow_lanes);
}

/* sshll, ushll: by 0 they are sxtl, uxtl. */
static void shift_long(A64 *a, unsigned lane, unsigned by) {
    Input x = v_half(rn(a), is_full(a)), r[2];
    for (unsigned h = 0; h < 2; h++) {
        r[h] = widened(a, lane, bit(a, 29), x, h);
        if (by)
            r[h] = lanes(a, IR_PSHL, lane * 2, r[h], input_imm(by));
    }
    a64_set_v(a, rd(a), r[0], r[1]);
}

/* Left with saturation: 0x0c sqshlu, 0x0e sqshl and uqshl. */
static Input saturated_left(A64 *a, unsigned lane, bool is_u, unsigned by, Input x) {
    bool to_unsigned = field(a, 11, 5) == 0x0c;
    Input up = input_imm(by), left = lanes(a, IR_PSHL, lane, x, up);
    Input back = lanes(a, is_u || to_unsigned ? IR_PSHR : IR_PSAR, lane, left, up);
    Input kept = lanes(a, IR_PEQ, lane, back, x);
    if (to_unsigned) { /* below 0: 0 */
        Input is_below = lanes(a, IR_PGTS, lane, input_imm(0), x);
        left = blend(a, kept, left, input_imm(UINT64_MAX));
        return emit2(&a->e, IR_AND, 64, left, emit1(&a->e, IR_NOT, 64, is_below));
    }
    if (is_u)
        return blend(a, kept, left, input_imm(UINT64_MAX));
    Input sign = lanes(a, IR_PSAR, lane, x, input_imm(lane - 1));
    Input most = input_imm(splat_number(ir_mask(lane) >> 1, lane));
    return blend(a, kept, left, emit2(&a->e, IR_XOR, 64, sign, most));
}

/* sri, sli: what the shift leaves free stays. */
static Input shift_insert(A64 *a, unsigned lane, bool is_left, unsigned by, Input d, Input x) {
    uint64_t mask = is_left ? ir_mask(lane) << by : by >= lane ? 0 : ir_mask(lane) >> by;
    Input moved = lanes(a, is_left ? IR_PSHL : IR_PSHR, lane, x, input_imm(by));
    Input kept = emit2(&a->e, IR_AND, 64, d, input_imm(~splat_number(mask, lane)));
    return emit2(&a->e, IR_OR, 64, moved, kept);
}

static Input shifted(A64 *a, unsigned lane, unsigned right, unsigned left, Input d, Input x) {
    unsigned opcode = field(a, 11, 5);
    bool is_u = bit(a, 29);
    switch (opcode) {
    case 0x00:
    case 0x04:
        return shifted_down(a, lane, is_u, opcode == 4, x, right);
    case 0x02:
    case 0x06:
        return lanes(a, IR_PADD, lane, d, shifted_down(a, lane, is_u, opcode == 6, x, right));
    case 0x08:
        return shift_insert(a, lane, false, right, d, x);
    case 0x0a:
        return is_u ? shift_insert(a, lane, true, left, d, x)
                    : lanes(a, IR_PSHL, lane, x, input_imm(left));
    default:
        return saturated_left(a, lane, is_u, left, x);
    }
}

bool lift_a64_shift(A64 *a) {
    A64Class kind = a->row->kind;
    if (kind != A64_V_SHIFT && kind != A64_S_SHIFT)
        return false;
    unsigned immh = field(a, 19, 4), all = field(a, 16, 7), lane = 8, opcode = field(a, 11, 5);
    while (lane * 2 <= immh * 8)
        lane *= 2;
    unsigned right = 2 * lane - all, left = all - lane, d = rd(a);
    if (opcode >= 0x10 && opcode < 0x14) {
        shift_narrow(a, lane, right);
        return true;
    }
    if (opcode == 0x14) {
        shift_long(a, lane, left);
        return true;
    }
    if (kind == A64_S_SHIFT) {
        a64_set_scalar(a, d, lane, shifted(a, lane, right, left, v_half(d, 0), v_half(rn(a), 0)));
        return true;
    }
    for (unsigned h = 0; h <= is_full(a); h++)
        emit_set(&a->e, v_slot(d, h), 64,
                 shifted(a, lane, right, left, v_half(d, h), v_half(rn(a), h)));
    if (!is_full(a))
        emit_set(&a->e, v_slot(d, 1), 64, input_imm(0));
    return true;
}

bool lift_a64_wide(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_V_MISC:
        return narrow(a) || shift_left_long(a);
    case A64_S_MISC:
        return narrow(a);
    case A64_V_DIFFERENT:
        three_different(a);
        return true;
    case A64_S_DIFFERENT:
        scalar_different(a, v_half(rm(a), 0));
        return true;
    case A64_V_INDEXED:
        by_element(a);
        return true;
    case A64_S_INDEXED:
        scalar_by_element(a);
        return true;
    case A64_V_DOT:
    case A64_V_DOT_INDEXED:
        return dots(a);
    case A64_V_ACROSS:
        across(a);
        return true;
    default:
        return false;
    }
}
