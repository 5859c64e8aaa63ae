/* SPDX-License-Identifier: Apache-2.0
 * abi.h: calling conventions as slots. Sources: System V AMD64 ABI 1.0 (3.2.3),
 * System V i386 ABI (2.2), Microsoft x64 calling convention, AAPCS32 (6.1), AAPCS64 (6.4). */
#ifndef COG_VALUE_ABI_H
#define COG_VALUE_ABI_H

#include "image/image.h"
#include "value/ir.h"

enum { ABI_MAX_ARGS = 8, NO_SLOT = 0xff };

typedef struct Abi {
    uint8_t args[ABI_MAX_ARGS]; /* slots of the first arguments */
    uint8_t arg_count;
    uint8_t result, result2; /* slots; result2: upper half or second word, or NO_SLOT */
    uint8_t stack;           /* slot of the stack pointer */
    uint8_t word_bytes;
    uint8_t stack_args;     /* offset of the first stack argument from the stack pointer at entry */
    uint8_t call_pushes;    /* bytes that a call pushes */
    bool args_may_register; /* i386: local functions of gcc take eax, edx, ecx */
    uint32_t clobbered;     /* general registers that a call may change, bit n: slot n */
} Abi;

/* Zeroed with arg_count 0 for processors that are not lifted. */
Abi abi_for_image(const Image *image);

#endif
