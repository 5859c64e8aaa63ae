/* SPDX-License-Identifier: Apache-2.0
 * isa.c: which Isa an image needs. */
#include "code/isa.h"

#include "base/check.h"

const Isa *isa_for_image(const Image *image) {
    switch (image->arch) {
    case ARCH_X86:
        return &isa_x86;
    case ARCH_X64:
        return &isa_x64;
    case ARCH_ARM64:
        return &isa_arm64;
    case ARCH_ARM: /* each place has its own: isa_at */
        return &isa_thumb;
    case ARCH_NONE:
    case ARCH_MIPS:
    case ARCH_PPC:
    case ARCH_RISCV:
    case ARCH_OTHER:
        break;
    }
    CHECK(false);
    return NULL;
}
