/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "emulate/memory.h"

enum { BASE = 0x400000, FILE_BYTES = PAGE_BYTES * 2 + 100 };

static uint8_t file[FILE_BYTES];
static Arena *arena;
static Image image;

static int start(void **state) {
    (void)state;
    arena = arena_new((size_t)64 << 20);
    for (size_t i = 0; i < FILE_BYTES; i++)
        file[i] = (uint8_t)(i * 7 + i / 256);
    static Segment segments[2];
    segments[0] = (Segment){.va = BASE, .va_size = 4 * PAGE_BYTES, .file = {file, FILE_BYTES}};
    /* Starts and ends inside pages, the first of them shared with nobody. */
    segments[1] = (Segment){.va = BASE + 8 * PAGE_BYTES + 16, .va_size = 40, .file = {file, 32}};
    image = (Image){.bits = 32, .arch = ARCH_X86};
    image.segments.at = segments;
    image.segments.count = 2;
    return arena == NULL;
}

static int stop(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static uint8_t byte_at(Memory *m, uint64_t va) {
    uint8_t b = 0xee;
    assert_int_equal(memory_read(m, va, &b, 1), MEMORY_OK);
    return b;
}

static void test_image(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    assert_int_equal(byte_at(m, BASE), file[0]);
    assert_int_equal(byte_at(m, BASE + FILE_BYTES - 1), file[FILE_BYTES - 1]);
    assert_int_equal(byte_at(m, BASE + FILE_BYTES), 0);
    assert_int_equal(byte_at(m, BASE + 4 * PAGE_BYTES - 1), 0);
    uint8_t b = 0;
    assert_int_equal(memory_read(m, BASE + 4 * PAGE_BYTES, &b, 1), MEMORY_UNMAPPED);
    assert_int_equal(memory_read(m, BASE - 1, &b, 1), MEMORY_UNMAPPED);
    uint8_t all[FILE_BYTES];
    assert_int_equal(memory_read(m, BASE, all, sizeof all), MEMORY_OK);
    assert_memory_equal(all, file, sizeof all);
    assert_int_equal(byte_at(m, BASE + 8 * PAGE_BYTES), 0);
    assert_int_equal(byte_at(m, BASE + 8 * PAGE_BYTES + 17), file[1]);
    assert_int_equal(byte_at(m, BASE + 9 * PAGE_BYTES - 1), 0);
    assert_int_equal(m->own_pages, 2); /* only the two that hold an end of file bytes */
}

static void test_copy_on_write(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    uint8_t before[FILE_BYTES], word[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    memcpy(before, file, sizeof before);
    assert_int_equal(memory_write(m, BASE + PAGE_BYTES - 4, word, 8), MEMORY_OK);
    assert_memory_equal(before, file, sizeof before);
    uint8_t now[8];
    assert_int_equal(memory_read(m, BASE + PAGE_BYTES - 4, now, 8), MEMORY_OK);
    assert_memory_equal(now, word, 8);
    /* Half of it unmapped: nothing changes. */
    assert_int_equal(memory_write(m, BASE + 4 * PAGE_BYTES - 4, word, 8), MEMORY_UNMAPPED);
    assert_int_equal(byte_at(m, BASE + 4 * PAGE_BYTES - 4), 0);
}

static void test_wrap(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    assert_true(memory_map(m, 0xfffff000, PAGE_BYTES));
    assert_true(memory_map(m, 0, PAGE_BYTES));
    assert_false(memory_map(m, 0xfffff000, PAGE_BYTES + 1));
    uint32_t word = 0x04030201;
    assert_int_equal(memory_write(m, 0xfffffffe, &word, 4), MEMORY_OK);
    assert_int_equal(byte_at(m, 0xffffffff), 2);
    assert_int_equal(byte_at(m, 0), 3);
    assert_int_equal(byte_at(m, 0x100000001), 4); /* addresses have 32 bits here */
}

static void test_marks(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    memory_write(m, BASE, "a", 1);
    MemoryMark first = memory_mark(m);
    memory_write(m, BASE, "b", 1);
    assert_true(memory_map(m, 0x10000, PAGE_BYTES));
    memory_write(m, 0x10000, "x", 1);
    MemoryMark second = memory_mark(m);
    memory_write(m, BASE, "c", 1);
    memory_write(m, 0x10000, "y", 1);
    size_t own = m->own_pages;
    for (unsigned i = 0; i < 1000; i++) { /* going back gives pages back */
        memory_restore(m, second);
        assert_int_equal(byte_at(m, BASE), 'b');
        assert_int_equal(byte_at(m, 0x10000), 'x');
        memory_write(m, BASE, "c", 1);
        memory_write(m, 0x10000, "y", 1);
        assert_int_equal(m->own_pages, own);
    }
    memory_restore(m, first);
    assert_int_equal(byte_at(m, BASE), 'a');
    assert_false(memory_is_mapped(m, 0x10000));
}

static void test_changes(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    memory_write(m, BASE + 1, "a", 1);
    MemoryMark mark = memory_mark(m);
    byte_at(m, BASE + PAGE_BYTES); /* reading is no change */
    memory_write(m, BASE + 1, "b", 1);
    memory_mark(m);
    memory_write(m, BASE + 1, "c", 1); /* a second state of the same page */
    memory_write(m, BASE + 2 * PAGE_BYTES + 1, "d", 1);
    unsigned count = 0;
    size_t at = 0;
    for (MemoryChange c; memory_change(m, mark, &at, &c); count++) {
        assert_int_equal(c.va, count == 0 ? BASE : BASE + 2 * PAGE_BYTES);
        assert_int_equal(c.before[1], count == 0 ? 'a' : file[2 * PAGE_BYTES + 1]);
        assert_int_equal(c.now[1], count == 0 ? 'c' : 'd');
    }
    assert_int_equal(count, 2);
}

static void test_limit(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 4);
    assert_true(memory_map(m, 0x1000000, 64 * PAGE_BYTES));
    uint64_t va = 0x1000000;
    for (unsigned i = 0; i < 4; i++, va += PAGE_BYTES)
        assert_int_equal(memory_write(m, va, "x", 1), MEMORY_OK);
    assert_int_equal(memory_write(m, va, "x", 1), MEMORY_FULL);
    assert_int_equal(byte_at(m, va), 0); /* what is only read costs none */
    unsigned touched = 0;
    uint8_t b = 0;
    for (va = 0x1000000; memory_read(m, va, &b, 1) == MEMORY_OK; va += PAGE_BYTES)
        touched++;
    assert_in_range(touched, 32, 63);
}

static void test_code(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    memory_write(m, BASE, "x", 1);
    memory_add_code(m, BASE + 60, 8); /* lines 0 and 1 */
    memory_write(m, BASE + 128, "x", 1);
    assert_false(m->code_hit);
    assert_false(memory_store_fast(m, BASE + 200, 1, 0)); /* must look each time */
    memory_write(m, BASE + 127, "x", 1);
    assert_true(m->code_hit);
    memory_forget_code(m);
    assert_false(m->code_hit);
    memory_write(m, BASE + 1, "x", 1);
    assert_false(m->code_hit);
    assert_true(memory_store_fast(m, BASE + 200, 1, 0));
    MemoryMark mark = memory_mark(m);
    memory_write(m, BASE, "y", 1);
    memory_add_code(m, BASE, 1);
    memory_restore(m, mark); /* the code that was lifted is no longer there */
    assert_true(m->code_hit);
}

static void test_log(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    memory_write(m, BASE, "before it is kept", 17);
    memory_log_writes(m);
    assert_int_equal(m->logged, 0);
    assert_true(memory_store_fast(m, BASE + 8, 2, 0));
    assert_int_equal(m->logged, 1);
    assert_int_equal(m->log[0].va, BASE + 8);
    assert_int_equal(m->log[0].size, 2);
    assert_memory_equal(&m->log[0].before, "t ", 2);
    MemoryMark mark = memory_mark(m);
    memory_write(m, BASE + PAGE_BYTES - 3, "0123456789ab", 12); /* over the end of a page */
    assert_int_equal(m->logged, 4);
    assert_int_equal(m->log[2].va, BASE + PAGE_BYTES);
    assert_int_equal(m->log[2].size, 8);
    assert_memory_equal(&m->log[2].before, file + PAGE_BYTES, 8);
    assert_int_equal(m->log[3].size, 1);
    memory_restore(m, mark);
    assert_int_equal(m->logged, 1);
}

/* The log tells where the bytes of a write were read before. */
static void test_sources(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    memory_log_writes(m);
    uint64_t value = 0;
    uint8_t bytes[12];
    assert_int_equal(memory_write(m, BASE + 64, "", 1), MEMORY_OK); /* the page is there */
    assert_int_equal(m->log[0].from, 0);
    assert_true(memory_load_fast(m, BASE + 9, 4, &value));
    assert_true(memory_store_fast(m, BASE + 32, 2, value)); /* of four bytes the lower two */
    assert_int_equal(m->log[1].from, BASE + 9);
    assert_true(memory_store_fast(m, BASE + 34, 2, value + 1));
    assert_int_equal(m->log[2].from, 0);
    assert_int_equal(memory_read(m, BASE + PAGE_BYTES - 6, bytes, 12), MEMORY_OK);
    assert_int_equal(memory_write(m, BASE + 100, bytes, 12), MEMORY_OK);
    assert_int_equal(m->log[3].from, BASE + PAGE_BYTES - 6);
    assert_int_equal(m->log[4].from, BASE + PAGE_BYTES + 2);
    assert_int_equal(m->log[4].size, 4);
}

/* Pages of which nothing may be written stay as they are; others are written, whole. */
static void test_constants(void **state) {
    (void)state;
    Memory *m = memory_from_image(arena, &image, 64);
    image.segments.at[1].perms = PERM_R | PERM_W;
    m->keeps_constants = true;
    memory_log_writes(m);
    uint64_t constant = BASE + 5, variable = BASE + 8 * PAGE_BYTES + 16;
    assert_int_equal(memory_write(m, constant, "x", 1), MEMORY_OK);
    assert_int_equal(byte_at(m, constant), file[5]);
    assert_false(memory_store_fast(m, constant, 1, 'x'));
    assert_int_equal(m->logged, 0);
    assert_int_equal(memory_write(m, variable, "x", 1), MEMORY_OK);
    assert_int_equal(byte_at(m, variable), 'x');
    assert_int_equal(m->logged, 1);
    image.segments.at[1].perms = 0;
}

/* An image that begins at 0 has its header where null pointers point to. */
static void test_nulls(void **state) {
    (void)state;
    image.segments.at[0].va = 0; /* start sets it again */
    for (unsigned nulls_fault = 0; nulls_fault < 2; nulls_fault++) {
        Memory *m = memory_from_image(arena, &image, 64);
        m->nulls_fault = nulls_fault;
        uint8_t byte = 0;
        assert_int_equal(memory_read(m, 8, &byte, 1), nulls_fault ? MEMORY_UNMAPPED : MEMORY_OK);
        assert_int_equal(memory_write(m, 8, &byte, 1), nulls_fault ? MEMORY_UNMAPPED : MEMORY_OK);
        assert_int_equal(memory_read(m, PAGE_BYTES, &byte, 1), MEMORY_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_image, start, stop),
        cmocka_unit_test_setup_teardown(test_copy_on_write, start, stop),
        cmocka_unit_test_setup_teardown(test_wrap, start, stop),
        cmocka_unit_test_setup_teardown(test_marks, start, stop),
        cmocka_unit_test_setup_teardown(test_changes, start, stop),
        cmocka_unit_test_setup_teardown(test_limit, start, stop),
        cmocka_unit_test_setup_teardown(test_code, start, stop),
        cmocka_unit_test_setup_teardown(test_log, start, stop),
        cmocka_unit_test_setup_teardown(test_sources, start, stop),
        cmocka_unit_test_setup_teardown(test_constants, start, stop),
        cmocka_unit_test_setup_teardown(test_nulls, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
