/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_move.c: x86 instructions that move: registers, memory, the stack, flags. */
#include "value/lift_x86.h"

static Input reg(unsigned slot) { return input_slot((uint16_t)slot); }

/* A selector written to fs or gs: the base stays when the selector does, else it is unknown. */
static void set_segment(X86 *x, uint16_t slot, Input selector) {
    Emit *e = &x->e;
    selector = emit_move(e, 16, selector);
    if (slot == SLOT_X86_FS || slot == SLOT_X86_GS) {
        uint16_t base = slot == SLOT_X86_FS ? SLOT_FS : SLOT_GS, unknown = emit_temp(e);
        Input same = emit2(e, IR_EQ, 16, selector, input_slot(slot));
        const Input in[3] = {selector, INPUT_NONE, INPUT_NONE};
        emit_opaque_to(e, unknown, x->bits, OPAQUE_ID(opaque_name("segment base"), 0), in);
        emit_to(e, base, IR_SELECT, x->bits, same, input_slot(base), input_slot(unknown));
    }
    emit_set(e, slot, 16, selector);
}

static bool lift_mov(X86 *x) {
    const Operand *to = x86_operand(x, 0), *from = x86_operand(x, 1);
    X86Place out = {.slot = SLOT_NONE};
    if (from->kind == OPERAND_REG && x86_place(x, from->reg).slot == SLOT_NONE)
        return false; /* control and debug registers */
    if (to->kind == OPERAND_REG) {
        out = x86_place(x, to->reg);
        if (out.slot == SLOT_NONE)
            return true; /* nothing that a program sees */
        if (out.class == REGISTER_SEGMENT) {
            set_segment(x, out.slot, x86_read(x, 1));
            return true;
        }
    }
    if (out.slot != SLOT_NONE && to->bits >= 32)
        x86_read_to(x, 1,
                    from->bits < to->bits && from->kind != OPERAND_IMM ? from->bits : to->bits,
                    out.slot);
    else
        x86_write(x, 0, x86_read(x, 1));
    return true;
}

static void lift_extend(X86 *x, bool is_signed) {
    unsigned w = x86_width(x, 0), from = x86_width(x, 1);
    uint16_t out = x86_out(x, 0);
    if (is_signed)
        emit_sext_to(&x->e, out, w, from, x86_read(x, 1));
    else
        x86_read_to(x, 1, from, out);
    x86_done(x, 0, out);
}

static void lift_lea(X86 *x) {
    uint16_t out = x86_out(x, 0);
    x86_address_to(x, 1, x86_width(x, 0), out);
    x86_done(x, 0, out);
}

static void lift_xchg(X86 *x) {
    unsigned w = x86_width(x, 0);
    Input a = emit_move(&x->e, w, x86_read(x, 0)), b = emit_move(&x->e, w, x86_read(x, 1));
    unsigned first = x86_is_mem(x, 1); /* memory before registers */
    x86_write(x, first, first ? a : b);
    x86_write(x, !first, first ? b : a);
}

/* cmpxchg: the accumulator is written only when the comparison fails, the destination register only
 * when it succeeds, each whole (upper halves too); memory is written in any case. */
static void lift_cmpxchg(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Input old = emit_move(e, w, x86_read(x, 0)), fresh = emit_move(e, w, x86_read(x, 1));
    Input rax = reg(SLOT_X86_RAX);
    Input same = emit2(e, IR_EQ, w, rax, old);
    if (x86_is_mem(x, 0))
        x86_write(x, 0, emit3(e, IR_SELECT, w, same, fresh, old));
    Input difference = emit2(e, IR_SUB, w, rax, old);
    emit_to(e, SLOT_C, IR_BORROW, w, rax, old, INPUT_NONE);
    emit_to(e, SLOT_V, IR_UNDERFLOW, w, rax, old, INPUT_NONE);
    emit_to(e, SLOT_A, IR_BORROW, 4, rax, old, INPUT_NONE);
    x86_flags_znp(x, w, difference);
    Input kept = old;
    if (w < 32) {
        kept = reg(emit_temp(e));
        emit_insert_to(e, kept.slot, w, rax, old, 0);
    }
    emit_to(e, SLOT_X86_RAX, IR_SELECT, 64, same, reg(SLOT_X86_RAX), kept);
    if (!x86_is_reg(x, 0))
        return;
    X86Place to = x86_place(x, x86_operand(x, 0)->reg);
    if (w < 32) {
        Input written = reg(emit_temp(e));
        emit_insert_to(e, written.slot, w, reg(to.slot), fresh, to.off);
        fresh = written;
    }
    emit_to(e, to.slot, IR_SELECT, 64, same, fresh, reg(to.slot));
}

static void lift_cmpxchg_pair(X86 *x, unsigned w) {
    Emit *e = &x->e;
    Place low = x86_memory(x, 0), high = x86_further(low, w / 8, x->bits);
    if (w == 64) { /* cmpxchg16b faults where it is not aligned */
        Input at = low.base == SLOT_NONE
                       ? emit_in_slot(e, input_imm(low.off))
                       : emit2(e, IR_ADD, 64, input_slot(low.base), input_imm(low.off));
        Input odd = emit2(e, IR_AND, 64, at, input_imm(15));
        emit_trap_if(e, emit1(e, IR_NOT, 1, emit2(e, IR_EQ, 64, odd, input_imm(0))),
                     TRAP_PROTECTION);
    }
    Input a = emit_load(e, w, low), d = emit_load(e, w, high);
    Input same = emit2(e, IR_AND, 1, emit2(e, IR_EQ, w, a, reg(SLOT_X86_RAX)),
                       emit2(e, IR_EQ, w, d, reg(SLOT_X86_RDX)));
    emit_store(e, w, low, emit3(e, IR_SELECT, w, same, reg(SLOT_X86_RBX), a));
    emit_store(e, w, high, emit3(e, IR_SELECT, w, same, reg(SLOT_X86_RCX), d));
    emit_to(e, SLOT_X86_RAX, IR_SELECT, 64, same, reg(SLOT_X86_RAX), a);
    emit_to(e, SLOT_X86_RDX, IR_SELECT, 64, same, reg(SLOT_X86_RDX), d);
    x86_flag(x, SLOT_Z, same);
}

static void lift_push(X86 *x) {
    Input v = x86_read(x, 0);
    if (x86_operand(x, 0)->kind == OPERAND_IMM)
        v = input_imm(v.imm & ir_mask(x->in->operand_width));
    x86_push(x, x->in->operand_width, v);
}

static void add_to_stack(X86 *x, uint64_t bytes) {
    emit_to(&x->e, SLOT_X86_RSP, IR_ADD, x->bits, reg(SLOT_X86_RSP), input_imm(bytes), INPUT_NONE);
}

static void lift_pop(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->operand_width;
    Place top = {.base = SLOT_X86_RSP};
    if (x86_is_reg(x, 0)) {
        X86Place to = x86_place(x, x86_operand(x, 0)->reg);
        if (to.class == REGISTER_SEGMENT) {
            Input selector = emit_load(e, 16, top);
            add_to_stack(x, w / 8);
            set_segment(x, to.slot, selector);
        } else if (w >= 32) {
            emit_load_to(e, to.slot, w, top);
            if (to.slot != SLOT_X86_RSP)
                add_to_stack(x, w / 8);
        } else {
            Input v = emit_load(e, w, top);
            add_to_stack(x, w / 8);
            x86_write(x, 0, v);
        }
        return;
    }
    x->popped = w / 8;
    Input v = emit_load(e, w, top);
    x86_write(x, 0, v);
    add_to_stack(x, w / 8);
}

/* Registers in encoding order; the stack pointer is stored as it was, and skipped by popa. */
static void lift_pusha(X86 *x, unsigned w) {
    unsigned bytes = w / 8;
    for (unsigned n = 0; n < 8; n++) {
        Place at = {.base = SLOT_X86_RSP, .off = -(uint64_t)(bytes * (n + 1)) & ir_mask(x->bits)};
        emit_store(&x->e, w, at, reg(n));
    }
    emit_to(&x->e, SLOT_X86_RSP, IR_SUB, x->bits, reg(SLOT_X86_RSP), input_imm(8 * bytes),
            INPUT_NONE);
}

static void lift_popa(X86 *x, unsigned w) {
    for (unsigned n = 8; n-- > 0;) {
        Place at = {.base = SLOT_X86_RSP, .off = (7 - n) * (w / 8)};
        if (n == SLOT_X86_RSP)
            continue;
        if (w == 32)
            emit_load_to(&x->e, (uint16_t)n, w, at);
        else
            x86_set_general(x, (uint16_t)n, w, emit_load(&x->e, w, at));
    }
    add_to_stack(x, 8 * (w / 8));
}

/* enter: frame pointers of `level` outer procedures are copied. */
static void lift_enter(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->operand_width;
    uint64_t size = (uint64_t)x86_operand(x, 0)->value & 0xffff;
    unsigned level = (unsigned)x86_operand(x, 1)->value & 31, bytes = w / 8;
    x86_push(x, w, reg(SLOT_X86_RBP));
    Input frame = emit_move(e, x->bits, reg(SLOT_X86_RSP));
    for (unsigned i = 1; i < level; i++) {
        Place outer = {.base = SLOT_X86_RBP, .off = -(uint64_t)(bytes * i) & ir_mask(x->bits)};
        x86_push(x, w, emit_load(e, w, outer));
    }
    if (level > 0)
        x86_push(x, w, frame);
    x86_set_general(x, SLOT_X86_RBP, w, frame);
    if (size > 0)
        emit_to(e, SLOT_X86_RSP, IR_SUB, x->bits, reg(SLOT_X86_RSP), input_imm(size), INPUT_NONE);
}

static void lift_leave(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->operand_width;
    Input old = emit_load(e, w, (Place){.base = SLOT_X86_RBP});
    emit_to(e, SLOT_X86_RSP, IR_ADD, x->bits, reg(SLOT_X86_RBP), input_imm(w / 8), INPUT_NONE);
    x86_set_general(x, SLOT_X86_RBP, w, old);
}

static void lift_xlat(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->address_width;
    Input at = emit2(e, IR_ADD, w, reg(SLOT_X86_RBX), emit_move(e, 8, reg(SLOT_X86_RAX)));
    if (x->in->segment) {
        bool fs = x86_place(x, x->in->segment).slot == SLOT_X86_FS;
        at = emit2(e, IR_ADD, x->bits, at, reg(fs ? SLOT_FS : SLOT_GS));
    }
    x86_set_general(x, SLOT_X86_RAX, 8, emit_load(e, 8, (Place){.base = at.slot}));
}

static void lift_lahf(X86 *x) {
    Emit *e = &x->e;
    emit_insert_to(e, SLOT_X86_RAX, 8, reg(SLOT_X86_RAX), emit_move(e, 8, x86_flags_word(x)), 8);
}

static void lift_popf(X86 *x, unsigned w) {
    Input v = emit_load(&x->e, w, (Place){.base = SLOT_X86_RSP});
    add_to_stack(x, w / 8);
    x86_set_flags_word(x, w, v);
}

/* lds, les ..: register and selector from memory. */
static void lift_load_far(X86 *x, uint16_t segment) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Place at = x86_memory(x, 1);
    Input v = emit_load(e, w, at);
    Input selector = emit_load(e, 16, x86_further(at, w / 8, x->bits));
    x86_write(x, 0, v);
    set_segment(x, segment, selector);
}

static void lift_bswap(X86 *x) {
    unsigned w = x86_width(x, 0);
    if (w == 16) /* undefined; processors give 0 */
        x86_write(x, 0, input_imm(0));
    else
        emit_to(&x->e, x86_out(x, 0), IR_BSWAP, w, x86_read(x, 0), INPUT_NONE, INPUT_NONE);
}

static void lift_movbe(X86 *x) {
    uint16_t out = x86_out(x, 0);
    emit_to(&x->e, out, IR_BSWAP, x86_width(x, 0), x86_read(x, 1), INPUT_NONE, INPUT_NONE);
    x86_done(x, 0, out);
}

/* cbw, cwde, cdqe: the low half of the accumulator, sign-extended. */
static void lift_extend_accumulator(X86 *x, unsigned w) {
    Input v = reg(SLOT_X86_RAX);
    if (w == 16)
        x86_set_general(x, SLOT_X86_RAX, 16, emit_sext(&x->e, 16, 8, v));
    else
        emit_sext_to(&x->e, SLOT_X86_RAX, w, w / 2, v);
}

/* cwd, cdq, cqo: its sign in all of the data register. */
static void lift_sign_accumulator(X86 *x, unsigned w) {
    Input rax = reg(SLOT_X86_RAX), by = input_imm(w - 1);
    if (w == 16)
        x86_set_general(x, SLOT_X86_RDX, 16, emit2(&x->e, IR_SAR, 16, rax, by));
    else
        emit_to(&x->e, SLOT_X86_RDX, IR_SAR, w, rax, by, INPUT_NONE);
}

static void lift_set(X86 *x, unsigned condition) { x86_write(x, 0, x86_condition(x, condition)); }

static void lift_cmov(X86 *x, unsigned condition) {
    unsigned w = x86_width(x, 0);
    Input from = x86_read(x, 1), old = x86_read(x, 0), v = x86_condition(x, condition);
    uint16_t out = x86_out(x, 0);
    emit_to(&x->e, out, IR_SELECT, w, v, from, old);
    x86_done(x, 0, out);
}

/* Instructions with a condition; the code of each as in the encoding. */
static bool lift_conditional(X86 *x) {
#define CONDITIONS(CASE)                                                                           \
    CASE(O, 0)                                                                                     \
    CASE(NO, 1)                                                                                    \
    CASE(B, 2)                                                                                     \
    CASE(NB, 3)                                                                                    \
    CASE(Z, 4)                                                                                     \
    CASE(NZ, 5)                                                                                    \
    CASE(BE, 6)                                                                                    \
    CASE(NBE, 7)                                                                                   \
    CASE(S, 8)                                                                                     \
    CASE(NS, 9) CASE(P, 10) CASE(NP, 11) CASE(L, 12) CASE(NL, 13) CASE(LE, 14) CASE(NLE, 15)
#define CASE(name, n)                                                                              \
    case X86_SET##name:                                                                            \
        lift_set(x, n);                                                                            \
        return true;                                                                               \
    case X86_CMOV##name:                                                                           \
        lift_cmov(x, n);                                                                           \
        return true;                                                                               \
    case X86_J##name:                                                                              \
        emit_branch(&x->e, x86_condition(x, n), x->in->target);                                    \
        return true;
    switch (x->in->id) {
        CONDITIONS(CASE)
    default:
        return false;
    }
#undef CASE
#undef CONDITIONS
}

/* Instructions of one operation on a flag or a register that is not general. */
static bool lift_state(X86 *x) {
    Emit *e = &x->e;
    switch (x->in->id) {
    case X86_CLC:
        x86_flag(x, SLOT_C, input_imm(0));
        return true;
    case X86_STC:
        x86_flag(x, SLOT_C, input_imm(1));
        return true;
    case X86_CMC:
        emit_to(e, SLOT_C, IR_NOT, 1, reg(SLOT_C), INPUT_NONE, INPUT_NONE);
        return true;
    case X86_CLD:
        x86_flag(x, SLOT_D, input_imm(0));
        return true;
    case X86_STD:
        x86_flag(x, SLOT_D, input_imm(1));
        return true;
    case X86_SALC:
        x86_set_general(x, SLOT_X86_RAX, 8, emit_sext(e, 8, 1, reg(SLOT_C)));
        return true;
    case X86_LAHF:
        lift_lahf(x);
        return true;
    case X86_SAHF:
        x86_set_flags_word(x, 8, emit_extract(e, 8, reg(SLOT_X86_RAX), 8));
        return true;
    case X86_PUSHF:
    case X86_PUSHFD:
    case X86_PUSHFQ:
        x86_push(x, x->in->operand_width, x86_flags_word(x));
        return true;
    case X86_POPF:
    case X86_POPFD:
    case X86_POPFQ:
        lift_popf(x, x->in->operand_width);
        return true;
    case X86_LDMXCSR:
        emit_set(e, SLOT_X86_MXCSR, 32, x86_read(x, 0));
        return true;
    case X86_STMXCSR:
        x86_write(x, 0, reg(SLOT_X86_MXCSR));
        return true;
    case X86_RDFSBASE:
        x86_write(x, 0, reg(SLOT_FS));
        return true;
    case X86_RDGSBASE:
        x86_write(x, 0, reg(SLOT_GS));
        return true;
    case X86_WRFSBASE:
        emit_set(e, SLOT_FS, x86_width(x, 0), x86_read(x, 0));
        return true;
    case X86_WRGSBASE:
        emit_set(e, SLOT_GS, x86_width(x, 0), x86_read(x, 0));
        return true;
    case X86_LDS:
        lift_load_far(x, SLOT_X86_DS);
        return true;
    case X86_LES:
        lift_load_far(x, SLOT_X86_ES);
        return true;
    case X86_LFS:
        lift_load_far(x, SLOT_X86_FS);
        return true;
    case X86_LGS:
        lift_load_far(x, SLOT_X86_GS);
        return true;
    case X86_LSS:
        lift_load_far(x, SLOT_X86_SS);
        return true;
    default:
        return lift_conditional(x);
    }
}

/* Longer than 70 lines because it is one list. */
bool lift_x86_move(X86 *x) {
    switch (x->in->id) {
    case X86_MOV:
    case X86_MOVNTI:
    case X86_MOVDIRI:
        return lift_mov(x);
    case X86_MOVZX:
        lift_extend(x, false);
        return true;
    case X86_MOVSX:
    case X86_MOVSXD:
        lift_extend(x, true);
        return true;
    case X86_LEA:
        lift_lea(x);
        return true;
    case X86_PUSH:
        lift_push(x);
        return true;
    case X86_POP:
        lift_pop(x);
        return true;
    case X86_XCHG:
        lift_xchg(x);
        return true;
    case X86_CMPXCHG:
        lift_cmpxchg(x);
        return true;
    case X86_CMPXCHG8B:
        lift_cmpxchg_pair(x, 32);
        return true;
    case X86_CMPXCHG16B:
        lift_cmpxchg_pair(x, 64);
        return true;
    case X86_PUSHA:
        lift_pusha(x, 16);
        return true;
    case X86_PUSHAD:
        lift_pusha(x, 32);
        return true;
    case X86_POPA:
        lift_popa(x, 16);
        return true;
    case X86_POPAD:
        lift_popa(x, 32);
        return true;
    case X86_ENTER:
        lift_enter(x);
        return true;
    case X86_LEAVE:
        lift_leave(x);
        return true;
    case X86_XLAT:
        lift_xlat(x);
        return true;
    case X86_BSWAP:
        lift_bswap(x);
        return true;
    case X86_MOVBE:
        lift_movbe(x);
        return true;
    case X86_CBW:
        lift_extend_accumulator(x, 16);
        return true;
    case X86_CWDE:
        lift_extend_accumulator(x, 32);
        return true;
    case X86_CDQE:
        lift_extend_accumulator(x, 64);
        return true;
    case X86_CWD:
        lift_sign_accumulator(x, 16);
        return true;
    case X86_CDQ:
        lift_sign_accumulator(x, 32);
        return true;
    case X86_CQO:
        lift_sign_accumulator(x, 64);
        return true;
    default:
        return lift_state(x);
    }
}
