/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text_lists.h"

#include "report/words.h"

enum { VA_COLUMNS = 12, KIND_COLUMNS = 10, TRAIT_COLUMNS = 17 };

void list_va(Page *p, uint64_t va) {
    Text cell = text_new(64);
    if (va == UINT64_MAX)
        text_add(&cell, "-");
    else
        text_add_va(&cell, va);
    page_cell(p, VA_COLUMNS, bytes_from_text(text_str(&cell)));
    text_free(&cell);
}

static void list_number(Page *p, int columns, uint64_t value) {
    Text cell = text_new(64);
    text_add_count(&cell, value);
    page_cell(p, -columns, bytes_from_text(text_str(&cell)));
    text_free(&cell);
}

void list_string(Page *p, const StringFeature *s) {
    text_add(p->out, "  ");
    list_va(p, s->va);
    page_cell(p, KIND_COLUMNS - 2, bytes_from_text(string_kind_name(s->kind)));
    page_rest(p, VA_COLUMNS + KIND_COLUMNS + 2, (Bytes){(const uint8_t *)s->text, s->length});
}

void list_indicator(Page *p, const Indicator *i) {
    text_add(p->out, "  ");
    list_va(p, i->va);
    page_cell(p, KIND_COLUMNS, bytes_from_text(indicator_kind_name(i->kind)));
    page_rest(p, VA_COLUMNS + KIND_COLUMNS + 4, bytes_from_text(i->value));
}

static void add_parameter(Text *line, const RoutineParameter *r) {
    if (line->size > 0)
        text_add(line, ", ");
    text_addf(line, "%s ", r->name);
    if (r->kind == PARAMETER_NUMBER)
        text_add_u64(line, r->number);
    else if (r->kind == PARAMETER_WORD)
        text_add_va(line, r->number);
    else
        text_add(line, r->text);
}

void list_routine(Page *p, const Features *f, const Routine *r) {
    text_add(p->out, "  ");
    list_va(p, r->va);
    page_cell(p, 13, bytes_from_text(routine_kind_name(r->kind)));
    Text cell = text_new(64);
    if (r->algorithm)
        text_add(&cell, r->algorithm);
    else if (r->fingerprint.low || r->fingerprint.high)
        text_addf(&cell, "?%016llx", (unsigned long long)r->fingerprint.high);
    else
        text_add(&cell, "?");
    page_cell(p, 17, bytes_from_text(text_str(&cell)));
    text_free(&cell);
    Text line = text_new(1 << 16);
    for (uint32_t i = 0; i < r->parameter_count; i++)
        add_parameter(&line, &f->parameters.at[r->first_parameter + i]);
    for (uint32_t i = 0; i < r->resolved_count; i++)
        text_addf(&line, "%s%s", line.size ? ", " : "", f->resolved.at[r->first_resolved + i].name);
    page_rest(p, VA_COLUMNS + 35, (Bytes){(const uint8_t *)text_str(&line), line.size});
    text_free(&line);
}

static void list_trait(Page *p, const Trait *t) {
    text_add(p->out, "  ");
    page_cell(p, TRAIT_COLUMNS, bytes_from_text(trait_kind_name(t->kind)));
    page_cell(p, 7, bytes_from_text(trait_forgeability(t->kind)));
    page_rest(p, TRAIT_COLUMNS + 11, bytes_from_text(t->value));
}

static void list_function(Page *p, const FunctionFeature *f) {
    text_add(p->out, "  ");
    list_va(p, f->va);
    list_number(p, 8, f->size);
    list_number(p, 7, f->blocks);
    list_number(p, 7, f->instructions);
    list_number(p, 7, f->gene_count);
    page_cell(p, 9, bytes_from_text(source_name(f->source)));
    page_rest(p, VA_COLUMNS + 46, bytes_from_text(f->name ? f->name : ""));
}

static void heading(Page *p, const char *text) {
    page_ink(p, INK_DIM);
    text_add(p->out, text);
    page_ink(p, INK_PLAIN);
    text_add_char(p->out, '\n');
}

void list_part(Page *p, const Features *f, unsigned part) {
    if (part == PART_FUNCTIONS) {
        heading(p, "  address          size  blocks   instr   genes source    name");
        for (size_t i = 0; i < f->functions.count; i++)
            list_function(p, &f->functions.at[i]);
    } else if (part == PART_STRINGS) {
        heading(p, "  address      kind     text");
        for (size_t i = 0; i < f->strings.count; i++)
            list_string(p, &f->strings.at[i]);
    } else if (part == PART_ROUTINES) {
        heading(p, "  address      kind          algorithm         parameters");
        for (size_t i = 0; i < f->routines.count; i++)
            list_routine(p, f, &f->routines.at[i]);
    } else if (part == PART_TRAITS) {
        heading(p, "  trait             forging value");
        for (size_t i = 0; i < f->traits.count; i++)
            list_trait(p, &f->traits.at[i]);
    } else if (part == PART_INDICATORS) {
        heading(p, "  address      kind       value");
        for (size_t i = 0; i < f->indicators.count; i++)
            list_indicator(p, &f->indicators.at[i]);
    }
}

void text_write_failure(const char *path, const char *stage, const char *reason, TextStyle style,
                        Text *out) {
    (void)style;
    escape_terminal(bytes_from_text(path), 0, out);
    text_add(out, ": ");
    escape_terminal(bytes_from_text(reason), 0, out);
    text_add(out, " (");
    escape_terminal(bytes_from_text(stage), 0, out);
    text_add(out, ")\n");
}
