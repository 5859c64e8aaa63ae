/* SPDX-License-Identifier: Apache-2.0
 * discover_table.c: jump tables. The instructions before an indirect jump are run forward over
 * values of five kinds (nothing, a constant, a place in a table, its entry, a constant plus an
 * entry); when the jump goes to one of the last two, its table is read. So one walk covers the
 * forms of GCC, clang and MSVC (docs/evidence/discovery.md lists them), whatever the registers and
 * order. */
#include <stdlib.h>

#include "code/discover_table.h"

Value value_of_register(const Eval *e, int r) {
    if (r < 0)
        return (Value){0};
    Value v = e->regs[r];
    if (v.kind == VALUE_NONE && e->retry && e->sticky[r] != 0) {
        v.kind = VALUE_CONST;
        v.number = e->sticky[r];
    }
    return v;
}

void value_keep(Eval *e, uint16_t base, int64_t disp, Value v) {
    unsigned i = 0;
    while (i < EVAL_KEPT && (e->kept[i].base != base || e->kept[i].disp != disp))
        i++;
    if (i == EVAL_KEPT && v.kind != VALUE_CONST)
        return;
    if (i == EVAL_KEPT)
        i = e->kept_count++ % EVAL_KEPT;
    e->kept[i].base = base;
    e->kept[i].disp = disp;
    e->kept[i].number = v.kind == VALUE_CONST && in_image(e->d, v.number) ? v.number : 0;
}

Value value_kept(const Eval *e, uint16_t base, int64_t disp) {
    for (unsigned i = 0; i < EVAL_KEPT; i++)
        if (e->kept[i].number != 0 && e->kept[i].base == base && e->kept[i].disp == disp)
            return (Value){.kind = VALUE_CONST, .number = e->kept[i].number};
    return (Value){0};
}

void value_bound(Eval *e, uint32_t bound) {
    if (e->cmp_reg < 0 || bound == 0)
        return;
    if (e->cmp_reg < EVAL_REGS) {
        e->regs[e->cmp_reg].bound = bound;
        e->regs[e->cmp_reg].is_loose = false;
    } else {
        e->slot = e->cmp_slot;
        e->slot.bound = bound;
    }
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
    case 0: /* code in steps of equal size */
        x = i;
        break;
    case 1:
        x = v->is_signed ? (uint64_t)(int8_t)bytes_u8_at(b, off) : bytes_u8_at(b, off);
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
    if (v->kind == VALUE_TARGET)
        x = v->number + (x << v->shift);
    return d->isa->is_64 ? x : x & 0xffffffff;
}

/* Tables stay in the mode of their jump, whatever bit 0 says. */
static uint64_t jump_target(Discover *d, uint64_t target, uint64_t jump_va) {
    const Area *a = d->has_modes ? area_find(d, jump_va) : NULL;
    if (!a)
        return target;
    target &= ~(uint64_t)1;
    if (area_find(d, target))
        mode_set(d, target, mode_at(d, a, jump_va - a->va));
    return target;
}

static bool target_fits(Discover *d, uint64_t target, uint64_t jump_va, uint32_t owner) {
    Area *a = area_find(d, target);
    if (!a)
        return false;
    uint8_t m = a->map[target - a->va];
    if (map_is_inside(m) || (target & (isa_at(d, a, target - a->va)->align - 1u)) != 0)
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

void data_mark(Discover *d, uint64_t va, uint64_t size) {
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
        if (a && v->entry_size != 0 &&
            map_is_used(a->map[v->table_va - a->va + (uint64_t)i * v->entry_size]))
            break; /* code or another table begins */
        if (d->entries_left == 0)
            break;
        d->entries_left--;
        uint64_t target = jump_target(d, entry_read(d, v, b, i), jump_va);
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
    table->is_call = v->kind == VALUE_FIELD;
    if ((v->kind != VALUE_ENTRY && v->kind != VALUE_TARGET) || v->entry_size > 8)
        return false;
    /* Entries as wide as a pointer are addresses, narrower ones need a base. */
    if (v->kind == VALUE_ENTRY && v->entry_size != (d->isa->is_64 ? 8 : 4))
        return false;
    /* Any small number leads somewhere near: without a bound such a table has no end. */
    if (v->entry_size < 4 && v->bound == 0 && v->inner_va == 0)
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
    data_mark(d, v->table_va, (uint64_t)entries * v->entry_size);
    if (v->inner_va != 0)
        data_mark(d, v->inner_va, (uint64_t)v->inner_bound * v->inner_size);
    for (size_t i = 0; i < count; i++)
        flow_add(d, d->table_targets.at[first + i], table->owner);
    return true;
}

void table_labels(Discover *d, uint32_t index, const uint64_t *targets, size_t count) {
    Table *table = &d->tables.at[index];
    size_t first = d->table_targets.count;
    for (size_t i = 0; i < count; i++) {
        uint64_t target = jump_target(d, targets[i], table->jump_va);
        uint64_t *slot = target_fits(d, target, table->jump_va, table->owner)
                             ? VEC_ADD(d->arena, &d->table_targets)
                             : NULL;
        if (slot)
            *slot = target;
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
    Eval e = {.d = d, .retry = retry, .cmp_reg = -1, .twin_reg = -1};
    for (size_t i = 0; i < count; i++) {
        Area *a = area_find(d, heads[i]);
        Insn in;
        if (!a || !insn_full_at(d, a, heads[i] - a->va, &in))
            return false;
        const uint8_t *at = a->bytes + (heads[i] - a->va);
        if (i + 1 == count) {
            Value v = d->isa->table_jump(&e, &in, at);
            return table_use(d, &v, table);
        }
        d->isa->table_step(&e, &in, at);
    }
    return false;
}

bool table_resolve(Discover *d, const uint64_t *heads, size_t count, const Work *run) {
    Table *table = count ? table_record(d, heads[count - 1], run->owner) : NULL;
    if (table && d->isa->looks_back && run->from != 0) {
        table->from = run->from;
        table->to = run->va;
    }
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
            if (!insn_full_at(e->d, a, va - a->va, in))
                return false;
            if (va == jump_va)
                return true;
            e->d->isa->table_step(e, in, a->bytes + (va - a->va));
        }
        va += length ? length : 1;
    }
    return false;
}

/* Where a walk to va may start: its function, when that is not far before it. */
static uint64_t retry_start(Discover *d, uint32_t owner, uint64_t va) {
    enum { BACK_BYTES = 65536, NEAR_BYTES = 512 };
    const Area *a = area_find(d, va);
    uint64_t start = d->roots.at[owner].va;
    if (!a || va - start > BACK_BYTES || start < a->va)
        start = a && va - a->va > NEAR_BYTES ? va - NEAR_BYTES : va;
    return d->retry_left < va - start ? va : start;
}

/* As retry_all for a jump whose block is branched to: up to the branch, then from the block on. */
static void retry_branched(Discover *d, Table *table) {
    Eval e = {.d = d, .retry = true, .cmp_reg = -1, .twin_reg = -1};
    uint64_t start = retry_start(d, table->owner, table->from);
    uint64_t cost = table->from - start + (table->jump_va - table->to);
    d->retry_left -= cost < d->retry_left ? cost : d->retry_left;
    Insn in;
    const Area *a = area_find(d, table->from);
    if (eval_until(&e, start, table->from, &in))
        d->isa->table_step(&e, &in, a->bytes + (table->from - a->va));
    if (!eval_until(&e, table->to, table->jump_va, &in))
        return;
    a = area_find(d, table->jump_va);
    Value v = d->isa->table_jump(&e, &in, a->bytes + (table->jump_va - a->va));
    table_use(d, &v, table);
}

/* Second try, when the function around the jump is known: everything above the jump is seen, so
 * that a base that was set before a loop or a call is known. One walk serves all jumps of a
 * function. */
static void retry_all(Discover *d, Retry *list, size_t count) {
    Eval e = {.d = d};
    uint32_t owner = NO_ROOT;
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        Table table = d->tables.at[list[i].table];
        if (table.target_count == 0 && table.from != 0)
            retry_branched(d, &d->tables.at[list[i].table]);
        if (d->tables.at[list[i].table].target_count != 0)
            continue;
        const Area *a = area_find(d, table.jump_va);
        uint64_t start = retry_start(d, table.owner, table.jump_va);
        if (table.owner != owner || at < start) {
            e = (Eval){.d = d, .retry = true, .cmp_reg = -1, .twin_reg = -1};
            at = start;
            owner = table.owner;
        }
        Insn in;
        uint64_t cost = table.jump_va - at;
        d->retry_left -= cost < d->retry_left ? cost : d->retry_left;
        bool found = eval_until(&e, at, table.jump_va, &in);
        at = table.jump_va;
        Value v =
            found ? d->isa->table_jump(&e, &in, a->bytes + (table.jump_va - a->va)) : (Value){0};
        if (found)
            table_use(d, &v, &d->tables.at[list[i].table]);
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
