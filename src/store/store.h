/* SPDX-License-Identifier: Apache-2.0
 * store.h: labelled reference samples and the index over their signatures. Typed; names no engine:
 * LMDB stands behind it today (store_lmdb.c), PostgreSQL behind the same calls later. Format:
 * docs/formats/store.md.
 *
 * Indexed are *distinct* function signatures (PIC hash + sketch), each once, with lists of where
 * they occur. Many readers beside one writer: a Snapshot sees one published state for as long as it
 * lives. A sample is in the store wholly or not at all, whatever kills the writer. Keep snapshots
 * short: they hold old pages alive. Threads: a Store may be shared by threads; a Snapshot belongs
 * to one. */
#ifndef COG_STORE_STORE_H
#define COG_STORE_STORE_H

#include "store/outline.h"

typedef struct Store Store;
typedef struct Snapshot Snapshot;

typedef enum SampleClass { SAMPLE_REFERENCE, SAMPLE_GOODWARE, SAMPLE_LIBRARY } SampleClass;

/* Who says what about a sample. Strings may be NULL. Labels are claims: source and first_seen go
 * with them. */
typedef struct Labels {
    SampleClass sample_class;
    const char *family, *campaign, *actor;
    const char *library;    /* name, with SAMPLE_LIBRARY */
    const char *source;     /* who says so */
    const char *first_seen; /* RFC 3339 date or date-time, UTC */
} Labels;

typedef struct StoredSample {
    uint32_t id; /* never used again after a remove */
    uint8_t sha256[32];
    const char *name;
    Labels labels;
    uint32_t function_count;
    uint64_t size;
    uint8_t format, arch; /* Format, Arch */
} StoredSample;

typedef enum StoreMode { STORE_READ, STORE_WRITE, STORE_CREATE } StoreMode;

/* path: a directory. STORE_CREATE makes it when absent. One writer at a time: STATUS_BUSY names the
 * other after wait_ms. A reader of a store that is not there gets STATUS_NOT_FOUND. */
Status store_open(const char *path, StoreMode mode, uint32_t wait_ms, Store **out, Error *err);
void store_close(Store *store);

/* Adds a sample, or updates the labels of one that is there (added, changed may be NULL). Durable
 * when it returns STATUS_OK, unless inside store_batch_begin/_end (then durable, and visible,
 * sample by sample up to the last flush; _end flushes). */
Status store_learn(Store *store, const Features *f, const Labels *labels, bool *added,
                   bool *changed, Error *err);
Status store_batch_begin(Store *store, Error *err);
Status store_batch_end(Store *store, Error *err);
Status store_remove(Store *store, const uint8_t sha256[32], Error *err); /* STATUS_NOT_FOUND */

typedef struct StoreStat {
    uint64_t samples, reference, goodware, library, families;
    uint64_t functions, signatures, occurrences, tokens, segments;
    uint64_t bytes_index;                            /* posting blocks: PIC, sketch, occurrence */
    uint64_t bytes_tokens;                           /* posting blocks: strings and traits */
    uint64_t entities, claims, sightings, documents; /* of knowledge: know_store.h */
    uint64_t bytes_know;
    uint64_t bytes_packs; /* feature packs, from which all else can be rebuilt */
    uint64_t bytes_outlines;
    uint64_t bytes_file; /* allocated on disk */
} StoreStat;
Status store_stat(Store *store, StoreStat *out, Error *err);
/* Reads every block and pack, checks checksums, order and cross references. problem is called for
 * each finding. */
Status store_verify(Store *store, void (*problem)(void *ctx, const char *text), void *ctx,
                    uint64_t *problems, Error *err);
/* Merges all segments into one, drops what was removed, gives the space back. progress may be NULL.
 */
Status store_compact(Store *store, void (*progress)(void *ctx, double done), void *ctx, Error *err);

Status snapshot_open(Store *store, Snapshot **out, Error *err);
void snapshot_close(Snapshot *snap);
/* From now on this snapshot answers as if the samples that is_hidden names had been removed: what
 * would be said without a source, and leave-one-out measurements. Replaces what was hidden before.
 */
Status snapshot_hide(Snapshot *snap, bool (*is_hidden)(void *ctx, const StoredSample *sample),
                     void *ctx, Error *err);

uint32_t snapshot_sample_count(const Snapshot *snap);
uint64_t snapshot_function_count(const Snapshot *snap);
/* The i-th living sample by id order, i < snapshot_sample_count. Borrowed from the snapshot. */
const StoredSample *snapshot_sample_at(const Snapshot *snap, uint32_t i);
const StoredSample *snapshot_find_sample(const Snapshot *snap, uint32_t id);
/* Its place among snapshot_sample_at's; UINT32_MAX: it is not there. */
uint32_t snapshot_find_place(const Snapshot *snap, uint32_t id);
const StoredSample *snapshot_find_sha256(const Snapshot *snap, const uint8_t sha256[32]);
/* The learned features, in arena a. */
Status snapshot_features(const Snapshot *snap, uint32_t id, Arena *a, Features **out, Error *err);

/* The same without their genes (features_from_bytes_without_genes). */
Status snapshot_features_without_genes(const Snapshot *snap, uint32_t id, Arena *a, Features **out,
                                       Error *err);
/* What matching needs of each: in the store's own bytes, as long as the snapshot, or, of a sample
 * that was learned before outlines were kept, from its features. scratch: another arena, given
 * back. */
Status snapshot_outlines(const Snapshot *snap, const uint32_t *ids, size_t count, Arena *a,
                         Arena *scratch, Outline *out, Error *err);

/* Enough keys to mean something: such sketches are in the index. */
bool sketch_is_indexed(const Sketch *sketch);

/* One function to look for. A zero pic or an empty sketch is skipped. */
typedef struct SignatureQuery {
    Hash128 pic;
    Sketch sketch;
} SignatureQuery;
typedef struct SignatureQuestion {
    const SignatureQuery *queries;
    size_t count;
    uint32_t per_query;   /* hits wanted of each, at most */
    float least_likeness; /* sketch_likeness of a hit that is not exact; 0: any */
} SignatureQuestion;
typedef struct SignatureHit {
    uint32_t query;         /* index of the SignatureQuery */
    uint32_t signature;     /* id of the distinct signature */
    uint16_t shared, asked; /* keys of the query that it has; that were looked up */
    uint16_t score;         /* how rare the shared keys are: sum of log2, times 16 */
    bool exact;             /* same PIC hash */
} SignatureHit;
typedef VEC(SignatureHit) SignatureHitVec;
/* The best hits of each query, sorted by (query, exact first, score descending, signature). A hit
 * shares a key or is exact. out->full tells when there was no room. */
Status snapshot_find_signatures(const Snapshot *snap, Arena *a, const SignatureQuestion *question,
                                SignatureHitVec *out, Error *err);

/* The signatures of exact hashes, NO_SIGNATURE where there is none. */
#define NO_SIGNATURE UINT32_MAX
Status snapshot_find_exact(const Snapshot *snap, const Hash128 *pics, size_t count,
                           uint32_t *signatures, Error *err);

/* Posting lists that snapshot_find_signatures did not read, since the snapshot was opened, for
 * being those of boilerplate: a query reads its rarest keys first, and only so much. */
uint64_t snapshot_skipped_lists(const Snapshot *snap);

typedef struct Occurrence {
    uint32_t signature, sample, function; /* function: index in the sample's Features */
} Occurrence;
typedef VEC(Occurrence) OccurrenceVec;
/* Where the (sorted, distinct) signatures occur in living samples, at most per_signature each;
 * totals[i] = how often in all. Sorted by (signature, sample, function). */
Status snapshot_find_occurrences(const Snapshot *snap, Arena *a, const uint32_t *signatures,
                                 size_t count, uint32_t per_signature, OccurrenceVec *out,
                                 uint32_t *totals, Error *err);

/* Which of the (sorted, distinct) signatures occur in a sample that is no reference, by the first
 * per_signature places of each. Uses scratch and gives it back. */
Status snapshot_find_public(const Snapshot *snap, const uint32_t *signatures, size_t count,
                            uint32_t per_signature, bool *is_public, Arena *scratch, Error *err);

/* Strings and traits are indexed as 64-bit tokens. */
uint64_t token_from_string(const char *text, size_t length);
uint64_t token_from_trait(TraitKind kind, const char *value);
typedef struct TokenHit {
    uint32_t token; /* index in the query */
    uint32_t sample;
} TokenHit;
typedef VEC(TokenHit) TokenHitVec;
/* As for occurrences; totals[i] = number of samples with the token. */
Status snapshot_find_tokens(const Snapshot *snap, Arena *a, const uint64_t *tokens, size_t count,
                            uint32_t per_token, TokenHitVec *out, uint32_t *totals, Error *err);

#endif
