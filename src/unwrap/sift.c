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

typedef struct Count {
    unsigned xors, rotations, multiplies, shifts, byte_stores, stores, sums, strings, signed_shifts,
        byte_loads;
} Count;

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

static Count count_function(const Image *image, const Code *code, const Lifter *lifter,
                            const Function *f, IrOp *ops) {
    Count c = {0};
    for (uint32_t b = 0; b < f->block_count; b++) {
        const Block *block = &code->blocks.at[f->first_block + b];
        Bytes bytes = bytes_clip(image_bytes_at(image, block->va), 0, block->size);
        for (size_t off = 0; off < bytes.size;) {
            unsigned length;
            size_t n = lift_insn(lifter, bytes_clip(bytes, off, UINT64_MAX),
                                 block->va + off + block->is_thumb, ops, &length);
            if (length == 0)
                break;
            for (size_t i = 0; i < n; i++)
                count_op(&c, &ops[i]);
            off += length;
        }
    }
    return c;
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

Sifted sift_function(const Image *image, const Code *code, const Lifter *lifter, const Function *f,
                     IrOp *ops) {
    Sifted s = {0};
    if (f->size < LEAST_BYTES || f->size > MOST_BYTES || f->import ||
        f->flags & (FUNCTION_THUNK | FUNCTION_STUB | FUNCTION_BROKEN))
        return s;
    bool has_loop = f->loop_count > 0 || f->flags & FUNCTION_LOOP;
    if (!has_loop && f->instruction_count < UNROLLED && !may_be_generator(image, f))
        return s;
    Count c = count_function(image, code, lifter, f, ops);
    unsigned mixing = c.xors + c.rotations + c.multiplies;
    unsigned lesser = c.shifts + c.sums + c.byte_stores;
    s.strength = (4 * mixing + lesser) * 250 / (f->instruction_count + SHORT_INSNS);
    s.has_multiply = c.multiplies > 0;
    s.has_store = c.stores + c.strings > 0;
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
