/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_memory.c: loads and stores of core registers. */
#include "value/lift_arm.h"

/* Where an access is: base and distance, and the base afterwards. */
typedef struct Place {
    ArmValue base, after;
    int32_t off;
} Place;

static Place place_of(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->is_literal)
        return (Place){.base = arm_address(in->target), .after = arm_slot(SLOT_NONE)};
    ArmValue base = arm_reg(l, in->rn);
    Place p = {.base = base, .after = base};
    if (in->form == ARM_FORM_IMM) {
        int32_t off = in->add ? (int32_t)in->imm : -(int32_t)in->imm;
        if (in->pre)
            p.off = off;
        if (in->writeback)
            p.after = arm_op2(l, IR_ADD, 32, base, arm_number((uint32_t)off));
        return p;
    }
    ArmValue moved = arm_op2(l, in->add ? IR_ADD : IR_SUB, 32, base, arm_operand(l));
    if (in->pre)
        p.base = moved;
    if (in->writeback)
        p.after = moved;
    return p;
}

static void write_back(ArmLift *l, Place p) {
    if (l->in->writeback && p.after.slot != SLOT_NONE)
        arm_set_reg(l, l->in->rn, p.after);
}

static void load(ArmLift *l) {
    const ArmInsn *in = l->in;
    Place p = place_of(l);
    arm_guard(l);
    ArmValue value = arm_load(l, in->size, p.base, p.off);
    arm_unguard(l);
    if (in->op == ARM_LDRS)
        value = arm_sext(l, in->size, 32, value);
    write_back(l, p);
    arm_set_or_go(l, in->rd, value, in->rn == ARM_SP ? ARM_GO_RETURN : ARM_GO_JUMP);
}

static void store(ArmLift *l) {
    const ArmInsn *in = l->in;
    Place p = place_of(l);
    ArmValue value = arm_in_slot(l, arm_reg(l, in->rd));
    arm_guard(l);
    arm_store(l, in->size, p.base, p.off, value);
    arm_unguard(l);
    write_back(l, p);
}

static void dual(ArmLift *l) {
    const ArmInsn *in = l->in;
    Place p = place_of(l);
    arm_guard(l);
    if (in->op == ARM_STRD) {
        arm_store(l, 32, p.base, p.off, arm_reg(l, in->rd));
        arm_store(l, 32, p.base, p.off + 4, arm_reg(l, in->rs));
        arm_unguard(l);
        write_back(l, p);
        return;
    }
    ArmValue first = arm_load(l, 32, p.base, p.off), second = arm_load(l, 32, p.base, p.off + 4);
    arm_unguard(l);
    write_back(l, p);
    arm_set_reg(l, in->rd, first);
    arm_set_reg(l, in->rs, second);
}

static void many(ArmLift *l) {
    const ArmInsn *in = l->in;
    int32_t bytes = 4 * __builtin_popcount(in->list), off = in->add ? 0 : -bytes;
    if (in->pre == in->add)
        off += 4;
    ArmValue base = arm_reg(l, in->rn), values[16], pc = arm_slot(SLOT_NONE);
    ArmValue after = base;
    if (in->writeback)
        after = arm_op2(l, IR_ADD, 32, base, arm_number((uint32_t)(in->add ? bytes : -bytes)));
    /* Before the IR_SKIP: the value of the counter is one operation more. */
    if (in->op == ARM_STM && in->list >> ARM_PC & 1)
        pc = arm_in_slot(l, arm_reg(l, ARM_PC));
    arm_guard(l);
    for (unsigned r = 0; r < 16; r++) {
        if (!(in->list >> r & 1))
            continue;
        if (in->op == ARM_LDM)
            values[r] = arm_load(l, 32, base, off);
        else
            arm_store(l, 32, base, off, r == ARM_PC ? pc : arm_reg(l, r));
        off += 4;
    }
    arm_unguard(l);
    if (in->writeback)
        arm_set_reg(l, in->rn, after);
    if (in->op == ARM_STM)
        return;
    for (unsigned r = 0; r < 15; r++)
        if (in->list >> r & 1)
            arm_set_reg(l, r, values[r]);
    if (in->list >> ARM_PC & 1)
        arm_go(l, ARM_GO_RETURN, values[ARM_PC], true);
}

/* Exclusive accesses succeed always: one thread. */
static void exclusive(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue base = arm_reg(l, in->rn);
    unsigned size = in->size == 64 ? 32 : in->size;
    int32_t off = (int32_t)in->imm;
    arm_guard(l);
    if (in->op == ARM_STREX) {
        arm_store(l, size, base, off, arm_reg(l, in->rm));
        if (in->size == 64)
            arm_store(l, 32, base, off + 4, arm_reg(l, in->rs));
        arm_unguard(l);
        if (in->rd != ARM_NO_REG)
            arm_set_reg(l, in->rd, arm_number(0));
        return;
    }
    ArmValue first = arm_load(l, size, base, off), second = first;
    if (in->size == 64)
        second = arm_load(l, 32, base, off + 4);
    arm_unguard(l);
    arm_set_reg(l, in->rd, first);
    if (in->size == 64)
        arm_set_reg(l, in->rs, second);
}

static void swap(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue base = arm_reg(l, in->rn);
    arm_guard(l);
    ArmValue old = arm_load(l, in->size, base, 0);
    arm_store(l, in->size, base, 0, arm_reg(l, in->rm));
    arm_unguard(l);
    arm_set_reg(l, in->rd, old);
}

bool lift_arm_memory(ArmLift *l) {
    switch (l->in->op) {
    case ARM_LDR:
    case ARM_LDRS:
        load(l);
        return true;
    case ARM_STR:
        store(l);
        return true;
    case ARM_LDRD:
    case ARM_STRD:
        dual(l);
        return true;
    case ARM_LDM:
    case ARM_STM:
        many(l);
        return true;
    case ARM_LDREX:
    case ARM_STREX:
        exclusive(l);
        return true;
    case ARM_SWP:
        swap(l);
        return true;
    default:
        return false;
    }
}
