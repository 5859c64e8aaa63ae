/* SPDX-License-Identifier: Apache-2.0
 * pool.c: the main process's end of the pool. */
#include "app/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/app.h"

/* cognate.h bounds a result at 1 GiB. */
#define MAX_MESSAGE_BYTES ((uint64_t)1 << 30)

struct Pool {
    pid_t pid;
    int fd;
    char *buffer; /* one message, filled bit by bit so that a signal may interrupt */
    size_t size, cap;
};

Pool *pool_start(const PoolOptions *options) {
    int fds[2];
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = pipe2(fds, 0) == 0 ? fork() : -1;
    if (pid < 0)
        fail("no process or pipe for the analysis: %s", strerror(errno));
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        close(fds[0]);
        pool_main(options, fds[1]);
    }
    close(fds[1]);
    Pool *p = need(calloc(1, sizeof *p));
    p->pid = pid;
    p->fd = fds[0];
    return p;
}

/* Until the buffer has n bytes. */
static PoolState fill(Pool *p, size_t n) {
    if (p->cap < n) {
        p->cap = n;
        p->buffer = need(realloc(p->buffer, n));
    }
    while (p->size < n) {
        ssize_t got = read(p->fd, p->buffer + p->size, n - p->size);
        if (got < 0 && errno == EINTR)
            return POOL_INTERRUPTED;
        if (got <= 0)
            return POOL_BROKEN;
        p->size += (size_t)got;
    }
    return POOL_ITEM;
}

/* A worker is not believed: its result must be about the file that it was given. */
static bool is_about(const CogResult *r, const char *path, size_t path_size) {
    const char *named = cog_result_path(r);
    return !strncmp(named, path, path_size) && (!named[path_size] || named[path_size] == '!');
}

PoolState pool_next(Pool *p, PoolItem *out) {
    PoolHead head;
    PoolState state = fill(p, sizeof head);
    if (state != POOL_ITEM)
        return state;
    memcpy(&head, p->buffer, sizeof head);
    if (head.size == 0)
        return POOL_END;
    if (head.size > MAX_MESSAGE_BYTES || head.path_size > MAX_MESSAGE_BYTES)
        return POOL_BROKEN;
    state = fill(p, sizeof head + head.path_size + head.size);
    if (state != POOL_ITEM)
        return state;
    p->size = 0;
    const char *path = p->buffer + sizeof head;
    CogError error = {0};
    CogResult *result = NULL;
    if (cog_result_read(path + head.path_size, head.size, &result, &error) == COG_OK &&
        !is_about(result, path, head.path_size)) {
        cog_result_free(result);
        result = NULL;
        snprintf(error.message, sizeof error.message, "the worker spoke of another file");
    }
    if (!result) {
        char *name = need(strndup(path, head.path_size));
        result = cog_result_failure(name, "worker", error.message);
        free(name);
    }
    *out = (PoolItem){.result = result,
                      .argument = head.argument,
                      .done = head.done,
                      .known = head.known,
                      .is_known_final = head.is_known_final};
    return POOL_ITEM;
}

void pool_close(Pool *p) {
    if (!p)
        return;
    close(p->fd);
    kill(p->pid, SIGKILL);
    while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    free(p->buffer);
    free(p);
}
