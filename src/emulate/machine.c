/* SPDX-License-Identifier: Apache-2.0
 * machine.c: making a machine, and going from block to block. */
#include "emulate/machine.h"

#include "base/check.h"
#include "emulate/machine_inner.h"

Machine *machine_from_image(Arena *a, const Image *image, const Lifter *lifter, size_t max_pages) {
    Inner *in = ARENA_NEW(a, Inner);
    in->lifter = lifter;
    in->has_modes = image->arch == ARCH_ARM;
    in->is_arm = image->arch == ARCH_ARM || image->arch == ARCH_ARM64;
    in->address_mask = image->bits == 64 ? UINT64_MAX : UINT32_MAX;
    in->version = 1;
    in->m.slots = in->file;
    in->m.memory = memory_from_image(a, image, max_pages);
    in->m.lifts = MACHINE_LIFTS;
    return &in->m;
}

static void forget_blocks(Inner *in) {
    in->version++;
    in->use = (BlockUse){0};
    memory_forget_code(in->m.memory);
}

/* The block at pc, at most so many instructions of it, lifted now unless it is there. A run that
 * ends inside a block, or goes on over a stop, has a block of its own for that. */
static MachineStop find_block(Inner *in, size_t max_insns, Block **out) {
    uint64_t key = machine_key(in);
    bool passes_stop = in->is_at_stop && machine_stops_at(in, in->m.pc);
    if (passes_stop)
        max_insns = 1;
    in->is_at_stop = false;
    size_t other = (BLOCK_INSNS - max_insns) * 0x9e37 + passes_stop;
    Block *block = &in->table[(key ^ key >> 13 ^ other) % MACHINE_BLOCKS];
    *out = block;
    if (block->key == key && block->version == in->version && block->max_insns == max_insns &&
        block->passes_stop == passes_stop)
        return MACHINE_RUNNING;
    if (in->use.steps >= MACHINE_OPS || in->use.insns >= MACHINE_OPS)
        forget_blocks(in);
    MachineStop stop = block_lift(in, max_insns, passes_stop, block);
    block->key = key;
    block->max_insns = (uint32_t)max_insns;
    block->passes_stop = passes_stop;
    block->version = stop ? 0 : in->version;
    return stop;
}

MachineStop machine_run(Machine *m, uint64_t steps, uint64_t *left) {
    Inner *in = (Inner *)m;
    in->steps_left = steps;
    m->pc &= in->address_mask;
    MachineStop stop = MACHINE_RUNNING;
    while (!stop) {
        if (m->memory->code_hit)
            forget_blocks(in);
        if (in->steps_left == 0) {
            stop = MACHINE_BUDGET;
            break;
        }
        Block *block = NULL;
        stop = find_block(in, BLOCK_INSNS, &block);
        if (!stop && block->insn_count > in->steps_left)
            stop = find_block(in, (size_t)in->steps_left, &block);
        if (stop)
            break;
        in->steps_left -= block->insn_count;
        m->operations += block->step_count;
        in->running = block;
        m->from = block->insns[block->insn_count - 1].va;
        stop = block_run(in, block->steps);
    }
    in->running = NULL;
    m->memory->writer = 0;
    in->is_at_stop = stop == MACHINE_STOPPED;
    if (left)
        *left = in->steps_left;
    return stop;
}

void machine_set_stops(Machine *m, const Map *stops) {
    Inner *in = (Inner *)m;
    in->stops = stops;
    in->is_at_stop = false;
    memset(in->stop_filter, 0, sizeof in->stop_filter);
    for (size_t i = 0; stops && i < stops->cap; i++) {
        size_t place = machine_filter_place(stops->keys[i]); /* empty places are those of 0 */
        in->stop_filter[place / 64] |= (uint64_t)1 << place % 64;
    }
    forget_blocks(in);
}

MachineMark machine_mark(Machine *m) {
    MachineMark mark = {.pc = m->pc, .is_thumb = m->is_thumb, .memory = memory_mark(m->memory)};
    memcpy(mark.slots, m->slots, sizeof mark.slots);
    return mark;
}

void machine_restore(Machine *m, const MachineMark *mark) {
    memcpy(m->slots, mark->slots, sizeof mark->slots);
    m->pc = mark->pc;
    m->is_thumb = mark->is_thumb;
    memory_restore(m->memory, mark->memory);
}

const char *machine_stop_name(MachineStop stop) {
    static const char *const names[] = {
        [MACHINE_RUNNING] = "running",
        [MACHINE_BUDGET] = "budget",
        [MACHINE_LIFTS_USED] = "lifts used",
        [MACHINE_OUTSIDE] = "outside",
        [MACHINE_UNMAPPED] = "unmapped",
        [MACHINE_FULL] = "out of pages",
        [MACHINE_UNDECODABLE] = "undecodable",
        [MACHINE_SYSCALL] = "system call",
        [MACHINE_TRAP] = "trap",
        [MACHINE_STOPPED] = "stop",
        [MACHINE_WRITTEN] = "written code",
    };
    return names[stop];
}
