/* SPDX-License-Identifier: Apache-2.0 */
#include "app/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/sandbox.h"

/* Where a worker keeps its pipe. */
enum { RESULT_FD = 3, EXIT_NO_SANDBOX = 70, EXIT_NO_MAP = 71 };

/* Beside the two arenas that --max-mb bounds: archive windows, the pack that is being written. */
#define MEMORY_SLACK ((uint64_t)64 << 20)
/* Each helper's stack. */
#define HELPER_BYTES ((uint64_t)8 << 20)

static void write_all(const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = write(RESULT_FD, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(1);
        at += n;
        size -= (size_t)n;
    }
}

static void write_frame(const void *bytes, size_t size) {
    unsigned char head[4] = {(unsigned char)size, (unsigned char)(size >> 8),
                             (unsigned char)(size >> 16), (unsigned char)(size >> 24)};
    write_all(head, sizeof head);
    write_all(bytes, size);
}

static bool send_result(void *ctx, CogResult *result) {
    (void)ctx;
    CogOutput out = {0};
    CogError error;
    if (cog_result_write(result, &out, &error) != COG_OK) {
        CogResult *failure = cog_result_failure(cog_result_path(result), "worker", error.message);
        cog_output_free(&out);
        if (cog_result_write(failure, &out, &error) != COG_OK)
            _exit(1);
        cog_result_free(failure);
    }
    write_frame(out.at, out.size);
    cog_output_free(&out);
    cog_result_free(result);
    return true;
}

/* stdin and stdout lead nowhere, stderr and the result pipe to the parent, all else is closed. */
static void keep_only(int results, int messages) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* Above the places that are about to be filled. */
    int r = fcntl(results, F_DUPFD, 10), m = fcntl(messages, F_DUPFD, 10);
    if (nothing < 0 || r < 0 || m < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
        dup2(m, 2) < 0 || dup2(r, RESULT_FD) < 0)
        _exit(1);
    if (syscall(SYS_close_range, RESULT_FD + 1, ~0U, 0) != 0)
        for (int fd = RESULT_FD + 1; fd < 4096; fd++)
            close(fd);
}

/* A worker keeps what it frees: it is gone soon, and giving pages back costs interrupts of its
 * other threads (a twentieth of the wall time of a 3 MB PE). */
static void keep_freed_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 4 << 20); /* larger ones would stay too long: a tenth more memory */
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_TOP_PAD, 1 << 20);
}

__attribute__((noreturn)) static void worker_main(const WorkerJob *job, int results, int messages) {
    signal(SIGINT, SIG_IGN);
    signal(SIGBUS, SIG_DFL); /* a file that is cut short under the map: the parent tells */
    void *bytes = mmap(NULL, (size_t)job->size, PROT_READ, MAP_PRIVATE, job->fd, 0);
    keep_only(results, messages);
    if (bytes == MAP_FAILED)
        _exit(EXIT_NO_MAP);
    SandboxLimits limits = {.memory_bytes = (job->options.max_mb ? job->options.max_mb << 20 : 0) +
                                            MEMORY_SLACK + job->helpers * HELPER_BYTES,
                            /* A backstop: the parent's clock is the rule. */
                            .cpu_seconds =
                                job->options.timeout_ms
                                    ? (worker_hard_limit_ms(job->options.timeout_ms) / 1000 + 2) *
                                          (job->helpers + 1)
                                    : 0};
    char why[200];
    CogOptions options = job->options;
    keep_freed_memory();
    bool ok = sandbox_prepare(why, sizeof why);
    options.helpers = cog_helpers_new(ok ? job->helpers : 0);
    if (!ok || !sandbox_close(&limits, why, sizeof why)) {
        fprintf(stderr, "sandbox: %s\n", why);
        _exit(EXIT_NO_SANDBOX);
    }
    cog_analyse(&options, job->path, bytes, (size_t)job->size, send_result, NULL);
    write_frame("", 0);
    _exit(0);
}

static bool make_pipes(int results[2], int messages[2]) {
    if (pipe2(results, O_CLOEXEC) != 0)
        return false;
    if (pipe2(messages, O_CLOEXEC) == 0)
        return true;
    close(results[0]);
    close(results[1]);
    return false;
}

pid_t worker_start(const WorkerJob *job, WorkerPipes *pipes) {
    int results[2], messages[2];
    if (!make_pipes(results, messages))
        return -1;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        worker_main(job, results[1], messages[1]);
    }
    close(results[1]);
    close(messages[1]);
    if (pid < 0) {
        close(results[0]);
        close(messages[0]);
        return -1;
    }
    *pipes = (WorkerPipes){results[0], messages[0]};
    return pid;
}

uint64_t worker_hard_limit_ms(uint64_t timeout_ms) { return timeout_ms + timeout_ms / 4 + 3000; }

void worker_reason(int wait_status, bool was_late, char *out, size_t size) {
    int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
    int number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    if (was_late || number == SIGXCPU)
        snprintf(out, size, "took longer than --timeout allows and was stopped");
    else if (number == SIGBUS)
        snprintf(out, size, "vanished: the file was cut short while it was read");
    else if (number == SIGSYS)
        snprintf(out, size, "stopped by the sandbox: it tried a forbidden system call");
    else if (number == SIGKILL)
        snprintf(out, size, "killed by the system, most likely for want of memory");
    else if (number)
        snprintf(out, size, "crashed: %s (signal %d)", strsignal(number), number);
    else if (code == EXIT_NO_SANDBOX)
        snprintf(out, size, "the sandbox could not be closed");
    else if (code == EXIT_NO_MAP)
        snprintf(out, size, "could not be mapped into memory");
    else
        snprintf(out, size, "ended early (exit code %d)", code);
}
