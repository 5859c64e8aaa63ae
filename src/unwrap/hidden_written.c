/* SPDX-License-Identifier: Apache-2.0
 * hidden_written.c: texts whose characters stand in the instructions as numbers, in whole words:
 * inlined copies of literals. Such a text was put together, not decoded, wherever it lies; and one
 * of which only a part stands there is that part over the rest of something else. */
#include <string.h>

#include "base/digest.h"
#include "unwrap/hidden_inner.h"

enum {
    WORD = 4,  /* least word that is looked for: two characters are in code by chance */
    TAIL = 3,  /* characters behind the last whole word are moved as bytes and pairs */
    MOST = 256 /* characters of a text that are looked at */
};

/* An address of the process, or the lower half of one where arguments point to. */
static bool is_of_process(const Hunt *h, uint64_t va) {
    uint64_t whole = va <= UINT32_MAX ? (h->dummy_va >> 32 << 32) | va : va;
    return (memory_view(h->p->memory, va).size > 0 && image_bytes_at(h->image, va).size == 0) ||
           (whole != va && memory_view(h->p->memory, whole).size > 0);
}

bool hidden_may_scan(Hunt *h, uint64_t bytes) {
    if (bytes > h->scan_bytes) {
        h->scan_bytes = 0;
        h->out->is_cut = true;
        return false;
    }
    h->scan_bytes -= bytes;
    return true;
}

static unsigned place_of(const void *word) {
    uint32_t value = 0;
    memcpy(&value, word, WORD);
    return (unsigned)(mix64(value) >> (64 - NAMED_BITS));
}

static Bytes bytes_of(const Hunt *h, const Block *block) {
    return bytes_clip(image_bytes_at(h->image, block->va), 0, block->size);
}

/* The words of a function's instructions, as bits. Few functions are asked for in turn: the one
 * that was run and the routines that it calls. */
static NamedWords *named_words(Hunt *h, const Function *f) {
    NamedWords *named = &h->named[(size_t)(f - h->code->functions.at) % NAMED_FUNCTIONS];
    if (named->f == f)
        return named;
    named->f = f;
    memset(named->bits, 0, sizeof named->bits);
    for (uint32_t i = 0; i < f->block_count; i++) {
        Bytes b = bytes_of(h, &h->code->blocks.at[f->first_block + i]);
        if (!hidden_may_scan(h, b.size))
            break;
        for (size_t k = 0; k + WORD <= b.size; k++) {
            unsigned place = place_of(b.at + k);
            named->bits[place / 8] |= (uint8_t)(1u << place % 8);
        }
    }
    return named;
}

bool hidden_names_word(Hunt *h, const Function *f, const char word[4]) {
    if (!f)
        return false;
    unsigned place = place_of(word);
    if (!(named_words(h, f)->bits[place / 8] >> place % 8 & 1))
        return false;
    for (uint32_t i = 0; i < f->block_count; i++) {
        Bytes b = bytes_of(h, &h->code->blocks.at[f->first_block + i]);
        if (!hidden_may_scan(h, b.size))
            return false;
        if (bytes_find(b, (Bytes){(const uint8_t *)word, WORD}))
            return true;
    }
    return false;
}

/* Marks the characters of the text that stand in the function's instructions. */
static void cover(Hunt *h, const Function *f, const HiddenText *t, bool covered[MOST]) {
    size_t length = t->length < MOST ? t->length : MOST;
    for (size_t k = 0; k + WORD <= length; k++)
        if (hidden_names_word(h, f, t->text + k))
            memset(covered + k, true, WORD);
}

static size_t count_of(const bool *covered, size_t length) {
    size_t count = 0;
    for (size_t k = 0; k < length; k++)
        count += covered[k];
    return count;
}

/* A number in the text is an address of the emulated process: a message about itself. */
static bool tells_address(const Hunt *h, const HiddenText *t) {
    enum { LEAST_HEX = 8, LEAST_DECIMAL = 9 };
    for (size_t i = 0; i < t->length;) {
        uint64_t hex = 0, decimal = 0;
        size_t n = 0, decimals = 0;
        for (; i + n < t->length && hex_value(t->text[i + n]) >= 0; n++) {
            unsigned digit = (unsigned)hex_value(t->text[i + n]);
            hex = hex << 4 | digit;
            if (digit < 10 && decimals == n) {
                decimal = decimal * 10 + digit;
                decimals++;
            }
        }
        if ((n >= LEAST_HEX && is_of_process(h, hex)) ||
            (decimals >= LEAST_DECIMAL && is_of_process(h, decimal)))
            return true;
        i += n + 1;
    }
    return false;
}

/* One piece again and again, four characters of five: a loop that appends ran on with nothing to
 * stop it. */
static bool is_run_on(const HiddenText *t) {
    enum { LEAST = 3, MOST_PIECE = 16, TIMES = 3 };
    for (size_t piece = LEAST; piece <= MOST_PIECE && piece * TIMES <= t->length; piece++) {
        size_t same = 0;
        for (size_t i = piece; i < t->length; i++)
            same += t->text[i] == t->text[i - piece];
        if (same * 5 >= (t->length - piece) * 4)
            return true;
    }
    return false;
}

void hidden_mark_written(Hunt *h) {
    HiddenTexts *out = h->out;
    for (size_t i = 0; i < out->texts.count; i++) {
        HiddenText *t = &out->texts.at[i];
        bool covered[MOST] = {false};
        size_t length = t->length < MOST ? t->length : MOST;
        t->is_run_on |= is_run_on(t) || tells_address(h, t);
        t->is_moved |= t->is_run_on;
        if (t->kind != HIDDEN_DECODED || t->is_wide || t->is_moved)
            continue;
        const Function *f = code_find_function(h->code, t->function_va);
        cover(h, code_find_function(h->code, t->routine_va), t, covered);
        cover(h, f, t, covered);
        if (count_of(covered, length) == 0)
            continue; /* computed, or moved as bytes */
        t->is_moved = length - count_of(covered, length) > TAIL;
        t->kind = HIDDEN_STACK;
        t->routine_va = 0;
    }
}
