/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_float.c: x87. The stack is relative: st0 is always the top, pushes and pops move all
 * eight registers. Numbers are held as 64 bits: loads and stores of that width only move, others
 * convert (IR_FLOAT with the width in lane, 80 for extended), arithmetic is IR_FLOAT. Of the status
 * word the condition bits are kept (exceptions and the top read as 0), and the address of the last
 * instruction, which fnstenv tells code that looks for itself. */
#include "value/lift_x86_vector.h"

enum { CONTROL_START = 0x37f }; /* fninit */

static uint16_t st(unsigned i) { return (uint16_t)(SLOT_X87 + i); }

static Input float_op(X86 *x, FloatKind kind, unsigned w, unsigned from, Input a, Input b) {
    IrOp *op = emit_new(&x->e, IR_FLOAT, w, emit_temp(&x->e));
    op->lane = (uint8_t)from;
    op->a = a.slot;
    op->b = b.slot;
    op->imm = kind;
    return input_slot(op->out);
}

/* Transcendental and other functions, told apart by the low byte of the mnemonic's hash. */
static Input other(X86 *x, unsigned which, Input a, Input b) {
    const char *name = decode_mnemonic(x->lifter->decoder, x->in->mnemonic);
    return float_op(x, FLOAT_OTHER, 64, (unsigned)(opaque_name(name) + which) & 0xff, a, b);
}

/* All registers one place further from the top or nearer to it; what leaves comes in at the other
 * end. */
static void rotate(X86 *x, bool away) {
    Input last = emit_move(&x->e, 64, input_slot(st(away ? 7 : 0)));
    for (unsigned i = 0; i < 7; i++) {
        uint16_t to = away ? st(7 - i) : st(i), from = away ? st(6 - i) : st(i + 1);
        emit_set(&x->e, to, 64, input_slot(from));
    }
    emit_set(&x->e, st(away ? 0 : 7), 64, last);
}

static void push(X86 *x, Input v) {
    v = emit_move(&x->e, 64, v);
    rotate(x, true);
    emit_set(&x->e, st(0), 64, v);
}

static void pop(X86 *x) { rotate(x, false); }

static Input memory_float(X86 *x, unsigned i) {
    unsigned w = x86_width(x, i);
    Place at = x86_memory(x, i);
    if (w == 64)
        return emit_load(&x->e, 64, at);
    if (w == 80) {
        Input low = emit_load(&x->e, 64, at);
        Input high = emit_load(&x->e, 16, x86_further(at, 8, x->bits));
        return float_op(x, FLOAT_FROM_FLOAT, 64, 80, low, high);
    }
    return float_op(x, FLOAT_FROM_FLOAT, 64, w, emit_load(&x->e, w, at), INPUT_NONE);
}

/* Number that operand i is: a register, or memory with a float or an integer. */
static Input number_of(X86 *x, unsigned i, bool is_int) {
    if (x86_is_reg(x, i))
        return input_slot(x86_place(x, x86_operand(x, i)->reg).slot);
    if (!is_int)
        return memory_float(x, i);
    unsigned w = x86_width(x, i);
    Input number = emit_load(&x->e, w, x86_memory(x, i));
    return float_op(x, FLOAT_FROM_INT, 64, w, number, INPUT_NONE);
}

static void store_float(X86 *x, unsigned i) {
    unsigned w = x86_width(x, i);
    Input v = input_slot(st(0));
    Place at = x86_memory(x, i);
    if (w == 64) {
        emit_store(&x->e, 64, at, v);
        return;
    }
    if (w != 80) {
        emit_store(&x->e, w, at, float_op(x, FLOAT_FROM_FLOAT, w, 64, v, INPUT_NONE));
        return;
    }
    uint64_t name = opaque_name("x87 to extended");
    for (unsigned k = 0; k < 2; k++) {
        uint16_t part = emit_temp(&x->e);
        emit_opaque_to(&x->e, part, k ? 16 : 64, OPAQUE_ID(name, k),
                       (Input[]){v, INPUT_NONE, INPUT_NONE});
        emit_store(&x->e, k ? 16 : 64, x86_further(at, 8 * k, x->bits), input_slot(part));
    }
}

static void store_int(X86 *x, unsigned i, bool truncates) {
    unsigned w = x86_width(x, i);
    Input v = input_slot(st(0));
    if (!truncates)
        v = float_op(x, FLOAT_ROUND_INT, 64, 0, v, INPUT_NONE);
    emit_store(&x->e, w, x86_memory(x, i), float_op(x, FLOAT_TO_INT, w, 64, v, INPUT_NONE));
}

/* C0, C2, C3 of the status word by comparing st0. */
static void compare_status(X86 *x, Input with) {
    static const struct {
        FloatKind kind;
        uint8_t bit;
    } bits[] = {{FLOAT_LESS, 8}, {FLOAT_UNORDERED, 10}, {FLOAT_EQUAL, 14}};
    Input unordered = float_op(x, FLOAT_UNORDERED, 64, 0, input_slot(st(0)), with);
    Input status = emit_in_slot(&x->e, input_imm(0));
    for (unsigned i = 0; i < 3; i++) {
        Input bit = unordered;
        if (bits[i].kind != FLOAT_UNORDERED)
            bit = emit2(&x->e, IR_OR, 1, float_op(x, bits[i].kind, 64, 0, input_slot(st(0)), with),
                        unordered);
        uint16_t out = i == 2 ? (uint16_t)SLOT_X86_FPU_STATUS : emit_temp(&x->e);
        emit_insert_to(&x->e, out, 1, status, bit, bits[i].bit);
        status = input_slot(out);
    }
}

static void compare_flags(X86 *x, Input with) {
    Input a = input_slot(st(0));
    Input unordered = float_op(x, FLOAT_UNORDERED, 64, 0, a, with);
    Input less = float_op(x, FLOAT_LESS, 64, 0, a, with);
    Input equal = float_op(x, FLOAT_EQUAL, 64, 0, a, with);
    emit_to(&x->e, SLOT_C, IR_OR, 1, less, unordered, INPUT_NONE);
    emit_to(&x->e, SLOT_Z, IR_OR, 1, equal, unordered, INPUT_NONE);
    x86_flag(x, SLOT_P, unordered);
    x86_flag(x, SLOT_V, input_imm(0));
    x86_flag(x, SLOT_N, input_imm(0));
    x86_flag(x, SLOT_A, input_imm(0));
}

/* Destination and source; with memory st0 is the destination. */
static bool arithmetic(X86 *x, FloatKind kind, bool reversed, bool is_int, bool pops) {
    unsigned last = x->in->operand_count - 1u;
    if (x->in->operand_count < 1 || x->in->operand_count > 2)
        return false;
    uint16_t to = last && x86_is_reg(x, 0) ? x86_place(x, x86_operand(x, 0)->reg).slot : st(0);
    Input a = input_slot(to), b = number_of(x, last, is_int);
    Input r = float_op(x, kind, 64, 0, reversed ? b : a, reversed ? a : b);
    emit_set(&x->e, to, 64, r);
    if (pops)
        pop(x);
    return true;
}

static bool lift_arithmetic(X86 *x) {
    switch ((int)x->in->id) {
    case X86_FADD:
    case X86_FADDP:
        return arithmetic(x, FLOAT_ADD, false, false, x->in->id == X86_FADDP);
    case X86_FSUB:
    case X86_FSUBP:
        return arithmetic(x, FLOAT_SUB, false, false, x->in->id == X86_FSUBP);
    case X86_FSUBR:
    case X86_FSUBRP:
        return arithmetic(x, FLOAT_SUB, true, false, x->in->id == X86_FSUBRP);
    case X86_FMUL:
    case X86_FMULP:
        return arithmetic(x, FLOAT_MUL, false, false, x->in->id == X86_FMULP);
    case X86_FDIV:
    case X86_FDIVP:
        return arithmetic(x, FLOAT_DIV, false, false, x->in->id == X86_FDIVP);
    case X86_FDIVR:
    case X86_FDIVRP:
        return arithmetic(x, FLOAT_DIV, true, false, x->in->id == X86_FDIVRP);
    case X86_FIADD:
        return arithmetic(x, FLOAT_ADD, false, true, false);
    case X86_FISUB:
        return arithmetic(x, FLOAT_SUB, false, true, false);
    case X86_FISUBR:
        return arithmetic(x, FLOAT_SUB, true, true, false);
    case X86_FIMUL:
        return arithmetic(x, FLOAT_MUL, false, true, false);
    case X86_FIDIV:
        return arithmetic(x, FLOAT_DIV, false, true, false);
    case X86_FIDIVR:
        return arithmetic(x, FLOAT_DIV, true, true, false);
    default:
        return false;
    }
}

static bool lift_compare(X86 *x) {
    unsigned last = x->in->operand_count ? x->in->operand_count - 1u : 0;
    switch ((int)x->in->id) {
    case X86_FCOMPP:
    case X86_FUCOMPP:
        compare_status(x, input_slot(st(1)));
        break;
    case X86_FCOM:
    case X86_FCOMP:
    case X86_FUCOM:
    case X86_FUCOMP:
        compare_status(x, number_of(x, last, false));
        break;
    case X86_FICOM:
    case X86_FICOMP:
        compare_status(x, number_of(x, last, true));
        break;
    case X86_FTST:
        compare_status(x, emit_in_slot(&x->e, input_imm(0)));
        break;
    case X86_FCOMI:
    case X86_FCOMIP:
    case X86_FUCOMI:
    case X86_FUCOMIP:
        compare_flags(x, number_of(x, last, false));
        break;
    case X86_FXAM: {
        uint16_t out = emit_temp(&x->e);
        emit_opaque_to(&x->e, out, 16, OPAQUE_ID(opaque_name("fxam"), 0),
                       (Input[]){input_slot(st(0)), INPUT_NONE, INPUT_NONE});
        emit_to(&x->e, SLOT_X86_FPU_STATUS, IR_AND, 16, input_slot(out), input_imm(0x4700),
                INPUT_NONE);
        break;
    }
    default:
        return false;
    }
    switch ((int)x->in->id) {
    case X86_FCOMPP:
    case X86_FUCOMPP:
        pop(x);
        pop(x);
        break;
    case X86_FCOMP:
    case X86_FUCOMP:
    case X86_FICOMP:
    case X86_FCOMIP:
    case X86_FUCOMIP:
        pop(x);
        break;
    default:
        break;
    }
    return true;
}

static bool lift_move(X86 *x) {
    unsigned last = x->in->operand_count ? x->in->operand_count - 1u : 0;
    switch ((int)x->in->id) {
    case X86_FLD:
        push(x, number_of(x, last, false));
        return true;
    case X86_FILD:
        push(x, number_of(x, last, true));
        return true;
    case X86_FBLD: {
        Input low = emit_load(&x->e, 64, x86_memory(x, last));
        push(x, other(x, 0, low, INPUT_NONE));
        return true;
    }
    case X86_FST:
    case X86_FSTP:
    case X86_FSTPNCE:
        if (x86_is_mem(x, 0))
            store_float(x, 0);
        else
            emit_set(&x->e, x86_place(x, x86_operand(x, 0)->reg).slot, 64, input_slot(st(0)));
        if (x->in->id != X86_FST)
            pop(x);
        return true;
    case X86_FIST:
    case X86_FISTP:
    case X86_FISTTP:
        store_int(x, 0, x->in->id == X86_FISTTP);
        if (x->in->id != X86_FIST)
            pop(x);
        return true;
    case X86_FBSTP:
        emit_store(&x->e, 64, x86_memory(x, 0), other(x, 0, input_slot(st(0)), INPUT_NONE));
        emit_store(&x->e, 16, x86_further(x86_memory(x, 0), 8, x->bits),
                   other(x, 1, input_slot(st(0)), INPUT_NONE));
        pop(x);
        return true;
    case X86_FXCH: {
        uint16_t with = x86_place(x, x86_operand(x, last)->reg).slot;
        Input top = emit_move(&x->e, 64, input_slot(st(0)));
        emit_set(&x->e, st(0), 64, input_slot(with));
        emit_set(&x->e, with, 64, top);
        return true;
    }
    default:
        return false;
    }
}

static bool lift_conditional(X86 *x) {
    static const struct {
        uint16_t id;
        uint8_t condition;
    } moves[] = {{X86_FCMOVB, 2},  {X86_FCMOVNB, 3},  {X86_FCMOVE, 4},  {X86_FCMOVNE, 5},
                 {X86_FCMOVBE, 6}, {X86_FCMOVNBE, 7}, {X86_FCMOVU, 10}, {X86_FCMOVNU, 11}};
    for (unsigned i = 0; i < sizeof moves / sizeof *moves; i++)
        if (moves[i].id == x->in->id) {
            Input from = number_of(x, 1, false);
            emit_to(&x->e, st(0), IR_SELECT, 64, x86_condition(x, moves[i].condition), from,
                    input_slot(st(0)));
            return true;
        }
    return false;
}

/* Constants, as doubles nearest to what the processor pushes (Intel manual, volume 1, 8.3.4). */
static bool lift_constant(X86 *x) {
    static const struct {
        uint16_t id;
        uint64_t bits;
    } constants[] = {{X86_FLD1, 0x3ff0000000000000},
                     {X86_FLDL2T, 0x400a934f0979a371},
                     {X86_FLDL2E, 0x3ff71547652b82fe},
                     {X86_FLDPI, 0x400921fb54442d18},
                     {X86_FLDLG2, 0x3fd34413509f79ff},
                     {X86_FLDLN2, 0x3fe62e42fefa39ef},
                     {X86_FLDZ, 0}};
    for (unsigned i = 0; i < sizeof constants / sizeof *constants; i++)
        if (constants[i].id == x->in->id) {
            push(x, input_imm(constants[i].bits));
            return true;
        }
    return false;
}

/* After a function the other condition bits mean little; C2, "not done for lack of range", is 0. */
static void forget_status(X86 *x, Input a) {
    uint16_t out = emit_temp(&x->e);
    emit_opaque_to(&x->e, out, 16, OPAQUE_ID(opaque_name("x87 status"), 0),
                   (Input[]){a, INPUT_NONE, INPUT_NONE});
    emit_to(&x->e, SLOT_X86_FPU_STATUS, IR_AND, 16, input_slot(out), input_imm(0x4300), INPUT_NONE);
}

static bool lift_function(X86 *x) {
    Input a = input_slot(st(0)), b = input_slot(st(1));
    switch ((int)x->in->id) {
    case X86_FSIN:
    case X86_FCOS:
    case X86_FPREM:
    case X86_FPREM1:
    case X86_FPTAN:
    case X86_FSINCOS:
        forget_status(x, a);
        break;
    default:
        break;
    }
    switch ((int)x->in->id) {
    case X86_FCHS:
        emit_set(&x->e, st(0), 64, float_op(x, FLOAT_NEG, 64, 0, a, INPUT_NONE));
        return true;
    case X86_FABS:
        emit_set(&x->e, st(0), 64, float_op(x, FLOAT_ABS, 64, 0, a, INPUT_NONE));
        return true;
    case X86_FSQRT:
        emit_set(&x->e, st(0), 64, float_op(x, FLOAT_SQRT, 64, 0, a, INPUT_NONE));
        return true;
    case X86_FRNDINT:
        emit_set(&x->e, st(0), 64, float_op(x, FLOAT_ROUND_INT, 64, 0, a, INPUT_NONE));
        return true;
    case X86_F2XM1:
    case X86_FSIN:
    case X86_FCOS:
        emit_set(&x->e, st(0), 64, other(x, 0, a, INPUT_NONE));
        return true;
    case X86_FPREM:
    case X86_FPREM1:
    case X86_FSCALE:
        emit_set(&x->e, st(0), 64, other(x, 0, a, b));
        return true;
    case X86_FPATAN:
    case X86_FYL2X:
    case X86_FYL2XP1:
        emit_set(&x->e, st(1), 64, other(x, 0, a, b));
        pop(x);
        return true;
    case X86_FPTAN:
        emit_set(&x->e, st(0), 64, other(x, 0, a, INPUT_NONE));
        push(x, input_imm(0x3ff0000000000000)); /* 1.0 */
        return true;
    case X86_FSINCOS:
    case X86_FXTRACT: {
        Input second = other(x, 1, a, INPUT_NONE);
        emit_set(&x->e, st(0), 64, other(x, 0, a, INPUT_NONE));
        push(x, second);
        return true;
    }
    default:
        return false;
    }
}

/* fnstenv: control, status, tags (all in use), and the last instruction's address. */
static void store_environment(X86 *x) {
    unsigned w = x->in->operand_width == 16 ? 16 : 32;
    Place at = x86_memory(x, 0);
    Input words[7] = {input_slot(SLOT_X86_FPU_CONTROL),
                      input_slot(SLOT_X86_FPU_STATUS),
                      input_imm(0),
                      input_slot(SLOT_X86_FPU_IP),
                      input_imm(0),
                      input_imm(0),
                      input_imm(0)};
    for (unsigned i = 0; i < 7; i++)
        emit_store(&x->e, w, x86_further(at, i * w / 8, x->bits), words[i]);
}

/* Instructions about the unit itself; they leave the address of the last instruction as it is. */
static bool lift_control(X86 *x) {
    switch ((int)x->in->id) {
    case X86_FNINIT:
        emit_set(&x->e, SLOT_X86_FPU_CONTROL, 16, input_imm(CONTROL_START));
        emit_set(&x->e, SLOT_X86_FPU_STATUS, 16, input_imm(0));
        emit_set(&x->e, SLOT_X86_FPU_IP, 64, input_imm(0));
        return true;
    case X86_FLDCW:
        x86_read_to(x, 0, 16, SLOT_X86_FPU_CONTROL);
        return true;
    case X86_FNSTCW:
        x86_write(x, 0, input_slot(SLOT_X86_FPU_CONTROL));
        return true;
    case X86_FNSTSW:
        x86_write(x, 0, input_slot(SLOT_X86_FPU_STATUS));
        return true;
    case X86_FNSTENV:
        store_environment(x);
        return true;
    case X86_FNCLEX:
    case X86_FWAIT:
    case X86_EMMS:
    case X86_FEMMS:
    case X86_FDISI8087_NOP:
    case X86_FENI8087_NOP:
    case X86_FSETPM287_NOP:
        return true;
    default:
        return false;
    }
}

static bool lift_stack(X86 *x) {
    switch ((int)x->in->id) {
    case X86_FINCSTP:
    case X86_FFREEP:
        pop(x);
        return true;
    case X86_FDECSTP:
        rotate(x, true);
        return true;
    case X86_FFREE:
    case X86_FNOP:
        return true;
    default:
        return false;
    }
}

bool lift_x86_float(X86 *x) {
    if (lift_control(x))
        return true;
    emit_set(&x->e, SLOT_X86_FPU_IP, 64, input_va(x->in->va));
    return lift_move(x) || lift_arithmetic(x) || lift_compare(x) || lift_conditional(x) ||
           lift_constant(x) || lift_function(x) || lift_stack(x);
}
