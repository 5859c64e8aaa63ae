/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_lanes.c: integers in lanes that stay in their place and width: three registers alike,
 * two registers, logic, immediates, pairs, AES. */
#include "value/lift_arm64.h"

static Input inverted(A64 *a, Input v) { return emit1(&a->e, IR_NOT, 64, v); }

static Input logic(A64 *a, IrKind kind, Input x, Input y) { return emit2(&a->e, kind, 64, x, y); }

/* (x + y) / 2 rounded down or up, (x - y) / 2, without the sum's carry. */
static Input halved(A64 *a, unsigned lane, bool is_u, unsigned opcode, Input x, Input y) {
    if (opcode == 2 && is_u)
        return lanes(a, IR_PAVG, lane, x, y);
    Input half = lanes(a, is_u ? IR_PSHR : IR_PSAR, lane, logic(a, IR_XOR, x, y), input_imm(1));
    if (opcode == 0)
        return lanes(a, IR_PADD, lane, logic(a, IR_AND, x, y), half);
    if (opcode == 2)
        return lanes(a, IR_PSUB, lane, logic(a, IR_OR, x, y), half);
    return lanes(a, IR_PSUB, lane, half, logic(a, IR_AND, inverted(a, x), y));
}

/* What a saturated lane holds: all ones, or the border on x's side. */
static Input border(A64 *a, unsigned lane, bool is_u, Input x) {
    if (is_u)
        return input_imm(UINT64_MAX);
    Input sign = lanes(a, IR_PSAR, lane, x, input_imm(lane - 1));
    return logic(a, IR_XOR, sign, input_imm(splat_number(ir_mask(lane) >> 1, lane)));
}

/* By the signed low byte of each lane of y: left, or right when it is negative. opcode bit 0:
 * saturating, bit 1: rounding. */
static Input shifted_by(A64 *a, unsigned lane, bool is_u, unsigned opcode, Input x, Input y) {
    IrKind down = is_u ? IR_PSHRV : IR_PSARV;
    Input by = y, zero = input_imm(0);
    if (lane > 8) {
        by = lanes(a, IR_PSHL, lane, by, input_imm(lane - 8));
        by = lanes(a, IR_PSAR, lane, by, input_imm(lane - 8));
    }
    Input back = lanes(a, IR_PSUB, lane, zero, by);
    Input is_right = lanes(a, IR_PGTS, lane, zero, by);
    Input left = lanes(a, IR_PSHLV, lane, x, by);
    Input right = lanes(a, down, lane, x, back);
    if (opcode & 1) {
        Input kept = lanes(a, IR_PEQ, lane, lanes(a, down, lane, left, by), x);
        left = blend(a, kept, left, border(a, lane, is_u, x));
    }
    if (opcode & 2) { /* the last bit that goes out is added */
        Input ones = input_imm(splat_number(1, lane));
        Input last = lanes(a, down, lane, x, lanes(a, IR_PSUB, lane, back, ones));
        right = lanes(a, IR_PADD, lane, right, logic(a, IR_AND, last, ones));
    }
    return blend(a, is_right, right, left);
}

static Input difference(A64 *a, unsigned lane, bool is_u, Input x, Input y) {
    Input most = lanes(a, is_u ? IR_PMAXU : IR_PMAXS, lane, x, y);
    return lanes(a, IR_PSUB, lane, most, lanes(a, is_u ? IR_PMINU : IR_PMINS, lane, x, y));
}

/* Products of polynomials over bytes, low halves. */
static Input polynomial(A64 *a, Input x, Input y) {
    Input all = input_imm(0);
    for (unsigned at = 0; at < 64; at += 8) {
        Input p = emit2(&a->e, IR_CLMUL, 64, emit_extract(&a->e, 8, x, at),
                        emit_extract(&a->e, 8, y, at));
        uint16_t out = emit_temp(&a->e);
        emit_insert_to(&a->e, out, 8, all, p, at);
        all = input_slot(out);
    }
    return all;
}

Input a64_doubling_high(A64 *a, unsigned lane, bool rounds, Input x, Input y) {
    Input least = input_imm(splat_number((uint64_t)1 << (lane - 1), lane)), one = input_imm(1);
    Input high = lanes(a, IR_PSHL, lane, lanes(a, IR_PMULHS, lane, x, y), one);
    Input low = lanes(a, IR_PMUL, lane, x, y);
    Input r = lanes(a, IR_PADD, lane, high, lanes(a, IR_PSHR, lane, low, input_imm(lane - 1)));
    if (rounds) {
        Input next = lanes(a, IR_PSHL, lane, low, one);
        r = lanes(a, IR_PADD, lane, r, lanes(a, IR_PSHR, lane, next, input_imm(lane - 1)));
    }
    /* Only the square of the least number does not fit. */
    Input both =
        logic(a, IR_AND, lanes(a, IR_PEQ, lane, x, least), lanes(a, IR_PEQ, lane, y, least));
    return logic(a, IR_XOR, r, both);
}

static Input compared(A64 *a, unsigned lane, bool is_u, unsigned opcode, Input x, Input y) {
    IrKind greater = is_u ? IR_PGTU : IR_PGTS;
    if (opcode == 6)
        return lanes(a, greater, lane, x, y);
    return inverted(a, lanes(a, greater, lane, y, x));
}

static Input same_arithmetic(A64 *a, unsigned lane, bool is_u, unsigned opcode, const Input in[3]) {
    Input d = in[0], x = in[1], y = in[2];
    switch (opcode) {
    case 0x0c:
        return lanes(a, is_u ? IR_PMAXU : IR_PMAXS, lane, x, y);
    case 0x0d:
        return lanes(a, is_u ? IR_PMINU : IR_PMINS, lane, x, y);
    case 0x0e:
        return difference(a, lane, is_u, x, y);
    case 0x0f:
        return lanes(a, IR_PADD, lane, d, difference(a, lane, is_u, x, y));
    case 0x10:
        return lanes(a, is_u ? IR_PSUB : IR_PADD, lane, x, y);
    case 0x11:
        if (is_u)
            return lanes(a, IR_PEQ, lane, x, y);
        return inverted(a, lanes(a, IR_PEQ, lane, logic(a, IR_AND, x, y), input_imm(0)));
    case 0x12:
        return lanes(a, is_u ? IR_PSUB : IR_PADD, lane, d, lanes(a, IR_PMUL, lane, x, y));
    case 0x13:
        return is_u ? polynomial(a, x, y) : lanes(a, IR_PMUL, lane, x, y);
    default:
        return a64_doubling_high(a, lane, is_u, x, y);
    }
}

/* One half of the result of in = {d, n, m}. */
static Input same(A64 *a, unsigned lane, const Input in[3]) {
    bool is_u = bit(a, 29);
    unsigned opcode = field(a, 11, 5);
    Input x = in[1], y = in[2];
    switch (opcode) {
    case 0x00:
    case 0x02:
    case 0x04:
        return halved(a, lane, is_u, opcode, x, y);
    case 0x01:
        return lanes(a, is_u ? IR_PADD_US : IR_PADD_SS, lane, x, y);
    case 0x05:
        return lanes(a, is_u ? IR_PSUB_US : IR_PSUB_SS, lane, x, y);
    case 0x06:
    case 0x07:
        return compared(a, lane, is_u, opcode, x, y);
    case 0x08:
    case 0x09:
    case 0x0a:
    case 0x0b:
        return shifted_by(a, lane, is_u, opcode & 3, x, y);
    default:
        return same_arithmetic(a, lane, is_u, opcode, in);
    }
}

/* Neighbours: the even ones and the odd ones of n, then of m. */
static Input pairs(A64 *a, unsigned lane, Input low, Input high) {
    bool is_u = bit(a, 29);
    unsigned opcode = field(a, 11, 5);
    Input even = low, odd = high;
    if (lane < 64) {
        Input by = input_imm(lane);
        even = lanes(a, IR_PPACK, lane, low, high);
        odd = lanes(a, IR_PPACK, lane, emit2(&a->e, IR_SHR, 64, low, by),
                    emit2(&a->e, IR_SHR, 64, high, by));
    }
    if (opcode == 0x17)
        return lanes(a, IR_PADD, lane, even, odd);
    IrKind kind = opcode == 0x14 ? (is_u ? IR_PMAXU : IR_PMAXS) : (is_u ? IR_PMINU : IR_PMINS);
    return lanes(a, kind, lane, even, odd);
}

static void three_same(A64 *a) {
    unsigned lane = 8u << field(a, 22, 2), d = rd(a), n = rn(a), m = rm(a),
             opcode = field(a, 11, 5);
    bool is_pairwise = opcode == 0x14 || opcode == 0x15 || opcode == 0x17;
    if (is_pairwise) {
        Input low = is_full(a) ? pairs(a, lane, v_half(n, 0), v_half(n, 1))
                               : pairs(a, lane, v_half(n, 0), v_half(m, 0));
        a64_set_v(a, d, low,
                  is_full(a) ? pairs(a, lane, v_half(m, 0), v_half(m, 1)) : input_imm(0));
        return;
    }
    for (unsigned h = 0; h <= is_full(a); h++) {
        Input in[3] = {v_half(d, h), v_half(n, h), v_half(m, h)};
        emit_set(&a->e, v_slot(d, h), 64, same(a, lane, in));
    }
    if (!is_full(a))
        emit_set(&a->e, v_slot(d, 1), 64, input_imm(0));
}

static void scalar_same(A64 *a) {
    unsigned lane = 8u << field(a, 22, 2);
    Input in[3] = {v_half(rd(a), 0), v_half(rn(a), 0), v_half(rm(a), 0)};
    a64_set_scalar(a, rd(a), lane, same(a, lane, in));
}

/* Leading zeros of each lane: ones below the first, counted. */
static Input leading_zeros(A64 *a, unsigned lane, Input x) {
    for (unsigned by = 1; by < lane; by *= 2)
        x = logic(a, IR_OR, x, lanes(a, IR_PSHR, lane, x, input_imm(by)));
    Input ones = lanes1(a, IR_PPOPCNT, lane, x);
    return lanes(a, IR_PSUB, lane, input_imm(splat_number(lane, lane)), ones);
}

/* Sums of neighbours, twice as wide. */
Input a64_pairs_long(A64 *a, unsigned lane, bool is_u, Input x) {
    unsigned wide = lane * 2;
    Input by = input_imm(lane);
    IrKind down = is_u ? IR_PSHR : IR_PSAR;
    if (wide == 64 && is_u)
        return emit2(&a->e, IR_ADD, 64, emit_move(&a->e, 32, x), emit2(&a->e, IR_SHR, 64, x, by));
    Input even = lanes(a, down, wide, lanes(a, IR_PSHL, wide, x, by), by);
    return lanes(a, IR_PADD, wide, even, lanes(a, down, wide, x, by));
}

static Input with_zero(A64 *a, unsigned lane, bool is_u, unsigned opcode, Input x) {
    Input zero = input_imm(0);
    switch (opcode) {
    case 0x08: /* cmgt, cmge */
        return is_u ? inverted(a, lanes(a, IR_PGTS, lane, zero, x))
                    : lanes(a, IR_PGTS, lane, x, zero);
    case 0x09: /* cmeq, cmle */
        return is_u ? inverted(a, lanes(a, IR_PGTS, lane, x, zero))
                    : lanes(a, IR_PEQ, lane, x, zero);
    case 0x0a:
        return lanes(a, IR_PGTS, lane, zero, x);
    default:
        return is_u ? lanes(a, IR_PSUB, lane, zero, x) : lanes1(a, IR_PABS, lane, x);
    }
}

/* One half; slot SLOT_NONE: not here. */
static Input misc(A64 *a, unsigned lane, Input d, Input x) {
    bool is_u = bit(a, 29);
    unsigned opcode = field(a, 12, 5);
    switch (opcode) {
    case 0x00:
        return reverse_lanes(a, lane, is_u ? 32 : 64, x);
    case 0x01:
        return reverse_lanes(a, lane, 16, x);
    case 0x02:
        return a64_pairs_long(a, lane, is_u, x);
    case 0x04:
        if (!is_u) { /* cls: bits below the top that are equal to it */
            x = logic(a, IR_XOR, x, lanes(a, IR_PSHL, lane, x, input_imm(1)));
            x = logic(a, IR_OR, x, input_imm(splat_number(1, lane)));
        }
        return leading_zeros(a, lane, x);
    case 0x05:
        if (!is_u)
            return lanes1(a, IR_PPOPCNT, 8, x);
        if (!bit(a, 22))
            return inverted(a, x);
        return reverse_lanes(a, 8, 64, emit1(&a->e, IR_RBIT, 64, x));
    case 0x06:
        return lanes(a, IR_PADD, lane * 2, d, a64_pairs_long(a, lane, is_u, x));
    case 0x07: {
        if (is_u)
            return lanes(a, IR_PSUB_SS, lane, input_imm(0), x);
        Input r = lanes1(a, IR_PABS, lane, x); /* the least number stays: one less then */
        return lanes(a, IR_PSUB, lane, r, lanes(a, IR_PSHR, lane, r, input_imm(lane - 1)));
    }
    case 0x08:
    case 0x09:
    case 0x0a:
    case 0x0b:
        return with_zero(a, lane, is_u, opcode, x);
    default:
        return INPUT_NONE;
    }
}

static bool two_registers(A64 *a) {
    unsigned lane = 8u << field(a, 22, 2), d = rd(a), n = rn(a);
    for (unsigned h = 0; h <= is_full(a); h++) {
        Input r = misc(a, lane, v_half(d, h), v_half(n, h));
        if (r.slot == SLOT_NONE)
            return false;
        emit_set(&a->e, v_slot(d, h), 64, r);
    }
    if (!is_full(a))
        emit_set(&a->e, v_slot(d, 1), 64, input_imm(0));
    return true;
}

static bool scalar_misc(A64 *a) {
    unsigned lane = 8u << field(a, 22, 2);
    Input r = misc(a, lane, v_half(rd(a), 0), v_half(rn(a), 0));
    if (r.slot != SLOT_NONE)
        a64_set_scalar(a, rd(a), lane, r);
    return r.slot != SLOT_NONE;
}

static void logic_three(A64 *a) {
    unsigned d = rd(a), n = rn(a), m = rm(a);
    for (unsigned h = 0; h <= is_full(a); h++) {
        Input x = v_half(n, h), y = v_half(m, h), old = v_half(d, h), r;
        switch (field(a, 22, 2) | (unsigned)bit(a, 29) << 2) {
        case 0:
            r = logic(a, IR_AND, x, y);
            break;
        case 1:
            r = logic(a, IR_AND, x, inverted(a, y));
            break;
        case 2:
            r = n == m ? x : logic(a, IR_OR, x, y); /* mov */
            break;
        case 3:
            r = logic(a, IR_OR, x, inverted(a, y));
            break;
        case 4:
            r = logic(a, IR_XOR, x, y);
            break;
        case 5:
            r = blend(a, old, x, y);
            break;
        case 6:
            r = blend(a, y, x, old);
            break;
        default:
            r = blend(a, y, old, x);
        }
        emit_set(&a->e, v_slot(d, h), 64, r);
    }
    if (!is_full(a))
        emit_set(&a->e, v_slot(d, 1), 64, input_imm(0));
}

/* eor3, bcax, and rax1, xar of SHA-3. */
static void logic_more(A64 *a) {
    unsigned d = rd(a), n = rn(a), m = rm(a), c = ra(a);
    bool is_rax = strcmp(a->row->name, "rax1") == 0;
    for (unsigned h = 0; h < 2; h++) {
        Input x = v_half(n, h), y = v_half(m, h), r;
        if (is_rax) {
            r = logic(a, IR_XOR, x, emit2(&a->e, IR_ROL, 64, y, input_imm(1)));
        } else if (a->row->kind == A64_V_RAX) {
            r = logic(a, IR_XOR, x, y);
            r = emit2(&a->e, IR_ROR, 64, r, input_imm(field(a, 10, 6)));
        } else if (bit(a, 21)) {
            r = logic(a, IR_XOR, x, logic(a, IR_AND, y, inverted(a, v_half(c, h))));
        } else {
            r = logic(a, IR_XOR, logic(a, IR_XOR, x, y), v_half(c, h));
        }
        emit_set(&a->e, v_slot(d, h), 64, r);
    }
}

/* Manual, AdvSIMDExpandImm. */
static uint64_t expanded(unsigned op, unsigned cmode, bool o2, uint64_t imm8) {
    uint64_t r = 0, sign = imm8 >> 7, low = imm8 & 0x3f, b = imm8 >> 6 & 1;
    switch (cmode >> 1) {
    case 0:
    case 1:
    case 2:
    case 3:
        return splat_number(imm8 << (cmode >> 1) * 8, 32);
    case 4:
    case 5:
        return splat_number(imm8 << (cmode >> 1 & 1) * 8, 16);
    case 6:
        return splat_number(cmode & 1 ? imm8 << 16 | 0xffff : imm8 << 8 | 0xff, 32);
    default:
        break;
    }
    if (!(cmode & 1) && !op)
        return splat_number(imm8, 8);
    if (!(cmode & 1)) {
        for (unsigned i = 0; i < 8; i++)
            r |= (imm8 >> i & 1 ? (uint64_t)0xff : 0) << i * 8;
        return r;
    }
    if (o2) /* half */
        return splat_number(sign << 15 | (b ? 0x3000u : 0x4000u) | low << 6, 16);
    if (!op)
        return splat_number(sign << 31 | (b ? 0x3e000000u : 0x40000000u) | low << 19, 32);
    return sign << 63 | (b ? (uint64_t)0x3fc0 << 48 : (uint64_t)0x4000 << 48) | low << 48;
}

static void immediate(A64 *a) {
    unsigned cmode = field(a, 12, 4), op = bit(a, 29), d = rd(a);
    uint64_t imm = expanded(op, cmode, bit(a, 11), field(a, 16, 3) << 5 | field(a, 5, 5));
    bool changes = (cmode & 1) && cmode < 12; /* orr, bic */
    if (op && cmode < 14 && !changes)
        imm = ~imm;
    for (unsigned h = 0; h < 2; h++) {
        Input r = input_imm(h && !is_full(a) ? 0 : imm);
        if (changes && (h == 0 || is_full(a)))
            r = op ? logic(a, IR_AND, v_half(d, h), input_imm(~imm))
                   : logic(a, IR_OR, v_half(d, h), input_imm(imm));
        emit_set(&a->e, v_slot(d, h), 64, r);
    }
}

/* AES works on the whole state. */
static void aes(A64 *a) {
    static const IrKind kinds[] = {IR_AESENCLAST, IR_AESDECLAST, IR_AESMC, IR_AESIMC};
    unsigned op = field(a, 12, 2), d = rd(a), n = rn(a);
    Input state[2], r[2];
    for (unsigned h = 0; h < 2; h++)
        state[h] = op < 2 ? logic(a, IR_XOR, v_half(d, h), v_half(n, h)) : v_half(n, h);
    for (unsigned h = 0; h < 2; h++) {
        IrOp *o = emit_new(&a->e, kinds[op], 64, emit_temp(&a->e));
        o->a = state[0].slot;
        o->b = state[1].slot;
        o->imm = h;
        r[h] = input_slot(o->out);
    }
    a64_set_v(a, d, r[0], r[1]);
}

bool lift_a64_lanes(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_V_SAME:
        three_same(a);
        return true;
    case A64_S_SAME:
        scalar_same(a);
        return true;
    case A64_V_MISC:
        return two_registers(a);
    case A64_S_MISC:
        return scalar_misc(a);
    case A64_V_LOGIC:
        logic_three(a);
        return true;
    case A64_V_LOGIC3:
    case A64_V_RAX:
        logic_more(a);
        return true;
    case A64_V_IMM:
        immediate(a);
        return true;
    case A64_S_PAIR: /* addp d, v.2d */
        a64_set_scalar(a, rd(a), 64, emit2(&a->e, IR_ADD, 64, v_half(rn(a), 0), v_half(rn(a), 1)));
        return true;
    case A64_AES:
        aes(a);
        return true;
    default:
        return false;
    }
}
