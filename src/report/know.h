/* SPDX-License-Identifier: Apache-2.0
 * know.h: what an import did, as records and as text. */
#ifndef COG_REPORT_KNOW_H
#define COG_REPORT_KNOW_H

#include "base/text.h"
#include "know/import.h"

typedef struct ImportedDocument {
    const char *path;
    uint8_t sha256[32];
    bool is_known; /* a document of this content was imported before: nothing was read */
    KnowImportStat stat;
} ImportedDocument;

typedef struct ImportSummary {
    uint64_t documents, known, problems;
    uint64_t entities, claims, indicators; /* that were not in the store */
} ImportSummary;

void json_write_imported(const ImportedDocument *d, Text *out);
void json_write_import_problem(const KnowProblem *p, const char *path, Text *out);
void json_write_import(const ImportSummary *s, Text *out);

void text_write_imported(const ImportedDocument *d, Text *out);
void text_write_import_problem(const KnowProblem *p, const char *path, Text *out);
void text_write_import(const ImportSummary *s, Text *out);

#endif
