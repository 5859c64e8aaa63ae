/* SPDX-License-Identifier: Apache-2.0
 * html_card.c: shared functions and routines, this sample on the left, the reference on the right.
 */
#include <string.h>

#include "match/chance.h"
#include "report/escape.h"
#include "report/html.h"
#include "report/html_report.h"
#include "report/number.h"

enum {
    OPEN_CARDS = 2,       /* the others are folded */
    MAX_BLOCK_ROWS = 200, /* of a function: blocks are aligned by dynamic programming */
    MAX_EFFECT_ROWS = 400,
    MAX_NAMES = 40
};

typedef struct Side {
    const HtmlFile *file; /* effects may be NULL */
    const Features *features;
    const FunctionFeature *function;
    uint32_t index;
} Side;

typedef struct Card {
    const HtmlFinding *f;
    Side a, b;
    const Evidence *evidence;
    const FunctionPair *pair;
} Card;

static void open_sides(Text *out, const char *title, const char *a, const char *b) {
    html_element(out, "h4", NULL, title);
    text_add(out, "<table class=\"sides\"><thead><tr><th>");
    html_text(out, a);
    text_add(out, "</th><th class=\"mid\"></th><th>");
    html_text(out, b);
    text_add(out, "</th></tr></thead><tbody>\n");
}

static void close_sides(Text *out) { text_add(out, "</tbody></table>\n"); }

/* ---- blocks ---- */

static const BlockFeature *block_at(const Side *s, uint32_t i) {
    return &s->features->blocks.at[s->function->first_block + i];
}

static void add_block(Text *out, const Side *s, const BlockFeature *b) {
    text_add(out, "<td class=\"text\">");
    if (b) {
        text_add(out, "<span class=\"va\">");
        text_add_va(out, s->function->va + b->off);
        text_addf(out, "</span>%u instructions, %u bytes", b->instructions, b->size);
    }
    text_add(out, "</td>");
}

static void write_block_row(Text *out, const Card *c, const BlockFeature *a,
                            const BlockFeature *b) {
    text_addf(out, "<tr class=\"%s\">", a && b ? "same" : "only");
    add_block(out, &c->a, a);
    text_addf(out, "<td class=\"mid\">%s</td>", a && b ? "equal" : a ? "only here" : "only there");
    add_block(out, &c->b, b);
    text_add(out, "</tr>\n");
}

static bool is_equal_block(const BlockFeature *a, const BlockFeature *b) {
    return a->pic.low == b->pic.low && a->pic.high == b->pic.high;
}

/* Longest common subsequence of the blocks, in the order of the code. */
static void write_blocks(const Card *c, Text *out) {
    uint32_t n = c->a.function->block_count, m = c->b.function->block_count;
    n = n < MAX_BLOCK_ROWS ? n : MAX_BLOCK_ROWS;
    m = m < MAX_BLOCK_ROWS ? m : MAX_BLOCK_ROWS;
    if (n == 0 && m == 0)
        return;
    size_t wide = m + 1;
    uint16_t *best = ARENA_ARRAY(c->f->arena, uint16_t, (n + 1) * wide);
    for (uint32_t i = n; i-- > 0;)
        for (uint32_t k = m; k-- > 0;) {
            uint16_t skip_a = best[(i + 1) * wide + k], skip_b = best[i * wide + k + 1];
            bool is_equal = is_equal_block(block_at(&c->a, i), block_at(&c->b, k));
            best[i * wide + k] = is_equal          ? (uint16_t)(best[(i + 1) * wide + k + 1] + 1)
                                 : skip_a > skip_b ? skip_a
                                                   : skip_b;
        }
    open_sides(out, "Blocks of code, equal but for addresses", "this sample", "reference");
    uint32_t i = 0, k = 0;
    while (i < n || k < m) {
        const BlockFeature *a = i < n ? block_at(&c->a, i) : NULL,
                           *b = k < m ? block_at(&c->b, k) : NULL;
        if (a && b && is_equal_block(a, b)) {
            i++;
            k++;
        } else if (a && (!b || best[(i + 1) * wide + k] >= best[i * wide + k + 1])) {
            b = NULL;
            i++;
        } else {
            a = NULL;
            k++;
        }
        write_block_row(out, c, a, b);
    }
    close_sides(out);
    if (c->a.function->block_count > n || c->b.function->block_count > m)
        html_element(out, "p", "soft small", "The function has more blocks; they are not shown.");
}

/* ---- what it calls and mentions ---- */

static const char *import_of(const Side *s, uint32_t i) {
    uint32_t callee = s->features->calls.at[s->function->first_call + i];
    if (!(callee & CALL_IS_IMPORT))
        return NULL;
    return s->features->imports.at[callee & ~CALL_IS_IMPORT].name;
}

static bool calls_import(const Side *s, const char *name) {
    for (uint32_t i = 0; i < s->function->call_count; i++) {
        const char *other = import_of(s, i);
        if (other && strcmp(other, name) == 0)
            return true;
    }
    return false;
}

static void write_calls(const Card *c, Text *out) {
    unsigned shown = 0;
    for (uint32_t i = 0; i < c->a.function->call_count && shown < MAX_NAMES; i++) {
        const char *name = import_of(&c->a, i);
        bool is_again = false;
        for (uint32_t k = 0; name && k < i; k++) {
            const char *other = import_of(&c->a, k);
            is_again |= other && strcmp(other, name) == 0;
        }
        if (!name || is_again || !calls_import(&c->b, name))
            continue;
        if (shown++ == 0)
            text_add(out, "<dl><dt>both call</dt><dd>");
        else
            text_add(out, ", ");
        html_element(out, "code", NULL, name);
    }
    if (shown)
        text_add(out, "</dd></dl>\n");
}

/* ---- what it does ---- */

static void add_effect(Text *out, const EffectLine *line) {
    text_add(out, "<td class=\"text\">");
    if (line) {
        text_add(out, "<span class=\"va\">");
        text_add_va(out, line->va);
        text_add(out, "</span>");
        html_text(out, line->text);
    }
    text_add(out, "</td>");
}

static const char *relation_class(EffectRelation r) {
    return r == EFFECT_SAME      ? "same"
           : r == EFFECT_SIMILAR ? "similar"
           : r == EFFECT_MOVED   ? "moved"
                                 : "only";
}

static const char *relation_words(EffectRelation r) {
    return r == EFFECT_SAME      ? "same"
           : r == EFFECT_SIMILAR ? "similar"
           : r == EFFECT_MOVED   ? "moved"
           : r == EFFECT_ONLY_A  ? "only here"
                                 : "only there";
}

static EffectSide effects_of(const Side *s) {
    EffectSide side = {0};
    if (s->file && s->file->effects)
        side.count = effect_lines_find(s->file->effects, s->index, &side.lines);
    return side;
}

/* Both sides when the reference's file is at hand, else this sample's alone. */
static void write_effects(const Card *c, Text *out) {
    EffectSide a = effects_of(&c->a), b = effects_of(&c->b);
    EffectRowVec rows = {0};
    if (a.count == 0)
        return;
    if (b.count == 0) {
        html_element(out, "h4", NULL, "What it does, in this sample");
        text_add(out, "<table class=\"sides\"><tbody>\n");
        for (size_t i = 0; i < a.count && i < MAX_EFFECT_ROWS; i++) {
            text_add(out, "<tr>");
            add_effect(out, &a.lines[i]);
            text_add(out, "</tr>\n");
        }
        close_sides(out);
        return;
    }
    Arena *scratch = arena_new((size_t)256 << 20);
    CHECK(scratch);
    rows.max = 2 * MAX_ALIGNED;
    effects_align(a, b, c->f->arena, scratch, &rows);
    arena_free(scratch);
    open_sides(out, "What both do, aligned by value", "this sample", "reference");
    for (size_t i = 0; i < rows.count && i < MAX_EFFECT_ROWS; i++) {
        const EffectRow *row = &rows.at[i];
        text_addf(out, "<tr class=\"%s\">", relation_class(row->relation));
        add_effect(out, row->a);
        text_addf(out, "<td class=\"mid\">%s</td>", relation_words(row->relation));
        add_effect(out, row->b);
        text_add(out, "</tr>\n");
    }
    close_sides(out);
}

/* ---- the card ---- */

static void write_facts(const Card *c, Text *out) {
    const FunctionFeature *a = c->a.function, *b = c->b.function;
    text_add(out, "<dl><dt>addresses</dt><dd>");
    html_va(out, a->va);
    text_add(out, " here, ");
    html_va(out, b->va);
    text_add(out, " in ");
    const StoredSample *there = snapshot_find_sha256(c->f->snap, c->evidence->there.sha256);
    html_text(out, there && there->name ? there->name : "the reference");
    text_addf(out,
              "</dd><dt>size</dt><dd>%u instructions in %u blocks here, %u in %u there</dd>"
              "<dt>likeness</dt><dd>",
              a->instructions, a->blocks, b->instructions, b->blocks);
    if (c->pair->reason == PAIR_EXACT) {
        text_add(out, "equal byte for byte, but for addresses");
    } else {
        text_add_real(out, (double)c->pair->score * 100, 0, false);
        text_add(out, " % of the values that they compute");
        text_add_chance(out, chance_log10(a, b, c->pair->score), "; as high by chance: ");
    }
    text_addf(out, "</dd><dt>seen in</dt><dd>%u of %u samples of the store</dd></dl>\n",
              c->evidence->rarity_count, c->evidence->rarity_corpus);
}

static void write_card(const Card *c, unsigned number, Text *out) {
    const char *name = c->b.function->name ? c->b.function->name : c->a.function->name;
    text_addf(out, "<details class=\"card\"%s><summary><h3>%u. ",
              number <= OPEN_CARDS ? " open" : "", c->evidence->id);
    if (name)
        html_text(out, name);
    else
        text_add_va(out, c->a.function->va);
    text_add(out, "</h3> <span class=\"soft small\">");
    html_text(out, c->evidence->statement);
    text_add(out, "</span></summary><div class=\"in\">\n");
    write_facts(c, out);
    write_calls(c, out);
    write_effects(c, out);
    write_blocks(c, out);
    text_add(out, "</div></details>\n");
}

static uint32_t function_at(const Features *f, uint64_t va) {
    size_t at = features_function_at(f, va);
    return at != SIZE_MAX && f->functions.at[at].va == va ? (uint32_t)at : UINT32_MAX;
}

static bool find_card(const HtmlFinding *f, const Evidence *e, Card *c) {
    const SampleMatch *m =
        e->evidence_class == EVIDENCE_CODE ? html_match_with(f, e->there.sha256) : NULL;
    const Features *ref = m ? match_features(m) : NULL;
    uint32_t a = ref ? function_at(f->here.features, e->here.va) : UINT32_MAX;
    for (size_t i = 0; a != UINT32_MAX && i < m->pairs.count; i++) {
        const FunctionPair *p = &m->pairs.at[i];
        if (p->a != a || ref->functions.at[p->b].va != e->there.va)
            continue;
        *c = (Card){.f = f, .evidence = e, .pair = p};
        const HtmlFile *there = html_file_with(f, e->there.sha256);
        c->a = (Side){&f->here, f->here.features, &f->here.features->functions.at[p->a], p->a};
        c->b = (Side){there, ref, &ref->functions.at[p->b], p->b};
        /* The file at hand may have been taken apart by another version. */
        if (there && (p->b >= there->features->functions.count ||
                      there->features->functions.at[p->b].va != e->there.va))
            c->b.file = NULL;
        return true;
    }
    return false;
}

void html_write_functions(const HtmlFinding *f, Text *out) {
    unsigned number = 0;
    for (size_t i = 0; i < f->verdict->evidence.count; i++) {
        Card card;
        if (!find_card(f, &f->verdict->evidence.at[i], &card))
            continue;
        if (number++ == 0)
            html_element(out, "h2", NULL, "Functions side by side");
        write_card(&card, number, out);
    }
}

/* ---- routines ---- */

static const Routine *routine_at(const Features *f, uint64_t va) {
    for (size_t i = 0; i < f->routines.count; i++)
        if (f->routines.at[i].va == va)
            return &f->routines.at[i];
    return NULL;
}

static void add_parameters(Text *out, const Features *f, const Routine *r) {
    for (uint32_t i = 0; i < r->parameter_count; i++) {
        const RoutineParameter *p = &f->parameters.at[r->first_parameter + i];
        text_add(out, "<dt>");
        html_text(out, p->name);
        text_add(out, "</dt><dd><code>");
        if (p->kind == PARAMETER_NUMBER)
            text_addf(out, "%llu", (unsigned long long)p->number);
        else
            html_text(out, p->text);
        text_add(out, "</code></dd>");
    }
}

static void add_hash(Text *out, const char *label, Hash128 h) {
    if (!h.low && !h.high)
        return;
    text_addf(out, "<dt>%s</dt><dd><code>%016llx%016llx</code></dd>", label,
              (unsigned long long)h.high, (unsigned long long)h.low);
}

static bool is_of_routine(const Evidence *e) {
    return e->evidence_class == EVIDENCE_ROUTINE || e->evidence_class == EVIDENCE_SECRET;
}

static bool is_same_pair(const Evidence *x, const Evidence *y) {
    return is_of_routine(x) && is_of_routine(y) && x->here.va == y->here.va &&
           x->there.va == y->there.va && memcmp(x->there.sha256, y->there.sha256, 32) == 0;
}

static void add_kind(Text *out, const Routine *r) {
    text_add(out, "<dt>kind</dt><dd>");
    html_word(out, routine_kind_name(r->kind));
    text_add(out, "</dd>");
}

/* One card for a pair of routines, with all that the verdict says of them. */
static void write_routine(const HtmlFinding *f, size_t first, const Routine *a,
                          const SampleMatch *m, Text *out) {
    const Evidence *e = &f->verdict->evidence.at[first];
    const Features *ref = m ? match_features(m) : NULL;
    const Routine *b = ref ? routine_at(ref, e->there.va) : NULL;
    text_add(out, "<div class=\"card\"><div class=\"in\"><h3>");
    html_text(out, a->algorithm ? a->algorithm : routine_kind_name(a->kind));
    text_add(out, "</h3><ul class=\"small\">");
    for (size_t i = first; i < f->verdict->evidence.count; i++) {
        const Evidence *other = &f->verdict->evidence.at[i];
        if (!is_same_pair(e, other))
            continue;
        text_addf(out, "<li>%u. ", other->id);
        html_text(out, other->statement);
        text_add(out, "</li>");
    }
    text_add(out, "</ul><div class=\"columns\"><div><h3>this sample</h3><dl><dt>address</dt><dd>");
    html_va(out, a->va);
    text_add(out, "</dd>");
    add_kind(out, a);
    add_hash(out, "computes", a->fingerprint);
    add_parameters(out, f->here.features, a);
    text_add(out, "</dl></div><div><h3>reference</h3><dl><dt>address</dt><dd>");
    html_va(out, e->there.va);
    text_add(out, "</dd>");
    if (b) {
        add_kind(out, b);
        add_hash(out, "computes", b->fingerprint);
        add_parameters(out, ref, b);
    }
    text_add(out, "</dl></div></div></div></div>\n");
}

void html_write_routines(const HtmlFinding *f, Text *out) {
    bool is_open = false;
    for (size_t i = 0; i < f->verdict->evidence.count; i++) {
        const Evidence *e = &f->verdict->evidence.at[i];
        const Routine *a = is_of_routine(e) ? routine_at(f->here.features, e->here.va) : NULL;
        bool is_again = false;
        for (size_t k = 0; k < i; k++)
            is_again |= is_same_pair(&f->verdict->evidence.at[k], e);
        if (!a || is_again)
            continue;
        if (!is_open)
            html_element(out, "h2", NULL, "Routines: what computes the same");
        is_open = true;
        write_routine(f, i, a, html_match_with(f, e->there.sha256), out);
    }
}
