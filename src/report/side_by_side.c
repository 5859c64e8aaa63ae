/* SPDX-License-Identifier: Apache-2.0
 * side_by_side.c: two functions, effect by effect. */
#include <string.h>

#include "match/chance.h"
#include "report/json.h"
#include "report/page.h"
#include "report/pair.h"

static void write_json_line(Json *j, const char *key, const EffectLine *line) {
    if (!line)
        return;
    json_open(j, key, '{');
    json_va(j, "va", line->va);
    json_text(j, "text", line->text);
    json_close(j, '}');
}

static float chance_of(const SideBySide *s) {
    return chance_log10(&s->a.features->functions.at[s->pair->a],
                        &s->b.features->functions.at[s->pair->b], s->pair->score);
}

void json_write_side_by_side(const SideBySide *s, Text *out) {
    Json j = json_record(out, "pair");
    json_write_pair(&j, s->a.features, s->b.features, s->pair);
    json_bool(&j, "is_cut", s->is_cut);
    json_open(&j, "effects", '[');
    for (size_t i = 0; i < s->rows->count; i++) {
        const EffectRow *row = &s->rows->at[i];
        json_open(&j, NULL, '{');
        json_text(&j, "relation", effect_relation_name(row->relation));
        write_json_line(&j, "a", row->a);
        write_json_line(&j, "b", row->b);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_end(&j);
}

static void write_head(Page *p, const char *label, Subject s, uint32_t function) {
    const FunctionFeature *f = &s.features->functions.at[function];
    page_label(p, label);
    text_add_va(p->out, f->va);
    text_add_char(p->out, ' ');
    page_cell(p, 30, bytes_from_text(f->name ? f->name : ""));
    page_rest(p, LABEL_COLUMNS + 20 + 31, bytes_from_text(s.path));
}

static Bytes piece_of(const EffectLine *line, size_t at, size_t width) {
    Bytes text = bytes_from_text(line ? line->text : "");
    return bytes_clip(text, at, width);
}

/* As many lines of the terminal as the longer side needs. */
static void write_row(Page *p, const EffectRow *row, unsigned width) {
    static const char MARK[] = {' ', '~', '^', '<', '>'};
    static const Ink INKS[] = {INK_PLAIN, INK_ODD, INK_DIM, INK_BAD, INK_GOOD};
    size_t size_a = row->a ? strlen(row->a->text) : 0, size_b = row->b ? strlen(row->b->text) : 0;
    for (size_t at = 0; at == 0 || at < size_a || at < size_b; at += width) {
        page_ink(p, INKS[row->relation]);
        text_addf(p->out, "%c ", at ? ' ' : MARK[row->relation]);
        for (unsigned side = 0; side < 2; side++) {
            const EffectLine *line = side ? row->b : row->a;
            Text va = text_new(32);
            if (line && at == 0)
                text_add_va(&va, line->va);
            page_cell(p, 10, (Bytes){(const uint8_t *)text_str(&va), va.size});
            text_free(&va);
            if (side)
                page_rest(p, 2 + 11 + width + 1 + 11, piece_of(line, at, width));
            else
                page_cell(p, (int)width, piece_of(line, at, width));
        }
        page_ink(p, INK_PLAIN);
    }
}

void text_write_side_by_side(const SideBySide *s, TextStyle style, Text *out) {
    Page page = page_new(style, out), *p = &page;
    size_t with[5] = {0};
    for (size_t i = 0; i < s->rows->count; i++)
        with[s->rows->at[i].relation]++;
    write_head(p, "a", s->a, s->pair->a);
    write_head(p, "b", s->b, s->pair->b);
    page_label(p, "score");
    text_add_real(out, (double)s->pair->score, 2, false);
    text_addf(out, " (%s)", pair_reason_name(s->pair->reason));
    text_add_chance(out, chance_of(s), ", as high in ");
    text_add_char(out, '\n');
    page_label(p, "effects");
    text_addf(out, "%zu same, ~ %zu similar, ^ %zu moved, < %zu only in a, > %zu only in b\n\n",
              with[EFFECT_SAME], with[EFFECT_SIMILAR], with[EFFECT_MOVED], with[EFFECT_ONLY_A],
              with[EFFECT_ONLY_B]);
    unsigned width = p->columns > 64 ? (p->columns - 2 - 2 * 11 - 1) / 2 : 20;
    for (size_t i = 0; i < s->rows->count; i++)
        write_row(p, &s->rows->at[i], width);
    if (s->is_cut)
        text_add(out, "\n  Not all effects are shown: a limit was reached.\n");
}
