/* SPDX-License-Identifier: Apache-2.0
 * table_arm.c: how A32 and Thumb code makes the target of a jump through a table: tbb and tbh, a
 * word loaded at pc or at a base, alone or added to a base, and jumps into a row of branches. */
#include "code/arm_insn.h"
#include "code/discover_table.h"

enum { NO_REG = -1 };

static uint32_t pc_of(const ArmInsn *in) { return in->va + (in->thumb ? 4 : 8); }

static Value constant(uint64_t n) { return (Value){.kind = VALUE_CONST, .number = n & 0xffffffff}; }

static Value value_of(const Eval *e, const ArmInsn *in, unsigned r) {
    if (r == ARM_PC)
        return constant(pc_of(in));
    return value_of_register(e, r < ARM_PC ? (int)r : NO_REG);
}

static void value_set(Eval *e, unsigned r, Value v) {
    if (r >= ARM_PC)
        return;
    if (e->twin_reg == (int)r)
        e->twin_reg = NO_REG;
    if (e->copy_from == r || e->copy_to == r)
        e->copy_from = e->copy_to = 0;
    e->regs[r] = v;
    if (v.kind == VALUE_CONST)
        e->sticky[r] = v.number;
}

/* What a load at address + index gives. */
static Value entry_of(const Eval *e, uint64_t address, Value index, unsigned bytes,
                      bool is_signed) {
    /* Also in the first page, where ARM's linkers put the code of libraries. */
    address &= 0xffffffff;
    if (!image_find_segment(e->d->image, address))
        return (Value){0};
    return (Value){.kind = VALUE_ENTRY,
                   .table_va = address,
                   .entry_size = (uint8_t)bytes,
                   .is_signed = is_signed,
                   .bound = index.bound,
                   .is_loose = index.is_loose};
}

static Value loaded(Eval *e, const ArmInsn *in) {
    unsigned bytes = in->size / 8;
    bool is_signed = in->op == ARM_LDRS;
    if (in->is_literal)
        return bytes == 4 ? constant(image_word_at(e->d->image, in->target)) : (Value){0};
    Value base = value_of(e, in, in->rn), v = {0};
    if (in->form == ARM_FORM_REG) {
        Value index = value_of(e, in, in->rm);
        if (base.kind == VALUE_CONST && index.kind == VALUE_CONST)
            return v; /* a slot of the GOT */
        if (base.kind == VALUE_CONST)
            return entry_of(e, base.number, index, bytes, is_signed);
        return index.kind == VALUE_CONST && in->amount == 0
                   ? entry_of(e, index.number, base, bytes, is_signed)
                   : v;
    }
    if (!in->pre)
        return v;
    int64_t disp = in->add ? (int64_t)in->imm : -(int64_t)in->imm;
    if (base.kind == VALUE_ADDRESS)
        return entry_of(e, base.number + (uint64_t)disp, base, bytes, is_signed);
    v = value_kept(e, in->rn, disp);
    if (v.kind == VALUE_NONE && e->slot.bound != 0 && e->slot.base == in->rn &&
        e->slot.disp == disp)
        v.bound = e->slot.bound;
    if (v.kind == VALUE_NONE && bytes == 1 && v.bound == 0) {
        v.bound = 256;
        v.is_loose = true;
    }
    if (v.kind == VALUE_NONE && bytes == 4 && v.bound == 0)
        v.kind = VALUE_FIELD;
    return v;
}

static void remember_twin(Eval *e, const ArmInsn *in) {
    if (in->is_literal || in->form != ARM_FORM_IMM || !in->pre || in->rd >= ARM_PC)
        return;
    e->twin_reg = (int)in->rd;
    e->twin_slot = (Slot){in->rn, in->add ? (int64_t)in->imm : -(int64_t)in->imm, 0};
}

/* a + (b << shift) */
static Value value_sum(const Eval *e, Value a, Value b, unsigned shift) {
    Value v = {0};
    if (a.kind == VALUE_CONST && b.kind == VALUE_CONST)
        return constant(a.number + (b.number << shift));
    bool b_is_entry = b.kind == VALUE_ENTRY;
    Value entry = b_is_entry ? b : a, other = b_is_entry ? a : b;
    if (entry.kind == VALUE_ENTRY && (b_is_entry || shift == 0) && other.kind == VALUE_CONST) {
        entry.kind = VALUE_TARGET;
        entry.number = other.number;
        entry.shift = (uint8_t)shift;
        return entry;
    }
    if (b.kind == VALUE_CONST && a.kind == VALUE_NONE && shift == 0) {
        Value swap = a;
        a = b;
        b = swap;
    }
    if (a.kind == VALUE_CONST && b.kind == VALUE_NONE && in_image(e->d, a.number)) {
        v.kind = VALUE_ADDRESS;
        v.number = a.number;
        v.shift = (uint8_t)shift;
        v.bound = b.bound;
        v.is_loose = b.is_loose;
    }
    return v;
}

static Value added(const Eval *e, const ArmInsn *in) {
    Value a = value_of(e, in, in->rn);
    if (in->form == ARM_FORM_IMM) {
        if (a.kind != VALUE_CONST && a.kind != VALUE_ADDRESS)
            return (Value){0};
        a.number = (a.number + (in->op == ARM_ADD ? in->imm : 0 - in->imm)) & 0xffffffff;
        return a;
    }
    if (in->op == ARM_SUB || in->form != ARM_FORM_REG || (in->amount != 0 && in->shift != ARM_LSL))
        return (Value){0};
    return value_sum(e, a, value_of(e, in, in->rm), in->amount);
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

static void step_compare(Eval *e, const ArmInsn *in) {
    e->cmp_reg = NO_REG;
    if (in->op != ARM_CMP || in->form != ARM_FORM_IMM || in->rn >= ARM_PC ||
        in->imm >= MAX_TABLE_ENTRIES)
        return;
    e->cmp_reg = (int)in->rn;
    e->cmp_number = in->imm;
    /* The index may be kept on the stack, too. */
    bool is_twin =
        e->twin_reg == (int)in->rn || (e->twin_reg == (int)e->copy_to && in->rn == e->copy_from);
    e->cmp_slot = is_twin ? e->twin_slot : (Slot){0};
}

/* How many values pass the last compare under a condition or its contrary, 0: does not tell. */
static uint32_t bound_of(const Eval *e, unsigned cond) {
    switch (cond >> 1) {
    case 4: /* hi, ls */
    case 6: /* gt, le: the compiler may know that the index is not negative */
        return e->cmp_number + 1;
    case 1: /* cs, cc */
    case 5: /* ge, lt */
        return e->cmp_number;
    default:
        return 0;
    }
}

static void step_branch(Eval *e, const ArmInsn *in) {
    uint32_t bound = bound_of(e, in->cond);
    if (bound == 0 || e->cmp_reg < 0)
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

static Value computed(Eval *e, const ArmInsn *in) {
    Value v = {0};
    switch (in->op) {
    case ARM_ADR:
        return constant(in->target);
    case ARM_MOVW:
        return constant(in->imm);
    case ARM_MOVT:
        v = value_of(e, in, in->rd);
        return v.kind == VALUE_CONST ? constant((v.number & 0xffff) | (uint64_t)in->imm << 16)
                                     : (Value){0};
    case ARM_MOV:
        return in->form == ARM_FORM_IMM ? constant(in->imm) : value_of(e, in, in->rm);
    case ARM_ADD:
    case ARM_SUB:
        return added(e, in);
    case ARM_LDR:
    case ARM_LDRS:
        return loaded(e, in);
    case ARM_AND:
        if (in->form == ARM_FORM_IMM && (in->imm & (in->imm + 1)) == 0)
            return value_cut(value_of(e, in, in->rn), (uint64_t)in->imm + 1);
        return v;
    case ARM_UXTB:
    case ARM_UXTH:
    case ARM_SXTB:
    case ARM_SXTH:
        if (in->amount != 0 || in->rn != ARM_NO_REG)
            return v;
        return value_cut(value_of(e, in, in->rm),
                         in->op == ARM_UXTB || in->op == ARM_SXTB ? 256 : 65536);
    case ARM_UBFX:
        return in->imm < 9 ? (Value){.bound = 1u << in->imm, .is_loose = true} : v;
    case ARM_SHIFT: /* an index in bytes, or halfwords from a table in bytes */
        v = value_of(e, in, in->rm);
        if (in->form != ARM_FORM_REG || in->shift != ARM_LSL)
            return (Value){0};
        if (v.kind == VALUE_ENTRY && v.shift == 0) {
            v.shift = in->amount;
            return v;
        }
        return (Value){.bound = v.kind == VALUE_NONE ? v.bound : 0, .is_loose = v.is_loose};
    default:
        return v;
    }
}

static bool decode(const Insn *in, const uint8_t *at, ArmInsn *out) {
    return arm_decode((Bytes){at, in->length}, (uint32_t)in->va, in->is_thumb, out);
}

void arm_table_step(Eval *e, const Insn *insn, const uint8_t *at) {
    ArmInsn in;
    if (!decode(insn, at, &in))
        return;
    if (insn->flow == FLOW_CALL || insn->flow == FLOW_CALL_INDIRECT) {
        step_call(e);
        return;
    }
    if (in.op == ARM_B) {
        step_branch(e, &in);
        return;
    }
    if (in.op >= ARM_TST && in.op <= ARM_CMN) {
        step_compare(e, &in);
        return;
    }
    if (in.op == ARM_STR && in.form == ARM_FORM_IMM && in.pre) {
        int64_t disp = in.add ? (int64_t)in.imm : -(int64_t)in.imm;
        value_keep(e, in.rn, disp, value_of(e, &in, in.rd));
        remember_twin(e, &in);
    }
    Value v = computed(e, &in);
    uint32_t written = arm_written(&in);
    bool sets_flags = in.sets_flags && e->cmp_reg >= 0;
    for (unsigned r = 0; written != 0 && r < ARM_PC; r++)
        if (written >> r & 1)
            value_set(e, r, r == in.rd ? v : (Value){0});
    if (sets_flags)
        e->cmp_reg = NO_REG;
    if (in.op == ARM_MOV && in.form == ARM_FORM_REG && in.rm < ARM_PC && in.rd < ARM_PC) {
        e->copy_from = in.rm;
        e->copy_to = in.rd;
    }
    if (in.op == ARM_LDR && !in.writeback)
        remember_twin(e, &in);
}

/* The register that the jump indexes with, bounded by the condition of the jump itself. */
static Value index_of(const Eval *e, const ArmInsn *in) {
    Value v = value_of(e, in, in->rm);
    uint32_t bound = in->cond < ARM_ALWAYS ? bound_of(e, in->cond) : 0;
    if (bound != 0 && e->cmp_reg == (int)in->rm && v.kind == VALUE_NONE) {
        v.bound = bound;
        v.is_loose = false;
    }
    return v;
}

/* Code in steps: a row of branches. */
static Value steps(uint64_t first, unsigned shift, Value index) {
    return (Value){.kind = VALUE_TARGET,
                   .number = first,
                   .table_va = first,
                   .shift = (uint8_t)shift,
                   .bound = index.bound,
                   .is_loose = index.is_loose};
}

Value arm_table_jump(const Eval *e, const Insn *insn, const uint8_t *at) {
    ArmInsn in;
    Value none = {0}, v;
    if (!decode(insn, at, &in))
        return none;
    switch (in.op) {
    case ARM_TBB:
    case ARM_TBH:
        v = value_of(e, &in, in.rn);
        if (v.kind != VALUE_CONST)
            return none;
        v = entry_of(e, v.number, index_of(e, &in), in.op == ARM_TBB ? 1 : 2, false);
        v.kind = v.kind == VALUE_ENTRY ? VALUE_TARGET : VALUE_NONE;
        v.number = pc_of(&in);
        v.shift = 1;
        return v;
    case ARM_LDR:
        if (in.form != ARM_FORM_REG || in.amount != 2 || in.shift != ARM_LSL) {
            Eval copy = *e;
            return in.form == ARM_FORM_IMM ? loaded(&copy, &in) : none;
        }
        v = value_of(e, &in, in.rn);
        return v.kind == VALUE_CONST ? entry_of(e, v.number, index_of(e, &in), 4, false) : none;
    case ARM_ADD:
        if (in.form != ARM_FORM_REG)
            return none;
        if (in.rn == ARM_PC && in.shift == ARM_LSL) {
            v = index_of(e, &in);
            return v.kind == VALUE_NONE || v.kind == VALUE_FIELD
                       ? steps(pc_of(&in), in.amount, v)
                       : value_sum(e, constant(pc_of(&in)), v, in.amount);
        }
        return value_sum(e, value_of(e, &in, in.rn), value_of(e, &in, in.rm), in.amount);
    case ARM_MOV:
    case ARM_BX:
        v = value_of(e, &in, in.rm);
        if (v.kind == VALUE_ADDRESS && v.shift >= 1)
            return steps(v.number, v.shift, v);
        return v;
    default:
        return none;
    }
}
