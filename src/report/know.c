/* SPDX-License-Identifier: Apache-2.0 */
#include "report/know.h"

#include "report/escape.h"
#include "report/json.h"
#include "report/number.h"

void json_write_imported(const ImportedDocument *d, Text *out) {
    Json j = json_record(out, "imported");
    json_text(&j, "path", d->path);
    json_sha256(&j, "sha256", d->sha256);
    json_text(&j, "change", d->is_known ? "none" : "read");
    json_text(&j, "format", d->stat.format);
    json_u64(&j, "records", d->stat.records);
    json_u64(&j, "entities", d->stat.entities);
    json_u64(&j, "claims", d->stat.claims);
    json_u64(&j, "indicators", d->stat.sightings);
    json_u64(&j, "skipped", d->stat.skipped);
    json_u64(&j, "problems", d->stat.problems);
    json_end(&j);
}

void json_write_import_problem(const KnowProblem *p, const char *path, Text *out) {
    Json j = json_record(out, "import_problem");
    json_text(&j, "path", path);
    json_u64(&j, "line", p->line);
    json_u64(&j, "offset", p->off);
    json_text(&j, "object", p->object);
    json_text(&j, "reason", p->reason);
    json_bool(&j, "skipped", p->is_skipped);
    json_end(&j);
}

void json_write_import(const ImportSummary *s, Text *out) {
    Json j = json_record(out, "import");
    json_u64(&j, "documents", s->documents);
    json_u64(&j, "known", s->known);
    json_u64(&j, "new_entities", s->entities);
    json_u64(&j, "new_claims", s->claims);
    json_u64(&j, "new_indicators", s->indicators);
    json_u64(&j, "problems", s->problems);
    json_end(&j);
}

void text_write_imported(const ImportedDocument *d, Text *out) {
    escape_terminal(bytes_from_text(d->path), 0, out);
    if (d->is_known) {
        text_add(out, ": no change\n");
        return;
    }
    text_addf(out, ": %s, ", d->stat.format);
    text_add_count(out, d->stat.records);
    text_add(out, " records: ");
    text_add_count(out, d->stat.entities);
    text_add(out, " entities, ");
    text_add_count(out, d->stat.claims);
    text_add(out, " claims, ");
    text_add_count(out, d->stat.sightings);
    text_add(out, " indicators");
    if (d->stat.problems) {
        text_add(out, "; ");
        text_add_count(out, d->stat.problems);
        text_add(out, " problems, ");
        text_add_count(out, d->stat.skipped);
        text_add(out, " records skipped");
    }
    text_add_char(out, '\n');
}

void text_write_import_problem(const KnowProblem *p, const char *path, Text *out) {
    escape_terminal(bytes_from_text(path), 0, out);
    text_addf(out, ":%llu (byte %llu): ", (unsigned long long)p->line, (unsigned long long)p->off);
    if (p->object) {
        escape_terminal(bytes_from_text(p->object), 0, out);
        text_add(out, ": ");
    }
    escape_terminal(bytes_from_text(p->reason), 0, out);
    text_add(out, p->is_skipped ? " (skipped)\n" : "\n");
}

void text_write_import(const ImportSummary *s, Text *out) {
    if (!s->entities && !s->claims && !s->indicators)
        text_add(out, "no change: ");
    text_add_count(out, s->documents);
    text_add(out, " documents, ");
    text_add_count(out, s->entities);
    text_add(out, " new entities, ");
    text_add_count(out, s->claims);
    text_add(out, " new claims, ");
    text_add_count(out, s->indicators);
    text_add(out, " new indicators");
    if (s->problems) {
        text_add(out, "; ");
        text_add_count(out, s->problems);
        text_add(out, " problems");
    }
    text_add_char(out, '\n');
}
