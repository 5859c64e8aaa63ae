/* SPDX-License-Identifier: Apache-2.0
 * discover_table.c: jump tables. The instructions before an indirect jump are run forward over
 * values of five kinds (nothing, a constant, a place in a table, its entry, a constant plus an
 * entry); when the jump goes to one of the last two, its table is read. So one walk covers the
 * forms of GCC, clang and MSVC (docs/evidence/discovery.md lists them), whatever the registers and
 * order. */
#include <stdlib.h>
#include <string.h>

#include "code/discover.h"

typedef enum ValueKind {
    VALUE_NONE,
    VALUE_CONST,
    VALUE_ADDRESS, /* a constant plus something: a place in a table */
    VALUE_ENTRY,
    VALUE_TARGET
} ValueKind;

typedef struct Value {
    ValueKind kind;
    uint64_t number;   /* CONST: itself; TARGET: what is added to the entry */
    uint64_t table_va; /* ENTRY, TARGET */
    uint64_t inner_va; /* table of small numbers that index the table, 0 none */
    uint32_t bound;    /* the register is below it; 0 not known */
    uint32_t inner_bound;
    uint8_t entry_size; /* ENTRY, TARGET: bytes */
    uint8_t inner_size;
    bool is_signed;
    bool is_loose; /* the bound comes from a mask or a width, not from a compare */
} Value;

/* A place on the stack that was compared; -O0 keeps the index there. */
typedef struct Slot {
    uint16_t base;
    int64_t disp;
    uint32_t bound;
} Slot;

enum { KEPT = 8 };

typedef struct Eval {
    Discover *d;
    Value regs[16];
    struct {
        uint16_t base;
        int64_t disp;
        uint64_t number;
    } kept[KEPT]; /* constants that were put on the stack, the oldest given up first */
    unsigned kept_count;
    uint64_t sticky[16]; /* last constant that `lea` made, for bases set far above */
    bool retry;
    /* Flags of the last cmp with a constant. */
    int cmp_reg; /* -1 none, 16 memory */
    uint32_t cmp_number;
    Slot cmp_slot, slot;
} Eval;

static int reg_of(const Eval *e, uint16_t reg) {
    RegisterClass class = decode_register_class(e->d->decoder, reg);
    if (class != REGISTER_GENERAL && class != REGISTER_FRAME && class != REGISTER_STACK)
        return -1;
    return (int)(decode_register_number(e->d->decoder, reg) & 15);
}

static Value value_of(const Eval *e, uint16_t reg) {
    int r = reg_of(e, reg);
    if (r < 0)
        return (Value){0};
    Value v = e->regs[r];
    if (v.kind == VALUE_NONE && e->retry && e->sticky[r] != 0) {
        v.kind = VALUE_CONST;
        v.number = e->sticky[r];
    }
    return v;
}

static uint64_t narrow(const Eval *e, uint64_t v) { return e->d->is_64 ? v : v & 0xffffffff; }

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
        } else if (!e->d->is_64 && e->d->got != 0 && bits == 32 && m->scale == 4) {
            address += e->d->got; /* @GOTOFF */
        } else {
            return none;
        }
    }
    address = narrow(e, address);
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
        a.number = narrow(e, a.number + b.number);
        a.bound = 0;
        return a;
    }
    if (a.kind == VALUE_ENTRY || b.kind == VALUE_ENTRY) {
        Value entry = a.kind == VALUE_ENTRY ? a : b, other = a.kind == VALUE_ENTRY ? b : a;
        entry.kind = VALUE_TARGET;
        entry.number = other.number;
        if (other.kind == VALUE_CONST)
            return entry;
        if (other.kind == VALUE_NONE && !e->d->is_64 && e->d->got != 0) {
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
        e->cmp_reg = 16;
        e->cmp_slot = (Slot){in->operands[0].base, in->operands[0].value, 0};
    }
}

/* ja, jae, jbe, jb (and jg, jle: the compiler may know that the index is not negative). */
static void eval_branch(Eval *e, const uint8_t *at) {
    unsigned cc = at[0] == 0x0f ? at[1] & 15u : at[0] & 15u;
    uint32_t bound = cc == 7 || cc == 6 || cc == 15 || cc == 14 ? e->cmp_number + 1
                     : cc == 3 || cc == 2                       ? e->cmp_number
                                                                : 0;
    if (e->cmp_reg < 0 || bound == 0)
        return;
    if (e->cmp_reg < 16) {
        e->regs[e->cmp_reg].bound = bound;
        e->regs[e->cmp_reg].is_loose = false;
    } else {
        e->slot = e->cmp_slot;
        e->slot.bound = bound;
    }
}

/* mov, movzx, movsx, movsxd. */
static Value eval_move(const Eval *e, const Insn *in, bool extends) {
    const Operand *from = &in->operands[1];
    Value v = {0};
    if (from->kind == OPERAND_IMM) {
        v.kind = VALUE_CONST;
        v.number = narrow(e, in->imm);
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
    for (unsigned i = 0; i < KEPT && v.kind == VALUE_NONE && from->index == 0; i++)
        if (e->kept[i].number != 0 && e->kept[i].base == from->base &&
            e->kept[i].disp == from->value) {
            v.kind = VALUE_CONST;
            v.number = e->kept[i].number;
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
        v.number = narrow(e, v.number + (uint64_t)m->value);
        if (v.kind != VALUE_CONST)
            v = (Value){0};
    } else if (m->base == 0 && m->index != 0 && in_image(e->d, narrow(e, (uint64_t)m->value))) {
        v.kind = VALUE_ADDRESS;
        v.number = narrow(e, (uint64_t)m->value);
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
        if (!e->d->is_64 && is_got_add(e->d, in))
            return (Value){.kind = VALUE_CONST, .number = e->d->got};
        if (a.kind == VALUE_CONST) {
            a.number = narrow(e, a.number + in->imm);
            a.bound = 0;
        } else if (a.kind == VALUE_NONE && in->imm_size == 4 &&
                   in_image(e->d, narrow(e, in->imm))) {
            a.kind = VALUE_ADDRESS;
            a.number = narrow(e, in->imm);
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
    static const uint8_t lost[] = {0, 1, 2, 8, 9, 10, 11};
    for (size_t i = 0; i < sizeof lost; i++)
        e->regs[lost[i]] = (Value){0};
    e->cmp_reg = -1;
}

/* mov [ebp-8],reg: a base that is kept on the stack. */
static void eval_store(Eval *e, const Insn *in) {
    const Operand *to = &in->operands[0];
    if (in->operand_count != 2 || to->kind != OPERAND_MEM || to->index != 0 ||
        in->operands[1].kind != OPERAND_REG)
        return;
    Value v = value_of(e, in->operands[1].reg);
    unsigned i = 0;
    while (i < KEPT && (e->kept[i].base != to->base || e->kept[i].disp != to->value))
        i++;
    if (i == KEPT && v.kind != VALUE_CONST)
        return;
    if (i == KEPT)
        i = e->kept_count++ % KEPT;
    e->kept[i].base = to->base;
    e->kept[i].disp = to->value;
    e->kept[i].number = v.kind == VALUE_CONST && in_image(e->d, v.number) ? v.number : 0;
}

static void eval_step(Eval *e, const Insn *in, const uint8_t *at) {
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
static Value eval_jump(const Eval *e, const Insn *in) {
    const Operand *to = &in->operands[0];
    if (in->operand_count > 0 && to->kind == OPERAND_REG)
        return value_of(e, to->reg);
    if (in->operand_count > 0 && to->kind == OPERAND_MEM && in->mem_va == 0)
        return value_loaded(e, in, to, to->bits, false);
    return (Value){0};
}

/* Largest number in the inner table + 1: how many entries the outer one has. */
static uint32_t inner_count(Discover *d, const Value *v) {
    Bytes b = image_bytes_at(d->image, v->inner_va);
    uint32_t n = v->inner_bound ? v->inner_bound : 256, most = 0;
    for (uint32_t i = 0; i < n && bytes_has(b, (uint64_t)i * v->inner_size, v->inner_size); i++) {
        uint32_t x = v->inner_size == 1 ? bytes_u8_at(b, i) : bytes_u16_at(b, (uint64_t)i * 2);
        if (x + 1 > most)
            most = x + 1;
    }
    return most;
}

static uint64_t entry_read(const Discover *d, const Value *v, Bytes b, uint32_t i) {
    uint64_t off = (uint64_t)i * v->entry_size, x = 0;
    switch (v->entry_size) {
    case 1:
        x = bytes_u8_at(b, off);
        break;
    case 2:
        x = v->is_signed ? (uint64_t)(int16_t)bytes_u16_at(b, off) : bytes_u16_at(b, off);
        break;
    case 4:
        x = v->is_signed ? (uint64_t)(int32_t)bytes_u32_at(b, off) : bytes_u32_at(b, off);
        break;
    default:
        x = bytes_u64_at(b, off);
        break;
    }
    x += v->kind == VALUE_TARGET ? v->number : 0;
    return d->is_64 ? x : x & 0xffffffff;
}

static bool target_fits(Discover *d, uint64_t target, uint64_t jump_va, uint32_t owner) {
    Area *a = area_find(d, target);
    if (!a)
        return false;
    uint8_t m = a->map[target - a->va];
    if (map_is_inside(m))
        return false;
    uint32_t range = d->roots.at[owner].range;
    if (range != 0) {
        uint32_t other = range_find(d, target);
        return other == range || (other != 0 && d->ranges[other - 1].is_fragment);
    }
    /* One function is rarely larger than this (guess). */
    const uint64_t far = 1 << 20;
    return target - jump_va + far < 2 * far;
}

/* Bytes of a table that lies between code are data. */
static void table_mark(Discover *d, uint64_t va, uint64_t size) {
    Area *a = area_find(d, va);
    for (uint64_t i = 0; a && i < size && va - a->va + i < a->size; i++) {
        uint8_t *m = &a->map[va - a->va + i];
        if (*m != 0)
            return;
        *m = MAP_DATA;
        d->bytes_data++;
    }
}

/* Reads the table; the number of entries that fit, targets appended. */
static uint32_t table_read(Discover *d, const Value *v, uint64_t jump_va, uint32_t owner) {
    /* Without a bound a run of fits is followed; real tables beyond this have a compare. */
    enum { UNBOUNDED = 512 };
    Bytes b = image_bytes_at(d->image, v->table_va);
    uint32_t bound = v->inner_va ? inner_count(d, v) : v->bound;
    uint32_t limit = bound ? bound : UNBOUNDED, i = 0;
    if (limit > MAX_TABLE_ENTRIES)
        limit = MAX_TABLE_ENTRIES;
    for (; i < limit && bytes_has(b, (uint64_t)i * v->entry_size, v->entry_size); i++) {
        const Area *a = area_find(d, v->table_va + (uint64_t)i * v->entry_size);
        if (a && map_is_used(a->map[v->table_va - a->va + (uint64_t)i * v->entry_size]))
            break; /* code or another table begins */
        if (d->entries_left == 0)
            break;
        d->entries_left--;
        uint64_t target = entry_read(d, v, b, i);
        if (!target_fits(d, target, jump_va, owner)) {
            if (bound == 0 || v->is_loose || i == 0)
                break;
            continue; /* the default of a hole may lie elsewhere */
        }
        uint64_t *slot = VEC_ADD(d->arena, &d->table_targets);
        if (slot)
            *slot = target;
    }
    return i;
}

static Table *table_record(Discover *d, uint64_t jump_va, uint32_t owner) {
    const uint64_t *at = map_find(&d->table_at, jump_va);
    if (at)
        return &d->tables.at[*at];
    Table *table = VEC_ADD(d->arena, &d->tables);
    if (table) {
        *table = (Table){.jump_va = jump_va, .owner = owner};
        map_put(&d->table_at, jump_va, d->tables.count - 1);
    }
    return table;
}

static bool table_use(Discover *d, const Value *v, Table *table) {
    if ((v->kind != VALUE_ENTRY && v->kind != VALUE_TARGET) || v->entry_size == 0 ||
        v->entry_size > 8)
        return false;
    /* Entries as wide as a pointer are addresses, narrower ones need a base. */
    if (v->kind == VALUE_ENTRY && v->entry_size != (d->is_64 ? 8 : 4))
        return false;
    size_t first = d->table_targets.count;
    uint32_t entries = table_read(d, v, table->jump_va, table->owner);
    size_t count = d->table_targets.count - first;
    if (count == 0 || (count == 1 && v->bound == 0)) {
        d->table_targets.count = first;
        return false;
    }
    sort_u64(d->arena, d->table_targets.at + first, count);
    count = unique_u64(d->table_targets.at + first, count);
    d->table_targets.count = first + count;
    table->table_va = v->table_va;
    table->first_target = (uint32_t)first;
    table->target_count = (uint32_t)count;
    table_mark(d, v->table_va, (uint64_t)entries * v->entry_size);
    if (v->inner_va != 0)
        table_mark(d, v->inner_va, (uint64_t)v->inner_bound * v->inner_size);
    for (size_t i = 0; i < count; i++)
        flow_add(d, d->table_targets.at[first + i], table->owner);
    return true;
}

void table_labels(Discover *d, uint32_t index, const uint64_t *targets, size_t count) {
    Table *table = &d->tables.at[index];
    size_t first = d->table_targets.count;
    for (size_t i = 0; i < count; i++) {
        uint64_t *slot = target_fits(d, targets[i], table->jump_va, table->owner)
                             ? VEC_ADD(d->arena, &d->table_targets)
                             : NULL;
        if (slot)
            *slot = targets[i];
    }
    size_t kept = d->table_targets.count - first;
    if (kept == 0)
        return;
    sort_u64(d->arena, d->table_targets.at + first, kept);
    kept = unique_u64(d->table_targets.at + first, kept);
    d->table_targets.count = first + kept;
    table->first_target = (uint32_t)first;
    table->target_count = (uint32_t)kept;
    for (size_t i = 0; i < kept; i++)
        flow_add(d, d->table_targets.at[first + i], table->owner);
}

static bool heads_eval(Discover *d, const uint64_t *heads, size_t count, Table *table, bool retry) {
    Eval e = {.d = d, .retry = retry, .cmp_reg = -1};
    for (size_t i = 0; i < count; i++) {
        Area *a = area_find(d, heads[i]);
        Insn in;
        Bytes b = a ? bytes_clip((Bytes){a->bytes, a->size}, heads[i] - a->va, 15) : (Bytes){0};
        if (b.size == 0 || !decode_full(d->decoder, b, heads[i], &in))
            return false;
        if (i + 1 == count) {
            Value v = eval_jump(&e, &in);
            return table_use(d, &v, table);
        }
        eval_step(&e, &in, b.at);
    }
    return false;
}

bool table_resolve(Discover *d, const uint64_t *heads, size_t count, uint32_t owner) {
    Table *table = count ? table_record(d, heads[count - 1], owner) : NULL;
    return table && table->target_count == 0 && heads_eval(d, heads, count, table, false);
}

typedef struct Retry {
    uint64_t jump_va;
    uint32_t table;
} Retry;

static int retry_order(const void *a, const void *b) {
    const Retry *x = a, *y = b;
    return (x->jump_va > y->jump_va) - (x->jump_va < y->jump_va);
}

/* Runs over all instructions from `va` to the jump in order of address, carrying the values on. */
static bool eval_until(Eval *e, uint64_t va, uint64_t jump_va, Insn *in) {
    Area *a = area_find(e->d, va);
    while (a && va - a->va < a->size && va <= jump_va) {
        uint8_t length = a->map[va - a->va] & MAP_LENGTH;
        if (length) {
            Bytes b = bytes_clip((Bytes){a->bytes, a->size}, va - a->va, 15);
            if (!decode_full(e->d->decoder, b, va, in))
                return false;
            if (va == jump_va)
                return true;
            eval_step(e, in, b.at);
        }
        va += length ? length : 1;
    }
    return false;
}

/* Second try, when the function around the jump is known: everything above the jump is seen, so
 * that a base that was set before a loop or a call is known. One walk serves all jumps of a
 * function. */
static void retry_all(Discover *d, Retry *list, size_t count) {
    enum { BACK_BYTES = 65536 };
    Eval e = {.d = d};
    uint32_t owner = NO_ROOT;
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        Table table = d->tables.at[list[i].table];
        if (table.target_count != 0)
            continue;
        const Area *a = area_find(d, table.jump_va);
        uint64_t start = d->roots.at[table.owner].va;
        if (!a || table.jump_va - start > BACK_BYTES || start < a->va)
            start = a && table.jump_va - a->va > 512 ? table.jump_va - 512 : table.jump_va;
        if (d->retry_left < table.jump_va - start)
            start = table.jump_va;
        if (table.owner != owner || at < start) {
            e = (Eval){.d = d, .retry = true, .cmp_reg = -1};
            at = start;
            owner = table.owner;
        }
        Insn in;
        uint64_t cost = table.jump_va - at;
        d->retry_left -= cost < d->retry_left ? cost : d->retry_left;
        bool found = eval_until(&e, at, table.jump_va, &in);
        at = table.jump_va;
        Value v = found ? eval_jump(&e, &in) : (Value){0};
        if (found && table_use(d, &v, &table))
            d->tables.at[list[i].table] = table;
    }
}

void table_retry(Discover *d) {
    while (d->tables_tried < d->tables.count && !discover_is_late(d)) {
        ArenaMark mark = arena_mark(d->s->arena);
        size_t count = 0;
        Retry *list = ARENA_ARRAY(d->s->arena, Retry, d->tables.count - d->tables_tried);
        for (; d->tables_tried < d->tables.count; d->tables_tried++)
            if (d->tables.at[d->tables_tried].target_count == 0)
                list[count++] =
                    (Retry){d->tables.at[d->tables_tried].jump_va, (uint32_t)d->tables_tried};
        if (count > 1)
            qsort(list, count, sizeof *list, retry_order);
        retry_all(d, list, count);
        arena_reset(d->s->arena, mark);
        flow_drain(d);
    }
}
