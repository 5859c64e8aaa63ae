/* SPDX-License-Identifier: Apache-2.0
 * lock.c: one writer for each store: a POSIX record lock on the file `lock`. The kernel drops it
 * when the process ends, however it ends, and a forked worker does not inherit it. It does not know
 * threads and is lost when any descriptor of the file closes, so the locks of this process are
 * listed as well. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sample.h"
#include "store/internal.h"

struct WriteLock {
    dev_t dev;
    ino_t ino;
    pid_t pid;
    int fd;
    WriteLock *next;
};

static pthread_mutex_t locks_mutex = PTHREAD_MUTEX_INITIALIZER;
static WriteLock *locks;

static bool is_ours(const char *file) {
    struct stat st;
    if (stat(file, &st) != 0)
        return false;
    for (WriteLock *l = locks; l; l = l->next)
        if (l->dev == st.st_dev && l->ino == st.st_ino && l->pid == getpid())
            return true;
    return false;
}

static struct flock whole_file(void) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static Status busy(const char *path, pid_t pid, Error *err) {
    if (pid == 0)
        return error_set(err, STATUS_BUSY, "%s: another process is changing this store", path);
    return error_set(err, STATUS_BUSY, "%s: process %ld%s is changing this store", path, (long)pid,
                     pid == getpid() ? " (this one)" : "");
}

/* STATUS_BUSY when somebody else has it. */
static Status take_once(const char *path, const char *file, WriteLock *l, Error *err) {
    if (is_ours(file))
        return busy(path, getpid(), err);
    l->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0664);
    if (l->fd < 0)
        return error_set(err, STATUS_FAILED, "%s: %s", file, strerror(errno));
    struct flock f = whole_file();
    struct stat st;
    if (fcntl(l->fd, F_SETLK, &f) == 0 && fstat(l->fd, &st) == 0) {
        l->dev = st.st_dev;
        l->ino = st.st_ino;
        l->pid = getpid();
        l->next = locks;
        locks = l;
        return STATUS_OK;
    }
    bool is_busy = errno == EACCES || errno == EAGAIN;
    Status status = STATUS_FAILED;
    struct flock holder = whole_file();
    if (!is_busy)
        status = error_set(err, STATUS_FAILED, "%s: %s", file, strerror(errno));
    else if (fcntl(l->fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK)
        status = busy(path, holder.l_pid, err);
    else
        status = busy(path, 0, err);
    close(l->fd);
    return status;
}

Status write_lock_take(const char *path, uint32_t wait_ms, WriteLock **out, Error *err) {
    *out = NULL;
    char *file = NULL;
    WriteLock *l = calloc(1, sizeof *l);
    if (!l || asprintf(&file, "%s/lock", path) < 0) {
        free(l);
        return error_set(err, STATUS_FAILED, "out of memory");
    }
    uint64_t until = clock_now_ms() + wait_ms;
    Status status;
    for (;;) {
        pthread_mutex_lock(&locks_mutex);
        status = take_once(path, file, l, err);
        pthread_mutex_unlock(&locks_mutex);
        if (status != STATUS_BUSY || clock_now_ms() >= until)
            break;
        usleep(10 * 1000); /* a person does not notice 10 ms */
    }
    free(file);
    if (status == STATUS_OK)
        *out = l;
    else
        free(l);
    return status;
}

void write_lock_drop(WriteLock *l) {
    if (!l)
        return;
    pthread_mutex_lock(&locks_mutex);
    WriteLock **at = &locks;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    if (l->pid == getpid())
        close(l->fd);
    pthread_mutex_unlock(&locks_mutex);
    free(l);
}
