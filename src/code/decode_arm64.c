/* SPDX-License-Identifier: Apache-2.0
 * decode_arm64.c: A64 words as instructions: flow and addresses, operands, groups. Registers are
 * numbered 1 + n for x0..x30 (w the same), 32 for sp, 33 for the zero register, 64 + n for v0..v31.
 */
#include <string.h>

#include "code/a64.h"
#include "code/decode_ops.h"

enum { REG_GENERAL = 1, REG_SP = 32, REG_ZERO = 33, REG_VECTOR = 64, FRAME = 29 };

typedef struct Arm64Decoder {
    Decoder decoder; /* first */
    A64Table *table;
} Arm64Decoder;

static const A64Table *table_of(const Decoder *d) { return ((const Arm64Decoder *)d)->table; }

static void set_target(uint32_t w, unsigned low, unsigned count, Insn *out) {
    out->target = out->va + (uint64_t)a64_signed(w, low, count) * 4;
    out->address_bits = ((1u << count) - 1) << low;
}

/* Bits that one register of a load or store holds in memory. */
static unsigned memory_bits(A64Class kind, uint32_t w) {
    switch ((int)kind) {
    case A64_LOAD_PAIR:
    case A64_STORE_PAIR:
        return w >> 31 ? 64 : 32;
    case A64_LOAD_PAIR_V:
    case A64_STORE_PAIR_V:
    case A64_LOAD_LITERAL_V:
        return 32u << (w >> 30);
    case A64_LOAD_V:
    case A64_STORE_V:
        return a64_bits(w, 23, 1) ? 128 : 8u << (w >> 30);
    case A64_LOAD_LITERAL:
        return w >> 30 == 1 ? 64 : 32;
    case A64_STRUCT:
    case A64_STRUCT_LANE:
    case A64_STRUCT_SPLAT:
        return a64_bits(w, 30, 1) ? 128 : 64;
    default:
        return 8u << (w >> 30);
    }
}

/* brk: 0xf000 is __debugbreak of Windows and __builtin_debugtrap of clang; what it is in the code
 * at hand is for discovery to say. */
static void flow_fill(A64Class kind, uint32_t w, Insn *out) {
    switch ((int)kind) {
    case A64_JUMP:
    case A64_CALL:
        out->flow = kind == A64_JUMP ? FLOW_JUMP : FLOW_CALL;
        set_target(w, 0, 26, out);
        break;
    case A64_BRANCH_COND: /* al and nv are always */
        out->flow = a64_bits(w, 1, 3) == 7 ? FLOW_JUMP : FLOW_BRANCH;
        set_target(w, 5, 19, out);
        break;
    case A64_BRANCH_ZERO:
        out->flow = FLOW_BRANCH;
        set_target(w, 5, 19, out);
        break;
    case A64_BRANCH_BIT:
        out->flow = FLOW_BRANCH;
        set_target(w, 5, 14, out);
        break;
    case A64_JUMP_REG:
        out->flow = FLOW_JUMP_INDIRECT;
        break;
    case A64_CALL_REG:
        out->flow = FLOW_CALL_INDIRECT;
        break;
    case A64_RETURN:
    case A64_ERET:
        out->flow = FLOW_RETURN;
        break;
    case A64_SYSCALL:
        out->flow = FLOW_SYSCALL;
        break;
    case A64_TRAP:
    case A64_RESERVED:
        out->flow = FLOW_STOP;
        break;
    case A64_PCREL: {
        uint64_t imm = (uint64_t)a64_signed(w, 5, 19) << 2 | a64_bits(w, 29, 2);
        /* With the bit that tells adr from adrp: linkers make the one the other, to keep clear of a
         * processor's fault (Cortex-A53 843419). */
        out->address_bits = 0xe0ffffe0;
        if (w >> 31 == 0)
            out->mem_va = out->va + imm;
        break;
    }
    case A64_LOAD_LITERAL:
    case A64_LOAD_LITERAL_V:
        out->address_bits = 0xffffe0;
        out->mem_va = out->va + (uint64_t)a64_signed(w, 5, 19) * 4;
        out->literal_size = (uint8_t)(memory_bits(kind, w) / 8);
        break;
    default:
        break;
    }
}

static bool arm64_flow(const Decoder *d, Bytes b, uint64_t va, Insn *out) {
    if (b.size < 4)
        return false;
    uint32_t w = bytes_u32_at(b, 0);
    uint16_t row = a64_find(table_of(d), w);
    if (row == A64_NONE)
        return false;
    out->va = va;
    out->length = 4;
    out->mnemonic = row;
    flow_fill(a64_row(row)->kind, w, out);
    return true;
}

static void known_set(Known *k, unsigned r, uint64_t value, uint32_t *as) {
    if (r == 31)
        return;
    k->value[r] = value;
    *as |= 1u << r;
}

/* ldr, str and add: the register they use is known. */
static void track_memory(Known *k, A64Class kind, uint32_t w, Insn *in) {
    unsigned n = a64_bits(w, 5, 5);
    uint64_t base = k->value[n];
    bool is_page = k->page >> n & 1;
    if (!(k->constant >> n & 1))
        return;
    switch ((int)kind) {
    case A64_LOAD:
    case A64_STORE:
    case A64_LOAD_V:
    case A64_STORE_V:
        if (a64_bits(w, 24, 1)) {
            unsigned scale = w >> 30;
            if (a64_bits(w, 26, 1) && a64_bits(w, 23, 1))
                scale = 4;
            in->mem_va = base + ((uint64_t)a64_bits(w, 10, 12) << scale);
            if (is_page)
                in->address_bits = 0x3ffc00;
        } else if (!a64_bits(w, 21, 1) && a64_bits(w, 10, 2) != 1) {
            in->mem_va = base + (uint64_t)a64_signed(w, 12, 9);
        } else if (!is_page) {
            in->mem_va = base;
        }
        break;
    case A64_LOAD_PAIR:
    case A64_STORE_PAIR:
        in->mem_va = base + (uint64_t)a64_signed(w, 15, 7) * (w >> 31 ? 8 : 4);
        break;
    case A64_LOAD_PAIR_V:
    case A64_STORE_PAIR_V:
        in->mem_va = base + (uint64_t)a64_signed(w, 15, 7) * (4u << (w >> 30));
        break;
    case A64_LOAD_EX:
    case A64_STORE_EX:
    case A64_ATOMIC:
    case A64_CAS:
    case A64_STRUCT:
    case A64_STRUCT_LANE:
    case A64_STRUCT_SPLAT:
        in->mem_va = base;
        break;
    default:
        break;
    }
}

static bool is_load_64(A64Class kind, uint32_t w) {
    return (kind == A64_LOAD && w >> 30 == 3 && a64_bits(w, 22, 2) == 1) ||
           (kind == A64_LOAD_LITERAL && w >> 30 == 1);
}

/* Calls and jumps through registers; then what a call loses: x0..x18 and x30 (procedure call
 * standard, 6.1.1; x18 is the platform's). */
static void track_flow(Known *k, A64Class kind, uint32_t w, Insn *in) {
    unsigned n = a64_bits(w, 5, 5);
    if (kind == A64_JUMP_REG || kind == A64_CALL_REG) {
        if (k->loaded >> n & 1) {
            in->mem_va = k->value[n];
        } else if (k->constant >> n & 1) {
            in->flow = kind == A64_JUMP_REG ? FLOW_JUMP : FLOW_CALL;
            in->target = k->value[n];
        }
    }
    if (kind == A64_CALL || kind == A64_CALL_REG) {
        k->constant &= 0x3ff80000;
        k->loaded &= 0x3ff80000;
        k->page &= 0x3ff80000;
    }
}

static void arm64_track(const Decoder *decoder, Known *k, const uint8_t *at, Insn *in) {
    uint32_t w = bytes_u32_at((Bytes){at, 4}, 0);
    A64Class kind = a64_row(in->mnemonic)->kind;
    (void)decoder;
    unsigned d = a64_bits(w, 0, 5), n = a64_bits(w, 5, 5), m = a64_bits(w, 16, 5);
    uint32_t dropped = a64_writes(kind, w);
    Known before = {.constant = k->constant, .page = k->page, .loaded = k->loaded};
    uint64_t base = k->value[n], other = k->value[m];
    if (kind >= A64_JUMP && kind <= A64_RETURN) {
        track_flow(k, kind, w, in);
        return;
    }
    track_memory(k, kind, w, in);
    k->constant &= ~dropped;
    k->loaded &= ~dropped;
    k->page &= ~dropped;
    bool is_page = before.page >> n & 1;
    if (kind == A64_PCREL) {
        uint64_t page = (in->va & ~(uint64_t)0xfff) +
                        (((uint64_t)a64_signed(w, 5, 19) << 2 | a64_bits(w, 29, 2)) << 12);
        known_set(k, d, w >> 31 ? page : in->mem_va, &k->constant);
        if ((w >> 31 || (in->mem_va & 0xfff) == 0) && d != 31)
            k->page |= 1u << d;
    } else if (kind == A64_ADD_IMM && w >> 31 && !a64_bits(w, 29, 1) &&
               (before.constant >> n & 1)) {
        uint64_t imm = (uint64_t)a64_bits(w, 10, 12) << (a64_bits(w, 22, 1) * 12);
        uint64_t sum = a64_bits(w, 30, 1) ? base - imm : base + imm;
        known_set(k, d, sum, &k->constant);
        in->mem_va = sum;
        if (is_page)
            in->address_bits = 0x3ffc00;
    } else if (kind == A64_LOGIC_REG && (w & 0xffe0ffe0) == 0xaa0003e0) { /* mov xd, xm */
        if (before.constant >> m & 1)
            known_set(k, d, other, &k->constant);
        if (before.loaded >> m & 1)
            known_set(k, d, other, &k->loaded);
        if ((before.page >> m & 1) && d != 31)
            k->page |= 1u << d;
    } else if (is_load_64(kind, w) && in->mem_va != 0) {
        known_set(k, d, in->mem_va, &k->loaded);
    }
}

static uint16_t general(unsigned n, bool is_sp) {
    return (uint16_t)(n < 31 ? REG_GENERAL + n : is_sp ? REG_SP : REG_ZERO);
}

static Operand *add_operand(Insn *out, OperandKind kind, unsigned bits, unsigned access) {
    Operand *o = &out->operands[out->operand_count++];
    *o = (Operand){.kind = kind, .bits = (uint16_t)bits, .access = (uint8_t)access};
    return o;
}

static void add_reg(Insn *out, unsigned bits, unsigned access, uint16_t reg) {
    add_operand(out, OPERAND_REG, bits, access)->reg = reg;
}

static void add_imm(Insn *out, uint64_t value) {
    add_operand(out, OPERAND_IMM, 64, ACCESS_READ)->value = (int64_t)value;
    out->imm = value;
    out->has_imm = true;
}

/* Classes whose registers are all alike: Rd, Rn and, where bit 21 down to 16 hold one, Rm. */
static void full_registers(A64Class kind, uint32_t w, Insn *out) {
    unsigned bits = w >> 31 ? 64 : 32;
    bool sp = kind == A64_ADD_IMM || kind == A64_LOGIC_IMM || kind == A64_ADD_EXTENDED;
    bool sets_flags =
        (kind == A64_ADD_IMM || kind == A64_ADD_EXTENDED) ? a64_bits(w, 29, 1) : (w >> 29 & 3) == 3;
    if (kind != A64_COND_COMPARE)
        add_reg(out, bits, ACCESS_WRITE, general(a64_bits(w, 0, 5), sp && !sets_flags));
    if (kind == A64_MOVE_WIDE)
        return;
    add_reg(out, bits, ACCESS_READ,
            general(a64_bits(w, 5, 5), kind == A64_ADD_IMM || kind == A64_ADD_EXTENDED));
    if (kind >= A64_EXTRACT && kind != A64_ONE_SOURCE && kind != A64_AUTH &&
        !(kind == A64_COND_COMPARE && a64_bits(w, 11, 1)))
        add_reg(out, bits, ACCESS_READ, general(a64_bits(w, 16, 5), false));
    if (kind == A64_MULTIPLY)
        add_reg(out, bits, ACCESS_READ, general(a64_bits(w, 10, 5), false));
}

static void full_immediate(A64Class kind, uint32_t w, Insn *out) {
    uint64_t imm = 0;
    switch ((int)kind) {
    case A64_ADD_IMM:
        add_imm(out, (uint64_t)a64_bits(w, 10, 12) << (a64_bits(w, 22, 1) * 12));
        break;
    case A64_MINMAX_IMM:
        add_imm(out, (uint64_t)a64_signed(w, 10, 8));
        break;
    case A64_LOGIC_IMM:
        a64_logic_imm(w, &imm);
        add_imm(out, imm);
        break;
    case A64_MOVE_WIDE:
        imm = (uint64_t)a64_bits(w, 5, 16) << (a64_bits(w, 21, 2) * 16);
        if (a64_bits(w, 29, 2) == 0)
            imm = w >> 31 ? ~imm : ~imm & UINT32_MAX;
        add_imm(out, imm);
        break;
    case A64_BITFIELD:
        add_imm(out, a64_bits(w, 16, 6));
        add_imm(out, a64_bits(w, 10, 6));
        break;
    case A64_COND_COMPARE:
        if (a64_bits(w, 11, 1))
            add_imm(out, a64_bits(w, 16, 5));
        break;
    default:
        break;
    }
}

/* [base + index + disp] of loads and stores. */
static void full_address(A64Class kind, uint32_t w, unsigned bits, bool is_load, Insn *out) {
    Operand *o = add_operand(out, OPERAND_MEM, bits, is_load ? ACCESS_READ : ACCESS_WRITE);
    o->base = general(a64_bits(w, 5, 5), true);
    bool is_pair = kind == A64_LOAD_PAIR || kind == A64_STORE_PAIR || kind == A64_LOAD_PAIR_V ||
                   kind == A64_STORE_PAIR_V;
    bool is_plain = kind == A64_LOAD || kind == A64_STORE || kind == A64_LOAD_V ||
                    kind == A64_STORE_V || kind == A64_PREFETCH;
    if (is_pair) {
        o->value = a64_signed(w, 15, 7) * (int64_t)(bits / 8);
    } else if (is_plain && a64_bits(w, 24, 1)) {
        o->value = (int64_t)a64_bits(w, 10, 12) * (int64_t)(bits / 8);
    } else if (is_plain && !a64_bits(w, 21, 1)) {
        o->value = a64_signed(w, 12, 9);
    } else if (is_plain && a64_bits(w, 10, 2) == 2) {
        o->index = general(a64_bits(w, 16, 5), false);
        o->scale = a64_bits(w, 12, 1) ? (uint8_t)(bits / 8) : 1;
    }
}

static void full_memory(A64Class kind, uint32_t w, Insn *out) {
    bool is_vector = a64_bits(w, 26, 1);
    bool is_load = kind == A64_LOAD || kind == A64_LOAD_V || kind == A64_LOAD_PAIR ||
                   kind == A64_LOAD_PAIR_V || kind == A64_LOAD_EX || kind == A64_LOAD_EX_PAIR ||
                   kind == A64_LOAD_LITERAL || kind == A64_LOAD_LITERAL_V ||
                   kind == A64_LOAD_AUTH || kind == A64_STRUCT_SPLAT ||
                   ((kind == A64_STRUCT || kind == A64_STRUCT_LANE) && a64_bits(w, 22, 1));
    unsigned bits = memory_bits(kind, w), access = is_load ? ACCESS_WRITE : ACCESS_READ;
    unsigned t = a64_bits(w, 0, 5), u = a64_bits(w, 10, 5);
    if (kind != A64_PREFETCH)
        add_reg(out, bits, access, is_vector ? (uint16_t)(REG_VECTOR + t) : general(t, false));
    if (kind == A64_LOAD_PAIR || kind == A64_STORE_PAIR || kind == A64_LOAD_PAIR_V ||
        kind == A64_STORE_PAIR_V || kind == A64_LOAD_EX_PAIR || kind == A64_STORE_EX_PAIR)
        add_reg(out, bits, access, is_vector ? (uint16_t)(REG_VECTOR + u) : general(u, false));
    if (kind == A64_LOAD_LITERAL || kind == A64_LOAD_LITERAL_V)
        add_operand(out, OPERAND_MEM, bits, ACCESS_READ)->value = (int64_t)out->mem_va;
    else
        full_address(kind, w, bits, is_load, out);
}

static void full_vector(A64Class kind, uint32_t w, Insn *out) {
    bool to_general = kind == A64_V_GET || kind == A64_F_TO_FIXED || kind == A64_F_TO_INT ||
                      (kind == A64_F_MOVE && !a64_bits(w, 16, 1));
    bool from_general = kind == A64_V_DUP || kind == A64_V_INSERT || kind == A64_F_FROM_FIXED ||
                        kind == A64_F_FROM_INT || (kind == A64_F_MOVE && a64_bits(w, 16, 1));
    unsigned d = a64_bits(w, 0, 5), n = a64_bits(w, 5, 5), bits = a64_bits(w, 30, 1) ? 128 : 64;
    if (kind != A64_F_COMPARE && kind != A64_F_COND_COMPARE)
        add_reg(out, bits, ACCESS_WRITE,
                to_general ? general(d, false) : (uint16_t)(REG_VECTOR + d));
    if (kind != A64_V_IMM && kind != A64_F_IMM)
        add_reg(out, bits, ACCESS_READ,
                from_general ? general(n, false) : (uint16_t)(REG_VECTOR + n));
}

static bool arm64_full(const Decoder *d, Bytes b, uint64_t va, Insn *out) {
    if (!arm64_flow(d, b, va, out))
        return false;
    uint32_t w = bytes_u32_at(b, 0);
    A64Class kind = a64_row(out->mnemonic)->kind;
    if (kind == A64_PCREL) {
        add_reg(out, 64, ACCESS_WRITE, general(a64_bits(w, 0, 5), false));
        Operand *o = add_operand(out, OPERAND_MEM, 64, ACCESS_READ);
        o->is_agen = true;
        o->value = (int64_t)out->mem_va;
    } else if ((kind > A64_PCREL && kind < A64_JUMP) ||
               (kind >= A64_DIVIDE && kind < A64_V_DUP_LANE)) {
        full_registers(kind, w, out);
        full_immediate(kind, w, out);
    } else if (kind < A64_STORE_EX) {
        if (kind == A64_BRANCH_ZERO || kind == A64_BRANCH_BIT)
            add_reg(out, w >> 31 ? 64 : 32, ACCESS_READ, general(a64_bits(w, 0, 5), false));
        if (kind == A64_JUMP_REG || kind == A64_CALL_REG)
            add_reg(out, 64, ACCESS_READ, general(a64_bits(w, 5, 5), false));
        if (kind >= A64_JUMP && kind <= A64_BRANCH_BIT)
            add_operand(out, OPERAND_TARGET, 64, ACCESS_READ)->value = (int64_t)out->target;
    } else if (kind < A64_DIVIDE) {
        full_memory(kind, w, out);
    } else {
        full_vector(kind, w, out);
    }
    return true;
}

static const char *arm64_mnemonic(uint16_t mnemonic) {
    return mnemonic < a64_row_count() ? a64_row(mnemonic)->name : "invalid";
}

/* Groups of the classes between an integer one and the next; what is finer goes by name. */
static MnemonicGroup group_of_integer(A64Class kind) {
    switch ((int)kind) {
    case A64_PCREL:
        return GROUP_ADDRESS;
    case A64_ADD_IMM:
    case A64_ADD_REG:
    case A64_ADD_EXTENDED:
    case A64_ADD_CARRY:
    case A64_MINMAX_IMM:
    case A64_MINMAX_REG:
        return GROUP_ARITHMETIC;
    case A64_LOGIC_IMM:
    case A64_LOGIC_REG:
        return GROUP_LOGIC;
    case A64_MOVE_WIDE:
        return GROUP_MOVE;
    case A64_BITFIELD:
    case A64_EXTRACT:
    case A64_SHIFT_REG:
        return GROUP_SHIFT;
    case A64_MULTIPLY:
    case A64_MULTIPLY_HIGH:
        return GROUP_MULTIPLY;
    case A64_DIVIDE:
        return GROUP_DIVIDE;
    case A64_ONE_SOURCE:
        return GROUP_BIT;
    case A64_COND_COMPARE:
        return GROUP_COMPARE;
    case A64_COND_SELECT:
        return GROUP_CONDITIONAL;
    case A64_CRC:
        return GROUP_CRYPTO;
    case A64_FLAG:
        return GROUP_FLAG;
    default:
        return GROUP_OTHER;
    }
}

static MnemonicGroup group_of_flow(A64Class kind) {
    switch ((int)kind) {
    case A64_JUMP:
    case A64_JUMP_REG:
        return GROUP_JUMP;
    case A64_CALL:
    case A64_CALL_REG:
        return GROUP_CALL;
    case A64_BRANCH_COND:
    case A64_BRANCH_ZERO:
    case A64_BRANCH_BIT:
        return GROUP_BRANCH;
    case A64_RETURN:
    case A64_ERET:
        return GROUP_RETURN;
    case A64_TRAP:
    case A64_RESERVED:
        return GROUP_TRAP;
    case A64_NOP:
    case A64_HINT:
    case A64_AUTH:
    case A64_PREFETCH:
        return GROUP_NOP;
    case A64_SYSCALL:
    case A64_MSR_IMM:
    case A64_SYS:
    case A64_SYSL:
    case A64_MSR:
    case A64_MRS:
        return GROUP_SYSTEM;
    default:
        return GROUP_OTHER;
    }
}

static MnemonicGroup group_of_memory(A64Class kind) {
    switch ((int)kind) {
    case A64_STORE_EX:
    case A64_STORE_EX_PAIR:
    case A64_LOAD_EX:
    case A64_LOAD_EX_PAIR:
    case A64_CAS:
    case A64_CASP:
    case A64_ATOMIC:
    case A64_BARRIER:
    case A64_BLOCK_64:
        return GROUP_ATOMIC;
    case A64_LOAD_V:
    case A64_STORE_V:
    case A64_LOAD_PAIR_V:
    case A64_STORE_PAIR_V:
    case A64_LOAD_LITERAL_V:
    case A64_STRUCT:
    case A64_STRUCT_LANE:
    case A64_STRUCT_SPLAT:
        return GROUP_VECTOR_MOVE;
    case A64_LOAD:
    case A64_STORE:
    case A64_LOAD_PAIR:
    case A64_STORE_PAIR:
    case A64_LOAD_LITERAL:
    case A64_LOAD_AUTH:
        return GROUP_MOVE;
    default:
        return GROUP_OTHER;
    }
}

static MnemonicGroup group_of_vector(A64Class kind, const char *name) {
    switch ((int)kind) {
    case A64_V_DUP_LANE:
    case A64_V_DUP:
    case A64_S_DUP_LANE:
    case A64_V_GET:
    case A64_V_INSERT:
    case A64_V_INSERT_LANE:
    case A64_V_IMM:
    case A64_F_MOVE:
    case A64_F_MOVE_HIGH:
    case A64_F_IMM:
        return GROUP_VECTOR_MOVE;
    case A64_V_TABLE:
    case A64_V_PERMUTE:
    case A64_V_EXT:
        return GROUP_VECTOR_SHUFFLE;
    case A64_V_LOGIC:
    case A64_V_LOGIC3:
    case A64_V_RAX:
        return GROUP_VECTOR_LOGIC;
    case A64_V_SHIFT:
    case A64_S_SHIFT:
        return GROUP_VECTOR_SHIFT;
    case A64_F_COMPARE:
    case A64_F_COND_COMPARE:
    case A64_F_SELECT:
        return GROUP_VECTOR_COMPARE;
    case A64_F_CONVERT:
    case A64_F_FROM_FIXED:
    case A64_F_FROM_INT:
    case A64_F_TO_FIXED:
    case A64_F_TO_INT:
    case A64_V_FIXED:
    case A64_S_FIXED:
        return GROUP_VECTOR_CONVERT;
    case A64_AES:
    case A64_SHA:
    case A64_SHA_TWO:
        return GROUP_CRYPTO;
    default:
        return name[0] == 'c' && name[1] == 'm' ? GROUP_VECTOR_COMPARE : GROUP_VECTOR_ARITHMETIC;
    }
}

static MnemonicGroup arm64_mnemonic_group(uint16_t mnemonic) {
    if (mnemonic >= a64_row_count())
        return GROUP_OTHER;
    const A64Row *row = a64_row(mnemonic);
    if (row->kind >= A64_V_DUP_LANE)
        return group_of_vector(row->kind, row->name);
    if (strcmp(row->name, "mov") == 0)
        return GROUP_MOVE;
    if (strcmp(row->name, "cmp") == 0 || strcmp(row->name, "cmn") == 0 ||
        strcmp(row->name, "tst") == 0)
        return GROUP_COMPARE;
    MnemonicGroup group = group_of_integer(row->kind);
    if (group == GROUP_OTHER)
        group = group_of_flow(row->kind);
    return group == GROUP_OTHER ? group_of_memory(row->kind) : group;
}

static RegisterClass arm64_register_class(uint16_t reg) {
    if (reg == 0)
        return REGISTER_NONE;
    if (reg >= REG_VECTOR)
        return REGISTER_VECTOR;
    if (reg == REG_SP)
        return REGISTER_STACK;
    if (reg == REG_GENERAL + FRAME)
        return REGISTER_FRAME;
    return reg == REG_ZERO ? REGISTER_OTHER : REGISTER_GENERAL;
}

static unsigned arm64_register_number(uint16_t reg) {
    return reg >= REG_VECTOR ? (reg - REG_VECTOR) & 31u : (reg - REG_GENERAL) & 31u;
}

static const DecoderOps arm64_ops = {.flow = arm64_flow,
                                     .full = arm64_full,
                                     .track = arm64_track,
                                     .mnemonic = arm64_mnemonic,
                                     .mnemonic_group = arm64_mnemonic_group,
                                     .register_class = arm64_register_class,
                                     .register_number = arm64_register_number};

Decoder *decoder_arm64(Arena *a, const Image *image) {
    if (image->big_endian)
        return NULL; /* data only: instructions are little-endian, but nothing was measured */
    Arm64Decoder *d = ARENA_NEW(a, Arm64Decoder);
    d->decoder.ops = &arm64_ops;
    d->table = a64_table_new(a);
    return &d->decoder;
}
