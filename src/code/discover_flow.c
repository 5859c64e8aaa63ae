/* SPDX-License-Identifier: Apache-2.0
 * discover_flow.c: follows code from every root, one straight run at a time, on a work list. */
#include "code/discover.h"

/* Instructions before an indirect jump that its table is looked for in. */
enum { RING = 32 };

typedef struct Run {
    Discover *d;
    Area *area;
    const Work *work;
    uint32_t owner;
    uint32_t ring_count;
    uint64_t ring[RING];
    Known known; /* only where d->tracks */
} Run;

void flow_add(Discover *d, uint64_t va, uint32_t owner) {
    Work *w = VEC_ADD(d->arena, &d->work);
    if (w)
        *w = (Work){.va = va, .owner = owner};
}

static void flow_branch(Discover *d, uint64_t va, uint32_t owner, uint64_t from) {
    Work *w = VEC_ADD(d->arena, &d->work);
    if (w)
        *w = (Work){.va = va, .owner = owner, .from = from};
}

static void flow_go_on(Discover *d, uint64_t va, uint32_t owner) {
    Work *w = VEC_ADD(d->arena, &d->work);
    if (w)
        *w = (Work){.va = va, .owner = owner, .goes_on = true};
}

static void wait_add(Discover *d, uint32_t callee, uint64_t va, uint32_t owner) {
    Waiting *w = VEC_ADD(d->arena, &d->waiting);
    if (!w)
        return;
    *w = (Waiting){va, owner, d->roots.at[callee].waiting};
    d->roots.at[callee].waiting = (uint32_t)d->waiting.count;
}

void root_returns(Discover *d, uint32_t root) {
    if (d->roots.at[root].flags & (ROOT_RETURNS | ROOT_NO_RETURN))
        return;
    d->roots.at[root].flags |= ROOT_RETURNS;
    size_t first = d->returning.count;
    uint32_t *slot = VEC_ADD(d->arena, &d->returning);
    if (slot)
        *slot = root;
    while (d->returning.count > first) {
        uint32_t r = d->returning.at[--d->returning.count];
        for (uint32_t i = d->roots.at[r].waiting; i != 0; i = d->waiting.at[i - 1].next) {
            Waiting w = d->waiting.at[i - 1];
            if (w.va != 0) {
                flow_go_on(d, w.va, w.owner);
                continue;
            }
            if (d->roots.at[w.owner].flags & (ROOT_RETURNS | ROOT_NO_RETURN))
                continue;
            d->roots.at[w.owner].flags |= ROOT_RETURNS;
            slot = VEC_ADD(d->arena, &d->returning);
            if (slot)
                *slot = w.owner;
        }
        d->roots.at[r].waiting = 0;
    }
}

/* The owner goes on in other, so it returns if other does. */
void root_depends(Discover *d, uint32_t owner, uint32_t other) {
    if (owner == other || (d->roots.at[owner].flags & (ROOT_RETURNS | ROOT_NO_RETURN)))
        return;
    if (d->roots.at[other].flags & ROOT_RETURNS)
        root_returns(d, owner);
    else if (!(d->roots.at[other].flags & ROOT_NO_RETURN))
        wait_add(d, other, 0, owner);
}

static void run_broken(Run *run) {
    run->d->roots.at[run->owner].flags |= ROOT_BROKEN;
    root_returns(run->d, run->owner);
}

/* A jump to `target`: inside, to another function, or not known yet. */
static void run_jump(Run *run, const Insn *in) {
    Discover *d = run->d;
    uint64_t from = in->va, target = in->target;
    bool conditional = in->flow == FLOW_BRANCH, changes_mode = in->is_thumb != in->goes_to_thumb;
    mode_set(d, target, in->goes_to_thumb);
    Area *a = area_find(d, target);
    if (!a) {
        run_broken(run);
        return;
    }
    uint32_t root = map_is_root(a->map[target - a->va]) ? root_find(d, target) : NO_ROOT;
    if (root != NO_ROOT) {
        root_depends(d, run->owner, root);
        return;
    }
    /* Nothing of one function is in two modes, but for stubs that begin with `bx pc`. */
    if (changes_mode && target - from > 8) {
        root = root_add(d, target, FROM_TAIL_CALL);
        if (root != NO_ROOT)
            root_depends(d, run->owner, root);
        return;
    }
    uint32_t own = d->roots.at[run->owner].range;
    uint32_t other = d->has_ranges ? range_find(d, target) : 0;
    if (own != 0 && other == 0) {
        root = root_add(d, target, FROM_TAIL_CALL);
        if (root != NO_ROOT) {
            root_depends(d, run->owner, root);
            return;
        }
    }
    flow_branch(d, target, run->owner, from);
    if (own != 0 || other != 0)
        return;
    Edge *e = VEC_ADD(d->arena, &d->edges);
    if (e)
        *e = (Edge){from, target, run->owner, conditional};
}

static uint32_t slot_import(const Discover *d, uint64_t slot_va) {
    const uint64_t *at = slot_va ? map_find(&d->slot_import, slot_va) : NULL;
    return at ? (uint32_t)*at : 0;
}

/* Compilers put nothing behind a call that never returns: then the next function begins, behind
 * int3 (MSVC) or behind the nops that align it. */
static bool ends_behind_call(const Run *run, const Insn *in) {
    const Discover *d = run->d;
    const Area *a = run->area;
    size_t off = in->va + in->length - a->va;
    const Isa *isa = isa_at(d, a, off < a->size ? off : a->size - 1);
    if (a->size - off < isa->align || isa->is_stopper(a->bytes + off))
        return true;
    size_t limit = a->size - off < 32 ? a->size - off : 32;
    size_t filler = filler_at(d, a, off, limit);
    if (filler == 0 || filler == limit || ((a->va + off + filler) & 15) != 0)
        return false;
    off += filler;
    return prologue_at(d, a, off) >= 6;
}

/* True when what follows the call is reached now. */
static bool run_call(Run *run, const Insn *in) {
    Discover *d = run->d;
    bool ends = ends_behind_call(run, in);
    if (in->flow == FLOW_CALL_INDIRECT) {
        uint32_t import = slot_import(d, in->mem_va);
        return !ends &&
               (import == 0 || !import_is_no_return(d->image->imports.at[import - 1].name));
    }
    mode_set(d, in->target, in->goes_to_thumb);
    uint32_t callee = root_add(d, in->target, FROM_CALL);
    if (ends)
        return false;
    if (callee == NO_ROOT)
        return true;
    const Root *r = &d->roots.at[callee];
    if (r->flags & ROOT_NO_RETURN)
        return false;
    if (r->flags & ROOT_RETURNS)
        return true;
    wait_add(d, callee, in->va + in->length, run->owner);
    return false;
}

static void run_jump_indirect(Run *run, const Insn *in) {
    Discover *d = run->d;
    uint32_t import = slot_import(d, in->mem_va);
    if (import != 0) {
        if (d->roots.at[run->owner].import == import)
            return; /* a stub: decided when it was declared */
        if (in->va == d->roots.at[run->owner].va)
            d->roots.at[run->owner].import = import;
        if (!import_is_no_return(d->image->imports.at[import - 1].name))
            root_returns(d, run->owner);
        return;
    }
    if (d->roots.at[run->owner].import != 0 && d->roots.at[run->owner].source == FROM_SYMBOL)
        return;            /* a stub whose slot is reached through a register */
    if (in->mem_va != 0) { /* through one variable: a tail call */
        root_returns(d, run->owner);
        return;
    }
    uint64_t heads[RING];
    size_t count = run->ring_count < RING ? run->ring_count : RING;
    for (size_t i = 0; i < count; i++)
        heads[i] = run->ring[(run->ring_count - count + i) % RING];
    if (!table_resolve(d, heads, count, run->work))
        root_returns(d, run->owner);
}

/* Whether the loader adjusts a word inside [va, va + size): binary search, relocs are sorted. */
static bool has_reloc(const Discover *d, uint64_t va, unsigned size) {
    const Image *image = d->image;
    size_t low = 0, high = image->relocs.count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (image->relocs.at[mid].va < va)
            low = mid + 1;
        else
            high = mid;
    }
    return low < image->relocs.count && image->relocs.at[low].va - va < size;
}

/* An absolute address in an instruction: in files that are linked to any address a number that the
 * loader does not adjust is only a number. */
static bool is_absolute(const Discover *d, uint64_t to, uint64_t field_va, unsigned size) {
    if (!in_image(d, to))
        return false;
    if (d->image->relocs.count > 0 && d->image->format == FORMAT_PE)
        return has_reloc(d, field_va, size);
    return d->image->format != FORMAT_ELF || !d->image->is_position_independent ||
           has_reloc(d, field_va, size);
}

bool is_got_add(const Discover *d, const Insn *in) {
    /* From the place behind the call to the addition: nothing, pop, or a few scheduled
     * instructions. */
    enum { BETWEEN = 16 };
    return d->got != 0 && in->imm_size == 4 &&
           ((in->va + in->imm - d->got) & 0xffffffff) <= BETWEEN;
}

uint64_t got_ref(const Discover *d, const Insn *in, const uint8_t *at) {
    if (d->got == 0 || in->disp_size != 4 || in->disp_off < 2 || in->mem_va != 0)
        return 0;
    uint8_t modrm = at[in->disp_off - 1];
    if (modrm >> 6 != 2 || (modrm & 7) == 4)
        return 0;
    uint64_t to = (d->got + bytes_u32_at((Bytes){at, in->length}, in->disp_off)) & 0xffffffff;
    return in_image(d, to) ? to : 0;
}

size_t refs_of(const Discover *d, const Insn *in, const uint8_t *at, uint64_t *out) {
    size_t kept = 0;
    bool is_inside =
        d->has_modes ? image_find_segment(d->image, in->mem_va) != NULL : in_image(d, in->mem_va);
    if (in->mem_va != 0 && is_inside &&
        (d->isa->is_64 || d->tracks ||
         is_absolute(d, in->mem_va, in->va + in->disp_off, in->disp_size)))
        out[kept++] = in->mem_va;
    if (in->has_imm && in->imm_size >= 4) {
        uint64_t imm = d->isa->is_64 ? in->imm : in->imm & 0xffffffff;
        if (is_absolute(d, imm, in->va + in->imm_off, in->imm_size))
            out[kept++] = imm;
        else if (is_got_add(d, in))
            out[kept++] = d->got;
    }
    if (in->literal_size == (d->isa->is_64 ? 8 : 4)) {
        uint64_t word = image_word_at(d->image, in->mem_va);
        if (is_absolute(d, word, in->mem_va, in->literal_size))
            out[kept++] = word;
    }
    if (in->disp_size == 4 && in->mem_va == 0) {
        int32_t disp = (int32_t)bytes_u32_at((Bytes){at, in->length}, in->disp_off);
        uint64_t to = d->isa->is_64 ? (uint64_t)(int64_t)disp : (uint32_t)disp;
        if (is_absolute(d, to, in->va + in->disp_off, 4))
            out[kept++] = to;
    }
    return kept;
}

/* Notes the code addresses that an instruction mentions; true when any address of the image is. */
static bool run_refs(Run *run, const Insn *in, const uint8_t *at) {
    Discover *d = run->d;
    uint64_t found[3];
    size_t count = refs_of(d, in, at, found);
    for (size_t i = 0; i < count; i++) {
        /* Thumb functions have bit 0; without it, it is a label or a literal. */
        if (!area_find(d, found[i]) || (in->is_thumb && !(found[i] & 1)))
            continue;
        uint64_t *slot = VEC_ADD(d->arena, &d->code_refs);
        if (slot)
            *slot = found[i];
    }
    uint64_t got = got_ref(d, in, at);
    if (got != 0 && at[0] == 0x8d && area_find(d, got)) { /* lea reg,[ebx+disp32] */
        uint64_t *slot = VEC_ADD(d->arena, &d->code_refs);
        if (slot)
            *slot = got;
    }
    return count > 0 || got != 0;
}

/* What an instruction that leaves the straight line does; true when the line goes on. */
static bool run_flow(Run *run, const Insn *in) {
    Discover *d = run->d;
    switch (in->flow) {
    case FLOW_JUMP:
        run_jump(run, in);
        return false;
    case FLOW_BRANCH:
        run_jump(run, in);
        return true;
    case FLOW_CALL:
    case FLOW_CALL_INDIRECT:
        return run_call(run, in) || in->is_conditional;
    case FLOW_JUMP_INDIRECT:
        run_jump_indirect(run, in);
        return in->is_conditional;
    case FLOW_RETURN:
        root_returns(d, run->owner);
        return in->is_conditional;
    case FLOW_STOP:
        return false;
    case FLOW_NEXT:
    case FLOW_SYSCALL:
        break;
    }
    return true;
}

/* Marks an instruction; false when it covers the start of a table. */
static void run_claim(Run *run, const Insn *in, size_t off, uint8_t extra) {
    Area *a = run->area;
    uint8_t root = a->map[off] == MAP_PENDING ? MAP_ROOT : 0;
    mode_set(run->d, in->va, in->is_thumb); /* a guess until now, perhaps */
    a->map[off] = (uint8_t)((a->map[off] & MAP_LEADER) | root | extra | in->length);
    for (size_t i = 1; i < in->length; i++)
        if (a->map[off + i] == 0)
            a->map[off + i] = MAP_BODY;
    uint32_t *owner = &a->owner[off >> OWNER_SHIFT];
    if (*owner == 0)
        *owner = run->owner + 1;
}

/* Joins code that was explored before. */
static void run_join(Run *run, size_t off, bool leader) {
    if (leader)
        run->area->map[off] |= MAP_LEADER;
    uint32_t owner = run->area->owner[off >> OWNER_SHIFT];
    if (owner != 0)
        root_depends(run->d, run->owner, owner - 1);
}

static bool is_pending_root(const Run *run, size_t off) {
    return run->area->map[off] == MAP_PENDING;
}

/* Decodes and claims one instruction; false when the run ends here. */
static bool run_step(Run *run, size_t *off, bool leader, bool *branched) {
    Discover *d = run->d;
    Area *a = run->area;
    Insn in;
    uint64_t va = a->va + *off;
    Bytes b = bytes_clip((Bytes){a->bytes, a->size}, *off, 15);
    if (a->map[*off] == MAP_DATA || !insn_at(d, a, *off, &in)) {
        if (va == d->roots.at[run->owner].va)
            d->roots.at[run->owner].flags |= ROOT_BAD;
        run_broken(run);
        return false;
    }
    run->ring[run->ring_count++ % RING] = va;
    if (d->tracks)
        decode_track(d->decoder, &run->known, a->bytes + *off, &in);
    bool refs = run_refs(run, &in, b.at);
    bool flows = in.flow != FLOW_NEXT && in.flow != FLOW_SYSCALL;
    if (in.flow == FLOW_CALL && in.target == va + in.length)
        flows = false; /* call $+5: pushes its own address */
    if (in.flow == FLOW_STOP && isa_at(d, a, *off)->is_debug_break(a, *off, &in))
        flows = false;
    run_claim(run, &in, *off,
              (uint8_t)((refs ? MAP_REF : 0) | (flows ? MAP_FLOW : 0) | (leader ? MAP_LEADER : 0)));
    if (in.literal_size != 0)
        data_mark(d, in.mem_va, in.literal_size);
    if (in.flow == FLOW_CALL && d->isa->note_call)
        d->isa->note_call(d, &in);
    *off += in.length;
    *branched = in.flow == FLOW_BRANCH || in.is_conditional;
    bool goes_on = !flows || run_flow(run, &in);
    if (goes_on || in.flow == FLOW_CALL || in.flow == FLOW_CALL_INDIRECT)
        mode_after(a, &in);
    return goes_on;
}

/* Instructions of the straight line before the branch that comes here, and the branch, for a table
 * whose bound was tested there. */
static void ring_look_back(Run *run) {
    enum { LOOK = RING / 2 };
    const Area *a = area_find(run->d, run->work->from);
    uint64_t found[LOOK];
    size_t count = 0, off = a ? run->work->from - a->va : 0;
    size_t step = a ? isa_at(run->d, a, off)->align : 1;
    while (a && count < LOOK && (a->map[off] & MAP_LENGTH)) {
        found[count++] = a->va + off;
        size_t back = step;
        while (back < off && back < MAP_LENGTH && (a->map[off - back] & MAP_LENGTH) != back)
            back += step;
        if (back >= off || back >= MAP_LENGTH)
            break;
        off -= back;
    }
    while (count > 0)
        run->ring[run->ring_count++ % RING] = found[--count];
}

static void flow_run(Discover *d, Work work) {
    Run run = {.d = d, .area = area_find(d, work.va), .work = &work, .owner = work.owner};
    Area *a = run.area;
    if (!a) {
        run_broken(&run);
        return;
    }
    if (work.from != 0 && d->isa->looks_back)
        ring_look_back(&run);
    /* What follows a call that turned out to return starts no block. */
    bool leader = !work.goes_on, first = true;
    for (size_t off = work.va - a->va;; first = false) {
        if (off >= a->size) {
            run_broken(&run);
            return;
        }
        if (a->map[off] & MAP_LENGTH) {
            run_join(&run, off, leader || !first);
            return;
        }
        if (!first && is_pending_root(&run, off)) {
            root_depends(d, run.owner, root_find(d, a->va + off));
            return;
        }
        if (!run_step(&run, &off, leader, &leader))
            return;
    }
}

void flow_drain(Discover *d) {
    while (d->work.count > 0) {
        if (discover_is_late(d)) {
            d->work.count = 0;
            return;
        }
        flow_run(d, d->work.at[--d->work.count]);
    }
}
