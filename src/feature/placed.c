/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/placed_state.h"

#include <string.h>

struct Placer {
    PlacedState *states; /* at each block's start */
    uint32_t *wanted;    /* the same, backwards */
    uint8_t *placed;     /* per instruction */
    ThreadUses *uses;
    uint32_t *order;        /* of blocks: one that leads to another first, but for loops */
    uint32_t *stack, *next; /* scratch of order: block, its next successor */
    bool *seen;
};

Placer *placer_new(Arena *a, uint32_t max_blocks, uint32_t max_insns) {
    Placer *p = ARENA_NEW(a, Placer);
    p->states = ARENA_UNSET(a, PlacedState, max_blocks + 1);
    p->wanted = ARENA_UNSET(a, uint32_t, max_blocks + 1);
    p->placed = ARENA_UNSET(a, uint8_t, max_insns + 1);
    p->uses = ARENA_UNSET(a, ThreadUses, max_insns + 1);
    p->order = ARENA_UNSET(a, uint32_t, max_blocks + 1);
    p->stack = ARENA_UNSET(a, uint32_t, max_blocks + 1);
    p->next = ARENA_UNSET(a, uint32_t, max_blocks + 1);
    p->seen = ARENA_UNSET(a, bool, max_blocks + 1);
    return p;
}

static void meet_known(Known *to, const Known *from) {
    to->constant &= from->constant;
    to->page &= from->page;
    to->loaded &= from->loaded;
    uint32_t all = to->constant | to->loaded;
    for (unsigned r = 0; r < 32 && all >> r != 0; r++)
        if ((all >> r & 1) && to->value[r] != from->value[r]) {
            to->constant &= ~(1u << r);
            to->page &= ~(1u << r);
            to->loaded &= ~(1u << r);
        }
}

static bool is_same_slot(const StackSlot *a, const StackSlot *b) {
    return a->off == b->off && a->is_used == b->is_used && a->by_frame == b->by_frame &&
           a->page == b->page;
}

static void meet(PlacedState *to, const PlacedState *from) {
    if (!to->is_reached) {
        *to = *from;
        to->is_reached = true;
        return;
    }
    meet_known(&to->known, &from->known);
    to->thread &= from->thread;
    to->thread_page &= from->thread_page;
    to->fetched &= from->fetched;
    if (to->popped_va != from->popped_va)
        to->popped_va = 0;
    for (unsigned i = 0; i < STACK_SLOTS; i++)
        if (to->depth != from->depth || !is_same_slot(&to->slots[i], &from->slots[i]))
            to->slots[i] = (StackSlot){0};
}

/* Successors of a block that are among those looked at. */
static const uint32_t *successors_of(const FunctionView *v, uint32_t b, uint32_t *count) {
    const Block *block = &v->code->blocks.at[v->function->first_block + b];
    *count = block->successor_count;
    return v->code->successors.at + block->first_successor;
}

/* What a call does not return is read behind it only where it is known to be kept. */
static void keep_over_call(Known *k, const Known *before) {
    enum { RETURNED = 0xf, LINKS = 1 << 14 | 1 << 30 };
    uint32_t kept = ~(uint32_t)(RETURNED | LINKS);
    k->constant |= before->constant & kept;
    k->page |= before->page & kept;
    k->loaded |= before->loaded & kept;
}

static ThreadUses step(const FunctionView *v, PlacedState *s, const PlacedPlace *at) {
    Insn *in = at->in;
    ThreadUses uses = 0;
    if (v->image->arch == ARCH_X86 || v->image->arch == ARCH_X64)
        uses = placed_x86_step(s, at);
    if (!decode_has_track(v->tables->decoder))
        return uses;
    Bytes bytes = image_bytes_at(v->image, in->va);
    if (bytes.size < in->length)
        return uses;
    Known before;
    bool is_call = in->flow == FLOW_CALL || in->flow == FLOW_CALL_INDIRECT;
    if (is_call)
        before = s->known;
    decode_track(v->tables->decoder, &s->known, bytes.at, in);
    if (is_call)
        keep_over_call(&s->known, &before);
    if (v->image->arch == ARCH_ARM64)
        uses = placed_arm64_step(s, at);
    return uses;
}

/* Blocks from root on that were not seen yet, in postorder, into out; returns how many. */
static uint32_t walk(Placer *p, const FunctionView *v, uint32_t root, uint32_t count,
                     uint32_t *out) {
    uint32_t depth = 1, done = 0;
    p->stack[0] = root;
    p->next[root] = 0;
    p->seen[root] = true;
    while (depth > 0) {
        uint32_t b = p->stack[depth - 1], successor_count;
        const uint32_t *to = successors_of(v, b, &successor_count);
        if (p->next[b] == successor_count) {
            out[done++] = b;
            depth--;
            continue;
        }
        uint32_t child = to[p->next[b]++];
        if (child >= count || p->seen[child])
            continue;
        p->seen[child] = true;
        p->next[child] = 0;
        p->stack[depth++] = child;
    }
    return done;
}

/* Reverse postorder from the entry block; then blocks that nothing known leads to, with theirs. */
static void put_in_order(Placer *p, const FunctionView *v, uint32_t count) {
    memset(p->seen, 0, count * sizeof *p->seen);
    uint32_t first = 0;
    for (uint32_t root = 0; root < count; root++) {
        uint32_t n = p->seen[root] ? 0 : walk(p, v, root, count, p->order + first);
        for (uint32_t i = 0; i < n / 2; i++) {
            uint32_t other = p->order[first + n - 1 - i];
            p->order[first + n - 1 - i] = p->order[first + i];
            p->order[first + i] = other;
        }
        first += n;
    }
}

/* Returns whether an offset from the thread pointer is in some register. */
static bool forwards(Placer *p, const FunctionView *v, Insn *insns, const InsnSpan *spans,
                     uint32_t count) {
    ThreadUses all = 0;
    for (uint32_t b = 0; b < count; b++)
        p->states[b].is_reached = p->seen[b] = false;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t b = p->order[k], successor_count;
        PlacedState now = {.is_reached = true};
        if (p->states[b].is_reached)
            now = p->states[b];
        p->seen[b] = true;
        for (uint32_t i = spans[b].first; i < spans[b].first + spans[b].count; i++) {
            p->uses[i] = step(v, &now, &(PlacedPlace){v, &insns[i], &p->placed[i]});
            all |= p->uses[i];
        }
        const uint32_t *to = successors_of(v, b, &successor_count);
        for (uint32_t n = 0; n < successor_count; n++)
            if (to[n] < count && !p->seen[to[n]])
                meet(&p->states[to[n]], &now);
    }
    return all != 0;
}

static void backwards(Placer *p, const FunctionView *v, Insn *insns, const InsnSpan *spans,
                      uint32_t count) {
    bool is_x86 = v->image->arch != ARCH_ARM64;
    memset(p->wanted, 0, count * sizeof *p->wanted);
    for (uint32_t k = count; k-- > 0;) {
        uint32_t b = p->order[k], successor_count, wanted = 0;
        const uint32_t *to = successors_of(v, b, &successor_count);
        for (uint32_t n = 0; n < successor_count; n++)
            if (to[n] < count)
                wanted |= p->wanted[to[n]];
        for (uint32_t i = spans[b].first + spans[b].count; i-- > spans[b].first;) {
            PlacedPlace at = {v, &insns[i], &p->placed[i]};
            wanted = is_x86 ? placed_x86_back(wanted, &at) : placed_arm64_back(wanted, &at);
            wanted |= p->uses[i];
        }
        p->wanted[b] = wanted;
    }
}

void placed_find(Placer *p, FunctionView *v, Insn *insns, const InsnSpan *spans,
                 uint32_t span_count) {
    v->placed = NULL;
    bool is_x86 = v->image->arch == ARCH_X86 || v->image->arch == ARCH_X64;
    if (is_x86 ? !placed_x86_is_worth(v) : !decode_has_track(v->tables->decoder))
        return;
    memset(p->placed, 0, v->insn_count);
    put_in_order(p, v, span_count);
    if (forwards(p, v, insns, spans, span_count))
        backwards(p, v, insns, spans, span_count);
    if (is_x86)
        v->placed = p->placed;
}
