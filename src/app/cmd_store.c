/* SPDX-License-Identifier: Apache-2.0
 * cmd_store.c: upkeep of the store. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"

/* How long a second writer waits for the first. */
enum { WAIT_MS = 5000 };

CogStore *store_of(const Options *o, CogStoreMode mode) {
    CogStore *store;
    CogError error;
    if (cog_store_open(o->store, mode, WAIT_MS, &store, &error) != COG_OK)
        exit(fail_with(&error));
    return store;
}

typedef struct Upkeep {
    const Options *o;
    CogStore *store;
    Screen screen;
    CogOutput out;
    CogError error;
} Upkeep;

static int store_stat(Upkeep *u) {
    if (cog_store_stat(u->store, u->screen.style, &u->out, &u->error) != COG_OK)
        return fail_with(&u->error);
    screen_write(&u->screen, &u->out);
    return EXIT_DONE;
}

static int store_verify(Upkeep *u) {
    uint64_t problems = 0;
    CogStatus status = cog_store_verify(u->store, u->screen.style, &u->out, &problems, &u->error);
    screen_write(&u->screen, &u->out);
    if (status != COG_OK)
        return fail_with(&u->error);
    if (!u->o->json && !u->o->quiet)
        printf(problems ? "%llu problems\n" : "ok\n", (unsigned long long)problems);
    return problems ? EXIT_FAILED : EXIT_DONE;
}

static void show_share(void *ctx, double done) {
    (void)ctx;
    progress_show((uint64_t)(done * 100), 100, true);
}

static int store_compact(Upkeep *u) {
    if (cog_store_compact(u->store, show_share, NULL, &u->error) != COG_OK)
        return fail_with(&u->error);
    progress_clear();
    return EXIT_DONE;
}

static int store_remove(Upkeep *u) {
    int code = EXIT_DONE;
    if (u->o->arg_count < 2)
        fail_usage("store", "remove needs one SHA-256 or more");
    for (size_t i = 1; i < u->o->arg_count; i++) {
        CogStatus status = cog_store_remove(u->store, u->o->args[i], &u->error);
        if (status == COG_NOT_FOUND) {
            warn("%s", u->error.message);
            code = EXIT_PARTIAL;
        } else if (status != COG_OK) {
            return fail_with(&u->error);
        }
    }
    return code;
}

static bool write_file(void *ctx, const void *bytes, size_t size) {
    return fwrite(bytes, 1, size, ctx) == size;
}

static int store_pack(Upkeep *u) {
    const char *path = u->o->output;
    if (!path && isatty(STDOUT_FILENO))
        fail_usage("store", "a pack is no text for a terminal: use --output FILE");
    FILE *file = path ? fopen(path, "wb") : stdout;
    if (!file)
        fail("%s: %s", path, strerror(errno));
    CogStatus status = cog_store_pack_to(u->store, u->o->args + 1, u->o->arg_count - 1, write_file,
                                         file, &u->error);
    bool is_written = path ? fclose(file) == 0 : true;
    if (status == COG_OK && is_written)
        return EXIT_DONE;
    if (path)
        unlink(path); /* half a pack is worse than none */
    if (status == COG_OK)
        fail("%s: %s", path, strerror(errno));
    return fail_with(&u->error);
}

static int unpack_one(Upkeep *u, const char *path) {
    uint64_t learned = 0;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
        warn("%s: %s", path, fd < 0 ? strerror(errno) : "not a pack");
        if (fd >= 0)
            close(fd);
        return EXIT_PARTIAL;
    }
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        fail("%s: %s", path, strerror(errno));
    CogStatus status = cog_store_unpack(u->store, bytes, (size_t)st.st_size, &learned, &u->error);
    munmap(bytes, (size_t)st.st_size);
    if (!u->o->quiet && !u->o->json)
        printf("%s: %llu new or relabelled\n", path, (unsigned long long)learned);
    if (status == COG_OK)
        return EXIT_DONE;
    warn("%s: %s", path, u->error.message);
    return status == COG_CORRUPT ? EXIT_PARTIAL : EXIT_FAILED;
}

static int store_unpack(Upkeep *u) {
    int code = EXIT_DONE;
    if (u->o->arg_count < 2)
        fail_usage("store", "unpack needs one FILE or more");
    for (size_t i = 1; i < u->o->arg_count && code != EXIT_FAILED; i++) {
        int one = unpack_one(u, u->o->args[i]);
        code = one ? one : code;
    }
    return code;
}

int cmd_store(const Options *o) {
    static const struct {
        const char *name;
        CogStoreMode mode;
        int (*run)(Upkeep *u);
        bool takes_more;
    } VERBS[] = {
        {"stat", COG_READ, store_stat, false},        {"verify", COG_READ, store_verify, false},
        {"compact", COG_WRITE, store_compact, false}, {"remove", COG_WRITE, store_remove, true},
        {"pack", COG_READ, store_pack, true},         {"unpack", COG_CREATE, store_unpack, true},
    };
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (strcmp(o->args[0], VERBS[i].name) != 0)
            continue;
        if (!VERBS[i].takes_more && o->arg_count > 1)
            fail_usage("store", "%s takes no arguments", VERBS[i].name);
        progress_start(o);
        Upkeep u = {.o = o, .store = store_of(o, VERBS[i].mode), .screen = screen_new(o)};
        int code = VERBS[i].run(&u);
        cog_store_close(u.store);
        return code;
    }
    fail_usage("store", "store %s: expected %s", o->args[0], COMMANDS[CMD_STORE].words);
}
