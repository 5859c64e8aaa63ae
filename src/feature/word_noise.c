/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/string_scan.h"
#include "feature/word_table.h"

enum { LETTERS = 27, END = 26 };

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/* Letters of the word at `at`: capital ones, as far as no small one follows, or small ones with a
 * capital one before them. */
static size_t word_at(const char *at, size_t left) {
    size_t capitals = 0, n = 0;
    while (capitals < left && is_upper(at[capitals]))
        capitals++;
    if (capitals > 1)
        return capitals - (capitals < left && is_lower(at[capitals]));
    for (n = capitals; n < left && is_lower(at[n]);)
        n++;
    return n;
}

static int odds_of_word(const char *word, size_t size) {
    unsigned before = END, last = END;
    int odds = 0;
    for (size_t i = 0; i <= size; i++) {
        unsigned letter = i == size ? END : (unsigned)(word[i] | 32) - 'a';
        odds += WORD_ODDS[before][last * LETTERS + letter];
        before = last;
        last = letter;
    }
    return odds;
}

int text_word_odds(const char *text, size_t size, size_t *letters) {
    int odds = 0;
    *letters = 0;
    for (size_t i = 0; i < size;) {
        size_t n = word_at(text + i, size - i);
        if (n > 1) {
            odds += odds_of_word(text + i, n);
            *letters += n;
        }
        i += n ? n : 1;
    }
    return odds;
}
