/* SPDX-License-Identifier: Apache-2.0
 * ir.h: micro-operations, the one language that every processor is lifted to. Value analysis
 * (value.h) and the emulator read the same operations, so each one is exact.
 *
 * A machine is an array of 64-bit slots: registers first, then temporaries that live for one
 * instruction. An operation has a width in bits (1, 8, 16, 32, 64; IR_CARRY and IR_BORROW also 4):
 * it reads the low `bits` of its inputs, computes modulo 2^bits and writes the result zero-extended
 * to its whole output slot. So a slot always holds a number, and `ADD 32` on x86-64 clears the
 * upper half as the processor does. Where a processor keeps the rest of a register (al, ax), the
 * lifter emits IR_INSERT. On 32-bit processors the slots of registers never hold more than 32 bits.
 * Wide registers (xmm, ymm, v, d) are several slots, lowest first; packed operations work on one
 * slot of lanes at a time.
 *
 * Flags are slots of one bit, set by operations of their own; ir_drop_dead removes those that
 * nobody reads, so exact costs nothing where it does not matter.
 *
 * In: bytes of one instruction. Out: operations in the caller's array. Odd input: an instruction
 * that is not known becomes IR_OPAQUE writes with its operands; bytes that do not decode give
 * length 0. Limits: IR_MAX_OPS. Threads: one Lifter, one thread
 * (its decoder remembers what it has seen). */
#ifndef COG_VALUE_IR_H
#define COG_VALUE_IR_H

#include "code/decode.h"

/* Slots. The same numbers on every processor, so that later stages need no tables. */
enum {
    /* General registers: x86 in encoding order (rax rcx rdx rbx rsp rbp rsi rdi r8 ..), ARM r0..r15
     * (sp 13, lr 14; r15 is never read: lifters put its value in as a constant), AArch64 x0..x30,
     * sp 31 (xzr is a constant). */
    SLOT_GENERAL = 0,
    SLOT_X86_RAX = 0,
    SLOT_X86_RCX = 1,
    SLOT_X86_RDX = 2,
    SLOT_X86_RBX = 3,
    SLOT_X86_RSP = 4,
    SLOT_X86_RBP = 5,
    SLOT_X86_RSI = 6,
    SLOT_X86_RDI = 7,
    SLOT_ARM_SP = 13,
    SLOT_ARM_LR = 14,
    SLOT_ARM64_LR = 30,
    SLOT_ARM64_SP = 31,
    /* Flags, one bit each. C after a subtraction is x86's on x86 (1: borrow) and ARM's on ARM (1:
     * no borrow). */
    SLOT_C = 32,
    SLOT_Z,
    SLOT_N,  /* sign */
    SLOT_V,  /* overflow */
    SLOT_P,  /* x86: parity of the low byte */
    SLOT_A,  /* x86: carry out of bit 3 */
    SLOT_D,  /* x86: string direction, 1: down */
    SLOT_Q,  /* ARM: saturation */
    SLOT_GE, /* ARM: the four GE bits, as a number */
    /* Bases of fs and gs; ARM: thread pointer (TPIDR_EL0, TPIDRURO) in SLOT_FS. */
    SLOT_FS,
    SLOT_GS,
    /* Segment selectors cs ss ds es fs gs and other odd state (x87 control, MXCSR, FPCR): numbers
     * that are only copied. */
    SLOT_SYSTEM,
    SLOT_X86_CS = SLOT_SYSTEM,
    SLOT_X86_SS,
    SLOT_X86_DS,
    SLOT_X86_ES,
    SLOT_X86_FS, /* the selector; its base is SLOT_FS */
    SLOT_X86_GS,
    SLOT_X86_FPU_CONTROL,
    SLOT_X86_MXCSR,
    SLOT_SYSTEM_END = SLOT_SYSTEM + 8,
    /* The bits of EFLAGS that a program can set with popf and have no slot of their own: TF, NT,
     * AC, ID at their places, 0 elsewhere. */
    SLOT_X86_EFLAGS = SLOT_SYSTEM_END,
    SLOT_X86_FPU_STATUS, /* its condition bits; the rest is 0 */
    SLOT_X86_FPU_IP,     /* address of the last x87 instruction that computed */
    /* x87 stack as registers relative to the top (st0..st7), and its top; MMX registers are the
     * same 64 bits. Values are opaque: only moves are exact. */
    SLOT_X87 = 56,
    /* Vector register n at SLOT_VECTOR + 4 n: 256 bits. AArch64 v0..v31 use two of the four; ARM
     * d0..d31 use slots 2 (n / 2) of register n / 2, so q registers are v registers. */
    SLOT_VECTOR = 64,
    SLOT_VECTOR_STRIDE = 4,
    SLOT_TEMP = SLOT_VECTOR + 4 * 32, /* 192 */
    SLOT_TEMPS = 128,
    SLOT_COUNT = SLOT_TEMP + SLOT_TEMPS,
    /* In place of a slot: the operation's imm, or nothing (0). */
    SLOT_IMM = 0xfffe,
    SLOT_NONE = 0xffff
};

/* w is the operation's width; a, b, c its inputs; out its output slot. All arithmetic is modulo 2^w
 * unless said. "lanes": `lane` is the width of a lane (8, 16, 32, 64), w is 64.
 * X(constant, "name") — grow at the end of a group; genes hash the names' numbers (value/gene.c
 * keeps its own table), so order may change. */
#define IR_KINDS(X)                                                                                \
    X(IR_NOP, "nop")                                                                               \
    /* Moves */                                                                                    \
    X(IR_MOVE, "move")       /* a */                                                               \
    X(IR_SEXT, "sext")       /* low `lane` bits of a, sign-extended to w */                        \
    X(IR_EXTRACT, "extract") /* (a >> imm), low w bits; imm + w may pass 64: zeros */              \
    X(IR_INSERT, "insert")   /* a (64 bits) with bits imm .. imm + w - 1 replaced by b's low w */  \
    X(IR_SELECT, "select")   /* a & 1 ? b : c */                                                   \
    /* Integer arithmetic */                                                                       \
    X(IR_ADD, "add")                                                                               \
    X(IR_SUB, "sub")                                                                               \
    X(IR_MUL, "mul")     /* low w bits */                                                          \
    X(IR_UMULH, "umulh") /* high w bits of the unsigned product */                                 \
    X(IR_SMULH, "smulh")                                                                           \
    X(IR_UDIV, "udiv") /* b = 0: 0 (processors that fault test before, IR_TRAP_IF) */              \
    X(IR_SDIV, "sdiv") /* rounds to 0; smallest / -1: smallest */                                  \
    X(IR_UREM, "urem") /* b = 0: a; SREM too */                                                    \
    X(IR_SREM, "srem")                                                                             \
    X(IR_UDIVW, "udivw") /* (a << w | b) / c, low w bits; c = 0: 0 */                              \
    X(IR_UREMW, "uremw") /* c = 0: b; SREMW too */                                                 \
    X(IR_SDIVW, "sdivw")                                                                           \
    X(IR_SREMW, "sremw")                                                                           \
    X(IR_NEG, "neg")                                                                               \
    /* Logic and shifts: the amount is all of b's 64 bits; from w on SHL, SHR give 0, SAR the sign \
     */                                                                                            \
    X(IR_AND, "and")                                                                               \
    X(IR_OR, "or")                                                                                 \
    X(IR_XOR, "xor")                                                                               \
    X(IR_NOT, "not")                                                                               \
    X(IR_SHL, "shl")                                                                               \
    X(IR_SHR, "shr")                                                                               \
    X(IR_SAR, "sar")                                                                               \
    X(IR_ROL, "rol") /* amount modulo w */                                                         \
    X(IR_ROR, "ror")                                                                               \
    /* Bits */                                                                                     \
    X(IR_CLZ, "clz") /* a = 0: w */                                                                \
    X(IR_CTZ, "ctz") /* a = 0: w */                                                                \
    X(IR_POPCNT, "popcnt")                                                                         \
    X(IR_BSWAP, "bswap")                                                                           \
    X(IR_RBIT, "rbit") /* bits in reverse order */                                                 \
    X(IR_PDEP, "pdep") /* a deposited under mask b */                                              \
    X(IR_PEXT, "pext")                                                                             \
    X(IR_CRC32, "crc32")   /* CRC-32 (poly 0xEDB88320) of `lane` bits of b into a; no inversion */ \
    X(IR_CRC32C, "crc32c") /* Castagnoli (0x82F63B78), the same */                                 \
    X(IR_CLMUL, "clmul")   /* carry-less product of a and b, low w bits */                         \
    X(IR_CLMULH, "clmulh") /* its high w bits */                                                   \
    /* Tests: operands of w bits, result 0 or 1 */                                                 \
    X(IR_EQ, "eq")                                                                                 \
    X(IR_ULT, "ult")                                                                               \
    X(IR_ULE, "ule")                                                                               \
    X(IR_SLT, "slt")                                                                               \
    X(IR_SLE, "sle")                                                                               \
    X(IR_CARRY, "carry")         /* carry out of a + b + c (c: one bit, none: 0) */                \
    X(IR_BORROW, "borrow")       /* borrow of a - b - c */                                         \
    X(IR_OVERFLOW, "overflow")   /* signed overflow of a + b + c */                                \
    X(IR_UNDERFLOW, "underflow") /* signed overflow of a - b - c */                                \
    X(IR_PARITY, "parity")       /* 1: the low byte of a has an even number of ones */             \
    /* Memory: address a + imm, modulo 2^(bits of the processor); SLOT_NONE as a: imm alone */     \
    X(IR_LOAD, "load")                                                                             \
    X(IR_STORE, "store") /* b */                                                                   \
    /* Packed integers in lanes of one slot */                                                     \
    X(IR_PADD, "padd")                                                                             \
    X(IR_PSUB, "psub")                                                                             \
    X(IR_PADD_US, "paddus") /* saturating, unsigned */                                             \
    X(IR_PADD_SS, "paddss")                                                                        \
    X(IR_PSUB_US, "psubus")                                                                        \
    X(IR_PSUB_SS, "psubss")                                                                        \
    X(IR_PMUL, "pmul") /* low half of each product */                                              \
    X(IR_PMULHU, "pmulhu")                                                                         \
    X(IR_PMULHS, "pmulhs")                                                                         \
    X(IR_PMULU, "pmulu") /* even lanes of `lane` bits, products of 2 lane bits */                  \
    X(IR_PMULS, "pmuls")                                                                           \
    X(IR_PMADD, "pmadd")     /* pmaddwd: signed 16-bit products, neighbours added to 32 */         \
    X(IR_PMADDUS, "pmaddus") /* pmaddubsw: a unsigned, b signed bytes, saturated to 16 */          \
    X(IR_PSAD, "psad")       /* sum of absolute differences of 8 bytes */                          \
    X(IR_PAVG, "pavg")       /* unsigned, rounded up */                                            \
    X(IR_PMINU, "pminu")                                                                           \
    X(IR_PMINS, "pmins")                                                                           \
    X(IR_PMAXU, "pmaxu")                                                                           \
    X(IR_PMAXS, "pmaxs")                                                                           \
    X(IR_PABS, "pabs")                                                                             \
    X(IR_PSHL, "pshl") /* all lanes by b (a number); from lane on 0, PSAR sign */                  \
    X(IR_PSHR, "pshr")                                                                             \
    X(IR_PSAR, "psar")                                                                             \
    X(IR_PSHLV, "pshlv") /* each lane by its lane of b (unsigned) */                               \
    X(IR_PSHRV, "pshrv")                                                                           \
    X(IR_PSARV, "psarv")                                                                           \
    X(IR_PEQ, "peq") /* lanes all ones where true */                                               \
    X(IR_PGTS, "pgts")                                                                             \
    X(IR_PGTU, "pgtu")                                                                             \
    X(IR_PUNPACKL, "punpackl") /* lanes of the low 32 bits of a and b interleaved, a first */      \
    X(IR_PUNPACKH, "punpackh") /* the same of the high 32 bits */                                  \
    X(IR_PPACK, "ppack") /* every second lane (low halves): a's into the low 32 bits, b's high */  \
    X(IR_PPACK_SS, "ppackss") /* lanes of `lane` narrowed to lane / 2, signed saturation */        \
    X(IR_PPACK_US, "ppackus") /* signed lanes to unsigned, saturated */                            \
    X(IR_PPACK_UU, "ppackuu") /* unsigned lanes to unsigned, saturated */                          \
    X(IR_PZEXT, "pzext")      /* lanes of the low 32 bits of a widened to 2 lane */                \
    X(IR_PSEXT, "psext")                                                                           \
    X(IR_PSPLAT, "psplat")     /* the low lane of a in every lane */                               \
    X(IR_PTABLE, "ptable")     /* bytes of b:a (b high) chosen by the bytes of c; from 16 on 0 */  \
    X(IR_PMASK, "pmask")       /* top bits of the lanes, gathered from bit 0 on */                 \
    X(IR_PREVERSE, "preverse") /* lanes in reverse order within groups of imm bits */              \
    X(IR_PPOPCNT, "ppopcnt")                                                                       \
    X(IR_PADDP, "paddp") /* pairwise sums: of a's neighbours into the low half, b's high */        \
    /* AES on the state b:a (b high): half imm (0 low, 1 high) of the result; no round key */      \
    X(IR_AESENC, "aesenc") /* ShiftRows, SubBytes, MixColumns */                                   \
    X(IR_AESENCLAST, "aesenclast")                                                                 \
    X(IR_AESDEC, "aesdec")                                                                         \
    X(IR_AESDECLAST, "aesdeclast")                                                                 \
    X(IR_AESIMC, "aesimc")                                                                         \
    X(IR_AESMC, "aesmc")                                                                           \
    /* Not computed: the same inputs give the same unknown value. imm: FloatKind */                \
    X(IR_FLOAT, "float")                                                                           \
    /* imm: which instruction and which of its outputs (OPAQUE_ID) */                              \
    X(IR_OPAQUE, "opaque")                                                                         \
    /* x86 string instruction of width w; imm: StringOp bits. Reads and writes rsi, rdi, rcx, rax, \
     * the flags and memory as the processor does; address width in `lane`. */                     \
    X(IR_STRING, "string")                                                                         \
    /* Control. Targets are addresses (ARM: bit 0 of a register target is not part of it; c is 1   \
     * when the mode changes). The last operations of an instruction; where none is there it goes  \
     * on. */                                                                                      \
    X(IR_JUMP, "jump")       /* to imm */                                                          \
    X(IR_BRANCH, "branch")   /* to imm if a & 1, else on */                                        \
    X(IR_JUMP_TO, "jump_to") /* to a */                                                            \
    X(IR_CALL, "call") /* of imm; the return address is stored or set by operations before */      \
    X(IR_CALL_TO, "call_to") /* of a */                                                            \
    X(IR_RETURN, "return")   /* to a */                                                            \
    X(IR_SYSCALL, "syscall") /* imm: number of the interrupt, 0x80, or 0 for syscall, svc */       \
    X(IR_TRAP, "trap")       /* int3, ud2, hlt, brk: stops; imm says which */                      \
    X(IR_TRAP_IF, "trap_if") /* stops if a & 1 (division by zero) */                               \
    X(IR_SKIP, "skip")       /* the next imm operations of this instruction are left out if a & 1 */

typedef enum IrKind {
#define X(constant, name) constant,
    IR_KINDS(X)
#undef X
        IR_KIND_COUNT
} IrKind;

typedef struct IrOp {
    uint8_t kind; /* IrKind */
    uint8_t bits; /* w */
    uint8_t lane;
    uint8_t flags;    /* IR_ADDRESS; the rest is 0, ir_drop_dead uses it while it runs */
    uint16_t out;     /* SLOT_NONE: nothing */
    uint16_t a, b, c; /* a slot, SLOT_IMM or SLOT_NONE */
    uint64_t imm;
} IrOp;

/* imm was made from the program counter (RIP-relative operands, adr, adrp, pc + literal, call's
 * return address): it is an address, not a number. Lifters set it wherever they put pc into an imm.
 */
enum { IR_ADDRESS = 1 };

/* IR_FLOAT: what it computes, on w-bit numbers (lane: width of the source where it differs). */
typedef enum FloatKind {
    FLOAT_ADD = 1,
    FLOAT_SUB,
    FLOAT_MUL,
    FLOAT_DIV,
    FLOAT_SQRT,
    FLOAT_MIN,
    FLOAT_MAX,
    FLOAT_NEG,
    FLOAT_ABS,
    FLOAT_FMA, /* a * b + c */
    FLOAT_FROM_INT,
    FLOAT_FROM_UINT,
    FLOAT_TO_INT, /* truncated */
    FLOAT_TO_UINT,
    FLOAT_ROUND_INT, /* by the current mode */
    FLOAT_FROM_FLOAT,
    FLOAT_LESS, /* results 0 or 1 */
    FLOAT_EQUAL,
    FLOAT_UNORDERED,
    FLOAT_LESS_EQUAL,
    FLOAT_OTHER /* sin, cos, ... c: mnemonic as SLOT_NONE; told apart by lane */
} FloatKind;

/* IR_STRING */
enum {
    STRING_MOVS = 0,
    STRING_STOS = 1,
    STRING_LODS = 2,
    STRING_SCAS = 3,
    STRING_CMPS = 4,
    STRING_OP = 7,
    STRING_REP = 8, /* rep, repe */
    STRING_REPNE = 16
};

/* IR_OPAQUE: hash of the mnemonic's name (hash64) with the output's number in the low 4 bits. */
#define OPAQUE_ID(name_hash, output) (((name_hash) & ~(uint64_t)15) | (output))

enum {
    /* Operations of one instruction: pusha, vector loads of four registers and AVX shuffles take
     * about 60. */
    IR_MAX_OPS = 192
};

/* Exact result of an operation without memory and control. False for IR_FLOAT, IR_OPAQUE, IR_LOAD
 * and all that has no result of its own; *out is untouched then. Inputs need not be cut to width.
 */
bool ir_eval(const IrOp *op, uint64_t a, uint64_t b, uint64_t c, uint64_t *out);
const char *ir_kind_name(IrKind kind);
static inline uint64_t ir_mask(unsigned bits) {
    return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}
/* Whether the operation does something besides writing its output. */
bool ir_has_effect(IrKind kind);
/* Turns operations whose output nobody reads before it is written again into IR_NOP, in an
 * instruction or a run of them. At the end, and wherever an operation may leave the run (control,
 * IR_TRAP_IF too), all registers are read, and the flags in `live_flags` (bit n: SLOT_C + n); an
 * IR_SKIP that leaves out nothing more goes too. */
void ir_drop_dead(IrOp *ops, size_t count, uint32_t live_flags);
/* The same, but for loads, which may fault; all flags are read at the end. */
void ir_drop_dead_but_loads(IrOp *ops, size_t count);

typedef struct Lifter Lifter;
/* NULL when the processor is not supported. */
Lifter *lifter_for_image(Arena *a, const Image *image, const Decoder *decoder);
/* Appends the operations of the instruction at va (Thumb: bit 0 of va set) to ops, which has room
 * for IR_MAX_OPS. Returns how many; *length is 0 when the bytes do not decode. */
size_t lift_insn(const Lifter *l, Bytes b, uint64_t va, IrOp *ops, unsigned *length);
/* The same for an instruction that decode_full has made of b's first bytes. */
size_t lift_decoded(const Lifter *l, const Insn *in, Bytes b, IrOp *ops, unsigned *length);

#endif
