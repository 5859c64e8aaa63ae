/* SPDX-License-Identifier: Apache-2.0
 * hidden_encoded.c: the output of encoders. A function that looks characters up in an alphabet
 * and is run with arguments of nobody's encodes zeros, what lies behind them, or what it wrote
 * itself; a generator of names draws from one. Neither hides anything. */
#include <string.h>

#include "unwrap/hidden_inner.h"

enum {
    LEAST_ALPHABET = 16, /* hexadecimal */
    MOST_ALPHABET = 95,
    MOST_ALPHABETS = 4096, /* mentions of a program */
    LEAST_CHARS = 16       /* shorter ones may be words */
};

typedef struct Alphabet {
    uint32_t function; /* that mentions it */
    uint32_t size;
    uint64_t has[2]; /* characters */
} Alphabet;
typedef VEC(Alphabet) AlphabetVec;

static bool has_char(const Alphabet *a, uint8_t c) {
    return c < 128 && a->has[c / 64] >> c % 64 & 1;
}

/* Different characters one behind the other, as many as there are. */
static Alphabet alphabet_at(Bytes b) {
    Alphabet a = {.size = 0};
    for (size_t i = 0; i < b.size && i < MOST_ALPHABET; i++) {
        uint8_t c = b.at[i];
        if (c <= 0x20 || c >= 0x7f || has_char(&a, c))
            break;
        a.has[c / 64] |= (uint64_t)1 << c % 64;
        a.size++;
    }
    return a;
}

static void find_alphabets(const Hunt *h, AlphabetVec *out) {
    const Code *code = h->code;
    Alphabet last = {.size = 0};
    for (size_t i = 0; i < code->refs.count; i++) {
        const DataRef *ref = &code->refs.at[i];
        if (i == 0 || ref->to_va != code->refs.at[i - 1].to_va)
            last = alphabet_at(image_bytes_at(h->image, ref->to_va));
        if (last.size < LEAST_ALPHABET)
            continue;
        Alphabet *a = VEC_ADD(h->scratch, out);
        if (!a)
            return;
        *a = last;
        a->function = ref->function;
    }
}

static unsigned class_of(uint8_t c) {
    return c >= 'a' && c <= 'z' ? 1 : c >= 'A' && c <= 'Z' ? 2 : c >= '0' && c <= '9' ? 3 : 0;
}

/* How often upper case, lower case and digits change places, and how often other than in names like
 * InternetOpenUrlA: there an upper-case letter between lower-case ones is no change. */
typedef struct Changes {
    size_t all, strange, count;
} Changes;

static Changes changes_of(const HiddenText *t) {
    enum { LOWER = 1, UPPER = 2 };
    Changes changes = {0};
    unsigned before = 0, earlier = 0;
    for (size_t i = 0; i < t->length; i++) {
        unsigned class = class_of((uint8_t)t->text[i]);
        if (class == 0)
            continue;
        bool is_name = (before == LOWER && class == UPPER) ||
                       (before == UPPER && class == LOWER && earlier != UPPER);
        changes.all += changes.count > 0 && class != before;
        changes.strange += changes.count > 0 && class != before && !is_name;
        earlier = before;
        before = class;
        changes.count++;
    }
    return changes;
}

/* Of base64's and base32's characters a third are strange changes by chance, of names less than a
 * tenth; one in five: guess. Two thirds are any, of InternetOpenUrlA six of sixteen: two in five
 * for what was looked up in a table of as many characters. */
static bool is_mixed(const HiddenText *t) {
    Changes changes = changes_of(t);
    return changes.strange * 5 > changes.count ||
           (t->is_looked_up && changes.all * 5 > changes.count * 2);
}

static bool is_made_of(const Alphabet *a, const HiddenText *t) {
    size_t others = 0;
    for (size_t i = 0; i < t->length; i++) /* filling, a mark before it, line ends */
        others += !has_char(a, (uint8_t)t->text[i]);
    return others * LEAST_CHARS <= t->length && (a->size == LEAST_ALPHABET || is_mixed(t));
}

static bool is_near(const Hunt *h, const Function *f, uint32_t function) {
    if (!f)
        return false;
    if (&h->code->functions.at[function] == f)
        return true;
    for (uint32_t i = 0; i < f->call_count; i++)
        if (h->code->calls.at[f->first_call + i].callee == function + 1)
            return true;
    return false;
}

/* As base64 and base32 fill their last group. */
static bool is_padded(const HiddenText *t) {
    return t->length % 4 == 0 && t->text[t->length - 1] == '=';
}

void hidden_mark_encoded(Hunt *h) {
    HiddenTexts *out = h->out;
    AlphabetVec alphabets = {.max = MOST_ALPHABETS};
    if (out->texts.count > 0)
        find_alphabets(h, &alphabets);
    for (size_t i = 0; i < out->texts.count; i++) {
        HiddenText *t = &out->texts.at[i];
        if (t->kind == HIDDEN_STACK || t->is_moved)
            continue;
        t->is_moved = t->is_looked_up && is_padded(t);
        if (t->is_moved || t->length < LEAST_CHARS)
            continue;
        t->is_moved = t->is_looked_up && is_mixed(t);
        const Function *routine = code_find_function(h->code, t->routine_va);
        const Function *f = code_find_function(h->code, t->function_va);
        for (size_t k = 0; k < alphabets.count && !t->is_moved; k++) {
            const Alphabet *a = &alphabets.at[k];
            t->is_moved = is_made_of(a, t) &&
                          (is_near(h, routine, a->function) || is_near(h, f, a->function));
        }
    }
}
