/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/effect_lines.h"

#include <string.h>

#include "value/show.h"

static void add_line(Sample *s, EffectLines *out, uint32_t function, uint64_t va, const Text *t) {
    EffectLine *line = VEC_ADD(s->arena, &out->lines);
    if (!line)
        return;
    size_t size = t->size < MAX_EFFECT_TEXT ? t->size : MAX_EFFECT_TEXT;
    char *text = arena_alloc(s->arena, size + 1);
    memcpy(text, text_str(t), size);
    text[size] = '\0';
    *line = (EffectLine){function, va, text};
}

EffectLines *effect_lines_from_code(Sample *s, const Image *image, const Code *code) {
    EffectLines *out = ARENA_NEW(s->arena, EffectLines);
    out->lines.max = MAX_EFFECT_LINES;
    Values *v = values_for_image(s->arena, image, code, NULL);
    for (uint32_t i = 0; v && i < code->functions.count && !out->lines.full; i++) {
        ArenaMark mark = arena_mark(s->scratch);
        const ValueFunction *f = values_from_function(v, &code->functions.at[i], s->scratch);
        for (size_t k = 0; k < f->effects.count; k++) {
            Text t = text_new(1 << 16);
            show_effect(v, f, &f->effects.at[k], &t);
            add_line(s, out, i, f->effects.at[k].va, &t);
            text_free(&t);
        }
        out->is_cut |= f->is_cut;
        arena_reset(s->scratch, mark);
    }
    out->is_cut |= out->lines.full;
    return out;
}

static void put(Text *out, uint64_t v, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        text_add_char(out, (char)(uint8_t)(v >> 8 * i));
}

void effect_lines_write(const EffectLines *e, Text *out) {
    put(out, e->lines.count, 4);
    put(out, e->is_cut, 1);
    for (size_t i = 0; i < e->lines.count; i++) {
        const EffectLine *line = &e->lines.at[i];
        size_t size = strlen(line->text);
        put(out, line->function, 4);
        put(out, line->va, 8);
        put(out, size, 2);
        text_add_bytes(out, line->text, size);
    }
}

bool effect_lines_from_bytes(Arena *a, Bytes bytes, EffectLines *out) {
    enum { LEAST = 14 };
    Cursor c = cursor_init(bytes);
    uint32_t count = cursor_u32(&c);
    *out = (EffectLines){.lines.max = MAX_EFFECT_LINES};
    out->is_cut = cursor_u8(&c) != 0;
    if (c.bad || count > MAX_EFFECT_LINES || count > bytes.size / LEAST)
        return false;
    uint32_t before = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t function = cursor_u32(&c);
        uint64_t va = cursor_u64(&c);
        Bytes text = cursor_bytes(&c, cursor_u16(&c));
        if (c.bad || function < before || text.size > MAX_EFFECT_TEXT ||
            (text.size && memchr(text.at, 0, text.size)))
            return false;
        before = function;
        char *copy = arena_alloc(a, text.size + 1);
        if (text.size)
            memcpy(copy, text.at, text.size);
        copy[text.size] = '\0';
        EffectLine *line = VEC_ADD(a, &out->lines);
        if (line)
            *line = (EffectLine){function, va, copy};
    }
    return cursor_left(&c) == 0;
}

size_t effect_lines_find(const EffectLines *e, uint32_t function, const EffectLine **out) {
    size_t low = 0, high = e->lines.count, n = 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (e->lines.at[mid].function < function)
            low = mid + 1;
        else
            high = mid;
    }
    while (low + n < e->lines.count && e->lines.at[low + n].function == function)
        n++;
    *out = e->lines.at + low;
    return n;
}
