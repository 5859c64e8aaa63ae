/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_data.c: integers in general registers. */
#include "value/lift_arm64.h"

/* x + y + carry, or x - y - borrow: flags of it. */
static void set_flags_of_sum(A64 *a, bool subtracts, Input x, Input y, Input carry, Input sum) {
    Emit *e = &a->e;
    unsigned w = width(a);
    Input c = emit3(e, subtracts ? IR_BORROW : IR_CARRY, w, x, y, carry);
    Input v = emit3(e, subtracts ? IR_UNDERFLOW : IR_OVERFLOW, w, x, y, carry);
    if (subtracts)
        emit_to(e, SLOT_C, IR_XOR, 1, c, input_imm(1), INPUT_NONE);
    else
        a64_set_flag(a, SLOT_C, c);
    a64_set_flag(a, SLOT_V, v);
    a64_set_nz(a, w, sum);
}

/* add, adds, sub, subs by bits 30 and 29. */
static void add(A64 *a, Input x, Input y, bool may_be_sp) {
    bool subtracts = bit(a, 30), sets_flags = bit(a, 29);
    unsigned w = width(a), d = rd(a);
    IrKind kind = subtracts ? IR_SUB : IR_ADD;
    uint16_t out = may_be_sp && !sets_flags ? x_or_sp_out(d) : x_out(a, d);
    bool is_move = y.slot == SLOT_IMM && y.imm == 0;
    if (!sets_flags) {
        if (is_move)
            emit_set(&a->e, out, w, x);
        else if (x.slot == SLOT_IMM && x.imm == 0 && !subtracts)
            emit_set(&a->e, out, w, y);
        else if (x.slot == SLOT_IMM && x.imm == 0)
            emit_to(&a->e, out, IR_NEG, w, y, INPUT_NONE, INPUT_NONE);
        else
            emit_to(&a->e, out, kind, w, x, y, INPUT_NONE);
        return;
    }
    Input sum = emit2(&a->e, kind, w, x, y);
    set_flags_of_sum(a, subtracts, x, y, INPUT_NONE, sum);
    if (d != A64_ZR)
        emit_set(&a->e, out, w, sum);
}

static Input shifted(A64 *a, Input x, unsigned type, unsigned amount) {
    static const IrKind kinds[] = {IR_SHL, IR_SHR, IR_SAR, IR_ROR};
    if (amount == 0 || x.slot == SLOT_IMM)
        return x;
    return emit2(&a->e, kinds[type], width(a), x, input_imm(amount));
}

/* uxtb .. sxtx by option, then left. */
static Input extended(A64 *a, Input x, unsigned option, unsigned amount) {
    unsigned w = width(a), from = 8u << (option & 3);
    if (x.slot == SLOT_IMM)
        return x;
    if (from < w && option >= 4)
        x = emit_sext(&a->e, w, from, x);
    else if (from < w)
        x = emit_move(&a->e, from, x);
    return amount ? emit2(&a->e, IR_SHL, w, x, input_imm(amount)) : x;
}

static void add_carry(A64 *a) {
    Emit *e = &a->e;
    bool subtracts = bit(a, 30);
    unsigned w = width(a), d = rd(a);
    Input x = x_reg(rn(a)), y = x_reg(rm(a)), carry = input_slot(SLOT_C);
    if (subtracts)
        carry = emit2(e, IR_XOR, 1, carry, input_imm(1));
    IrKind kind = subtracts ? IR_SUB : IR_ADD;
    Input sum = emit2(e, kind, w, emit2(e, kind, w, x, y), carry);
    if (bit(a, 29))
        set_flags_of_sum(a, subtracts, x, y, carry, sum);
    emit_set(e, x_out(a, d), w, sum);
}

static void logic(A64 *a, Input x, Input y, bool may_be_sp) {
    static const IrKind kinds[] = {IR_AND, IR_OR, IR_XOR, IR_AND};
    unsigned w = width(a), d = rd(a), opc = field(a, 29, 2);
    uint16_t out = may_be_sp && opc != 3 ? x_or_sp_out(d) : x_out(a, d);
    if (opc == 3) {
        Input r = emit2(&a->e, IR_AND, w, x, y);
        a64_set_nz(a, w, r);
        a64_set_flag(a, SLOT_C, input_imm(0));
        a64_set_flag(a, SLOT_V, input_imm(0));
        if (d != A64_ZR)
            emit_set(&a->e, out, w, r);
    } else if (opc == 1 && x.slot == SLOT_IMM) { /* mov */
        emit_set(&a->e, out, w, y);
    } else {
        emit_to(&a->e, out, kinds[opc], w, x, y, INPUT_NONE);
    }
}

static void logic_register(A64 *a) {
    Input y = shifted(a, x_reg(rm(a)), field(a, 22, 2), field(a, 10, 6));
    if (bit(a, 21) && y.slot == SLOT_IMM)
        y = input_imm(~y.imm & ir_mask(width(a)));
    else if (bit(a, 21))
        y = emit1(&a->e, IR_NOT, width(a), y);
    logic(a, x_reg(rn(a)), y, false);
}

static void move_wide(A64 *a) {
    unsigned at = field(a, 21, 2) * 16, w = width(a), d = rd(a);
    uint64_t imm = (uint64_t)field(a, 5, 16) << at;
    switch (field(a, 29, 2)) {
    case 0:
        emit_set(&a->e, x_out(a, d), w, input_imm(~imm & ir_mask(w)));
        break;
    case 2:
        emit_set(&a->e, x_out(a, d), w, input_imm(imm));
        break;
    default: {
        Input kept = emit2(&a->e, IR_AND, w, x_reg(d), input_imm(~((uint64_t)0xffff << at)));
        emit_to(&a->e, x_out(a, d), IR_OR, w, kept, input_imm(imm), INPUT_NONE);
    }
    }
}

/* ubfm, sbfm: a field of x, or x to the left. */
static void bitfield(A64 *a) {
    Emit *e = &a->e;
    unsigned w = width(a), immr = field(a, 16, 6), imms = field(a, 10, 6), d = rd(a);
    unsigned size = imms >= immr ? imms - immr + 1 : imms + 1, left = imms >= immr ? 0 : w - immr;
    bool is_signed = field(a, 29, 2) == 0;
    Input x = x_reg(rn(a)), up = input_imm(left);
    uint16_t out = x_out(a, d);
    if (imms >= immr && imms == w - 1) { /* lsr, asr, mov */
        if (immr == 0)
            emit_set(e, out, w, x);
        else
            emit_to(e, out, is_signed ? IR_SAR : IR_SHR, w, x, input_imm(immr), INPUT_NONE);
        return;
    }
    if (left != 0 && size + left == w) { /* lsl */
        emit_to(e, out, IR_SHL, w, x, up, INPUT_NONE);
        return;
    }
    bool is_width = size == 8 || size == 16 || size == 32;
    if (imms >= immr && immr != 0)
        x = emit2(e, IR_SHR, w, x, input_imm(immr));
    uint16_t part = left ? emit_temp(e) : out;
    if (is_signed && is_width) {
        emit_sext_to(e, part, w, size, x);
    } else if (is_signed) {
        Input high = emit2(e, IR_SHL, w, x, input_imm(w - size));
        emit_to(e, part, IR_SAR, w, high, input_imm(w - size), INPUT_NONE);
    } else if (is_width) {
        emit_set(e, part, size, x);
    } else {
        emit_to(e, part, IR_AND, w, x, input_imm(ir_mask(size)), INPUT_NONE);
    }
    if (left)
        emit_to(e, out, IR_SHL, w, input_slot(part), up, INPUT_NONE);
}

/* bfm: a field of x into one of d. */
static void bitfield_insert(A64 *a) {
    Emit *e = &a->e;
    unsigned w = width(a), immr = field(a, 16, 6), imms = field(a, 10, 6), d = rd(a), at = 0, size;
    Input x = x_reg(rn(a));
    if (imms >= immr) {
        size = imms - immr + 1;
        if (immr)
            x = emit2(e, IR_SHR, w, x, input_imm(immr));
    } else {
        size = imms + 1;
        at = w - immr;
        x = emit2(e, IR_SHL, w, x, input_imm(at));
    }
    uint64_t mask = ir_mask(size) << at & ir_mask(w);
    Input kept = emit2(e, IR_AND, w, x_reg(d), input_imm(~mask & ir_mask(w)));
    Input put = emit2(e, IR_AND, w, x, input_imm(mask));
    emit_to(e, x_out(a, d), IR_OR, w, kept, put, INPUT_NONE);
}

static void extract(A64 *a) {
    Emit *e = &a->e;
    unsigned w = width(a), at = field(a, 10, 6), n = rn(a), m = rm(a);
    uint16_t out = x_out(a, rd(a));
    if (at == 0) {
        emit_set(e, out, w, x_reg(m));
    } else if (n == m) {
        emit_to(e, out, IR_ROR, w, x_reg(m), input_imm(at), INPUT_NONE);
    } else {
        Input high = emit2(e, IR_SHL, w, x_reg(n), input_imm(w - at));
        emit_to(e, out, IR_OR, w, high, emit2(e, IR_SHR, w, x_reg(m), input_imm(at)), INPUT_NONE);
    }
}

static void multiply(A64 *a) {
    Emit *e = &a->e;
    unsigned w = width(a);
    Input x = x_reg(rn(a)), y = x_reg(rm(a)), add_to = x_reg(ra(a));
    bool is_long = bit(a, 21), is_unsigned = bit(a, 23);
    if (is_long && is_unsigned) {
        x = emit_move(e, 32, x);
        y = emit_move(e, 32, y);
    } else if (is_long) {
        x = emit_sext(e, 64, 32, x);
        y = emit_sext(e, 64, 32, y);
    }
    uint16_t out = x_out(a, rd(a));
    if (add_to.slot == SLOT_IMM && !bit(a, 15)) {
        emit_to(e, out, IR_MUL, w, x, y, INPUT_NONE);
        return;
    }
    Input product = emit2(e, IR_MUL, w, x, y);
    if (add_to.slot == SLOT_IMM)
        emit_to(e, out, IR_NEG, w, product, INPUT_NONE, INPUT_NONE);
    else
        emit_to(e, out, bit(a, 15) ? IR_SUB : IR_ADD, w, add_to, product, INPUT_NONE);
}

/* csel, csinc, csinv, csneg; cset and csetm are a condition as a number. */
static void select_by_condition(A64 *a) {
    Emit *e = &a->e;
    unsigned w = width(a), cond = field(a, 12, 4), n = rn(a), m = rm(a),
             op = bit(a, 30) * 2u + bit(a, 10);
    uint16_t out = x_out(a, rd(a));
    if (n == A64_ZR && m == A64_ZR && (op == 1 || op == 2) && cond < 14) {
        Input is = a64_condition(a, cond ^ 1);
        emit_to(e, out, op == 1 ? IR_MOVE : IR_NEG, w, is, INPUT_NONE, INPUT_NONE);
        return;
    }
    Input is = a64_condition(a, cond), other = x_reg(m);
    if (op == 1)
        other = emit2(e, IR_ADD, w, other, input_imm(1));
    else if (op > 1)
        other = emit1(e, op == 2 ? IR_NOT : IR_NEG, w, other);
    emit_to(e, out, IR_SELECT, w, is, x_reg(n), other);
}

/* The flags of a comparison if the condition holds, else four bits. */
static void compare_by_condition(A64 *a) {
    Emit *e = &a->e;
    unsigned w = width(a), otherwise = field(a, 0, 4);
    bool subtracts = bit(a, 30);
    Input is = emit_move(e, 1, a64_condition(a, field(a, 12, 4)));
    Input x = x_reg(rn(a)), y = bit(a, 11) ? input_imm(rm(a)) : x_reg(rm(a)), none = INPUT_NONE;
    Input sum = emit2(e, subtracts ? IR_SUB : IR_ADD, w, x, y);
    Input c = emit3(e, subtracts ? IR_BORROW : IR_CARRY, w, x, y, none);
    Input v = emit3(e, subtracts ? IR_UNDERFLOW : IR_OVERFLOW, w, x, y, none);
    if (subtracts)
        c = emit2(e, IR_XOR, 1, c, input_imm(1));
    Input flags[4] = {v, c, emit2(e, IR_EQ, w, sum, input_imm(0)), emit_extract(e, 1, sum, w - 1)};
    static const uint16_t slots[4] = {SLOT_V, SLOT_C, SLOT_Z, SLOT_N};
    for (unsigned i = 0; i < 4; i++)
        emit_to(e, slots[i], IR_SELECT, 1, is, flags[i], input_imm(otherwise >> i & 1));
}

static void one_source(A64 *a) {
    Emit *e = &a->e;
    unsigned w = width(a);
    Input x = x_reg(rn(a)), none = INPUT_NONE;
    uint16_t out = x_out(a, rd(a));
    switch (field(a, 10, 6)) {
    case 0:
        emit_to(e, out, IR_RBIT, w, x, none, none);
        return;
    case 1: /* rev16, rev32 */
    case 2: {
        if (w == 32 && field(a, 10, 6) == 2) {
            emit_to(e, out, IR_BSWAP, w, x, none, none);
            return;
        }
        unsigned group = field(a, 10, 6) == 1 ? 16 : 32;
        emit_set(e, out, w, reverse_lanes(a, 8, group, x));
        return;
    }
    case 3:
        emit_to(e, out, IR_BSWAP, w, x, none, none);
        return;
    case 4:
        emit_to(e, out, IR_CLZ, w, x, none, none);
        return;
    case 5: { /* cls: how many bits below the top are equal to it */
        Input differ = emit2(e, IR_XOR, w, x, emit2(e, IR_SHL, w, x, input_imm(1)));
        emit_to(e, out, IR_CLZ, w, emit2(e, IR_OR, w, differ, input_imm(1)), none, none);
        return;
    }
    case 6:
        emit_to(e, out, IR_CTZ, w, x, none, none);
        return;
    case 7:
        emit_to(e, out, IR_POPCNT, w, x, none, none);
        return;
    default: { /* abs */
        Input sign = emit2(e, IR_SAR, w, x, input_imm(w - 1));
        emit_to(e, out, IR_SUB, w, emit2(e, IR_XOR, w, x, sign), sign, none);
    }
    }
}

static void shift_by_register(A64 *a) {
    static const IrKind kinds[] = {IR_SHL, IR_SHR, IR_SAR, IR_ROR};
    unsigned w = width(a), type = field(a, 10, 2);
    Input by = x_reg(rm(a));
    if (type != 3)
        by = emit2(&a->e, IR_AND, w, by, input_imm(w - 1));
    emit_to(&a->e, x_out(a, rd(a)), kinds[type], w, x_reg(rn(a)), by, INPUT_NONE);
}

static void extreme(A64 *a, Input y) {
    unsigned w = width(a), op = a->row->kind == A64_MINMAX_IMM ? field(a, 18, 2) : field(a, 10, 2);
    Input x = x_reg(rn(a));
    Input less = emit2(&a->e, op & 1 ? IR_ULT : IR_SLT, w, x, y);
    bool is_min = op & 2;
    emit_to(&a->e, x_out(a, rd(a)), IR_SELECT, w, less, is_min ? x : y, is_min ? y : x);
}

static void crc(A64 *a) {
    IrOp *op = emit_to(&a->e, x_out(a, rd(a)), bit(a, 12) ? IR_CRC32C : IR_CRC32, 32, x_reg(rn(a)),
                       x_reg(rm(a)), INPUT_NONE);
    op->lane = (uint8_t)(8u << field(a, 10, 2));
}

/* rmif, setf8, setf16, cfinv; axflag and xaflag translate flags of other machines' floats. */
static bool flags(A64 *a) {
    Emit *e = &a->e;
    static const uint16_t slots[4] = {SLOT_V, SLOT_C, SLOT_Z, SLOT_N};
    if (strcmp(a->row->name, "cfinv") == 0) {
        emit_to(e, SLOT_C, IR_XOR, 1, input_slot(SLOT_C), input_imm(1), INPUT_NONE);
    } else if (strcmp(a->row->name, "rmif") == 0) {
        Input x = emit2(e, IR_ROR, 64, x_reg(rn(a)), input_imm(field(a, 15, 6)));
        for (unsigned i = 0; i < 4; i++)
            if (bit(a, i))
                emit_extract_to(e, slots[i], 1, x, i);
    } else if (strncmp(a->row->name, "setf", 4) == 0) {
        unsigned size = bit(a, 14) ? 16 : 8;
        Input x = emit_in_slot(e, x_reg(rn(a)));
        a64_set_nz(a, size, x);
        Input top = emit_extract(e, 1, x, size - 1);
        emit_to(e, SLOT_V, IR_XOR, 1, top, emit_extract(e, 1, x, size), INPUT_NONE);
    } else {
        Input in = emit_move(e, 1, input_slot(SLOT_C));
        for (unsigned i = 0; i < 4; i++)
            a64_set_flag(a, slots[i],
                         a64_opaque(a, 1, i, input_slot(SLOT_Z), input_slot(SLOT_V), in));
    }
    return true;
}

/* Addresses and numbers. */
static bool lift_immediate(A64 *a) {
    uint64_t imm = (uint64_t)field(a, 10, 12) << (bit(a, 22) * 12);
    switch ((int)a->row->kind) {
    case A64_PCREL:
        imm = (uint64_t)a64_signed(a->w, 5, 19) << 2 | field(a, 29, 2);
        imm = a->w >> 31 ? (a->va & ~(uint64_t)0xfff) + (imm << 12) : a->va + imm;
        emit_set(&a->e, x_out(a, rd(a)), 64, input_va(imm));
        return true;
    case A64_ADD_IMM:
        add(a, x_or_sp(rn(a)), input_imm(imm), true);
        return true;
    case A64_MINMAX_IMM:
        imm = bit(a, 18) ? field(a, 10, 8) : (uint64_t)a64_signed(a->w, 10, 8);
        extreme(a, input_imm(imm & ir_mask(width(a))));
        return true;
    case A64_LOGIC_IMM:
        CHECK(a64_logic_imm(a->w, &imm));
        logic(a, x_reg(rn(a)), input_imm(imm), true);
        return true;
    case A64_MOVE_WIDE:
        move_wide(a);
        return true;
    case A64_BITFIELD:
        if (field(a, 29, 2) == 1)
            bitfield_insert(a);
        else
            bitfield(a);
        return true;
    case A64_EXTRACT:
        extract(a);
        return true;
    default:
        return false;
    }
}

bool lift_a64_data(A64 *a) {
    Input none = INPUT_NONE;
    switch ((int)a->row->kind) {
    case A64_LOGIC_REG:
        logic_register(a);
        return true;
    case A64_ADD_REG:
        add(a, x_reg(rn(a)), shifted(a, x_reg(rm(a)), field(a, 22, 2), field(a, 10, 6)), false);
        return true;
    case A64_ADD_EXTENDED:
        add(a, x_or_sp(rn(a)), extended(a, x_reg(rm(a)), field(a, 13, 3), field(a, 10, 3)), true);
        return true;
    case A64_ADD_CARRY:
        add_carry(a);
        return true;
    case A64_MULTIPLY:
        multiply(a);
        return true;
    case A64_MULTIPLY_HIGH:
        emit_to(&a->e, x_out(a, rd(a)), bit(a, 23) ? IR_UMULH : IR_SMULH, 64, x_reg(rn(a)),
                x_reg(rm(a)), none);
        return true;
    case A64_DIVIDE:
        emit_to(&a->e, x_out(a, rd(a)), bit(a, 10) ? IR_SDIV : IR_UDIV, width(a), x_reg(rn(a)),
                x_reg(rm(a)), none);
        return true;
    case A64_SHIFT_REG:
        shift_by_register(a);
        return true;
    case A64_CRC:
        crc(a);
        return true;
    case A64_MINMAX_REG:
        extreme(a, x_reg(rm(a)));
        return true;
    case A64_ONE_SOURCE:
        one_source(a);
        return true;
    case A64_COND_COMPARE:
        compare_by_condition(a);
        return true;
    case A64_COND_SELECT:
        select_by_condition(a);
        return true;
    case A64_AUTH: /* what is signed is what it was */
        return true;
    case A64_FLAG:
        return flags(a);
    default:
        return lift_immediate(a);
    }
}
