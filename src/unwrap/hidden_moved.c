/* SPDX-License-Identifier: Apache-2.0
 * hidden_moved.c: decoding changes bytes; sorting, growing a table or reading a text as if it were
 * a structure moves words. A text whose words all stand in the program's data as they are was
 * moved there, not hidden, unless the function names these words itself. */
#include <string.h>

#include "unwrap/hidden_inner.h"

enum {
    STACK_WORD = INDEX_WORD, /* what registers carry to a frame */
    MOVED_WORD = INDEX_HALF, /* least that moves_words of transform.h says */
    LEAST_WORDS = 3,
    NEAR_WORDS = 8 /* from an address that code mentions: a vector of 64 bytes */
};

typedef struct Source {
    Hunt *h;
    const HiddenIndex *index;
    const Function *f;
    bool has_named;
    Map named, named_halves; /* words that it mentions -> 1 */
} Source;

/* Words at the addresses that the function mentions. */
static void find_named(Source *s) {
    const Code *code = s->h->code;
    s->named = map_new(s->h->scratch, 64);
    s->named_halves = map_new(s->h->scratch, 64);
    s->has_named = true;
    const uint32_t *refs = NULL;
    size_t count = hidden_mentions(s->h, s->f, &refs);
    if (!hidden_may_scan(s->h, count * sizeof *code->refs.at))
        return;
    for (size_t i = 0; i < count; i++) {
        const DataRef *ref = &code->refs.at[refs[i]];
        Bytes b = bytes_clip(image_bytes_at(s->h->image, ref->to_va), 0, NEAR_WORDS * STACK_WORD);
        for (size_t k = 0; k + STACK_WORD <= b.size; k += STACK_WORD)
            map_put(&s->named, bytes_u64_at(b, k), 1);
        for (size_t k = 0; k + MOVED_WORD <= b.size; k += MOVED_WORD)
            map_put(&s->named_halves, bytes_u32_at(b, k), 1);
    }
}

static bool is_named(Source *s, const char *word, size_t size) {
    uint64_t value = 0;
    if (!s->has_named)
        find_named(s);
    memcpy(&value, word, size);
    if (map_find(size == STACK_WORD ? &s->named : &s->named_halves, value))
        return true;
    return hidden_names_word(s->h, s->f, word) &&
           (size < STACK_WORD || hidden_names_word(s->h, s->f, word + 4));
}

/* How many words the text has, when all stand in the data; by address, as memory has them. */
static size_t moved_words(Source *s, const HiddenText *t, size_t size) {
    size_t words = 0;
    for (size_t i = (size_t)(0 - t->va) & (size - 1); i + size <= t->length; i += size, words++)
        if (!hidden_grams_have(size == STACK_WORD ? &s->index->words : &s->index->halves,
                               t->text + i) ||
            (t->kind == HIDDEN_STACK && is_named(s, t->text + i, size)))
            return 0;
    return words * size * 2 >= t->length ? words : 0;
}

static bool is_of_words(Source *s, const HiddenText *t, size_t *words) {
    bool on_stack = t->kind == HIDDEN_STACK;
    *words = moved_words(s, t, on_stack ? STACK_WORD : MOVED_WORD);
    return on_stack ? *words > 0 || moved_words(s, t, MOVED_WORD) >= LEAST_WORDS
                    : *words >= LEAST_WORDS;
}

/* A piece twice or more and nothing else: a loop that appends ran on. */
static bool is_repeated(const HiddenText *t) {
    for (size_t period = 3; period * 2 <= t->length; period++)
        if (t->length % period == 0 && memcmp(t->text, t->text + period, t->length - period) == 0)
            return true;
    return false;
}

static bool is_of_call(const HiddenText *t, const HiddenText *other) {
    return t->function_va == other->function_va && t->site_va == other->site_va &&
           t->routine_va == other->routine_va;
}

/* A word of four characters is in a large program's data by chance (.3 to .6 of those of texts are,
 * in programs of .5 to 20 MB), two of them are a message that was formatted; three are not, nor
 * what the same call wrote beside. */
static void mark_words(Source *s, HiddenTexts *out) {
    size_t *words = ARENA_ARRAY(s->h->scratch, size_t, out->texts.count);
    for (size_t i = 0; i < out->texts.count; i++) {
        HiddenText *t = &out->texts.at[i];
        if (s->f == NULL || t->function_va != s->f->va) {
            s->f = code_find_function(s->h->code, t->function_va);
            s->has_named = false;
        }
        t->is_run_on = is_repeated(t);
        t->is_moved = (t->is_moved && !t->is_wide && is_of_words(s, t, &words[i])) || t->is_run_on;
    }
    for (size_t i = 0; i < out->texts.count; i++)
        for (size_t k = i; words[i] && k > 0 && !out->texts.at[i].is_moved; k--) {
            if (!is_of_call(&out->texts.at[i], &out->texts.at[k - 1]))
                break;
            out->texts.at[i].is_moved = out->texts.at[k - 1].is_moved;
        }
    for (size_t i = out->texts.count; i > 1; i--)
        if (words[i - 2] && out->texts.at[i - 1].is_moved &&
            is_of_call(&out->texts.at[i - 1], &out->texts.at[i - 2]))
            out->texts.at[i - 2].is_moved = true;
}

void hidden_mark_moved(Hunt *h) {
    HiddenTexts *out = h->out;
    if (out->texts.count == 0)
        return;
    Source s = {.h = h, .index = hidden_index(h)};
    mark_words(&s, out);
}
