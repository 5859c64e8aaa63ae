/* SPDX-License-Identifier: Apache-2.0
 * fuzz_lift_arm64.c: decoding and lifting of any words; both say the same of what decodes. */
#include "../unit/value/lift_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > (1 << 16))
        return 0;
    Arena *arena = arena_new((size_t)1 << 20);
    CHECK(arena);
    Image image = {.arch = ARCH_ARM64, .bits = 64};
    const Decoder *decoder = decoder_for_image(arena, &image);
    const Lifter *lifter = lifter_for_image(arena, &image, decoder);
    CHECK(decoder && lifter);
    IrOp ops[IR_MAX_OPS];
    uint64_t slots[SLOT_COUNT], state = 0x9e3779b97f4a7c15;
    Bytes code = {data, size};
    Known known = {0};
    for (size_t off = 0; off < code.size; off += 4) {
        unsigned length = 99;
        Insn in;
        Bytes b = bytes_clip(code, off, 4);
        size_t count = lift_insn(lifter, b, 0x7ffffff0 + off, ops, &length);
        CHECK(length <= code.size - off && (length == 4 || (length == 0 && count == 0)));
        CHECK(decode_flow(decoder, b, 0x7ffffff0 + off, &in) == (length == 4));
        CHECK(decode_full(decoder, b, 0x7ffffff0 + off, &in) == (length == 4));
        if (length == 4)
            decode_track(decoder, &known, b.at, &in);
        lift_check(ops, count);
        lift_fill_state(slots, 64, &state);
        lift_run(ops, count, slots, &state);
        lift_check_state(slots, 64);
        ir_drop_dead(ops, count, 0);
    }
    arena_free(arena);
    return 0;
}
