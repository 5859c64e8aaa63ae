/* SPDX-License-Identifier: Apache-2.0
 * export_verdict.h: verdicts in the formats of other tools: a STIX 2.1 bundle, MISP events, CSV.
 *   FindingExport x = finding_export_new(format, out); for each sample: finding_export_add;
 *   finding_export_end; finding_export_free.
 * What each holds: docs/formats/verdict_export.md. The same verdicts, the same bytes: nothing of
 * them says when it was written. */
#ifndef COG_REPORT_EXPORT_VERDICT_H
#define COG_REPORT_EXPORT_VERDICT_H

#include "judge/verdict.h"
#include "report/export.h"
#include "report/json.h"

typedef struct FindingExport {
    ExportFormat format; /* EXPORT_STIX, EXPORT_MISP or EXPORT_CSV */
    Text *out;
    Json json;
    const char *version; /* of the program */
    Arena *arena;
    Map written; /* STIX: hashes of the ids of objects that are in the bundle */
} FindingExport;

/* A sample and what is said of it. */
typedef struct Finding {
    const Verdict *verdict;
    const Features *features;
    const char *path;
} Finding;

FindingExport finding_export_new(ExportFormat format, const char *version, Text *out);
void finding_export_add(FindingExport *x, const Finding *f);
void finding_export_end(FindingExport *x);
void finding_export_free(FindingExport *x);

/* ---- for the files of this writer ---- */
void finding_stix_begin(FindingExport *x);
void finding_stix_add(FindingExport *x, const Finding *f);
void finding_misp_add(FindingExport *x, const Finding *f);
void finding_csv_add(FindingExport *x, const Finding *f);

/* "0x401000 (120 bytes) in 12ab…, there 0x402000 (118 bytes) in 34cd…" */
void evidence_places(const Evidence *e, Text *out);
/* "very likely (91 %) the same code lineage as Wren", or what is said when nobody is named. */
void finding_sentence(const Verdict *v, Text *out);
/* export_reasoning.c: "the same code lineage as Wren: very likely; probability 0.9134" */
void claim_sentence(const Claim *c, Text *out);
/* "hypothesis 1, family Wren: very likely (probability 0.9134)", and what is inconsistent and
 * consistent with it: a column of the matrix. */
void hypothesis_name(const Verdict *v, size_t index, Text *out);
void hypothesis_reasons(const Verdict *v, size_t index, Text *out);
/* "ledger, code (capability): log10 likelihood ratio 1.996", and what is in it. */
void ledger_name(const LedgerRow *row, Text *out);
void ledger_reasons(const LedgerRow *row, Text *out);
/* What the verdict does not survive the loss of, and what would change it. */
void verdict_rests_on(const Verdict *v, Text *out);

#endif
