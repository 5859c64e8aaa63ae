/* SPDX-License-Identifier: Apache-2.0
 * lift_arm.c: operands, conditions, IT blocks, and which group lifts an instruction. */
#include "value/lift_arm.h"

#include <string.h>

#include "base/digest.h"

ArmValue arm_number(uint64_t n) { return (ArmValue){.slot = SLOT_IMM, .imm = n}; }
ArmValue arm_slot(uint16_t slot) { return (ArmValue){.slot = slot}; }
ArmValue arm_address(uint32_t va) {
    return (ArmValue){.slot = SLOT_IMM, .is_address = true, .imm = va};
}

ArmValue arm_reg(const ArmLift *l, unsigned reg) {
    if (reg == ARM_PC)
        return arm_address(l->in->va + (l->in->thumb ? 4 : 8));
    return arm_slot((uint16_t)(SLOT_GENERAL + (reg & 15)));
}

uint16_t arm_d_slot(unsigned n) {
    n &= 31;
    return (uint16_t)(SLOT_VECTOR + SLOT_VECTOR_STRIDE * (n / 2) + n % 2);
}
ArmValue arm_d(unsigned n) { return arm_slot(arm_d_slot(n)); }

ArmValue arm_s(ArmLift *l, unsigned n) { return arm_extract(l, 32, arm_d(n / 2), 32 * (n & 1)); }

static bool is_number(ArmValue v) { return v.slot == SLOT_IMM; }

static uint16_t resolve(const ArmLift *l, uint16_t slot) {
    if (slot < SLOT_TEMP || slot >= SLOT_COUNT || l->alias[slot - SLOT_TEMP] == SLOT_NONE)
        return slot;
    return l->alias[slot - SLOT_TEMP];
}

void arm_emit(ArmLift *l, IrOp op) {
    if (l->count >= IR_MAX_OPS) {
        l->full = true;
        return;
    }
    op.a = resolve(l, op.a);
    op.b = resolve(l, op.b);
    op.c = resolve(l, op.c);
    l->ops[l->count++] = op;
}

ArmValue arm_emit_value(ArmLift *l, IrOp op) {
    if (l->temps >= SLOT_TEMPS) {
        l->full = true;
        return arm_slot(SLOT_TEMP);
    }
    l->alias[l->temps] = SLOT_NONE;
    op.out = (uint16_t)(SLOT_TEMP + l->temps++);
    arm_emit(l, op);
    return arm_slot(op.out);
}

static IrOp op_of(IrKind kind, unsigned bits) {
    return (IrOp){.kind = (uint8_t)kind,
                  .bits = (uint8_t)bits,
                  .out = SLOT_NONE,
                  .a = SLOT_NONE,
                  .b = SLOT_NONE,
                  .c = SLOT_NONE};
}

ArmValue arm_in_slot(ArmLift *l, ArmValue v) {
    if (!is_number(v))
        return v;
    IrOp op = op_of(IR_MOVE, 64);
    op.a = SLOT_IMM;
    op.imm = v.imm;
    op.flags = v.is_address ? IR_ADDRESS : 0;
    return arm_emit_value(l, op);
}

/* The operation on up to three operands of which one may be a number. */
static ArmValue compute(ArmLift *l, IrOp op, ArmValue a, ArmValue b, ArmValue c) {
    bool numbers = (is_number(a) || a.slot == SLOT_NONE) && (is_number(b) || b.slot == SLOT_NONE) &&
                   (is_number(c) || c.slot == SLOT_NONE);
    uint64_t out;
    if (numbers && ir_eval(&op, a.imm, b.imm, c.imm, &out)) {
        ArmValue v = arm_number(out);
        v.is_address = a.is_address || b.is_address;
        return v;
    }
    if (is_number(a) && (is_number(b) || is_number(c)))
        a = arm_in_slot(l, a);
    if (is_number(b) && is_number(c))
        b = arm_in_slot(l, b);
    op.a = a.slot;
    op.b = b.slot;
    op.c = c.slot;
    ArmValue number = is_number(a) ? a : is_number(b) ? b : c;
    if (is_number(number)) {
        op.imm = number.imm;
        op.flags = number.is_address ? IR_ADDRESS : 0;
    }
    return arm_emit_value(l, op);
}

ArmValue arm_op3(ArmLift *l, IrKind kind, unsigned bits, ArmValue a, ArmValue b, ArmValue c) {
    return compute(l, op_of(kind, bits), a, b, c);
}
ArmValue arm_op2(ArmLift *l, IrKind kind, unsigned bits, ArmValue a, ArmValue b) {
    return compute(l, op_of(kind, bits), a, b, arm_slot(SLOT_NONE));
}
ArmValue arm_op1(ArmLift *l, IrKind kind, unsigned bits, ArmValue a) {
    return compute(l, op_of(kind, bits), a, arm_slot(SLOT_NONE), arm_slot(SLOT_NONE));
}

ArmValue arm_lanes(ArmLift *l, IrKind kind, unsigned lane, ArmValue a, ArmValue b) {
    IrOp op = op_of(kind, 64);
    op.lane = (uint8_t)lane;
    return compute(l, op, a, b, arm_slot(SLOT_NONE));
}

ArmValue arm_sext(ArmLift *l, unsigned from, unsigned to, ArmValue a) {
    IrOp op = op_of(IR_SEXT, to);
    op.lane = (uint8_t)from;
    return compute(l, op, a, arm_slot(SLOT_NONE), arm_slot(SLOT_NONE));
}

ArmValue arm_extract(ArmLift *l, unsigned bits, ArmValue a, unsigned low) {
    IrOp op = op_of(low == 0 ? IR_MOVE : IR_EXTRACT, bits);
    if (is_number(a))
        return arm_number(low < 64 ? a.imm >> low & ir_mask(bits) : 0);
    op.a = a.slot;
    op.imm = low;
    return arm_emit_value(l, op);
}

ArmValue arm_insert(ArmLift *l, unsigned bits, ArmValue into, ArmValue field, unsigned low) {
    IrOp op = op_of(IR_INSERT, bits);
    op.a = arm_in_slot(l, into).slot;
    op.b = arm_in_slot(l, field).slot;
    op.imm = low;
    return arm_emit_value(l, op);
}

/* Base and distance of an access; a base that is a number is joined to it. */
static void address_fill(IrOp *op, ArmValue base, int32_t off) {
    op->imm = (uint64_t)(int64_t)off;
    op->a = base.slot;
    if (is_number(base)) {
        op->a = SLOT_NONE;
        op->imm = (uint32_t)(base.imm + (uint32_t)off);
        op->flags = base.is_address ? IR_ADDRESS : 0;
    }
}

ArmValue arm_load(ArmLift *l, unsigned bits, ArmValue base, int32_t off) {
    IrOp op = op_of(IR_LOAD, bits);
    address_fill(&op, base, off);
    return arm_emit_value(l, op);
}

void arm_store(ArmLift *l, unsigned bits, ArmValue base, int32_t off, ArmValue value) {
    IrOp op = op_of(IR_STORE, bits);
    op.b = arm_in_slot(l, value).slot;
    address_fill(&op, base, off);
    arm_emit(l, op);
}

/* Gives the temporary that holds a result its register's name; false when the register is used
 * between. Saves a move. */
static bool become(ArmLift *l, uint16_t temp, uint16_t slot) {
    size_t i = l->count;
    while (i > 0 && l->ops[i - 1].out != temp) {
        const IrOp *op = &l->ops[--i];
        if (op->kind == IR_SKIP || op->a == slot || op->b == slot || op->c == slot ||
            op->out == slot)
            return false;
    }
    if (i == 0)
        return false;
    l->ops[i - 1].out = slot;
    l->alias[temp - SLOT_TEMP] = slot;
    for (; i < l->count; i++) {
        IrOp *op = &l->ops[i];
        op->a = op->a == temp ? slot : op->a;
        op->b = op->b == temp ? slot : op->b;
        op->c = op->c == temp ? slot : op->c;
    }
    return true;
}

void arm_set(ArmLift *l, uint16_t slot, unsigned bits, ArmValue v) {
    bool always = l->cond.slot == SLOT_NONE;
    if (always && v.slot >= SLOT_TEMP && v.slot < SLOT_COUNT && become(l, v.slot, slot))
        return;
    if (v.slot == slot)
        return;
    IrOp op = op_of(always ? IR_MOVE : IR_SELECT, bits);
    op.out = slot;
    if (always) {
        op.a = v.slot;
    } else {
        op.a = l->cond.slot;
        op.b = v.slot;
        op.c = slot;
    }
    op.imm = is_number(v) ? v.imm & ir_mask(bits) : 0;
    op.flags = v.is_address ? IR_ADDRESS : 0;
    arm_emit(l, op);
}

void arm_set_reg(ArmLift *l, unsigned reg, ArmValue v) {
    arm_set(l, (uint16_t)(SLOT_GENERAL + (reg & 15)), 32, v);
}
void arm_set_flag(ArmLift *l, uint16_t flag, ArmValue v) { arm_set(l, flag, 1, v); }
void arm_set_d(ArmLift *l, unsigned n, ArmValue v) { arm_set(l, arm_d_slot(n), 64, v); }
void arm_set_s(ArmLift *l, unsigned n, ArmValue v) {
    arm_set_d(l, n / 2, arm_insert(l, 32, arm_d(n / 2), v, 32 * (n & 1)));
}

void arm_set_nz(ArmLift *l, ArmValue v) {
    ArmValue n = arm_op2(l, IR_SLT, 32, v, arm_number(0));
    arm_set_flag(l, SLOT_N, n);
    arm_set_flag(l, SLOT_Z, arm_op2(l, IR_EQ, 32, v, arm_number(0)));
}

void arm_set_q(ArmLift *l, ArmValue v) {
    arm_set_flag(l, SLOT_Q, arm_op2(l, IR_OR, 1, arm_slot(SLOT_Q), v));
}

void arm_guard(ArmLift *l) {
    if (l->cond.slot == SLOT_NONE)
        return;
    IrOp op = op_of(IR_SKIP, 1);
    op.a = arm_condition(l, l->in->cond ^ 1u).slot;
    arm_emit(l, op);
    l->guard = l->count;
}

void arm_unguard(ArmLift *l) {
    if (l->guard != 0 && !l->full)
        l->ops[l->guard - 1].imm = l->count - l->guard;
    l->guard = 0;
}

ArmValue arm_condition(ArmLift *l, unsigned cond) {
    ArmValue one = arm_number(1), n = arm_slot(SLOT_N), z = arm_slot(SLOT_Z), c = arm_slot(SLOT_C),
             v = arm_slot(SLOT_V), is;
    switch (cond >> 1) {
    case 0:
        is = z;
        break;
    case 1:
        is = c;
        break;
    case 2:
        is = n;
        break;
    case 3:
        is = v;
        break;
    case 4:
        is = arm_op2(l, IR_AND, 1, c, arm_op2(l, IR_XOR, 1, z, one));
        break;
    case 5:
        is = arm_op2(l, IR_EQ, 1, n, v);
        break;
    default:
        is = arm_op2(l, IR_AND, 1, arm_op2(l, IR_EQ, 1, n, v), arm_op2(l, IR_XOR, 1, z, one));
        break;
    }
    if (cond & 1)
        return arm_op2(l, IR_XOR, 1, is, one);
    return is;
}

ArmValue arm_opaque(ArmLift *l, unsigned bits, unsigned output, ArmValue a, ArmValue b) {
    const char *name = arm_op_name((ArmOp)l->in->op);
    uint64_t hash = hash64((Bytes){(const uint8_t *)name, strlen(name)});
    IrOp op = op_of(IR_OPAQUE, bits);
    op.a = is_number(a) ? SLOT_NONE : a.slot;
    op.b = is_number(b) ? SLOT_NONE : b.slot;
    op.imm = OPAQUE_ID(hash ^ (uint64_t)l->in->imm << 8, output & 15);
    return arm_emit_value(l, op);
}

/* Allocated, but not modelled: the registers that its shape names are taken for what they are
 * elsewhere. */
static void unknown(ArmLift *l) {
    ArmValue none = arm_slot(SLOT_NONE);
    if (l->in->rd != ARM_NO_REG && l->in->rd < ARM_PC && !l->in->vector)
        arm_set_reg(l, l->in->rd, arm_opaque(l, 32, 0, none, none));
}

static void lift_one(ArmLift *l, const ArmInsn *in) {
    size_t first = l->count;
    l->in = in;
    l->temps = 0;
    l->guard = 0;
    l->cond = arm_slot(SLOT_NONE);
    bool branches = in->op == ARM_B; /* takes its condition itself */
    if (in->cond < ARM_ALWAYS && !branches) {
        l->cond = arm_condition(l, in->cond);
        /* A copy where the instruction may set the flag that the condition is. */
        bool sets = in->sets_flags || in->op == ARM_MSR || in->op == ARM_VMRS;
        if (sets && l->cond.slot < SLOT_TEMP)
            l->cond = arm_extract(l, 1, l->cond, 0);
    }
    if (lift_arm_data(l) || lift_arm_memory(l) || lift_arm_control(l) || lift_arm_multiply(l) ||
        lift_arm_media(l) || lift_arm_vfp(l) || lift_arm_neon(l) || lift_arm_neon_wide(l) ||
        lift_arm_neon_shift(l) || lift_arm_neon_shuffle(l) || lift_arm_structure(l)) {
        if (!l->full)
            return;
    }
    l->count = first;
    l->full = false;
    l->temps = 0;
    l->cond = arm_slot(SLOT_NONE);
    unknown(l);
}

static bool ends(const ArmLift *l, size_t first) {
    for (size_t i = first; i < l->count; i++)
        if (l->ops[i].kind >= IR_JUMP && l->ops[i].kind <= IR_TRAP)
            return true;
    return false;
}

/* The block that `it` opens. Control may leave it at its last instruction only; where bytes do not
 * decode, the block ends. */
static unsigned lift_block(ArmLift *l, Bytes b, const ArmInsn *it) {
    unsigned length = it->length;
    for (unsigned i = 0; i < 4; i++) {
        ArmInsn in;
        Bytes rest = bytes_clip(b, length, 4);
        if (i >= arm_it_count(it) || !arm_decode(rest, it->va + length, true, &in) ||
            in.op == ARM_IT)
            break;
        arm_it_apply(it, i, &in);
        size_t first = l->count;
        lift_one(l, &in);
        length += in.length;
        if (ends(l, first))
            break;
    }
    return length;
}

size_t lift_arm(Bytes b, uint32_t va, bool thumb, IrOp *ops, unsigned *length) {
    ArmInsn in;
    *length = 0;
    if (!arm_decode(b, va, thumb, &in))
        return 0;
    ArmLift l = {.ops = ops};
    if (in.op == ARM_IT) {
        *length = lift_block(&l, b, &in);
        return l.count;
    }
    lift_one(&l, &in);
    *length = in.length;
    return l.count;
}
