/* SPDX-License-Identifier: Apache-2.0
 * decode_x86.c: x86 and x86-64 by Zydis 4.0; the only file that knows it.
 * decode_flow asks decode_fast first (tables of the common encodings, several times faster) and
 * Zydis without operands for the rest; decode_full is Zydis with the visible operands, which are
 * remembered for the common encodings (x86_forms.h). */
#include <Zydis/Zydis.h>
#include <string.h>

#include "code/decode_fast.h"
#include "code/decode_ops.h"
#include "code/x86_forms.h"
#include "code/x86_mnemonics.h"

typedef struct X86Decoder {
    Decoder decoder; /* first */
    ZydisDecoder zydis;
    bool is_64;
    X86Forms *forms;
} X86Decoder;

static const X86Decoder *x86_of(const Decoder *d) { return (const X86Decoder *)d; }

/* What an instruction of the categories that leave the straight line does. */
static Flow flow_of(const ZydisDecodedInstruction *in) {
    bool direct = in->raw.imm[0].is_relative;
    switch ((int)in->meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
        return direct ? FLOW_BRANCH : FLOW_NEXT; /* xend, xabort, xtest */
    case ZYDIS_CATEGORY_UNCOND_BR:
        if (in->mnemonic == ZYDIS_MNEMONIC_XABORT)
            return FLOW_NEXT; /* outside of a transaction */
        return direct ? FLOW_JUMP : FLOW_JUMP_INDIRECT;
    case ZYDIS_CATEGORY_CALL:
        return direct ? FLOW_CALL : FLOW_CALL_INDIRECT;
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_SYSRET:
        return FLOW_RETURN;
    case ZYDIS_CATEGORY_SYSCALL:
        return FLOW_SYSCALL;
    case ZYDIS_CATEGORY_INTERRUPT:
        break;
    default:
        return in->mnemonic == ZYDIS_MNEMONIC_HLT || in->mnemonic == ZYDIS_MNEMONIC_UD0 ||
                       in->mnemonic == ZYDIS_MNEMONIC_UD1 || in->mnemonic == ZYDIS_MNEMONIC_UD2
                   ? FLOW_STOP
                   : FLOW_NEXT;
    }
    if (in->mnemonic == ZYDIS_MNEMONIC_INT3 || in->mnemonic == ZYDIS_MNEMONIC_INT1)
        return FLOW_STOP;
    /* int 29h is __fastfail of Windows: it ends the process. */
    if (in->mnemonic == ZYDIS_MNEMONIC_INT && (in->raw.imm[0].value.u & 0xff) == 0x29)
        return FLOW_STOP;
    return FLOW_SYSCALL;
}

static uint64_t relative_target(const X86Decoder *d, const ZydisDecodedInstruction *in, uint64_t va,
                                int64_t offset) {
    uint64_t target = va + in->length + (uint64_t)offset;
    if (d->is_64)
        return target;
    return in->operand_width == 16 ? target & 0xffff : target & 0xffffffff;
}

/* Address of a memory operand that is absolute or RIP-relative. fs: and gs: are other spaces. */
static uint64_t memory_va(const X86Decoder *d, const ZydisDecodedInstruction *in, uint64_t va) {
    if ((in->attributes & (ZYDIS_ATTRIB_HAS_SEGMENT_FS | ZYDIS_ATTRIB_HAS_SEGMENT_GS)) != 0 ||
        in->raw.disp.size < 32)
        return 0;
    uint64_t disp = (uint64_t)in->raw.disp.value;
    if (in->attributes & ZYDIS_ATTRIB_HAS_MODRM) {
        if (in->raw.modrm.mod != 0)
            return 0;
        if (in->raw.modrm.rm == 5) {
            if (d->is_64)
                disp += va + in->length;
        } else if (in->raw.modrm.rm != 4 || in->raw.sib.base != 5 || in->raw.sib.index != 4 ||
                   (d->is_64 && in->raw.rex.X != 0 &&
                    in->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY)) {
            return 0;
        }
    }
    return d->is_64 && in->address_width == 64 ? disp : disp & 0xffffffff;
}

static void fill(const X86Decoder *d, const ZydisDecodedInstruction *in, uint64_t va, Insn *out) {
    out->va = va;
    out->length = in->length;
    out->mnemonic = (uint16_t)in->mnemonic;
    out->flow = flow_of(in);
    if (in->raw.disp.size != 0) {
        out->disp_off = in->raw.disp.offset;
        out->disp_size = in->raw.disp.size / 8;
        out->mem_va = memory_va(d, in, va);
    }
    for (unsigned i = 0; i < 2 && in->raw.imm[i].size != 0; i++) {
        out->imm_off = out->imm_size ? out->imm_off : in->raw.imm[i].offset;
        out->imm_size = (uint8_t)(out->imm_size + in->raw.imm[i].size / 8);
        if (in->raw.imm[i].is_relative) {
            out->target = relative_target(d, in, va, in->raw.imm[i].value.s);
        } else {
            out->has_imm = true;
            out->imm = in->raw.imm[i].value.u;
        }
    }
}

/* Zydis, corrected. In 64 bits the prefixes for cs, ds, es, ss are nothing, so that one for fs or
 * gs before them counts (AMD64 manual 3, 1.2.4); Zydis takes the last one. Instructions of Knights
 * Corner with a VEX prefix are none on any other processor. */
static bool decode_zydis(const X86Decoder *d, ZydisDecoderContext *context, Bytes b,
                         ZydisDecodedInstruction *in) {
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&d->zydis, context, b.at, b.size, in)))
        return false;
    if (in->meta.isa_set >= ZYDIS_ISA_SET_KNCE && in->meta.isa_set <= ZYDIS_ISA_SET_KNC_PF_HINT)
        return false;
    const ZydisInstructionAttributes nothing =
        ZYDIS_ATTRIB_HAS_SEGMENT_CS | ZYDIS_ATTRIB_HAS_SEGMENT_DS | ZYDIS_ATTRIB_HAS_SEGMENT_ES |
        ZYDIS_ATTRIB_HAS_SEGMENT_SS;
    if (d->is_64 && (in->attributes & nothing) != 0)
        for (unsigned i = 0; i < in->raw.prefix_count; i++) {
            uint8_t value = in->raw.prefixes[i].value;
            if (value == 0x64 || value == 0x65) {
                in->attributes &= ~(ZydisInstructionAttributes)ZYDIS_ATTRIB_HAS_SEGMENT;
                in->attributes |=
                    value == 0x64 ? ZYDIS_ATTRIB_HAS_SEGMENT_FS : ZYDIS_ATTRIB_HAS_SEGMENT_GS;
            }
        }
    return true;
}

static bool x86_flow(const Decoder *decoder, Bytes b, uint64_t va, Insn *out) {
    const X86Decoder *d = x86_of(decoder);
    if (decode_fast(d->is_64, b, va, out) != 0)
        return true;
    ZydisDecodedInstruction in;
    if (!decode_zydis(d, NULL, b, &in))
        return false;
    fill(d, &in, va, out);
    return true;
}

/* Our number of each mnemonic of the decoder. */
static const uint16_t id_of_mnemonic[ZYDIS_MNEMONIC_MAX_VALUE + 1] = {
#define X(name) [ZYDIS_MNEMONIC_##name] = X86_##name,
    X86_GENERAL(X) X86_FLOAT(X) X86_VECTOR(X)
#undef X
};

/* AVX-512 forms that do what the AVX form does (no mask, no rounding, no broadcast, 256 bits) keep
 * its number. */
static uint16_t id_of(const ZydisDecodedInstruction *in) {
    if (in->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX ||
        in->encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX) {
        bool plain = in->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX &&
                     in->avx.vector_length <= 256 &&
                     (in->avx.mask.mode == ZYDIS_MASK_MODE_INVALID ||
                      in->avx.mask.mode == ZYDIS_MASK_MODE_DISABLED) &&
                     in->avx.broadcast.mode == ZYDIS_BROADCAST_MODE_INVALID &&
                     in->avx.rounding.mode == ZYDIS_ROUNDING_MODE_INVALID && !in->avx.has_sae;
        return plain ? id_of_mnemonic[in->mnemonic] : X86_OTHER;
    }
    if (in->meta.isa_set == ZYDIS_ISA_SET_I386 && in->mnemonic == ZYDIS_MNEMONIC_MOVSD)
        return X86_MOVSD_STRING;
    if (in->meta.isa_set == ZYDIS_ISA_SET_I386 && in->mnemonic == ZYDIS_MNEMONIC_CMPSD)
        return X86_CMPSD_STRING;
    return id_of_mnemonic[in->mnemonic];
}

/* Where Zydis 4.0.0 says that the first operand is only written although what it held stays in
 * part: bsf and bsr of 0 keep it (zydis#584), scalars keep the upper lanes (zydis#542, #585). */
static bool keeps_destination(const Insn *in) {
    switch (in->id) {
    case X86_BSF:
    case X86_BSR:
    case X86_CVTSD2SS:
    case X86_CVTSS2SD:
    case X86_CVTSI2SD:
    case X86_CVTSI2SS:
    case X86_RCPSS:
    case X86_RSQRTSS:
    case X86_SQRTSD:
    case X86_SQRTSS:
    case X86_ROUNDSD:
    case X86_ROUNDSS:
    case X86_MOVLPS:
    case X86_MOVLPD:
    case X86_MOVHPS:
    case X86_MOVHPD:
    case X86_MOVLHPS:
    case X86_MOVHLPS:
        return in->operands[0].kind == OPERAND_REG;
    case X86_MOVSS:
    case X86_MOVSD:
        return in->operands[0].kind == OPERAND_REG && in->operands[1].kind == OPERAND_REG;
    default:
        return false;
    }
}

/* What lifters ask besides the operands. */
static void fill_full(const ZydisDecodedInstruction *in, Insn *out) {
    out->id = id_of(in);
    out->operand_width = in->operand_width;
    out->address_width = in->address_width;
    out->is_far = in->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
    uint64_t a = in->attributes;
    if (a & ZYDIS_ATTRIB_HAS_LOCK)
        out->prefixes |= PREFIX_LOCK;
    if (a & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE))
        out->prefixes |= PREFIX_REP;
    if (a & ZYDIS_ATTRIB_HAS_REPNE)
        out->prefixes |= PREFIX_REPNE;
    if (a & ZYDIS_ATTRIB_HAS_SEGMENT_FS)
        out->segment = ZYDIS_REGISTER_FS;
    if (a & ZYDIS_ATTRIB_HAS_SEGMENT_GS)
        out->segment = ZYDIS_REGISTER_GS;
}

static void operand_fill(const ZydisDecodedOperand *from, const Insn *insn, Operand *to) {
    to->bits = from->size;
    if (from->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
        to->access |= ACCESS_READ;
    if (from->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
        to->access |= ACCESS_WRITE;
    switch (from->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        to->kind = OPERAND_REG;
        to->reg = (uint16_t)from->reg.value;
        break;
    case ZYDIS_OPERAND_TYPE_MEMORY:
        to->kind = OPERAND_MEM;
        to->base = (uint16_t)from->mem.base;
        to->index = (uint16_t)from->mem.index;
        to->segment = insn->segment ? insn->segment : (uint16_t)from->mem.segment;
        to->scale = from->mem.scale;
        to->is_agen = from->mem.type == ZYDIS_MEMOP_TYPE_AGEN;
        to->value = from->mem.disp.value;
        break;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        to->kind = from->imm.is_relative ? OPERAND_TARGET : OPERAND_IMM;
        to->value = from->imm.is_relative ? (int64_t)insn->target : from->imm.value.s;
        break;
    case ZYDIS_OPERAND_TYPE_POINTER:
        to->kind = OPERAND_IMM;
        to->value = from->ptr.offset;
        to->segment = from->ptr.segment;
        break;
    case ZYDIS_OPERAND_TYPE_UNUSED:
    default:
        break;
    }
}

/* A SIB byte with base 5 and mod 0 has a displacement in place of a base, r13 too (AMD64 manual 3,
 * table 1-10); with 32-bit addresses in 64 bits Zydis 4.0.0 says r13d and no displacement. */
static void fix_base(const ZydisDecodedInstruction *in, Operand *o) {
    if (in->raw.modrm.mod == 0 && in->raw.modrm.rm == 4 && in->raw.sib.base == 5 &&
        (in->attributes & ZYDIS_ATTRIB_HAS_SIB)) {
        o->base = 0;
        o->value = in->raw.disp.value;
    }
}

/* Registers of ModRM whose numbers are those of the field in all its values: of MMX and others some
 * are named twice. */
static uint8_t field_of(const ZydisDecodedOperand *o, X86Encoding *encoding) {
    if (o->type != ZYDIS_OPERAND_TYPE_REGISTER)
        return FIELD_NONE;
    bool is_reg = o->encoding == ZYDIS_OPERAND_ENCODING_MODRM_REG;
    if (!is_reg && o->encoding != ZYDIS_OPERAND_ENCODING_MODRM_RM)
        return FIELD_NONE;
    switch ((int)ZydisRegisterGetClass(o->reg.value)) {
    case ZYDIS_REGCLASS_GPR8:
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64:
    case ZYDIS_REGCLASS_XMM:
        return is_reg ? FIELD_REG : FIELD_RM;
    default:
        encoding->is_odd = true;
        return FIELD_NONE;
    }
}

/* encoding: how the operands are encoded, where somebody asks, or NULL. */
static bool full_by_zydis(const X86Decoder *d, Bytes b, uint64_t va, Insn *out,
                          X86Encoding *encoding) {
    ZydisDecoderContext context;
    ZydisDecodedInstruction in;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!decode_zydis(d, &context, b, &in))
        return false;
    unsigned count = in.operand_count_visible;
    if (count > INSN_OPERANDS)
        count = INSN_OPERANDS;
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeOperands(&d->zydis, &context, &in, operands, (ZyanU8)count)))
        return false;
    fill(d, &in, va, out);
    fill_full(&in, out);
    for (unsigned i = 0; i < count; i++) {
        /* The mask register that an AVX-512 form names even where it masks nothing (id_of). */
        if (out->id != X86_OTHER && operands[i].encoding == ZYDIS_OPERAND_ENCODING_MASK)
            continue;
        if (encoding)
            encoding->fields[out->operand_count] = field_of(&operands[i], encoding);
        Operand *to = &out->operands[out->operand_count++];
        operand_fill(&operands[i], out, to);
        if (to->kind == OPERAND_MEM && in.address_width == 32 && d->is_64)
            fix_base(&in, to);
    }
    if (keeps_destination(out))
        out->operands[0].access |= ACCESS_READ;
    return true;
}

static const char *x86_mnemonic(uint16_t mnemonic) {
    const char *text = ZydisMnemonicGetString((ZydisMnemonic)mnemonic);
    return text ? text : "invalid";
}

static unsigned x86_register_number(uint16_t reg) {
    /* Zydis lists al cl dl bl ah ch dh bh spl bpl sil dil r8b.., so that its id of a byte register
     * is not the family's number. */
    if (reg >= ZYDIS_REGISTER_AL && reg <= ZYDIS_REGISTER_BL)
        return (unsigned)reg - ZYDIS_REGISTER_AL;
    if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
        return (unsigned)reg - ZYDIS_REGISTER_AH;
    if (reg >= ZYDIS_REGISTER_SPL && reg <= ZYDIS_REGISTER_R15B)
        return (unsigned)reg - ZYDIS_REGISTER_SPL + 4;
    int id = ZydisRegisterGetId((ZydisRegister)reg);
    return id < 0 ? 0 : (unsigned)id & 31;
}

static RegisterClass x86_register_class(uint16_t reg) {
    switch ((int)ZydisRegisterGetClass((ZydisRegister)reg)) {
    case ZYDIS_REGCLASS_GPR8:
        /* ah..bh have ids 4..7 as spl..dil have, but are never the stack or frame pointer. */
        if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
            return REGISTER_GENERAL;
        break;
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64:
        break;
    case ZYDIS_REGCLASS_X87:
        return REGISTER_FLOAT;
    case ZYDIS_REGCLASS_MMX:
    case ZYDIS_REGCLASS_XMM:
    case ZYDIS_REGCLASS_YMM:
    case ZYDIS_REGCLASS_ZMM:
        return REGISTER_VECTOR;
    case ZYDIS_REGCLASS_FLAGS:
        return REGISTER_FLAGS;
    case ZYDIS_REGCLASS_IP:
        return REGISTER_IP;
    case ZYDIS_REGCLASS_SEGMENT:
        return REGISTER_SEGMENT;
    case ZYDIS_REGCLASS_INVALID:
        return REGISTER_NONE;
    default:
        return REGISTER_OTHER;
    }
    unsigned number = x86_register_number(reg);
    return number == 4 ? REGISTER_STACK : number == 5 ? REGISTER_FRAME : REGISTER_GENERAL;
}

static bool x86_full(const Decoder *decoder, Bytes b, uint64_t va, Insn *out) {
    const X86Decoder *d = x86_of(decoder);
    unsigned form = d->forms ? decode_fast(d->is_64, b, va, out) : 0;
    if (form == 0)
        return full_by_zydis(d, b, va, out, NULL);
    if (x86_forms_find(d->forms, b, form, out))
        return true;
    *out = (Insn){0};
    X86Encoding encoding = {0};
    if (!full_by_zydis(d, b, va, out, &encoding))
        return false;
    x86_forms_add(d->forms, b, form, out, &encoding);
    return true;
}

static RegisterPlace x86_register_place(uint16_t reg) {
    RegisterPlace place = {.class = x86_register_class(reg)};
    place.number = (uint8_t)x86_register_number(reg);
    place.bits = (uint16_t)ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, (ZydisRegister)reg);
    if (place.class == REGISTER_STACK || place.class == REGISTER_FRAME)
        place.class = REGISTER_GENERAL;
    if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
        place.off = 8;
    if (place.class == REGISTER_SEGMENT) {
        static const uint8_t numbers[] = {3, 0, 1, 2, 4, 5}; /* es cs ss ds fs gs */
        place.number = numbers[reg - ZYDIS_REGISTER_ES];
        place.bits = 16;
    }
    if (reg >= ZYDIS_REGISTER_MM0 && reg <= ZYDIS_REGISTER_MM7)
        place.class = REGISTER_FLOAT;
    return place;
}

/* Pointers that Zydis 4.0.0 does not name as hidden operands (zydis-db#57). */
static uint32_t forgotten_pointers(uint16_t id) {
    enum { RSI = 1 << 6, RDI = 1 << 7 };
    switch (id) {
    case X86_CMPSB:
    case X86_CMPSW:
    case X86_CMPSD_STRING:
    case X86_CMPSQ:
        return RSI | RDI;
    case X86_SCASB:
    case X86_SCASW:
    case X86_SCASD:
    case X86_SCASQ:
    case X86_INSB:
    case X86_INSW:
    case X86_INSD:
        return RDI;
    case X86_OUTSB:
    case X86_OUTSW:
    case X86_OUTSD:
        return RSI;
    default:
        return 0;
    }
}

static bool x86_implied(const Decoder *decoder, Bytes b, Implied *out) {
    ZydisDecodedInstruction in;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&x86_of(decoder)->zydis, b.at, b.size, &in, operands)))
        return false;
    for (unsigned i = in.operand_count_visible; i < in.operand_count; i++) {
        const ZydisDecodedOperand *o = &operands[i];
        if (o->type != ZYDIS_OPERAND_TYPE_REGISTER)
            continue;
        RegisterPlace place = x86_register_place((uint16_t)o->reg.value);
        if (place.class != REGISTER_GENERAL)
            continue;
        if (o->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
            out->read |= (uint32_t)1 << place.number;
        if (o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
            out->written |= (uint32_t)1 << place.number;
    }
    uint32_t pointers = forgotten_pointers(id_of(&in));
    out->read |= pointers;
    out->written |= pointers;
    if (in.cpu_flags)
        out->flags_written = in.cpu_flags->modified | in.cpu_flags->set_0 | in.cpu_flags->set_1 |
                             in.cpu_flags->undefined;
    return true;
}

/* Scalar instructions by name; what is not listed is sorted by the first letters below. Cited by
 * number in stored features: never renumber MnemonicGroup. Longer than 70 lines because it is one
 * list. */
static MnemonicGroup group_of_scalar(int m) {
    switch (m) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVBE:
    case ZYDIS_MNEMONIC_BSWAP:
    case ZYDIS_MNEMONIC_LAHF:
    case ZYDIS_MNEMONIC_SAHF:
    case ZYDIS_MNEMONIC_XLAT:
        return GROUP_MOVE;
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
    case ZYDIS_MNEMONIC_MOVZX:
    case ZYDIS_MNEMONIC_CBW:
    case ZYDIS_MNEMONIC_CWDE:
    case ZYDIS_MNEMONIC_CDQE:
    case ZYDIS_MNEMONIC_CWD:
    case ZYDIS_MNEMONIC_CDQ:
    case ZYDIS_MNEMONIC_CQO:
        return GROUP_EXTEND;
    case ZYDIS_MNEMONIC_LEA:
        return GROUP_ADDRESS;
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_ADC:
    case ZYDIS_MNEMONIC_ADCX:
    case ZYDIS_MNEMONIC_ADOX:
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_SBB:
    case ZYDIS_MNEMONIC_INC:
    case ZYDIS_MNEMONIC_DEC:
    case ZYDIS_MNEMONIC_NEG:
    case ZYDIS_MNEMONIC_AAA:
    case ZYDIS_MNEMONIC_AAS:
    case ZYDIS_MNEMONIC_DAA:
    case ZYDIS_MNEMONIC_DAS:
        return GROUP_ARITHMETIC;
    case ZYDIS_MNEMONIC_MUL:
    case ZYDIS_MNEMONIC_IMUL:
    case ZYDIS_MNEMONIC_MULX:
    case ZYDIS_MNEMONIC_AAD:
        return GROUP_MULTIPLY;
    case ZYDIS_MNEMONIC_DIV:
    case ZYDIS_MNEMONIC_IDIV:
    case ZYDIS_MNEMONIC_AAM:
        return GROUP_DIVIDE;
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_ANDN:
    case ZYDIS_MNEMONIC_OR:
    case ZYDIS_MNEMONIC_XOR:
    case ZYDIS_MNEMONIC_NOT:
        return GROUP_LOGIC;
    case ZYDIS_MNEMONIC_SHL:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_SAR:
    case ZYDIS_MNEMONIC_ROL:
    case ZYDIS_MNEMONIC_ROR:
    case ZYDIS_MNEMONIC_RCL:
    case ZYDIS_MNEMONIC_RCR:
    case ZYDIS_MNEMONIC_SHLD:
    case ZYDIS_MNEMONIC_SHRD:
    case ZYDIS_MNEMONIC_SHLX:
    case ZYDIS_MNEMONIC_SHRX:
    case ZYDIS_MNEMONIC_SARX:
    case ZYDIS_MNEMONIC_RORX:
        return GROUP_SHIFT;
    case ZYDIS_MNEMONIC_CMP:
    case ZYDIS_MNEMONIC_TEST:
    case ZYDIS_MNEMONIC_BOUND:
        return GROUP_COMPARE;
    case ZYDIS_MNEMONIC_JMP:
        return GROUP_JUMP;
    case ZYDIS_MNEMONIC_CALL:
        return GROUP_CALL;
    case ZYDIS_MNEMONIC_RET:
        return GROUP_RETURN;
    case ZYDIS_MNEMONIC_PUSH:
    case ZYDIS_MNEMONIC_PUSHA:
    case ZYDIS_MNEMONIC_PUSHAD:
    case ZYDIS_MNEMONIC_PUSHF:
    case ZYDIS_MNEMONIC_PUSHFD:
    case ZYDIS_MNEMONIC_PUSHFQ:
    case ZYDIS_MNEMONIC_POP:
    case ZYDIS_MNEMONIC_POPA:
    case ZYDIS_MNEMONIC_POPAD:
    case ZYDIS_MNEMONIC_POPF:
    case ZYDIS_MNEMONIC_POPFD:
    case ZYDIS_MNEMONIC_POPFQ:
    case ZYDIS_MNEMONIC_ENTER:
    case ZYDIS_MNEMONIC_LEAVE:
        return GROUP_STACK;
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTC:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTS:
    case ZYDIS_MNEMONIC_BSF:
    case ZYDIS_MNEMONIC_BSR:
    case ZYDIS_MNEMONIC_LZCNT:
    case ZYDIS_MNEMONIC_TZCNT:
    case ZYDIS_MNEMONIC_POPCNT:
    case ZYDIS_MNEMONIC_BEXTR:
    case ZYDIS_MNEMONIC_BLSI:
    case ZYDIS_MNEMONIC_BLSR:
    case ZYDIS_MNEMONIC_BLSMSK:
    case ZYDIS_MNEMONIC_BZHI:
    case ZYDIS_MNEMONIC_PDEP:
    case ZYDIS_MNEMONIC_PEXT:
        return GROUP_BIT;
    case ZYDIS_MNEMONIC_CLC:
    case ZYDIS_MNEMONIC_STC:
    case ZYDIS_MNEMONIC_CMC:
    case ZYDIS_MNEMONIC_CLD:
    case ZYDIS_MNEMONIC_STD:
    case ZYDIS_MNEMONIC_SALC:
        return GROUP_FLAG;
    case ZYDIS_MNEMONIC_NOP:
    case ZYDIS_MNEMONIC_PAUSE:
    case ZYDIS_MNEMONIC_ENDBR32:
    case ZYDIS_MNEMONIC_ENDBR64:
    case ZYDIS_MNEMONIC_PREFETCH:
    case ZYDIS_MNEMONIC_PREFETCHNTA:
    case ZYDIS_MNEMONIC_PREFETCHT0:
    case ZYDIS_MNEMONIC_PREFETCHT1:
    case ZYDIS_MNEMONIC_PREFETCHT2:
    case ZYDIS_MNEMONIC_PREFETCHW:
        return GROUP_NOP;
    case ZYDIS_MNEMONIC_XCHG:
    case ZYDIS_MNEMONIC_XADD:
    case ZYDIS_MNEMONIC_CMPXCHG:
    case ZYDIS_MNEMONIC_CMPXCHG8B:
    case ZYDIS_MNEMONIC_CMPXCHG16B:
    case ZYDIS_MNEMONIC_LFENCE:
    case ZYDIS_MNEMONIC_SFENCE:
    case ZYDIS_MNEMONIC_MFENCE:
        return GROUP_ATOMIC;
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_INT1:
    case ZYDIS_MNEMONIC_UD0:
    case ZYDIS_MNEMONIC_UD1:
    case ZYDIS_MNEMONIC_UD2:
    case ZYDIS_MNEMONIC_HLT:
        return GROUP_TRAP;
    default:
        return GROUP_OTHER;
    }
}

static MnemonicGroup group_of_string(int m) {
    switch (m) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSQ:
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSQ:
        return GROUP_STRING;
    case ZYDIS_MNEMONIC_IN:
    case ZYDIS_MNEMONIC_OUT:
    case ZYDIS_MNEMONIC_INSB:
    case ZYDIS_MNEMONIC_INSW:
    case ZYDIS_MNEMONIC_INSD:
    case ZYDIS_MNEMONIC_OUTSB:
    case ZYDIS_MNEMONIC_OUTSW:
    case ZYDIS_MNEMONIC_OUTSD:
        return GROUP_IO;
    case ZYDIS_MNEMONIC_SYSCALL:
    case ZYDIS_MNEMONIC_SYSENTER:
    case ZYDIS_MNEMONIC_SYSEXIT:
    case ZYDIS_MNEMONIC_SYSRET:
    case ZYDIS_MNEMONIC_INT:
    case ZYDIS_MNEMONIC_INTO:
    case ZYDIS_MNEMONIC_CPUID:
    case ZYDIS_MNEMONIC_RDTSC:
    case ZYDIS_MNEMONIC_RDTSCP:
    case ZYDIS_MNEMONIC_RDRAND:
    case ZYDIS_MNEMONIC_RDSEED:
    case ZYDIS_MNEMONIC_XGETBV:
    case ZYDIS_MNEMONIC_CLI:
    case ZYDIS_MNEMONIC_STI:
        return GROUP_SYSTEM;
    case ZYDIS_MNEMONIC_IRET:
    case ZYDIS_MNEMONIC_IRETD:
    case ZYDIS_MNEMONIC_IRETQ:
        return GROUP_RETURN;
    case ZYDIS_MNEMONIC_FWAIT:
        return GROUP_FLOAT;
    default:
        return GROUP_OTHER;
    }
}

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Families that are many: the first rule that fits wins, so that longer prefixes stand first.
 * Longer than 70 lines because it is one list. */
static MnemonicGroup group_of_name(const char *name) {
    static const struct {
        const char *prefix;
        MnemonicGroup group;
    } rules[] = {
        {"cmov", GROUP_CONDITIONAL},
        {"set", GROUP_CONDITIONAL},
        {"j", GROUP_BRANCH},
        {"loop", GROUP_BRANCH},
        {"f", GROUP_FLOAT},
        {"aes", GROUP_CRYPTO},
        {"sha", GROUP_CRYPTO},
        {"pclmul", GROUP_CRYPTO},
        {"crc32", GROUP_CRYPTO},
        {"gf2p8", GROUP_CRYPTO},
        {"mov", GROUP_VECTOR_MOVE},
        {"lddqu", GROUP_VECTOR_MOVE},
        {"maskmov", GROUP_VECTOR_MOVE},
        {"pinsr", GROUP_VECTOR_MOVE},
        {"pextr", GROUP_VECTOR_MOVE},
        {"insertps", GROUP_VECTOR_MOVE},
        {"extract", GROUP_VECTOR_MOVE},
        {"gather", GROUP_VECTOR_MOVE},
        {"scatter", GROUP_VECTOR_MOVE},
        {"insert", GROUP_VECTOR_MOVE},
        {"broadcast", GROUP_VECTOR_MOVE},
        {"pbroadcast", GROUP_VECTOR_MOVE},
        {"pmov", GROUP_VECTOR_MOVE},
        {"shuf", GROUP_VECTOR_SHUFFLE},
        {"pshuf", GROUP_VECTOR_SHUFFLE},
        {"unpck", GROUP_VECTOR_SHUFFLE},
        {"punpck", GROUP_VECTOR_SHUFFLE},
        {"pack", GROUP_VECTOR_SHUFFLE},
        {"palign", GROUP_VECTOR_SHUFFLE},
        {"perm", GROUP_VECTOR_SHUFFLE},
        {"blend", GROUP_VECTOR_SHUFFLE},
        {"pblend", GROUP_VECTOR_SHUFFLE},
        {"and", GROUP_VECTOR_LOGIC},
        {"or", GROUP_VECTOR_LOGIC},
        {"xor", GROUP_VECTOR_LOGIC},
        {"pand", GROUP_VECTOR_LOGIC},
        {"por", GROUP_VECTOR_LOGIC},
        {"pxor", GROUP_VECTOR_LOGIC},
        {"ptest", GROUP_VECTOR_COMPARE},
        {"ptern", GROUP_VECTOR_LOGIC},
        {"cmp", GROUP_VECTOR_COMPARE},
        {"pcmp", GROUP_VECTOR_COMPARE},
        {"comis", GROUP_VECTOR_COMPARE},
        {"ucomis", GROUP_VECTOR_COMPARE},
        {"cvt", GROUP_VECTOR_CONVERT},
        {"psll", GROUP_VECTOR_SHIFT},
        {"psrl", GROUP_VECTOR_SHIFT},
        {"psra", GROUP_VECTOR_SHIFT},
        {"add", GROUP_VECTOR_ARITHMETIC},
        {"sub", GROUP_VECTOR_ARITHMETIC},
        {"mul", GROUP_VECTOR_ARITHMETIC},
        {"div", GROUP_VECTOR_ARITHMETIC},
        {"max", GROUP_VECTOR_ARITHMETIC},
        {"min", GROUP_VECTOR_ARITHMETIC},
        {"sqrt", GROUP_VECTOR_ARITHMETIC},
        {"rsqrt", GROUP_VECTOR_ARITHMETIC},
        {"rcpp", GROUP_VECTOR_ARITHMETIC},
        {"rcps", GROUP_VECTOR_ARITHMETIC},
        {"round", GROUP_VECTOR_ARITHMETIC},
        {"hadd", GROUP_VECTOR_ARITHMETIC},
        {"hsub", GROUP_VECTOR_ARITHMETIC},
        {"dpp", GROUP_VECTOR_ARITHMETIC},
        {"zero", GROUP_VECTOR_MOVE},
        {"p", GROUP_VECTOR_ARITHMETIC},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (starts_with(name, rules[i].prefix))
            return rules[i].group;
    return GROUP_OTHER;
}

static MnemonicGroup x86_mnemonic_group(uint16_t mnemonic) {
    MnemonicGroup group = group_of_scalar(mnemonic);
    if (group == GROUP_OTHER)
        group = group_of_string(mnemonic);
    if (group != GROUP_OTHER)
        return group;
    const char *name = x86_mnemonic(mnemonic);
    /* AVX names are SSE names with a v. */
    if (name[0] == 'v' && !starts_with(name, "ver") && !starts_with(name, "vm"))
        name++;
    else if (starts_with(name, "vmov") || starts_with(name, "vmul") || starts_with(name, "vma") ||
             starts_with(name, "vmi"))
        name++;
    if (name[0] == 'f' && name > x86_mnemonic(mnemonic))
        return GROUP_VECTOR_ARITHMETIC; /* vfmadd.. */
    return group_of_name(name);
}

static const DecoderOps x86_ops = {.flow = x86_flow,
                                   .full = x86_full,
                                   .mnemonic = x86_mnemonic,
                                   .mnemonic_group = x86_mnemonic_group,
                                   .register_class = x86_register_class,
                                   .register_number = x86_register_number,
                                   .register_place = x86_register_place,
                                   .implied = x86_implied,
                                   .register_count = ZYDIS_REGISTER_MAX_VALUE + 1};

Decoder *decoder_x86(Arena *a, const Image *image) {
    bool is_64 = image->arch == ARCH_X64;
    if (!is_64 && (image->arch != ARCH_X86 || image->bits == 16))
        return NULL;
    X86Decoder *d = ARENA_NEW(a, X86Decoder);
    d->decoder.ops = &x86_ops;
    d->is_64 = is_64;
    X86Registers registers = {.is_64 = is_64,
                              .general = is_64 ? ZYDIS_REGISTER_RAX : ZYDIS_REGISTER_EAX,
                              .ds = ZYDIS_REGISTER_DS,
                              .ss = ZYDIS_REGISTER_SS};
    d->forms = x86_forms_new(a, registers);
    ZyanStatus status =
        is_64
            ? ZydisDecoderInit(&d->zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)
            : ZydisDecoderInit(&d->zydis, ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32);
    return ZYAN_SUCCESS(status) ? &d->decoder : NULL;
}

void decoder_x86_without_forms(Decoder *d) { ((X86Decoder *)d)->forms = NULL; }
