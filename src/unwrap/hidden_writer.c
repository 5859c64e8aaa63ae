/* SPDX-License-Identifier: Apache-2.0
 * hidden_writer.c: what the instruction that wrote a character stored: a number that stands in the
 * instructions before it, what they loaded, or what they computed. The block is lifted up to the
 * instruction and the stored value is followed back. */
#include <string.h>

#include "unwrap/budget.h"
#include "unwrap/hidden_inner.h"

enum {
    MOST_OPS = 4096, /* that are looked back through: some 500 instructions (guess) */
    MOST_DEPTH = 16,
    /* Operations looked at for one writer: `add x, x` again and again doubles the ways back. */
    MOST_WORK = 1 << 16
};

typedef struct Slice {
    IrOp ops[MOST_OPS + IR_MAX_OPS];
    size_t count, insn; /* insn: first operation of the instruction */
    size_t work;
} Slice;

/* Of a value that depends on both. */
static HiddenSource join(HiddenSource a, HiddenSource b) {
    if (a == b)
        return a;
    if (a == SOURCE_CONSTANT || b == SOURCE_CONSTANT)
        return a == SOURCE_CONSTANT ? b : a;
    return SOURCE_COMPUTED;
}

static HiddenSource source_of(Slice *s, size_t end, uint16_t slot, unsigned depth);

static HiddenSource source_of_input(Slice *s, size_t at, uint16_t slot, unsigned depth) {
    if (slot == SLOT_NONE)
        return SOURCE_CONSTANT;
    if (slot == SLOT_IMM)
        return s->ops[at].flags & IR_ADDRESS ? SOURCE_ADDRESS : SOURCE_CONSTANT;
    return source_of(s, at, slot, depth + 1);
}

static bool is_move(const IrOp *op) {
    return op->kind == IR_MOVE || op->kind == IR_SEXT || op->kind == IR_EXTRACT ||
           op->kind == IR_INSERT;
}

/* Of the slot as it was before operation `end`. */
static HiddenSource source_of(Slice *s, size_t end, uint16_t slot, unsigned depth) {
    size_t at = end;
    while (at > 0 && s->ops[at - 1].out != slot)
        at--;
    s->work += end - at + 1;
    if (at == 0 || depth > MOST_DEPTH || s->work > MOST_WORK)
        return SOURCE_UNKNOWN;
    const IrOp *op = &s->ops[--at];
    if (op->kind == IR_LOAD)
        return SOURCE_LOADED;
    if (op->kind == IR_INSERT) { /* what stays of `a` is mostly older */
        HiddenSource b = source_of_input(s, at, op->b, depth);
        HiddenSource a = source_of_input(s, at, op->a, depth);
        return a == SOURCE_UNKNOWN ? b : join(a, b);
    }
    if ((op->kind == IR_XOR || op->kind == IR_SUB) && op->a == op->b)
        return SOURCE_CONSTANT;
    HiddenSource all = SOURCE_CONSTANT;
    const uint16_t inputs[] = {op->a, op->b, op->c};
    for (unsigned i = 0; i < 3; i++)
        all = join(all, source_of_input(s, at, inputs[i], depth));
    return is_move(op) || all == SOURCE_CONSTANT || all == SOURCE_UNKNOWN ? all : SOURCE_COMPUTED;
}

static const Block *block_of(const Hunt *h, const Function *f, uint64_t va) {
    for (uint32_t i = 0; f && i < f->block_count; i++) {
        const Block *block = &h->code->blocks.at[f->first_block + i];
        if (va - block->va < block->size)
            return block;
    }
    return NULL;
}

/* The block up to the instruction at va and this. False: there is none there. */
static bool lift_up_to(Hunt *h, const Block *block, uint64_t va, Slice *s) {
    Bytes b = image_bytes_at(h->image, block->va);
    s->count = s->work = 0;
    for (uint64_t off = 0; off < block->size && h->steps;) {
        unsigned length = 0;
        if (s->count > MOST_OPS) {
            memmove(s->ops, s->ops + MOST_OPS / 2, (s->count - MOST_OPS / 2) * sizeof *s->ops);
            s->count -= MOST_OPS / 2;
        }
        s->insn = s->count;
        hidden_pay_beside(h, BUDGET_LIFT_STEPS);
        s->count += lift_insn(h->lifter, bytes_clip(b, off, b.size),
                              (block->va + off) | block->is_thumb, s->ops + s->count, &length);
        if (length == 0)
            return false;
        if (block->va + off == va)
            return true;
        off += length;
    }
    return false;
}

static uint64_t writer_va(const Hunt *h, uint32_t writer) {
    return h->image->base + (uint32_t)(writer - (uint32_t)h->image->base);
}

uint64_t hidden_block_of(Hunt *h, uint32_t writer) {
    uint64_t va = writer_va(h, writer);
    const uint64_t *known = map_find(&h->writer_blocks, va);
    if (known)
        return *known;
    const Block *block = block_of(h, code_find_covering(h->code, va), va);
    uint64_t block_va = block ? block->va : 0;
    map_put(&h->writer_blocks, va, block_va);
    return block_va;
}

static HiddenSource find_source(Hunt *h, uint64_t va) {
    const Block *block = block_of(h, code_find_covering(h->code, va), va);
    Slice *s = ARENA_NEW(h->scratch, Slice);
    HiddenSource all = SOURCE_CONSTANT;
    bool stores = false;
    const Segment *segment = image_find_segment(h->image, va);
    if (!block && segment && !(segment->perms & PERM_X))
        return SOURCE_ASTRAY;
    if (!block || !lift_up_to(h, block, va, s))
        return SOURCE_UNKNOWN;
    for (size_t i = s->insn; i < s->count; i++) {
        if (s->ops[i].kind != IR_STORE)
            continue;
        stores = true;
        all = join(all, source_of_input(s, i, s->ops[i].b, 0));
    }
    hidden_pay_beside(h, s->work);
    return stores ? all : SOURCE_UNKNOWN;
}

const Function *hidden_function_of(const Hunt *h, uint32_t writer) {
    return code_find_covering(h->code, writer_va(h, writer));
}

HiddenSource hidden_source_of(Hunt *h, uint32_t writer) {
    if (writer == 0)
        return SOURCE_OUTSIDE;
    uint64_t va = writer_va(h, writer);
    const uint64_t *known = map_find(&h->sources, va);
    if (known)
        return (HiddenSource)*known;
    ArenaMark mark = arena_mark(h->scratch);
    HiddenSource source = find_source(h, va);
    arena_reset(h->scratch, mark);
    map_put(&h->sources, va, source);
    return source;
}
