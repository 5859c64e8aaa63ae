/* SPDX-License-Identifier: Apache-2.0
 * importer.h: what the importers of all formats share: the record at hand, the way to the sink. */
#ifndef COG_KNOW_IMPORTER_H
#define COG_KNOW_IMPORTER_H

#include "know/import.h"
#include "know/json_read.h"
#include "know/value.h"

typedef struct Importer {
    const KnowImport *import;
    KnowInput *in;
    JsonWalk walk;
    Arena *arena; /* of the record at hand, and what its container left below `mark` */
    KnowImportStat *stat;
    Status status; /* not OK: everything stops */
    Error *err;
    KnowPlace place;    /* of the record at hand */
    const char *object; /* its id, or NULL */
} Importer;

/* Longest texts that are kept: a name is cut at a character, a description too. */
enum { KNOW_MAX_NAME = 512, KNOW_MAX_TEXT = 4000 };

void importer_entity(Importer *i, const KnowEntity *e);
/* Drops a claim of an entity about itself, and says so. */
void importer_claim(Importer *i, const KnowClaim *c);
/* A claim without object: nothing when the text is NULL or empty. */
void importer_say(Importer *i, const KnowClaim *like, KnowRelation relation, const char *text);
/* A claim between two indicators; `like` gives who says so and when. */
void importer_pair(Importer *i, const KnowClaim *like, KnowRelation relation, const KnowPair *pair);
/* All values a token stands for; false, said, when it is none. */
bool importer_sight(Importer *i, const KnowSighting *like, KnowValueKind kind, const char *text,
                    size_t n);
/* That the hosts in a written token, URLs among them, belong to somebody else and were broken into:
 * whoever `like` names says so, `why` in words. Nothing when it holds no host. */
void importer_compromised(Importer *i, const KnowClaim *like, KnowValueKind kind, const char *text,
                          size_t n, const char *why);
PRINTF_LIKE(3, 4) void importer_problem(Importer *i, bool is_skipped, const char *fmt, ...);

/* Times that are odd or in the future are reported and taken as not given. */
int64_t importer_time(Importer *i, const char *text, const char *what);
/* "prefix" + text in the arena. */
const char *importer_join(Importer *i, const char *prefix, const char *text);
/* Cut at KNOW_MAX_NAME; for a missing one the second. */
const char *importer_name(Importer *i, const char *text, const char *otherwise);
const char *importer_text(Importer *i, const char *text); /* cut at KNOW_MAX_TEXT; NULL stays */

/* The next value of the walk as a record in the arena, and its place; NULL, reported, when it
 * cannot be read. */
const JsonValue *importer_record(Importer *i);
/* The same of the rest of the line, whatever is open at its end. */
const JsonValue *importer_line(Importer *i);

/* Runs for every value of the array that the walk is in, each with the arena to itself; one that
 * needs too much memory is reported. Returns the syntax errors between them. */
uint64_t importer_records(Importer *i, void (*one)(void *ctx, Importer *i, const JsonValue *v),
                          void *ctx);

/* Every value of the array at the walk, each with the arena to itself; one that needs too much
 * memory, and syntax errors between the `what`, are reported. */
void importer_each(Importer *i, const char *what,
                   void (*one)(void *ctx, Importer *i, const JsonValue *v), void *ctx);

/* One document, or what stands at the walk. */
void stix_import_objects(Importer *i); /* at the array of a bundle, or of objects */
void stix_import_object(Importer *i, const JsonValue *object);
void misp_import_event(Importer *i); /* at the object inside of "Event" */
void galaxy_import(Importer *i);     /* at the object that has "values" */
/* Passive DNS in Common Output Format, from the first record on; stops at what is none. */
void cof_import(Importer *i);
/* What one answer says of a name; type: "A", "AAAA", "CNAME", "DNAME", others say nothing. */
void cof_answer(Importer *i, const KnowClaim *like, const char *name, const char *type,
                const char *answer);
/* What a MISP object says of two hosts; nothing when it is of another kind. */
void misp_host_object(Importer *i, const KnowClaim *like, const JsonValue *object);
/* PEM, one certificate or many, or one in DER. */
void certificate_import(Importer *i);
void list_import_csv(Importer *i);
void list_import_text(Importer *i);
/* These look at the first bytes and go back. */
bool certificate_is_file(Importer *i);
/* Enough of the first lines hold an indicator. */
bool list_is_text(Importer *i);

#endif
