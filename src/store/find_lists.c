/* SPDX-License-Identifier: Apache-2.0
 * find_lists.c: where signatures occur, and which samples have tokens. What the look-ups find is
 * gathered as packed pairs and sorted back. */
#include <string.h>

#include "store/snapshot_inner.h"

enum {
    /* Pairs gathered at once: 128 MiB, and as much again to sort them. */
    MAX_PAIRS = 16 * 1024 * 1024,
    MAX_KEYS_AT_ONCE = 1 << 20
};

/* Sorts by the lowest `bits` bits above `from`, keeping the order of the rest. */
static bool pairs_sort(Workspace *w, size_t count, unsigned from, unsigned bits) {
    enum { DIGIT = 11, PLACES = 1 << DIGIT };
    if (!buffer_room(&w->pairs_scratch, count * sizeof(uint64_t)))
        return false;
    uint64_t *at = w->pairs.at, *to = w->pairs_scratch.at;
    for (unsigned shift = from; shift < from + bits; shift += DIGIT) {
        size_t place[PLACES] = {0};
        for (size_t i = 0; i < count; i++)
            place[at[i] >> shift & (PLACES - 1)]++;
        for (size_t i = 0, sum = 0; i < PLACES; i++) {
            size_t n = place[i];
            place[i] = sum;
            sum += n;
        }
        for (size_t i = 0; i < count; i++)
            to[place[at[i] >> shift & (PLACES - 1)]++] = at[i];
        uint64_t *other = at;
        at = to;
        to = other;
    }
    if (at != w->pairs.at) {
        Buffer other = w->pairs;
        w->pairs = w->pairs_scratch;
        w->pairs_scratch = other;
    }
    return true;
}

static unsigned width_of(uint64_t v) { return v == 0 ? 0 : 64u - (unsigned)__builtin_clzll(v); }

static bool push_pair(Finding *f, uint64_t pair) {
    if (f->count == MAX_PAIRS || !buffer_room(f->out, (f->count + 1) * sizeof(uint64_t)))
        return false;
    ((uint64_t *)f->out->at)[f->count++] = pair;
    return true;
}

/* Lists of the values of keys: occurrences of signatures, samples of tokens. */
typedef struct ListSearch {
    const Snapshot *snap;
    IndexId index;
    uint32_t per_key;
    uint32_t *totals; /* of the keys asked now */
} ListSearch;

/* Pair: number of the key, then 40 bits of value. */
enum { LIST_VALUE_BITS = 40 };
#define LIST_VALUE_MASK ((1ULL << LIST_VALUE_BITS) - 1)

static bool is_living(const ListSearch *s, uint64_t value) {
    if (s->index == INDEX_OCCURRENCE)
        return samples_find_ordinal(s->snap->samples, value) != NULL;
    return value <= UINT32_MAX && samples_find(s->snap->samples, (uint32_t)value) != NULL;
}

static Status bad_value(Error *err) {
    return error_set(err, STATUS_CORRUPT, "a posting list holds a value out of range");
}

static void add_total(uint32_t *total, uint64_t n) {
    *total = n > UINT32_MAX - *total ? UINT32_MAX : *total + (uint32_t)n;
}

static Status take_list(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    Finding *finding = ctx;
    const ListSearch *s = finding->of;
    bool is_checked = s->snap->samples->has_removed;
    uint64_t living = 0;
    for (uint64_t i = 0; i < range.count; i++) {
        if (!is_checked && i >= s->per_key)
            break; /* the rest is only counted */
        uint64_t value = block_value_at(block, range.first + i);
        if (value > LIST_VALUE_MASK)
            return STATUS_CORRUPT;
        if (is_checked && !is_living(s, value))
            continue;
        if (living++ < s->per_key && !push_pair(finding, who << LIST_VALUE_BITS | value))
            return STATUS_BUSY;
    }
    add_total(&s->totals[who], is_checked ? living : range.count);
    return STATUS_OK;
}

/* Segments are ordered by sample, so a stable sort by key leaves values ascending. *count: how many
   of the keys were asked; fewer than given when their lists would not fit. */
static Status gather_lists(ListSearch *s, const Posting *keys, size_t *count, bool *is_cut,
                           Error *err) {
    Workspace *w = s->snap->work;
    for (;; *count = *count / 2) {
        size_t bytes = *count * sizeof(Posting);
        if (!buffer_room(&w->keys, bytes) || !buffer_room(&w->keys_scratch, bytes))
            return snapshot_no_memory(err);
        memcpy(w->keys.at, keys, bytes);
        memset(s->totals, 0, *count * sizeof *s->totals);
        if (err)
            err->status = STATUS_OK;
        Finding in = {.of = s, .out = &w->pairs};
        Status status =
            snapshot_find_in_all(s->snap, s->index, *count, take_list, &in, sizeof(uint64_t), err);
        w->pair_count = in.count;
        if (status == STATUS_CORRUPT && err && err->status != STATUS_CORRUPT)
            return bad_value(err);
        if (status != STATUS_OK && status != STATUS_BUSY)
            return status;
        *is_cut = status == STATUS_BUSY && *count == 1;
        if (status == STATUS_OK || *is_cut)
            break;
    }
    return pairs_sort(w, w->pair_count, LIST_VALUE_BITS, width_of(*count - 1))
               ? STATUS_OK
               : snapshot_no_memory(err);
}

/* A question about many keys, and who takes the answers in order of key and value: false when one
 * does not count, and when there is no more room. */
typedef struct Listing {
    const Snapshot *snap;
    Arena *arena;
    IndexId index;
    uint64_t (*key)(const void *keys, size_t i);
    const void *keys;
    size_t count;
    uint32_t per_key;
    bool (*take)(const struct Listing *l, size_t key, uint64_t value);
    void *out;
} Listing;

static void take_pairs(const Listing *l, size_t first) {
    const uint64_t *pairs = l->snap->work->pairs.at;
    size_t key = SIZE_MAX;
    uint32_t kept = 0;
    for (size_t i = 0; i < l->snap->work->pair_count; i++) {
        size_t at = (size_t)(pairs[i] >> LIST_VALUE_BITS);
        kept = at == key ? kept : 0;
        key = at;
        if (kept < l->per_key && l->take(l, first + at, pairs[i] & LIST_VALUE_MASK))
            kept++;
    }
}

/* totals: of each key, all that there are. *is_cut: a key alone has more than can be gathered. */
static Status find_lists(const Listing *l, uint32_t *totals, bool *is_cut, Error *err) {
    size_t at_once = MAX_KEYS_AT_ONCE < l->count ? MAX_KEYS_AT_ONCE : l->count;
    Posting *keys = ARENA_ARRAY(l->arena, Posting, at_once + 1);
    memset(totals, 0, l->count * sizeof *totals);
    *is_cut = false;
    for (size_t first = 0, n; first < l->count; first += n) {
        n = l->count - first < at_once ? l->count - first : at_once;
        for (size_t i = 0; i < n; i++)
            keys[i] = (Posting){l->key(l->keys, first + i), i};
        ListSearch s = {l->snap, l->index, l->per_key, totals + first};
        bool was_cut = false;
        Status status = gather_lists(&s, keys, &n, &was_cut, err);
        if (status != STATUS_OK)
            return status;
        *is_cut |= was_cut;
        take_pairs(l, first);
    }
    return STATUS_OK;
}

static uint64_t signature_at(const void *keys, size_t i) { return ((const uint32_t *)keys)[i]; }
static uint64_t token_at(const void *keys, size_t i) { return ((const uint64_t *)keys)[i]; }

static bool take_occurrence(const Listing *l, size_t key, uint64_t ordinal) {
    const SampleRecord *r = samples_find_ordinal(l->snap->samples, ordinal);
    OccurrenceVec *out = l->out;
    Occurrence *o = r && !out->full ? VEC_ADD(l->arena, out) : NULL;
    if (o)
        *o = (Occurrence){((const uint32_t *)l->keys)[key], r->sample.id,
                          (uint32_t)(ordinal - r->first_ordinal)};
    return o != NULL;
}

static bool take_token(const Listing *l, size_t key, uint64_t sample) {
    TokenHitVec *out = l->out;
    TokenHit *h = out->full ? NULL : VEC_ADD(l->arena, out);
    if (h)
        *h = (TokenHit){(uint32_t)key, (uint32_t)sample};
    return h != NULL;
}

Status snapshot_find_occurrences(const Snapshot *snap, Arena *a, const uint32_t *signatures,
                                 size_t count, uint32_t per_signature, OccurrenceVec *out,
                                 uint32_t *totals, Error *err) {
    bool is_cut;
    if (out->max == 0)
        out->max = DEFAULT_MAX_HITS;
    for (size_t i = 1; i < count; i++)
        if (signatures[i] <= signatures[i - 1])
            return error_set(err, STATUS_USAGE, "signatures are not sorted and distinct");
    Listing l = {snap,       a,     INDEX_OCCURRENCE, signature_at,
                 signatures, count, per_signature,    take_occurrence,
                 out};
    Status status = find_lists(&l, totals, &is_cut, err);
    out->full |= is_cut;
    return status;
}

Status snapshot_find_tokens(const Snapshot *snap, Arena *a, const uint64_t *tokens, size_t count,
                            uint32_t per_token, TokenHitVec *out, uint32_t *totals, Error *err) {
    bool is_cut;
    if (out->max == 0)
        out->max = DEFAULT_MAX_HITS;
    Listing l = {snap, a, INDEX_TOKEN, token_at, tokens, count, per_token, take_token, out};
    Status status = find_lists(&l, totals, &is_cut, err);
    out->full |= is_cut;
    return status;
}

/* ---- public code ---- */

typedef struct PublicSearch {
    const Snapshot *snap;
    uint32_t per_key;
    uint32_t *seen; /* places of each key that were looked at */
    bool *is_public;
} PublicSearch;

static Status take_public(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    const PublicSearch *s = ((const Finding *)ctx)->of;
    for (uint64_t i = 0; i < range.count && !s->is_public[who] && s->seen[who] < s->per_key; i++) {
        uint64_t ordinal = block_value_at(block, range.first + i);
        if (ordinal > LIST_VALUE_MASK)
            return STATUS_CORRUPT;
        const SampleRecord *r = samples_find_ordinal(s->snap->samples, ordinal);
        s->seen[who] += r != NULL;
        s->is_public[who] = r && r->sample.labels.sample_class != SAMPLE_REFERENCE;
    }
    return STATUS_OK;
}

Status snapshot_find_public(const Snapshot *snap, const uint32_t *signatures, size_t count,
                            uint32_t per_signature, bool *is_public, Arena *scratch, Error *err) {
    Workspace *w = snap->work;
    ArenaMark mark = arena_mark(scratch);
    if (!buffer_room(&w->keys, count * sizeof(Posting)) ||
        !buffer_room(&w->keys_scratch, count * sizeof(Posting)))
        return snapshot_no_memory(err);
    Posting *keys = w->keys.at;
    for (size_t i = 0; i < count; i++)
        keys[i] = (Posting){signatures[i], i};
    memset(is_public, 0, count * sizeof *is_public);
    PublicSearch s = {snap, per_signature, ARENA_ARRAY(scratch, uint32_t, count + 1), is_public};
    Finding in = {.of = &s, .out = &w->pairs};
    if (err)
        err->status = STATUS_OK;
    Status status = snapshot_find_in_all(snap, INDEX_OCCURRENCE, count, take_public, &in, 1, err);
    arena_reset(scratch, mark);
    return status == STATUS_CORRUPT && err && err->status != STATUS_CORRUPT ? bad_value(err)
                                                                            : status;
}
