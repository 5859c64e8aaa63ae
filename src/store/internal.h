/* SPDX-License-Identifier: Apache-2.0
 * internal.h: what a Store is, for the files of this folder. */
#ifndef COG_STORE_INTERNAL_H
#define COG_STORE_INTERNAL_H

#include <sys/stat.h>

#include "store/view.h"

typedef struct Batch Batch;
typedef struct WriteLock WriteLock;

struct Store {
    char *path;
    StoreMode mode;
    pthread_mutex_t writing; /* one change at a time; taken before the other */
    pthread_mutex_t mutex;   /* guards engine, generation, header and samples; held for moments */
    Engine *engine;
    uint64_t generation;
    struct stat header; /* the header file that told the generation */
    Samples *samples;   /* of the newest state a snapshot has seen */
    Batch *batch;       /* the writer's, guarded by `writing`; NULL for readers */
    WriteLock *lock;
    bool is_batch;
};

/* store.c: `mutex` is held, but for the last. */
/* A reader follows a compaction to the new generation. */
Status store_refresh(Store *s, Error *err);
/* Takes over an engine. */
void store_use(Store *s, Engine *fresh, uint64_t generation);
/* The samples of the view's state, with one more owner. */
Status store_samples(Store *s, const View *view, Samples **out, Error *err);
void store_samples_drop(Store *s, Samples *samples);

/* head.c: the header file `cognate.store`, which names the generation and so the live database. */
typedef struct Head {
    uint64_t generation;
    uint32_t extractor_version;
} Head;
Status head_read(const char *path, Head *out, struct stat *st, Error *err);
Status head_write(const char *path, const Head *head, Error *err); /* atomic, durable */
/* path/gen-N; the caller frees it. NULL only when out of memory. */
char *generation_path(const char *path, uint64_t generation);
/* Creates the folder and an empty database in it, durable. */
Status generation_create(const char *path, uint64_t generation, Engine **out, Error *err);
void generation_remove(const char *path, uint64_t generation); /* as far as it goes */
/* Removes what killed writers left: other generations, temporary files. */
void generations_sweep(const char *path, uint64_t keep);

/* lock.c: one writer for each store. */
Status write_lock_take(const char *path, uint32_t wait_ms, WriteLock **out, Error *err);
void write_lock_drop(WriteLock *lock);

/* learn.c */
Batch *batch_new(void);
void batch_free(Batch *b);
/* Adds one sample with a given id (0: the next) to an engine; used by learn and compact. */
typedef struct LearnJob {
    const Features *features;
    const Labels *labels;
    uint32_t id;
    bool flush;
} LearnJob;
Status batch_learn(Batch *b, Engine *engine, const LearnJob *job, bool *added, bool *changed,
                   Error *err);
Status batch_flush(Batch *b, Engine *engine, Error *err);

/* merge.c */
/* Merges until few segments are live; all: into one. Sweeps what a killed merge left. */
Status segments_merge(Engine *engine, bool all, Error *err);
Status segments_sweep(Engine *engine, Error *err);

/* Puts a record that add wrote. */
Status put_state(EngineTxn *txn, const State *s, Error *err);
Status put_segment(EngineTxn *txn, const Segment *s, Error *err);
Status put_sample(EngineTxn *txn, const SampleRecord *r, Error *err);

#endif
