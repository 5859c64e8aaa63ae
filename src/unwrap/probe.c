/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/probe.h"

#include "base/digest.h"
#include "unwrap/budget.h"

enum {
    CANARY_LOW = 0x400, /* apart: room for the offsets of fields, and still a usual length */
    CANARY_HIGH = 0x100000
};

static void add_register(Probe *p, uint16_t slot) {
    p->cells[p->cell_count++] = (ProbeCell){.slot = slot};
}

static void add_stack(Probe *p, unsigned off) {
    p->cells[p->cell_count++] = (ProbeCell){.slot = SLOT_NONE, .stack_off = (uint16_t)off};
}

/* Where arguments may be: abi.h's sources. On i386 gcc and clang pass those of local functions in
 * registers. */
static void list_cells(Probe *p) {
    static const uint16_t SYSTEM_V[] = {
        SLOT_X86_RDI, SLOT_X86_RSI, SLOT_X86_RDX, SLOT_X86_RCX, 8, 9};
    static const uint16_t MICROSOFT[] = {SLOT_X86_RCX, SLOT_X86_RDX, 8, 9};
    static const uint16_t I386[] = {SLOT_X86_RAX, SLOT_X86_RDX, SLOT_X86_RCX};
    const Image *image = p->process->image;
    bool is_pe = image->format == FORMAT_PE;
    if (image->arch == ARCH_X64) {
        for (unsigned i = 0; i < (is_pe ? 4u : 6u); i++)
            add_register(p, is_pe ? MICROSOFT[i] : SYSTEM_V[i]);
        for (unsigned i = 0; i < 2; i++)
            add_stack(p, (is_pe ? 0x28 : 8) + 8 * i);
    } else if (image->arch == ARCH_X86) {
        for (unsigned i = 0; i < 6; i++)
            add_stack(p, 4 + 4 * i);
        for (unsigned i = 0; i < 3; i++)
            add_register(p, I386[i]);
    } else if (image->arch == ARCH_ARM) {
        for (uint16_t i = 0; i < 4; i++)
            add_register(p, i);
        for (unsigned i = 0; i < 2; i++)
            add_stack(p, 4 * i);
    } else {
        for (uint16_t i = 0; i < 7; i++)
            add_register(p, i);
    }
}

/* Numbers that are no addresses: low ones, or above the image where that begins at 0. */
static uint64_t canary_for_image(const Image *image) {
    uint64_t end = 0;
    bool is_low = false;
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *s = &image->segments.at[i];
        is_low |= s->va < CANARY_LOW * (2 * PROBE_CELLS + 2);
        if (s->va + s->va_size > end)
            end = s->va + s->va_size;
    }
    return is_low ? CANARY_HIGH : CANARY_LOW;
}

Probe *probe_new(Arena *kept, Arena *a, Process *process) {
    Probe *p = ARENA_NEW(a, Probe);
    p->arena = a;
    p->kept = kept;
    p->process = process;
    list_cells(p);
    for (unsigned i = 0; i < p->cell_count; i++) {
        p->cells[i].va = process_alloc(process, PROBE_BYTES);
        if (!p->cells[i].va)
            return NULL;
    }
    p->canary = canary_for_image(process->image);
    p->function_steps = PROBE_FUNCTION_STEPS;
    p->setup = ARENA_NEW(a, ProbeSetup);
    p->mark = process_mark(process);
    return p;
}

unsigned probe_pointer_count(const Probe *p) {
    unsigned n = 0;
    for (unsigned i = 0; i < p->cell_count; i++)
        n += p->cells[i].is_pointer;
    return n;
}

/* Bytes 1 to 127 that look random; the same ones are asked for again and again. */
static const uint8_t *pattern(Probe *p, uint64_t from) {
    unsigned place = (unsigned)((from >> 32 << 4 ^ from >> 24) % PROBE_PATTERNS);
    uint8_t *to = p->patterns[place];
    if (to && p->pattern_of[place] == from)
        return to;
    if (!to)
        to = p->patterns[place] = arena_alloc_unset(p->kept, PROBE_FILLED);
    p->pattern_of[place] = from;
    uint64_t word = 0;
    for (size_t i = 0; i < PROBE_FILLED; i++) {
        if (i % 8 == 0)
            word = mix64(from + i + 1);
        to[i] = (uint8_t)(1 + (word & 0xff) % 127);
        word >>= 8;
    }
    return to;
}

static void fill(Probe *p, unsigned cell, uint64_t from, size_t length) {
    uint8_t *to = p->setup->bytes[cell];
    memcpy(to, pattern(p, from), PROBE_FILLED);
    if (length < PROBE_FILLED)
        to[length] = 0;
    memset(to + PROBE_FILLED, 0, PROBE_BYTES - PROBE_FILLED);
}

void probe_fill_cell(Probe *p, unsigned cell, uint64_t salt, size_t length) {
    fill(p, cell, salt << 32 | (uint64_t)(cell + 1) << 24, length);
}

void probe_fill_same(Probe *p, unsigned cell, uint64_t salt, size_t length) {
    fill(p, cell, salt << 32, length);
}

void probe_put_cell(Probe *p, unsigned cell, Bytes b) {
    memset(p->setup->bytes[cell], 0, PROBE_BYTES);
    if (b.size > 0)
        memcpy(p->setup->bytes[cell], b.at, b.size < PROBE_BYTES ? b.size : PROBE_BYTES);
}

void probe_fill(Probe *p, uint64_t salt, size_t length, uint64_t number) {
    for (unsigned i = 0; i < p->cell_count; i++) {
        p->setup->number[i] = number;
        if (p->cells[i].is_pointer)
            probe_fill_cell(p, i, salt, length);
    }
}

static void put_cells(Probe *p, bool with_buffers) {
    Process *x = p->process;
    uint64_t sp = x->machine->slots[process_stack_slot(x)];
    unsigned word = x->image->bits / 8u;
    for (unsigned i = 0; i < p->cell_count; i++) {
        const ProbeCell *c = &p->cells[i];
        uint64_t value = c->is_pointer ? c->va : p->setup->number[i];
        if (c->is_pointer && with_buffers)
            (void)memory_write(x->memory, c->va, p->setup->bytes[i], PROBE_BYTES);
        if (c->slot != SLOT_NONE)
            x->machine->slots[c->slot] = value;
        else
            (void)memory_write(x->memory, sp + c->stack_off, &value, word);
    }
}

bool probe_pay(Probe *p, uint64_t steps) {
    p->steps_left -= steps < p->steps_left ? steps : p->steps_left;
    return p->steps_left > 0;
}

enum { LIFTS = 20000 }; /* of a run: more new instructions are no routine */

static ProcessEnd run(Probe *p, uint64_t steps) {
    Machine *m = p->process->machine;
    m->lifts = LIFTS;
    ProcessEnd end = process_run(p->process, p->va, steps < p->steps_left ? steps : p->steps_left);
    (void)probe_pay(p, end.steps + PROBE_RUN_STEPS + (LIFTS - m->lifts) * BUDGET_LIFT_STEPS);
    return end;
}

ProcessEnd probe_go_on(Probe *p, uint64_t steps) {
    Machine *m = p->process->machine;
    m->lifts = LIFTS;
    ProcessEnd end = process_go_on(p->process, steps < p->steps_left ? steps : p->steps_left);
    (void)probe_pay(p, end.steps + (LIFTS - m->lifts) * BUDGET_LIFT_STEPS);
    return end;
}

static ProcessEnd start(Probe *p, uint64_t steps) {
    process_restore(p->process, &p->mark);
    process_reset_registers(p->process);
    put_cells(p, true);
    return run(p, steps);
}

enum {
    HIGH_START = 0x68000000, /* below process.h's own regions, positive as an int */
    CANARY_BEFORE = 64       /* what lies before an address belongs to it: p[-1] */
};

/* Odd multiples: the sum of two of them, an address and a length, is nobody's. */
static uint64_t canary_of_cell(const Probe *p, unsigned i) {
    return (p->canary == CANARY_HIGH ? HIGH_START : 0) + p->canary * (2 * i + 1);
}

/* The cell that an address was made of, or -1. */
static int cell_of_canary(const Probe *p, uint64_t va) {
    for (unsigned i = 0; i < p->cell_count; i++)
        if (va + CANARY_BEFORE - canary_of_cell(p, i) < p->canary)
            return (int)i;
    return -1;
}

static const char DIGITS[] = "ABCDEF234567CAFE"; /* of every usual coding */

/* Usual numbers in all cells. Short, because key schedules grow with the key. */
static void fill_usual(Probe *p, bool is_text) {
    probe_fill(p, 1, 8, is_text ? sizeof DIGITS - 1 : 8);
    for (unsigned c = 0; c < p->cell_count && is_text; c++)
        probe_put_cell(p, c, (Bytes){(const uint8_t *)DIGITS, sizeof DIGITS - 1});
}

/* Whether a usual number is used as an address: nothing is mapped there, unless the image begins at
 * 0. */
static bool may_hide_pointer(Probe *p, bool is_text) {
    if (p->canary == CANARY_HIGH)
        return true;
    fill_usual(p, is_text);
    ProcessEnd end = start(p, PROBE_FIND_STEPS);
    return end.why == PROCESS_FAULT && end.fault_va + CANARY_BEFORE < p->canary;
}

/* A cell that is an address although its canary was not met before something else went wrong (a
 * length that was a canary, say): one at a time, with usual numbers in the others. is_text: with
 * digits in the buffers, because decoders stop at others. */
static bool find_hidden_pointer(Probe *p, bool is_text, unsigned *endless) {
    if (!may_hide_pointer(p, is_text))
        return false;
    for (unsigned i = 0; i < p->cell_count; i++) {
        if (p->cells[i].is_pointer || !p->cells[i].is_read)
            continue;
        fill_usual(p, is_text);
        p->setup->number[i] = canary_of_cell(p, i);
        ProcessEnd end = start(p, PROBE_FIND_STEPS);
        *endless += end.why == PROCESS_BUDGET;
        if (*endless == PROBE_FIND_ENDLESS)
            return false;
        if (end.why == PROCESS_FAULT && cell_of_canary(p, end.fault_va) == (int)i) {
            p->cells[i].is_pointer = true;
            return true;
        }
    }
    return false;
}

static bool is_read(const Probe *p, const ProbeCell *c, const Reads *reads) {
    if (c->slot != SLOT_NONE)
        return reads->registers >> c->slot & 1;
    return reads->stack >> c->stack_off / (p->process->image->bits / 8u) & 1;
}

void probe_find_pointers(Probe *p, uint64_t va, const Reads *reads) {
    p->va = va;
    p->shot_steps = PROBE_STEPS;
    p->steps_left = p->function_steps;
    for (unsigned i = 0; i < p->cell_count; i++) {
        p->cells[i].is_pointer = false;
        p->cells[i].is_read = is_read(p, &p->cells[i], reads);
    }
    for (unsigned i = 0; i < PROBE_MEMOS; i++)
        p->memos[i].is_set = false;
    for (unsigned turn = 0; turn <= p->cell_count; turn++) {
        probe_fill(p, 1, 32, 32);
        for (unsigned i = 0; i < p->cell_count; i++)
            p->setup->number[i] = canary_of_cell(p, i);
        ProcessEnd end = start(p, PROBE_FIND_STEPS);
        int cell = end.why == PROCESS_FAULT ? cell_of_canary(p, end.fault_va) : -1;
        if (cell < 0 || p->cells[cell].is_pointer)
            break;
        p->cells[cell].is_pointer = true;
    }
    unsigned endless = 0;
    for (unsigned turn = 0; turn < 3 && find_hidden_pointer(p, false, &endless); turn++)
        continue;
    for (unsigned turn = 0; turn < 2 && endless < PROBE_FIND_ENDLESS; turn++)
        if (!find_hidden_pointer(p, true, &endless))
            break;
}

ProbeShot probe_shoot_first(Probe *p, uint64_t steps) {
    p->shot_steps = steps;
    probe_fill(p, 1, 32, 32);
    ProbeShot s = probe_shoot(p);
    p->shot_steps = PROBE_STEPS;
    return s;
}

static bool is_stack(const Probe *p, uint64_t va) {
    return va >= p->process->stack_va && va < p->process->stack_va + PROCESS_STACK_BYTES;
}

static int cell_at(const Probe *p, uint64_t va) {
    for (unsigned i = 0; i < p->cell_count; i++)
        if (va >= p->cells[i].va && va < p->cells[i].va + PROBE_BYTES)
            return (int)i;
    return -1;
}

static void add_output(ProbeShot *s, ProbeOutput o) {
    enum { STRIDE = 64 };
    uint32_t first = 0, end = o.size;
    while (first + STRIDE <= end && memcmp(o.before + first, o.after + first, STRIDE) == 0)
        first += STRIDE;
    while (first < end && o.before[first] == o.after[first])
        first++;
    while (end >= first + STRIDE &&
           memcmp(o.before + end - STRIDE, o.after + end - STRIDE, STRIDE) == 0)
        end -= STRIDE;
    while (end > first && o.before[end - 1] == o.after[end - 1])
        end--;
    o.first = first;
    o.end = end;
    if (end > first && s->output_count < PROBE_OUTPUTS)
        s->outputs[s->output_count++] = o;
}

/* Whether a buffer still holds what it was given. */
static bool is_as_given(const Probe *p, unsigned cell) {
    for (unsigned off = 0; off < PROBE_BYTES; off += PAGE_BYTES) {
        Bytes now = memory_view(p->process->memory, p->cells[cell].va + off);
        if (now.size < PAGE_BYTES || memcmp(now.at, p->setup->bytes[cell] + off, PAGE_BYTES) != 0)
            return false;
    }
    return true;
}

static void collect_buffers(Probe *p, ProbeShot *s) {
    for (unsigned i = 0; i < p->cell_count; i++) {
        const ProbeCell *c = &p->cells[i];
        if (!c->is_pointer || is_as_given(p, i))
            continue;
        uint8_t *copy = arena_alloc_unset(p->arena, 2 * PROBE_BYTES);
        if (memory_read(p->process->memory, c->va, copy + PROBE_BYTES, PROBE_BYTES) != MEMORY_OK)
            continue;
        memcpy(copy, p->setup->bytes[i], PROBE_BYTES);
        add_output(s, (ProbeOutput){.cell = (int)i,
                                    .va = c->va,
                                    .before = copy,
                                    .after = copy + PROBE_BYTES,
                                    .size = PROBE_BYTES});
    }
}

static void collect_pages(Probe *p, ProbeShot *s) {
    size_t at = 0;
    MemoryChange change;
    while (memory_change(p->process->memory, p->mark.machine.memory, &at, &change)) {
        if (is_stack(p, change.va) || cell_at(p, change.va) >= 0)
            continue;
        uint8_t *copy = arena_alloc_unset(p->arena, 2 * PAGE_BYTES);
        memcpy(copy, change.before, PAGE_BYTES);
        memcpy(copy + PAGE_BYTES, change.now, PAGE_BYTES);
        add_output(s, (ProbeOutput){.cell = -1,
                                    .va = change.va,
                                    .before = copy,
                                    .after = copy + PAGE_BYTES,
                                    .size = PAGE_BYTES});
    }
}

static ProbeShot shot_of(Probe *p, ProcessEnd end) {
    ProbeShot s = {.returned = end.why == PROCESS_RETURNED,
                   .is_endless = end.why == PROCESS_BUDGET,
                   .result = end.result,
                   .result2 = end.result2,
                   .steps = end.steps};
    if (!s.returned)
        return s;
    if (p->process->image->bits == 32)
        s.result &= UINT32_MAX;
    collect_buffers(p, &s);
    collect_pages(p, &s);
    return s;
}

ProbeShot probe_shoot_now(Probe *p) { return shot_of(p, start(p, p->shot_steps)); }

/* Whether a run with the steps that are allowed now would have ended in the same way. */
static bool is_same_end(const Probe *p, const ProbeMemo *memo) {
    return memo->shot.is_endless ? memo->most_steps >= p->shot_steps
                                 : memo->shot.steps <= p->shot_steps;
}

/* Of all that a run can see of the setup. */
static uint64_t setup_key(const Probe *p) {
    uint64_t key = 0;
    for (unsigned i = 0; i < p->cell_count; i++)
        if (p->cells[i].is_pointer)
            key = mix64(key ^ hash64((Bytes){p->setup->bytes[i], PROBE_BYTES}));
        else if (p->cells[i].is_read)
            key = mix64(key ^ p->setup->number[i]);
    return key;
}

ProbeShot probe_shoot(Probe *p) {
    uint64_t key = setup_key(p);
    ProbeMemo *memo = &p->memos[key % PROBE_MEMOS];
    if (memo->is_set && memo->key == key && is_same_end(p, memo))
        return memo->shot;
    ProbeShot s = probe_shoot_now(p);
    if (p->steps_left > 0) /* else it may have been cut */
        *memo = (ProbeMemo){key, p->shot_steps, s, true};
    return s;
}

ProcessEnd probe_call(Probe *p, uint64_t va, uint64_t steps) {
    uint64_t own = p->va;
    p->va = va;
    ProcessEnd end = start(p, steps);
    p->va = own;
    return end;
}

void probe_vary(Probe *p, bool on) {
    if (!on) {
        process_restore(p->process, &p->own_mark);
        p->mark = p->own_mark;
        return;
    }
    p->own_mark = p->mark;
    process_restore(p->process, &p->mark);
    enum { BYTES_A_STEP = 64 }; /* a page of 512 bytes is copied in a tenth of a microsecond */
    (void)probe_pay(p, process_fill_globals(p->process, PROCESS_SMALL_NUMBER) / BYTES_A_STEP);
    process_vary(p->process, 1);
    p->mark = process_mark(p->process);
}

ProbeShot probe_shoot_again(Probe *p) {
    process_reset_registers(p->process);
    put_cells(p, false);
    return shot_of(p, run(p, PROBE_STEPS));
}

const ProbeOutput *shot_find_output(const ProbeShot *s, uint64_t va) {
    for (unsigned i = 0; s->returned && i < s->output_count; i++)
        if (s->outputs[i].va == va)
            return &s->outputs[i];
    return NULL;
}

const ProbeOutput *shot_find_cell(const ProbeShot *s, int cell) {
    for (unsigned i = 0; i < s->output_count; i++)
        if (s->outputs[i].cell == cell)
            return &s->outputs[i];
    return NULL;
}
