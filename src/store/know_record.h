/* SPDX-License-Identifier: Apache-2.0
 * know_record.h: the entries of knowledge as bytes: a key, a type, a payload. Equal things have
 * equal bytes, so that importing them again adds nothing. Format: docs/formats/knowledge.md. */
#ifndef COG_STORE_KNOW_RECORD_H
#define COG_STORE_KNOW_RECORD_H

#include "base/arena.h"
#include "base/text.h"
#include "know/know.h"

typedef enum KnowEntryType {
    KNOW_ENTRY_NONE,
    KNOW_ENTRY_ENTITY,   /* by id */
    KNOW_ENTRY_OUT,      /* claim, by its subject */
    KNOW_ENTRY_IN,       /* the same claim, by its object */
    KNOW_ENTRY_NAME,     /* entity id, by a name or alias of it */
    KNOW_ENTRY_SIGHTING, /* container and times, by the indicator */
    KNOW_ENTRY_VALUES,   /* indicators of a container, by its id */
    KNOW_ENTRY_DOCUMENT, /* what was imported, by its content */
    KNOW_ENTRY_TYPES
} KnowEntryType;

typedef struct KnowEntry {
    uint64_t key;
    KnowEntryType type;
    Bytes payload;
} KnowEntry;

/* By key, type, payload. */
int know_entry_compare(const KnowEntry *x, const KnowEntry *y);

typedef struct KnowDocument {
    uint8_t sha256[32];
    const char *name, *format;
    uint64_t records, problems;
} KnowDocument;

/* One indicator of a container. */
typedef struct KnowListed {
    KnowValueKind kind;
    Bytes value;
    int64_t first, last;
} KnowListed;

/* One container of an indicator. */
typedef struct KnowSeen {
    uint64_t container;
    int64_t first, last;
} KnowSeen;

void know_entity_write(const KnowEntity *e, Text *out);
void know_claim_write(const KnowClaim *c, Text *out);
void know_seen_write(const KnowSeen *s, Text *out);
void know_listed_write(const KnowListed *v, Text *out); /* several make a VALUES payload */
void know_document_write(const KnowDocument *d, Text *out);

/* False when the bytes are none. Texts are copied into the arena; NULL: only checked. */
bool know_entity_read(uint64_t key, Bytes b, Arena *a, KnowEntity *out);
bool know_claim_read(Bytes b, Arena *a, KnowClaim *out);
bool know_seen_read(Bytes b, KnowSeen *out);
/* The next of a VALUES payload; value is a view. False at the end, or c->bad. */
bool know_listed_next(Cursor *c, KnowListed *out);
bool know_document_read(Bytes b, Arena *a, KnowDocument *out);
bool know_entry_is_good(const KnowEntry *e);

#endif
