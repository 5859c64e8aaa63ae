/* SPDX-License-Identifier: Apache-2.0
 * test_decode.c: all ways of decoding say the same; groups and registers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/code.h"
#include "code/decode_ops.h"

static Arena *arena;

static Decoder *decoder(bool is_64) {
    Image image = {.arch = is_64 ? ARCH_X64 : ARCH_X86, .bits = is_64 ? 64 : 32};
    return decoder_for_image(arena, &image);
}

static bool is_same_operand(const Operand *a, const Operand *b) {
    return a->kind == b->kind && a->access == b->access && a->bits == b->bits && a->reg == b->reg &&
           a->base == b->base && a->index == b->index && a->segment == b->segment &&
           a->scale == b->scale && a->is_agen == b->is_agen && a->value == b->value;
}

static bool is_same_full(const Insn *a, const Insn *b) {
    bool equal = a->mnemonic == b->mnemonic && a->id == b->id && a->prefixes == b->prefixes &&
                 a->operand_width == b->operand_width && a->address_width == b->address_width &&
                 a->segment == b->segment && a->is_far == b->is_far &&
                 a->operand_count == b->operand_count;
    for (unsigned i = 0; equal && i < INSN_OPERANDS; i++)
        equal = is_same_operand(&a->operands[i], &b->operands[i]);
    return equal;
}

static bool is_same_flow(const Insn *a, const Insn *b) {
    return a->va == b->va && a->length == b->length && a->flow == b->flow &&
           a->target == b->target && a->mem_va == b->mem_va && a->has_imm == b->has_imm &&
           a->imm == b->imm && a->disp_off == b->disp_off && a->disp_size == b->disp_size &&
           a->imm_off == b->imm_off && a->imm_size == b->imm_size;
}

/* d: decode_flow (tables first) and decode_full (remembered forms, then Zydis); zydis: Zydis
 * alone. */
static void same(const Decoder *d, const Decoder *zydis, const uint8_t *at, size_t size) {
    Insn a, b, c;
    bool x = decode_flow(d, (Bytes){at, size}, 0x7fff1000, &a);
    bool y = decode_full(zydis, (Bytes){at, size}, 0x7fff1000, &b);
    bool z = decode_full(d, (Bytes){at, size}, 0x7fff1000, &c);
    if (x != y || z != y ||
        (y && !(is_same_flow(&a, &b) && is_same_flow(&c, &b) && is_same_full(&c, &b))))
        fail_msg("%02x %02x %02x %02x %02x of %zu: flow %d len %d, Zydis %d len %d, full %d len %d",
                 at[0], at[1], at[2], at[3], at[4], size, x, a.length, y, b.length, z, c.length);
}

/* Every opcode of both maps with every ModRM, with and without the usual prefixes, cut short too.
 */
static void test_fast_is_zydis(void **state) {
    (void)state;
    static const uint8_t prefixes[] = {0, 0x66, 0xf3, 0xf2};
    static const uint8_t rexes[] = {0, 0x40, 0x41, 0x42, 0x44, 0x48, 0x4f};
    for (int mode = 0; mode < 2; mode++) {
        const Decoder *d = decoder(mode != 0);
        Decoder *zydis = decoder(mode != 0);
        decoder_x86_without_forms(zydis);
        for (unsigned p = 0; p < 4; p++)
            for (unsigned r = 0; r < (mode ? 7u : 1u); r++)
                for (unsigned op = 0; op < 512; op++)
                    for (unsigned modrm = 0; modrm < 256; modrm++) {
                        uint8_t bytes[16] = {0};
                        size_t n = 0;
                        if (prefixes[p])
                            bytes[n++] = prefixes[p];
                        if (rexes[r])
                            bytes[n++] = rexes[r];
                        if (op >= 256)
                            bytes[n++] = 0x0f;
                        bytes[n++] = (uint8_t)op;
                        bytes[n++] = (uint8_t)modrm;
                        /* SIB without base and index, and others, by turns. */
                        bytes[n] = (uint8_t)(modrm & 8 ? 0x25 : modrm * 37);
                        for (size_t i = n + 1; i < sizeof bytes; i++)
                            bytes[i] = (uint8_t)(0x81 + i * 11);
                        /* Twice: as seen for the first time, and with other numbers. */
                        same(d, zydis, bytes, 15);
                        for (size_t i = n + 1; i < sizeof bytes; i++)
                            bytes[i] = (uint8_t)(0x15 - i * 23);
                        same(d, zydis, bytes, 15);
                        if (modrm < 16)
                            for (size_t size = 1; size < 8; size++)
                                same(d, zydis, bytes, size);
                    }
    }
}

static void test_groups(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[8];
        unsigned group;
    } cases[] = {
        {{0x8b, 0xc1}, GROUP_MOVE},
        {{0x0f, 0xb6, 0xc1}, GROUP_EXTEND},
        {{0x48, 0x8d, 0x04, 0x08}, GROUP_ADDRESS},
        {{0x03, 0xc1}, GROUP_ARITHMETIC},
        {{0x0f, 0xaf, 0xc1}, GROUP_MULTIPLY},
        {{0xf7, 0xf1}, GROUP_DIVIDE},
        {{0x33, 0xc1}, GROUP_LOGIC},
        {{0xc1, 0xe0, 4}, GROUP_SHIFT},
        {{0x0f, 0xa3, 0xc1}, GROUP_BIT},
        {{0x3b, 0xc1}, GROUP_COMPARE},
        {{0x0f, 0x44, 0xc1}, GROUP_CONDITIONAL},
        {{0x0f, 0x94, 0xc0}, GROUP_CONDITIONAL},
        {{0x74, 0}, GROUP_BRANCH},
        {{0xeb, 0}, GROUP_JUMP},
        {{0xe8, 0, 0, 0, 0}, GROUP_CALL},
        {{0xc3}, GROUP_RETURN},
        {{0x55}, GROUP_STACK},
        {{0xf3, 0xa4}, GROUP_STRING},
        {{0x90}, GROUP_NOP},
        {{0xf0, 0x0f, 0xb1, 0x0f}, GROUP_ATOMIC},
        {{0x0f, 0x05}, GROUP_SYSTEM},
        {{0xcc}, GROUP_TRAP},
        {{0xd9, 0xee}, GROUP_FLOAT},
        {{0x0f, 0x28, 0xc1}, GROUP_VECTOR_MOVE},
        {{0x66, 0x0f, 0xfe, 0xc1}, GROUP_VECTOR_ARITHMETIC},
        {{0x66, 0x0f, 0xef, 0xc1}, GROUP_VECTOR_LOGIC},
        {{0xc5, 0xf1, 0xef, 0xc2}, GROUP_VECTOR_LOGIC},
        {{0x66, 0x0f, 0x38, 0xdc, 0xc1}, GROUP_CRYPTO},
    };
    const Decoder *d = decoder(true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Insn in;
        assert_true(decode_full(d, (Bytes){cases[i].bytes, 8}, 0, &in));
        if (decode_mnemonic_group(d, in.mnemonic) != cases[i].group)
            fail_msg("%s: group %u", decode_mnemonic(d, in.mnemonic),
                     decode_mnemonic_group(d, in.mnemonic));
    }
    for (uint16_t m = 0; m < 2000; m++)
        assert_true(decode_mnemonic_group(d, m) < 64);
}

static void test_registers(void **state) {
    (void)state;
    const Decoder *d = decoder(true);
    static const uint8_t moves[][4] = {
        {0x88, 0xc3}, {0x66, 0x89, 0xc3}, {0x89, 0xc3}, {0x48, 0x89, 0xc3}, {0x88, 0xe7}};
    for (size_t i = 0; i < 5; i++) {
        Insn in;
        assert_true(decode_full(d, (Bytes){moves[i], 4}, 0, &in));
        assert_int_equal(in.operand_count, 2);
        assert_int_equal(decode_register_number(d, in.operands[0].reg), 3);
        assert_int_equal(decode_register_number(d, in.operands[1].reg), 0);
        assert_int_equal(decode_register_class(d, in.operands[0].reg), REGISTER_GENERAL);
    }
    static const uint8_t frame[] = {0x48, 0x89, 0xe5};
    Insn in;
    assert_true(decode_full(d, (Bytes){frame, 3}, 0, &in));
    assert_int_equal(decode_register_class(d, in.operands[0].reg), REGISTER_FRAME);
    assert_int_equal(decode_register_class(d, in.operands[1].reg), REGISTER_STACK);
    assert_int_equal(decode_register_class(d, 0), REGISTER_NONE);
}

static void test_fields(void **state) {
    (void)state;
    const Decoder *d = decoder(true);
    static const uint8_t load[] = {0x48, 0x8b, 0x05, 0x10, 0, 0, 0};
    Insn in;
    assert_true(decode_full(d, (Bytes){load, 7}, 0x1000, &in));
    assert_int_equal(in.mem_va, 0x1017);
    assert_int_equal(in.disp_off, 3);
    assert_int_equal(in.disp_size, 4);
    static const uint8_t thread[] = {0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0};
    assert_true(decode_flow(d, (Bytes){thread, 9}, 0x1000, &in));
    assert_int_equal(in.mem_va, 0); /* fs: is another space */
    static const uint8_t fail_fast[] = {0xcd, 0x29};
    assert_true(decode_flow(d, (Bytes){fail_fast, 2}, 0, &in));
    assert_int_equal(in.flow, FLOW_STOP);
    assert_false(decode_flow(d, (Bytes){load, 3}, 0, &in));
    assert_false(decode_flow(d, (Bytes){NULL, 0}, 0, &in));
    Image mips = {.arch = ARCH_MIPS, .bits = 32};
    assert_null(decoder_for_image(arena, &mips));
}

int main(void) {
    arena = arena_new((size_t)16 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_is_zydis),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_fields),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
