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
    in->file = ARENA_UNSET(a, uint64_t, FILE_WORDS);
    memset(in->file, 0, FILE_POOL * sizeof *in->file);
    in->m.slots = in->file;
    in->m.memory = memory_from_image(a, image, max_pages);
    in->m.lifts = MACHINE_LIFTS;
    return &in->m;
}

static void forget_kept(Inner *in) {
    if (in->pool_used == 0)
        return;
    in->pool_used = in->kept_count = 0;
    memset(in->kept, 0, sizeof in->kept);
}

static void forget_blocks(Inner *in) {
    in->version++;
    in->use = (BlockUse){0};
    memory_forget_code(in->m.memory);
    if (in->pool_used > POOL_KEPT)
        forget_kept(in);
}

/* Whether a block is what lifting would make now: of the file's bytes, which are there. As lifting
 * does it touches their pages. */
static bool is_there(Inner *in, const Block *block) {
    uint64_t va = block->insns[0].va, end = block->insns[block->insn_count].va;
    uint64_t last = block->last_va & (PAGE_BYTES - 1);
    if (block->is_stop)
        return true;
    if (!memory_has_file_code(in->m.memory, va, (end - va) & in->address_mask))
        return false;
    if (last > PAGE_BYTES - INSN_BYTES)
        (void)memory_view(in->m.memory, block->last_va - last + PAGE_BYTES);
    return true;
}

static uint64_t kept_hash(uint64_t key, size_t max_insns, bool passes_stop) {
    return mix64(key ^ (uint64_t)max_insns << 48 ^ (uint64_t)passes_stop << 63);
}

static KeptPlace *kept_place(Inner *in, size_t max_insns, bool passes_stop, Block **out) {
    uint64_t key = machine_key(in), hash = kept_hash(key, max_insns, passes_stop);
    uint32_t tag = (uint32_t)(hash >> 32) | 1;
    *out = NULL;
    for (size_t i = (size_t)hash;; i++) {
        KeptPlace *place = &in->kept[i % KEPT_PLACES];
        if (!place->tag)
            return place;
        if (place->tag != tag)
            continue;
        Block *block = (Block *)(in->file + place->word);
        if (block->key == key && block->max_insns == max_insns &&
            block->passes_stop == passes_stop) {
            *out = block;
            return place;
        }
    }
}

/* A block that is not in the table. */
static MachineStop get_block(Inner *in, size_t max_insns, bool passes_stop, Block **out) {
    enum { MOST_KEPT = KEPT_PLACES / 2 };
    bool stays = false;
    Block *kept = NULL;
    KeptPlace *place = kept_place(in, max_insns, passes_stop, &kept);
    if (kept && !in->m.written_since && (kept->is_stop || in->m.lifts > BLOCK_INSNS) &&
        is_there(in, kept)) {
        in->m.lifts -= kept->is_stop ? 0 : kept->insn_count;
        *out = kept;
        return MACHINE_RUNNING;
    }
    MachineStop stop = block_lift(in, max_insns, passes_stop, out, &stays);
    if (stop)
        return stop;
    uint64_t key = machine_key(in);
    (*out)->key = key;
    (*out)->max_insns = (uint32_t)max_insns;
    (*out)->passes_stop = passes_stop;
    if (stays && !kept && in->kept_count < MOST_KEPT) {
        *place = (KeptPlace){(uint32_t)(kept_hash(key, max_insns, passes_stop) >> 32) | 1,
                             (uint32_t)((uint64_t *)*out - in->file)};
        in->kept_count++;
    }
    return MACHINE_RUNNING;
}

/* The block at pc, at most so many instructions of it, lifted now unless it is there. A run that
 * ends inside a block, or goes on over a stop, has a block of its own for that. */
static MachineStop find_block(Inner *in, size_t max_insns, Block **out) {
    uint64_t key = machine_key(in);
    bool passes_stop =
        in->is_at_stop && (in->m.pc == in->stopped_pc || machine_stop_at(in, in->m.pc));
    if (passes_stop)
        max_insns = 1;
    in->is_at_stop = false;
    BlockPlace *place = block_place(in, key, max_insns, passes_stop);
    if (place->key == key && place->version == in->version && place->max_insns == max_insns &&
        place->passes_stop == passes_stop) {
        *out = place->block;
        return MACHINE_RUNNING;
    }
    if (in->use.steps >= MACHINE_OPS || in->use.insns >= MACHINE_OPS)
        forget_blocks(in);
    MachineStop stop = get_block(in, max_insns, passes_stop, out);
    *place = (BlockPlace){.key = key,
                          .max_insns = (uint32_t)max_insns,
                          .passes_stop = passes_stop,
                          .version = stop ? 0 : in->version,
                          .block = *out};
    if (!stop) {
        in->use.steps += (*out)->op_count + !(*out)->is_stop;
        in->use.insns += (*out)->insn_count + (size_t)1;
    }
    return stop;
}

/* What a block that wrote to lifted code was cut by stays whole for other runs. */
static void mend_block(Inner *in) {
    if (!in->cut)
        return;
    *in->cut = in->cut_was;
    in->running->insn_count = in->cut_insns;
    in->cut = NULL;
}

/* Nothing is done. */
static MachineStop reach_stop(Inner *in, const Block *block) {
    in->steps_left += block->insn_count;
    in->m.stop = block->stop;
    in->stopped_pc = in->m.pc;
    return MACHINE_STOPPED;
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
        block_start(in, block);
        stop = block->is_stop ? reach_stop(in, block) : block_run(in, block->steps);
        mend_block(in);
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
    forget_kept(in);
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
