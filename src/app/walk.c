/* SPDX-License-Identifier: Apache-2.0 */
#include "app/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "app/app.h"

/* Deeper trees are made to break walkers; PATH_MAX ends paths of one-letter names at 2,048. */
enum { MAX_FOLDER_DEPTH = 1024 };
#define MAX_FILE_BYTES ((uint64_t)512 << 20)

typedef struct Entry {
    char *name;
    bool is_folder; /* as the folder's listing says: for the count only */
} Entry;

typedef struct Folder {
    char *path;
    dev_t device;
    ino_t inode;
    Entry *entries;
    size_t count, next;
} Folder;

struct Walk {
    const char *const *paths;
    size_t path_count, next_path;
    Folder *stack;
    size_t depth, cap;
    uint64_t files_known, folders_left; /* kept as we go: a folder may have millions of entries */
};

static const char *reason_from_errno(int number) {
    switch (number) {
    case ENOENT:
        return "no such file or folder";
    case EACCES:
    case EPERM:
        return "permission denied";
    case ELOOP:
        return "too many symbolic links: a loop";
    case ENAMETOOLONG:
        return "the path is too long";
    case ENOTDIR:
        return "a part of the path is not a folder";
    case EIO:
        return "the disk cannot read it";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case ENXIO:
    case ENODEV:
        return "not a regular file";
    default:
        return "cannot be opened";
    }
}

Walk *walk_new(const char *const *paths, size_t count) {
    Walk *w = need(calloc(1, sizeof *w));
    w->paths = paths;
    w->path_count = count;
    for (size_t i = 0; i < count; i++) {
        struct stat st;
        bool is_folder = stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode);
        w->folders_left += is_folder;
        w->files_known += !is_folder;
    }
    return w;
}

static void folder_free(Folder *f) {
    for (size_t i = 0; i < f->count; i++)
        free(f->entries[i].name);
    free(f->entries);
    free(f->path);
}

void walk_free(Walk *w) {
    if (!w)
        return;
    while (w->depth > 0)
        folder_free(&w->stack[--w->depth]);
    free(w->stack);
    free(w);
}

uint64_t walk_known(const Walk *w, bool *is_final) {
    *is_final = w->folders_left == 0;
    return w->files_known;
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const Entry *)a)->name, ((const Entry *)b)->name);
}

static bool read_entries(DIR *dir, Folder *f) {
    size_t cap = 0;
    const struct dirent *e;
    errno = 0;
    while ((e = readdir(dir))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (f->count == cap) {
            cap = cap ? cap * 2 : 64;
            f->entries = need(realloc(f->entries, cap * sizeof *f->entries));
        }
        f->entries[f->count++] = (Entry){need(strdup(e->d_name)), e->d_type == DT_DIR};
        errno = 0;
    }
    bool ok = errno == 0;
    if (f->count > 0)
        qsort(f->entries, f->count, sizeof *f->entries, compare_entries);
    return ok;
}

static bool is_walked(const Walk *w, const struct stat *st) {
    for (size_t i = 0; i < w->depth; i++)
        if (w->stack[i].device == st->st_dev && w->stack[i].inode == st->st_ino)
            return true;
    return false;
}

/* /proc, /sys and the like: their files are not the disk's, and some have no end. */
static bool is_kernel_view(int fd) {
    static const uint32_t MAGICS[] = {0x9fa0,     0x62656572, 0x64626720, 0x74726163, 0x27e0eb,
                                      0x63677270, 0x73636673, 0xcafe4a11, 0x62656570, 0x6165676c};
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0)
        return false;
    for (size_t i = 0; i < sizeof MAGICS / sizeof *MAGICS; i++)
        if ((uint32_t)fs.f_type == MAGICS[i])
            return true;
    return false;
}

/* Opens a folder for the next steps; the reason when that is impossible. Takes no ownership. */
static const char *push_folder(Walk *w, const char *path, const struct stat *st) {
    if (is_walked(w, st))
        return "folder loop: it is inside itself";
    if (w->depth == MAX_FOLDER_DEPTH)
        return "folders nested deeper than 1024";
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_named = w->depth == 0;
    if (fd >= 0 && !is_named && w->stack[w->depth - 1].device != st->st_dev && is_kernel_view(fd)) {
        close(fd);
        return "a view into the kernel, not files: name it to walk it";
    }
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        return reason_from_errno(number);
    }
    if (w->depth == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 16;
        w->stack = need(realloc(w->stack, w->cap * sizeof *w->stack));
    }
    Folder *f = &w->stack[w->depth++];
    *f = (Folder){.path = need(strdup(path)), .device = st->st_dev, .inode = st->st_ino};
    bool ok = read_entries(dir, f);
    closedir(dir);
    for (size_t i = 0; i < f->count; i++) {
        w->folders_left += f->entries[i].is_folder;
        w->files_known += !f->entries[i].is_folder;
    }
    return ok ? NULL : "the folder could not be listed to its end";
}

static bool give(Walk *w, WalkItem *out, char *path, const char *problem) {
    *out = (WalkItem){path, w->next_path - 1, problem};
    return true;
}

/* One path, named or found in a folder. False: it was a folder, go on with its entries. */
static bool visit(Walk *w, char *path, bool is_named, WalkItem *out) {
    struct stat st;
    if (is_named && !strcmp(path, "-"))
        return give(w, out, path, NULL);
    if ((is_named ? stat(path, &st) : lstat(path, &st)) != 0)
        return give(w, out, path,
                    errno == ENOENT && !is_named ? "vanished" : reason_from_errno(errno));
    if (S_ISLNK(st.st_mode)) {
        if (stat(path, &st) != 0)
            return give(w, out, path,
                        errno == ENOENT ? "symbolic link that leads nowhere"
                                        : reason_from_errno(errno));
        if (S_ISDIR(st.st_mode))
            return give(w, out, path,
                        is_walked(w, &st)
                            ? "folder loop: a symbolic link back up"
                            : "symbolic link to a folder: not followed, name it to walk it");
    }
    if (!S_ISDIR(st.st_mode))
        return give(w, out, path, NULL);
    w->folders_left -= w->folders_left > 0;
    const char *problem = push_folder(w, path, &st);
    if (problem)
        return give(w, out, path, problem);
    free(path);
    return false;
}

static char *join(const char *folder, const char *name) {
    size_t n = strlen(folder);
    char *path = NULL;
    const char *slash = n && folder[n - 1] == '/' ? "" : "/";
    if (asprintf(&path, "%s%s%s", folder, slash, name) < 0)
        path = NULL;
    return need(path);
}

bool walk_next(Walk *w, WalkItem *out) {
    for (;;) {
        if (w->depth > 0) {
            Folder *f = &w->stack[w->depth - 1];
            if (f->next == f->count) {
                folder_free(f);
                w->depth--;
            } else if (visit(w, join(f->path, f->entries[f->next++].name), false, out)) {
                return true;
            }
        } else if (w->next_path < w->path_count) {
            if (visit(w, need(strdup(w->paths[w->next_path++])), true, out))
                return true;
        } else {
            return false;
        }
    }
}

/* ---- files ---- */

/* Standard input has no size and cannot be mapped: it is copied to memory first. */
static int read_stdin(const char **reason) {
    int fd = memfd_create("stdin", MFD_CLOEXEC);
    static char buffer[1 << 16];
    uint64_t size = 0;
    while (fd >= 0) {
        ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            return fd;
        size += n > 0 ? (uint64_t)n : 0;
        *reason = n < 0 ? "standard input cannot be read" : "bigger than 512 MiB";
        if (n < 0 || size > MAX_FILE_BYTES || write(fd, buffer, (size_t)n) != n)
            break;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static const char *reason_from_stat(const struct stat *st) {
    if (S_ISDIR(st->st_mode))
        return "a folder";
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        return "a device, not a regular file";
    if (S_ISFIFO(st->st_mode))
        return "a named pipe, not a regular file";
    if (S_ISSOCK(st->st_mode))
        return "a socket, not a regular file";
    if (!S_ISREG(st->st_mode))
        return "not a regular file";
    if (st->st_size == 0)
        return "empty file";
    return (uint64_t)st->st_size > MAX_FILE_BYTES ? "bigger than 512 MiB" : NULL;
}

int file_open(const char *path, uint64_t *size, const char **reason) {
    struct stat st;
    int fd = -1;
    *reason = "standard input cannot be read";
    if (!strcmp(path, "-")) {
        fd = read_stdin(reason);
        if (fd < 0)
            return -1;
    } else {
        /* Looked at before it is opened, since opening a device can do things; and again after,
           since the name may by then mean another file. */
        if (stat(path, &st) != 0) {
            *reason = errno == ENOENT ? "vanished" : reason_from_errno(errno);
            return -1;
        }
        *reason = reason_from_stat(&st);
        if (*reason)
            return -1;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0) {
            *reason = errno == ENOENT ? "vanished" : reason_from_errno(errno);
            return -1;
        }
    }
    *reason = fstat(fd, &st) == 0 ? reason_from_stat(&st) : "cannot be opened";
    if (*reason) {
        close(fd);
        return -1;
    }
    *size = (uint64_t)st.st_size;
    return fd;
}
