/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_THREADS = 16 }; /* more than the references of one question find no work (guess) */

typedef struct Tasks {
    _Atomic size_t next;
    size_t count;
    void (*task)(void *ctx, size_t i);
    void *ctx;
} Tasks;

static void *work(void *ctx) {
    Tasks *t = ctx;
    for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->count;)
        t->task(t->ctx, i);
    return NULL;
}

void parallel_run(size_t count, void (*task)(void *ctx, size_t i), void *ctx) {
    Tasks t = {.count = count, .task = task, .ctx = ctx};
    pthread_t helpers[MAX_THREADS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t want = processors > 1 ? (size_t)processors - 1 : 0, started = 0;
    want = want < MAX_THREADS ? want : MAX_THREADS;
    while (started < want && started + 1 < count &&
           pthread_create(&helpers[started], NULL, work, &t) == 0)
        started++;
    work(&t);
    for (size_t i = 0; i < started; i++)
        pthread_join(helpers[i], NULL);
}

/* ---- helpers ---- */

struct Helpers {
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    pthread_t threads[MAX_HELPERS];
    size_t count;
    size_t arrived;  /* helpers that have begun to wait since they were made */
    size_t running;  /* tasks of this round that have not returned */
    unsigned rounds; /* goes up with each start */
    bool ending;
    void (*task)(void *ctx, size_t number);
    void *ctx;
};

static void *help(void *arg) {
    Helpers *h = arg;
    pthread_mutex_lock(&h->lock);
    size_t number = ++h->arrived;
    unsigned seen = 0;
    pthread_cond_broadcast(&h->done);
    for (;;) {
        while (h->rounds == seen && !h->ending)
            pthread_cond_wait(&h->wake, &h->lock);
        if (h->rounds == seen)
            break;
        seen = h->rounds;
        void (*task)(void *ctx, size_t number) = h->task;
        void *ctx = h->ctx;
        pthread_mutex_unlock(&h->lock);
        task(ctx, number);
        pthread_mutex_lock(&h->lock);
        if (--h->running == 0)
            pthread_cond_broadcast(&h->done);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

Helpers *helpers_new(size_t count) {
    Helpers *h = count > 0 ? calloc(1, sizeof *h) : NULL;
    if (!h)
        return NULL;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->wake, NULL);
    pthread_cond_init(&h->done, NULL);
    while (h->count < count && h->count < MAX_HELPERS &&
           pthread_create(&h->threads[h->count], NULL, help, h) == 0)
        h->count++;
    /* What a thread asks of the system when it starts is asked before this returns. */
    pthread_mutex_lock(&h->lock);
    while (h->arrived < h->count)
        pthread_cond_wait(&h->done, &h->lock);
    pthread_mutex_unlock(&h->lock);
    if (h->count > 0)
        return h;
    helpers_free(h);
    return NULL;
}

size_t helpers_count(const Helpers *h) { return h ? h->count : 0; }

void helpers_start(Helpers *h, void (*task)(void *ctx, size_t number), void *ctx) {
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->task = task;
    h->ctx = ctx;
    h->running = h->count;
    h->rounds++;
    pthread_cond_broadcast(&h->wake);
    pthread_mutex_unlock(&h->lock);
}

void helpers_wait(Helpers *h) {
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    while (h->running > 0)
        pthread_cond_wait(&h->done, &h->lock);
    pthread_mutex_unlock(&h->lock);
}

void helpers_free(Helpers *h) {
    if (!h)
        return;
    helpers_wait(h);
    pthread_mutex_lock(&h->lock);
    h->ending = true;
    pthread_cond_broadcast(&h->wake);
    pthread_mutex_unlock(&h->lock);
    for (size_t i = 0; i < h->count; i++)
        pthread_join(h->threads[i], NULL);
    pthread_cond_destroy(&h->done);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

/* ---- portions ---- */

struct Portions {
    _Atomic size_t next; /* that nobody has taken */
    size_t count, portion;
    pthread_mutex_t lock;
    pthread_cond_t all;
    size_t done;
    bool is_given_up;
};

Portions *portions_new(Arena *a, size_t count, size_t portion) {
    Portions *p = ARENA_NEW(a, Portions);
    p->count = count;
    p->portion = portion;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->all, NULL);
    return p;
}

bool portions_take(Portions *p, size_t *first, size_t *end) {
    *first = atomic_fetch_add(&p->next, p->portion);
    *end = *first < p->count && p->count - *first > p->portion ? *first + p->portion : p->count;
    return *first < p->count;
}

void portions_done(Portions *p, size_t count) {
    pthread_mutex_lock(&p->lock);
    p->done += count;
    if (p->done == p->count)
        pthread_cond_broadcast(&p->all);
    pthread_mutex_unlock(&p->lock);
}

void portions_give_up(Portions *p) {
    pthread_mutex_lock(&p->lock);
    p->is_given_up = true;
    pthread_cond_broadcast(&p->all);
    pthread_mutex_unlock(&p->lock);
}

bool portions_wait(Portions *p) {
    pthread_mutex_lock(&p->lock);
    while (p->done < p->count && !p->is_given_up)
        pthread_cond_wait(&p->all, &p->lock);
    bool is_done = p->done == p->count;
    pthread_mutex_unlock(&p->lock);
    return is_done;
}
