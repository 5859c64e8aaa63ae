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
    MOST_FRAME = 8192
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
    if (!memory_load_fast(h->p->memory, va, 1, &value) &&
        memory_read(h->p->memory, va, &value, 1) != MEMORY_OK)
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
    out->is_closed = c == 0;
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

/* Letters enough, and not an alphabet, a table or one character again and again. Whether the
 * letters are a language's or chance is asked later (string_noise.c). */
static bool is_plausible(const char *text, size_t n) {
    enum { MOST_PORT_DIGITS = 5 };
    size_t letters = 0, digits = 0, steps = 0, odd = 0, different = 0, run = 0, longest = 0;
    size_t number = 0, longest_number = 0;
    bool seen[128] = {false};
    uint8_t low = 127, high = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)text[i];
        letters += is_letter(c);
        digits += is_digit(c);
        number = is_digit(c) ? number + 1 : 0;
        longest_number = number > longest_number ? number : longest_number;
        odd += c == '`' || c == '^' || c == '|' || c == '~' || c == '{' || c == '}' || c == '"';
        steps += i > 0 && (c - text[i - 1] == 1 || c == text[i - 1]);
        run = i > 0 && c == text[i - 1] && is_letter(c) ? run + 1 : 0;
        longest = run > longest ? run : longest;
        different += !seen[c];
        seen[c] = true;
        low = c < low ? c : low;
        high = c > high ? c : high;
    }
    bool is_address = digits >= 4 && n <= 24 && strchr(text, '.') && letters == 0 &&
                      longest_number <= MOST_PORT_DIGITS;
    /* Nearly every character once, out of few: a table in another order. */
    bool is_table = n >= 10 && different * 10 >= n * 8 && (size_t)(high - low) * 10 < n * 13;
    /* Zeros, encoded. */
    bool is_filled = longest + 1 >= 8 || (n >= 16 && memcmp(text, "AAAA", 4) == 0);
    if (different < 3 || steps * 2 > n || odd * 4 > n || is_table || is_filled ||
        is_sorted(text, n))
        return false;
    /* Measured on the fixtures' texts: the least share of letters and digits is .72. */
    return is_address || (letters >= 3 && (letters + digits) * 10 >= n * 6);
}

static uint64_t key_of(const Hunt *h, const char *text, size_t chars) {
    return mix64(hash64((Bytes){(const uint8_t *)text, chars}) ^ h->f->va);
}

static void keep(Hunt *h, const Found *t, HiddenKind kind, uint64_t routine_va) {
    /* The name that the process has is ours. */
    bool is_ours = strcmp(t->text, h->p->command_line) == 0;
    if (is_ours || !is_plausible(t->text, t->chars) ||
        !map_put(&h->known, key_of(h, t->text, t->chars), 1))
        return;
    bool on_stack = kind == HIDDEN_STACK;
    TextPlace place = {t->va, t->text, t->chars, t->is_wide ? 2 : 1};
    HiddenMade made = hidden_making_of(h, &place, on_stack);
    if (made.how == MADE_WITH_LENGTH || made.how == MADE_BEFORE_LENGTH) {
        size_t cut = made.how == MADE_WITH_LENGTH;
        place = (TextPlace){t->va + cut, t->text + cut, t->chars - 1, 1};
        made = hidden_making_of(h, &place, on_stack);
        if (place.chars < LEAST_CHARS || !map_put(&h->known, key_of(h, place.text, place.chars), 1))
            return;
    }
    HiddenText *text = VEC_ADD(h->s->arena, &h->out->texts);
    if (!text) {
        h->out->is_cut = true;
        return;
    }
    *text = (HiddenText){
        .kind = kind,
        .is_wide = t->is_wide,
        .is_closed = made.is_closed,
        .is_tagged = made.is_tagged,
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

/* A text that begins at `i` of the page, where something else was before. Returns the place behind
 * what was looked at. */
static size_t look_at_change(const Change *c, size_t i) {
    Hunt *h = c->h;
    Found t;
    size_t start = i;
    /* Characters that decoding left as they are, before the first that it changed. */
    while (start > 0 && i - start < MOST_KEPT && is_char(c->at.now[start - 1]))
        start--;
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
    if (folded == changed) /* letters that changed their case, nothing else: no cipher */
        map_put(&h->known, key_of(h, t.text, t.chars), 1);
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

static bool covers_arg(const uint64_t *args, uint64_t va, uint64_t end) {
    for (unsigned i = 0; i < HIDDEN_ARGS && args; i++)
        if (args[i] >= va && args[i] < end)
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
    if (memory_read(h->p->memory, sp, frame, end - sp) != MEMORY_OK)
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
        if (t.chars >= LEAST_CHARS && t.is_closed && !covers_arg(args, va, behind))
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
            memory_read(h->p->memory, h->p->machine->slots[SLOT_X86_RSP] + 4 * (uint64_t)i, &va, 4);
        args[i] = va;
        if (!is_stack(h, va) || !read_run(h, va, &t) || !t.is_closed ||
            t.chars < LEAST_POINTED_CHARS)
            continue;
        keep(h, &t, HIDDEN_STACK, 0);
    }
}
