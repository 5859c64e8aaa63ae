/* SPDX-License-Identifier: Apache-2.0
 * cognate_report.c: the public calls that give verdicts to people (a page) and to other tools. */
#include "cognate_inner.h"

#include "judge/link.h"
#include "report/export_verdict.h"
#include "report/html_report.h"
#include "report/tree.h"

/* ---- the page ---- */

/* Paths through what others say that the drawing of links shows (guess: more cannot be read). */
enum { PAGE_PATHS = 6, MAX_BESIDE = 256 };

struct CogPage {
    Text rows, articles;
    unsigned count;
    CogResult *beside[MAX_BESIDE];
    size_t beside_count;
};

CogPage *cog_page_new(void) {
    CogPage *p = calloc(1, sizeof *p);
    CHECK(p);
    p->rows = text_new(MAX_WORK_TEXT);
    p->articles = text_new(MAX_WORK_TEXT);
    return p;
}

void cog_page_free(CogPage *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->beside_count; i++)
        cog_result_free(p->beside[i]);
    text_free(&p->rows);
    text_free(&p->articles);
    free(p);
}

void cog_page_beside(CogPage *p, CogResult *reference) {
    if (p->beside_count < MAX_BESIDE)
        p->beside[p->beside_count++] = reference;
    else
        cog_result_free(reference);
}

/* False: what its functions do was not asked for. */
static const EffectLines *effects_of(const CogResult *r, Arena *a) {
    EffectLines *effects = ARENA_NEW(a, EffectLines);
    Bytes bytes = {(const uint8_t *)text_str(&r->effects), r->effects.size};
    return bytes.size && effect_lines_from_bytes(a, bytes, effects) ? effects : NULL;
}

/* The files at hand of samples that the verdict points to. */
static Status find_beside(Work *w, const CogPage *page, HtmlFinding *f, Error *err) {
    HtmlFile *files = ARENA_ARRAY(w->arena, HtmlFile, page->beside_count + 1);
    f->beside = files;
    for (size_t i = 0; i < page->beside_count; i++) {
        const Features *features;
        Status status = result_features(page->beside[i], &features, err);
        if (status != STATUS_OK)
            return status;
        if (html_match_with(f, features->sha256))
            files[f->beside_count++] = (HtmlFile){features, effects_of(page->beside[i], w->arena)};
    }
    return STATUS_OK;
}

/* What others say of the first name, and what its samples are like among themselves. */
static Status find_context(Work *w, HtmlFinding *f, Error *err) {
    const Verdict *v = f->verdict;
    const Hypothesis *first = v->hypotheses.count ? &v->hypotheses.at[0] : NULL;
    bool is_named = v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
    if (!is_named || !first || !first->name)
        return STATUS_OK;
    LinkReport *links = ARENA_NEW(w->arena, LinkReport);
    LinkQuery query = {.know = w->know, .snap = w->snap, .from = first->name, .top = PAGE_PATHS};
    Error nobody = {0};
    Status status = link_find(&query, w->arena, links, &nobody);
    if (status == STATUS_OK)
        f->links = links;
    else if (status != STATUS_NOT_FOUND)
        return error_set(err, status, "%s", nobody.message);
    if (first->kind != HYPOTHESIS_FAMILY)
        return STATUS_OK;
    FamilyTree *tree = NULL;
    status =
        tree_from_family(w->snap, first->name, f->here.features, w->arena, w->scratch, &tree, err);
    f->tree = tree;
    return status;
}

Status page_add(Work *w, CogPage *page, const CogResult *r, const Features *f,
                const Judgement *judgement, Error *err) {
    HtmlFinding finding = {.verdict = judgement->verdict,
                           .here = {f, effects_of(r, w->arena)},
                           .path = r->path,
                           .report = judgement->report,
                           .snap = w->snap,
                           .version = COG_VERSION,
                           .arena = w->arena};
    Status status = find_beside(w, page, &finding, err);
    if (status == STATUS_OK)
        status = find_context(w, &finding, err);
    if (status != STATUS_OK)
        return status;
    page->count++;
    html_write_summary_row(&finding, page->count, &page->rows);
    html_write_finding(&finding, page->count, &page->articles);
    return page->articles.full
               ? error_set(err, STATUS_FULL, "the page needs more than 1 GiB or the memory")
               : STATUS_OK;
}

CogStatus cog_page_write(const CogPage *p, CogOutput *o, CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    html_write_page(&p->rows, &p->articles, p->count, &out);
    return error_give(output_close(o, &out, &error), &error, err);
}

/* ---- for other tools ---- */

struct CogFindings {
    Text text;
    FindingExport x;
};

CogStatus cog_findings_begin(const char *format, CogFindings **out, CogError *err) {
    static const struct {
        const char *name;
        ExportFormat format;
    } FORMATS[] = {{"stix", EXPORT_STIX}, {"misp", EXPORT_MISP}, {"csv", EXPORT_CSV}};
    Error error = {0};
    *out = NULL;
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcmp(FORMATS[i].name, format) == 0) {
            CogFindings *f = calloc(1, sizeof *f);
            CHECK(f);
            f->text = text_new(MAX_WORK_TEXT);
            f->x = finding_export_new(FORMATS[i].format, COG_VERSION, &f->text);
            *out = f;
            return COG_OK;
        }
    return error_give(error_set(&error, STATUS_USAGE, "no format %.40s for verdicts", format),
                      &error, err);
}

typedef struct FindingQuestion {
    CogFindings *findings;
    CogStore *store;
    const CogResult *result;
    const Features *features;
} FindingQuestion;

static Status add_finding(Work *w, void *ctx, Error *err) {
    const FindingQuestion *q = ctx;
    Judgement judgement;
    Status status = work_judge(w, q->store, q->features, NULL, &judgement, err);
    if (status != STATUS_OK)
        return status;
    Finding finding = {judgement.verdict, q->features, q->result->path};
    finding_export_add(&q->findings->x, &finding);
    return STATUS_OK;
}

CogStatus cog_findings_add(CogFindings *f, CogStore *s, const CogResult *r, CogError *err) {
    Error error = {0};
    FindingQuestion q = {.findings = f, .store = s, .result = r};
    Status status = result_features(r, &q.features, &error);
    if (status == STATUS_OK)
        status = work_run(add_finding, &q, &error);
    return error_give(status, &error, err);
}

CogStatus cog_findings_end(CogFindings *f, CogOutput *o, CogError *err) {
    Error error = {0};
    finding_export_end(&f->x);
    finding_export_free(&f->x);
    Text out = output_open(o);
    text_add_bytes(&out, text_str(&f->text), f->text.size);
    out.full |= f->text.full;
    text_free(&f->text);
    free(f);
    return error_give(output_close(o, &out, &error), &error, err);
}

/* ---- trees ---- */

typedef struct TreeQuestion {
    CogStore *store;
    const char *family;
    CogStyle style;
    TextStyle text_style;
    Text *out;
} TreeQuestion;

static Status make_tree(Work *w, void *ctx, Error *err) {
    const TreeQuestion *q = ctx;
    FamilyTree *tree = NULL;
    Status status = snapshot_open(q->store->store, &w->snap, err);
    if (status == STATUS_OK)
        status = tree_from_family(w->snap, q->family, NULL, w->arena, w->scratch, &tree, err);
    if (status != STATUS_OK)
        return status;
    if (!tree)
        return error_set(err, STATUS_NOT_FOUND,
                         "the store has fewer than three samples of a family %.200s", q->family);
    if (q->style == COG_JSON)
        json_write_tree(tree, q->out);
    else
        text_write_tree(tree, q->text_style, q->out);
    return STATUS_OK;
}

CogStatus cog_tree(CogStore *s, const char *family, CogStyle style, unsigned columns, CogOutput *o,
                   CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    TreeQuestion q = {s, family, style, style_from_public(style, columns), &out};
    Status status = work_run(make_tree, &q, &error);
    Status closed = output_close(o, &out, &error);
    return error_give(status != STATUS_OK ? status : closed, &error, err);
}
