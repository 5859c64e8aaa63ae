/* SPDX-License-Identifier: Apache-2.0
 * test_gene.c: one source, other compilers, registers, frames and processors: the same genes. The code
 * is the output of gcc 12 and clang 14 for the C in the comments. */
#include <stdlib.h>
#include <string.h>

#include "cog_test.h"

#include "value/gene.h"

typedef struct Set {
    uint64_t at[512];
    size_t count;
} Set;

static Set genes_of_code(Arch arch, const char *code, size_t size) {
    Sample s = {.bytes = {(const uint8_t *)code, size}, .name = "test"};
    s.arena = arena_new((size_t)64 << 20);
    s.scratch = arena_new((size_t)64 << 20);
    ImageHint hint = {.force_raw = true, .arch = arch, .base = 0x10000};
    Image *image = image_from_sample(&s, &hint);
    Code *c = code_from_image(&s, image);
    Set set = {.count = 0};
    Values *v = values_for_image(s.arena, image, c, NULL);
    assert_non_null(v);
    assert_true(c->functions.count > 0);
    set.count = genes_from_values(genes_for_image(s.arena, image, c),
                                  values_from_function(v, &c->functions.at[0], s.scratch),
                                  s.scratch, set.at, 512);
    arena_free(s.arena);
    arena_free(s.scratch);
    return set;
}
#define GENES(arch, code) genes_of_code((arch), (code), sizeof(code) - 1)

static void assert_same_genes(Set a, Set b) {
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.at, b.at, a.count * sizeof *a.at);
}

static size_t count_kind(const Set *s, GeneKind kind) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += gene_kind(s->at[i]) == kind;
    return n;
}

/* unsigned next(unsigned x) { return (x * 0x343fd + 0x269ec3) >> 16; } */
static const char LCG_X64_O2[] = "\x69\xc7\xfd\x43\x03\x00\x05\xc3\x9e\x26\x00\xc1\xe8\x10\xc3";
/* push rbp; mov rbp,rsp; mov [rbp-4],edi; mov eax,[rbp-4]; imul eax,eax,..; add eax,..; shr eax,16;
 * pop rbp; ret */
static const char LCG_X64_O0[] = "\x55\x48\x89\xe5\x89\x7d\xfc\x8b\x45\xfc\x69\xc0\xfd\x43\x03\x00"
                                 "\x05\xc3\x9e\x26\x00\xc1\xe8\x10\x5d\xc3";
/* other registers, a spill */
static const char LCG_X64_ODD[] = "\x55\x48\x89\xe5\x89\x7d\xf8\x89\xf9\x69\xd1\xfd\x43\x03\x00"
                                  "\x81\xc2\xc3\x9e\x26\x00\xc1\xea\x10\x89\xd0\x5d\xc3";
/* imul eax,[esp+4],343fdh; add eax,269ec3h; shr eax,16; ret */
static const char LCG_X86_O2[] = "\x69\x44\x24\x04\xfd\x43\x03\x00\x05\xc3\x9e\x26\x00\xc1\xe8\x10"
                                 "\xc3";

static void frames_and_registers_are_no_genes(void **state) {
    (void)state;
    Set o2 = GENES(ARCH_X64, LCG_X64_O2);
    assert_true(count_kind(&o2, GENE_CONSTANT) == 2);
    assert_true(count_kind(&o2, GENE_RETURN) > 0);
    assert_same_genes(o2, GENES(ARCH_X64, LCG_X64_O0));
    assert_same_genes(o2, GENES(ARCH_X64, LCG_X64_ODD));
    assert_same_genes(o2, GENES(ARCH_X86, LCG_X86_O2));
}

static void another_constant_is_another_set(void **state) {
    (void)state;
    char other[sizeof LCG_X64_O2];
    memcpy(other, LCG_X64_O2, sizeof other);
    other[2] = 0x44;
    Set a = GENES(ARCH_X64, LCG_X64_O2), b = genes_of_code(ARCH_X64, other, sizeof other - 1);
    size_t shared = 0;
    for (size_t i = 0; i < a.count; i++)
        for (size_t k = 0; k < b.count; k++)
            shared += a.at[i] == b.at[k];
    assert_true(shared > 0);
    assert_true(shared < a.count);
}

static void genes_are_sorted_and_distinct(void **state) {
    (void)state;
    Set a = GENES(ARCH_X64, LCG_X64_O2);
    for (size_t i = 1; i < a.count; i++)
        assert_true(a.at[i - 1] < a.at[i]);
}

static void telling_constants(void **state) {
    (void)state;
    static const uint64_t dull[] = {
        0,          1,          0xff,       0x100,      0x400,      0xfff,      0xffff,
        0x80000000, 0xffffff00, 0xfffffff0, 0xffffffff, UINT64_MAX, 0x01010101, 0xfffffffffffff000};
    for (unsigned i = 0; i < sizeof dull / sizeof *dull; i++)
        assert_int_equal(constant_from_imm(dull[i]), 0);
    assert_int_equal(constant_from_imm(0x9e3779b9), 0x9e3779b9);
    assert_int_equal(constant_from_imm(0xffffffff9e3779b9), 0x9e3779b9);
    assert_int_equal(constant_from_imm(0x343fd), 0x343fd);
    assert_int_equal(constant_from_imm(0x100000001b3), 0x100000001b3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_and_registers_are_no_genes),
        cmocka_unit_test(another_constant_is_another_set),
        cmocka_unit_test(genes_are_sorted_and_distinct),
        cmocka_unit_test(telling_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
