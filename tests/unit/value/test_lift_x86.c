/* SPDX-License-Identifier: Apache-2.0
 * test_lift_x86.c: every opcode gives valid operations; forms of operands, flags and control. */
#include "cog_test.h"

#include "lift_check.h"

static Arena *arena;
static const Lifter *lifters[2]; /* 32, 64 bits */

enum { VA = 0x401000 };

__attribute__((unused)) static size_t lift(unsigned bits, const void *bytes, size_t size,
                                           IrOp *ops) {
    unsigned length = 0;
    size_t count = lift_insn(lifters[bits == 64], (Bytes){bytes, size}, VA, ops, &length);
    assert_int_equal(length, size);
    lift_check(ops, count);
    return count;
}

/* Every opcode of three maps with every ModRM, and many with the usual prefixes, run on random
 * registers. */
static void test_all_opcodes(void **s) {
    (void)s;
    static const uint8_t prefixes[] = {0, 0x66, 0xf3, 0xf2, 0x67, 0x64, 0x48, 0x4d};
    uint64_t state = 0x9e3779b97f4a7c15, slots[SLOT_COUNT];
    for (unsigned mode = 0; mode < 2; mode++)
        for (unsigned p = 0; p < sizeof prefixes - (mode ? 0 : 2); p++)
            for (unsigned op = 0; op < 768; op++)
                for (unsigned modrm = 0; modrm < 256; modrm += p ? 5 : 1) {
                    uint8_t bytes[16] = {0};
                    size_t n = 0;
                    if (prefixes[p])
                        bytes[n++] = prefixes[p];
                    if (op >= 256)
                        bytes[n++] = 0x0f;
                    if (op >= 512)
                        bytes[n++] = 0x38;
                    bytes[n++] = (uint8_t)op;
                    bytes[n++] = (uint8_t)modrm;
                    bytes[n] = (uint8_t)(modrm & 8 ? 0x25 : modrm * 37);
                    for (size_t i = n + 1; i < sizeof bytes; i++)
                        bytes[i] = (uint8_t)(0x81 + i * 11);
                    unsigned length = 0;
                    IrOp ops[IR_MAX_OPS];
                    size_t count = lift_insn(lifters[mode], (Bytes){bytes, 15}, VA, ops, &length);
                    lift_check(ops, count);
                    lift_fill_state(slots, mode ? 64 : 32, &state);
                    lift_run(ops, count, slots, &state);
                    lift_check_state(slots, mode ? 64 : 32);
                }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_opcodes),
    };
    arena = arena_new((size_t)1 << 20);
    for (unsigned i = 0; i < 2; i++) {
        Image image = {.arch = i ? ARCH_X64 : ARCH_X86, .bits = i ? 64 : 32};
        lifters[i] = lifter_for_image(arena, &image, decoder_for_image(arena, &image));
    }
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return bad;
}
