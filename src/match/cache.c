/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "match/routine_evidence.h"

struct FeatureCache {
    Arena *arena;
    const Snapshot *snap;
    Map loaded;    /* sample id -> Features pointer */
    Map contexts;  /* sample id -> ContextSide pointer */
    Map shown;     /* sample id -> Features pointer, of match_features */
    Status status; /* of match_features */
    Error error;
};

FeatureCache *feature_cache_new(Arena *a, const Snapshot *snap) {
    FeatureCache *cache = ARENA_NEW(a, FeatureCache);
    *cache = (FeatureCache){.arena = a,
                            .snap = snap,
                            .loaded = map_new(a, 64),
                            .contexts = map_new(a, 64),
                            .shown = map_new(a, 64)};
    return cache;
}

Status feature_cache_find(FeatureCache *cache, uint32_t sample, Features **out, Error *err) {
    uint64_t *known = map_find(&cache->loaded, sample);
    if (known) {
        *out = (Features *)(uintptr_t)*known;
        return STATUS_OK;
    }
    Status status = snapshot_features(cache->snap, sample, cache->arena, out, err);
    if (status == STATUS_OK)
        map_put(&cache->loaded, sample, (uint64_t)(uintptr_t)*out);
    return status;
}

/* What the outline led to is there. */
static bool is_of_outline(const SampleMatch *m, const Features *f, Arena *a) {
    bool is_whole = f->functions.count == m->outline->counts[OUTLINE_FUNCTIONS];
    size_t routines = routine_tokens_of(f, a).count;
    for (size_t i = 0; i < m->tokens.count; i++) {
        const SharedToken *t = &m->tokens.at[i];
        is_whole &= t->ref_index < (t->of_routine ? routines
                                    : t->is_trait ? f->traits.count
                                                  : f->strings.count);
    }
    return is_whole;
}

const Features *match_features(const SampleMatch *m) {
    FeatureCache *cache = m->cache;
    uint64_t *known = map_find(&cache->shown, m->sample);
    if (known)
        return (Features *)(uintptr_t)*known;
    Features *f = NULL;
    Error err = {0};
    Status status = snapshot_features_without_genes(cache->snap, m->sample, cache->arena, &f, &err);
    if (status == STATUS_OK && !is_of_outline(m, f, cache->arena))
        status = error_set(&err, STATUS_CORRUPT,
                           "the outline of sample %" PRIu32
                           " is not that of its features; store verify tells more",
                           m->sample);
    if (status != STATUS_OK) {
        if (cache->status == STATUS_OK)
            cache->error = err;
        cache->status = status;
        f = NULL;
    }
    map_put(&cache->shown, m->sample, (uint64_t)(uintptr_t)f);
    return f;
}

Status feature_cache_status(const FeatureCache *cache, Error *err) {
    if (cache && cache->status != STATUS_OK)
        return error_set(err, cache->status, "%s", cache->error.message);
    return STATUS_OK;
}

Status feature_cache_context(FeatureCache *cache, uint32_t sample, Arena *scratch,
                             ContextSide **out, Error *err) {
    uint64_t *known = map_find(&cache->contexts, sample);
    if (known) {
        *out = (ContextSide *)(uintptr_t)*known;
        return STATUS_OK;
    }
    Features *f = NULL;
    Status status = feature_cache_find(cache, sample, &f, err);
    if (status != STATUS_OK)
        return status;
    ContextSide *side = ARENA_NEW(cache->arena, ContextSide);
    *side = context_side(f, cache->arena, scratch);
    map_put(&cache->contexts, sample, (uint64_t)(uintptr_t)side);
    *out = side;
    return STATUS_OK;
}
