/* SPDX-License-Identifier: Apache-2.0
 * lift_arm.h: A32, T16 and T32 to micro-operations; shared by the files lift_arm_*.c. The decoder
 * (code/arm_insn.h) gives one shape for all three, so that each operation is lifted once.
 *
 * Conditions: what an instruction computes goes to temporaries; its registers and flags then take
 * it by IR_SELECT, so that a conditional move reads as a choice of two values. Memory accesses,
 * calls and returns stand behind an IR_SKIP; conditional branches are IR_BRANCH.
 *
 * IT blocks: the IT instruction is lifted together with its block as one instruction of 4 to 18
 * bytes. So lifting needs nothing but the bytes (self-modified code too), and what a jump into a
 * block finds there is lifted without a condition, as processors run it.
 *
 * Interworking: in IR_JUMP_TO, IR_CALL_TO and IR_RETURN bit 0 of `a` is the mode, not part of the
 * address; c says whether the mode changes. */
#ifndef COG_VALUE_LIFT_ARM_H
#define COG_VALUE_LIFT_ARM_H

#include "code/arm_insn.h"
#include "value/ir.h"

/* An operand: a slot, or a number (slot SLOT_IMM). */
typedef struct ArmValue {
    uint16_t slot;
    bool is_address; /* a number made from the program counter */
    uint64_t imm;
} ArmValue;

typedef struct ArmLift {
    IrOp *ops;
    size_t count;
    const ArmInsn *in;
    ArmValue cond; /* one bit; slot SLOT_NONE: always */
    size_t guard;  /* the open IR_SKIP, index + 1 */
    uint16_t temps;
    bool full;                  /* ran out of operations or temporaries */
    uint16_t alias[SLOT_TEMPS]; /* the register that a temporary became, 0xffff: none */
} ArmLift;

/* Operations of the instruction at the start of `b`, or of its IT block, into ops (IR_MAX_OPS);
 * *length 0: does not decode. va has no mode bit. */
size_t lift_arm(Bytes b, uint32_t va, bool thumb, IrOp *ops, unsigned *length);

/* Operands */
ArmValue arm_number(uint64_t n);
ArmValue arm_slot(uint16_t slot);
ArmValue arm_address(uint32_t va);
/* A core register; the counter as what it reads as. */
ArmValue arm_reg(const ArmLift *l, unsigned reg);
/* A d register; n 0..31. */
uint16_t arm_d_slot(unsigned n);
ArmValue arm_d(unsigned n);
/* The low or high half of a d register as 32 bits; n 0..31. */
ArmValue arm_s(ArmLift *l, unsigned n);

/* Operations into a new temporary; numbers are folded. */
ArmValue arm_op1(ArmLift *l, IrKind kind, unsigned bits, ArmValue a);
ArmValue arm_op2(ArmLift *l, IrKind kind, unsigned bits, ArmValue a, ArmValue b);
ArmValue arm_op3(ArmLift *l, IrKind kind, unsigned bits, ArmValue a, ArmValue b, ArmValue c);
/* Lanes of a d register. */
ArmValue arm_lanes(ArmLift *l, IrKind kind, unsigned lane, ArmValue a, ArmValue b);
ArmValue arm_sext(ArmLift *l, unsigned from, unsigned to, ArmValue a);
ArmValue arm_extract(ArmLift *l, unsigned bits, ArmValue a, unsigned low);
ArmValue arm_insert(ArmLift *l, unsigned bits, ArmValue into, ArmValue field, unsigned low);
ArmValue arm_load(ArmLift *l, unsigned bits, ArmValue base, int32_t off);
void arm_store(ArmLift *l, unsigned bits, ArmValue base, int32_t off, ArmValue value);
/* The number in a slot, where an operation keeps imm for itself. */
ArmValue arm_in_slot(ArmLift *l, ArmValue v);
/* Any operation; fields a, b, c, out as they are. */
void arm_emit(ArmLift *l, IrOp op);
ArmValue arm_emit_value(ArmLift *l, IrOp op);

/* Results. A temporary may become the register itself, so registers are set after all that reads
 * their old values was emitted. */
void arm_set(ArmLift *l, uint16_t slot, unsigned bits, ArmValue v);
void arm_set_reg(ArmLift *l, unsigned reg, ArmValue v); /* not the counter */
void arm_set_flag(ArmLift *l, uint16_t flag, ArmValue v);
void arm_set_d(ArmLift *l, unsigned n, ArmValue v);
void arm_set_s(ArmLift *l, unsigned n, ArmValue v);
void arm_set_nz(ArmLift *l, ArmValue v);
/* SLOT_Q becomes 1 if v is. */
void arm_set_q(ArmLift *l, ArmValue v);

/* Operations between these happen only under the condition; they write temporaries. */
void arm_guard(ArmLift *l);
void arm_unguard(ArmLift *l);

/* Value of condition 0..13. */
ArmValue arm_condition(ArmLift *l, unsigned cond);

typedef enum ArmGo { ARM_GO_JUMP, ARM_GO_CALL, ARM_GO_RETURN } ArmGo;
/* Control to a value; interworks: its bit 0 chooses the mode. */
void arm_go(ArmLift *l, ArmGo how, ArmValue to, bool interworks);
/* A destination that may be the counter. */
void arm_set_or_go(ArmLift *l, unsigned reg, ArmValue v, ArmGo how);

/* The second operand or offset: imm, or rm shifted. */
ArmValue arm_operand(ArmLift *l);

/* What is not modelled: an opaque value of the inputs for each destination. */
ArmValue arm_opaque(ArmLift *l, unsigned bits, unsigned output, ArmValue a, ArmValue b);

/* Groups; false: not one of theirs. */
bool lift_arm_data(ArmLift *l);
bool lift_arm_multiply(ArmLift *l);
bool lift_arm_media(ArmLift *l);
bool lift_arm_memory(ArmLift *l);
bool lift_arm_control(ArmLift *l);
bool lift_arm_vfp(ArmLift *l);
bool lift_arm_neon(ArmLift *l);
bool lift_arm_neon_wide(ArmLift *l);
bool lift_arm_neon_shift(ArmLift *l);
bool lift_arm_neon_shuffle(ArmLift *l);
bool lift_arm_structure(ArmLift *l);

#endif
