/* SPDX-License-Identifier: Apache-2.0
 * lift_check.h: what holds for the operations of every lifted instruction, and running them on
 * numbers without memory: loads and unknown values come from a generator. For fuzzing and tests of
 * all lifters. */
#ifndef COG_LIFT_CHECK_H
#define COG_LIFT_CHECK_H

#include <string.h>

#include "base/check.h"
#include "value/ir.h"

static inline bool lift_is_control(unsigned kind) { return kind >= IR_JUMP && kind <= IR_TRAP; }

/* Kinds whose imm is not an input. */
static inline bool lift_owns_imm(unsigned kind) {
    return kind == IR_EXTRACT || kind == IR_INSERT || kind == IR_LOAD || kind == IR_STORE ||
           kind == IR_PREVERSE || kind >= IR_AESENC;
}

static inline void lift_check_input(const IrOp *op, uint16_t slot, const bool *written) {
    if (slot == SLOT_NONE)
        return;
    if (slot == SLOT_IMM) {
        CHECK(!lift_owns_imm(op->kind));
        return;
    }
    CHECK(slot < SLOT_COUNT);
    CHECK(slot < SLOT_TEMP || written[slot - SLOT_TEMP]);
}

static inline void lift_check(const IrOp *ops, size_t count) {
    bool written[SLOT_TEMPS] = {false};
    CHECK(count <= IR_MAX_OPS);
    for (size_t i = 0; i < count; i++) {
        const IrOp *op = &ops[i];
        unsigned w = op->bits;
        bool carry = op->kind == IR_CARRY || op->kind == IR_BORROW;
        CHECK(op->kind > IR_NOP && op->kind < IR_KIND_COUNT);
        CHECK(w == 1 || w == 8 || w == 16 || w == 32 || w == 64 || (w == 4 && carry));
        CHECK((op->flags & ~IR_ADDRESS) == 0);
        lift_check_input(op, op->a, written);
        lift_check_input(op, op->b, written);
        lift_check_input(op, op->c, written);
        int numbers = (op->a == SLOT_IMM) + (op->b == SLOT_IMM) + (op->c == SLOT_IMM);
        CHECK(numbers <= 1);
        CHECK(op->out == SLOT_NONE || op->out < SLOT_COUNT);
        /* Where control goes is said last. */
        CHECK(!lift_is_control(op->kind) || i + 1 == count);
        CHECK(!ir_has_effect((IrKind)op->kind) || op->out == SLOT_NONE);
        CHECK(op->kind != IR_SKIP || op->imm < count - i);
        if (op->kind == IR_STORE || op->kind == IR_BRANCH || op->kind == IR_TRAP_IF ||
            op->kind == IR_SKIP || op->kind == IR_JUMP_TO || op->kind == IR_RETURN)
            CHECK((op->kind == IR_STORE ? op->b : op->a) < SLOT_COUNT);
        if (op->out >= SLOT_TEMP && op->out < SLOT_COUNT)
            written[op->out - SLOT_TEMP] = true;
    }
}

static inline uint64_t lift_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Runs the operations on slots; stores and control do nothing. */
static inline void lift_run(const IrOp *ops, size_t count, uint64_t *slots, uint64_t *state) {
    for (size_t i = 0; i < count; i++) {
        const IrOp *op = &ops[i];
        uint64_t in[3], out = 0;
        const uint16_t from[3] = {op->a, op->b, op->c};
        for (unsigned k = 0; k < 3; k++)
            in[k] = from[k] < SLOT_COUNT ? slots[from[k]] : from[k] == SLOT_IMM ? op->imm : 0;
        if (op->kind == IR_SKIP && (in[0] & 1))
            i += op->imm;
        if (op->kind == IR_LOAD || op->kind == IR_OPAQUE || op->kind == IR_FLOAT)
            out = lift_random(state) & ir_mask(op->bits);
        else if (ir_has_effect((IrKind)op->kind))
            continue;
        else
            CHECK(ir_eval(op, in[0], in[1], in[2], &out));
        if (op->out < SLOT_COUNT)
            slots[op->out] = out;
    }
}

/* Registers keep to their width: flags are bits, general registers of a 32-bit processor words. */
static inline void lift_check_state(const uint64_t *slots, unsigned bits) {
    for (unsigned i = SLOT_C; i <= SLOT_Q; i++)
        CHECK(slots[i] <= 1);
    for (unsigned i = SLOT_GENERAL; bits == 32 && i < SLOT_C; i++)
        CHECK(slots[i] <= UINT32_MAX);
}

static inline void lift_fill_state(uint64_t *slots, unsigned bits, uint64_t *state) {
    for (unsigned i = 0; i < SLOT_COUNT; i++)
        slots[i] = i >= SLOT_C && i <= SLOT_Q      ? lift_random(state) & 1
                   : bits == 32 && i < SLOT_VECTOR ? lift_random(state) & UINT32_MAX
                                                   : lift_random(state);
}

#endif
