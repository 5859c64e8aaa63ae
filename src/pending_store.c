/* SPDX-License-Identifier: Apache-2.0
 * pending_store.c: stands in while src/store has no sources, so that main builds. */
#include "store/store.h"

static Status none(Error *err) { return error_set(err, STATUS_FAILED, "no store in this build"); }

Status store_open(const char *path, StoreMode mode, uint32_t wait_ms, Store **out, Error *err) {
    (void)path, (void)mode, (void)wait_ms, (void)out;
    return none(err);
}
void store_close(Store *store) { (void)store; }
Status store_learn(Store *store, const Features *f, const Labels *labels, bool *added,
                   bool *changed, Error *err) {
    (void)store, (void)f, (void)labels, (void)added, (void)changed;
    return none(err);
}
Status store_batch_begin(Store *store, Error *err) {
    (void)store;
    return none(err);
}
Status store_batch_end(Store *store, Error *err) {
    (void)store;
    return none(err);
}
Status store_remove(Store *store, const uint8_t sha256[32], Error *err) {
    (void)store, (void)sha256;
    return none(err);
}
Status store_stat(Store *store, StoreStat *out, Error *err) {
    (void)store, (void)out;
    return none(err);
}
Status store_verify(Store *store, void (*problem)(void *ctx, const char *text), void *ctx,
                    uint64_t *problems, Error *err) {
    (void)store, (void)problem, (void)ctx, (void)problems;
    return none(err);
}
Status store_compact(Store *store, void (*progress)(void *ctx, double done), void *ctx,
                     Error *err) {
    (void)store, (void)progress, (void)ctx;
    return none(err);
}
Status snapshot_open(Store *store, Snapshot **out, Error *err) {
    (void)store, (void)out;
    return none(err);
}
void snapshot_close(Snapshot *snap) { (void)snap; }
uint32_t snapshot_sample_count(const Snapshot *snap) {
    (void)snap;
    return 0;
}
uint64_t snapshot_function_count(const Snapshot *snap) {
    (void)snap;
    return 0;
}
const StoredSample *snapshot_sample_at(const Snapshot *snap, uint32_t i) {
    (void)snap, (void)i;
    return NULL;
}
const StoredSample *snapshot_find_sample(const Snapshot *snap, uint32_t id) {
    (void)snap, (void)id;
    return NULL;
}
const StoredSample *snapshot_find_sha256(const Snapshot *snap, const uint8_t sha256[32]) {
    (void)snap, (void)sha256;
    return NULL;
}
Status snapshot_features(const Snapshot *snap, uint32_t id, Arena *a, Features **out, Error *err) {
    (void)snap, (void)id, (void)a, (void)out;
    return none(err);
}
Status snapshot_find_signatures(const Snapshot *snap, Arena *a, const SignatureQuery *queries,
                                size_t count, SignatureHitVec *out, Error *err) {
    (void)snap, (void)a, (void)queries, (void)count, (void)out;
    return none(err);
}
Status snapshot_find_occurrences(const Snapshot *snap, Arena *a, const uint32_t *signatures,
                                 size_t count, uint32_t per_signature, OccurrenceVec *out,
                                 uint32_t *totals, Error *err) {
    (void)snap, (void)a, (void)signatures, (void)count, (void)per_signature, (void)out;
    (void)totals;
    return none(err);
}
uint64_t token_from_string(const char *text, size_t length) {
    (void)text;
    return length;
}
uint64_t token_from_trait(TraitKind kind, const char *value) {
    (void)value;
    return kind;
}
Status snapshot_find_tokens(const Snapshot *snap, Arena *a, const uint64_t *tokens, size_t count,
                            uint32_t per_token, TokenHitVec *out, uint32_t *totals, Error *err) {
    (void)snap, (void)a, (void)tokens, (void)count, (void)per_token, (void)out, (void)totals;
    return none(err);
}
