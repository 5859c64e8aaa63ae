/* SPDX-License-Identifier: Apache-2.0
 * text_features.c: one sample on a page: what it is, how much of it is known, what stands out. */
#include "code/code.h"
#include "report/page.h"
#include "report/text_lists.h"
#include "report/words.h"

enum {
    TOP_SECTIONS = 12,
    TOP_MODULES = 12,
    TOP_STRINGS = 12,
    TOP_INDICATORS = 20,
    TOP_NOTES = 16,
    TOP_ROUTINES = 16
};

static void add_upper(Text *out, const char *word) {
    for (; *word; word++)
        text_add_char(out, (char)(*word >= 'a' && *word <= 'z' ? *word - 32 : *word));
}

static void write_kind(Page *p, const Features *f) {
    page_label(p, "file");
    add_upper(p->out, format_name((Format)f->format));
    text_addf(p->out, " %s%s, ", arch_name((Arch)f->arch), f->is_library ? " library" : "");
    text_add_size(p->out, f->size);
    text_add(p->out, " (");
    text_add_count(p->out, f->size);
    text_add(p->out, " bytes)");
    if (f->has_entry) {
        text_add(p->out, ", entry ");
        text_add_va(p->out, f->entry);
    }
    if (f->is_dotnet)
        text_add(p->out, ", .NET");
    text_add_char(p->out, '\n');
    if (!f->is_packed)
        return;
    page_label(p, "packed");
    page_ink(p, INK_BAD);
    text_add(p->out, "yes, ");
    escape_terminal(bytes_from_text(f->packer ? f->packer : "unknown packer"), 40, p->out);
    page_ink(p, INK_PLAIN);
    if (features_unpacked(f))
        text_addf(p->out, ", unpacked to %.16s...", features_unpacked(f));
    text_add_char(p->out, '\n');
}

/* Traits that a summary names first; the rest is counted. */
static void write_traits(Page *p, const Features *f) {
    static const TraitKind FIRST[] = {
        TRAIT_COMPILER,    TRAIT_LANGUAGE, TRAIT_LINKER,   TRAIT_COMPILE_TIME, TRAIT_PACKER,
        TRAIT_EXPORT_NAME, TRAIT_PDB_PATH, TRAIT_SONAME,   TRAIT_RUNPATH,      TRAIT_BUILD_ID,
        TRAIT_GO_BUILD_ID, TRAIT_IMPHASH,  TRAIT_RICH_HASH};
    size_t shown = 0;
    for (size_t k = 0; k < sizeof FIRST / sizeof *FIRST; k++)
        for (size_t i = 0; i < f->traits.count; i++) {
            const Trait *t = &f->traits.at[i];
            if (t->kind != FIRST[k])
                continue;
            Text label = text_new(64);
            for (const char *c = trait_kind_name(t->kind); *c; c++)
                text_add_char(&label, *c == '_' ? ' ' : *c);
            /* A label longer than its column would be cut. */
            page_label(p, t->kind == TRAIT_COMPILE_TIME ? "built" : text_str(&label));
            text_free(&label);
            page_rest(p, LABEL_COLUMNS, bytes_from_text(t->value));
            shown++;
        }
    if (shown < f->traits.count) {
        page_label(p, "");
        page_ink(p, INK_DIM);
        size_t more = f->traits.count - shown;
        text_addf(p->out, "%zu more %s: cognate traits", more, more == 1 ? "trait" : "traits");
        page_ink(p, INK_PLAIN);
        text_add_char(p->out, '\n');
    }
}

static double share(uint64_t part, uint64_t whole) {
    return whole ? (double)part / (double)whole : 0;
}

static void write_code(Page *p, const Features *f) {
    page_label(p, "code");
    if (f->code_bytes == 0) {
        text_add(p->out, "none found\n");
        return;
    }
    double recovered = share(f->code_recovered, f->code_bytes),
           padding = share(f->code_padding, f->code_bytes),
           unknown = share(code_bytes_unknown(f), f->code_bytes);
    page_bar(p, (double[]){recovered, padding}, 2, 24);
    text_add_char(p->out, ' ');
    text_add_real(p->out, recovered * 100, 0, false);
    text_add(p->out, "% of ");
    text_add_count(p->out, f->code_bytes);
    text_add(p->out, " bytes recovered, ");
    text_add_real(p->out, padding * 100, 0, false);
    text_add(p->out, "% padding, ");
    text_add_real(p->out, unknown * 100, 0, false);
    text_add(p->out, "% unknown\n");
    uint64_t by_source[FUNCTION_SOURCE_COUNT + 1] = {0};
    for (size_t i = 0; i < f->functions.count; i++) {
        uint8_t source = f->functions.at[i].source;
        by_source[source < FUNCTION_SOURCE_COUNT ? source : FUNCTION_SOURCE_COUNT]++;
    }
    Text line = text_new(1 << 12);
    text_add_count(&line, f->functions.count);
    for (size_t i = 0; i <= FUNCTION_SOURCE_COUNT; i++)
        if (by_source[i]) {
            text_addf(&line, "%s %s ", by_source[i] == f->functions.count ? ", all" : ",",
                      source_name((uint8_t)i));
            text_add_count(&line, by_source[i]);
        }
    page_label(p, "functions");
    page_wrap(p, LABEL_COLUMNS, LABEL_COLUMNS,
              (Bytes){(const uint8_t *)text_str(&line), line.size});
    text_free(&line);
}

static void write_section(Page *p, const SectionFeature *s) {
    char perms[4];
    perms_write(perms, s->perms);
    text_add(p->out, "  ");
    page_cell(p, 20, bytes_from_text(s->name && s->name[0] ? s->name : "(no name)"));
    list_va(p, s->va);
    Text cell = text_new(64);
    text_add_size(&cell, s->size);
    page_cell(p, -10, bytes_from_text(text_str(&cell)));
    text_free(&cell);
    text_addf(p->out, "%s  entropy ", perms);
    page_ink(p, s->entropy > 7.2 ? INK_BAD : INK_PLAIN);
    text_add_real(p->out, s->entropy, 2, false);
    page_ink(p, INK_PLAIN);
    text_add_char(p->out, '\n');
}

/* How many sections are bigger, or as big and earlier. */
static size_t size_rank(const Features *f, size_t section) {
    size_t rank = 0;
    for (size_t i = 0; i < f->sections.count; i++)
        rank += f->sections.at[i].size > f->sections.at[section].size ||
                (i < section && f->sections.at[i].size == f->sections.at[section].size);
    return rank;
}

static void write_sections(Page *p, const Features *f) {
    if (f->sections.count == 0)
        return;
    page_title(p, "Sections");
    for (size_t i = 0; i < f->sections.count; i++)
        if (f->sections.count <= TOP_SECTIONS || size_rank(f, i) < TOP_SECTIONS)
            write_section(p, &f->sections.at[i]);
    if (f->sections.count > TOP_SECTIONS)
        text_addf(p->out, "  and %zu smaller ones\n", f->sections.count - TOP_SECTIONS);
}

typedef struct Module {
    const char *name;
    size_t count;
} Module;

static int compare_modules(const void *left, const void *right) {
    const Module *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int compare_names(const void *left, const void *right) {
    const Module *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static void write_imports(Page *p, const Features *f) {
    if (f->imports.count == 0)
        return;
    Module *modules = calloc(f->imports.count, sizeof *modules);
    CHECK(modules);
    for (size_t i = 0; i < f->imports.count; i++)
        modules[i] = (Module){f->imports.at[i].module ? f->imports.at[i].module : "", 1};
    qsort(modules, f->imports.count, sizeof *modules, compare_names);
    size_t count = 0;
    for (size_t i = 0; i < f->imports.count; i++) {
        if (count && !strcmp(modules[count - 1].name, modules[i].name))
            modules[count - 1].count++;
        else
            modules[count++] = modules[i];
    }
    qsort(modules, count, sizeof *modules, compare_modules);
    Text line = text_new(1 << 16);
    text_add_count(&line, f->imports.count);
    for (size_t i = 0; i < count && i < TOP_MODULES; i++)
        if (modules[i].name[0])
            text_addf(&line, "%s %.64s %zu", i ? "," : ":", modules[i].name, modules[i].count);
    if (count > TOP_MODULES)
        text_addf(&line, ", %zu more modules", count - TOP_MODULES);
    page_label(p, "imports");
    page_wrap(p, LABEL_COLUMNS, LABEL_COLUMNS,
              (Bytes){(const uint8_t *)text_str(&line), line.size});
    text_free(&line);
    free(modules);
}

/* What an analyst would look at first: what was hidden, what code refers to, what looks like a
 * sentence, a path or a format. A guess, for this page only. */
static unsigned string_interest(const StringFeature *s) {
    unsigned score = s->kind >= STRING_STACK ? 100 : 0;
    score += s->ref_count > 0 ? 20 : 0;
    score += s->length >= 8 ? 5 : 0;
    bool has_mark = false;
    for (uint32_t i = 0; i < s->length; i++)
        has_mark |= memchr(" /\\:%=@", s->text[i], 7) != NULL;
    score += has_mark ? 10 : 0;
    return score + (s->length < 40 ? s->length / 4 : 10);
}

static void write_strings(Page *p, const Features *f) {
    if (f->strings.count == 0)
        return;
    size_t best[TOP_STRINGS], count = 0;
    for (size_t i = 0; i < f->strings.count; i++) {
        unsigned score = string_interest(&f->strings.at[i]);
        size_t at = count;
        while (at > 0 && string_interest(&f->strings.at[best[at - 1]]) < score)
            at--;
        if (at == TOP_STRINGS)
            continue;
        size_t last = count < TOP_STRINGS ? count++ : TOP_STRINGS - 1;
        for (; last > at; last--)
            best[last] = best[last - 1];
        best[at] = i;
    }
    Text title = text_new(128);
    text_addf(&title, "Strings (%zu of %zu)", count, f->strings.count);
    page_title(p, text_str(&title));
    text_free(&title);
    for (size_t i = 0; i < count; i++)
        list_string(p, &f->strings.at[best[i]]);
}

static void write_indicators(Page *p, const Features *f) {
    if (f->indicators.count == 0)
        return;
    page_title(p, "Indicators");
    for (size_t i = 0; i < f->indicators.count && i < TOP_INDICATORS; i++)
        list_indicator(p, &f->indicators.at[i]);
    if (f->indicators.count > TOP_INDICATORS)
        text_addf(p->out, "  and %zu more: cognate indicators\n",
                  f->indicators.count - TOP_INDICATORS);
}

static void write_routines(Page *p, const Features *f) {
    if (f->routines.count == 0)
        return;
    page_title(p, "Routines");
    for (size_t i = 0; i < f->routines.count && i < TOP_ROUTINES; i++)
        list_routine(p, f, &f->routines.at[i]);
    if (f->routines.count > TOP_ROUTINES)
        text_addf(p->out, "  and %zu more: cognate routines\n", f->routines.count - TOP_ROUTINES);
}

static void write_notes(Page *p, const Features *f) {
    if (f->note_count == 0)
        return;
    page_title(p, "Notes");
    for (uint32_t i = 0; i < f->note_count && i < TOP_NOTES; i++) {
        text_add(p->out, "  ");
        text_add(p->out, note_name(f->notes[i].kind));
        text_add(p->out, " at offset ");
        text_add_va(p->out, f->notes[i].off);
        text_add_char(p->out, '\n');
    }
    uint64_t more = f->notes_dropped + (f->note_count > TOP_NOTES ? f->note_count - TOP_NOTES : 0);
    if (more)
        text_addf(p->out, "  and %llu more\n", (unsigned long long)more);
}

void text_write_features(Subject subject, unsigned parts, TextStyle style, Text *out) {
    const Features *f = subject.features;
    Page page = page_new(style, out), *p = &page;
    page_ink(p, INK_BOLD);
    page_rest(p, 0, bytes_from_text(subject.path));
    page_ink(p, INK_PLAIN);
    if (!(parts & PART_IMAGE) && !(parts & (parts - 1))) {
        list_part(p, f, parts);
        return;
    }
    page_label(p, "sha256");
    text_add_hex(out, (Bytes){f->sha256, sizeof f->sha256});
    text_add_char(out, '\n');
    write_kind(p, f);
    write_code(p, f);
    write_imports(p, f);
    write_traits(p, f);
    write_sections(p, f);
    write_routines(p, f);
    write_indicators(p, f);
    write_strings(p, f);
    write_notes(p, f);
}
