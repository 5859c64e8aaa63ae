/* SPDX-License-Identifier: Apache-2.0
 * lift_x86_control.c: x86 instructions that leave the straight line, string instructions, and what
 * talks to the system. Traps carry the processor's exception number; those of the system that a
 * program may not use are lifted as if it might (drivers). */
#include "value/lift_x86.h"

static Input reg(unsigned slot) { return input_slot((uint16_t)slot); }

static void set_register(X86 *x, uint16_t slot, unsigned w, Input v) {
    emit_set(&x->e, slot, w, v);
}

/* Where a near jump or call goes, read before the stack moves. */
static Input target_of(X86 *x) {
    const Operand *o = x86_operand(x, 0);
    if (o->kind == OPERAND_TARGET)
        return input_imm((uint64_t)o->value);
    Input v = x86_read(x, 0);
    return o->bits < x->bits || v.slot == SLOT_X86_RSP ? emit_move(&x->e, o->bits, v) : v;
}

/* Far target: the offset; the selector goes to cs. */
static Input far_target_of(X86 *x) {
    Emit *e = &x->e;
    const Operand *o = x86_operand(x, 0);
    Input to;
    if (o->kind == OPERAND_MEM) {
        unsigned w = o->bits == 80 ? 64 : o->bits == 48 ? 32 : 16;
        Place at = x86_memory(x, 0);
        to = emit_load(e, w, at);
        emit_load_to(e, SLOT_X86_CS, 16, x86_further(at, w / 8, x->bits));
    } else {
        to = input_imm((uint64_t)o->value);
        emit_set(e, SLOT_X86_CS, 16, input_imm(o->segment));
    }
    return to;
}

static void lift_call(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->operand_width;
    Input back = input_va(x86_next(x)), to;
    if (x->in->is_far) {
        Input old = emit_move(e, 16, reg(SLOT_X86_CS));
        to = far_target_of(x);
        x86_push(x, w, old);
    } else {
        to = target_of(x);
        w = w == 16 ? 16 : x->bits;
    }
    x86_push(x, w, back);
    /* call next; pop reg: position-independent code asks where it is. Nothing is called. */
    if (!x->in->is_far && x->in->flow == FLOW_CALL && x->in->target == x86_next(x))
        return;
    emit_jump(e, IR_CALL, IR_CALL_TO, to);
}

static void lift_jmp(X86 *x) {
    emit_jump(&x->e, IR_JUMP, IR_JUMP_TO, x->in->is_far ? far_target_of(x) : target_of(x));
}

static void lift_ret(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->operand_width;
    uint64_t bytes = w / 8, more = 0;
    if (x->in->operand_count > 0)
        more = (uint64_t)x86_operand(x, 0)->value & 0xffff;
    Input to = emit_load(e, w, (Place){.base = SLOT_X86_RSP});
    if (x->in->is_far) {
        emit_load_to(e, SLOT_X86_CS, 16, (Place){.base = SLOT_X86_RSP, .off = bytes});
        more += bytes;
    }
    emit_to(e, SLOT_X86_RSP, IR_ADD, x->bits, reg(SLOT_X86_RSP), input_imm(bytes + more),
            INPUT_NONE);
    emit_new(e, IR_RETURN, 64, SLOT_NONE)->a = to.slot;
}

/* iret: address, cs, flags; in 64 bits the stack too. */
static void lift_iret(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->operand_width;
    uint64_t bytes = w / 8;
    Input to = emit_load(e, w, (Place){.base = SLOT_X86_RSP});
    emit_load_to(e, SLOT_X86_CS, 16, (Place){.base = SLOT_X86_RSP, .off = bytes});
    Input flags = emit_load(e, w, (Place){.base = SLOT_X86_RSP, .off = 2 * bytes});
    if (x->bits == 64) {
        emit_load_to(e, SLOT_X86_SS, 16, (Place){.base = SLOT_X86_RSP, .off = 4 * bytes});
        emit_load_to(e, SLOT_X86_RSP, w, (Place){.base = SLOT_X86_RSP, .off = 3 * bytes});
    } else {
        emit_to(e, SLOT_X86_RSP, IR_ADD, x->bits, reg(SLOT_X86_RSP), input_imm(3 * bytes),
                INPUT_NONE);
    }
    x86_set_flags_word(x, w, flags);
    emit_new(e, IR_RETURN, 64, SLOT_NONE)->a = to.slot;
}

/* jcxz and family: the counter in the address width. */
static void lift_jump_if_zero(X86 *x) {
    Input zero = emit2(&x->e, IR_EQ, x->in->address_width, reg(SLOT_X86_RCX), input_imm(0));
    emit_branch(&x->e, zero, x->in->target);
}

static void lift_loop(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x->in->address_width;
    Input left = emit2(e, IR_SUB, w, reg(SLOT_X86_RCX), input_imm(1));
    x86_set_general(x, SLOT_X86_RCX, w, left);
    Input zero = emit2(e, IR_EQ, w, left, input_imm(0));
    Input go = emit1(e, IR_NOT, 1, zero);
    if (x->in->id == X86_LOOPE)
        go = emit2(e, IR_AND, 1, go, reg(SLOT_Z));
    else if (x->in->id == X86_LOOPNE)
        go = emit2(e, IR_AND, 1, go, emit1(e, IR_NOT, 1, reg(SLOT_Z)));
    emit_branch(e, go, x->in->target);
}

static void lift_trap(X86 *x, uint64_t which) {
    emit_new(&x->e, IR_TRAP, 64, SLOT_NONE)->imm = which;
}

static void lift_syscall(X86 *x, uint64_t number) {
    emit_new(&x->e, IR_SYSCALL, 64, SLOT_NONE)->imm = number;
}

static void lift_int(X86 *x) {
    uint64_t number = (uint64_t)x86_operand(x, 0)->value & 0xff;
    if (x->in->flow == FLOW_STOP)
        lift_trap(x, number);
    else
        lift_syscall(x, number);
}

/* syscall leaves the return address in rcx and the flags in r11. */
static void lift_syscall_64(X86 *x) {
    set_register(x, SLOT_X86_RCX, 64, input_va(x86_next(x)));
    set_register(x, SLOT_GENERAL + 11, 64, x86_flags_word(x));
    lift_syscall(x, 0);
}

/* 64 bytes at once to an address that is a multiple of 64. */
static void lift_movdir64b(X86 *x) {
    enum { WORDS = 8, WORD_BYTES = 8 };
    Emit *e = &x->e;
    Place from = x86_memory(x, 1);
    Input words[WORDS], to = x86_read(x, 0);
    unsigned w = x86_width(x, 0);
    for (unsigned i = 0; i < WORDS; i++)
        words[i] = emit_load(e, 64, x86_further(from, WORD_BYTES * i, x->bits));
    to = emit_move(e, w, to);
    Input below = emit2(e, IR_AND, w, to, input_imm(WORDS * WORD_BYTES - 1));
    emit_trap_if(e, emit2(e, IR_ULT, w, input_imm(0), below), TRAP_PROTECTION);
    for (unsigned i = 0; i < WORDS; i++)
        emit_store(e, 64, x86_further((Place){.base = to.slot}, WORD_BYTES * i, x->bits), words[i]);
}

static void lift_bound(X86 *x) {
    Emit *e = &x->e;
    unsigned w = x86_width(x, 0);
    Place at = x86_memory(x, 1);
    Input low = emit_load(e, w, at), high = emit_load(e, w, x86_further(at, w / 8, x->bits));
    Input index = x86_read(x, 0);
    Input out =
        emit2(e, IR_OR, 1, emit2(e, IR_SLT, w, index, low), emit2(e, IR_SLT, w, high, index));
    emit_trap_if(e, out, TRAP_BOUND);
}

/* arpl: the requested privilege level of operand 0 is raised to that of operand 1. */
static void lift_arpl(X86 *x) {
    Emit *e = &x->e;
    Input a = x86_read(x, 0), b = emit2(e, IR_AND, 16, x86_read(x, 1), input_imm(3));
    Input raise = emit2(e, IR_ULT, 16, emit2(e, IR_AND, 16, a, input_imm(3)), b);
    Input cut = emit2(e, IR_AND, 16, a, input_imm(0xfffc));
    Input r = emit3(e, IR_SELECT, 16, raise, emit2(e, IR_OR, 16, cut, b), a);
    x86_write(x, 0, r);
    x86_flag(x, SLOT_Z, raise);
}

/* What an instruction gives that the program cannot know, in the registers of `outs`. */
static void lift_unknown_registers(X86 *x, Input in, Input more, const uint16_t *outs,
                                   unsigned count) {
    Emit *e = &x->e;
    uint64_t name = opaque_name(decode_mnemonic(x->lifter->decoder, x->in->mnemonic));
    const Input inputs[3] = {in.slot == SLOT_NONE ? in : emit_move(e, 32, in),
                             more.slot == SLOT_NONE ? more : emit_move(e, 32, more), INPUT_NONE};
    for (unsigned i = 0; i < count; i++)
        emit_opaque_to(e, outs[i], 32, OPAQUE_ID(name, i), inputs);
}

/* rdrand, rdseed: success. */
static void lift_random(X86 *x) {
    static const uint16_t cleared[] = {SLOT_Z, SLOT_N, SLOT_V, SLOT_P, SLOT_A};
    Emit *e = &x->e;
    const Input none[3] = {INPUT_NONE, INPUT_NONE, INPUT_NONE};
    uint16_t out = x86_out(x, 0);
    uint64_t name = opaque_name(decode_mnemonic(x->lifter->decoder, x->in->mnemonic));
    emit_opaque_to(e, out, x86_width(x, 0), OPAQUE_ID(name, 0), none);
    x86_done(x, 0, out);
    x86_flag(x, SLOT_C, input_imm(1));
    for (unsigned i = 0; i < sizeof cleared / sizeof *cleared; i++)
        x86_flag(x, cleared[i], input_imm(0));
}

static void lift_in(X86 *x) {
    Emit *e = &x->e;
    const Input port[3] = {emit_move(e, 16, x86_read(x, 1)), INPUT_NONE, INPUT_NONE};
    uint16_t out = x86_out(x, 0);
    emit_opaque_to(e, out, x86_width(x, 0), OPAQUE_ID(opaque_name("in"), 0), port);
    x86_done(x, 0, out);
}

static void lift_out(X86 *x) {
    Emit *e = &x->e;
    const Input in[3] = {emit_move(e, 16, x86_read(x, 0)), emit_in_slot(e, x86_read(x, 1)),
                         INPUT_NONE};
    emit_opaque_to(e, SLOT_NONE, x86_width(x, 1), OPAQUE_ID(opaque_name("out"), 0), in);
}

/* Adds base to a register, or takes it away again. */
static void shift_pointer(X86 *x, IrKind kind, uint16_t pointer, uint16_t base) {
    emit_to(&x->e, pointer, kind, x->bits, reg(pointer), reg(base), INPUT_NONE);
}

static bool lift_string(X86 *x, unsigned what, unsigned w) {
    uint64_t imm = what;
    bool compares = what == STRING_SCAS || what == STRING_CMPS;
    if (x->in->prefixes & PREFIX_REP)
        imm |= STRING_REP;
    else if (x->in->prefixes & PREFIX_REPNE) /* without comparison both mean rep */
        imm |= compares ? STRING_REPNE : STRING_REP;
    /* A segment prefix counts for the source: its base is in rsi meanwhile. */
    uint16_t base = SLOT_NONE;
    if (x->in->segment != 0 && what != STRING_STOS && what != STRING_SCAS)
        base = x86_place(x, x->in->segment).slot == SLOT_X86_FS ? SLOT_FS : SLOT_GS;
    if (base != SLOT_NONE)
        shift_pointer(x, IR_ADD, SLOT_X86_RSI, base);
    IrOp *op = emit_new(&x->e, IR_STRING, w, SLOT_NONE);
    op->imm = imm;
    op->lane = x->in->address_width;
    if (base != SLOT_NONE)
        shift_pointer(x, IR_SUB, SLOT_X86_RSI, base);
    return true;
}

/* ins and outs: one unknown value at rdi; the pointer and the count as the processor leaves them.
 */
static void lift_port_string(X86 *x, unsigned w, bool reads) {
    Emit *e = &x->e;
    unsigned bits = x->in->address_width;
    bool repeats = (x->in->prefixes & (PREFIX_REP | PREFIX_REPNE)) != 0;
    uint16_t pointer = reads ? SLOT_X86_RDI : SLOT_X86_RSI;
    if (reads) {
        uint16_t v = emit_temp(e);
        const Input port[3] = {emit_move(e, 16, reg(SLOT_X86_RDX)), INPUT_NONE, INPUT_NONE};
        emit_opaque_to(e, v, w, OPAQUE_ID(opaque_name("in"), 0), port);
        emit_store(e, w, (Place){.base = emit_move(e, bits, reg(pointer)).slot}, reg(v));
    }
    Input step =
        emit3(e, IR_SELECT, bits, reg(SLOT_D), input_imm(-(uint64_t)(w / 8)), input_imm(w / 8));
    if (repeats)
        step = emit2(e, IR_MUL, bits, step, reg(SLOT_X86_RCX));
    x86_set_general(x, pointer, bits, emit2(e, IR_ADD, bits, reg(pointer), step));
    if (repeats)
        x86_set_general(x, SLOT_X86_RCX, bits, input_imm(0));
}

static bool lift_string_instruction(X86 *x) {
    switch (x->in->id) {
#define STRING_WIDTHS(what)                                                                        \
    case X86_##what##B:                                                                            \
        return lift_string(x, STRING_##what, 8);                                                   \
    case X86_##what##W:                                                                            \
        return lift_string(x, STRING_##what, 16);                                                  \
    case X86_##what##Q:                                                                            \
        return lift_string(x, STRING_##what, 64)
        STRING_WIDTHS(MOVS);
        STRING_WIDTHS(STOS);
        STRING_WIDTHS(LODS);
        STRING_WIDTHS(SCAS);
        STRING_WIDTHS(CMPS);
#undef STRING_WIDTHS
    case X86_MOVSD_STRING:
        return lift_string(x, STRING_MOVS, 32);
    case X86_CMPSD_STRING:
        return lift_string(x, STRING_CMPS, 32);
    case X86_STOSD:
        return lift_string(x, STRING_STOS, 32);
    case X86_LODSD:
        return lift_string(x, STRING_LODS, 32);
    case X86_SCASD:
        return lift_string(x, STRING_SCAS, 32);
    case X86_INSB:
    case X86_INSW:
    case X86_INSD:
        lift_port_string(x, x->in->operand_width, true);
        return true;
    case X86_OUTSB:
    case X86_OUTSW:
    case X86_OUTSD:
        lift_port_string(x, x->in->operand_width, false);
        return true;
    default:
        return false;
    }
}

static bool lift_system(X86 *x) {
    static const uint16_t abdc[] = {SLOT_X86_RAX, SLOT_X86_RBX, SLOT_X86_RDX, SLOT_X86_RCX};
    static const uint16_t adc[] = {SLOT_X86_RAX, SLOT_X86_RDX, SLOT_X86_RCX};
    switch (x->in->id) {
    case X86_CPUID:
        lift_unknown_registers(x, reg(SLOT_X86_RAX), reg(SLOT_X86_RCX), abdc, 4);
        return true;
    case X86_RDTSC:
        lift_unknown_registers(x, INPUT_NONE, INPUT_NONE, adc, 2);
        return true;
    case X86_RDTSCP:
        lift_unknown_registers(x, INPUT_NONE, INPUT_NONE, adc, 3);
        return true;
    case X86_XGETBV:
    case X86_RDMSR:
    case X86_RDPMC:
        lift_unknown_registers(x, reg(SLOT_X86_RCX), INPUT_NONE, adc, 2);
        return true;
    case X86_RDRAND:
    case X86_RDSEED:
        lift_random(x);
        return true;
    case X86_IN:
        lift_in(x);
        return true;
    case X86_OUT:
        lift_out(x);
        return true;
    case X86_XTEST: /* outside of a transaction */
        x86_flags_logic(x, 8, input_imm(0));
        x86_flag(x, SLOT_P, input_imm(0));
        return true;
    default:
        return lift_string_instruction(x);
    }
}

/* Longer than 70 lines because it is one list. */
static bool lift_nothing(const X86 *x) {
    switch (x->in->id) {
    case X86_NOP:
    case X86_PAUSE:
    case X86_ENDBR32:
    case X86_ENDBR64:
    case X86_PREFETCH:
    case X86_PREFETCHNTA:
    case X86_PREFETCHT0:
    case X86_PREFETCHT1:
    case X86_PREFETCHT2:
    case X86_PREFETCHW:
    case X86_PREFETCHWT1:
    case X86_LFENCE:
    case X86_MFENCE:
    case X86_SFENCE:
    case X86_SERIALIZE:
    case X86_CLDEMOTE:
    case X86_CLFLUSH:
    case X86_CLFLUSHOPT:
    case X86_CLWB:
    case X86_CLI:
    case X86_STI:
    case X86_CLAC:
    case X86_STAC:
    case X86_CLTS:
    case X86_INVD:
    case X86_INVLPG:
    case X86_INVPCID:
    case X86_WBINVD:
    case X86_LGDT:
    case X86_LIDT:
    case X86_LLDT:
    case X86_LTR:
    case X86_LMSW:
    case X86_MONITOR:
    case X86_MONITORX:
    case X86_MWAIT:
    case X86_MWAITX:
    case X86_UMONITOR:
    case X86_WRMSR:
    case X86_WRPKRU:
    case X86_XSETBV:
    case X86_PTWRITE:
    case X86_XABORT: /* outside of a transaction */
    /* Shadow stacks that are off. */
    case X86_CLRSSBSY:
    case X86_INCSSPD:
    case X86_INCSSPQ:
    case X86_RDSSPD:
    case X86_RDSSPQ:
    case X86_RSTORSSP:
    case X86_SAVEPREVSSP:
    case X86_SETSSBSY:
        return true;
    default:
        return false;
    }
}

/* Longer than 70 lines because it is one list. */
bool lift_x86_control(X86 *x) {
    switch (x->in->id) {
    case X86_JMP:
        lift_jmp(x);
        return true;
    case X86_CALL:
        lift_call(x);
        return true;
    case X86_RET:
        lift_ret(x);
        return true;
    case X86_IRET:
    case X86_IRETD:
    case X86_IRETQ:
        lift_iret(x);
        return true;
    case X86_JCXZ:
    case X86_JECXZ:
    case X86_JRCXZ:
        lift_jump_if_zero(x);
        return true;
    case X86_LOOP:
    case X86_LOOPE:
    case X86_LOOPNE:
        lift_loop(x);
        return true;
    case X86_INT:
        lift_int(x);
        return true;
    case X86_INT1:
        lift_trap(x, TRAP_DEBUG);
        return true;
    case X86_INT3:
        lift_trap(x, TRAP_BREAKPOINT);
        return true;
    case X86_UD0:
    case X86_UD1:
    case X86_UD2:
        lift_trap(x, TRAP_INVALID);
        return true;
    case X86_HLT:
    case X86_SYSRET:
    case X86_SYSEXIT:
    case X86_RSM:
        lift_trap(x, TRAP_PROTECTION);
        return true;
    /* Code goes on behind them; here it is outside of a transaction, and there is no device. */
    case X86_XEND:
    case X86_ENQCMD:
    case X86_ENQCMDS:
        emit_trap_if(&x->e, emit_in_slot(&x->e, input_imm(1)), TRAP_PROTECTION);
        return true;
    case X86_INTO:
        emit_trap_if(&x->e, reg(SLOT_V), TRAP_OVERFLOW);
        return true;
    case X86_SYSCALL:
        lift_syscall_64(x);
        return true;
    case X86_SYSENTER:
        lift_syscall(x, 0);
        return true;
    case X86_XBEGIN: /* the transaction fails at once, for a reason that nobody knows */
        lift_unknown_registers(x, INPUT_NONE, INPUT_NONE, (const uint16_t[]){SLOT_X86_RAX}, 1);
        emit_jump(&x->e, IR_JUMP, IR_JUMP_TO, input_imm(x->in->target));
        return true;
    case X86_MOVDIR64B:
        lift_movdir64b(x);
        return true;
    case X86_BOUND:
        lift_bound(x);
        return true;
    case X86_ARPL:
        lift_arpl(x);
        return true;
    default:
        return lift_nothing(x) || lift_system(x);
    }
}
