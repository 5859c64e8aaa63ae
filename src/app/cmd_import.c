/* SPDX-License-Identifier: Apache-2.0
 * cmd_import.c: what others know, into the store. Folders are walked; a document that is none of
 * the formats gives a failure and never stops the others. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/walk.h"

static volatile sig_atomic_t stop_signal;
static void on_signal(int number) { stop_signal = number; }

typedef struct Importing {
    const Options *o;
    CogImport *import;
    Screen screen;
    uint64_t done, failed;
} Importing;

static void write_failure(Importing *i, const char *path, const char *reason) {
    CogOutput out = {0};
    CogError error;
    i->failed++;
    if (!i->o->json) {
        warn("%s: %s", path, reason);
        return;
    }
    CogResult *r = cog_result_failure(path, "import", reason);
    if (cog_result_render(r, COG_ALL, i->screen.style, 0, &out, &error) == COG_OK)
        screen_write(&i->screen, &out);
    cog_result_free(r);
}

/* False when the store can take no more. */
static bool import_one(Importing *i, const char *path, CogError *error) {
    const char *reason = NULL;
    uint64_t size;
    int fd = file_open(path, &size, &reason);
    if (fd < 0) {
        write_failure(i, path, reason);
        return true;
    }
    CogOutput out = {0}, problems = {0};
    CogStatus status =
        cog_import_file(i->import, fd, path, i->o->source, i->screen.style, &out, &problems, error);
    close(fd);
    i->screen.is_first = true; /* lines, not paragraphs */
    if (i->o->json) {
        screen_write(&i->screen, &problems);
    } else {
        progress_clear();
        for (size_t at = 0; !i->o->quiet && at < problems.size;) {
            const char *end = memchr(problems.at + at, '\n', problems.size - at);
            size_t n = end ? (size_t)(end - problems.at) + 1 - at : problems.size - at;
            say_escaped(problems.at + at, n);
            at += n;
        }
        cog_output_free(&problems);
    }
    if (status == COG_OK && (i->o->json || i->o->verbose))
        screen_write(&i->screen, &out);
    cog_output_free(&out);
    if (status == COG_USAGE)
        write_failure(i, path, error->message);
    return status == COG_OK || status == COG_USAGE;
}

static bool import_all(Importing *i, Walk *walk, CogError *error) {
    WalkItem item;
    bool ok = true, is_final = false;
    while (ok && !stop_signal && walk_next(walk, &item)) {
        if (item.problem)
            write_failure(i, item.path, item.problem);
        else
            ok = import_one(i, item.path, error);
        free(item.path);
        uint64_t known = walk_known(walk, &is_final);
        progress_show(++i->done, known, is_final);
    }
    return ok;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int cmd_import(const Options *o) {
    Importing i = {.o = o, .screen = screen_new(o)};
    CogError error = {0};
    CogOutput out = {0};
    catch_signals();
    progress_start(o);
    CogStore *store = store_of(o, COG_CREATE);
    if (cog_import_begin(store, &i.import, &error) != COG_OK) {
        cog_store_close(store);
        return fail_with(&error);
    }
    Walk *walk = walk_new(o->args, o->arg_count);
    bool ok = import_all(&i, walk, &error);
    walk_free(walk);
    if (!ok)
        cog_import_abort(i.import);
    else if (cog_import_end(i.import, i.screen.style, &out, &error) != COG_OK)
        ok = false;
    cog_store_close(store);
    if (!ok)
        return fail_with(&error);
    i.screen.is_first = true;
    if (o->json || !o->quiet)
        screen_write(&i.screen, &out);
    cog_output_free(&out);
    if (stop_signal) {
        warn("interrupted; the documents that were read are kept");
        signal(stop_signal, SIG_DFL);
        raise(stop_signal); /* the shell is to know */
    }
    return screen_close(i.failed ? EXIT_PARTIAL : EXIT_DONE);
}
