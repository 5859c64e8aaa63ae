/* SPDX-License-Identifier: Apache-2.0
 * learn.c: samples to signatures to postings. Samples gather in a batch; a flush writes them, their
 * packs and one segment with all their postings in one transaction. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "feature/routine_token.h"
#include "store/internal.h"

/* A flush is due at any of these. Measured with bench_store: from 64 samples on the time of a flush
   is the time of its bytes; the other two bound memory (16 bytes a posting, twice for sorting). */
enum { FLUSH_SAMPLES = 256, FLUSH_POSTINGS = 2 * 1024 * 1024, FLUSH_PACK_BYTES = 64 << 20 };

/* Postings of one batch: a sample at MAX_FUNCTIONS makes 23 for each. */
#define MAX_BATCH_POSTINGS ((size_t)1 << 28)
#define MAX_BATCH_BYTES ((size_t)8 << 30)
/* As large as an LMDB value may be. */
#define MAX_PACK_BYTES ((size_t)2 << 30)

typedef struct Pending {
    SampleRecord record; /* strings in the batch's arena */
    Bytes pack, outline;
} Pending;

/* Signatures that the batch made: (key, check) -> id. Open addressing; keys are hashes, but may be
   forged, so they are mixed. */
typedef struct Made {
    uint64_t key;
    uint32_t check, id_plus_one;
} Made;

struct Batch {
    Arena *arena, *scratch;
    State state; /* as after the flush */
    VEC(Pending) samples;
    VEC(Posting) postings[INDEX_COUNT];
    Made *made;
    size_t made_count, made_cap;
    size_t pack_bytes;
    Text text;
};

Batch *batch_new(void) {
    Batch *b = calloc(1, sizeof *b);
    Arena *arena = b ? arena_new(MAX_BATCH_BYTES) : NULL;
    Arena *scratch = arena ? arena_new(MAX_BATCH_BYTES) : NULL;
    if (!scratch) {
        arena_free(arena);
        free(b);
        return NULL;
    }
    *b = (Batch){.arena = arena, .scratch = scratch, .text = text_new(MAX_PACK_BYTES)};
    return b;
}

/* Empties the batch: its memory goes back, too. */
static void batch_reset(Batch *b) {
    arena_reset(b->arena, (ArenaMark){0});
    text_free(&b->text);
    *b = (Batch){.arena = b->arena, .scratch = b->scratch, .text = b->text};
}

void batch_free(Batch *b) {
    if (!b)
        return;
    arena_free(b->arena);
    arena_free(b->scratch);
    text_free(&b->text);
    free(b);
}

static void made_put(Made *at, size_t cap, Made m) {
    size_t i = (size_t)mix64(m.key) & (cap - 1);
    while (at[i].id_plus_one != 0)
        i = (i + 1) & (cap - 1);
    at[i] = m;
}

static void made_add(Batch *b, Identity id, uint32_t signature) {
    if ((b->made_count + 1) * 4 > b->made_cap * 3) {
        size_t cap = b->made_cap ? b->made_cap * 2 : 1024;
        Made *fresh = ARENA_ARRAY(b->arena, Made, cap);
        for (size_t i = 0; i < b->made_cap; i++)
            if (b->made[i].id_plus_one != 0)
                made_put(fresh, cap, b->made[i]);
        b->made = fresh;
        b->made_cap = cap;
    }
    made_put(b->made, b->made_cap, (Made){id.key, id.check, signature + 1});
    b->made_count++;
}

static bool made_find(const Batch *b, Identity id, uint32_t *signature) {
    if (b->made_cap == 0)
        return false;
    for (size_t i = (size_t)mix64(id.key) & (b->made_cap - 1); b->made[i].id_plus_one != 0;
         i = (i + 1) & (b->made_cap - 1)) {
        if (b->made[i].key == id.key && b->made[i].check == id.check) {
            *signature = b->made[i].id_plus_one - 1;
            return true;
        }
    }
    return false;
}

static void add_posting(Batch *b, IndexId index, uint64_t key, uint64_t value) {
    Posting *p = VEC_ADD(b->arena, &b->postings[index]);
    if (p)
        *p = (Posting){key, value};
}

/* Signatures of one sample's functions while they are looked up. */
typedef struct Work {
    const Features *f;
    Identity *ids;
    uint32_t *signatures;
    bool *is_known;
    size_t count;
} Work;

static Status take_known(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    Work *w = ctx;
    for (uint64_t i = range.first; i < range.first + range.count; i++) {
        uint64_t value = block_value_at(block, i);
        if (value >> 32 == w->ids[who].check) {
            w->signatures[who] = (uint32_t)value;
            w->is_known[who] = true;
        }
    }
    return STATUS_OK;
}

static Status find_known(const View *view, Arena *a, Work *w, Error *err) {
    Posting *keys = ARENA_ARRAY(a, Posting, w->count + 1);
    Posting *scratch = ARENA_ARRAY(a, Posting, w->count + 1);
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        if (w->ids[i].is_some)
            keys[n++] = (Posting){w->ids[i].key, i};
    postings_sort(keys, scratch, n);
    Status status = STATUS_OK;
    for (size_t s = 0; s < view->count && status == STATUS_OK; s++)
        status =
            segment_find(view->txn, &view->segments[s], INDEX_PIC, keys, n, take_known, w, err);
    return status;
}

static void add_signature(Batch *b, const Sketch *sketch, Identity id, uint32_t signature) {
    add_posting(b, INDEX_PIC, id.key, (uint64_t)id.check << 32 | signature);
    for (unsigned k = 0; sketch_is_indexed(sketch) && k < sketch->count; k++)
        add_posting(b, INDEX_SKETCH, sketch->key[k], signature);
    made_add(b, id, signature);
}

/* sketches: of each function. */
static Status add_functions(Batch *b, const View *view, const Features *f, const Sketch *sketches,
                            uint64_t first_ordinal, Error *err) {
    size_t n = f->functions.count;
    Work w = {.f = f, .count = n};
    w.ids = ARENA_ARRAY(b->arena, Identity, n + 1);
    w.signatures = ARENA_ARRAY(b->arena, uint32_t, n + 1);
    w.is_known = ARENA_ARRAY(b->arena, bool, n + 1);
    for (size_t i = 0; i < n; i++)
        w.ids[i] = identity_from_function(&f->functions.at[i], &sketches[i]);
    Status status = find_known(view, b->arena, &w, err);
    for (size_t i = 0; i < n && status == STATUS_OK; i++) {
        if (!w.ids[i].is_some)
            continue;
        if (!w.is_known[i] && !made_find(b, w.ids[i], &w.signatures[i])) {
            if (b->state.next_signature == UINT32_MAX)
                return error_set(err, STATUS_FULL, "the store has no signature numbers left");
            w.signatures[i] = b->state.next_signature++;
            add_signature(b, &sketches[i], w.ids[i], w.signatures[i]);
        }
        add_posting(b, INDEX_OCCURRENCE, w.signatures[i], first_ordinal + i);
    }
    return status;
}

static void add_tokens(Batch *b, const Features *f, uint32_t sample) {
    size_t n = 0;
    uint64_t *tokens = ARENA_ARRAY(b->arena, uint64_t,
                                   f->strings.count + f->traits.count + routine_tokens_max(f) + 1);
    for (size_t i = 0; i < f->strings.count; i++)
        tokens[n++] = token_from_string(f->strings.at[i].text, f->strings.at[i].length);
    for (size_t i = 0; i < f->traits.count; i++)
        tokens[n++] = token_from_trait(f->traits.at[i].kind, f->traits.at[i].value);
    RoutineToken *routines = ARENA_ARRAY(b->arena, RoutineToken, routine_tokens_max(f) + 1);
    for (size_t i = 0, count = routine_tokens(f, routines); i < count; i++)
        tokens[n++] = routines[i].token;
    sort_u64(b->arena, tokens, n);
    n = unique_u64(tokens, n);
    for (size_t i = 0; i < n; i++)
        add_posting(b, INDEX_TOKEN, tokens[i], sample);
}

static const char *copy(Batch *b, const char *s) {
    return s ? arena_text(b->arena, (Bytes){(const uint8_t *)s, strlen(s)}) : NULL;
}

static void copy_labels(Batch *b, const Labels *from, Labels *to) {
    *to = (Labels){.sample_class = from->sample_class,
                   .family = copy(b, from->family),
                   .campaign = copy(b, from->campaign),
                   .actor = copy(b, from->actor),
                   .library = copy(b, from->library),
                   .source = copy(b, from->source),
                   .first_seen = copy(b, from->first_seen)};
}

static Bytes keep_text(Batch *b) {
    Bytes text = {(const uint8_t *)b->text.at, b->text.size};
    return (Bytes){(const uint8_t *)arena_text(b->arena, text), text.size};
}

/* Fills sketches, one for each function. */
static Bytes make_outline(Batch *b, const Features *f, uint32_t id, Sketch *sketches) {
    ArenaMark mark = arena_mark(b->arena);
    Outline outline;
    outline_from_features(f, b->arena, b->scratch, &outline);
    outline_add_tokens(f, b->arena, b->scratch, &outline);
    text_clear(&b->text);
    outline_write(&outline, id, &b->text);
    for (size_t i = 0; i < f->functions.count; i++)
        sketches[i] = outline_sketch(&outline, i);
    arena_reset(b->arena, mark);
    return keep_text(b);
}

static Status add_sample(Batch *b, const View *view, const LearnJob *job, Error *err) {
    const Features *f = job->features;
    uint32_t id = job->id ? job->id : b->state.next_sample;
    if (id == UINT32_MAX || f->functions.count > MAX_ORDINAL - b->state.next_ordinal)
        return error_set(err, STATUS_FULL, "the store has no sample numbers left");
    text_clear(&b->text);
    Status status = features_write(f, &b->text, err);
    if (status != STATUS_OK)
        return status;
    Pending p = {.record = {.sample = {.id = id,
                                       .name = copy(b, f->name),
                                       .function_count = (uint32_t)f->functions.count,
                                       .size = f->size,
                                       .format = f->format,
                                       .arch = f->arch},
                            .first_ordinal = b->state.next_ordinal}};
    memcpy(p.record.sample.sha256, f->sha256, sizeof f->sha256);
    copy_labels(b, job->labels, &p.record.sample.labels);
    p.pack = keep_text(b);
    Sketch *sketches = ARENA_UNSET(b->arena, Sketch, f->functions.count + 1);
    p.outline = make_outline(b, f, id, sketches);
    if (b->text.full)
        return error_set(err, STATUS_FULL, "a sample has too many functions for the store");
    status = add_functions(b, view, f, sketches, p.record.first_ordinal, err);
    if (status != STATUS_OK)
        return status;
    add_tokens(b, f, id);
    for (unsigned i = 0; i < INDEX_COUNT; i++)
        if (b->postings[i].full)
            return error_set(err, STATUS_FULL, "a sample has too many functions for the store");
    Pending *place = VEC_ADD(b->arena, &b->samples);
    CHECK(place != NULL);
    *place = p;
    b->pack_bytes += p.pack.size + p.outline.size;
    b->state.next_ordinal += f->functions.count;
    b->state.next_sample = id >= b->state.next_sample ? id + 1 : b->state.next_sample;
    return STATUS_OK;
}

/* After a failed sample: forgets what it added. */
static void batch_truncate(Batch *b, const State *state, const size_t counts[INDEX_COUNT]) {
    b->state = *state;
    for (unsigned i = 0; i < INDEX_COUNT; i++) {
        b->postings[i].count = counts[i];
        b->postings[i].full = false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < b->made_cap; i++)
        kept += b->made[i].id_plus_one != 0 && b->made[i].id_plus_one <= state->next_signature;
    if (kept == b->made_count)
        return;
    b->made_count = 0;
    if (b->made_cap)
        memset(b->made, 0, b->made_cap * sizeof *b->made);
    for (size_t i = 0; i < counts[INDEX_PIC]; i++) {
        const Posting *p = &b->postings[INDEX_PIC].at[i];
        made_put(b->made, b->made_cap,
                 (Made){p->key, (uint32_t)(p->value >> 32), (uint32_t)p->value + 1});
        b->made_count++;
    }
}

/* The arena's escape ends here: a sample too big for memory is a failure, not a crash. */
static Status add_sample_guarded(Batch *b, const View *view, const LearnJob *job, Error *err) {
    jmp_buf escape;
    if (setjmp(escape) != 0) {
        arena_set_escape(b->arena, NULL);
        arena_set_escape(b->scratch, NULL);
        arena_reset(b->scratch, (ArenaMark){0});
        return error_set(err, STATUS_FULL, "out of memory while learning a sample");
    }
    arena_set_escape(b->arena, &escape);
    arena_set_escape(b->scratch, &escape);
    Status status = add_sample(b, view, job, err);
    arena_set_escape(b->arena, NULL);
    arena_set_escape(b->scratch, NULL);
    return status;
}

static bool same_text(const char *x, const char *y) {
    return x == y || (x && y && strcmp(x, y) == 0);
}

static bool same_labels(const Labels *x, const Labels *y) {
    return x->sample_class == y->sample_class && same_text(x->family, y->family) &&
           same_text(x->campaign, y->campaign) && same_text(x->actor, y->actor) &&
           same_text(x->library, y->library) && same_text(x->source, y->source) &&
           same_text(x->first_seen, y->first_seen);
}

static Status relabel(Batch *b, Engine *engine, uint32_t id, const Labels *labels, bool *changed,
                      Error *err) {
    View view;
    Status status = view_open(engine, true, &view, err);
    if (status != STATUS_OK)
        return status;
    Bytes bytes = {0};
    SampleRecord r = {0};
    status = engine_get_u64(view.txn, TABLE_SAMPLE, id, &bytes, err);
    if (status == STATUS_OK)
        status = sample_record_from_bytes(b->arena, id, bytes, &r, err);
    else if (status == STATUS_NOT_FOUND)
        status =
            error_set(err, STATUS_CORRUPT, "the store's sample record %" PRIu32 " is missing", id);
    *changed = status == STATUS_OK && !same_labels(&r.sample.labels, labels);
    if (*changed) {
        r.sample.labels = *labels;
        view.state.changes++;
        status = put_sample(view.txn, &r, err);
        if (status == STATUS_OK)
            status = put_state(view.txn, &view.state, err);
        if (status == STATUS_OK) {
            status = engine_commit(view.txn, err);
            view.txn = NULL;
        }
    }
    view_close(&view);
    return status;
}

static bool is_pending(const Batch *b, const uint8_t sha256[32]) {
    for (size_t i = 0; i < b->samples.count; i++)
        if (memcmp(b->samples.at[i].record.sample.sha256, sha256, 32) == 0)
            return true;
    return false;
}

static void start(Batch *b, const View *view) {
    if (b->samples.count == 0)
        b->state = view->state;
    b->samples.max = FLUSH_SAMPLES + 1;
    for (unsigned i = 0; i < INDEX_COUNT; i++)
        b->postings[i].max = MAX_BATCH_POSTINGS;
}

static Status learn_new(Batch *b, View *view, const LearnJob *job, Error *err) {
    start(b, view);
    State before = b->state;
    size_t counts[INDEX_COUNT];
    for (unsigned i = 0; i < INDEX_COUNT; i++)
        counts[i] = b->postings[i].count;
    Status status = add_sample_guarded(b, view, job, err);
    if (status != STATUS_OK)
        batch_truncate(b, &before, counts);
    return status;
}

static bool is_due(const Batch *b) {
    size_t postings = 0;
    for (unsigned i = 0; i < INDEX_COUNT; i++)
        postings += b->postings[i].count;
    return b->samples.count >= FLUSH_SAMPLES || postings >= FLUSH_POSTINGS ||
           b->pack_bytes >= FLUSH_PACK_BYTES;
}

Status batch_learn(Batch *b, Engine *engine, const LearnJob *job, bool *added, bool *changed,
                   Error *err) {
    const uint8_t *sha256 = job->features->sha256;
    Status status = STATUS_OK;
    if (is_pending(b, sha256)) /* the same file twice in a batch: then it is an old sample */
        status = batch_flush(b, engine, err);
    View view = {0};
    if (status == STATUS_OK)
        status = view_open(engine, false, &view, err);
    if (status != STATUS_OK)
        return status;
    Bytes bytes = {0};
    status = engine_get(view.txn, TABLE_SHA, (Bytes){sha256, 32}, &bytes, err);
    uint32_t id = bytes_u32_at(bytes, 0);
    if (status == STATUS_NOT_FOUND) {
        status = learn_new(b, &view, job, err);
        *added = status == STATUS_OK;
        view_close(&view);
        if (status == STATUS_OK && (job->flush || is_due(b)))
            status = batch_flush(b, engine, err);
        return status;
    }
    view_close(&view);
    if (status == STATUS_OK)
        status = relabel(b, engine, id, job->labels, changed, err);
    if (status == STATUS_OK && b->samples.count == 0)
        batch_reset(b);
    return status;
}

static size_t drop_equal(Posting *at, size_t count) {
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (at[i].key != at[kept - 1].key || at[i].value != at[kept - 1].value)
            at[kept++] = at[i];
    return kept;
}

static Status put_index(Batch *b, EngineTxn *txn, Segment *s, IndexId index, Error *err) {
    size_t n = b->postings[index].count;
    SegmentIndex *x = &s->index[index];
    *x = (SegmentIndex){.count = n};
    if (n == 0)
        return STATUS_OK;
    Posting *at = b->postings[index].at;
    Posting *scratch = malloc(n * sizeof *scratch);
    if (!scratch)
        return error_set(err, STATUS_FAILED, "store: out of memory");
    postings_sort(at, scratch, n);
    free(scratch);
    /* Two bands of one sketch may have one key: about one signature in a million. */
    n = drop_equal(at, n);
    x->count = n;
    x->first = at[0].key;
    x->last = at[n - 1].key;
    x->shift = segment_shift(x);
    SegmentWriter w = segment_writer_init(txn, s->id, index, x);
    Status status = STATUS_OK;
    for (size_t i = 0; i < n && status == STATUS_OK; i++)
        status = segment_writer_add(&w, at[i], err);
    if (status == STATUS_OK)
        status = segment_writer_finish(&w, err);
    segment_writer_free(&w);
    return status;
}

static Status put_samples(Batch *b, EngineTxn *txn, Error *err) {
    Status status = STATUS_OK;
    for (size_t i = 0; i < b->samples.count && status == STATUS_OK; i++) {
        const Pending *p = &b->samples.at[i];
        uint32_t id = p->record.sample.id;
        status = put_sample(txn, &p->record, err);
        if (status == STATUS_OK)
            status = engine_put(txn, TABLE_SHA, (Bytes){p->record.sample.sha256, 32},
                                (Bytes){(const uint8_t *)&id, sizeof id}, err);
        if (status == STATUS_OK)
            status = engine_put_u64(txn, TABLE_PACK, id, p->pack, err);
        if (status == STATUS_OK)
            status = engine_put_u64(txn, TABLE_OUTLINE, id, p->outline, err);
    }
    return status;
}

static Status flush_once(Batch *b, Engine *engine, Error *err) {
    EngineTxn *txn = NULL;
    Status status = engine_begin(engine, true, &txn, err);
    if (status != STATUS_OK)
        return status;
    /* What a merge or a relabelling counted since the batch began. */
    Bytes bytes = {0};
    State now = {0};
    status = engine_get_u64(txn, TABLE_META, 0, &bytes, err);
    if (status == STATUS_OK)
        status = state_from_bytes(bytes, &now, err);
    State state = b->state;
    Segment s = {.id = now.next_segment, .first_ordinal = b->samples.at[0].record.first_ordinal};
    state.next_segment = now.next_segment + 1;
    state.changes = now.changes + b->samples.count;
    for (unsigned i = 0; i < INDEX_COUNT && status == STATUS_OK; i++)
        status = put_index(b, txn, &s, (IndexId)i, err);
    if (status == STATUS_OK)
        status = put_samples(b, txn, err);
    if (status == STATUS_OK)
        status = put_segment(txn, &s, err);
    if (status == STATUS_OK)
        status = put_state(txn, &state, err);
    if (status == STATUS_OK)
        return engine_commit(txn, err);
    engine_abort(txn);
    return status;
}

Status batch_flush(Batch *b, Engine *engine, Error *err) {
    if (b->samples.count == 0)
        return STATUS_OK;
    Status status = flush_once(b, engine, err);
    if (status == STATUS_FULL && engine_grow(engine))
        status = flush_once(b, engine, err);
    /* On failure the samples of the batch are lost: their caller is told, and the store is whole.
     */
    batch_reset(b);
    if (status != STATUS_OK)
        return status;
    status = segments_merge(engine, false, err);
    if (status != STATUS_FULL)
        return status;
    /* No room to merge: the samples are in, and the next flush tries again. */
    (void)segments_sweep(engine, NULL);
    return STATUS_OK;
}

Status put_state(EngineTxn *txn, const State *s, Error *err) {
    Text t = text_new(256);
    state_write(s, &t);
    Status status = engine_put_u64(txn, TABLE_META, 0, (Bytes){(const uint8_t *)t.at, t.size}, err);
    text_free(&t);
    return status;
}

Status put_segment(EngineTxn *txn, const Segment *s, Error *err) {
    Text t = text_new(1024);
    segment_write(s, &t);
    Status status =
        engine_put_u64(txn, TABLE_SEGMENT, s->id, (Bytes){(const uint8_t *)t.at, t.size}, err);
    text_free(&t);
    return status;
}

Status put_sample(EngineTxn *txn, const SampleRecord *r, Error *err) {
    Text t = text_new(1 << 20);
    sample_record_write(r, &t);
    Status status = t.full ? error_set(err, STATUS_USAGE, "the labels of a sample are too long")
                           : engine_put_u64(txn, TABLE_SAMPLE, r->sample.id,
                                            (Bytes){(const uint8_t *)t.at, t.size}, err);
    text_free(&t);
    return status;
}
