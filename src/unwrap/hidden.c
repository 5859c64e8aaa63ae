/* SPDX-License-Identifier: Apache-2.0
 * hidden.c: runs pieces of functions. First the function from its entry; then, for each place of
 * interest that was not reached, along the shortest way through its blocks to that place, whatever
 * the conditions say, and on from there. */
#include "unwrap/hidden.h"

#include <string.h>

#include "unwrap/budget.h"
#include "unwrap/hidden_inner.h"

enum {
    RUN_STEPS = 20000,        /* of a function itself */
    DECODER_STEPS = 200000,   /* of one call of a decoder: RC4 with its key schedule on 4 KB */
    RESOLVER_STEPS = 4000000, /* of one call: 8,000 names of 20 characters, 20 instructions each */
    LEAF_STEPS = 5000,        /* of one call of another small function */
    MOST_LEAF_BLOCKS = 32,
    TINY_BYTES = 8,
    MOST_LEAF_VISITS = 128,
    /* What starting to run costs beside the instructions, in instructions: about 80 ns (guess).
     * Code that faults at once would else cost nothing. */
    EVENT_STEPS = 8,
    RUN_TOTAL = 500000, /* of one run with all that it calls, resolvers apart */
    MOST_VISITS = 16,   /* of one call site in a row without a text */
    MOST_PATH = 256,    /* blocks */
    MOST_RUNS = 48,     /* of one function */
    LOOK_STEPS = 100,
    START_STEPS = 400, /* of a run: memory and registers are put back */
    MOST_LOOP_MARKS = 64
};

static Machine *machine(const Hunt *h) { return h->p->machine; }

static uint64_t spend(Hunt *h, uint64_t wanted) { return wanted < h->steps ? wanted : h->steps; }

static void paid(Hunt *h, uint64_t steps) { h->steps -= steps < h->steps ? steps : h->steps; }

/* What is no part of the run: its own limit stays what it was. */
void hidden_pay_beside(Hunt *h, uint64_t steps) {
    paid(h, steps);
    h->run_start -= steps < h->run_start ? steps : h->run_start;
}

static ProcessEnd go_on(Hunt *h, uint64_t steps) {
    uint64_t lifts = machine(h)->lifts;
    ProcessEnd end = process_go_on(h->p, steps);
    hidden_pay_beside(h, (lifts - machine(h)->lifts) * BUDGET_LIFT_STEPS);
    paid(h, end.steps);
    return end;
}

/* Pages are compared, each at a tenth of a microsecond for 512 bytes. */
static void look_at_changes(Hunt *h, MemoryMark mark, uint64_t routine_va, bool is_tight) {
    enum { PAGE_STEPS = 50 };
    hidden_pay_beside(h, PAGE_STEPS * (h->p->memory->undo.count - mark.undo));
    hidden_look_at_changes(h, mark, routine_va, is_tight);
}

/* Bytes of arguments that a function of the image takes off the stack: its first `ret n`. */
static unsigned pops_of(const Hunt *h, const Function *f) {
    if (h->image->arch != ARCH_X86)
        return 0;
    for (uint32_t i = 0; i < f->block_count; i++) {
        const Block *block = &h->code->blocks.at[f->first_block + i];
        if (block->flow != FLOW_RETURN || block->size < 3)
            continue;
        Bytes b = bytes_clip(image_bytes_at(h->image, block->va), 0, block->size);
        return bytes_u8_at(b, b.size - 3) == 0xc2 ? bytes_u16_at(b, b.size - 2) : 0;
    }
    return 0;
}

/* ---- Calls ---- */

static uint64_t word_at_sp(Hunt *h) {
    uint64_t value = 0;
    memory_look(h->p->memory, machine(h)->slots[process_stack_slot(h->p)], &value,
                h->image->bits / 8);
    return value;
}

/* Control is at the entry of what was called: where it would go back to; then put our own. */
static uint64_t swap_return(Hunt *h, uint64_t to) {
    Machine *m = machine(h);
    uint64_t back = 0;
    if (h->image->arch == ARCH_X86 || h->image->arch == ARCH_X64) {
        back = word_at_sp(h);
        memory_write(h->p->memory, m->slots[SLOT_X86_RSP], &to, h->image->bits / 8);
    } else {
        uint64_t *lr = &m->slots[h->image->arch == ARCH_ARM ? SLOT_ARM_LR : SLOT_ARM64_LR];
        back = *lr;
        *lr = to;
    }
    return back;
}

static void go_to(Hunt *h, uint64_t va) {
    Machine *m = machine(h);
    m->pc = h->image->arch == ARCH_ARM ? va & ~(uint64_t)1 : va;
    if (h->image->arch == ARCH_ARM)
        m->is_thumb = va & 1;
}

/* As if the function that was entered had returned 0, or an address. */
static void skip_call(Hunt *h, unsigned pops) {
    uint64_t back = swap_return(h, 0);
    uint64_t result = h->setting == SETTING_RESULTS ? h->dummy_va + HIDDEN_OBJECT_BYTES / 2 : 0;
    uint64_t *slots = machine(h)->slots;
    if (h->image->arch == ARCH_X86 || h->image->arch == ARCH_X64) {
        slots[SLOT_X86_RSP] += h->image->bits / 8 + pops;
        slots[SLOT_X86_RAX] = result;
    } else {
        slots[0] = result;
    }
    go_to(h, back);
}

static void see_loop(Hunt *h, uint64_t place, uint64_t va) {
    if (!(place & PLACE_LOOP))
        return;
    const uint64_t *loop = map_find(&h->loop_at, va);
    h->saw_mover |= loop && h->loops.at[*loop - 1].moves_words;
}

/* Runs the function that was entered to its end. False: it did not return. */
static bool run_callee(Hunt *h, uint64_t steps) {
    uint64_t left = spend(h, steps);
    for (;;) {
        ProcessEnd end = go_on(h, left);
        left -= end.steps < left ? end.steps : left;
        if (end.why == PROCESS_RETURNED)
            return true;
        if (end.why != PROCESS_AT_STOP || left == 0)
            return false;
        see_loop(h, h->places.at[end.stop], end.pc);
    }
}

static bool is_worth(const Hunt *h, const Function *f) {
    return f->flags & (FUNCTION_LEAF | FUNCTION_THUNK | FUNCTION_STUB) &&
           f->block_count <= MOST_LEAF_BLOCKS && f->size <= 2048 && h->steps > 0;
}

static const char *text_copy(Arena *a, const char *text) {
    return arena_text(a, (Bytes){(const uint8_t *)text, strlen(text)});
}

static void keep_resolved(Hunt *h, const Function *f, const Call *call, const uint64_t *args) {
    const char *module = NULL, *name = NULL;
    uint64_t va = machine(h)->slots[process_result_slot(h->p)];
    if (!process_find_function(h->p, va, &module, &name))
        return;
    ResolvedCall *found = VEC_ADD(h->s->arena, &h->out->calls);
    if (!found)
        return;
    *found = (ResolvedCall){.resolver_va = f->va,
                            .resolver_size = f->size,
                            .site_va = call->site_va,
                            .module = text_copy(h->s->arena, module),
                            .name = text_copy(h->s->arena, name)};
    memcpy(found->args, args, sizeof found->args);
}

/* Takes so many steps out of the sample's budget, or what there is. */
static uint64_t spend_all(Sample *s, const Code *code, uint64_t steps) {
    uint64_t left = budget_left(s, code);
    steps = steps < left ? steps : left;
    budget_pay(s, steps);
    return steps;
}

/* Runs a function that may walk modules, on a budget of its own. */
static bool run_resolver(Hunt *h, const Function *f, const Call *call) {
    uint64_t args[RESOLVED_ARGS] = {0}, steps = h->steps, run_start = h->run_start;
    for (unsigned i = 0; i < 4; i++)
        args[i] = process_arg(h->p, i);
    if (h->image->arch == ARCH_X86) {
        args[4] = machine(h)->slots[SLOT_X86_RAX];
        args[5] = machine(h)->slots[SLOT_X86_RDX];
        args[6] = machine(h)->slots[SLOT_X86_RCX];
    }
    h->steps = h->resolver_steps;
    bool done = run_callee(h, RESOLVER_STEPS);
    h->resolver_steps = h->steps;
    h->steps = steps;
    h->run_start = run_start;
    size_t before = h->out->calls.count;
    if (done)
        keep_resolved(h, f, call, args);
    if (before == 0 && h->out->calls.count > 0)
        h->resolver_steps +=
            spend_all(h->s, h->code, HIDDEN_RESOLVER_STEPS - HIDDEN_RESOLVER_FIRST_STEPS);
    return done;
}

/* A function that never ended with what it was given so far hardly will. */
enum { PATIENCE = 2, RESOLVER_PATIENCE = 4 };

static uint64_t decoder_steps(const Hunt *h, uint32_t index) {
    return h->failures[index] < PATIENCE ? DECODER_STEPS : LEAF_STEPS;
}

static bool may_resolve(const Hunt *h, uint32_t index) {
    return h->functions[index] & FUNCTION_RESOLVES && h->resolver_steps > 0 &&
           h->failures[index] < RESOLVER_PATIENCE;
}

/* A call of a function of the image, before it happens. False: it cannot happen (no stack is left),
 * and the run ends. */
static bool follow(Hunt *h, const Call *call) {
    uint32_t index = call->callee - 1;
    const Function *f = &h->code->functions.at[index];
    bool decodes = h->functions[index] & (FUNCTION_DECODES | FUNCTION_WRAPS);
    uint16_t *visits = &h->visits[call - h->code->calls.at];
    decodes &= *visits < MOST_VISITS;
    *visits = (uint16_t)(*visits + (*visits < UINT16_MAX));
    uint64_t site = machine(h)->pc;
    ProcessEnd end = go_on(h, 1); /* the call itself */
    paid(h, EVENT_STEPS);
    if (end.why != PROCESS_BUDGET)
        return end.pc != site;
    if (f->size <= TINY_BYTES)
        return true; /* as fetching the program counter: it runs on its own */
    bool resolves = *visits < MOST_VISITS && may_resolve(h, index);
    if (!decodes && !resolves && (!is_worth(h, f) || *visits > MOST_LEAF_VISITS)) {
        skip_call(h, pops_of(h, f));
        return true;
    }
    ProcessMark mark = process_mark(h->p);
    bool saw_mover = h->saw_mover; /* what the callee wrote is its own */
    h->saw_mover = false;
    uint64_t back = swap_return(h, h->p->return_va);
    size_t resolved = h->out->calls.count;
    if (resolves ? run_resolver(h, f, call)
                 : run_callee(h, decodes ? decoder_steps(h, index) : LEAF_STEPS)) {
        go_to(h, back);
        h->last_va = call->site_va;
        size_t before = h->out->texts.count;
        if (decodes)
            look_at_changes(h, mark.machine.memory, f->va, false);
        h->saw_mover |= saw_mover;
        if (h->out->texts.count > before || h->out->calls.count > resolved)
            *visits = 0;
        return true;
    }
    h->saw_mover = saw_mover;
    h->failures[index] = (uint8_t)(h->failures[index] + (h->failures[index] < UINT8_MAX));
    process_restore(h->p, &mark);
    skip_call(h, pops_of(h, f));
    return true;
}

/* ---- Stops ---- */

static void leave_loop(Hunt *h) {
    if (!h->loop)
        return;
    h->loop = NULL;
    look_at_changes(h, h->loop_mark, h->f->va, true);
}

static void enter_loop(Hunt *h, uint64_t va) {
    const uint64_t *loop = map_find(&h->loop_at, va);
    if (h->loop || !loop || h->loop_marks++ >= MOST_LOOP_MARKS)
        return;
    h->loop = &h->loops.at[*loop - 1];
    h->loop_mark = memory_mark(h->p->memory);
}

/* True: the run goes on. */
static bool at_stop(Hunt *h, size_t stop) {
    uint64_t va = machine(h)->pc, *place = &h->places.at[stop];
    *place |= PLACE_SEEN;
    if (h->loop && (va < h->loop->va || va >= h->loop->end)) {
        h->last_va = va;
        leave_loop(h);
    }
    if (*place & PLACE_LOOP) {
        see_loop(h, *place, va);
        enter_loop(h, va);
    }
    if (!(*place & PLACE_CALL))
        return true;
    const Call *call = &h->code->calls.at[*place >> PLACE_BITS];
    h->last_va = va;
    if (h->looks < HIDDEN_LOOKS) {
        hidden_pay_beside(h, LOOK_STEPS);
        HiddenLook *look = &h->look[h->looks++];
        look->logged = h->p->memory->logged;
        memcpy(look->registers, machine(h)->slots, sizeof look->registers);
        look->registers[process_stack_slot(h->p)] = 0;
        hidden_look_at_args(h, look->args);
        hidden_look_at_frame(h, look->args);
    }
    hidden_look_at_pointers(h);
    return !call->callee || call->import || follow(h, call);
}

/* What the operation would store are characters, four and more. */
static bool stores_text(const Hunt *h, const IrOp *op) {
    enum { LEAST = 4 };
    uint64_t value = op->b == SLOT_IMM ? op->imm : op->b < SLOT_TEMP ? machine(h)->slots[op->b] : 0;
    unsigned chars = 0;
    while (chars < op->bits / 8u && value & 0xff) {
        uint8_t c = (uint8_t)value;
        if (c >= 0x7f || (c < 0x20 && c != '\n' && c != '\r' && c != '\t'))
            return false;
        value >>= 8;
        chars++;
    }
    return chars >= LEAST || (chars > 0 && chars == op->bits / 8u);
}

/* Vector registers that the instruction would have loaded: objects are moved in them, and what was
 * there is the last one. Others stay: mostly they are addresses. A text that would
 * have been stored to no address is remembered. */
static void leave_out(Hunt *h, uint64_t va, uint64_t fault_va) {
    IrOp ops[IR_MAX_OPS];
    unsigned length = 0;
    bool loads = false, is_text = false;
    hidden_pay_beside(h, BUDGET_LIFT_STEPS);
    size_t n = lift_insn(h->lifter, image_bytes_at(h->image, machine(h)->pc), va, ops, &length);
    for (size_t i = 0; i < n; i++) {
        loads |= ops[i].kind == IR_LOAD;
        is_text |= ops[i].kind == IR_STORE && stores_text(h, &ops[i]);
        if (loads && ops[i].out >= SLOT_VECTOR && ops[i].out < SLOT_TEMP)
            machine(h)->slots[ops[i].out] = 0;
    }
    if (is_text && fault_va < PAGE_BYTES && h->lost_count < HIDDEN_SKIPPED)
        h->lost[h->lost_count++] = h->p->memory->logged;
}

/* An instruction that cannot be done is left out. */
static bool skip_insn(Hunt *h, uint64_t fault_va) {
    Insn insn;
    Machine *m = machine(h);
    if (h->skipped++ >= HIDDEN_SKIPPED)
        return false;
    uint64_t va = m->pc | (uint64_t)m->is_thumb;
    if (!decode_flow(h->code->decoder, image_bytes_at(h->image, m->pc), va, &insn) ||
        insn.length == 0 || insn.flow != FLOW_NEXT)
        return false;
    leave_out(h, va, fault_va);
    m->pc += insn.length;
    return true;
}

/* Runs on from pc. True: the steps are used up. */
static bool run_on(Hunt *h, uint64_t steps) {
    uint64_t left = spend(h, steps);
    while (left > 0 && h->steps > 0 && h->run_start - h->steps < RUN_TOTAL) {
        ProcessEnd end = go_on(h, left);
        paid(h, EVENT_STEPS);
        left -= end.steps < left ? end.steps : left;
        bool goes_on = false;
        switch (end.why) {
        case PROCESS_AT_STOP: {
            uint64_t place = h->places.at[end.stop];
            goes_on = at_stop(h, end.stop);
            left -= place & PLACE_CALL && left > 0 && machine(h)->pc != end.pc;
            break;
        }
        case PROCESS_FAULT:
            goes_on = skip_insn(h, end.fault_va);
            break;
        case PROCESS_LOST: /* a call through a pointer that is not known */
            goes_on = h->skipped++ < HIDDEN_SKIPPED && hidden_place(h, machine(h)->from);
            if (goes_on)
                skip_call(h, 0);
            break;
        case PROCESS_BUDGET:
            return left == 0 && h->steps > 0;
        case PROCESS_RUNNING:
        case PROCESS_RETURNED:
        case PROCESS_FULL:
        case PROCESS_BAD_CODE:
        case PROCESS_EXIT:
        case PROCESS_WRITTEN:
        case PROCESS_LOADER:
        default:
            break;
        }
        if (!goes_on)
            return false;
    }
    return true;
}

/* ---- Ways to a place ---- */

/* Blocks from the entry to the target, entry first; 0: no way, or too long. */
static size_t find_path(Hunt *h, uint32_t target, uint32_t path[MOST_PATH]) {
    const Function *f = h->f;
    ArenaMark mark = arena_mark(h->scratch);
    uint32_t *from = ARENA_ARRAY(h->scratch, uint32_t, f->block_count); /* + 1; 0: not reached */
    uint32_t *queue = ARENA_ARRAY(h->scratch, uint32_t, f->block_count);
    size_t head = 0, tail = 0, n = 0;
    queue[tail++] = 0;
    from[0] = 1;
    while (head < tail && !from[target]) {
        uint32_t b = queue[head++];
        const Block *block = &h->code->blocks.at[f->first_block + b];
        for (uint32_t k = 0; k < block->successor_count; k++) {
            uint32_t to = h->code->successors.at[block->first_successor + k];
            if (from[to])
                continue;
            from[to] = b + 1;
            queue[tail++] = to;
        }
    }
    if (from[target]) {
        for (uint32_t b = target; n < MOST_PATH; b = from[b] - 1) {
            path[n++] = b;
            if (b == 0)
                break;
        }
        if (path[n - 1] != 0)
            n = 0;
    }
    for (size_t i = 0; i < n / 2; i++) {
        uint32_t swap = path[i];
        path[i] = path[n - 1 - i];
        path[n - 1 - i] = swap;
    }
    arena_reset(h->scratch, mark);
    return n;
}

/* Instructions from va up to the jump at the block's end; 0: va is not one of them. */
static uint64_t instructions_left(Hunt *h, const Block *block, uint64_t va) {
    bool jumps = block->flow == FLOW_JUMP || block->flow == FLOW_BRANCH ||
                 block->flow == FLOW_JUMP_INDIRECT || block->flow == FLOW_RETURN;
    Bytes b = hidden_block_bytes(h, block);
    uint64_t count = 0;
    Insn insn;
    if (va - block->va >= block->size)
        return 0;
    for (size_t off = va - block->va; off < b.size; off += insn.length, count++)
        if (!decode_flow(h->code->decoder, bytes_clip(b, off, b.size),
                         (block->va + off) | block->is_thumb, &insn) ||
            insn.length == 0)
            return 0;
    hidden_pay_beside(h, count); /* a decoded byte for a step */
    return count - (jumps && count > 0);
}

/* Runs a block but for the jump at its end. What models do costs more than their one instruction,
 * so it goes on as long as control is there. */
static void run_block(Hunt *h, const Block *block) {
    enum { TURNS = 16 };
    go_to(h, block->va | (uint64_t)block->is_thumb);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint64_t left = instructions_left(h, block, machine(h)->pc);
        if (left == 0 || !run_on(h, left))
            return;
    }
}

/* ---- A function ---- */

/* The stack begins lower, as in a program that came here another way. */
static void shift_stack(Hunt *h, uint64_t by) {
    uint64_t *sp = &machine(h)->slots[process_stack_slot(h->p)], back = word_at_sp(h);
    *sp -= by;
    memory_write(h->p->memory, *sp, &back, h->image->bits / 8);
}

static void start_run(Hunt *h, const ProcessMark *fresh) {
    paid(h, START_STEPS);
    process_restore(h->p, fresh);
    process_reset_registers(h->p);
    h->loop = NULL;
    h->run_start = h->steps;
    h->looks = h->loop_marks = h->skipped = h->lost_count = 0;
    h->log_start = h->pointers_seen = h->p->memory->logged;
    h->saw_mover = false;
    h->last_va = h->f->va;
    uint64_t shift = h->setting == SETTING_ZEROS ? 0 : HIDDEN_SETTING_SHIFT;
    if (shift)
        shift_stack(h, shift);
    uint64_t *slots = machine(h)->slots;
    h->entry_sp = slots[process_stack_slot(h->p)];
    /* Arguments are pointers to zeros, each to its own: a text that one object holds must not lie
     * where another one counts. */
    uint64_t objects_va = h->dummy_va + shift;
    for (unsigned i = 0; i < HIDDEN_OBJECTS; i++) {
        uint16_t slot = process_arg_slot(h->p, i);
        uint64_t object_va = objects_va + (uint64_t)i * HIDDEN_OBJECT_BYTES;
        if (slot != SLOT_NONE)
            slots[slot] = object_va;
        else if (h->image->arch == ARCH_X86)
            memory_write(h->p->memory, h->entry_sp + 4 + 4 * (uint64_t)i, &object_va, 4);
    }
    if (h->image->arch == ARCH_X86) {
        slots[SLOT_X86_RCX] = objects_va + (HIDDEN_OBJECTS - 1) * HIDDEN_OBJECT_BYTES;
        slots[SLOT_X86_RDX] = objects_va + (HIDDEN_OBJECTS - 2) * HIDDEN_OBJECT_BYTES;
        slots[SLOT_X86_RAX] = objects_va + (HIDDEN_OBJECTS - 3) * HIDDEN_OBJECT_BYTES;
    }
}

static void end_run(Hunt *h, const ProcessMark *fresh) {
    leave_loop(h);
    if (h->looks == 0)
        hidden_look_at_frame(h, NULL);
    /* What unrolled loops left outside of the frame. */
    look_at_changes(h, fresh->machine.memory, h->f->va, false);
    hidden_look_at_pointers(h);
}

/* Places in a block: its start, and call sites of decoders. */
static bool is_reached(const Hunt *h, const Block *block) {
    const uint64_t *place = hidden_place(h, block->va);
    return !place || !(*place & (PLACE_TEXT | PLACE_LOOP)) || *place & PLACE_SEEN;
}

static bool is_call_reached(const Hunt *h, const Call *call) {
    const uint64_t *place = hidden_place(h, call->site_va);
    return !place || *place & PLACE_SEEN;
}

/* The function's calls of what decodes or resolves. */
static void find_wanted_calls(Hunt *h) {
    h->wanted_count = 0;
    for (uint32_t i = 0; i < h->f->call_count; i++) {
        uint32_t callee = h->code->calls.at[h->f->first_call + i].callee;
        if (callee &&
            h->functions[callee - 1] & (FUNCTION_DECODES | FUNCTION_WRAPS | FUNCTION_RESOLVES))
            h->wanted[h->wanted_count++] = h->f->first_call + i;
    }
}

static bool has_unreached(const Hunt *h, const Block *block) {
    if (!is_reached(h, block))
        return true;
    for (size_t i = 0; i < h->wanted_count; i++) {
        const Call *call = &h->code->calls.at[h->wanted[i]];
        if (call->site_va - block->va < block->size && !is_call_reached(h, call))
            return true;
    }
    return false;
}

static void run_way(Hunt *h, uint32_t target, const ProcessMark *fresh) {
    uint32_t path[MOST_PATH];
    size_t n = find_path(h, target, path);
    start_run(h, fresh);
    const Block *blocks = h->code->blocks.at + h->f->first_block;
    for (size_t i = 0; i + 1 < n && h->steps; i++)
        run_block(h, &blocks[path[i]]);
    go_to(h, blocks[target].va | (uint64_t)blocks[target].is_thumb);
    run_on(h, RUN_STEPS);
    end_run(h, fresh);
}

void hidden_hunt_function(Hunt *h, const ProcessMark *fresh) {
    const Block *blocks = h->code->blocks.at + h->f->first_block;
    start_run(h, fresh);
    go_to(h, h->f->va | (uint64_t)blocks[0].is_thumb);
    run_on(h, RUN_STEPS);
    end_run(h, fresh);
    unsigned runs = 0;
    find_wanted_calls(h);
    for (uint32_t i = 0; i < h->f->block_count && runs < MOST_RUNS && h->steps; i++)
        if (has_unreached(h, &blocks[i])) {
            run_way(h, i, fresh);
            runs++;
        }
}

static bool begin(Hunt *h) {
    const Lifter *lifter =
        h->code->decoder ? lifter_for_image(h->scratch, h->image, h->code->decoder) : NULL;
    if (!lifter || h->code->functions.count == 0)
        return false;
    TransformInput in = {h->image, h->code, lifter};
    transform_find(h->s->arena, h->scratch, &in, &h->loops);
    h->functions = ARENA_ARRAY(h->scratch, uint8_t, h->code->functions.count);
    h->failures = ARENA_ARRAY(h->scratch, uint8_t, h->code->functions.count);
    h->visits = ARENA_ARRAY(h->scratch, uint16_t, h->code->calls.count + 1);
    h->wanted = ARENA_UNSET(h->scratch, uint32_t, h->code->calls.count + 1);
    h->place_at = map_new(h->scratch, 256);
    h->sources = map_new(h->scratch, 256);
    h->writer_blocks = map_new(h->scratch, 256);
    h->letters = map_new(h->scratch, 64);
    h->lifter = lifter;
    h->loop_at = map_new(h->scratch, h->loops.count);
    h->known = map_new(h->scratch, 256);
    h->stops.max = h->places.max = MAX_XREFS;
    hidden_find_targets(h);
    return h->stops.count > 0;
}

static uint64_t lowest_code(const Code *code) {
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < code->blocks.count; i++)
        lowest = code->blocks.at[i].va < lowest ? code->blocks.at[i].va : lowest;
    return lowest;
}

void hidden_from_code(Sample *s, const Image *image, const Code *code, HiddenTexts *out) {
    ArenaMark mark = arena_mark(s->scratch);
    Hunt *h = ARENA_NEW(s->scratch, Hunt);
    h->s = s;
    h->image = image;
    h->code = code;
    h->out = out;
    h->scratch = s->scratch;
    out->texts.max = HIDDEN_TEXTS;
    out->calls.max = HIDDEN_CALLS;
    h->scan_bytes = HIDDEN_SCAN_BYTES;
    h->resolver_steps = spend_all(s, code, HIDDEN_RESOLVER_FIRST_STEPS);
    h->steps = spend_all(s, code, HIDDEN_STEPS + HIDDEN_STEPS_PER_BYTE * code->bytes_recovered);
    h->setting_steps = spend_all(
        s, code, HIDDEN_SETTING_STEPS + HIDDEN_SETTING_STEPS_PER_BYTE * code->bytes_recovered);
    if (begin(h) && (h->p = process_from_image(s->scratch, image, code)) != NULL) {
        h->p->machine->lifts = UINT64_MAX; /* paid as steps */
        h->p->memory->keeps_constants = true;
        h->p->memory->nulls_fault = lowest_code(code) >= PAGE_BYTES;
        memory_log_writes(h->p->memory);
        h->dummy_va = process_alloc(h->p, HIDDEN_OBJECTS * HIDDEN_OBJECT_BYTES);
        process_set_stops(h->p, h->stops.at, h->stops.count);
        ProcessMark fresh = process_mark(h->p);
        for (size_t i = 0; i < code->functions.count && h->steps; i++) {
            if (!(h->functions[i] & FUNCTION_TARGETS))
                continue;
            if (sample_is_late(s))
                h->steps = 0;
            h->f = &code->functions.at[i];
            h->first_text = out->texts.count;
            h->unpointed = 0;
            h->has_new_text = false;
            h->texts_low = UINT64_MAX;
            h->texts_high = 0;
            hidden_hunt_function(h, &fresh);
        }
        out->is_cut |= h->steps == 0;
        hidden_mark_moved(h);
        hidden_mark_encoded(h);
        hidden_mark_written(h);
        hidden_mark_pieces(h);
        hidden_try_settings(h, &fresh);
    }
    s->run_steps -= h->steps + h->resolver_steps + h->setting_steps; /* given back */
    arena_reset(s->scratch, mark);
}
