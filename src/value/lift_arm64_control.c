/* SPDX-License-Identifier: Apache-2.0
 * lift_arm64_control.c: branches, calls, traps and system registers. */
#include "value/lift_arm64.h"

static uint64_t target(const A64 *a, unsigned low, unsigned count) {
    return a->va + (uint64_t)a64_signed(a->w, low, count) * 4;
}

static void set_link(A64 *a) { emit_set(&a->e, SLOT_ARM64_LR, 64, input_va(a->va + 4)); }

static void branch(A64 *a, Input is, uint64_t to) {
    if (is.slot == SLOT_IMM) /* always */
        emit_jump(&a->e, IR_JUMP, IR_JUMP_TO, input_imm(to));
    else
        emit_branch(&a->e, is, to);
}

static void branch_if_zero(A64 *a) {
    Input is = emit2(&a->e, IR_EQ, width(a), x_reg(rd(a)), input_imm(0));
    if (bit(a, 24))
        is = emit2(&a->e, IR_XOR, 1, is, input_imm(1));
    branch(a, is, target(a, 5, 19));
}

static void branch_if_bit(A64 *a) {
    unsigned at = field(a, 19, 5) | (unsigned)bit(a, 31) << 5;
    Input is = emit_extract(&a->e, 1, x_reg(rd(a)), at);
    if (!bit(a, 24))
        is = emit2(&a->e, IR_XOR, 1, is, input_imm(1));
    branch(a, is, target(a, 5, 14));
}

/* To a register's value, which the link must not replace before. */
static void go_to_register(A64 *a, IrKind kind, bool is_call) {
    Input to = emit_in_slot(&a->e, x_reg(rn(a)));
    if (is_call && to.slot == SLOT_ARM64_LR)
        to = emit_move(&a->e, 64, to);
    if (is_call)
        set_link(a);
    emit_new(&a->e, kind, 64, SLOT_NONE)->a = to.slot;
}

static void trap(A64 *a, uint64_t which) { emit_new(&a->e, IR_TRAP, 64, SLOT_NONE)->imm = which; }

/* op0 op1 CRn CRm op2 as in the word. */
enum {
    REGISTER_BITS = 0x1fffe0,
    NZCV = 0x1b4200,
    FPCR = 0x1b4400,
    FPSR = 0x1b4420,
    TPIDR_EL0 = 0x1bd040,
    DC_ZVA = 0x0b7420
};
static const struct {
    uint16_t slot;
    uint8_t at;
} nzcv[4] = {{SLOT_N, 31}, {SLOT_Z, 30}, {SLOT_C, 29}, {SLOT_V, 28}};

static void read_system(A64 *a) {
    Emit *e = &a->e;
    uint32_t which = a->w & REGISTER_BITS;
    uint16_t out = x_out(a, rd(a));
    if (which == TPIDR_EL0) {
        emit_set(e, out, 64, input_slot(SLOT_FS));
    } else if (which == NZCV) {
        Input all = input_imm(0);
        for (unsigned i = 0; i < 4; i++) {
            Input one = emit2(e, IR_SHL, 64, input_slot(nzcv[i].slot), input_imm(nzcv[i].at));
            all = emit2(e, IR_OR, 64, one, all);
        }
        emit_set(e, out, 64, all);
    } else {
        emit_set(e, out, 64,
                 a64_opaque(a, 64, 0, input_imm(a->w & REGISTER_BITS), INPUT_NONE, INPUT_NONE));
    }
}

static void write_system(A64 *a) {
    Emit *e = &a->e;
    uint32_t which = a->w & REGISTER_BITS;
    if (which == TPIDR_EL0)
        emit_set(e, SLOT_FS, 64, x_reg(rd(a)));
    else if (which == NZCV)
        for (unsigned i = 0; i < 4; i++)
            emit_extract_to(e, nzcv[i].slot, 1, x_reg(rd(a)), nzcv[i].at);
    else if (which != FPCR && which != FPSR)
        emit_opaque_to(e, SLOT_NONE, 64, OPAQUE_ID(opaque_name(a->row->name), 0),
                       (Input[]){input_imm(which), x_reg(rd(a)), INPUT_NONE});
}

/* dc zva clears a block of 64 bytes on the processors that are about. */
static void system_call_of_cache(A64 *a) {
    enum { BLOCK = 64 };
    if ((a->w & REGISTER_BITS) != DC_ZVA)
        return;
    Input start = emit2(&a->e, IR_AND, 64, x_reg(rd(a)), input_imm(~(uint64_t)(BLOCK - 1)));
    for (unsigned off = 0; off < BLOCK; off += 8)
        emit_store(&a->e, 64, (Place){.base = start.slot, .off = off}, input_imm(0));
}

static bool lift_system(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_SYSCALL:
        if (field(a, 0, 2) != 1)
            return false; /* hvc, smc: nothing of a process */
        emit_new(&a->e, IR_SYSCALL, 64, SLOT_NONE);
        return true;
    case A64_TRAP:
        trap(a, field(a, 5, 16));
        return true;
    case A64_RESERVED:
        trap(a, a->w);
        return true;
    case A64_MRS:
        read_system(a);
        return true;
    case A64_MSR:
        write_system(a);
        return true;
    case A64_SYS:
        system_call_of_cache(a);
        return true;
    case A64_HINT: /* with what signs and checks return addresses */
    case A64_NOP:
    case A64_BARRIER:
        return true;
    default:
        return false;
    }
}

bool lift_a64_control(A64 *a) {
    switch ((int)a->row->kind) {
    case A64_JUMP:
        emit_jump(&a->e, IR_JUMP, IR_JUMP_TO, input_imm(target(a, 0, 26)));
        return true;
    case A64_CALL:
        set_link(a);
        emit_jump(&a->e, IR_CALL, IR_CALL_TO, input_imm(target(a, 0, 26)));
        return true;
    case A64_BRANCH_COND: {
        Input is = a64_condition(a, field(a, 0, 4));
        branch(a, is, target(a, 5, 19));
        return true;
    }
    case A64_BRANCH_ZERO:
        branch_if_zero(a);
        return true;
    case A64_BRANCH_BIT:
        branch_if_bit(a);
        return true;
    case A64_JUMP_REG:
        go_to_register(a, IR_JUMP_TO, false);
        return true;
    case A64_CALL_REG:
        go_to_register(a, IR_CALL_TO, true);
        return true;
    case A64_RETURN: {
        bool is_plain = field(a, 10, 6) == 0; /* retaa, retab: by x30 */
        Input to = emit_in_slot(&a->e, x_reg(is_plain ? rn(a) : SLOT_ARM64_LR));
        emit_new(&a->e, IR_RETURN, 64, SLOT_NONE)->a = to.slot;
        return true;
    }
    case A64_ERET:
        trap(a, a->w);
        return true;
    default:
        return lift_system(a);
    }
}
