/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

bool sandbox_is_complete(void) { return !IS_SANITIZED; }

/* ---- limits ---- */

static bool set_limit(__rlimit_resource_t what, rlim_t most) {
    struct rlimit now, wanted = {most, most};
    if (getrlimit(what, &now) == 0 && now.rlim_max < most)
        wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
    return setrlimit(what, &wanted) == 0;
}

static bool set_limits(const SandboxLimits *limits) {
    bool ok = set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_FSIZE, 0);
    if (limits->cpu_seconds)
        ok = ok && set_limit(RLIMIT_CPU, limits->cpu_seconds);
    if (IS_SANITIZED)
        return ok;
    ok = ok && set_limit(RLIMIT_NOFILE, 0) && set_limit(RLIMIT_NPROC, 0);
    /* RLIMIT_DATA counts private writable maps and the heap (since Linux 4.7), but not the sample,
       which is mapped read-only. */
    if (limits->memory_bytes)
        ok = ok && set_limit(RLIMIT_DATA, limits->memory_bytes);
    return ok;
}

/* ---- a second line ---- */

/* linux/landlock.h of Debian 12 knows the first version only: later fields are added here
 * (Documentation/userspace-api/landlock.rst, ABI 4 network, ABI 6 scopes). */
typedef struct LandlockRules {
    uint64_t access_fs, access_net, scoped;
} LandlockRules;

enum { LANDLOCK_CREATE = 444, LANDLOCK_RESTRICT = 446, LANDLOCK_VERSION_FLAG = 1 };

/* Handles every right that the running kernel knows and grants none. */
static void enter_landlock(void) {
    long abi = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION_FLAG);
    if (abi < 1)
        return;
    static const unsigned FS_RIGHTS[] = {0, 13, 14, 15, 15, 16};
    unsigned rights = FS_RIGHTS[abi > 5 ? 5 : abi];
    LandlockRules rules = {.access_fs = ((uint64_t)1 << rights) - 1,
                           .access_net = abi >= 4 ? 3 : 0,
                           .scoped = abi >= 6 ? 3 : 0};
    size_t size = abi >= 6 ? sizeof rules : abi >= 4 ? 16 : 8;
    long fd = syscall(LANDLOCK_CREATE, &rules, size, 0);
    if (fd < 0)
        return;
    (void)syscall(LANDLOCK_RESTRICT, fd, 0);
    close((int)fd);
}

/* Root's worker becomes nobody: file permissions and process limits then bind it as well. */
static void drop_root(void) {
    enum { NOBODY = 65534 };
    if (geteuid() != 0)
        return;
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) != 0)
        return;
}

/* ---- system calls ---- */

/* What an analysis needs: its open pipes, memory, the clock, its own end. */
static const int ALLOWED[] = {
    SCMP_SYS(read),          SCMP_SYS(write),          SCMP_SYS(writev),
    SCMP_SYS(close),         SCMP_SYS(munmap),         SCMP_SYS(mremap),
    SCMP_SYS(brk),           SCMP_SYS(madvise),        SCMP_SYS(futex),
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),   SCMP_SYS(time),
    SCMP_SYS(exit),          SCMP_SYS(exit_group),     SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack),
    SCMP_SYS(getrandom),     SCMP_SYS(sched_yield),    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),        SCMP_SYS(gettid),         SCMP_SYS(membarrier),
};

/* What libraries try in passing (time zones, character tables, buffer sizes) and do without. */
static const int REFUSED[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(ioctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(lseek),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(prctl),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(rseq),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
};

static int add_rules(scmp_filter_ctx filter) {
    int bad = 0;
    for (size_t i = 0; i < sizeof ALLOWED / sizeof *ALLOWED; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, ALLOWED[i], 0);
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), REFUSED[i], 0);
    const struct scmp_arg_cmp is_anonymous = {3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS},
                              is_not_code = {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
                              is_self = {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};
    /* Memory without a file behind it, and never executable. */
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, is_not_code, is_anonymous);
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, is_not_code);
    /* abort() sends its signal to the own thread. */
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, is_self);
    return bad;
}

static bool enter_filter(void) {
    if (IS_SANITIZED)
        return true;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return false;
    bool ok = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
              seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 && /* all threads */
              add_rules(filter) == 0 && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok;
}

static bool report(const char *failed, char *why, size_t why_size) {
    if (failed)
        snprintf(why, why_size, "%s: %s", failed, strerror(errno));
    return !failed;
}

bool sandbox_prepare(char *why, size_t why_size) {
    drop_root();
    /* A change of user clears the second. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (ok && !IS_SANITIZED)
        enter_landlock();
    return report(ok ? NULL : "no_new_privs", why, why_size);
}

bool sandbox_close(const SandboxLimits *limits, char *why, size_t why_size) {
    const char *failed = set_limits(limits) ? NULL : "resource limits";
    if (!failed && !enter_filter())
        failed = "system call filter";
    return report(failed, why, why_size);
}
