/* SPDX-License-Identifier: Apache-2.0
 * fuzz_lift_arm.c: lifting of any bytes from every offset on. Bit 0 of the first byte: Thumb. */
#include "../unit/value/lift_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { LONGEST = 18 }; /* an IT instruction with its block */
    if (size < 2 || size > (1 << 16))
        return 0;
    unsigned thumb = data[0] & 1, step = thumb ? 2 : 4;
    Arena *arena = arena_new((size_t)1 << 20);
    CHECK(arena);
    Image image = {.arch = ARCH_ARM, .bits = 32};
    const Lifter *lifter = lifter_for_image(arena, &image, decoder_for_image(arena, &image));
    CHECK(lifter);
    IrOp ops[IR_MAX_OPS];
    uint64_t slots[SLOT_COUNT], state = 0x9e3779b97f4a7c15;
    Bytes code = {data + 1, size - 1};
    for (size_t off = 0; off < code.size; off += step) {
        unsigned length = 99;
        Bytes b = bytes_clip(code, off, LONGEST);
        size_t count = lift_insn(lifter, b, (0xfffffff0 + off) | thumb, ops, &length);
        CHECK(length <= LONGEST && length <= code.size - off);
        CHECK(length != 0 || count == 0);
        lift_check(ops, count);
        lift_fill_state(slots, 32, &state);
        lift_run(ops, count, slots, &state);
        lift_check_state(slots, 32);
        ir_drop_dead(ops, count, 0);
    }
    arena_free(arena);
    return 0;
}
