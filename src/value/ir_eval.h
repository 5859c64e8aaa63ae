/* SPDX-License-Identifier: Apache-2.0
 * ir_eval.h: the packed half of ir_eval; private to src/value. */
#ifndef COG_VALUE_IR_EVAL_H
#define COG_VALUE_IR_EVAL_H

#include "value/ir.h"

/* IR_PADD .. IR_AESMC; false for other kinds and for lanes that are not 8, 16, 32 or 64 bits. */
bool ir_eval_packed(const IrOp *op, uint64_t a, uint64_t b, uint64_t c, uint64_t *out);

/* The S-box of FIPS 197, which the AES operations use. */
uint8_t ir_aes_sbox(uint8_t x);

#endif
