/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "emulate/process.h"

enum { BASE = 0x400000, IAT = 0x401800 };

static Arena *arena;

static int start(void **state) {
    (void)state;
    arena = arena_new((size_t)512 << 20);
    return arena == NULL;
}

static int stop(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static uint8_t file[0x2000];

static Image *image_of(Arch arch, Format format, const char *code, size_t size) {
    memset(file, 0, sizeof file);
    memcpy(file + 0x1000, code, size);
    Image *image = ARENA_NEW(arena, Image);
    image->arch = arch;
    image->bits = arch == ARCH_X64 || arch == ARCH_ARM64 ? 64 : 32;
    image->format = format;
    image->base = BASE;
    image->segments.max = 1;
    image->imports.max = 8;
    *VEC_ADD(arena, &image->segments) = (Segment){
        .va = BASE, .va_size = sizeof file, .file = {file, sizeof file}, .perms = PERM_R | PERM_X};
    return image;
}

static Process *process_of(Image *image) {
    Code *code = ARENA_NEW(arena, Code);
    code->decoder = decoder_for_image(arena, image);
    Process *p = process_from_image(arena, image, code);
    assert_non_null(p);
    return p;
}
#define PROCESS(arch, format, code) process_of(image_of(arch, format, code, sizeof(code) - 1))

static void add_import(Image *image, const char *module, const char *name, uint64_t slot) {
    *VEC_ADD(arena, &image->imports) = (Import){.module = module, .name = name, .slot_va = slot};
}

static void test_conventions(void **state) {
    (void)state;
    const uint64_t args[] = {7, 5};
    /* first - second */
    Process *p = PROCESS(ARCH_X86, FORMAT_PE, "\x8b\x44\x24\x04\x2b\x44\x24\x08\xc3");
    ProcessEnd end = process_call(p, BASE + 0x1000, args, 2, 100);
    assert_int_equal(end.why, PROCESS_RETURNED);
    assert_int_equal(end.result, 2);
    assert_int_equal(end.steps, 3);
    p = PROCESS(ARCH_X64, FORMAT_PE, "\x48\x89\xc8\x48\x29\xd0\xc3"); /* rcx - rdx */
    assert_int_equal(process_call(p, BASE + 0x1000, args, 2, 100).result, 2);
    p = PROCESS(ARCH_X64, FORMAT_ELF, "\x48\x89\xf8\x48\x29\xf0\xc3"); /* rdi - rsi */
    assert_int_equal(process_call(p, BASE + 0x1000, args, 2, 100).result, 2);
    p = PROCESS(ARCH_ARM64, FORMAT_ELF, "\x00\x00\x01\xcb\xc0\x03\x5f\xd6"); /* sub x0, x0, x1 */
    assert_int_equal(process_call(p, BASE + 0x1000, args, 2, 100).result, 2);
    p = PROCESS(ARCH_ARM, FORMAT_ELF, "\x01\x00\x40\xe0\x1e\xff\x2f\xe1"); /* sub r0, r0, r1 */
    assert_int_equal(process_call(p, BASE + 0x1000, args, 2, 100).result, 2);
    /* fastcall, when it is said: ecx - edx */
    p = PROCESS(ARCH_X86, FORMAT_PE, "\x89\xc8\x29\xd0\xc3");
    p->convention = CONVENTION_FASTCALL;
    assert_int_equal(process_call(p, BASE + 0x1000, args, 2, 100).result, 2);
}

static void test_stack_args(void **state) {
    (void)state;
    const uint64_t args[] = {1, 2, 3, 4, 50, 60};
    /* mov rax, [rsp+0x30]; ret: the sixth argument of Win64 */
    Process *p = PROCESS(ARCH_X64, FORMAT_PE, "\x48\x8b\x44\x24\x30\xc3");
    assert_int_equal(process_call(p, BASE + 0x1000, args, 6, 100).result, 60);
}

static void test_ends(void **state) {
    (void)state;
    Process *p = PROCESS(ARCH_X86, FORMAT_PE, "\xeb\xfe"); /* for (;;); */
    ProcessEnd end = process_call(p, BASE + 0x1000, NULL, 0, 1000);
    assert_int_equal(end.why, PROCESS_BUDGET);
    assert_int_equal(end.steps, 1000);
    p = PROCESS(ARCH_X86, FORMAT_PE, "\xa1\x00\x00\x00\x00\xc3"); /* mov eax, [0] */
    end = process_call(p, BASE + 0x1000, NULL, 0, 1000);
    assert_int_equal(end.why, PROCESS_FAULT);
    assert_int_equal(end.fault_va, 0);
    p = PROCESS(ARCH_X86, FORMAT_PE, "\x31\xc0\xff\xe0"); /* jmp 0 */
    assert_int_equal(process_call(p, BASE + 0x1000, NULL, 0, 1000).why, PROCESS_LOST);
    p = PROCESS(ARCH_X86, FORMAT_PE, "\xcc");
    assert_int_equal(process_call(p, BASE + 0x1000, NULL, 0, 1000).why, PROCESS_BAD_CODE);
    p = PROCESS(ARCH_X64, FORMAT_ELF, "\xe8\xfb\xff\xff\xff"); /* calls itself for ever */
    assert_int_equal(process_call(p, BASE + 0x1000, NULL, 0, 10000000).why, PROCESS_FAULT);
}

static void test_imports(void **state) {
    (void)state;
    /* push 0x100; push 8; push 0; call [IAT]; mov byte [eax], 0x41; push eax; call [IAT+4]; ret */
    static const char code[] = "\x68\x00\x01\x00\x00\x6a\x08\x6a\x00\xff\x15\x00\x18\x40\x00"
                               "\xc6\x00\x41\x50\xff\x15\x04\x18\x40\x00\xc3";
    Image *image = image_of(ARCH_X86, FORMAT_PE, code, sizeof code - 1);
    add_import(image, "KERNEL32.dll", "HeapAlloc", IAT);
    add_import(image, "KERNEL32.dll", "lstrlenA", IAT + 4);
    Process *p = process_of(image);
    ProcessEnd end = process_call(p, BASE + 0x1000, NULL, 0, 1000);
    assert_int_equal(end.why, PROCESS_RETURNED); /* both took their arguments off the stack */
    assert_int_equal(end.result, 1);
    assert_int_equal(p->calls.count, 2);
    assert_string_equal(p->calls.at[0].name, "HeapAlloc");
    assert_string_equal(p->calls.at[0].module, "kernel32.dll");
    assert_int_equal(p->calls.at[0].args[2], 0x100);
    assert_true(p->calls.at[1].is_modelled);
}

static void test_unknown_import(void **state) {
    (void)state;
    static const char code[] = "\xff\x15\x00\x18\x40\x00\xc3";
    Image *image = image_of(ARCH_X86, FORMAT_PE, code, sizeof code - 1);
    add_import(image, "frobnicate.dll", "Frobnicate", IAT);
    Process *p = process_of(image);
    ProcessEnd end = process_call(p, BASE + 0x1000, NULL, 0, 1000);
    assert_int_equal(end.why, PROCESS_RETURNED);
    assert_int_equal(end.result, 0);
    assert_false(p->calls.at[0].is_modelled);
    assert_string_equal(p->calls.at[0].name, "Frobnicate");
}

/* PEB, loader data, third module in the order of loading: kernel32's base; its first bytes. */
static void test_windows(void **state) {
    (void)state;
    static const char code32[] = "\x64\xa1\x30\x00\x00\x00\x8b\x40\x0c\x8b\x40\x14\x8b\x00\x8b\x00"
                                 "\x8b\x40\x10\xc3";
    static const char code64[] = "\x65\x48\x8b\x04\x25\x60\x00\x00\x00\x48\x8b\x40\x18\x48\x8b\x40"
                                 "\x20\x48\x8b\x00\x48\x8b\x00\x48\x8b\x40\x20\xc3";
    for (int is_64 = 0; is_64 < 2; is_64++) {
        Process *p = process_of(is_64 ? image_of(ARCH_X64, FORMAT_PE, code64, sizeof code64 - 1)
                                      : image_of(ARCH_X86, FORMAT_PE, code32, sizeof code32 - 1));
        ProcessEnd end = process_call(p, BASE + 0x1000, NULL, 0, 1000);
        assert_int_equal(end.why, PROCESS_RETURNED);
        uint8_t header[0x400];
        assert_int_equal(memory_read(p->memory, end.result, header, sizeof header), MEMORY_OK);
        Bytes b = {header, sizeof header};
        uint32_t nt = bytes_u32_at(b, 0x3c);
        assert_int_equal(bytes_u32_at(b, nt), 0x4550);
        uint32_t directory = bytes_u32_at(b, nt + (is_64 ? 0x88 : 0x78));
        uint8_t exports[40];
        assert_int_equal(memory_read(p->memory, end.result + directory, exports, 40), MEMORY_OK);
        Bytes e = {exports, 40};
        assert_true(bytes_u32_at(e, 24) > 1000);
        char name[16] = "";
        memory_read(p->memory, end.result + bytes_u32_at(e, 12), name, 13);
        assert_string_equal(name, "kernel32.dll");
        uint32_t function = 0;
        memory_read(p->memory, end.result + bytes_u32_at(e, 28), &function, 4);
        const char *module = NULL, *found = NULL;
        assert_true(process_find_function(p, end.result + function, &module, &found));
        assert_string_equal(module, "kernel32.dll");
    }
}

static void test_marks(void **state) {
    (void)state;
    /* mov eax, [esp+4]; inc dword [eax]; ret */
    Process *p = PROCESS(ARCH_X86, FORMAT_PE, "\x8b\x44\x24\x04\xff\x00\xc3");
    uint64_t at = process_alloc(p, 100);
    assert_int_not_equal(at, 0);
    assert_false(memory_is_mapped(p->memory, at - 1));
    ProcessMark mark = process_mark(p);
    for (unsigned i = 0; i < 3; i++) {
        ProcessEnd end = process_call(p, BASE + 0x1000, &at, 1, 100);
        assert_int_equal(end.why, PROCESS_RETURNED);
        uint32_t value = 0;
        memory_read(p->memory, at, &value, 4);
        assert_int_equal(value, 1);
        size_t walk = 0, changed = 0;
        for (MemoryChange c; memory_change(p->memory, mark.machine.memory, &walk, &c);)
            changed += c.va == at;
        assert_int_equal(changed, 1);
        assert_int_equal(process_alloc(p, 1), at + 2 * PAGE_BYTES);
        process_restore(p, &mark);
    }
}

static void test_stops(void **state) {
    (void)state;
    /* inc eax; inc eax; inc eax; jmp back */
    Process *p = PROCESS(ARCH_X86, FORMAT_PE, "\x40\x40\x40\xeb\xfb");
    const uint64_t stops[] = {BASE + 0x1002};
    process_set_stops(p, stops, 1);
    process_reset_registers(p);
    ProcessEnd end = process_run(p, BASE + 0x1000, 100);
    assert_int_equal(end.why, PROCESS_AT_STOP);
    assert_int_equal(end.pc, BASE + 0x1002);
    assert_int_equal(end.result, 2);
    assert_int_equal(end.steps, 2);
    end = process_go_on(p, 100); /* on, and round to it again */
    assert_int_equal(end.why, PROCESS_AT_STOP);
    assert_int_equal(end.result, 5);
    process_set_stops(p, NULL, 0);
    end = process_go_on(p, 100);
    assert_int_equal(end.why, PROCESS_BUDGET);
}

static void test_linked_function(void **state) {
    (void)state;
    /* push "abc"'s address; call strlen; pop ecx; ret - and a strlen that would trap */
    static const char code[] = "\x68\x0d\x10\x40\x00\xe8\x06\x00\x00\x00\x59\xc3\xcc"
                               "abc\0\xcc";
    Image *image = image_of(ARCH_X86, FORMAT_PE, code, sizeof code - 1);
    Code *recovered = ARENA_NEW(arena, Code);
    recovered->decoder = decoder_for_image(arena, image);
    recovered->functions.max = 1;
    *VEC_ADD(arena, &recovered->functions) = (Function){.va = BASE + 0x1010, .name = "_strlen"};
    Process *p = process_from_image(arena, image, recovered);
    ProcessEnd end = process_call(p, BASE + 0x1000, NULL, 0, 100);
    assert_int_equal(end.why, PROCESS_RETURNED);
    assert_int_equal(end.result, 3);
}

/* sub rsp, 0x48; lea rdi, [rsp]; mov rax, [time]; mov [rdi], rax; mov rsi, rdi; add rsi, 8; call
 * [slot]; mov rax, [rsp + 8 + field]; add rsp, 0x48; ret: a field of the struct tm. */
static uint64_t tm_field(uint64_t seconds, uint8_t field) {
    char code[] =
        "\x48\x83\xec\x48\x48\x89\xe7\x48\xb8ssssssss\x48\x89\x07\x48\x89\xfe\x48\x83\xc6\x08"
        "\xff\x14\x25\x00\x18\x40\x00\x8b\x44\x24?\x48\x83\xc4\x48\xc3";
    memcpy(strchr(code + 1, 's'), &seconds, sizeof seconds);
    code[sizeof code - 1 - 6] = (char)(8 + field);
    Image *image = image_of(ARCH_X64, FORMAT_ELF, code, sizeof code - 1);
    add_import(image, "libc.so.6", "gmtime_r", IAT);
    ProcessEnd end = process_call(process_of(image), BASE + 0x1000, NULL, 0, 1000);
    assert_int_equal(end.why, PROCESS_RETURNED);
    return end.result;
}

static void test_broken_time(void **state) {
    (void)state;
    const uint64_t moon = (uint64_t)-14182940; /* 1969-07-20 20:17:40, a Sunday */
    assert_int_equal(tm_field(moon, 0), 40);
    assert_int_equal(tm_field(moon, 8), 20);
    assert_int_equal(tm_field(moon, 12), 20);
    assert_int_equal(tm_field(moon, 16), 6);
    assert_int_equal(tm_field(moon, 20), 69);
    assert_int_equal(tm_field(moon, 24), 0);
    assert_int_equal(tm_field(INT64_MAX, 20), 70); /* no such year */
}

/* sub esp, 16; push esp; call [IAT]; movzx eax, word [esp]; add esp, 16; ret */
static void test_system_time(void **state) {
    (void)state;
    static const char code[] =
        "\x83\xec\x10\x54\xff\x15\x00\x18\x40\x00\x0f\xb7\x04\x24\x83\xc4\x10\xc3";
    Image *image = image_of(ARCH_X86, FORMAT_PE, code, sizeof code - 1);
    add_import(image, "KERNEL32.dll", "GetSystemTime", IAT);
    assert_int_equal(process_call(process_of(image), BASE + 0x1000, NULL, 0, 1000).result, 2020);
}

/* What no program chooses is the same in each run, and another in each variant. call [IAT]; push
 * eax; push 8; call [IAT + 4]; pop ecx; pop edx; ret: the process's number, and a block. */
static void test_variants(void **state) {
    (void)state;
    static const char code[] =
        "\xff\x15\x00\x18\x40\x00\x50\x6a\x08\xff\x15\x04\x18\x40\x00\x59\x5a\xc3";
    Image *image = image_of(ARCH_X86, FORMAT_PE, code, sizeof code - 1);
    add_import(image, "KERNEL32.dll", "GetCurrentProcessId", IAT);
    add_import(image, "msvcrt.dll", "malloc", IAT + 4);
    Process *p = process_of(image);
    ProcessMark fresh = process_mark(p);
    uint64_t numbers[2], blocks[2];
    for (uint32_t i = 0; i < 2; i++) {
        process_restore(p, &fresh);
        process_vary(p, i);
        blocks[i] = process_call(p, BASE + 0x1000, NULL, 0, 1000).result;
        numbers[i] = p->machine->slots[SLOT_X86_RDX];
    }
    assert_true(numbers[0] && numbers[1] && numbers[0] != numbers[1]);
    assert_true(blocks[0] && blocks[1] && blocks[0] != blocks[1]);
    process_restore(p, &fresh);
    assert_int_equal(process_call(p, BASE + 0x1000, NULL, 0, 1000).result, blocks[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_conventions, start, stop),
        cmocka_unit_test_setup_teardown(test_stack_args, start, stop),
        cmocka_unit_test_setup_teardown(test_ends, start, stop),
        cmocka_unit_test_setup_teardown(test_imports, start, stop),
        cmocka_unit_test_setup_teardown(test_unknown_import, start, stop),
        cmocka_unit_test_setup_teardown(test_windows, start, stop),
        cmocka_unit_test_setup_teardown(test_marks, start, stop),
        cmocka_unit_test_setup_teardown(test_stops, start, stop),
        cmocka_unit_test_setup_teardown(test_linked_function, start, stop),
        cmocka_unit_test_setup_teardown(test_broken_time, start, stop),
        cmocka_unit_test_setup_teardown(test_system_time, start, stop),
        cmocka_unit_test_setup_teardown(test_variants, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
