/* SPDX-License-Identifier: Apache-2.0
 * lift_arm_control.c: branches, calls, returns, traps, and the state of the system. */
#include "value/lift_arm.h"

enum { TRAP_BREAKPOINT = 3, TRAP_UNDEFINED = 6 };

static IrOp control(IrKind kind, ArmValue a, uint32_t imm) {
    return (IrOp){.kind = (uint8_t)kind,
                  .bits = 32,
                  .out = SLOT_NONE,
                  .a = a.slot,
                  .b = SLOT_NONE,
                  .c = SLOT_NONE,
                  .imm = imm};
}

void arm_go(ArmLift *l, ArmGo how, ArmValue to, bool interworks) {
    static const IrKind kinds[] = {IR_JUMP_TO, IR_CALL_TO, IR_RETURN};
    to = arm_in_slot(l, to);
    IrOp op = control(kinds[how], to, 0);
    if (interworks) {
        ArmValue mode = arm_extract(l, 1, to, 0);
        op.c = l->in->thumb ? arm_op2(l, IR_XOR, 1, mode, arm_number(1)).slot : mode.slot;
    }
    arm_guard(l);
    if (how == ARM_GO_CALL) {
        ArmValue next = arm_address(l->in->va + l->in->length + l->in->thumb);
        IrOp link = {.kind = IR_MOVE,
                     .bits = 32,
                     .flags = IR_ADDRESS,
                     .out = SLOT_ARM_LR,
                     .a = SLOT_IMM,
                     .b = SLOT_NONE,
                     .c = SLOT_NONE,
                     .imm = next.imm};
        arm_emit(l, link);
    }
    arm_emit(l, op);
    arm_unguard(l);
}

void arm_set_or_go(ArmLift *l, unsigned reg, ArmValue v, ArmGo how) {
    if (reg != ARM_PC) {
        arm_set_reg(l, reg, v);
        return;
    }
    /* Data processing in Thumb does not change the mode, whatever bit 0 is. */
    bool loads = l->in->op == ARM_LDR;
    if (v.slot == SLOT_IMM && (loads || !l->in->thumb) && !(v.imm & 1) && !l->in->thumb) {
        arm_guard(l);
        arm_emit(l, control(IR_JUMP, arm_slot(SLOT_NONE), (uint32_t)v.imm));
        arm_unguard(l);
        return;
    }
    arm_go(l, how, v, loads || !l->in->thumb);
}

static void branch(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->cond >= ARM_ALWAYS) {
        arm_emit(l, control(IR_JUMP, arm_slot(SLOT_NONE), in->target));
        return;
    }
    arm_emit(l, control(IR_BRANCH, arm_condition(l, in->cond), in->target));
}

static void branch_zero(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue is = arm_op2(l, IR_EQ, 32, arm_reg(l, in->rn), arm_number(0));
    if (in->op == ARM_CBNZ)
        is = arm_op2(l, IR_XOR, 1, is, arm_number(1));
    arm_emit(l, control(IR_BRANCH, is, in->target));
}

static void call(ArmLift *l) {
    const ArmInsn *in = l->in;
    if (in->op == ARM_BLX && in->rm != ARM_NO_REG) {
        /* lr may hold the target. */
        ArmValue to = arm_reg(l, in->rm);
        if (in->rm == ARM_LR)
            to = arm_extract(l, 32, to, 0);
        arm_go(l, ARM_GO_CALL, to, true);
        return;
    }
    IrOp op = control(IR_CALL, arm_slot(SLOT_NONE), in->target);
    if (in->op == ARM_BLX)
        op.c = arm_in_slot(l, arm_number(1)).slot;
    arm_guard(l);
    IrOp link = {.kind = IR_MOVE,
                 .bits = 32,
                 .flags = IR_ADDRESS,
                 .out = SLOT_ARM_LR,
                 .a = SLOT_IMM,
                 .b = SLOT_NONE,
                 .c = SLOT_NONE,
                 .imm = in->va + in->length + in->thumb};
    arm_emit(l, link);
    arm_emit(l, op);
    arm_unguard(l);
}

/* Table of distances in halfwords. */
static void table_branch(ArmLift *l) {
    const ArmInsn *in = l->in;
    unsigned size = in->op == ARM_TBB ? 8 : 16;
    ArmValue index = arm_reg(l, in->rm);
    if (size == 16)
        index = arm_op2(l, IR_SHL, 32, index, arm_number(1));
    ArmValue at = arm_op2(l, IR_ADD, 32, index, arm_reg(l, in->rn));
    arm_guard(l);
    ArmValue entry = arm_load(l, size, at, 0);
    arm_unguard(l);
    ArmValue off = arm_op2(l, IR_SHL, 32, entry, arm_number(1));
    arm_go(l, ARM_GO_JUMP, arm_op2(l, IR_ADD, 32, off, arm_reg(l, ARM_PC)), false);
}

static void stop(ArmLift *l, IrKind kind, uint32_t imm) {
    arm_guard(l);
    arm_emit(l, control(kind, arm_slot(SLOT_NONE), imm));
    arm_unguard(l);
}

/* CPSR as mrs reads it in a process: flags, and the user mode. */
static void read_status(ArmLift *l) {
    static const struct {
        uint16_t slot, bit;
    } parts[] = {{SLOT_N, 31}, {SLOT_Z, 30}, {SLOT_C, 29},
                 {SLOT_V, 28}, {SLOT_Q, 27}, {SLOT_GE, 16}};
    enum { USER_MODE = 0x10 };
    ArmValue value = arm_number(USER_MODE);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ArmValue up = arm_op2(l, IR_SHL, 32, arm_slot(parts[i].slot), arm_number(parts[i].bit));
        value = arm_op2(l, IR_OR, 32, up, value);
    }
    arm_set_reg(l, l->in->rd, value);
}

static void write_status(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue v = in->rm == ARM_NO_REG ? arm_number(in->target) : arm_reg(l, in->rm);
    if (in->imm & 16)
        return; /* SPSR: no process has one */
    if (in->imm & 4)
        arm_set(l, SLOT_GE, 8, arm_op2(l, IR_AND, 32, arm_extract(l, 8, v, 16), arm_number(15)));
    if (!(in->imm & 8))
        return;
    arm_set_flag(l, SLOT_N, arm_extract(l, 1, v, 31));
    arm_set_flag(l, SLOT_Z, arm_extract(l, 1, v, 30));
    arm_set_flag(l, SLOT_C, arm_extract(l, 1, v, 29));
    arm_set_flag(l, SLOT_V, arm_extract(l, 1, v, 28));
    arm_set_flag(l, SLOT_Q, arm_extract(l, 1, v, 27));
}

/* p15, 0, rt, c13, c0, 2 or 3: the thread pointer. */
static void coprocessor(ArmLift *l) {
    const ArmInsn *in = l->in;
    ArmValue none = arm_slot(SLOT_NONE);
    if (in->op == ARM_MRRC) {
        ArmValue first = arm_opaque(l, 32, 0, none, none),
                 second = arm_opaque(l, 32, 1, none, none);
        arm_set_reg(l, in->rd, first);
        arm_set_reg(l, in->rs, second);
        return;
    }
    bool is_thread = in->list == 15 && (in->imm & 0x00ef00ef) == 0x000d0060;
    is_thread |= in->list == 15 && (in->imm & 0x00ef00ef) == 0x000d0040;
    if (in->rd == ARM_PC)
        return; /* to the flags: debug registers only */
    arm_set_reg(l, in->rd, is_thread ? arm_slot(SLOT_FS) : arm_opaque(l, 32, 0, none, none));
}

bool lift_arm_control(ArmLift *l) {
    const ArmInsn *in = l->in;
    switch (in->op) {
    case ARM_B:
        branch(l);
        return true;
    case ARM_BL:
    case ARM_BLX:
        call(l);
        return true;
    case ARM_BX:
        arm_go(l, in->rm == ARM_LR ? ARM_GO_RETURN : ARM_GO_JUMP, arm_reg(l, in->rm), true);
        return true;
    case ARM_CBZ:
    case ARM_CBNZ:
        branch_zero(l);
        return true;
    case ARM_TBB:
    case ARM_TBH:
        table_branch(l);
        return true;
    case ARM_SVC:
        stop(l, IR_SYSCALL, 0);
        return true;
    case ARM_BKPT:
        stop(l, IR_TRAP, TRAP_BREAKPOINT);
        return true;
    case ARM_UDF:
    case ARM_RFE:
        stop(l, IR_TRAP, TRAP_UNDEFINED);
        return true;
    case ARM_MRS:
        read_status(l);
        return true;
    case ARM_MSR:
        write_status(l);
        return true;
    case ARM_MRC:
    case ARM_MRRC:
        coprocessor(l);
        return true;
    case ARM_NOP:
    case ARM_BARRIER:
    case ARM_CLREX:
    case ARM_SYSTEM:
    case ARM_COPROCESSOR:
        return true;
    default:
        return false;
    }
}
