/* SPDX-License-Identifier: Apache-2.0
 * decode.h: one instruction shape for every processor, made from hostile bytes.
 * decode_flow is cheap (length, control flow, referenced address); decode_full adds the operands.
 * Both take at most 15 bytes (x86) from `b` and never read past it. decode.c asks the processor's
 * own decoder (decode_ops.h): decode_x86.c, the only file that knows Zydis, and others. */
#ifndef COG_CODE_DECODE_H
#define COG_CODE_DECODE_H

#include "image/image.h"

typedef enum Flow {
    FLOW_NEXT,          /* falls through */
    FLOW_JUMP,          /* unconditional, direct: target */
    FLOW_BRANCH,        /* conditional, direct: target and next */
    FLOW_CALL,          /* direct: target, returns to next */
    FLOW_JUMP_INDIRECT, /* through register or memory (mem_va when absolute or RIP-relative) */
    FLOW_CALL_INDIRECT,
    FLOW_RETURN,
    FLOW_STOP,   /* int3, ud2, hlt: does not go on */
    FLOW_SYSCALL /* syscall, sysenter, int n: goes on */
} Flow;

typedef enum OperandKind {
    OPERAND_NONE,
    OPERAND_REG,
    OPERAND_MEM,
    OPERAND_IMM,
    OPERAND_TARGET
} OperandKind;

enum { ACCESS_READ = 1, ACCESS_WRITE = 2 };
/* Registers are numbered per processor by decode.h's users through decode_register_class only; 0 is
 * none. */
typedef struct Operand {
    OperandKind kind;
    uint8_t access; /* ACCESS_* */
    uint16_t bits;
    uint16_t reg;                  /* OPERAND_REG: decoder's register id */
    uint16_t base, index, segment; /* OPERAND_MEM; segment: of a far address too, the selector */
    uint8_t scale;
    bool is_agen;  /* address computed, not accessed (lea) */
    int64_t value; /* immediate, or displacement; OPERAND_TARGET: the absolute target */
} Operand;

enum { INSN_OPERANDS = 5 };
typedef struct Insn {
    uint64_t va;
    uint64_t target;   /* FLOW_JUMP/BRANCH/CALL: destination */
    uint64_t mem_va;   /* absolute or RIP-relative memory operand's address, else 0 */
    uint64_t imm;      /* the (last) immediate, sign-extended as the instruction does; 0 none */
    uint16_t mnemonic; /* decode_full: the decoder's id, stable for one decoder version */
    uint8_t length;    /* 0: bytes do not decode */
    Flow flow;
    bool has_imm;
    /* x86: where encoded fields lie in the instruction's bytes, for masking; size 0: absent. */
    uint8_t disp_off, disp_size, imm_off, imm_size;
    /* Other processors: bits of the instruction, read as a little-endian word, that change with the
     * place of the code or of what it mentions. */
    uint32_t address_bits;
    /* Bytes of data between code that it loads from mem_va (a literal), 0 none. */
    uint8_t literal_size;
    /* ARM: the instruction's own mode and that of `target`; whether it happens under a condition
     * and may go on at the next (returns and calls too). */
    bool is_thumb, goes_to_thumb, is_conditional;
    /* decode_full only */
    uint16_t id; /* our own number of the instruction: x86: X86Mnemonic; 0 none */
    /* x86: PREFIX_*, and the widths in force, in bits. */
    uint8_t prefixes, operand_width, address_width;
    uint16_t segment; /* x86: register of a prefix for fs or gs, else 0 */
    bool is_far;      /* x86: call, jump or return that changes cs */
    uint8_t operand_count;
    Operand operands[INSN_OPERANDS];
} Insn;

/* Prefixes that mean something to the instruction (rep ret: nothing). */
enum { PREFIX_LOCK = 1, PREFIX_REP = 2 /* rep, repe */, PREFIX_REPNE = 4 };

/* What an instruction reads and writes besides its operands; bit n: general register n. */
typedef struct Implied {
    uint32_t read, written;
    uint32_t flags_written; /* bits of EFLAGS */
} Implied;

/* Registers whose content is known because code made an address in steps (adrp, add). */
typedef struct Known {
    uint64_t value[32];
    uint32_t constant; /* bit n: register n holds value[n] */
    uint32_t page;     /* of these, bit n: a page whose low bits are still to be added */
    uint32_t loaded;   /* bit n: register n holds what lies at the address value[n] */
} Known;

typedef struct Decoder Decoder;
/* NULL when the processor is not supported. */
Decoder *decoder_for_image(Arena *a, const Image *image);
/* ARM: bit 0 of va says Thumb; addresses in *out have no such bit. */
bool decode_flow(const Decoder *d, Bytes b, uint64_t va, Insn *out);
bool decode_full(const Decoder *d, Bytes b, uint64_t va, Insn *out);
/* For processors that make addresses in several instructions: carries `known` (zeroed at the start
 * of what is looked at) over the instruction and completes what its own bytes do not say: mem_va
 * and address_bits of one that uses a made address, mem_va of a call or jump through a loaded
 * register, flow and target when the register is a constant. `at` are the instruction's bytes.
 * Where decode_has_track says no, nothing happens. */
bool decode_has_track(const Decoder *d);
void decode_track(const Decoder *d, Known *known, const uint8_t *at, Insn *in);
const char *decode_mnemonic(const Decoder *d, uint16_t mnemonic);

typedef enum RegisterClass {
    REGISTER_NONE,
    REGISTER_GENERAL,
    REGISTER_STACK,
    REGISTER_FRAME,
    REGISTER_IP,
    REGISTER_FLAGS,
    REGISTER_VECTOR,
    REGISTER_FLOAT,
    REGISTER_SEGMENT,
    REGISTER_OTHER
} RegisterClass;
RegisterClass decode_register_class(const Decoder *d, uint16_t reg);
/* Family of a general register regardless of width (rax, eax, ax, al: the same), 0..31. */
unsigned decode_register_number(const Decoder *d, uint16_t reg);
/* Which bits of which register an operand's register is. */
typedef struct RegisterPlace {
    RegisterClass class; /* REGISTER_STACK and REGISTER_FRAME are REGISTER_GENERAL here */
    /* General and vector registers: the encoding's number; REGISTER_FLOAT: st(n) and mm(n);
     * REGISTER_SEGMENT: cs ss ds es fs gs. */
    uint8_t number;
    uint8_t off; /* lowest bit: 8 for ah, bh, ch, dh */
    uint16_t bits;
} RegisterPlace;
RegisterPlace decode_register_place(const Decoder *d, uint16_t reg);
/* Registers are numbered below this. */
unsigned decode_register_count(const Decoder *d);
/* For instructions that nobody knows better; slow. False when the bytes do not decode. */
bool decode_implied(const Decoder *d, Bytes b, Implied *out);
/* Groups of mnemonics. Stored features cite them by number: grow at the end, never renumber. */
typedef enum MnemonicGroup {
    GROUP_OTHER,
    GROUP_MOVE,    /* mov, bswap, xlat */
    GROUP_EXTEND,  /* movsx, movzx, cdq ... */
    GROUP_ADDRESS, /* lea */
    GROUP_ARITHMETIC,
    GROUP_MULTIPLY,
    GROUP_DIVIDE,
    GROUP_LOGIC,
    GROUP_SHIFT, /* rotates too */
    GROUP_BIT,   /* bt.., bsf, popcnt, BMI */
    GROUP_COMPARE,
    GROUP_CONDITIONAL, /* cmovcc, setcc */
    GROUP_BRANCH,      /* conditional */
    GROUP_JUMP,
    GROUP_CALL,
    GROUP_RETURN,
    GROUP_STACK, /* push, pop, enter, leave */
    GROUP_STRING,
    GROUP_FLAG,
    GROUP_NOP,
    GROUP_ATOMIC, /* xchg, xadd, cmpxchg, fences */
    GROUP_IO,
    GROUP_SYSTEM, /* syscall, int n, cpuid, rdtsc ... */
    GROUP_TRAP,   /* int3, ud2, hlt */
    GROUP_FLOAT,  /* x87 */
    GROUP_VECTOR_MOVE,
    GROUP_VECTOR_ARITHMETIC,
    GROUP_VECTOR_LOGIC,
    GROUP_VECTOR_SHIFT,
    GROUP_VECTOR_COMPARE,
    GROUP_VECTOR_CONVERT,
    GROUP_VECTOR_SHUFFLE,
    GROUP_CRYPTO, /* aes, sha, clmul, crc32 */
    MNEMONIC_GROUP_COUNT
} MnemonicGroup;
/* Group of a mnemonic for order-free features: "move", "arithmetic", "logic", "shift", "compare",
 * "branch", "call", "stack", ... 0..63. */
unsigned decode_mnemonic_group(const Decoder *d, uint16_t mnemonic);

#endif
