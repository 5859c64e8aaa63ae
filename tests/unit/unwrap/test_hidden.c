/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "unwrap/code_image.h"
#include "unwrap/hidden.h"
#include "unwrap/transform.h"

enum { DATA = 0x402000 };

static Image *image_of(const char *code, size_t size) {
    memcpy(file + CODE_AT, code, size);
    sample.bytes = (Bytes){file, sizeof file};
    Image *image = image_of_code(size);
    *VEC_ADD(sample.arena, &image->segments) = (Segment){.va = DATA,
                                                         .va_size = 0x1000,
                                                         .off = 0x2000,
                                                         .file = {file + 0x2000, 0x1000},
                                                         .perms = PERM_R | PERM_W};
    return image;
}

static HiddenTexts hunt(Image *image) {
    HiddenTexts found = {0};
    hidden_from_code(&sample, image, code_from_image(&sample, image), &found);
    assert_false(found.is_cut);
    return found;
}
#define HUNT(code) hunt(image_of(code, sizeof(code) - 1))

static void test_stack(void **state) {
    (void)state;
    /* sub rsp, 0x28; five dwords; mov rdi, rsp; call f; add rsp, 0x28; ret; f: ret */
    HiddenTexts found = HUNT("\x48\x83\xec\x28"
                             "\xc7\x04\x24"
                             "http"
                             "\xc7\x44\x24\x04"
                             "://c"
                             "\xc7\x44\x24\x08"
                             "2.ex"
                             "\xc7\x44\x24\x0c"
                             "ampl"
                             "\xc7\x44\x24\x10"
                             "e\0\0\0"
                             "\x48\x89\xe7\xe8\x05\0\0\0\x48\x83\xc4\x28\xc3\xc3");
    assert_int_equal(found.texts.count, 1);
    assert_string_equal(found.texts.at[0].text, "http://c2.example");
    assert_int_equal(found.texts.at[0].kind, HIDDEN_STACK);
    assert_int_equal(found.texts.at[0].site_va, CODE + 0x2e);
    assert_false(found.texts.at[0].is_wide);
}

/* lea rdi, [data]; mov esi, 17; call f; ret; f: xor byte [rdi], 0x5a; inc rdi; dec esi; jnz f; ret
 */
#define DECODER                                                                                    \
    "\x48\x8d\x3d\xf9\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"                                     \
    "\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3"

static void put_encoded(const char *text) {
    for (size_t i = 0; i < strlen(text); i++)
        file[0x2000 + i] = (uint8_t)text[i] ^ 0x5a;
}

static void test_decoded(void **state) {
    (void)state;
    put_encoded("http://c2.example");
    HiddenTexts found = HUNT(DECODER);
    assert_int_equal(found.texts.count, 1);
    assert_string_equal(found.texts.at[0].text, "http://c2.example");
    assert_int_equal(found.texts.at[0].kind, HIDDEN_DECODED);
    assert_int_equal(found.texts.at[0].routine_va, CODE + 18);
    assert_int_equal(found.texts.at[0].site_va, CODE + 12);
}

static void test_no_text(void **state) {
    (void)state;
    memcpy(file + 0x2000, "\x13\x99\x27\x45\x01\x88\xfe\x20\x11\x02\xc0\xde\xaa\x55\x31\x10\x08",
           17);
    assert_int_equal(HUNT(DECODER).texts.count, 0);
    put_encoded("ABCDEFGHIJKLMNOPQ"); /* an alphabet is a table */
    assert_int_equal(HUNT(DECODER).texts.count, 0);
    put_encoded("eKeK.eKzeKeK.eKze"); /* four characters in seventeen: a picture */
    assert_int_equal(HUNT(DECODER).texts.count, 0);
}

static size_t count_kept(const HiddenTexts *found) {
    size_t n = 0;
    for (size_t i = 0; i < found->texts.count; i++)
        n += !found->texts.at[i].is_moved && !found->texts.at[i].is_mixed;
    return n;
}

/* What stood there, moved by a character, is nothing that was decoded: DECODER, then lea rdi,
 * [data]; mov esi, 16; call g; ret; g: mov al, [rdi + 1]; mov [rdi], al; xor byte [rdi + 0x40], 5;
 * inc rdi; dec esi; jnz g; ret. */
static void test_shifted(void **state) {
    (void)state;
    put_encoded("xopen the doorway");
    HiddenTexts found =
        HUNT("\x48\x8d\x3d\xf9\x0f\0\0\xbe\x11\0\0\0\xe8\x12\0\0\0"
             "\x48\x8d\x3d\xe8\x0f\0\0\xbe\x10\0\0\0\xe8\x0c\0\0\0\xc3"
             "\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3"
             "\x8a\x47\x01\x88\x07\x80\x77\x40\x05\x48\xff\xc7\xff\xce\x75\xf0\xc3");
    assert_int_equal(found.texts.count, 1);
    assert_string_equal(found.texts.at[0].text, "xopen the doorway");
}

/* What code makes that runs on with what it was not meant for, or of what is no secret. */
static void test_no_decoding(void **state) {
    (void)state;
    put_encoded("ACADAGAIAMANARATB"); /* pairs in order: sorted */
    assert_int_equal(HUNT(DECODER).texts.count, 0);
    put_encoded("AAAAAAAAAAhttp.ex"); /* zeros, in some code */
    assert_int_equal(HUNT(DECODER).texts.count, 0);
    put_encoded("c2.orgc2.orgc2.or"); /* not whole pieces: nothing is known about it */
    HiddenTexts found = HUNT(DECODER);
    assert_int_equal(count_kept(&found), 1);
    put_encoded("c2.exampc2.examp"); /* one piece twice */
    file[0x2010] = 0x5a;
    found = HUNT(DECODER);
    assert_int_equal(found.texts.count, 1);
    assert_int_equal(count_kept(&found), 0);
    assert_true(found.texts.at[0].is_run_on);
    put_encoded("[null,null,null");
    file[0x200f] = file[0x2010] = 0x5a;
    found = HUNT(DECODER);
    assert_int_equal(found.texts.count, 1);
    assert_true(found.texts.at[0].is_run_on);
    /* The decoder's key is 0x20: upper case. */
    memcpy(file + 0x2000, "serverexamplehost", 17);
    found = HUNT("\x48\x8d\x3d\xf9\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"
                 "\x80\x37\x20\x48\xff\xc7\xff\xce\x75\xf6\xc3");
    assert_int_equal(count_kept(&found), 0);
}

/* lea rdi, [data]; lea rsi, [data + 0x800]; lea rcx, [data + 0xc00]; mov edx, 4; call f; ret
 * f: mov eax, [rdi]; `change`, five bytes; mov [rsi], eax; shr eax, 25; mov [rcx], al; add rdi, 16;
 * add rsi, 4; inc rcx; dec edx; jnz f; ret: a hash table grows, control bytes beside. */
#define GROWER(change)                                                                             \
    "\x48\x8d\x3d\xf9\x0f\0\0\x48\x8d\x35\xf2\x17\0\0\x48\x8d\x0d\xeb\x1b\0\0"                     \
    "\xba\x04\0\0\0\xe8\x01\0\0\0\xc3"                                                             \
    "\x8b\x07" change "\x89\x06\xc1\xe8\x19\x88\x01\x48\x83\xc7\x10\x48\x83\xc6\x04\x48\xff\xc1"   \
    "\xff\xca\x75\xe3\xc3"

static void put_elements(uint8_t key) {
    static const char text[] = "http://c2.exampl";
    for (size_t i = 0; i < 16; i++)
        file[0x2000 + i / 4 * 16 + i % 4] = (uint8_t)text[i] ^ key;
}

/* Words of the data that come to stand beside each other were moved; changed ones were not. */
static void test_moved(void **state) {
    (void)state;
    put_elements(0);
    HiddenTexts found = HUNT(GROWER("\x0f\x1f\x44\0\0")); /* nop */
    assert_true(found.texts.count > 0);
    assert_int_equal(count_kept(&found), 0);
    put_elements(0x5a);
    found = HUNT(GROWER("\x35\x5a\x5a\x5a\x5a")); /* xor eax, 0x5a5a5a5a */
    assert_int_equal(count_kept(&found), 1);
    assert_string_equal(found.texts.at[0].text, "http://c2.exampl");
}

/* sub rsp, 0x48; mov dword [rsp + 0x30], "abcd"; lea rax, [data]; add rax, `off`, six bytes;
 * mov rcx, [rax]; mov [rsp], rcx; mov rcx, [rax + 8]; mov [rsp + 8], rcx; call f; add rsp, 0x48;
 * ret; f: ret */
#define READER(data, off)                                                                          \
    "\x48\x83\xec\x48\xc7\x44\x24\x30"                                                             \
    "abcd"                                                                                         \
    "\x48\x8d\x05" data "\x48\x05" off "\x48\x8b\x08\x48\x89\x0c\x24\x48\x8b\x48\x08\x48\x89\x4c"  \
    "\x24\x08\xe8\x05\0\0\0\x48\x83\xc4\x48\xc3\xc3"

/* A text that is read as if it were a structure; constants that the code mentions are a text. */
static void test_stack_words(void **state) {
    (void)state;
    memcpy(file + 0x2100, "onPointTomlError", 16);
    HiddenTexts found = HUNT(READER("\xed\x0f\0\0", "\0\x01\0\0"));
    assert_int_equal(found.texts.count, 1);
    assert_int_equal(count_kept(&found), 0);
    found = HUNT(READER("\xed\x10\0\0", "\0\0\0\0"));
    assert_int_equal(count_kept(&found), 1);
    assert_string_equal(found.texts.at[0].text, "onPointTomlError");
}

/* lea rdi, [data]; lea rsi, [data + 0x800]; mov edx, 24; call f; ret
 * f: lea rcx, [data + 0x100]; movzx eax, byte [rdi]; and eax, 63; mov al, [rcx + rax];
 * mov [rsi], al; inc rdi; inc rsi; dec edx; jnz; ret: six bits are a character of an alphabet. */
#define ENCODER                                                                                    \
    "\x48\x8d\x3d\xf9\x0f\0\0\x48\x8d\x35\xf2\x17\0\0\xba\x18\0\0\0\xe8\x01\0\0\0\xc3"             \
    "\x48\x8d\x0d\xe0\x10\0\0\x0f\xb6\x07\x83\xe0\x3f\x8a\x04\x01\x88\x06\x48\xff\xc7\x48\xff"     \
    "\xc6\xff\xca\x75\xeb\xc3"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What an encoder writes hides nothing; a substitution by the same table does when words come out.
 */
static void test_encoded(void **state) {
    (void)state;
    memcpy(file + 0x2100, alphabet, 64);
    for (unsigned i = 0; i < 24; i++)
        file[0x2000 + i] = (uint8_t)(i * i * 37 + i * 11 + 5);
    HiddenTexts found = HUNT(ENCODER);
    assert_true(found.texts.count > 0);
    assert_int_equal(count_kept(&found), 0);
    static const char text[] = "connectServerExampleHost";
    for (unsigned i = 0; i < 24; i++)
        file[0x2000 + i] = (uint8_t)(strchr(alphabet, text[i]) - alphabet);
    found = HUNT(ENCODER);
    assert_int_equal(count_kept(&found), 1);
    assert_string_equal(found.texts.at[0].text, text);
}

/* A short one whose last group is filled, as base64 is: the encoder, for ten characters and then
 * mov word [rsi], "=="; ret. */
static void test_padded(void **state) {
    (void)state;
#define FILLER(last)                                                                               \
    "\x48\x8d\x3d\xf9\x0f\0\0\x48\x8d\x35\xf2\x17\0\0\xba\x0a\0\0\0\xe8\x01\0\0\0\xc3"             \
    "\x48\x8d\x0d\xe0\x10\0\0\x0f\xb6\x07\x83\xe0\x3f\x8a\x04\x01\x88\x06\x48\xff\xc7\x48\xff"     \
    "\xc6\xff\xca\x75\xeb\x66\xc7\x06" last "\xc3"
    memcpy(file + 0x2100, alphabet, 64);
    static const char text[] = "WApassword";
    for (unsigned i = 0; i < 10; i++)
        file[0x2000 + i] = (uint8_t)(strchr(alphabet, text[i]) - alphabet);
    HiddenTexts found = HUNT(FILLER("=="));
    assert_true(found.texts.count > 0);
    assert_int_equal(count_kept(&found), 0);
    found = HUNT(FILLER("!!"));
    assert_int_equal(count_kept(&found), 1);
#undef FILLER
}

/* The same table, which nothing mentions: lea rcx, [data + 0xf0]; mov al, [rcx + rax + 16]. */
static void test_looked_up(void **state) {
    (void)state;
#define GENERATOR                                                                                  \
    "\x48\x8d\x3d\xf9\x0f\0\0\x48\x8d\x35\xf2\x17\0\0\xba\x18\0\0\0\xe8\x01\0\0\0\xc3"             \
    "\x48\x8d\x0d\xd0\x10\0\0\x0f\xb6\x07\x83\xe0\x3f\x8a\x44\x01\x10\x88\x06\x48\xff\xc7"         \
    "\x48\xff\xc6\xff\xca\x75\xea\xc3"
    memcpy(file + 0x2100, alphabet, 64);
    static const char texts[][25] = {"KoSfmdjvpV3mpRosQkLx7Tgu", "connectServerExampleHost"};
    for (unsigned k = 0; k < 2; k++) {
        for (unsigned i = 0; i < 24; i++)
            file[0x2000 + i] = (uint8_t)(strchr(alphabet, texts[k][i]) - alphabet);
        HiddenTexts found = HUNT(GENERATOR);
        assert_true(found.texts.count > 0);
        assert_int_equal(count_kept(&found), k);
    }
#undef GENERATOR
}

/* sub rsp, 0x28; mov dword [rsp + 0x18], "abcd"; movups xmm0, [data]; jmp on; xor eax, eax;
 * movups xmm0, [rax]; movups [rsp], xmm0; mov byte [rsp + 16], 0; lea rdi, [rsp]; call f;
 * add rsp, 0x28; ret; f: ret. Nothing is at 0, and what the register had is not it. */
static void test_faulting_load(void **state) {
    (void)state;
    memcpy(file + 0x2000, "http://c2.exampl", 16);
    HiddenTexts found = HUNT("\x48\x83\xec\x28\xc7\x44\x24\x18"
                             "abcd"
                             "\x0f\x10\x05\xed\x0f\0\0\xeb\0\x31\xc0\x0f\x10\0\x0f\x11\x04\x24"
                             "\xc6\x44\x24\x10\0\x48\x8d\x3c\x24\xe8\x05\0\0\0"
                             "\x48\x83\xc4\x28\xc3\xc3");
    assert_int_equal(found.texts.count, 0);
}

/* lea rdi, [data]; call f; ret; f: dwords to [rdi] and on, then a loop that changes what lies 0x40
 * bytes behind. What f names in its instructions is put together and not decoded, and it is no
 * text where the rest is what stood there. */
static void test_written(void **state) {
    (void)state;
#define WRITER(fourth, last)                                                                       \
    "\x48\x8d\x3d\xf9\x0f\0\0\xe8\x01\0\0\0\xc3"                                                   \
    "\xc7\x07"                                                                                     \
    "http"                                                                                         \
    "\xc7\x47\x04"                                                                                 \
    "://c"                                                                                         \
    "\xc7\x47\x08"                                                                                 \
    "2.ex" fourth last "\xbe\x08\0\0\0"                                                            \
    "\x80\x77\x40\x05\x48\xff\xc7\xff\xce\x75\xf5\xc3"
    HiddenTexts found = HUNT(WRITER("\xc7\x47\x0c"
                                    "ampl",
                                    "\xc7\x47\x10"
                                    "e\0\0\0"));
    assert_int_equal(count_kept(&found), 2); /* f alone, and called */
    for (unsigned i = 0; i < 2; i++) {
        assert_string_equal(found.texts.at[i].text, "http://c2.example");
        assert_int_equal(found.texts.at[i].kind, HIDDEN_STACK);
        assert_int_equal(found.texts.at[i].routine_va, 0);
    }
    memcpy(file + 0x2000, "Please wait.ible", 16);
    found = HUNT(WRITER("", ""));
    assert_int_equal(found.texts.count, 2);
    for (unsigned i = 0; i < 2; i++) /* alone it is given zeros */
        assert_int_equal(found.texts.at[i].is_moved,
                         strcmp(found.texts.at[i].text, "http://c2.exible") == 0);
    assert_int_equal(count_kept(&found), 1);
#undef WRITER
}

/* f appends: xor byte [rdi + 8], 0x5a and so on, behind eight characters that stand there. What
 * was there before belongs to the text, and it is mostly that. */
static void test_appended(void **state) {
    (void)state;
    put_encoded("True.End");
    memmove(file + 0x200c, file + 0x2000, 8);
    memcpy(file + 0x2000, "unknown flag", 12);
    /* As DECODER, from data + 12, for 8 characters. */
    HiddenTexts found = HUNT("\x48\x8d\x3d\x05\x10\0\0\xbe\x08\0\0\0\xe8\x01\0\0\0\xc3"
                             "\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3");
    assert_int_equal(found.texts.count, 0);
}

/* sub rsp, 0x28; "Cont" "ent!" 0 at rsp; mov rdi, rsp; call f; "Lase" at rsp; call f; "time" at
 * rsp + 4; call f; add rsp, 0x28; ret; f: ret: what stands there between the two is no text, and
 * what was put together in two turns is not told as one. */
static void test_overwritten(void **state) {
    (void)state;
    HiddenTexts found = HUNT("\x48\x83\xec\x28\xc7\x04\x24"
                             "Cont"
                             "\xc7\x44\x24\x04"
                             "ent!"
                             "\xc7\x44\x24\x08\0\0\0\0\x48\x89\xe7\xe8\x1e\0\0\0\xc7\x04\x24"
                             "Lase"
                             "\xe8\x12\0\0\0\xc7\x44\x24\x04"
                             "time"
                             "\xe8\x05\0\0\0\x48\x83\xc4\x28\xc3\xc3");
    assert_int_equal(found.texts.count, 3);
    assert_string_equal(found.texts.at[1].text, "Laseent!");
    assert_true(found.texts.at[1].is_mixed);
    assert_true(found.texts.at[2].is_mixed);
    assert_int_equal(count_kept(&found), 1);
}

/* sub rsp, 0x28; three dwords and "r"; mov rdi, rsp; call f; add rsp, 0x28; ret; f: ret. Of a text
 * of the data, with a count in the place of a word, nothing is hidden. */
static void test_counted(void **state) {
    (void)state;
#define BUILDER                                                                                    \
    "\x48\x83\xec\x28\xc7\x04\x24"                                                                 \
    "conn"                                                                                         \
    "\xc7\x44\x24\x04"                                                                             \
    "ectS"                                                                                         \
    "\xc7\x44\x24\x08"                                                                             \
    "frve"                                                                                         \
    "\xc7\x44\x24\x0c"                                                                             \
    "r\0\0\0"                                                                                      \
    "\x48\x89\xe7\xe8\x05\0\0\0\x48\x83\xc4\x28\xc3\xc3"
    HiddenTexts found = HUNT(BUILDER);
    assert_int_equal(count_kept(&found), 1);
    memcpy(file + 0x2300, "reconnectServers", 16);
    found = HUNT(BUILDER);
    assert_int_equal(found.texts.count, 1);
    assert_int_equal(count_kept(&found), 0);
    memcpy(file + 0x2300, "reconnectSERvers", 16); /* more than one character differs */
    found = HUNT(BUILDER);
    assert_int_equal(count_kept(&found), 1);
#undef BUILDER
}

/* A text of the data but for its first character was not decoded. */
static void test_edged(void **state) {
    (void)state;
    put_encoded("xttp://c2.example");
    HiddenTexts found = HUNT(DECODER);
    assert_int_equal(count_kept(&found), 1);
    memcpy(file + 0x2300, "see http://c2.example", 22);
    found = HUNT(DECODER);
    assert_int_equal(found.texts.count, 1);
    assert_int_equal(count_kept(&found), 0);
}

/* As DECODER, with lea rax, [data + 0x300] twice before it: texts that the function mentions. */
static void test_of_pieces(void **state) {
    (void)state;
#define JOINER                                                                                     \
    "\x48\x8d\x05\xf9\x12\0\0\x48\x8d\x05\x02\x13\0\0"                                             \
    "\x48\x8d\x3d\xeb\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"                                     \
    "\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3"
    memcpy(file + 0x2300, "Reports of", 11);
    memcpy(file + 0x2310, "%s_LAST", 8);
    put_encoded("reports_0815_last");
    HiddenTexts found = HUNT(JOINER);
    assert_int_equal(found.texts.count, 1);
    assert_int_equal(count_kept(&found), 0);
    put_encoded("reports_0815_gone");
    found = HUNT(JOINER);
    assert_int_equal(count_kept(&found), 1);
#undef JOINER
}

/* Whole texts of the data one behind the other, and what stands between the marks of formats. */
static void test_joined(void **state) {
    (void)state;
    put_encoded("/xsane/doorway.rc");
    for (unsigned has_all = 0; has_all < 2; has_all++) {
        memcpy(file + 0x2300, has_all ? "xsane" : "xsame", 6);
        memcpy(file + 0x2310, "%-8lddoorway%s", 15);
        memcpy(file + 0x2320, ".rc", 4);
        HiddenTexts found = HUNT(DECODER);
        assert_int_equal(count_kept(&found), !has_all);
    }
}

/* lea rdi, [data + 0x100]; lea rsi, [data + 0x301]; mov edx, 16; call f; ret
 * f: mov al, [rsi]; `change`, two bytes; mov [rdi], al; xor byte [rdi + 0x40], 5; inc rdi; inc rsi;
 * cmp edx, 9; jne + 4; add rsi, 9; dec edx; jnz f; ret: two pieces of eight characters. */
#define COPIER(change)                                                                             \
    "\x48\x8d\x3d\xf9\x10\0\0\x48\x8d\x35\xf3\x12\0\0\xba\x10\0\0\0\xe8\x01\0\0\0\xc3"             \
    "\x8a\x06" change "\x88\x07\x80\x77\x40\x05\x48\xff\xc7\x48\xff\xc6\x83\xfa\x09\x75\x04\x48"   \
    "\x83\xc6\x09\xff\xca\x75\xe3\xc3"

static void test_copied(void **state) {
    (void)state;
    memcpy(file + 0x2301, "http://c", 8);
    memcpy(file + 0x2312, "2.exampl", 8);
    HiddenTexts found = HUNT(COPIER("\x66\x90")); /* nop */
    assert_true(found.texts.count > 0);
    assert_int_equal(count_kept(&found), 0);
    for (unsigned i = 0; i < 8; i++) {
        file[0x2301 + i] ^= 0x5a;
        file[0x2312 + i] ^= 0x5a;
    }
    found = HUNT(COPIER("\x34\x5a")); /* xor al, 0x5a */
    assert_int_equal(count_kept(&found), 1);
    assert_string_equal(found.texts.at[0].text, "http://c2.exampl");
    assert_false(found.texts.at[0].is_copied);
}

/* A decoder that never ends costs its budget, and what comes after it is found. */
static void test_endless(void **state) {
    (void)state;
    put_encoded("http://c2.example");
    /* call g; lea rdi, [data]; mov esi, 17; call f; ret; f as above; g: xor byte [rsp-9], 1; jmp g
     */
    HiddenTexts found =
        HUNT("\xe8\x1d\0\0\0\x48\x8d\x3d\xf4\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"
             "\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3"
             "\x80\x74\x24\xf7\x01\xeb\xf9");
    assert_int_equal(found.texts.count, 1);
}

static void test_transform(void **state) {
    (void)state;
    Image *image = image_of(DECODER, sizeof DECODER - 1);
    Code *code = code_from_image(&sample, image);
    TransformInput in = {image, code, lifter_for_image(sample.arena, image, code->decoder)};
    TransformLoops loops = {0};
    transform_find(sample.arena, sample.scratch, &in, &loops);
    assert_int_equal(loops.count, 1);
    assert_true(loops.at[0].has_xor);
    assert_int_equal(loops.at[0].va, CODE + 18);
    /* f copies instead: mov al, [rdi]; mov [rdi], al */
    image = image_of("\x48\x8d\x3d\xf9\x0f\0\0\xbe\x11\0\0\0\xe8\x01\0\0\0\xc3"
                     "\x8a\x07\x88\x07\x48\xff\xc7\xff\xce\x75\xf5\xc3",
                     30);
    in.code = code = code_from_image(&sample, image);
    in.image = image;
    loops = (TransformLoops){0};
    transform_find(sample.arena, sample.scratch, &in, &loops);
    assert_int_equal(loops.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stack, start, stop),
        cmocka_unit_test_setup_teardown(test_decoded, start, stop),
        cmocka_unit_test_setup_teardown(test_no_text, start, stop),
        cmocka_unit_test_setup_teardown(test_shifted, start, stop),
        cmocka_unit_test_setup_teardown(test_no_decoding, start, stop),
        cmocka_unit_test_setup_teardown(test_moved, start, stop),
        cmocka_unit_test_setup_teardown(test_stack_words, start, stop),
        cmocka_unit_test_setup_teardown(test_encoded, start, stop),
        cmocka_unit_test_setup_teardown(test_padded, start, stop),
        cmocka_unit_test_setup_teardown(test_looked_up, start, stop),
        cmocka_unit_test_setup_teardown(test_faulting_load, start, stop),
        cmocka_unit_test_setup_teardown(test_written, start, stop),
        cmocka_unit_test_setup_teardown(test_appended, start, stop),
        cmocka_unit_test_setup_teardown(test_overwritten, start, stop),
        cmocka_unit_test_setup_teardown(test_counted, start, stop),
        cmocka_unit_test_setup_teardown(test_copied, start, stop),
        cmocka_unit_test_setup_teardown(test_edged, start, stop),
        cmocka_unit_test_setup_teardown(test_of_pieces, start, stop),
        cmocka_unit_test_setup_teardown(test_joined, start, stop),
        cmocka_unit_test_setup_teardown(test_endless, start, stop),
        cmocka_unit_test_setup_teardown(test_transform, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
