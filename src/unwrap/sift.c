/* SPDX-License-Identifier: Apache-2.0 */
#include "unwrap/sift.h"

enum {
    MOST_BYTES = 32768, /* Larger functions are interpreters and parsers (guess). */
    LEAST_BYTES = 10,
    /* XORs and rotations of a transformation without a loop: one round of SHA-1 has 5, a whole
     * unrolled block of any cipher more than 100. */
    UNROLLED = 40,
    GENERATOR_INSNS = 40,
    GENERATOR_BYTES = 160,
    /* Few operations of a very short function are no density. */
    SHORT_INSNS = 16
};

/* What is counted: X(name). */
#define COUNTS(X)                                                                                  \
    X(xors)                                                                                        \
    X(rotations)                                                                                   \
    X(multiplies)                                                                                  \
    X(shifts) X(byte_stores) X(stores) X(sums) X(strings) X(signed_shifts) X(byte_loads) X(insns)

#define X(name) unsigned name;
typedef struct Count {
    COUNTS(X)
} Count;
#undef X

/* One instruction of x86 by its bytes: what it counts for. */
#define X(name) uint8_t name;
typedef struct KnownInsn {
    uint64_t bytes; /* those that its shape keeps */
    uint8_t shape;  /* + 1; 0: free */
    COUNTS(X)
} KnownInsn;
#undef X

/* How long instructions are and which of their first eight bytes tell what they count for: not
 * displacements and targets. */
typedef struct Shape {
    uint64_t mask;
    unsigned length;
} Shape;

/* Most instructions were seen before in the same sample, but for displacements: what they count for
 * does not depend on where they stand. What an instruction's bytes have before its displacement
 * says how long it is, so one that begins as a known one is that one. Room: with half of it a fifth
 * more of a 3 MB PE is lifted (84,315 instead of 70,285 of 356,235). */
enum {
    KNOWN_INSNS = 4096,
    KNOWN_STARTS = 4096,
    KNOWN_BYTES = 8,
    KNOWN_SHAPES = 32,
    START_BYTES = 3
};
struct SiftMemory {
    uint32_t starts[KNOWN_STARTS]; /* bit n: some known instruction that starts so has shape n */
    Shape shapes[KNOWN_SHAPES];
    unsigned shape_count;
    KnownInsn insns[KNOWN_INSNS];
};

SiftMemory *sift_memory_new(Arena *a, const Image *image) {
    return image->arch == ARCH_X86 || image->arch == ARCH_X64 ? ARENA_NEW(a, SiftMemory) : NULL;
}

static uint64_t byte_mask(unsigned off, unsigned size) {
    uint64_t mask = size >= KNOWN_BYTES ? UINT64_MAX : ((uint64_t)1 << 8 * size) - 1;
    return off < KNOWN_BYTES ? mask << 8 * off : 0;
}

static uint64_t spread(uint64_t word) { return word * UINT64_C(0x9e3779b97f4a7c15); }

static uint32_t *shapes_of(SiftMemory *m, uint64_t word) {
    return &m->starts[spread(word & byte_mask(0, START_BYTES)) >> 32 & (KNOWN_STARTS - 1)];
}

static KnownInsn *place_of(SiftMemory *m, uint64_t bytes, unsigned shape) {
    return &m->insns[spread(bytes + shape) >> 32 & (KNOWN_INSNS - 1)];
}

/* The instruction that the eight bytes of a word begin with, when it is known. */
static const KnownInsn *find_known(SiftMemory *m, uint64_t word) {
    for (uint32_t left = *shapes_of(m, word); left; left &= left - 1) {
        unsigned shape = (unsigned)__builtin_ctz(left);
        uint64_t bytes = word & m->shapes[shape].mask;
        const KnownInsn *known = place_of(m, bytes, shape);
        if (known->bytes == bytes && known->shape == shape + 1)
            return known;
    }
    return NULL;
}

/* The number of an instruction's shape; KNOWN_SHAPES: it has bytes that tell behind the first
 * eight, or one shape too many. */
static unsigned shape_of(SiftMemory *m, const Insn *in) {
    uint64_t mask = byte_mask(0, in->length) & ~byte_mask(in->disp_off, in->disp_size);
    bool is_relative = in->flow == FLOW_JUMP || in->flow == FLOW_BRANCH || in->flow == FLOW_CALL;
    if (is_relative)
        mask &= ~byte_mask(in->imm_off, in->imm_size);
    bool is_behind = in->imm_size > 0 && !is_relative && in->imm_off + in->imm_size > KNOWN_BYTES;
    if (is_behind || in->disp_off > KNOWN_BYTES)
        return KNOWN_SHAPES;
    for (unsigned i = 0; i < m->shape_count; i++)
        if (m->shapes[i].mask == mask && m->shapes[i].length == in->length)
            return i;
    if (m->shape_count == KNOWN_SHAPES)
        return KNOWN_SHAPES;
    m->shapes[m->shape_count] = (Shape){mask, in->length};
    return m->shape_count++;
}

/* All bits set, or a sign: those XORs are complements and comparisons. */
static bool is_telling_xor(const IrOp *op) {
    if (op->a == op->b || op->bits == 1)
        return false;
    if (op->b != SLOT_IMM && op->a != SLOT_IMM)
        return true;
    uint64_t imm = op->imm & ir_mask(op->bits);
    return imm != 0 && imm != ir_mask(op->bits) && imm != 1;
}

static void count_op(Count *c, const IrOp *op) {
    switch ((int)op->kind) {
    case IR_XOR:
        c->xors += is_telling_xor(op);
        break;
    case IR_ROL:
    case IR_ROR:
    case IR_CRC32:
    case IR_CRC32C:
    case IR_AESENC:
    case IR_AESDEC:
        c->rotations++;
        break;
    case IR_MUL:
        c->multiplies += (op->b != SLOT_IMM && op->a != SLOT_IMM) || op->imm > 10;
        break;
    case IR_SHL:
    case IR_SHR:
        c->shifts++;
        break;
    case IR_SAR:
        c->signed_shifts++;
        break;
    case IR_LOAD:
        c->byte_loads += op->bits == 8;
        break;
    case IR_STRING:
        c->strings++;
        break;
    case IR_STORE:
        c->byte_stores += op->bits == 8;
        c->stores++;
        break;
    case IR_ADD:
    case IR_SUB:
        c->sums += op->bits == 8;
        break;
    default:
        break;
    }
}

static void add_known(Count *c, const KnownInsn *k) {
#define X(name) c->name += k->name;
    COUNTS(X)
#undef X
}

static void remember(SiftMemory *m, uint64_t word, const Insn *in, const Count *c) {
    unsigned shape = shape_of(m, in);
    if (shape == KNOWN_SHAPES)
        return;
    uint64_t bytes = word & m->shapes[shape].mask;
    KnownInsn *k = place_of(m, bytes, shape);
    *k = (KnownInsn){.bytes = bytes, .shape = (uint8_t)(shape + 1)};
#define X(name) k->name = (uint8_t)c->name; /* an instruction has fewer than 256 operations */
    COUNTS(X)
#undef X
    *shapes_of(m, word) |= (uint32_t)1 << shape;
}

static Count sum_of(const Count *x, const Count *y) {
    return (Count){
#define X(name) .name = x->name + y->name,
        COUNTS(X)
#undef X
    };
}

/* False when the bytes do not decode. Of *in only the length is set without a memory. */
static bool count_insn(const SiftTools *tools, Bytes b, uint64_t va, Insn *in, Count *own) {
    unsigned length = 0;
    size_t n = 0;
    if (!tools->memory)
        n = lift_insn(tools->lifter, b, va, tools->ops, &length);
    else if (decode_full(tools->decoder, b, va, in))
        n = lift_decoded(tools->lifter, in, b, tools->ops, &length);
    in->length = (uint8_t)length;
    *own = (Count){.insns = 1};
    for (size_t i = 0; i < n; i++)
        count_op(own, &tools->ops[i]);
    return length > 0;
}

static void count_block(const Image *image, const Block *block, const SiftTools *tools, Count *c) {
    Bytes there = image_bytes_at(image, block->va), bytes = bytes_clip(there, 0, block->size);
    for (size_t off = 0; off < bytes.size;) {
        bool is_asked = tools->memory && bytes_has(there, off, KNOWN_BYTES);
        uint64_t word = is_asked ? bytes_u64_at(there, off) : 0;
        const KnownInsn *known = is_asked ? find_known(tools->memory, word) : NULL;
        unsigned length = known ? tools->memory->shapes[known->shape - 1].length : 0;
        if (known && length <= bytes.size - off) {
            add_known(c, known);
            off += length;
            continue;
        }
        Insn in;
        Count own;
        if (!count_insn(tools, bytes_clip(bytes, off, UINT64_MAX),
                        block->va + off + block->is_thumb, &in, &own))
            break;
        *c = sum_of(c, &own);
        if (is_asked)
            remember(tools->memory, word, &in, &own);
        off += in.length;
    }
}

/* For each block: the last block that jumps back to it, + 1. */
static uint32_t *loop_ends(const Code *code, const Function *f, Arena *scratch) {
    uint32_t *ends = ARENA_ARRAY(scratch, uint32_t, f->block_count + 1);
    for (uint32_t b = 0; b < f->block_count; b++) {
        const Block *block = &code->blocks.at[f->first_block + b];
        for (uint32_t k = 0; k < block->successor_count; k++) {
            uint32_t to = code->successors.at[block->first_successor + k];
            if (to <= b)
                ends[to] = b + 1;
        }
    }
    return ends;
}

/* Logarithm to base 2 in thousandths, straight between the powers. */
static int32_t log2_of(uint32_t x) {
    unsigned power = 31 - (unsigned)__builtin_clz(x);
    return (int32_t)(1000 * power + (uint32_t)((uint64_t)1000 * (x - (1u << power)) >> power));
}

/* Logistic regression of 479 routines of the tune fixtures (gcc and clang x86-64, MinGW x86; -O0,
 * -O2) against the candidates of eight real programs, rounded: of the routines .93 are among the
 * 320 that find.h takes from such a program, where the density of operations alone took .77 among
 * 384. Fitted on all but a quarter of the algorithms and programs it does as well on the rest. */
static int32_t likeness_of(const Count *c, uint32_t insns) {
    unsigned mixing = c->xors + c->rotations + c->multiplies;
    int64_t dense =
        4000 * (int64_t)mixing + 14000 * (int64_t)c->shifts + 18000 * (int64_t)c->byte_loads;
    return (int32_t)(dense / (c->insns + SHORT_INSNS)) +
           2500 * (c->byte_loads > 0 && c->byte_stores > 0) + 2500 * (mixing > 0) -
           1700 * log2_of(insns + SHORT_INSNS) / 1000;
}

/* x86: some byte of a short function may be the opcode of a multiplication (imul 69, 6b, 0f af; mul
 * f6, f7): most functions without a loop need not be lifted. */
static bool may_be_generator(const Image *image, const Function *f) {
    if (f->size >= GENERATOR_BYTES || f->instruction_count > GENERATOR_INSNS)
        return false;
    if (image->arch != ARCH_X86 && image->arch != ARCH_X64)
        return true;
    Bytes b = bytes_clip(image_bytes_at(image, f->va), 0, f->size);
    for (size_t i = 0; i < b.size; i++)
        if (b.at[i] == 0x69 || b.at[i] == 0x6b || b.at[i] == 0xaf || (b.at[i] & 0xfe) == 0xf6)
            return true;
    return false;
}

Sifted sift_function(const Image *image, const Code *code, const Function *f,
                     const SiftTools *tools, Arena *scratch) {
    Sifted s = {0};
    if (f->size < LEAST_BYTES || f->size > MOST_BYTES || f->import ||
        f->flags & (FUNCTION_THUNK | FUNCTION_STUB | FUNCTION_BROKEN))
        return s;
    bool has_loop = f->loop_count > 0 || f->flags & FUNCTION_LOOP;
    if (!has_loop && f->instruction_count < 2 * UNROLLED && !may_be_generator(image, f))
        return s;
    Count in_loops = {0}, others = {0};
    ArenaMark mark = arena_mark(scratch);
    const uint32_t *ends = loop_ends(code, f, scratch);
    for (uint32_t b = 0, end = 0; b < f->block_count; b++) {
        end = ends[b] > end ? ends[b] : end;
        count_block(image, &code->blocks.at[f->first_block + b], tools,
                    b < end ? &in_loops : &others);
    }
    arena_reset(scratch, mark);
    Count c = sum_of(&in_loops, &others);
    s.likeness = likeness_of(in_loops.insns ? &in_loops : &c, f->instruction_count);
    unsigned mixing = c.xors + c.rotations + c.multiplies;
    unsigned lesser = c.shifts + c.sums + c.byte_stores;
    s.strength = (4 * mixing + lesser) * 250 / (f->instruction_count + SHORT_INSNS);
    s.has_multiply = c.multiplies > 0;
    s.has_store = c.stores + c.strings > 0;
    s.has_byte_load = c.byte_loads + c.strings > 0;
    s.has_shift = c.shifts + c.signed_shifts + c.rotations + c.multiplies > 0;
    s.has_mixing = mixing > 0 || c.shifts > 1;
    s.is_candidate =
        has_loop ? (mixing > 0 && c.xors + c.rotations + c.shifts + c.sums + c.multiplies > 0) ||
                       c.byte_stores > 0 || c.shifts + (c.byte_loads > 0) > 1 || c.sums > 1
                 : mixing >= UNROLLED ||
                       (c.multiplies > 0 && c.stores > 0 && f->size < GENERATOR_BYTES &&
                        f->instruction_count <= GENERATOR_INSNS);
    return s;
}

/* ---- all of them ---- */

struct SiftAll {
    const Image *image;
    const Code *code;
    Portions *portions;
    Sifted *at; /* per function */
};

SiftAll *sift_all_new(Arena *a, const Image *image, const Code *code) {
    enum { PORTION = 16 }; /* as f_code.c's */
    SiftAll *all = ARENA_NEW(a, SiftAll);
    all->image = image;
    all->code = code;
    all->portions = portions_new(a, code->functions.count, PORTION);
    all->at = ARENA_ARRAY(a, Sifted, code->functions.count + 1);
    return all;
}

void sift_all_work(SiftAll *all, const SiftTools *tools, Arena *scratch) {
    for (size_t first, end; portions_take(all->portions, &first, &end);) {
        for (size_t i = first; i < end; i++)
            all->at[i] =
                sift_function(all->image, all->code, &all->code->functions.at[i], tools, scratch);
        portions_done(all->portions, end - first);
    }
}

void sift_all_give_up(SiftAll *all) { portions_give_up(all->portions); }

const Sifted *sift_all_wait(SiftAll *all) { return portions_wait(all->portions) ? all->at : NULL; }
