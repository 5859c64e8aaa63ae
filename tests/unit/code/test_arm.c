/* SPDX-License-Identifier: Apache-2.0
 * test_arm.c: A32 and Thumb decoded; functions of a program in both modes discovered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/arm_insn.h"
#include "code/invariants.h"

enum { BASE = 0x401000, THUMB = 1 };

static Arena *arena;

/* What flow analysis asks, of one instruction at BASE. */
static void test_flow(void **state) {
    (void)state;
    static const struct {
        uint32_t code, mode, length;
        Flow flow;
        uint64_t target, mem_va;
        bool to_thumb, is_conditional;
        uint32_t address_bits;
    } cases[] = {
        {0xeafffffe, 0, 4, FLOW_JUMP, BASE, 0, false, false, 0xffffff},
        {0x0afffffe, 0, 4, FLOW_BRANCH, BASE, 0, false, true, 0xffffff},
        {0xebfffffe, 0, 4, FLOW_CALL, BASE, 0, false, false, 0xffffff},
        {0x1bfffffe, 0, 4, FLOW_CALL, BASE, 0, false, true, 0xffffff},
        {0xfafffffe, 0, 4, FLOW_CALL, BASE, 0, true, false, 0x1ffffff},
        {0xe12fff1e, 0, 4, FLOW_RETURN, 0, 0, false, false, 0},
        {0x012fff1e, 0, 4, FLOW_RETURN, 0, 0, false, true, 0},
        {0xe12fff33, 0, 4, FLOW_CALL_INDIRECT, 0, 0, false, false, 0},
        {0xe8bd8010, 0, 4, FLOW_RETURN, 0, 0, false, false, 0},
        {0x979ff100, 0, 4, FLOW_JUMP_INDIRECT, 0, 0, false, true, 0},
        {0xe1a0f00e, 0, 4, FLOW_RETURN, 0, 0, false, false, 0},
        {0xe59f0010, 0, 4, FLOW_NEXT, 0, BASE + 24, false, false, 0x800fff},
        {0xe28f0004, 0, 4, FLOW_NEXT, 0, BASE + 12, false, false, 0xc00fff},
        {0xe7f000f0, 0, 4, FLOW_STOP, 0, 0, false, false, 0},
        {0xef000000, 0, 4, FLOW_SYSCALL, 0, 0, false, false, 0},
        {0xe7fe, THUMB, 2, FLOW_JUMP, BASE, 0, true, false, 0x7ff},
        {0xd0fe, THUMB, 2, FLOW_BRANCH, BASE, 0, true, true, 0xff},
        {0xb103, THUMB, 2, FLOW_BRANCH, BASE + 4, 0, true, false, 0x2f8},
        {0xfffef7ff, THUMB, 4, FLOW_CALL, BASE, 0, true, false, 0x2fff07ff},
        {0xeffef7ff, THUMB, 4, FLOW_CALL, BASE, 0, false, false, 0x2fff07ff},
        {0xbffef7ff, THUMB, 4, FLOW_JUMP, BASE, 0, true, false, 0x2fff07ff},
        {0xaffef43f, THUMB, 4, FLOW_BRANCH, BASE, 0, true, true, 0x2fff043f},
        {0xbd10, THUMB, 2, FLOW_RETURN, 0, 0, false, false, 0},
        {0x4718, THUMB, 2, FLOW_JUMP_INDIRECT, 0, 0, false, false, 0},
        {0x4778, THUMB, 2, FLOW_JUMP, BASE + 4, 0, false, false, 0}, /* bx pc */
        {0xf004e8df, THUMB, 4, FLOW_JUMP_INDIRECT, 0, 0, false, false, 0},
        {0x4809, THUMB, 2, FLOW_NEXT, 0, BASE + 40, false, false, 0xff},
        {0xde00, THUMB, 2, FLOW_STOP, 0, 0, false, false, 0},
    };
    Image image = {.arch = ARCH_ARM, .bits = 32};
    Decoder *d = decoder_for_image(arena, &image);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Insn in;
        Bytes b = {(const uint8_t *)&cases[i].code, cases[i].length};
        assert_true(decode_flow(d, b, BASE | cases[i].mode, &in));
        assert_int_equal(in.length, cases[i].length);
        assert_int_equal(in.flow, cases[i].flow);
        assert_int_equal(in.va, BASE);
        assert_int_equal(in.target, cases[i].target);
        assert_int_equal(in.mem_va, cases[i].mem_va);
        assert_int_equal(in.goes_to_thumb, cases[i].to_thumb);
        assert_int_equal(in.is_conditional, cases[i].is_conditional);
        assert_int_equal(in.address_bits, cases[i].address_bits);
        assert_int_equal(in.is_thumb, cases[i].mode);
        Insn full;
        assert_true(decode_full(d, b, BASE | cases[i].mode, &full));
        assert_int_equal(full.flow, in.flow);
        assert_false(decode_flow(d, (Bytes){b.at, b.size - 1}, BASE | cases[i].mode, &in));
    }
}

static void test_operands(void **state) {
    (void)state;
    Image image = {.arch = ARCH_ARM, .bits = 32};
    Decoder *d = decoder_for_image(arena, &image);
    Insn in;
    uint32_t store = 0xe5cd1004, add = 0xe2811c01; /* strb r1, [sp, #4]; add r1, r1, #256 */
    assert_true(decode_full(d, (Bytes){(uint8_t *)&store, 4}, BASE, &in));
    assert_int_equal(in.operand_count, 2);
    assert_int_equal(decode_register_number(d, in.operands[0].reg), 1);
    assert_int_equal(in.operands[0].access, ACCESS_READ);
    assert_int_equal(in.operands[1].access, ACCESS_WRITE);
    assert_int_equal(in.operands[1].value, 4);
    assert_int_equal(decode_register_class(d, in.operands[1].base), REGISTER_STACK);
    assert_true(decode_full(d, (Bytes){(uint8_t *)&add, 4}, BASE, &in));
    assert_int_equal(in.operand_count, 3);
    assert_true(in.has_imm);
    assert_int_equal(in.imm, 256);
    assert_int_equal(decode_mnemonic_group(d, in.mnemonic), GROUP_ARITHMETIC);
    assert_string_equal(decode_mnemonic(d, in.mnemonic), "add");
}

/* start (Thumb) calls f_it and f_arm and has a tbb; f_it has a conditional return and ends in
 * f_tail; f_arm jumps through a table of words. */
static const uint32_t program[] = {
    0xf000b510, 0x4809f815, 0xf0004478, 0xf241e818, 0xf2c02134, 0x2c030140, 0xe8dfd807, 0x0302f004,
    0x20000504, 0x20022001, 0xbd102003, 0x00000020, 0xbf082800, 0x20014770, 0xb810f000, 0xe3500002,
    0x979ff100, 0xea000003, 0x00401054, 0x00401058, 0x00401054, 0xe3a00005, 0xe12fff1e, 0xbd08b508};

static void test_program(void **state) {
    (void)state;
    Sample s = {.bytes = {(const uint8_t *)program, sizeof program}, .name = "program"};
    s.arena = arena_new((size_t)64 << 20);
    s.scratch = arena_new((size_t)64 << 20);
    ImageHint hint = {.force_raw = true, .arch = ARCH_ARM, .is_thumb = true, .base = BASE};
    Image *image = image_from_sample(&s, &hint);
    Code *code = code_from_image(&s, image);
    check_code(code, image);
    static const struct {
        uint64_t va;
        bool is_thumb;
        uint32_t blocks;
    } want[] = {
        {BASE, true, 7}, {BASE + 0x30, true, 2}, {BASE + 0x3c, false, 4}, {BASE + 0x5c, true, 1}};
    assert_int_equal(code->functions.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const Function *f = &code->functions.at[i];
        assert_int_equal(f->va, want[i].va);
        assert_int_equal((f->flags & FUNCTION_THUMB) != 0, want[i].is_thumb);
        assert_int_equal(f->block_count, want[i].blocks);
        assert_int_equal(f->flags & (FUNCTION_NO_RETURN | FUNCTION_BROKEN), 0);
    }
    /* ldr and add pc make an address. */
    bool found = false;
    for (size_t i = 0; i < code->refs.count; i++)
        found |= code->refs.at[i].from_va == BASE + 8 && code->refs.at[i].to_va == BASE + 0x2c;
    assert_true(found);
    arena_free(s.arena);
    arena_free(s.scratch);
}

int main(void) {
    arena = arena_new((size_t)1 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flow),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_program),
    };
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return bad;
}
