/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/string_scan.h"

/* Each pair of neighbouring character classes, in eighths of a bit for text (+) or chance (-).
 * Learnt by tools/string_noise.py on 220 ELF files of Debian 12's /usr/bin and
 * /usr/lib/x86_64-linux-gnu (half to learn, half to test); chance is printable runs of machine
 * code, unwind tables and random bytes. On the half that tests, a limit of 16 keeps 95.1 % of the
 * text, 2.6 % of the runs in code and 3.4 % of those in random bytes; a limit of 0
 * keeps 96.1, 8.3, 5.6 %.
 */
enum { CLASSES = 16 };
static const int8_t ODDS[CLASSES][CLASSES] = {
    {27, 37, -20, -25, -20, 32, 20, 11, -18, -7, -29, -30, -17, -20, 15, -9},
    {36, 21, -14, -19, -18, 32, 19, 12, -4, 0, -32, -9, -17, -13, 5, -9},
    {-33, -8, -25, 1, -10, -4, -18, -23, -81, -27, -53, -27, -56, -61, -37, -9},
    {1, -26, 4, 6, -7, -9, 29, -31, -43, -20, -63, -54, -41, -47, -46, -9},
    {-28, -25, -24, -25, 12, -9, 22, 5, -33, -11, -59, -44, -34, -48, -26, -9},
    {33, 29, -4, -5, -4, 9, 13, 8, -9, -45, 19, 13, 1, -6, 9, -9},
    {20, 24, 23, 29, 11, -8, 19, -17, -34, -46, -17, -44, -16, -22, -3, -9},
    {0, 7, -29, -29, 4, 3, -39, 26, 16, -30, -20, -30, -32, -18, -10, -9},
    {-3, -2, -74, -42, -41, -25, -46, 6, -13, -47, -24, -43, -30, -45, -24, -9},
    {-30, -23, -41, -42, -23, 27, -12, -28, -20, -8, -11, -41, -46, -44, -45, -9},
    {-15, -2, -47, -47, -28, -34, -27, -12, -54, -37, -24, -52, -19, -45, -22, -9},
    {-33, -25, -41, -57, -54, 9, -30, -16, -23, -17, 0, -41, -34, -46, -56, -9},
    {-20, -19, -66, -42, -30, 2, -20, -12, -38, -22, -21, -39, -45, -27, -42, -9},
    {-25, -22, -69, -54, -39, -3, -20, -32, -34, -19, -27, -33, -26, -19, -51, -9},
    {13, 1, -21, -32, -25, 14, 6, -8, -40, -18, -25, -47, -29, -31, -22, -9},
    {-9, -9, -9, -9, -9, -9, -9, -9, -9, -9, -9, -9, -9, -9, -9, -9},
};
enum { LIMIT_LONE = 16, LIMIT_DELIMITED = 0 };

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
    return score + foreign_score(t, size) >= (is_delimited ? LIMIT_DELIMITED : LIMIT_LONE);
}
