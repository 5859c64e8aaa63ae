/* SPDX-License-Identifier: Apache-2.0
 * a64_rows_vector.h: the part of a64_rows.h (which says how to read it) that computes on vector
 * registers: A64_V_ on lanes, A64_S_ on the lowest lane, A64_F_ floating point. */
#ifndef COG_CODE_A64_ROWS_VECTOR_H
#define COG_CODE_A64_ROWS_VECTOR_H

/* clang-format off */
#define A64_ROWS_VECTOR(X)                                                                         \
    X(A64_V_DUP_LANE, "dup", "0q001110000 iiiii 000001 nnnnn ddddd")                               \
    X(A64_V_DUP, "dup", "0q001110000 iiiii 000011 nnnnn ddddd")                                    \
    X(A64_V_GET, "smov", "0q001110000 iiiii 001011 nnnnn ddddd")                                   \
    X(A64_V_GET, "umov", "0q001110000 iiiii 001111 nnnnn ddddd")                                   \
    X(A64_V_INSERT, "ins", "01001110000 iiiii 000111 nnnnn ddddd")                                 \
    X(A64_V_INSERT_LANE, "ins", "01101110000 iiiii 0 jjjj 1 nnnnn ddddd")                          \
    X(A64_V_TABLE, "tbl", "0q001110000 mmmmm 0 ll 000 nnnnn ddddd")                                \
    X(A64_V_TABLE, "tbx", "0q001110000 mmmmm 0 ll 100 nnnnn ddddd")                                \
    X(A64_V_PERMUTE, "uzp1", "0q001110 zz 0 mmmmm 0 001 10 nnnnn ddddd")                           \
    X(A64_V_PERMUTE, "trn1", "0q001110 zz 0 mmmmm 0 010 10 nnnnn ddddd")                           \
    X(A64_V_PERMUTE, "zip1", "0q001110 zz 0 mmmmm 0 011 10 nnnnn ddddd")                           \
    X(A64_V_PERMUTE, "uzp2", "0q001110 zz 0 mmmmm 0 101 10 nnnnn ddddd")                           \
    X(A64_V_PERMUTE, "trn2", "0q001110 zz 0 mmmmm 0 110 10 nnnnn ddddd")                           \
    X(A64_V_PERMUTE, "zip2", "0q001110 zz 0 mmmmm 0 111 10 nnnnn ddddd")                           \
    X(A64_V_EXT, "ext", "0q101110000 mmmmm 0 iiii 0 nnnnn ddddd")                                  \
    X(A64_V_LOGIC, "and", "0q001110 00 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_LOGIC, "bic", "0q001110 01 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_LOGIC, "orr", "0q001110 10 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_LOGIC, "orn", "0q001110 11 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_LOGIC, "eor", "0q101110 00 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_LOGIC, "bsl", "0q101110 01 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_LOGIC, "bit", "0q101110 10 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_LOGIC, "bif", "0q101110 11 1 mmmmm 000111 nnnnn ddddd")                                \
    X(A64_V_SAME, "shadd", "0q001110 zz 1 mmmmm 00000 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "sqadd", "0q001110 zz 1 mmmmm 00001 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "srhadd", "0q001110 zz 1 mmmmm 00010 1 nnnnn ddddd")                             \
    X(A64_V_SAME, "shsub", "0q001110 zz 1 mmmmm 00100 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "sqsub", "0q001110 zz 1 mmmmm 00101 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "cmgt", "0q001110 zz 1 mmmmm 00110 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "cmge", "0q001110 zz 1 mmmmm 00111 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "sshl", "0q001110 zz 1 mmmmm 01000 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "sqshl", "0q001110 zz 1 mmmmm 01001 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "srshl", "0q001110 zz 1 mmmmm 01010 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "sqrshl", "0q001110 zz 1 mmmmm 01011 1 nnnnn ddddd")                             \
    X(A64_V_SAME, "smax", "0q001110 zz 1 mmmmm 01100 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "smin", "0q001110 zz 1 mmmmm 01101 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "sabd", "0q001110 zz 1 mmmmm 01110 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "saba", "0q001110 zz 1 mmmmm 01111 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "add", "0q001110 zz 1 mmmmm 10000 1 nnnnn ddddd")                                \
    X(A64_V_SAME, "cmtst", "0q001110 zz 1 mmmmm 10001 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "mla", "0q001110 zz 1 mmmmm 10010 1 nnnnn ddddd")                                \
    X(A64_V_SAME, "mul", "0q001110 zz 1 mmmmm 10011 1 nnnnn ddddd")                                \
    X(A64_V_SAME, "smaxp", "0q001110 zz 1 mmmmm 10100 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "sminp", "0q001110 zz 1 mmmmm 10101 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "sqdmulh", "0q001110 zz 1 mmmmm 10110 1 nnnnn ddddd")                            \
    X(A64_V_SAME, "addp", "0q001110 zz 1 mmmmm 10111 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "uhadd", "0q101110 zz 1 mmmmm 00000 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "uqadd", "0q101110 zz 1 mmmmm 00001 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "urhadd", "0q101110 zz 1 mmmmm 00010 1 nnnnn ddddd")                             \
    X(A64_V_SAME, "uhsub", "0q101110 zz 1 mmmmm 00100 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "uqsub", "0q101110 zz 1 mmmmm 00101 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "cmhi", "0q101110 zz 1 mmmmm 00110 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "cmhs", "0q101110 zz 1 mmmmm 00111 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "ushl", "0q101110 zz 1 mmmmm 01000 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "uqshl", "0q101110 zz 1 mmmmm 01001 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "urshl", "0q101110 zz 1 mmmmm 01010 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "uqrshl", "0q101110 zz 1 mmmmm 01011 1 nnnnn ddddd")                             \
    X(A64_V_SAME, "umax", "0q101110 zz 1 mmmmm 01100 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "umin", "0q101110 zz 1 mmmmm 01101 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "uabd", "0q101110 zz 1 mmmmm 01110 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "uaba", "0q101110 zz 1 mmmmm 01111 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "sub", "0q101110 zz 1 mmmmm 10000 1 nnnnn ddddd")                                \
    X(A64_V_SAME, "cmeq", "0q101110 zz 1 mmmmm 10001 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "mls", "0q101110 zz 1 mmmmm 10010 1 nnnnn ddddd")                                \
    X(A64_V_SAME, "pmul", "0q101110 zz 1 mmmmm 10011 1 nnnnn ddddd")                               \
    X(A64_V_SAME, "umaxp", "0q101110 zz 1 mmmmm 10100 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "uminp", "0q101110 zz 1 mmmmm 10101 1 nnnnn ddddd")                              \
    X(A64_V_SAME, "sqrdmulh", "0q101110 zz 1 mmmmm 10110 1 nnnnn ddddd")                           \
    X(A64_V_FLOAT_SAME, "fmaxnm", "0q001110 0z 1 mmmmm 11000 1 nnnnn ddddd")                       \
    X(A64_V_FLOAT_SAME, "fmla", "0q001110 0z 1 mmmmm 11001 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "fadd", "0q001110 0z 1 mmmmm 11010 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "fmulx", "0q001110 0z 1 mmmmm 11011 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "fcmeq", "0q001110 0z 1 mmmmm 11100 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "fmax", "0q001110 0z 1 mmmmm 11110 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "frecps", "0q001110 0z 1 mmmmm 11111 1 nnnnn ddddd")                       \
    X(A64_V_FLOAT_SAME, "fminnm", "0q001110 1z 1 mmmmm 11000 1 nnnnn ddddd")                       \
    X(A64_V_FLOAT_SAME, "fmls", "0q001110 1z 1 mmmmm 11001 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "fsub", "0q001110 1z 1 mmmmm 11010 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "fmin", "0q001110 1z 1 mmmmm 11110 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "frsqrts", "0q001110 1z 1 mmmmm 11111 1 nnnnn ddddd")                      \
    X(A64_V_FLOAT_SAME, "fmaxnmp", "0q101110 0z 1 mmmmm 11000 1 nnnnn ddddd")                      \
    X(A64_V_FLOAT_SAME, "faddp", "0q101110 0z 1 mmmmm 11010 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "fmul", "0q101110 0z 1 mmmmm 11011 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "fcmge", "0q101110 0z 1 mmmmm 11100 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "facge", "0q101110 0z 1 mmmmm 11101 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "fmaxp", "0q101110 0z 1 mmmmm 11110 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "fdiv", "0q101110 0z 1 mmmmm 11111 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "fminnmp", "0q101110 1z 1 mmmmm 11000 1 nnnnn ddddd")                      \
    X(A64_V_FLOAT_SAME, "fabd", "0q101110 1z 1 mmmmm 11010 1 nnnnn ddddd")                         \
    X(A64_V_FLOAT_SAME, "fcmgt", "0q101110 1z 1 mmmmm 11100 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "facgt", "0q101110 1z 1 mmmmm 11101 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_SAME, "fminp", "0q101110 1z 1 mmmmm 11110 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_LONG, "fmlal", "0q001110 00 1 mmmmm 11101 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_LONG, "fmlsl", "0q001110 10 1 mmmmm 11101 1 nnnnn ddddd")                        \
    X(A64_V_FLOAT_LONG, "fmlal2", "0q101110 00 1 mmmmm 11001 1 nnnnn ddddd")                       \
    X(A64_V_FLOAT_LONG, "fmlsl2", "0q101110 10 1 mmmmm 11001 1 nnnnn ddddd")                       \
    X(A64_V_HALF_SAME, "fmaxnm", "0q001110 010 mmmmm 00 000 1 nnnnn ddddd")                        \
    X(A64_V_HALF_SAME, "fmla", "0q001110 010 mmmmm 00 001 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "fadd", "0q001110 010 mmmmm 00 010 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "fmulx", "0q001110 010 mmmmm 00 011 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "fcmeq", "0q001110 010 mmmmm 00 100 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "fmax", "0q001110 010 mmmmm 00 110 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "frecps", "0q001110 010 mmmmm 00 111 1 nnnnn ddddd")                        \
    X(A64_V_HALF_SAME, "fminnm", "0q001110 110 mmmmm 00 000 1 nnnnn ddddd")                        \
    X(A64_V_HALF_SAME, "fmls", "0q001110 110 mmmmm 00 001 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "fsub", "0q001110 110 mmmmm 00 010 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "fmin", "0q001110 110 mmmmm 00 110 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "frsqrts", "0q001110 110 mmmmm 00 111 1 nnnnn ddddd")                       \
    X(A64_V_HALF_SAME, "fmaxnmp", "0q101110 010 mmmmm 00 000 1 nnnnn ddddd")                       \
    X(A64_V_HALF_SAME, "faddp", "0q101110 010 mmmmm 00 010 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "fmul", "0q101110 010 mmmmm 00 011 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "fcmge", "0q101110 010 mmmmm 00 100 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "facge", "0q101110 010 mmmmm 00 101 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "fmaxp", "0q101110 010 mmmmm 00 110 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "fdiv", "0q101110 010 mmmmm 00 111 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "fminnmp", "0q101110 110 mmmmm 00 000 1 nnnnn ddddd")                       \
    X(A64_V_HALF_SAME, "fabd", "0q101110 110 mmmmm 00 010 1 nnnnn ddddd")                          \
    X(A64_V_HALF_SAME, "fcmgt", "0q101110 110 mmmmm 00 100 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "facgt", "0q101110 110 mmmmm 00 101 1 nnnnn ddddd")                         \
    X(A64_V_HALF_SAME, "fminp", "0q101110 110 mmmmm 00 110 1 nnnnn ddddd")                         \
    X(A64_V_RDM, "sqrdmlah", "0q101110 zz 0 mmmmm 100001 nnnnn ddddd")                             \
    X(A64_V_RDM, "sqrdmlsh", "0q101110 zz 0 mmmmm 100011 nnnnn ddddd")                             \
    X(A64_V_DOT, "sdot", "0q001110 10 0 mmmmm 100101 nnnnn ddddd")                                 \
    X(A64_V_DOT, "udot", "0q101110 10 0 mmmmm 100101 nnnnn ddddd")                                 \
    X(A64_V_DOT, "usdot", "0q001110 10 0 mmmmm 100111 nnnnn ddddd")                                \
    X(A64_V_MATRIX, "smmla", "01001110 10 0 mmmmm 101001 nnnnn ddddd")                             \
    X(A64_V_MATRIX, "ummla", "01101110 10 0 mmmmm 101001 nnnnn ddddd")                             \
    X(A64_V_MATRIX, "usmmla", "01001110 10 0 mmmmm 101011 nnnnn ddddd")                            \
    X(A64_V_FLOAT_COMPLEX, "fcmla", "0q101110 zz 0 mmmmm 110rr1 nnnnn ddddd")                      \
    X(A64_V_FLOAT_COMPLEX, "fcadd", "0q101110 zz 0 mmmmm 111r01 nnnnn ddddd")                      \
    X(A64_V_BFLOAT, "bfdot", "0q101110 01 0 mmmmm 111111 nnnnn ddddd")                             \
    X(A64_V_BFLOAT, "bfmmla", "01101110 01 0 mmmmm 111011 nnnnn ddddd")                            \
    X(A64_V_BFLOAT, "bfmlal", "0q101110 11 0 mmmmm 111111 nnnnn ddddd")                            \
    X(A64_V_MISC, "rev64", "0q001110 zz 10000 00000 10 nnnnn ddddd")                               \
    X(A64_V_MISC, "rev16", "0q001110 zz 10000 00001 10 nnnnn ddddd")                               \
    X(A64_V_MISC, "saddlp", "0q001110 zz 10000 00010 10 nnnnn ddddd")                              \
    X(A64_V_MISC, "suqadd", "0q001110 zz 10000 00011 10 nnnnn ddddd")                              \
    X(A64_V_MISC, "cls", "0q001110 zz 10000 00100 10 nnnnn ddddd")                                 \
    X(A64_V_MISC, "cnt", "0q001110 zz 10000 00101 10 nnnnn ddddd")                                 \
    X(A64_V_MISC, "sadalp", "0q001110 zz 10000 00110 10 nnnnn ddddd")                              \
    X(A64_V_MISC, "sqabs", "0q001110 zz 10000 00111 10 nnnnn ddddd")                               \
    X(A64_V_MISC, "cmgt", "0q001110 zz 10000 01000 10 nnnnn ddddd")                                \
    X(A64_V_MISC, "cmeq", "0q001110 zz 10000 01001 10 nnnnn ddddd")                                \
    X(A64_V_MISC, "cmlt", "0q001110 zz 10000 01010 10 nnnnn ddddd")                                \
    X(A64_V_MISC, "abs", "0q001110 zz 10000 01011 10 nnnnn ddddd")                                 \
    X(A64_V_MISC, "xtn", "0q001110 zz 10000 10010 10 nnnnn ddddd")                                 \
    X(A64_V_MISC, "sqxtn", "0q001110 zz 10000 10100 10 nnnnn ddddd")                               \
    X(A64_V_MISC, "rev32", "0q101110 zz 10000 00000 10 nnnnn ddddd")                               \
    X(A64_V_MISC, "uaddlp", "0q101110 zz 10000 00010 10 nnnnn ddddd")                              \
    X(A64_V_MISC, "usqadd", "0q101110 zz 10000 00011 10 nnnnn ddddd")                              \
    X(A64_V_MISC, "clz", "0q101110 zz 10000 00100 10 nnnnn ddddd")                                 \
    X(A64_V_MISC, "uadalp", "0q101110 zz 10000 00110 10 nnnnn ddddd")                              \
    X(A64_V_MISC, "sqneg", "0q101110 zz 10000 00111 10 nnnnn ddddd")                               \
    X(A64_V_MISC, "cmge", "0q101110 zz 10000 01000 10 nnnnn ddddd")                                \
    X(A64_V_MISC, "cmle", "0q101110 zz 10000 01001 10 nnnnn ddddd")                                \
    X(A64_V_MISC, "neg", "0q101110 zz 10000 01011 10 nnnnn ddddd")                                 \
    X(A64_V_MISC, "sqxtun", "0q101110 zz 10000 10010 10 nnnnn ddddd")                              \
    X(A64_V_MISC, "shll", "0q101110 zz 10000 10011 10 nnnnn ddddd")                                \
    X(A64_V_MISC, "uqxtn", "0q101110 zz 10000 10100 10 nnnnn ddddd")                               \
    X(A64_V_MISC, "not", "0q101110 00 10000 00101 10 nnnnn ddddd")                                 \
    X(A64_V_MISC, "rbit", "0q101110 01 10000 00101 10 nnnnn ddddd")                                \
    X(A64_V_BFLOAT_NARROW, "bfcvtn", "0q001110 10 10000 10110 10 nnnnn ddddd")                     \
    X(A64_V_FLOAT_MISC, "fcvtn", "0q001110 0z 10000 10110 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "fcvtl", "0q001110 0z 10000 10111 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "frintn", "0q001110 0z 10000 11000 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "frintm", "0q001110 0z 10000 11001 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtns", "0q001110 0z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtms", "0q001110 0z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtas", "0q001110 0z 10000 11100 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "scvtf", "0q001110 0z 10000 11101 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "frint32z", "0q001110 0z 10000 11110 10 nnnnn ddddd")                      \
    X(A64_V_FLOAT_MISC, "frint64z", "0q001110 0z 10000 11111 10 nnnnn ddddd")                      \
    X(A64_V_FLOAT_MISC, "fcmgt", "0q001110 1z 10000 01100 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "fcmeq", "0q001110 1z 10000 01101 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "fcmlt", "0q001110 1z 10000 01110 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "fabs", "0q001110 1z 10000 01111 10 nnnnn ddddd")                          \
    X(A64_V_FLOAT_MISC, "frintp", "0q001110 1z 10000 11000 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "frintz", "0q001110 1z 10000 11001 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtps", "0q001110 1z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtzs", "0q001110 1z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "urecpe", "0q001110 1z 10000 11100 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "frecpe", "0q001110 1z 10000 11101 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtxn", "0q101110 0z 10000 10110 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "frinta", "0q101110 0z 10000 11000 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "frintx", "0q101110 0z 10000 11001 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtnu", "0q101110 0z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtmu", "0q101110 0z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtau", "0q101110 0z 10000 11100 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "ucvtf", "0q101110 0z 10000 11101 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "frint32x", "0q101110 0z 10000 11110 10 nnnnn ddddd")                      \
    X(A64_V_FLOAT_MISC, "frint64x", "0q101110 0z 10000 11111 10 nnnnn ddddd")                      \
    X(A64_V_FLOAT_MISC, "fcmge", "0q101110 1z 10000 01100 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "fcmle", "0q101110 1z 10000 01101 10 nnnnn ddddd")                         \
    X(A64_V_FLOAT_MISC, "fneg", "0q101110 1z 10000 01111 10 nnnnn ddddd")                          \
    X(A64_V_FLOAT_MISC, "frinti", "0q101110 1z 10000 11001 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtpu", "0q101110 1z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "fcvtzu", "0q101110 1z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_V_FLOAT_MISC, "ursqrte", "0q101110 1z 10000 11100 10 nnnnn ddddd")                       \
    X(A64_V_FLOAT_MISC, "frsqrte", "0q101110 1z 10000 11101 10 nnnnn ddddd")                       \
    X(A64_V_FLOAT_MISC, "fsqrt", "0q101110 1z 10000 11111 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "frintn", "0q001110 011 1100 11000 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "frintm", "0q001110 011 1100 11001 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtns", "0q001110 011 1100 11010 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtms", "0q001110 011 1100 11011 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtas", "0q001110 011 1100 11100 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "scvtf", "0q001110 011 1100 11101 10 nnnnn ddddd")                          \
    X(A64_V_HALF_MISC, "fcmgt", "0q001110 111 1100 01100 10 nnnnn ddddd")                          \
    X(A64_V_HALF_MISC, "fcmeq", "0q001110 111 1100 01101 10 nnnnn ddddd")                          \
    X(A64_V_HALF_MISC, "fcmlt", "0q001110 111 1100 01110 10 nnnnn ddddd")                          \
    X(A64_V_HALF_MISC, "fabs", "0q001110 111 1100 01111 10 nnnnn ddddd")                           \
    X(A64_V_HALF_MISC, "frintp", "0q001110 111 1100 11000 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "frintz", "0q001110 111 1100 11001 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtps", "0q001110 111 1100 11010 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtzs", "0q001110 111 1100 11011 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "frecpe", "0q001110 111 1100 11101 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "frinta", "0q101110 011 1100 11000 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "frintx", "0q101110 011 1100 11001 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtnu", "0q101110 011 1100 11010 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtmu", "0q101110 011 1100 11011 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtau", "0q101110 011 1100 11100 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "ucvtf", "0q101110 011 1100 11101 10 nnnnn ddddd")                          \
    X(A64_V_HALF_MISC, "fcmge", "0q101110 111 1100 01100 10 nnnnn ddddd")                          \
    X(A64_V_HALF_MISC, "fcmle", "0q101110 111 1100 01101 10 nnnnn ddddd")                          \
    X(A64_V_HALF_MISC, "fneg", "0q101110 111 1100 01111 10 nnnnn ddddd")                           \
    X(A64_V_HALF_MISC, "frinti", "0q101110 111 1100 11001 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtpu", "0q101110 111 1100 11010 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "fcvtzu", "0q101110 111 1100 11011 10 nnnnn ddddd")                         \
    X(A64_V_HALF_MISC, "frsqrte", "0q101110 111 1100 11101 10 nnnnn ddddd")                        \
    X(A64_V_HALF_MISC, "fsqrt", "0q101110 111 1100 11111 10 nnnnn ddddd")                          \
    X(A64_V_ACROSS, "saddlv", "0q001110 zz 11000 00011 10 nnnnn ddddd")                            \
    X(A64_V_ACROSS, "smaxv", "0q001110 zz 11000 01010 10 nnnnn ddddd")                             \
    X(A64_V_ACROSS, "sminv", "0q001110 zz 11000 11010 10 nnnnn ddddd")                             \
    X(A64_V_ACROSS, "addv", "0q001110 zz 11000 11011 10 nnnnn ddddd")                              \
    X(A64_V_ACROSS, "uaddlv", "0q101110 zz 11000 00011 10 nnnnn ddddd")                            \
    X(A64_V_ACROSS, "umaxv", "0q101110 zz 11000 01010 10 nnnnn ddddd")                             \
    X(A64_V_ACROSS, "uminv", "0q101110 zz 11000 11010 10 nnnnn ddddd")                             \
    X(A64_V_FLOAT_ACROSS, "fmaxnmv", "01101110 00 11000 01100 10 nnnnn ddddd")                     \
    X(A64_V_FLOAT_ACROSS, "fmaxnmv", "0q001110 00 11000 01100 10 nnnnn ddddd")                     \
    X(A64_V_FLOAT_ACROSS, "fmaxv", "01101110 00 11000 01111 10 nnnnn ddddd")                       \
    X(A64_V_FLOAT_ACROSS, "fmaxv", "0q001110 00 11000 01111 10 nnnnn ddddd")                       \
    X(A64_V_FLOAT_ACROSS, "fminnmv", "01101110 10 11000 01100 10 nnnnn ddddd")                     \
    X(A64_V_FLOAT_ACROSS, "fminnmv", "0q001110 10 11000 01100 10 nnnnn ddddd")                     \
    X(A64_V_FLOAT_ACROSS, "fminv", "01101110 10 11000 01111 10 nnnnn ddddd")                       \
    X(A64_V_FLOAT_ACROSS, "fminv", "0q001110 10 11000 01111 10 nnnnn ddddd")                       \
    X(A64_V_DIFFERENT, "saddl", "0q001110 zz 1 mmmmm 0000 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "saddw", "0q001110 zz 1 mmmmm 0001 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "ssubl", "0q001110 zz 1 mmmmm 0010 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "ssubw", "0q001110 zz 1 mmmmm 0011 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "addhn", "0q001110 zz 1 mmmmm 0100 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "sabal", "0q001110 zz 1 mmmmm 0101 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "subhn", "0q001110 zz 1 mmmmm 0110 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "sabdl", "0q001110 zz 1 mmmmm 0111 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "smlal", "0q001110 zz 1 mmmmm 1000 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "sqdmlal", "0q001110 zz 1 mmmmm 1001 00 nnnnn ddddd")                       \
    X(A64_V_DIFFERENT, "smlsl", "0q001110 zz 1 mmmmm 1010 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "sqdmlsl", "0q001110 zz 1 mmmmm 1011 00 nnnnn ddddd")                       \
    X(A64_V_DIFFERENT, "smull", "0q001110 zz 1 mmmmm 1100 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "sqdmull", "0q001110 zz 1 mmmmm 1101 00 nnnnn ddddd")                       \
    X(A64_V_DIFFERENT, "pmull", "0q001110 zz 1 mmmmm 1110 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "uaddl", "0q101110 zz 1 mmmmm 0000 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "uaddw", "0q101110 zz 1 mmmmm 0001 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "usubl", "0q101110 zz 1 mmmmm 0010 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "usubw", "0q101110 zz 1 mmmmm 0011 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "raddhn", "0q101110 zz 1 mmmmm 0100 00 nnnnn ddddd")                        \
    X(A64_V_DIFFERENT, "uabal", "0q101110 zz 1 mmmmm 0101 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "rsubhn", "0q101110 zz 1 mmmmm 0110 00 nnnnn ddddd")                        \
    X(A64_V_DIFFERENT, "uabdl", "0q101110 zz 1 mmmmm 0111 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "umlal", "0q101110 zz 1 mmmmm 1000 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "umlsl", "0q101110 zz 1 mmmmm 1010 00 nnnnn ddddd")                         \
    X(A64_V_DIFFERENT, "umull", "0q101110 zz 1 mmmmm 1100 00 nnnnn ddddd")                         \
    X(A64_V_IMM, "movi", "0q00111100000 iii 0xx0 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "orr", "0q00111100000 iii 0xx1 01 iiiii ddddd")                                   \
    X(A64_V_IMM, "movi", "0q00111100000 iii 10x0 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "orr", "0q00111100000 iii 10x1 01 iiiii ddddd")                                   \
    X(A64_V_IMM, "movi", "0q00111100000 iii 110x 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "movi", "0q00111100000 iii 1110 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "fmov", "0q00111100000 iii 1111 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "fmov", "0q00111100000 iii 1111 11 iiiii ddddd")                                  \
    X(A64_V_IMM, "mvni", "0q10111100000 iii 0xx0 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "bic", "0q10111100000 iii 0xx1 01 iiiii ddddd")                                   \
    X(A64_V_IMM, "mvni", "0q10111100000 iii 10x0 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "bic", "0q10111100000 iii 10x1 01 iiiii ddddd")                                   \
    X(A64_V_IMM, "mvni", "0q10111100000 iii 110x 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "movi", "0q10111100000 iii 1110 01 iiiii ddddd")                                  \
    X(A64_V_IMM, "fmov", "01101111 00000 iii 1111 01 iiiii ddddd")                                 \
    X(A64_V_SHIFT, "sshr", "0q0011110 hhhh bbb 00000 1 nnnnn ddddd")                               \
    X(A64_V_SHIFT, "ssra", "0q0011110 hhhh bbb 00010 1 nnnnn ddddd")                               \
    X(A64_V_SHIFT, "srshr", "0q0011110 hhhh bbb 00100 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "srsra", "0q0011110 hhhh bbb 00110 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "shl", "0q0011110 hhhh bbb 01010 1 nnnnn ddddd")                                \
    X(A64_V_SHIFT, "sqshl", "0q0011110 hhhh bbb 01110 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "shrn", "0q0011110 hhhh bbb 10000 1 nnnnn ddddd")                               \
    X(A64_V_SHIFT, "rshrn", "0q0011110 hhhh bbb 10001 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "sqshrn", "0q0011110 hhhh bbb 10010 1 nnnnn ddddd")                             \
    X(A64_V_SHIFT, "sqrshrn", "0q0011110 hhhh bbb 10011 1 nnnnn ddddd")                            \
    X(A64_V_SHIFT, "sshll", "0q0011110 hhhh bbb 10100 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "ushr", "0q1011110 hhhh bbb 00000 1 nnnnn ddddd")                               \
    X(A64_V_SHIFT, "usra", "0q1011110 hhhh bbb 00010 1 nnnnn ddddd")                               \
    X(A64_V_SHIFT, "urshr", "0q1011110 hhhh bbb 00100 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "ursra", "0q1011110 hhhh bbb 00110 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "sri", "0q1011110 hhhh bbb 01000 1 nnnnn ddddd")                                \
    X(A64_V_SHIFT, "sli", "0q1011110 hhhh bbb 01010 1 nnnnn ddddd")                                \
    X(A64_V_SHIFT, "sqshlu", "0q1011110 hhhh bbb 01100 1 nnnnn ddddd")                             \
    X(A64_V_SHIFT, "uqshl", "0q1011110 hhhh bbb 01110 1 nnnnn ddddd")                              \
    X(A64_V_SHIFT, "sqshrun", "0q1011110 hhhh bbb 10000 1 nnnnn ddddd")                            \
    X(A64_V_SHIFT, "sqrshrun", "0q1011110 hhhh bbb 10001 1 nnnnn ddddd")                           \
    X(A64_V_SHIFT, "uqshrn", "0q1011110 hhhh bbb 10010 1 nnnnn ddddd")                             \
    X(A64_V_SHIFT, "uqrshrn", "0q1011110 hhhh bbb 10011 1 nnnnn ddddd")                            \
    X(A64_V_SHIFT, "ushll", "0q1011110 hhhh bbb 10100 1 nnnnn ddddd")                              \
    X(A64_V_FIXED, "scvtf", "0q0011110 hhhh bbb 11100 1 nnnnn ddddd")                              \
    X(A64_V_FIXED, "fcvtzs", "0q0011110 hhhh bbb 11111 1 nnnnn ddddd")                             \
    X(A64_V_FIXED, "ucvtf", "0q1011110 hhhh bbb 11100 1 nnnnn ddddd")                              \
    X(A64_V_FIXED, "fcvtzu", "0q1011110 hhhh bbb 11111 1 nnnnn ddddd")                             \
    X(A64_V_INDEXED, "smlal", "0q001111 zz lmmmmm 0010 h0 nnnnn ddddd")                            \
    X(A64_V_INDEXED, "sqdmlal", "0q001111 zz lmmmmm 0011 h0 nnnnn ddddd")                          \
    X(A64_V_INDEXED, "smlsl", "0q001111 zz lmmmmm 0110 h0 nnnnn ddddd")                            \
    X(A64_V_INDEXED, "sqdmlsl", "0q001111 zz lmmmmm 0111 h0 nnnnn ddddd")                          \
    X(A64_V_INDEXED, "mul", "0q001111 zz lmmmmm 1000 h0 nnnnn ddddd")                              \
    X(A64_V_INDEXED, "smull", "0q001111 zz lmmmmm 1010 h0 nnnnn ddddd")                            \
    X(A64_V_INDEXED, "sqdmull", "0q001111 zz lmmmmm 1011 h0 nnnnn ddddd")                          \
    X(A64_V_INDEXED, "sqdmulh", "0q001111 zz lmmmmm 1100 h0 nnnnn ddddd")                          \
    X(A64_V_INDEXED, "sqrdmulh", "0q001111 zz lmmmmm 1101 h0 nnnnn ddddd")                         \
    X(A64_V_INDEXED, "mla", "0q101111 zz lmmmmm 0000 h0 nnnnn ddddd")                              \
    X(A64_V_INDEXED, "umlal", "0q101111 zz lmmmmm 0010 h0 nnnnn ddddd")                            \
    X(A64_V_INDEXED, "mls", "0q101111 zz lmmmmm 0100 h0 nnnnn ddddd")                              \
    X(A64_V_INDEXED, "umlsl", "0q101111 zz lmmmmm 0110 h0 nnnnn ddddd")                            \
    X(A64_V_INDEXED, "umull", "0q101111 zz lmmmmm 1010 h0 nnnnn ddddd")                            \
    X(A64_V_RDM_INDEXED, "sqrdmlah", "0q101111 zz lmmmmm 1101 h0 nnnnn ddddd")                     \
    X(A64_V_RDM_INDEXED, "sqrdmlsh", "0q101111 zz lmmmmm 1111 h0 nnnnn ddddd")                     \
    X(A64_V_DOT_INDEXED, "sdot", "0q001111 10 lmmmmm 1110 h0 nnnnn ddddd")                         \
    X(A64_V_DOT_INDEXED, "udot", "0q101111 10 lmmmmm 1110 h0 nnnnn ddddd")                         \
    X(A64_V_DOT_INDEXED, "sudot", "0q001111 00 lmmmmm 1111 h0 nnnnn ddddd")                        \
    X(A64_V_DOT_INDEXED, "usdot", "0q001111 10 lmmmmm 1111 h0 nnnnn ddddd")                        \
    X(A64_V_BFLOAT_INDEXED, "bfdot", "0q001111 01 lmmmmm 1111 h0 nnnnn ddddd")                     \
    X(A64_V_BFLOAT_INDEXED, "bfmlal", "0q001111 11 lmmmmm 1111 h0 nnnnn ddddd")                    \
    X(A64_V_FLOAT_LONG_INDEXED, "fmlal", "0q001111 10 lmmmmm 0000 h0 nnnnn ddddd")                 \
    X(A64_V_FLOAT_LONG_INDEXED, "fmlsl", "0q001111 10 lmmmmm 0100 h0 nnnnn ddddd")                 \
    X(A64_V_FLOAT_LONG_INDEXED, "fmlal2", "0q101111 10 lmmmmm 1000 h0 nnnnn ddddd")                \
    X(A64_V_FLOAT_LONG_INDEXED, "fmlsl2", "0q101111 10 lmmmmm 1100 h0 nnnnn ddddd")                \
    X(A64_V_FLOAT_INDEXED, "fmla", "0q001111 1z lmmmmm 0001 h0 nnnnn ddddd")                       \
    X(A64_V_HALF_INDEXED, "fmla", "0q001111 00 lmmmmm 0001 h0 nnnnn ddddd")                        \
    X(A64_V_FLOAT_INDEXED, "fmls", "0q001111 1z lmmmmm 0101 h0 nnnnn ddddd")                       \
    X(A64_V_HALF_INDEXED, "fmls", "0q001111 00 lmmmmm 0101 h0 nnnnn ddddd")                        \
    X(A64_V_FLOAT_INDEXED, "fmul", "0q001111 1z lmmmmm 1001 h0 nnnnn ddddd")                       \
    X(A64_V_HALF_INDEXED, "fmul", "0q001111 00 lmmmmm 1001 h0 nnnnn ddddd")                        \
    X(A64_V_FLOAT_INDEXED, "fmulx", "0q101111 1z lmmmmm 1001 h0 nnnnn ddddd")                      \
    X(A64_V_HALF_INDEXED, "fmulx", "0q101111 00 lmmmmm 1001 h0 nnnnn ddddd")                       \
    X(A64_V_FLOAT_COMPLEX_INDEXED, "fcmla", "0q101111 zz lmmmmm 0rr1 h0 nnnnn ddddd")

#define A64_ROWS_SCALAR(X)                                                                         \
    X(A64_S_DUP_LANE, "dup", "01011110000 iiiii 000001 nnnnn ddddd")                               \
    X(A64_S_SAME, "sqadd", "01011110 zz 1 mmmmm 00001 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "sqsub", "01011110 zz 1 mmmmm 00101 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "cmgt", "01011110 zz 1 mmmmm 00110 1 nnnnn ddddd")                               \
    X(A64_S_SAME, "cmge", "01011110 zz 1 mmmmm 00111 1 nnnnn ddddd")                               \
    X(A64_S_SAME, "sshl", "01011110 zz 1 mmmmm 01000 1 nnnnn ddddd")                               \
    X(A64_S_SAME, "sqshl", "01011110 zz 1 mmmmm 01001 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "srshl", "01011110 zz 1 mmmmm 01010 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "sqrshl", "01011110 zz 1 mmmmm 01011 1 nnnnn ddddd")                             \
    X(A64_S_SAME, "add", "01011110 zz 1 mmmmm 10000 1 nnnnn ddddd")                                \
    X(A64_S_SAME, "cmtst", "01011110 zz 1 mmmmm 10001 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "sqdmulh", "01011110 zz 1 mmmmm 10110 1 nnnnn ddddd")                            \
    X(A64_S_SAME, "uqadd", "01111110 zz 1 mmmmm 00001 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "uqsub", "01111110 zz 1 mmmmm 00101 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "cmhi", "01111110 zz 1 mmmmm 00110 1 nnnnn ddddd")                               \
    X(A64_S_SAME, "cmhs", "01111110 zz 1 mmmmm 00111 1 nnnnn ddddd")                               \
    X(A64_S_SAME, "ushl", "01111110 zz 1 mmmmm 01000 1 nnnnn ddddd")                               \
    X(A64_S_SAME, "uqshl", "01111110 zz 1 mmmmm 01001 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "urshl", "01111110 zz 1 mmmmm 01010 1 nnnnn ddddd")                              \
    X(A64_S_SAME, "uqrshl", "01111110 zz 1 mmmmm 01011 1 nnnnn ddddd")                             \
    X(A64_S_SAME, "sub", "01111110 zz 1 mmmmm 10000 1 nnnnn ddddd")                                \
    X(A64_S_SAME, "cmeq", "01111110 zz 1 mmmmm 10001 1 nnnnn ddddd")                               \
    X(A64_S_SAME, "sqrdmulh", "01111110 zz 1 mmmmm 10110 1 nnnnn ddddd")                           \
    X(A64_S_FLOAT_SAME, "fmulx", "01011110 0z 1 mmmmm 11011 1 nnnnn ddddd")                        \
    X(A64_S_FLOAT_SAME, "fcmeq", "01011110 0z 1 mmmmm 11100 1 nnnnn ddddd")                        \
    X(A64_S_FLOAT_SAME, "frecps", "01011110 0z 1 mmmmm 11111 1 nnnnn ddddd")                       \
    X(A64_S_FLOAT_SAME, "frsqrts", "01011110 1z 1 mmmmm 11111 1 nnnnn ddddd")                      \
    X(A64_S_FLOAT_SAME, "fcmge", "01111110 0z 1 mmmmm 11100 1 nnnnn ddddd")                        \
    X(A64_S_FLOAT_SAME, "facge", "01111110 0z 1 mmmmm 11101 1 nnnnn ddddd")                        \
    X(A64_S_FLOAT_SAME, "fabd", "01111110 1z 1 mmmmm 11010 1 nnnnn ddddd")                         \
    X(A64_S_FLOAT_SAME, "fcmgt", "01111110 1z 1 mmmmm 11100 1 nnnnn ddddd")                        \
    X(A64_S_FLOAT_SAME, "facgt", "01111110 1z 1 mmmmm 11101 1 nnnnn ddddd")                        \
    X(A64_S_HALF_SAME, "fmulx", "01011110 010 mmmmm 00 011 1 nnnnn ddddd")                         \
    X(A64_S_HALF_SAME, "fcmeq", "01011110 010 mmmmm 00 100 1 nnnnn ddddd")                         \
    X(A64_S_HALF_SAME, "frecps", "01011110 010 mmmmm 00 111 1 nnnnn ddddd")                        \
    X(A64_S_HALF_SAME, "frsqrts", "01011110 110 mmmmm 00 111 1 nnnnn ddddd")                       \
    X(A64_S_HALF_SAME, "fcmge", "01111110 010 mmmmm 00 100 1 nnnnn ddddd")                         \
    X(A64_S_HALF_SAME, "facge", "01111110 010 mmmmm 00 101 1 nnnnn ddddd")                         \
    X(A64_S_HALF_SAME, "fabd", "01111110 110 mmmmm 00 010 1 nnnnn ddddd")                          \
    X(A64_S_HALF_SAME, "fcmgt", "01111110 110 mmmmm 00 100 1 nnnnn ddddd")                         \
    X(A64_S_HALF_SAME, "facgt", "01111110 110 mmmmm 00 101 1 nnnnn ddddd")                         \
    X(A64_S_RDM, "sqrdmlah", "01111110 zz 0 mmmmm 100001 nnnnn ddddd")                             \
    X(A64_S_RDM, "sqrdmlsh", "01111110 zz 0 mmmmm 100011 nnnnn ddddd")                             \
    X(A64_S_MISC, "suqadd", "01011110 zz 10000 00011 10 nnnnn ddddd")                              \
    X(A64_S_MISC, "sqabs", "01011110 zz 10000 00111 10 nnnnn ddddd")                               \
    X(A64_S_MISC, "cmgt", "01011110 zz 10000 01000 10 nnnnn ddddd")                                \
    X(A64_S_MISC, "cmeq", "01011110 zz 10000 01001 10 nnnnn ddddd")                                \
    X(A64_S_MISC, "cmlt", "01011110 zz 10000 01010 10 nnnnn ddddd")                                \
    X(A64_S_MISC, "abs", "01011110 zz 10000 01011 10 nnnnn ddddd")                                 \
    X(A64_S_MISC, "sqxtn", "01011110 zz 10000 10100 10 nnnnn ddddd")                               \
    X(A64_S_MISC, "usqadd", "01111110 zz 10000 00011 10 nnnnn ddddd")                              \
    X(A64_S_MISC, "sqneg", "01111110 zz 10000 00111 10 nnnnn ddddd")                               \
    X(A64_S_MISC, "cmge", "01111110 zz 10000 01000 10 nnnnn ddddd")                                \
    X(A64_S_MISC, "cmle", "01111110 zz 10000 01001 10 nnnnn ddddd")                                \
    X(A64_S_MISC, "neg", "01111110 zz 10000 01011 10 nnnnn ddddd")                                 \
    X(A64_S_MISC, "sqxtun", "01111110 zz 10000 10010 10 nnnnn ddddd")                              \
    X(A64_S_MISC, "uqxtn", "01111110 zz 10000 10100 10 nnnnn ddddd")                               \
    X(A64_S_FLOAT_MISC, "fcvtns", "01011110 0z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtms", "01011110 0z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtas", "01011110 0z 10000 11100 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "scvtf", "01011110 0z 10000 11101 10 nnnnn ddddd")                         \
    X(A64_S_FLOAT_MISC, "fcmgt", "01011110 1z 10000 01100 10 nnnnn ddddd")                         \
    X(A64_S_FLOAT_MISC, "fcmeq", "01011110 1z 10000 01101 10 nnnnn ddddd")                         \
    X(A64_S_FLOAT_MISC, "fcmlt", "01011110 1z 10000 01110 10 nnnnn ddddd")                         \
    X(A64_S_FLOAT_MISC, "fcvtps", "01011110 1z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtzs", "01011110 1z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "frecpe", "01011110 1z 10000 11101 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "frecpx", "01011110 1z 10000 11111 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtxn", "01111110 0z 10000 10110 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtnu", "01111110 0z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtmu", "01111110 0z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtau", "01111110 0z 10000 11100 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "ucvtf", "01111110 0z 10000 11101 10 nnnnn ddddd")                         \
    X(A64_S_FLOAT_MISC, "fcmge", "01111110 1z 10000 01100 10 nnnnn ddddd")                         \
    X(A64_S_FLOAT_MISC, "fcmle", "01111110 1z 10000 01101 10 nnnnn ddddd")                         \
    X(A64_S_FLOAT_MISC, "fcvtpu", "01111110 1z 10000 11010 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "fcvtzu", "01111110 1z 10000 11011 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_MISC, "frsqrte", "01111110 1z 10000 11101 10 nnnnn ddddd")                       \
    X(A64_S_HALF_MISC, "fcvtns", "01011110 011 1100 11010 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "fcvtms", "01011110 011 1100 11011 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "fcvtas", "01011110 011 1100 11100 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "scvtf", "01011110 011 1100 11101 10 nnnnn ddddd")                          \
    X(A64_S_HALF_MISC, "fcmgt", "01011110 111 1100 01100 10 nnnnn ddddd")                          \
    X(A64_S_HALF_MISC, "fcmeq", "01011110 111 1100 01101 10 nnnnn ddddd")                          \
    X(A64_S_HALF_MISC, "fcmlt", "01011110 111 1100 01110 10 nnnnn ddddd")                          \
    X(A64_S_HALF_MISC, "fcvtps", "01011110 111 1100 11010 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "fcvtzs", "01011110 111 1100 11011 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "frecpe", "01011110 111 1100 11101 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "frecpx", "01011110 111 1100 11111 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "fcvtnu", "01111110 011 1100 11010 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "fcvtmu", "01111110 011 1100 11011 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "fcvtau", "01111110 011 1100 11100 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "ucvtf", "01111110 011 1100 11101 10 nnnnn ddddd")                          \
    X(A64_S_HALF_MISC, "fcmge", "01111110 111 1100 01100 10 nnnnn ddddd")                          \
    X(A64_S_HALF_MISC, "fcmle", "01111110 111 1100 01101 10 nnnnn ddddd")                          \
    X(A64_S_HALF_MISC, "fcvtpu", "01111110 111 1100 11010 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "fcvtzu", "01111110 111 1100 11011 10 nnnnn ddddd")                         \
    X(A64_S_HALF_MISC, "frsqrte", "01111110 111 1100 11101 10 nnnnn ddddd")                        \
    X(A64_S_PAIR, "addp", "01011110 zz 11000 11011 10 nnnnn ddddd")                                \
    X(A64_S_FLOAT_PAIR, "fmaxnmp", "01111110 0z 11000 01100 10 nnnnn ddddd")                       \
    X(A64_S_HALF_PAIR, "fmaxnmp", "01011110 00 11000 01100 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_PAIR, "faddp", "01111110 0z 11000 01101 10 nnnnn ddddd")                         \
    X(A64_S_HALF_PAIR, "faddp", "01011110 00 11000 01101 10 nnnnn ddddd")                          \
    X(A64_S_FLOAT_PAIR, "fmaxp", "01111110 0z 11000 01111 10 nnnnn ddddd")                         \
    X(A64_S_HALF_PAIR, "fmaxp", "01011110 00 11000 01111 10 nnnnn ddddd")                          \
    X(A64_S_FLOAT_PAIR, "fminnmp", "01111110 1z 11000 01100 10 nnnnn ddddd")                       \
    X(A64_S_HALF_PAIR, "fminnmp", "01011110 10 11000 01100 10 nnnnn ddddd")                        \
    X(A64_S_FLOAT_PAIR, "fminp", "01111110 1z 11000 01111 10 nnnnn ddddd")                         \
    X(A64_S_HALF_PAIR, "fminp", "01011110 10 11000 01111 10 nnnnn ddddd")                          \
    X(A64_S_DIFFERENT, "sqdmlal", "01011110 zz 1 mmmmm 1001 00 nnnnn ddddd")                       \
    X(A64_S_DIFFERENT, "sqdmlsl", "01011110 zz 1 mmmmm 1011 00 nnnnn ddddd")                       \
    X(A64_S_DIFFERENT, "sqdmull", "01011110 zz 1 mmmmm 1101 00 nnnnn ddddd")                       \
    X(A64_S_SHIFT, "sshr", "010111110 hhhh bbb 00000 1 nnnnn ddddd")                               \
    X(A64_S_SHIFT, "ssra", "010111110 hhhh bbb 00010 1 nnnnn ddddd")                               \
    X(A64_S_SHIFT, "srshr", "010111110 hhhh bbb 00100 1 nnnnn ddddd")                              \
    X(A64_S_SHIFT, "srsra", "010111110 hhhh bbb 00110 1 nnnnn ddddd")                              \
    X(A64_S_SHIFT, "shl", "010111110 hhhh bbb 01010 1 nnnnn ddddd")                                \
    X(A64_S_SHIFT, "sqshl", "010111110 hhhh bbb 01110 1 nnnnn ddddd")                              \
    X(A64_S_SHIFT, "sqshrn", "010111110 hhhh bbb 10010 1 nnnnn ddddd")                             \
    X(A64_S_SHIFT, "sqrshrn", "010111110 hhhh bbb 10011 1 nnnnn ddddd")                            \
    X(A64_S_SHIFT, "ushr", "011111110 hhhh bbb 00000 1 nnnnn ddddd")                               \
    X(A64_S_SHIFT, "usra", "011111110 hhhh bbb 00010 1 nnnnn ddddd")                               \
    X(A64_S_SHIFT, "urshr", "011111110 hhhh bbb 00100 1 nnnnn ddddd")                              \
    X(A64_S_SHIFT, "ursra", "011111110 hhhh bbb 00110 1 nnnnn ddddd")                              \
    X(A64_S_SHIFT, "sri", "011111110 hhhh bbb 01000 1 nnnnn ddddd")                                \
    X(A64_S_SHIFT, "sli", "011111110 hhhh bbb 01010 1 nnnnn ddddd")                                \
    X(A64_S_SHIFT, "sqshlu", "011111110 hhhh bbb 01100 1 nnnnn ddddd")                             \
    X(A64_S_SHIFT, "uqshl", "011111110 hhhh bbb 01110 1 nnnnn ddddd")                              \
    X(A64_S_SHIFT, "sqshrun", "011111110 hhhh bbb 10000 1 nnnnn ddddd")                            \
    X(A64_S_SHIFT, "sqrshrun", "011111110 hhhh bbb 10001 1 nnnnn ddddd")                           \
    X(A64_S_SHIFT, "uqshrn", "011111110 hhhh bbb 10010 1 nnnnn ddddd")                             \
    X(A64_S_SHIFT, "uqrshrn", "011111110 hhhh bbb 10011 1 nnnnn ddddd")                            \
    X(A64_S_FIXED, "scvtf", "010111110 hhhh bbb 11100 1 nnnnn ddddd")                              \
    X(A64_S_FIXED, "fcvtzs", "010111110 hhhh bbb 11111 1 nnnnn ddddd")                             \
    X(A64_S_FIXED, "ucvtf", "011111110 hhhh bbb 11100 1 nnnnn ddddd")                              \
    X(A64_S_FIXED, "fcvtzu", "011111110 hhhh bbb 11111 1 nnnnn ddddd")                             \
    X(A64_S_INDEXED, "sqdmlal", "01011111 zz lmmmmm 0011 h0 nnnnn ddddd")                          \
    X(A64_S_INDEXED, "sqdmlsl", "01011111 zz lmmmmm 0111 h0 nnnnn ddddd")                          \
    X(A64_S_INDEXED, "sqdmull", "01011111 zz lmmmmm 1011 h0 nnnnn ddddd")                          \
    X(A64_S_INDEXED, "sqdmulh", "01011111 zz lmmmmm 1100 h0 nnnnn ddddd")                          \
    X(A64_S_INDEXED, "sqrdmulh", "01011111 zz lmmmmm 1101 h0 nnnnn ddddd")                         \
    X(A64_S_RDM_INDEXED, "sqrdmlah", "01111111 zz lmmmmm 1101 h0 nnnnn ddddd")                     \
    X(A64_S_RDM_INDEXED, "sqrdmlsh", "01111111 zz lmmmmm 1111 h0 nnnnn ddddd")                     \
    X(A64_S_FLOAT_INDEXED, "fmla", "01011111 1z lmmmmm 0001 h0 nnnnn ddddd")                       \
    X(A64_S_HALF_INDEXED, "fmla", "01011111 00 lmmmmm 0001 h0 nnnnn ddddd")                        \
    X(A64_S_FLOAT_INDEXED, "fmls", "01011111 1z lmmmmm 0101 h0 nnnnn ddddd")                       \
    X(A64_S_HALF_INDEXED, "fmls", "01011111 00 lmmmmm 0101 h0 nnnnn ddddd")                        \
    X(A64_S_FLOAT_INDEXED, "fmul", "01011111 1z lmmmmm 1001 h0 nnnnn ddddd")                       \
    X(A64_S_HALF_INDEXED, "fmul", "01011111 00 lmmmmm 1001 h0 nnnnn ddddd")                        \
    X(A64_S_FLOAT_INDEXED, "fmulx", "01111111 1z lmmmmm 1001 h0 nnnnn ddddd")                      \
    X(A64_S_HALF_INDEXED, "fmulx", "01111111 00 lmmmmm 1001 h0 nnnnn ddddd")                       \
    X(A64_AES, "aese", "0100111000 10100 00100 10 nnnnn ddddd")                                    \
    X(A64_AES, "aesd", "0100111000 10100 00101 10 nnnnn ddddd")                                    \
    X(A64_AES, "aesmc", "0100111000 10100 00110 10 nnnnn ddddd")                                   \
    X(A64_AES, "aesimc", "0100111000 10100 00111 10 nnnnn ddddd")                                  \
    X(A64_SHA, "sha1c", "01011110000 mmmmm 0 000 00 nnnnn ddddd")                                  \
    X(A64_SHA, "sha1p", "01011110000 mmmmm 0 001 00 nnnnn ddddd")                                  \
    X(A64_SHA, "sha1m", "01011110000 mmmmm 0 010 00 nnnnn ddddd")                                  \
    X(A64_SHA, "sha1su0", "01011110000 mmmmm 0 011 00 nnnnn ddddd")                                \
    X(A64_SHA, "sha256h", "01011110000 mmmmm 0 100 00 nnnnn ddddd")                                \
    X(A64_SHA, "sha256h2", "01011110000 mmmmm 0 101 00 nnnnn ddddd")                               \
    X(A64_SHA, "sha256su1", "01011110000 mmmmm 0 110 00 nnnnn ddddd")                              \
    X(A64_SHA_TWO, "sha1h", "0101111000 10100 00000 10 nnnnn ddddd")                               \
    X(A64_SHA_TWO, "sha1su1", "0101111000 10100 00001 10 nnnnn ddddd")                             \
    X(A64_SHA_TWO, "sha256su0", "0101111000 10100 00010 10 nnnnn ddddd")                           \
    X(A64_SHA, "sha512h", "11001110011 mmmmm 1000 00 nnnnn ddddd")                                 \
    X(A64_SHA, "sha512h2", "11001110011 mmmmm 1000 01 nnnnn ddddd")                                \
    X(A64_SHA, "sha512su1", "11001110011 mmmmm 1000 10 nnnnn ddddd")                               \
    X(A64_SHA, "sm3partw1", "11001110011 mmmmm 1100 00 nnnnn ddddd")                               \
    X(A64_SHA, "sm3partw2", "11001110011 mmmmm 1100 01 nnnnn ddddd")                               \
    X(A64_SHA, "sm4ekey", "11001110011 mmmmm 1100 10 nnnnn ddddd")                                 \
    X(A64_V_RAX, "rax1", "11001110011 mmmmm 100011 nnnnn ddddd")                                   \
    X(A64_SHA, "sm3tt1a", "11001110010 mmmmm 10 ii 00 nnnnn ddddd")                                \
    X(A64_SHA, "sm3tt1b", "11001110010 mmmmm 10 ii 01 nnnnn ddddd")                                \
    X(A64_SHA, "sm3tt2a", "11001110010 mmmmm 10 ii 10 nnnnn ddddd")                                \
    X(A64_SHA, "sm3tt2b", "11001110010 mmmmm 10 ii 11 nnnnn ddddd")                                \
    X(A64_V_LOGIC3, "eor3", "11001110000 mmmmm 0 aaaaa nnnnn ddddd")                               \
    X(A64_V_LOGIC3, "bcax", "11001110001 mmmmm 0 aaaaa nnnnn ddddd")                               \
    X(A64_SHA, "sm3ss1", "11001110010 mmmmm 0 aaaaa nnnnn ddddd")                                  \
    X(A64_V_RAX, "xar", "11001110100 mmmmm iiiiii nnnnn ddddd")                                    \
    X(A64_SHA_TWO, "sha512su0", "1100111011000000100000 nnnnn ddddd")                              \
    X(A64_SHA_TWO, "sm4e", "1100111011000000100001 nnnnn ddddd")                                   \
    X(A64_F_FROM_FIXED, "scvtf", "s0011110 tt 0 00 010 cccccc nnnnn ddddd")                        \
    X(A64_F_FROM_FIXED, "ucvtf", "s0011110 tt 0 00 011 cccccc nnnnn ddddd")                        \
    X(A64_F_TO_FIXED, "fcvtzs", "s0011110 tt 0 11 000 cccccc nnnnn ddddd")                         \
    X(A64_F_TO_FIXED, "fcvtzu", "s0011110 tt 0 11 001 cccccc nnnnn ddddd")                         \
    X(A64_F_TO_INT, "fjcvtzs", "00011110 01 1 11 110 000000 nnnnn ddddd")                          \
    X(A64_F_MOVE_HIGH, "fmov", "10011110 10 1 01 11o 000000 nnnnn ddddd")                          \
    X(A64_F_MOVE, "fmov", "s0011110 tt 1 00 11o 000000 nnnnn ddddd")                               \
    X(A64_F_FROM_INT, "scvtf", "s0011110 tt 1 00 010 000000 nnnnn ddddd")                          \
    X(A64_F_FROM_INT, "ucvtf", "s0011110 tt 1 00 011 000000 nnnnn ddddd")                          \
    X(A64_F_TO_INT, "fcvtns", "s0011110 tt 1 00 000 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtnu", "s0011110 tt 1 00 001 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtas", "s0011110 tt 1 00 100 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtau", "s0011110 tt 1 00 101 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtps", "s0011110 tt 1 01 000 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtpu", "s0011110 tt 1 01 001 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtms", "s0011110 tt 1 10 000 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtmu", "s0011110 tt 1 10 001 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtzs", "s0011110 tt 1 11 000 000000 nnnnn ddddd")                           \
    X(A64_F_TO_INT, "fcvtzu", "s0011110 tt 1 11 001 000000 nnnnn ddddd")                           \
    X(A64_F_ONE, "fmov", "00011110 tt 1 000000 10000 nnnnn ddddd")                                 \
    X(A64_F_ONE, "fabs", "00011110 tt 1 000001 10000 nnnnn ddddd")                                 \
    X(A64_F_ONE, "fneg", "00011110 tt 1 000010 10000 nnnnn ddddd")                                 \
    X(A64_F_ONE, "fsqrt", "00011110 tt 1 000011 10000 nnnnn ddddd")                                \
    X(A64_F_BFLOAT, "bfcvt", "00011110 01 1 000110 10000 nnnnn ddddd")                             \
    X(A64_F_CONVERT, "fcvt", "00011110 tt 1 0001 oo 10000 nnnnn ddddd")                            \
    X(A64_F_ROUND, "frintn", "00011110 tt 1 001000 10000 nnnnn ddddd")                             \
    X(A64_F_ROUND, "frintp", "00011110 tt 1 001001 10000 nnnnn ddddd")                             \
    X(A64_F_ROUND, "frintm", "00011110 tt 1 001010 10000 nnnnn ddddd")                             \
    X(A64_F_ROUND, "frintz", "00011110 tt 1 001011 10000 nnnnn ddddd")                             \
    X(A64_F_ROUND, "frinta", "00011110 tt 1 001100 10000 nnnnn ddddd")                             \
    X(A64_F_ROUND, "frintx", "00011110 tt 1 001110 10000 nnnnn ddddd")                             \
    X(A64_F_ROUND, "frinti", "00011110 tt 1 001111 10000 nnnnn ddddd")                             \
    X(A64_F_ROUND, "frint32z", "00011110 tt 1 010000 10000 nnnnn ddddd")                           \
    X(A64_F_ROUND, "frint32x", "00011110 tt 1 010001 10000 nnnnn ddddd")                           \
    X(A64_F_ROUND, "frint64z", "00011110 tt 1 010010 10000 nnnnn ddddd")                           \
    X(A64_F_ROUND, "frint64x", "00011110 tt 1 010011 10000 nnnnn ddddd")                           \
    X(A64_F_COMPARE, "fcmp", "00011110 tt 1 mmmmm 001000 nnnnn 0z000")                             \
    X(A64_F_COMPARE, "fcmpe", "00011110 tt 1 mmmmm 001000 nnnnn 1z000")                            \
    X(A64_F_IMM, "fmov", "00011110 tt 1 iiiiiiii 10000000 ddddd")                                  \
    X(A64_F_COND_COMPARE, "fccmp", "00011110 tt 1 mmmmm cccc 01 nnnnn 0 ffff")                     \
    X(A64_F_COND_COMPARE, "fccmpe", "00011110 tt 1 mmmmm cccc 01 nnnnn 1 ffff")                    \
    X(A64_F_TWO, "fmul", "00011110 tt 1 mmmmm 0000 10 nnnnn ddddd")                                \
    X(A64_F_TWO, "fdiv", "00011110 tt 1 mmmmm 0001 10 nnnnn ddddd")                                \
    X(A64_F_TWO, "fadd", "00011110 tt 1 mmmmm 0010 10 nnnnn ddddd")                                \
    X(A64_F_TWO, "fsub", "00011110 tt 1 mmmmm 0011 10 nnnnn ddddd")                                \
    X(A64_F_TWO, "fmax", "00011110 tt 1 mmmmm 0100 10 nnnnn ddddd")                                \
    X(A64_F_TWO, "fmin", "00011110 tt 1 mmmmm 0101 10 nnnnn ddddd")                                \
    X(A64_F_TWO, "fmaxnm", "00011110 tt 1 mmmmm 0110 10 nnnnn ddddd")                              \
    X(A64_F_TWO, "fminnm", "00011110 tt 1 mmmmm 0111 10 nnnnn ddddd")                              \
    X(A64_F_TWO, "fnmul", "00011110 tt 1 mmmmm 1000 10 nnnnn ddddd")                               \
    X(A64_F_SELECT, "fcsel", "00011110 tt 1 mmmmm cccc 11 nnnnn ddddd")                            \
    X(A64_F_THREE, "fmadd", "00011111 tt 0 mmmmm 0 aaaaa nnnnn ddddd")                             \
    X(A64_F_THREE, "fmsub", "00011111 tt 0 mmmmm 1 aaaaa nnnnn ddddd")                             \
    X(A64_F_THREE, "fnmadd", "00011111 tt 1 mmmmm 0 aaaaa nnnnn ddddd")                            \
    X(A64_F_THREE, "fnmsub", "00011111 tt 1 mmmmm 1 aaaaa nnnnn ddddd")
/* clang-format on */

#endif
