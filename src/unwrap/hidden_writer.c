/* SPDX-License-Identifier: Apache-2.0
 * hidden_writer.c: what the instruction that wrote a character stored: a number that stands in the
 * instructions before it, what they loaded, or what they computed. The block is lifted up to the
 * instruction, with those before it as long as only one way leads there, and the stored value is
 * followed back. */
#include <string.h>

#include "unwrap/budget.h"
#include "unwrap/hidden_inner.h"

enum {
    MOST_OPS = 4096, /* that are looked back through: some 500 instructions (guess) */
    MOST_DEPTH = 16,
    MOST_BLOCKS = 4, /* before the instruction's own (guess) */
    /* Operations looked at for one writer: `add x, x` again and again doubles the ways back. */
    MOST_WORK = 1 << 16
};

typedef struct Slice {
    IrOp ops[MOST_OPS + IR_MAX_OPS];
    size_t count, insn; /* insn: first operation of the instruction */
    size_t work;
    bool is_cut; /* what stands before the operations is not all that could be there */
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
    s->is_cut |= depth > MOST_DEPTH || s->work > MOST_WORK;
    if (at == 0 || s->is_cut)
        return SOURCE_UNKNOWN;
    const IrOp *op = &s->ops[--at];
    if (op->kind == IR_LOAD)
        return SOURCE_LOADED;
    if (op->kind == IR_BSWAP)
        return source_of_input(s, at, op->a, depth) == SOURCE_LOADED ? SOURCE_SWAPPED
                                                                     : SOURCE_COMPUTED;
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

/* ---- Blocks ---- */

static bool is_prefix(const Hunt *h, uint8_t c) {
    static const char prefixes[] = "\x26\x2e\x36\x3e\x64\x65\x66\x67\xf2\xf3";
    return memchr(prefixes, c, sizeof prefixes - 1) || (h->image->bits == 64 && (c & 0xf0) == 0x40);
}

/* Instructions that copy from or to a port: the letters from l to o. */
static size_t port_copies(const Hunt *h, const Block *block) {
    Bytes b = bytes_clip(image_bytes_at(h->image, block->va), 0, block->size);
    size_t count = 0;
    Insn insn;
    for (size_t off = 0; off < b.size; off += insn.length) {
        if (!decode_flow(h->code->decoder, bytes_clip(b, off, b.size), block->va + off, &insn) ||
            insn.length == 0)
            break;
        size_t at = off;
        while (at + 1 < off + insn.length && is_prefix(h, b.at[at]))
            at++;
        count += (b.at[at] & 0xfc) == 0x6c;
    }
    return count;
}

/* Names that were taken for code: no program but a driver's copies from ports, and that not often.
 */
static bool is_of_letters(Hunt *h, const Function *f) {
    enum { LEAST = 3 /* guess */ };
    if (h->image->arch != ARCH_X86 && h->image->arch != ARCH_X64)
        return false;
    const uint64_t *known = map_find(&h->letters, f->va);
    if (known)
        return *known;
    size_t count = 0, bytes = 0;
    for (uint32_t i = 0; i < f->block_count && count < LEAST; i++) {
        count += port_copies(h, &h->code->blocks.at[f->first_block + i]);
        bytes += h->code->blocks.at[f->first_block + i].size;
    }
    hidden_pay_beside(h, bytes); /* a decoded byte for a step: 4 in 50 ns */
    map_put(&h->letters, f->va, count >= LEAST);
    return count >= LEAST;
}

static const Block *block_of(const Hunt *h, const Function *f, uint64_t va) {
    for (uint32_t i = 0; f && i < f->block_count; i++) {
        const Block *block = &h->code->blocks.at[f->first_block + i];
        if (va - block->va < block->size)
            return block;
    }
    return NULL;
}

/* The block up to the instruction at va and this, or all of it. False: va is not there. */
static bool lift_up_to(Hunt *h, const Block *block, uint64_t va, Slice *s) {
    Bytes b = image_bytes_at(h->image, block->va);
    for (uint64_t off = 0; off < block->size && h->steps;) {
        unsigned length = 0;
        if (s->count > MOST_OPS) {
            memmove(s->ops, s->ops + MOST_OPS / 2, (s->count - MOST_OPS / 2) * sizeof *s->ops);
            s->count -= MOST_OPS / 2;
            s->is_cut = true;
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

/* The only block that goes to this one, or NULL. */
static const Block *block_before(const Hunt *h, const Function *f, const Block *block) {
    const Code *code = h->code;
    const Block *blocks = code->blocks.at + f->first_block, *before = NULL;
    uint32_t index = (uint32_t)(block - blocks);
    for (uint32_t i = 0; i < f->block_count; i++)
        for (uint32_t k = 0; k < blocks[i].successor_count; k++) {
            if (code->successors.at[blocks[i].first_successor + k] != index)
                continue;
            if ((before && before != &blocks[i]) || index == 0)
                return NULL;
            before = &blocks[i];
        }
    return before;
}

/* The way to the instruction, as long as there is one only. is_whole: from the function's entry. */
static bool lift_way(Hunt *h, const Function *f, const Block *block, uint64_t va, Slice *s,
                     bool *is_whole) {
    const Block *way[MOST_BLOCKS + 1] = {block};
    size_t n = 1;
    s->count = s->work = 0;
    s->is_cut = false;
    while (n <= MOST_BLOCKS && (way[n] = block_before(h, f, way[n - 1])) != NULL)
        n++;
    *is_whole = way[n - 1] == h->code->blocks.at + f->first_block;
    while (n > 1)
        lift_up_to(h, way[--n], 0, s);
    return lift_up_to(h, block, va, s);
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

/* What the instruction at va of the block stored. */
static HiddenSource follow(Hunt *h, const Function *f, const Block *block, uint64_t va) {
    Slice *s = ARENA_NEW(h->scratch, Slice);
    HiddenSource all = SOURCE_CONSTANT;
    bool stores = false, is_whole = false;
    if (!lift_way(h, f, block, va, s, &is_whole))
        return SOURCE_UNKNOWN;
    for (size_t i = s->insn; i < s->count; i++) {
        if (s->ops[i].kind != IR_STORE)
            continue;
        stores = true;
        all = join(all, source_of_input(s, i, s->ops[i].b, 0));
    }
    hidden_pay_beside(h, s->work);
    if (!stores)
        return SOURCE_UNKNOWN;
    return all == SOURCE_UNKNOWN && is_whole && !s->is_cut ? SOURCE_CALLER : all;
}

static HiddenSource find_source(Hunt *h, uint64_t va) {
    const Function *f = code_find_covering(h->code, va);
    const Block *block = block_of(h, f, va);
    const Segment *segment = image_find_segment(h->image, va);
    /* Before all functions: headers. */
    bool is_data = segment && (!(segment->perms & PERM_X) || va < h->code->functions.at[0].va);
    if (!block)
        return is_data ? SOURCE_ASTRAY : SOURCE_UNKNOWN;
    if (is_of_letters(h, f))
        return SOURCE_ASTRAY;
    ArenaMark mark = arena_mark(h->scratch);
    HiddenSource source = follow(h, f, block, va);
    arena_reset(h->scratch, mark);
    return source;
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
    HiddenSource source = find_source(h, va);
    map_put(&h->sources, va, source);
    return source;
}
