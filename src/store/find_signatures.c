/* SPDX-License-Identifier: Apache-2.0
 * find_signatures.c: the signatures that are most like a function: those that share the most, and
 * the rarest, keys of its sketch. First it is only found out where the lists of all keys are; then
 * each query reads its shortest ones, until it has read enough, and adds up; the queries side by
 * side on all processors. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "store/snapshot_inner.h"

enum {
    /* Postings read for one query: the rarest keys first, as many as fit. .008 of 10^6
     * signatures (docs/evidence/code.md, "Look-up", has what that loses). */
    MAX_QUERY_POSTINGS = 8192,
    PLACES = 2 * MAX_QUERY_POSTINGS, /* a power of two, and 2 to the power of SIEVE_BITS */
    /* Queries asked at once, and the places of their lists: 13 MB for each segment. */
    MAX_QUERIES_AT_ONCE = 4096,
    MAX_HITS_AT_ONCE = 1 << 20, /* 16 MB */
    /* Queries of one task: some 5 ms, beside which its memory costs little. */
    TASK_QUERIES = 128,
    /* Places where signatures are counted together: with 8,192 postings in them few that share too
       little get past. A power of two; 16 KB stay in the processor's nearest cache. */
    SIEVE_BITS = 14,
    SCORE_BITS = 14, /* of 32 keys of at most 16 * 32 */
    SCORES = 1 << SCORE_BITS
};

_Static_assert(PLACES == 1 << SIEVE_BITS, "a place of the sieve is one of these as well");

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
    size_t room; /* for hits of each query */
    struct Task *tasks;
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
    const Search *s = ((const Finding *)ctx)->of;
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
    Finding *f = ctx;
    if (!buffer_room(f->out, (f->count + 1) * sizeof(Extent)))
        return STATUS_FAILED;
    ((Extent *)f->out->at)[f->count++] = (Extent){(uint32_t)who, *block, range};
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
    Finding in = {.of = s, .out = &w->extents};
    Status status = snapshot_find_in_all(s->snap, INDEX_PIC, pic_keys(s, w->keys.at), take_exact,
                                         &in, sizeof(Extent), err);
    if (status == STATUS_OK)
        status = snapshot_find_in_all(s->snap, INDEX_SKETCH, sketch_keys(s, w->keys.at),
                                      take_extent, &in, sizeof(Extent), err);
    w->extent_count = in.count;
    if (status == STATUS_CORRUPT && err && err->status != STATUS_CORRUPT)
        return bad_signature(s->snap->view.state.next_signature, err);
    return status;
}

typedef struct ExactSearch {
    const Snapshot *snap;
    const Hash128 *pics;
    uint32_t *signatures;
} ExactSearch;

static Status take_signature(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    const ExactSearch *s = ((const Finding *)ctx)->of;
    Identity id = identity_from_pic(s->pics[who]);
    for (uint64_t i = range.first; i < range.first + range.count; i++) {
        uint64_t value = block_value_at(block, i);
        if (value >> 32 == id.check)
            s->signatures[who] = (uint32_t)value;
    }
    return STATUS_OK;
}

Status snapshot_find_exact(const Snapshot *snap, const Hash128 *pics, size_t count,
                           uint32_t *signatures, Error *err) {
    Workspace *w = snap->work;
    size_t n = 0;
    if (!buffer_room(&w->keys, count * sizeof(Posting)) ||
        !buffer_room(&w->keys_scratch, count * sizeof(Posting)))
        return snapshot_no_memory(err);
    Posting *keys = w->keys.at;
    for (size_t i = 0; i < count; i++) {
        Identity id = identity_from_pic(pics[i]);
        signatures[i] = NO_SIGNATURE;
        if (id.is_some)
            keys[n++] = (Posting){id.key, i};
    }
    ExactSearch s = {snap, pics, signatures};
    Finding in = {.of = &s, .out = &w->extents};
    return snapshot_find_in_all(snap, INDEX_PIC, n, take_signature, &in, sizeof(Extent), err);
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

/* What one task needs for a query after another. */
typedef struct Scratch {
    Count counts[MAX_QUERY_POSTINGS]; /* as many as signatures were met */
    /* Small, so that it stays in the processor's nearest cache: hash of a signature -> its place in
     * counts, + 1. All 0 between queries. */
    uint16_t places[PLACES];
    uint32_t values[MAX_QUERY_POSTINGS]; /* of all lists that are read */
    uint8_t keys[MAX_QUERY_POSTINGS];    /* whose list it is */
    uint8_t sieve[1 << SIEVE_BITS];      /* postings by hash of the signature, up to 255 */
    SignatureHit hits[MAX_QUERY_POSTINGS + 1];
} Scratch;

typedef struct Tally {
    const Search *search;
    const uint32_t *extents; /* of the query */
    size_t extent_count;
    uint64_t length[SKETCH_KEYS]; /* postings of each key, in all segments */
    bool is_read[SKETCH_KEYS];
    unsigned asked;  /* keys that were read, or have no postings */
    unsigned needed; /* of them a signature has to have, to be a hit */
    uint64_t postings, skipped;
    Scratch *scratch;
    size_t count;  /* of scratch->counts */
    uint32_t mask; /* of places: at least twice as many as are counted */
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
    for (; t->asked < key_count; t->asked++) {
        uint64_t length = t->length[by_length[t->asked]];
        if (t->postings + length > MAX_QUERY_POSTINGS)
            break;
        t->postings += length;
        t->is_read[by_length[t->asked]] = true;
    }
    t->skipped = key_count - t->asked;
    for (t->needed = 1; t->needed < t->asked; t->needed++)
        if (sketch_likeness(t->needed, t->asked) >= t->search->question->least_likeness)
            break;
}

static uint32_t sieve_place(uint32_t signature) {
    return signature * 0x9e3779b1U >> (32 - SIEVE_BITS);
}

static void count_signature(Tally *t, uint32_t signature, unsigned weight) {
    Scratch *x = t->scratch;
    uint32_t slot = sieve_place(signature) & t->mask;
    while (x->places[slot] && x->counts[x->places[slot] - 1].signature != signature)
        slot = (slot + 1) & t->mask;
    if (!x->places[slot]) {
        x->counts[t->count++] = (Count){signature, 1, (uint16_t)weight};
        x->places[slot] = (uint16_t)t->count;
        return;
    }
    Count *c = &x->counts[x->places[slot] - 1];
    c->shared++;
    c->score = (uint16_t)(c->score + weight);
}

/* All chosen lists into scratch->values. */
static Status read_lists(Tally *t) {
    const Search *s = t->search;
    const Extent *all = s->snap->work->extents.at;
    uint32_t *values = t->scratch->values;
    for (size_t i = 0; i < t->extent_count; i++) {
        const Extent *e = &all[t->extents[i]];
        if (!t->is_read[e->who % SKETCH_KEYS])
            continue;
        if (!block_values(&e->block, e->range, s->snap->view.state.next_signature, values))
            return STATUS_CORRUPT;
        values += e->range.count;
    }
    return STATUS_OK;
}

/* How often postings fall into a signature's place of the sieve is at least how often it is met
 * itself: what falls short there cannot be a hit. */
static void fill_sieve(Tally *t) {
    Scratch *x = t->scratch;
    memset(x->sieve, 0, sizeof x->sieve);
    for (uint64_t i = 0; i < t->postings; i++) {
        uint8_t *place = &x->sieve[sieve_place(x->values[i])];
        *place = (uint8_t)(*place + (*place != UINT8_MAX));
    }
}

/* Keeps of scratch->values what may be a hit, each with its key; returns how many. */
static size_t sift(Tally *t) {
    const Extent *all = t->search->snap->work->extents.at;
    Scratch *x = t->scratch;
    size_t from = 0, kept = 0;
    for (size_t i = 0; i < t->extent_count; i++) {
        const Extent *e = &all[t->extents[i]];
        uint8_t key = e->who % SKETCH_KEYS;
        if (!t->is_read[key])
            continue;
        for (size_t end = from + e->range.count; from < end; from++) {
            uint32_t signature = x->values[from];
            x->values[kept] = signature;
            x->keys[kept] = key;
            kept += x->sieve[sieve_place(signature)] >= t->needed;
        }
    }
    return kept;
}

static void count_all(Tally *t) {
    Scratch *x = t->scratch;
    uint16_t weights[SKETCH_KEYS] = {0};
    for (unsigned k = 0; k < SKETCH_KEYS; k++)
        if (t->is_read[k] && t->length[k] > 0)
            weights[k] = (uint16_t)weight_of(t->search, t->length[k]);
    fill_sieve(t);
    size_t kept = sift(t);
    for (t->mask = 15; t->mask + 1 < 2 * kept;)
        t->mask = 2 * t->mask + 1;
    for (size_t i = 0; i < kept; i++)
        count_signature(t, x->values[i], weights[x->keys[i]]);
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

static bool is_hit(const Tally *t, const Count *c) { return c->shared >= t->needed; }

/* The least score among the best `wanted`. */
static unsigned cut_score(const Tally *t, size_t wanted) {
    if (t->count <= wanted)
        return 0;
    uint32_t with[SCORES / 16] = {0};
    for (size_t i = 0; i < t->count; i++)
        with[clamp_score(t->scratch->counts[i].score) / 16] += is_hit(t, &t->scratch->counts[i]);
    size_t sum = 0;
    for (unsigned cut = SCORES / 16; cut-- > 0;) {
        sum += with[cut];
        if (sum >= wanted)
            return cut * 16;
    }
    return 0;
}

/* The best `wanted` of them, in scratch->hits. exact: signature + 1 of the same PIC hash, or 0. */
static size_t rank_hits(Tally *t, size_t query, uint64_t exact, size_t wanted) {
    SignatureHit *hits = t->scratch->hits;
    size_t count = 0;
    unsigned cut = cut_score(t, wanted);
    SignatureHit twin = {.query = (uint32_t)(t->search->first + query),
                         .signature = (uint32_t)(exact - 1),
                         .asked = (uint16_t)t->asked,
                         .exact = true};
    for (size_t i = 0; i < t->count; i++) {
        const Count *c = &t->scratch->counts[i];
        bool is_exact = exact == (uint64_t)c->signature + 1;
        SignatureHit h = twin;
        h.signature = c->signature;
        h.shared = c->shared;
        h.score = c->score;
        h.exact = is_exact;
        if (is_exact)
            twin = h;
        else if (is_hit(t, c) && clamp_score(c->score) >= cut)
            hits[count++] = h;
    }
    if (exact)
        hits[count++] = twin;
    if (count > 1)
        qsort(hits, count, sizeof *hits, compare_hits);
    return count < wanted ? count : wanted;
}

static Status answer_query(const Search *s, size_t q, Tally *t) {
    const Workspace *w = s->snap->work;
    const size_t *ends = w->ends.at;
    size_t first = q > 0 ? ends[q - 1] : 0;
    t->extents = (const uint32_t *)w->order.at + first;
    t->extent_count = ends[q] - first;
    const Sketch *sketch = &query_at(s, q)->sketch;
    choose_lists(t, sketch_is_indexed(sketch) ? sketch->count : 0);
    Status status = read_lists(t);
    if (status != STATUS_OK)
        return status;
    count_all(t);
    size_t n = rank_hits(t, q, ((const uint64_t *)w->exact.at)[q], s->room);
    if (n > 0)
        memcpy((SignatureHit *)w->hits.at + q * s->room, t->scratch->hits,
               n * sizeof(SignatureHit));
    ((uint32_t *)w->hit_counts.at)[q] = (uint32_t)n;
    memset(t->scratch->places, 0, (t->mask + 1) * sizeof *t->scratch->places);
    return STATUS_OK;
}

/* ---- all queries ---- */

typedef struct Task {
    Status status;
    uint64_t skipped;
} Task;

/* Queries of a task see what nobody writes meanwhile, and write to their own places. */
static void run_task(void *ctx, size_t i) {
    const Search *s = ctx;
    Task *task = &s->tasks[i];
    size_t end = (i + 1) * TASK_QUERIES < s->count ? (i + 1) * TASK_QUERIES : s->count;
    Scratch *scratch = malloc(sizeof *scratch);
    *task = (Task){.status = scratch ? STATUS_OK : STATUS_FAILED};
    if (scratch)
        memset(scratch->places, 0, sizeof scratch->places);
    for (size_t q = i * TASK_QUERIES; q < end && task->status == STATUS_OK; q++) {
        Tally t = {.search = s, .scratch = scratch};
        task->status = answer_query(s, q, &t);
        task->skipped += t.skipped;
    }
    free(scratch);
}

static Status answer_all(Search *s, Error *err) {
    Workspace *w = s->snap->work;
    Task tasks[MAX_QUERIES_AT_ONCE / TASK_QUERIES + 1];
    size_t task_count = (s->count + TASK_QUERIES - 1) / TASK_QUERIES;
    if (!split_by_query(s) || !buffer_room(&w->hits, s->count * s->room * sizeof(SignatureHit)) ||
        !buffer_room(&w->hit_counts, s->count * sizeof(uint32_t)))
        return snapshot_no_memory(err);
    s->tasks = tasks;
    parallel_run(task_count, run_task, s);
    for (size_t i = 0; i < task_count; i++) {
        w->skipped += tasks[i].skipped;
        if (tasks[i].status == STATUS_CORRUPT)
            return bad_signature(s->snap->view.state.next_signature, err);
        if (tasks[i].status != STATUS_OK)
            return snapshot_no_memory(err);
    }
    for (size_t q = 0; q < s->count; q++) {
        const SignatureHit *hits = (const SignatureHit *)w->hits.at + q * s->room;
        for (uint32_t i = 0; i < ((const uint32_t *)w->hit_counts.at)[q]; i++) {
            SignatureHit *h = VEC_ADD(s->arena, s->out);
            if (h)
                *h = hits[i];
        }
    }
    return STATUS_OK;
}

Status snapshot_find_signatures(const Snapshot *snap, Arena *a, const SignatureQuestion *question,
                                SignatureHitVec *out, Error *err) {
    Search s = {.snap = snap, .question = question, .out = out, .arena = a};
    if (question->count > UINT32_MAX)
        return error_set(err, STATUS_USAGE, "too many functions in one question");
    if (out->max == 0)
        out->max = DEFAULT_MAX_HITS;
    s.room =
        question->per_query < MAX_QUERY_POSTINGS + 1 ? question->per_query : MAX_QUERY_POSTINGS + 1;
    size_t most = MAX_HITS_AT_ONCE / (s.room + 1);
    most = most < MAX_QUERIES_AT_ONCE ? most : MAX_QUERIES_AT_ONCE;
    for (; s.first < question->count; s.first += s.count) {
        s.count = question->count - s.first < most ? question->count - s.first : most;
        if (err)
            err->status = STATUS_OK;
        Status status = gather(&s, err);
        if (status == STATUS_OK)
            status = answer_all(&s, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
