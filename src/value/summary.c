/* SPDX-License-Identifier: Apache-2.0
 * summary.c: what a caller needs to know of a callee: how many arguments it reads. Arguments that
 * it only passes on are not seen. */
#include <string.h>

#include "value/build.h"

/* mov reg, [esp]; ret: __x86.get_pc_thunk. Slot + 1 of the register, or 0. */
static uint8_t pc_thunk_slot(const Values *v, const Function *f) {
    if (v->context.image->arch != ARCH_X86)
        return 0;
    Bytes b = image_bytes_at(v->context.image, f->va);
    bool is_thunk = bytes_u8_at(b, 0) == 0x8b && (bytes_u8_at(b, 1) & 0xc7) == 0x04 &&
                    bytes_u8_at(b, 2) == 0x24 && bytes_u8_at(b, 3) == 0xc3;
    return is_thunk ? (uint8_t)(((bytes_u8_at(b, 1) >> 3) & 7) + 1) : 0;
}

/* What a function that calls nothing writes: gcc's callers count on it (-fipa-ra). */
static uint32_t clobbers_of(const Body *body) {
    uint32_t written = 0;
    for (uint32_t i = 0; i < body->op_count; i++) {
        const IrOp *op = &body->ops[i];
        if (op->kind > IR_STRING && op->kind != IR_SKIP && op->kind != IR_BRANCH &&
            op->kind != IR_RETURN && op->kind != IR_TRAP && op->kind != IR_TRAP_IF)
            return UINT32_MAX; /* a call, or a jump to somewhere */
        if (op->kind == IR_STRING)
            return UINT32_MAX;
        if (op->kind != IR_NOP && op->out < 32)
            written |= (uint32_t)1 << op->out;
    }
    return written;
}

/* Larger callees read their arguments early; this bounds what one call can cost (guess). */
enum { MOST_BLOCKS = 4096, MOST_WORDS = MAX_CALL_ARGS };

_Static_assert(sizeof(Summary) == sizeof(uint64_t), "one word");

Summaries *summaries_new(Arena *a, const Code *code) {
    Summaries *s = ARENA_NEW(a, Summaries);
    s->at = ARENA_ARRAY(a, _Atomic uint64_t, code->functions.count + 1);
    s->is_called = ARENA_ARRAY(a, bool, code->functions.count + 1);
    for (size_t i = 0; i < code->calls.count; i++)
        if (code->calls.at[i].callee > 0 && code->calls.at[i].callee <= code->functions.count)
            s->is_called[code->calls.at[i].callee - 1] = true;
    return s;
}

static _Atomic uint64_t *place_of(const Values *v, const Function *f) {
    return &v->summaries->at[f - v->context.code->functions.at];
}

static Summary known_summary(const Values *v, const Function *f) {
    uint64_t word = atomic_load_explicit(place_of(v, f), memory_order_relaxed);
    Summary s;
    memcpy(&s, &word, sizeof s);
    return s;
}

static Summary keep_summary(const Values *v, const Function *f, Summary s) {
    uint64_t word;
    s.is_known = true;
    memcpy(&word, &s, sizeof word);
    atomic_store_explicit(place_of(v, f), word, memory_order_relaxed);
    return s;
}

/* Without what its operations say. */
static Summary plain_summary(const Values *v, const Function *f) {
    return (Summary){.pc_slot = pc_thunk_slot(v, f), .clobbers = v->context.abi.clobbered};
}

static bool has_body(const Function *f, const Summary *s) {
    return f->block_count != 0 && f->block_count <= MOST_BLOCKS && !s->pc_slot;
}

static void read_body(Summary *s, Body *body, Arena *scratch) {
    body_find_args(body, scratch);
    s->reg_args = (uint8_t)(body->args_read ? 64 - __builtin_clzll(body->args_read) : 0);
    s->stack_args =
        (uint8_t)(body->stack_args_read < MOST_WORDS ? body->stack_args_read : MOST_WORDS);
    s->clobbers &= clobbers_of(body);
}

void summary_from_body(Values *v, Body *body, Arena *scratch) {
    const Function *first = v->context.code->functions.at;
    if (!v->summaries->is_called[body->function - first] ||
        known_summary(v, body->function).is_known)
        return;
    Summary s = plain_summary(v, body->function);
    if (has_body(body->function, &s))
        read_body(&s, body, scratch);
    keep_summary(v, body->function, s);
}

Summary summary_of_function(Values *v, const Function *f, Arena *scratch) {
    Summary s = known_summary(v, f);
    if (s.is_known)
        return s;
    s = plain_summary(v, f);
    if (has_body(f, &s)) {
        ArenaMark mark = arena_mark(scratch);
        Body body;
        body_from_function(&v->context, f, (Decoded){0}, &(BodyRoom){.ops = v->callee_ops}, scratch,
                           &body);
        body_find_stack(&body, scratch);
        read_body(&s, &body, scratch);
        arena_reset(scratch, mark);
    }
    return keep_summary(v, f, s);
}
