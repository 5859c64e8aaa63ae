/* SPDX-License-Identifier: Apache-2.0 */
#include "match/public.h"

#include "match/runtime.h"
#include "match/vote.h"

/* Which of the (sorted) signatures occur in a public sample. */
static Status find_public(const Snapshot *snap, const uint32_t *signatures, size_t count,
                          Map *is_public, Arena *scratch, Error *err) {
    OccurrenceVec places = {.max = 1 << 26};
    uint32_t *totals = ARENA_ARRAY(scratch, uint32_t, count + 1);
    Status status = snapshot_find_occurrences(snap, scratch, signatures, count, VOTE_OCCURRENCES,
                                              &places, totals, err);
    for (size_t i = 0; i < places.count; i++) {
        const StoredSample *sample = snapshot_find_sample(snap, places.at[i].sample);
        if (sample && sample->labels.sample_class != SAMPLE_REFERENCE)
            map_put(is_public, places.at[i].signature, 1);
    }
    return status;
}

static Status mark_by_code(const Features *f, const Snapshot *snap, Arena *scratch, bool *out,
                           Error *err) {
    size_t n = f->functions.count;
    SignatureQuery *queries = ARENA_ARRAY(scratch, SignatureQuery, n + 1);
    for (size_t i = 0; i < n; i++)
        if (function_is_telling(&f->functions.at[i]))
            queries[i].pic = f->functions.at[i].pic; /* no sketch: only the exact index is asked */
    SignatureQuestion question = {queries, n, 1, 0.0f};
    SignatureHitVec hits = {.max = 1 << 26};
    Status status = snapshot_find_signatures(snap, scratch, &question, &hits, err);
    uint64_t *ids = ARENA_ARRAY(scratch, uint64_t, hits.count + 1);
    uint32_t *signatures = ARENA_ARRAY(scratch, uint32_t, hits.count + 1);
    for (size_t i = 0; i < hits.count; i++)
        ids[i] = hits.at[i].signature;
    sort_u64(scratch, ids, hits.count);
    size_t count = unique_u64(ids, hits.count);
    for (size_t i = 0; i < count; i++)
        signatures[i] = (uint32_t)ids[i];
    Map is_public = map_new(scratch, count);
    if (status == STATUS_OK)
        status = find_public(snap, signatures, count, &is_public, scratch, err);
    for (size_t i = 0; i < hits.count; i++)
        if (map_find(&is_public, hits.at[i].signature))
            out[hits.at[i].query] = true;
    return status;
}

Status public_functions(const Features *f, const Snapshot *snap, Arena *a, Arena *scratch,
                        bool **out, Error *err) {
    *out = ARENA_ARRAY(a, bool, f->functions.count + 1);
    ArenaMark mark = arena_mark(scratch);
    Status status = mark_by_code(f, snap, scratch, *out, err);
    arena_reset(scratch, mark);
    mark = arena_mark(scratch);
    const bool *runtime = runtime_functions(f, scratch);
    for (size_t i = 0; i < f->functions.count; i++)
        (*out)[i] |= runtime[i];
    arena_reset(scratch, mark);
    return status;
}
