/* SPDX-License-Identifier: Apache-2.0
 * find_signatures.c: the signatures that are most like a function: those that share the most, and
 * the rarest, keys of its sketch. First it is only found out where the lists of all keys are; then
 * each query reads its shortest ones, until it has read enough, and adds up. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/snapshot_inner.h"

enum {
    /* Postings read for one query: the rarest keys first, as many as fit. .008 of 10^6
     * signatures (docs/evidence/code.md, "Look-up", has what that loses). */
    MAX_QUERY_POSTINGS = 8192,
    PLACES = 2 * MAX_QUERY_POSTINGS, /* a power of two */
    /* Queries asked at once, and the places of their lists: 13 MB for each segment. */
    MAX_QUERIES_AT_ONCE = 4096,
    SCORE_BITS = 14, /* of 32 keys of at most 16 * 32 */
    SCORES = 1 << SCORE_BITS
};

/* Where one key of one query has postings: in one block of one segment. */
typedef struct Extent {
    uint32_t who; /* query * SKETCH_KEYS + key */
    Block block;
    BlockRange range;
} Extent;

typedef struct Count {
    uint32_t signature;
    uint16_t shared, score;
} Count;

/* One question, or a part of its queries. */
typedef struct Search {
    const Snapshot *snap;
    const SignatureQuestion *question;
    size_t first, count;
    SignatureHitVec *out;
    Arena *arena;
} Search;

static const SignatureQuery *query_at(const Search *s, size_t i) {
    return &s->question->queries[s->first + i];
}

static Status bad_signature(uint64_t signature, Error *err) {
    return error_set(err, STATUS_CORRUPT,
                     "the index names signature %" PRIu64 ", which is not there", signature);
}

/* ---- where the lists are ---- */

static Status take_exact(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    const Search *s = ctx;
    Workspace *w = s->snap->work;
    Identity id = identity_from_pic(query_at(s, who)->pic);
    for (uint64_t i = range.first; i < range.first + range.count; i++) {
        uint64_t value = block_value_at(block, i), signature = value & UINT32_MAX;
        if (value >> 32 != id.check)
            continue;
        if (signature >= s->snap->view.state.next_signature)
            return STATUS_CORRUPT;
        /* One signature for each PIC hash: a second one would be a fault that verify tells. */
        ((uint64_t *)w->exact.at)[who] = signature + 1;
    }
    return STATUS_OK;
}

static Status take_extent(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    const Search *s = ctx;
    Workspace *w = s->snap->work;
    if (!buffer_room(&w->extents, (w->extent_count + 1) * sizeof(Extent)))
        return STATUS_FAILED;
    ((Extent *)w->extents.at)[w->extent_count++] = (Extent){(uint32_t)who, *block, range};
    return STATUS_OK;
}

static size_t sketch_keys(const Search *s, Posting *keys) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        const Sketch *sketch = &query_at(s, i)->sketch;
        for (unsigned k = 0; sketch_is_indexed(sketch) && k < sketch->count; k++)
            keys[n++] = (Posting){sketch->key[k], i * SKETCH_KEYS + k};
    }
    return n;
}

static size_t pic_keys(const Search *s, Posting *keys) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        Identity id = identity_from_pic(query_at(s, i)->pic);
        if (id.is_some)
            keys[n++] = (Posting){id.key, i};
    }
    return n;
}

static Status gather(Search *s, Error *err) {
    Workspace *w = s->snap->work;
    size_t keys = s->count * SKETCH_KEYS * sizeof(Posting);
    if (!buffer_room(&w->keys, keys) || !buffer_room(&w->keys_scratch, keys) ||
        !buffer_room(&w->exact, s->count * sizeof(uint64_t)))
        return snapshot_no_memory(err);
    memset(w->exact.at, 0, s->count * sizeof(uint64_t));
    w->extent_count = 0;
    Status status =
        snapshot_find_in_all(s->snap, INDEX_PIC, pic_keys(s, w->keys.at), take_exact, s, err);
    if (status == STATUS_OK)
        status = snapshot_find_in_all(s->snap, INDEX_SKETCH, sketch_keys(s, w->keys.at),
                                      take_extent, s, err);
    if (status == STATUS_CORRUPT && err && err->status != STATUS_CORRUPT)
        return bad_signature(s->snap->view.state.next_signature, err);
    return status;
}

/* Extents by query, in `order`; those of query q end at ends[q]. */
static bool split_by_query(Search *s) {
    Workspace *w = s->snap->work;
    if (!buffer_room(&w->order, (w->extent_count + 1) * sizeof(uint32_t)) ||
        !buffer_room(&w->ends, (s->count + 1) * sizeof(size_t)))
        return false;
    const Extent *all = w->extents.at;
    size_t *ends = w->ends.at;
    memset(ends, 0, (s->count + 1) * sizeof *ends);
    for (size_t i = 0; i < w->extent_count; i++)
        ends[all[i].who / SKETCH_KEYS + 1]++;
    for (size_t q = 1; q <= s->count; q++)
        ends[q] += ends[q - 1];
    for (size_t i = 0; i < w->extent_count; i++)
        ((uint32_t *)w->order.at)[ends[all[i].who / SKETCH_KEYS]++] = (uint32_t)i;
    return true;
}

/* ---- one query ---- */

typedef struct Tally {
    const Search *search;
    const uint32_t *extents; /* of the query */
    size_t extent_count;
    uint64_t length[SKETCH_KEYS]; /* postings of each key, in all segments */
    bool is_read[SKETCH_KEYS];
    unsigned asked; /* keys that were read, or have no postings */
    Count *counts;  /* as many as signatures were met */
    size_t count;
    /* Small, so that it stays in the processor's nearest cache: hash of a signature -> its place in
     * counts, + 1. */
    uint16_t *places;
    uint32_t mask; /* of places: at least twice as many as postings are read */
} Tally;

/* log2 of how rare the key is among the store's signatures, times 16. */
static unsigned weight_of(const Search *s, uint64_t length) {
    uint64_t ratio = ((s->snap->view.state.next_signature + 1) << 8) / length;
    unsigned zeros = (unsigned)__builtin_clzll(ratio | 1);
    uint64_t top = (ratio | 1) << zeros; /* the logarithm straight between powers of two */
    unsigned log16 = (63 - zeros) * 16 + (unsigned)(top >> 59 & 15);
    return log16 > 8 * 16 + 1 ? log16 - 8 * 16 : 1;
}

static void choose_lists(Tally *t, unsigned key_count) {
    const Extent *all = t->search->snap->work->extents.at;
    uint8_t by_length[SKETCH_KEYS];
    for (size_t i = 0; i < t->extent_count; i++)
        t->length[all[t->extents[i]].who % SKETCH_KEYS] += all[t->extents[i]].range.count;
    for (unsigned k = 0; k < key_count; k++) {
        unsigned at = k;
        for (; at > 0 && t->length[by_length[at - 1]] > t->length[k]; at--)
            by_length[at] = by_length[at - 1];
        by_length[at] = (uint8_t)k;
    }
    uint64_t sum = 0;
    for (; t->asked < key_count; t->asked++) {
        if (sum + t->length[by_length[t->asked]] > MAX_QUERY_POSTINGS)
            break;
        sum += t->length[by_length[t->asked]];
        t->is_read[by_length[t->asked]] = true;
    }
    for (t->mask = 15; t->mask + 1 < 2 * sum;)
        t->mask = 2 * t->mask + 1;
    t->search->snap->work->skipped += key_count - t->asked;
}

static void count_signature(Tally *t, uint32_t signature, unsigned weight) {
    uint32_t slot = (uint32_t)mix64((uint64_t)signature + 1) & t->mask;
    while (t->places[slot] && t->counts[t->places[slot] - 1].signature != signature)
        slot = (slot + 1) & t->mask;
    if (!t->places[slot]) {
        t->counts[t->count++] = (Count){signature, 1, (uint16_t)weight};
        t->places[slot] = (uint16_t)t->count;
        return;
    }
    Count *c = &t->counts[t->places[slot] - 1];
    c->shared++;
    c->score = (uint16_t)(c->score + weight);
}

static Status read_lists(Tally *t) {
    const Search *s = t->search;
    const Extent *all = s->snap->work->extents.at;
    for (size_t i = 0; i < t->extent_count; i++) {
        const Extent *e = &all[t->extents[i]];
        unsigned key = e->who % SKETCH_KEYS;
        if (!t->is_read[key])
            continue;
        unsigned weight = weight_of(s, t->length[key]);
        for (uint64_t p = 0; p < e->range.count; p++) {
            uint64_t signature = block_value_at(&e->block, e->range.first + p);
            if (signature >= s->snap->view.state.next_signature)
                return STATUS_CORRUPT;
            count_signature(t, (uint32_t)signature, weight);
        }
    }
    return STATUS_OK;
}

static int compare_hits(const void *x, const void *y) {
    const SignatureHit *p = x, *q = y;
    if (p->exact != q->exact)
        return p->exact ? -1 : 1;
    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    return (p->signature > q->signature) - (p->signature < q->signature);
}

static unsigned clamp_score(unsigned score) { return score < SCORES ? score : SCORES - 1; }

/* The least score among the best `wanted`. */
static unsigned cut_score(const Tally *t, size_t wanted) {
    if (t->count <= wanted)
        return 0;
    uint32_t with[SCORES / 16] = {0};
    for (size_t i = 0; i < t->count; i++)
        with[clamp_score(t->counts[i].score) / 16]++;
    size_t sum = 0;
    for (unsigned cut = SCORES / 16; cut-- > 0;) {
        sum += with[cut];
        if (sum >= wanted)
            return cut * 16;
    }
    return 0;
}

/* exact: signature + 1 of the same PIC hash, or 0. */
static void emit_hits(Tally *t, size_t query, uint64_t exact, SignatureHit *hits) {
    const Search *s = t->search;
    size_t wanted = s->question->per_query, count = 0;
    unsigned cut = cut_score(t, wanted);
    SignatureHit twin = {.query = (uint32_t)(s->first + query),
                         .signature = (uint32_t)(exact - 1),
                         .asked = (uint16_t)t->asked,
                         .exact = true};
    for (size_t i = 0; i < t->count; i++) {
        const Count *c = &t->counts[i];
        SignatureHit h = twin;
        h.signature = c->signature;
        h.shared = c->shared;
        h.score = c->score;
        h.exact = false;
        if (exact == (uint64_t)c->signature + 1)
            twin = h;
        else if (clamp_score(c->score) >= cut)
            hits[count++] = h;
    }
    if (exact) {
        twin.exact = true;
        hits[count++] = twin;
    }
    if (count > 1)
        qsort(hits, count, sizeof *hits, compare_hits);
    for (size_t i = 0; i < count && i < wanted; i++) {
        SignatureHit *h = VEC_ADD(s->arena, s->out);
        if (h)
            *h = hits[i];
    }
}

static Status answer_query(Search *s, size_t q, Error *err) {
    Workspace *w = s->snap->work;
    const size_t *ends = w->ends.at;
    size_t first = q > 0 ? ends[q - 1] : 0;
    Tally t = {.search = s,
               .extents = (const uint32_t *)w->order.at + first,
               .extent_count = ends[q] - first,
               .counts = w->counts.at,
               .places = w->places.at};
    const Sketch *sketch = &query_at(s, q)->sketch;
    choose_lists(&t, sketch_is_indexed(sketch) ? sketch->count : 0);
    Status status = read_lists(&t);
    if (status == STATUS_OK)
        emit_hits(&t, q, ((const uint64_t *)w->exact.at)[q], w->keys.at);
    memset(t.places, 0, (t.mask + 1) * sizeof *t.places);
    return status == STATUS_OK ? status : bad_signature(s->snap->view.state.next_signature, err);
}

Status snapshot_find_signatures(const Snapshot *snap, Arena *a, const SignatureQuestion *question,
                                SignatureHitVec *out, Error *err) {
    Search s = {.snap = snap, .question = question, .out = out, .arena = a};
    Workspace *w = snap->work;
    if (question->count > UINT32_MAX)
        return error_set(err, STATUS_USAGE, "too many functions in one question");
    if (out->max == 0)
        out->max = DEFAULT_MAX_HITS;
    if (!buffer_room(&w->counts, MAX_QUERY_POSTINGS * sizeof(Count)) ||
        !buffer_room(&w->places, PLACES * sizeof(uint16_t)))
        return snapshot_no_memory(err);
    memset(w->places.at, 0, PLACES * sizeof(uint16_t));
    for (; s.first < question->count; s.first += s.count) {
        s.count = question->count - s.first < MAX_QUERIES_AT_ONCE ? question->count - s.first
                                                                  : MAX_QUERIES_AT_ONCE;
        if (err)
            err->status = STATUS_OK;
        Status status = gather(&s, err);
        if (status != STATUS_OK)
            return status;
        /* Room for the hits of one query, and the exact one. */
        if (!split_by_query(&s) ||
            !buffer_room(&w->keys, (MAX_QUERY_POSTINGS + 1) * sizeof(SignatureHit)))
            return snapshot_no_memory(err);
        for (size_t q = 0; q < s.count && status == STATUS_OK; q++)
            status = answer_query(&s, q, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
