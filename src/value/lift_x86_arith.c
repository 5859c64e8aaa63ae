/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_arith.c: x86 arithmetic, logic and decimal adjustment, with their flags. */
#include "value/lift_x86.h"

static Input reg(unsigned slot) { return input_slot((uint16_t)slot); }

/* C V A of a + b + c. */
static void flags_add(X86 *x, unsigned w, Input a, Input b, Input c) {
    Emit *e = &x->e;
    emit_to(e, SLOT_V, IR_OVERFLOW, w, a, b, c);
    emit_to(e, SLOT_A, IR_CARRY, 4, a, b, c);
    emit_to(e, SLOT_C, IR_CARRY, w, a, b, c); /* last: c may be the flag itself */
}

static void flags_sub(X86 *x, unsigned w, Input a, Input b, Input c) {
    Emit *e = &x->e;
    emit_to(e, SLOT_V, IR_UNDERFLOW, w, a, b, c);
    emit_to(e, SLOT_A, IR_BORROW, 4, a, b, c);
    emit_to(e, SLOT_C, IR_BORROW, w, a, b, c);
}

/* What add, sub, inc and dec have in common: operand 0 becomes a + b or a - b. Memory is
 * stored before the flags change; a register after the flags that need its old value. */
static void lift_sum(X86 *x, bool up, Input a, Input b, bool carries) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    uint16_t out = x86_out(x, 0);
    IrKind kind = up ? IR_ADD : IR_SUB;
    bool in_memory = x86_is_mem(x, 0);
    if (in_memory) {
        emit_to(e, out, kind, w, a, b, INPUT_NONE);
        x86_done(x, 0, out);
    }
    if (!carries) { /* inc and dec keep C */
        emit_to(e, SLOT_V, up ? IR_OVERFLOW : IR_UNDERFLOW, w, a, b, INPUT_NONE);
        emit_to(e, SLOT_A, up ? IR_CARRY : IR_BORROW, 4, a, b, INPUT_NONE);
    } else if (up) {
        flags_add(x, w, a, b, INPUT_NONE);
    } else {
        flags_sub(x, w, a, b, INPUT_NONE);
    }
    if (!in_memory) {
        emit_to(e, out, kind, w, a, b, INPUT_NONE);
        x86_done(x, 0, out);
    }
    x86_flags_znp(x, w, input_slot(out));
}

static void lift_add_operands(X86 *x, bool up) {
    Input a = x86_read(x, 0), b = x86_read(x, 1);
    lift_sum(x, up, a, b, true);
}

/* adc, sbb. */
static void lift_with_carry(X86 *x, bool up) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    IrKind kind = up ? IR_ADD : IR_SUB;
    Input a = x86_read(x, 0), b = x86_read(x, 1), c = reg(SLOT_C);
    Input r = emit2(e, kind, w, emit2(e, kind, w, a, b), c);
    if (x86_is_mem(x, 0))
        x86_write(x, 0, r);
    if (up)
        flags_add(x, w, a, b, c);
    else
        flags_sub(x, w, a, b, c);
    x86_flags_znp(x, w, r);
    if (!x86_is_mem(x, 0))
        x86_write(x, 0, r);
}

static void lift_cmp(X86 *x) {
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0), b = x86_read(x, 1);
    flags_sub(x, w, a, b, INPUT_NONE);
    x86_flags_znp(x, w, emit2(&x->e, IR_SUB, w, a, b));
}

static void lift_xadd(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = emit_move(e, w, x86_read(x, 0)), b = emit_move(e, w, x86_read(x, 1));
    Input r = emit2(e, IR_ADD, w, a, b);
    if (x86_is_mem(x, 0))
        x86_write(x, 0, r);
    flags_add(x, w, a, b, INPUT_NONE);
    x86_flags_znp(x, w, r);
    x86_write(x, 1, a);
    if (!x86_is_mem(x, 0)) /* of the same register the sum stays */
        x86_write(x, 0, r);
}

static void lift_neg(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0);
    uint16_t out = x86_out(x, 0);
    if (x86_is_mem(x, 0)) {
        emit_to(e, out, IR_NEG, w, a, INPUT_NONE, INPUT_NONE);
        x86_done(x, 0, out);
    }
    flags_sub(x, w, input_imm(0), a, INPUT_NONE);
    if (!x86_is_mem(x, 0)) {
        emit_to(e, out, IR_NEG, w, a, INPUT_NONE, INPUT_NONE);
        x86_done(x, 0, out);
    }
    x86_flags_znp(x, w, input_slot(out));
}

static void lift_logic(X86 *x, IrKind kind) {
    unsigned w = x86_width(x, 0);
    uint16_t out = x86_out(x, 0);
    Input a = x86_read(x, 0), b = x86_read(x, 1);
    emit_to(&x->e, out, kind, w, a, b, INPUT_NONE);
    x86_done(x, 0, out);
    x86_flags_logic(x, w, input_slot(out));
}

static void lift_test(X86 *x) {
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0), b = x86_read(x, 1);
    x86_flags_logic(x, w, emit2(&x->e, IR_AND, w, a, b));
}

static void lift_not(X86 *x) {
    uint16_t out = x86_out(x, 0);
    emit_to(&x->e, out, IR_NOT, x86_width(x, 0), x86_read(x, 0), INPUT_NONE, INPUT_NONE);
    x86_done(x, 0, out);
}

static void lift_andn(X86 *x) {
    unsigned w = x86_width(x, 0);
    Input from = x86_read(x, 2), mask = emit1(&x->e, IR_NOT, w, x86_read(x, 1));
    uint16_t out = x86_out(x, 0);
    emit_to(&x->e, out, IR_AND, w, mask, from, INPUT_NONE);
    x86_flags_logic(x, w, input_slot(out));
}

/* C = V = whether the product needs more than its low half. */
static void flags_product(X86 *x, Input fits) {
    emit_to(&x->e, SLOT_C, IR_NOT, 1, fits, INPUT_NONE, INPUT_NONE);
    x86_flag(x, SLOT_V, reg(SLOT_C));
}

/* mul and imul with one operand: the product in rdx:rax, or ax. */
static void lift_multiply_wide(X86 *x, bool is_signed) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = reg(SLOT_X86_RAX), b = x86_read(x, 0);
    Input low = emit2(e, IR_MUL, w, a, b);
    Input high = emit2(e, is_signed ? IR_SMULH : IR_UMULH, w, a, b);
    Input none = is_signed ? emit2(e, IR_SAR, w, low, input_imm(w - 1)) : input_imm(0);
    Input fits = emit2(e, IR_EQ, w, high, none);
    x86_set_general(x, SLOT_X86_RAX, w, low);
    if (w == 8)
        emit_insert_to(e, SLOT_X86_RAX, 8, reg(SLOT_X86_RAX), high, 8);
    else
        x86_set_general(x, SLOT_X86_RDX, w, high);
    flags_product(x, fits);
}

static void lift_imul(X86 *x) {
    if (x->in->operand_count < 2) {
        lift_multiply_wide(x, true);
        return;
    }
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0), first = x->in->operand_count == 3;
    Input a = x86_read(x, first), b = x86_read(x, first + 1);
    Input high = emit2(e, IR_SMULH, w, a, b), low = emit2(e, IR_MUL, w, a, b);
    Input fits = emit2(e, IR_EQ, w, high, emit2(e, IR_SAR, w, low, input_imm(w - 1)));
    x86_write(x, 0, low);
    flags_product(x, fits);
}

static void lift_mulx(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = reg(SLOT_X86_RDX), b = x86_read(x, 2);
    Input low = emit2(e, IR_MUL, w, a, b), high = emit2(e, IR_UMULH, w, a, b);
    x86_write(x, 1, low);
    x86_write(x, 0, high); /* of the same register the high half stays */
}

/* Dividend in rdx:rax, or ax; quotient and remainder go there too. */
static void divided(X86 *x, unsigned w, Input quotient, Input remainder) {
    x86_set_general(x, SLOT_X86_RAX, w, quotient);
    if (w == 8)
        emit_insert_to(&x->e, SLOT_X86_RAX, 8, reg(SLOT_X86_RAX), remainder, 8);
    else
        x86_set_general(x, SLOT_X86_RDX, w, remainder);
}

static Input dividend_high(X86 *x, unsigned w) {
    return w == 8 ? emit_extract(&x->e, 8, reg(SLOT_X86_RAX), 8) : reg(SLOT_X86_RDX);
}

static void lift_div(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input by = x86_read(x, 0), low = reg(SLOT_X86_RAX), high = dividend_high(x, w);
    /* The quotient fits when the upper half is less than the divisor; then this is not 0 either. */
    emit_trap_if(e, emit2(e, IR_ULE, w, by, high), TRAP_DIVIDE);
    Input q = emit3(e, IR_UDIVW, w, high, low, by), r = emit3(e, IR_UREMW, w, high, low, by);
    divided(x, w, q, r);
}

/* The low half q of the quotient is the whole quotient when q * by + r gives the dividend back: if
 * it is not, it differs by a multiple of 2^w, and the product in its upper half. */
static void lift_idiv(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input by = x86_read(x, 0), low = reg(SLOT_X86_RAX), high = dividend_high(x, w);
    emit_trap_if(e, emit2(e, IR_EQ, w, by, input_imm(0)), TRAP_DIVIDE);
    Input q = emit3(e, IR_SDIVW, w, high, low, by), r = emit3(e, IR_SREMW, w, high, low, by);
    Input carry = emit2(e, IR_CARRY, w, emit2(e, IR_MUL, w, q, by), r);
    Input top =
        emit2(e, IR_ADD, w, emit2(e, IR_SMULH, w, q, by), emit2(e, IR_SAR, w, r, input_imm(w - 1)));
    Input same = emit2(e, IR_EQ, w, emit2(e, IR_ADD, w, top, carry), high);
    emit_trap_if(e, emit1(e, IR_NOT, 1, same), TRAP_DIVIDE);
    divided(x, w, q, r);
}

/* adcx and adox: one flag is the carry in and out, no other changes. */
static void lift_add_carry(X86 *x, uint16_t flag) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input a = x86_read(x, 0), b = x86_read(x, 1);
    Input r = emit2(e, IR_ADD, w, emit2(e, IR_ADD, w, a, b), reg(flag));
    emit_to(e, flag, IR_CARRY, w, a, b, reg(flag));
    x86_write(x, 0, r);
}

/* Whether the low digit of al needs adjustment: above 9, or half carry. */
static Input digit_over(X86 *x) {
    Emit *e = &x->e;
    Input digit = emit2(e, IR_AND, 8, reg(SLOT_X86_RAX), input_imm(15));
    return emit2(e, IR_OR, 1, emit2(e, IR_ULT, 8, input_imm(9), digit), reg(SLOT_A));
}

/* aaa, aas: ax by 0x106 up or down where the digit needs it. */
static void lift_ascii_adjust(X86 *x, bool up) {
    Emit *e = &x->e;
    Input over = digit_over(x);
    Input by = emit3(e, IR_SELECT, 16, over, input_imm(0x106), input_imm(0));
    Input ax = emit2(e, up ? IR_ADD : IR_SUB, 16, reg(SLOT_X86_RAX), by);
    x86_set_general(x, SLOT_X86_RAX, 16, emit2(e, IR_AND, 16, ax, input_imm(0xff0f)));
    x86_flag(x, SLOT_A, over);
    x86_flag(x, SLOT_C, over);
}

/* daa, das: al by 6 and 0x60. */
static void lift_decimal_adjust(X86 *x, bool up) {
    Emit *e = &x->e;
    IrKind kind = up ? IR_ADD : IR_SUB;
    Input al = emit_move(e, 8, reg(SLOT_X86_RAX)), low = digit_over(x);
    Input high = emit2(e, IR_OR, 1, emit2(e, IR_ULT, 8, input_imm(0x99), al), reg(SLOT_C));
    Input r = emit2(e, kind, 8, al, emit3(e, IR_SELECT, 8, low, input_imm(6), input_imm(0)));
    r = emit2(e, kind, 8, r, emit3(e, IR_SELECT, 8, high, input_imm(0x60), input_imm(0)));
    x86_set_general(x, SLOT_X86_RAX, 8, r);
    if (!up) { /* a borrow of the low digit alone sets C too */
        Input under = emit2(e, IR_ULT, 8, al, input_imm(6));
        high = emit2(e, IR_OR, 1, high, emit2(e, IR_AND, 1, low, under));
    }
    x86_flag(x, SLOT_A, low);
    x86_flag(x, SLOT_C, high);
    x86_flags_znp(x, 8, r);
}

static void lift_aam(X86 *x) {
    Emit *e = &x->e;
    uint64_t base = (uint64_t)x86_operand(x, 0)->value & 0xff;
    if (base == 0) {
        emit_trap_if(e, emit_in_slot(e, input_imm(1)), TRAP_DIVIDE);
        return;
    }
    Input al = reg(SLOT_X86_RAX);
    Input high = emit2(e, IR_UDIV, 8, al, input_imm(base));
    Input low = emit2(e, IR_UREM, 8, al, input_imm(base));
    x86_set_general(x, SLOT_X86_RAX, 8, low);
    emit_insert_to(e, SLOT_X86_RAX, 8, reg(SLOT_X86_RAX), high, 8);
    x86_flags_znp(x, 8, low);
}

static void lift_aad(X86 *x) {
    Emit *e = &x->e;
    Input ah = emit_extract(e, 8, reg(SLOT_X86_RAX), 8);
    Input by = input_imm((uint64_t)x86_operand(x, 0)->value);
    Input r = emit2(e, IR_ADD, 8, reg(SLOT_X86_RAX), emit2(e, IR_MUL, 8, ah, by));
    x86_set_general(x, SLOT_X86_RAX, 16, r);
    x86_flags_znp(x, 8, r);
}

/* Longer than 70 lines because it is one list. */
bool lift_x86_arith(X86 *x) {
    switch (x->in->id) {
    case X86_ADD:
        lift_add_operands(x, true);
        return true;
    case X86_ADC:
        lift_with_carry(x, true);
        return true;
    case X86_SUB:
        lift_add_operands(x, false);
        return true;
    case X86_SBB:
        lift_with_carry(x, false);
        return true;
    case X86_CMP:
        lift_cmp(x);
        return true;
    case X86_INC:
        lift_sum(x, true, x86_read(x, 0), input_imm(1), false);
        return true;
    case X86_DEC:
        lift_sum(x, false, x86_read(x, 0), input_imm(1), false);
        return true;
    case X86_NEG:
        lift_neg(x);
        return true;
    case X86_AND:
        lift_logic(x, IR_AND);
        return true;
    case X86_OR:
        lift_logic(x, IR_OR);
        return true;
    case X86_XOR:
        lift_logic(x, IR_XOR);
        return true;
    case X86_TEST:
        lift_test(x);
        return true;
    case X86_NOT:
        lift_not(x);
        return true;
    case X86_ANDN:
        lift_andn(x);
        return true;
    case X86_XADD:
        lift_xadd(x);
        return true;
    case X86_MUL:
        lift_multiply_wide(x, false);
        return true;
    case X86_IMUL:
        lift_imul(x);
        return true;
    case X86_MULX:
        lift_mulx(x);
        return true;
    case X86_DIV:
        lift_div(x);
        return true;
    case X86_IDIV:
        lift_idiv(x);
        return true;
    case X86_ADCX:
        lift_add_carry(x, SLOT_C);
        return true;
    case X86_ADOX:
        lift_add_carry(x, SLOT_V);
        return true;
    case X86_AAA:
        lift_ascii_adjust(x, true);
        return true;
    case X86_AAS:
        lift_ascii_adjust(x, false);
        return true;
    case X86_DAA:
        lift_decimal_adjust(x, true);
        return true;
    case X86_DAS:
        lift_decimal_adjust(x, false);
        return true;
    case X86_AAM:
        lift_aam(x);
        return true;
    case X86_AAD:
        lift_aad(x);
        return true;
    default:
        return false;
    }
}
