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
#include "store/tally.h"

enum {
    /* Queries asked at once, and the places of their lists: 5 MB for each segment. */
    MAX_QUERIES_AT_ONCE = 4096,
    MAX_HITS_AT_ONCE = 1 << 20, /* 16 MB */
    /* Queries of one task: some 5 ms, beside which its memory costs little. */
    TASK_QUERIES = 128
};

/* One question, or a part of its queries. */
typedef struct Search {
    const Snapshot *snap;
    const SignatureQuestion *question;
    size_t first, count;
    size_t room;          /* for hits of each query */
    const uint32_t *same; /* by query: the first that asks the same, often itself */
    Status *results;      /* by task */
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

/* ---- what is asked twice ---- */

static bool asks_the_same(const SignatureQuery *a, const SignatureQuery *b) {
    return a->pic.low == b->pic.low && a->pic.high == b->pic.high &&
           a->sketch.count == b->sketch.count &&
           memcmp(a->sketch.key, b->sketch.key, a->sketch.count * sizeof *a->sketch.key) == 0;
}

/* A sixth of a sample's functions are there several times. */
static bool find_same(Search *s) {
    Workspace *w = s->snap->work;
    size_t places = 16;
    while (places < 2 * s->count)
        places *= 2;
    if (!buffer_room(&w->same, s->count * sizeof(uint32_t)) ||
        !buffer_room(&w->same_places, places * sizeof(uint32_t)))
        return false;
    uint32_t *same = w->same.at, *at = w->same_places.at; /* by hash: query + 1 */
    memset(at, 0, places * sizeof *at);
    for (size_t i = 0; i < s->count; i++) {
        const SignatureQuery *q = query_at(s, i);
        uint64_t key = q->sketch.count > 0 ? q->sketch.key[q->sketch.count - 1] : 0;
        size_t place = mix64(q->pic.low ^ mix64(key)) & (places - 1);
        while (at[place] && !asks_the_same(query_at(s, at[place] - 1), q))
            place = (place + 1) & (places - 1);
        if (!at[place])
            at[place] = (uint32_t)i + 1;
        same[i] = at[place] - 1;
    }
    s->same = same;
    return true;
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

static Status take_list(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    Finding *f = ctx;
    if (!buffer_room(f->out, (f->count + 1) * sizeof(KeyList)))
        return STATUS_FAILED;
    ((KeyList *)f->out->at)[f->count++] = (KeyList){block_list(block, range), (uint32_t)who};
    return STATUS_OK;
}

static size_t sketch_keys(const Search *s, Posting *keys) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        const Sketch *sketch = &query_at(s, i)->sketch;
        bool is_asked = s->same[i] == i && sketch_is_indexed(sketch);
        for (unsigned k = 0; is_asked && k < sketch->count; k++)
            keys[n++] = (Posting){sketch->key[k], i * SKETCH_KEYS + k};
    }
    return n;
}

static size_t pic_keys(const Search *s, Posting *keys) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        Identity id = identity_from_pic(query_at(s, i)->pic);
        if (id.is_some && s->same[i] == i)
            keys[n++] = (Posting){id.key, i};
    }
    return n;
}

static Status gather(Search *s, Error *err) {
    Workspace *w = s->snap->work;
    size_t keys = s->count * SKETCH_KEYS * sizeof(Posting);
    if (!find_same(s) || !buffer_room(&w->keys, keys) || !buffer_room(&w->keys_scratch, keys) ||
        !buffer_room(&w->exact, s->count * sizeof(uint64_t)))
        return snapshot_no_memory(err);
    memset(w->exact.at, 0, s->count * sizeof(uint64_t));
    Finding in = {.of = s, .out = &w->lists};
    Status status = snapshot_find_in_all(s->snap, INDEX_PIC, pic_keys(s, w->keys.at), take_exact,
                                         &in, sizeof(KeyList), err);
    if (status == STATUS_OK)
        status = snapshot_find_in_all(s->snap, INDEX_SKETCH, sketch_keys(s, w->keys.at), take_list,
                                      &in, sizeof(KeyList), err);
    w->list_count = in.count;
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
    Finding in = {.of = &s, .out = &w->lists};
    return snapshot_find_in_all(snap, INDEX_PIC, n, take_signature, &in, sizeof(KeyList), err);
}

/* Lists by query, in `sorted`; those of query q end at ends[q]. */
static bool split_by_query(Search *s) {
    Workspace *w = s->snap->work;
    if (!buffer_room(&w->sorted, (w->list_count + 1) * sizeof(KeyList)) ||
        !buffer_room(&w->ends, (s->count + 1) * sizeof(size_t)))
        return false;
    const KeyList *all = w->lists.at;
    size_t *ends = w->ends.at;
    memset(ends, 0, (s->count + 1) * sizeof *ends);
    for (size_t i = 0; i < w->list_count; i++)
        ends[all[i].who / SKETCH_KEYS + 1]++;
    for (size_t q = 1; q <= s->count; q++)
        ends[q] += ends[q - 1];
    for (size_t i = 0; i < w->list_count; i++)
        ((KeyList *)w->sorted.at)[ends[all[i].who / SKETCH_KEYS]++] = all[i];
    return true;
}

static TallyQuery tally_query_at(const Search *s, size_t q) {
    const Workspace *w = s->snap->work;
    const size_t *ends = w->ends.at;
    size_t first = q > 0 ? ends[q - 1] : 0;
    const Sketch *sketch = &query_at(s, q)->sketch;
    return (TallyQuery){.lists = (const KeyList *)w->sorted.at + first,
                        .list_count = ends[q] - first,
                        .key_count = sketch_is_indexed(sketch) ? sketch->count : 0,
                        .exact = ((const uint64_t *)w->exact.at)[q],
                        .signatures = s->snap->view.state.next_signature,
                        .least_likeness = s->question->least_likeness};
}

/* ---- all queries ---- */

/* Of one query: its hits stand together in w->hits. */
typedef struct Answer {
    uint32_t hits, skipped;
} Answer;

static Status answer_query(const Search *s, size_t q, Tally *t) {
    const Workspace *w = s->snap->work;
    TallyQuery query = tally_query_at(s, q);
    const SignatureHit *hits;
    size_t count;
    unsigned skipped;
    Status status = tally_query(t, &query, s->room, &hits, &count, &skipped);
    if (status != STATUS_OK)
        return status;
    if (count > 0)
        memcpy((SignatureHit *)w->hits.at + q * s->room, hits, count * sizeof *hits);
    ((Answer *)w->answers.at)[q] = (Answer){(uint32_t)count, skipped};
    return STATUS_OK;
}

/* Queries of a task see what nobody writes meanwhile, and write to their own places. */
static void run_task(void *ctx, size_t i) {
    const Search *s = ctx;
    size_t end = (i + 1) * TASK_QUERIES < s->count ? (i + 1) * TASK_QUERIES : s->count;
    Tally *tally = tally_new();
    Status status = tally ? STATUS_OK : STATUS_FAILED;
    for (size_t q = i * TASK_QUERIES; q < end && status == STATUS_OK; q++)
        if (s->same[q] == q)
            status = answer_query(s, q, tally);
    tally_free(tally);
    s->results[i] = status;
}

static void give_out(const Search *s) {
    Workspace *w = s->snap->work;
    for (size_t q = 0; q < s->count; q++) {
        Answer answer = ((const Answer *)w->answers.at)[s->same[q]];
        const SignatureHit *hits = (const SignatureHit *)w->hits.at + s->same[q] * s->room;
        for (uint32_t i = 0; i < answer.hits; i++) {
            SignatureHit *h = VEC_ADD(s->arena, s->out);
            if (!h)
                break;
            *h = hits[i];
            h->query = (uint32_t)(s->first + q);
        }
        w->skipped += answer.skipped;
    }
}

static Status answer_all(Search *s, Error *err) {
    Workspace *w = s->snap->work;
    Status results[MAX_QUERIES_AT_ONCE / TASK_QUERIES + 1];
    size_t task_count = (s->count + TASK_QUERIES - 1) / TASK_QUERIES;
    if (!split_by_query(s) || !buffer_room(&w->hits, s->count * s->room * sizeof(SignatureHit)) ||
        !buffer_room(&w->answers, s->count * sizeof(Answer)))
        return snapshot_no_memory(err);
    s->results = results;
    parallel_run(task_count, run_task, s);
    for (size_t i = 0; i < task_count; i++) {
        if (results[i] == STATUS_CORRUPT)
            return bad_signature(s->snap->view.state.next_signature, err);
        if (results[i] != STATUS_OK)
            return snapshot_no_memory(err);
    }
    give_out(s);
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
