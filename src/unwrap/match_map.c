/* SPDX-License-Identifier: Apache-2.0
 * match_map.c: functions that replace each byte by the same table wherever it stands. The table is
 * read off by showing all bytes; the forms are tried from the simplest on, and of forms that are
 * the same function the first is named, so that equal functions have equal names. */
#include <stdio.h>
#include <string.h>

#include "unwrap/exam.h"

typedef struct Table {
    uint8_t to[256]; /* [0] is not asked for: it may end the text */
    bool known[256];
} Table;

static bool read_table(Exam *x, int in_cell, int out_cell, Table *t) {
    Probe *p = x->probe;
    memset(t, 0, sizeof *t);
    if (x->length < EXAM_STREAM)
        return false;
    /* From the last byte down as well: what a byte becomes must not hang on its neighbours. */
    static const struct { uint8_t start, step; } ORDERS[] = {{1, 1}, {56, 1}, {255, 255}};
    for (size_t k = 0; k < sizeof ORDERS / sizeof *ORDERS; k++) {
        probe_fill(p, 1, x->length, x->length);
        for (unsigned i = 0; i < EXAM_STREAM; i++)
            p->setup->bytes[in_cell][i] = (uint8_t)(ORDERS[k].start + i * ORDERS[k].step);
        const uint8_t *after = p->setup->bytes[in_cell];
        ProbeShot s = probe_shoot(p);
        const ProbeOutput *o = shot_find_cell(&s, out_cell);
        if (!s.returned || !o)
            return false;
        if (out_cell < 0)
            return false;
        for (unsigned i = 0; i < EXAM_STREAM; i++) {
            uint8_t from = after[i];
            if (t->known[from] && t->to[from] != o->after[i])
                return false;
            t->to[from] = o->after[i];
            t->known[from] = true;
        }
    }
    return true;
}

static bool is_injective(const Table *t) {
    bool seen[256] = {false};
    for (unsigned i = 1; i < 256; i++) {
        if (t->known[i] && seen[t->to[i]])
            return false;
        seen[t->to[i]] |= t->known[i];
    }
    return true;
}

/* Enough bytes become others: who replaces a mark or two enciphers nothing (guess; the shortest
 * alphabets that are moved have 26 letters). */
static bool is_substitution(const Table *t) {
    enum { LEAST = 16 };
    unsigned changed = 0;
    for (unsigned i = 1; i < 256; i++)
        changed += t->known[i] && t->to[i] != i;
    return changed >= LEAST;
}

typedef enum MapForm {
    MAP_XOR,
    MAP_ADD,
    MAP_XOR_ADD,
    MAP_ADD_XOR,
    MAP_ROL_XOR,
    MAP_XOR_ROL,
    MAP_ROL_ADD,
    MAP_ADD_ROL,
    MAP_FORMS
} MapForm;

static uint8_t map_value(MapForm form, uint8_t x, uint8_t a, uint8_t b) {
    switch (form) {
    case MAP_XOR:
        return x ^ a;
    case MAP_ADD:
        return (uint8_t)(x + a);
    case MAP_XOR_ADD:
        return (uint8_t)((x ^ a) + b);
    case MAP_ADD_XOR:
        return (uint8_t)(x + b) ^ a;
    case MAP_ROL_XOR:
        return rotl8(x, b) ^ a;
    case MAP_XOR_ROL:
        return rotl8(x ^ a, b);
    case MAP_ROL_ADD:
        return (uint8_t)(rotl8(x, b) + a);
    case MAP_ADD_ROL:
        return rotl8((uint8_t)(x + a), b);
    case MAP_FORMS:
    default:
        return x;
    }
}

static bool is_form(const Table *t, MapForm form, uint8_t a, uint8_t b) {
    for (unsigned i = 1; i < 256; i++)
        if (t->known[i] && map_value(form, (uint8_t)i, a, b) != t->to[i])
            return false;
    return true;
}

/* Of forms that are the same function the one whose numbers are in the code, or the first. */
static bool find_form(Exam *x, const Table *t, MapForm *form, uint8_t *a, uint8_t *b) {
    const Secrets *secrets = exam_secrets(x);
    enum { ALL_STEPS = 13000 };
    bool has_form = false;
    (void)probe_pay(x->probe, ALL_STEPS);
    for (unsigned f = 0; f < MAP_FORMS; f++) {
        unsigned most = f <= MAP_ADD ? 1 : f <= MAP_ADD_XOR ? 256 : 8;
        for (unsigned second = f > MAP_ADD; second < most; second++)
            for (unsigned first = 0; first < 256; first++) {
                bool is_told = secrets->small[first] && secrets->small[second];
                if ((has_form && (f != *form || !is_told)) ||
                    !is_form(t, (MapForm)f, (uint8_t)first, (uint8_t)second))
                    continue;
                *form = (MapForm)f;
                *a = (uint8_t)first;
                *b = (uint8_t)second;
                has_form = true;
                if (is_told)
                    return true;
            }
    }
    return has_form;
}

/* The cell whose number is the key, or -1; a key in a buffer shows by its content. */
static int key_cell_of(Exam *x, int in_cell, int out_cell, uint8_t key) {
    Probe *p = x->probe;
    for (unsigned c = 0; c < p->cell_count; c++) {
        if (p->cells[c].is_pointer && (int)c != in_cell && p->setup->bytes[c][0] == key)
            return (int)c;
        if (p->cells[c].is_pointer || key != (uint8_t)x->length)
            continue;
        probe_fill(p, 1, x->length, x->length);
        p->setup->number[c] = 0x4d;
        uint8_t first = p->setup->bytes[in_cell][0];
        ProbeShot s = probe_shoot(p);
        const ProbeOutput *o = shot_find_cell(&s, out_cell);
        if (o && (uint8_t)(o->after[0] ^ first) != key && (uint8_t)(o->after[0] - first) != key)
            return (int)c;
    }
    return -1;
}

static void add_key(Exam *x, int in_cell, int out_cell, uint8_t key) {
    int cell = key_cell_of(x, in_cell, out_cell, key);
    if (cell >= 0) {
        x->out.key_cell = cell;
        x->out.key_name = "key";
        x->out.key_size = 1;
    } else {
        finding_add_bytes(x, "key", (Bytes){&key, 1});
    }
}

static bool is_letter(unsigned c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

typedef enum Letters { LETTERS_NOT, LETTERS_CASE, LETTERS_CODED } Letters;

/* Whether only letters move; what changes their case is no coding. */
static Letters match_letters(Exam *x, const Table *t) {
    bool is_shift = true, is_case = true;
    char alphabet[53] = "";
    unsigned n = 0, shift = (t->to['a'] - 'a' + 26u) % 26;
    for (unsigned i = 1; i < 256; i++) {
        if (!t->known[i])
            continue;
        if (!is_letter(i)) {
            if (t->to[i] != i)
                return LETTERS_NOT;
            continue;
        }
        if (!is_letter(t->to[i]))
            return LETTERS_NOT;
        alphabet[n++] = (char)t->to[i];
        unsigned base = i >= 'a' ? 'a' : 'A';
        is_shift &= t->to[i] == base + (i - base + shift) % 26;
        is_case &= (t->to[i] | 32) == (i | 32);
    }
    if (is_case || n != 52)
        return is_case ? LETTERS_CASE : LETTERS_NOT;
    finding_set(x, ROUTINE_ENCODER, is_shift ? "rot" : "substitution", "letter-substitution");
    if (is_shift) {
        finding_add_number(x, "rotate", shift, PARAMETER_NUMBER);
        if (shift == 13)
            x->out.flags = ROUTINE_PUBLIC;
        return LETTERS_CODED;
    }
    finding_add_constant(x, "alphabet", hash64((Bytes){(const uint8_t *)alphabet, 52}));
    finding_add_text(x, "alphabet", alphabet);
    return LETTERS_CODED;
}

/* The bits of each byte the other way round: what fax and serial lines need, nobody's cipher. */
static bool match_reversal(Exam *x, const Table *t) {
    for (unsigned i = 1; i < 256; i++) {
        unsigned reversed = 0;
        for (unsigned bit = 0; bit < 8; bit++)
            reversed |= (i >> bit & 1) << (7 - bit);
        if (t->known[i] && t->to[i] != reversed)
            return false;
    }
    finding_set(x, ROUTINE_ENCODER, "bit-reversal", "bit-reversal");
    x->out.flags = ROUTINE_PUBLIC;
    return true;
}

static void name_form(Exam *x, MapForm form, uint8_t b) {
    static const char *const NAMES[] = {"xor",        "add",        "xor-add",    "xor-add",
                                        "xor-rotate", "xor-rotate", "add-rotate", "add-rotate"};
    static const char *const ORDERS[] = {NULL,          NULL,          "xor, add",
                                         "add, xor",    "rotate, xor", "xor, rotate",
                                         "rotate, add", "add, rotate"};
    finding_set(x, ROUTINE_STREAM_CIPHER, NAMES[form], NAMES[form]);
    finding_add_constant(x, "map", form);
    if (form >= MAP_ROL_XOR) {
        finding_add_constant(x, "rotate", b);
        finding_add_number(x, "rotate", b, PARAMETER_NUMBER);
    } else if (form >= MAP_XOR_ADD) {
        finding_add_number(x, "add", b, PARAMETER_NUMBER);
    }
    if (ORDERS[form])
        finding_add_text(x, "order", ORDERS[form]);
    x->out.flags = ROUTINE_PUBLIC;
}

bool match_map(Exam *x, int in_cell, int out_cell) {
    Table t;
    MapForm form = MAP_XOR;
    uint8_t a = 0, b = 0;
    if (!read_table(x, in_cell, out_cell, &t) || !is_injective(&t))
        return false;
    if (find_form(x, &t, &form, &a, &b)) {
        if ((form == MAP_XOR || form == MAP_ADD) && a == 0)
            return false;
        name_form(x, form, b);
        Finding named = x->out;
        probe_fill(x->probe, 1, x->length, x->length);
        x->out = named;
        add_key(x, in_cell, out_cell, a);
        return true;
    }
    if (match_reversal(x, &t))
        return true;
    Letters letters = match_letters(x, &t);
    if (letters != LETTERS_NOT)
        return letters == LETTERS_CODED;
    if (!is_substitution(&t))
        return false;
    finding_set(x, ROUTINE_ENCODER, "substitution", "substitution");
    x->out.confidence = 85;
    finding_add_constant(x, "table", hash64((Bytes){t.to, 256}));
    finding_add_bytes(x, "table", (Bytes){t.to, 256});
    return true;
}
