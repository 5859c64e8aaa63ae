/* SPDX-License-Identifier: Apache-2.0
 * json_match.c: pairs and nearest functions, and what the store says about itself. */
#include "match/chance.h"
#include "report/json.h"
#include "report/pair.h"
#include "report/report.h"
#include "report/shared.h"

static void write_pair_side(Json *j, const char *key, const Features *f, uint32_t index) {
    const FunctionFeature *function = &f->functions.at[index];
    json_open(j, key, '{');
    json_sha256(j, "sha256", f->sha256);
    json_va(j, "va", function->va);
    json_u64(j, "size", function->size);
    json_text(j, "name", function->name);
    json_close(j, '}');
}

void json_write_pair(Json *j, const Features *a, const Features *b, const FunctionPair *pair) {
    write_pair_side(j, "a", a, pair->a);
    write_pair_side(j, "b", b, pair->b);
    json_real(j, "score", (double)pair->score, 4);
    json_real(
        j, "chance_log10",
        (double)chance_log10(&a->functions.at[pair->a], &b->functions.at[pair->b], pair->score), 2);
    json_text(j, "reason", pair_reason_name(pair->reason));
}

typedef struct SharedOutput {
    const Features *a, *b;
    Text *out;
} SharedOutput;

static void write_shared_side(Json *j, const char *key, const Features *f, uint64_t va) {
    json_open(j, key, '{');
    json_sha256(j, "sha256", f->sha256);
    json_va(j, "va", va);
    json_close(j, '}');
}

static void write_shared(void *ctx, const SharedItem *item) {
    const SharedOutput *s = ctx;
    Json j = json_record(s->out, "shared");
    json_text(&j, "what", item->what);
    json_text(&j, "kind", item->kind);
    json_bytes(&j, "value", (Bytes){(const uint8_t *)item->value, item->length});
    write_shared_side(&j, "a", s->a, item->a_va);
    write_shared_side(&j, "b", s->b, item->b_va);
    json_end(&j);
}

void json_write_pairs(const Features *a, const Features *b, const FunctionPairVec *pairs,
                      Text *out) {
    for (size_t i = 0; i < pairs->count; i++) {
        const FunctionPair *pair = &pairs->at[i];
        Json j = json_record(out, "pair");
        json_write_pair(&j, a, b, pair);
        json_end(&j);
    }
    SharedOutput shared = {a, b, out};
    shared_visit(a, b, write_shared, &shared);
}

Status json_write_near(const NearReport *r, Text *out, Error *err) {
    for (size_t i = 0; i < r->near->count; i++) {
        const NearFunction *near = &r->near->at[i];
        const StoredSample *sample = snapshot_find_sample(r->snap, near->sample);
        Features *f = NULL;
        Status status = feature_cache_find(r->cache, near->sample, &f, err);
        if (status != STATUS_OK)
            return status;
        if (!sample || near->function >= f->functions.count)
            continue;
        const FunctionFeature *function = &f->functions.at[near->function];
        Json j = json_record(out, "match");
        json_open(&j, "query", '{');
        json_sha256(&j, "sha256", r->query->sha256);
        json_va(&j, "va", r->query->functions.at[r->function].va);
        json_close(&j, '}');
        json_u64(&j, "rank", i + 1);
        json_real(&j, "score", (double)near->score, 4);
        json_real(&j, "chance_log10",
                  (double)chance_log10(&r->query->functions.at[r->function], function, near->score),
                  2);
        json_bool(&j, "exact", near->exact);
        json_open(&j, "function", '{');
        json_sha256(&j, "sha256", sample->sha256);
        json_va(&j, "va", function->va);
        json_text(&j, "name", function->name);
        json_text(&j, "family", sample->labels.family);
        json_text(&j, "library", sample->labels.library);
        json_text(&j, "sample", sample->name);
        json_close(&j, '}');
        json_end(&j);
    }
    return STATUS_OK;
}

void json_write_stat(const StoreStat *stat, Text *out) {
    Json j = json_record(out, "store");
    json_u64(&j, "samples", stat->samples);
    json_u64(&j, "reference", stat->reference);
    json_u64(&j, "goodware", stat->goodware);
    json_u64(&j, "library", stat->library);
    json_u64(&j, "families", stat->families);
    json_u64(&j, "functions", stat->functions);
    json_u64(&j, "signatures", stat->signatures);
    json_u64(&j, "occurrences", stat->occurrences);
    json_u64(&j, "tokens", stat->tokens);
    json_u64(&j, "segments", stat->segments);
    json_u64(&j, "bytes_index", stat->bytes_index);
    json_u64(&j, "bytes_tokens", stat->bytes_tokens);
    json_u64(&j, "entities", stat->entities);
    json_u64(&j, "claims", stat->claims);
    json_u64(&j, "indicators", stat->sightings);
    json_u64(&j, "documents", stat->documents);
    json_u64(&j, "bytes_knowledge", stat->bytes_know);
    json_u64(&j, "bytes_packs", stat->bytes_packs);
    json_u64(&j, "bytes_outlines", stat->bytes_outlines);
    json_u64(&j, "bytes_file", stat->bytes_file);
    json_end(&j);
}

void json_write_problem(const char *text, Text *out) {
    Json j = json_record(out, "problem");
    json_text(&j, "text", text);
    json_end(&j);
}
