/* SPDX-License-Identifier: Apache-2.0 */
#include "value/abi.h"

#define SLOTS(...)                                                                                 \
    { __VA_ARGS__ }

static const Abi SYSTEM_V_64 = {
    .args = SLOTS(SLOT_X86_RDI, SLOT_X86_RSI, SLOT_X86_RDX, SLOT_X86_RCX, 8, 9),
    .arg_count = 6,
    .result = SLOT_X86_RAX,
    .result2 = SLOT_X86_RDX,
    .stack = SLOT_X86_RSP,
    .word_bytes = 8,
    .stack_args = 8,
    .call_pushes = 8,
    .clobbered = 0x0fc7}; /* rax rcx rdx rsi rdi r8-r11 */

static const Abi MICROSOFT_64 = {.args = SLOTS(SLOT_X86_RCX, SLOT_X86_RDX, 8, 9),
                                 .arg_count = 4,
                                 .result = SLOT_X86_RAX,
                                 .result2 = NO_SLOT,
                                 .stack = SLOT_X86_RSP,
                                 .word_bytes = 8,
                                 .stack_args = 40, /* after the home area */
                                 .call_pushes = 8,
                                 .clobbered = 0x0f07}; /* rax rcx rdx r8-r11 */

static const Abi I386 = {.args = SLOTS(SLOT_X86_RAX, SLOT_X86_RDX, SLOT_X86_RCX),
                         .arg_count = 0,
                         .result = SLOT_X86_RAX,
                         .result2 = SLOT_X86_RDX,
                         .stack = SLOT_X86_RSP,
                         .word_bytes = 4,
                         .stack_args = 4,
                         .call_pushes = 4,
                         .args_may_register = true,
                         .clobbered = 0x7};

static const Abi ARM32 = {.args = SLOTS(0, 1, 2, 3),
                          .arg_count = 4,
                          .result = 0,
                          .result2 = 1,
                          .stack = SLOT_ARM_SP,
                          .word_bytes = 4,
                          .clobbered = 0x500f}; /* r0-r3 r12 lr */

static const Abi ARM64 = {.args = SLOTS(0, 1, 2, 3, 4, 5, 6, 7),
                          .arg_count = 8,
                          .result = 0,
                          .result2 = 1,
                          .stack = SLOT_ARM64_SP,
                          .word_bytes = 8,
                          .clobbered = 0x4007ffff}; /* x0-x18 lr */

Abi abi_for_image(const Image *image) {
    switch ((int)image->arch) {
    case ARCH_X64:
        return image->format == FORMAT_PE ? MICROSOFT_64 : SYSTEM_V_64;
    case ARCH_X86:
        return I386;
    case ARCH_ARM:
        return ARM32;
    case ARCH_ARM64:
        return ARM64;
    default:
        return (Abi){0};
    }
}
