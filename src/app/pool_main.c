/* SPDX-License-Identifier: Apache-2.0
 * pool_main.c: the pool process. A ring of slots, one per input, in input order; the first slot is
 * the one that is due: only its results leave. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/pool.h"
#include "app/walk.h"
#include "app/worker.h"

/* A worker's results that wait for their turn: beyond this it is not read until they are due. */
#define MAX_WAITING_BYTES ((size_t)64 << 20)
enum { MAX_JOBS_IN_POOL = 256, MESSAGE_BYTES = 300 };

typedef struct Buffer {
    char *at;
    size_t size, cap;
} Buffer;

typedef struct Slot {
    char *path;
    size_t argument;
    pid_t pid; /* 0: no worker (any more) */
    WorkerPipes pipes;
    Buffer in;       /* what the worker sent; [0..complete) are whole frames */
    size_t complete; /* bytes */
    bool has_end, is_late, is_done;
    uint64_t deadline_ms, paused_since_ms;
    char message[MESSAGE_BYTES]; /* the first of what it wrote to stderr */
    size_t message_size;
} Slot;

typedef struct Ring {
    const PoolOptions *options;
    Walk *walk;
    bool walk_ended;
    Slot *slots;
    size_t cap, first, count, running;
    uint64_t started, done; /* files */
    Buffer out;             /* on its way to the main process */
    size_t out_sent;
    int out_fd;
} Ring;

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void buffer_add(Buffer *b, const void *bytes, size_t n) {
    if (b->cap - b->size < n) {
        size_t cap = b->cap ? b->cap : 1 << 12;
        while (cap - b->size < n)
            cap *= 2;
        b->at = need(realloc(b->at, cap));
        b->cap = cap;
    }
    if (n)
        memcpy(b->at + b->size, bytes, n);
    b->size += n;
}

static Slot *slot_at(Ring *r, size_t i) { return &r->slots[(r->first + i) % r->cap]; }

static uint32_t frame_size(const char *at) {
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* ---- what goes out ---- */

static void send_head(Ring *r, const Slot *s, size_t size) {
    bool is_final = false;
    PoolHead head = {.size = size, .done = r->done};
    if (s) {
        head.path_size = strlen(s->path);
        head.argument = s->argument;
        head.known = walk_known(r->walk, &is_final);
        head.is_known_final = is_final;
    }
    buffer_add(&r->out, &head, sizeof head);
    if (s)
        buffer_add(&r->out, s->path, head.path_size);
}

/* Adds a failure behind the whole frames of a slot. */
static void slot_fail(Slot *s, const char *stage, const char *reason) {
    CogResult *result = cog_result_failure(s->path, stage, reason);
    CogOutput out = {0};
    CogError error;
    if (cog_result_write(result, &out, &error) != COG_OK)
        _exit(1);
    s->in.size = s->complete;
    uint32_t n = (uint32_t)out.size;
    unsigned char head[4] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                             (unsigned char)(n >> 24)};
    buffer_add(&s->in, head, sizeof head);
    buffer_add(&s->in, out.at, out.size);
    s->complete = s->in.size;
    cog_output_free(&out);
    cog_result_free(result);
}

/* Moves the whole frames of the slot that is due into the output. */
static void release(Ring *r, Slot *s) {
    for (size_t at = 0; at < s->complete;) {
        uint32_t n = frame_size(s->in.at + at);
        send_head(r, s, n);
        buffer_add(&r->out, s->in.at + at + 4, n);
        at += 4 + (size_t)n;
    }
    if (s->complete > 0)
        memmove(s->in.at, s->in.at + s->complete, s->in.size - s->complete);
    s->in.size -= s->complete;
    s->complete = 0;
}

static void release_due(Ring *r) {
    while (r->count > 0 && r->out.size - r->out_sent < MAX_WAITING_BYTES) {
        Slot *s = slot_at(r, 0);
        if (s->is_done)
            r->done++;
        release(r, s);
        if (!s->is_done)
            return;
        free(s->path);
        free(s->in.at);
        r->first = (r->first + 1) % r->cap;
        r->count--;
    }
}

static void send_out(Ring *r) {
    while (r->out_sent < r->out.size) {
        ssize_t n = write(r->out_fd, r->out.at + r->out_sent, r->out.size - r->out_sent);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            _exit(1); /* nobody listens any more */
        r->out_sent += (size_t)n;
    }
    r->out.size = r->out_sent = 0;
}

/* ---- what comes in ---- */

/* Threads that may help the worker that is about to start: what --jobs allows and no other file
 * needs. While the last file runs, about half of the others end (guess). */
static unsigned spare_jobs(const Ring *r) {
    bool is_final = false;
    uint64_t known = walk_known(r->walk, &is_final);
    uint64_t waiting = known > r->started ? known - r->started : 0;
    uint64_t busy = r->running + 1 + waiting;
    if (!is_final)
        return 0;
    uint64_t spare = busy < r->options->jobs ? r->options->jobs - busy : 0;
    return (unsigned)(waiting == 0 ? spare + (r->running + 1) / 2 : spare);
}

static void start_next(Ring *r) {
    WalkItem item;
    if (!walk_next(r->walk, &item)) {
        r->walk_ended = true;
        return;
    }
    r->started++;
    Slot *s = slot_at(r, r->count++);
    *s = (Slot){.path = item.path, .argument = item.argument, .is_done = true};
    if (item.problem) {
        slot_fail(s, "open", item.problem);
        return;
    }
    const char *reason = NULL;
    uint64_t size = 0;
    int fd = file_open(s->path, &size, &reason);
    if (fd < 0) {
        slot_fail(s, "open", reason);
        return;
    }
    WorkerJob job = {s->path, fd, size, r->options->analyse, spare_jobs(r)};
    s->pid = worker_start(&job, &s->pipes);
    close(fd);
    if (s->pid < 0) {
        s->pid = 0;
        slot_fail(s, "worker", "the system has no process left");
        return;
    }
    s->is_done = false;
    r->running++;
    uint64_t limit = r->options->analyse.timeout_ms;
    s->deadline_ms = limit ? now_ms() + worker_hard_limit_ms(limit) : UINT64_MAX;
}

/* Marks whole frames. False when the worker breaks the rules of its pipe: a result bigger than the
 * memory that it may have is one. */
static bool find_frames(Slot *s, uint64_t max_mb) {
    while (s->in.size - s->complete >= 4) {
        size_t n = frame_size(s->in.at + s->complete);
        if (s->has_end || n > max_mb << 20)
            return false;
        if (s->in.size - s->complete - 4 < n)
            return true;
        if (n == 0) {
            s->has_end = true;
            s->in.size = s->complete; /* nothing follows */
            return true;
        }
        s->complete += 4 + n;
    }
    return true;
}

static void read_message(Ring *r, Slot *s) {
    char text[1024];
    ssize_t n = read(s->pipes.messages, text, sizeof text);
    if (n <= 0) {
        close(s->pipes.messages);
        s->pipes.messages = -1;
        return;
    }
    if (r->options->verbose)
        say_escaped(text, (size_t)n);
    size_t room = sizeof s->message - 1 - s->message_size;
    size_t take = (size_t)n < room ? (size_t)n : room;
    memcpy(s->message + s->message_size, text, take);
    s->message_size += take;
}

static void finish(Ring *r, Slot *s, const char *broken) {
    int status = 0;
    /* It has closed its pipe: either it is ending, which this does not change, or it is up to
       something. */
    kill(s->pid, SIGKILL);
    while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    while (s->pipes.messages >= 0)
        read_message(r, s);
    close(s->pipes.results);
    s->pid = 0;
    r->running--;
    s->is_done = true;
    if (s->has_end && !broken)
        return;
    char reason[MESSAGE_BYTES + 200];
    worker_reason(status, s->is_late, reason, sizeof reason);
    if (broken)
        snprintf(reason, sizeof reason, "%s", broken);
    s->message[strcspn(s->message, "\n")] = 0;
    if (s->message[0]) {
        size_t used = strlen(reason);
        snprintf(reason + used, sizeof reason - used, ": %s", s->message);
    }
    slot_fail(s, "worker", reason);
}

static void read_results(Ring *r, Slot *s) {
    static char chunk[1 << 16];
    ssize_t n = read(s->pipes.results, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        finish(r, s, NULL);
        return;
    }
    buffer_add(&s->in, chunk, (size_t)n);
    if (!find_frames(s, r->options->analyse.max_mb))
        finish(r, s, "its result is damaged or bigger than --max-mb allows");
}

/* ---- the loop ---- */

/* A worker whose results pile up waits; so does its clock. */
static bool is_paused(Slot *s, uint64_t now) {
    bool pause = s->complete > MAX_WAITING_BYTES;
    if (pause && !s->paused_since_ms)
        s->paused_since_ms = now;
    if (!pause && s->paused_since_ms) {
        if (s->deadline_ms != UINT64_MAX)
            s->deadline_ms += now - s->paused_since_ms;
        s->paused_since_ms = 0;
    }
    return pause;
}

static void kill_late(Ring *r, uint64_t now) {
    for (size_t i = 0; i < r->count; i++) {
        Slot *s = slot_at(r, i);
        if (s->pid && !s->is_late && !is_paused(s, now) && now >= s->deadline_ms) {
            s->is_late = true;
            kill(s->pid, SIGKILL);
        }
    }
}

typedef struct PollSet {
    struct pollfd fds[2 * MAX_JOBS_IN_POOL + 1];
    Slot *slots[2 * MAX_JOBS_IN_POOL + 1];
    nfds_t count;
    int timeout_ms;
} PollSet;

static void poll_add(PollSet *set, int fd, short events, Slot *s) {
    set->slots[set->count] = s;
    set->fds[set->count++] = (struct pollfd){.fd = fd, .events = events};
}

static void poll_fill(Ring *r, PollSet *set, uint64_t now) {
    set->count = 0;
    uint64_t wait = 60000;
    for (size_t i = 0; i < r->count; i++) {
        Slot *s = slot_at(r, i);
        if (!s->pid)
            continue;
        if (!is_paused(s, now)) {
            poll_add(set, s->pipes.results, POLLIN, s);
            uint64_t left = s->deadline_ms > now ? s->deadline_ms - now : 0;
            wait = !s->is_late && left < wait ? left : wait;
        }
        if (s->pipes.messages >= 0)
            poll_add(set, s->pipes.messages, POLLIN, s);
    }
    set->timeout_ms = (int)wait + 1;
    if (r->out_sent < r->out.size)
        poll_add(set, r->out_fd, POLLOUT, NULL);
    else
        poll_add(set, r->out_fd, 0, NULL); /* tells when nobody listens any more */
}

static void step(Ring *r, PollSet *set) {
    kill_late(r, now_ms());
    poll_fill(r, set, now_ms());
    if (poll(set->fds, set->count, set->timeout_ms) < 0)
        return;
    for (nfds_t i = 0; i < set->count; i++) {
        Slot *s = set->slots[i];
        if (!set->fds[i].revents)
            continue;
        if (!s) {
            if (set->fds[i].revents & (POLLERR | POLLHUP))
                _exit(1);
            send_out(r);
        } else if (s->pid && set->fds[i].fd == s->pipes.messages) {
            read_message(r, s);
        } else if (s->pid) {
            read_results(r, s);
        }
    }
}

void pool_main(const PoolOptions *options, int out) {
    signal(SIGINT, SIG_IGN);  /* the main process decides */
    signal(SIGPIPE, SIG_IGN); /* send_out ends us */
    size_t jobs = options->jobs < MAX_JOBS_IN_POOL ? options->jobs : MAX_JOBS_IN_POOL;
    Ring r = {.options = options, .out_fd = out, .cap = 2 * jobs + 2};
    r.walk = walk_new(options->paths, options->count);
    r.slots = need(calloc(r.cap, sizeof *r.slots));
    PollSet *set = need(calloc(1, sizeof *set));
    fcntl(out, F_SETFL, O_NONBLOCK);
    fcntl(out, F_SETFD, FD_CLOEXEC);
    while (!r.walk_ended || r.count > 0) {
        while (!r.walk_ended && r.count < r.cap && r.running < jobs)
            start_next(&r);
        release_due(&r);
        send_out(&r);
        if (r.running > 0 || r.out.size > r.out_sent)
            step(&r, set);
    }
    send_head(&r, NULL, 0);
    while (r.out_sent < r.out.size) {
        step(&r, set);
        send_out(&r);
    }
    _exit(0);
}
