/* SPDX-License-Identifier: Apache-2.0
 * a64_rows.h: the A64 instruction set as one list (Arm Architecture Reference Manual for A-profile,
 * chapter C4, issue J.a). A64_ROWS_..(X) gives X(CLASS, "name", "pattern"): 0 and 1 are fixed
 * bits, spaces are for the eye, every other letter is a field. The first row that fits wins.
 * Encodings that differ only in width are one row; of the aliases only those are rows that mean
 * something else (mov, cmp, cmn, tst, mul). SVE and SME are one row each, in a64.c. Fields with
 * values that are not allocated are looked at in a64.c. */
#ifndef COG_CODE_A64_ROWS_H
#define COG_CODE_A64_ROWS_H

/* clang-format off */
#define A64_ROWS_IMMEDIATE(X)                                                                      \
    X(A64_PCREL, "adr", "0ii10000 iiiiiiiiiiiiiiiiiii ddddd")                                      \
    X(A64_PCREL, "adrp", "1ii10000 iiiiiiiiiiiiiiiiiii ddddd")                                     \
    X(A64_ADD_IMM, "mov", "s001000100 000000000000 11111 ddddd")                                   \
    X(A64_ADD_IMM, "mov", "s001000100 000000000000 nnnnn 11111")                                   \
    X(A64_ADD_IMM, "cmn", "s01100010 h iiiiiiiiiiii nnnnn 11111")                                  \
    X(A64_ADD_IMM, "cmp", "s11100010 h iiiiiiiiiiii nnnnn 11111")                                  \
    X(A64_ADD_IMM, "add", "s00100010 h iiiiiiiiiiii nnnnn ddddd")                                  \
    X(A64_ADD_IMM, "adds", "s01100010 h iiiiiiiiiiii nnnnn ddddd")                                 \
    X(A64_ADD_IMM, "sub", "s10100010 h iiiiiiiiiiii nnnnn ddddd")                                  \
    X(A64_ADD_IMM, "subs", "s11100010 h iiiiiiiiiiii nnnnn ddddd")                                 \
    X(A64_TAG_IMM, "addg", "1001000110 iiiiii xx iiii nnnnn ddddd")                                \
    X(A64_TAG_IMM, "subg", "1101000110 iiiiii xx iiii nnnnn ddddd")                                \
    X(A64_MINMAX_IMM, "smax", "s001000111 0000 iiiiiiii nnnnn ddddd")                              \
    X(A64_MINMAX_IMM, "umax", "s001000111 0001 iiiiiiii nnnnn ddddd")                              \
    X(A64_MINMAX_IMM, "smin", "s001000111 0010 iiiiiiii nnnnn ddddd")                              \
    X(A64_MINMAX_IMM, "umin", "s001000111 0011 iiiiiiii nnnnn ddddd")                              \
    X(A64_LOGIC_IMM, "mov", "s01100100 N rrrrrr ssssss 11111 ddddd")                               \
    X(A64_LOGIC_IMM, "tst", "s11100100 N rrrrrr ssssss nnnnn 11111")                               \
    X(A64_LOGIC_IMM, "and", "s00100100 N rrrrrr ssssss nnnnn ddddd")                               \
    X(A64_LOGIC_IMM, "orr", "s01100100 N rrrrrr ssssss nnnnn ddddd")                               \
    X(A64_LOGIC_IMM, "eor", "s10100100 N rrrrrr ssssss nnnnn ddddd")                               \
    X(A64_LOGIC_IMM, "ands", "s11100100 N rrrrrr ssssss nnnnn ddddd")                              \
    X(A64_MOVE_WIDE, "movn", "s00100101 hh iiiiiiiiiiiiiiii ddddd")                                \
    X(A64_MOVE_WIDE, "movz", "s10100101 hh iiiiiiiiiiiiiiii ddddd")                                \
    X(A64_MOVE_WIDE, "movk", "s11100101 hh iiiiiiiiiiiiiiii ddddd")                                \
    X(A64_BITFIELD, "sbfm", "s00100110 N rrrrrr ssssss nnnnn ddddd")                               \
    X(A64_BITFIELD, "bfm", "s01100110 N rrrrrr ssssss nnnnn ddddd")                                \
    X(A64_BITFIELD, "ubfm", "s10100110 N rrrrrr ssssss nnnnn ddddd")                               \
    X(A64_EXTRACT, "extr", "s00100111 N 0 mmmmm ssssss nnnnn ddddd")

#define A64_ROWS_BRANCH(X)                                                                         \
    X(A64_JUMP, "b", "000101 iiiiiiiiiiiiiiiiiiiiiiiiii")                                          \
    X(A64_CALL, "bl", "100101 iiiiiiiiiiiiiiiiiiiiiiiiii")                                         \
    X(A64_BRANCH_COND, "b.", "01010100 iiiiiiiiiiiiiiiiiii 0 cccc")                                \
    X(A64_BRANCH_COND, "bc.", "01010100 iiiiiiiiiiiiiiiiiii 1 cccc")                               \
    X(A64_BRANCH_ZERO, "cbz", "s0110100 iiiiiiiiiiiiiiiiiii ttttt")                                \
    X(A64_BRANCH_ZERO, "cbnz", "s0110101 iiiiiiiiiiiiiiiiiii ttttt")                               \
    X(A64_BRANCH_BIT, "tbz", "b0110110 bbbbb iiiiiiiiiiiiii ttttt")                                \
    X(A64_BRANCH_BIT, "tbnz", "b0110111 bbbbb iiiiiiiiiiiiii ttttt")                               \
    X(A64_SYSCALL, "svc", "11010100000 iiiiiiiiiiiiiiii 00001")                                    \
    X(A64_SYSCALL, "hvc", "11010100000 iiiiiiiiiiiiiiii 00010")                                    \
    X(A64_SYSCALL, "smc", "11010100000 iiiiiiiiiiiiiiii 00011")                                    \
    X(A64_TRAP, "brk", "11010100001 iiiiiiiiiiiiiiii 00000")                                       \
    X(A64_TRAP, "hlt", "11010100010 iiiiiiiiiiiiiiii 00000")                                       \
    X(A64_TRAP, "tcancel", "11010100011 iiiiiiiiiiiiiiii 00000")                                   \
    X(A64_TRAP, "dcps1", "11010100101 iiiiiiiiiiiiiiii 00001")                                     \
    X(A64_TRAP, "dcps2", "11010100101 iiiiiiiiiiiiiiii 00010")                                     \
    X(A64_TRAP, "dcps3", "11010100101 iiiiiiiiiiiiiiii 00011")                                     \
    X(A64_HINT, "wfet", "11010101000000110001 0000 000 ttttt")                                     \
    X(A64_HINT, "wfit", "11010101000000110001 0000 001 ttttt")                                     \
    X(A64_NOP, "nop", "11010101000000110010 0000 000 11111")                                       \
    X(A64_HINT, "yield", "11010101000000110010 0000 001 11111")                                    \
    X(A64_HINT, "wfe", "11010101000000110010 0000 010 11111")                                      \
    X(A64_HINT, "wfi", "11010101000000110010 0000 011 11111")                                      \
    X(A64_HINT, "sev", "11010101000000110010 0000 100 11111")                                      \
    X(A64_HINT, "sevl", "11010101000000110010 0000 101 11111")                                     \
    X(A64_HINT, "dgh", "11010101000000110010 0000 110 11111")                                      \
    X(A64_HINT, "xpaclri", "11010101000000110010 0000 111 11111")                                  \
    X(A64_HINT, "pacia1716", "11010101000000110010 0001 000 11111")                                \
    X(A64_HINT, "pacib1716", "11010101000000110010 0001 010 11111")                                \
    X(A64_HINT, "autia1716", "11010101000000110010 0001 100 11111")                                \
    X(A64_HINT, "autib1716", "11010101000000110010 0001 110 11111")                                \
    X(A64_HINT, "esb", "11010101000000110010 0010 000 11111")                                      \
    X(A64_HINT, "psb", "11010101000000110010 0010 001 11111")                                      \
    X(A64_HINT, "tsb", "11010101000000110010 0010 010 11111")                                      \
    X(A64_HINT, "csdb", "11010101000000110010 0010 100 11111")                                     \
    X(A64_HINT, "paciaz", "11010101000000110010 0011 000 11111")                                   \
    X(A64_HINT, "paciasp", "11010101000000110010 0011 001 11111")                                  \
    X(A64_HINT, "pacibz", "11010101000000110010 0011 010 11111")                                   \
    X(A64_HINT, "pacibsp", "11010101000000110010 0011 011 11111")                                  \
    X(A64_HINT, "autiaz", "11010101000000110010 0011 100 11111")                                   \
    X(A64_HINT, "autiasp", "11010101000000110010 0011 101 11111")                                  \
    X(A64_HINT, "autibz", "11010101000000110010 0011 110 11111")                                   \
    X(A64_HINT, "autibsp", "11010101000000110010 0011 111 11111")                                  \
    X(A64_HINT, "bti", "11010101000000110010 0100 xx0 11111")                                      \
    X(A64_HINT, "hint", "11010101000000110010 xxxx xxx 11111")                                     \
    X(A64_BARRIER, "clrex", "11010101000000110011 xxxx 010 11111")                                 \
    X(A64_BARRIER, "dsb", "11010101000000110011 xxxx 100 11111")                                   \
    X(A64_BARRIER, "dsb", "11010101000000110011 xx10 001 11111")                                   \
    X(A64_BARRIER, "dmb", "11010101000000110011 xxxx 101 11111")                                   \
    X(A64_BARRIER, "isb", "11010101000000110011 xxxx 110 11111")                                   \
    X(A64_BARRIER, "sb", "11010101000000110011 xxxx 111 11111")                                    \
    X(A64_FLAG, "cfinv", "1101010100000 000 0100 xxxx 000 11111")                                  \
    X(A64_FLAG, "xaflag", "1101010100000 000 0100 xxxx 001 11111")                                 \
    X(A64_FLAG, "axflag", "1101010100000 000 0100 xxxx 010 11111")                                 \
    X(A64_MSR_IMM, "msr", "1101010100000 ooo 0100 cccc ppp 11111")                                 \
    X(A64_SYS, "sys", "1101010100001 ooo nnnn mmmm ppp ttttt")                                     \
    X(A64_SYSL, "sysl", "1101010100101 ooo nnnn mmmm ppp ttttt")                                   \
    X(A64_MSR, "msr", "110101010001 x ooo nnnn mmmm ppp ttttt")                                    \
    X(A64_MRS, "mrs", "110101010011 x ooo nnnn mmmm ppp ttttt")                                    \
    X(A64_JUMP_REG, "br", "1101011000011111000000 nnnnn 00000")                                    \
    X(A64_CALL_REG, "blr", "1101011000111111000000 nnnnn 00000")                                   \
    X(A64_RETURN, "ret", "1101011001011111000000 nnnnn 00000")                                     \
    X(A64_ERET, "eret", "1101011010011111000000 11111 00000")                                      \
    X(A64_ERET, "drps", "1101011010111111000000 11111 00000")                                      \
    X(A64_JUMP_REG, "braaz", "1101011000011111000010 nnnnn 11111")                                 \
    X(A64_JUMP_REG, "brabz", "1101011000011111000011 nnnnn 11111")                                 \
    X(A64_CALL_REG, "blraaz", "1101011000111111000010 nnnnn 11111")                                \
    X(A64_CALL_REG, "blrabz", "1101011000111111000011 nnnnn 11111")                                \
    X(A64_RETURN, "retaa", "1101011001011111000010 11111 11111")                                   \
    X(A64_RETURN, "retab", "1101011001011111000011 11111 11111")                                   \
    X(A64_ERET, "eretaa", "1101011010011111000010 11111 11111")                                    \
    X(A64_ERET, "eretab", "1101011010011111000011 11111 11111")                                    \
    X(A64_JUMP_REG, "braa", "1101011100011111000010 nnnnn mmmmm")                                  \
    X(A64_JUMP_REG, "brab", "1101011100011111000011 nnnnn mmmmm")                                  \
    X(A64_CALL_REG, "blraa", "1101011100111111000010 nnnnn mmmmm")                                 \
    X(A64_CALL_REG, "blrab", "1101011100111111000011 nnnnn mmmmm")

#define A64_ROWS_MEMORY(X)                                                                         \
    X(A64_STORE_EX, "stxr", "zz001000000 sssss 0 xxxxx nnnnn ttttt")                               \
    X(A64_STORE_EX, "stlxr", "zz001000000 sssss 1 xxxxx nnnnn ttttt")                              \
    X(A64_STORE_EX_PAIR, "stxp", "1z001000001 sssss 0 uuuuu nnnnn ttttt")                          \
    X(A64_STORE_EX_PAIR, "stlxp", "1z001000001 sssss 1 uuuuu nnnnn ttttt")                         \
    X(A64_LOAD_EX, "ldxr", "zz001000010 xxxxx 0 xxxxx nnnnn ttttt")                                \
    X(A64_LOAD_EX, "ldaxr", "zz001000010 xxxxx 1 xxxxx nnnnn ttttt")                               \
    X(A64_LOAD_EX_PAIR, "ldxp", "1z001000011 xxxxx 0 uuuuu nnnnn ttttt")                           \
    X(A64_LOAD_EX_PAIR, "ldaxp", "1z001000011 xxxxx 1 uuuuu nnnnn ttttt")                          \
    X(A64_STORE_EX, "stllr", "zz001000100 xxxxx 0 xxxxx nnnnn ttttt")                              \
    X(A64_STORE_EX, "stlr", "zz001000100 xxxxx 1 xxxxx nnnnn ttttt")                               \
    X(A64_LOAD_EX, "ldlar", "zz001000110 xxxxx 0 xxxxx nnnnn ttttt")                               \
    X(A64_LOAD_EX, "ldar", "zz001000110 xxxxx 1 xxxxx nnnnn ttttt")                                \
    X(A64_CASP, "casp", "0z0010000L1 sssss o 11111 nnnnn ttttt")                                   \
    X(A64_CAS, "cas", "zz0010001L1 sssss o 11111 nnnnn ttttt")                                     \
    X(A64_STORE, "stlur", "zz01100100 0 iiiiiiiii 00 nnnnn ttttt")                                 \
    X(A64_LOAD, "ldapur", "zz01100101 0 iiiiiiiii 00 nnnnn ttttt")                                 \
    X(A64_LOAD, "ldapurs", "zz01100110 0 iiiiiiiii 00 nnnnn ttttt")                                \
    X(A64_LOAD, "ldapurs", "0z01100111 0 iiiiiiiii 00 nnnnn ttttt")                                \
    X(A64_TAG_STORE, "stzgm", "11011001001 000000000 00 nnnnn ttttt")                              \
    X(A64_TAG_STORE, "stgm", "11011001101 000000000 00 nnnnn ttttt")                               \
    X(A64_TAG_LOAD, "ldgm", "11011001111 000000000 00 nnnnn ttttt")                                \
    X(A64_TAG_LOAD, "ldg", "11011001011 iiiiiiiii 00 nnnnn ttttt")                                 \
    X(A64_TAG_STORE, "stg", "11011001001 iiiiiiiii oo nnnnn ttttt")                                \
    X(A64_TAG_STORE, "stzg", "11011001011 iiiiiiiii oo nnnnn ttttt")                               \
    X(A64_TAG_STORE, "st2g", "11011001101 iiiiiiiii oo nnnnn ttttt")                               \
    X(A64_TAG_STORE, "stz2g", "11011001111 iiiiiiiii oo nnnnn ttttt")                              \
    X(A64_MEMORY_COPY, "set", "00011 o 01 11 0 sssss xxxx 01 nnnnn ddddd")                         \
    X(A64_MEMORY_COPY, "cpy", "00011 o 01 oo 0 sssss xxxx 01 nnnnn ddddd")                         \
    X(A64_LOAD_LITERAL, "ldr", "0z011000 iiiiiiiiiiiiiiiiiii ttttt")                               \
    X(A64_LOAD_LITERAL, "ldrsw", "10011000 iiiiiiiiiiiiiiiiiii ttttt")                             \
    X(A64_PREFETCH, "prfm", "11011000 iiiiiiiiiiiiiiiiiii ttttt")                                  \
    X(A64_LOAD_LITERAL_V, "ldr", "zz011100 iiiiiiiiiiiiiiiiiii ttttt")                             \
    X(A64_TAG_STORE, "stgp", "0110100010 iiiiiii uuuuu nnnnn ttttt")                               \
    X(A64_TAG_STORE, "stgp", "0110100100 iiiiiii uuuuu nnnnn ttttt")                               \
    X(A64_TAG_STORE, "stgp", "0110100110 iiiiiii uuuuu nnnnn ttttt")                               \
    X(A64_STORE_PAIR, "stnp", "z010100000 iiiiiii uuuuu nnnnn ttttt")                              \
    X(A64_LOAD_PAIR, "ldnp", "z010100001 iiiiiii uuuuu nnnnn ttttt")                               \
    X(A64_STORE_PAIR, "stp", "z010100010 iiiiiii uuuuu nnnnn ttttt")                               \
    X(A64_STORE_PAIR, "stp", "z010100100 iiiiiii uuuuu nnnnn ttttt")                               \
    X(A64_STORE_PAIR, "stp", "z010100110 iiiiiii uuuuu nnnnn ttttt")                               \
    X(A64_LOAD_PAIR, "ldp", "z010100011 iiiiiii uuuuu nnnnn ttttt")                                \
    X(A64_LOAD_PAIR, "ldp", "z010100101 iiiiiii uuuuu nnnnn ttttt")                                \
    X(A64_LOAD_PAIR, "ldp", "z010100111 iiiiiii uuuuu nnnnn ttttt")                                \
    X(A64_LOAD_PAIR, "ldpsw", "0110100011 iiiiiii uuuuu nnnnn ttttt")                              \
    X(A64_LOAD_PAIR, "ldpsw", "0110100101 iiiiiii uuuuu nnnnn ttttt")                              \
    X(A64_LOAD_PAIR, "ldpsw", "0110100111 iiiiiii uuuuu nnnnn ttttt")                              \
    X(A64_STORE_PAIR_V, "stnp", "zz10110000 iiiiiii uuuuu nnnnn ttttt")                            \
    X(A64_LOAD_PAIR_V, "ldnp", "zz10110001 iiiiiii uuuuu nnnnn ttttt")                             \
    X(A64_STORE_PAIR_V, "stp", "zz10110010 iiiiiii uuuuu nnnnn ttttt")                             \
    X(A64_STORE_PAIR_V, "stp", "zz10110100 iiiiiii uuuuu nnnnn ttttt")                             \
    X(A64_STORE_PAIR_V, "stp", "zz10110110 iiiiiii uuuuu nnnnn ttttt")                             \
    X(A64_LOAD_PAIR_V, "ldp", "zz10110011 iiiiiii uuuuu nnnnn ttttt")                              \
    X(A64_LOAD_PAIR_V, "ldp", "zz10110101 iiiiiii uuuuu nnnnn ttttt")                              \
    X(A64_LOAD_PAIR_V, "ldp", "zz10110111 iiiiiii uuuuu nnnnn ttttt")                              \
    X(A64_PREFETCH, "prfum", "11111000100 iiiiiiiii 00 nnnnn ttttt")                               \
    X(A64_STORE, "stur", "zz11100000 0 iiiiiiiii 00 nnnnn ttttt")                                  \
    X(A64_LOAD, "ldur", "zz11100001 0 iiiiiiiii 00 nnnnn ttttt")                                   \
    X(A64_LOAD, "ldurs", "zz11100010 0 iiiiiiiii 00 nnnnn ttttt")                                  \
    X(A64_LOAD, "ldurs", "0z11100011 0 iiiiiiiii 00 nnnnn ttttt")                                  \
    X(A64_STORE, "sttr", "zz11100000 0 iiiiiiiii 10 nnnnn ttttt")                                  \
    X(A64_LOAD, "ldtr", "zz11100001 0 iiiiiiiii 10 nnnnn ttttt")                                   \
    X(A64_LOAD, "ldtrs", "zz11100010 0 iiiiiiiii 10 nnnnn ttttt")                                  \
    X(A64_LOAD, "ldtrs", "0z11100011 0 iiiiiiiii 10 nnnnn ttttt")                                  \
    X(A64_STORE, "str", "zz11100000 0 iiiiiiiii w1 nnnnn ttttt")                                   \
    X(A64_LOAD, "ldr", "zz11100001 0 iiiiiiiii w1 nnnnn ttttt")                                    \
    X(A64_LOAD, "ldrs", "zz11100010 0 iiiiiiiii w1 nnnnn ttttt")                                   \
    X(A64_LOAD, "ldrs", "0z11100011 0 iiiiiiiii w1 nnnnn ttttt")                                   \
    X(A64_STORE_V, "stur", "zz111100x0 0 iiiiiiiii 00 nnnnn ttttt")                                \
    X(A64_LOAD_V, "ldur", "zz111100x1 0 iiiiiiiii 00 nnnnn ttttt")                                 \
    X(A64_STORE_V, "str", "zz111100x0 0 iiiiiiiii w1 nnnnn ttttt")                                 \
    X(A64_LOAD_V, "ldr", "zz111100x1 0 iiiiiiiii w1 nnnnn ttttt")                                  \
    X(A64_LOAD, "ldapr", "zz111000101 11111 110000 nnnnn ttttt")                                   \
    X(A64_BLOCK_64, "ld64b", "11111000001 11111 110100 nnnnn ttttt")                               \
    X(A64_BLOCK_64, "st64b", "11111000001 11111 100100 nnnnn ttttt")                               \
    X(A64_BLOCK_64, "st64bv", "11111000001 sssss 101100 nnnnn ttttt")                              \
    X(A64_BLOCK_64, "st64bv0", "11111000001 sssss 101000 nnnnn ttttt")                             \
    X(A64_ATOMIC, "ldadd", "zz111000ar1 sssss 000000 nnnnn ttttt")                                 \
    X(A64_ATOMIC, "ldclr", "zz111000ar1 sssss 000100 nnnnn ttttt")                                 \
    X(A64_ATOMIC, "ldeor", "zz111000ar1 sssss 001000 nnnnn ttttt")                                 \
    X(A64_ATOMIC, "ldset", "zz111000ar1 sssss 001100 nnnnn ttttt")                                 \
    X(A64_ATOMIC, "ldsmax", "zz111000ar1 sssss 010000 nnnnn ttttt")                                \
    X(A64_ATOMIC, "ldsmin", "zz111000ar1 sssss 010100 nnnnn ttttt")                                \
    X(A64_ATOMIC, "ldumax", "zz111000ar1 sssss 011000 nnnnn ttttt")                                \
    X(A64_ATOMIC, "ldumin", "zz111000ar1 sssss 011100 nnnnn ttttt")                                \
    X(A64_ATOMIC, "swp", "zz111000ar1 sssss 100000 nnnnn ttttt")                                   \
    X(A64_LOAD_AUTH, "ldraa", "111110000 i1 iiiiiiiii w1 nnnnn ttttt")                             \
    X(A64_LOAD_AUTH, "ldrab", "111110001 i1 iiiiiiiii w1 nnnnn ttttt")                             \
    X(A64_PREFETCH, "prfm", "11111000101 mmmmm ooos10 nnnnn ttttt")                                \
    X(A64_STORE, "str", "zz11100000 1 mmmmm ooos10 nnnnn ttttt")                                   \
    X(A64_LOAD, "ldr", "zz11100001 1 mmmmm ooos10 nnnnn ttttt")                                    \
    X(A64_LOAD, "ldrs", "zz11100010 1 mmmmm ooos10 nnnnn ttttt")                                   \
    X(A64_LOAD, "ldrs", "0z11100011 1 mmmmm ooos10 nnnnn ttttt")                                   \
    X(A64_STORE_V, "str", "zz111100x0 1 mmmmm ooos10 nnnnn ttttt")                                 \
    X(A64_LOAD_V, "ldr", "zz111100x1 1 mmmmm ooos10 nnnnn ttttt")                                  \
    X(A64_PREFETCH, "prfm", "1111100110 iiiiiiiiiiii nnnnn ttttt")                                 \
    X(A64_STORE, "str", "zz11100100 iiiiiiiiiiii nnnnn ttttt")                                     \
    X(A64_LOAD, "ldr", "zz11100101 iiiiiiiiiiii nnnnn ttttt")                                      \
    X(A64_LOAD, "ldrs", "zz11100110 iiiiiiiiiiii nnnnn ttttt")                                     \
    X(A64_LOAD, "ldrs", "0z11100111 iiiiiiiiiiii nnnnn ttttt")                                     \
    X(A64_STORE_V, "str", "zz111101x0 iiiiiiiiiiii nnnnn ttttt")                                   \
    X(A64_LOAD_V, "ldr", "zz111101x1 iiiiiiiiiiii nnnnn ttttt")                                    \
    X(A64_STRUCT, "st4", "0q0011000 0000000 0000 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "st1", "0q0011000 0000000 0010 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "st3", "0q0011000 0000000 0100 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "st1", "0q0011000 0000000 0110 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "st1", "0q0011000 0000000 0111 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "st2", "0q0011000 0000000 1000 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "st1", "0q0011000 0000000 1010 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "ld4", "0q0011000 1000000 0000 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "ld1", "0q0011000 1000000 0010 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "ld3", "0q0011000 1000000 0100 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "ld1", "0q0011000 1000000 0110 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "ld1", "0q0011000 1000000 0111 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "ld2", "0q0011000 1000000 1000 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "ld1", "0q0011000 1000000 1010 zz nnnnn ttttt")                                  \
    X(A64_STRUCT, "st4", "0q0011001 00 mmmmm 0000 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "st1", "0q0011001 00 mmmmm 0010 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "st3", "0q0011001 00 mmmmm 0100 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "st1", "0q0011001 00 mmmmm 0110 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "st1", "0q0011001 00 mmmmm 0111 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "st2", "0q0011001 00 mmmmm 1000 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "st1", "0q0011001 00 mmmmm 1010 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "ld4", "0q0011001 10 mmmmm 0000 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "ld1", "0q0011001 10 mmmmm 0010 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "ld3", "0q0011001 10 mmmmm 0100 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "ld1", "0q0011001 10 mmmmm 0110 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "ld1", "0q0011001 10 mmmmm 0111 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "ld2", "0q0011001 10 mmmmm 1000 zz nnnnn ttttt")                                 \
    X(A64_STRUCT, "ld1", "0q0011001 10 mmmmm 1010 zz nnnnn ttttt")                                 \
    X(A64_STRUCT_LANE, "st1", "0q0011010 00 00000 oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "st3", "0q0011010 00 00000 oo1 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "st2", "0q0011010 01 00000 oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "st4", "0q0011010 01 00000 oo1 szz nnnnn ttttt")                            \
    X(A64_STRUCT_SPLAT, "ld1r", "0q0011010 10 00000 110 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_SPLAT, "ld3r", "0q0011010 10 00000 111 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_SPLAT, "ld2r", "0q0011010 11 00000 110 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_SPLAT, "ld4r", "0q0011010 11 00000 111 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_LANE, "ld1", "0q0011010 10 00000 oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "ld3", "0q0011010 10 00000 oo1 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "ld2", "0q0011010 11 00000 oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "ld4", "0q0011010 11 00000 oo1 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "st1", "0q0011011 00 mmmmm oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "st3", "0q0011011 00 mmmmm oo1 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "st2", "0q0011011 01 mmmmm oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "st4", "0q0011011 01 mmmmm oo1 szz nnnnn ttttt")                            \
    X(A64_STRUCT_SPLAT, "ld1r", "0q0011011 10 mmmmm 110 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_SPLAT, "ld3r", "0q0011011 10 mmmmm 111 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_SPLAT, "ld2r", "0q0011011 11 mmmmm 110 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_SPLAT, "ld4r", "0q0011011 11 mmmmm 111 0zz nnnnn ttttt")                          \
    X(A64_STRUCT_LANE, "ld1", "0q0011011 10 mmmmm oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "ld3", "0q0011011 10 mmmmm oo1 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "ld2", "0q0011011 11 mmmmm oo0 szz nnnnn ttttt")                            \
    X(A64_STRUCT_LANE, "ld4", "0q0011011 11 mmmmm oo1 szz nnnnn ttttt")

#define A64_ROWS_REGISTER(X)                                                                       \
    X(A64_DIVIDE, "udiv", "s0011010110 mmmmm 000010 nnnnn ddddd")                                  \
    X(A64_DIVIDE, "sdiv", "s0011010110 mmmmm 000011 nnnnn ddddd")                                  \
    X(A64_SHIFT_REG, "lslv", "s0011010110 mmmmm 001000 nnnnn ddddd")                               \
    X(A64_SHIFT_REG, "lsrv", "s0011010110 mmmmm 001001 nnnnn ddddd")                               \
    X(A64_SHIFT_REG, "asrv", "s0011010110 mmmmm 001010 nnnnn ddddd")                               \
    X(A64_SHIFT_REG, "rorv", "s0011010110 mmmmm 001011 nnnnn ddddd")                               \
    X(A64_CRC, "crc32", "s0011010110 mmmmm 0100zz nnnnn ddddd")                                    \
    X(A64_CRC, "crc32c", "s0011010110 mmmmm 0101zz nnnnn ddddd")                                   \
    X(A64_MINMAX_REG, "smax", "s0011010110 mmmmm 011000 nnnnn ddddd")                              \
    X(A64_MINMAX_REG, "umax", "s0011010110 mmmmm 011001 nnnnn ddddd")                              \
    X(A64_MINMAX_REG, "smin", "s0011010110 mmmmm 011010 nnnnn ddddd")                              \
    X(A64_MINMAX_REG, "umin", "s0011010110 mmmmm 011011 nnnnn ddddd")                              \
    X(A64_TAG_REG, "subp", "10011010110 mmmmm 000000 nnnnn ddddd")                                 \
    X(A64_TAG_REG, "subps", "10111010110 mmmmm 000000 nnnnn ddddd")                                \
    X(A64_TAG_REG, "irg", "10011010110 mmmmm 000100 nnnnn ddddd")                                  \
    X(A64_TAG_REG, "gmi", "10011010110 mmmmm 000101 nnnnn ddddd")                                  \
    X(A64_TAG_REG, "pacga", "10011010110 mmmmm 001100 nnnnn ddddd")                                \
    X(A64_ONE_SOURCE, "rbit", "s101101011000000000000 nnnnn ddddd")                                \
    X(A64_ONE_SOURCE, "rev16", "s101101011000000000001 nnnnn ddddd")                               \
    X(A64_ONE_SOURCE, "rev", "0101101011000000000010 nnnnn ddddd")                                 \
    X(A64_ONE_SOURCE, "rev32", "1101101011000000000010 nnnnn ddddd")                               \
    X(A64_ONE_SOURCE, "rev", "1101101011000000000011 nnnnn ddddd")                                 \
    X(A64_ONE_SOURCE, "clz", "s101101011000000000100 nnnnn ddddd")                                 \
    X(A64_ONE_SOURCE, "cls", "s101101011000000000101 nnnnn ddddd")                                 \
    X(A64_ONE_SOURCE, "ctz", "s101101011000000000110 nnnnn ddddd")                                 \
    X(A64_ONE_SOURCE, "cnt", "s101101011000000000111 nnnnn ddddd")                                 \
    X(A64_ONE_SOURCE, "abs", "s101101011000000001000 nnnnn ddddd")                                 \
    X(A64_AUTH, "pacia", "1101101011000001000000 nnnnn ddddd")                                     \
    X(A64_AUTH, "pacib", "1101101011000001000001 nnnnn ddddd")                                     \
    X(A64_AUTH, "pacda", "1101101011000001000010 nnnnn ddddd")                                     \
    X(A64_AUTH, "pacdb", "1101101011000001000011 nnnnn ddddd")                                     \
    X(A64_AUTH, "autia", "1101101011000001000100 nnnnn ddddd")                                     \
    X(A64_AUTH, "autib", "1101101011000001000101 nnnnn ddddd")                                     \
    X(A64_AUTH, "autda", "1101101011000001000110 nnnnn ddddd")                                     \
    X(A64_AUTH, "autdb", "1101101011000001000111 nnnnn ddddd")                                     \
    X(A64_AUTH, "paciza", "1101101011000001001000 11111 ddddd")                                    \
    X(A64_AUTH, "pacizb", "1101101011000001001001 11111 ddddd")                                    \
    X(A64_AUTH, "pacdza", "1101101011000001001010 11111 ddddd")                                    \
    X(A64_AUTH, "pacdzb", "1101101011000001001011 11111 ddddd")                                    \
    X(A64_AUTH, "autiza", "1101101011000001001100 11111 ddddd")                                    \
    X(A64_AUTH, "autizb", "1101101011000001001101 11111 ddddd")                                    \
    X(A64_AUTH, "autdza", "1101101011000001001110 11111 ddddd")                                    \
    X(A64_AUTH, "autdzb", "1101101011000001001111 11111 ddddd")                                    \
    X(A64_AUTH, "xpaci", "1101101011000001010000 11111 ddddd")                                     \
    X(A64_AUTH, "xpacd", "1101101011000001010001 11111 ddddd")                                     \
    X(A64_LOGIC_REG, "mov", "s0101010 000 mmmmm 000000 11111 ddddd")                               \
    X(A64_LOGIC_REG, "tst", "s1101010 tt0 mmmmm iiiiii nnnnn 11111")                               \
    X(A64_LOGIC_REG, "and", "s0001010 tt0 mmmmm iiiiii nnnnn ddddd")                               \
    X(A64_LOGIC_REG, "bic", "s0001010 tt1 mmmmm iiiiii nnnnn ddddd")                               \
    X(A64_LOGIC_REG, "orr", "s0101010 tt0 mmmmm iiiiii nnnnn ddddd")                               \
    X(A64_LOGIC_REG, "orn", "s0101010 tt1 mmmmm iiiiii nnnnn ddddd")                               \
    X(A64_LOGIC_REG, "eor", "s1001010 tt0 mmmmm iiiiii nnnnn ddddd")                               \
    X(A64_LOGIC_REG, "eon", "s1001010 tt1 mmmmm iiiiii nnnnn ddddd")                               \
    X(A64_LOGIC_REG, "ands", "s1101010 tt0 mmmmm iiiiii nnnnn ddddd")                              \
    X(A64_LOGIC_REG, "bics", "s1101010 tt1 mmmmm iiiiii nnnnn ddddd")                              \
    X(A64_ADD_EXTENDED, "cmn", "s0101011001 mmmmm oooiii nnnnn 11111")                             \
    X(A64_ADD_EXTENDED, "cmp", "s1101011001 mmmmm oooiii nnnnn 11111")                             \
    X(A64_ADD_EXTENDED, "add", "s0001011001 mmmmm oooiii nnnnn ddddd")                             \
    X(A64_ADD_EXTENDED, "adds", "s0101011001 mmmmm oooiii nnnnn ddddd")                            \
    X(A64_ADD_EXTENDED, "sub", "s1001011001 mmmmm oooiii nnnnn ddddd")                             \
    X(A64_ADD_EXTENDED, "subs", "s1101011001 mmmmm oooiii nnnnn ddddd")                            \
    X(A64_ADD_REG, "cmn", "s0101011 tt0 mmmmm iiiiii nnnnn 11111")                                 \
    X(A64_ADD_REG, "cmp", "s1101011 tt0 mmmmm iiiiii nnnnn 11111")                                 \
    X(A64_ADD_REG, "add", "s0001011 tt0 mmmmm iiiiii nnnnn ddddd")                                 \
    X(A64_ADD_REG, "adds", "s0101011 tt0 mmmmm iiiiii nnnnn ddddd")                                \
    X(A64_ADD_REG, "sub", "s1001011 tt0 mmmmm iiiiii nnnnn ddddd")                                 \
    X(A64_ADD_REG, "subs", "s1101011 tt0 mmmmm iiiiii nnnnn ddddd")                                \
    X(A64_ADD_CARRY, "adc", "s0011010000 mmmmm 000000 nnnnn ddddd")                                \
    X(A64_ADD_CARRY, "adcs", "s0111010000 mmmmm 000000 nnnnn ddddd")                               \
    X(A64_ADD_CARRY, "sbc", "s1011010000 mmmmm 000000 nnnnn ddddd")                                \
    X(A64_ADD_CARRY, "sbcs", "s1111010000 mmmmm 000000 nnnnn ddddd")                               \
    X(A64_FLAG, "rmif", "10111010000 iiiiii 00001 nnnnn 0 kkkk")                                   \
    X(A64_FLAG, "setf8", "0011101000000000000010 nnnnn 01101")                                     \
    X(A64_FLAG, "setf16", "0011101000000000010010 nnnnn 01101")                                    \
    X(A64_COND_COMPARE, "ccmn", "s0111010010 mmmmm cccc i 0 nnnnn 0 ffff")                         \
    X(A64_COND_COMPARE, "ccmp", "s1111010010 mmmmm cccc i 0 nnnnn 0 ffff")                         \
    X(A64_COND_SELECT, "csel", "s0011010100 mmmmm cccc 00 nnnnn ddddd")                            \
    X(A64_COND_SELECT, "csinc", "s0011010100 mmmmm cccc 01 nnnnn ddddd")                           \
    X(A64_COND_SELECT, "csinv", "s1011010100 mmmmm cccc 00 nnnnn ddddd")                           \
    X(A64_COND_SELECT, "csneg", "s1011010100 mmmmm cccc 01 nnnnn ddddd")                           \
    X(A64_MULTIPLY, "mul", "s0011011000 mmmmm 0 11111 nnnnn ddddd")                                \
    X(A64_MULTIPLY, "madd", "s0011011000 mmmmm 0 aaaaa nnnnn ddddd")                               \
    X(A64_MULTIPLY, "msub", "s0011011000 mmmmm 1 aaaaa nnnnn ddddd")                               \
    X(A64_MULTIPLY, "smaddl", "10011011001 mmmmm 0 aaaaa nnnnn ddddd")                             \
    X(A64_MULTIPLY, "smsubl", "10011011001 mmmmm 1 aaaaa nnnnn ddddd")                             \
    X(A64_MULTIPLY_HIGH, "smulh", "10011011010 mmmmm 0 xxxxx nnnnn ddddd")                         \
    X(A64_MULTIPLY, "umaddl", "10011011101 mmmmm 0 aaaaa nnnnn ddddd")                             \
    X(A64_MULTIPLY, "umsubl", "10011011101 mmmmm 1 aaaaa nnnnn ddddd")                             \
    X(A64_MULTIPLY_HIGH, "umulh", "10011011110 mmmmm 0 xxxxx nnnnn ddddd")
/* clang-format on */

#endif
