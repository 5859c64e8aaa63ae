/* SPDX-License-Identifier: Apache-2.0
 * export.h: knowledge of a store in the formats of other tools, piece by piece: STIX 2.1, MISP
 * events, CSV, a layer for the ATT&CK Navigator. What each holds: docs/formats/knowledge.md. */
#ifndef COG_REPORT_EXPORT_H
#define COG_REPORT_EXPORT_H

#include "store/know_store.h"

typedef enum ExportFormat { EXPORT_STIX, EXPORT_MISP, EXPORT_CSV, EXPORT_NAVIGATOR } ExportFormat;

/* Where nobody said when; the maker of our bundles. */
#define STIX_EPOCH "1970-01-01T00:00:00.000Z"
#define STIX_US "identity--8b1f3d0a-8f0e-5c55-9a57-3a2f1c9b1066"

typedef struct KnowExport {
    const KnowView *know;
    Arena *arena;         /* of the entity at hand: given back after it */
    Arena *keep;          /* of the whole export */
    const uint64_t *only; /* sorted ids of what is wanted; NULL: all */
    size_t only_count;
    bool (*write)(void *ctx, const void *bytes, size_t size); /* false stops */
    void *ctx;
    Text text; /* what was not written yet */
} KnowExport;

Status export_stix(KnowExport *x, Error *err);
Status export_misp(KnowExport *x, Error *err);
Status export_csv(KnowExport *x, Error *err);
Status export_navigator(KnowExport *x, Error *err);

/* The named entities and what claims join to them. STATUS_NOT_FOUND names what nobody knows. */
Status export_choose(KnowExport *x, const char *const *names, size_t count, Error *err);

/* ---- for the files of this format's writers ---- */
bool export_has(const KnowExport *x, uint64_t id);
/* Calls visit for each wanted entity, in the latest version, its memory given back after. */
typedef Status (*ExportVisit)(void *ctx, const KnowEntity *e, Error *err);
Status export_each_entity(KnowExport *x, ExportVisit visit, void *ctx, Error *err);
/* Writes what has gathered, when it is much or is_last. */
Status export_flush(KnowExport *x, bool is_last, Error *err);
/* "8-4-4-4-12" of a name, in the form of RFC 9562 version 5 (the hash is XXH3): the
 * same name, the same UUID. */
enum { EXPORT_UUID_BYTES = 37 };
void export_uuid(const char *name, char out[EXPORT_UUID_BYTES]);
/* A field of RFC 4180; one that a spreadsheet would take for a formula gets a quote before it
 * (OWASP, CSV injection). */
void csv_field(Text *out, const char *text, size_t n);

#endif
