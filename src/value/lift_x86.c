/* SPDX-License-Identifier: Apache-2.0
 * lift_x86.c: operands, addresses and flags of x86 instructions, and what is done with those that
 * nobody knows. The instructions themselves are in lift_x86_*.c. */
#include "value/lift_x86.h"

const void *lift_x86_tables(Arena *a, const Decoder *decoder) {
    unsigned count = decode_register_count(decoder);
    X86Tables *t = arena_alloc(a, sizeof *t + count * sizeof(X86Place));
    t->count = count;
    for (unsigned reg = 0; reg < count; reg++) {
        RegisterPlace from = decode_register_place(decoder, (uint16_t)reg);
        X86Place *to = &t->places[reg];
        *to = (X86Place){.slot = SLOT_NONE, .bits = from.bits, .off = from.off};
        to->class = from.class;
        if (from.class == REGISTER_GENERAL && from.number < 16)
            to->slot = (uint16_t)(SLOT_GENERAL + from.number);
        else if (from.class == REGISTER_VECTOR && from.number < 32)
            to->slot = (uint16_t)(SLOT_VECTOR + SLOT_VECTOR_STRIDE * from.number);
        else if (from.class == REGISTER_FLOAT && from.number < 8)
            to->slot = (uint16_t)(SLOT_X87 + from.number);
        else if (from.class == REGISTER_SEGMENT && from.number < 6)
            to->slot = (uint16_t)(SLOT_X86_CS + from.number);
    }
    return t;
}

X86Place x86_place(const X86 *x, uint16_t reg) {
    if (reg < x->tables->count)
        return x->tables->places[reg];
    return (X86Place){.slot = SLOT_NONE};
}

/* Base of the segment that a memory operand names: only fs and gs have one. */
static uint16_t segment_base(const X86 *x, uint16_t reg) {
    if (reg == 0)
        return SLOT_NONE;
    uint16_t slot = x86_place(x, reg).slot;
    return slot == SLOT_X86_FS ? SLOT_FS : slot == SLOT_X86_GS ? SLOT_GS : SLOT_NONE;
}

/* Address of a memory operand without its segment, cut to the address width. */
static Place effective_address(X86 *x, const Operand *o) {
    Emit *e = &x->e;
    unsigned w = x->in->address_width;
    Place at = {.base = SLOT_NONE, .off = (uint64_t)o->value};
    if (o->base != 0) {
        X86Place base = x86_place(x, o->base);
        if (base.class == REGISTER_IP) {
            at.off += x->in->va + x->in->length;
            at.flags = IR_ADDRESS;
        } else {
            at.base = base.slot;
            if (base.slot == SLOT_X86_RSP)
                at.off += x->popped;
        }
    }
    if (o->index != 0 && x86_place(x, o->index).class == REGISTER_GENERAL) { /* not a gather's */
        Input index = input_slot(x86_place(x, o->index).slot);
        if (o->scale > 1)
            index =
                emit2(e, IR_SHL, w, index, input_imm((unsigned)__builtin_ctz((unsigned)o->scale)));
        if (at.base != SLOT_NONE)
            index = emit2(e, IR_ADD, w, input_slot(at.base), index);
        at.base = index.slot;
    }
    if (w < x->bits && at.base != SLOT_NONE) {
        at.base = emit2(e, IR_ADD, w, input_slot(at.base), input_imm(at.off)).slot;
        at.off = 0;
    }
    at.off &= ir_mask(w);
    return at;
}

Place x86_memory(X86 *x, unsigned i) {
    if (x->memory_known)
        return x->memory;
    const Operand *o = x86_operand(x, i);
    Place at = effective_address(x, o);
    uint16_t segment = segment_base(x, o->segment);
    if (segment != SLOT_NONE && !o->is_agen)
        at.base =
            at.base == SLOT_NONE
                ? segment
                : emit2(&x->e, IR_ADD, x->bits, input_slot(at.base), input_slot(segment)).slot;
    x->memory = at;
    x->memory_known = true;
    return at;
}

void x86_address_to(X86 *x, unsigned i, unsigned w, uint16_t out) {
    Place at = effective_address(x, x86_operand(x, i));
    Input off = {.slot = SLOT_IMM, .flags = at.flags, .imm = at.off};
    if (w > x->in->address_width)
        w = x->in->address_width;
    if (at.base == SLOT_NONE)
        emit_set(&x->e, out, w, off);
    else if (at.off == 0)
        emit_set(&x->e, out, w, input_slot(at.base));
    else
        emit_to(&x->e, out, IR_ADD, w, input_slot(at.base), off, INPUT_NONE);
}

Input x86_read(X86 *x, unsigned i) {
    const Operand *o = x86_operand(x, i);
    switch (o->kind) {
    case OPERAND_REG: {
        X86Place place = x86_place(x, o->reg);
        if (place.slot == SLOT_NONE)
            return input_imm(0);
        return place.off ? emit_extract(&x->e, 8, input_slot(place.slot), place.off)
                         : input_slot(place.slot);
    }
    case OPERAND_MEM:
        return emit_load(&x->e, o->bits, x86_memory(x, i));
    case OPERAND_TARGET:
        return input_va((uint64_t)o->value);
    case OPERAND_IMM:
    case OPERAND_NONE:
        break;
    }
    return input_imm((uint64_t)o->value);
}

void x86_read_to(X86 *x, unsigned i, unsigned w, uint16_t out) {
    if (x86_is_mem(x, i))
        emit_load_to(&x->e, out, w, x86_memory(x, i));
    else
        emit_set(&x->e, out, w, x86_read(x, i));
}

void x86_set_general(X86 *x, uint16_t slot, unsigned w, Input v) {
    if (w >= 32)
        emit_set(&x->e, slot, w, v);
    else
        emit_insert_to(&x->e, slot, w, input_slot(slot), v, 0);
}

void x86_write(X86 *x, unsigned i, Input v) {
    const Operand *o = x86_operand(x, i);
    if (o->kind == OPERAND_MEM) {
        emit_store(&x->e, o->bits, x86_memory(x, i), v);
    } else if (o->kind == OPERAND_REG) {
        X86Place place = x86_place(x, o->reg);
        if (place.slot == SLOT_NONE)
            return;
        if (o->bits >= 32)
            emit_set(&x->e, place.slot, o->bits, v);
        else
            emit_insert_to(&x->e, place.slot, o->bits, input_slot(place.slot), v, place.off);
    }
}

uint16_t x86_out(X86 *x, unsigned i) {
    const Operand *o = x86_operand(x, i);
    if (o->kind == OPERAND_REG && o->bits >= 32) {
        uint16_t slot = x86_place(x, o->reg).slot;
        if (slot != SLOT_NONE)
            return slot;
    }
    return emit_temp(&x->e);
}

void x86_done(X86 *x, unsigned i, uint16_t out) {
    if (out >= SLOT_TEMP)
        x86_write(x, i, input_slot(out));
}

void x86_flag(X86 *x, uint16_t flag, Input v) { emit_set(&x->e, flag, 1, v); }

void x86_flags_znp(X86 *x, unsigned w, Input r) {
    emit_to(&x->e, SLOT_Z, IR_EQ, w, r, input_imm(0), INPUT_NONE);
    emit_extract_to(&x->e, SLOT_N, 1, r, w - 1);
    emit_to(&x->e, SLOT_P, IR_PARITY, 8, r, INPUT_NONE, INPUT_NONE);
}

void x86_flags_logic(X86 *x, unsigned w, Input r) {
    x86_flag(x, SLOT_C, input_imm(0));
    x86_flag(x, SLOT_V, input_imm(0));
    x86_flag(x, SLOT_A, input_imm(0));
    x86_flags_znp(x, w, r);
}

Input x86_condition(X86 *x, unsigned n) {
    Emit *e = &x->e;
    Input v;
    switch (n >> 1) {
    case 0:
        v = input_slot(SLOT_V);
        break;
    case 1:
        v = input_slot(SLOT_C);
        break;
    case 2:
        v = input_slot(SLOT_Z);
        break;
    case 3:
        v = emit2(e, IR_OR, 1, input_slot(SLOT_C), input_slot(SLOT_Z));
        break;
    case 4:
        v = input_slot(SLOT_N);
        break;
    case 5:
        v = input_slot(SLOT_P);
        break;
    case 6:
        v = emit2(e, IR_XOR, 1, input_slot(SLOT_N), input_slot(SLOT_V));
        break;
    default:
        v = emit2(e, IR_XOR, 1, input_slot(SLOT_N), input_slot(SLOT_V));
        v = emit2(e, IR_OR, 1, v, input_slot(SLOT_Z));
    }
    return n & 1 ? emit1(e, IR_NOT, 1, v) : v;
}

/* Bits of EFLAGS that have slots. */
static const struct {
    uint16_t slot;
    uint8_t bit;
} flag_bits[] = {{SLOT_C, 0}, {SLOT_P, 2},  {SLOT_A, 4}, {SLOT_Z, 6},
                 {SLOT_N, 7}, {SLOT_D, 10}, {SLOT_V, 11}};
enum { FLAG_BITS = sizeof flag_bits / sizeof *flag_bits };

Input x86_flags_word(X86 *x) {
    /* Bit 1 is always set, and so are interrupts (bit 9) where programs run. */
    Input word = emit2(&x->e, IR_OR, 64, input_slot(SLOT_X86_EFLAGS), input_imm(0x202));
    for (unsigned i = 0; i < FLAG_BITS; i++) {
        uint16_t out = emit_temp(&x->e);
        emit_insert_to(&x->e, out, 1, word, input_slot(flag_bits[i].slot), flag_bits[i].bit);
        word = input_slot(out);
    }
    return word;
}

void x86_set_flags_word(X86 *x, unsigned w, Input v) {
    for (unsigned i = 0; i < FLAG_BITS; i++)
        if (flag_bits[i].bit < w)
            emit_extract_to(&x->e, flag_bits[i].slot, 1, v, flag_bits[i].bit);
    if (w == 8)
        return; /* sahf */
    /* What a program can change: TF, NT, and in 32 bits AC, ID. */
    Input rest = emit2(&x->e, IR_AND, w, v, input_imm(w == 16 ? 0x4100 : 0x244100));
    x86_set_general(x, SLOT_X86_EFLAGS, w, rest);
}

void x86_push(X86 *x, unsigned w, Input v) {
    uint64_t bytes = w / 8;
    Place below = {.base = SLOT_X86_RSP, .off = -bytes & ir_mask(x->bits)};
    emit_store(&x->e, w, below, v);
    emit_to(&x->e, SLOT_X86_RSP, IR_SUB, x->bits, input_slot(SLOT_X86_RSP), input_imm(bytes),
            INPUT_NONE);
}

/* Unknown values. */
typedef struct Unknown {
    uint64_t name;
    Input in[3];
    unsigned inputs, outputs;
} Unknown;

static void unknown_input(Unknown *u, Input v) {
    if (v.slot != SLOT_NONE && u->inputs < 3)
        u->in[u->inputs++] = v;
}

/* Inputs are copied: outputs may be the same registers. */
static void unknown_inputs(X86 *x, Unknown *u, uint32_t implied) {
    for (unsigned i = 0; i < x->in->operand_count && u->inputs < 3; i++) {
        const Operand *o = x86_operand(x, i);
        if (o->kind == OPERAND_MEM && o->is_agen) {
            uint16_t out = emit_temp(&x->e);
            x86_address_to(x, i, x->bits, out);
            unknown_input(u, input_slot(out));
        } else if (o->kind == OPERAND_MEM && (o->access & ACCESS_READ)) {
            unsigned w = o->bits == 8 || o->bits == 16 || o->bits == 32 ? o->bits : 64;
            unknown_input(u, emit_load(&x->e, w, x86_memory(x, i)));
        } else if (o->kind == OPERAND_REG && (o->access & ACCESS_READ) &&
                   x86_place(x, o->reg).slot != SLOT_NONE) {
            Input v = x86_read(x, i);
            unknown_input(u, emit_move(&x->e, o->bits < 64 ? o->bits : 64, v));
        } else if (o->kind == OPERAND_IMM) {
            unknown_input(u, emit_in_slot(&x->e, input_imm((uint64_t)o->value)));
        }
    }
    for (unsigned n = 0; n < 16 && u->inputs < 3; n++)
        if (implied >> n & 1)
            unknown_input(u, emit_move(&x->e, x->bits, input_slot((uint16_t)n)));
}

static Input unknown_output(X86 *x, Unknown *u, unsigned w) {
    uint16_t out = emit_temp(&x->e);
    emit_opaque_to(&x->e, out, w, OPAQUE_ID(u->name, u->outputs < 15 ? u->outputs : 15), u->in);
    u->outputs++;
    return input_slot(out);
}

/* A written vector register has bits / 64 slots; an AVX instruction clears those above. */
static void unknown_register(X86 *x, Unknown *u, const Operand *o, unsigned i, bool clears) {
    X86Place place = x86_place(x, o->reg);
    if (place.slot == SLOT_NONE)
        return;
    if (place.class != REGISTER_VECTOR) {
        unsigned w = o->bits < 64 ? o->bits : 64;
        Input v = unknown_output(x, u, w);
        if (place.class == REGISTER_GENERAL)
            x86_write(x, i, v);
        else
            emit_set(&x->e, place.slot, w, v);
        return;
    }
    for (unsigned k = 0; k < SLOT_VECTOR_STRIDE; k++) {
        uint16_t slot = (uint16_t)(place.slot + k);
        if (k * 64 < place.bits)
            emit_set(&x->e, slot, 64, unknown_output(x, u, 64));
        else if (clears)
            emit_set(&x->e, slot, 64, input_imm(0));
    }
}

/* Written memory: one value in each word; of very wide operands (xsave) the first 512 bytes. */
static void unknown_memory(X86 *x, Unknown *u, const Operand *o, unsigned i) {
    Place at = x86_memory(x, i);
    Input v = INPUT_NONE;
    for (unsigned done = 0; done < o->bits && done < 4096;) {
        unsigned left = o->bits - done;
        unsigned w = left >= 64 ? 64 : left >= 32 ? 32 : left >= 16 ? 16 : 8;
        if (done < 512 || v.slot == SLOT_NONE)
            v = unknown_output(x, u, w);
        emit_store(&x->e, w, x86_further(at, done / 8, x->bits), v);
        done += w;
    }
}

void x86_unknown(X86 *x) {
    static const struct {
        uint16_t slot;
        uint8_t bit;
    } unknown_flags[] = {{SLOT_C, 0}, {SLOT_P, 2}, {SLOT_A, 4},
                         {SLOT_Z, 6}, {SLOT_N, 7}, {SLOT_V, 11}};
    const char *name = decode_mnemonic(x->lifter->decoder, x->in->mnemonic);
    Unknown u = {.name = opaque_name(name), .in = {INPUT_NONE, INPUT_NONE, INPUT_NONE}};
    Implied implied;
    decode_implied(x->lifter->decoder, x->bytes, &implied);
    unknown_inputs(x, &u, implied.read);
    for (unsigned i = 0; i < x->in->operand_count; i++)
        if (x86_is_mem(x, i) && (x86_operand(x, i)->access & ACCESS_WRITE))
            unknown_memory(x, &u, x86_operand(x, i), i);
    for (unsigned i = 0; i < x->in->operand_count; i++)
        if (x86_is_reg(x, i) && (x86_operand(x, i)->access & ACCESS_WRITE))
            unknown_register(x, &u, x86_operand(x, i), i, name[0] == 'v');
    for (uint16_t n = 0; n < 16; n++)
        if (implied.written >> n & 1 && n != SLOT_X86_RSP)
            emit_set(&x->e, n, x->bits, unknown_output(x, &u, x->bits));
    for (unsigned i = 0; i < sizeof unknown_flags / sizeof *unknown_flags; i++)
        if (implied.flags_written >> unknown_flags[i].bit & 1)
            x86_flag(x, unknown_flags[i].slot, unknown_output(x, &u, 1));
}

size_t lift_x86_decoded(const Lifter *l, const Insn *in, Bytes b, IrOp *ops) {
    X86 x = {.e = {.ops = ops, .temp = SLOT_TEMP},
             .lifter = l,
             .tables = l->tables,
             .in = in,
             .bytes = b,
             .bits = l->bits};
    bool known = in->id >= X86_FIRST_FLOAT ? lift_x86_vector(&x)
                                           : lift_x86_move(&x) || lift_x86_arith(&x) ||
                                                 lift_x86_shift(&x) || lift_x86_control(&x);
    if (!known) {
        x.e = (Emit){.ops = ops, .temp = SLOT_TEMP};
        x.memory_known = false;
        x86_unknown(&x);
    }
    return x.e.count;
}

size_t lift_x86(const Lifter *l, Bytes b, uint64_t va, IrOp *ops, unsigned *length) {
    Insn in;
    *length = 0;
    if (!decode_full(l->decoder, b, va, &in))
        return 0;
    *length = in.length;
    return lift_x86_decoded(l, &in, b, ops);
}
