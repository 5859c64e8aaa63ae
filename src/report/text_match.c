/* SPDX-License-Identifier: Apache-2.0
 * text_match.c: pairs and nearest functions, and the store's own figures, as text. */
#include "report/page.h"
#include "report/shared.h"
#include "report/text_lists.h"

static const char *name_of(const FunctionFeature *f) { return f->name ? f->name : ""; }

static void write_pair(Page *p, const FunctionFeature *a, const FunctionFeature *b,
                       const FunctionPair *pair) {
    Text cell = text_new(64);
    unsigned side = (p->columns - 14 - 2 * 13) / 2;
    text_add(p->out, "  ");
    text_add_real(&cell, (double)pair->score, 2, false);
    page_cell(p, 4, bytes_from_text(text_str(&cell)));
    page_cell(p, 5, bytes_from_text(pair_reason_name(pair->reason)));
    list_va(p, a->va);
    page_cell(p, (int)side, bytes_from_text(name_of(a)));
    list_va(p, b->va);
    page_rest(p, 2 + 5 + 6 + 13 + side + 1 + 13, bytes_from_text(name_of(b)));
    text_free(&cell);
}

typedef struct SharedPage {
    Page *page;
    size_t count;
} SharedPage;

static void write_shared(void *ctx, const SharedItem *item) {
    SharedPage *s = ctx;
    if (s->count++ == 0)
        page_title(s->page, "Strings, traits and indicators of both");
    text_add(s->page->out, "  ");
    page_cell(s->page, 13, bytes_from_text(item->kind));
    list_va(s->page, item->a_va);
    list_va(s->page, item->b_va);
    page_rest(s->page, 42, (Bytes){(const uint8_t *)item->value, item->length});
}

static uint64_t bytes_of(const Features *f, const FunctionPairVec *pairs, bool is_a) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < pairs->count; i++)
        bytes += f->functions.at[is_a ? pairs->at[i].a : pairs->at[i].b].size;
    return bytes;
}

static void write_side(Page *p, const char *label, Subject s, const FunctionPairVec *pairs,
                       bool is_a) {
    page_label(p, label);
    page_rest(p, LABEL_COLUMNS, bytes_from_text(s.path));
    page_label(p, "");
    text_add_count(p->out, pairs->count);
    text_add(p->out, " of ");
    text_add_count(p->out, s.features->functions.count);
    text_add(p->out, " functions paired, ");
    uint64_t recovered = s.features->code_recovered, bytes = bytes_of(s.features, pairs, is_a);
    double share = recovered ? 100.0 * (double)bytes / (double)recovered : 0;
    text_add_real(p->out, share > 100 ? 100 : share, 0, false);
    text_add(p->out, "% of the code\n");
}

void text_write_pairs(Subject a, Subject b, const FunctionPairVec *pairs, TextStyle style,
                      Text *out) {
    Page page = page_new(style, out), *p = &page;
    size_t exact = 0;
    for (size_t i = 0; i < pairs->count; i++)
        exact += pairs->at[i].reason == PAIR_EXACT;
    write_side(p, "a", a, pairs, true);
    write_side(p, "b", b, pairs, false);
    page_label(p, "pairs");
    text_addf(out, "%zu exact, %zu similar\n", exact, pairs->count - exact);
    if (pairs->count > 0)
        page_title(p, "Functions");
    for (size_t i = 0; i < pairs->count; i++)
        write_pair(p, &a.features->functions.at[pairs->at[i].a],
                   &b.features->functions.at[pairs->at[i].b], &pairs->at[i]);
    SharedPage shared = {p, 0};
    shared_visit(a.features, b.features, write_shared, &shared);
}

Status text_write_near(const NearReport *r, TextStyle style, Text *out, Error *err) {
    Page page = page_new(style, out), *p = &page;
    const FunctionFeature *query = &r->query->functions.at[r->function];
    if (r->near->count == 0)
        return STATUS_OK;
    page_ink(p, INK_BOLD);
    text_add_va(out, query->va);
    text_add_char(out, ' ');
    page_rest(p, 20, bytes_from_text(name_of(query)));
    page_ink(p, INK_PLAIN);
    for (size_t i = 0; i < r->near->count; i++) {
        const NearFunction *near = &r->near->at[i];
        const StoredSample *sample = snapshot_find_sample(r->snap, near->sample);
        Features *f = NULL;
        Status status = feature_cache_find(r->cache, near->sample, &f, err);
        if (status != STATUS_OK)
            return status;
        if (!sample || near->function >= f->functions.count)
            continue;
        const FunctionFeature *there = &f->functions.at[near->function];
        bool is_goodware = sample->labels.sample_class == SAMPLE_GOODWARE;
        const char *whose = sample->labels.family    ? sample->labels.family
                            : sample->labels.library ? sample->labels.library
                            : is_goodware            ? "(goodware)"
                                                     : "-";
        text_add(out, near->exact ? "  exact  " : "  ");
        if (!near->exact) {
            text_add_real(out, (double)near->score, 2, false);
            text_add(out, "   ");
        }
        page_cell(p, 20, bytes_from_text(whose));
        list_va(p, there->va);
        page_cell(p, 24, bytes_from_text(sample->name ? sample->name : ""));
        page_rest(p, 68, bytes_from_text(name_of(there)));
    }
    return STATUS_OK;
}

static void write_count(Page *p, const char *label, uint64_t value, const char *unit) {
    page_label(p, label);
    text_add_count(p->out, value);
    text_add(p->out, unit);
    text_add_char(p->out, '\n');
}

static void write_size(Page *p, const char *label, uint64_t bytes, const char *of) {
    page_label(p, label);
    text_add_size(p->out, bytes);
    text_add(p->out, of);
    text_add_char(p->out, '\n');
}

void text_write_stat(const StoreStat *stat, TextStyle style, Text *out) {
    Page page = page_new(style, out), *p = &page;
    page_label(p, "samples");
    text_add_count(out, stat->samples);
    text_add(out, ": ");
    text_add_count(out, stat->reference);
    text_add(out, " reference, ");
    text_add_count(out, stat->goodware);
    text_add(out, " goodware, ");
    text_add_count(out, stat->library);
    text_add(out, " library\n");
    write_count(p, "families", stat->families, "");
    write_count(p, "functions", stat->functions, "");
    write_count(p, "signatures", stat->signatures, " distinct");
    write_count(p, "tokens", stat->tokens, " distinct strings and traits");
    write_count(p, "segments", stat->segments, "");
    write_size(p, "index", stat->bytes_index, " of functions");
    write_size(p, "", stat->bytes_tokens, " of tokens");
    write_size(p, "features", stat->bytes_packs, "");
    write_size(p, "outlines", stat->bytes_outlines, "");
    page_label(p, "knowledge");
    text_add_count(out, stat->entities);
    text_add(out, " entities, ");
    text_add_count(out, stat->claims);
    text_add(out, " claims, ");
    text_add_count(out, stat->sightings);
    text_add(out, " indicators in reports\n");
    write_size(p, "", stat->bytes_know, " of knowledge");
    write_size(p, "on disk", stat->bytes_file, "");
}

void text_write_problem(const char *text, Text *out) {
    escape_terminal(bytes_from_text(text), 0, out);
    text_add_char(out, '\n');
}

void text_write_learned(Subject subject, const char *change, TextStyle style, Text *out) {
    Page page = page_new(style, out), *p = &page;
    page_cell(p, 7, bytes_from_text(change));
    page_rest(p, 8, bytes_from_text(subject.path));
}
