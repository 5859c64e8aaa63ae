/* SPDX-License-Identifier: Apache-2.0 */
#include "match/public.h"

#include <string.h>

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

/* Telling functions of all sides, one after another. */
typedef struct Asked {
    Hash128 *pics;
    uint32_t *signatures;
    size_t count;
} Asked;

static Asked list_telling(const PublicSide *sides, size_t count, Arena *scratch) {
    size_t most = 0;
    for (size_t s = 0; s < count; s++)
        most += sides[s].outline.counts[OUTLINE_FUNCTIONS];
    Asked asked = {.pics = ARENA_UNSET(scratch, Hash128, most + 1),
                   .signatures = ARENA_UNSET(scratch, uint32_t, most + 1)};
    for (size_t s = 0; s < count; s++)
        for (uint32_t i = 0; i < sides[s].outline.counts[OUTLINE_FUNCTIONS]; i++)
            if (outline_is_telling(&sides[s].outline, i))
                asked.pics[asked.count++] = sides[s].outline.pic[i];
    return asked;
}

static Status mark_by_code(PublicSide *sides, size_t count, const Snapshot *snap, Arena *scratch,
                           Error *err) {
    Asked asked = list_telling(sides, count, scratch);
    Status status = snapshot_find_exact(snap, asked.pics, asked.count, asked.signatures, err);
    if (status != STATUS_OK)
        return status;
    size_t n = 0;
    uint64_t *ids = ARENA_UNSET(scratch, uint64_t, asked.count + 1);
    for (size_t i = 0; i < asked.count; i++)
        if (asked.signatures[i] != NO_SIGNATURE)
            ids[n++] = asked.signatures[i];
    sort_u64(scratch, ids, n);
    n = unique_u64(ids, n);
    uint32_t *signatures = ARENA_UNSET(scratch, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        signatures[i] = (uint32_t)ids[i];
    Map is_public = map_new(scratch, n);
    status = find_public(snap, signatures, n, &is_public, scratch, err);
    for (size_t s = 0, at = 0; s < count; s++)
        for (uint32_t i = 0; i < sides[s].outline.counts[OUTLINE_FUNCTIONS]; i++)
            if (outline_is_telling(&sides[s].outline, i)) {
                uint32_t signature = asked.signatures[at++];
                if (signature != NO_SIGNATURE && map_find(&is_public, signature))
                    sides[s].is_public[i] = true;
            }
    return status;
}

Status public_functions(PublicSide *sides, size_t count, const Snapshot *snap, Arena *a,
                        Arena *scratch, Error *err) {
    ArenaMark mark = arena_mark(scratch);
    for (size_t s = 0; s < count; s++) {
        size_t n = sides[s].outline.counts[OUTLINE_FUNCTIONS];
        sides[s].is_public = ARENA_UNSET(a, bool, n + 1);
        memcpy(sides[s].is_public, runtime_functions_of(&sides[s].outline, scratch), n);
    }
    Status status = mark_by_code(sides, count, snap, scratch, err);
    arena_reset(scratch, mark);
    return status;
}
