/* SPDX-License-Identifier: Apache-2.0
 * table_arm64.c: how A64 code makes the target of a jump through a table: a base by adr or adrp and
 * add, an entry of 1, 2, 4 or 8 bytes, then base + entry shifted by 2 or nothing. */
#include "code/a64.h"
#include "code/discover_table.h"

enum { SP = 31, NO_REG = -1 };

static uint32_t word_at(const uint8_t *at) { return bytes_u32_at((Bytes){at, 4}, 0); }

static Value value_of(const Eval *e, unsigned r) {
    return value_of_register(e, r == SP ? NO_REG : (int)r);
}

static void value_set(Eval *e, unsigned r, Value v) {
    if (r == SP)
        return;
    if (e->twin_reg == (int)r)
        e->twin_reg = NO_REG;
    e->regs[r] = v;
    if (v.kind == VALUE_CONST)
        e->sticky[r] = v.number;
}

/* What a load at address + index gives. */
static Value entry_of(const Eval *e, uint64_t address, Value index, unsigned bytes,
                      bool is_signed) {
    if (!in_image(e->d, address))
        return (Value){0};
    Value v = {.kind = VALUE_ENTRY,
               .table_va = address,
               .entry_size = (uint8_t)bytes,
               .is_signed = is_signed,
               .bound = index.bound,
               .is_loose = index.is_loose};
    if (index.kind == VALUE_ENTRY && index.entry_size <= 2 && index.inner_va == 0) {
        v.inner_va = index.table_va;
        v.inner_bound = index.bound;
        v.inner_size = index.entry_size;
        v.bound = 0;
    }
    return v;
}

static Value load_at_base(Eval *e, uint32_t w, unsigned bytes, bool is_signed, int64_t disp) {
    unsigned n = a64_bits(w, 5, 5);
    uint16_t place = (uint16_t)n;
    Value base = value_of(e, n), v = {0};
    if (base.kind == VALUE_ADDRESS)
        return entry_of(e, base.number + (uint64_t)disp, base, bytes, is_signed);
    v = value_kept(e, place, disp);
    if (v.kind == VALUE_NONE && e->slot.bound != 0 && e->slot.base == place && e->slot.disp == disp)
        v.bound = e->slot.bound;
    if (v.kind == VALUE_NONE && bytes == 1 && v.bound == 0) {
        v.bound = 256;
        v.is_loose = true;
    }
    if (v.kind == VALUE_NONE && bytes == 8 && v.bound == 0)
        v.kind = VALUE_FIELD;
    return v;
}

static void step_load(Eval *e, uint32_t w) {
    unsigned bytes = 1u << (w >> 30), t = a64_bits(w, 0, 5);
    bool is_signed = a64_bits(w, 23, 1), is_wide = a64_bits(w, 24, 1);
    Value v = {0};
    if (!is_wide && a64_bits(w, 21, 1) && a64_bits(w, 10, 2) == 2) {
        Value base = value_of(e, a64_bits(w, 5, 5)), index = value_of(e, a64_bits(w, 16, 5));
        if (base.kind == VALUE_CONST)
            v = entry_of(e, base.number, index, bytes, is_signed);
        else if (index.kind == VALUE_CONST)
            v = entry_of(e, index.number, base, bytes, is_signed);
        value_set(e, t, v);
        return;
    }
    int64_t disp = is_wide ? (int64_t)a64_bits(w, 10, 12) * bytes : a64_signed(w, 12, 9);
    bool moves_base = !is_wide && a64_bits(w, 10, 1);
    if (!moves_base)
        v = load_at_base(e, w, bytes, is_signed, disp);
    else
        value_set(e, a64_bits(w, 5, 5), (Value){0});
    value_set(e, t, v);
    if (!moves_base && t != SP) {
        e->twin_reg = (int)t;
        e->twin_slot = (Slot){(uint16_t)a64_bits(w, 5, 5), disp, 0};
    }
}

static void step_store(Eval *e, uint32_t w) {
    unsigned bytes = 1u << (w >> 30), t = a64_bits(w, 0, 5), n = a64_bits(w, 5, 5);
    bool is_wide = a64_bits(w, 24, 1);
    if (!is_wide && (a64_bits(w, 21, 1) || a64_bits(w, 10, 1)))
        return;
    int64_t disp = is_wide ? (int64_t)a64_bits(w, 10, 12) * bytes : a64_signed(w, 12, 9);
    value_keep(e, (uint16_t)n, disp, value_of(e, t));
    if (t != SP) {
        e->twin_reg = (int)t;
        e->twin_slot = (Slot){(uint16_t)n, disp, 0};
    }
}

/* add d, n, m with m shifted left by `shift`; `sign`: the extension has one of its own (1 signed, 0
 * unsigned, -1 as loaded). */
static Value value_sum(const Eval *e, Value a, Value b, unsigned shift, int sign) {
    Value v = {0};
    if (a.kind == VALUE_CONST && b.kind == VALUE_CONST) {
        v.kind = VALUE_CONST;
        v.number = a.number + (b.number << shift);
        return v;
    }
    bool b_is_entry = b.kind == VALUE_ENTRY;
    Value entry = b_is_entry ? b : a, other = b_is_entry ? a : b;
    if (entry.kind == VALUE_ENTRY && (b_is_entry || shift == 0)) {
        if (sign >= 0 && b_is_entry)
            entry.is_signed = sign;
        entry.shift = (uint8_t)shift;
        entry.kind = VALUE_TARGET;
        entry.number = other.number;
        if (other.kind == VALUE_CONST)
            return entry;
        /* The base was lost; clang's wide tables are relative to themselves. */
        if ((other.kind == VALUE_NONE || other.kind == VALUE_FIELD) && e->retry &&
            entry.entry_size == 4 && entry.is_signed) {
            entry.number = entry.table_va;
            return entry;
        }
        return v;
    }
    if (a.kind == VALUE_CONST && b.kind == VALUE_NONE && in_image(e->d, a.number)) {
        v.kind = VALUE_ADDRESS;
        v.number = a.number;
        v.bound = b.bound;
        v.is_loose = b.is_loose;
    }
    return v;
}

static Value sum_registers(const Eval *e, A64Class kind, uint32_t w) {
    Value a = value_of(e, a64_bits(w, 5, 5)), b = value_of(e, a64_bits(w, 16, 5));
    if (kind == A64_ADD_EXTENDED) {
        unsigned option = a64_bits(w, 13, 3);
        /* sxtb of a byte, sxth of a half: what was loaded without a sign gets one here. */
        return value_sum(e, a, b, a64_bits(w, 10, 3), option >= 4 ? 1 : option == 3 ? -1 : 0);
    }
    if (a64_bits(w, 22, 2) != 0)
        return (Value){0};
    return value_sum(e, a, b, a64_bits(w, 10, 6), -1);
}

static void step_compare(Eval *e, uint32_t w) {
    unsigned n = a64_bits(w, 5, 5);
    e->cmp_reg = NO_REG;
    if (n == SP || a64_bits(w, 22, 1) || !a64_bits(w, 30, 1))
        return;
    e->cmp_reg = (int)n;
    e->cmp_number = a64_bits(w, 10, 12);
    /* The index may be kept on the stack, too. */
    e->cmp_slot = e->twin_reg == (int)n ? e->twin_slot : (Slot){0};
}

static void step_branch(Eval *e, uint32_t w) {
    uint32_t bound = 0;
    switch (a64_bits(w, 1, 3)) {
    case 4: /* hi, ls */
    case 6: /* gt, le: the compiler may know that the index is not negative */
        bound = e->cmp_number + 1;
        break;
    case 1: /* hs, lo */
    case 5: /* ge, lt */
        bound = e->cmp_number;
        break;
    default:
        break;
    }
    if (bound == 0 || bound > MAX_TABLE_ENTRIES || e->cmp_reg < 0)
        return;
    bool is_kept = e->cmp_slot.base != 0 || e->cmp_slot.disp != 0;
    value_bound(e, bound);
    if (is_kept) {
        e->slot = e->cmp_slot;
        e->slot.bound = bound;
    }
}

static void step_call(Eval *e) {
    for (unsigned i = 0; i < EVAL_REGS; i++)
        if (e->d->isa->call_lost >> i & 1)
            e->regs[i] = (Value){0};
    e->cmp_reg = e->twin_reg = NO_REG;
}

static Value value_add_imm(const Eval *e, uint32_t w) {
    Value v = value_of(e, a64_bits(w, 5, 5));
    uint64_t imm = (uint64_t)a64_bits(w, 10, 12) << (a64_bits(w, 22, 1) * 12);
    if ((v.kind != VALUE_CONST && v.kind != VALUE_ADDRESS) || w >> 31 == 0)
        return (Value){0};
    v.number = a64_bits(w, 30, 1) ? v.number - imm : v.number + imm;
    return v;
}

/* Masks and extensions: an upper limit, and what is below it already stays. */
static Value value_cut(Value v, uint64_t limit) {
    if (v.kind != VALUE_NONE && v.kind != VALUE_ENTRY)
        return (Value){0};
    if (v.kind == VALUE_NONE && limit <= 256 && (v.bound == 0 || v.bound > limit)) {
        v.bound = (uint32_t)limit;
        v.is_loose = true;
    }
    return v;
}

static Value value_bitfield(const Eval *e, uint32_t w) {
    Value v = value_of(e, a64_bits(w, 5, 5));
    unsigned immr = a64_bits(w, 16, 6), imms = a64_bits(w, 10, 6), opc = a64_bits(w, 29, 2);
    if (opc == 1)
        return (Value){0};
    if (imms >= immr && immr == 0) { /* uxtb, uxth, sxtb, sxtw, mov w */
        v = value_cut(v, imms < 31 ? (uint64_t)2 << imms : UINT64_MAX);
        if (v.kind == VALUE_ENTRY && opc == 0 && imms + 1 == v.entry_size * 8u)
            v.is_signed = true;
        return v;
    }
    if (imms >= immr) /* ubfx, lsr */
        return opc == 2 && imms - immr < 8 ? (Value){.bound = 2u << (imms - immr), .is_loose = true}
                                           : (Value){0};
    v = (Value){.bound = v.kind == VALUE_NONE ? v.bound : 0, .is_loose = v.is_loose};
    return v; /* lsl: an index in bytes */
}

static Value value_logic(const Eval *e, A64Class kind, uint32_t w) {
    unsigned n = a64_bits(w, 5, 5), opc = a64_bits(w, 29, 2);
    uint64_t imm = 0;
    if (kind == A64_LOGIC_REG)
        return opc == 1 && n == SP && a64_bits(w, 10, 6) == 0 && !a64_bits(w, 21, 1)
                   ? value_of(e, a64_bits(w, 16, 5))
                   : (Value){0};
    if (opc != 0 || !a64_logic_imm(w, &imm) || (imm & (imm + 1)) != 0)
        return (Value){0};
    return value_cut(value_of(e, n), imm + 1);
}

void arm64_table_step(Eval *e, const Insn *in, const uint8_t *at) {
    uint32_t w = word_at(at);
    unsigned d = a64_bits(w, 0, 5);
    A64Class kind = a64_row(in->mnemonic)->kind;
    switch ((int)kind) {
    case A64_PCREL: {
        uint64_t imm = (uint64_t)a64_signed(w, 5, 19) << 2 | a64_bits(w, 29, 2);
        uint64_t page = (in->va & ~(uint64_t)0xfff) + (imm << 12);
        value_set(e, d, (Value){.kind = VALUE_CONST, .number = w >> 31 ? page : in->va + imm});
        return;
    }
    case A64_LOAD:
        step_load(e, w);
        return;
    case A64_STORE:
        step_store(e, w);
        return;
    case A64_BRANCH_COND:
        step_branch(e, w);
        return;
    case A64_CALL:
    case A64_CALL_REG:
        step_call(e);
        return;
    default:
        break;
    }
    Value v = {0};
    if (kind == A64_ADD_IMM) {
        if (a64_bits(w, 29, 1))
            step_compare(e, w);
        v = value_add_imm(e, w);
    } else if ((kind == A64_ADD_REG || kind == A64_ADD_EXTENDED) && a64_bits(w, 29, 2) == 0) {
        v = sum_registers(e, kind, w);
    } else if (kind == A64_BITFIELD) {
        v = value_bitfield(e, w);
    } else if (kind == A64_LOGIC_IMM || kind == A64_LOGIC_REG) {
        v = value_logic(e, kind, w);
    }
    uint32_t written = a64_writes(kind, w);
    for (unsigned r = 0; written != 0 && r < SP; r++)
        if (written >> r & 1)
            value_set(e, r, r == d ? v : (Value){0});
}

Value arm64_table_jump(const Eval *e, const Insn *in, const uint8_t *at) {
    (void)in;
    return value_of(e, a64_bits(word_at(at), 5, 5));
}
