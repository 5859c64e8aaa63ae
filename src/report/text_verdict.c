/* SPDX-License-Identifier: Apache-2.0
 * text_verdict.c: the verdict as somebody wants to read it at three in the morning: the answer in
 * one sentence, why, what speaks against it, what else it could be, what was not looked at. */
#include "report/page.h"

static Bytes of(const Text *t) { return (Bytes){(const uint8_t *)text_str(t), t->size}; }

static bool is_zero(const uint8_t sha256[32]) {
    for (size_t i = 0; i < 32; i++)
        if (sha256[i])
            return false;
    return true;
}

static void add_percent(Text *t, double share) {
    /* Never 0 or 100: no measurement says so. */
    if (share < 0.01)
        text_add(t, "under 1%");
    else if (share > 0.99)
        text_add(t, "over 99%");
    else {
        text_add_real(t, share * 100, 0, false);
        text_add(t, "%");
    }
}

/* What a hypothesis claims, in words. */
static void add_claim(Text *t, const Hypothesis *h) {
    const char *name = h->name ? h->name : "?";
    switch (h->kind) {
    case HYPOTHESIS_FAMILY:
        text_addf(t, "the same code lineage as %s", name);
        break;
    case HYPOTHESIS_CAMPAIGN:
        text_addf(t, "the same operators as in campaign %s", name);
        break;
    case HYPOTHESIS_ACTOR:
        text_addf(t, "the work of %s", name);
        break;
    case HYPOTHESIS_PUBLIC_CODE:
        text_add(t, "shared or public code");
        break;
    case HYPOTHESIS_SHARED_SUPPLIER:
        text_add(t, "a supplier that several groups share");
        break;
    case HYPOTHESIS_FALSE_FLAG:
        text_add(t, "a false flag");
        break;
    case HYPOTHESIS_UNKNOWN:
    default:
        text_add(t, "an unknown group");
        break;
    }
}

/* What the answer is about: the lineage where one is named, else the best explanation. */
static const Hypothesis *answer_of(const Verdict *v) {
    for (size_t i = 0; i < v->hypotheses.count && v->decision != DECISION_UNKNOWN; i++)
        if (v->hypotheses.at[i].kind == HYPOTHESIS_FAMILY)
            return &v->hypotheses.at[i];
    return v->hypotheses.count ? &v->hypotheses.at[0] : NULL;
}

static void add_operators(Text *t, const Verdict *v) {
    for (unsigned i = CLAIM_OPERATORS; i < CLAIM_COUNT; i++) {
        const Claim *claim = &v->claims[i];
        if (!claim->name)
            continue;
        text_addf(t, " %s ", i == CLAIM_GROUP ? "The group" : "The operators of campaign");
        text_addf(t, "%s used it: %s (", claim->name, claim->words);
        add_percent(t, claim->probability);
        text_add(t, ").");
    }
}

static void write_answer(Page *p, const Verdict *v) {
    Text line = text_new(1 << 14);
    const Hypothesis *first = answer_of(v);
    const char *level = v->confidence_level ? v->confidence_level : "low";
    bool is_named = v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
    if (v->decision == DECISION_INSUFFICIENT)
        text_add(&line, "Not enough to say: too little of this sample can be compared.");
    else if (!first)
        text_add(&line, "Unknown: nothing in the store explains this sample.");
    else {
        text_add(&line, is_named ? "This is " : "Unknown. The best explanation, ");
        text_add(&line, first->words ? first->words : likelihood_words(first->probability));
        text_add(&line, " (");
        add_percent(&line, first->probability);
        text_add(&line, is_named ? ") " : "), is ");
        add_claim(&line, first);
        text_add_char(&line, '.');
        if (v->decision == DECISION_LINEAGE)
            text_add(&line, " That says whose code it is, not who used it.");
        if (v->decision == DECISION_ATTRIBUTED)
            add_operators(&line, v);
    }
    text_addf(&line, " Confidence: %s.", level);
    page_ink(p, is_named ? INK_BAD : INK_ODD);
    page_wrap(p, 0, 0, of(&line));
    page_ink(p, INK_PLAIN);
    text_free(&line);
}

static void write_place(Page *p, const char *word, const Place *place, const char *name) {
    Text line = text_new(1 << 13);
    if (place->va == UINT64_MAX)
        text_addf(&line, "%s %s", word, place->size ? "not mapped" : "the whole file");
    else {
        text_addf(&line, "%s ", word);
        text_add_va(&line, place->va);
    }
    if (place->size)
        text_addf(&line, " (%llu bytes)", (unsigned long long)place->size);
    if (name) {
        text_add(&line, " in ");
        text_add_hex(&line, (Bytes){place->sha256, 8});
        text_addf(&line, "… %s", name);
    }
    text_add(p->out, "       ");
    page_rest(p, 7, of(&line));
    text_free(&line);
}

static void write_item(Page *p, const Verdict *v, const Evidence *e) {
    Text line = text_new(1 << 14);
    text_addf(&line, "%3u  ", e->id);
    text_add(p->out, text_str(&line));
    text_clear(&line);
    page_ink(p, INK_BOLD);
    page_cell(p, 11, bytes_from_text(evidence_class_name(e->evidence_class)));
    page_ink(p, INK_PLAIN);
    page_wrap(p, 7, 17, bytes_from_text(e->statement));
    page_ink(p, INK_DIM);
    write_place(p, "here ", &e->here, NULL);
    bool is_best = !memcmp(e->there.sha256, v->best_sha256, 32);
    if (!is_zero(e->there.sha256))
        write_place(p, "there", &e->there, is_best && v->best_name ? v->best_name : "");
    if (e->rarity_corpus)
        text_addf(&line, "in %u of %u samples; ", e->rarity_count, e->rarity_corpus);
    else
        text_addf(&line, "in %u lists; ", e->rarity_count);
    text_addf(&line, "%s to forge; weight ", e->forgeability ? e->forgeability : "unknown");
    text_add_real(&line, e->log10_lr, 2, false);
    if (e->source)
        text_addf(&line, "; says %s", e->source);
    if (e->first_public)
        text_addf(&line, "; public since %s", e->first_public);
    text_add(p->out, "       ");
    page_wrap(p, 7, 7, of(&line));
    page_ink(p, INK_PLAIN);
    text_free(&line);
}

static void write_evidence(Page *p, const Verdict *v, bool is_against, const char *title) {
    bool is_titled = false;
    for (size_t i = 0; i < v->evidence.count; i++) {
        if (v->evidence.at[i].is_against != is_against)
            continue;
        if (!is_titled)
            page_title(p, title);
        is_titled = true;
        write_item(p, v, &v->evidence.at[i]);
    }
}

static void write_lines(Page *p, const char *title, const LineVec *lines) {
    if (lines->count == 0)
        return;
    page_title(p, title);
    for (size_t i = 0; i < lines->count; i++) {
        text_add(p->out, "  - ");
        page_wrap(p, 4, 4, bytes_from_text(lines->at[i]));
    }
}

static void write_hypotheses(Page *p, const Verdict *v) {
    if (v->hypotheses.count < 2)
        return;
    page_title(p, "What it could be");
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        const Hypothesis *h = &v->hypotheses.at[i];
        Text cell = text_new(1 << 13);
        text_addf(p->out, "%2zu ", i + 1);
        add_percent(&cell, h->probability);
        page_cell(p, -9, of(&cell));
        page_cell(p, 20, bytes_from_text(h->words ? h->words : ""));
        text_clear(&cell);
        add_claim(&cell, h);
        if (h->source)
            text_addf(&cell, " (says %s)", h->source);
        page_rest(p, 34, of(&cell));
        text_free(&cell);
    }
}

/* A measured share: 0 and 100 are possible. */
static void add_share(Text *t, double share) {
    text_add_real(t, share * 100, 0, false);
    text_add(t, "%");
}

static void add_number_of(Text *t, uint64_t count, const char *one, const char *many) {
    text_add_count(t, count);
    text_add_char(t, ' ');
    text_add(t, count == 1 ? one : many);
}

/* The three claims stand apart: code does not say who used it. */
static void write_claims(Page *p, const Verdict *v) {
    static const char *const titles[CLAIM_COUNT] = {"lineage", "operators", "group"};
    if (!v->claims[CLAIM_LINEAGE].name && !v->claims[CLAIM_OPERATORS].name &&
        !v->claims[CLAIM_GROUP].name)
        return;
    page_title(p, "Three separate claims");
    for (unsigned i = 0; i < CLAIM_COUNT; i++) {
        if (!v->claims[i].statement)
            continue;
        page_label(p, titles[i]);
        page_wrap(p, LABEL_COLUMNS + 3, LABEL_COLUMNS + 3, bytes_from_text(v->claims[i].statement));
    }
}

enum { MAX_COLUMNS = 8 };

/* One letter heads each column; the list of hypotheses above has them by number. */
static void write_matrix(Page *p, const Verdict *v) {
    size_t columns = v->hypotheses.count < MAX_COLUMNS ? v->hypotheses.count : MAX_COLUMNS;
    Text cell = text_new(1 << 12);
    page_title(p, "Evidence against hypotheses (by their number above)");
    page_cell(p, 22, bytes_from_text(""));
    for (size_t k = 0; k < columns; k++) {
        text_clear(&cell);
        text_addf(&cell, "%zu", k + 1);
        page_cell(p, -4, of(&cell));
    }
    text_add_char(p->out, '\n');
    for (size_t i = 0; i < v->matrix.rows.count; i++) {
        const MatrixRow *row = &v->matrix.rows.at[i];
        const char *name =
            row->group
                ? row->group->group
                : contradiction_kind_name(v->contradiction_details.at[row->contradiction].kind);
        text_clear(&cell);
        text_addf(&cell, "  %s%s", row->group ? "" : "! ", name);
        page_cell(p, 22, of(&cell));
        for (size_t k = 0; k < columns; k++)
            page_cell(p, -4, bytes_from_text(matrix_cell_name(row->cells[k])));
        text_add_char(p->out, '\n');
    }
    page_cell(p, 22, bytes_from_text("  against, log10"));
    for (size_t k = 0; v->matrix.inconsistency && k < columns; k++) {
        text_clear(&cell);
        text_add_real(&cell, v->matrix.inconsistency[k], 1, true);
        page_cell(p, -4, of(&cell));
    }
    text_add_char(p->out, '\n');
    text_free(&cell);
}

static void write_coverage(Page *p, const Verdict *v) {
    Text line = text_new(1 << 12);
    page_title(p, "Coverage");
    text_add(p->out, "  ");
    double compared = v->coverage_recovered * v->coverage_compared,
           library = v->coverage_recovered * v->coverage_library;
    page_bar(p, (double[]){compared, library, v->coverage_recovered - compared - library}, 3, 24);
    text_add_char(p->out, ' ');
    add_share(&line, v->coverage_recovered);
    text_add(&line, " of ");
    text_add_count(&line, v->code_bytes);
    text_add(&line, " bytes of code recovered; of that ");
    add_share(&line, v->coverage_library);
    text_add(&line, " library or common, ");
    add_share(&line, v->coverage_compared);
    text_add(&line, " its own and compared with ");
    add_number_of(&line, v->store_samples, "sample", "samples");
    text_add(&line, " of ");
    add_number_of(&line, v->store_families, "family", "families");
    page_wrap(p, 27, 27, of(&line));
    text_free(&line);
}

void text_write_verdict(const Verdict *v, const char *path, TextStyle style, Text *out) {
    Page page = page_new(style, out), *p = &page;
    bool is_named = v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
    page_ink(p, INK_BOLD);
    page_rest(p, 0, bytes_from_text(path));
    page_ink(p, INK_PLAIN);
    page_ink(p, INK_DIM);
    text_add_hex(out, (Bytes){v->sha256, sizeof v->sha256});
    page_ink(p, INK_PLAIN);
    text_add(out, "\n\n");
    write_answer(p, v);
    if (is_named)
        page_wrap(p, 0, 0,
                  bytes_from_text(v->robust
                                      ? "It holds without any one piece of evidence or source."
                                      : "It does not hold without one of its pieces or sources."));
    write_evidence(p, v, false, "Why");
    write_evidence(p, v, true, "What speaks against it");
    write_lines(p, "Contradictions", &v->contradictions);
    write_hypotheses(p, v);
    if (style.has_details)
        write_matrix(p, v);
    write_claims(p, v);
    if (is_named)
        write_lines(p, "What it hangs on", &v->hangs_on);
    write_lines(p, "What would change it", &v->would_change);
    write_lines(p, "Reasons for the confidence", &v->confidence_reasons);
    write_coverage(p, v);
    write_lines(p, "What was not looked at", &v->limits);
    if (v->was_cut)
        text_add(out, "  - a list was longer than its limit and was cut\n");
}
