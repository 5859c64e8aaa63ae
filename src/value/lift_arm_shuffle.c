/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_shuffle.c: NEON lanes that change places, and loads and stores of structures. */
#include "value/lift_arm.h"

static ArmValue none(void) { return arm_slot(SLOT_NONE); }

static void extract_bytes(ArmLift *l) {
    const ArmInsn *in = l->in;
    unsigned count = in->quad ? 4 : 2, bit = 8 * (in->imm & 7), first = in->imm / 8;
    ArmValue parts[4], results[2];
    for (unsigned i = 0; i < count; i++)
        parts[i] = i < count / 2 ? arm_d(in->rn + i) : arm_d(in->rm + i - count / 2);
    for (unsigned i = 0; i <= in->quad; i++) {
        ArmValue low = parts[first + i];
        results[i] = low;
        if (bit == 0)
            continue;
        ArmValue high = arm_op2(l, IR_SHL, 64, parts[first + i + 1], arm_number(64 - bit));
        results[i] = arm_op2(l, IR_OR, 64, arm_op2(l, IR_SHR, 64, low, arm_number(bit)), high);
    }
    /* A result may be a register that the other write replaces. */
    for (unsigned i = 0; i <= in->quad; i++)
        results[i] = arm_extract(l, 64, results[i], 0);
    for (unsigned i = 0; i <= in->quad; i++)
        arm_set_d(l, in->rd + i, results[i]);
}

static void table(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue index = arm_d(in->rm), value = none(), at = index;
    for (unsigned r = 0; r < in->regs; r += 2) {
        ArmValue low = arm_d(in->rn + r),
                 high = r + 1 < in->regs ? arm_d(in->rn + r + 1) : arm_number(0);
        if (r > 0)
            at = arm_lanes(l, IR_PSUB, 8, index, arm_number(UINT64_C(0x1010101010101010)));
        IrOp op = {.kind = IR_PTABLE,
                   .bits = 64,
                   .lane = 8,
                   .a = low.slot,
                   .b = arm_in_slot(l, high).slot,
                   .c = at.slot};
        ArmValue piece = arm_emit_value(l, op);
        value = r == 0 ? piece : arm_op2(l, IR_OR, 64, value, piece);
    }
    if (in->op == ARM_VTBX) {
        ArmValue most = arm_number(UINT64_C(0x0101010101010101) * (8u * in->regs));
        ArmValue inside = arm_lanes(l, IR_PGTU, 8, most, index);
        ArmValue old = arm_op2(l, IR_AND, 64, arm_d(in->rd), arm_op1(l, IR_NOT, 64, inside));
        value = arm_op2(l, IR_OR, 64, arm_op2(l, IR_AND, 64, value, inside), old);
    }
    arm_set_d(l, in->rd, value);
}

static void transpose(ArmLift *l) {
    const ArmInsn *in = l->in;
    /* The even lanes. */
    uint64_t even = ir_mask(in->size);
    for (unsigned s = in->size * 2u; s < 64; s *= 2)
        even |= even << s;
    ArmValue mask = arm_number(even), by = arm_number(in->size);
    for (unsigned i = 0; i <= in->quad; i++) {
        ArmValue d = arm_d(in->rd + i), m = arm_d(in->rm + i);
        ArmValue d_even = arm_op2(l, IR_AND, 64, d, mask), m_even = arm_op2(l, IR_AND, 64, m, mask);
        ArmValue first = arm_op2(l, IR_OR, 64, d_even, arm_op2(l, IR_SHL, 64, m_even, by));
        ArmValue d_odd = arm_op2(l, IR_AND, 64, arm_op2(l, IR_SHR, 64, d, by), mask);
        ArmValue m_odd = arm_op2(l, IR_AND, 64, m, arm_number(~even));
        ArmValue second = arm_op2(l, IR_OR, 64, d_odd, m_odd);
        arm_set_d(l, in->rd + i, first);
        arm_set_d(l, in->rm + i, second);
    }
}

/* vzip, vuzp: both registers (or pairs of them) change. */
static void zip(ArmLift *l) {
    const ArmInsn *in = l->in;
    bool zips = in->op == ARM_VZIP;
    unsigned size = in->size, half = in->quad ? 2 : 1;
    ArmValue d[2] = {arm_d(in->rd), arm_d(in->rd + 1u)}, m[2] = {arm_d(in->rm), arm_d(in->rm + 1u)};
    ArmValue results[4]; /* rd, then rm */
    if (zips) {
        for (unsigned i = 0; i < half; i++) {
            results[2 * i] = arm_lanes(l, IR_PUNPACKL, size, d[i], m[i]);
            results[2 * i + 1] = arm_lanes(l, IR_PUNPACKH, size, d[i], m[i]);
        }
    } else {
        ArmValue by = arm_number(size), from[4] = {d[0], m[0], none(), none()};
        if (in->quad) {
            from[1] = d[1];
            from[2] = m[0];
            from[3] = m[1];
        }
        for (unsigned i = 0; i < half; i++) {
            ArmValue a = from[2 * i], b = from[2 * i + 1];
            results[i] = arm_lanes(l, IR_PPACK, size, a, b);
            results[half + i] = arm_lanes(l, IR_PPACK, size, arm_op2(l, IR_SHR, 64, a, by),
                                          arm_op2(l, IR_SHR, 64, b, by));
        }
    }
    for (unsigned i = 0; i < half; i++) {
        arm_set_d(l, in->rd + i, results[i]);
        arm_set_d(l, in->rm + i, results[half + i]);
    }
}

static void swap(ArmLift *l) {
    const ArmInsn *in = l->in;
    for (unsigned i = 0; i <= in->quad; i++) {
        ArmValue old = arm_extract(l, 64, arm_d(in->rd + i), 0);
        arm_set_d(l, in->rd + i, arm_d(in->rm + i));
        arm_set_d(l, in->rm + i, old);
    }
}

bool lift_arm_neon_shuffle(ArmLift *l) {
    const ArmInsn *in = l->in;
    switch (in->op) {
    case ARM_VEXT:
        extract_bytes(l);
        return true;
    case ARM_VTBL:
    case ARM_VTBX:
        table(l);
        return true;
    case ARM_VTRN:
        transpose(l);
        return true;
    case ARM_VZIP:
    case ARM_VUZP:
        zip(l);
        return true;
    case ARM_VSWP:
        swap(l);
        return true;
    case ARM_VREV:
        for (unsigned i = 0; i <= in->quad; i++) {
            IrOp op = {.kind = IR_PREVERSE,
                       .bits = 64,
                       .lane = in->size,
                       .a = arm_d_slot(in->rm + i),
                       .b = SLOT_NONE,
                       .c = SLOT_NONE,
                       .imm = in->imm};
            arm_set_d(l, in->rd + i, arm_emit_value(l, op));
        }
        return true;
    case ARM_VDUP: {
        ArmValue v = arm_extract(l, in->size, arm_d(in->rm), in->amount);
        v = arm_lanes(l, IR_PSPLAT, in->size, v, none());
        for (unsigned i = 0; i <= in->quad; i++)
            arm_set_d(l, in->rd + i, v);
        return true;
    }
    default:
        return false;
    }
}

/* Elements of whole registers, in the order of memory: structure by structure. */
static void many_structures(ArmLift *l) {
    const ArmInsn *in = l->in;
    bool loads = in->op == ARM_VLDN;
    ArmValue base = arm_reg(l, in->rn), values[4];
    int32_t off = 0;
    unsigned groups = in->regs / in->width, lanes = 64u / in->size;
    for (unsigned i = 0; i < 4; i++)
        values[i] = arm_number(0);
    for (unsigned g = 0; g < groups; g++)
        for (unsigned lane = 0; lane < lanes; lane++)
            for (unsigned k = 0; k < in->width; k++, off += in->size / 8) {
                unsigned which = g + k * groups, low = lane * in->size;
                if (!loads) {
                    ArmValue d = arm_d(in->rd + g + k * in->stride);
                    arm_store(l, in->size, base, off, arm_extract(l, in->size, d, low));
                    continue;
                }
                ArmValue v = arm_load(l, in->size, base, off);
                values[which] = lane == 0 ? v : arm_insert(l, in->size, values[which], v, low);
            }
    arm_unguard(l);
    for (unsigned g = 0; g < groups && loads; g++)
        for (unsigned k = 0; k < in->width; k++)
            arm_set_d(l, in->rd + g + k * in->stride, values[g + k * groups]);
}

/* vld1, vst1: registers one behind the other. */
static void many_words(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue base = arm_reg(l, in->rn), values[4];
    for (unsigned i = 0; i < in->regs; i++) {
        if (in->op == ARM_VLDN)
            values[i] = arm_load(l, 64, base, (int32_t)(8 * i));
        else
            arm_store(l, 64, base, (int32_t)(8 * i), arm_d(in->rd + i));
    }
    arm_unguard(l);
    for (unsigned i = 0; i < in->regs && in->op == ARM_VLDN; i++)
        arm_set_d(l, in->rd + i, values[i]);
}

static void lanes(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue base = arm_reg(l, in->rn), values[4];
    for (unsigned k = 0; k < in->width; k++) {
        int32_t off = (int32_t)(k * in->size / 8);
        ArmValue d = arm_d(in->rd + k * in->stride);
        if (in->op == ARM_VSTN) {
            arm_store(l, in->size, base, off, arm_extract(l, in->size, d, in->amount));
            continue;
        }
        ArmValue v = arm_load(l, in->size, base, off);
        values[k] = in->all_lanes ? arm_lanes(l, IR_PSPLAT, in->size, v, none())
                                  : arm_insert(l, in->size, d, v, in->amount);
    }
    arm_unguard(l);
    if (in->op == ARM_VSTN)
        return;
    for (unsigned k = 0; k < in->width; k++)
        arm_set_d(l, in->rd + k * in->stride, values[k]);
    if (in->width == 1 && in->regs == 2)
        arm_set_d(l, in->rd + 1u, values[0]);
}

bool lift_arm_structure(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->op != ARM_VLDN && in->op != ARM_VSTN)
        return false;
    bool part = in->one_lane || in->all_lanes;
    unsigned bytes = part ? in->width * in->size / 8u : in->regs * 8u;
    ArmValue by = in->rm == ARM_NO_REG ? arm_number(bytes) : arm_reg(l, in->rm);
    ArmValue after = arm_op2(l, IR_ADD, 32, arm_reg(l, in->rn), by);
    arm_guard(l);
    if (part)
        lanes(l);
    else if (in->width == 1)
        many_words(l);
    else
        many_structures(l);
    if (in->writeback)
        arm_set_reg(l, in->rn, after);
    return true;
}
