/* SPDX-License-Identifier: Apache-2.0
 * worker.h: one process per sample. The worker gets an open file, closes everything else, enters
 * the sandbox, analyses, and writes frames into its pipe: a length (4 bytes, little-endian), then a
 * result as cog_result_write gives it; length 0 says that all was sent. */
#ifndef COG_APP_WORKER_H
#define COG_APP_WORKER_H

#include <cognate/cognate.h>
#include <sys/types.h>

typedef struct WorkerJob {
    const char *path;
    int fd; /* a regular file */
    uint64_t size;
    CogOptions options;
    unsigned helpers; /* threads besides the first, for this sample */
} WorkerJob;

typedef struct WorkerPipes {
    int results, messages; /* read ends; messages: what the worker wrote to stderr */
} WorkerPipes;

/* -1 when the system has no process or pipe left. The caller closes job->fd. */
pid_t worker_start(const WorkerJob *job, WorkerPipes *pipes);

/* How long after the soft time limit a worker may still write what it has. */
uint64_t worker_hard_limit_ms(uint64_t timeout_ms);
/* Why a worker ended before it sent everything, from its wait status. */
void worker_reason(int wait_status, bool was_late, char *out, size_t size);

#endif
