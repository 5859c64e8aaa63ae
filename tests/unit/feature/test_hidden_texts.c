/* SPDX-License-Identifier: Apache-2.0 */
#include "cog_test.h"

#include <string.h>

#include "feature/extractors.h"
#include "feature/hidden_noise.h"
#include "unwrap/code_image.h"

static Features features_with(size_t size, uint8_t perms) {
    Image *image = image_of_code(size);
    image->segments.at[0].perms |= perms;
    Features f = {0};
    f.strings.max = MAX_STRINGS;
    f.string_refs.max = MAX_XREFS;
    extract_hidden(&sample, image, code_from_image(&sample, image), &f);
    return f;
}
static Features features_of(size_t size) { return features_with(size, 0); }

static size_t put(size_t at, const char *bytes, size_t size) {
    memcpy(file + CODE_AT + at, bytes, size);
    return at + size;
}
#define PUT(at, bytes) put(at, bytes, sizeof(bytes) - 1)

/* A call of the `ret` at address 5, which a jump over it makes a function. */
static size_t put_call(size_t at) {
    at = PUT(at, "\xe8");
    uint32_t rel = (uint32_t)(5 - (at + 4));
    memcpy(file + CODE_AT + at, &rel, 4);
    return at + 4;
}
#define BEGIN "\xe9\x01\0\0\0\xc3\x48\x83\xec\x28" /* jmp + 1; ret; sub rsp, 0x28 */
#define END "\x48\x83\xc4\x28\xc3"                 /* add rsp, 0x28; ret */

/* All of http://c2.example at rsp but its first four characters. */
#define OTHER_WORDS                                                                                \
    "\xc7\x44\x24\x04"                                                                             \
    "://c"                                                                                         \
    "\xc7\x44\x24\x08"                                                                             \
    "2.ex"                                                                                         \
    "\xc7\x44\x24\x0c"                                                                             \
    "ampl"                                                                                         \
    "\xc7\x44\x24\x10"                                                                             \
    "e\0\0\0"

/* A text, and its end, are given to a function: one text. */
static void test_parts(void **state) {
    (void)state;
    size_t at = PUT(0, BEGIN);
    at = PUT(at, "\xc7\x04\x24"
                 "http" OTHER_WORDS "\x48\x89\xe7");
    at = put_call(at);
    at = put_call(PUT(at, "\x48\x8d\x7c\x24\x07")); /* lea rdi, [rsp + 7] */
    Features f = features_of(PUT(at, END));
    assert_int_equal(f.strings.count, 1);
    assert_string_equal(f.strings.at[0].text, "http://c2.example");
}

/* Words that nobody has the address of lie beside each other; nor is it a text when the run made it
 * up: mov eax, [rdi]; xor eax, "http" as the first word. */
static void test_owned(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        size_t at = PUT(0, BEGIN);
        if (kind == 2)
            at = PUT(at, "\x8b\x07\x35"
                         "http"
                         "\x89\x04\x24");
        else
            at = PUT(at, "\xc7\x04\x24"
                         "http");
        at = PUT(at, OTHER_WORDS);
        at = put_call(kind == 1 ? PUT(at, "\x48\x8d\x7c\x24\x20") : PUT(at, "\x48\x89\xe7"));
        assert_int_equal(features_of(PUT(at, END)).strings.count, kind == 0);
    }
}

/* A text in an argument's object is found at the end; who had its address at a call had it then:
 * mov dword [rdi + 0x40], text; lea rsi or rbx, [rdi + 0x40]; call; xor esi, esi; xor ebx, ebx. */
static void test_owned_then(void **state) {
    (void)state;
    static const char *const owners[] = {"\x48\x8d\x77\x44", "\x48\x8d\x77\x40",
                                         "\x48\x8d\x5f\x40"};
    for (unsigned i = 0; i < 3; i++) {
        size_t at = PUT(0, BEGIN "\xc7\x47\x40"
                                 "http"
                                 "\xc7\x47\x44"
                                 "://c"
                                 "\xc7\x47\x48"
                                 "2.ex"
                                 "\xc7\x47\x4c"
                                 "ampl"
                                 "\xc7\x47\x50"
                                 "e\0\0\0");
        at = put_call(put(at, owners[i], 4));
        assert_int_equal(features_of(PUT(at, "\x31\xf6\x31\xdb" END)).strings.count, i > 0);
    }
}

static Features with_tags(const char *const *tags, size_t count) {
    size_t at = PUT(0, BEGIN);
    for (size_t i = 0; i < count; i++) {
        at = put(PUT(at, "\xc7\x04\x24"), tags[i], 4);          /* mov dword [rsp], tag */
        at = PUT(at, "\xc7\x44\x24\x04\x09\0\0\0\x48\x89\xe7"); /* a 9 behind; mov rdi, rsp */
        at = put_call(at);
    }
    return features_of(PUT(at, END));
}

/* Numbers that look like short texts are none where there are many of them and nothing else. */
static void test_tags(void **state) {
    (void)state;
    static const char *const tags[] = {"lcol", "mltr", "trev", "carf", "rmun", "mond",
                                       "nrkv", "kram", "serp", "svba", "swlb", "stsp"};
    assert_int_equal(with_tags(tags, sizeof tags / sizeof *tags).strings.count, 0);
}

/* mov rax, word; mov [rsp], rax; mov rdi, rsp; call: a text of eight bytes or less. */
static Features with_words(const char (*words)[9], size_t count) {
    size_t at = PUT(0, BEGIN);
    for (size_t i = 0; i < count; i++) {
        at = put(PUT(at, "\x48\xb8"), words[i], 8);
        at = put_call(PUT(at, "\x48\x89\x04\x24\x48\x89\xe7"));
    }
    return features_of(PUT(at, END));
}

/* Small texts of a library: a byte before them has their length in its upper half. */
static void test_tagged(void **state) {
    (void)state;
    static const char tagged[][9] = {"Qawait\0", "Athis\0\0", "adelete"};
    Features f = with_words(tagged, 3);
    assert_int_equal(f.strings.count, 2);
    assert_string_equal(f.strings.at[0].text, "await");
    assert_string_equal(f.strings.at[1].text, "delete");
    static const char alone[][9] = {"account"};
    f = with_words(alone, 1);
    assert_int_equal(f.strings.count, 1);
    assert_string_equal(f.strings.at[0].text, "account");
}

/* For each text: lea rdi, [it]; mov esi, length; call f. f at 5: xor byte [rdi], 0x5a; inc rdi;
 * dec esi; jnz f; ret. The texts lie behind the code, which may be written. */
static Features with_decoded(const char *const *texts, size_t count) {
    enum { TEXTS = 0x100 };
    size_t at = PUT(0, "\xe9\x0b\0\0\0\x80\x37\x5a\x48\xff\xc7\xff\xce\x75\xf6\xc3");
    for (size_t i = 0, text = TEXTS; i < count; i++, text += 0x20) {
        uint32_t rel = (uint32_t)(text - (at + 7)), length = (uint32_t)strlen(texts[i]);
        at = put(PUT(at, "\x48\x8d\x3d"), (const char *)&rel, 4);
        at = put(PUT(at, "\xbe"), (const char *)&length, 4);
        at = put_call(at);
        for (size_t k = 0; k < length; k++)
            file[CODE_AT + text + k] = (uint8_t)texts[i][k] ^ 0x5a;
    }
    PUT(at, "\xc3");
    return features_with(0x200, PERM_W);
}

static bool has_text(const Features *f, const char *text) {
    for (size_t i = 0; i < f->strings.count; i++)
        if (strcmp(f->strings.at[i].text, text) == 0)
            return true;
    return false;
}

/* A few characters are chance when nothing else was decoded. */
static void test_few(void **state) {
    (void)state;
    static const char *const texts[] = {"cmd.exe", "connect", "download.exe"};
    for (size_t first = 0; first < 3; first++) {
        Features f = with_decoded(texts + first, 3 - first);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(has_text(&f, texts[i]), first == 0 || i == 2);
    }
}

/* Encoded zeros, dumps and versions are what a routine makes of nothing; beside words they may be
 * keys. An address needs no word, and letters alone are no number. */
static void test_wordless(void **state) {
    (void)state;
    static const char *const others[] = {"BMLLM BECDA MMNBD", "048cfb73a1b2", "0f.84cd.12.7a",
                                         "15.0.0.0",          " l__ undnl",   "172.16.0.9",
                                         "decade.facade"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (size_t words = 0; words < 3; words += 2) {
            memset(file + CODE_AT, 0, 0x200); /* what the one before left */
            const char *texts[] = {others[i], "connection", "download.exe"};
            Features f = with_decoded(texts, 1 + words);
            if (has_text(&f, others[i]) != (words == 2 || i >= 5))
                fail_msg("%s beside %zu", others[i], words);
        }
}

/* What looks like a character is of the number that stands before the text (1.0); where a zero
 * stands before that, decoding left it as it is. */
static void test_number_before(void **state) {
    (void)state;
    static const char *const texts[] = {"download.exe"};
    for (unsigned is_number = 0; is_number < 2; is_number++) {
        memcpy(file + CODE_AT + 0x100 - 2, is_number ? "\x80?" : "\0?", 2);
        Features f = with_decoded(texts, 1);
        assert_int_equal(has_text(&f, "download.exe"), is_number);
        assert_int_equal(has_text(&f, "?download.exe"), !is_number);
    }
}

/* mov dword [rip + there], text; the place lies `off` behind 0x800 of a code that may be written.
 */
static size_t put_static(size_t at, size_t off, const char text[4]) {
    uint32_t rel = (uint32_t)(0x800 + off - (at + 10));
    at = put(PUT(at, "\xc7\x05"), (const char *)&rel, 4);
    return put(at, text, 4);
}

/* Two texts that begin alike: the beginning is written first and only then what follows, or, on the
 * other way, it was written before. Only the whole one is told. jmp over main; main: ...; call f;
 * ret, and the function at 6 that writes the end alone. */
static void test_ends(void **state) {
    (void)state;
    for (unsigned is_alone = 0; is_alone < 2; is_alone++) {
        size_t at = PUT(0, "\xe9\x17\0\0\0");
        at = put_static(at, 5, "tle:");
        at = put_static(at, 9, " ON\0");
        at = PUT(at, "\xc3\x90\x90");
        assert_int_equal(at, 28);
        if (!is_alone) {
            at = put_static(at, 0, "Thro");
            at = put_static(at, 4, "ttle");
            at = put_static(at, 8, ": ON");
            at = put_static(at, 12, "\0\0\0\0");
        }
        at = PUT(at, "\xe8");
        uint32_t rel = (uint32_t)(5 - (at + 4));
        at = put(at, (const char *)&rel, 4);
        PUT(at, "\xc3");
        Features f = features_with(0x900, PERM_W);
        assert_int_equal(has_text(&f, "tle: ON"), is_alone);
        assert_int_equal(has_text(&f, "Throttle: ON"), !is_alone);
    }
}

static HiddenText text_of(const char *text) {
    return (HiddenText){.text = text, .length = (uint32_t)strlen(text), .is_closed = true};
}

static void test_noise(void **state) {
    (void)state;
    static const char *const noise[] = {
        "`renegyl", /* of SipHash */
        "expand 32-byte k",
        "\\u0001\\u0002",
        "\\177ELF\\002",
        "\\x5c\\x78",
        "da39a3ee5e6b4b0d3255",
        "00:30:3A:33:30:3A:33:41",
        "AIFFCOMM",
        "WAVEfmt  ",
        "DDS |",
        "stsd\t",
        "Z0UjAe/Nq4mYutz+EDJUdsPS4fA=",
        "ab\ncd",
        "%AF%92%DE%FF%DC%91puts",
        "d3 03 06 09 0c 0f 12 15  18 1c 1f 22",
    };
    static const char *const texts[] = {"C:\\100\\x.txt",
                                        "00:30:3A:33:30:3A",
                                        "line one\nline two",
                                        "deadbeef01",
                                        "LIST",
                                        "fmt :",
                                        "data=",
                                        "%APPDATA%\\%COMPUTERNAME%.dat"};
    for (unsigned i = 0; i < sizeof noise / sizeof *noise; i++) {
        HiddenText t = text_of(noise[i]);
        if (!hidden_is_noise(&t))
            fail_msg("kept: %s", noise[i]);
    }
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        HiddenText t = text_of(texts[i]);
        if (hidden_is_noise(&t) || hidden_has_no_word(&t))
            fail_msg("dropped: %s", texts[i]);
    }
    HiddenText t = text_of("AVAUATUS");
    assert_true(hidden_is_noise(&t));
    t = text_of("rncs BGR ZYX");
    assert_true(hidden_is_noise(&t));
    t = text_of(" at line");
    assert_false(hidden_is_noise(&t));
    t = text_of("\\AUTOEXEC");
    assert_false(hidden_is_noise(&t));
    t = text_of("tcennoC_");
    assert_false(hidden_is_swapped(&t));
    t.swapped = 8; /* as _Connect it stands in the data */
    assert_true(hidden_is_swapped(&t));
    t = text_of("_Connect");
    t.swapped = 8;
    assert_false(hidden_is_swapped(&t));
    t = text_of("OSnBF");
    assert_true(hidden_has_no_word(&t));
    t = text_of("Error");
    assert_false(hidden_has_no_word(&t));
    t = text_of("w}wuvuon");
    assert_true(hidden_has_no_word(&t));
    t = text_of("_8Z4fiW");
    assert_true(hidden_has_no_word(&t));
    t = text_of("w}wuvuonw}wuvuonw"); /* too long for chance */
    assert_false(hidden_has_no_word(&t));
    t.is_closed = false;
    assert_true(hidden_has_no_word(&t));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_parts, start, stop),
        cmocka_unit_test_setup_teardown(test_owned, start, stop),
        cmocka_unit_test_setup_teardown(test_owned_then, start, stop),
        cmocka_unit_test(test_noise),
        cmocka_unit_test_setup_teardown(test_few, start, stop),
        cmocka_unit_test_setup_teardown(test_wordless, start, stop),
        cmocka_unit_test_setup_teardown(test_number_before, start, stop),
        cmocka_unit_test_setup_teardown(test_ends, start, stop),
        cmocka_unit_test_setup_teardown(test_tags, start, stop),
        cmocka_unit_test_setup_teardown(test_tagged, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
