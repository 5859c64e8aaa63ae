/* SPDX-License-Identifier: Apache-2.0
 * test_discover.c: function starts, jump tables, tails, returns and graphs on bytes made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/invariants.h"

enum { CODE_VA = 0x401000, DATA_VA = 0x500000 };

/* A little image: one code and one data segment that tests write into. */
typedef struct Bench {
    Sample s;
    uint8_t bytes[0x3000];
    Image *image;
    Code *code;
} Bench;
static Bench bench;

static Image *begin(Arch arch, Format format) {
    arena_free(bench.s.arena);
    arena_free(bench.s.scratch);
    bench = (Bench){.s = {.name = "test"}};
    memset(bench.bytes, 0xcc, 0x2000);
    bench.s.bytes = (Bytes){bench.bytes, sizeof bench.bytes};
    bench.s.arena = arena_new((size_t)64 << 20);
    bench.s.scratch = arena_new((size_t)64 << 20);
    Image *image = ARENA_NEW(bench.s.arena, Image);
    image->arch = arch;
    image->bits = arch == ARCH_X64 ? 64 : 32;
    image->format = format;
    image->segments.max = image->ranges.max = image->relocs.max = image->imports.max =
        image->exports.max = image->starts.max = image->symbols.max = 64;
    *VEC_ADD(bench.s.arena, &image->segments) = (Segment){
        .va = CODE_VA, .va_size = 0x2000, .file = {bench.bytes, 0x2000}, .perms = PERM_R | PERM_X};
    *VEC_ADD(bench.s.arena, &image->segments) = (Segment){.va = DATA_VA,
                                                          .va_size = 0x1000,
                                                          .off = 0x2000,
                                                          .file = {bench.bytes + 0x2000, 0x1000},
                                                          .perms = PERM_R};
    image->entry = CODE_VA;
    image->has_entry = true;
    bench.image = image;
    return image;
}

static unsigned digit(char c) { return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10); }

/* Hexadecimal bytes, spaces do not count, at an offset of the code (or of 0x2000: the data). */
static size_t put(size_t off, const char *hex) {
    for (const char *p = hex; *p; p++) {
        if (*p == ' ')
            continue;
        bench.bytes[off++] = (uint8_t)(digit(p[0]) << 4 | digit(p[1]));
        p++;
    }
    return off;
}

static void put_u32(size_t off, uint64_t v) {
    uint32_t word = (uint32_t)v;
    memcpy(bench.bytes + off, &word, 4);
}

static void put_u64(size_t off, uint64_t v) { memcpy(bench.bytes + off, &v, 8); }

static void run(void) {
    bench.code = code_from_image(&bench.s, bench.image);
    check_code(bench.code, bench.image);
}

static const Function *function_at(size_t off) {
    return code_find_function(bench.code, CODE_VA + off);
}

static const Block *block_at(const Function *f, size_t off) {
    for (uint32_t i = 0; f && i < f->block_count; i++)
        if (bench.code->blocks.at[f->first_block + i].va == CODE_VA + off)
            return &bench.code->blocks.at[f->first_block + i];
    return NULL;
}

static void range_add(size_t off, size_t size, bool is_fragment) {
    *VEC_ADD(bench.s.arena, &bench.image->ranges) =
        (Range){.va = CODE_VA + off, .size = size, .is_fragment = is_fragment};
}

static void test_calls_and_padding(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    put(0, "55 8bec e8f8000000 5d c3"); /* call 0x100 */
    put(0x100, "33c0 c3");
    run();
    const Function *f = function_at(0), *g = function_at(0x100);
    assert_non_null(f);
    assert_non_null(g);
    assert_int_equal(f->source, FROM_ENTRY);
    assert_int_equal(g->source, FROM_CALL);
    assert_int_equal(f->block_count, 1);
    assert_int_equal(f->instruction_count, 5);
    assert_int_equal(f->call_count, 1);
    assert_int_equal(bench.code->calls.at[f->first_call].callee, g - bench.code->functions.at + 1);
    assert_true(g->flags & FUNCTION_LEAF);
    assert_int_equal(bench.code->functions.count, 2);
    assert_int_equal(bench.code->bytes_executable, 0x2000);
    assert_int_equal(bench.code->bytes_recovered, 13);
    assert_int_equal(bench.code->bytes_padding, 0x2000 - 13);
}

static void test_loops(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    /* for i: for j: two natural loops, heads at 4 and 6. */
    put(0, "31c9 31d2 41 90 42 83fa05 7cfa 83f905 7cf3 c3");
    run();
    const Function *f = function_at(0);
    assert_int_equal(f->loop_count, 2);
    assert_true(f->flags & FUNCTION_LOOP);
    assert_int_equal(block_at(f, 6)->is_loop_head, 1);
    assert_int_equal(block_at(f, 0)->is_loop_head, 0);
    assert_int_equal(block_at(f, 6)->successor_count, 2);
}

static void check_targets(const Function *f, size_t jump_block, const size_t *targets,
                          size_t count) {
    const Block *b = block_at(f, jump_block);
    assert_non_null(b);
    assert_int_equal(b->successor_count, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t to = bench.code->successors.at[b->first_successor + i];
        assert_int_equal(bench.code->blocks.at[f->first_block + to].va, CODE_VA + targets[i]);
    }
}

static const size_t four[] = {0x40, 0x48, 0x50, 0x58};

static void put_cases(void) {
    for (size_t i = 0; i < 4; i++)
        put(four[i], "b801000000 c3");
}

static void test_table_absolute_x86(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    put(0, "8b442404 83f803 7707 ff248500005000 33c0 c3"); /* jmp [eax*4+0x500000] */
    put_cases();
    for (size_t i = 0; i < 4; i++)
        put_u32(0x2000 + 4 * i, CODE_VA + four[i]);
    put_u32(0x2010, CODE_VA + 0x300); /* behind the bound: not its */
    run();
    check_targets(function_at(0), 9, four, 4);
    assert_int_equal(bench.code->functions.count, 1);
}

static void test_table_bytes_x86(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    /* movzx eax,[eax+0x401080]; jmp [eax*4+0x401060]: both tables in the code, as MSVC does */
    put(0, "83f807 770e 0fb68080104000 ff248560104000 33c0 c3");
    put_cases();
    for (size_t i = 0; i < 4; i++)
        put_u32(0x60 + 4 * i, CODE_VA + four[i]);
    put(0x80, "0001020300010203");
    run();
    check_targets(function_at(0), 5, four, 4);
    assert_int_equal(bench.code->functions.count, 1);
}

static void test_table_relative_x64(void **state) {
    (void)state;
    begin(ARCH_X64, FORMAT_ELF);
    bench.image->is_position_independent = true;
    /* gcc: lea rdx,[rip+T]; movsxd rax,[rdx+rdi*4]; add rax,rdx; notrack jmp rax */
    put(0, "83ff03 7713 488d15 f4ef0f00 486304ba 4801d0 3effe0 90 90 31c0 c3");
    put_u32(8, DATA_VA - (CODE_VA + 12));
    put_cases();
    for (size_t i = 0; i < 4; i++)
        put_u32(0x2000 + 4 * i, CODE_VA + four[i] - DATA_VA);
    run();
    check_targets(function_at(0), 5, four, 4);
}

static void test_table_image_relative_x64(void **state) {
    (void)state;
    begin(ARCH_X64, FORMAT_PE);
    /* MSVC: lea rdx,[image base]; mov ecx,[rdx+rax*4+rva]; add rcx,rdx; jmp rcx */
    put(0, "83f803 7714 488d1500000000 8b8c8200000000 4803ca ffe1 90 33c0 c3");
    put_u32(8, (uint64_t)0 - 12); /* the base is the start of the code here */
    put_u32(15, DATA_VA - CODE_VA);
    put_cases();
    for (size_t i = 0; i < 4; i++)
        put_u32(0x2000 + 4 * i, four[i]);
    run();
    check_targets(function_at(0), 5, four, 4);
}

static void test_table_pointers_x64(void **state) {
    (void)state;
    begin(ARCH_X64, FORMAT_ELF);
    put(0, "83ff03 7708 ff24fd00005000 90 31c0 c3"); /* jmp [rdi*8+0x500000] */
    put_cases();
    for (size_t i = 0; i < 4; i++)
        put_u64(0x2000 + 8 * i, CODE_VA + four[i]);
    run();
    check_targets(function_at(0), 5, four, 4);
}

static void test_table_got_x86(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_ELF);
    bench.image->is_position_independent = true;
    /* call thunk; add ebx,GOT; cmp; ja; mov eax,[ebx+eax*4+T@GOTOFF]; add eax,ebx; jmp eax */
    put(0, "e8fb000000 81c300000000 83f803 770b 8b848300000000 01d8 ffe0 31c0 c3");
    put(0x100, "8b1c24 c3");
    put_u32(7, DATA_VA + 0x100 - (CODE_VA + 5));
    put_u32(19, (uint64_t)0 - 0x100);
    put_cases();
    for (size_t i = 0; i < 4; i++)
        put_u32(0x2000 + 4 * i, CODE_VA + four[i] - (DATA_VA + 0x100));
    run();
    check_targets(function_at(0), 16, four, 4);
}

/* Base kept on the stack, index masked, no compare: -Os interpreters. */
static void test_table_far_base(void **state) {
    (void)state;
    begin(ARCH_X64, FORMAT_ELF);
    bench.image->is_position_independent = true;
    put(0, "488d0500000000 488945f0 e8f0000000 488b55f0 83e103 486304 8a 4801d0 ffe0");
    put_u32(3, DATA_VA - (CODE_VA + 7));
    put(0x100, "c3");
    put_cases();
    for (size_t i = 0; i < 4; i++)
        put_u32(0x2000 + 4 * i, CODE_VA + four[i] - DATA_VA);
    run();
    check_targets(function_at(0), 0, four, 4);
}

static void test_no_return(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    *VEC_ADD(bench.s.arena, &bench.image->imports) =
        (Import){.module = "kernel32.dll", .name = "ExitProcess", .slot_va = DATA_VA};
    /* 0: calls 0x100; 0x100: calls 0x200; 0x200: call [ExitProcess]. What stands behind is data. */
    put(0, "e8fb000000 06 06");
    put(0x100, "e8fb000000 06 06");
    put(0x200, "6a00 ff1500005000 06 06");
    run();
    assert_true(function_at(0)->flags & FUNCTION_NO_RETURN);
    assert_true(function_at(0x200)->flags & FUNCTION_NO_RETURN);
    assert_int_equal(function_at(0)->size, 5);
    assert_int_equal(function_at(0x200)->size, 8);
    assert_int_equal(bench.code->calls.at[function_at(0x200)->first_call].import, 1);
}

static void test_returns_late(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    /* Each calls the other before it can return: what waits is released by the other path. */
    put(0, "85c0 7406 e8f7000000 90 c3");
    put(0x100, "e8fbfeffff 40 c3");
    run();
    assert_false(function_at(0)->flags & FUNCTION_NO_RETURN);
    assert_false(function_at(0x100)->flags & FUNCTION_NO_RETURN);
    assert_int_equal(function_at(0x100)->size, 7);
    assert_int_equal(function_at(0)->block_count, 3);
}

static void test_tail_calls(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    put(0, "e8fb000000 e9f6010000"); /* call 0x100; jmp 0x200 */
    put(0x100, "33c0 c3");
    put(0x200, "b805000000 c3");
    run();
    const Function *f = function_at(0), *g = function_at(0x200);
    assert_non_null(g);
    assert_int_equal(g->source, FROM_TAIL_CALL);
    assert_int_equal(f->call_count, 2);
    const Call *tail = &bench.code->calls.at[f->first_call + 1];
    assert_true(tail->is_tail);
    assert_int_equal(tail->target_va, CODE_VA + 0x200);
    assert_int_equal(f->block_count, 1);
}

static void test_thunks_and_imports(void **state) {
    (void)state;
    begin(ARCH_X64, FORMAT_PE);
    *VEC_ADD(bench.s.arena, &bench.image->imports) =
        (Import){.module = "user32.dll", .name = "MessageBoxW", .slot_va = DATA_VA + 8};
    put(0, "4883ec28 e8f7000000 ff1500000000 4883c428 c3"); /* call 0x100; call [slot] */
    put_u32(11, DATA_VA + 8 - (CODE_VA + 15));
    put(0x100, "e9fb000000");   /* jmp 0x200 */
    put(0x200, "ff2500000000"); /* jmp [slot] */
    put_u32(0x202, DATA_VA + 8 - (CODE_VA + 0x206));
    run();
    assert_true(function_at(0x200)->flags & FUNCTION_STUB);
    assert_int_equal(function_at(0x200)->import, 1);
    assert_true(function_at(0x100)->flags & FUNCTION_THUNK);
    assert_int_equal(function_at(0x100)->target_va, CODE_VA + 0x200);
    const Function *f = function_at(0);
    assert_int_equal(f->call_count, 2);
    assert_int_equal(bench.code->calls.at[f->first_call].import, 1); /* through two thunks */
    assert_int_equal(bench.code->calls.at[f->first_call + 1].import, 1);
}

static void test_ranges(void **state) {
    (void)state;
    begin(ARCH_X64, FORMAT_PE);
    range_add(0, 0x20, false);
    range_add(0x40, 0x10, false);
    range_add(0x80, 0x10, true);
    /* je 0x80 (cold part); call into the middle of 0x40's range: refused as a start */
    put(0, "4883ec28 747a e840000000 4883c428 c3");
    put(0x10, "b801000000 c3"); /* inside the range, no path leads here: a landing pad */
    put(0x40, "4883ec28 33c0 90 4883c428 c3");
    put(0x80, "b802000000 e981ffffff"); /* jmp back to 0xb */
    run();
    const Function *f = function_at(0);
    assert_non_null(f);
    assert_non_null(block_at(f, 0x80));
    assert_non_null(block_at(f, 0x10));
    assert_non_null(block_at(f, 0x0b));
    assert_null(function_at(0x80));
    assert_null(function_at(0x4b));
    assert_int_equal(bench.code->functions.count, 2);
    assert_int_equal(f->end, CODE_VA + 0x16);
}

static void test_pointers(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    put(0, "6800114000 c3"); /* push 0x401100, relocated */
    put(0x100, "558bec 5d c3");
    put(0x200, "b800114000 c3");
    put_u32(0x2000, CODE_VA + 0x200);
    *VEC_ADD(bench.s.arena, &bench.image->relocs) = (Reloc){CODE_VA + 1, CODE_VA + 0x100};
    *VEC_ADD(bench.s.arena, &bench.image->relocs) = (Reloc){DATA_VA, CODE_VA + 0x200};
    run();
    assert_int_equal(function_at(0x100)->source, FROM_POINTER);
    assert_int_equal(function_at(0x200)->source, FROM_POINTER);
    /* What the loader does not adjust is a number: mov eax,0x401100 at 0x200 is no reference. */
    assert_int_equal(bench.code->refs.count, 1);
    assert_int_equal(bench.code->refs.at[0].to_va, CODE_VA + 0x100);
}

static void test_gaps(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    put(0, "33c0 c3");
    put(0x10, "558bec 83ec10 33c0 c9 c3");
    put(0x20, "8b442404 40 c3");
    put(0x30, "6e6f7420636f64652c2062757420746578742e00"); /* text */
    run();
    assert_int_equal(function_at(0x10)->source, FROM_PROLOGUE);
    assert_int_equal(function_at(0x20)->source, FROM_GAP);
    assert_null(function_at(0x30));
}

/* A packed section: random bytes are not combed for functions. */
static void test_noise(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    uint64_t x = 1;
    for (size_t i = 0; i < 0x2000; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        bench.bytes[i] = (uint8_t)(x >> 56);
    }
    put(0, "33c0 c3");
    put(0x1f00, "558bec 5d c3 cccc"); /* less than a window from the end */
    run();
    assert_true(bench.code->functions.count < 20);
    assert_non_null(function_at(0));
}

static void test_overlap(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    /* eb ff: a jump into its own second byte (ff c0: inc eax) */
    put(0, "ebff c0 c3");
    put(0x40, "eb01 b8 eb00 c3"); /* hides jmp+0 behind b8 */
    *VEC_ADD(bench.s.arena, &bench.image->exports) =
        (Export){.name = "b", .va = CODE_VA + 0x40, .is_code = true};
    run();
    assert_non_null(function_at(0));
    assert_string_equal(function_at(0x40)->name, "b");
}

static void test_call_pop_and_hot_patch(void **state) {
    (void)state;
    begin(ARCH_X86, FORMAT_PE);
    put(0, "e800000000 5b e8f5000000 c3"); /* call $+5; pop ebx; call 0x100 */
    put(0x100, "8bff 558bec 5d c3");
    run();
    assert_int_equal(bench.code->functions.count, 2);
    assert_int_equal(function_at(0)->block_count, 1);
    assert_non_null(function_at(0x100));
}

static void test_go(void **state) {
    (void)state;
    begin(ARCH_X64, FORMAT_ELF);
    for (size_t i = 0; i < 32; i++)
        put(0x20 * i, "493b6610 7601 c3 c3"); /* stack check */
    /* Go 1.20: header, textStart, offsets; 32 rows, names in one blob */
    put(0x2000, "f1ffffff 0000 01 08");
    put_u64(0x2008, 32);
    put_u64(0x2018, CODE_VA);
    put_u64(0x2020, 0x60);         /* names */
    put_u64(0x2040, 0x100);        /* functab */
    put(0x2060, "6d61696e2e6100"); /* main.a */
    for (size_t i = 0; i < 32; i++) {
        put_u32(0x2100 + 8 * i, 0x20 * i);
        put_u32(0x2104 + 8 * i, 0x200 + 8 * i); /* func: entry, name offset */
        put_u32(0x2300 + 8 * i, 0x20 * i);
    }
    put_u32(0x2200, 0x20 * 32);
    run();
    const Function *f = function_at(0x20 * 31);
    assert_non_null(f);
    assert_int_equal(f->source, FROM_GOPCLNTAB);
    assert_string_equal(f->name, "main.a");
    assert_int_equal(bench.code->functions.count, 32);
}

/* Time is bounded and nothing breaks on the worst that we could think of. */
static void test_hostile(void **state) {
    (void)state;
    static const char *const patterns[] = {"e800000000",
                                           "eb00",
                                           "7400",
                                           "ff248500104000",
                                           "83f87f77f2ff248500104000",
                                           "e9fbffffff",
                                           "e8f5efffff",
                                           "00",
                                           "0f",
                                           "c3",
                                           "74fe75fc",
                                           "488d05f9ffffffffe0"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        begin(i & 1 ? ARCH_X64 : ARCH_X86, FORMAT_ELF);
        size_t length = strlen(patterns[i]) / 2;
        for (size_t off = 0; off + length <= 0x2000; off += length)
            put(off, patterns[i]);
        for (size_t off = 0x2000; off < 0x3000; off += 4)
            put_u32(off, CODE_VA + off % 0x1fff);
        run();
    }
}

static void test_nothing(void **state) {
    (void)state;
    begin(ARCH_MIPS, FORMAT_ELF);
    run();
    assert_null(bench.code->decoder);
    assert_int_equal(bench.code->functions.count, 0);
    begin(ARCH_X64, FORMAT_ELF);
    bench.image->segments.count = 0;
    run();
    assert_int_equal(bench.code->functions.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_and_padding),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_table_absolute_x86),
        cmocka_unit_test(test_table_bytes_x86),
        cmocka_unit_test(test_table_relative_x64),
        cmocka_unit_test(test_table_image_relative_x64),
        cmocka_unit_test(test_table_pointers_x64),
        cmocka_unit_test(test_table_got_x86),
        cmocka_unit_test(test_table_far_base),
        cmocka_unit_test(test_no_return),
        cmocka_unit_test(test_returns_late),
        cmocka_unit_test(test_tail_calls),
        cmocka_unit_test(test_thunks_and_imports),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_call_pop_and_hot_patch),
        cmocka_unit_test(test_go),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_nothing),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(bench.s.arena);
    arena_free(bench.s.scratch);
    return failed;
}
