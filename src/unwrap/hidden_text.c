/* SPDX-License-Identifier: Apache-2.0
 * hidden_text.c: what is a text in memory that code wrote. */
#include <string.h>

#include "base/check.h"
#include "base/digest.h"
#include "unwrap/hidden_inner.h"

enum {
    LEAST_CHARS = 5,         /* in memory that was written */
    LEAST_POINTED_CHARS = 4, /* where an argument points to */
    MOST_KEPT = 256,         /* that decoding left as they are */
    MOST_FRAME = 8192,
    SHORT_ROOM = 16 /* bytes that a string object of MSVC's library has for a short one */
};

typedef struct Found {
    uint64_t va;
    char text[HIDDEN_TEXT_BYTES + 1];
    size_t chars;
    bool is_wide;
    bool is_closed; /* a zero follows */
} Found;

static bool is_char(unsigned c) {
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

static uint8_t byte_at(Hunt *h, uint64_t va) {
    uint64_t value = 0;
    if (!memory_look_fast(h->p->memory, va, 1, &value) &&
        memory_look(h->p->memory, va, &value, 1) != MEMORY_OK)
        return 0xff;
    return (uint8_t)value;
}

/* The run of characters that starts at va. */
static bool read_run(Hunt *h, uint64_t va, Found *out) {
    out->va = va;
    out->chars = 0;
    uint8_t first = byte_at(h, va);
    if (!is_char(first))
        return false;
    out->is_wide =
        byte_at(h, va + 1) == 0 && is_char(byte_at(h, va + 2)) && byte_at(h, va + 3) == 0;
    unsigned unit = out->is_wide ? 2 : 1;
    uint8_t c = first;
    while (is_char(c) && out->chars < HIDDEN_TEXT_BYTES) {
        if (out->is_wide && byte_at(h, va + 2 * out->chars + 1) != 0)
            break;
        out->text[out->chars++] = (char)c;
        c = byte_at(h, va + unit * out->chars);
    }
    out->text[out->chars] = 0;
    out->is_closed = c == 0 || (h->setting == SETTING_COUNTS && c == PROCESS_SMALL_NUMBER);
    return true;
}

/* ---- Is it text? ---- */

static bool is_letter(uint8_t c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

/* Pieces of `size` characters each, from `start` on, that hardly ever descend. */
static bool ascends(const char *text, size_t n, size_t start, size_t size) {
    /* Eight in a row ascend once in 40,000 by chance. A merge has one place where it descends, so
     * that many pieces may have one in MOST. */
    enum { LEAST = 8, MOST = 12 };
    size_t pieces = (n - start) / size, falls = 0;
    for (size_t i = 1; i < pieces; i++)
        falls += memcmp(text + start + (i - 1) * size, text + start + i * size, size) > 0;
    return pieces >= LEAST && falls * MOST < pieces;
}

/* In order: it was sorted, not decoded. */
static bool is_sorted(const char *text, size_t n) {
    for (size_t size = 1; size <= 4; size *= 2)
        for (size_t start = 0; start < size && start < n; start++)
            if (ascends(text, n, start, size))
                return true;
    return false;
}

/* Of the internet, with or without a port. */
static bool is_address(const char *text, size_t n) {
    enum { LEAST_DIGITS = 4, LONGEST = 24, MOST_PORT_DIGITS = 5 };
    size_t digits = 0, number = 0, longest = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_letter((uint8_t)text[i]))
            return false;
        number = is_digit((uint8_t)text[i]) ? number + 1 : 0;
        digits += number > 0;
        longest = number > longest ? number : longest;
    }
    return digits >= LEAST_DIGITS && n <= LONGEST && memchr(text, '.', n) &&
           longest <= MOST_PORT_DIGITS;
}

/* Letters enough, and not an alphabet, a table or one character again and again. Whether the
 * letters are a language's or chance is asked later (string_noise.c). */
static bool is_plausible(const char *text, size_t n) {
    size_t letters = 0, digits = 0, steps = 0, odd = 0, different = 0, run = 0, longest = 0;
    bool seen[128] = {false};
    uint8_t low = 127, high = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)text[i];
        letters += is_letter(c);
        digits += is_digit(c);
        odd += c == '`' || c == '^' || c == '|' || c == '~' || c == '{' || c == '}' || c == '"';
        steps += i > 0 && (c - text[i - 1] == 1 || c == text[i - 1]);
        run = i > 0 && c == text[i - 1] && is_letter(c) ? run + 1 : 0;
        longest = run > longest ? run : longest;
        different += !seen[c];
        seen[c] = true;
        low = c < low ? c : low;
        high = c > high ? c : high;
    }
    /* Nearly every character once, out of few: a table in another order. */
    bool is_table = n >= 10 && different * 10 >= n * 8 && (size_t)(high - low) * 10 < n * 13;
    /* Zeros, encoded. */
    bool is_filled = longest + 1 >= 8 || (n >= 16 && memcmp(text, "AAAA", 4) == 0);
    /* A picture, or bits: a quarter of the characters differ in any text of so many. */
    bool is_drawn = n >= 16 && different < 8 && different * 4 <= n;
    if (different < 3 || is_drawn || steps * 2 > n || odd * 4 > n || is_table || is_filled ||
        is_sorted(text, n))
        return false;
    /* Measured on the fixtures' texts: the least share of letters and digits is .72. */
    return is_address(text, n) || (letters >= 3 && (letters + digits) * 10 >= n * 6);
}

static uint64_t key_of(const Hunt *h, const char *text, size_t chars) {
    return mix64(hash64((Bytes){(const uint8_t *)text, chars}) ^ h->f->va);
}

/* Pointers to the function's texts lie between these; one further, for a tag. */
static void note_place(Hunt *h, uint64_t va) {
    h->texts_low = va < h->texts_low ? va : h->texts_low;
    h->texts_high = va + 1 > h->texts_high ? va + 1 : h->texts_high;
}

/* A text that an earlier run of the function met: it may lie elsewhere now. */
static void meet_again(Hunt *h, const Found *t, uint64_t place, size_t cut) {
    if (place == 0)
        return;
    HiddenText *text = &h->out->texts.at[place - 1];
    text->settings |= 1u << h->setting;
    if (!text->is_pointed && h->setting == SETTING_ZEROS) {
        text->va = t->va + cut;
        note_place(h, text->va);
    }
}

/* Texts of other settings: only whether they are there again. */
static void meet_all(Hunt *h, const Found *t) {
    for (size_t cut = 0; cut < 3 && cut < t->chars; cut++) {
        const uint64_t *place =
            map_find(&h->known, key_of(h, t->text + (cut == 1), t->chars - (cut > 0)));
        if (place)
            meet_again(h, t, *place, cut == 1);
    }
}

static void keep(Hunt *h, const Found *t, HiddenKind kind, uint64_t routine_va) {
    if (h->setting != SETTING_ZEROS) {
        meet_all(h, t);
        return;
    }
    /* The name that the process has is ours. */
    bool is_ours = strcmp(t->text, h->p->command_line) == 0;
    if (is_ours || !is_plausible(t->text, t->chars))
        return;
    uint64_t key = key_of(h, t->text, t->chars);
    const uint64_t *known = map_find(&h->known, key);
    if (known) {
        meet_again(h, t, *known, 0);
        return;
    }
    map_put(&h->known, key, 0);
    bool on_stack = kind == HIDDEN_STACK;
    TextPlace place = {t->va, t->text, t->chars, t->is_wide ? 2 : 1};
    HiddenMade made = hidden_making_of(h, &place, on_stack);
    if (made.how == MADE_WITH_LENGTH || made.how == MADE_BEFORE_LENGTH) {
        size_t cut = made.how == MADE_WITH_LENGTH;
        place = (TextPlace){t->va + cut, t->text + cut, t->chars - 1, 1};
        made = hidden_making_of(h, &place, on_stack);
        key = key_of(h, place.text, place.chars);
        if (place.chars < LEAST_CHARS || !map_put(&h->known, key, 0))
            return;
    }
    HiddenText *text = VEC_ADD(h->s->arena, &h->out->texts);
    if (!text) {
        h->out->is_cut = true;
        return;
    }
    *map_find(&h->known, key) = h->out->texts.count;
    bool is_static = image_find_segment(h->image, place.va) != NULL;
    h->unpointed += !is_static;
    h->has_new_text |= !is_static;
    if (!is_static)
        note_place(h, place.va);
    *text = (HiddenText){
        .is_pointed = is_static,
        .kind = kind,
        .settings = 1u << SETTING_ZEROS,
        .is_wide = t->is_wide,
        .is_closed = made.is_closed,
        .is_tagged = made.is_tagged,
        .is_computed = made.is_computed,
        .is_looked_up = made.is_looked_up,
        .is_moved = kind == HIDDEN_STACK || h->saw_mover, /* maybe: hidden_moved.c */
        .is_copied = made.how == MADE_BY_COPYING,
        .is_mixed = made.how != MADE_AT_ONCE && made.how != MADE_BY_COPYING,
        .text = arena_text(h->s->arena, (Bytes){(const uint8_t *)place.text, place.chars}),
        .length = (uint32_t)place.chars,
        .va = place.va,
        .function_va = h->f->va,
        .site_va = h->last_va,
        .routine_va = routine_va};
}

/* ---- What was written since a mark ---- */

typedef struct Change {
    Hunt *h;
    MemoryChange at;
    uint64_t routine_va;
    bool is_tight;
} Change;

static bool is_stack(const Hunt *h, uint64_t va) {
    return va - h->p->stack_va < PROCESS_STACK_BYTES;
}

/* What stood there, moved by a few bytes: characters were put in before it, or taken out. */
static bool is_shifted(const MemoryChange *at, size_t start, size_t end, unsigned unit) {
    enum { MOST_SHIFT = 8 /* guess */ };
    for (size_t shift = unit; shift <= MOST_SHIFT && 2 * shift <= end - start; shift += unit) {
        size_t n = end - start - shift;
        if (memcmp(at->now + start, at->before + start + shift, n) == 0 ||
            memcmp(at->now + start + shift, at->before + start, n) == 0)
            return true;
    }
    return false;
}

/* A text that begins at `i` of the page, where something else was before. Returns the place behind
 * what was looked at. */
static size_t look_at_change(const Change *c, size_t i) {
    Hunt *h = c->h;
    Found t;
    size_t start = i;
    /* Characters that decoding left as they are, before the first that it changed. */
    while (start > 0 && i - start < MOST_KEPT && is_char(c->at.now[start - 1]))
        start--;
    if (start > 0 && c->at.now[start - 1] != 0)
        start = i; /* they are of a number */
    if (!read_run(h, c->at.va + start, &t))
        return i + 1;
    unsigned unit = t.is_wide ? 2 : 1;
    size_t end = start + unit * t.chars, changed = 0, filled = 0, folded = 0;
    size_t in_page = end < PAGE_BYTES ? end : PAGE_BYTES;
    for (size_t k = start; k < in_page; k += unit) {
        changed += c->at.before[k] != c->at.now[k];
        filled += c->at.before[k] != 0;
        folded += (c->at.before[k] ^ c->at.now[k]) == 0x20 && is_letter(c->at.now[k]);
    }
    /* Without a zero behind it: what follows was left as it is. */
    bool is_closed = t.is_closed || (end < PAGE_BYTES && c->at.before[end] == c->at.now[end]);
    size_t seen = (in_page - start + unit - 1) / unit;
    bool is_opened =
        start == 0 || c->at.now[start - 1] == 0 || c->at.now[start - 1] == c->at.before[start - 1];
    /* Letters that changed their case, nothing else: no cipher. */
    if (folded == changed || is_shifted(&c->at, start, in_page, unit))
        map_put(&h->known, key_of(h, t.text, t.chars), 0);
    if (t.chars < LEAST_CHARS || !is_opened || !is_closed || changed * 2 < seen)
        return end > i ? end : i + 1;
    bool on_stack = is_stack(h, t.va);
    if (on_stack && t.va < h->p->machine->slots[process_stack_slot(h->p)])
        return end > i ? end : i + 1;
    keep(h, &t, c->is_tight && on_stack && filled * 2 > seen ? HIDDEN_TIGHT : HIDDEN_DECODED,
         c->routine_va);
    return end > i ? end : i + 1;
}

/* Constants that are written over (a sort that went astray) are no result. */
static bool is_constant(const Hunt *h, uint64_t va) {
    const Segment *segment = image_find_segment(h->image, va);
    return segment && !(segment->perms & PERM_W);
}

void hidden_look_at_changes(Hunt *h, MemoryMark mark, uint64_t routine_va, bool is_tight) {
    Change c = {.h = h, .routine_va = routine_va, .is_tight = is_tight};
    size_t at = 0;
    while (memory_change(h->p->memory, mark, &at, &c.at))
        for (size_t i = is_constant(h, c.at.va) ? PAGE_BYTES : 0; i < PAGE_BYTES;) {
            if (i % 8 == 0 && memcmp(c.at.before + i, c.at.now + i, 8) == 0)
                i += 8;
            else if (c.at.before[i] == c.at.now[i] || !is_char(c.at.now[i]))
                i++;
            else
                i = look_at_change(&c, i);
        }
}

/* ---- The frame, and arguments ---- */

/* When any of these bytes was written last, by this run; 0: never. */
static uint64_t last_write(const Hunt *h, uint64_t va, uint64_t size, uint64_t first) {
    const Memory *m = h->p->memory;
    for (uint64_t when = m->logged; when > first; when--) {
        const MemoryStore *store = &m->log[(when - 1) % MEMORY_LOG_STORES];
        if (store->va < va + size && va < store->va + store->size)
            return when;
    }
    return 0;
}

/* Writes from here on are in the log. */
static uint64_t log_start(const Hunt *h) {
    const Memory *m = h->p->memory;
    return m->logged - h->log_start > MEMORY_LOG_STORES ? m->logged - MEMORY_LOG_STORES
                                                        : h->log_start;
}

/* One instruction wrote a character before it, and what stands here: no text begins. */
static bool is_inside(Hunt *h, uint64_t va) {
    const Memory *m = h->p->memory;
    uint64_t first = log_start(h);
    if (!is_char(byte_at(h, va - 1)) || !hidden_may_scan(h, 2 * (m->logged - first)))
        return false;
    uint64_t here = last_write(h, va, 1, first), before = last_write(h, va - 1, 1, first);
    return here && before && here - before <= 1 &&
           m->log[(here - 1) % MEMORY_LOG_STORES].writer ==
               m->log[(before - 1) % MEMORY_LOG_STORES].writer;
}

static bool covers_arg(Hunt *h, const uint64_t *args, uint64_t va, uint64_t end) {
    for (unsigned i = 0; i < HIDDEN_ARGS && args; i++)
        if (args[i] >= va && args[i] < end && (args[i] == va || !is_inside(h, args[i])))
            return true;
    return false;
}

void hidden_look_at_frame(Hunt *h, const uint64_t *args) {
    uint64_t sp = h->p->machine->slots[process_stack_slot(h->p)], end = h->entry_sp;
    if (!is_stack(h, sp) || sp >= end)
        return;
    if (end - sp > MOST_FRAME)
        end = sp + MOST_FRAME;
    Found t;
    uint8_t before = 0, frame[MOST_FRAME];
    if (memory_look(h->p->memory, sp, frame, end - sp) != MEMORY_OK)
        return;
    static const uint8_t zeros[8];
    for (uint64_t va = sp; va < end;) {
        if (end - va >= sizeof zeros && memcmp(frame + (va - sp), zeros, sizeof zeros) == 0) {
            before = 0;
            va += sizeof zeros;
            continue;
        }
        uint8_t c = frame[va - sp];
        if (!is_char(c) || is_char(before) || !read_run(h, va, &t)) {
            before = c;
            va++;
            continue;
        }
        uint64_t behind = va + t.chars * (t.is_wide ? 2u : 1u);
        if (t.chars >= LEAST_CHARS && t.is_closed && !covers_arg(h, args, va, behind))
            keep(h, &t, HIDDEN_STACK, 0);
        va = behind;
        before = byte_at(h, va - 1);
    }
}

void hidden_look_at_args(Hunt *h, uint64_t args[HIDDEN_ARGS]) {
    Found t;
    for (unsigned i = 0; i < HIDDEN_ARGS; i++) {
        /* Before a call, so without its return address. */
        uint16_t slot = process_arg_slot(h->p, i);
        uint64_t va = 0;
        if (slot != SLOT_NONE)
            va = h->p->machine->slots[slot];
        else if (h->image->arch == ARCH_X86)
            memory_look(h->p->memory, h->p->machine->slots[SLOT_X86_RSP] + 4 * (uint64_t)i, &va, 4);
        args[i] = va;
        if (!is_stack(h, va) || !read_run(h, va, &t) || !t.is_closed ||
            t.chars < LEAST_POINTED_CHARS || is_inside(h, va))
            continue;
        keep(h, &t, HIDDEN_STACK, 0);
    }
}

/* ---- Who has their addresses ---- */

uint64_t hidden_word_at(Hunt *h, uint64_t va) {
    uint64_t value = 0;
    unsigned width = h->image->bits / 8;
    if (!memory_look_fast(h->p->memory, va, width, &value))
        memory_look(h->p->memory, va, &value, width);
    return value;
}

static uint64_t block_of_write(Hunt *h, uint64_t when) {
    return when ? hidden_block_of(h, h->p->memory->log[(when - 1) % MEMORY_LOG_STORES].writer) : 0;
}

/* A string object has its length behind its pointer, or behind its characters and before its room
 * of fifteen. What stands behind that length, and was written before and elsewhere in the code, is
 * a rest of what the object held before. */
static bool has_rest(Hunt *h, const HiddenText *t, uint64_t length, uint64_t first) {
    char now[HIDDEN_TEXT_BYTES];
    if (length == 0 || length >= t->length || t->is_wide ||
        memory_look(h->p->memory, t->va, now, t->length) != MEMORY_OK ||
        memcmp(now, t->text, t->length) != 0)
        return false; /* or the object holds another one by now */
    uint64_t rest = last_write(h, t->va + length, t->length - length, first);
    uint64_t end = last_write(h, t->va + length - 1, 1, first);
    return rest < end && block_of_write(h, rest) != block_of_write(h, end);
}

static void see_pointer(Hunt *h, uint64_t value, uint64_t stored_at, uint64_t first) {
    enum { TEXTS_A_STEP = 16 };
    unsigned width = h->image->bits / 8;
    if (value < h->texts_low || value > h->texts_high)
        return; /* most values */
    hidden_pay_beside(h, (h->out->texts.count - h->first_text) / TEXTS_A_STEP);
    for (size_t i = h->first_text; i < h->out->texts.count; i++) {
        HiddenText *t = &h->out->texts.at[i];
        if (value != t->va && !(t->is_tagged && value == t->va + 1))
            continue;
        h->unpointed -= !t->is_pointed;
        t->is_pointed = true;
        if (stored_at)
            t->is_mixed |= has_rest(h, t, hidden_word_at(h, stored_at + width), first);
        else if (hidden_word_at(h, t->va + SHORT_ROOM + width) == SHORT_ROOM - 1)
            t->is_mixed |= has_rest(h, t, hidden_word_at(h, t->va + SHORT_ROOM), first);
    }
}

static void see_registers(Hunt *h, const uint64_t *at, size_t count, uint64_t first) {
    for (size_t i = 0; i < count; i++)
        see_pointer(h, at[i], 0, first);
}

void hidden_look_at_pointers(Hunt *h) {
    enum { STORE_STEPS = 2 };
    if ((h->unpointed == 0 && !h->has_new_text) || h->setting != SETTING_ZEROS)
        return;
    const Memory *m = h->p->memory;
    uint64_t first = log_start(h);
    /* Texts outside of the frame are found later than they were written. */
    for (unsigned i = h->has_new_text || h->looks == 0 ? 0 : h->looks - 1; i < h->looks; i++) {
        see_registers(h, h->look[i].registers, HIDDEN_REGISTERS, first);
        see_registers(h, h->look[i].args, HIDDEN_ARGS, first);
    }
    uint64_t registers[HIDDEN_REGISTERS];
    memcpy(registers, h->p->machine->slots, sizeof registers);
    registers[process_stack_slot(h->p)] = 0;
    see_registers(h, registers, HIDDEN_REGISTERS, first);
    uint64_t from = h->has_new_text || h->pointers_seen < first ? first : h->pointers_seen;
    unsigned width = h->image->bits / 8;
    hidden_pay_beside(h, STORE_STEPS * (m->logged - from));
    for (uint64_t i = from; i < m->logged; i++) {
        const MemoryStore *store = &m->log[i % MEMORY_LOG_STORES];
        /* Of a pair that one vector register holds as well. */
        for (unsigned off = 0; off + width <= store->size && store->va % width == 0; off += width) {
            uint64_t va = store->va + off;
            see_pointer(h, hidden_word_at(h, va), va, first);
        }
    }
    h->has_new_text = false;
    h->pointers_seen = m->logged;
}
