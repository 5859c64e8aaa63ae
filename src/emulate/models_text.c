/* SPDX-License-Identifier: Apache-2.0
 * models_text.c: functions of text, for characters of c->unit bytes. */
#include "emulate/models.h"

static uint64_t length_at(ModelCall *c, uint64_t va) {
    return mem_length(c, va, c->unit, UINT64_MAX);
}

void model_length(ModelCall *c) { c->result = length_at(c, c->args[0]); }
void model_length_most(ModelCall *c) { c->result = mem_length(c, c->args[0], c->unit, c->args[1]); }

/* n characters and a zero. */
static void put_text(ModelCall *c, uint64_t to, uint64_t from, uint64_t n) {
    if (!c->stop && mem_copy(c, to, from, n * c->unit))
        mem_fill(c, to + n * c->unit, 0, c->unit, 1);
}

void model_copy(ModelCall *c) {
    c->result = c->args[0];
    put_text(c, c->args[0], c->args[1], length_at(c, c->args[1]));
}

void model_copy_end(ModelCall *c) {
    uint64_t n = length_at(c, c->args[1]);
    c->result = c->args[0] + n * c->unit;
    put_text(c, c->args[0], c->args[1], n);
}

/* to, room, from */
void model_copy_s(ModelCall *c) {
    uint64_t n = length_at(c, c->args[2]);
    if (n < c->args[1])
        put_text(c, c->args[0], c->args[2], n);
    else
        c->result = 34; /* ERANGE */
}

/* Fills up with zeros, and has none when there is no room. */
void model_copy_most(ModelCall *c) {
    uint64_t n = mem_length(c, c->args[1], c->unit, c->args[2]);
    c->result = c->args[0];
    if (!c->stop && mem_copy(c, c->args[0], c->args[1], n * c->unit))
        mem_fill(c, c->args[0] + n * c->unit, 0, c->unit, c->args[2] - n);
}

void model_copy_n(ModelCall *c) {
    c->result = c->args[0];
    if (c->args[2])
        put_text(c, c->args[0], c->args[1], mem_length(c, c->args[1], c->unit, c->args[2] - 1));
}

static void append(ModelCall *c, uint64_t from, uint64_t n) {
    uint64_t to = c->args[0] + length_at(c, c->args[0]) * c->unit;
    put_text(c, to, from, n);
    c->result = c->args[0];
}

void model_append(ModelCall *c) { append(c, c->args[1], length_at(c, c->args[1])); }
void model_append_most(ModelCall *c) {
    append(c, c->args[1], mem_length(c, c->args[1], c->unit, c->args[2]));
}

void model_append_s(ModelCall *c) {
    uint64_t have = length_at(c, c->args[0]), n = length_at(c, c->args[2]);
    if (have + n < c->args[1])
        append(c, c->args[2], n);
    c->result = have + n < c->args[1] ? 0 : 34;
}

static uint64_t lower(uint64_t x) { return x >= 'A' && x <= 'Z' ? x + 32 : x; }
static uint64_t upper(uint64_t x) { return x >= 'a' && x <= 'z' ? x - 32 : x; }
void model_to_lower(ModelCall *c) { c->result = lower(c->args[0]); }
void model_to_upper(ModelCall *c) { c->result = upper(c->args[0]); }

static void compare(ModelCall *c, uint64_t most, bool fold) {
    for (uint64_t i = 0; i < most && i < MODEL_CHARS; i++, c->cost++) {
        uint64_t a = mem_char(c, c->args[0] + i * c->unit, c->unit);
        uint64_t b = mem_char(c, c->args[1] + i * c->unit, c->unit);
        if (fold) {
            a = lower(a);
            b = lower(b);
        }
        if (c->stop || a != b || a == 0) {
            c->result = a == b ? 0 : a < b ? UINT64_MAX : 1;
            return;
        }
    }
}

void model_compare(ModelCall *c) { compare(c, UINT64_MAX, false); }
void model_compare_most(ModelCall *c) { compare(c, c->args[2], false); }
void model_compare_case(ModelCall *c) { compare(c, UINT64_MAX, true); }
void model_compare_case_most(ModelCall *c) { compare(c, c->args[2], true); }

static void find(ModelCall *c, bool last) {
    uint64_t n = length_at(c, c->args[0]);
    uint64_t wanted = c->args[1] & ir_mask(8u * c->unit);
    for (uint64_t i = 0; i <= n && !c->stop; i++)
        if (mem_char(c, c->args[0] + i * c->unit, c->unit) == wanted) {
            c->result = c->args[0] + i * c->unit;
            if (!last)
                return;
        }
}

void model_find_char(ModelCall *c) { find(c, false); }
void model_find_last(ModelCall *c) { find(c, true); }

static bool stands_at(ModelCall *c, uint64_t va, uint64_t n) {
    for (uint64_t i = 0; i < n; i++, c->cost++)
        if (mem_char(c, va + i * c->unit, c->unit) !=
                mem_char(c, c->args[1] + i * c->unit, c->unit) ||
            c->stop)
            return false;
    return true;
}

void model_find_text(ModelCall *c) {
    uint64_t n = length_at(c, c->args[0]), wanted = length_at(c, c->args[1]);
    enum { MOST_WORK = 1 << 20 };
    for (uint64_t i = 0; i + wanted <= n && !c->stop && c->cost < MOST_WORK; i++)
        if (stands_at(c, c->args[0] + i * c->unit, wanted)) {
            c->result = c->args[0] + i * c->unit;
            return;
        }
}

void model_duplicate(ModelCall *c) {
    uint64_t n = length_at(c, c->args[0]);
    c->result = process_heap_alloc(c->in, (n + 1) * c->unit, false);
    if (c->result)
        put_text(c, c->result, c->args[0], n);
}

/* Changes the width of n characters (or up to a zero and with it); room 0 asks how many. */
static void convert(ModelCall *c, uint64_t from, uint64_t n, uint64_t to, uint64_t room) {
    unsigned from_unit = c->unit, to_unit = c->unit == 1 ? 2 : 1;
    if ((uint32_t)n == UINT32_MAX)
        n = mem_length(c, from, from_unit, UINT64_MAX) + 1;
    n = (uint32_t)n;
    if (c->stop || (room && n > (uint32_t)room))
        return;
    for (uint64_t i = 0; i < n && room && !c->stop; i++) {
        uint64_t value = mem_char(c, from + i * from_unit, from_unit);
        if (!c->stop)
            mem_write(c, to + i * to_unit, &value, to_unit);
    }
    c->cost += n;
    c->result = n;
}

void model_widen(ModelCall *c) { convert(c, c->args[2], c->args[3], c->args[4], c->args[5]); }
void model_narrow(ModelCall *c) { convert(c, c->args[2], c->args[3], c->args[4], c->args[5]); }

void model_number(ModelCall *c) {
    char text[MODEL_NAME];
    Bytes b = mem_name(c, c->args[0], 1, text);
    bool negative = bytes_u8_at(b, 0) == '-';
    uint64_t value = 0;
    for (size_t i = negative; i < b.size && b.at[i] >= '0' && b.at[i] <= '9'; i++)
        value = value * 10 + (uint64_t)(b.at[i] - '0');
    c->result = negative ? -value : value;
}
