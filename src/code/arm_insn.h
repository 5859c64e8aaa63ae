/* SPDX-License-Identifier: Apache-2.0
 * arm_insn.h: one shape for the 32-bit ARM instruction sets A32, T16 and T32 (with VFP and NEON),
 * so that what comes after does not ask which of them an instruction was. Sources: Arm Architecture
 * Reference Manual ARMv7-A/R (DDI 0406C) A5, A6, A7 and ARMv8-A (DDI 0487) F3, F4.
 *
 * In: bytes and their address. Out: an ArmInsn. Odd input: encodings that the architecture calls
 * UNDEFINED, and those UNPREDICTABLE ones that no assembler makes, give false; what is allocated
 * but not modelled is ARM_UNKNOWN. Never reads past 4 bytes. Threads: plain values. */
#ifndef COG_CODE_ARM_INSN_H
#define COG_CODE_ARM_INSN_H

#include "base/bytes.h"
#include "code/decode.h"

/* X(constant, "mnemonic", group). Runs that are indexed by their encoding say so. */
#define ARM_OPS(X)                                                                                 \
    X(ARM_UNKNOWN, "unknown", GROUP_OTHER)                                                         \
    /* The sixteen of A32 data processing, by opcode */                                            \
    X(ARM_AND, "and", GROUP_LOGIC)                                                                 \
    X(ARM_EOR, "eor", GROUP_LOGIC)                                                                 \
    X(ARM_SUB, "sub", GROUP_ARITHMETIC)                                                            \
    X(ARM_RSB, "rsb", GROUP_ARITHMETIC)                                                            \
    X(ARM_ADD, "add", GROUP_ARITHMETIC)                                                            \
    X(ARM_ADC, "adc", GROUP_ARITHMETIC)                                                            \
    X(ARM_SBC, "sbc", GROUP_ARITHMETIC)                                                            \
    X(ARM_RSC, "rsc", GROUP_ARITHMETIC)                                                            \
    X(ARM_TST, "tst", GROUP_COMPARE)                                                               \
    X(ARM_TEQ, "teq", GROUP_COMPARE)                                                               \
    X(ARM_CMP, "cmp", GROUP_COMPARE)                                                               \
    X(ARM_CMN, "cmn", GROUP_COMPARE)                                                               \
    X(ARM_ORR, "orr", GROUP_LOGIC)                                                                 \
    X(ARM_MOV, "mov", GROUP_MOVE)                                                                  \
    X(ARM_BIC, "bic", GROUP_LOGIC)                                                                 \
    X(ARM_MVN, "mvn", GROUP_LOGIC)                                                                 \
    X(ARM_ORN, "orn", GROUP_LOGIC)                                                                 \
    X(ARM_SHIFT, "shift", GROUP_SHIFT) /* mov with a shift: lsl lsr asr ror rrx */                 \
    X(ARM_ADR, "adr", GROUP_ADDRESS)                                                               \
    X(ARM_MOVW, "movw", GROUP_MOVE)                                                                \
    X(ARM_MOVT, "movt", GROUP_MOVE)                                                                \
    X(ARM_MUL, "mul", GROUP_MULTIPLY)                                                              \
    X(ARM_MLA, "mla", GROUP_MULTIPLY)                                                              \
    X(ARM_MLS, "mls", GROUP_MULTIPLY)                                                              \
    X(ARM_UMAAL, "umaal", GROUP_MULTIPLY)                                                          \
    X(ARM_UMULL, "umull", GROUP_MULTIPLY)                                                          \
    X(ARM_UMLAL, "umlal", GROUP_MULTIPLY)                                                          \
    X(ARM_SMULL, "smull", GROUP_MULTIPLY)                                                          \
    X(ARM_SMLAL, "smlal", GROUP_MULTIPLY)                                                          \
    /* imm: bit 0 takes the top half of rn, bit 1 that of rm */                                    \
    X(ARM_SMULXY, "smulxy", GROUP_MULTIPLY)                                                        \
    X(ARM_SMLAXY, "smlaxy", GROUP_MULTIPLY)                                                        \
    X(ARM_SMLALXY, "smlalxy", GROUP_MULTIPLY)                                                      \
    X(ARM_SMULWY, "smulwy", GROUP_MULTIPLY)                                                        \
    X(ARM_SMLAWY, "smlawy", GROUP_MULTIPLY)                                                        \
    /* imm 1: halves of rm exchanged */                                                            \
    X(ARM_SMUAD, "smuad", GROUP_MULTIPLY)                                                          \
    X(ARM_SMUSD, "smusd", GROUP_MULTIPLY)                                                          \
    X(ARM_SMLAD, "smlad", GROUP_MULTIPLY)                                                          \
    X(ARM_SMLSD, "smlsd", GROUP_MULTIPLY)                                                          \
    X(ARM_SMLALD, "smlald", GROUP_MULTIPLY)                                                        \
    X(ARM_SMLSLD, "smlsld", GROUP_MULTIPLY)                                                        \
    /* imm 1: rounded */                                                                           \
    X(ARM_SMMUL, "smmul", GROUP_MULTIPLY)                                                          \
    X(ARM_SMMLA, "smmla", GROUP_MULTIPLY)                                                          \
    X(ARM_SMMLS, "smmls", GROUP_MULTIPLY)                                                          \
    X(ARM_UDIV, "udiv", GROUP_DIVIDE)                                                              \
    X(ARM_SDIV, "sdiv", GROUP_DIVIDE)                                                              \
    X(ARM_USAD8, "usad8", GROUP_ARITHMETIC) /* rs: usada8's addend, or none */                     \
    X(ARM_QADD, "qadd", GROUP_ARITHMETIC)   /* rd = rm op rn */                                    \
    X(ARM_QSUB, "qsub", GROUP_ARITHMETIC)                                                          \
    X(ARM_QDADD, "qdadd", GROUP_ARITHMETIC)                                                        \
    X(ARM_QDSUB, "qdsub", GROUP_ARITHMETIC)                                                        \
    X(ARM_SSAT, "ssat", GROUP_ARITHMETIC) /* imm: bits; rn shifted */                              \
    X(ARM_USAT, "usat", GROUP_ARITHMETIC)                                                          \
    X(ARM_SSAT16, "ssat16", GROUP_ARITHMETIC)                                                      \
    X(ARM_USAT16, "usat16", GROUP_ARITHMETIC)                                                      \
    /* rm rotated right by amount; rn: added, or none */                                           \
    X(ARM_SXTB, "sxtb", GROUP_EXTEND)                                                              \
    X(ARM_SXTH, "sxth", GROUP_EXTEND)                                                              \
    X(ARM_SXTB16, "sxtb16", GROUP_EXTEND)                                                          \
    X(ARM_UXTB, "uxtb", GROUP_EXTEND)                                                              \
    X(ARM_UXTH, "uxth", GROUP_EXTEND)                                                              \
    X(ARM_UXTB16, "uxtb16", GROUP_EXTEND)                                                          \
    /* Parallel: s q sh u uq uh, six of each in the order add16 asx sax sub16 add8 sub8 */         \
    X(ARM_SADD16, "sadd16", GROUP_ARITHMETIC)                                                      \
    X(ARM_SASX, "sasx", GROUP_ARITHMETIC)                                                          \
    X(ARM_SSAX, "ssax", GROUP_ARITHMETIC)                                                          \
    X(ARM_SSUB16, "ssub16", GROUP_ARITHMETIC)                                                      \
    X(ARM_SADD8, "sadd8", GROUP_ARITHMETIC)                                                        \
    X(ARM_SSUB8, "ssub8", GROUP_ARITHMETIC)                                                        \
    X(ARM_QADD16, "qadd16", GROUP_ARITHMETIC)                                                      \
    X(ARM_QASX, "qasx", GROUP_ARITHMETIC)                                                          \
    X(ARM_QSAX, "qsax", GROUP_ARITHMETIC)                                                          \
    X(ARM_QSUB16, "qsub16", GROUP_ARITHMETIC)                                                      \
    X(ARM_QADD8, "qadd8", GROUP_ARITHMETIC)                                                        \
    X(ARM_QSUB8, "qsub8", GROUP_ARITHMETIC)                                                        \
    X(ARM_SHADD16, "shadd16", GROUP_ARITHMETIC)                                                    \
    X(ARM_SHASX, "shasx", GROUP_ARITHMETIC)                                                        \
    X(ARM_SHSAX, "shsax", GROUP_ARITHMETIC)                                                        \
    X(ARM_SHSUB16, "shsub16", GROUP_ARITHMETIC)                                                    \
    X(ARM_SHADD8, "shadd8", GROUP_ARITHMETIC)                                                      \
    X(ARM_SHSUB8, "shsub8", GROUP_ARITHMETIC)                                                      \
    X(ARM_UADD16, "uadd16", GROUP_ARITHMETIC)                                                      \
    X(ARM_UASX, "uasx", GROUP_ARITHMETIC)                                                          \
    X(ARM_USAX, "usax", GROUP_ARITHMETIC)                                                          \
    X(ARM_USUB16, "usub16", GROUP_ARITHMETIC)                                                      \
    X(ARM_UADD8, "uadd8", GROUP_ARITHMETIC)                                                        \
    X(ARM_USUB8, "usub8", GROUP_ARITHMETIC)                                                        \
    X(ARM_UQADD16, "uqadd16", GROUP_ARITHMETIC)                                                    \
    X(ARM_UQASX, "uqasx", GROUP_ARITHMETIC)                                                        \
    X(ARM_UQSAX, "uqsax", GROUP_ARITHMETIC)                                                        \
    X(ARM_UQSUB16, "uqsub16", GROUP_ARITHMETIC)                                                    \
    X(ARM_UQADD8, "uqadd8", GROUP_ARITHMETIC)                                                      \
    X(ARM_UQSUB8, "uqsub8", GROUP_ARITHMETIC)                                                      \
    X(ARM_UHADD16, "uhadd16", GROUP_ARITHMETIC)                                                    \
    X(ARM_UHASX, "uhasx", GROUP_ARITHMETIC)                                                        \
    X(ARM_UHSAX, "uhsax", GROUP_ARITHMETIC)                                                        \
    X(ARM_UHSUB16, "uhsub16", GROUP_ARITHMETIC)                                                    \
    X(ARM_UHADD8, "uhadd8", GROUP_ARITHMETIC)                                                      \
    X(ARM_UHSUB8, "uhsub8", GROUP_ARITHMETIC)                                                      \
    X(ARM_PKHBT, "pkhbt", GROUP_BIT)                                                               \
    X(ARM_PKHTB, "pkhtb", GROUP_BIT)                                                               \
    X(ARM_SEL, "sel", GROUP_CONDITIONAL)                                                           \
    X(ARM_CLZ, "clz", GROUP_BIT)                                                                   \
    X(ARM_RBIT, "rbit", GROUP_BIT)                                                                 \
    X(ARM_REV, "rev", GROUP_MOVE)                                                                  \
    X(ARM_REV16, "rev16", GROUP_MOVE)                                                              \
    X(ARM_REVSH, "revsh", GROUP_MOVE)                                                              \
    /* amount: lowest bit, imm: width; bfc is bfi of none */                                       \
    X(ARM_BFI, "bfi", GROUP_BIT)                                                                   \
    X(ARM_UBFX, "ubfx", GROUP_BIT)                                                                 \
    X(ARM_SBFX, "sbfx", GROUP_BIT)                                                                 \
    X(ARM_CRC32, "crc32", GROUP_CRYPTO) /* size: 8, 16, 32 */                                      \
    X(ARM_CRC32C, "crc32c", GROUP_CRYPTO)                                                          \
    /* Memory; size: bits of one element */                                                        \
    X(ARM_LDR, "ldr", GROUP_MOVE)                                                                  \
    X(ARM_LDRS, "ldrs", GROUP_MOVE) /* sign-extended */                                            \
    X(ARM_LDRD, "ldrd", GROUP_MOVE) /* rd, rs */                                                   \
    X(ARM_STR, "str", GROUP_MOVE)                                                                  \
    X(ARM_STRD, "strd", GROUP_MOVE)                                                                \
    X(ARM_LDM, "ldm", GROUP_STACK) /* add: upwards, pre: before the access */                      \
    X(ARM_STM, "stm", GROUP_STACK)                                                                 \
    X(ARM_LDREX, "ldrex", GROUP_ATOMIC) /* size 64: rd, rs. lda, ldaex are the same */             \
    X(ARM_STREX, "strex", GROUP_ATOMIC) /* rd: status; rm, rs stored; rd none: stl */              \
    X(ARM_CLREX, "clrex", GROUP_ATOMIC)                                                            \
    X(ARM_SWP, "swp", GROUP_ATOMIC)                                                                \
    X(ARM_NOP, "nop", GROUP_NOP) /* hints, preloads */                                             \
    X(ARM_BARRIER, "barrier", GROUP_ATOMIC)                                                        \
    /* Control */                                                                                  \
    X(ARM_B, "b", GROUP_JUMP)                                                                      \
    X(ARM_BL, "bl", GROUP_CALL)                                                                    \
    X(ARM_BLX, "blx", GROUP_CALL) /* rm, or direct when it has none: changes the mode */           \
    X(ARM_BX, "bx", GROUP_JUMP)                                                                    \
    X(ARM_CBZ, "cbz", GROUP_BRANCH)                                                                \
    X(ARM_CBNZ, "cbnz", GROUP_BRANCH)                                                              \
    X(ARM_TBB, "tbb", GROUP_JUMP)                                                                  \
    X(ARM_TBH, "tbh", GROUP_JUMP)                                                                  \
    X(ARM_IT, "it", GROUP_CONDITIONAL) /* imm: mask, cond stays always, list: first condition */   \
    X(ARM_SVC, "svc", GROUP_SYSTEM)                                                                \
    X(ARM_BKPT, "bkpt", GROUP_TRAP)                                                                \
    X(ARM_UDF, "udf", GROUP_TRAP)                                                                  \
    X(ARM_MRS, "mrs", GROUP_SYSTEM)                                                                \
    X(ARM_MSR, "msr", GROUP_SYSTEM)       /* imm: mask; rm or (rm none) target: the value */       \
    X(ARM_SYSTEM, "system", GROUP_SYSTEM) /* writes no general register */                         \
    X(ARM_RFE, "rfe", GROUP_RETURN)                                                                \
    X(ARM_MRC, "mrc", GROUP_SYSTEM)   /* imm: the coprocessor's fields, list: its number */        \
    X(ARM_MRRC, "mrrc", GROUP_SYSTEM) /* rd, rs */                                                 \
    X(ARM_COPROCESSOR, "coprocessor", GROUP_SYSTEM)                                                \
    ARM_VFP_OPS(X) ARM_NEON_OPS(X)

/* VFP. Registers are numbers of s (size 32) or d registers (size 64). */
#define ARM_VFP_OPS(X)                                                                             \
    X(ARM_VLDR, "vldr", GROUP_VECTOR_MOVE)                                                         \
    X(ARM_VSTR, "vstr", GROUP_VECTOR_MOVE)                                                         \
    X(ARM_VLDM, "vldm", GROUP_VECTOR_MOVE) /* regs registers from rd on */                         \
    X(ARM_VSTM, "vstm", GROUP_VECTOR_MOVE)                                                         \
    X(ARM_VMOV_IMM, "vmov", GROUP_VECTOR_MOVE) /* wide: the bits */                                \
    X(ARM_VMOV_REG, "vmov", GROUP_VECTOR_MOVE)                                                     \
    X(ARM_VMOV_TO_CORE, "vmov", GROUP_VECTOR_MOVE)   /* rd core, rm s register */                  \
    X(ARM_VMOV_FROM_CORE, "vmov", GROUP_VECTOR_MOVE) /* rd s register, rm core */                  \
    X(ARM_VMOV_TO_PAIR, "vmov", GROUP_VECTOR_MOVE)   /* rd, rs core; rm */                         \
    X(ARM_VMOV_FROM_PAIR, "vmov", GROUP_VECTOR_MOVE) /* rd; rm, rs core */                         \
    X(ARM_VMOV_TO_LANE, "vmov", GROUP_VECTOR_MOVE)   /* rd d register, amount: bit, rm core */     \
    X(ARM_VMOV_FROM_LANE, "vmov", GROUP_VECTOR_MOVE) /* rd core, rm d register */                  \
    X(ARM_VDUP_CORE, "vdup", GROUP_VECTOR_MOVE)                                                    \
    X(ARM_VMRS, "vmrs", GROUP_FLAG)                                                                \
    X(ARM_VMSR, "vmsr", GROUP_FLAG)                                                                \
    X(ARM_VADD_F, "vadd.f", GROUP_VECTOR_ARITHMETIC) /* with quad or vector: NEON */               \
    X(ARM_VSUB_F, "vsub.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VMUL_F, "vmul.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VNMUL_F, "vnmul.f", GROUP_VECTOR_ARITHMETIC)                                             \
    X(ARM_VDIV_F, "vdiv.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VMLA_F, "vmla.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VMLS_F, "vmls.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VNMLA_F, "vnmla.f", GROUP_VECTOR_ARITHMETIC)                                             \
    X(ARM_VNMLS_F, "vnmls.f", GROUP_VECTOR_ARITHMETIC)                                             \
    X(ARM_VFMA_F, "vfma.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VFMS_F, "vfms.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VFNMA_F, "vfnma.f", GROUP_VECTOR_ARITHMETIC)                                             \
    X(ARM_VFNMS_F, "vfnms.f", GROUP_VECTOR_ARITHMETIC)                                             \
    X(ARM_VABS_F, "vabs.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VNEG_F, "vneg.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VSQRT_F, "vsqrt.f", GROUP_VECTOR_ARITHMETIC)                                             \
    X(ARM_VMAX_F, "vmax.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VMIN_F, "vmin.f", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VRINT_F, "vrint.f", GROUP_VECTOR_CONVERT)                                                \
    X(ARM_VCMP_F, "vcmp.f", GROUP_VECTOR_COMPARE)          /* rm none: with zero */                \
    X(ARM_VSEL_F, "vsel.f", GROUP_CONDITIONAL)             /* imm: condition */                    \
    X(ARM_VCVT_FROM_INT, "vcvt", GROUP_VECTOR_CONVERT)     /* is_unsigned; imm: fraction bits */   \
    X(ARM_VCVT_TO_INT, "vcvt", GROUP_VECTOR_CONVERT)       /* amount 1: by the current mode */     \
    X(ARM_VCVT_FLOAT, "vcvt", GROUP_VECTOR_CONVERT)        /* size from, imm to (bits) */          \
    X(ARM_VFLOAT_OTHER, "vfloat", GROUP_VECTOR_ARITHMETIC) /* imm: which */

/* NEON. Registers are numbers of d registers; quad: two of them. size: bits of a lane. */
#define ARM_NEON_OPS(X)                                                                            \
    X(ARM_VHADD, "vhadd", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VRHADD, "vrhadd", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VHSUB, "vhsub", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VQADD, "vqadd", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VQSUB, "vqsub", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VAND, "vand", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VBIC, "vbic", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VORR, "vorr", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VORN, "vorn", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VEOR, "veor", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VBSL, "vbsl", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VBIT, "vbit", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VBIF, "vbif", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VCGT, "vcgt", GROUP_VECTOR_COMPARE) /* rm none: with zero */                             \
    X(ARM_VCGE, "vcge", GROUP_VECTOR_COMPARE)                                                      \
    X(ARM_VCEQ, "vceq", GROUP_VECTOR_COMPARE)                                                      \
    X(ARM_VCLE, "vcle", GROUP_VECTOR_COMPARE)                                                      \
    X(ARM_VCLT, "vclt", GROUP_VECTOR_COMPARE)                                                      \
    X(ARM_VTST, "vtst", GROUP_VECTOR_COMPARE)                                                      \
    X(ARM_VCMPV_F, "vcmp.f", GROUP_VECTOR_COMPARE) /* imm: 0 eq 1 ge 2 gt 3 acge 4 acgt 5 le 6     \
                                                      lt */                                        \
    X(ARM_VSHL_REG, "vshl", GROUP_VECTOR_SHIFT)                                                    \
    X(ARM_VMAX, "vmax", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VMIN, "vmin", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VABD, "vabd", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VABA, "vaba", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VADD, "vadd", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VSUB, "vsub", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VMLA, "vmla", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VMLS, "vmls", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VMUL, "vmul", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VPMAX, "vpmax", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VPMIN, "vpmin", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VPADD, "vpadd", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VADDL, "vaddl", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VADDW, "vaddw", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VSUBL, "vsubl", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VSUBW, "vsubw", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VADDHN, "vaddhn", GROUP_VECTOR_ARITHMETIC) /* size: of the result; imm 1: rounded */     \
    X(ARM_VSUBHN, "vsubhn", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VABAL, "vabal", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VABDL, "vabdl", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VMLAL, "vmlal", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VMLSL, "vmlsl", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VMULL, "vmull", GROUP_VECTOR_ARITHMETIC)                                                 \
    X(ARM_VMULL_P, "vmull.p", GROUP_VECTOR_ARITHMETIC)                                             \
    X(ARM_VSHR, "vshr", GROUP_VECTOR_SHIFT) /* imm: amount */                                      \
    X(ARM_VSRA, "vsra", GROUP_VECTOR_SHIFT)                                                        \
    X(ARM_VRSHR, "vrshr", GROUP_VECTOR_SHIFT)                                                      \
    X(ARM_VRSRA, "vrsra", GROUP_VECTOR_SHIFT)                                                      \
    X(ARM_VSRI, "vsri", GROUP_VECTOR_SHIFT)                                                        \
    X(ARM_VSHL, "vshl", GROUP_VECTOR_SHIFT)                                                        \
    X(ARM_VSLI, "vsli", GROUP_VECTOR_SHIFT)                                                        \
    X(ARM_VSHRN, "vshrn", GROUP_VECTOR_SHIFT) /* size: of the result; amount 1: rounded */         \
    X(ARM_VQSHRN, "vqshrn", GROUP_VECTOR_SHIFT)                                                    \
    X(ARM_VQSHRUN, "vqshrun", GROUP_VECTOR_SHIFT)                                                  \
    X(ARM_VSHLL, "vshll", GROUP_VECTOR_SHIFT) /* vmovl: by 0 */                                    \
    X(ARM_VMOVN, "vmovn", GROUP_VECTOR_MOVE)  /* size: of the result */                            \
    X(ARM_VQMOVN, "vqmovn", GROUP_VECTOR_MOVE)                                                     \
    X(ARM_VQMOVUN, "vqmovun", GROUP_VECTOR_MOVE)                                                   \
    X(ARM_VMVN, "vmvn", GROUP_VECTOR_LOGIC)                                                        \
    X(ARM_VORR_IMM, "vorr", GROUP_VECTOR_LOGIC) /* wide: of one d register */                      \
    X(ARM_VBIC_IMM, "vbic", GROUP_VECTOR_LOGIC)                                                    \
    X(ARM_VREV, "vrev", GROUP_VECTOR_SHUFFLE) /* imm: bits of a group */                           \
    X(ARM_VPADDL, "vpaddl", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VPADAL, "vpadal", GROUP_VECTOR_ARITHMETIC)                                               \
    X(ARM_VCNT, "vcnt", GROUP_BIT)                                                                 \
    X(ARM_VABS, "vabs", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VNEG, "vneg", GROUP_VECTOR_ARITHMETIC)                                                   \
    X(ARM_VSWP, "vswp", GROUP_VECTOR_SHUFFLE)                                                      \
    X(ARM_VTRN, "vtrn", GROUP_VECTOR_SHUFFLE)                                                      \
    X(ARM_VUZP, "vuzp", GROUP_VECTOR_SHUFFLE)                                                      \
    X(ARM_VZIP, "vzip", GROUP_VECTOR_SHUFFLE)                                                      \
    X(ARM_VEXT, "vext", GROUP_VECTOR_SHUFFLE) /* imm: bytes */                                     \
    X(ARM_VTBL, "vtbl", GROUP_VECTOR_SHUFFLE) /* regs from rn on */                                \
    X(ARM_VTBX, "vtbx", GROUP_VECTOR_SHUFFLE)                                                      \
    X(ARM_VDUP, "vdup", GROUP_VECTOR_SHUFFLE) /* rm, amount: lowest bit */                         \
    X(ARM_VLDN, "vldn", GROUP_VECTOR_MOVE)    /* see the fields of structures */                   \
    X(ARM_VSTN, "vstn", GROUP_VECTOR_MOVE)                                                         \
    X(ARM_AESE, "aese", GROUP_CRYPTO)                                                              \
    X(ARM_AESD, "aesd", GROUP_CRYPTO)                                                              \
    X(ARM_AESMC, "aesmc", GROUP_CRYPTO)                                                            \
    X(ARM_AESIMC, "aesimc", GROUP_CRYPTO)                                                          \
    X(ARM_SHA, "sha", GROUP_CRYPTO)                                                                \
    X(ARM_VOTHER, "vother", GROUP_VECTOR_ARITHMETIC) /* imm: which; not computed */

typedef enum ArmOp {
#define X(constant, name, group) constant,
    ARM_OPS(X)
#undef X
        ARM_OP_COUNT
} ArmOp;

enum {
    ARM_SP = 13,
    ARM_LR = 14,
    ARM_PC = 15,
    ARM_NO_REG = 0xff,
    ARM_ALWAYS = 14,
    ARM_IT_MAX = 18 /* bytes of an IT instruction with its four */
};

typedef enum ArmShift { ARM_LSL, ARM_LSR, ARM_ASR, ARM_ROR, ARM_RRX } ArmShift;
/* The second operand of data processing, the offset of memory. */
typedef enum ArmForm {
    ARM_FORM_IMM,  /* imm */
    ARM_FORM_REG,  /* rm, shifted by amount */
    ARM_FORM_SHIFT /* rm, shifted by rs */
} ArmForm;
enum { ARM_CARRY_SAME = 2 };

typedef struct ArmInsn {
    uint32_t va;     /* without the mode bit */
    uint32_t target; /* direct branch, adr, load from a literal: the address */
    uint32_t imm;
    uint64_t wide; /* vector immediate of one d register (or s register) */
    uint16_t op;   /* ArmOp */
    uint16_t list; /* registers of ldm, stm */
    uint8_t length;
    uint8_t cond;           /* condition of the encoding; of an IT block, once applied */
    uint8_t rd, rn, rm, rs; /* ARM_NO_REG: none */
    uint8_t form;           /* ArmForm */
    uint8_t shift;          /* ArmShift */
    uint8_t amount;
    uint8_t carry;  /* FORM_IMM: the shifter's carry, 0, 1 or ARM_CARRY_SAME */
    uint8_t size;   /* bits: of a memory element, a lane, a float */
    uint8_t regs;   /* registers of a vector list */
    uint8_t stride; /* vldn, vstn: between the registers of one structure */
    uint8_t width;  /* vldn, vstn: elements of one structure */
    bool thumb, sets_flags;
    bool pre, add, writeback; /* memory */
    bool is_literal;          /* memory: target is the address */
    bool is_unsigned;         /* vectors */
    bool quad, vector;        /* two d registers; NEON, not VFP */
    bool one_lane, all_lanes; /* vldn, vstn; one_lane: its first bit is amount */
} ArmInsn;

/* False when the bytes do not decode. va has no mode bit; conditions of IT blocks are not applied:
 * see arm_it_apply. */
bool arm_decode(Bytes b, uint32_t va, bool thumb, ArmInsn *out);

/* Makes `in` what it is as number `index` (0..3) of the block that `it` opens; false when the block
 * is shorter. */
bool arm_it_apply(const ArmInsn *it, unsigned index, ArmInsn *in);
/* Number of instructions in the block, 1..4. */
unsigned arm_it_count(const ArmInsn *it);
/* Bytes from the IT instruction to the instruction at `off` when that stands in an IT block, else
 * 0. Looks back in `code`, which ends anywhere behind `off`. */
bool arm_it_find(Bytes code, size_t off, ArmInsn *it, unsigned *index);

/* Parts of the decoder. */
bool arm_decode_a32(uint32_t w, ArmInsn *out);
bool arm_decode_t16(uint32_t w, ArmInsn *out);
bool arm_decode_t32(uint32_t w, ArmInsn *out);
/* VFP, NEON and other coprocessors, as A32 words. */
bool arm_decode_vfp(uint32_t w, ArmInsn *out);
bool arm_decode_neon(uint32_t w, ArmInsn *out);
bool arm_decode_neon_memory(uint32_t w, ArmInsn *out);
/* imm, carry of A32's rotated and T32's modified immediate. */
void arm_imm_a32(uint32_t imm12, ArmInsn *out);
bool arm_imm_t32(uint32_t imm12, ArmInsn *out);
/* Shift of an immediate amount as encoded. */
void arm_shift_imm(unsigned type, unsigned amount, ArmInsn *out);

/* Whether it writes the program counter, so that control goes elsewhere. */
bool arm_writes_pc(const ArmInsn *in);
/* Core registers that it writes, bit n: register n. */
uint32_t arm_written(const ArmInsn *in);
const char *arm_op_name(ArmOp op);

static inline uint32_t arm_bits(uint32_t w, unsigned high, unsigned low) {
    return (w >> low) & (uint32_t)((UINT64_C(1) << (high - low + 1)) - 1);
}
static inline bool arm_bit(uint32_t w, unsigned n) { return (w >> n) & 1; }

#endif
