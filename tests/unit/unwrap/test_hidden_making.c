/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "unwrap/code_image.h"
#include "unwrap/hidden.h"

/* Functions that write to their frame and give it to another one: what lies there is a text only
 * when it was written as one. */
enum { DATA = 0x402000, FRAME = 0x38, STRCAT_SLOT = DATA + 0x900 };

static uint8_t code[0x1000];
static size_t used;
static HiddenTexts texts; /* that kept_at found */

static void put(const void *bytes, size_t n) {
    memcpy(code + used, bytes, n);
    used += n;
}
#define PUT(bytes) put(bytes, sizeof(bytes) - 1)

/* An address relative to the next instruction. */
static void put_relative(uint64_t va) {
    uint32_t relative = (uint32_t)(va - (CODE + used + 4));
    put(&relative, 4);
}

static void begin(void) {
    memset(code, 0, sizeof code);
    used = 0;
    PUT("\x48\x83\xec"); /* sub rsp, FRAME */
    put(&(uint8_t){FRAME}, 1);
}

/* mov dword [rsp + off], text */
static void put_word(uint8_t off, const char text[4]) {
    PUT("\xc7\x44\x24");
    put(&off, 1);
    put(text, 4);
}

/* mov byte [rsp + off], c */
static void put_char(uint8_t off, char c) {
    PUT("\xc6\x44\x24");
    put(&off, 1);
    put(&c, 1);
}

static void put_words(const char *text) {
    for (size_t i = 0; i < strlen(text); i += 4)
        put_word((uint8_t)i, text + i);
}

/* mov rax, [rip + va] */
static void put_load(uint64_t va) {
    PUT("\x48\x8b\x05");
    put_relative(va);
}

/* mov [rsp + off], rax */
static void put_rax(uint8_t off) {
    PUT("\x48\x89\x44\x24");
    put(&off, 1);
}

/* movabs rax, word; test edi, edi; jz to a block that the next one goes to as well: there, nobody
 * can say where rax was set. */
static void put_unknown_rax(const char word[8]) {
    PUT("\x48\xb8");
    put(word, 8);
    PUT("\x85\xff\x74\x01\x90");
}

/* A function that stores a register at rdi: jmp over; store; ret. Where it is. */
static size_t put_function(const char *store, uint8_t n) {
    PUT("\xeb");
    put(&(uint8_t){(uint8_t)(n + 1)}, 1);
    put(store, n);
    PUT("\xc3");
    return used - n - 1u;
}

/* mov rax, word; lea rdi, [rsp + off]; call function */
static void put_call(size_t function, const char word[8], uint8_t off) {
    PUT("\x48\xb8");
    put(word, 8);
    PUT("\x48\x8d\x7c\x24");
    put(&off, 1);
    PUT("\xe8");
    put_relative(CODE + function);
}

/* lea rdi, [rsp + off]; call f; add rsp, FRAME; ret; f: ret. What is found: texts. */
static void hunt_at(uint8_t off) {
    PUT("\x48\x8d\x7c\x24");
    put(&off, 1);
    PUT("\xe8\x05\0\0\0\x48\x83\xc4");
    put(&(uint8_t){FRAME}, 1);
    PUT("\xc3\xc3");
    memcpy(file + CODE_AT, code, sizeof code);
    sample.bytes = (Bytes){file, sizeof file};
    Image *image = image_of_code(used);
    *VEC_ADD(sample.arena, &image->segments) = (Segment){.va = DATA,
                                                         .va_size = 0x1000,
                                                         .off = 0x2000,
                                                         .file = {file + 0x2000, 0x1000},
                                                         .perms = PERM_R | PERM_W};
    image->imports.max = 1;
    *VEC_ADD(sample.arena, &image->imports) =
        (Import){.module = "", .name = "strcat", .slot_va = STRCAT_SLOT};
    memset(&texts, 0, sizeof texts);
    hidden_from_code(&sample, image, code_from_image(&sample, image), &texts);
    assert_false(texts.is_cut);
}

/* The same for one text: how many stay. */
static size_t kept_at(uint8_t off) {
    hunt_at(off);
    assert_int_equal(texts.texts.count, 1);
    return !texts.texts.at[0].is_moved && !texts.texts.at[0].is_mixed;
}

/* Each `or eax, eax` doubles the ways back, and each way is long: for every one of the writers. It
 * must end soon; without a bound on it the scan budget is used up (kept_at: nothing is cut). */
static void test_many_ways_back(void **state) {
    (void)state;
    static const char text[] = "open the file and read it all\0\0";
    begin();
    for (uint8_t i = 0; i < 8; i++) {
        PUT("\xb8"); /* mov eax, text */
        put(text + (size_t)4 * i, 4);
        for (unsigned k = 0; k < 18; k++)
            PUT("\x09\xc0\x85\xd2\x85\xd2\x85\xd2\x85\xd2"); /* or eax, eax; test edx, edx */
        PUT("\x89\x44\x24");                                 /* mov [rsp + 4 i], eax */
        put(&(uint8_t){(uint8_t)(4 * i)}, 1);
    }
    kept_at(0);
}

/* A byte behind a text says how long it is, when it was written alone: a full stop is none. */
static void test_length_behind(void **state) {
    (void)state;
    begin();
    put_words("thirty-six characters of plain texts");
    put_char(36, 36);
    put_char(37, 0);
    kept_at(0);
    assert_int_equal(texts.texts.at[0].length, 36);
    begin();
    put_words("a sentence of forty-seven characters, with it.\0");
    put_word(44, "t..");
    kept_at(0);
    assert_int_equal(texts.texts.at[0].length, 47);
}

/* Four characters and nothing behind are a number; with a zero of their own they are a text. */
static void test_number(void **state) {
    (void)state;
    begin();
    put_word(0, "RIFF");
    assert_int_equal(kept_at(0), 0);
    begin();
    put_word(0, "vexp");
    put_char(4, 0);
    assert_int_equal(kept_at(0), 1);
}

static void test_two_numbers(void **state) {
    (void)state;
    begin();
    put_word(0, "acsp");
    put_word(4, "APPL");
    assert_int_equal(kept_at(0), 0);
    begin();
    put_word(0, "acsp");
    put_word(4, "APPL");
    put_char(8, 0);
    assert_int_equal(kept_at(0), 1);
    begin();
    put_word(4, "ineI"); /* in the order of registers */
    put_word(8, "ntel");
    put_word(0, "Genu");
    assert_int_equal(kept_at(0), 0);
    begin();
    put_words("GenuineIntel");
    assert_int_equal(kept_at(0), 1);
    begin();
    put_word(0, "RIFF");
    put_char(0x30, 0);
    put_word(4, "WAVE");
    put_word(8, "fmt!");
    assert_int_equal(kept_at(0), 0);
}

/* Two variables, beside each other by the compiler's choice: of one text the larger word is written
 * first, or its characters one behind the other. */
static void test_two_variables(void **state) {
    (void)state;
    for (unsigned is_one = 0; is_one < 2; is_one++) {
        begin();
        put_char(7, 0);
        if (!is_one)
            put_word(3, "YAML");
        PUT("\x66\xc7\x04\x24TA"); /* mov word [rsp], text */
        put_char(2, 'G');
        if (is_one)
            put_word(3, "YAML");
        assert_int_equal(kept_at(0), is_one);
    }
}

/* A register that was set before lies in a frame: no text, unless an end was written for it. */
static void test_register(void **state) {
    (void)state;
    for (unsigned is_closed = 0; is_closed < 2; is_closed++) {
        begin();
        put_unknown_rax("networks");
        put_rax(0);
        if (is_closed)
            put_char(8, 0);
        assert_int_equal(kept_at(0), is_closed);
    }
    /* What the only way there sets is known. */
    begin();
    PUT("\x48\xb8networks\x85\xff\x74\x00"); /* test edi, edi; jz to the next */
    put_rax(0);
    assert_int_equal(kept_at(0), 1);
}

/* A register of the caller that was saved. */
static void test_caller(void **state) {
    (void)state;
    begin();
    size_t store = put_function("\x48\x89\x07", 3); /* mov [rdi], rax */
    put_char(8, 0);
    put_call(store, "networks", 0);
    assert_int_equal(kept_at(0), 0);
}

/* Behind a text lies what is the address of data. */
static void test_image_address(void **state) {
    (void)state;
    static const uint64_t words[] = {DATA + 'P', 'P' | ' ' << 8 | 'P' << 16};
    for (unsigned i = 0; i < 2; i++) {
        begin();
        put_words("rinkstac");
        put_unknown_rax((const char *)&words[i]);
        put_rax(8);
        assert_int_equal(kept_at(0), i);
    }
}

/* A word was counted down where a text of the file goes on. */
static void test_changed(void **state) {
    (void)state;
    memcpy(file + 0x2000, "one of anetworks", 17);
    for (unsigned is_alone = 0; is_alone < 2; is_alone++) {
        begin();
        if (is_alone) {
            put_words("one of a");
        } else {
            put_load(DATA);
            put_rax(0);
        }
        put_load(DATA + 8);
        PUT("\x2c\x03"); /* sub al, 3 */
        put_rax(8);
        put_char(16, 0);
        put_word(0x20, "some");
        put_char(0x20, 1);
        assert_int_equal(kept_at(0), is_alone);
    }
}

/* The same in the frame: mov rax, [rsp + 8]; sub al, 3; mov [rsp + 8], rax. */
static void test_counted_back(void **state) {
    (void)state;
    begin();
    put_words("one of anetworks");
    put_char(16, 0);
    PUT("\x48\x8b\x44\x24\x08\x2c\x03");
    put_rax(8);
    assert_int_equal(kept_at(0), 0);
}

/* mov eax, [data]; bswap eax; mov [rsp], eax: a number of the other byte order. */
static void test_swapped(void **state) {
    (void)state;
    memcpy(file + 0x2000, "twenskro", 8);
    begin();
    for (uint8_t i = 0; i < 2; i++) {
        PUT("\x8b\x05");
        put_relative(DATA + 4u * i);
        PUT("\x0f\xc8\x89\x44\x24");
        put(&(uint8_t){(uint8_t)(4 * i)}, 1);
    }
    put_char(8, 0);
    put_word(0x20, "some");
    put_char(0x20, 1);
    assert_int_equal(kept_at(0), 0);
}

/* Words of one text of the file, and what stands between them there is not here. */
static void test_left_out(void **state) {
    (void)state;
    memcpy(file + 0x2000, "no child between heighted", 26);
    for (unsigned is_all = 0; is_all < 2; is_all++) {
        begin();
        put_load(DATA);
        put_rax(0);
        put_load(DATA + (is_all ? 8 : 16));
        put_rax(8);
        put_char(16, 0);
        put_word(0x20, "some");
        put_char(0x20, 1);
        assert_int_equal(kept_at(0), is_all);
    }
}

/* Names that were taken for code: outsb, outsd and insd are the letters n, o and m. */
static void test_letters(void **state) {
    (void)state;
    for (unsigned is_code = 0; is_code < 2; is_code++) {
        begin();
        if (is_code)
            PUT("\x90\x90\x90");
        else
            PUT("nom");
        put_words("networks");
        put_char(8, 0);
        assert_int_equal(kept_at(0), is_code);
    }
}

/* The lower half of an address, and its parts. */
static void test_half_address(void **state) {
    (void)state;
    begin();
    put_words("object 319287296");
    put_char(16, 0);
    assert_int_equal(kept_at(0), 0);
    begin();
    put_words("object 919287296");
    put_char(16, 0);
    assert_int_equal(kept_at(0), 1);
}

/* A wide text of the file that was copied: lea rsi, [data]; lea rdi, [rsp]; mov ecx, 8; rep movsw.
 */
static void test_wide_copy(void **state) {
    (void)state;
    for (unsigned i = 0; i < 8; i++)
        memcpy(file + 0x2002 + 2 * (size_t)i, &(uint16_t){(uint16_t) "networks"[i]}, 2);
    begin();
    PUT("\x48\x8d\x35");
    put_relative(DATA + 2);
    PUT("\x48\x8d\x3c\x24\xb9\x08\0\0\0\xf3\x66\xa5");
    put_word(0x20, "some");
    put_char(0x20, 1);
    assert_int_equal(kept_at(0), 0);
}

/* A number that was computed lies behind a text: mov eax, [rdi]; add eax, 0x40; mov [rsp + 8], eax.
 * The end of an array that is longer than its text is no number. */
static void test_number_behind(void **state) {
    (void)state;
    begin();
    put_word(0, "conn");
    put_word(4, "ects");
    PUT("\x8b\x07\x83\xc0\x40\x89\x44\x24\x08");
    assert_int_equal(kept_at(0), 0);
    begin();
    put_word(0, "conn");
    put_word(4, "ects");
    put_word(8, "!\0\0\0");
    assert_int_equal(kept_at(0), 0);
    begin();
    put_word(0, "conn");
    put_word(4, "ecte");
    put_word(8, "d\0\0\0");
    assert_int_equal(kept_at(0), 1);
}

/* A number and four characters behind, or before: file formats have such heads. */
static void test_tag(void **state) {
    (void)state;
    begin();
    put_word(0, "VP8X");
    put_word(4, "\x0a\0\0\0");
    assert_int_equal(kept_at(0), 0);
    begin();
    put_word(0, "\x01\x02\x03q");
    put_word(4, "DIRC");
    put_word(8, "TREE");
    put_char(12, 0);
    assert_int_equal(kept_at(3), 0);
    begin();
    put_word(0, "\x0d\0\0\0");
    put_word(1, "1.12");
    put_word(5, ".beta"); /* its first four */
    put_char(9, 0);
    assert_int_equal(kept_at(0), 0);
}

/* lea rax, [va]; mov [rsp], rax: the low byte of an address stays before a text. */
static void test_address(void **state) {
    (void)state;
    begin();
    PUT("\x48\x8d\x05");
    put_relative(DATA + 'U');
    PUT("\x48\x89\x04\x24");
    put_word(1, "can'");
    put_word(5, "t do");
    put_word(9, "it!\0");
    assert_int_equal(kept_at(0), 0);
}

/* What is left of an older text behind the words that were written over it. */
static void test_older_end(void **state) {
    (void)state;
    for (unsigned is_older = 0; is_older < 2; is_older++) {
        begin();
        put_word(0, "arch");
        put_word(4, "itec");
        put_word(8, "ture");
        put_char(12, 0);
        for (unsigned i = 0; i < 12 && is_older; i++)
            put_word(0x20, "\0\0\0\0");
        put_word(0, is_older ? "site" : "arch");
        assert_int_equal(kept_at(0), !is_older);
    }
}

/* A byte before the text says twice how long it is: that is none of its characters. */
static void test_length(void **state) {
    (void)state;
    begin();
    put_char(0, 36);
    put_word(1, "stoi");
    put_word(5, ": ou");
    put_word(9, "t of");
    put_word(13, " ran");
    put_word(17, "ge\0\0");
    assert_int_equal(kept_at(0), 1);
    assert_string_equal(texts.texts.at[0].text, "stoi: out of range");
    begin();
    put_char(0, '\t'); /* of what stands before it */
    put_word(1, "Thur");
    put_word(5, "sday");
    put_char(9, 0);
    assert_int_equal(kept_at(0), 1);
    assert_string_equal(texts.texts.at[0].text, "Thursday");
    begin();
    size_t store = put_function("\x88\x07", 2); /* mov [rdi], al */
    put_char(0, 0);
    put_word(1, "netw");
    put_word(5, "orks");
    put_char(9, 0);
    put_call(store, "0\0\0\0\0\0\0", 0);
    assert_int_equal(kept_at(0), 1);
    assert_string_equal(texts.texts.at[0].text, "networks");
}

/* jmp to the next block, so that what follows is written elsewhere. */
static void test_written_over(void **state) {
    (void)state;
    for (unsigned is_elsewhere = 0; is_elsewhere < 2; is_elsewhere++) {
        begin();
        put_word(0, "Load");
        put_word(4, " com");
        put_word(8, "mand");
        put_char(12, 0);
        if (is_elsewhere)
            PUT("\xeb\0");
        put_word(0, is_elsewhere ? "Name" : "Load");
        assert_int_equal(kept_at(0), !is_elsewhere);
    }
}

/* mov rax, [data]; not rax; mov [rsp], rax: eight characters by one operation are
 * chance, unless their end is written, too. */
static void test_open(void **state) {
    (void)state;
    static const char text[] = "networks";
    for (unsigned i = 0; i < 8; i++)
        file[0x2000 + i] = (uint8_t)~text[i];
    for (unsigned is_closed = 0; is_closed < 2; is_closed++) {
        begin();
        PUT("\x48\x8b\x05");
        put_relative(DATA);
        PUT("\x48\xf7\xd0\x48\x89\x04\x24");
        put_word(0x20, "some"); /* so that it is run */
        put_char(0x20, 1);
        if (is_closed)
            put_char(8, 0);
        assert_int_equal(kept_at(0), is_closed);
    }
}

/* Many texts, each of characters that were copied from all over the data: tracing one of them back
 * looks through 4,096 writes for 256 places. main: mov dl, i; call f, 240 times; call the same
 * again; f: lea rdi, [data + 0x800]; lea rsi, [data]; mov ecx, 256; then movzx edx, dl; mov al,
 * [rsi + rdx]; mov [rdi], al; xor byte [rdi + 0x400], 5; inc rdi; add dl, 7; dec ecx; jnz; ret. */
static void test_many(void **state) {
    (void)state;
    enum { CALLS = 240, MAIN = 7 * CALLS + 6, F = 2 * MAIN };
    uint32_t random = 1;
    for (unsigned i = 0; i < 256; i++) {
        random = random * 1103515245 + 12345;
        file[0x2000 + i] = (uint8_t) "etaoin shrdlu"[(random >> 16) % 13];
    }
    used = 0;
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned i = 0; i < CALLS; i++) {
            PUT("\xb2");
            put(&(uint8_t){(uint8_t)i}, 1);
            PUT("\xe8");
            put_relative(CODE + F);
        }
        PUT("\xe8");
        put_relative(half ? CODE + F : CODE + MAIN);
        PUT("\xc3");
    }
    assert_int_equal(used, F);
    PUT("\x48\x8d\x3d");
    put_relative(DATA + 0x800);
    PUT("\x48\x8d\x35");
    put_relative(DATA);
    PUT("\xb9\0\x01\0\0\x0f\xb6\xd2\x8a\x04\x16\x88\x07\x80\xb7\0\x04\0\0\x05\x48\xff\xc7"
        "\x80\xc2\x07\xff\xc9\x75\xe7\xc3");
    memcpy(file + CODE_AT, code, sizeof code);
    sample.bytes = (Bytes){file, sizeof file};
    Image *image = image_of_code(used);
    *VEC_ADD(sample.arena, &image->segments) = (Segment){.va = DATA,
                                                         .va_size = 0x1000,
                                                         .off = 0x2000,
                                                         .file = {file + 0x2000, 0x1000},
                                                         .perms = PERM_R | PERM_W};
    HiddenTexts found = {0};
    hidden_from_code(&sample, image, code_from_image(&sample, image), &found);
    assert_true(found.texts.count > CALLS);
    assert_true(found.is_cut);
}

/* call [data + 0x800], where nothing is. */
static void put_unknown_call(void) {
    PUT("\xff\x15");
    put_relative(DATA + 0x800);
}

enum { TURN_NONE, TURN_SAME, TURN_CALL, TURN_MODELLED, TURNS };

static void put_turn(unsigned turn) {
    if (turn == TURN_SAME)
        put_words("in the door\0"); /* is there already when the pieces are written */
    if (turn == TURN_CALL || turn == TURN_SAME)
        put_unknown_call();
    if (turn == TURN_MODELLED) {
        PUT("\xbe\0\x27\x40\0\x48\x8d\x3c\x24\xff\x15"); /* strcat(rsp, DATA + 0x700) */
        put_relative(STRCAT_SLOT);
    }
}

/* What was put together with a call between is no text of one making, whether the call is known or
 * not; unless all of it was there before. */
static void test_turns(void **state) {
    (void)state;
    for (unsigned turn = TURN_NONE; turn < TURNS; turn++) {
        begin();
        put_word(0, "in \0");
        put_turn(turn);
        put_word(3, "the ");
        put_word(7, "door");
        put_char(11, 0);
        assert_int_equal(kept_at(0), turn == TURN_NONE || turn == TURN_SAME);
        assert_string_equal(texts.texts.at[0].text, "in the door");
    }
}

/* A function that decodes one character is called for each: there are turns, but no pieces. */
static void test_turns_of_characters(void **state) {
    (void)state;
    static const char text[] = "open the door";
    begin();
    for (uint8_t i = 0; i < sizeof text; i++) {
        put_unknown_call();
        put_char(i, text[i]);
    }
    hunt_at(0);
    const HiddenText *last = &texts.texts.at[texts.texts.count - 1];
    assert_string_equal(last->text, text);
    assert_false(last->is_moved || last->is_mixed);
}

/* xor eax, eax; test eax, eax; jz to what is not known yet. Where its distance stands. */
static size_t put_jump(void) {
    PUT("\x31\xc0\x85\xc0\x74\x00");
    return used - 1;
}

/* Blocks that no condition leads to are run to their ends on the way to others, although what they
 * call before takes long: here the first copies 255 characters that are no text, and then begins
 * one, which the second goes on with. */
static void test_forced_blocks(void **state) {
    (void)state;
    memset(file + 0x2700, '1', 0xff);
    begin();
    size_t first = put_jump();
    PUT("\xbe");
    put(&(uint32_t){DATA + 0x700}, 4);
    PUT("\xbf");
    put(&(uint32_t){DATA + 0xa00}, 4);
    PUT("\xff\x15");
    put_relative(STRCAT_SLOT);
    put_word(0, "in:\0");
    size_t second = put_jump();
    put_word(3, "the ");
    put_word(7, "door");
    put_char(11, 0);
    code[first] = (uint8_t)(used - first - 1);
    code[second] = (uint8_t)(used - second - 1);
    assert_int_equal(kept_at(0), 1);
    assert_string_equal(texts.texts.at[0].text, "in:the door");
}

/* xor eax, eax; movabs rcx, word; mov [rax], rcx: a text for nobody, between the pieces of another.
 */
static void test_lost_text(void **state) {
    (void)state;
    for (unsigned is_number = 0; is_number < 2; is_number++) {
        begin();
        put_word(0, "the ");
        PUT("\x31\xc0\x48\xb9");
        put(is_number ? "\x01\x02\0\0\0\0\0" : "priestes", 8);
        PUT("\x48\x89\x08");
        put_word(4, "of a");
        put_word(8, "god\0");
        assert_int_equal(kept_at(0), is_number);
        assert_string_equal(texts.texts.at[0].text, "the of agod");
    }
}

/* lea rsi, [data]; lea rdi, [rsp]; mov ecx, length; l: mov al, [rsi]; xor al, 0x5a; mov [rdi], al;
 * inc rsi; inc rdi; dec ecx; jz out; `dot`; jmp l; out: mov byte [rdi], 0. Where mov byte [rdi],
 * '.'; inc rdi writes the dots, these are numbers that were written out. */
static void test_written_out(void **state) {
    (void)state;
    for (unsigned is_decoded = 0; is_decoded < 2; is_decoded++) {
        const char *text = is_decoded ? "6.4.0.1" : "6401";
        for (size_t i = 0; i < strlen(text); i++)
            file[0x2000 + i] = (uint8_t)text[i] ^ 0x5a;
        begin();
        PUT("\x48\x8d\x35");
        put_relative(DATA);
        PUT("\x48\x8d\x3c\x24\xb9");
        put(&(uint32_t){(uint32_t)strlen(text)}, 4);
        PUT("\x8a\x06\x34\x5a\x88\x07\x48\xff\xc6\x48\xff\xc7\xff\xc9\x74\x08");
        if (is_decoded)
            PUT("\x90\x90\x90\x90\x90\x90");
        else
            PUT("\xc6\x07.\x48\xff\xc7");
        PUT("\xeb\xe8\xc6\x07\0");
        assert_int_equal(kept_at(0), is_decoded);
        assert_string_equal(texts.texts.at[0].text, "6.4.0.1");
    }
}

/* movups xmm0, [data]; movups [rsp], xmm0: an argument that points into it is none of a text. */
static void test_inside(void **state) {
    (void)state;
    memcpy(file + 0x2000, "Upgrade: network", 16);
    for (uint8_t off = 0; off <= 9; off += 3) {
        begin();
        PUT("\x0f\x10\x05");
        put_relative(DATA);
        PUT("\x0f\x11\x04\x24");
        put_char(16, 0);
        put_word(0x20, "some"); /* so that it is run */
        put_char(0x20, 1);
        kept_at(off);
        assert_string_equal(texts.texts.at[0].text, "Upgrade: network");
    }
}

/* Constants of formats, one after the other in one place, without an end: mov word [rsp + 4], text.
 */
static void test_compared(void **state) {
    (void)state;
    for (unsigned is_alone = 0; is_alone < 2; is_alone++) {
        begin();
        if (!is_alone) {
            put_word(0, "GIF8");
            PUT("\x66\xc7\x44\x24\x04\x37\x61"); /* 7a */
        }
        put_word(0, "WEBP");
        PUT("\x66\xc7\x44\x24\x04VP");
        assert_int_equal(kept_at(0), is_alone);
        assert_string_equal(texts.texts.at[0].text, "WEBPVP");
    }
}

/* Much later something is written into the middle of a text up to its end: who appends begins at
 * the end, who changes an ending at a sign. */
static void test_newer_end(void **state) {
    (void)state;
    static const char *const firsts[] = {"Button Left", "Button Le\0\0", "Button L.tx"};
    for (unsigned kind = 0; kind < 3; kind++) {
        begin();
        put_word(0, firsts[kind]);
        put_word(4, firsts[kind] + 4);
        put_word(8, firsts[kind] + 8);
        put_char(12, 0);
        for (unsigned i = 0; i < 12; i++)
            put_word(0x20, i % 2 ? "\0\0\0\0" : "\1\0\0\0"), put_char(0x28, 0);
        put_word(9, kind == 2 ? "bakX" : "RelX");
        put_char(13, 0);
        assert_int_equal(kept_at(0), kind > 0);
    }
}

/* mov dword [data + off], text */
static void put_static(uint32_t off, const char text[4]) {
    PUT("\xc7\x05");
    put_relative(DATA + off - 4);
    put(text, 4);
}

/* What is left of a text behind the end of another one that was written over its beginning. */
static void test_rest(void **state) {
    (void)state;
    for (unsigned is_before = 0; is_before < 2; is_before++) {
        begin();
        for (unsigned i = 0; i < 2; i++) {
            if (i != is_before) {
                put_static(0, "pit\0");
                continue;
            }
            if (!is_before)
                put_static(0, "long");
            for (uint32_t off = 4; off < 20; off += 4)
                put_static(off, &"open the door\0\0"[off - 4]);
        }
        assert_int_equal(kept_at(0x20), is_before);
        assert_string_equal(texts.texts.at[0].text, "open the door");
    }
}

/* The same, but a number was written over its beginning: the first of two registers' halves. */
static void test_rest_of_number(void **state) {
    (void)state;
    for (unsigned is_over = 0; is_over < 2; is_over++) {
        begin();
        for (uint32_t off = 0; off < 20; off += 4)
            put_static(off, &"long open the door\0"[off]);
        if (is_over)
            put_static(0, "\x90\x01\0\0");
        assert_int_equal(kept_at(0x20), !is_over);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_length_behind, start, stop),
        cmocka_unit_test_setup_teardown(test_number, start, stop),
        cmocka_unit_test_setup_teardown(test_two_numbers, start, stop),
        cmocka_unit_test_setup_teardown(test_number_behind, start, stop),
        cmocka_unit_test_setup_teardown(test_two_variables, start, stop),
        cmocka_unit_test_setup_teardown(test_register, start, stop),
        cmocka_unit_test_setup_teardown(test_caller, start, stop),
        cmocka_unit_test_setup_teardown(test_image_address, start, stop),
        cmocka_unit_test_setup_teardown(test_changed, start, stop),
        cmocka_unit_test_setup_teardown(test_counted_back, start, stop),
        cmocka_unit_test_setup_teardown(test_swapped, start, stop),
        cmocka_unit_test_setup_teardown(test_left_out, start, stop),
        cmocka_unit_test_setup_teardown(test_letters, start, stop),
        cmocka_unit_test_setup_teardown(test_half_address, start, stop),
        cmocka_unit_test_setup_teardown(test_wide_copy, start, stop),
        cmocka_unit_test_setup_teardown(test_tag, start, stop),
        cmocka_unit_test_setup_teardown(test_address, start, stop),
        cmocka_unit_test_setup_teardown(test_older_end, start, stop),
        cmocka_unit_test_setup_teardown(test_length, start, stop),
        cmocka_unit_test_setup_teardown(test_written_over, start, stop),
        cmocka_unit_test_setup_teardown(test_open, start, stop),
        cmocka_unit_test_setup_teardown(test_turns, start, stop),
        cmocka_unit_test_setup_teardown(test_turns_of_characters, start, stop),
        cmocka_unit_test_setup_teardown(test_lost_text, start, stop),
        cmocka_unit_test_setup_teardown(test_forced_blocks, start, stop),
        cmocka_unit_test_setup_teardown(test_written_out, start, stop),
        cmocka_unit_test_setup_teardown(test_inside, start, stop),
        cmocka_unit_test_setup_teardown(test_compared, start, stop),
        cmocka_unit_test_setup_teardown(test_newer_end, start, stop),
        cmocka_unit_test_setup_teardown(test_rest, start, stop),
        cmocka_unit_test_setup_teardown(test_rest_of_number, start, stop),
        cmocka_unit_test_setup_teardown(test_many_ways_back, start, stop),
        cmocka_unit_test_setup_teardown(test_many, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
