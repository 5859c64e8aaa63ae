/* SPDX-License-Identifier: Apache-2.0
 * hidden_making.c: how a text came to be. A decoder computes its characters, and who puts a text
 * together writes it from one end to the other; who formats, joins, sorts or parses copies a few in
 * a row from texts that stand in the file; and numbers, addresses and what is left of older texts
 * lie beside each other by chance. */
#include <string.h>

#include "base/digest.h"
#include "unwrap/hidden_origin.h"

enum {
    LEAST_RUN = 4, /* characters in a row */
    CONSTANT = 8,  /* where compilers put constants of eight bytes and more */
    WORD = 4,      /* bytes of a number that is no character */
    BASE64 = 64,
    TAG = 4 /* characters of a number that file formats have for a name */
};

/* ---- Copies ---- */

/* Half of the characters were copied, four and more in a row, from where the file has them; on the
 * stack, unless it has them as constants. */
static bool is_copied(const Origins *o, bool on_stack) {
    size_t run = 0, copied = 0;
    uint64_t start = 0;
    for (size_t i = 0; i < o->chars; i++) {
        uint64_t at = o->at[i].at;
        Bytes b = at ? image_bytes_at(o->h->image, at) : (Bytes){0};
        bool is_there = b.size > 0 && b.at[0] == (uint8_t)o->t->text[i];
        uint64_t step = i > 0 ? at - o->at[i - 1].at : 0; /* 2: of a wide text */
        bool goes_on = is_there && run > 0 && (step == 1 || step == 2);
        start = goes_on ? start : at;
        run = goes_on ? run + 1 : is_there;
        size_t least = on_stack ? LEAST_RUN : 2;
        if (!on_stack || start % CONSTANT)
            copied += run == least ? least : run > least;
    }
    return copied * 2 >= o->chars;
}

/* ---- What is no text of one making ---- */

static bool is_char(uint8_t c) { return c >= 0x20 && c < 0x7f; }

/* Something that a register had since before, by what the instruction stored. */
static bool is_register(const Origins *o, size_t i) {
    HiddenSource stored = origins_stored(o, i);
    return stored == SOURCE_UNKNOWN || stored == SOURCE_CALLER ||
           (stored == SOURCE_LOADED && !o->at[i].at);
}

/* What stands where the write was is an address of the image. */
static bool is_of_image(const Origins *o, const Origin *c) {
    uint64_t value = 0;
    return c->size == o->h->image->bits / 8 &&
           memory_look(o->h->p->memory, c->va, &value, c->size) == MEMORY_OK &&
           image_find_segment(o->h->image, value) != NULL;
}

/* A character is a byte of an address or of a number of the other byte order, was written by what
 * is no code, or four and more are a register of the caller that was saved. */
static bool is_astray(const Origins *o) {
    for (size_t i = 0; i < o->chars; i += origins_group(o, i)) {
        HiddenSource source = origins_source(o, i);
        if (o->at[i].is_moved)
            continue;
        if (source == SOURCE_ADDRESS || source == SOURCE_ASTRAY || source == SOURCE_SWAPPED ||
            (source == SOURCE_CALLER && origins_group(o, i) >= WORD) ||
            (is_register(o, i) && is_of_image(o, &o->at[i])))
            return true;
    }
    return false;
}

/* The zero behind it is not much older than its end: that belongs to it. */
static bool is_closed(const Origins *o) {
    enum { EPISODE = 8 }; /* writes: guess */
    const Origin *last = &o->at[o->chars - 1], *zero = &o->at[o->chars];
    return zero->when && zero->when + EPISODE >= last->when;
}

/* The zero behind it was not only there: it was written with the end, by the same instruction, as a
 * number, or it was copied with the end. */
static bool has_end(const Origins *o) {
    const Origin *last = &o->at[o->chars - 1], *zero = &o->at[o->chars];
    HiddenSource stored = origins_stored(o, o->chars);
    return is_closed(o) &&
           (zero->when == last->when || zero->placer == last->placer || stored == SOURCE_CONSTANT ||
            stored == SOURCE_OUTSIDE || (zero->at && zero->at == last->at + o->t->unit));
}

/* Begins within a word of which other bytes are no characters. */
static bool begins_inside(const Origins *o) {
    const Origin *first = &o->at[0];
    uint8_t before = 0;
    if (!first->when || first->va >= o->t->va ||
        memory_look(o->h->p->memory, o->t->va - 1, &before, 1) != MEMORY_OK || is_char(before))
        return false;
    HiddenSource source = origins_source(o, 0);
    return before != 0 || (source != SOURCE_CONSTANT && source != SOURCE_LOADED);
}

/* A number of which the low byte looks like a character, before a text that was written over its
 * zeros. */
static bool has_number_before(const Origins *o) {
    const Origin *first = &o->at[0], *next = &o->at[1];
    return first->when && origins_source(o, 1) == SOURCE_CONSTANT && origins_group(o, 0) == 1 &&
           first->size >= WORD && next->va == o->t->va + 1 && next->when > first->when &&
           !is_char(next->before);
}

/* A character stood before it, where another text has its end since; or one was written there with
 * it, and something else over that. */
static bool is_rest(const Origins *o) {
    enum { WITH = 2 /* writes: a vector of 16 bytes */ };
    Memory *m = o->h->p->memory;
    uint64_t first = o->at[0].when, va = o->t->va - 1;
    uint8_t end[2] = {0};
    bool was_char = false;
    if (!first || memory_look(m, va - 1, end, sizeof end) != MEMORY_OK || is_char(end[1]) ||
        m->logged - first + WITH >= MEMORY_LOG_STORES || !hidden_may_scan(o->h, m->logged - first))
        return false;
    for (uint64_t when = m->logged; when > 0 && when + WITH >= first; when--) {
        const MemoryStore *store = &m->log[(when - 1) % MEMORY_LOG_STORES];
        if (va - store->va >= store->size)
            continue;
        if (when <= first)
            return was_char;
        was_char = is_char((uint8_t)(store->before >> 8 * (va - store->va)));
        if (was_char && is_char(end[0]) && end[1] == 0)
            return true;
    }
    return false;
}

static bool is_small(char c) { return c >= 'a' && c <= 'z'; }

static bool is_letter_or_digit(char c) {
    return is_small((char)(c | 0x20)) || (c >= '0' && c <= '9');
}

/* The same behind a text: the last character is alone in a word. Letters are so written where an
 * array is longer than its text; but four letters and a number are a tag and a number. */
static bool has_number_behind(const Origins *o) {
    const Origin *last = &o->at[o->chars - 1];
    if (!last->when || last->va != o->t->va + o->chars - 1)
        return false;
    uint64_t zero = o->at[o->chars].when;
    bool is_tag = o->chars == TAG + 1 && origins_group(o, 0) == TAG && !is_small(o->t->text[TAG]);
    if (last->size < WORD)
        return is_tag && zero && zero < last->when;
    return is_tag || !is_letter_or_digit(o->t->text[o->chars - 1]) ||
           origins_source(o, o->chars - 1) != SOURCE_CONSTANT;
}

/* Four characters in one word, without a zero of their own: a number. */
static bool is_number(const Origins *o) {
    const Origin *zero = &o->at[o->chars];
    return o->chars == TAG && origins_group(o, 0) == TAG &&
           !(zero->when >= o->at[0].when && zero->va == o->t->va + TAG && zero->size < WORD &&
             origins_source(o, TAG) == SOURCE_CONSTANT);
}

/* Two of them beside each other, where the processor has words for both at once; or more, that were
 * not written one behind the other, numbers of the instructions right so. */
static bool is_numbers(const Origins *o) {
    bool is_in_order = true;
    if (o->h->image->bits != 64 || o->chars < 2 * TAG || o->chars % TAG || has_end(o))
        return false;
    for (size_t i = 0; i < o->chars; i += TAG) {
        HiddenSource source = origins_source(o, i);
        if (origins_group(o, i) != TAG || o->at[i].size != WORD || o->at[i].va != o->t->va + i ||
            (source != SOURCE_CONSTANT && source != SOURCE_COMPUTED))
            return false;
        is_in_order &= i == 0 || (source == SOURCE_CONSTANT ? o->at[i].when == o->at[i - 1].when + 1
                                                            : o->at[i].when > o->at[i - 1].when);
    }
    return !is_in_order || o->chars == 2 * TAG;
}

/* Of two words the first is the smaller and was written later, where the other begins: who copies a
 * text begins with the largest. These are two variables. */
static bool is_two_variables(const Origins *o) {
    size_t n = 0;
    for (size_t i = 0; i < o->chars; i += n) {
        n = origins_group(o, i);
        const Origin *c = &o->at[i], *next = &o->at[i + n];
        if (i + n < o->chars && c->size < next->size && next->size >= WORD &&
            next->va == o->t->va + i + n && c->when > next->when && next->when &&
            origins_source(o, i) == SOURCE_CONSTANT && origins_source(o, i + n) == SOURCE_CONSTANT)
            return true;
    }
    return false;
}

static size_t groups_of(const Origins *o) {
    size_t groups = 0;
    for (size_t i = 0; i < o->chars; i += origins_group(o, i))
        groups++;
    return groups;
}

/* A word of the instructions, or of a text of the file, was written over a part of an older text.
 */
static bool is_overwritten(const Origins *o) {
    size_t groups = groups_of(o);
    for (size_t i = 0; i < o->chars; i += origins_group(o, i)) {
        size_t n = origins_group(o, i), changed = 0;
        bool has_older = false;
        for (size_t k = 0; k < o->chars; k++)
            has_older |= o->at[k].when && o->at[k].when + LEAST_RUN + groups < o->at[i].when;
        for (size_t k = i; k < i + n; k++)
            changed += is_char(o->at[k].before) && o->at[k].before != (uint8_t)o->t->text[k];
        if (has_older && o->at[i].when && changed >= LEAST_RUN && changed * 2 > n &&
            (origins_source(o, i) == SOURCE_CONSTANT || o->at[i].at))
            return true;
    }
    return false;
}

/* Characters were written over others, and what stands behind them is older and was written
 * elsewhere in the code: a part of what they were written over. A mark that is replaced by another
 * is meant so. */
static bool is_written_over(const Origins *o) {
    for (size_t i = 0; i < o->chars; i += origins_group(o, i)) {
        const Origin *c = &o->at[i];
        size_t n = origins_group(o, i), changed = 0;
        for (size_t k = i; k < i + n; k++)
            changed += is_letter_or_digit((char)o->at[k].before) &&
                       o->at[k].before != (uint8_t)o->t->text[k];
        if (changed == 0 || c->is_moved || origins_source(o, i) != SOURCE_CONSTANT)
            continue;
        for (size_t k = i + n; k < o->chars; k += origins_group(o, k))
            if (o->at[k].when && o->at[k].when < c->when &&
                hidden_block_of(o->h, o->at[k].placer) != hidden_block_of(o->h, c->placer))
                return true;
    }
    return false;
}

/* A word that was computed put the characters back that stood there, all but one: an object is
 * counted that nobody made. */
static bool was_counted(const Origins *o) {
    size_t n = 0;
    for (size_t i = 0; i < o->chars; i += n) {
        n = origins_group(o, i);
        size_t changed = 0;
        for (size_t k = i; k < i + n; k++)
            changed += o->at[k].before != (uint8_t)o->t->text[k];
        if (o->at[i].size >= WORD && n >= WORD && changed == 1 && is_char(o->at[i].before) &&
            origins_source(o, i) != SOURCE_CONSTANT && !o->at[i].at)
            return true;
    }
    return false;
}

/* Several numbers of the instructions, over what were characters before, without an end: one
 * constant of a format is compared after the other. */
static bool is_compared(const Origins *o) {
    for (size_t i = 0; i < o->chars; i++)
        if (!is_char(o->at[i].before) || o->at[i].before == (uint8_t)o->t->text[i] ||
            origins_source(o, i) != SOURCE_CONSTANT)
            return false;
    return groups_of(o) > 1 && o->chars <= CONSTANT && !has_end(o);
}

/* Writes between two, those that one instruction does in a row counted once. */
static uint64_t events_between(const Origins *o, uint64_t from, uint64_t to) {
    const Memory *m = o->h->p->memory;
    uint64_t events = 0;
    uint32_t writer = 0;
    for (uint64_t when = from; when < to; when++) {
        const MemoryStore *store = &m->log[(when - 1) % MEMORY_LOG_STORES];
        events += store->writer != writer;
        writer = store->writer;
    }
    return events;
}

/* The end is much older than what stands before it. */
static bool has_older_end(const Origins *o) {
    enum { EPISODE = 8 };
    uint64_t newest = 0, end = o->at[o->chars - 1].when;
    size_t at = 0;
    for (size_t i = 0; i < o->chars; i++)
        if (o->at[i].when >= newest) {
            newest = o->at[i].when;
            at = i;
        }
    size_t n = 1;
    while (at >= n && o->at[at - n].when == newest)
        n++;
    return end && newest > end + EPISODE + o->chars && (n >= TAG || at + 1 == n) &&
           events_between(o, end, newest) > EPISODE + o->chars;
}

/* Its end was written much later than what stands before it, over other characters, in the middle
 * of a word: who appends begins where a zero is. */
static bool has_newer_end(const Origins *o) {
    enum { EPISODE = 8 };
    size_t i = o->chars - 1;
    uint64_t first = o->at[i].when;
    if (!first)
        return false;
    for (; i > 0 && o->at[i - 1].when && o->at[i - 1].when + EPISODE > first; i--)
        first = o->at[i - 1].when < first ? o->at[i - 1].when : first;
    char before = i > 0 ? o->t->text[i - 1] : 0, at = o->t->text[i];
    return i > 0 && o->chars - i >= TAG && is_letter_or_digit(before) && is_letter_or_digit(at) &&
           o->at[i - 1].when && is_char(o->at[i].before) && o->at[i].before != (uint8_t)at &&
           events_between(o, o->at[i - 1].when, first) > EPISODE;
}

/* Registers one beside the other, or up to eight characters that were computed in one piece or two;
 * and no end. */
static bool is_open(const Origins *o) {
    enum { MOST_GROUPS = 2 };
    size_t groups = groups_of(o);
    bool are_registers = true, are_pieces = o->chars <= CONSTANT && groups <= MOST_GROUPS;
    if (has_end(o))
        return false;
    for (size_t i = 0; i < o->chars; i += origins_group(o, i)) {
        const Origin *c = &o->at[i];
        bool is_word = c->when && (c->size >= WORD || (i > 0 && c->size > 1));
        are_registers &= is_register(o, i) && is_word;
        are_pieces &= (is_register(o, i) || origins_stored(o, i) == SOURCE_COMPUTED) && is_word;
    }
    return are_registers || are_pieces;
}

/* A text of the file goes on where this word stands, but for a few characters: something was
 * counted there, or compared. */
static bool is_changed(const Origins *o) {
    size_t n = 0;
    for (size_t i = 0; i < o->chars; i += n) {
        n = origins_group(o, i);
        size_t count = i + n < o->chars ? origins_group(o, i + n) : 0, same = 0;
        const Origin *c = &o->at[i], *next = &o->at[i + n];
        if (!c->at || c->size < WORD || count < 2 || next->at || next->size < WORD ||
            origins_source(o, i + n) == SOURCE_CONSTANT)
            continue;
        Bytes b = image_bytes_at(o->h->image, c->at + n);
        for (size_t k = 0; k < count && k < b.size; k++)
            same += b.at[k] == (uint8_t)o->t->text[i + n + k];
        if (same * 2 >= count && same < count)
            return true;
    }
    return false;
}

/* A piece of a text of the file: it goes on there before and behind. */
static bool is_piece(const Origins *o) {
    uint64_t at = o->at[0].at;
    if (has_end(o) || !at)
        return false;
    for (size_t i = 1; i < o->chars; i++)
        if (o->at[i].at != at + i)
            return false;
    Bytes before = image_bytes_at(o->h->image, at - 1);
    return before.size > o->chars + 1 && is_char(before.at[0]) && is_char(before.at[o->chars + 1]);
}

/* Characters that were looked up, nearly all, in a table of so many; of those that are only known
 * to be loaded (the log keeps the last four narrow loads) up to half. */
static bool is_looked_up(const Origins *o, uint64_t table) {
    enum { LEAST = 8 };
    uint64_t low = UINT64_MAX, high = 0;
    size_t looked_up = 0, loaded = 0, chars = o->chars;
    while (chars > 0 && o->t->text[chars - 1] == '=') /* filling of base64 */
        chars--;
    for (size_t i = 0; i < chars; i++) {
        uint64_t at = o->at[i].at;
        loaded += at || origins_stored(o, i) == SOURCE_LOADED;
        if (at == 0)
            continue;
        looked_up++;
        low = at < low ? at : low;
        high = at > high ? at : high;
    }
    return looked_up >= LEAST && looked_up * 2 >= chars && loaded * 8 >= chars * 7 &&
           high - low < table;
}

/* Nothing but characters from one address of the file to the other. */
static bool is_one_text(const Hunt *h, uint64_t from, uint64_t to) {
    enum { FAR = 256 }; /* guess */
    Bytes b = image_bytes_at(h->image, from);
    if (to - from > FAR || to - from >= b.size)
        return false;
    for (size_t i = 0; i < to - from; i++)
        if (!is_char(b.at[i]))
            return false;
    return true;
}

/* Two words beside each other are of one text of the file, and there they are not. */
static bool leaves_out_words(const Origins *o) {
    size_t n = 0;
    for (size_t i = 0; i + LEAST_RUN <= o->chars; i += n) {
        n = origins_group(o, i);
        uint64_t at = o->at[i].at, next = i + n < o->chars ? o->at[i + n].at : 0;
        if (at && next && n >= LEAST_RUN && origins_group(o, i + n) >= LEAST_RUN &&
            next != at + n && is_one_text(o->h, at < next ? at : next, at < next ? next : at))
            return true;
    }
    return false;
}

/* Numbers with dots between them, written digit by digit, and the dots by other instructions, as
 * who writes an address of the internet does: a decoder's loop writes all of them, and where it was
 * unrolled each has its own. */
static bool is_written_out(const Origins *o) {
    size_t digits = 0, writers = 0;
    for (size_t i = 0; i < o->chars; i++) {
        bool is_digit = o->t->text[i] >= '0' && o->t->text[i] <= '9', is_first = is_digit;
        if (o->at[i].size != 1 || !o->at[i].when || (!is_digit && o->t->text[i] != '.'))
            return false;
        for (size_t k = 0; k < i; k++) {
            bool is_same = o->at[k].placer == o->at[i].placer;
            if (is_same && (o->t->text[k] == '.') == is_digit)
                return false;
            is_first &= !is_same;
        }
        digits += is_digit;
        writers += is_first;
    }
    return digits < o->chars && writers * 2 <= digits;
}

/* Between its pieces one was stored to no address: what should have been known there was not. */
static bool has_lost_text(const Origins *o) {
    uint64_t first = o->at[0].when, last = o->at[o->chars - 1].when;
    for (unsigned i = 0; i < o->h->lost_count; i++)
        if (first && first <= o->h->lost[i] && o->h->lost[i] < last)
            return true;
    return false;
}

/* Was there a look, and so a call, between the writes of two characters that lie beside each other?
 * What stood there before as it is now was no write. */
static bool is_looked_between(const Origins *o, size_t i, bool on_stack) {
    const Origin *a = &o->at[i], *b = a + 1, *last = a->when < b->when ? b : a;
    uint64_t first = a->when < b->when ? a->when : b->when;
    if (a->when == b->when || last->before == (uint8_t)o->t->text[last - o->at] ||
        (!on_stack && (first == 0 || a->placer == b->placer)))
        return false;
    for (unsigned k = 0; k < o->h->looks; k++)
        if (first <= o->h->look[k].logged && o->h->look[k].logged < last->when)
            return true;
    return false;
}

/* Calls came between its pieces: what is put together in several turns hangs on what the calls did,
 * and on the ways that were taken. Its pieces are texts of their own. A decoder that is called for
 * each character is none of this, nor one instruction of a loop elsewhere. */
static bool is_of_turns(const Origins *o, bool on_stack) {
    size_t turns = 0;
    for (size_t i = 0; i + 1 < o->chars; i++)
        turns += is_looked_between(o, i, on_stack);
    return turns > 0 && turns * 2 < o->chars;
}

static bool is_patched(const Origins *o) {
    return is_astray(o) || begins_inside(o) || is_rest(o) || has_number_before(o) ||
           has_number_behind(o) || is_number(o) || is_numbers(o) || is_two_variables(o) ||
           is_overwritten(o) || was_counted(o) || is_written_over(o) || is_compared(o) ||
           has_newer_end(o) || has_older_end(o) || is_open(o) || is_piece(o) || is_changed(o) ||
           leaves_out_words(o) || has_lost_text(o) || is_written_out(o);
}

/* A byte before the text says how long it is, in characters or, as in short texts of a C++ library,
 * twice that; or it is a number: one that looks like a tabulator, or one that was not known before
 * the text stood there. */
static bool has_length_before(const Origins *o) {
    uint8_t first = (uint8_t)o->t->text[0];
    size_t length = o->chars - 1;
    if (o->chars != o->t->chars || !o->at[0].when || o->at[0].size >= WORD ||
        origins_group(o, 0) != 1)
        return false;
    bool is_control = first < 0x20 && first != '\n';
    bool is_later = is_register(o, 0) && o->at[0].when > o->at[length].when &&
                    o->at[0].when > o->at[1].when && o->at[0].before == 0;
    return first == length || first == 2 * length ||
           ((is_control || is_later) && o->at[0].size == 1 && o->at[1].size >= WORD &&
            o->at[1].va == o->t->va + 1);
}

/* All of it is one word of eight bytes, as small texts of some libraries are: the first has their
 * length in its upper half and a mark in the lower one. */
static bool is_tagged(const Origins *o) {
    uint8_t first = (uint8_t)o->t->text[0];
    uint8_t word[CONSTANT];
    size_t n = origins_group(o, 0);
    bool is_word = o->at[0].size == CONSTANT;
    bool is_pair = o->at[0].size == WORD && n == WORD && o->at[WORD].size == WORD &&
                   o->at[WORD].va == o->t->va + WORD && origins_group(o, WORD) + WORD == o->chars;
    if (o->t->unit != 1 || o->t->chars > CONSTANT || first != (((o->chars - 1) << 4) | 1) ||
        o->at[0].va != o->t->va || !((is_word && n == o->chars) || is_pair) ||
        memory_look(o->h->p->memory, o->t->va, word, sizeof word) != MEMORY_OK)
        return false;
    for (size_t i = o->chars; i < sizeof word; i++)
        if (word[i])
            return false;
    return true;
}

/* A number behind it, written alone, says so. */
static bool has_length_behind(const Origins *o) {
    const Origin *last = &o->at[o->chars - 1];
    return o->chars == o->t->chars && (uint8_t)o->t->text[o->chars - 1] == o->chars - 1 &&
           last->when && last->when != last[-1].when && last->va == o->t->va + o->chars - 1;
}

/* Some character is of no instruction and of no piece of the file: it was computed, was in a
 * register that nobody knows, or came alone from where its neighbours did not. */
static bool is_computed(const Origins *o) {
    for (size_t i = 0; i < o->chars; i += origins_group(o, i)) {
        const Origin *c = &o->at[i];
        bool is_alone = c->at && origins_group(o, i) == 1 &&
                        (i == 0 || o->at[i - 1].at + o->t->unit != c->at) &&
                        (i + 1 == o->chars || o->at[i + 1].at != c->at + o->t->unit);
        HiddenSource source = c->when && !c->at ? origins_source(o, i) : SOURCE_CONSTANT;
        if (is_alone || (source != SOURCE_CONSTANT && source != SOURCE_OUTSIDE))
            return true;
    }
    return false;
}

HiddenMade hidden_making_of(Hunt *h, const TextPlace *t, bool on_stack) {
    Origins origins, *o = &origins;
    HiddenMade made = {MADE_AT_ONCE, .is_closed = true};
    if (!origins_find(h, t, o))
        return made;
    made.is_closed = is_closed(o);
    made.is_tagged = is_tagged(o);
    made.is_looked_up = is_looked_up(o, BASE64);
    made.is_computed = is_computed(o);
    if (is_copied(o, on_stack))
        made.how = MADE_BY_COPYING;
    else if (t->unit == 1 && has_length_before(o))
        made.how = MADE_WITH_LENGTH;
    else if (t->unit == 1 && has_length_behind(o))
        made.how = MADE_BEFORE_LENGTH;
    else if (is_of_turns(o, on_stack) || (t->unit == 1 && is_patched(o)))
        made.how = MADE_BY_CHANCE;
    return made;
}
