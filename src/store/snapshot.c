/* SPDX-License-Identifier: Apache-2.0
 * snapshot.c: questions to one published state. All look-ups of a question are sorted by key first,
 * so that each block is read once; what they find is gathered as packed pairs and sorted back. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parallel.h"
#include "store/snapshot_inner.h"

enum {
    /* Pairs gathered at once: 128 MiB, and as much again to sort them. */
    MAX_PAIRS = 16 * 1024 * 1024,
    MAX_KEYS_AT_ONCE = 1 << 20
};

uint64_t snapshot_skipped_lists(const Snapshot *snap) { return snap->work->skipped; }

/* As many transactions as there are processors. A writer may publish between two of them: then the
 * look-ups are left to fewer threads. */
static void open_helpers(Snapshot *s) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    s->txns[s->txn_count++] = s->view.txn;
    while (s->txn_count < FIND_PARTS && (long)s->txn_count < processors) {
        EngineTxn *txn = NULL;
        if (engine_begin(s->view.engine, false, &txn, NULL) != STATUS_OK)
            return;
        if (engine_state_number(txn) != engine_state_number(s->view.txn)) {
            engine_abort(txn);
            return;
        }
        s->txns[s->txn_count++] = txn;
    }
}

Status snapshot_open(Store *store, Snapshot **out, Error *err) {
    *out = NULL;
    Snapshot *s = calloc(1, sizeof *s);
    if (s)
        s->work = calloc(1, sizeof *s->work);
    if (!s || !s->work) {
        free(s);
        return error_set(err, STATUS_FAILED, "out of memory");
    }
    s->store = store;
    pthread_mutex_lock(&store->mutex);
    Status status = store_refresh(store, err);
    if (status == STATUS_OK)
        status = view_open(store->engine, false, &s->view, err);
    if (status == STATUS_OK)
        status = store_samples(store, &s->view, &s->all, err);
    pthread_mutex_unlock(&store->mutex);
    s->samples = s->all;
    if (status == STATUS_OK)
        open_helpers(s);
    if (status == STATUS_OK)
        *out = s;
    else
        snapshot_close(s);
    return status;
}

void snapshot_close(Snapshot *s) {
    if (!s)
        return;
    free(s->shown.at);
    free(s->shown.by_id);
    if (s->all)
        store_samples_drop(s->store, s->all);
    for (size_t i = 1; i < s->txn_count; i++)
        engine_abort(s->txns[i]);
    if (s->view.engine)
        view_close(&s->view);
    Workspace *w = s->work;
    for (size_t i = 0; i < FIND_PARTS; i++)
        free(w->parts[i].at);
    free(w->keys.at);
    free(w->keys_scratch.at);
    free(w->pairs.at);
    free(w->pairs_scratch.at);
    free(w->exact.at);
    free(w->lists.at);
    free(w->sorted.at);
    free(w->ends.at);
    free(w->hits.at);
    free(w->answers.at);
    free(w->same.at);
    free(w->same_places.at);
    free(w);
    free(s);
}

Status snapshot_hide(Snapshot *s, bool (*is_hidden)(void *ctx, const StoredSample *sample),
                     void *ctx, Error *err) {
    SampleRecord *at = calloc(s->all->count + 1, sizeof *at);
    uint32_t *by_id = calloc(s->all->id_count + 1, sizeof *by_id);
    if (!at || !by_id) {
        free(at);
        free(by_id);
        return error_set(err, STATUS_FAILED, "store: out of memory for the sample table");
    }
    free(s->shown.at);
    free(s->shown.by_id);
    s->shown = *s->all;
    s->shown.at = at;
    s->shown.by_id = NULL;
    s->shown.count = 0;
    for (size_t i = 0; i < s->all->count; i++) {
        const SampleRecord *r = &s->all->at[i];
        if (is_hidden(ctx, &r->sample)) {
            s->shown.has_removed = true;
            s->shown.functions -= r->sample.function_count;
        } else {
            at[s->shown.count++] = *r;
        }
    }
    if (s->all->by_id) /* the room is enough: no id is greater */
        samples_number(&s->shown, by_id);
    if (!s->shown.by_id)
        free(by_id);
    s->samples = &s->shown;
    return STATUS_OK;
}

uint32_t snapshot_sample_count(const Snapshot *s) { return (uint32_t)s->samples->count; }
uint64_t snapshot_function_count(const Snapshot *s) { return s->samples->functions; }

const StoredSample *snapshot_sample_at(const Snapshot *s, uint32_t i) {
    CHECK(i < s->samples->count);
    return &s->samples->at[i].sample;
}

const StoredSample *snapshot_find_sample(const Snapshot *s, uint32_t id) {
    const SampleRecord *r = samples_find(s->samples, id);
    return r ? &r->sample : NULL;
}

const StoredSample *snapshot_find_sha256(const Snapshot *s, const uint8_t sha256[32]) {
    Bytes bytes = {0};
    if (engine_get(s->view.txn, TABLE_SHA, (Bytes){sha256, 32}, &bytes, NULL) != STATUS_OK)
        return NULL;
    const StoredSample *sample = snapshot_find_sample(s, bytes_u32_at(bytes, 0));
    return sample && memcmp(sample->sha256, sha256, 32) == 0 ? sample : NULL;
}

static Status find_pack(const Snapshot *s, uint32_t id, Bytes *pack, Error *err) {
    if (!samples_find(s->samples, id))
        return error_set(err, STATUS_NOT_FOUND, "no sample %" PRIu32 " in the store", id);
    Status status = engine_get_u64(s->view.txn, TABLE_PACK, id, pack, err);
    return status == STATUS_NOT_FOUND
               ? error_set(err, STATUS_CORRUPT, "the feature pack of sample %" PRIu32 " is missing",
                           id)
               : status;
}

Status snapshot_features(const Snapshot *s, uint32_t id, Arena *a, Features **out, Error *err) {
    *out = NULL;
    Bytes pack = {0};
    Status status = find_pack(s, id, &pack, err);
    return status == STATUS_OK ? features_from_bytes(a, pack, out, err) : status;
}

Status snapshot_features_without_genes(const Snapshot *s, uint32_t id, Arena *a, Features **out,
                                       Error *err) {
    *out = NULL;
    Bytes pack = {0};
    Status status = find_pack(s, id, &pack, err);
    return status == STATUS_OK ? features_from_bytes_without_genes(a, pack, out, err) : status;
}

Status snapshot_outline(const Snapshot *s, uint32_t id, Arena *a, Arena *scratch, Outline *out,
                        Error *err) {
    Bytes bytes = {0};
    const SampleRecord *r = samples_find(s->samples, id);
    if (!r)
        return error_set(err, STATUS_NOT_FOUND, "no sample %" PRIu32 " in the store", id);
    Status status = engine_get_u64(s->view.txn, TABLE_OUTLINE, id, &bytes, err);
    if (status == STATUS_OK) {
        status = outline_from_bytes(bytes, id, a, out, err);
        return status == STATUS_OK && out->counts[OUTLINE_FUNCTIONS] != r->sample.function_count
                   ? error_set(err, STATUS_CORRUPT,
                               "the outline of sample %" PRIu32 " is that of another sample", id)
                   : status;
    }
    Features *f = NULL;
    if (status == STATUS_NOT_FOUND)
        status = snapshot_features(s, id, a, &f, err);
    if (status != STATUS_OK)
        return status;
    outline_from_features(f, a, scratch, out);
    outline_add_tokens(f, a, scratch, out);
    return STATUS_OK;
}

bool buffer_room(Buffer *b, size_t bytes) {
    if (bytes <= b->bytes)
        return true;
    size_t fresh = b->bytes ? b->bytes : (size_t)64 * 1024;
    while (fresh < bytes)
        fresh *= 2;
    void *at = realloc(b->at, fresh);
    if (!at)
        return false;
    *b = (Buffer){at, fresh};
    return true;
}

Status snapshot_no_memory(Error *err) {
    return error_set(err, STATUS_FAILED, "out of memory for a look-up in the store");
}

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

/* One thread's part of the keys. */
typedef struct FindPart {
    const Snapshot *snap;
    IndexId index;
    const Posting *keys;
    size_t count;
    SegmentFound found;
    Finding finding;
    EngineTxn *txn;
    Status status;
    Error err;
} FindPart;

static void run_part(void *ctx, size_t i) {
    FindPart *p = (FindPart *)ctx + i;
    const View *v = &p->snap->view;
    for (size_t s = 0; s < v->count && p->status == STATUS_OK; s++)
        p->status = segment_find(p->txn, &v->segments[s], p->index, p->keys, p->count, p->found,
                                 &p->finding, &p->err);
}

/* Puts what the parts found behind what the first did. */
static Status join_parts(const FindPart *parts, size_t count, Finding *in, size_t item_bytes,
                         Error *err) {
    for (size_t i = 0; i < count; i++) {
        const FindPart *p = &parts[i];
        if (p->status != STATUS_OK)
            return p->err.status == p->status ? error_set(err, p->status, "%s", p->err.message)
                                              : p->status;
        size_t before = in->count * item_bytes, more = p->finding.count * item_bytes;
        if (i > 0 && more > 0) {
            if (!buffer_room(in->out, before + more))
                return snapshot_no_memory(err);
            memcpy((uint8_t *)in->out->at + before, p->finding.out->at, more);
        }
        in->count += p->finding.count;
    }
    return STATUS_OK;
}

Status snapshot_find_in_all(const Snapshot *snap, IndexId index, size_t count, SegmentFound found,
                            Finding *in, size_t item_bytes, Error *err) {
    enum { PART_KEYS = 512 }; /* a thread costs as much as looking up some tens */
    Workspace *w = snap->work;
    postings_sort(w->keys.at, w->keys_scratch.at, count);
    size_t part_count = count / PART_KEYS < snap->txn_count ? count / PART_KEYS : snap->txn_count;
    part_count = part_count ? part_count : 1;
    FindPart parts[FIND_PARTS];
    for (size_t i = 0; i < part_count; i++) {
        size_t first = count * i / part_count;
        parts[i] = (FindPart){.snap = snap,
                              .index = index,
                              .keys = (const Posting *)w->keys.at + first,
                              .count = count * (i + 1) / part_count - first,
                              .found = found,
                              .finding = {.of = in->of, .out = i ? &w->parts[i] : in->out},
                              .txn = snap->txns[i]};
    }
    in->count = 0;
    parallel_run(part_count, run_part, parts);
    return join_parts(parts, part_count, in, item_bytes, err);
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
            return error_set(err, STATUS_CORRUPT, "a posting list holds a value out of range");
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

Status snapshot_find_occurrences(const Snapshot *snap, Arena *a, const uint32_t *signatures,
                                 size_t count, uint32_t per_signature, OccurrenceVec *out,
                                 uint32_t *totals, Error *err) {
    if (out->max == 0)
        out->max = DEFAULT_MAX_HITS;
    Posting *keys =
        ARENA_ARRAY(a, Posting, MAX_KEYS_AT_ONCE < count ? MAX_KEYS_AT_ONCE : count + 1);
    memset(totals, 0, count * sizeof *totals);
    for (size_t first = 0, n; first < count; first += n) {
        n = count - first < MAX_KEYS_AT_ONCE ? count - first : MAX_KEYS_AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            if (first + i > 0 && signatures[first + i] <= signatures[first + i - 1])
                return error_set(err, STATUS_USAGE, "signatures are not sorted and distinct");
            keys[i] = (Posting){signatures[first + i], i};
        }
        ListSearch s = {snap, INDEX_OCCURRENCE, per_signature, totals + first};
        bool is_cut = false;
        Status status = gather_lists(&s, keys, &n, &is_cut, err);
        if (status != STATUS_OK)
            return status;
        out->full |= is_cut;
        const uint64_t *pairs = snap->work->pairs.at;
        size_t key = SIZE_MAX;
        uint32_t kept = 0;
        for (size_t i = 0; i < snap->work->pair_count; i++) {
            size_t at = (size_t)(pairs[i] >> LIST_VALUE_BITS);
            uint64_t ordinal = pairs[i] & LIST_VALUE_MASK;
            kept = at == key ? kept : 0;
            key = at;
            const SampleRecord *r = samples_find_ordinal(snap->samples, ordinal);
            if (!r || kept++ >= per_signature)
                continue;
            Occurrence *o = VEC_ADD(a, out);
            if (!o)
                break;
            *o = (Occurrence){signatures[first + at], r->sample.id,
                              (uint32_t)(ordinal - r->first_ordinal)};
        }
    }
    return STATUS_OK;
}

Status snapshot_find_tokens(const Snapshot *snap, Arena *a, const uint64_t *tokens, size_t count,
                            uint32_t per_token, TokenHitVec *out, uint32_t *totals, Error *err) {
    if (out->max == 0)
        out->max = DEFAULT_MAX_HITS;
    Posting *keys =
        ARENA_ARRAY(a, Posting, MAX_KEYS_AT_ONCE < count ? MAX_KEYS_AT_ONCE : count + 1);
    memset(totals, 0, count * sizeof *totals);
    for (size_t first = 0, n; first < count; first += n) {
        n = count - first < MAX_KEYS_AT_ONCE ? count - first : MAX_KEYS_AT_ONCE;
        for (size_t i = 0; i < n; i++)
            keys[i] = (Posting){tokens[first + i], i};
        ListSearch s = {snap, INDEX_TOKEN, per_token, totals + first};
        bool is_cut = false;
        Status status = gather_lists(&s, keys, &n, &is_cut, err);
        if (status != STATUS_OK)
            return status;
        out->full |= is_cut;
        const uint64_t *pairs = snap->work->pairs.at;
        size_t key = SIZE_MAX;
        uint32_t kept = 0;
        for (size_t i = 0; i < snap->work->pair_count; i++) {
            size_t at = (size_t)(pairs[i] >> LIST_VALUE_BITS);
            kept = at == key ? kept : 0;
            key = at;
            if (kept++ >= per_token)
                continue;
            TokenHit *h = VEC_ADD(a, out);
            if (!h)
                break;
            *h = (TokenHit){(uint32_t)(first + at), (uint32_t)(pairs[i] & LIST_VALUE_MASK)};
        }
    }
    return STATUS_OK;
}
