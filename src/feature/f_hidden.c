/* SPDX-License-Identifier: Apache-2.0
 * f_hidden.c: strings that code makes while it runs, as found by unwrap/hidden.h; less those that
 * are chance, and those that stand in the file as they are (a copy is nothing hidden). */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "feature/extractors.h"
#include "feature/hidden_noise.h"
#include "feature/string_scan.h"
#include "unwrap/apihash.h"
#include "unwrap/hidden.h"

/* The plain texts of the file, and which stretches of GRAM characters they have: a bit for each
 * hash. */
enum { GRAM = 8, GRAM_BITS = 23 };
typedef struct Plain {
    Bytes text; /* each between line ends */
    uint8_t *grams;
} Plain;

static uint64_t gram_at(const void *at) {
    uint64_t gram = 0;
    memcpy(&gram, at, GRAM);
    return mix64(gram) >> (64 - GRAM_BITS);
}

static Plain plain_from_strings(Arena *a, const Features *f) {
    size_t size = 1, n = 0;
    for (size_t i = 0; i < f->strings.count; i++)
        size += f->strings.at[i].length + 1u;
    uint8_t *at = ARENA_ARRAY(a, uint8_t, size);
    at[n++] = '\n';
    for (size_t i = 0; i < f->strings.count; i++) {
        memcpy(at + n, f->strings.at[i].text, f->strings.at[i].length);
        n += f->strings.at[i].length;
        at[n++] = '\n';
    }
    Plain plain = {.text = {at, n}, .grams = ARENA_ARRAY(a, uint8_t, (size_t)1 << (GRAM_BITS - 3))};
    for (size_t i = 0; i + GRAM <= n; i++) {
        uint64_t gram = gram_at(at + i);
        plain.grams[gram / 8] |= (uint8_t)(1u << gram % 8);
    }
    return plain;
}

/* Pieces of GRAM characters of the text that plain ones have, too. */
static size_t plain_grams(const Plain *plain, const HiddenText *t) {
    size_t hits = 0;
    for (size_t i = 0; i + GRAM <= t->length; i++) {
        uint64_t gram = gram_at(t->text + i);
        hits += plain->grams[gram / 8] >> gram % 8 & 1;
    }
    return hits;
}

/* Texts that one call made, from `first` on; how many have pieces of plain ones. */
static size_t group_of(const Plain *plain, const HiddenTexts *found, size_t first,
                       size_t *with_pieces) {
    const HiddenText *texts = found->texts.at;
    size_t n = 0;
    *with_pieces = 0;
    for (size_t i = first; i < found->texts.count; i++, n++) {
        if (texts[i].site_va != texts[first].site_va || texts[i].kind != texts[first].kind ||
            texts[i].routine_va != texts[first].routine_va)
            break;
        *with_pieces += plain_grams(plain, &texts[i]) > 0;
    }
    return n;
}

/* A copy of a plain text, or one that is made of pieces of them (a message that was formatted). */
static bool is_plain(const Plain *plain, const HiddenText *t) {
    enum { LEAST_MADE = 12, SHARE = 40 /* percent; guess */ };
    size_t hits = plain_grams(plain, t), count = t->length < GRAM ? 0 : t->length - GRAM + 1;
    if (t->kind == HIDDEN_DECODED && t->length >= LEAST_MADE && hits * 100 >= count * SHARE)
        return true;
    return hits == count &&
           bytes_find(plain->text, (Bytes){(const uint8_t *)t->text, t->length}) != NULL;
}

static StringKind kind_of(HiddenKind kind) {
    return kind == HIDDEN_STACK   ? STRING_STACK
           : kind == HIDDEN_TIGHT ? STRING_TIGHT
                                  : STRING_DECODED;
}

static void add(Sample *s, const Image *image, const HiddenText *t, Features *out) {
    StringFeature *string = VEC_ADD(s->arena, &out->strings);
    uint64_t *ref = string ? VEC_ADD(s->arena, &out->string_refs) : NULL;
    if (!ref) {
        notes_add(&s->notes, NOTE_STRING_LIMIT, 0);
        out->strings.count -= string != NULL;
        return;
    }
    *ref = t->site_va;
    *string = (StringFeature){.va = t->site_va,
                              .off = image_off_at(image, t->site_va),
                              .text = t->text,
                              .length = t->length,
                              .kind = kind_of(t->kind),
                              .routine = t->routine_va,
                              .first_ref = (uint32_t)out->string_refs.count - 1,
                              .ref_count = 1};
}

static int compare_strings(const void *a, const void *b) {
    const StringFeature *x = a, *y = b;
    if (x->off != y->off)
        return x->off < y->off ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->first_ref < y->first_ref ? -1 : x->first_ref > y->first_ref;
}

static int compare_routines(const void *a, const void *b) {
    const Routine *x = a, *y = b;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

static void add_api_hashes(Sample *s, const Image *image, const HiddenTexts *found, Features *out) {
    size_t before = out->routines.count;
    api_hashes_from_calls(s->arena, image, found, &out->routines, &out->parameters, &out->resolved);
    if (out->routines.count > before)
        qsort(out->routines.at, out->routines.count, sizeof *out->routines.at, compare_routines);
}

static void keep_texts(const HiddenTexts *found, const Plain *plain, uint8_t *kept) {
    /* One call that made several texts of pieces of plain ones has moved them about (measured: a
     * sort in one of 346 ordinary programs made 27 of the 30 wrong texts). */
    enum { LEAST_GROUP = 4 };
    size_t group_end = 0, with_pieces = 0;
    bool is_shuffle = false;
    for (size_t i = 0; i < found->texts.count; i++) {
        const HiddenText *t = &found->texts.at[i];
        if (i >= group_end) {
            size_t n = group_of(plain, found, i, &with_pieces);
            is_shuffle = t->kind == HIDDEN_DECODED && n >= LEAST_GROUP && with_pieces * 4 >= n;
            group_end = i + n;
        }
        kept[i] = !is_shuffle && !t->is_moved && !t->is_mixed &&
                  text_is_likely(t->text, t->length, true) && !is_plain(plain, t) &&
                  !hidden_is_noise(t) && !hidden_is_swapped(t);
    }
}

/* A text that grows or loses its first characters while a function works on it is one text: parts
 * of another one of the same function are left out; so are those of a piece that is repeated. */
static void drop_parts(const HiddenTexts *found, uint8_t *kept) {
    enum { MOST = 512 }; /* texts of a function: all are compared with all */
    const HiddenText *texts = found->texts.at;
    for (size_t first = 0, end = 0; first < found->texts.count; first = end) {
        while (end < found->texts.count && texts[end].function_va == texts[first].function_va)
            end++;
        for (size_t i = first; i < end && end - first <= MOST; i++)
            for (size_t k = first; k < end && kept[i]; k++)
                if ((kept[k] || texts[k].is_run_on) && texts[k].length > texts[i].length &&
                    memmem(texts[k].text, texts[k].length, texts[i].text, texts[i].length))
                    kept[i] = false;
    }
}

/* The end of another text of the program's own memory, at the same place: compilers write the
 * beginning that several texts have before they know which it is. */
static void drop_ends(const Image *image, const HiddenTexts *found, uint8_t *kept) {
    enum { MOST = 4096 }; /* texts: all are compared with all */
    const HiddenText *texts = found->texts.at;
    for (size_t i = 0; i < found->texts.count && found->texts.count <= MOST; i++)
        for (size_t k = 0; k < found->texts.count && kept[i]; k++) {
            size_t n = texts[i].length, longer = texts[k].length;
            if (kept[k] && longer > n && texts[i].va + n == texts[k].va + longer &&
                memcmp(texts[k].text + longer - n, texts[i].text, n) == 0 &&
                image_find_segment(image, texts[i].va))
                kept[i] = false;
        }
}

/* Numbers of four characters, as file formats and OpenType have for names, with a small number
 * behind. One alone looks like a text; a program that has far more of them than of longer ones has
 * no texts there (guess; 58 beside 6 in HarfBuzz). */
static void drop_tags(const HiddenTexts *found, uint8_t *kept) {
    enum { TAG_CHARS = 5, LEAST_TAGS = 8 };
    size_t tags = 0, others = 0;
    for (size_t i = 0; i < found->texts.count; i++) {
        bool is_stack = kept[i] && found->texts.at[i].kind == HIDDEN_STACK;
        tags += is_stack && found->texts.at[i].length <= TAG_CHARS;
        others += is_stack && found->texts.at[i].length > TAG_CHARS;
    }
    if (tags < LEAST_TAGS || tags < 2 * others)
        return;
    for (size_t i = 0; i < found->texts.count; i++)
        if (found->texts.at[i].kind == HIDDEN_STACK && found->texts.at[i].length <= TAG_CHARS)
            kept[i] = false;
}

/* Small texts that a library keeps in words: a byte with their length stands before them. By chance
 * the first of sixty characters says so; where three texts do, or the rest is more of a word
 * without it, it is none of theirs. */
static void cut_tags(HiddenTexts *found, uint8_t *kept) {
    enum { LEAST_TAGGED = 3, LEAST_CHARS = 5 };
    size_t tagged = 0, letters = 0;
    const char *last = "";
    for (size_t i = 0; i < found->texts.count; i++) {
        const HiddenText *t = &found->texts.at[i];
        tagged += t->is_tagged && strcmp(t->text, last) != 0;
        last = t->is_tagged ? t->text : last;
    }
    for (size_t i = 0; i < found->texts.count; i++) {
        HiddenText *t = &found->texts.at[i];
        if (!t->is_tagged ||
            (tagged < LEAST_TAGGED && text_word_odds(t->text + 1, t->length - 1, &letters) <=
                                          text_word_odds(t->text, t->length, &letters)))
            continue;
        kept[i] &= t->length > LEAST_CHARS;
        t->text++;
        t->length--;
        t->va++;
    }
}

/* What nothing points to nobody can use as a text: something else lies there, or two things beside
 * each other. */
static bool is_text(const HiddenText *t) { return t->is_pointed && !t->is_made_up; }

typedef enum Worth { WORTH_NOTHING, WORTH_BESIDE_WORDS, WORTH_FEW, WORTH_WORD } Worth;

static Worth worth_of(const HiddenText *t) {
    enum { FEW = 8 /* characters; guess */ };
    if (hidden_has_no_word(t) || (t->kind != HIDDEN_STACK && hidden_has_hardly_a_word(t)))
        return WORTH_BESIDE_WORDS;
    return t->kind != HIDDEN_STACK && t->length <= FEW ? WORTH_FEW : WORTH_WORD;
}

/* Texts without a word, and a few characters that were decoded, stay where the routine that decodes
 * them decodes others, too: keys and names that chance made are hidden beside words. Of decoded
 * texts of ordinary programs that stood alone half were wrong (docs/evidence/hidden.md). */
static void drop_wordless(Arena *scratch, const HiddenTexts *found, uint8_t *kept) {
    enum { LEAST_OTHERS = 2 };
    Map words = map_new(scratch, 64); /* routine -> its texts with words */
    Map known = map_new(scratch, 64); /* of a routine's text */
    for (size_t i = 0; i < found->texts.count; i++) {
        const HiddenText *t = &found->texts.at[i];
        kept[i] = kept[i] ? (uint8_t)worth_of(t) : WORTH_NOTHING;
        uint64_t key = mix64(hash64((Bytes){(const uint8_t *)t->text, t->length}) ^ t->routine_va);
        if (t->kind == HIDDEN_STACK || kept[i] < WORTH_FEW || !is_text(t) ||
            !map_put(&known, key, 1))
            continue;
        uint64_t *count = map_find(&words, t->routine_va);
        if (count)
            ++*count;
        else
            map_put(&words, t->routine_va, 1);
    }
    for (size_t i = 0; i < found->texts.count; i++) {
        const HiddenText *t = &found->texts.at[i];
        const uint64_t *count = t->kind == HIDDEN_STACK ? NULL : map_find(&words, t->routine_va);
        uint64_t others = count ? *count - (kept[i] == WORTH_FEW && is_text(t)) : 0;
        if (kept[i] && kept[i] != WORTH_WORD)
            kept[i] = others >= LEAST_OTHERS;
    }
}

void extract_hidden(Sample *s, const Image *image, const Code *code, Features *out) {
    HiddenTexts found = {0};
    hidden_from_code(s, image, code, &found);
    if (found.is_cut)
        notes_add(&s->notes, NOTE_EMULATION_LIMIT, 0);
    add_api_hashes(s, image, &found, out);
    ArenaMark mark = arena_mark(s->scratch);
    Plain plain = {0};
    if (found.texts.count)
        plain = plain_from_strings(s->scratch, out);
    size_t before = out->strings.count;
    uint8_t *kept = ARENA_ARRAY(s->scratch, uint8_t, found.texts.count + 1);
    keep_texts(&found, &plain, kept);
    drop_parts(&found, kept);
    drop_ends(image, &found, kept);
    drop_tags(&found, kept);
    cut_tags(&found, kept);
    drop_wordless(s->scratch, &found, kept);
    for (size_t i = 0; i < found.texts.count; i++)
        if (kept[i] && is_text(&found.texts.at[i]))
            add(s, image, &found.texts.at[i], out);
    if (out->strings.count > before)
        qsort(out->strings.at, out->strings.count, sizeof *out->strings.at, compare_strings);
    arena_reset(s->scratch, mark);
}
