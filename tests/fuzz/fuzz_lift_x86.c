/* SPDX-License-Identifier: Apache-2.0
 * fuzz_lift_x86.c: lifting of any bytes from every offset on. Bit 0 of the first byte: 64 bits. */
#include "../unit/value/lift_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > (1 << 16))
        return 0;
    unsigned bits = data[0] & 1 ? 64 : 32;
    Arena *arena = arena_new((size_t)1 << 20);
    CHECK(arena);
    Image image = {.arch = bits == 64 ? ARCH_X64 : ARCH_X86, .bits = (uint8_t)bits};
    const Lifter *lifter = lifter_for_image(arena, &image, decoder_for_image(arena, &image));
    CHECK(lifter);
    IrOp ops[IR_MAX_OPS];
    uint64_t slots[SLOT_COUNT], state = 0x9e3779b97f4a7c15;
    Bytes code = {data + 1, size - 1};
    for (size_t off = 0; off < code.size; off++) {
        unsigned length = 99;
        size_t count = lift_insn(lifter, bytes_clip(code, off, 15), 0x7ffffff0 + off, ops, &length);
        CHECK(length <= 15 && length <= code.size - off);
        CHECK(length != 0 || count == 0);
        lift_check(ops, count);
        lift_fill_state(slots, bits, &state);
        lift_run(ops, count, slots, &state);
        lift_check_state(slots, bits);
        ir_drop_dead(ops, count, 0);
    }
    arena_free(arena);
    return 0;
}
