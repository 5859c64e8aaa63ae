/* SPDX-License-Identifier: Apache-2.0
 * a64.h: which A64 instruction a word is. In: a 32-bit word. Out: a row of the table
 * (a64_rows.h), which tells the class that decoder and lifter work by. Odd input: words that are
 * not allocated have no row. Owner: the arena that the table was made in; read-only then. */
#ifndef COG_CODE_A64_H
#define COG_CODE_A64_H

#include "base/arena.h"

/* Encodings that are decoded and lifted alike. */
#define A64_CLASSES(X)                                                                             \
    X(A64_RESERVED) /* udf */                                                                      \
    X(A64_SCALABLE) /* SVE, SME */                                                                 \
    X(A64_PCREL)                                                                                   \
    X(A64_ADD_IMM)                                                                                 \
    X(A64_TAG_IMM)                                                                                 \
    X(A64_MINMAX_IMM)                                                                              \
    X(A64_LOGIC_IMM)                                                                               \
    X(A64_MOVE_WIDE)                                                                               \
    X(A64_BITFIELD)                                                                                \
    X(A64_EXTRACT)                                                                                 \
    X(A64_JUMP)                                                                                    \
    X(A64_CALL)                                                                                    \
    X(A64_BRANCH_COND)                                                                             \
    X(A64_BRANCH_ZERO)                                                                             \
    X(A64_BRANCH_BIT)                                                                              \
    X(A64_SYSCALL)                                                                                 \
    X(A64_TRAP)                                                                                    \
    X(A64_HINT)                                                                                    \
    X(A64_NOP)                                                                                     \
    X(A64_BARRIER)                                                                                 \
    X(A64_FLAG)                                                                                    \
    X(A64_MSR_IMM)                                                                                 \
    X(A64_SYS)                                                                                     \
    X(A64_SYSL)                                                                                    \
    X(A64_MSR)                                                                                     \
    X(A64_MRS)                                                                                     \
    X(A64_JUMP_REG)                                                                                \
    X(A64_CALL_REG)                                                                                \
    X(A64_RETURN)                                                                                  \
    X(A64_ERET)                                                                                    \
    X(A64_STORE_EX)                                                                                \
    X(A64_STORE_EX_PAIR)                                                                           \
    X(A64_LOAD_EX)                                                                                 \
    X(A64_LOAD_EX_PAIR)                                                                            \
    X(A64_CASP)                                                                                    \
    X(A64_CAS)                                                                                     \
    X(A64_STORE)                                                                                   \
    X(A64_LOAD)                                                                                    \
    X(A64_TAG_STORE)                                                                               \
    X(A64_TAG_LOAD)                                                                                \
    X(A64_MEMORY_COPY)                                                                             \
    X(A64_LOAD_LITERAL)                                                                            \
    X(A64_PREFETCH)                                                                                \
    X(A64_LOAD_LITERAL_V)                                                                          \
    X(A64_STORE_PAIR)                                                                              \
    X(A64_LOAD_PAIR)                                                                               \
    X(A64_STORE_PAIR_V)                                                                            \
    X(A64_LOAD_PAIR_V)                                                                             \
    X(A64_STORE_V)                                                                                 \
    X(A64_LOAD_V)                                                                                  \
    X(A64_BLOCK_64)                                                                                \
    X(A64_ATOMIC)                                                                                  \
    X(A64_LOAD_AUTH)                                                                               \
    X(A64_STRUCT)                                                                                  \
    X(A64_STRUCT_LANE)                                                                             \
    X(A64_STRUCT_SPLAT)                                                                            \
    X(A64_DIVIDE)                                                                                  \
    X(A64_SHIFT_REG)                                                                               \
    X(A64_CRC)                                                                                     \
    X(A64_MINMAX_REG)                                                                              \
    X(A64_TAG_REG)                                                                                 \
    X(A64_ONE_SOURCE)                                                                              \
    X(A64_AUTH)                                                                                    \
    X(A64_LOGIC_REG)                                                                               \
    X(A64_ADD_EXTENDED)                                                                            \
    X(A64_ADD_REG)                                                                                 \
    X(A64_ADD_CARRY)                                                                               \
    X(A64_COND_COMPARE)                                                                            \
    X(A64_COND_SELECT)                                                                             \
    X(A64_MULTIPLY)                                                                                \
    X(A64_MULTIPLY_HIGH)                                                                           \
    X(A64_V_DUP_LANE)                                                                              \
    X(A64_V_DUP)                                                                                   \
    X(A64_V_GET)                                                                                   \
    X(A64_V_INSERT)                                                                                \
    X(A64_V_INSERT_LANE)                                                                           \
    X(A64_V_TABLE)                                                                                 \
    X(A64_V_PERMUTE)                                                                               \
    X(A64_V_EXT)                                                                                   \
    X(A64_V_LOGIC)                                                                                 \
    X(A64_V_SAME)                                                                                  \
    X(A64_V_FLOAT_SAME)                                                                            \
    X(A64_V_FLOAT_LONG)                                                                            \
    X(A64_V_HALF_SAME)                                                                             \
    X(A64_V_RDM)                                                                                   \
    X(A64_V_DOT)                                                                                   \
    X(A64_V_MATRIX)                                                                                \
    X(A64_V_FLOAT_COMPLEX)                                                                         \
    X(A64_V_BFLOAT)                                                                                \
    X(A64_V_MISC)                                                                                  \
    X(A64_V_BFLOAT_NARROW)                                                                         \
    X(A64_V_FLOAT_MISC)                                                                            \
    X(A64_V_HALF_MISC)                                                                             \
    X(A64_V_ACROSS)                                                                                \
    X(A64_V_FLOAT_ACROSS)                                                                          \
    X(A64_V_DIFFERENT)                                                                             \
    X(A64_V_IMM)                                                                                   \
    X(A64_V_SHIFT)                                                                                 \
    X(A64_V_FIXED)                                                                                 \
    X(A64_V_INDEXED)                                                                               \
    X(A64_V_RDM_INDEXED)                                                                           \
    X(A64_V_DOT_INDEXED)                                                                           \
    X(A64_V_BFLOAT_INDEXED)                                                                        \
    X(A64_V_FLOAT_LONG_INDEXED)                                                                    \
    X(A64_V_FLOAT_INDEXED)                                                                         \
    X(A64_V_HALF_INDEXED)                                                                          \
    X(A64_V_FLOAT_COMPLEX_INDEXED)                                                                 \
    X(A64_S_DUP_LANE)                                                                              \
    X(A64_S_SAME)                                                                                  \
    X(A64_S_FLOAT_SAME)                                                                            \
    X(A64_S_HALF_SAME)                                                                             \
    X(A64_S_RDM)                                                                                   \
    X(A64_S_MISC)                                                                                  \
    X(A64_S_FLOAT_MISC)                                                                            \
    X(A64_S_HALF_MISC)                                                                             \
    X(A64_S_PAIR)                                                                                  \
    X(A64_S_FLOAT_PAIR)                                                                            \
    X(A64_S_HALF_PAIR)                                                                             \
    X(A64_S_DIFFERENT)                                                                             \
    X(A64_S_SHIFT)                                                                                 \
    X(A64_S_FIXED)                                                                                 \
    X(A64_S_INDEXED)                                                                               \
    X(A64_S_RDM_INDEXED)                                                                           \
    X(A64_S_FLOAT_INDEXED)                                                                         \
    X(A64_S_HALF_INDEXED)                                                                          \
    X(A64_AES)                                                                                     \
    X(A64_SHA)                                                                                     \
    X(A64_SHA_TWO)                                                                                 \
    X(A64_V_RAX) /* rax1, xar */                                                                   \
    X(A64_V_LOGIC3)                                                                                \
    X(A64_F_FROM_FIXED)                                                                            \
    X(A64_F_TO_FIXED)                                                                              \
    X(A64_F_TO_INT)                                                                                \
    X(A64_F_MOVE_HIGH)                                                                             \
    X(A64_F_MOVE)                                                                                  \
    X(A64_F_FROM_INT)                                                                              \
    X(A64_F_ONE)                                                                                   \
    X(A64_F_BFLOAT)                                                                                \
    X(A64_F_CONVERT)                                                                               \
    X(A64_F_ROUND)                                                                                 \
    X(A64_F_COMPARE)                                                                               \
    X(A64_F_IMM)                                                                                   \
    X(A64_F_COND_COMPARE)                                                                          \
    X(A64_F_TWO)                                                                                   \
    X(A64_F_SELECT)                                                                                \
    X(A64_F_THREE)

typedef enum A64Class {
#define X(name) name,
    A64_CLASSES(X)
#undef X
        A64_CLASS_COUNT
} A64Class;

typedef struct A64Row {
    const char *name; /* mnemonic without width */
    const char *pattern;
    A64Class kind;
} A64Row;

typedef struct A64Table A64Table;
A64Table *a64_table_new(Arena *a);
/* Number of the row, or A64_NONE when the word is not allocated. */
enum { A64_NONE = UINT16_MAX };
uint16_t a64_find(const A64Table *t, uint32_t word);
/* By number; below a64_row_count. */
const A64Row *a64_row(uint16_t row);
size_t a64_row_count(void);

/* Bits low .. low + count - 1. */
static inline uint32_t a64_bits(uint32_t word, unsigned low, unsigned count) {
    return word >> low & ((1u << count) - 1);
}
/* The same with a sign. */
static inline int64_t a64_signed(uint32_t word, unsigned low, unsigned count) {
    int64_t v = (int64_t)a64_bits(word, low, count), sign = (int64_t)1 << (count - 1);
    return (v ^ sign) - sign;
}
/* The number that N, immr and imms of a logical immediate stand for; false when none. Manual,
 * DecodeBitMasks. */
bool a64_logic_imm(uint32_t word, uint64_t *out);
/* General registers that an instruction of a class may write (bit 31: sp, or nothing); what a
 * callee writes is not in it. */
uint32_t a64_writes(A64Class kind, uint32_t word);

#endif
