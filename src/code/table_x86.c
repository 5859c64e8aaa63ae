/* SPDX-License-Identifier: Apache-2.0
 * table_x86.c: how x86 and x86-64 code makes the target of a jump through a table. */
#include <string.h>

#include "code/discover_table.h"

static int reg_of(const Eval *e, uint16_t reg) {
    RegisterClass class = decode_register_class(e->d->decoder, reg);
    if (class != REGISTER_GENERAL && class != REGISTER_FRAME && class != REGISTER_STACK)
        return -1;
    return (int)(decode_register_number(e->d->decoder, reg) & 15);
}

static Value value_of(const Eval *e, uint16_t reg) { return value_of_register(e, reg_of(e, reg)); }

/* What a load through `m` gives: an entry of a table, when the address is a constant plus an
 * index. */
static Value value_loaded(const Eval *e, const Insn *in, const Operand *m, unsigned bits,
                          bool is_signed) {
    Value none = {0};
    uint64_t address = (uint64_t)m->value;
    uint16_t index = m->index;
    if (reg_of(e, m->base) < 0 && m->base != 0)
        return none; /* RIP-relative without an index: a variable */
    if (m->base != 0) {
        Value base = value_of(e, m->base);
        Value other = index != 0 && m->scale == 1 ? value_of(e, index) : none;
        if (base.kind == VALUE_ADDRESS && index == 0) {
            address += base.number;
            index = m->base;
        } else if (base.kind == VALUE_CONST) {
            address += base.number;
        } else if (other.kind == VALUE_CONST) {
            address += other.number;
            index = m->base;
        } else if (index == 0) {
            index = m->base;
        } else if (!e->d->isa->is_64 && e->d->got != 0 && bits == 32 && m->scale == 4) {
            address += e->d->got; /* @GOTOFF */
        } else {
            return none;
        }
    }
    address = value_narrow(e, address);
    if (index == 0 || !in_image(e->d, address))
        return none;
    Value at = value_of(e, index);
    Value v = {.kind = VALUE_ENTRY,
               .table_va = address,
               .entry_size = (uint8_t)(bits / 8),
               .is_signed = is_signed,
               .bound = at.bound,
               .is_loose = at.is_loose};
    if (at.kind == VALUE_ENTRY && at.entry_size <= 2 && at.inner_va == 0) {
        v.inner_va = at.table_va;
        v.inner_bound = at.bound;
        v.inner_size = at.entry_size;
        v.bound = 0;
    }
    (void)in;
    return v;
}

static Value value_sum(const Eval *e, Value a, Value b) {
    if (a.kind == VALUE_CONST && b.kind == VALUE_CONST) {
        a.number = value_narrow(e, a.number + b.number);
        a.bound = 0;
        return a;
    }
    if (a.kind == VALUE_ENTRY || b.kind == VALUE_ENTRY) {
        Value entry = a.kind == VALUE_ENTRY ? a : b, other = a.kind == VALUE_ENTRY ? b : a;
        entry.kind = VALUE_TARGET;
        entry.number = other.number;
        if (other.kind == VALUE_CONST)
            return entry;
        if (other.kind == VALUE_NONE && !e->d->isa->is_64 && e->d->got != 0) {
            entry.number = e->d->got;
            return entry;
        }
        /* The base was lost; tables relative to themselves are by far the most common. */
        if (other.kind == VALUE_NONE && e->retry && entry.entry_size == 4 && entry.is_signed) {
            entry.number = entry.table_va;
            return entry;
        }
    }
    return (Value){0};
}

static void eval_compare(Eval *e, const Insn *in) {
    e->cmp_reg = -1;
    if (!in->has_imm || in->operand_count < 2 || in->imm >= MAX_TABLE_ENTRIES ||
        strcmp(decode_mnemonic(e->d->decoder, in->mnemonic), "cmp") != 0)
        return;
    e->cmp_number = (uint32_t)in->imm;
    if (in->operands[0].kind == OPERAND_REG) {
        e->cmp_reg = reg_of(e, in->operands[0].reg);
    } else if (in->operands[0].kind == OPERAND_MEM && in->operands[0].index == 0) {
        e->cmp_reg = EVAL_MEMORY;
        e->cmp_slot = (Slot){in->operands[0].base, in->operands[0].value, 0};
    }
}

/* ja, jae, jbe, jb (and jg, jle: the compiler may know that the index is not negative). */
static void eval_branch(Eval *e, const uint8_t *at) {
    unsigned cc = at[0] == 0x0f ? at[1] & 15u : at[0] & 15u;
    uint32_t bound = cc == 7 || cc == 6 || cc == 15 || cc == 14 ? e->cmp_number + 1
                     : cc == 3 || cc == 2                       ? e->cmp_number
                                                                : 0;
    value_bound(e, bound);
}

/* mov, movzx, movsx, movsxd. */
static Value eval_move(const Eval *e, const Insn *in, bool extends) {
    const Operand *from = &in->operands[1];
    Value v = {0};
    if (from->kind == OPERAND_IMM) {
        v.kind = VALUE_CONST;
        v.number = value_narrow(e, in->imm);
        return v;
    }
    const char *name = decode_mnemonic(e->d->decoder, in->mnemonic);
    bool is_signed = extends && name[3] == 's';
    if (from->kind == OPERAND_REG) {
        v = value_of(e, from->reg);
        v.is_signed |= is_signed;
        if (extends && from->bits == 8 && v.bound == 0) {
            v.bound = 256;
            v.is_loose = true;
        }
        return v;
    }
    if (from->kind != OPERAND_MEM || from->segment > 0xff00)
        return v;
    v = value_loaded(e, in, from, from->bits, is_signed);
    if (v.kind == VALUE_NONE && from->index == 0 && e->slot.bound != 0 &&
        e->slot.base == from->base && e->slot.disp == from->value)
        v.bound = e->slot.bound;
    if (v.kind == VALUE_NONE && extends && from->bits == 8 && v.bound == 0) {
        v.bound = 256;
        v.is_loose = true;
    }
    if (v.kind == VALUE_NONE && from->index == 0) {
        Value kept = value_kept(e, from->base, from->value);
        if (kept.kind == VALUE_CONST) {
            v.kind = VALUE_CONST;
            v.number = kept.number;
        }
    }
    return v;
}

static Value eval_lea(const Eval *e, const Insn *in) {
    const Operand *m = &in->operands[1];
    Value v = {0};
    if (in->mem_va != 0) {
        v.kind = VALUE_CONST;
        v.number = in->mem_va;
    } else if (m->base != 0 && m->index == 0) {
        v = value_of(e, m->base);
        v.number = value_narrow(e, v.number + (uint64_t)m->value);
        if (v.kind != VALUE_CONST)
            v = (Value){0};
    } else if (m->base == 0 && m->index != 0 &&
               in_image(e->d, value_narrow(e, (uint64_t)m->value))) {
        v.kind = VALUE_ADDRESS;
        v.number = value_narrow(e, (uint64_t)m->value);
        v.bound = value_of(e, m->index).bound;
    } else if (m->base != 0 && m->scale == 1 && m->value == 0) {
        v = value_sum(e, value_of(e, m->base), value_of(e, m->index));
    }
    return v;
}

static Value eval_add(const Eval *e, const Insn *in) {
    Value a = value_of(e, in->operands[0].reg);
    const Operand *from = &in->operands[1];
    if (in->has_imm) {
        /* call __x86.get_pc_thunk.bx; add ebx, imm */
        if (!e->d->isa->is_64 && is_got_add(e->d, in))
            return (Value){.kind = VALUE_CONST, .number = e->d->got};
        if (a.kind == VALUE_CONST) {
            a.number = value_narrow(e, a.number + in->imm);
            a.bound = 0;
        } else if (a.kind == VALUE_NONE && in->imm_size == 4 &&
                   in_image(e->d, value_narrow(e, in->imm))) {
            a.kind = VALUE_ADDRESS;
            a.number = value_narrow(e, in->imm);
        } else {
            a = (Value){0};
        }
        return a;
    }
    if (from->kind == OPERAND_REG)
        return value_sum(e, a, value_of(e, from->reg));
    if (from->kind == OPERAND_MEM) /* add rax,[rbx+rcx*4] */
        return value_sum(e, a, value_loaded(e, in, from, from->bits, false));
    return (Value){0};
}

static void eval_call(Eval *e) {
    for (unsigned i = 0; i < EVAL_REGS; i++)
        if (e->d->isa->call_lost >> i & 1)
            e->regs[i] = (Value){0};
    e->cmp_reg = -1;
}

/* mov [ebp-8],reg: a base that is kept on the stack. */
static void eval_store(Eval *e, const Insn *in) {
    const Operand *to = &in->operands[0];
    if (in->operand_count != 2 || to->kind != OPERAND_MEM || to->index != 0 ||
        in->operands[1].kind != OPERAND_REG)
        return;
    value_keep(e, to->base, to->value, value_of(e, in->operands[1].reg));
}

void x86_table_step(Eval *e, const Insn *in, const uint8_t *at) {
    if (in->flow == FLOW_BRANCH) {
        eval_branch(e, at);
        return;
    }
    if (in->flow == FLOW_CALL || in->flow == FLOW_CALL_INDIRECT) {
        eval_call(e);
        return;
    }
    unsigned group = decode_mnemonic_group(e->d->decoder, in->mnemonic);
    if (group == GROUP_COMPARE) {
        eval_compare(e, in);
        return;
    }
    int to = in->operand_count > 0 && in->operands[0].kind == OPERAND_REG
                 ? reg_of(e, in->operands[0].reg)
                 : -1;
    if (group == GROUP_EXTEND && in->operand_count < 2) { /* cdqe, cdq */
        e->regs[0].is_signed = true;
        return;
    }
    if (to < 0 && group == GROUP_MOVE)
        eval_store(e, in);
    if (to < 0)
        return;
    Value v = {0};
    if (group == GROUP_MOVE && in->operand_count == 2)
        v = eval_move(e, in, false);
    else if (group == GROUP_EXTEND)
        v = eval_move(e, in, true);
    else if (group == GROUP_ADDRESS)
        v = eval_lea(e, in);
    else if (group == GROUP_ARITHMETIC && in->operand_count == 2 &&
             strcmp(decode_mnemonic(e->d->decoder, in->mnemonic), "add") == 0)
        v = eval_add(e, in);
    else if (group == GROUP_LOGIC && in->has_imm && in->imm > 0 && in->imm < 256 &&
             strcmp(decode_mnemonic(e->d->decoder, in->mnemonic), "and") == 0)
        v = (Value){.bound = (uint32_t)in->imm + 1, .is_loose = true};
    else if (group == GROUP_SHIFT && in->has_imm)
        v.bound = e->regs[to].bound;
    else if (!(in->operands[0].access & ACCESS_WRITE))
        return;
    if (group == GROUP_ADDRESS && v.kind == VALUE_CONST)
        e->sticky[to] = v.number;
    e->regs[to] = v;
}

/* The value that the jump goes to. */
Value x86_table_jump(const Eval *e, const Insn *in, const uint8_t *at) {
    (void)at;
    const Operand *to = &in->operands[0];
    if (in->operand_count > 0 && to->kind == OPERAND_REG)
        return value_of(e, to->reg);
    if (in->operand_count > 0 && to->kind == OPERAND_MEM && in->mem_va == 0)
        return value_loaded(e, in, to, to->bits, false);
    return (Value){0};
}
