/* SPDX-License-Identifier: Apache-2.0
 * verify.c: proves a store, or says what is wrong with it: the database's pages, every record and
 * block, and then, from the feature packs, that the index holds what learning them would put there
 * and nothing else. Packs of removed samples are proved as well: their postings are still there. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feature/routine_token.h"
#include "store/internal.h"
#include "store/know_verify.h"

/* One sample's features and look-ups. */
#define MAX_SAMPLE_WORK ((size_t)4 << 30)

typedef struct Verify {
    View view;
    void (*problem)(void *ctx, const char *text);
    void *ctx;
    uint64_t problems;
    Arena *arena, *scratch; /* one sample at a time */
    Text text;
    /* By signature: postings seen in PIC and BAND, and whether an earlier sample had it. */
    uint8_t *pics, *keys, *had;
    uint64_t blocks[INDEX_COUNT], postings[INDEX_COUNT];
    uint64_t occurrences, tokens, living; /* that the packs ask for */
    uint64_t next_ordinal;
} Verify;

PRINTF_LIKE(2, 3) static void report(Verify *v, const char *fmt, ...) {
    char text[600];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    v->problems++;
    if (v->problem)
        v->problem(v->ctx, text);
}

static void check_posting(Verify *v, IndexId index, Posting p) {
    uint64_t limit = v->view.state.next_signature;
    uint64_t signature = index == INDEX_OCCURRENCE ? p.key : p.value & UINT32_MAX;
    if (index == INDEX_TOKEN) {
        if (p.value >= v->view.state.next_sample)
            report(v, "a token names sample %" PRIu64 ", which never was", p.value);
        return;
    }
    if (signature >= limit) {
        report(v, "table %u names signature %" PRIu64 ", which never was",
               TABLE_FIRST_INDEX + (unsigned)index, signature);
        return;
    }
    if (index == INDEX_PIC)
        v->pics[signature] = (uint8_t)(v->pics[signature] + (v->pics[signature] < 2));
    else if (index == INDEX_SKETCH)
        v->keys[signature] = (uint8_t)(v->keys[signature] + (v->keys[signature] < 255));
    else if (p.value >= v->view.state.next_ordinal)
        report(v, "signature %" PRIu64 " occurs in function %" PRIu64 ", which never was",
               signature, p.value);
}

static void check_index(Verify *v, const Segment *s, IndexId index) {
    SegmentReader r = segment_reader_init(v->view.txn, s, index);
    Error err = {0};
    for (;;) {
        Status status;
        const Posting *p = segment_reader_peek(&r, &status, &err);
        if (status != STATUS_OK)
            report(v, "%s", err.message);
        if (!p)
            break;
        r.used++;
        check_posting(v, index, *p);
    }
    v->blocks[index] += r.blocks;
    v->postings[index] += s->index[index].count;
    segment_reader_free(&r);
}

/* Blocks of no live segment are reported, unless a killed merge left them: the next writer removes
   those. */
static void check_tables(Verify *v) {
    bool has_leftover = false;
    Error err = {0};
    for (uint64_t id = 0;; id++) {
        Bytes bytes = {0};
        Segment s;
        if (engine_next_u64(v->view.txn, TABLE_SEGMENT, &id, &bytes, &err) != STATUS_OK)
            break;
        if (segment_from_bytes((uint32_t)id, bytes, &s, &err) == STATUS_OK)
            has_leftover |= s.state != SEGMENT_LIVE;
    }
    for (unsigned i = 0; i < INDEX_COUNT && !has_leftover; i++) {
        TableStat stat = {0};
        if (engine_stat(v->view.txn, (TableId)(TABLE_FIRST_INDEX + i), &stat, &err) != STATUS_OK)
            report(v, "%s", err.message);
        else if (stat.entries != v->blocks[i])
            report(v, "table %u has %" PRIu64 " blocks, of which %" PRIu64 " belong to a segment",
                   TABLE_FIRST_INDEX + i, stat.entries, v->blocks[i]);
    }
}

static void check_signatures(Verify *v) {
    for (uint64_t i = 0; i < v->view.state.next_signature; i++) {
        if (v->pics[i] != 1)
            report(v, "signature %" PRIu64 " has %s identity", i,
                   v->pics[i] ? "more than one" : "no");
        if (v->keys[i] > SKETCH_KEYS)
            report(v, "signature %" PRIu64 " has %u sketch keys", i, v->keys[i]);
    }
}

/* Looks up one sample's postings: want[i] must be among the values of keys[i]. */
typedef struct Wanted {
    const uint64_t *mask_and_value; /* pairs: value & mask == want */
    uint64_t *got;                  /* the value found, plus one */
    bool is_sorted_by_value;        /* long lists are searched by halving */
} Wanted;

static Status take_wanted(void *ctx, uint64_t who, const Block *block, BlockRange range) {
    const Wanted *w = ctx;
    uint64_t mask = w->mask_and_value[2 * who], want = w->mask_and_value[2 * who + 1];
    uint64_t first = range.first, end = range.first + range.count;
    while (w->is_sorted_by_value && end - first > 8) {
        uint64_t middle = first + (end - first) / 2;
        if (block_value_at(block, middle) <= want)
            first = middle;
        else
            end = middle;
    }
    for (; first < end; first++) {
        uint64_t value = block_value_at(block, first);
        if ((value & mask) == want)
            w->got[who] = value + 1;
    }
    return STATUS_OK;
}

typedef struct Ask {
    uint64_t key, mask, want;
} Ask;

/* The values found, plus one, in the order of asks; 0 not found. */
static uint64_t *ask_all(Verify *v, IndexId index, const Ask *asks, size_t count) {
    uint64_t *got = ARENA_ARRAY(v->arena, uint64_t, count + 1);
    uint64_t *wanted = ARENA_ARRAY(v->arena, uint64_t, 2 * count + 1);
    Posting *keys = ARENA_ARRAY(v->arena, Posting, count + 1);
    Posting *scratch = ARENA_ARRAY(v->arena, Posting, count + 1);
    for (size_t i = 0; i < count; i++) {
        keys[i] = (Posting){asks[i].key, i};
        wanted[2 * i] = asks[i].mask;
        wanted[2 * i + 1] = asks[i].want;
    }
    postings_sort(keys, scratch, count);
    Wanted w = {wanted, got, index != INDEX_PIC};
    Error err = {0};
    for (size_t s = 0; s < v->view.count; s++)
        if (segment_find(v->view.txn, &v->view.segments[s], index, keys, count, take_wanted, &w,
                         &err) != STATUS_OK)
            report(v, "%s", err.message);
    return got;
}

/* The sketch of a signature is that of the first function that had it. */
static void check_sketches(Verify *v, const Features *f, const uint64_t *signatures, uint32_t id) {
    size_t n = f->functions.count, count = 0;
    Ask *asks = ARENA_ARRAY(v->arena, Ask, n * SKETCH_KEYS + 1);
    for (size_t i = 0; i < n; i++) {
        uint64_t s = signatures[i] - 1;
        if (signatures[i] == 0 || s >= v->view.state.next_signature || v->had[s])
            continue;
        v->had[s] = 1;
        Sketch sketch = sketch_from_function(f, &f->functions.at[i]);
        unsigned keys = sketch_is_indexed(&sketch) ? sketch.count : 0;
        for (unsigned k = 0; k < keys; k++)
            asks[count++] = (Ask){sketch.key[k], UINT64_MAX, s};
        if (v->keys[s] != keys)
            report(v, "signature %" PRIu64 " has %u sketch keys, not %u", s, v->keys[s], keys);
    }
    const uint64_t *got = ask_all(v, INDEX_SKETCH, asks, count);
    size_t missing = 0;
    for (size_t i = 0; i < count; i++)
        missing += got[i] == 0;
    if (missing > 0)
        report(v, "sample %" PRIu32 ": %zu sketch keys are not in the index", id, missing);
}

static void check_functions(Verify *v, const Features *f, const SampleRecord *r) {
    size_t n = f->functions.count;
    Ask *asks = ARENA_ARRAY(v->arena, Ask, n + 1);
    size_t *of = ARENA_ARRAY(v->arena, size_t, n + 1), count = 0, missing = 0, found = 0;
    uint64_t *signatures = ARENA_ARRAY(v->arena, uint64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        const FunctionFeature *fn = &f->functions.at[i];
        Sketch sketch = {0};
        if (!identity_from_pic(fn->pic).is_some)
            sketch = sketch_from_function(f, &f->functions.at[i]);
        Identity id = identity_from_function(fn, &sketch);
        if (!id.is_some)
            continue;
        asks[count] = (Ask){id.key, (uint64_t)UINT32_MAX << 32, (uint64_t)id.check << 32};
        of[count++] = i;
    }
    const uint64_t *got = ask_all(v, INDEX_PIC, asks, count);
    for (size_t k = 0; k < count; k++) {
        missing += got[k] == 0;
        if (got[k] == 0)
            continue;
        signatures[of[k]] = ((got[k] - 1) & UINT32_MAX) + 1;
        asks[found++] = (Ask){signatures[of[k]] - 1, UINT64_MAX, r->first_ordinal + of[k]};
    }
    v->occurrences += count;
    got = ask_all(v, INDEX_OCCURRENCE, asks, found);
    size_t unplaced = 0;
    for (size_t k = 0; k < found; k++)
        unplaced += got[k] == 0;
    if (missing > 0)
        report(v, "sample %" PRIu32 ": the signatures of %zu functions are not in the index",
               r->sample.id, missing);
    if (unplaced > 0)
        report(v, "sample %" PRIu32 ": %zu functions are not among their signature's occurrences",
               r->sample.id, unplaced);
    check_sketches(v, f, signatures, r->sample.id);
}

static void check_tokens(Verify *v, const Features *f, uint32_t id) {
    size_t n = 0, missing = 0;
    uint64_t *tokens = ARENA_ARRAY(v->arena, uint64_t,
                                   f->strings.count + f->traits.count + routine_tokens_max(f) + 1);
    for (size_t i = 0; i < f->strings.count; i++)
        tokens[n++] = token_from_string(f->strings.at[i].text, f->strings.at[i].length);
    for (size_t i = 0; i < f->traits.count; i++)
        tokens[n++] = token_from_trait(f->traits.at[i].kind, f->traits.at[i].value);
    RoutineToken *routines = ARENA_ARRAY(v->arena, RoutineToken, routine_tokens_max(f) + 1);
    for (size_t i = 0, count = routine_tokens(f, routines); i < count; i++)
        tokens[n++] = routines[i].token;
    sort_u64(v->arena, tokens, n);
    n = unique_u64(tokens, n);
    Ask *asks = ARENA_ARRAY(v->arena, Ask, n + 1);
    for (size_t i = 0; i < n; i++)
        asks[i] = (Ask){tokens[i], UINT64_MAX, id};
    const uint64_t *got = ask_all(v, INDEX_TOKEN, asks, n);
    for (size_t i = 0; i < n; i++)
        missing += got[i] == 0;
    v->tokens += n;
    if (missing > 0)
        report(v, "sample %" PRIu32 ": %zu tokens are not in the index", id, missing);
}

/* A sample that was learned before outlines were kept has none. */
static void check_outline(Verify *v, const Features *f, uint32_t id) {
    Error err = {0};
    Bytes kept = {0};
    Status status = engine_get_u64(v->view.txn, TABLE_OUTLINE, id, &kept, &err);
    if (status == STATUS_NOT_FOUND)
        return;
    Outline outline;
    if (status == STATUS_OK)
        status = outline_from_bytes(outline_align(kept, v->arena), id, &outline, &err);
    if (status != STATUS_OK) {
        report(v, "%s", err.message);
        return;
    }
    outline_from_features(f, v->arena, v->scratch, &outline);
    outline_add_tokens(f, v->arena, v->scratch, &outline);
    text_clear(&v->text);
    outline_write(&outline, id, &v->text);
    if (v->text.full || v->text.size != kept.size || memcmp(v->text.at, kept.at, kept.size) != 0)
        report(v, "sample %" PRIu32 ": the outline is not that of its features", id);
}

static void check_sample(Verify *v, uint32_t id, Bytes bytes) {
    Error err = {0};
    SampleRecord r;
    if (sample_record_from_bytes(v->arena, id, bytes, &r, &err) != STATUS_OK) {
        report(v, "%s", err.message);
        return;
    }
    if (r.first_ordinal < v->next_ordinal || id >= v->view.state.next_sample)
        report(v, "sample %" PRIu32 " is out of order", id);
    v->next_ordinal = r.first_ordinal + r.sample.function_count;
    Bytes sha = {0}, pack = {0};
    Status status = engine_get(v->view.txn, TABLE_SHA, (Bytes){r.sample.sha256, 32}, &sha, &err);
    if (!r.is_removed && (status != STATUS_OK || bytes_u32_at(sha, 0) != id))
        report(v, "sample %" PRIu32 " is not found by its SHA-256", id);
    if (r.is_removed && status == STATUS_OK && bytes_u32_at(sha, 0) == id)
        report(v, "sample %" PRIu32 " was removed and is still found", id);
    v->living += !r.is_removed;
    Features *f = NULL;
    status = engine_get_u64(v->view.txn, TABLE_PACK, id, &pack, &err);
    if (status == STATUS_OK)
        status = features_from_bytes(v->arena, pack, &f, &err);
    if (status != STATUS_OK) {
        report(v, "sample %" PRIu32 ": feature pack: %s", id,
               status == STATUS_NOT_FOUND ? "missing" : err.message);
        return;
    }
    if (memcmp(f->sha256, r.sample.sha256, 32) != 0 ||
        f->functions.count != r.sample.function_count) {
        report(v, "sample %" PRIu32 ": the feature pack is that of another sample", id);
        return;
    }
    check_functions(v, f, &r);
    check_tokens(v, f, id);
    check_outline(v, f, id);
}

static void check_samples(Verify *v) {
    Error err = {0};
    jmp_buf escape;
    for (uint64_t id = 0;; id++) {
        Bytes bytes = {0};
        Status status = engine_next_u64(v->view.txn, TABLE_SAMPLE, &id, &bytes, &err);
        if (status != STATUS_OK)
            break;
        uint32_t number = (uint32_t)id;
        if (setjmp(escape) == 0) {
            arena_set_escape(v->arena, &escape);
            arena_set_escape(v->scratch, &escape);
            check_sample(v, number, bytes);
        } else {
            report(v, "a sample needs more than %zu MiB to verify", MAX_SAMPLE_WORK >> 20);
        }
        arena_set_escape(v->arena, NULL);
        arena_set_escape(v->scratch, NULL);
        arena_reset(v->arena, (ArenaMark){0});
        arena_reset(v->scratch, (ArenaMark){0});
    }
}

static void check_totals(Verify *v) {
    TableStat sha = {0}, sample = {0}, pack = {0};
    Error err = {0};
    if (engine_stat(v->view.txn, TABLE_SHA, &sha, &err) != STATUS_OK ||
        engine_stat(v->view.txn, TABLE_SAMPLE, &sample, &err) != STATUS_OK ||
        engine_stat(v->view.txn, TABLE_PACK, &pack, &err) != STATUS_OK) {
        report(v, "%s", err.message);
        return;
    }
    if (sha.entries != v->living)
        report(v, "%" PRIu64 " names by SHA-256 for %" PRIu64 " samples", sha.entries, v->living);
    if (pack.entries != sample.entries)
        report(v, "%" PRIu64 " feature packs for %" PRIu64 " samples", pack.entries,
               sample.entries);
    if (v->occurrences != v->postings[INDEX_OCCURRENCE])
        report(v, "the index has %" PRIu64 " occurrences, the samples have %" PRIu64,
               v->postings[INDEX_OCCURRENCE], v->occurrences);
    if (v->tokens != v->postings[INDEX_TOKEN])
        report(v, "the index has %" PRIu64 " tokens, the samples have %" PRIu64,
               v->postings[INDEX_TOKEN], v->tokens);
}

static Status check_view(Verify *v, Error *err) {
    size_t n = (size_t)v->view.state.next_signature + 1;
    v->pics = calloc(n, 1);
    v->keys = calloc(n, 1);
    v->had = calloc(n, 1);
    v->arena = arena_new(MAX_SAMPLE_WORK);
    v->scratch = arena_new(MAX_SAMPLE_WORK);
    v->text = text_new(MAX_SAMPLE_WORK);
    Status status = STATUS_OK;
    if (v->pics && v->keys && v->had && v->arena && v->scratch) {
        for (size_t s = 0; s < v->view.count; s++)
            for (unsigned i = 0; i < INDEX_COUNT; i++)
                check_index(v, &v->view.segments[s], (IndexId)i);
        check_tables(v);
        check_signatures(v);
        check_samples(v);
        check_totals(v);
        v->problems += know_verify(v->view.txn, v->problem, v->ctx);
    } else {
        status = error_set(err, STATUS_FAILED, "out of memory to verify the store");
    }
    free(v->pics);
    free(v->keys);
    free(v->had);
    arena_free(v->arena);
    arena_free(v->scratch);
    text_free(&v->text);
    return status;
}

/* Opens the view on a state whose pages were proved; *is_good is false when they were not. */
static Status open_proved(Verify *v, Engine *engine, bool *is_good, Error *err) {
    Status status = STATUS_BUSY;
    /* A writer may overwrite the meta page of our state while we look: then begin again. */
    for (unsigned attempt = 0; attempt < 100 && status == STATUS_BUSY; attempt++) {
        EngineTxn *txn = NULL;
        status = engine_begin(engine, false, &txn, err);
        if (status != STATUS_OK)
            return status;
        Error why = {0};
        status = engine_check_tree(txn, &why);
        *is_good = status == STATUS_OK;
        if (status == STATUS_CORRUPT)
            report(v, "%s", why.message);
        else if (status == STATUS_OK)
            status = view_open_in(engine, txn, &v->view, &why);
        else
            engine_abort(txn);
        if (status == STATUS_CORRUPT && *is_good)
            report(v, "%s", why.message);
        if (status == STATUS_CORRUPT) {
            if (!*is_good)
                engine_abort(txn);
            *is_good = false;
            return STATUS_OK;
        }
        if (status != STATUS_OK && status != STATUS_BUSY)
            return error_set(err, status, "%s", why.message);
    }
    return status == STATUS_BUSY
               ? error_set(err, STATUS_BUSY, "the store changes too fast to be verified")
               : status;
}

Status store_verify(Store *s, void (*problem)(void *ctx, const char *text), void *ctx,
                    uint64_t *problems, Error *err) {
    *problems = 0;
    Verify v = {.problem = problem, .ctx = ctx};
    pthread_mutex_lock(&s->mutex);
    Status status = store_refresh(s, err);
    Engine *engine = status == STATUS_OK ? engine_share(s->engine) : NULL;
    pthread_mutex_unlock(&s->mutex);
    bool is_good = false;
    if (status == STATUS_OK)
        status = open_proved(&v, engine, &is_good, err);
    if (status == STATUS_OK && is_good)
        status = check_view(&v, err);
    if (is_good)
        view_close(&v.view);
    engine_close(engine);
    *problems = v.problems;
    return status;
}
