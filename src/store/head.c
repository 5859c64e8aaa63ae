/* SPDX-License-Identifier: Apache-2.0
 * head.c: the header file and the folders of generations. Each generation is a database of its own:
 * a compacted store is a new one, made whole before the header names it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/internal.h"

#define HEAD_NAME "cognate.store"
#define HEAD_MAGIC "cognate store\n"
enum { HEAD_FORMAT = 1, HEAD_MAX_BYTES = 256 };

static char *join(const char *path, const char *name) {
    char *out = NULL;
    return asprintf(&out, "%s/%s", path, name) < 0 ? NULL : out;
}

char *generation_path(const char *path, uint64_t generation) {
    char *out = NULL;
    return asprintf(&out, "%s/gen-%" PRIu64, path, generation) < 0 ? NULL : out;
}

static Status no_memory(Error *err) { return error_set(err, STATUS_FAILED, "out of memory"); }

static Status world(const char *path, Error *err) {
    Status status =
        errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? STATUS_FULL : STATUS_FAILED;
    return error_set(err, status, "%s: %s", path, strerror(errno));
}

static bool parse_line(const char **at, const char *word, uint64_t *out) {
    size_t n = strlen(word);
    char *end = NULL;
    if (strncmp(*at, word, n) != 0)
        return false;
    errno = 0;
    *out = strtoull(*at + n, &end, 10);
    if (errno != 0 || end == *at + n || *end != '\n')
        return false;
    *at = end + 1;
    return true;
}

static Status head_parse(const char *file, const char *text, size_t size, Head *out, Error *err) {
    const char *at = text + strlen(HEAD_MAGIC);
    uint64_t format = 0, extractor = 0;
    if (strncmp(text, HEAD_MAGIC, strlen(HEAD_MAGIC)) != 0)
        return error_set(err, STATUS_CORRUPT, "%s: this is not the header of a cognate store",
                         file);
    bool is_good = parse_line(&at, "format ", &format);
    if (is_good && format != HEAD_FORMAT)
        return error_set(err, STATUS_FAILED,
                         "%s: format %" PRIu64 " of a newer program; this one reads format %d",
                         file, format, HEAD_FORMAT);
    is_good = is_good && parse_line(&at, "extractor ", &extractor) && extractor <= UINT32_MAX &&
              parse_line(&at, "generation ", &out->generation);
    size_t body = (size_t)(at - text);
    char check[32];
    snprintf(check, sizeof check, "check %016" PRIx64 "\n",
             hash64((Bytes){(const uint8_t *)text, body}));
    if (!is_good || size != body + strlen(check) || strcmp(at, check) != 0)
        return error_set(err, STATUS_CORRUPT, "%s: the header of the store is damaged", file);
    out->extractor_version = (uint32_t)extractor;
    return STATUS_OK;
}

Status head_read(const char *path, Head *out, struct stat *st, Error *err) {
    char *file = join(path, HEAD_NAME);
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        Status status = !file ? no_memory(err)
                        : errno == ENOENT || errno == ENOTDIR
                            ? error_set(err, STATUS_NOT_FOUND, "%s: there is no store", path)
                            : world(file, err);
        free(file);
        return status;
    }
    char text[HEAD_MAX_BYTES + 1] = {0};
    ssize_t size = read(fd, text, HEAD_MAX_BYTES);
    Status status = size < 0 || fstat(fd, st) != 0 ? world(file, err)
                                                   : head_parse(file, text, (size_t)size, out, err);
    close(fd);
    free(file);
    return status;
}

static bool sync_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return is_done;
}

static bool write_file(const char *file, const char *text, size_t size) {
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0664);
    if (fd < 0)
        return false;
    bool is_done = write(fd, text, size) == (ssize_t)size && fsync(fd) == 0;
    int why = errno;
    close(fd);
    errno = why;
    return is_done;
}

Status head_write(const char *path, const Head *head, Error *err) {
    char text[HEAD_MAX_BYTES];
    int n = snprintf(text, sizeof text,
                     HEAD_MAGIC "format %d\nextractor %" PRIu32 "\ngeneration %" PRIu64 "\n",
                     HEAD_FORMAT, head->extractor_version, head->generation);
    CHECK(n > 0);
    uint64_t check = hash64((Bytes){(const uint8_t *)text, (size_t)n});
    int m = snprintf(text + n, sizeof text - (size_t)n, "check %016" PRIx64 "\n", check);
    CHECK(m > 0);
    char *file = join(path, HEAD_NAME), *fresh = join(path, HEAD_NAME ".new");
    Status status = file && fresh ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK && (!write_file(fresh, text, (size_t)n + (size_t)m) ||
                                rename(fresh, file) != 0 || !sync_folder(path))) {
        status = world(file, err);
        unlink(fresh);
    }
    free(file);
    free(fresh);
    return status;
}

void generation_remove(const char *path, uint64_t generation) {
    char *dir = generation_path(path, generation);
    char *data = dir ? join(dir, "data.mdb") : NULL, *lock = dir ? join(dir, "lock.mdb") : NULL;
    if (dir && data && lock) {
        unlink(data);
        unlink(lock);
        rmdir(dir);
    }
    free(data);
    free(lock);
    free(dir);
}

Status generation_create(const char *path, uint64_t generation, Engine **out, Error *err) {
    *out = NULL;
    generation_remove(path, generation);
    char *dir = generation_path(path, generation);
    if (!dir)
        return no_memory(err);
    Status status = mkdir(dir, 0775) != 0 ? world(dir, err) : engine_open(dir, true, out, err);
    EngineTxn *txn = NULL;
    if (status == STATUS_OK)
        status = engine_begin(*out, true, &txn, err);
    State first = {.next_sample = 1};
    if (status == STATUS_OK)
        status = put_state(txn, &first, err);
    if (status == STATUS_OK) {
        status = engine_commit(txn, err);
        txn = NULL;
    }
    if (status == STATUS_OK && (!sync_folder(dir) || !sync_folder(path)))
        status = world(dir, err);
    engine_abort(txn);
    if (status != STATUS_OK) {
        engine_close(*out);
        *out = NULL;
        generation_remove(path, generation);
    }
    free(dir);
    return status;
}

void generations_sweep(const char *path, uint64_t keep) {
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char *end = NULL;
        if (strncmp(e->d_name, "gen-", 4) != 0)
            continue;
        uint64_t generation = strtoull(e->d_name + 4, &end, 10);
        if (end != e->d_name + 4 && *end == 0 && generation != keep)
            generation_remove(path, generation);
    }
    if (dir)
        closedir(dir);
}
