/* SPDX-License-Identifier: Apache-2.0
 * graph.c: basic blocks, successors, calls and references of every root, walked over the map that
 * discovery left: only instructions that branch or mention an address are decoded again. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/discover.h"

typedef struct Link {
    uint32_t from; /* local block, in order of discovery */
    uint64_t to;
} Link;

/* Open addressing, keys are block addresses of the function at hand; an item with another stamp is
 * free, so that nothing needs clearing between functions. */
typedef struct SetItem {
    uint64_t key;
    uint32_t value, stamp;
} SetItem;
typedef struct Set {
    SetItem *at;
    size_t cap;
    uint32_t stamp;
} Set;

typedef struct Walk {
    Discover *d;
    Code *code;
    Arena *arena; /* results */
    uint32_t root, function;
    uint64_t budget; /* bytes that functions may still share */
    bool shared_only_own;
    uint8_t got_regs; /* registers that the function made the GOT's address in */
    Set set;
    bool is_cut;       /* the function has more blocks than that */
    size_t found;      /* blocks before those that overlap were left out */
    VEC(Block) blocks; /* of the function at hand; first_successor: order of discovery */
    VEC(Link) links;
    VEC(uint64_t) todo;
} Walk;

static size_t set_place(const Set *set, uint64_t key) {
    size_t i = (size_t)mix64(key) & (set->cap - 1);
    while (set->at[i].stamp == set->stamp && set->at[i].key != key)
        i = (i + 1) & (set->cap - 1);
    return i;
}

static void set_put(Walk *w, uint64_t key, uint32_t value) {
    if ((w->blocks.count + 1) * 2 > w->set.cap) {
        Set old = w->set;
        w->set.cap *= 2;
        w->set.at = ARENA_ARRAY(w->d->arena, SetItem, w->set.cap);
        for (size_t i = 0; i < old.cap; i++)
            if (old.at[i].stamp == old.stamp)
                w->set.at[set_place(&w->set, old.at[i].key)] = old.at[i];
    }
    w->set.at[set_place(&w->set, key)] = (SetItem){key, value, w->set.stamp};
}

/* Index of the block at va, or UINT32_MAX. */
static uint32_t set_get(const Walk *w, uint64_t va) {
    const SetItem *item = &w->set.at[set_place(&w->set, va)];
    return item->stamp == w->set.stamp ? item->value : UINT32_MAX;
}

static bool is_function(const Discover *d, uint32_t root) {
    return root != NO_ROOT && !(d->roots.at[root].flags & (ROOT_BAD | ROOT_FRAGMENT));
}

static Call *call_add(Walk *w, uint64_t site, uint64_t target, bool is_tail) {
    Call *call = VEC_ADD(w->arena, &w->code->calls);
    if (call)
        *call = (Call){.site_va = site, .target_va = target, .is_tail = is_tail};
    return call;
}

/* Control goes on at va: a block of ours, or another function (true). */
static bool walk_link(Walk *w, uint64_t va) {
    Discover *d = w->d;
    Area *a = area_find(d, va);
    if (!a || !(a->map[va - a->va] & MAP_LENGTH))
        return false;
    uint32_t root = map_is_root(a->map[va - a->va]) ? root_find(d, va) : NO_ROOT;
    if (root != w->root && is_function(d, root))
        return true;
    if (w->shared_only_own && a->owner[(va - a->va) >> OWNER_SHIFT] != w->root + 1)
        return false;
    Link *link = VEC_ADD(d->arena, &w->links);
    uint64_t *todo = VEC_ADD(d->arena, &w->todo);
    if (link && todo) {
        *link = (Link){(uint32_t)w->blocks.count - 1, va};
        *todo = va;
    }
    return false;
}

static void walk_table(Walk *w, uint64_t jump_va) {
    Discover *d = w->d;
    const uint64_t *at = map_find(&d->table_at, jump_va);
    const Table *table = at ? &d->tables.at[*at] : NULL;
    if (!table || table->target_count == 0) {
        call_add(w, jump_va, 0, true);
        return;
    }
    for (uint32_t i = 0; i < table->target_count; i++)
        if (walk_link(w, d->table_targets.at[table->first_target + i]))
            call_add(w, jump_va, d->table_targets.at[table->first_target + i], true);
}

static uint32_t import_at(const Discover *d, uint64_t slot_va) {
    const uint64_t *at = slot_va ? map_find(&d->slot_import, slot_va) : NULL;
    return at ? (uint32_t)*at : 0;
}

static bool import_returns(const Discover *d, uint32_t import) {
    return import == 0 || !import_is_no_return(d->image->imports.at[import - 1].name);
}

/* Records a call; true when control comes back. */
static bool walk_call(Walk *w, const Insn *in) {
    Discover *d = w->d;
    Call *call = call_add(w, in->va, in->flow == FLOW_CALL ? in->target : 0, false);
    if (in->flow == FLOW_CALL_INDIRECT) {
        uint32_t import = import_at(d, in->mem_va);
        if (call)
            call->import = import;
        return import_returns(d, import);
    }
    uint32_t callee = root_find(d, in->target);
    return callee == NO_ROOT || (d->roots.at[callee].flags & (ROOT_RETURNS | ROOT_BAD)) != 0;
}

/* What is done under a condition only may go on. */
static void walk_past(Walk *w, const Insn *in) {
    if (in->is_conditional)
        walk_link(w, in->va + in->length);
}

/* Links of the block's last instruction; true when the block goes on after it (calls). */
static bool walk_flow(Walk *w, const Insn *in) {
    uint32_t import = 0;
    switch (in->flow) {
    case FLOW_BRANCH:
        walk_link(w, in->va + in->length);
        if (walk_link(w, in->target))
            call_add(w, in->va, in->target, true);
        return false;
    case FLOW_JUMP:
        if (walk_link(w, in->target))
            call_add(w, in->va, in->target, true);
        return false;
    case FLOW_CALL:
    case FLOW_CALL_INDIRECT:
        return walk_call(w, in) || in->is_conditional;
    case FLOW_JUMP_INDIRECT:
        import = import_at(w->d, in->mem_va);
        if (import != 0) {
            Call *call = call_add(w, in->va, 0, true);
            if (call)
                call->import = import;
        } else {
            walk_table(w, in->va);
        }
        walk_past(w, in);
        return false;
    case FLOW_RETURN:
    case FLOW_STOP:
        walk_past(w, in);
        return false;
    case FLOW_NEXT:
    case FLOW_SYSCALL:
        break;
    }
    return true;
}

static void ref_add(Walk *w, uint64_t from, uint64_t to) {
    DataRef *ref = VEC_ADD(w->arena, &w->code->refs);
    if (ref)
        *ref = (DataRef){from, to, w->function};
}

static void walk_refs(Walk *w, const Insn *in, const uint8_t *at) {
    uint64_t found[3];
    Discover *d = w->d;
    size_t count = refs_of(d, in, at, found);
    for (size_t i = 0; i < count; i++) {
        ref_add(w, in->va, found[i]);
        /* add reg, imm makes the GOT's address: 05 for eax, 81 /0 for the others. */
        if (d->got != 0 && found[i] == d->got && (at[0] == 0x05 || at[0] == 0x81))
            w->got_regs |= (uint8_t)(1u << (at[0] == 0x05 ? 0 : at[1] & 7));
    }
    uint64_t got = w->got_regs ? got_ref(d, in, at) : 0;
    if (got != 0 && (w->got_regs >> (at[in->disp_off - 1] & 7) & 1))
        ref_add(w, in->va, got);
}

/* One block from `va` to its end. */
static void walk_block(Walk *w, uint64_t va) {
    Discover *d = w->d;
    Area *a = area_find(d, va);
    Block *block = VEC_ADD(d->arena, &w->blocks);
    if (!a || !block)
        return;
    uint32_t index = (uint32_t)w->blocks.count - 1;
    *block = (Block){.va = va,
                     .flow = FLOW_NEXT,
                     .is_thumb = mode_at(d, a, va - a->va),
                     .first_successor = index};
    set_put(w, va, index);
    size_t off = va - a->va, count = 0;
    uint8_t flow = FLOW_NEXT;
    for (;;) {
        uint8_t m = a->map[off];
        size_t length = m & MAP_LENGTH;
        count++;
        bool goes_on = true;
        if (m & (MAP_FLOW | MAP_REF)) {
            Insn in;
            CHECK(insn_at(d, a, off, &in));
            if ((m & MAP_REF) && !d->tracks)
                walk_refs(w, &in, a->bytes + off);
            if (m & MAP_FLOW) {
                flow = (uint8_t)in.flow;
                goes_on = walk_flow(w, &in);
            }
        }
        off += length;
        if (!goes_on)
            break;
        flow = FLOW_NEXT;
        if (off >= a->size || !(a->map[off] & MAP_LENGTH) ||
            mode_at(d, a, off) != w->blocks.at[index].is_thumb)
            break;
        if ((a->map[off] & MAP_LEADER) || count == UINT16_MAX) {
            a->map[off] |= MAP_LEADER;
            walk_link(w, a->va + off);
            break;
        }
    }
    block = &w->blocks.at[index];
    block->size = (uint32_t)(off - (va - a->va));
    block->instruction_count = (uint16_t)count;
    block->flow = flow;
}

static int block_order(const void *a, const void *b) {
    const Block *x = a, *y = b;
    return (x->va > y->va) - (x->va < y->va);
}

/* Blocks are found almost in order: each is moved to its place while that costs less than sorting.
 */
static void blocks_order(Block *b, size_t count) {
    enum { FEW = 24, MOVES = 4 }; /* MOVES for each block (guess) */
    size_t left = count > FEW ? MOVES * count : SIZE_MAX;
    for (size_t i = 1; i < count; i++) {
        Block block = b[i];
        size_t k = i;
        for (; k > 0 && left > 0 && b[k - 1].va > block.va; k--, left--)
            b[k] = b[k - 1];
        b[k] = block;
    }
    if (left == 0)
        qsort(b, count, sizeof *b, block_order);
}

static int call_order(const void *a, const void *b) {
    const Call *x = a, *y = b;
    if (x->site_va != y->site_va)
        return x->site_va < y->site_va ? -1 : 1;
    return (x->target_va > y->target_va) - (x->target_va < y->target_va);
}

static void calls_sort(Call *calls, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (call_order(&calls[i - 1], &calls[i]) > 0) {
            qsort(calls, count, sizeof *calls, call_order);
            return;
        }
}

/* Sorts the blocks, the entry first, and leaves out those that overlap an earlier one (a jump into
 * the middle of an instruction): the entry wins, then the lower address. */
static void blocks_sort(Walk *w) {
    Block *b = w->blocks.at;
    Block entry = b[0];
    blocks_order(b + 1, w->blocks.count - 1);
    size_t kept = 1;
    uint64_t end = 0;
    for (size_t i = 1; i < w->blocks.count; i++) {
        bool over_entry = b[i].va < entry.va + entry.size && entry.va < b[i].va + b[i].size;
        if (over_entry || b[i].va < end) {
            w->set.at[set_place(&w->set, b[i].va)].value = UINT32_MAX;
            continue;
        }
        end = b[i].va + b[i].size;
        w->set.at[set_place(&w->set, b[i].va)].value = (uint32_t)kept;
        b[kept++] = b[i];
    }
    w->blocks.count = kept;
    w->set.at[set_place(&w->set, entry.va)].value = 0;
}

/* Sorts links by block with one pass of counting; `first` gets the first link of each block. Within
 * a block they come in order of address. */
static Link *links_sort(Walk *w, uint32_t *first) {
    Link *sorted = ARENA_ARRAY(w->d->arena, Link, w->links.count + 1);
    for (size_t i = 0; i < w->links.count; i++)
        first[w->links.at[i].from + 2]++;
    for (size_t i = 0; i < w->found; i++)
        first[i + 2] += first[i + 1];
    for (size_t i = 0; i < w->links.count; i++) {
        Link link = w->links.at[i];
        uint32_t at = first[link.from + 1]++;
        for (; at > 0 && sorted[at - 1].from == link.from && sorted[at - 1].to > link.to; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = link;
    }
    return sorted;
}

/* Blocks and successors of the function into Code; successors without doubles, by address. */
static void blocks_store(Walk *w, Function *f) {
    Discover *d = w->d;
    Code *code = w->code;
    f->first_block = (uint32_t)code->blocks.count;
    uint32_t *first = ARENA_ARRAY(d->arena, uint32_t, w->found + 2);
    const Link *links = links_sort(w, first);
    for (size_t i = 0; i < w->blocks.count; i++) {
        Block *block = VEC_ADD(w->arena, &code->blocks);
        if (!block)
            break;
        *block = w->blocks.at[i];
        uint32_t found = block->first_successor;
        block->first_successor = (uint32_t)code->successors.count;
        for (uint32_t k = first[found]; k < first[found + 1]; k++) {
            if (k > first[found] && links[k].to == links[k - 1].to)
                continue;
            uint32_t to = set_get(w, links[k].to);
            uint32_t *slot = to != UINT32_MAX ? VEC_ADD(w->arena, &code->successors) : NULL;
            if (slot)
                *slot = to;
        }
        block->successor_count = (uint32_t)code->successors.count - block->first_successor;
        f->size += block->size;
        f->instruction_count += block->instruction_count;
    }
    f->block_count = (uint32_t)code->blocks.count - f->first_block;
}

/* A thunk only jumps on. */
static void thunk_find(Walk *w, Function *f) {
    const Code *code = w->code;
    const Block *block = &code->blocks.at[f->first_block];
    if (f->block_count != 1 || f->call_count != 1 ||
        block->instruction_count > w->d->isa->thunk_instructions)
        return;
    const Call *call = &code->calls.at[f->first_call];
    if (!call->is_tail || (block->flow != FLOW_JUMP && block->flow != FLOW_JUMP_INDIRECT))
        return;
    if (call->import != 0) {
        f->flags |= FUNCTION_THUNK | FUNCTION_STUB;
        f->import = call->import;
    } else if (call->target_va != 0) {
        f->flags |= FUNCTION_THUNK;
        f->target_va = call->target_va;
    }
}

static void call_resolve(Walk *w, const Function *f, const Insn *in) {
    uint32_t import = import_at(w->d, in->mem_va), low = 0, high = f->call_count;
    Call *calls = w->code->calls.at + f->first_call;
    while (import != 0 && low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (calls[mid].site_va < in->va)
            low = mid + 1;
        else
            high = mid;
    }
    if (import != 0 && low < f->call_count && calls[low].site_va == in->va)
        calls[low].import = import;
}

/* Where addresses are made in several instructions: all blocks once more in order of address, so
 * that a page that was set before a loop is known in it. (A path may come from elsewhere; compilers
 * rarely give a register another page in between.) */
static void track_function(Walk *w, const Function *f) {
    const Discover *d = w->d;
    Known known = {0};
    for (uint32_t i = 0; i < f->block_count; i++) {
        const Block *block = &w->code->blocks.at[f->first_block + i];
        const Area *a = area_find(w->d, block->va);
        Insn in;
        for (size_t off = block->va - a->va, end = off + block->size; off < end; off += in.length) {
            CHECK(insn_at(d, a, off, &in));
            decode_track(d->decoder, &known, a->bytes + off, &in);
            walk_refs(w, &in, a->bytes + off);
            if (in.flow == FLOW_CALL_INDIRECT || in.flow == FLOW_JUMP_INDIRECT)
                call_resolve(w, f, &in);
        }
    }
}

static void walk_todo(Walk *w) {
    while (w->todo.count > 0) {
        uint64_t va = w->todo.at[--w->todo.count];
        if (set_get(w, va) != UINT32_MAX)
            continue;
        if (w->blocks.count < MAX_FUNCTION_BLOCKS)
            walk_block(w, va);
        else
            w->is_cut = true;
    }
}

static void walk_function(Walk *w, Function *f, uint64_t next_va) {
    Discover *d = w->d;
    const Root *root = &d->roots.at[w->root];
    w->blocks.count = w->links.count = w->todo.count = 0;
    w->blocks.full = w->is_cut = false;
    w->set.stamp++;
    w->got_regs = 0;
    f->first_call = (uint32_t)w->code->calls.count;
    walk_block(w, root->va);
    walk_todo(w);
    for (uint32_t i = root->orphan; i != 0; i = d->orphans.at[i - 1].next) {
        uint64_t va = d->orphans.at[i - 1].va;
        const Area *a = area_find(d, va);
        if (a && (a->map[va - a->va] & MAP_LENGTH) && set_get(w, va) == UINT32_MAX)
            walk_block(w, va);
        walk_todo(w);
    }
    w->found = w->blocks.count;
    if (w->is_cut || w->blocks.full)
        notes_add(&d->s->notes, NOTE_FUNCTION_LIMIT, image_off_at(d->image, root->va));
    blocks_sort(w);
    ArenaMark mark = arena_mark(d->arena);
    blocks_store(w, f);
    f->call_count = (uint32_t)w->code->calls.count - f->first_call;
    if (f->call_count > 1)
        calls_sort(w->code->calls.at + f->first_call, f->call_count);
    if (d->tracks)
        track_function(w, f);
    if (f->block_count > 0)
        f->loop_count = loops_find(d->arena, w->code->blocks.at + f->first_block, f->block_count,
                                   w->code->successors.at);
    arena_reset(d->arena, mark);
    f->end = f->va;
    for (uint32_t i = 0; i < f->block_count; i++) {
        const Block *block = &w->code->blocks.at[f->first_block + i];
        if (block->va >= f->va && block->va < next_va && block->va + block->size > f->end)
            f->end = block->va + block->size;
    }
    f->flags |= f->loop_count > 0 ? FUNCTION_LOOP : 0;
    f->flags |= f->call_count == 0 ? FUNCTION_LEAF : 0;
    f->flags |= root->flags & (ROOT_RETURNS | ROOT_BAD) ? 0 : FUNCTION_NO_RETURN;
    f->flags |= root->flags & ROOT_BROKEN ? FUNCTION_BROKEN : 0;
    if (root->import != 0) {
        f->import = root->import;
        f->flags |= FUNCTION_STUB | FUNCTION_THUNK;
    }
    if (f->block_count > 0)
        thunk_find(w, f);
    if (f->block_count > 0 && w->code->blocks.at[f->first_block].is_thumb)
        f->flags |= FUNCTION_THUMB;
}

/* Stable radix sort by one 64-bit field: refs arrive almost sorted, and there are many. */
static void refs_radix(DataRef **from, DataRef **to, size_t count, bool by_to) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t start[257] = {0};
        for (size_t i = 0; i < count; i++) {
            uint64_t key = by_to ? (*from)[i].to_va : (*from)[i].from_va;
            start[((key >> shift) & 255) + 1]++;
        }
        uint64_t key0 = by_to ? (*from)[0].to_va : (*from)[0].from_va;
        if (start[((key0 >> shift) & 255) + 1] == count)
            continue;
        for (unsigned bin = 1; bin < 257; bin++)
            start[bin] += start[bin - 1];
        for (size_t i = 0; i < count; i++) {
            uint64_t key = by_to ? (*from)[i].to_va : (*from)[i].from_va;
            (*to)[start[(key >> shift) & 255]++] = (*from)[i];
        }
        DataRef *swap = *from;
        *from = *to;
        *to = swap;
    }
}

static void refs_sort(Arena *scratch, Code *code) {
    size_t count = code->refs.count;
    if (count < 2)
        return;
    ArenaMark mark = arena_mark(scratch);
    DataRef *from = code->refs.at, *to = ARENA_ARRAY(scratch, DataRef, count);
    refs_radix(&from, &to, count, false);
    refs_radix(&from, &to, count, true);
    if (from != code->refs.at)
        memcpy(code->refs.at, from, count * sizeof *from);
    arena_reset(scratch, mark);
}

/* Thunks of thunks: follow a few steps (a chain of more is made to waste time). */
static void imports_resolve(Code *code) {
    enum { CHAIN = 8 };
    for (size_t i = 0; i < code->functions.count; i++) {
        Function *f = &code->functions.at[i];
        const Function *g = f;
        for (int step = 0; step < CHAIN && g && g->import == 0 && g->target_va != 0; step++)
            g = code_find_function(code, g->target_va);
        if (g && g != f && g->import != 0)
            f->import = g->import;
    }
    for (size_t i = 0; i < code->calls.count; i++) {
        Call *call = &code->calls.at[i];
        const Function *g = call->target_va ? code_find_function(code, call->target_va) : NULL;
        if (!g)
            continue;
        call->callee = (uint32_t)(g - code->functions.at) + 1;
        if (call->import == 0)
            call->import = g->import;
    }
}

static void coverage_count(const Discover *d, Code *code) {
    for (size_t k = 0; k < d->area_count; k++) {
        const Area *a = &d->areas[k];
        code->bytes_executable += a->size;
        for (size_t off = 0; off < a->size;) {
            uint8_t m = a->map[off];
            if (map_is_used(m)) {
                size_t used = map_skip_used(a->map, off, a->size) - off;
                code->bytes_recovered += used;
                off += used;
                continue;
            }
            size_t end = off + 1;
            while (end < a->size && !map_is_used(a->map[end]))
                end++;
            code->bytes_padding += filler_at(d, a, off, end - off);
            off = end;
        }
    }
    code->bytes_recovered -= d->bytes_data;
    code->bytes_padding += d->bytes_data;
}

void graph_build(Discover *d, Code *code) {
    Walk w = {.d = d, .code = code, .arena = d->s->arena};
    w.blocks.max = MAX_FUNCTION_BLOCKS;
    w.links.max = w.todo.max = MAX_BLOCKS;
    w.set = (Set){ARENA_ARRAY(d->arena, SetItem, 256), 256, 0};
    coverage_count(d, code);
    /* Code that many functions share (one body, thousands of jumps into it) is given to each only
     * until twice the code is handed out (guess). */
    w.budget = code->bytes_recovered * 2 + 65536;
    uint64_t *order = ARENA_ARRAY(d->arena, uint64_t, d->roots.count + 1);
    size_t count = 0;
    for (uint32_t i = 0; i < d->roots.count; i++) {
        const Area *a = area_find(d, d->roots.at[i].va);
        if (is_function(d, i) && a && (a->map[d->roots.at[i].va - a->va] & MAP_LENGTH))
            order[count++] = d->roots.at[i].va;
    }
    sort_u64(d->arena, order, count);
    for (size_t i = 0; i < count && ((i & 255) != 0 || !discover_is_late(d)); i++) {
        Function *f = VEC_ADD(w.arena, &code->functions);
        if (!f)
            break;
        w.root = root_find(d, order[i]);
        w.function = (uint32_t)i;
        *f = (Function){
            .va = order[i], .source = d->roots.at[w.root].source, .name = d->roots.at[w.root].name};
        walk_function(&w, f, i + 1 < count ? order[i + 1] : UINT64_MAX);
        w.budget -= f->size < w.budget ? f->size : w.budget;
        w.shared_only_own = w.budget == 0;
    }
    refs_sort(d->arena, code);
    imports_resolve(code);
    if (code->functions.full || code->blocks.full || code->calls.full || code->refs.full)
        notes_add(&d->s->notes, NOTE_CODE_LIMIT, 0);
}
