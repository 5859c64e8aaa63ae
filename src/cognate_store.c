/* SPDX-License-Identifier: Apache-2.0
 * cognate_store.c: the public calls of cognate.h that need a store. */
#include "cognate_inner.h"

#include <string.h>
#include <time.h>

#include "judge/verdict.h"

CogStatus cog_store_open(const char *where, CogStoreMode mode, unsigned wait_ms, CogStore **out,
                         CogError *err) {
    Error error = {0};
    *out = NULL;
    Status status = STATUS_OK;
    if (!strncmp(where, "postgresql:", 11) || !strncmp(where, "postgres:", 9))
        status = error_set(&error, STATUS_USAGE,
                           "PostgreSQL stores are not in this version; name a folder");
    Store *store = NULL;
    StoreMode inner = mode == COG_READ    ? STORE_READ
                      : mode == COG_WRITE ? STORE_WRITE
                                          : STORE_CREATE;
    if (status == STATUS_OK)
        status = store_open(where, inner, wait_ms, &store, &error);
    if (status == STATUS_OK) {
        *out = calloc(1, sizeof **out);
        CHECK(*out);
        (*out)->store = store;
    }
    return error_give(status, &error, err);
}

void cog_store_close(CogStore *s) {
    if (!s)
        return;
    store_close(s->store);
    free(s);
}

/* ---- writing ---- */

CogStatus cog_store_batch_begin(CogStore *s, CogError *err) {
    Error error = {0};
    return error_give(store_batch_begin(s->store, &error), &error, err);
}

CogStatus cog_store_batch_end(CogStore *s, CogError *err) {
    Error error = {0};
    return error_give(store_batch_end(s->store, &error), &error, err);
}

CogStatus cog_store_learn(CogStore *s, const CogResult *r, const CogLabels *labels,
                          CogLearned *learned, CogError *err) {
    Error error = {0};
    const Features *f = NULL;
    bool added = false, changed = false;
    Labels inner = {.sample_class = labels->library    ? SAMPLE_LIBRARY
                                    : labels->goodware ? SAMPLE_GOODWARE
                                                       : SAMPLE_REFERENCE,
                    .family = labels->family,
                    .campaign = labels->campaign,
                    .actor = labels->actor,
                    .library = labels->library,
                    .source = labels->source,
                    .first_seen = labels->first_seen};
    Status status = result_features(r, &f, &error);
    if (status == STATUS_OK)
        status = store_learn(s->store, f, &inner, &added, &changed, &error);
    if (learned)
        *learned = added ? COG_LEARNED_NEW : changed ? COG_LEARNED_LABELS : COG_LEARNED_NOTHING;
    return error_give(status, &error, err);
}

CogStatus cog_learned_render(const CogResult *r, CogLearned learned, CogStyle style, CogOutput *o,
                             CogError *err) {
    static const char *const CHANGE[] = {"new", "labels", "none"};
    Error error = {0};
    const Features *f = NULL;
    Status status = result_features(r, &f, &error);
    if (status != STATUS_OK)
        return error_give(status, &error, err);
    Text out = output_open(o);
    Subject subject = {cog_result_path(r), f};
    if (style == COG_JSON)
        json_write_learned(subject, CHANGE[learned], &out);
    else
        text_write_learned(subject, CHANGE[learned], style_from_public(style, 0), &out);
    return error_give(output_close(o, &out, &error), &error, err);
}

CogStatus cog_store_remove(CogStore *s, const char *sha256, CogError *err) {
    Error error = {0};
    uint8_t bytes[32];
    if (!hex_read(bytes, sizeof bytes, sha256))
        return error_give(error_set(&error, STATUS_USAGE, "a SHA-256 is 64 hex digits"), &error,
                          err);
    return error_give(store_remove(s->store, bytes, &error), &error, err);
}

CogStatus cog_store_compact(CogStore *s, void (*progress)(void *ctx, double done), void *ctx,
                            CogError *err) {
    Error error = {0};
    return error_give(store_compact(s->store, progress, ctx, &error), &error, err);
}

/* ---- looking ---- */

CogStatus cog_store_stat(CogStore *s, CogStyle style, CogOutput *o, CogError *err) {
    Error error = {0};
    StoreStat stat = {0};
    Status status = store_stat(s->store, &stat, &error);
    if (status != STATUS_OK)
        return error_give(status, &error, err);
    Text out = output_open(o);
    if (style == COG_JSON)
        json_write_stat(&stat, &out);
    else
        text_write_stat(&stat, style_from_public(style, 0), &out);
    return error_give(output_close(o, &out, &error), &error, err);
}

typedef struct ProblemList {
    Text *out;
    bool is_json;
} ProblemList;

static void add_problem(void *ctx, const char *text) {
    const ProblemList *list = ctx;
    if (list->is_json)
        json_write_problem(text, list->out);
    else
        text_write_problem(text, list->out);
}

CogStatus cog_store_verify(CogStore *s, CogStyle style, CogOutput *o, uint64_t *problems,
                           CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    ProblemList list = {&out, style == COG_JSON};
    Status status = store_verify(s->store, add_problem, &list, problems, &error);
    Status closed = output_close(o, &out, &error);
    return error_give(status != STATUS_OK ? status : closed, &error, err);
}

/* ---- comparison ---- */

typedef struct Question {
    CogStore *store;
    Subject subject;
    CogStyle style;
    TextStyle text_style;
    Text out;
    Decision decision;
    const CogResult *result;
    CogPage *page; /* NULL: none is made */
    uint64_t function_va;
    unsigned top;
} Question;

Status work_judge(Work *w, CogStore *s, const Features *f, const char *first_seen, Judgement *out,
                  Error *err) {
    *out = (Judgement){0};
    Status status = snapshot_open(s->store, &w->snap, err);
    if (status == STATUS_OK)
        status = match_from_features(f, w->snap, w->arena, w->scratch, &out->report, err);
    if (status == STATUS_OK)
        status = know_view_open(s->store, &w->know, err);
    if (status != STATUS_OK)
        return status;
    const StoredSample *learned = snapshot_find_sha256(w->snap, f->sha256);
    const char *seen = first_seen ? first_seen : learned ? learned->labels.first_seen : NULL;
    VerdictCase question = {
        .query = f,
        .report = out->report,
        .snap = w->snap,
        .know = w->know,
        .dates = {.first_seen = seen ? know_time(seen) : 0, .today = (int64_t)time(NULL) * 1000}};
    status = verdict_from_case(&question, w->arena, &out->verdict, err);
    return status == STATUS_OK ? feature_cache_status(out->report->references, err) : status;
}

static Status attribute(Work *w, void *ctx, Error *err) {
    Question *q = ctx;
    Judgement judgement;
    Status status =
        work_judge(w, q->store, q->subject.features, q->result->first_seen, &judgement, err);
    if (status != STATUS_OK)
        return status;
    q->decision = judgement.verdict->decision;
    if (q->style == COG_JSON)
        json_write_verdict(judgement.verdict, q->subject.path, COG_VERSION, &q->out);
    else
        text_write_verdict(judgement.verdict, q->subject.path, q->text_style, &q->out);
    return q->page ? page_add(w, q->page, q->result, q->subject.features, &judgement, err)
                   : STATUS_OK;
}

static CogStatus answer(WorkStep step, Question *q, const CogResult *r, CogOutput *o,
                        CogError *err) {
    Error error = {0};
    q->out = output_open(o);
    q->subject.path = cog_result_path(r);
    Status status = result_features(r, &q->subject.features, &error);
    if (status == STATUS_OK)
        status = work_run(step, q, &error);
    Status closed = output_close(o, &q->out, &error);
    return error_give(status != STATUS_OK ? status : closed, &error, err);
}

void cog_result_ask(CogResult *r, const CogQuestion *question) {
    free(r->first_seen);
    r->first_seen = question->first_seen ? strdup(question->first_seen) : NULL;
    CHECK(r->first_seen || !question->first_seen);
    r->details = question->details;
}

CogStatus cog_attribute(CogStore *s, const CogResult *r, CogStyle style, unsigned columns,
                        CogOutput *o, const char **decision, CogError *err) {
    return cog_attribute_page(s, r, style, columns, o, decision, NULL, err);
}

/* Eight parameters: those of cog_attribute, and the page. */
CogStatus cog_attribute_page(CogStore *s, const CogResult *r, CogStyle style, unsigned columns,
                             CogOutput *o, const char **decision, CogPage *page, CogError *err) {
    Question q = {.store = s,
                  .style = style,
                  .text_style = style_from_public(style, columns),
                  .result = r,
                  .page = page};
    q.text_style.has_details = r->details;
    CogStatus status = answer(attribute, &q, r, o, err);
    if (decision)
        *decision = status == COG_OK ? decision_name(q.decision) : NULL;
    return status;
}

static Status search_one(Work *w, Question *q, const NearSearch *search, uint32_t function,
                         Error *err) {
    NearFunctionVec near = {.max = q->top};
    NearReport report = {q->subject.features, function, &near, w->snap, search->cache};
    Status status = match_near(search, function, w->arena, w->scratch, &near, err);
    if (status != STATUS_OK)
        return status;
    return q->style == COG_JSON ? json_write_near(&report, &q->out, err)
                                : text_write_near(&report, q->text_style, &q->out, err);
}

static Status search(Work *w, void *ctx, Error *err) {
    Question *q = ctx;
    const Features *f = q->subject.features;
    bool is_found = false;
    Status status = snapshot_open(q->store->store, &w->snap, err);
    if (status != STATUS_OK)
        return status;
    ContextSide side = context_side(f, w->arena, w->scratch);
    NearSearch nearest = {&side, w->snap, feature_cache_new(w->arena, w->snap), q->top};
    for (size_t i = 0; i < f->functions.count; i++) {
        if (q->function_va != UINT64_MAX && f->functions.at[i].va != q->function_va)
            continue;
        is_found = true;
        status = search_one(w, q, &nearest, (uint32_t)i, err);
        if (status != STATUS_OK)
            return status;
    }
    if (!is_found && q->function_va != UINT64_MAX)
        return error_set(err, STATUS_NOT_FOUND, "no function starts at 0x%llx",
                         (unsigned long long)q->function_va);
    return STATUS_OK;
}

CogStatus cog_search(CogStore *s, const CogResult *r, uint64_t function_va, unsigned top,
                     CogStyle style, unsigned columns, CogOutput *o, CogError *err) {
    Question q = {.store = s,
                  .style = style,
                  .text_style = style_from_public(style, columns),
                  .function_va = function_va,
                  .top = top ? top : 10};
    return answer(search, &q, r, o, err);
}
