/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_shuffle.c: lanes that change places: copies, permutations, tables. */
#include "value/lift_arm64.h"

/* imm5: the lowest set bit is the lane's width, what is above it its number. */
typedef struct Lane {
    unsigned bits, index;
} Lane;

static Lane lane_of(unsigned imm5) {
    unsigned size = 0;
    while (size < 3 && !(imm5 >> size & 1))
        size++;
    return (Lane){8u << size, imm5 >> (size + 1)};
}

static Input get_lane(A64 *a, unsigned n, Lane lane) {
    unsigned at = lane.index * lane.bits;
    Input half = v_half(n, at / 64 & 1);
    return lane.bits == 64 ? half : emit_extract(&a->e, lane.bits, half, at % 64);
}

static void set_lane(A64 *a, unsigned d, Lane lane, Input v) {
    unsigned at = lane.index * lane.bits;
    uint16_t slot = v_slot(d, at / 64 & 1);
    if (lane.bits == 64)
        emit_set(&a->e, slot, 64, v);
    else
        emit_insert_to(&a->e, slot, lane.bits, input_slot(slot), v, at % 64);
}

static void duplicate(A64 *a, Input v, unsigned bits) {
    if (bits < 64)
        v = lanes1(a, IR_PSPLAT, bits, v);
    else
        v = emit_move(&a->e, 64, v);
    a64_set_v(a, rd(a), v, is_full(a) ? v : input_imm(0));
}

static bool copy(A64 *a) {
    Lane lane = lane_of(field(a, 16, 5));
    switch ((int)a->row->kind) {
    case A64_V_DUP_LANE:
        duplicate(a, get_lane(a, rn(a), lane), lane.bits);
        return true;
    case A64_V_DUP:
        duplicate(a, x_reg(rn(a)), lane.bits);
        return true;
    case A64_S_DUP_LANE:
        a64_set_scalar(a, rd(a), lane.bits, get_lane(a, rn(a), lane));
        return true;
    case A64_V_GET: {
        Input v = get_lane(a, rn(a), lane);
        if (bit(a, 12))
            emit_set(&a->e, x_out(a, rd(a)), lane.bits, v);
        else
            emit_sext_to(&a->e, x_out(a, rd(a)), is_full(a) ? 64 : 32, lane.bits, v);
        return true;
    }
    case A64_V_INSERT:
        set_lane(a, rd(a), lane, x_reg(rn(a)));
        return true;
    case A64_V_INSERT_LANE: {
        Lane from = {lane.bits, field(a, 11, 4) * 8 / lane.bits};
        set_lane(a, rd(a), lane, get_lane(a, rn(a), from));
        return true;
    }
    default:
        return false;
    }
}

/* Even (or odd) lanes of x, then of y. */
static Input unzipped(A64 *a, unsigned lane, bool odd, Input x, Input y) {
    if (odd) {
        x = emit2(&a->e, IR_SHR, 64, x, input_imm(lane));
        y = emit2(&a->e, IR_SHR, 64, y, input_imm(lane));
    }
    return lanes(a, IR_PPACK, lane, x, y);
}

static Input transposed(A64 *a, unsigned lane, bool odd, Input x, Input y) {
    uint64_t even_mask = splat_number(ir_mask(lane), lane * 2);
    if (odd) {
        x = lanes(a, IR_PSHR, lane * 2, x, input_imm(lane));
        y = emit2(&a->e, IR_AND, 64, y, input_imm(~even_mask));
    } else {
        x = emit2(&a->e, IR_AND, 64, x, input_imm(even_mask));
        y = lanes(a, IR_PSHL, lane * 2, y, input_imm(lane));
    }
    return emit2(&a->e, IR_OR, 64, x, y);
}

static void permute(A64 *a) {
    unsigned lane = 8u << field(a, 22, 2), op = field(a, 12, 2), n = rn(a), m = rm(a);
    bool second = bit(a, 14), full = is_full(a);
    Input x[2] = {v_half(n, 0), v_half(n, 1)}, y[2] = {v_half(m, 0), v_half(m, 1)}, low, high;
    if (lane == 64) { /* all three alike */
        a64_set_v(a, rd(a), second ? emit_move(&a->e, 64, x[1]) : x[0],
                  emit_move(&a->e, 64, y[second]));
        return;
    }
    switch (op) {
    case 1: /* uzp */
        low = full ? unzipped(a, lane, second, x[0], x[1]) : unzipped(a, lane, second, x[0], y[0]);
        high = full ? unzipped(a, lane, second, y[0], y[1]) : input_imm(0);
        break;
    case 2: /* trn */
        low = transposed(a, lane, second, x[0], y[0]);
        high = full ? transposed(a, lane, second, x[1], y[1]) : input_imm(0);
        break;
    default: /* zip */
        if (full) {
            low = lanes(a, IR_PUNPACKL, lane, x[second], y[second]);
            high = lanes(a, IR_PUNPACKH, lane, x[second], y[second]);
        } else {
            low = lanes(a, second ? IR_PUNPACKH : IR_PUNPACKL, lane, x[0], y[0]);
            high = input_imm(0);
        }
    }
    a64_set_v(a, rd(a), low, high);
}

/* Bytes from imm on of n followed by m. */
static void concatenated(A64 *a) {
    Emit *e = &a->e;
    unsigned imm = field(a, 11, 4), at = imm % 8 * 8, n = rn(a), m = rm(a);
    Input all[4] = {v_half(n, 0), v_half(n, 1), v_half(m, 0), v_half(m, 1)}, r[2];
    if (!is_full(a))
        all[1] = all[2];
    for (unsigned h = 0; h <= is_full(a); h++) {
        Input first = all[imm / 8 + h];
        if (at == 0) {
            r[h] = emit_move(e, 64, first);
            continue;
        }
        Input low = emit2(e, IR_SHR, 64, first, input_imm(at));
        Input next = emit2(e, IR_SHL, 64, all[imm / 8 + h + 1], input_imm(64 - at));
        r[h] = emit2(e, IR_OR, 64, low, next);
    }
    a64_set_v(a, rd(a), r[0], is_full(a) ? r[1] : input_imm(0));
}

/* tbl, tbx: bytes chosen from one to four registers. */
static void table(A64 *a) {
    Emit *e = &a->e;
    unsigned count = field(a, 13, 2) + 1, n = rn(a);
    Input r[2] = {INPUT_NONE, input_imm(0)};
    for (unsigned h = 0; h <= is_full(a); h++) {
        Input chosen = v_half(rm(a), h), sum = INPUT_NONE;
        for (unsigned i = 0; i < count; i++) {
            Input index = chosen;
            if (i > 0) /* what is below becomes large, and gives 0 */
                index = lanes(a, IR_PSUB, 8, chosen, input_imm(splat_number(16 * i, 8)));
            Input part = emit3(e, IR_PTABLE, 64, v_half(n + i, 0), v_half(n + i, 1), index);
            sum = i > 0 ? emit2(e, IR_OR, 64, sum, part) : part;
        }
        if (bit(a, 12)) { /* tbx: out of range stays */
            Input limit = input_imm(splat_number(16 * count, 8));
            Input is_inside = lanes(a, IR_PGTU, 8, limit, chosen);
            sum = blend(a, is_inside, sum, v_half(rd(a), h));
        }
        r[h] = sum;
    }
    a64_set_v(a, rd(a), r[0], r[1]);
}

bool lift_a64_shuffle(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_V_PERMUTE:
        permute(a);
        return true;
    case A64_V_EXT:
        concatenated(a);
        return true;
    case A64_V_TABLE:
        table(a);
        return true;
    default:
        return copy(a);
    }
}
