/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "unwrap/code_image.h"
#include "unwrap/hidden.h"

/* What is a text of the program, and not of what the run made up or what lies beside each other. */
enum { DATA = 0x402000, DATA_BYTES = 0x400 /* then zeros that the file leaves out */ };

static uint8_t code[0x200];
static size_t used;

static void put(const void *bytes, size_t n) {
    memcpy(code + used, bytes, n);
    used += n;
}
#define PUT(bytes) put(bytes, sizeof(bytes) - 1)

/* sub rsp, 0x48 */
static void begin(void) {
    used = 0;
    PUT("\x48\x83\xec\x48");
}

/* Four words at rsp: "open the door" */
#define FIRST_WORD "\xc7\x04\x24open"
#define OTHER_WORDS                                                                                \
    "\xc7\x44\x24\x04 the"                                                                         \
    "\xc7\x44\x24\x08 doo"                                                                         \
    "\xc7\x44\x24\x0cr\0\0\0"

/* lea rdi, [rsp + off]; call f; add rsp, 0x48; ret; f: ret. */
static HiddenTexts texts_at(uint8_t off) {
    PUT("\x48\x8d\x7c\x24");
    put(&off, 1);
    PUT("\xe8\x05\0\0\0\x48\x83\xc4\x48\xc3\xc3");
    memcpy(file + CODE_AT, code, used);
    sample.bytes = (Bytes){file, sizeof file};
    Image *image = image_of_code(used);
    *VEC_ADD(sample.arena, &image->segments) = (Segment){.va = DATA,
                                                         .va_size = 0x2000,
                                                         .off = 0x2000,
                                                         .file = {file + 0x2000, DATA_BYTES},
                                                         .perms = PERM_R | PERM_W};
    HiddenTexts found = {0};
    hidden_from_code(&sample, image, code_from_image(&sample, image), &found);
    assert_false(found.is_cut);
    return found;
}

/* The same, and the only text. */
static HiddenText text_at(uint8_t off) {
    HiddenTexts found = texts_at(off);
    assert_int_equal(found.texts.count, 1);
    return found.texts.at[0];
}

/* A text has a pointer, in a register or in memory: two words that lie beside each other have one
 * to something else. */
static void test_pointed(void **state) {
    (void)state;
    begin();
    PUT(FIRST_WORD OTHER_WORDS);
    HiddenText text = text_at(0);
    assert_string_equal(text.text, "open the door");
    assert_true(text.is_pointed);
    assert_false(text.is_made_up);
    begin();
    PUT(FIRST_WORD OTHER_WORDS);
    assert_false(text_at(0x20).is_pointed);
    begin(); /* lea rax, [rsp]; mov [rsp + 0x28], rax; xor eax, eax */
    PUT(FIRST_WORD OTHER_WORDS "\x48\x8d\x04\x24\x48\x89\x44\x24\x28\x31\xc0");
    assert_true(text_at(0x20).is_pointed);
}

/* lea rax, [rsp + 0x20]; mov [rsp + 0x10], rax; the text; mov qword [rsp + 0x18], 9: a string
 * object that holds it. */
#define ALGORITHM                                                                                  \
    "\x48\x8d\x44\x24\x20\x48\x89\x44\x24\x10"                                                     \
    "\xc7\x44\x24\x20"                                                                             \
    "algo"                                                                                         \
    "\xc7\x44\x24\x24"                                                                             \
    "rith"                                                                                         \
    "\x66\xc7\x44\x24\x28m\0"                                                                      \
    "\x48\xc7\x44\x24\x18\x09\0\0\0"

/* An object with a pointer and a length holds "algorithm", many writes later "engine": what stands
 * behind is a rest. ALGORITHM; mov ecx, 5000; l: mov [rsp + 0x40], cl; dec ecx; jnz l; the other
 * text; its length. */
static void test_rest(void **state) {
    (void)state;
    for (uint8_t length = 6; length <= 9; length += 3) {
        begin();
        PUT(ALGORITHM "\xb9\x88\x13\0\0\x88\x4c\x24\x40\xff\xc9\x75\xf8"
                      "\xc7\x44\x24\x20"
                      "engi"
                      "\x66\xc7\x44\x24\x24ne\x48\xc7\x44\x24\x18");
        put(&length, 1);
        PUT("\0\0\0");
        HiddenText text = text_at(0x10);
        assert_string_equal(text.text, "enginethm");
        assert_int_equal(text.is_mixed, length == 6);
    }
}

/* The same, but "algorithm" was given to somebody before: that text stays one. */
static void test_held_before(void **state) {
    (void)state;
    begin();
    PUT(ALGORITHM
        "\x48\x8d\x7c\x24\x10\xff\x15"); /* lea rdi, [rsp + 0x10]; call [data], which is 0 */
    uint32_t relative = (uint32_t)(DATA - (CODE + used + 4));
    put(&relative, 4);
    PUT("\xeb\0"); /* jmp to the next block */
    PUT("\xc7\x44\x24\x20"
        "engi"
        "\x66\xc7\x44\x24\x24ne\x48\xc7\x44\x24\x18\x06\0\0\0");
    HiddenTexts found = texts_at(0x10);
    assert_int_equal(found.texts.count, 2);
    assert_string_equal(found.texts.at[0].text, "algorithm");
    assert_false(found.texts.at[0].is_mixed);
    assert_string_equal(found.texts.at[1].text, "enginethm");
    assert_true(found.texts.at[1].is_mixed);
}

/* "open the doo" and a last character that says whether eax, which comes from `source`, is zero:
 * test eax, eax; setne al; add al, 'r'; mov [rsp + 12], al; mov byte [rsp + 13], 0. */
static HiddenText text_of(const char *source, size_t size) {
    begin();
    put(source, size);
    PUT("\x85\xc0\x0f\x95\xc0\x04r" FIRST_WORD OTHER_WORDS "\x88\x44\x24\x0c\xc6\x44\x24\x0d\0");
    HiddenText text = text_at(0);
    assert_int_equal(text.length, 13);
    assert_false(text.is_mixed || text.is_moved);
    return text;
}
#define TEXT_OF(source) text_of(source, sizeof(source) - 1)

/* What hangs on an argument's object, on the stack above the function, on what a function returns
 * or on a variable that is zero yet is no text of the program. */
static void test_made_up(void **state) {
    (void)state;
    assert_false(TEXT_OF("\xb8\0\0\0\0").is_made_up); /* mov eax, 0 */
    assert_true(TEXT_OF("\x8b\x07").is_made_up);      /* mov eax, [rdi] */
    assert_true(TEXT_OF("\x8b\x04\x24").is_made_up);  /* mov eax, [rsp] */
    /* jmp over; g: mov rdi, rdi, three times; call h; ret; h: ret; over: call g */
    assert_true(TEXT_OF("\xeb\x10\x48\x89\xff\x48\x89\xff\x48\x89\xff\xe8\x01\0\0\0\xc3\xc3"
                        "\xe8\xeb\xff\xff\xff")
                    .is_made_up);
    assert_false(TEXT_OF("\x8b\x05\xf6\x0f\0\0").is_made_up); /* mov eax, [data] */
    assert_true(TEXT_OF("\x8b\x05\xf6\x1f\0\0").is_made_up);  /* mov eax, [data + 0x1000] */
}

/* A name is written over another one, character by character, and each is looked at: what is half
 * of one and half of the other is none. lea rdi, [rsp]; call [data], which is 0. */
static void test_half_written(void **state) {
    (void)state;
    static const char look[] = "\x48\x8d\x3c\x24\xff\x15";
    begin();
    PUT(FIRST_WORD OTHER_WORDS "\xc6\x44\x24\x01n\xc6\x44\x24\x0c\x64"); /* n, then a new end: d */
    for (unsigned i = 0; i < 2; i++) {
        put(look, sizeof look - 1);
        uint32_t relative = (uint32_t)(DATA - (CODE + used + 4));
        put(&relative, 4);
        if (i == 0)
            PUT("\xc6\x44\x24\x02i"); /* the next one begins */
    }
    HiddenTexts found = texts_at(0);
    assert_int_equal(found.texts.count, 2);
    assert_string_equal(found.texts.at[0].text, "onen the dood");
    assert_false(found.texts.at[0].is_mixed);
    assert_string_equal(found.texts.at[1].text, "onin the dood");
    assert_true(found.texts.at[1].is_mixed);
}

/* An image that begins at 0 has its header where null pointers point to: mov eax, va + 0x40; mov
 * rcx, [rax]; mov [rsp], rcx; mov byte [rsp + 8], 0; and some characters, so that it is run. */
static void test_null(void **state) {
    (void)state;
    for (uint32_t va = 0; va <= 0x10000; va += 0x10000) {
        uint32_t at = va + 0x40;
        begin();
        PUT("\xb8");
        put(&at, 4);
        PUT("\x48\x8b\x08\x48\x89\x0c\x24\xc6\x44\x24\x08\0"
            "\xc7\x44\x24\x18open\xc6\x44\x24\x18\x01"
            "\x48\x89\xe7\xe8\x05\0\0\0\x48\x83\xc4\x48\xc3\xc3");
        memcpy(file + CODE_AT, code, used);
        memcpy(file + 0x2040, "networks", 8);
        sample.bytes = (Bytes){file, sizeof file};
        Image *image = image_of_code(used);
        Segment header = {
            .va = va, .va_size = 0x1000, .file = {file + 0x2000, 0x1000}, .perms = PERM_R};
        *VEC_ADD(sample.arena, &image->segments) = image->segments.at[0];
        image->segments.at[0] = header; /* in order */
        HiddenTexts found = {0};
        hidden_from_code(&sample, image, code_from_image(&sample, image), &found);
        assert_int_equal(found.texts.count, va != 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pointed, start, stop),
        cmocka_unit_test_setup_teardown(test_rest, start, stop),
        cmocka_unit_test_setup_teardown(test_held_before, start, stop),
        cmocka_unit_test_setup_teardown(test_made_up, start, stop),
        cmocka_unit_test_setup_teardown(test_half_written, start, stop),
        cmocka_unit_test_setup_teardown(test_null, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
