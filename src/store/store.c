/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/internal.h"
#include "store/know_merge.h"
#include "store/know_view.h"

/* Only what we make ourselves may lie in a folder that becomes a store. */
static bool is_foreign(const char *name) {
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "lock") != 0 &&
           strncmp(name, "gen-", 4) != 0 && strncmp(name, "cognate.store", 13) != 0;
}

static Status check_folder(const char *path, Error *err) {
    DIR *dir = opendir(path);
    if (!dir)
        return error_set(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
    Status status = STATUS_OK;
    for (struct dirent *e; (e = readdir(dir)) && status == STATUS_OK;)
        if (is_foreign(e->d_name))
            status = error_set(err, STATUS_USAGE,
                               "%s: the folder is not empty and holds no store (it has %s)", path,
                               e->d_name);
    closedir(dir);
    return status;
}

static Status make_folders(const char *path, Error *err) {
    char *copy = strdup(path);
    if (!copy)
        return error_set(err, STATUS_FAILED, "out of memory");
    for (char *p = copy + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        mkdir(copy, 0775); /* the last one tells */
        *p = '/';
    }
    Status status = STATUS_OK;
    if (mkdir(copy, 0775) != 0 && errno != EEXIST)
        status = error_set(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
    free(copy);
    return status;
}

static Status head_check(const char *path, const Head *head, Error *err) {
    if (head->extractor_version == EXTRACTOR_VERSION)
        return STATUS_OK;
    return error_set(err, STATUS_FAILED,
                     "%s: learned with extractor version %u, and this program has version %u: "
                     "learn the samples into a new store",
                     path, head->extractor_version, EXTRACTOR_VERSION);
}

static Status create(Store *s, Error *err) {
    Status status = check_folder(s->path, err);
    if (status == STATUS_OK)
        status = generation_create(s->path, 1, &s->engine, err);
    Head head = {.generation = 1, .extractor_version = EXTRACTOR_VERSION};
    if (status == STATUS_OK)
        status = head_write(s->path, &head, err);
    if (status == STATUS_OK)
        status = head_read(s->path, &head, &s->header, err);
    s->generation = 1;
    return status;
}

/* An inode that was freed is soon another file's: the time tells, too. */
static bool is_same_file(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static Status open_generation(Store *s, Engine **out, Error *err) {
    Status status = STATUS_OK;
    /* A compaction may remove the generation between the header's reading and the opening: then the
       header has changed. Twice in a row is already unlikely. */
    for (unsigned attempt = 0; attempt < 8; attempt++) {
        Head head;
        status = head_read(s->path, &head, &s->header, err);
        if (status == STATUS_OK)
            status = head_check(s->path, &head, err);
        if (status != STATUS_OK)
            return status;
        char *dir = generation_path(s->path, head.generation);
        status = dir ? engine_open(dir, false, out, err)
                     : error_set(err, STATUS_FAILED, "out of memory");
        free(dir);
        s->generation = head.generation;
        if (status == STATUS_OK)
            return status;
        struct stat before = s->header;
        if (head_read(s->path, &head, &s->header, NULL) != STATUS_OK ||
            is_same_file(&s->header, &before))
            return status;
    }
    return status;
}

/* LMDB crashes on a damaged tree, and a writer would spread the damage. The walk reads the tree's
   pages and not the packs: about 20 ms for 10^6 functions (bench_store); beyond this size it is
   left to verify. */
#define MAX_CHECK_BYTES ((uint64_t)4 << 30)

static Status check_before_writing(const Store *s, Error *err) {
    EngineTxn *txn = NULL;
    Status status = engine_begin(s->engine, false, &txn, err);
    TableStat total = {0};
    for (TableId t = TABLE_META; t < TABLE_COUNT && status == STATUS_OK; t++) {
        TableStat stat = {0};
        status = engine_stat(txn, t, &stat, err);
        /* The pages of packs and outlines are not read. */
        total.bytes += t == TABLE_PACK || t == TABLE_OUTLINE ? 0 : stat.bytes;
    }
    if (status == STATUS_OK && total.bytes <= MAX_CHECK_BYTES)
        status = engine_check_tree(txn, err); /* never busy: we are the writer */
    engine_abort(txn);
    return status;
}

static Status open_writer(Store *s, uint32_t wait_ms, Error *err) {
    Status status = s->mode == STORE_CREATE ? make_folders(s->path, err) : STATUS_OK;
    Head head;
    struct stat st;
    if (status == STATUS_OK && s->mode == STORE_WRITE)
        status = head_read(s->path, &head, &st, err); /* no lock file where there is no store */
    else if (status == STATUS_OK && head_read(s->path, &head, &st, NULL) == STATUS_NOT_FOUND)
        status = check_folder(s->path, err);
    if (status == STATUS_OK)
        status = write_lock_take(s->path, wait_ms, &s->lock, err);
    if (status != STATUS_OK)
        return status;
    status = open_generation(s, &s->engine, err);
    if (status == STATUS_NOT_FOUND && s->mode == STORE_CREATE)
        status = create(s, err);
    if (status != STATUS_OK)
        return status;
    status = check_before_writing(s, err);
    if (status != STATUS_OK)
        return status;
    generations_sweep(s->path, s->generation);
    status = engine_add_tables(s->engine, err);
    if (status != STATUS_OK)
        return status;
    s->batch = batch_new();
    status =
        s->batch ? segments_sweep(s->engine, err) : error_set(err, STATUS_FAILED, "out of memory");
    return status == STATUS_OK ? know_runs_sweep(s->engine, err) : status;
}

Status store_open(const char *path, StoreMode mode, uint32_t wait_ms, Store **out, Error *err) {
    *out = NULL;
    Store *s = calloc(1, sizeof *s);
    if (s)
        s->path = strdup(path);
    if (!s || !s->path) {
        free(s);
        return error_set(err, STATUS_FAILED, "out of memory");
    }
    s->mode = mode;
    pthread_mutex_init(&s->writing, NULL);
    pthread_mutex_init(&s->mutex, NULL);
    Status status =
        mode == STORE_READ ? open_generation(s, &s->engine, err) : open_writer(s, wait_ms, err);
    if (status == STATUS_OK)
        *out = s;
    else
        store_close(s);
    return status;
}

static void samples_drop(Samples *s) {
    if (s && --s->owners == 0)
        samples_free(s);
}

void store_close(Store *s) {
    if (!s)
        return;
    if (s->batch) {
        /* Without a _batch_end the last samples were never promised. */
        batch_free(s->batch);
    }
    samples_drop(s->samples);
    engine_close(s->engine);
    write_lock_drop(s->lock);
    pthread_mutex_destroy(&s->writing);
    pthread_mutex_destroy(&s->mutex);
    free(s->path);
    free(s);
}

static Status writer_only(const Store *s, Error *err) {
    return s->batch ? STATUS_OK
                    : error_set(err, STATUS_USAGE, "%s: the store was opened for reading", s->path);
}

Status store_learn(Store *s, const Features *f, const Labels *labels, bool *added, bool *changed,
                   Error *err) {
    bool is_added = false, is_changed = false;
    Status status = writer_only(s, err);
    if (status == STATUS_OK && f->extractor_version != EXTRACTOR_VERSION)
        status = error_set(err, STATUS_USAGE,
                           "features of extractor version %u; the store holds version %u",
                           f->extractor_version, EXTRACTOR_VERSION);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&s->writing);
        LearnJob job = {.features = f, .labels = labels, .flush = !s->is_batch};
        status = batch_learn(s->batch, s->engine, &job, &is_added, &is_changed, err);
        pthread_mutex_unlock(&s->writing);
    }
    if (added)
        *added = is_added;
    if (changed)
        *changed = is_changed;
    return status;
}

Status store_batch_begin(Store *s, Error *err) {
    Status status = writer_only(s, err);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&s->writing);
    s->is_batch = true;
    pthread_mutex_unlock(&s->writing);
    return status;
}

Status store_batch_end(Store *s, Error *err) {
    Status status = writer_only(s, err);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&s->writing);
    s->is_batch = false;
    status = batch_flush(s->batch, s->engine, err);
    pthread_mutex_unlock(&s->writing);
    return status;
}

static Status remove_sample(Engine *engine, const uint8_t sha256[32], Arena *arena, Error *err) {
    View view;
    Status status = view_open(engine, true, &view, err);
    if (status != STATUS_OK)
        return status;
    Bytes bytes = {0}, key = {sha256, 32};
    status = engine_get(view.txn, TABLE_SHA, key, &bytes, err);
    uint32_t id = bytes_u32_at(bytes, 0);
    if (status == STATUS_NOT_FOUND) {
        char hex[65];
        hex_write(hex, sha256, 32);
        status = error_set(err, STATUS_NOT_FOUND, "%s: no such sample in the store", hex);
    }
    SampleRecord r;
    if (status == STATUS_OK)
        status = engine_get_u64(view.txn, TABLE_SAMPLE, id, &bytes, err);
    if (status == STATUS_OK)
        status = sample_record_from_bytes(arena, id, bytes, &r, err);
    /* The record stays until a compaction: it hides the sample's postings. */
    if (status == STATUS_OK) {
        r.is_removed = true;
        view.state.changes++;
        status = put_sample(view.txn, &r, err);
    }
    if (status == STATUS_OK)
        status = engine_delete(view.txn, TABLE_SHA, key, err);
    if (status == STATUS_OK)
        status = put_state(view.txn, &view.state, err);
    if (status == STATUS_OK) {
        status = engine_commit(view.txn, err);
        view.txn = NULL;
    }
    view_close(&view);
    return status;
}

Status store_remove(Store *s, const uint8_t sha256[32], Error *err) {
    Status status = writer_only(s, err);
    /* A record has seven strings, and a megabyte in all. */
    Arena *arena = status == STATUS_OK ? arena_new(16 << 20) : NULL;
    if (!arena)
        return status == STATUS_OK ? error_set(err, STATUS_FAILED, "out of memory") : status;
    pthread_mutex_lock(&s->writing);
    status = batch_flush(s->batch, s->engine, err);
    if (status == STATUS_OK)
        status = remove_sample(s->engine, sha256, arena, err);
    pthread_mutex_unlock(&s->writing);
    arena_free(arena);
    return status;
}

static Status add_table_bytes(const View *v, TableId table, uint64_t *bytes, Error *err) {
    TableStat stat = {0};
    Status status = engine_stat(v->txn, table, &stat, err);
    *bytes += stat.bytes;
    return status;
}

static int compare_text(const void *x, const void *y) {
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void count_samples(const Samples *s, StoreStat *out) {
    out->samples = s->count;
    out->functions = s->functions;
    const char **families = calloc(s->count + 1, sizeof *families);
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        const Labels *l = &s->at[i].sample.labels;
        out->reference += l->sample_class == SAMPLE_REFERENCE;
        out->goodware += l->sample_class == SAMPLE_GOODWARE;
        out->library += l->sample_class == SAMPLE_LIBRARY;
        if (families && l->family)
            families[n++] = l->family;
    }
    if (n > 0)
        qsort(families, n, sizeof *families, compare_text);
    for (size_t i = 0; i < n; i++)
        out->families += i == 0 || strcmp(families[i], families[i - 1]) != 0;
    free(families);
}

static Status stat_view(const Store *s, uint64_t generation, const View *v, StoreStat *out,
                        Error *err) {
    Samples *samples = NULL;
    Status status = samples_read(v, &samples, err);
    if (status != STATUS_OK)
        return status;
    count_samples(samples, out);
    samples_free(samples);
    for (size_t i = 0; i < v->count; i++) {
        out->signatures += v->segments[i].index[INDEX_PIC].count;
        out->occurrences += v->segments[i].index[INDEX_OCCURRENCE].count;
        out->tokens += v->segments[i].index[INDEX_TOKEN].count;
    }
    out->segments = v->count;
    for (TableId t = TABLE_PIC; t <= TABLE_OCCURRENCE && status == STATUS_OK; t++)
        status = add_table_bytes(v, t, &out->bytes_index, err);
    if (status == STATUS_OK)
        status = add_table_bytes(v, TABLE_TOKEN, &out->bytes_tokens, err);
    if (status == STATUS_OK)
        status = add_table_bytes(v, TABLE_PACK, &out->bytes_packs, err);
    if (status == STATUS_OK)
        status = add_table_bytes(v, TABLE_OUTLINE, &out->bytes_outlines, err);
    if (status == STATUS_OK)
        status = know_stat_add(v->txn, out, err);
    char *dir = generation_path(s->path, generation), *file = NULL;
    struct stat st;
    if (dir && asprintf(&file, "%s/data.mdb", dir) > 0 && stat(file, &st) == 0)
        out->bytes_file = (uint64_t)st.st_blocks * 512;
    free(dir);
    free(file);
    return status;
}

Status store_stat(Store *s, StoreStat *out, Error *err) {
    *out = (StoreStat){0};
    View view;
    pthread_mutex_lock(&s->mutex);
    Status status = store_refresh(s, err);
    if (status == STATUS_OK)
        status = view_open(s->engine, false, &view, err);
    uint64_t generation = s->generation;
    pthread_mutex_unlock(&s->mutex);
    if (status == STATUS_OK) {
        status = stat_view(s, generation, &view, out, err);
        view_close(&view);
    }
    return status;
}

Status store_refresh(Store *s, Error *err) {
    char *file = NULL;
    struct stat st;
    if (s->lock || asprintf(&file, "%s/cognate.store", s->path) < 0)
        return STATUS_OK; /* the writer is the only one who makes generations */
    bool is_same = stat(file, &st) == 0 && is_same_file(&st, &s->header);
    free(file);
    if (is_same)
        return STATUS_OK;
    Engine *fresh = NULL;
    Status status = open_generation(s, &fresh, err);
    if (status == STATUS_OK)
        store_use(s, fresh, s->generation);
    return status;
}

void store_use(Store *s, Engine *fresh, uint64_t generation) {
    engine_close(s->engine);
    samples_drop(s->samples);
    s->samples = NULL;
    s->engine = fresh;
    s->generation = generation;
}

Status store_samples(Store *s, const View *view, Samples **out, Error *err) {
    *out = NULL;
    Samples *have = s->samples;
    if (!have || have->engine != view->engine || have->changes != view->state.changes) {
        Status status = samples_read(view, &have, err);
        if (status != STATUS_OK)
            return status;
        samples_drop(s->samples);
        s->samples = have;
    }
    have->owners++;
    *out = have;
    return STATUS_OK;
}

void store_samples_drop(Store *s, Samples *samples) {
    pthread_mutex_lock(&s->mutex);
    samples_drop(samples);
    pthread_mutex_unlock(&s->mutex);
}
