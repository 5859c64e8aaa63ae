/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_vfp.c: VFP: moves, loads and stores exactly, arithmetic as IR_FLOAT. FPSCR's flags are
 * slots of their own. */
#include "value/lift_arm.h"

enum {
    SLOT_FPSCR_N = SLOT_SYSTEM,
    SLOT_FPSCR_Z,
    SLOT_FPSCR_C,
    SLOT_FPSCR_V,
    SLOT_FPSCR_REST /* the other bits, at their places */
};

static ArmValue get(ArmLift *l, unsigned size, unsigned reg) {
    return size == 64 ? arm_d(reg) : arm_s(l, reg);
}

static void set(ArmLift *l, unsigned size, unsigned reg, ArmValue v) {
    if (size == 64)
        arm_set_d(l, reg, v);
    else
        arm_set_s(l, reg, v);
}

static ArmValue compute(ArmLift *l, FloatKind kind, unsigned bits, unsigned from, ArmValue a,
                        ArmValue b) {
    IrOp op = {.kind = IR_FLOAT,
               .bits = (uint8_t)bits,
               .lane = (uint8_t)from,
               .a = arm_in_slot(l, a).slot,
               .b = b.slot == SLOT_IMM ? arm_in_slot(l, b).slot : b.slot,
               .c = SLOT_NONE,
               .imm = kind};
    return arm_emit_value(l, op);
}

static ArmValue fused(ArmLift *l, unsigned bits, ArmValue a, ArmValue b, ArmValue c) {
    IrOp op = {.kind = IR_FLOAT,
               .bits = (uint8_t)bits,
               .a = a.slot,
               .b = b.slot,
               .c = c.slot,
               .imm = FLOAT_FMA};
    return arm_emit_value(l, op);
}

static ArmValue negated(ArmLift *l, unsigned bits, ArmValue v) {
    return compute(l, FLOAT_NEG, bits, 0, v, arm_slot(SLOT_NONE));
}

/* d + n * m and its kind; `lane_bits` wide numbers. */
static ArmValue accumulate(ArmLift *l, unsigned bits, ArmValue d, ArmValue n, ArmValue m) {
    switch (l->in->op) {
    case ARM_VMLA_F:
    case ARM_VMLS_F:
    case ARM_VNMLA_F:
    case ARM_VNMLS_F: {
        bool negates = l->in->op == ARM_VMLS_F || l->in->op == ARM_VNMLA_F;
        ArmValue product = compute(l, FLOAT_MUL, bits, 0, n, m);
        if (l->in->op == ARM_VNMLA_F || l->in->op == ARM_VNMLS_F)
            d = negated(l, bits, d);
        return compute(l, negates ? FLOAT_SUB : FLOAT_ADD, bits, 0, d, product);
    }
    case ARM_VFMS_F:
    case ARM_VFNMA_F:
        n = negated(l, bits, n);
        break;
    default:
        break;
    }
    if (l->in->op == ARM_VFNMA_F || l->in->op == ARM_VFNMS_F)
        d = negated(l, bits, d);
    return fused(l, bits, n, m, d);
}

/* One number of the arithmetic that VFP and NEON share; slot SLOT_NONE: not of it. */
static ArmValue arithmetic(ArmLift *l, unsigned bits, ArmValue d, ArmValue n, ArmValue m) {
    ArmValue none = arm_slot(SLOT_NONE);
    switch (l->in->op) {
    case ARM_VADD_F:
        return compute(l, FLOAT_ADD, bits, 0, n, m);
    case ARM_VSUB_F:
        return compute(l, FLOAT_SUB, bits, 0, n, m);
    case ARM_VMUL_F:
        return compute(l, FLOAT_MUL, bits, 0, n, m);
    case ARM_VNMUL_F:
        return negated(l, bits, compute(l, FLOAT_MUL, bits, 0, n, m));
    case ARM_VDIV_F:
        return compute(l, FLOAT_DIV, bits, 0, n, m);
    case ARM_VMAX_F:
        return compute(l, FLOAT_MAX, bits, 0, n, m);
    case ARM_VMIN_F:
        return compute(l, FLOAT_MIN, bits, 0, n, m);
    case ARM_VABS_F:
        return compute(l, FLOAT_ABS, bits, 0, m, none);
    case ARM_VNEG_F:
        return negated(l, bits, m);
    case ARM_VSQRT_F:
        return compute(l, FLOAT_SQRT, bits, 0, m, none);
    case ARM_VRINT_F:
        return compute(l, FLOAT_ROUND_INT, bits, 0, m, none);
    case ARM_VMLA_F:
    case ARM_VMLS_F:
    case ARM_VNMLA_F:
    case ARM_VNMLS_F:
    case ARM_VFMA_F:
    case ARM_VFMS_F:
    case ARM_VFNMA_F:
    case ARM_VFNMS_F:
        return accumulate(l, bits, d, n, m);
    default:
        return none;
    }
}

/* All ones where the comparison holds. */
static ArmValue compare_lane(ArmLift *l, ArmValue n, ArmValue m) {
    ArmValue none = arm_slot(SLOT_NONE), is, zero = arm_number(0);
    if (l->in->rm == ARM_NO_REG)
        m = zero;
    if (l->in->imm == 3 || l->in->imm == 4) {
        n = compute(l, FLOAT_ABS, 32, 0, n, none);
        m = compute(l, FLOAT_ABS, 32, 0, m, none);
    }
    switch (l->in->imm) {
    case 0:
        is = compute(l, FLOAT_EQUAL, 32, 0, n, m);
        break;
    case 2:
    case 4:
        is = compute(l, FLOAT_LESS, 32, 0, m, n);
        break;
    case 6:
        is = compute(l, FLOAT_LESS, 32, 0, n, m);
        break;
    case 5:
        is = compute(l, FLOAT_LESS_EQUAL, 32, 0, n, m);
        break;
    default: /* ge, acge */
        is = compute(l, FLOAT_LESS_EQUAL, 32, 0, m, n);
        break;
    }
    return arm_op2(l, IR_SUB, 32, zero, is);
}

/* NEON: two numbers of 32 bits in each register. */
static bool vector(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue scalar = arm_slot(SLOT_NONE);
    if (in->one_lane)
        scalar = arm_extract(l, 32, arm_d(in->rm), in->amount);
    for (unsigned i = 0; i <= in->quad; i++) {
        ArmValue result = arm_number(0);
        for (unsigned half = 0; half < 2; half++) {
            unsigned low = 32 * half;
            ArmValue d = arm_extract(l, 32, arm_d(in->rd + i), low), n = scalar, m = scalar;
            if (in->rn != ARM_NO_REG)
                n = arm_extract(l, 32, arm_d(in->rn + i), low);
            if (!in->one_lane && in->rm != ARM_NO_REG)
                m = arm_extract(l, 32, arm_d(in->rm + i), low);
            ArmValue v = in->op == ARM_VCMPV_F ? compare_lane(l, n, m) : arithmetic(l, 32, d, n, m);
            if (v.slot == SLOT_NONE)
                return false;
            result = half == 0 ? v : arm_insert(l, 32, result, v, 32);
        }
        arm_set_d(l, in->rd + i, result);
    }
    return true;
}

static void move_lane(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->op == ARM_VMOV_TO_LANE) {
        arm_set_d(l, in->rd,
                  arm_insert(l, in->size, arm_d(in->rd), arm_reg(l, in->rm), in->amount));
        return;
    }
    ArmValue v = arm_extract(l, in->size, arm_d(in->rm), in->amount);
    if (in->size < 32 && !in->is_unsigned)
        v = arm_sext(l, in->size, 32, v);
    arm_set_reg(l, in->rd, v);
}

static void move_pair(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->op == ARM_VMOV_TO_PAIR) {
        ArmValue low, high;
        if (in->size == 64) {
            low = arm_extract(l, 32, arm_d(in->rm), 0);
            high = arm_extract(l, 32, arm_d(in->rm), 32);
        } else {
            low = arm_s(l, in->rm);
            high = arm_s(l, in->rm + 1u);
        }
        arm_set_reg(l, in->rd, low);
        arm_set_reg(l, in->rs, high);
        return;
    }
    ArmValue low = arm_reg(l, in->rm), high = arm_reg(l, in->rs);
    if (in->size == 64) {
        arm_set_d(l, in->rd,
                  arm_op2(l, IR_OR, 64, arm_op2(l, IR_SHL, 64, high, arm_number(32)), low));
        return;
    }
    arm_set_s(l, in->rd, low);
    arm_set_s(l, in->rd + 1u, high);
}

static bool move(ArmLift *l) {
    const ArmInsn *in = l->in;
    switch (in->op) {
    case ARM_VMOV_IMM:
        if (in->vector)
            for (unsigned i = 0; i <= in->quad; i++)
                arm_set_d(l, in->rd + i, arm_number(in->wide));
        else
            set(l, in->size, in->rd, arm_number(in->wide));
        return true;
    case ARM_VMOV_REG:
        set(l, in->size, in->rd, get(l, in->size, in->rm));
        return true;
    case ARM_VMOV_TO_CORE:
        arm_set_reg(l, in->rd, arm_s(l, in->rm));
        return true;
    case ARM_VMOV_FROM_CORE:
        arm_set_s(l, in->rd, arm_reg(l, in->rm));
        return true;
    case ARM_VMOV_TO_LANE:
    case ARM_VMOV_FROM_LANE:
        move_lane(l);
        return true;
    case ARM_VMOV_TO_PAIR:
    case ARM_VMOV_FROM_PAIR:
        move_pair(l);
        return true;
    case ARM_VDUP_CORE:
        for (unsigned i = 0; i <= in->quad; i++)
            arm_set_d(l, in->rd + i,
                      arm_lanes(l, IR_PSPLAT, in->size, arm_reg(l, in->rm), arm_slot(SLOT_NONE)));
        return true;
    default:
        return false;
    }
}

static void memory(ArmLift *l) {
    const ArmInsn *in = l->in;
    bool many = in->op == ARM_VLDM || in->op == ARM_VSTM;
    bool loads = in->op == ARM_VLDR || in->op == ARM_VLDM;
    unsigned regs = many ? in->regs : 1;
    ArmValue base = in->is_literal ? arm_address(in->target) : arm_reg(l, in->rn), values[32];
    int32_t distance = in->add ? (int32_t)in->imm : -(int32_t)in->imm;
    int32_t off = in->is_literal || (many && in->add) ? 0 : distance;
    ArmValue after = base;
    if (in->writeback)
        after = arm_op2(l, IR_ADD, 32, base, arm_number((uint32_t)distance));
    for (unsigned i = 0; i < regs && !loads; i++)
        values[i] = get(l, in->size, in->rd + i);
    arm_guard(l);
    for (unsigned i = 0; i < regs; i++, off += in->size / 8) {
        if (loads)
            values[i] = arm_load(l, in->size, base, off);
        else
            arm_store(l, in->size, base, off, values[i]);
    }
    arm_unguard(l);
    for (unsigned i = 0; i < regs && loads; i++) {
        bool pair = in->size == 32 && i + 1 < regs && ((in->rd + i) & 1) == 0;
        if (!pair) {
            set(l, in->size, in->rd + i, values[i]);
            continue;
        }
        ArmValue d = arm_insert(l, 32, values[i], values[i + 1], 32);
        arm_set_d(l, (in->rd + i) / 2, d);
        i++;
    }
    if (in->writeback)
        arm_set_reg(l, in->rn, after);
}

/* Flags of FPSCR: less N, equal Z C, greater C, unordered C V. */
static void compare(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue d = get(l, in->size, in->rd),
             m = in->rm == ARM_NO_REG ? arm_number(0) : get(l, in->size, in->rm);
    ArmValue less = compute(l, FLOAT_LESS, in->size, 0, d, m),
             equal = compute(l, FLOAT_EQUAL, in->size, 0, d, m),
             unordered = compute(l, FLOAT_UNORDERED, in->size, 0, d, m);
    arm_set_flag(l, SLOT_FPSCR_C, arm_op2(l, IR_XOR, 1, less, arm_number(1)));
    arm_set_flag(l, SLOT_FPSCR_N, less);
    arm_set_flag(l, SLOT_FPSCR_Z, equal);
    arm_set_flag(l, SLOT_FPSCR_V, unordered);
}

static const uint16_t fpscr_slots[] = {SLOT_FPSCR_V, SLOT_FPSCR_C, SLOT_FPSCR_Z, SLOT_FPSCR_N};

static void status(ArmLift *l) {
    static const uint16_t flags[] = {SLOT_V, SLOT_C, SLOT_Z, SLOT_N};
    const ArmInsn *in = l->in;
    if (in->op == ARM_VMSR) {
        if (in->imm != 1)
            return;
        ArmValue v = arm_reg(l, in->rm);
        for (unsigned i = 0; i < 4; i++)
            arm_set_flag(l, fpscr_slots[i], arm_extract(l, 1, v, 28 + i));
        arm_set(l, SLOT_FPSCR_REST, 32, arm_op2(l, IR_AND, 32, v, arm_number(0x0fffffff)));
        return;
    }
    if (in->rd == ARM_PC) {
        for (unsigned i = 0; i < 4; i++)
            arm_set_flag(l, flags[i], arm_slot(fpscr_slots[i]));
        return;
    }
    if (in->imm != 1) {
        arm_set_reg(l, in->rd, arm_opaque(l, 32, 0, arm_slot(SLOT_NONE), arm_slot(SLOT_NONE)));
        return;
    }
    ArmValue v = arm_slot(SLOT_FPSCR_REST);
    for (unsigned i = 0; i < 4; i++)
        v = arm_op2(l, IR_OR, 32, v,
                    arm_op2(l, IR_SHL, 32, arm_slot(fpscr_slots[i]), arm_number(28 + i)));
    arm_set_reg(l, in->rd, v);
}

static void convert(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue none = arm_slot(SLOT_NONE);
    if (in->op == ARM_VCVT_FROM_INT) {
        ArmValue m = arm_s(l, in->rm);
        FloatKind kind = in->is_unsigned ? FLOAT_FROM_UINT : FLOAT_FROM_INT;
        set(l, in->size, in->rd, compute(l, kind, in->size, 32, m, none));
        return;
    }
    ArmValue m = get(l, in->size, in->rm);
    if (in->op == ARM_VCVT_FLOAT) {
        set(l, in->imm, in->rd, compute(l, FLOAT_FROM_FLOAT, in->imm, in->size, m, none));
        return;
    }
    if (in->amount)
        m = compute(l, FLOAT_ROUND_INT, in->size, 0, m, none);
    FloatKind kind = in->is_unsigned ? FLOAT_TO_UINT : FLOAT_TO_INT;
    arm_set_s(l, in->rd, compute(l, kind, 32, in->size, m, none));
}

static void other(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue d = arm_d(in->size == 64 ? in->rd : in->rd / 2u);
    ArmValue m = arm_d(in->size == 64 ? in->rm : in->rm / 2u);
    unsigned size = in->size == 32 || (in->imm & 0x00010000) ? 32 : 64;
    set(l, size, in->rd, arm_opaque(l, size, 0, m, d));
}

bool lift_arm_vfp(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (move(l))
        return true;
    switch (in->op) {
    case ARM_VLDR:
    case ARM_VSTR:
    case ARM_VLDM:
    case ARM_VSTM:
        memory(l);
        return true;
    case ARM_VMRS:
    case ARM_VMSR:
        status(l);
        return true;
    case ARM_VCMP_F:
        compare(l);
        return true;
    case ARM_VSEL_F: {
        ArmValue is = arm_condition(l, in->imm), n = get(l, in->size, in->rn),
                 m = get(l, in->size, in->rm);
        set(l, in->size, in->rd, arm_op3(l, IR_SELECT, in->size, is, n, m));
        return true;
    }
    case ARM_VCVT_FROM_INT:
    case ARM_VCVT_TO_INT:
    case ARM_VCVT_FLOAT:
        convert(l);
        return true;
    case ARM_VFLOAT_OTHER:
        other(l);
        return true;
    case ARM_VCMPV_F:
        return vector(l);
    default:
        break;
    }
    if (in->op < ARM_VADD_F || in->op > ARM_VRINT_F)
        return false;
    if (in->vector)
        return vector(l);
    ArmValue none = arm_slot(SLOT_NONE), d = get(l, in->size, in->rd);
    ArmValue n = in->rn == ARM_NO_REG ? none : get(l, in->size, in->rn);
    set(l, in->size, in->rd, arithmetic(l, in->size, d, n, get(l, in->size, in->rm)));
    return true;
}
