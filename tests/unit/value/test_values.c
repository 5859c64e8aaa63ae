/* SPDX-License-Identifier: Apache-2.0
 * test_values.c: whole functions: divisions by multiplication, stack slots, what callers know of
 * callees, jump tables; the same value whatever compiler made the code. Code is the output of
 * gcc 12 and clang 14 for the C in the comments, linked at 0x10000. */
#include <stdlib.h>
#include <string.h>

#include "cog_test.h"

#include "value/value.h"

typedef struct World {
    Sample s;
    Image *image;
    Code *code;
    Values *values;
} World;

static World *world_of(Arch arch, const char *bytes, size_t size) {
    World *w = calloc(1, sizeof *w);
    w->s = (Sample){.bytes = {(const uint8_t *)bytes, size}, .name = "test"};
    w->s.arena = arena_new((size_t)64 << 20);
    w->s.scratch = arena_new((size_t)64 << 20);
    ImageHint hint = {.force_raw = true, .arch = arch, .base = 0x10000};
    w->image = image_from_sample(&w->s, &hint);
    w->code = code_from_image(&w->s, w->image);
    w->values = values_for_image(w->s.arena, w->image, w->code, NULL);
    assert_non_null(w->values);
    return w;
}

static void world_free(World *w) {
    arena_free(w->s.arena);
    arena_free(w->s.scratch);
    free(w);
}

static const ValueFunction *function_at(World *w, uint64_t va) {
    const Function *f = code_find_function(w->code, va);
    assert_non_null(f);
    return values_from_function(w->values, f, w->s.arena);
}

static const Effect *effect_of(const ValueFunction *f, EffectKind kind) {
    for (size_t i = 0; i < f->effects.count; i++)
        if (f->effects.at[i].kind == kind)
            return &f->effects.at[i];
    return NULL;
}

static size_t count_effects(const ValueFunction *f, EffectKind kind) {
    size_t n = 0;
    for (size_t i = 0; i < f->effects.count; i++)
        n += f->effects.at[i].kind == kind;
    return n;
}

static const Node *node_of(const ValueFunction *f, Value v) {
    return graph_at(&f->graph, graph_resolve(&f->graph, v));
}

static const Node *result_of(const ValueFunction *f) {
    const Effect *e = effect_of(f, EFFECT_RETURN);
    assert_non_null(e);
    return node_of(f, e->a);
}

static void assert_arg(const ValueFunction *f, Value v, uint64_t number) {
    const Node *n = node_of(f, v);
    assert_int_equal(n->kind, VALUE_ARG);
    assert_int_equal(n->imm, number);
}

typedef struct Spelling {
    Arch arch;
    const char *code;
    size_t size;
} Spelling;
#define X64(code)                                                                                  \
    { ARCH_X64, code, sizeof code - 1 }
#define A64(code)                                                                                  \
    { ARCH_ARM64, code, sizeof code - 1 }

static void assert_divides(const Spelling *s, size_t count, unsigned kind, uint64_t by) {
    for (size_t i = 0; i < count; i++) {
        World *w = world_of(s[i].arch, s[i].code, s[i].size);
        const ValueFunction *f = function_at(w, 0x10000);
        const Node *n = result_of(f);
        if (n->kind != kind)
            print_error("spelling %zu: %s\n", i, ir_kind_name((IrKind)n->kind));
        assert_int_equal(n->kind, kind);
        assert_arg(f, n->in[0], 0);
        assert_true(graph_is_number(&f->graph, n->in[1], by));
        world_free(w);
    }
}

/* unsigned f(unsigned x) { return x / 10; }: gcc -O2, -Os, -O0, clang -O2, gcc for AArch64 */
static void division_by_ten(void **state) {
    (void)state;
    static const Spelling s[] = {
        X64("\x89\xf8\xba\xcd\xcc\xcc\xcc\x48\x0f\xaf\xc2\x48\xc1\xe8\x23\xc3"),
        X64("\x89\xf8\xb9\x0a\x00\x00\x00\x31\xd2\xf7\xf1\xc3"),
        X64("\x55\x48\x89\xe5\x89\x7d\xfc\x8b\x45\xfc\x89\xc2\xb8\xcd\xcc\xcc\xcc\x48\x0f\xaf\xc2"
            "\x48\xc1\xe8\x20\xc1\xe8\x03\x5d\xc3"),
        X64("\x89\xf9\xb8\xcd\xcc\xcc\xcc\x48\x0f\xaf\xc1\x48\xc1\xe8\x23\xc3"),
        A64("\xa1\x99\x99\x52\x81\x99\xb9\x72\x00\x7c\xa1\x9b\x00\xfc\x63\xd3\xc0\x03\x5f\xd6")};
    assert_divides(s, sizeof s / sizeof *s, IR_UDIV, 10);
}

/* unsigned f(unsigned x) { return x / 7; }: the factor has one bit more than fits */
static void division_by_seven(void **state) {
    (void)state;
    static const Spelling s[] = {
        X64("\x89\xf8\x48\x69\xc0\x25\x49\x92\x24\x48\xc1\xe8\x20\x29\xc7\xd1\xef\x01\xf8\xc1\xe8"
            "\x02\xc3"),
        X64("\x89\xf8\xb9\x07\x00\x00\x00\x31\xd2\xf7\xf1\xc3"),
        X64("\x55\x48\x89\xe5\x89\x7d\xfc\x8b\x55\xfc\x89\xd0\x48\x69\xc0\x25\x49\x92\x24\x48\xc1"
            "\xe8\x20\x29\xc2\xd1\xea\x01\xd0\xc1\xe8\x02\x5d\xc3"),
        A64("\xa1\x24\x89\x52\x41\x92\xa4\x72\x01\x7c\xa1\x9b\x21\xfc\x60\xd3\x00\x00\x01\x4b\x20"
            "\x04\x40\x0b\x00\x7c\x02\x53\xc0\x03\x5f\xd6")};
    assert_divides(s, sizeof s / sizeof *s, IR_UDIV, 7);
}

/* int f(int x) { return x / 7; } */
static void signed_division(void **state) {
    (void)state;
    static const Spelling s[] = {
        X64("\x48\x63\xc7\x48\x69\xc0\x93\x24\x49\x92\x48\xc1\xe8\x20\x01\xf8\xc1\xff\x1f\xc1\xf8"
            "\x02\x29\xf8\xc3"),
        X64("\x89\xf8\xb9\x07\x00\x00\x00\x99\xf7\xf9\xc3"),
        X64("\x55\x48\x89\xe5\x89\x7d\xfc\x8b\x45\xfc\x48\x63\xd0\x48\x69\xd2\x93\x24\x49\x92\x48"
            "\xc1\xea\x20\x01\xc2\xc1\xfa\x02\xc1\xf8\x1f\x29\xc2\x89\xd0\x5d\xc3")};
    assert_divides(s, sizeof s / sizeof *s, IR_SDIV, 7);
}

/* unsigned f(unsigned x) { return x % 10; } */
static void remainder_of_division(void **state) {
    (void)state;
    static const Spelling s[] = {
        X64("\x89\xf8\xba\xcd\xcc\xcc\xcc\x48\x0f\xaf\xc2\x48\xc1\xe8\x23\x8d\x14\x80\x89\xf8\x01"
            "\xd2\x29\xd0\xc3"),
        X64("\x89\xf8\xb9\x0a\x00\x00\x00\x31\xd2\xf7\xf1\x89\xd0\xc3"),
        X64("\x89\xf8\x89\xf9\xba\xcd\xcc\xcc\xcc\x48\x0f\xaf\xd1\x48\xc1\xea\x23\x01\xd2\x8d\x0c"
            "\x92\x29\xc8\xc3"),
        A64("\xa1\x99\x99\x52\x81\x99\xb9\x72\x01\x7c\xa1\x9b\x21\xfc\x63\xd3\x21\x08\x01\x0b\x00"
            "\x04\x01\x4b\xc0\x03\x5f\xd6")};
    assert_divides(s, sizeof s / sizeof *s, IR_UREM, 10);
}

/* int f(int a, int b) { int t = a + b; int u = t * 3; return u ^ a; } at -O0: five slots, and none
 * of them is memory. */
static void locals_are_variables(void **state) {
    (void)state;
    static const char code[] =
        "\x55\x48\x89\xe5\x89\x7d\xec\x89\x75\xe8\x8b\x55\xec\x8b\x45\xe8\x01\xd0\x89\x45\xfc\x8b"
        "\x55\xfc\x89\xd0\x01\xc0\x01\xd0\x89\x45\xf8\x8b\x45\xf8\x33\x45\xec\x5d\xc3";
    World *w = world_of(ARCH_X64, code, sizeof code - 1);
    const ValueFunction *f = function_at(w, 0x10000);
    assert_int_equal(count_effects(f, EFFECT_STORE), 0);
    const Node *n = result_of(f);
    assert_int_equal(n->kind, IR_XOR);
    bool first = node_of(f, n->in[0])->kind == VALUE_ARG;
    assert_arg(f, n->in[first ? 0 : 1], 0);
    assert_int_equal(node_of(f, n->in[first ? 1 : 0])->kind, IR_MUL);
    world_free(w);
}

/* void g(int *p) { *p += 5; } int f(int a) { int t = a; g(&t); return t; }: t is memory. */
static void a_slot_whose_address_gets_out_is_memory(void **state) {
    (void)state;
    static const char code[] =
        "\x48\x83\xec\x18\x89\x7c\x24\x0c\x48\x8d\x7c\x24\x0c\xe8\x0e\x00\x00\x00\x8b\x44\x24\x0c"
        "\x48\x83\xc4\x18\xc3\x0f\x1f\x44\x00\x00\x83\x07\x05\xc3";
    World *w = world_of(ARCH_X64, code, sizeof code - 1);
    const ValueFunction *f = function_at(w, 0x10000);
    const Effect *store = effect_of(f, EFFECT_STORE), *call = effect_of(f, EFFECT_CALL);
    assert_non_null(store);
    assert_arg(f, store->b, 0);
    assert_non_null(call);
    assert_int_equal(call->arg_count, 1);
    assert_int_equal(f->args.at[call->first_arg], store->a);
    assert_int_equal(result_of(f)->kind, IR_LOAD); /* not the argument that was stored */
    world_free(w);
}

/* int g(int a, int b) { return a * b - a; } int f(int x) { return g(x, 7) + 1; } */
static void callers_know_what_callees_read(void **state) {
    (void)state;
    static const struct {
        Arch arch;
        uint64_t f, g;
        const char *code;
        size_t size;
    } s[] = {
        {ARCH_X64, 0x10000, 0x10020,
         "\x48\x83\xec\x08\xbe\x07\x00\x00\x00\xe8\x12\x00\x00\x00\x48\x83\xc4\x08\x83\xc0\x01\xc3"
         "\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00\x89\xf0\x0f\xaf\xc7\x29\xf8\xc3",
         40},
        {ARCH_X64, 0x10000, 0x1001f,
         "\x55\x48\x89\xe5\x48\x83\xec\x10\x89\x7d\xfc\x8b\x45\xfc\xbe\x07\x00\x00\x00\x89\xc7\xe8"
         "\x05\x00\x00\x00\x83\xc0\x01\xc9\xc3\x55\x48\x89\xe5\x89\x7d\xfc\x89\x75\xf8\x8b\x45\xfc"
         "\x0f\xaf\x45\xf8\x2b\x45\xfc\x5d\xc3",
         53},
        {ARCH_X64, 0x10000, 0x10010,
         "\x50\xbe\x07\x00\x00\x00\xe8\x05\x00\x00\x00\x83\xc0\x01\x59\xc3\x89\xf0\x0f\xaf\xc7\x29"
         "\xf8\xc3",
         24}};
    for (size_t i = 0; i < sizeof s / sizeof *s; i++)
        for (unsigned callee_first = 0; callee_first < 2; callee_first++) {
            World *w = world_of(s[i].arch, s[i].code, s[i].size);
            if (callee_first)
                (void)function_at(w, s[i].g);
            const ValueFunction *f = function_at(w, s[i].f);
            const Effect *call = effect_of(f, EFFECT_CALL);
            assert_non_null(call);
            assert_int_equal(w->code->functions.at[call->callee - 1].va, s[i].g);
            assert_int_equal(call->arg_count, 2);
            assert_arg(f, f->args.at[call->first_arg], 0);
            assert_true(graph_is_number(&f->graph, f->args.at[call->first_arg + 1], 7));
            const Node *n = result_of(f); /* what the call gave, + 1 */
            assert_int_equal(n->kind, IR_ADD);
            assert_int_equal(node_of(f, n->in[0])->kind, VALUE_RESULT);
            world_free(w);
        }
}

/* cmp edi, 3; ja; jmp [rdi * 8 + table]: one bound, one switch, five results */
static void a_jump_table_is_a_switch(void **state) {
    (void)state;
    static const char code[] =
        "\x83\xff\x03\x77\x21\x89\xff\xff\x24\xfd\x30\x00\x01\x00\xb8\x0b\x00\x00\x00\xc3\xb8\x16"
        "\x00\x00\x00\xc3\xb8\x21\x00\x00\x00\xc3\xb8\x2c\x00\x00\x00\xc3\x31\xc0\xc3\x0f\x1f\x80"
        "\x00\x00\x00\x00\x0e\x00\x01\x00\x00\x00\x00\x00\x14\x00\x01\x00\x00\x00\x00\x00\x1a\x00"
        "\x01\x00\x00\x00\x00\x00\x20\x00\x01\x00\x00\x00\x00\x00";
    World *w = world_of(ARCH_X64, code, sizeof code - 1);
    const ValueFunction *f = function_at(w, 0x10000);
    assert_int_equal(count_effects(f, EFFECT_BRANCH), 1);
    assert_int_equal(count_effects(f, EFFECT_SWITCH), 1);
    assert_int_equal(count_effects(f, EFFECT_RETURN), 5);
    world_free(w);
}

/* The same values whether instructions come decoded or are decoded here. */
static void decoded_instructions_change_nothing(void **state) {
    (void)state;
    static const char code[] =
        "\x83\xff\x03\x77\x21\x89\xff\xff\x24\xfd\x30\x00\x01\x00\xb8\x0b\x00\x00\x00\xc3\xb8\x16"
        "\x00\x00\x00\xc3\xb8\x21\x00\x00\x00\xc3\xb8\x2c\x00\x00\x00\xc3\x31\xc0\xc3\x0f\x1f\x80"
        "\x00\x00\x00\x00\x0e\x00\x01\x00\x00\x00\x00\x00\x14\x00\x01\x00\x00\x00\x00\x00\x1a\x00"
        "\x01\x00\x00\x00\x00\x00\x20\x00\x01\x00\x00\x00\x00\x00";
    World *w = world_of(ARCH_X64, code, sizeof code - 1);
    const Function *f = &w->code->functions.at[0];
    Insn insns[64];
    size_t count = 0;
    for (uint32_t b = 0; b < f->block_count; b++)
        count += code_decode_block(w->code, w->image, &w->code->blocks.at[f->first_block + b],
                                   insns + count, 64 - count);
    const ValueFunction *plain = values_from_function(w->values, f, w->s.arena);
    for (size_t n = 0; n <= count; n++) { /* also when they end early */
        const ValueFunction *given = values_from_insns(w->values, f, insns, n, w->s.arena);
        assert_int_equal(given->graph.count, plain->graph.count);
        for (uint32_t i = 0; i < plain->graph.count; i++)
            assert_memory_equal(&given->graph.nodes[i], &plain->graph.nodes[i],
                                offsetof(Node, flags));
        assert_int_equal(given->effects.count, plain->effects.count);
    }
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division_by_ten),
        cmocka_unit_test(division_by_seven),
        cmocka_unit_test(signed_division),
        cmocka_unit_test(remainder_of_division),
        cmocka_unit_test(locals_are_variables),
        cmocka_unit_test(a_slot_whose_address_gets_out_is_memory),
        cmocka_unit_test(callers_know_what_callees_read),
        cmocka_unit_test(a_jump_table_is_a_switch),
        cmocka_unit_test(decoded_instructions_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
