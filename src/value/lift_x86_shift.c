/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_shift.c: x86 shifts, rotates and bit instructions.
 * Shifts change flags only when the masked count is not 0: with a count in a register each flag is
 * a choice (IR_SELECT) between the new and the old. */
#include "value/lift_x86.h"

static Input reg(unsigned slot) { return input_slot((uint16_t)slot); }

/* The masked count of a shift: a number, or a slot and the slot that says that it is not 0. */
typedef struct Count {
    bool is_number;
    unsigned number;
    Input value, some;
} Count;

static Count count_of(X86 *x, unsigned i, unsigned w) {
    Emit *e = &x->e;
    unsigned mask = w == 64 ? 63 : 31;
    Count n = {.value = x86_read(x, i), .some = INPUT_NONE};
    if (n.value.slot == SLOT_IMM) {
        n.is_number = true;
        n.number = (unsigned)n.value.imm & mask;
        n.value = input_imm(n.number);
    } else {
        n.value = emit2(e, IR_AND, 8, n.value, input_imm(mask));
        n.some = emit1(e, IR_NOT, 1, emit2(e, IR_EQ, 8, n.value, input_imm(0)));
    }
    return n;
}

/* flag = v, where the count is not 0. */
static void flag_if(X86 *x, const Count *n, uint16_t flag, Input v) {
    if (n->is_number)
        x86_flag(x, flag, v);
    else
        emit_to(&x->e, flag, IR_SELECT, 1, n->some, v, reg(flag));
}

static void flags_znp_if(X86 *x, const Count *n, unsigned w, Input r) {
    if (n->is_number) {
        x86_flags_znp(x, w, r);
        return;
    }
    Emit *e = &x->e;
    flag_if(x, n, SLOT_Z, emit2(e, IR_EQ, w, r, input_imm(0)));
    flag_if(x, n, SLOT_N, emit_extract(e, 1, r, w - 1));
    flag_if(x, n, SLOT_P, emit1(e, IR_PARITY, 8, r));
}

/* number - n as a shift's amount; where it is negative all bits go (64-bit amounts). */
static Input from(X86 *x, const Count *n, unsigned number) {
    if (n->is_number)
        return input_imm((uint64_t)number - n->number);
    return emit2(&x->e, IR_SUB, 64, input_imm(number), n->value);
}

static Input less_one(X86 *x, const Count *n) {
    if (n->is_number)
        return input_imm((uint64_t)n->number - 1);
    return emit2(&x->e, IR_SUB, 64, n->value, input_imm(1));
}

/* Top bit of r and the bit below it, or v, exclusive or. */
static Input top_xor(X86 *x, unsigned w, Input r, Input v) {
    return emit2(&x->e, IR_XOR, 1, emit_extract(&x->e, 1, r, w - 1), v);
}

/* kind(a, amount) where a number as amount may not be cut to the width. */
static Input shifted(X86 *x, IrKind kind, unsigned w, Input a, Input amount) {
    if (amount.slot == SLOT_IMM && amount.imm >= w && kind != IR_SAR)
        return input_imm(0);
    if (amount.slot == SLOT_IMM && amount.imm >= w)
        amount = input_imm(w - 1);
    return emit2(&x->e, kind, w, a, amount);
}

/* Result to operand 0, after what needs its old value; the flags of a register's old value are
 * computed before. */
static void lift_shift(X86 *x, IrKind kind) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0);
    Count n = count_of(x, 1, w);
    Input r = shifted(x, kind, w, a, n.value);
    if (x86_is_mem(x, 0))
        x86_write(x, 0, r);
    if (!n.is_number || n.number != 0) {
        /* The last bit that went out: bit w - n from below, bit n - 1 from above. */
        Input last = kind == IR_SHL ? shifted(x, IR_SHR, w, a, from(x, &n, w))
                                    : shifted(x, kind, w, a, less_one(x, &n));
        Input carry = emit_extract(e, 1, last, 0);
        /* V is defined for one step. */
        Input v = kind == IR_SHL   ? top_xor(x, w, r, carry)
                  : kind == IR_SHR ? emit_extract(e, 1, a, w - 1)
                                   : input_imm(0);
        flag_if(x, &n, SLOT_V, v);
        flag_if(x, &n, SLOT_C, carry);
        flags_znp_if(x, &n, w, r);
    }
    if (!x86_is_mem(x, 0))
        x86_write(x, 0, r);
}

static void lift_rotate(X86 *x, IrKind kind) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0);
    Count n = count_of(x, 1, w);
    Input r = emit2(e, kind, w, a, n.is_number ? input_imm(n.number % w) : n.value);
    x86_write(x, 0, r);
    if (n.is_number && n.number == 0)
        return;
    Input carry = emit_extract(e, 1, r, kind == IR_ROL ? 0 : w - 1);
    Input other = kind == IR_ROL ? carry : emit_extract(e, 1, r, w - 2);
    flag_if(x, &n, SLOT_V, top_xor(x, w, r, other));
    flag_if(x, &n, SLOT_C, carry);
}

/* rcl, rcr: w + 1 bits turn. Amounts of w and more leave nothing, so that a count of 0 needs no
 * case of its own. */
static void lift_rotate_carry(X86 *x, bool left) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0), c = reg(SLOT_C);
    Count n = count_of(x, 1, w);
    if (w < 32 && n.is_number) {
        n.number %= w + 1;
        n.value = input_imm(n.number);
    } else if (w < 32) {
        n.value = emit2(e, IR_UREM, 8, n.value, input_imm(w + 1));
        n.some = emit1(e, IR_NOT, 1, emit2(e, IR_EQ, 8, n.value, input_imm(0)));
    }
    Input far = from(x, &n, w + 1), near = from(x, &n, w), last = less_one(x, &n);
    Input through = left ? shifted(x, IR_SHL, w, c, last) : shifted(x, IR_SHL, w, c, near);
    Input r = emit2(e, IR_OR, w, shifted(x, left ? IR_SHL : IR_SHR, w, a, n.value),
                    shifted(x, left ? IR_SHR : IR_SHL, w, a, far));
    r = emit2(e, IR_OR, w, r, through);
    if (x86_is_mem(x, 0))
        x86_write(x, 0, r);
    if (!n.is_number || n.number != 0) {
        Input out = emit_extract(e, 1, shifted(x, IR_SHR, w, a, left ? near : last), 0);
        Input other = left ? out : emit_extract(e, 1, r, w - 2);
        flag_if(x, &n, SLOT_V, top_xor(x, w, r, other));
        flag_if(x, &n, SLOT_C, out);
    }
    if (!x86_is_mem(x, 0))
        x86_write(x, 0, r);
}

static void lift_shift_double(X86 *x, bool left) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0), b = x86_read(x, 1);
    Count n = count_of(x, 2, w);
    Input rest = from(x, &n, w);
    Input r = emit2(e, IR_OR, w, shifted(x, left ? IR_SHL : IR_SHR, w, a, n.value),
                    shifted(x, left ? IR_SHR : IR_SHL, w, b, rest));
    if (x86_is_mem(x, 0))
        x86_write(x, 0, r);
    if (!n.is_number || n.number != 0) {
        Input last = shifted(x, IR_SHR, w, a, left ? rest : less_one(x, &n));
        flag_if(x, &n, SLOT_C, emit_extract(e, 1, last, 0));
        Input was = emit_extract(e, 1, a, w - 1);
        flag_if(x, &n, SLOT_V, top_xor(x, w, r, was));
        flags_znp_if(x, &n, w, r);
    }
    if (!x86_is_mem(x, 0))
        x86_write(x, 0, r);
}

/* sarx, shlx, shrx, rorx: no flags. */
static void lift_shift_plain(X86 *x, IrKind kind) {
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 1), n = x86_read(x, 2);
    if (n.slot == SLOT_IMM)
        n.imm &= w - 1;
    else
        n = emit2(&x->e, IR_AND, 8, n, input_imm(w - 1));
    emit_to(&x->e, x86_out(x, 0), kind, w, a, n, INPUT_NONE);
}

/* bt, bts, btr, btc: in memory a bit's number from a register reaches beyond the operand, in both
 * directions. */
typedef enum BitAction { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT } BitAction;

static void lift_bit(X86 *x, BitAction action) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input n = x86_read(x, 1), a;
    Place at = {.base = SLOT_NONE};
    bool in_memory = x86_is_mem(x, 0);
    if (in_memory) {
        at = x86_memory(x, 0);
        if (n.slot != SLOT_IMM) {
            Input far = emit2(e, IR_SAR, x->bits, emit_sext(e, x->bits, w, n), input_imm(3));
            far = emit2(e, IR_AND, x->bits, far, input_imm(~(uint64_t)(w / 8 - 1)));
            if (at.base != SLOT_NONE)
                far = emit2(e, IR_ADD, x->bits, input_slot(at.base), far);
            at.base = far.slot;
        }
        a = emit_load(e, w, at);
    } else {
        a = x86_read(x, 0);
    }
    n = n.slot == SLOT_IMM ? input_imm(n.imm & (w - 1)) : emit2(e, IR_AND, 8, n, input_imm(w - 1));
    Input bit = emit2(e, IR_SHR, w, a, n), r = INPUT_NONE;
    if (action != BIT_TEST) {
        Input mask = n.slot == SLOT_IMM ? input_imm((uint64_t)1 << n.imm)
                                        : emit2(e, IR_SHL, w, input_imm(1), n);
        if (action == BIT_RESET)
            mask = n.slot == SLOT_IMM ? input_imm(~mask.imm) : emit1(e, IR_NOT, w, mask);
        r = emit2(e, action == BIT_SET ? IR_OR : action == BIT_RESET ? IR_AND : IR_XOR, w, a, mask);
        if (in_memory)
            emit_store(e, w, at, r);
    }
    emit_extract_to(e, SLOT_C, 1, bit, 0);
    if (action != BIT_TEST && !in_memory)
        x86_write(x, 0, r);
}

/* bsf, bsr: of 0 the destination stays as it is, whole. */
static void lift_scan(X86 *x, bool from_top) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 1);
    Input r = emit1(e, from_top ? IR_CLZ : IR_CTZ, w, a);
    if (from_top)
        r = emit2(e, IR_SUB, w, input_imm(w - 1), r);
    Input none = emit2(e, IR_EQ, w, a, input_imm(0));
    uint16_t to = x86_place(x, x86_operand(x, 0)->reg).slot;
    if (w == 16) {
        uint16_t whole = emit_temp(e);
        emit_insert_to(e, whole, 16, reg(to), r, 0);
        r = reg(whole);
    }
    emit_to(e, to, IR_SELECT, 64, none, reg(to), r);
    x86_flag(x, SLOT_Z, none);
}

static void lift_count(X86 *x, IrKind kind) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 1);
    uint16_t out = x86_out(x, 0);
    Input none = emit2(e, IR_EQ, w, a, input_imm(0));
    emit_to(e, out, kind, w, a, INPUT_NONE, INPUT_NONE);
    x86_done(x, 0, out);
    if (kind != IR_POPCNT) {
        x86_flag(x, SLOT_C, none);
        emit_to(e, SLOT_Z, IR_EQ, w, input_slot(out), input_imm(0), INPUT_NONE);
        return;
    }
    x86_flag(x, SLOT_Z, none);
    static const uint16_t cleared[] = {SLOT_C, SLOT_N, SLOT_V, SLOT_P, SLOT_A};
    for (unsigned i = 0; i < sizeof cleared / sizeof *cleared; i++)
        x86_flag(x, cleared[i], input_imm(0));
}

/* Z and N of the result, V clear; P and A undefined. */
static void flags_bmi(X86 *x, unsigned w, Input r, Input carry) {
    emit_to(&x->e, SLOT_Z, IR_EQ, w, r, input_imm(0), INPUT_NONE);
    emit_extract_to(&x->e, SLOT_N, 1, r, w - 1);
    x86_flag(x, SLOT_V, input_imm(0));
    x86_flag(x, SLOT_C, carry);
}

/* blsi: -a & a, blsmsk: (a - 1) ^ a, blsr: (a - 1) & a. */
static void lift_lowest(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 1), none = emit2(e, IR_EQ, w, a, input_imm(0));
    bool isolates = x->in->id == X86_BLSI;
    Input other = isolates ? emit1(e, IR_NEG, w, a) : emit2(e, IR_SUB, w, a, input_imm(1));
    Input r = emit2(e, x->in->id == X86_BLSMSK ? IR_XOR : IR_AND, w, other, a);
    flags_bmi(x, w, r, isolates ? emit1(e, IR_NOT, 1, none) : none);
    x86_write(x, 0, r);
}

/* All ones below bit n; n of w and more: all ones. */
static Input ones_below(X86 *x, unsigned w, Input n) {
    Input power = emit2(&x->e, IR_SHL, w, input_imm(1), n);
    return emit2(&x->e, IR_SUB, w, power, input_imm(1));
}

static void lift_bextr(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 1), control = x86_read(x, 2);
    Input start = emit_extract(e, 8, control, 0), size = emit_extract(e, 8, control, 8);
    Input r = emit2(e, IR_AND, w, emit2(e, IR_SHR, w, a, start), ones_below(x, w, size));
    flags_bmi(x, w, r, input_imm(0));
    x86_write(x, 0, r);
}

static void lift_bzhi(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 1), n = emit_extract(e, 8, x86_read(x, 2), 0);
    Input r = emit2(e, IR_AND, w, a, ones_below(x, w, n));
    flags_bmi(x, w, r, emit2(e, IR_ULT, 8, input_imm(w - 1), n));
    x86_write(x, 0, r);
}

static void lift_deposit(X86 *x, IrKind kind) {
    Input a = x86_read(x, 1), mask = x86_read(x, 2);
    emit_to(&x->e, x86_out(x, 0), kind, x86_width(x, 0), a, mask, INPUT_NONE);
}

static void lift_crc32(X86 *x) {
    Input a = x86_read(x, 0), b = x86_read(x, 1);
    emit_to(&x->e, x86_out(x, 0), IR_CRC32C, 32, a, b, INPUT_NONE)->lane = (uint8_t)x86_width(x, 1);
}

static bool lift_bits(X86 *x) {
    switch (x->in->id) {
    case X86_BT:
        lift_bit(x, BIT_TEST);
        return true;
    case X86_BTS:
        lift_bit(x, BIT_SET);
        return true;
    case X86_BTR:
        lift_bit(x, BIT_RESET);
        return true;
    case X86_BTC:
        lift_bit(x, BIT_COMPLEMENT);
        return true;
    case X86_BSF:
        lift_scan(x, false);
        return true;
    case X86_BSR:
        lift_scan(x, true);
        return true;
    case X86_LZCNT:
        lift_count(x, IR_CLZ);
        return true;
    case X86_TZCNT:
        lift_count(x, IR_CTZ);
        return true;
    case X86_POPCNT:
        lift_count(x, IR_POPCNT);
        return true;
    case X86_BLSI:
    case X86_BLSMSK:
    case X86_BLSR:
        lift_lowest(x);
        return true;
    case X86_BEXTR:
        lift_bextr(x);
        return true;
    case X86_BZHI:
        lift_bzhi(x);
        return true;
    case X86_PDEP:
        lift_deposit(x, IR_PDEP);
        return true;
    case X86_PEXT:
        lift_deposit(x, IR_PEXT);
        return true;
    case X86_CRC32:
        lift_crc32(x);
        return true;
    default:
        return false;
    }
}

bool lift_x86_shift(X86 *x) {
    switch (x->in->id) {
    case X86_SHL:
        lift_shift(x, IR_SHL);
        return true;
    case X86_SHR:
        lift_shift(x, IR_SHR);
        return true;
    case X86_SAR:
        lift_shift(x, IR_SAR);
        return true;
    case X86_ROL:
        lift_rotate(x, IR_ROL);
        return true;
    case X86_ROR:
        lift_rotate(x, IR_ROR);
        return true;
    case X86_RCL:
        lift_rotate_carry(x, true);
        return true;
    case X86_RCR:
        lift_rotate_carry(x, false);
        return true;
    case X86_SHLD:
        lift_shift_double(x, true);
        return true;
    case X86_SHRD:
        lift_shift_double(x, false);
        return true;
    case X86_SHLX:
        lift_shift_plain(x, IR_SHL);
        return true;
    case X86_SHRX:
        lift_shift_plain(x, IR_SHR);
        return true;
    case X86_SARX:
        lift_shift_plain(x, IR_SAR);
        return true;
    case X86_RORX:
        lift_shift_plain(x, IR_ROR);
        return true;
    default:
        return lift_bits(x);
    }
}
