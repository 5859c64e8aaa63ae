/* SPDX-License-Identifier: Apache-2.0
 * know_store.h: knowledge in the store: entities, claims and indicators, found by id, by name, by
 * value. A KnowBatch takes what importers say, any amount in bounded memory; nothing of it is seen
 * before its commit, and a kill leaves nothing of it. Equal entries are kept once, so that
 * importing again changes nothing. A KnowView sees one published state for as long as it lives.
 * Format: docs/formats/knowledge.md. */
#ifndef COG_STORE_KNOW_STORE_H
#define COG_STORE_KNOW_STORE_H

#include "store/know_record.h"
#include "store/store.h"

/* ---- writing ---- */

typedef struct KnowBatch KnowBatch;

/* The store is open for writing; one batch at a time. */
Status know_batch_begin(Store *store, KnowBatch **out, Error *err);
Status know_batch_entity(KnowBatch *b, const KnowEntity *e, Error *err);
Status know_batch_claim(KnowBatch *b, const KnowClaim *c, Error *err);
Status know_batch_sighting(KnowBatch *b, const KnowSighting *s, Error *err);

typedef struct KnowAdded {
    uint64_t entities, claims, sightings; /* that were not there before */
} KnowAdded;
/* That a document was read whole: it is not read again. */
Status know_batch_document(KnowBatch *b, const KnowDocument *d, Error *err);
/* Publishes all of it; durable when it returns STATUS_OK. The batch is gone afterwards, whatever it
 * returns. */
Status know_batch_commit(KnowBatch *b, KnowAdded *added, Error *err);
void know_batch_abort(KnowBatch *b); /* NULL is fine */

/* ---- reading ---- */

typedef struct KnowView KnowView;
typedef VEC(KnowClaim) KnowClaimVec;
typedef VEC(KnowSeen) KnowSeenVec;
typedef VEC(uint64_t) KnowIdVec;

Status know_view_open(Store *store, KnowView **out, Error *err);
void know_view_close(KnowView *v);
bool know_view_is_empty(const KnowView *v);

/* STATUS_NOT_FOUND without a message when nobody described it. Of several versions the latest one
 * by `modified`; flags that any of its versions has are set. Texts in the arena. */
Status know_view_entity(const KnowView *v, uint64_t id, Arena *a, KnowEntity *out, Error *err);
/* Claims of it and claims about it, together at most out->max (0 = 4096); out->full tells. */
Status know_view_claims(const KnowView *v, uint64_t id, Arena *a, KnowClaimVec *out, Error *err);
/* Entities that somebody calls so: distinct ids, ascending. */
Status know_view_named(const KnowView *v, const char *name, Arena *a, KnowIdVec *out, Error *err);
/* Who lists the indicator; *total counts all, out holds at most out->max (0 = 4096). */
Status know_view_sightings(const KnowView *v, KnowValueKind kind, const char *value, Arena *a,
                           KnowSeenVec *out, uint64_t *total, Error *err);
/* Indicators of a container; the value is a view for the call. False ends it. */
Status know_view_values(const KnowView *v, uint64_t container,
                        bool (*visit)(void *ctx, const KnowListed *listed), void *ctx, Error *err);
/* Every entry of one type in order of keys. A result other than STATUS_OK ends it. */
Status know_view_each(const KnowView *v, KnowEntryType type,
                      Status (*visit)(void *ctx, const KnowEntry *e, Error *err), void *ctx,
                      Error *err);
/* True when a document of this content was imported. */
Status know_view_has_document(const KnowView *v, const uint8_t sha256[32], bool *out, Error *err);

#endif
