/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match.h"

struct FeatureCache {
    Arena *arena;
    const Snapshot *snap;
    Map loaded;   /* sample id -> Features pointer */
    Map contexts; /* sample id -> ContextSide pointer */
};

FeatureCache *feature_cache_new(Arena *a, const Snapshot *snap) {
    FeatureCache *cache = ARENA_NEW(a, FeatureCache);
    *cache = (FeatureCache){a, snap, map_new(a, 64), map_new(a, 64)};
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
