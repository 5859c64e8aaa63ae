/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_atomic.c: exclusive, ordered and atomic accesses, as one thread sees them; structures
 * of vectors. */
#include "value/lift_arm64.h"

static Place at_base(const A64 *a, uint64_t off) {
    return (Place){.base = (uint16_t)rn(a), .off = off};
}

/* An exclusive store succeeds. */
static void exclusive(A64 *a) {
    Emit *e = &a->e;
    A64Class kind = a->row->kind;
    bool is_pair = kind == A64_LOAD_EX_PAIR || kind == A64_STORE_EX_PAIR;
    bool has_status = !bit(a, 23) && (kind == A64_STORE_EX || kind == A64_STORE_EX_PAIR);
    unsigned bits = 8u << (a->w >> 30), t = rd(a), u = ra(a), s = rm(a);
    if (kind == A64_LOAD_EX || kind == A64_LOAD_EX_PAIR) {
        Input low = emit_load(e, bits, at_base(a, 0));
        if (is_pair)
            emit_load_to(e, x_out(a, u), bits, at_base(a, bits / 8));
        emit_set(e, x_out(a, t), bits, low);
        return;
    }
    emit_store(e, bits, at_base(a, 0), x_reg(t));
    if (is_pair)
        emit_store(e, bits, at_base(a, bits / 8), x_reg(u));
    if (has_status)
        emit_set(e, x_out(a, s), 32, input_imm(0));
}

static void compare_and_swap(A64 *a) {
    Emit *e = &a->e;
    unsigned bits = 8u << (a->w >> 30), s = rm(a);
    Input old = emit_load(e, bits, at_base(a, 0));
    Input is = emit2(e, IR_EQ, bits, old, x_reg(s));
    Input new = emit3(e, IR_SELECT, bits, is, x_reg(rd(a)), old);
    emit_store(e, bits, at_base(a, 0), new);
    emit_set(e, x_out(a, s), bits, old);
}

static void compare_and_swap_pair(A64 *a) {
    Emit *e = &a->e;
    unsigned bits = bit(a, 30) ? 64 : 32, s = rm(a), t = rd(a);
    Input old[2], same[2];
    for (unsigned i = 0; i < 2; i++) {
        old[i] = emit_load(e, bits, at_base(a, i * bits / 8));
        same[i] = emit2(e, IR_EQ, bits, old[i], x_reg(s + i));
    }
    Input is = emit2(e, IR_AND, 1, same[0], same[1]);
    for (unsigned i = 0; i < 2; i++) {
        Input new = emit3(e, IR_SELECT, bits, is, x_reg(t + i), old[i]);
        emit_store(e, bits, at_base(a, i * bits / 8), new);
    }
    for (unsigned i = 0; i < 2; i++)
        emit_set(e, x_out(a, s + i), bits, old[i]);
}

static Input combined(A64 *a, unsigned bits, Input old, Input by) {
    Emit *e = &a->e;
    unsigned op = field(a, 12, 3);
    if (bit(a, 15)) /* swp */
        return by;
    switch (op) {
    case 0:
        return emit2(e, IR_ADD, bits, old, by);
    case 1:
        return emit2(e, IR_AND, bits, old, emit1(e, IR_NOT, bits, by));
    case 2:
        return emit2(e, IR_XOR, bits, old, by);
    case 3:
        return emit2(e, IR_OR, bits, old, by);
    default: {
        Input less = emit2(e, op < 6 ? IR_SLT : IR_ULT, bits, old, by);
        return op & 1 ? emit3(e, IR_SELECT, bits, less, old, by)
                      : emit3(e, IR_SELECT, bits, less, by, old);
    }
    }
}

static void atomic(A64 *a) {
    Emit *e = &a->e;
    unsigned bits = 8u << (a->w >> 30);
    Input old = emit_load(e, bits, at_base(a, 0));
    emit_store(e, bits, at_base(a, 0), combined(a, bits, old, x_reg(rm(a))));
    if (rd(a) != A64_ZR)
        emit_set(e, x_out(a, rd(a)), bits, old);
}

/* Eight registers to or from 64 bytes; what the device answers is not known. */
static bool block_64(A64 *a) {
    bool is_load = a->row->name[0] == 'l';
    if (!is_load && field(a, 12, 3) != 1)
        return false;
    Input first = INPUT_NONE;
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = rd(a) + i;
        if (!is_load)
            emit_store(&a->e, 64, at_base(a, 8 * i), x_reg(r));
        else if (i == 0)
            first = emit_load(&a->e, 64, at_base(a, 0));
        else if (r != rn(a))
            emit_load_to(&a->e, x_out(a, r), 64, at_base(a, 8 * i));
    }
    if (is_load && rn(a) > rd(a) && rn(a) < rd(a) + 8)
        emit_load_to(&a->e, x_out(a, rn(a)), 64, at_base(a, 8 * (rn(a) - rd(a))));
    if (is_load)
        emit_set(&a->e, x_out(a, rd(a)), 64, first);
    return true;
}

bool lift_a64_atomic(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_LOAD_EX:
    case A64_STORE_EX:
    case A64_LOAD_EX_PAIR:
    case A64_STORE_EX_PAIR:
        exclusive(a);
        return true;
    case A64_CAS:
        compare_and_swap(a);
        return true;
    case A64_CASP:
        compare_and_swap_pair(a);
        return true;
    case A64_ATOMIC:
        atomic(a);
        return true;
    case A64_BLOCK_64:
        return block_64(a);
    default:
        return false;
    }
}

/* ---- Structures: ld1..ld4, st1..st4 ---- */

/* The base after the access: plus a register, or plus all bytes. */
static void step_base(A64 *a, unsigned bytes) {
    if (!bit(a, 23))
        return;
    unsigned n = rn(a), m = rm(a);
    Input by = m == A64_ZR ? input_imm(bytes) : x_reg(m);
    emit_to(&a->e, x_or_sp_out(n), IR_ADD, 64, x_or_sp(n), by, INPUT_NONE);
}

/* One lane of a register from or to memory. */
static void lane_access(A64 *a, unsigned t, unsigned bits, unsigned index, Place place) {
    unsigned at = index * bits % 64;
    uint16_t slot = v_slot(t, index * bits / 64);
    if (!bit(a, 22))
        emit_store(&a->e, bits, place,
                   at ? emit_extract(&a->e, bits, input_slot(slot), at) : input_slot(slot));
    else if (bits == 64)
        emit_load_to(&a->e, slot, 64, place);
    else
        emit_insert_to(&a->e, slot, bits, input_slot(slot), emit_load(&a->e, bits, place), at);
}

/* Whole registers one after the other. */
static void multiple_plain(A64 *a, unsigned count) {
    unsigned halves = is_full(a) ? 2 : 1, off = 0;
    for (unsigned r = 0; r < count; r++) {
        for (unsigned h = 0; h < halves; h++, off += 8) {
            uint16_t slot = v_slot(rd(a) + r, h);
            if (bit(a, 22))
                emit_load_to(&a->e, slot, 64, at_base(a, off));
            else
                emit_store(&a->e, 64, at_base(a, off), input_slot(slot));
        }
        if (bit(a, 22) && !is_full(a))
            emit_set(&a->e, v_slot(rd(a) + r, 1), 64, input_imm(0));
    }
    step_base(a, off);
}

/* Lane i of all registers, then lane i + 1. */
static void multiple_interleaved(A64 *a, unsigned count) {
    unsigned bits = 8u << field(a, 10, 2), lanes_count = (is_full(a) ? 128 : 64) / bits, off = 0;
    for (unsigned i = 0; i < lanes_count; i++)
        for (unsigned r = 0; r < count; r++, off += bits / 8)
            lane_access(a, rd(a) + r, bits, i, at_base(a, off));
    for (unsigned r = 0; bit(a, 22) && !is_full(a) && r < count; r++)
        emit_set(&a->e, v_slot(rd(a) + r, 1), 64, input_imm(0));
    step_base(a, off);
}

static void multiple(A64 *a) {
    switch (field(a, 12, 4)) {
    case 0:
        multiple_interleaved(a, 4);
        break;
    case 4:
        multiple_interleaved(a, 3);
        break;
    case 8:
        multiple_interleaved(a, 2);
        break;
    case 2:
        multiple_plain(a, 4);
        break;
    case 6:
        multiple_plain(a, 3);
        break;
    case 10:
        multiple_plain(a, 2);
        break;
    default:
        multiple_plain(a, 1);
    }
}

static unsigned structure_registers(const A64 *a) {
    return (unsigned)bit(a, 13) * 2 + bit(a, 21) + 1;
}

static void single(A64 *a) {
    unsigned size = field(a, 10, 2), s = bit(a, 12), q = is_full(a), scale = field(a, 14, 2);
    unsigned bits = 8u << (scale == 2 && size == 1 ? 3 : scale), off = 0;
    unsigned all = q << 3 | s << 2 | size, index = all >> (scale == 2 && size == 1 ? 3 : scale);
    for (unsigned r = 0; r < structure_registers(a); r++, off += bits / 8)
        lane_access(a, rd(a) + r, bits, index, at_base(a, off));
    step_base(a, off);
}

static void replicated(A64 *a) {
    unsigned bits = 8u << field(a, 10, 2), off = 0;
    for (unsigned r = 0; r < structure_registers(a); r++, off += bits / 8) {
        Input v = emit_load(&a->e, bits, at_base(a, off));
        if (bits < 64)
            v = lanes1(a, IR_PSPLAT, bits, v);
        a64_set_v(a, rd(a) + r, v, is_full(a) ? v : input_imm(0));
    }
    step_base(a, off);
}

bool lift_a64_struct(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_STRUCT:
        multiple(a);
        return true;
    case A64_STRUCT_LANE:
        single(a);
        return true;
    case A64_STRUCT_SPLAT:
        replicated(a);
        return true;
    default:
        return false;
    }
}
