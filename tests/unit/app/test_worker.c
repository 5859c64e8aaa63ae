/* SPDX-License-Identifier: Apache-2.0
 * test_worker.c: what a closed sandbox can still do, and what a parent is told about workers. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/sandbox.h"
#include "app/worker.h"
#include <string.h>
#include <time.h>

#include "cog_test.h"

enum { REFUSED = 50, WORKED = 51, NO_SANDBOX = 52, MEMORY_MB = 64 };

static int result_of(bool worked) { return worked ? WORKED : REFUSED; }

/* Each is tried in a process of its own, inside the sandbox. */
static int try_open(void) { return result_of(open("/etc/passwd", O_RDONLY) >= 0); }
static int try_openat2(void) {
    uint64_t how[3] = {O_RDONLY, 0, 0};
    return result_of(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how) >= 0);
}
static int try_create(void) { return result_of(open("/tmp/x", O_CREAT | O_WRONLY, 0600) >= 0); }
static int try_stat(void) { return result_of(access("/etc/passwd", R_OK) == 0); }
static int try_unlink(void) { return result_of(unlink("/tmp/no-such-file") == 0 || true); }
static int try_socket(void) { return result_of(socket(AF_INET, SOCK_STREAM, 0) >= 0); }
static int try_unix_socket(void) { return result_of(socket(AF_UNIX, SOCK_STREAM, 0) >= 0); }
static int try_fork(void) { return result_of(fork() >= 0); }
static int try_vfork(void) { return result_of(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0); }
static int try_clone3(void) {
    uint64_t args[8] = {0};
    args[4] = SIGCHLD;
    return result_of(syscall(SYS_clone3, args, sizeof args) >= 0);
}
static int try_exec(void) {
    char *const args[] = {(char *)(uintptr_t) "/bin/true", NULL};
    execve("/bin/true", args, NULL);
    return REFUSED;
}
static int try_ptrace(void) { return result_of(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0); }
static int try_kill(void) { return result_of(kill(getppid(), 0) == 0); }
static int try_code(void) {
    void *at =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return result_of(at != MAP_FAILED);
}
static int try_protect(void) {
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NO_SANDBOX : result_of(mprotect(at, 4096, PROT_EXEC) == 0);
}
static int try_io_uring(void) { return result_of(syscall(SYS_io_uring_setup, 1, NULL) >= 0); }
static int try_memory(void) {
    /* Twice the limit, in pieces. */
    for (int i = 0; i < 2 * MEMORY_MB; i++) {
        volatile char *at = malloc(1 << 20);
        if (!at)
            return REFUSED;
        at[0] = 1;
    }
    return WORKED;
}
static int try_i386(void) {
    /* The 32-bit entry has other numbers: 20 is getpid there, writev here. */
    long got;
    __asm__ volatile("int $0x80" : "=a"(got) : "a"(20L) : "memory");
    return result_of(got > 0);
}

/* And this has to go on working. */
static int try_computing(void) {
    char *at = malloc(1 << 20), *more = realloc(at, 2 << 20);
    struct timespec now;
    bool ok = more && clock_gettime(CLOCK_MONOTONIC, &now) == 0;
    free(more);
    return result_of(ok && write(STDERR_FILENO, "", 0) == 0);
}

static bool enter(const SandboxLimits *limits, char *why, size_t size) {
    return sandbox_prepare(why, size) && sandbox_close(limits, why, size);
}

static int run(int (*attempt)(void)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char why[200];
        SandboxLimits limits = {.memory_bytes = (uint64_t)MEMORY_MB << 20, .cpu_seconds = 10};
        _exit(enter(&limits, why, sizeof why) ? attempt() : NO_SANDBOX);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? REFUSED : -WTERMSIG(status);
    return WEXITSTATUS(status);
}

static void test_sandbox_refuses(void **state) {
    (void)state;
    if (!sandbox_is_complete())
        skip();
    static int (*const ATTEMPTS[])(void) = {
        try_open,        try_openat2, try_create,  try_stat,     try_unlink, try_socket,
        try_unix_socket, try_fork,    try_vfork,   try_clone3,   try_exec,   try_ptrace,
        try_kill,        try_code,    try_protect, try_io_uring, try_memory, try_i386};
    for (size_t i = 0; i < sizeof ATTEMPTS / sizeof *ATTEMPTS; i++) {
        int got = run(ATTEMPTS[i]);
        if (got != REFUSED)
            print_error("attempt %zu: %d\n", i, got);
        assert_int_equal(got, REFUSED);
    }
}

static void test_sandbox_lets_compute(void **state) {
    (void)state;
    assert_int_equal(run(try_computing), WORKED);
}

static atomic_bool is_waiting, door_is_closed;
static void *knock_when_closed(void *ctx) {
    is_waiting = true; /* whatever a new thread asks of the system has been asked */
    while (!door_is_closed)
        sched_yield();
    (void)socket(AF_INET, SOCK_STREAM, 0);
    return ctx;
}

/* A thread that was made before is behind the door too. */
static void test_sandbox_holds_all_threads(void **state) {
    (void)state;
    if (!sandbox_is_complete())
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        char why[200];
        SandboxLimits limits = {0};
        pthread_t thread;
        if (!sandbox_prepare(why, sizeof why) ||
            pthread_create(&thread, NULL, knock_when_closed, NULL) != 0)
            _exit(NO_SANDBOX);
        while (!is_waiting)
            sched_yield();
        if (!sandbox_close(&limits, why, sizeof why))
            _exit(NO_SANDBOX);
        door_is_closed = true;
        pthread_join(thread, NULL);
        _exit(WORKED);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void test_sandbox_has_no_core(void **state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        char why[200];
        SandboxLimits limits = {0};
        if (!enter(&limits, why, sizeof why))
            _exit(NO_SANDBOX);
        abort();
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && !WCOREDUMP(status));
}

/* ---- workers ---- */

static int file_with(size_t size) {
    int fd = memfd_create("sample", MFD_CLOEXEC);
    char byte = 'x';
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)size - 1), 1);
    return fd;
}

/* Everything the worker sent, then its wait status. */
static size_t collect(const WorkerJob *job, unsigned char *out, size_t max, int *status) {
    WorkerPipes pipes;
    pid_t pid = worker_start(job, &pipes);
    assert_true(pid > 0);
    size_t size = 0;
    ssize_t n;
    while ((n = read(pipes.results, out + size, max - size)) > 0)
        size += (size_t)n;
    close(pipes.results);
    close(pipes.messages);
    assert_int_equal(waitpid(pid, status, 0), pid);
    return size;
}

static void test_worker_sends_result_and_end(void **state) {
    (void)state;
    static unsigned char out[1 << 20];
    int status, fd = file_with(4096);
    WorkerJob job = {.path = "some/file", .fd = fd, .size = 4096, .options = {.max_mb = 256}};
    size_t size = collect(&job, out, sizeof out, &status);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    size_t frame = (size_t)out[0] | (size_t)out[1] << 8 | (size_t)out[2] << 16;
    assert_int_equal(size, 4 + frame + 4);
    CogResult *r;
    assert_int_equal(cog_result_read(out + 4, frame, &r, NULL), COG_OK);
    assert_string_equal(cog_result_path(r), "some/file");
    assert_int_equal(strlen(cog_result_sha256(r)), 64);
    cog_result_free(r);
    assert_memory_equal(out + 4 + frame, "\0\0\0\0", 4);
    close(fd);
}

/* The test's own program: some thousand functions. */
static void test_helpers_change_nothing(void **state) {
    (void)state;
    /* Packs come uncompressed. Not static: what the sandbox's tests may have is counted. */
    const size_t most = (size_t)1 << 25;
    unsigned char *alone = malloc(most), *helped = malloc(most);
    assert_non_null(alone);
    assert_non_null(helped);
    int status, fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat st;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    WorkerJob job = {.path = "self", .fd = fd, .size = (uint64_t)st.st_size};
    job.options.max_mb = 512;
    size_t size = collect(&job, alone, most, &status);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(size > 100000 && size < most);
    job.helpers = 3;
    assert_int_equal(collect(&job, helped, most, &status), size);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_memory_equal(alone, helped, size);
    free(alone);
    free(helped);
    close(fd);
}

/* Helpers that run out of memory end as one thread does: with a record. */
static void test_helpers_without_memory(void **state) {
    (void)state;
    static unsigned char out[1 << 22]; /* with enough memory, the whole result */
    int status, fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat st;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    WorkerJob job = {.path = "self", .fd = fd, .size = (uint64_t)st.st_size, .helpers = 3};
    for (uint64_t mb = 2; mb <= 24; mb += mb < 8 ? 2 : 8) {
        job.options.max_mb = mb;
        size_t size = collect(&job, out, sizeof out, &status);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        assert_true(size > 8);
    }
    close(fd);
}

static void test_worker_with_vanished_bytes(void **state) {
    (void)state;
    static unsigned char out[1 << 16];
    char reason[200];
    int status, fd = file_with(4096);
    /* The file is 4 KiB by now; the map was made for 1 MiB. */
    WorkerJob job = {.path = "f", .fd = fd, .size = 1 << 20, .options = {.max_mb = 256}};
    collect(&job, out, sizeof out, &status);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGBUS);
    worker_reason(status, false, reason, sizeof reason);
    assert_non_null(strstr(reason, "vanished"));
    close(fd);
}

static void test_reasons(void **state) {
    (void)state;
    char reason[200];
    worker_reason(SIGKILL, true, reason, sizeof reason);
    assert_non_null(strstr(reason, "--timeout"));
    worker_reason(SIGKILL, false, reason, sizeof reason);
    assert_non_null(strstr(reason, "memory"));
    worker_reason(SIGSYS, false, reason, sizeof reason);
    assert_non_null(strstr(reason, "sandbox"));
    worker_reason(SIGSEGV, false, reason, sizeof reason);
    assert_non_null(strstr(reason, "signal 11"));
    worker_reason(1 << 8, false, reason, sizeof reason);
    assert_non_null(strstr(reason, "exit code 1"));
}

int main(void) {
    cog_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sandbox_refuses),
        cmocka_unit_test(test_sandbox_lets_compute),
        cmocka_unit_test(test_sandbox_holds_all_threads),
        cmocka_unit_test(test_sandbox_has_no_core),
        cmocka_unit_test(test_worker_sends_result_and_end),
        cmocka_unit_test(test_helpers_change_nothing),
        cmocka_unit_test(test_helpers_without_memory),
        cmocka_unit_test(test_worker_with_vanished_bytes),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
