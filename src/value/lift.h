/* SPDX-License-Identifier: Apache-2.0
 * lift.h: what lifters share: the Lifter, and appending operations; private to src/value.
 * An instruction's lifter fills an Emit; every value that it computes goes into a fresh temporary
 * or straight into a register's slot. An Input names a slot as it is when the operation runs: copy
 * it (emit_move) before the register is written. Limits: IR_MAX_OPS and SLOT_TEMPS, checked. */
#ifndef COG_VALUE_LIFT_H
#define COG_VALUE_LIFT_H

#include <string.h>

#include "base/check.h"
#include "base/digest.h"
#include "value/ir.h"

struct Lifter {
    const Decoder *decoder;
    Arch arch;
    uint8_t bits;       /* of addresses: 32, 64 */
    const void *tables; /* of the processor's lifter, or NULL */
};

/* Lifters, one for each processor: as lift_insn; tables in the arena, or NULL. */
const void *lift_x86_tables(Arena *a, const Decoder *decoder);
size_t lift_x86(const Lifter *l, Bytes b, uint64_t va, IrOp *ops, unsigned *length);
size_t lift_x86_decoded(const Lifter *l, const Insn *in, Bytes b, IrOp *ops);
const void *lift_arm64_tables(Arena *a);
size_t lift_arm64(const Lifter *l, Bytes b, uint64_t va, IrOp *ops, unsigned *length);

typedef struct Emit {
    IrOp *ops;
    unsigned count;
    uint16_t temp; /* next free temporary */
} Emit;

/* Input of an operation: a slot, a number (SLOT_IMM), or nothing (SLOT_NONE). */
typedef struct Input {
    uint16_t slot;
    uint8_t flags; /* IR_ADDRESS */
    uint64_t imm;
} Input;

static inline Input input_slot(uint16_t slot) { return (Input){.slot = slot}; }
static inline Input input_imm(uint64_t n) { return (Input){.slot = SLOT_IMM, .imm = n}; }
/* A number that was made from the program counter. */
static inline Input input_va(uint64_t va) {
    return (Input){.slot = SLOT_IMM, .flags = IR_ADDRESS, .imm = va};
}
#define INPUT_NONE ((Input){.slot = SLOT_NONE})

static inline uint16_t emit_temp(Emit *e) {
    CHECK(e->temp < SLOT_COUNT);
    return e->temp++;
}

static inline IrOp *emit_new(Emit *e, IrKind kind, unsigned w, uint16_t out) {
    CHECK(e->count < IR_MAX_OPS);
    IrOp *op = &e->ops[e->count++];
    *op = (IrOp){.kind = (uint8_t)kind,
                 .bits = (uint8_t)w,
                 .out = out,
                 .a = SLOT_NONE,
                 .b = SLOT_NONE,
                 .c = SLOT_NONE};
    return op;
}

/* v in a slot, for operations whose imm means something else. */
static inline Input emit_in_slot(Emit *e, Input v) {
    if (v.slot != SLOT_IMM)
        return v;
    IrOp *op = emit_new(e, IR_MOVE, 64, emit_temp(e));
    op->a = SLOT_IMM;
    op->imm = v.imm;
    op->flags = v.flags;
    return input_slot(op->out);
}

/* out = kind(a, b, c). An operation has room for one number; others go through temporaries. */
static inline IrOp *emit_to(Emit *e, uint16_t out, IrKind kind, unsigned w, Input a, Input b,
                            Input c) {
    if (c.slot == SLOT_IMM && (a.slot == SLOT_IMM || b.slot == SLOT_IMM))
        c = emit_in_slot(e, c);
    if (b.slot == SLOT_IMM && a.slot == SLOT_IMM)
        a = emit_in_slot(e, a);
    IrOp *op = emit_new(e, kind, w, out);
    op->a = a.slot;
    op->b = b.slot;
    op->c = c.slot;
    Input number = a.slot == SLOT_IMM ? a : b.slot == SLOT_IMM ? b : c;
    if (number.slot == SLOT_IMM) {
        op->imm = number.imm & ir_mask(w);
        op->flags = number.flags;
    }
    return op;
}

static inline Input emit1(Emit *e, IrKind kind, unsigned w, Input a) {
    uint16_t out = emit_temp(e);
    emit_to(e, out, kind, w, a, INPUT_NONE, INPUT_NONE);
    return input_slot(out);
}

static inline Input emit2(Emit *e, IrKind kind, unsigned w, Input a, Input b) {
    uint16_t out = emit_temp(e);
    emit_to(e, out, kind, w, a, b, INPUT_NONE);
    return input_slot(out);
}

static inline Input emit3(Emit *e, IrKind kind, unsigned w, Input a, Input b, Input c) {
    uint16_t out = emit_temp(e);
    emit_to(e, out, kind, w, a, b, c);
    return input_slot(out);
}

/* A copy of the low w bits, zero-extended. */
static inline Input emit_move(Emit *e, unsigned w, Input a) { return emit1(e, IR_MOVE, w, a); }

static inline void emit_set(Emit *e, uint16_t out, unsigned w, Input a) {
    emit_to(e, out, IR_MOVE, w, a, INPUT_NONE, INPUT_NONE);
}

static inline void emit_sext_to(Emit *e, uint16_t out, unsigned w, unsigned from, Input a) {
    emit_to(e, out, IR_SEXT, w, a, INPUT_NONE, INPUT_NONE)->lane = (uint8_t)from;
}

static inline Input emit_sext(Emit *e, unsigned w, unsigned from, Input a) {
    uint16_t out = emit_temp(e);
    emit_sext_to(e, out, w, from, a);
    return input_slot(out);
}

static inline void emit_extract_to(Emit *e, uint16_t out, unsigned w, Input a, unsigned at) {
    a = emit_in_slot(e, a);
    IrOp *op = emit_new(e, IR_EXTRACT, w, out);
    op->a = a.slot;
    op->imm = at;
}

static inline Input emit_extract(Emit *e, unsigned w, Input a, unsigned at) {
    uint16_t out = emit_temp(e);
    emit_extract_to(e, out, w, a, at);
    return input_slot(out);
}

/* out = all 64 bits of `into` with w bits at `at` replaced by v. */
static inline void emit_insert_to(Emit *e, uint16_t out, unsigned w, Input into, Input v,
                                  unsigned at) {
    v = emit_in_slot(e, v);
    into = emit_in_slot(e, into);
    IrOp *op = emit_new(e, IR_INSERT, w, out);
    op->a = into.slot;
    op->b = v.slot;
    op->imm = at;
}

/* Memory at base + off; base SLOT_NONE: at off. */
typedef struct Place {
    uint16_t base;
    uint8_t flags; /* IR_ADDRESS: off was made from the program counter */
    uint64_t off;
} Place;

static inline void emit_load_to(Emit *e, uint16_t out, unsigned w, Place at) {
    IrOp *op = emit_new(e, IR_LOAD, w, out);
    op->a = at.base;
    op->imm = at.off;
    op->flags = at.flags;
}

static inline Input emit_load(Emit *e, unsigned w, Place at) {
    uint16_t out = emit_temp(e);
    emit_load_to(e, out, w, at);
    return input_slot(out);
}

static inline void emit_store(Emit *e, unsigned w, Place at, Input v) {
    v = emit_in_slot(e, v);
    IrOp *op = emit_new(e, IR_STORE, w, SLOT_NONE);
    op->a = at.base;
    op->b = v.slot;
    op->imm = at.off;
    op->flags = at.flags;
}

/* An unknown value of w bits; id by OPAQUE_ID. */
static inline void emit_opaque_to(Emit *e, uint16_t out, unsigned w, uint64_t id,
                                  const Input in[3]) {
    Input a = emit_in_slot(e, in[0]), b = emit_in_slot(e, in[1]), c = emit_in_slot(e, in[2]);
    IrOp *op = emit_new(e, IR_OPAQUE, w, out);
    op->a = a.slot;
    op->b = b.slot;
    op->c = c.slot;
    op->imm = id;
}

static inline uint64_t opaque_name(const char *mnemonic) {
    return hash64((Bytes){(const uint8_t *)mnemonic, strlen(mnemonic)});
}

/* Control: to a number or a slot. */
static inline void emit_jump(Emit *e, IrKind direct, IrKind indirect, Input to) {
    if (to.slot == SLOT_IMM) {
        emit_new(e, direct, 64, SLOT_NONE)->imm = to.imm;
        return;
    }
    emit_new(e, indirect, 64, SLOT_NONE)->a = to.slot;
}

static inline void emit_branch(Emit *e, Input condition, uint64_t target) {
    IrOp *op = emit_new(e, IR_BRANCH, 64, SLOT_NONE);
    op->a = condition.slot;
    op->imm = target;
}

static inline void emit_trap_if(Emit *e, Input condition, uint64_t which) {
    IrOp *op = emit_new(e, IR_TRAP_IF, 64, SLOT_NONE);
    op->a = condition.slot;
    op->imm = which;
}

#endif
