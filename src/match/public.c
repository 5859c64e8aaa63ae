/* SPDX-License-Identifier: Apache-2.0 */
#include "match/public.h"

#include "match/runtime.h"
#include "match/vote.h"

/* Telling functions of all samples, one after another. */
typedef struct Asked {
    Hash128 *pics;
    bool **marks; /* where it is to be said that it is public */
    size_t count;
} Asked;

static Asked list_telling(const PublicQuestion *q, bool **is_public, Arena *scratch) {
    size_t most = 0;
    for (size_t s = 0; s < q->count; s++)
        most += q->outlines[s]->counts[OUTLINE_FUNCTIONS];
    Asked asked = {.pics = ARENA_UNSET(scratch, Hash128, most + 1),
                   .marks = ARENA_UNSET(scratch, bool *, most + 1)};
    for (size_t s = 0; s < q->count; s++)
        for (uint32_t i = 0; i < q->outlines[s]->counts[OUTLINE_FUNCTIONS]; i++)
            if (!is_public[s][i] && outline_is_telling(q->outlines[s], i)) {
                asked.marks[asked.count] = &is_public[s][i];
                asked.pics[asked.count++] = q->outlines[s]->pic[i];
            }
    return asked;
}

static Status mark_by_code(const Asked *asked, const Snapshot *snap, Arena *scratch, Error *err) {
    uint32_t *signature = ARENA_UNSET(scratch, uint32_t, asked->count + 1);
    Status status = snapshot_find_exact(snap, asked->pics, asked->count, signature, err);
    if (status != STATUS_OK)
        return status;
    /* Each signature with the functions that have it: signature, number of the function. */
    uint64_t *pairs = ARENA_UNSET(scratch, uint64_t, asked->count + 1);
    size_t n = 0, distinct = 0;
    for (size_t i = 0; i < asked->count; i++)
        if (signature[i] != NO_SIGNATURE)
            pairs[n++] = (uint64_t)signature[i] << 32 | i;
    sort_u64(scratch, pairs, n);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || pairs[i] >> 32 != pairs[i - 1] >> 32)
            signature[distinct++] = (uint32_t)(pairs[i] >> 32);
    bool *is_public = ARENA_UNSET(scratch, bool, distinct + 1);
    status =
        snapshot_find_public(snap, signature, distinct, VOTE_OCCURRENCES, is_public, scratch, err);
    for (size_t i = 0, at = 0; status == STATUS_OK && i < n; i++) {
        at += i > 0 && pairs[i] >> 32 != pairs[i - 1] >> 32;
        *asked->marks[(uint32_t)pairs[i]] = is_public[at];
    }
    return status;
}

Status public_functions(const PublicQuestion *q, bool **is_public, Arena *a, Arena *scratch,
                        Error *err) {
    runtime_functions_of(q->outlines, q->count, is_public, a);
    ArenaMark mark = arena_mark(scratch);
    Asked asked = list_telling(q, is_public, scratch);
    Status status = mark_by_code(&asked, q->snap, scratch, err);
    arena_reset(scratch, mark);
    return status;
}
