/* SPDX-License-Identifier: Apache-2.0
 * hidden_pieces.c: texts that were put together of others: messages that were formatted, paths that
 * were joined, a text whose first or last character was written over. Their pieces stand in the
 * program's data, at the addresses that the function mentions or in its instructions. */
#include <string.h>

#include "base/digest.h"
#include "unwrap/hidden_inner.h"

enum {
    LONG = INDEX_WORD,  /* a stretch of characters that says where it is from */
    SHORT = INDEX_HALF, /* one that is in a large program's data by chance (.3 to .6 of texts) */
    LEAST_PIECE = 5,    /* characters of a part of a text that is mentioned */
    LEAST_WHOLE = 2,    /* of the whole of one */
    LEAST_LETTERS = 3,
    MOST_CHARS = 256,
    MOST_MENTIONED = 512,
    TAIL = 3,        /* characters that are moved as bytes and pairs */
    WORD = 8,        /* where counts stand */
    LEAST_EDGED = 6, /* characters of a text that is another one but for an end */
    LEAST_JOINED = 3,
    MOST_JOINED = 64 /* characters of a text that is joined with others (guess) */
};

typedef struct Mentioned {
    Bytes at[MOST_MENTIONED]; /* texts, as they stand in the image */
    size_t count, bytes;
} Mentioned;

typedef struct Pieces {
    Hunt *h;
    const HiddenIndex *index;
    Mentioned *mentioned;
    uint64_t function_va, routine_va; /* whose texts these are */
    bool has_wholes;
    Map wholes; /* hash of a whole text of the data -> 1 */
} Pieces;

static char folded(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c; }

static bool is_letter(char c) { return folded(c) >= 'a' && folded(c) <= 'z'; }

static bool same(const char *a, const uint8_t *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (folded(a[i]) != folded((char)b[i]))
            return false;
    return true;
}

/* ---- Texts that a function mentions ---- */

static Bytes text_at(const Image *image, uint64_t va) {
    Bytes b = bytes_clip(image_bytes_at(image, va), 0, MOST_CHARS);
    size_t n = 0;
    while (n < b.size && b.at[n] >= 0x20 && b.at[n] < 0x7f)
        n++;
    return bytes_clip(b, 0, n);
}

static void add_mentioned(Pieces *p, uint64_t function_va) {
    const Code *code = p->h->code;
    const Function *f = code_find_function(code, function_va);
    if (!f)
        return;
    const uint32_t *refs = NULL;
    size_t count = hidden_mentions(p->h, f, &refs);
    for (size_t i = 0; i < count; i++) {
        Bytes text = text_at(p->h->image, code->refs.at[refs[i]].to_va);
        Mentioned *m = p->mentioned;
        if (text.size < LEAST_WHOLE || m->count == MOST_MENTIONED)
            continue;
        m->at[m->count++] = text;
        m->bytes += text.size;
    }
}

static void find_mentioned(Pieces *p, const HiddenText *t) {
    if (p->function_va == t->function_va && p->routine_va == t->routine_va)
        return;
    p->function_va = t->function_va;
    p->routine_va = t->routine_va;
    p->mentioned->count = p->mentioned->bytes = 0;
    add_mentioned(p, t->function_va);
    if (t->routine_va != t->function_va)
        add_mentioned(p, t->routine_va);
}

/* Characters from `at` on that one of the texts has: all of it, or a part that is long enough. */
static size_t piece_at(const Mentioned *m, const char *at, size_t left) {
    size_t best = 0;
    for (size_t i = 0; i < m->count; i++) {
        Bytes text = m->at[i];
        if (text.size <= left && text.size > best && same(at, text.at, text.size))
            best = text.size;
        for (size_t k = 0; k + LEAST_PIECE <= text.size && left >= LEAST_PIECE; k++) {
            if (!same(at, text.at + k, LEAST_PIECE))
                continue;
            size_t n = LEAST_PIECE;
            while (n < left && k + n < text.size && same(at + n, text.at + k + n, 1))
                n++;
            best = n > best ? n : best;
        }
    }
    return best;
}

/* Nine letters of ten are of texts that the function or the routine mentions. */
static bool is_of_mentioned(Pieces *p, const HiddenText *t) {
    find_mentioned(p, t);
    size_t length = t->length < MOST_CHARS ? t->length : MOST_CHARS, letters = 0, covered = 0;
    if (p->mentioned->count == 0 || !hidden_may_scan(p->h, p->mentioned->bytes * length))
        return false;
    for (size_t i = 0; i < length;) {
        size_t n = piece_at(p->mentioned, t->text + i, length - i);
        for (size_t k = i; k < i + (n ? n : 1); k++) {
            letters += is_letter(t->text[k]);
            covered += n && is_letter(t->text[k]);
        }
        i += n ? n : 1;
    }
    return letters >= LEAST_LETTERS && covered * 10 >= letters * 9;
}

/* ---- Texts that are written ---- */

static bool is_mentioned_word(const Pieces *p, const Function *f, const char *word) {
    const Code *code = p->h->code;
    const uint32_t *refs = NULL;
    size_t count = hidden_mentions(p->h, f, &refs);
    for (size_t i = 0; i < count; i++) {
        uint64_t to_va = code->refs.at[refs[i]].to_va;
        Bytes b = bytes_clip(image_bytes_at(p->h->image, to_va), 0, MOST_CHARS);
        if (!hidden_may_scan(p->h, b.size))
            return false;
        if (b.size && memmem(b.at, b.size, word, SHORT))
            return true;
    }
    return false;
}

/* Half of it stands in the function's instructions or at addresses that it mentions, and a piece
 * that is longer than what is moved as bytes and pairs does not: that is from somewhere else. */
static bool is_written_in_part(const Pieces *p, const HiddenText *t) {
    const Image *image = p->h->image;
    const Function *f = code_find_function(p->h->code, t->function_va);
    if (!f || (image->arch != ARCH_X86 && image->arch != ARCH_X64))
        return false; /* others have no words in their instructions */
    size_t length = t->length < MOST_CHARS ? t->length : MOST_CHARS;
    size_t covered = 0, end = 0, gap = 0;
    for (size_t k = 0; k + SHORT <= length; k++) {
        if (!hidden_names_word(p->h, f, t->text + k) && !is_mentioned_word(p, f, t->text + k))
            continue;
        gap = k > end && k - end > gap ? k - end : gap;
        covered += k + SHORT - (end > k ? end : k);
        end = k + SHORT;
    }
    gap = length - end > gap ? length - end : gap;
    return covered * 2 >= length && gap > TAIL;
}

/* ---- Texts of the data ---- */

static bool has_all(const Grams *g, const char *text, size_t n) {
    for (size_t i = 0; i + g->size <= n; i++)
        if (!hidden_grams_have(g, text + i))
            return false;
    return n >= g->size;
}

static bool may_stand(const Pieces *p, const char *text, size_t n) {
    return n < SHORT || has_all(n < LONG ? &p->index->halves : &p->index->words, text, n);
}

static bool is_in_segments(Pieces *p, const char *text, size_t n, bool with_code) {
    const Image *image = p->h->image;
    for (size_t i = 0; i < image->segments.count; i++) {
        const Segment *segment = &image->segments.at[i];
        if ((segment->perms & PERM_X && !with_code) || !hidden_may_scan(p->h, segment->file.size))
            continue;
        if (bytes_find(segment->file, (Bytes){(const uint8_t *)text, n}))
            return true;
    }
    return false;
}

static bool is_in_data(Pieces *p, const char *text, size_t n) {
    return n >= SHORT && may_stand(p, text, n) && is_in_segments(p, text, n, false);
}

/* ---- Texts of the data, one behind the other ---- */

static bool is_printable(uint8_t c) { return c >= 0x20 && c < 0x7f; }

static uint64_t hash_of(const void *at, size_t n) { return hash64((Bytes){at, n}); }

/* Behind the mark of a format that begins at `at`. */
static size_t behind_mark(Bytes data, size_t at) {
    static const char between[] = "-+ #0123456789.*hljztLqI";
    at++;
    while (at < data.size && data.at[at] && strchr(between, data.at[at]))
        at++;
    return at + 1; /* the letter that ends it */
}

/* The whole texts of a segment, and what formats have before, between and behind their marks. */
static void add_wholes(Pieces *p, Bytes data) {
    for (size_t i = 0, start = 0; i < data.size; i++) {
        if (is_printable(data.at[i]) && data.at[i] != '%')
            continue;
        size_t n = i - start;
        bool is_end = data.at[i] == 0 || data.at[i] == '%' || data.at[i] == '\n';
        if (is_end && n >= LEAST_JOINED && n <= MOST_JOINED)
            map_put(&p->wholes, hash_of(data.at + start, n), 1);
        start = data.at[i] == '%' ? behind_mark(data, i) : i + 1;
        i = start - 1;
    }
}

static void find_wholes(Pieces *p) {
    const Image *image = p->h->image;
    p->has_wholes = true;
    p->wholes = map_new(p->h->scratch, 1024);
    for (size_t i = 0; i < image->segments.count; i++)
        if (!(image->segments.at[i].perms & PERM_X) &&
            hidden_may_scan(p->h, image->segments.at[i].file.size))
            add_wholes(p, image->segments.at[i].file);
}

/* Nothing but two or three whole texts of the data, with signs between them: it was joined. */
static bool is_joined(Pieces *p, const HiddenText *t) {
    enum { MOST_PIECES = 3 /* guess: of more, any text is one by chance */ };
    uint8_t least[MOST_CHARS + 1]; /* pieces that lead to this place */
    if (t->length > MOST_CHARS)
        return false;
    if (!p->has_wholes)
        find_wholes(p);
    memset(least, MOST_PIECES + 1, sizeof least);
    least[0] = 0;
    for (size_t i = 0; i < t->length; i++) {
        if (least[i] > MOST_PIECES)
            continue;
        if (!is_letter(t->text[i]) && least[i + 1] > least[i])
            least[i + 1] = least[i];
        for (size_t n = LEAST_JOINED; n <= MOST_JOINED && i + n <= t->length; n++)
            if (least[i + n] > least[i] + 1 && map_find(&p->wholes, hash_of(t->text + i, n)))
                least[i + n] = least[i] + 1;
    }
    return least[t->length] >= 2 && least[t->length] <= MOST_PIECES;
}

/* A text of the data but for its first character, or for a last one that is no letter: names that
 * differ in their last letter are not the same (RegOpenKeyExA). */
static bool is_edged(Pieces *p, const HiddenText *t) {
    return t->length >= LEAST_EDGED &&
           (is_in_data(p, t->text + 1, t->length - 1) ||
            (!is_letter(t->text[t->length - 1]) && is_in_data(p, t->text, t->length - 1)));
}

/* A count that grew by a little, or a flag that was set; not the case of a letter. */
static bool is_count(uint8_t was, uint8_t now) {
    enum { MOST_COUNTED = 4, CASE = 0x20 };
    uint8_t bits = was ^ now;
    return was > 0x20 && was < 0x7f && now > was && bits != CASE &&
           (now - was <= MOST_COUNTED || (bits & (bits - 1)) == 0);
}

/* The text is the one at `at` of the segment, but for a count at `off`. */
static bool is_counted_at(Bytes data, size_t at, const HiddenText *t, size_t off) {
    if (!bytes_has(data, at, t->length))
        return false;
    const uint8_t *text = data.at + at;
    return is_count(text[off], (uint8_t)t->text[off]) && memcmp(text, t->text, off) == 0 &&
           memcmp(text + off + 1, t->text + off + 1, t->length - off - 1) == 0;
}

static bool is_counted_in(Hunt *h, Bytes data, const HiddenText *t, size_t off) {
    size_t behind = t->length - off - 1, start = behind > off ? off + 1 : 0;
    size_t n = behind > off ? behind : off;
    Bytes text = {(const uint8_t *)t->text + start, n};
    for (size_t at = 0; at < data.size;) {
        const uint8_t *found = bytes_find(bytes_clip(data, at, data.size), text);
        if (!found || !hidden_may_scan(h, n))
            return false;
        at = (size_t)(found - data.at);
        if (at >= start && is_counted_at(data, at - start, t, off))
            return true;
        at++;
    }
    return false;
}

/* A copy of a text of the data in whose place something was counted or flagged, where words stand:
 * objects that nobody made lie in each other's place. */
static bool is_counted(Pieces *p, const HiddenText *t) {
    const Image *image = p->h->image;
    if (t->length < LONG || t->length > MOST_CHARS)
        return false;
    for (size_t off = 0; off < t->length; off += WORD) {
        if (!may_stand(p, t->text, off) || !may_stand(p, t->text + off + 1, t->length - off - 1))
            continue;
        for (size_t i = 0; i < image->segments.count; i++)
            if (!(image->segments.at[i].perms & PERM_X) &&
                hidden_may_scan(p->h, image->segments.at[i].file.size) &&
                is_counted_in(p->h, image->segments.at[i].file, t, off))
                return true;
    }
    return false;
}

void hidden_swap(const HiddenText *t, size_t size, char *to) {
    for (size_t k = 0; k < t->length; k += size) {
        size_t end = k + size < t->length ? k + size : t->length;
        for (size_t i = k; i < end; i++)
            to[i] = t->text[k + end - 1 - i];
    }
}

/* Apart from the code. */
static bool has_constants(const Image *image) {
    for (size_t i = 0; i < image->segments.count; i++)
        if (!(image->segments.at[i].perms & (PERM_X | PERM_W)) && image->segments.at[i].file.size)
            return true;
    return false;
}

/* Bytes of the words of which each from its end is a text of the data: numbers of the other byte
 * order. 0: none are. */
static uint8_t swapped_word(Pieces *p, const HiddenText *t) {
    char text[HIDDEN_SWAPPED];
    if (t->length > sizeof text)
        return 0;
    for (uint8_t size = 8; size >= 4; size /= 2) {
        hidden_swap(t, size, text);
        /* Some linkers put constants beside the code: eight characters are there by no chance. */
        if (is_in_data(p, text, t->length) || (t->length >= LONG && !has_constants(p->h->image) &&
                                               is_in_segments(p, text, t->length, true)))
            return size;
    }
    return 0;
}

/* Was the text made of others? */
static bool is_made(Pieces *p, const HiddenText *t) {
    bool is_decoded = t->kind == HIDDEN_DECODED;
    return t->is_copied ||
           (is_decoded && (is_edged(p, t) || is_of_mentioned(p, t) || is_joined(p, t))) ||
           (t->kind == HIDDEN_STACK && is_written_in_part(p, t)) || is_counted(p, t);
}

void hidden_mark_pieces(Hunt *h) {
    HiddenTexts *out = h->out;
    if (out->texts.count == 0)
        return;
    Pieces p = {.h = h, .index = hidden_index(h), .mentioned = ARENA_NEW(h->scratch, Mentioned)};
    for (size_t i = 0; i < out->texts.count; i++) {
        HiddenText *t = &out->texts.at[i];
        if (t->is_moved || t->is_mixed)
            continue;
        if (t->is_wide) {
            t->is_moved = t->is_copied;
            continue;
        }
        t->is_moved = is_made(&p, t);
        t->swapped = swapped_word(&p, t);
    }
}
