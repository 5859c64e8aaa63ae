/* SPDX-License-Identifier: Apache-2.0
 * test_lift_arm.c: every T16 and many A32 and T32 encodings give valid operations; conditions, IT
 * blocks, control. That the numbers are right is the oracle's to say (tests/oracle). */
#include "cog_test.h"

#include "code/arm_insn.h"
#include "lift_check.h"

static Arena *arena;
static const Lifter *lifter;

enum { VA = 0x10000 };

static size_t lift(bool thumb, const void *bytes, size_t size, IrOp *ops) {
    unsigned length = 0;
    size_t count = lift_insn(lifter, (Bytes){bytes, size}, VA | thumb, ops, &length);
    assert_int_equal(length, size);
    lift_check(ops, count);
    return count;
}

static size_t lift_a32(uint32_t word, IrOp *ops) { return lift(false, &word, 4, ops); }

static void lift_any(bool thumb, const uint8_t *bytes, size_t size, uint64_t *state) {
    IrOp ops[IR_MAX_OPS];
    uint64_t slots[SLOT_COUNT];
    unsigned length = 0;
    size_t count = lift_insn(lifter, (Bytes){bytes, size}, VA | thumb, ops, &length);
    lift_check(ops, count);
    lift_fill_state(slots, 32, state);
    lift_run(ops, count, slots, state);
    lift_check_state(slots, 32);
}

static void test_all_t16(void **s) {
    (void)s;
    uint64_t state = 0x9e3779b97f4a7c15;
    for (uint32_t half = 0; half < 0xe800; half++) {
        const uint8_t bytes[8] = {(uint8_t)half, (uint8_t)(half >> 8), 0x08, 0x40, 0x88, 0x41};
        lift_any(true, bytes, sizeof bytes, &state);
    }
}

/* Words in which the fields that choose an encoding are even, with the usual ones and zeros where
 * many encodings want them. */
static void test_many_words(void **s) {
    (void)s;
    static const uint32_t ones[] = {0, 0xf00, 0xf000, 0xf0000, 0xff00, 0xf0f00};
    uint64_t state = 0x9e3779b97f4a7c15;
    for (unsigned i = 0; i < 400000; i++) {
        uint32_t word = (uint32_t)lift_random(&state);
        word |= ones[i % (sizeof ones / sizeof *ones)];
        if (i & 1)
            word = (word & 0x0fffffff) | (i & 2 ? 0xe0000000 : 0xf0000000);
        uint8_t bytes[4];
        memcpy(bytes, &word, 4);
        lift_any(false, bytes, 4, &state);
        uint32_t turned = word << 16 | (word >> 16 | 0xe800);
        memcpy(bytes, &turned, 4);
        lift_any(true, bytes, 4, &state);
    }
}

static void test_conditional_move(void **s) {
    (void)s;
    IrOp ops[IR_MAX_OPS];
    size_t count = lift_a32(0x03a00007, ops); /* moveq r0, #7 */
    assert_int_equal(count, 1);
    assert_int_equal(ops[0].kind, IR_SELECT);
    assert_int_equal(ops[0].out, 0);
    assert_int_equal(ops[0].a, SLOT_Z);
    assert_int_equal(ops[0].b, SLOT_IMM);
    assert_int_equal(ops[0].imm, 7);
    assert_int_equal(ops[0].c, 0);
}

static void test_conditional_load(void **s) {
    (void)s;
    IrOp ops[IR_MAX_OPS];
    size_t count = lift_a32(0x15910004, ops); /* ldrne r0, [r1, #4] */
    unsigned skips = 0, loads = 0;
    for (size_t i = 0; i < count; i++) {
        skips += ops[i].kind == IR_SKIP && ops[i].imm == 1 && ops[i + 1].kind == IR_LOAD;
        loads += ops[i].kind == IR_LOAD;
    }
    assert_int_equal(skips, 1);
    assert_int_equal(loads, 1);
    assert_int_equal(ops[count - 1].kind, IR_SELECT);
    count = lift_a32(0x1b000010, ops); /* blne */
    assert_int_equal(ops[count - 1].kind, IR_CALL);
    assert_int_equal(ops[count - 1].imm, VA + 8 + 0x40);
    assert_int_equal(ops[count - 2].out, SLOT_ARM_LR);
    assert_int_equal(ops[count - 2].flags, IR_ADDRESS);
    assert_int_equal(ops[count - 3].kind, IR_SKIP);
    assert_int_equal(ops[count - 3].imm, 2);
}

/* The last operation of an instruction, and where it goes. */
static void test_control(void **s) {
    (void)s;
    static const struct {
        bool thumb;
        uint32_t code, size;
        IrKind kind;
        uint64_t to;
        bool changes;
    } cases[] = {
        {false, 0xeafffffe, 4, IR_JUMP, VA, false},
        {false, 0x0afffffe, 4, IR_BRANCH, VA, false},
        {false, 0xebfffffe, 4, IR_CALL, VA, false},
        {false, 0xfafffffe, 4, IR_CALL, VA, true}, /* blx */
        {false, 0xfbfffffe, 4, IR_CALL, VA + 2, true},
        {false, 0xe12fff1e, 4, IR_RETURN, 0, true}, /* bx lr */
        {false, 0xe12fff13, 4, IR_JUMP_TO, 0, true},
        {false, 0xe12fff33, 4, IR_CALL_TO, 0, true},
        {false, 0xe8bd8010, 4, IR_RETURN, 0, true},  /* pop {r4, pc} */
        {false, 0xe49df004, 4, IR_RETURN, 0, true},  /* ldr pc, [sp], #4 */
        {false, 0xe59ff000, 4, IR_JUMP_TO, 0, true}, /* ldr pc, [pc] */
        {false, 0xe1a0f00e, 4, IR_RETURN, 0, true},  /* mov pc, lr */
        {false, 0xe08ff103, 4, IR_JUMP_TO, 0, true}, /* add pc, pc, r3, lsl #2 */
        {false, 0xef000000, 4, IR_SYSCALL, 0, false},
        {false, 0xe7f000f0, 4, IR_TRAP, 6, false},
        {true, 0xe7fe, 2, IR_JUMP, VA, false},
        {true, 0xd0fe, 2, IR_BRANCH, VA, false},
        {true, 0xb103, 2, IR_BRANCH, VA + 4, false}, /* cbz r3 */
        {true, 0xfffef7ff, 4, IR_CALL, VA, false},   /* bl */
        {true, 0xeffef7ff, 4, IR_CALL, VA, true},    /* blx */
        {true, 0xbd10, 2, IR_RETURN, 0, true},       /* pop {r4, pc} */
        {true, 0x4770, 2, IR_RETURN, 0, true},       /* bx lr */
        {true, 0x4798, 2, IR_CALL_TO, 0, true},      /* blx r3 */
        {true, 0xf003e8df, 4, IR_JUMP_TO, 0, false}, /* tbb [pc, r3] */
        {true, 0xbffef7ff, 4, IR_JUMP, VA, false},   /* b.w */
        {true, 0xaffef43f, 4, IR_BRANCH, VA, false}, /* beq.w */
        {true, 0xdf00, 2, IR_SYSCALL, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        IrOp ops[IR_MAX_OPS];
        size_t count = lift(cases[i].thumb, &cases[i].code, cases[i].size, ops);
        assert_true(count > 0);
        const IrOp *last = &ops[count - 1];
        assert_int_equal(last->kind, cases[i].kind);
        assert_int_equal(last->imm, cases[i].to);
        assert_int_equal(last->c != SLOT_NONE, cases[i].changes);
    }
}

/* cmp r0, #0; itte ne; movne r1, #1; addne r2, #1; moveq r1, #0 as one instruction. */
static void test_it_block(void **s) {
    (void)s;
    static const uint16_t code[] = {0xbf1a, 0x2101, 0x3201, 0x2100};
    IrOp ops[IR_MAX_OPS];
    size_t count = lift(true, code, sizeof code, ops);
    uint64_t slots[SLOT_COUNT] = {0}, state = 1;
    for (unsigned z = 0; z < 2; z++) {
        slots[SLOT_Z] = z;
        slots[SLOT_C] = 1;
        slots[1] = 77;
        slots[2] = 5;
        lift_run(ops, count, slots, &state);
        assert_int_equal(slots[1], z ? 0 : 1);
        assert_int_equal(slots[2], z ? 5 : 6);
        assert_int_equal(slots[SLOT_Z], z); /* T16 in a block sets no flags */
        assert_int_equal(slots[SLOT_C], 1);
    }
    /* it eq; bxeq lr */
    static const uint16_t returns[] = {0xbf08, 0x4770};
    count = lift(true, returns, sizeof returns, ops);
    assert_int_equal(ops[count - 1].kind, IR_RETURN);
    /* Cut short: what is there. */
    unsigned length = 0;
    lift_insn(lifter, (Bytes){(const uint8_t *)code, 5}, VA | 1, ops, &length);
    assert_int_equal(length, 4);
}

static void test_it_found(void **s) {
    (void)s;
    /* ldr.w r11, [r0, #0xf18] ends in what looks like an IT instruction. */
    static const uint16_t code[] = {0x2000, 0xbf1c, 0x2101, 0xf8d0, 0xbf18, 0x2202, 0x2303};
    Bytes b = {(const uint8_t *)code, sizeof code};
    ArmInsn it;
    unsigned index;
    assert_false(arm_it_find(b, 0, &it, &index));
    assert_false(arm_it_find(b, 2, &it, &index));
    assert_true(arm_it_find(b, 4, &it, &index));
    assert_int_equal(index, 0);
    assert_true(arm_it_find(b, 6, &it, &index));
    assert_int_equal(index, 1);
    assert_int_equal(it.list, 1);
    assert_false(arm_it_find(b, 10, &it, &index));
    assert_false(arm_it_find(b, 12, &it, &index));
}

static void test_addresses(void **s) {
    (void)s;
    IrOp ops[IR_MAX_OPS];
    size_t count = lift_a32(0xe59f0010, ops); /* ldr r0, [pc, #16] */
    assert_int_equal(count, 1);
    assert_int_equal(ops[0].kind, IR_LOAD);
    assert_int_equal(ops[0].a, SLOT_NONE);
    assert_int_equal(ops[0].imm, VA + 24);
    assert_int_equal(ops[0].flags, IR_ADDRESS);
    count = lift_a32(0xe08f0000, ops); /* add r0, pc, r0 */
    assert_int_equal(count, 1);
    assert_int_equal(ops[0].imm, VA + 8);
    assert_int_equal(ops[0].flags, IR_ADDRESS);
    count = lift_a32(0xe28f0004, ops); /* adr */
    assert_int_equal(ops[0].kind, IR_MOVE);
    assert_int_equal(ops[0].imm, VA + 12);
    assert_int_equal(ops[0].flags, IR_ADDRESS);
    count = lift_a32(0xee1d0f70, ops); /* mrc p15, 0, r0, c13, c0, 3 */
    assert_int_equal(count, 1);
    assert_int_equal(ops[0].a, SLOT_FS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_t16),          cmocka_unit_test(test_many_words),
        cmocka_unit_test(test_conditional_move), cmocka_unit_test(test_conditional_load),
        cmocka_unit_test(test_control),          cmocka_unit_test(test_it_block),
        cmocka_unit_test(test_it_found),         cmocka_unit_test(test_addresses),
    };
    arena = arena_new((size_t)1 << 20);
    Image image = {.arch = ARCH_ARM, .bits = 32};
    lifter = lifter_for_image(arena, &image, NULL);
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return bad;
}
