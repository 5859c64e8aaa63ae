/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_memory.c: loads and stores of one register and of pairs. */
#include "value/lift_arm64.h"

/* Where an access goes, and what its base register becomes (slot SLOT_NONE: it stays). */
typedef struct Address {
    Place place;
    bool moves;
    uint64_t step; /* what is added to the base */
} Address;

static Place at_register(unsigned n, uint64_t off) {
    return (Place){.base = (uint16_t)n, .off = off}; /* 31: sp */
}

/* [base, register extended and scaled] */
static Place at_index(A64 *a, unsigned scale) {
    Emit *e = &a->e;
    unsigned option = field(a, 13, 3);
    Input index = x_reg(rm(a));
    if (index.slot == SLOT_IMM)
        return at_register(rn(a), 0);
    if (option == 2)
        index = emit_move(e, 32, index);
    else if (option == 6)
        index = emit_sext(e, 64, 32, index);
    if (bit(a, 12) && scale)
        index = emit2(e, IR_SHL, 64, index, input_imm(scale));
    return (Place){.base = emit2(e, IR_ADD, 64, x_or_sp(rn(a)), index).slot};
}

static Address address_of(A64 *a, unsigned scale) {
    unsigned n = rn(a);
    uint64_t imm9 = (uint64_t)a64_signed(a->w, 12, 9);
    if (bit(a, 24) && field(a, 27, 3) == 7)
        return (Address){.place = at_register(n, (uint64_t)field(a, 10, 12) << scale)};
    if (bit(a, 21) && field(a, 27, 3) == 7)
        return (Address){.place = field(a, 10, 2) == 2 ? at_index(a, scale) : at_register(n, 0)};
    if (field(a, 27, 3) != 7) /* stlur, ldapur */
        return (Address){.place = at_register(n, imm9)};
    switch (field(a, 10, 2)) {
    case 1:
        return (Address){.place = at_register(n, 0), .moves = true, .step = imm9};
    case 3:
        return (Address){.place = at_register(n, imm9), .moves = true, .step = imm9};
    default:
        return (Address){.place = at_register(n, imm9)};
    }
}

static void move_base(A64 *a, const Address *address) {
    unsigned n = rn(a);
    if (address->moves)
        emit_to(&a->e, x_or_sp_out(n), IR_ADD, 64, x_or_sp(n), input_imm(address->step),
                INPUT_NONE);
}

/* By size and opc: 0 store, 1 load, 2 signed to 64, 3 signed to 32. */
static void general(A64 *a) {
    Emit *e = &a->e;
    unsigned size = a->w >> 30, opc = field(a, 22, 2), bits = 8u << size, t = rd(a);
    if (a->row->kind == A64_LOAD && bit(a, 21) && !bit(a, 24) && field(a, 10, 2) == 0)
        opc = 1; /* ldapr */
    Address address = address_of(a, size);
    if (a->row->kind == A64_STORE) {
        emit_store(e, bits, address.place, x_reg(t));
    } else if (opc == 1) {
        emit_load_to(e, x_out(a, t), bits, address.place);
    } else {
        Input v = emit_load(e, bits, address.place);
        emit_sext_to(e, x_out(a, t), opc == 2 ? 64 : 32, bits, v);
    }
    move_base(a, &address);
}

static void load_v(A64 *a, unsigned t, unsigned bits, Place place) {
    if (bits < 128) {
        emit_load_to(&a->e, v_slot(t, 0), bits, place);
        emit_set(&a->e, v_slot(t, 1), 64, input_imm(0));
        return;
    }
    emit_load_to(&a->e, v_slot(t, 0), 64, place);
    place.off += 8;
    emit_load_to(&a->e, v_slot(t, 1), 64, place);
}

static void store_v(A64 *a, unsigned t, unsigned bits, Place place) {
    emit_store(&a->e, bits < 64 ? bits : 64, place, v_half(t, 0));
    place.off += 8;
    if (bits == 128)
        emit_store(&a->e, 64, place, v_half(t, 1));
}

static void vector(A64 *a) {
    unsigned scale = bit(a, 23) ? 4 : a->w >> 30, t = rd(a);
    Address address = address_of(a, scale);
    if (a->row->kind == A64_STORE_V)
        store_v(a, t, 8u << scale, address.place);
    else
        load_v(a, t, 8u << scale, address.place);
    move_base(a, &address);
}

static Address pair_address(A64 *a, unsigned bytes) {
    uint64_t off = (uint64_t)a64_signed(a->w, 15, 7) * bytes;
    unsigned mode = field(a, 23, 2); /* 0 no hint, 1 post-index, 2 offset, 3 pre-index */
    return (Address){
        .place = at_register(rn(a), mode == 1 ? 0 : off), .moves = mode & 1, .step = off};
}

static void pair(A64 *a) {
    Emit *e = &a->e;
    bool is_word_signed = field(a, 30, 2) == 1;
    unsigned bytes = bit(a, 31) ? 8 : 4, t = rd(a), u = ra(a);
    Address address = pair_address(a, bytes);
    Place second = address.place;
    second.off += bytes;
    if (a->row->kind == A64_STORE_PAIR) {
        emit_store(e, bytes * 8, address.place, x_reg(t));
        emit_store(e, bytes * 8, second, x_reg(u));
    } else if (is_word_signed) {
        Input low = emit_load(e, 32, address.place), high = emit_load(e, 32, second);
        emit_sext_to(e, x_out(a, t), 64, 32, low);
        emit_sext_to(e, x_out(a, u), 64, 32, high);
    } else if (t == rn(a) && t != A64_ZR) { /* the base is read once more */
        Input low = emit_load(e, bytes * 8, address.place);
        emit_load_to(e, x_out(a, u), bytes * 8, second);
        emit_set(e, x_out(a, t), 64, low);
    } else {
        emit_load_to(e, x_out(a, t), bytes * 8, address.place);
        emit_load_to(e, x_out(a, u), bytes * 8, second);
    }
    move_base(a, &address);
}

static void vector_pair(A64 *a) {
    unsigned bytes = 4u << (a->w >> 30), t = rd(a), u = ra(a);
    Address address = pair_address(a, bytes);
    Place second = address.place;
    second.off += bytes;
    if (a->row->kind == A64_STORE_PAIR_V) {
        store_v(a, t, bytes * 8, address.place);
        store_v(a, u, bytes * 8, second);
    } else {
        load_v(a, t, bytes * 8, address.place);
        load_v(a, u, bytes * 8, second);
    }
    move_base(a, &address);
}

static void literal(A64 *a) {
    Place place = {.base = SLOT_NONE,
                   .flags = IR_ADDRESS,
                   .off = a->va + (uint64_t)a64_signed(a->w, 5, 19) * 4};
    unsigned opc = a->w >> 30, t = rd(a);
    if (a->row->kind == A64_LOAD_LITERAL_V)
        load_v(a, t, 32u << opc, place);
    else if (opc == 2)
        emit_sext_to(&a->e, x_out(a, t), 64, 32, emit_load(&a->e, 32, place));
    else
        emit_load_to(&a->e, x_out(a, t), opc ? 64 : 32, place);
}

/* ldraa, ldrab: [base, #imm10 * 8]; pointers are not signed here. */
static void authenticated(A64 *a) {
    uint64_t off = (uint64_t)a64_signed(field(a, 12, 9) | (uint32_t)bit(a, 22) << 9, 0, 10) * 8;
    Address address = {.place = at_register(rn(a), off), .moves = bit(a, 11), .step = off};
    emit_load_to(&a->e, x_out(a, rd(a)), 64, address.place);
    move_base(a, &address);
}

bool lift_a64_memory(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_LOAD:
    case A64_STORE:
        general(a);
        return true;
    case A64_LOAD_V:
    case A64_STORE_V:
        vector(a);
        return true;
    case A64_LOAD_PAIR:
    case A64_STORE_PAIR:
        pair(a);
        return true;
    case A64_LOAD_PAIR_V:
    case A64_STORE_PAIR_V:
        vector_pair(a);
        return true;
    case A64_LOAD_LITERAL:
    case A64_LOAD_LITERAL_V:
        literal(a);
        return true;
    case A64_LOAD_AUTH:
        authenticated(a);
        return true;
    case A64_PREFETCH:
        return true;
    default:
        return false;
    }
}
