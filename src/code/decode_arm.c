/* SPDX-License-Identifier: Apache-2.0
 * decode_arm.c: 32-bit ARM and Thumb as instructions: flow and addresses, operands, groups. Bit 0
 * of an address is the mode, as everywhere outside of the processor itself. Registers are numbered
 * 1 + n for r0..r15, 64 + n for d0..d31, 128 + n for s0..s31.
 *
 * Two things are looked up in the image around the instruction: whether it stands in an IT block
 * (only where control may leave, since only that depends on it), and `mov lr, pc` before a jump,
 * which is how ARMv4 calls through registers. */
#include "code/arm_insn.h"
#include "code/decode_ops.h"

enum { REG_GENERAL = 1, REG_D = 64, REG_S = 128, REG_COUNT = 160, FRAME = 11 };

/* Mnemonics beyond ArmOp: what an operation is when it goes elsewhere, or its base is not sp. */
enum {
    OP_BRANCH = ARM_OP_COUNT, /* conditional b */
    OP_RETURN,
    OP_JUMP, /* mov, add, ldr with pc as destination */
    OP_LDM,
    OP_STM,
    OP_COUNT
};

typedef struct ArmDecoder {
    Decoder decoder; /* first */
    const Image *image;
} ArmDecoder;

static const Image *image_of(const Decoder *d) { return ((const ArmDecoder *)d)->image; }

/* Bytes of the segment from its start to its end, and where va lies in them. */
static Bytes code_around(const Decoder *d, uint64_t va, size_t *off) {
    const Segment *seg = image_find_segment(image_of(d), va);
    *off = seg ? va - seg->va : 0;
    return seg && *off < seg->file.size ? seg->file : (Bytes){0};
}

static void apply_it(const Decoder *d, ArmInsn *in) {
    size_t off;
    ArmInsn it;
    unsigned index;
    Bytes code = code_around(d, in->va, &off);
    if (code.size != 0 && arm_it_find(code, off, &it, &index))
        arm_it_apply(&it, index, in);
}

/* mov lr, pc right before it, under the same condition. */
static bool is_call_by_hand(const Decoder *d, const ArmInsn *in) {
    size_t off;
    Bytes code = code_around(d, in->va, &off);
    return !in->thumb && off >= 4 && code.size != 0 &&
           bytes_u32_at(code, off - 4) == (0x01a0e00f | (uint32_t)in->cond << 28);
}

/* Bits of branches, literals and adr that say a distance, as a little-endian word: the first
 * halfword of T32 is the low one. */
static uint32_t distance_bits(const ArmInsn *in) {
    bool is_conditional = in->cond < ARM_ALWAYS;
    switch (in->op) {
    case ARM_B:
        if (!in->thumb)
            return 0x00ffffff;
        if (in->length == 2)
            return is_conditional ? 0xff : 0x7ff;
        return is_conditional ? 0x2fff043f : 0x2fff07ff;
    case ARM_BL:
        return in->thumb ? 0x2fff07ff : 0x00ffffff;
    case ARM_BLX:
        return in->thumb ? 0x2fff07ff : 0x01ffffff;
    case ARM_CBZ:
    case ARM_CBNZ:
        return 0x2f8;
    case ARM_ADR:
        return !in->thumb ? 0x00c00fff : in->length == 2 ? 0xff : 0x70ff04a0;
    case ARM_LDRD:
        return in->thumb ? 0x00ff0080 : 0x00800f0f;
    case ARM_VLDR:
    case ARM_VSTR:
        return in->thumb ? 0x00ff0080 : 0x008000ff;
    default: /* loads from literals */
        if (!in->thumb)
            return in->size == 32 || (in->size == 8 && in->op == ARM_LDR) ? 0x00800fff : 0x00800f0f;
        return in->length == 2 ? 0xff : 0x0fff0080;
    }
}

static void flow_to(const ArmInsn *in, Flow flow, bool to_thumb, Insn *out) {
    out->flow = flow;
    out->target = in->target;
    out->goes_to_thumb = to_thumb;
    out->address_bits = distance_bits(in);
}

/* Through a register or a loaded word. */
static void flow_indirect(const Decoder *d, const ArmInsn *in, Insn *out) {
    out->flow = is_call_by_hand(d, in) ? FLOW_CALL_INDIRECT : FLOW_JUMP_INDIRECT;
    if (in->op == ARM_BX && in->rm == ARM_PC) { /* to the ARM code behind a Thumb stub's nop */
        out->flow = FLOW_JUMP;
        out->target = (in->va + (in->thumb ? 4 : 8)) & ~UINT32_C(3);
    }
    if (!in->is_literal)
        return;
    out->mem_va = in->target;
    out->literal_size = 4;
    uint64_t to = image_word_at(image_of(d), in->target);
    if (out->flow == FLOW_JUMP_INDIRECT && image_is_code(image_of(d), to & ~UINT64_C(1))) {
        out->flow = FLOW_JUMP;
        out->target = to & ~UINT64_C(1);
        out->goes_to_thumb = to & 1;
    }
}

static bool is_return(const ArmInsn *in) {
    switch (in->op) {
    case ARM_LDM:
    case ARM_RFE:
        return true;
    case ARM_BX:
    case ARM_MOV:
        return in->rm == ARM_LR;
    case ARM_LDR:
        return in->rn == ARM_SP;
    default:
        return false;
    }
}

/* Instructions that write the program counter, and those that stop. */
static void flow_fill(const Decoder *d, const ArmInsn *in, Insn *out) {
    out->is_conditional = in->cond < ARM_ALWAYS;
    switch (in->op) {
    case ARM_B:
        flow_to(in, out->is_conditional ? FLOW_BRANCH : FLOW_JUMP, in->thumb, out);
        return;
    case ARM_CBZ:
    case ARM_CBNZ:
        flow_to(in, FLOW_BRANCH, true, out);
        return;
    case ARM_BL:
        flow_to(in, FLOW_CALL, in->thumb, out);
        return;
    case ARM_BLX:
        if (in->rm != ARM_NO_REG)
            out->flow = FLOW_CALL_INDIRECT;
        else
            flow_to(in, FLOW_CALL, !in->thumb, out);
        return;
    case ARM_SVC:
        out->flow = FLOW_SYSCALL;
        return;
    case ARM_BKPT:
    case ARM_UDF:
        out->flow = out->is_conditional ? FLOW_NEXT : FLOW_STOP;
        return;
    default:
        break;
    }
    if (!arm_writes_pc(in)) {
        out->is_conditional = false;
    } else if (in->op == ARM_ADR) {
        flow_to(in, FLOW_JUMP, in->thumb, out);
    } else if (is_return(in)) {
        out->flow = FLOW_RETURN;
        out->is_conditional &= in->op != ARM_RFE;
    } else {
        flow_indirect(d, in, out);
    }
}

static uint16_t mnemonic_of(const ArmInsn *in, const Insn *out) {
    if (out->flow == FLOW_RETURN)
        return OP_RETURN;
    if (out->flow == FLOW_BRANCH && in->op == ARM_B)
        return OP_BRANCH;
    if (out->flow == FLOW_JUMP_INDIRECT && in->op != ARM_BX && in->op != ARM_TBB &&
        in->op != ARM_TBH)
        return OP_JUMP;
    if ((in->op == ARM_LDM || in->op == ARM_STM) && in->rn != ARM_SP)
        return in->op == ARM_LDM ? OP_LDM : OP_STM;
    return in->op;
}

static bool is_flow(const ArmInsn *in) {
    return arm_writes_pc(in) || in->op == ARM_SVC || in->op == ARM_UDF || in->op == ARM_BKPT;
}

static bool decode(const Decoder *d, Bytes b, uint64_t va, ArmInsn *in, Insn *out) {
    if (!arm_decode(b, (uint32_t)va & ~UINT32_C(1), va & 1, in))
        return false;
    if (in->thumb && is_flow(in))
        apply_it(d, in);
    out->va = va & ~UINT64_C(1);
    out->length = in->length;
    out->is_thumb = in->thumb;
    flow_fill(d, in, out);
    out->mnemonic = mnemonic_of(in, out);
    if (in->op == ARM_ADR && out->flow == FLOW_NEXT) {
        out->mem_va = in->target;
        out->address_bits = distance_bits(in);
    } else if (in->is_literal) {
        bool is_pair = in->op == ARM_LDRD;
        out->mem_va = in->target;
        out->literal_size = (uint8_t)(is_pair ? 8 : in->size / 8);
        out->address_bits = distance_bits(in);
    }
    return true;
}

static bool arm_flow(const Decoder *d, Bytes b, uint64_t va, Insn *out) {
    ArmInsn in;
    return decode(d, b, va, &in, out);
}

/* ---- Addresses made in several instructions ---- */

static void known_set(Known *k, unsigned reg, uint32_t value, uint32_t *as) {
    if (reg >= ARM_PC)
        return;
    k->value[reg] = value;
    *as |= 1u << reg;
}

static uint32_t pc_of(const ArmInsn *in) { return in->va + (in->thumb ? 4 : 8); }

/* add rd, pc, rm in either order: the register that is not pc, or ARM_NO_REG. */
static uint8_t added_to_pc(const ArmInsn *in) {
    if (in->op != ARM_ADD || in->form != ARM_FORM_REG || in->amount != 0 || in->sets_flags)
        return ARM_NO_REG;
    return in->rn == ARM_PC ? in->rm : in->rm == ARM_PC ? in->rn : ARM_NO_REG;
}

/* What a number that movw, movt or a literal put into rd becomes with what follows: movt, then add
 * rd, pc, each within the few instructions that compilers schedule between. 0: no address of the
 * image. */
static uint32_t made_later(const Decoder *d, const ArmInsn *first, uint32_t value, bool has_top) {
    enum { LOOK = 12 };
    size_t off;
    Bytes code = code_around(d, first->va, &off);
    ArmInsn in = *first;
    for (unsigned i = 0; i < LOOK && code.size != 0; i++) {
        if (has_top && image_find_segment(image_of(d), value & ~UINT32_C(1)))
            return value;
        off += in.length;
        uint32_t va = in.va + in.length;
        if (!arm_decode(bytes_clip(code, off, 4), va, first->thumb, &in) || is_flow(&in))
            break;
        if (in.op == ARM_MOVT && in.rd == first->rd) {
            value = (value & 0xffff) | in.imm << 16;
            has_top = true;
        } else if (has_top && added_to_pc(&in) == first->rd) {
            value += pc_of(&in);
            return image_find_segment(image_of(d), value & ~UINT32_C(1)) ? value : 0;
        } else if (first->is_literal && in.op == ARM_LDR && in.form == ARM_FORM_REG &&
                   (in.rm == first->rd || in.rn == first->rd)) {
            return value; /* place of a slot in the GOT */
        } else if (arm_written(&in) >> first->rd & 1) {
            break;
        }
    }
    return 0;
}

static void track_move(const Decoder *d, Known *k, const ArmInsn *in, const Known *before,
                       Insn *out) {
    uint32_t value = in->imm;
    bool is_top = in->op == ARM_MOVT;
    if (is_top && !(before->constant >> in->rd & 1))
        return;
    if (is_top)
        value = ((uint32_t)before->value[in->rd] & 0xffff) | in->imm << 16;
    known_set(k, in->rd, value, &k->constant);
    if (made_later(d, in, value, is_top) == 0)
        return;
    out->address_bits = in->thumb ? 0x70ff040f : 0x000f0fff;
    if (is_top && image_find_segment(image_of(d), value & ~UINT32_C(1)))
        out->mem_va = value;
}

/* Loads and stores through known registers. */
static void track_memory(const Decoder *d, Known *k, const ArmInsn *in, const Known *before,
                         Insn *out) {
    bool loads_word = in->op == ARM_LDR && in->size == 32 && in->rd < ARM_PC;
    if (in->is_literal) {
        if (!loads_word || !image_find_segment(image_of(d), in->target))
            return;
        uint32_t word = (uint32_t)image_word_at(image_of(d), in->target);
        known_set(k, in->rd, word, &k->constant);
        if (made_later(d, in, word, true) == 0) { /* a number */
            out->has_imm = true;
            out->imm = word;
        }
        return;
    }
    if (in->rn >= ARM_PC || !(before->constant >> in->rn & 1) || !in->pre)
        return;
    uint32_t va = (uint32_t)before->value[in->rn];
    if (in->form == ARM_FORM_IMM)
        va += in->add ? in->imm : 0 - in->imm;
    else if (in->rm < ARM_PC && (before->constant >> in->rm & 1) && in->amount == 0 && in->add)
        va += (uint32_t)before->value[in->rm];
    else
        return;
    if (!image_find_segment(image_of(d), va))
        return;
    out->mem_va = va;
    if (loads_word)
        known_set(k, in->rd, va, &k->loaded);
}

static void track_add(const Decoder *d, Known *k, const ArmInsn *in, const Known *before,
                      Insn *out) {
    uint8_t other = added_to_pc(in);
    uint32_t sum;
    bool is_sum = in->op == ARM_ADD || in->op == ARM_SUB;
    if (other < ARM_PC && (before->constant >> other & 1)) {
        sum = (uint32_t)before->value[other] + pc_of(in);
    } else if (is_sum && in->form == ARM_FORM_IMM && in->rn < ARM_PC &&
               (before->constant >> in->rn & 1)) {
        sum = (uint32_t)before->value[in->rn] + (in->op == ARM_ADD ? in->imm : 0 - in->imm);
    } else if (in->op == ARM_ADD && in->form == ARM_FORM_REG && in->amount == 0 &&
               in->rn < ARM_PC && in->rm < ARM_PC && (before->constant >> in->rn & 1) &&
               (before->constant >> in->rm & 1)) {
        sum = (uint32_t)before->value[in->rn] + (uint32_t)before->value[in->rm];
    } else {
        return;
    }
    known_set(k, in->rd, sum, &k->constant);
    if (image_find_segment(image_of(d), sum & ~UINT32_C(1)))
        out->mem_va = sum;
}

/* Through a register whose content is known; calls lose r0..r3, ip and lr (AAPCS 6.1.1). */
static void track_flow(const Decoder *d, Known *k, const ArmInsn *in, Insn *out) {
    bool indirect = out->flow == FLOW_CALL_INDIRECT || out->flow == FLOW_JUMP_INDIRECT;
    bool by_register = in->op == ARM_BX || in->op == ARM_BLX || in->op == ARM_MOV;
    if (indirect && by_register && in->rm < ARM_PC) {
        uint32_t to = (uint32_t)k->value[in->rm];
        if (k->loaded >> in->rm & 1) {
            out->mem_va = to;
        } else if ((k->constant >> in->rm & 1) && image_is_code(image_of(d), to & ~UINT32_C(1))) {
            out->flow = out->flow == FLOW_CALL_INDIRECT ? FLOW_CALL : FLOW_JUMP;
            out->target = to & ~UINT32_C(1);
            out->goes_to_thumb = to & 1;
        }
    }
    if (out->flow == FLOW_CALL || out->flow == FLOW_CALL_INDIRECT || out->flow == FLOW_SYSCALL) {
        k->constant &= 0x0ff0;
        k->loaded &= 0x0ff0;
    }
}

static void arm_track(const Decoder *d, Known *k, const uint8_t *at, Insn *out) {
    ArmInsn in;
    if (!arm_decode((Bytes){at, out->length}, (uint32_t)out->va, out->is_thumb, &in))
        return;
    if (in.thumb && in.op != ARM_IT)
        apply_it(d, &in);
    Known before = *k;
    uint32_t dropped = arm_written(&in);
    if (in.op == ARM_LDR && in.rd == ARM_PC && !in.is_literal) /* through a slot */
        track_memory(d, k, &in, &before, out);
    if (is_flow(&in)) {
        track_flow(d, k, &in, out);
        return;
    }
    k->constant &= ~dropped;
    k->loaded &= ~dropped;
    /* Under a condition a register has this or its old content: taken for this one, since it is
     * addresses that count. */
    switch (in.op) {
    case ARM_MOVW:
    case ARM_MOVT:
        track_move(d, k, &in, &before, out);
        break;
    case ARM_ADR:
        known_set(k, in.rd, in.target, &k->constant);
        break;
    case ARM_MOV:
        if (in.form == ARM_FORM_IMM)
            known_set(k, in.rd, in.imm, &k->constant);
        else if (in.rm < ARM_PC && in.amount == 0 && (before.constant >> in.rm & 1))
            known_set(k, in.rd, (uint32_t)before.value[in.rm], &k->constant);
        else if (in.rm < ARM_PC && in.amount == 0 && (before.loaded >> in.rm & 1))
            known_set(k, in.rd, (uint32_t)before.value[in.rm], &k->loaded);
        break;
    case ARM_LDR:
    case ARM_LDRS:
    case ARM_STR:
    case ARM_LDRD:
    case ARM_STRD:
    case ARM_VLDR:
    case ARM_VSTR:
        track_memory(d, k, &in, &before, out);
        break;
    default:
        track_add(d, k, &in, &before, out);
        break;
    }
}

/* ---- Operands ---- */

static Operand *add_operand(Insn *out, OperandKind kind, unsigned bits, unsigned access) {
    /* Never more than five: at most four registers and one of the others. */
    Operand *o = &out->operands[out->operand_count < INSN_OPERANDS ? out->operand_count++
                                                                   : INSN_OPERANDS - 1];
    *o = (Operand){.kind = kind, .bits = (uint16_t)bits, .access = (uint8_t)access};
    return o;
}

static void add_reg(Insn *out, unsigned reg, unsigned access) {
    if (reg < 16)
        add_operand(out, OPERAND_REG, 32, access)->reg = (uint16_t)(REG_GENERAL + reg);
}

static void add_imm(Insn *out, uint32_t value) {
    add_operand(out, OPERAND_IMM, 32, ACCESS_READ)->value = (int32_t)value;
    out->imm = value;
    out->has_imm = true;
}

static void add_vector(const ArmInsn *in, Insn *out, unsigned reg, unsigned access) {
    bool single = !in->vector && in->size == 32;
    if (reg < 32)
        add_operand(out, OPERAND_REG,
                    single     ? 32
                    : in->quad ? 128
                               : 64,
                    access)
            ->reg = (uint16_t)((single ? REG_S : REG_D) + reg);
}

static void add_memory(const ArmInsn *in, Insn *out, unsigned bits, unsigned access) {
    Operand *o = add_operand(out, OPERAND_MEM, bits, access);
    if (in->is_literal) {
        o->value = in->target;
        return;
    }
    o->base = in->rn < 16 ? (uint16_t)(REG_GENERAL + in->rn) : 0;
    if (in->form == ARM_FORM_REG && in->rm < 16) {
        o->index = (uint16_t)(REG_GENERAL + in->rm);
        o->scale = (uint8_t)(in->shift == ARM_LSL && in->amount < 4 ? 1u << in->amount : 1u);
    } else if (in->pre && in->op != ARM_LDM && in->op != ARM_STM) {
        o->value = in->add ? (int64_t)in->imm : -(int64_t)in->imm;
    }
}

static void full_memory(const ArmInsn *in, Insn *out) {
    bool stores = in->op == ARM_STR || in->op == ARM_STRD || in->op == ARM_STM ||
                  in->op == ARM_VSTR || in->op == ARM_VSTM || in->op == ARM_VSTN;
    unsigned of_reg = stores ? ACCESS_READ : ACCESS_WRITE;
    if (in->op == ARM_STREX) {
        add_reg(out, in->rd, ACCESS_WRITE);
        add_reg(out, in->rm, ACCESS_READ);
        stores = true;
    } else if (in->op >= ARM_VLDR) {
        add_vector(in, out, in->rd, of_reg);
    } else {
        add_reg(out, in->rd, of_reg);
        add_reg(out, in->rs, of_reg);
    }
    add_memory(in, out, in->size, stores ? ACCESS_WRITE : ACCESS_READ);
}

static void full_data(const ArmInsn *in, Insn *out) {
    bool updates = in->op == ARM_MOVT || in->op == ARM_BFI;
    bool pair = (in->op >= ARM_UMAAL && in->op <= ARM_SMLAL) || in->op == ARM_SMLALXY ||
                in->op == ARM_SMLALD || in->op == ARM_SMLSLD || in->op == ARM_MRRC;
    add_reg(out, in->rd, updates ? ACCESS_READ | ACCESS_WRITE : ACCESS_WRITE);
    if (pair)
        add_reg(out, in->rs, ACCESS_WRITE);
    add_reg(out, in->rn, ACCESS_READ);
    add_reg(out, in->rm, ACCESS_READ);
    if (!pair)
        add_reg(out, in->rs, ACCESS_READ);
    bool has_number = in->op >= ARM_AND && in->op <= ARM_ORN;
    if ((has_number && in->form == ARM_FORM_IMM) || in->op == ARM_MOVW || in->op == ARM_MOVT)
        add_imm(out, in->imm);
    else if (in->form == ARM_FORM_REG && in->amount != 0 && out->operand_count < INSN_OPERANDS)
        add_imm(out, in->amount);
}

static void full_vector(const ArmInsn *in, Insn *out) {
    bool to_core = in->op == ARM_VMOV_TO_CORE || in->op == ARM_VMOV_FROM_LANE ||
                   in->op == ARM_VMOV_TO_PAIR || in->op == ARM_VMRS;
    bool from_core = in->op == ARM_VMOV_FROM_CORE || in->op == ARM_VMOV_TO_LANE ||
                     in->op == ARM_VDUP_CORE || in->op == ARM_VMOV_FROM_PAIR || in->op == ARM_VMSR;
    if (to_core) {
        add_reg(out, in->rd, ACCESS_WRITE);
        add_reg(out, in->rs, ACCESS_WRITE);
    } else if (in->op != ARM_VMSR) {
        add_vector(in, out, in->rd, in->op == ARM_VCMP_F ? ACCESS_READ : ACCESS_WRITE);
    }
    add_vector(in, out, in->rn, ACCESS_READ);
    if (from_core) {
        add_reg(out, in->rm, ACCESS_READ);
        add_reg(out, in->rs, ACCESS_READ);
    } else {
        add_vector(in, out, in->rm, ACCESS_READ);
    }
}

static bool is_memory(const ArmInsn *in) {
    return (in->op >= ARM_LDR && in->op <= ARM_STREX) || in->op == ARM_SWP ||
           (in->op >= ARM_VLDR && in->op <= ARM_VSTM) || in->op == ARM_VLDN || in->op == ARM_VSTN;
}

static bool arm_full(const Decoder *d, Bytes b, uint64_t va, Insn *out) {
    ArmInsn in;
    if (!decode(d, b, va, &in, out))
        return false;
    if (in.op == ARM_B || in.op == ARM_BL || in.op == ARM_CBZ || in.op == ARM_CBNZ ||
        (in.op == ARM_BLX && in.rm == ARM_NO_REG)) {
        add_reg(out, in.rn, ACCESS_READ);
        add_operand(out, OPERAND_TARGET, 32, ACCESS_READ)->value = (int64_t)out->target;
    } else if (in.op == ARM_TBB || in.op == ARM_TBH) {
        Operand *o = add_operand(out, OPERAND_MEM, in.op == ARM_TBB ? 8 : 16, ACCESS_READ);
        o->base = (uint16_t)(REG_GENERAL + in.rn);
        o->index = (uint16_t)(REG_GENERAL + in.rm);
        o->scale = in.op == ARM_TBB ? 1 : 2;
    } else if (in.op == ARM_ADR) {
        add_reg(out, in.rd, ACCESS_WRITE);
        Operand *o = add_operand(out, OPERAND_MEM, 32, ACCESS_READ);
        o->is_agen = true;
        o->value = in.target;
    } else if (in.op == ARM_SVC || in.op == ARM_BKPT || in.op == ARM_UDF) {
        add_imm(out, in.imm);
    } else if (is_memory(&in)) {
        full_memory(&in, out);
    } else if (in.op >= ARM_VLDR) {
        full_vector(&in, out);
    } else if (in.op != ARM_NOP && in.op != ARM_IT) {
        full_data(&in, out);
    }
    return true;
}

/* ---- Names and groups ---- */

static const char *arm_mnemonic(uint16_t mnemonic) {
    static const char *const more[] = {"b.cond", "return", "jump", "ldm", "stm"};
    if (mnemonic >= ARM_OP_COUNT)
        return mnemonic < OP_COUNT ? more[mnemonic - ARM_OP_COUNT] : "invalid";
    return arm_op_name((ArmOp)mnemonic);
}

static MnemonicGroup arm_mnemonic_group(uint16_t mnemonic) {
    static const uint8_t groups[OP_COUNT] = {
#define X(constant, name, group) group,
        ARM_OPS(X)
#undef X
            GROUP_BRANCH,
        GROUP_RETURN, GROUP_JUMP, GROUP_MOVE, GROUP_MOVE};
    return mnemonic < OP_COUNT ? (MnemonicGroup)groups[mnemonic] : GROUP_OTHER;
}

static RegisterClass arm_register_class(uint16_t reg) {
    if (reg == 0)
        return REGISTER_NONE;
    if (reg >= REG_D)
        return REGISTER_VECTOR;
    switch (reg - REG_GENERAL) {
    case ARM_SP:
        return REGISTER_STACK;
    case ARM_PC:
        return REGISTER_IP;
    case FRAME:
        return REGISTER_FRAME;
    default:
        return REGISTER_GENERAL;
    }
}

static unsigned arm_register_number(uint16_t reg) {
    return reg >= REG_D ? reg & 31u : (reg - REG_GENERAL) & 31u;
}

static const DecoderOps arm_ops = {.flow = arm_flow,
                                   .full = arm_full,
                                   .track = arm_track,
                                   .mnemonic = arm_mnemonic,
                                   .mnemonic_group = arm_mnemonic_group,
                                   .register_class = arm_register_class,
                                   .register_number = arm_register_number,
                                   .register_count = REG_COUNT};

Decoder *decoder_arm(Arena *a, const Image *image) {
    if (image->big_endian)
        return NULL; /* BE8 and BE32 are rare, and nothing was measured on them */
    ArmDecoder *d = ARENA_NEW(a, ArmDecoder);
    *d = (ArmDecoder){.decoder.ops = &arm_ops, .image = image};
    return &d->decoder;
}
