/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/hidden_noise.h"

#include <string.h>

#include "base/digest.h"
#include "feature/string_scan.h"

/* Constants of SipHash (also where a part of one is left), bcrypt and of Salsa20's family, as words
 * in memory: text, but nobody's. */
static bool is_cipher_constant(const HiddenText *t) {
    static const char *const words[] = {"spemos",   "modnar",           "renegyl",
                                        "ybdet",    "expand 32-byte k", "expand 16-byte k",
                                        "benegyll", "ndngrodr",         "3ndby2- k"};
    static const char lanes[] = "expand 32-byte kexpand 16-byte k"
                                "cyxOmorhcitawolBhsiftawSanyDetim"; /* bcrypt */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (memmem(t->text, t->length, words[i], strlen(words[i])))
            return true;
    /* Each word for several blocks at once. */
    size_t n = 0;
    while (n + 4 <= t->length && memmem(lanes, sizeof lanes - 1, t->text + n, 4))
        n += 4;
    return n > 0 && n + 4 > t->length;
}

static size_t digits_at(const char *at, int base) {
    size_t n = 0;
    while (hex_value(at[n]) >= 0 && hex_value(at[n]) < base)
        n++;
    return n;
}

/* As JSON and C write characters: a u and four hex digits behind the stroke, an x and two, or three
 * octal ones. */
static bool is_escape(const char *at) {
    return at[0] == '\\' &&
           ((at[1] == 'u' && digits_at(at + 2, 16) >= 4) ||
            (at[1] == 'x' && digits_at(at + 2, 16) >= 2) || digits_at(at + 1, 8) >= 3);
}

/* Bytes in hexadecimal with a sign or two between them. */
static bool is_dump(const HiddenText *t) {
    enum { LEAST_BYTES = 8, MOST_SIGNS = 2 };
    size_t bytes = 0, i = 0;
    while (i + 2 <= t->length && digits_at(t->text + i, 16) == 2) {
        bytes++;
        i += 2;
        for (size_t k = 0; k < MOST_SIGNS && i < t->length && hex_value(t->text[i]) < 0; k++)
            i++;
    }
    return bytes >= LEAST_BYTES && i + MOST_SIGNS >= t->length;
}

/* What an encoder of JSON, a dump or a hash made of nothing, or of zeros and what lies behind. */
static bool is_made_of_nothing(const HiddenText *t) {
    enum { LEAST_ESCAPES = 2, LEAST_ZEROS = 16 };
    /* MD5, SHA-1, SHA-256 of no bytes, in hexadecimal (the MD5's second word, too) and in base 64;
     * what they begin with, in the same; the head of an ELF file as a number, and itself. */
    static const char *const DIGESTS[] = {"d41d8cd9", "D41D8CD9", "da39a3ee", "DA39A3EE",
                                          "e3b0c442", "E3B0C442", "8f00b204", "8F00B204",
                                          "1B2M2Y8A", "2jmj7l5r", "47DEQpj8", "0123456789abcdeffe",
                                          "67452301", "ASNFZ4mr", "Z0UjAe",   "6a09e667",
                                          "agnmZ7tn", "464c457f", "ELF>@"};
    for (size_t i = 0; i < sizeof DIGESTS / sizeof *DIGESTS; i++)
        if (memmem(t->text, t->length, DIGESTS[i], strlen(DIGESTS[i])))
            return true;
    size_t escapes = 0, zeros = 0;
    for (size_t i = 0; i < t->length; i++) {
        zeros += t->text[i] == '0';
        escapes += is_escape(t->text + i);
    }
    return escapes >= LEAST_ESCAPES || is_dump(t) ||
           (zeros >= LEAST_ZEROS && zeros * 5 >= t->length * 2);
}

/* As URLs write characters: four and more, half of the text, are numbers or addresses. */
static bool is_percent_encoded(const HiddenText *t) {
    enum { LEAST = 4, ESCAPE = 3 /* characters */ };
    size_t escapes = 0;
    for (size_t i = 0; i + ESCAPE <= t->length; i++)
        escapes += t->text[i] == '%' && digits_at(t->text + i + 1, 16) >= 2;
    return escapes >= LEAST && escapes * ESCAPE * 2 >= t->length;
}

/* A few letters around a line's end are no text: numbers of a table. */
static bool is_broken(const HiddenText *t) {
    enum { FEW = 8 };
    for (size_t i = 1; i + 1 < t->length && t->length < FEW; i++)
        if (t->text[i] == '\n' || t->text[i] == '\r' || t->text[i] == '\t')
            return true;
    return false;
}

/* Letters of either case, and in longer texts digits, hardly three letters of one case in a row. */
static bool is_scattered(const HiddenText *t) {
    enum { SHORT = 5, LONGEST_RUN = 3 };
    size_t capitals = 0, small = 0, digits = 0, others = 0, run = 0, longest = 0;
    for (size_t i = 0; i < t->length; i++) {
        char c = t->text[i], before = i > 0 ? t->text[i - 1] : 0;
        bool is_small = c >= 'a' && c <= 'z', is_capital = c >= 'A' && c <= 'Z';
        bool was_capital = before >= 'A' && before <= 'Z';
        small += is_small;
        capitals += is_capital;
        digits += c >= '0' && c <= '9';
        others += !is_small && !is_capital && c != '_' && (c < '0' || c > '9');
        /* A capital letter begins a word. */
        run = is_small || (is_capital && was_capital) ? run + 1 : is_capital;
        longest = run > longest ? run : longest;
    }
    return capitals && small && longest <= LONGEST_RUN &&
           (t->length <= SHORT || (digits && others == 0));
}

/* Registers that functions of x86-64 push first. */
static bool is_pushes(const HiddenText *t) {
    enum { LEAST_PREFIXES = 3 };
    size_t prefixes = 0;
    for (size_t i = 0; i < t->length; i++) {
        if (!memchr("APQRSTUVW", t->text[i], 9))
            return false;
        prefixes += t->text[i] == 'A';
    }
    return prefixes >= LEAST_PREFIXES;
}

bool hidden_has_no_word(const HiddenText *t) {
    /* 1.5 bits for each letter against words. Of plain texts as short as that in programs that were
     * not learned from, 2.3 % are below (median of 22 programs, 0 to 8 %). */
    enum { LONGEST = 16, LONGEST_OPEN = 128, LEAST_LETTERS = 3, LIMIT = -12 };
    size_t letters = 0;
    int odds = text_word_odds(t->text, t->length, &letters);
    if (is_scattered(t))
        return true;
    return t->length <= (t->is_closed ? LONGEST : LONGEST_OPEN) && letters >= LEAST_LETTERS &&
           odds < LIMIT * (int)letters;
}

/* Of what decoders made in 3,983 ordinary programs (lot-3 to lot-8) 9 of 28 of these were wrong, in
 * five of seven programs; 18 are one program's codes for bases of RNA. */
bool hidden_has_hardly_a_word(const HiddenText *t) {
    enum { LEAST_LETTERS = 3, LIMIT = -8, MOST_ZEROS = 1 };
    size_t letters = 0, hex = 0, digits = 0, dots = 0, zeros = 0;
    int odds = text_word_odds(t->text, t->length, &letters);
    for (size_t i = 0; i < t->length; i++) {
        hex += hex_value(t->text[i]) >= 0;
        digits += t->text[i] >= '0' && t->text[i] <= '9';
        dots += t->text[i] == '.';
        zeros += i > 0 && t->text[i - 1] == '.' && t->text[i] == '0';
    }
    bool is_hex = hex + dots == t->length && digits > 0 && digits + dots < t->length;
    bool is_zeros = digits + dots == t->length && zeros > MOST_ZEROS;
    return is_hex || is_zeros || (letters >= LEAST_LETTERS && odds < LIMIT * (int)letters);
}

/* Names of four characters of file formats, filled with spaces, as numbers: from their ends. */
static bool is_tags(const HiddenText *t) {
    enum { TAG = 4, LEAST = 8, MOST = 16 };
    size_t filled = 0;
    for (size_t i = 0; i < t->length; i++) {
        char c = t->text[i];
        bool is_name = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool begins = i % TAG == 0 || (i % TAG == 1 && t->text[i - 1] == ' ');
        if (!is_name && (c != ' ' || !begins))
            return false;
        filled += c == ' ';
    }
    return t->length % TAG == 0 && t->length >= LEAST && t->length <= MOST && filled > 0;
}

/* Names of the pieces of audio, pictures and films (RIFF, AIFF, PNG, DDS, MIDI, MP4, Ogg), one and
 * a number that looks like a character, or more: heads of files, built on the stack. */
static bool is_head(const HiddenText *t) {
    static const char tags[] = "RIFFRIFXWAVEfmt datafactAVI hdrlavihstrlstrhstrfmoviidx1WEBP"
                               "VP8 VP8LVP8XANIMAIFFAIFCCOMMSSNDIHDRPLTEIDATIENDMThdMTrk"
                               "ftypmoovmdatmvhdtrakstsdOggSDDS ";
    enum { TAG = 4 };
    size_t known = 0, at = 0;
    for (; at + TAG <= t->length; at += TAG, known = 0) {
        for (size_t i = 0; i + 1 < sizeof tags; i += TAG)
            known += memcmp(tags + i, t->text + at, TAG) == 0;
        if (!known)
            return false;
    }
    bool has_sign = at + 1 == t->length && (t->text[at] == '\t' || t->text[at] == '|');
    return at > TAG ? at + 1 >= t->length : at == TAG && has_sign;
}

bool hidden_is_swapped(const HiddenText *t) {
    char text[HIDDEN_SWAPPED];
    size_t letters = 0;
    if (!t->swapped)
        return false;
    hidden_swap(t, t->swapped, text);
    return text_word_odds(text, t->length, &letters) > text_word_odds(t->text, t->length, &letters);
}

bool hidden_is_noise(const HiddenText *t) {
    return is_cipher_constant(t) || is_made_of_nothing(t) || is_percent_encoded(t) ||
           is_broken(t) || is_pushes(t) || is_tags(t) || is_head(t);
}
