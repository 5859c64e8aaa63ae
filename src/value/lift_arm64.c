/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64.c: conditions, flags, what is not modelled, and which file lifts a word. */
#include "value/lift_arm64.h"

Input a64_condition(A64 *a, unsigned cond) {
    Emit *e = &a->e;
    Input one = input_imm(1), n = input_slot(SLOT_N), z = input_slot(SLOT_Z),
          c = input_slot(SLOT_C), v = input_slot(SLOT_V), is = one;
    switch (cond >> 1) {
    case 0:
        is = z;
        break;
    case 1:
        is = c;
        break;
    case 2:
        is = n;
        break;
    case 3:
        is = v;
        break;
    case 4:
        is = emit2(e, IR_AND, 1, c, emit2(e, IR_XOR, 1, z, one));
        break;
    case 5:
        is = emit2(e, IR_EQ, 1, n, v);
        break;
    case 6:
        is = emit2(e, IR_AND, 1, emit2(e, IR_EQ, 1, n, v), emit2(e, IR_XOR, 1, z, one));
        break;
    default: /* al, nv: always */
        return one;
    }
    return cond & 1 ? emit2(e, IR_XOR, 1, is, one) : is;
}

void a64_set_flag(A64 *a, uint16_t flag, Input v) { emit_set(&a->e, flag, 1, v); }

void a64_set_nz(A64 *a, unsigned w, Input result) {
    emit_extract_to(&a->e, SLOT_N, 1, result, w - 1);
    emit_to(&a->e, SLOT_Z, IR_EQ, w, result, input_imm(0), INPUT_NONE);
}

Input a64_opaque(A64 *a, unsigned w, unsigned number, Input x, Input y, Input z) {
    uint16_t out = emit_temp(&a->e);
    emit_opaque_to(&a->e, out, w, OPAQUE_ID(opaque_name(a->row->name), number), (Input[]){x, y, z});
    return input_slot(out);
}

void a64_set_v(A64 *a, unsigned n, Input low, Input high) {
    if (high.slot == v_slot(n, 0))
        high = emit_move(&a->e, 64, high);
    emit_set(&a->e, v_slot(n, 0), 64, low);
    emit_set(&a->e, v_slot(n, 1), 64, high);
}

void a64_set_scalar(A64 *a, unsigned n, unsigned w, Input v) {
    emit_set(&a->e, v_slot(n, 0), w, v);
    emit_set(&a->e, v_slot(n, 1), 64, input_imm(0));
}

/* Classes whose result is in a v register. */
static bool writes_vector(A64Class kind) {
    switch ((int)kind) {
    case A64_LOAD_LITERAL_V:
    case A64_LOAD_V:
    case A64_LOAD_PAIR_V:
    case A64_STRUCT_SPLAT:
        return true;
    case A64_V_GET:
    case A64_F_TO_FIXED:
    case A64_F_TO_INT:
    case A64_F_COMPARE:
    case A64_F_COND_COMPARE:
        return false;
    default:
        return kind >= A64_V_DUP_LANE;
    }
}

void a64_opaque_all(A64 *a) {
    A64Class kind = a->row->kind;
    uint32_t general = a64_writes(kind, a->w) & ~(1u << A64_ZR);
    Input none = INPUT_NONE, word = input_imm(a->w & 0x03ffffff);
    unsigned number = 0;
    if (writes_vector(kind)) {
        unsigned d = rd(a), n = rn(a), m = rm(a);
        Input state = a64_opaque(a, 64, 2, v_half(d, 0), v_half(n, 0), v_half(m, 0));
        state = a64_opaque(a, 64, 3, v_half(n, 1), v_half(m, 1), state);
        state = a64_opaque(a, 64, 4, v_half(d, 1), v_half(ra(a), 0), state);
        Input low = a64_opaque(a, 64, 0, state, none, none);
        a64_set_v(a, d, low, a64_opaque(a, 64, 1, state, none, none));
        return;
    }
    for (unsigned r = 0; r < A64_ZR; r++) {
        if (!(general >> r & 1))
            continue;
        Input v = a64_opaque(a, 64, number & 7, x_reg(rn(a)), x_reg(rm(a)), word);
        emit_set(&a->e, (uint16_t)r, 64, v);
        number++;
    }
    if (number == 0)
        emit_opaque_to(&a->e, SLOT_NONE, 64, OPAQUE_ID(opaque_name(a->row->name), 0),
                       (Input[]){word, none, none});
}

static bool lift_class(A64 *a) {
    A64Class kind = a->row->kind;
    if (kind < A64_JUMP)
        return lift_a64_data(a);
    if (kind < A64_STORE_EX)
        return lift_a64_control(a) || lift_a64_data(a);
    if (kind < A64_DIVIDE)
        return lift_a64_memory(a) || lift_a64_atomic(a) || lift_a64_struct(a);
    if (kind < A64_V_DUP_LANE)
        return lift_a64_data(a);
    return lift_a64_lanes(a) || lift_a64_wide(a) || lift_a64_shift(a) || lift_a64_shuffle(a) ||
           lift_a64_float(a) || lift_a64_float_lanes(a);
}

const void *lift_arm64_tables(Arena *arena) { return a64_table_new(arena); }

size_t lift_arm64(const Lifter *l, Bytes b, uint64_t va, IrOp *ops, unsigned *length) {
    *length = 0;
    if (b.size < 4)
        return 0;
    A64 a = {.e = {.ops = ops, .temp = SLOT_TEMP}, .w = bytes_u32_at(b, 0), .va = va};
    uint16_t row = a64_find(l->tables, a.w);
    if (row == A64_NONE)
        return 0;
    a.row = a64_row(row);
    *length = 4;
    if (!lift_class(&a))
        a64_opaque_all(&a);
    return a.e.count;
}
