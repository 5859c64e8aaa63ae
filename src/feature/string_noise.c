/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/string_scan.h"

/* Each pair of neighbouring character classes, in eighths of a bit for text (+) or chance (-).
 * Learnt by tools/string_noise.py on 220 ELF files of Debian 12's /usr/bin and
 * /usr/lib/x86_64-linux-gnu and 160 PE files (Wine, MinGW, Python wheels); half to learn, half to
 * test. Chance is printable runs of machine code, unwind tables and random bytes. On the half that
 * tests, a limit of 16 keeps 92.8 % of the text, 3.1 % of the runs in code and 4.3 % of those in
 * random bytes; one of -40 keeps 97.3, 17.3 and 21.8 %; that one is for runs between zeros, which
 * chance gives in 1 of 65,536. The rules in text_is_likely then give back
 * most of the text that this loses. */
enum { CLASSES = 16 };
static const int8_t ODDS[CLASSES][CLASSES] = {
    {29, 38, -7, -14, -22, 32, 24, 12, -17, -6, -19, -31, -16, -19, 16, -11},
    {37, 22, -11, -15, -15, 32, 24, 12, -2, 0, -19, -11, -17, -13, 6, -11},
    {-17, 0, -25, -1, -12, -4, -19, -23, -80, -27, -27, -26, -40, -48, -22, -11},
    {8, -19, 2, 3, -8, -8, 29, -32, -49, -15, -45, -47, -42, -40, -32, -11},
    {-30, -26, -29, -24, 12, -8, 23, 0, -26, -14, -25, -47, -36, -45, -15, -11},
    {32, 27, -7, -6, 2, 10, 12, 7, -18, -38, 20, 11, 4, -6, 8, -11},
    {23, 26, 17, 30, 10, -8, 20, -18, -56, -44, -6, -43, -35, -28, 9, -11},
    {0, 8, -35, -26, -3, 4, -20, 26, 16, -29, -16, -24, -29, -19, -11, -11},
    {-5, -2, -69, -30, -31, -26, -29, 10, -8, -43, -33, -21, -35, -37, -20, -11},
    {-27, -23, -35, -37, -36, 28, -12, -25, -16, -7, -9, -42, -33, -45, -40, -11},
    {-12, -2, -25, -28, -20, -48, -10, -8, -56, -36, -12, -55, -20, -31, -22, -11},
    {-34, -27, -43, -54, -53, 8, -27, -18, -11, -18, -1, -31, -35, -44, -53, -11},
    {-19, -19, -68, -32, -32, 6, -17, -11, -42, -22, -19, -37, -39, -32, -40, -11},
    {-24, -20, -56, -45, -34, -3, -39, -24, -31, -20, -19, -31, -23, -17, -52, -11},
    {16, 2, -19, -27, -22, 14, 10, -7, -23, -16, -13, -49, -26, -31, -21, -11},
    {-11, -11, -11, -11, -11, -11, -11, -11, -11, -11, -11, -11, -11, -11, -11, -11},
};
enum { LIMIT_LONE = 16, LIMIT_DELIMITED = -40 };

/* Classes of ASCII, as class_of() in tools/string_noise.py groups it: lower vowels, lower
 * consonants, upper vowels, upper consonants, digits, blanks, "_-", ".", slashes, ",;:", "%$#@&",
 * quotes, brackets, operators, rare lower letters "jkqwxyz"; the rest is foreign. */
enum { C_FOREIGN = 15 };
static const uint8_t CLASS[128] = {
    15, 15, 15, 15, 15, 15, 15, 15, 15, 5,  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 5,  13, 11, 10, 10, 10, 10, 11, 12, 12, 13, 13,
    9,  6,  7,  8,  4,  4,  4,  4,  4,  4,  4,  4,  4,  4,  9,  9,  12, 13, 12, 13, 10, 2,
    3,  3,  3,  2,  3,  3,  3,  2,  3,  3,  3,  3,  3,  2,  3,  3,  3,  3,  3,  2,  3,  3,
    3,  3,  3,  12, 8,  12, 13, 6,  11, 0,  1,  1,  1,  0,  1,  1,  1,  0,  14, 14, 1,  1,
    1,  0,  1,  14, 1,  1,  1,  0,  1,  14, 14, 14, 14, 12, 13, 12, 13, 15,
};

static inline uint8_t class_of(uint8_t c) { return c < 128 ? CLASS[c] : C_FOREIGN; }

static bool is_hex(uint8_t c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool is_base64(uint8_t c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '+' || c == '/' ||
           c == '-' || c == '_' || c == '=';
}

/* A PE's relocation blocks read as "0 0$0(0,00040": little-endian 0x3000 + offset, ascending. Every
 * other character is then 0..9 : ; < = > ? and (nearly) never falls, and the others are diverse. */
static bool is_relocations(const uint8_t *t, size_t n) {
    if (n < 8)
        return false;
    for (size_t parity = 0; parity < 2; parity++) {
        size_t falls = 0, odd = 0, i = parity;
        for (; i < n && t[i] >= 0x30 && t[i] <= 0x3f; i += 2)
            falls += i >= 2 && t[i] < t[i - 2];
        for (size_t j = 1 - parity; j < n; j += 2)
            odd += !is_base64(t[j]) && t[j] != '.' && t[j] != ':';
        if (i >= n && falls * 16 <= n && odd >= 2)
            return true;
    }
    return false;
}

/* Scripts beyond ASCII come in one block: each character near the one before speaks for text, a
 * stray one against (guess: 3 bits and 5 bits). */
static int foreign_score(const uint8_t *t, size_t n) {
    int score = 0;
    int lead = -1;
    for (size_t i = 0; i < n;) {
        size_t step = t[i] < 0x80 ? 0 : utf8_foreign_size(t + i, n - i);
        if (step == 0) {
            i++;
            continue;
        }
        score += lead >= 0 && t[i] - lead <= 4 && lead - t[i] <= 4 ? 24 : -40;
        lead = t[i];
        i += step;
    }
    return score;
}

/* Three different characters in eight: tables of one repeated byte are no text. */
static bool is_varied(const uint8_t *t, size_t n) {
    bool seen[256] = {false};
    unsigned different = 0;
    for (size_t i = 0; i < n && i < 64; i++) {
        different += !seen[t[i]];
        seen[t[i]] = true;
    }
    return different >= 3 || (different == 2 && n < 8);
}

/* Longest stretch of lower-case and of upper-case letters. */
static void letter_runs(const uint8_t *t, size_t n, size_t *lower, size_t *upper) {
    size_t low = 0, up = 0;
    *lower = *upper = 0;
    for (size_t i = 0; i < n; i++) {
        low = t[i] >= 'a' && t[i] <= 'z' ? low + 1 : 0;
        up = t[i] >= 'A' && t[i] <= 'Z' ? up + 1 : 0;
        *lower = low > *lower ? low : *lower;
        *upper = up > *upper ? up : *upper;
    }
}

bool text_is_likely(const char *text, size_t size, bool is_delimited) {
    const uint8_t *t = (const uint8_t *)text;
    /* Chance makes a run of 20 printable bytes once in 3 * 10^8 positions (0.375^20), 12 of
     * base64's alphabet once in 2 * 10^7, 8 hex digits once in 3 * 10^8: those are kept as they
     * are. */
    enum { LONG = 20, LONG_BASE64 = 12, LONG_HEX = 8 };
    if (!is_varied(t, size) || is_relocations(t, size))
        return false;
    if (size >= LONG)
        return true;
    size_t hex = 0, base64 = 0;
    int score = 0;
    uint8_t before = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t class = class_of(t[i]);
        hex += is_hex(t[i]);
        base64 += is_base64(t[i]);
        if (i > 0 && class != C_FOREIGN && before != C_FOREIGN)
            score += ODDS[before][class];
        before = class;
    }
    if ((hex == size && size >= LONG_HEX) || (base64 == size && size >= LONG_BASE64))
        return true;
    /* Chance makes 8 lower-case letters in a row once in 9 * 10^7 positions; between delimiters 6
     * suffice. Upper-case ones are also pushes of x86 ("AWAVAUATUSH"), but not between delimiters.
     */
    enum { LONG_WORD = 8, SHORT_WORD = 6 };
    size_t lower, upper;
    letter_runs(t, size, &lower, &upper);
    if (lower >= LONG_WORD || (is_delimited && (lower >= SHORT_WORD || upper >= LONG_WORD)))
        return true;
    return score + foreign_score(t, size) >= (is_delimited ? LIMIT_DELIMITED : LIMIT_LONE);
}
