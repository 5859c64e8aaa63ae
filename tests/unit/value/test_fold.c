/* SPDX-License-Identifier: Apache-2.0
 * test_fold.c: spellings of one computation become one value, and different computations do not. */
#include <stdlib.h>

#include "cog_test.h"

#include "value/fold.h"

typedef struct World {
    Arena *arena;
    Graph g;
    Value x, y;
} World;

static int setup(void **state) {
    World *w = calloc(1, sizeof *w);
    w->arena = arena_new(1 << 24);
    graph_init(&w->g, w->arena, 64);
    w->x = graph_node(&w->g, (Node){.kind = VALUE_ARG, .bits = 32, .imm = 0});
    w->y = graph_node(&w->g, (Node){.kind = VALUE_ARG, .bits = 32, .imm = 1});
    *state = w;
    return 0;
}

static int teardown(void **state) {
    World *w = *state;
    arena_free(w->arena);
    free(w);
    return 0;
}

static Value number(World *w, uint64_t n) { return graph_const(&w->g, n, 64); }
static Value op(World *w, IrKind kind, unsigned bits, Value a, Value b) {
    return fold(&w->g, &(IrOp){.kind = (uint8_t)kind, .bits = (uint8_t)bits}, a, b, 0);
}
static Value op_n(World *w, IrKind kind, unsigned bits, Value a, uint64_t b) {
    return op(w, kind, bits, a, number(w, b & ir_mask(bits)));
}

static void sums_and_products(void **state) {
    World *w = *state;
    Value nine = op_n(w, IR_MUL, 32, w->x, 9);
    assert_int_equal(op(w, IR_ADD, 32, op_n(w, IR_SHL, 32, w->x, 3), w->x), nine); /* lea */
    assert_int_equal(op(w, IR_ADD, 32, w->x, op_n(w, IR_MUL, 32, w->x, 8)), nine);
    assert_int_not_equal(op_n(w, IR_MUL, 32, w->x, 8), nine);
    /* base + 4 * i + 8, in any order */
    Value sum = op_n(w, IR_ADD, 32, op(w, IR_ADD, 32, w->x, op_n(w, IR_SHL, 32, w->y, 2)), 8);
    assert_int_equal(op(w, IR_ADD, 32, op_n(w, IR_SHL, 32, op_n(w, IR_ADD, 32, w->y, 2), 2), w->x),
                     sum);
    assert_int_equal(op_n(w, IR_SUB, 32, w->x, 1), op_n(w, IR_ADD, 32, w->x, UINT32_MAX));
    assert_true(graph_is_number(&w->g, op(w, IR_XOR, 32, w->x, w->x), 0));
    assert_true(graph_is_number(&w->g, op(w, IR_SUB, 32, w->x, w->x), 0));
    assert_int_equal(op_n(w, IR_ADD, 32, op_n(w, IR_SUB, 32, w->x, 16), 16), w->x);
}

static void narrow_values(void **state) {
    World *w = *state;
    Value byte = op_n(w, IR_AND, 32, w->x, 0xff);
    assert_int_equal(op(w, IR_MOVE, 8, w->x, 0), byte);
    /* al changed, then eax read as a byte */
    Value rax = fold(&w->g, &(IrOp){.kind = IR_INSERT, .bits = 8}, w->y, w->x, 0);
    assert_int_equal(op(w, IR_MOVE, 8, rax, 0), byte);
    /* (x << 24) >> 24, both ways */
    Value up = op_n(w, IR_SHL, 32, w->x, 24);
    assert_int_equal(op_n(w, IR_SHR, 32, up, 24), byte);
    Value sext = fold(&w->g, &(IrOp){.kind = IR_SEXT, .bits = 32, .lane = 8}, w->x, 0, 0);
    assert_int_equal(op_n(w, IR_SAR, 32, up, 24), sext);
    assert_int_equal(fold(&w->g, &(IrOp){.kind = IR_SEXT, .bits = 32, .lane = 8}, byte, 0, 0), sext);
    /* add al, -1 is sub al, 1 */
    assert_int_equal(op_n(w, IR_ADD, 8, w->x, 0xff), op_n(w, IR_SUB, 8, w->x, 1));
}

static void rotations(void **state) {
    World *w = *state;
    Value rol = op_n(w, IR_ROL, 32, w->x, 5);
    Value up = op_n(w, IR_SHL, 32, w->x, 5), down = op_n(w, IR_SHR, 32, w->x, 27);
    assert_int_equal(op(w, IR_OR, 32, up, down), rol);
    assert_int_equal(op(w, IR_ADD, 32, down, up), rol);
    assert_int_equal(op(w, IR_XOR, 32, up, down), rol);
    assert_int_equal(op_n(w, IR_ROR, 32, w->x, 27), rol);
    assert_int_not_equal(op(w, IR_OR, 32, up, op_n(w, IR_SHR, 32, w->x, 26)), rol);
}

/* Magic numbers of gcc 12 and clang 14 at -O2 for x86, x86-64 and AArch64. */
static void divisions(void **state) {
    World *w = *state;
    Value ten = op_n(w, IR_UDIV, 32, w->x, 10);
    Value product = op_n(w, IR_MUL, 64, w->x, 0xcccccccd);
    assert_int_equal(op_n(w, IR_SHR, 64, product, 35), ten);
    Value high = op(w, IR_UMULH, 32, w->x, number(w, 0xcccccccd));
    assert_int_equal(op_n(w, IR_SHR, 32, high, 3), ten);
    assert_int_not_equal(op_n(w, IR_SHR, 32, high, 2), ten);
    Value rest = op(w, IR_SUB, 32, w->x, op_n(w, IR_MUL, 32, ten, 10));
    assert_int_equal(rest, op_n(w, IR_UREM, 32, w->x, 10));
    /* x / 7 takes a factor of 33 bits */
    Value t = op(w, IR_UMULH, 32, w->x, number(w, 0x24924925));
    Value half = op_n(w, IR_SHR, 32, op(w, IR_SUB, 32, w->x, t), 1);
    assert_int_equal(op_n(w, IR_SHR, 32, op(w, IR_ADD, 32, half, t), 2),
                     op_n(w, IR_UDIV, 32, w->x, 7));
    /* signed: x / 10 */
    Value q = op_n(w, IR_SAR, 32, op(w, IR_SMULH, 32, w->x, number(w, 0x66666667)), 2);
    Value sdiv = op_n(w, IR_SDIV, 32, w->x, 10);
    assert_int_equal(op(w, IR_SUB, 32, q, op_n(w, IR_SAR, 32, w->x, 31)), sdiv);
    assert_int_equal(op(w, IR_ADD, 32, q, op_n(w, IR_SHR, 32, w->x, 31)), sdiv);
    /* idiv after cdq */
    IrOp wide = {.kind = IR_SDIVW, .bits = 32};
    assert_int_equal(fold(&w->g, &wide, op_n(w, IR_SAR, 32, w->x, 31), w->x, number(w, 10)), sdiv);
    assert_int_equal(op_n(w, IR_UDIV, 32, w->x, 16), op_n(w, IR_SHR, 32, w->x, 4));
}

static Value not(World *w, Value bit) { return op_n(w, IR_XOR, 1, bit, 1); }

/* cmp x, y and its conditional jumps, by their flags. */
static void conditions(void **state) {
    World *w = *state;
    Value d = op(w, IR_SUB, 32, w->x, w->y);
    Value c = op(w, IR_ULT, 32, w->x, w->y), z = op_n(w, IR_EQ, 32, d, 0);
    Value n = op_n(w, IR_SLT, 32, d, 0), v = op(w, IR_UNDERFLOW, 32, w->x, w->y);
    assert_int_equal(z, op(w, IR_EQ, 32, w->y, w->x));
    Value less = op(w, IR_SLT, 32, w->x, w->y);
    assert_int_equal(op(w, IR_XOR, 1, n, v), less); /* jl */
    assert_int_equal(not(w, op(w, IR_EQ, 1, n, v)), less);
    Value less_equal = op(w, IR_SLE, 32, w->x, w->y);
    assert_int_equal(op(w, IR_OR, 1, z, op(w, IR_XOR, 1, n, v)), less_equal); /* jle */
    Value greater = op(w, IR_SLT, 32, w->y, w->x);
    assert_int_equal(op(w, IR_AND, 1, not(w, z), op(w, IR_EQ, 1, n, v)), greater); /* ARM gt */
    assert_int_equal(not(w, less_equal), greater);
    assert_int_equal(op(w, IR_OR, 1, c, z), op(w, IR_ULE, 32, w->x, w->y)); /* jbe */
    Value arm_c = op(w, IR_ULE, 32, w->y, w->x);
    assert_int_equal(op(w, IR_AND, 1, arm_c, not(w, z)), op(w, IR_ULT, 32, w->y, w->x)); /* hi */
    /* against constants: x <= 4 is x < 5; x > 4 is its contrary */
    Value below = op_n(w, IR_ULT, 32, w->x, 5);
    assert_int_equal(op_n(w, IR_ULE, 32, w->x, 4), below);
    assert_int_equal(not(w, op(w, IR_ULT, 32, number(w, 4), w->x)), below);
    Value c4 = op_n(w, IR_ULT, 32, w->x, 4);
    Value z4 = op_n(w, IR_EQ, 32, op_n(w, IR_SUB, 32, w->x, 4), 0);
    assert_int_equal(op(w, IR_OR, 1, c4, z4), below);
    /* test x, x; js and cmp x, 0; jl */
    assert_int_equal(op_n(w, IR_SLT, 32, op(w, IR_AND, 32, w->x, w->x), 0),
                     op_n(w, IR_SLT, 32, w->x, 0));
    /* setcc, movzx, test: the condition itself */
    Value set = fold(&w->g, &(IrOp){.kind = IR_INSERT, .bits = 8}, w->y, less, 0);
    assert_int_equal(op_n(w, IR_EQ, 32, op(w, IR_MOVE, 8, set, 0), 0), not(w, less));
}

static void constants_fold_exactly(void **state) {
    World *w = *state;
    assert_true(graph_is_number(&w->g, op_n(w, IR_SAR, 32, number(w, 0x80000000), 31), 0xffffffff));
    assert_true(graph_is_number(&w->g, op_n(w, IR_ADD, 32, number(w, 0xffffffff), 1), 0));
    assert_true(graph_is_number(&w->g, op_n(w, IR_ROL, 32, number(w, 0x80000001), 1), 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_and_products, setup, teardown),
        cmocka_unit_test_setup_teardown(narrow_values, setup, teardown),
        cmocka_unit_test_setup_teardown(rotations, setup, teardown),
        cmocka_unit_test_setup_teardown(divisions, setup, teardown),
        cmocka_unit_test_setup_teardown(conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(constants_fold_exactly, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
