/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "unwrap/sample_file.h"
#include "unwrap/unpack.h"

enum {
    HEADERS = 0x200,
    PAYLOAD = 0x300, /* behind the begin of the section */
    PAYLOAD_BYTES = 0x400,
    FILE_BYTES = 0x1200,
    KEY = 0x5a
};

static int start_small(void **state) {
    int bad = start(state);
    sample.bytes.size = FILE_BYTES;
    return bad;
}

static void put(size_t off, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        file[off + i] = (uint8_t)(value >> 8 * i);
}

static uint8_t payload_byte(size_t i) { return i == PAYLOAD_BYTES - 1 ? 0xc3 : 0x90; }

static void put_payload(size_t off) {
    for (size_t i = 0; i < PAYLOAD_BYTES; i++)
        file[off + i] = (uint8_t)(payload_byte(i) ^ KEY);
}

static Unpacked *unpack(const Image *image) {
    Unpacked *u = unpack_open(&sample, image, code_from_image(&sample, image), true);
    assert_non_null(u);
    return u;
}

/* What was made, read as any file. */
static const Image *read_back(Sample *inner, const Unpacked *u) {
    *inner = sample;
    inner->bytes = u->file;
    return image_from_sample(inner, NULL);
}

static void check_payload(const Image *image, uint64_t va) {
    Bytes now = bytes_clip(image_bytes_at(image, va), 0, PAYLOAD_BYTES);
    assert_int_equal(now.size, PAYLOAD_BYTES);
    for (size_t i = 0; i < now.size; i++)
        assert_int_equal(now.at[i], payload_byte(i));
}

/* ---- ELF ---- */

enum { ELF_BASE = 0x400000, ELF_CODE = ELF_BASE + HEADERS };

static const Image *elf_with(const char *stub, size_t size) {
    memcpy(file, "\177ELF\2\1\1", 7);
    put(16, 2, 2);
    put(18, 62, 2);
    put(20, 1, 4);
    put(24, ELF_CODE, 8);
    put(32, 64, 8);
    put(52, 64, 2);
    put(54, 56, 2);
    put(56, 1, 2);
    put(64, 1, 4); /* PT_LOAD, all permissions */
    put(68, 7, 4);
    put(64 + 16, ELF_BASE, 8);
    put(64 + 32, FILE_BYTES, 8);
    put(64 + 40, FILE_BYTES + 0x1000, 8);
    put(64 + 48, 0x1000, 8);
    memcpy(file + HEADERS, stub, size);
    put_payload(HEADERS + PAYLOAD);
    return image_from_sample(&sample, NULL);
}
#define ELF(stub) elf_with(stub, sizeof(stub) - 1)

static void test_elf_in_place(void **state) {
    (void)state;
    /* lea rsi, [payload]; mov ecx, 0x400; xor byte [rsi], 0x5a; inc rsi; dec ecx; jnz; jmp */
    const Image *image = ELF("\x48\x8d\x35\xf9\x02\0\0\xb9\0\x04\0\0\x80\x36\x5a\x48\xff\xc6\xff"
                             "\xc9\x75\xf6\xe9\xe5\x02\0\0");
    Unpacked *u = unpack(image);
    assert_int_equal(u->end, UNPACK_DONE);
    assert_int_equal(u->pc, ELF_CODE + PAYLOAD);
    Sample inner;
    const Image *made = read_back(&inner, u);
    assert_int_equal(made->entry, ELF_CODE + PAYLOAD);
    check_payload(made, ELF_CODE + PAYLOAD);
    unpack_close(u);
}

/* Into memory that the file has no bytes for. */
static void test_elf_elsewhere(void **state) {
    (void)state;
    /* lea rsi, [payload]; lea rdi, [0x401800]; mov ecx, 0x400; lodsb; xor al, 0x5a; stosb; loop;
     * jmp 0x401800 */
    const Image *image = ELF("\x48\x8d\x35\xf9\x02\0\0\x48\x8d\x3d\xf2\x15\0\0\xb9\0\x04\0\0"
                             "\xac\x34\x5a\xaa\xe2\xfa\xe9\xe2\x15\0\0");
    Unpacked *u = unpack(image);
    assert_int_equal(u->end, UNPACK_DONE);
    assert_int_equal(u->pc, ELF_BASE + 0x1800);
    Sample inner;
    check_payload(read_back(&inner, u), ELF_BASE + 0x1800);
    unpack_close(u);
}

static void test_ends(void **state) {
    (void)state;
    static const struct {
        const char *stub;
        size_t size;
        UnpackEnd end;
    } cases[] = {
        {"\xeb\xfe", 2, UNPACK_BUDGET},                      /* never ends */
        {"\xc3", 1, UNPACK_FAULT},                           /* nobody called it */
        {"\x31\xc0\xff\xe0", 4, UNPACK_FAULT},               /* jumps to 0 */
        {"\x6a\x3c\x58\x0f\x05", 5, UNPACK_EXIT},            /* exit() */
        /* maps 16 MiB again and again: what a call touches is paid as steps */
        {"\x6a\x09\x58\xbf\0\0\0\x10\xbe\0\0\0\x01\x6a\x32\x41\x5a\x0f\x05\xeb\xeb", 21,
         UNPACK_BUDGET},
        {"\x80\x35\x10\0\0\0\x5a\xeb\x0e", 9, UNPACK_FAULT}, /* changes one byte, and faults */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Unpacked *u = unpack(elf_with(cases[i].stub, cases[i].size));
        assert_int_equal(u->file.size, 0);
        assert_int_equal(u->end, cases[i].end);
        unpack_close(u);
    }
}

/* ---- PE ---- */

enum { PE_BASE = 0x400000, PE_CODE = PE_BASE + 0x1000, IMPORTS = 0x100, SLOT = 0x200 };

static void pe_imports(void) {
    enum { AT = HEADERS + IMPORTS };
    put(AT, 0x1130, 4); /* names of the slots, module, slots */
    put(AT + 12, 0x1150, 4);
    put(AT + 16, 0x1140, 4);
    for (unsigned i = 0; i < 2; i++) {
        put(AT + 0x30 + 4 * i, i ? 0x1170 : 0x1160, 4);
        put(AT + 0x40 + 4 * i, i ? 0x1170 : 0x1160, 4);
    }
    strcpy((char *)file + AT + 0x50, "kernel32.dll");
    strcpy((char *)file + AT + 0x62, "LoadLibraryA");
    strcpy((char *)file + AT + 0x72, "GetProcAddress");
    strcpy((char *)file + AT + 0x90, "user32.dll");
    strcpy((char *)file + AT + 0xa0, "MessageBoxA");
}

static const Image *pe_with(const char *stub, size_t size) {
    enum { NT = 0x40, OPTIONAL = NT + 24, ROW = OPTIONAL + 224 };
    put(0, 0x5a4d, 2);
    put(0x3c, NT, 4);
    put(NT, 0x4550, 4);
    put(NT + 4, 0x14c, 2);
    put(NT + 6, 1, 2);
    put(NT + 20, 224, 2);
    put(NT + 22, 0x103, 2);
    put(OPTIONAL, 0x10b, 2);
    put(OPTIONAL + 16, 0x1000, 4);
    put(OPTIONAL + 28, PE_BASE, 4);
    put(OPTIONAL + 32, 0x1000, 4);
    put(OPTIONAL + 36, 0x200, 4);
    put(OPTIONAL + 56, 0x2000, 4);
    put(OPTIONAL + 60, HEADERS, 4);
    put(OPTIONAL + 92, 16, 4);
    put(OPTIONAL + 96 + 8, 0x1000 + IMPORTS, 4);
    put(OPTIONAL + 96 + 12, 40, 4);
    memcpy(file + ROW, ".packed", 7);
    put(ROW + 8, 0x1000, 4);
    put(ROW + 12, 0x1000, 4);
    put(ROW + 16, 0x1000, 4);
    put(ROW + 20, HEADERS, 4);
    put(ROW + 36, 0xe0000020, 4);
    memcpy(file + HEADERS, stub, size);
    pe_imports();
    put_payload(HEADERS + PAYLOAD);
    return image_from_sample(&sample, NULL);
}
#define PE(stub) pe_with(stub, sizeof(stub) - 1)

static const Import *find_import(const Image *image, const char *name) {
    for (size_t i = 0; i < image->imports.count; i++)
        if (strcmp(image->imports.at[i].name, name) == 0)
            return &image->imports.at[i];
    return NULL;
}

static void test_pe_imports(void **state) {
    (void)state;
    /* push user32.dll; call [LoadLibraryA]; push MessageBoxA; push eax; call [GetProcAddress];
     * mov [slot], eax; mov esi, payload; mov ecx, 0x400; xor byte [esi], 0x5a; inc esi; dec ecx;
     * jnz; jmp payload */
    const Image *image = PE("\x68\x90\x11\x40\0\xff\x15\x40\x11\x40\0\x68\xa0\x11\x40\0\x50"
                            "\xff\x15\x44\x11\x40\0\xa3\0\x12\x40\0\xbe\0\x13\x40\0\xb9\0\x04\0\0"
                            "\x80\x36\x5a\x46\x49\x75\xf9\xe9\xce\x02\0\0");
    Unpacked *u = unpack(image);
    assert_int_equal(u->end, UNPACK_DONE);
    assert_int_equal(u->pc, PE_CODE + PAYLOAD);
    assert_int_equal(u->imports, 3);
    assert_false(u->has_own_headers);
    Sample inner;
    const Image *made = read_back(&inner, u);
    assert_int_equal(made->entry, PE_CODE + PAYLOAD);
    check_payload(made, PE_CODE + PAYLOAD);
    const Import *import = find_import(made, "MessageBoxA");
    assert_non_null(import);
    assert_string_equal(import->module, "user32.dll");
    assert_int_equal(import->slot_va, PE_CODE + SLOT);
    assert_non_null(find_import(made, "GetProcAddress"));
    unpack_close(u);
}

static void test_pe_unknown_call(void **state) {
    (void)state;
    /* MessageBoxA, which has no model, gives no handler: call it, call what it returns. */
    const Image *image = PE("\x68\x90\x11\x40\0\xff\x15\x40\x11\x40\0\x68\xa0\x11\x40\0\x50"
                            "\xff\x15\x44\x11\x40\0\xff\xd0\xff\xd0");
    Unpacked *u = unpack(image);
    assert_int_equal(u->end, UNPACK_UNKNOWN);
    assert_string_equal(u->called, "MessageBoxA");
    unpack_close(u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_elf_in_place, start_small, stop),
        cmocka_unit_test_setup_teardown(test_elf_elsewhere, start_small, stop),
        cmocka_unit_test_setup_teardown(test_ends, start_small, stop),
        cmocka_unit_test_setup_teardown(test_pe_imports, start_small, stop),
        cmocka_unit_test_setup_teardown(test_pe_unknown_call, start_small, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
