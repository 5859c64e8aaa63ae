/* SPDX-License-Identifier: Apache-2.0
 * ir.c: names of operations and what nobody reads. The arithmetic is in ir_eval.c and
 * ir_eval_packed.c. */
#include "value/ir.h"

#include <string.h>

const char *ir_kind_name(IrKind kind) {
    static const char *const names[] = {
#define X(constant, name) name,
        IR_KINDS(X)
#undef X
    };
    return (unsigned)kind < IR_KIND_COUNT ? names[kind] : "invalid";
}

bool ir_has_effect(IrKind kind) {
    return kind == IR_STORE || (kind >= IR_STRING && kind < IR_KIND_COUNT);
}

/* Slots that somebody behind reads; the last place stands for numbers and for nothing. */
typedef struct Live {
    bool at[SLOT_COUNT + 1];
} Live;

static unsigned live_place(uint16_t slot) { return slot < SLOT_COUNT ? slot : SLOT_COUNT; }

static void live_add(Live *l, uint16_t slot) { l->at[live_place(slot)] = true; }

static void live_remove(Live *l, uint16_t slot) { l->at[live_place(slot)] = false; }

/* What is read where operations end or control leaves: all registers, and the flags asked for. */
static void live_add_state(Live *l, uint32_t live_flags) {
    memset(l->at, true, SLOT_C);
    for (unsigned slot = SLOT_C; slot <= SLOT_GE; slot++)
        l->at[slot] |= live_flags >> (slot - SLOT_C) & 1;
    memset(l->at + SLOT_GE + 1, true, SLOT_TEMP - SLOT_GE - 1);
}

/* Registers and flags that a string instruction replaces whole (with rep it may do nothing), and
 * then those that it reads. */
static void live_string(Live *l, const IrOp *op) {
    static const uint16_t result_flags[] = {SLOT_C, SLOT_Z, SLOT_N, SLOT_V, SLOT_P, SLOT_A};
    unsigned what = op->imm & STRING_OP;
    bool repeats = op->imm & (STRING_REP | STRING_REPNE);
    if (!repeats && (what == STRING_SCAS || what == STRING_CMPS))
        for (unsigned i = 0; i < sizeof result_flags / sizeof *result_flags; i++)
            live_remove(l, result_flags[i]);
    if (!repeats && what == STRING_LODS && op->bits >= 32)
        live_remove(l, SLOT_X86_RAX);
    else if (what == STRING_LODS || what == STRING_STOS || what == STRING_SCAS)
        live_add(l, SLOT_X86_RAX);
    if (what != STRING_STOS && what != STRING_SCAS)
        live_add(l, SLOT_X86_RSI);
    if (what != STRING_LODS)
        live_add(l, SLOT_X86_RDI);
    if (repeats)
        live_add(l, SLOT_X86_RCX);
    live_add(l, SLOT_D);
}

/* Whether all operations that the IR_SKIP at ops[i] leaves out have become nothing. */
static bool skips_nothing(const IrOp *ops, size_t i, size_t count) {
    for (uint64_t k = 1; k <= ops[i].imm && k < count - i; k++)
        if (ops[i + k].kind != IR_NOP)
            return false;
    return true;
}

enum { IR_MARK = 2 }; /* of IrOp.flags, inside ir_drop_dead only */

/* Marks the operations that an IR_SKIP may leave out (IR_MARK): what they write is not replaced
 * for certain. */
static void mark_skipped(IrOp *ops, size_t count) {
    uint64_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (left > 0) {
            ops[i].flags |= IR_MARK;
            left--;
        }
        if (ops[i].kind == IR_SKIP && ops[i].imm > left)
            left = ops[i].imm;
    }
}

static void drop_dead(IrOp *ops, size_t count, uint32_t live_flags, bool keeps_loads) {
    Live live;
    memset(&live, 0, sizeof live);
    live_add_state(&live, live_flags);
    mark_skipped(ops, count);
    for (size_t i = count; i-- > 0;) {
        IrOp *op = &ops[i];
        bool drop = op->kind == IR_SKIP
                        ? skips_nothing(ops, i, count)
                        : !ir_has_effect(op->kind) && !(keeps_loads && op->kind == IR_LOAD) &&
                              (op->out >= SLOT_COUNT || !live.at[op->out]);
        if (drop) {
            *op = (IrOp){
                .kind = IR_NOP, .out = SLOT_NONE, .a = SLOT_NONE, .b = SLOT_NONE, .c = SLOT_NONE};
            continue;
        }
        if (!(op->flags & IR_MARK))
            live_remove(&live, op->out);
        op->flags &= IR_ADDRESS;
        if (op->kind == IR_STRING)
            live_string(&live, op);
        else if (op->kind > IR_STRING && op->kind != IR_SKIP)
            live_add_state(&live, live_flags);
        live_add(&live, op->a);
        live_add(&live, op->b);
        live_add(&live, op->c);
    }
}

void ir_drop_dead(IrOp *ops, size_t count, uint32_t live_flags) {
    drop_dead(ops, count, live_flags, false);
}

void ir_drop_dead_but_loads(IrOp *ops, size_t count) { drop_dead(ops, count, UINT32_MAX, true); }
