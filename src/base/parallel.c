/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
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
