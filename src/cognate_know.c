/* SPDX-License-Identifier: Apache-2.0
 * cognate_know.c: the public calls of cognate.h that read what others know into a store. */
#include "cognate_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "know/import.h"
#include "report/export.h"
#include "report/know.h"
#include "report/link.h"
#include "store/know_store.h"

/* Problems of one document that are shown; the rest is counted. */
enum { MAX_SHOWN = 200 };
/* Documents that are held against each other within one import. */
enum { MAX_DOCUMENTS = 1 << 20 };

/* Network databases of one import: one for addresses, one for countries, of a few makers. */
enum { MAX_NETWORK_FILES = 16 };

struct CogImport {
    CogStore *store;
    KnowBatch *batch;
    KnowView *before;
    int64_t now;
    ImportSummary summary;
    NetworkFile networks[MAX_NETWORK_FILES];
    size_t network_count;
    /* of the document at hand */
    CogStyle style;
    Text problems;
    uint64_t shown;
    const char *path;
};

CogStatus cog_import_begin(CogStore *s, CogImport **out, CogError *err) {
    Error error = {0};
    *out = NULL;
    CogImport *i = calloc(1, sizeof *i);
    CHECK(i);
    *i = (CogImport){.store = s, .now = (int64_t)time(NULL) * 1000};
    Status status = know_batch_begin(s->store, &i->batch, &error);
    if (status == STATUS_OK)
        status = know_view_open(s->store, &i->before, &error);
    if (status != STATUS_OK) {
        know_batch_abort(i->batch);
        free(i);
        return error_give(status, &error, err);
    }
    *out = i;
    return error_give(status, &error, err);
}

static Status take_entity(void *ctx, const KnowEntity *e, Error *err) {
    return know_batch_entity(((CogImport *)ctx)->batch, e, err);
}
static Status take_claim(void *ctx, const KnowClaim *c, Error *err) {
    return know_batch_claim(((CogImport *)ctx)->batch, c, err);
}
static Status take_sighting(void *ctx, const KnowSighting *s, Error *err) {
    return know_batch_sighting(((CogImport *)ctx)->batch, s, err);
}
static void take_problem(void *ctx, const KnowProblem *p) {
    CogImport *i = ctx;
    if (i->shown++ >= MAX_SHOWN)
        return;
    if (i->style == COG_JSON)
        json_write_import_problem(p, i->path, &i->problems);
    else
        text_write_import_problem(p, i->path, &i->problems);
}

static Status digest_file(int fd, uint8_t out[32], Error *err) {
    enum { PIECE = 1 << 16 };
    uint8_t *piece = malloc(PIECE);
    Digest *digest = digest_sha256_begin();
    CHECK(piece);
    off_t off = 0;
    ssize_t n;
    while ((n = pread(fd, piece, PIECE, off)) > 0 || (n < 0 && errno == EINTR)) {
        digest_add(digest, (Bytes){piece, n > 0 ? (size_t)n : 0});
        off += n > 0 ? n : 0;
    }
    Status status =
        n < 0 ? error_set(err, STATUS_USAGE, "reading failed: %s", strerror(errno)) : STATUS_OK;
    digest_end(digest, out);
    free(piece);
    return status;
}

static Status read_document(CogImport *i, int fd, const char *source, ImportedDocument *d,
                            Error *err) {
    KnowInput in;
    const char *slash = strrchr(i->path, '/');
    KnowImport import = {.document = slash ? slash + 1 : i->path,
                         .source = source,
                         .now = i->now,
                         .sink = {i, take_entity, take_claim, take_sighting, take_problem}};
    Status status = know_input_open(&in, fd, err);
    if (status != STATUS_OK)
        return status;
    status = know_import(&in, &import, &d->stat, err);
    know_input_close(&in);
    KnowDocument document = {.name = import.document,
                             .format = d->stat.format,
                             .records = d->stat.records,
                             .problems = d->stat.problems};
    memcpy(document.sha256, d->sha256, sizeof d->sha256);
    return status == STATUS_OK ? know_batch_document(i->batch, &document, err) : status;
}

/* Kept for the end of the import. */
static Status keep_networks(CogImport *i, int fd, const char *source, const uint8_t sha256[32],
                            Error *err) {
    if (i->network_count >= MAX_NETWORK_FILES)
        return error_set(err, STATUS_USAGE, "more than %d network databases in one import",
                         MAX_NETWORK_FILES);
    NetworkFile f = {.fd = dup(fd)};
    const char *reason = f.fd < 0 ? strerror(errno) : network_file_check(&f);
    if (reason) {
        if (f.fd >= 0)
            close(f.fd);
        return error_set(err, STATUS_USAGE, "no MaxMind DB that can be read: %s", reason);
    }
    f.path = strdup(i->path);
    f.source = source ? strdup(source) : NULL;
    CHECK(f.path && (f.source || !source));
    memcpy(f.sha256, sha256, sizeof f.sha256);
    i->networks[i->network_count++] = f;
    i->summary.documents++;
    return STATUS_OK;
}

CogStatus cog_import_file(CogImport *i, int fd, const char *path, const char *source,
                          CogStyle style, CogOutput *o, CogOutput *problems, CogError *err) {
    Error error = {0};
    ImportedDocument d = {.path = path};
    i->style = style;
    i->shown = 0;
    i->path = path;
    i->problems = output_open(problems);
    Status status = digest_file(fd, d.sha256, &error);
    bool is_networks = status == STATUS_OK && network_file_is(fd);
    if (is_networks)
        status = keep_networks(i, fd, source, d.sha256, &error);
    else if (status == STATUS_OK)
        status = know_view_has_document(i->before, d.sha256, &d.is_known, &error);
    if (status == STATUS_OK && !d.is_known && !is_networks)
        status = read_document(i, fd, source, &d, &error);
    Status closed = output_close(problems, &i->problems, &error);
    if (status == STATUS_OK)
        status = closed;
    if (status != STATUS_OK || is_networks)
        return error_give(status, &error, err);
    i->summary.documents++;
    i->summary.known += d.is_known;
    i->summary.problems += d.stat.problems;
    Text out = output_open(o);
    if (style == COG_JSON)
        json_write_imported(&d, &out);
    else
        text_write_imported(&d, &out);
    return error_give(output_close(o, &out, &error), &error, err);
}

static void free_networks(CogImport *i) {
    for (size_t k = 0; k < i->network_count; k++) {
        close(i->networks[k].fd);
        free(i->networks[k].path);
        free(i->networks[k].source);
    }
}

static void write_networks(const CogImport *i, size_t k, const KnowImportStat *stat, CogStyle style,
                           Text *out) {
    const NetworkFile *f = &i->networks[k];
    ImportedDocument d = {.path = f->path, .stat = *stat};
    memcpy(d.sha256, f->sha256, sizeof d.sha256);
    KnowProblem p = {.document = f->path,
                     .line = 1,
                     .reason = "addresses that lead to damaged records, or too many addresses",
                     .is_skipped = true};
    if (style != COG_JSON) {
        text_write_imported(&d, out);
        return;
    }
    if (stat->problems)
        json_write_import_problem(&p, f->path, out);
    json_write_imported(&d, out);
}

/* What the addresses of all documents lie in. */
static Status read_networks(CogImport *i, CogStyle style, Text *out, Error *err) {
    KnowImportStat stats[MAX_NETWORK_FILES] = {{0}};
    KnowAdded added = {0};
    if (i->network_count == 0)
        return STATUS_OK;
    Status status =
        network_files_import(i->store->store, i->networks, i->network_count, stats, &added, err);
    i->summary.claims += added.claims;
    for (size_t k = 0; k < i->network_count && status == STATUS_OK; k++) {
        i->summary.problems += stats[k].problems;
        write_networks(i, k, &stats[k], style, out);
    }
    return status;
}

CogStatus cog_import_end(CogImport *i, CogStyle style, CogOutput *o, CogError *err) {
    Error error = {0};
    KnowAdded added = {0};
    Status status = know_batch_commit(i->batch, &added, &error);
    i->summary.entities = added.entities;
    i->summary.claims = added.claims;
    i->summary.indicators = added.sightings;
    know_view_close(i->before);
    Text out = output_open(o);
    if (status == STATUS_OK)
        status = read_networks(i, style, &out, &error);
    if (status == STATUS_OK && style == COG_JSON)
        json_write_import(&i->summary, &out);
    else if (status == STATUS_OK)
        text_write_import(&i->summary, &out);
    Status closed = output_close(o, &out, &error);
    free_networks(i);
    free(i);
    return error_give(status != STATUS_OK ? status : closed, &error, err);
}

void cog_import_abort(CogImport *i) {
    if (!i)
        return;
    know_view_close(i->before);
    know_batch_abort(i->batch);
    free_networks(i);
    free(i);
}

/* ---- links ---- */

typedef struct LinkQuestion {
    CogStore *store;
    LinkQuery query;
    CogStyle style;
    TextStyle text_style;
    Text *out;
} LinkQuestion;

static Status answer_link(Work *w, void *ctx, Error *err) {
    LinkQuestion *q = ctx;
    LinkReport report;
    Status status = snapshot_open(q->store->store, &w->snap, err);
    if (status == STATUS_OK)
        status = know_view_open(q->store->store, &w->know, err);
    q->query.know = w->know;
    q->query.snap = w->snap;
    if (status == STATUS_OK)
        status = link_find(&q->query, w->arena, &report, err);
    if (status == STATUS_OK && q->style == COG_JSON)
        json_write_links(&report, q->out);
    else if (status == STATUS_OK)
        text_write_links(&report, q->query.from, q->query.to, q->text_style, q->out);
    return status;
}

CogStatus cog_link(CogStore *s, const char *from, const char *to, unsigned top, CogStyle style,
                   unsigned columns, CogOutput *o, CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    LinkQuestion q = {.store = s,
                      .query = {.from = from, .to = to, .top = top ? top : 10},
                      .style = style,
                      .text_style = style_from_public(style, columns),
                      .out = &out};
    Status status = work_run(answer_link, &q, &error);
    Status closed = output_close(o, &out, &error);
    return error_give(status != STATUS_OK ? status : closed, &error, err);
}

/* ---- export ---- */

typedef struct Exporting {
    CogStore *store;
    const char *format;
    const char *const *names;
    size_t count;
    KnowExport x;
} Exporting;

static Status export_all(Work *w, void *ctx, Error *err) {
    static const struct {
        const char *format;
        Status (*run)(KnowExport *x, Error *err);
    } FORMATS[] = {{"stix", export_stix},
                   {"misp", export_misp},
                   {"csv", export_csv},
                   {"navigator", export_navigator}};
    Exporting *e = ctx;
    Status status = know_view_open(e->store->store, &w->know, err);
    e->x.know = w->know;
    e->x.arena = w->arena;
    e->x.keep = w->scratch;
    if (status == STATUS_OK && e->count)
        status = export_choose(&e->x, e->names, e->count, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcmp(FORMATS[i].format, e->format) == 0)
            return FORMATS[i].run(&e->x, err);
    return error_set(err, STATUS_USAGE, "no export format %.40s", e->format);
}

CogStatus cog_export(CogStore *s, const char *format, const char *const *names, size_t count,
                     CogWrite write, void *ctx, CogError *err) {
    Error error = {0};
    Exporting e = {.store = s, .format = format, .names = names, .count = count};
    e.x.write = write;
    e.x.ctx = ctx;
    e.x.text = text_new(256 << 20);
    Status status = work_run(export_all, &e, &error);
    text_free(&e.x.text);
    return error_give(status, &error, err);
}
