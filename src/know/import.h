/* SPDX-License-Identifier: Apache-2.0
 * import.h: documents of others into claims: STIX 2.0 and 2.1 (bundles, single objects, one a
 * line), MISP events and galaxies, indicator lists (CSV, text). Streaming: one record in memory at
 * a time. What cannot be read is reported with its place and passed over.
 * What is read from each format: docs/formats/knowledge.md. */
#ifndef COG_KNOW_IMPORT_H
#define COG_KNOW_IMPORT_H

#include "know/input.h"
#include "know/know.h"

typedef struct KnowImport {
    const char *document; /* its name, for messages and for the names of a list's groups */
    const char *source;   /* who says so where the document names nobody; or NULL */
    int64_t now;          /* what is dated later is doubted */
    KnowSink sink;
} KnowImport;

typedef struct KnowImportStat {
    const char *format; /* "stix" "misp" "misp-galaxy" "passive-dns" "certificate" "csv" "text" */
    uint64_t records;   /* objects, attributes, clusters, lines */
    uint64_t entities, claims, sightings;
    uint64_t skipped;  /* records that could not be used */
    uint64_t problems; /* those, and reservations */
} KnowImportStat;

/* STATUS_USAGE when the document is of no known format; otherwise what the sink returned, or that
 * reading failed. */
Status know_import(KnowInput *in, const KnowImport *import, KnowImportStat *stat, Error *err);

#endif
