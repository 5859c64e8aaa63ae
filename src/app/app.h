/* SPDX-License-Identifier: Apache-2.0
 * app.h: what the commands share: options, the way to stdout and stderr, exit codes. */
#ifndef COG_APP_APP_H
#define COG_APP_APP_H

#include <stdio.h>

#include <cognate/cognate.h>

#include "app/options.h"
#include "app/pool.h"

/* The contract's exit codes. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_PARTIAL = 3 };

/* The pointer, or the end of the program when memory is out. */
void *need(void *pointer);
/* "cognate: ..." on stderr, escaped; progress makes way. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
__attribute__((noreturn)) void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A usage error: message, hint where help is, exit code 2. */
__attribute__((noreturn)) void fail_usage(const char *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes that are not ours, on stderr, with controls escaped. */
void say_escaped(const char *at, size_t size);
/* The exit code for a status of the library: usage errors are 2. Says the message. */
int fail_with(const CogError *error);

/* ---- output ---- */
typedef struct Screen {
    CogStyle style; /* for stdout */
    unsigned columns;
    bool is_first;
} Screen;
Screen screen_new(const Options *o);
/* To stdout; ends the program when that fails. Frees the output. */
void screen_write(Screen *s, CogOutput *out);
/* All of stdout arrived, or exit code 1. */
int screen_close(int code);

/* ---- progress, on a terminal only ---- */
void progress_start(const Options *o);
void progress_show(uint64_t done, uint64_t known, bool is_final);
void progress_clear(void);

/* ---- inputs ---- */
typedef struct Inputs {
    Pool *pool;
    PoolOptions options;
    uint64_t seen, failed;
} Inputs;
void inputs_open(Inputs *in, const Options *o);
/* Other paths than the command's arguments, only scanned when there is a scanner. Borrowed. */
void inputs_open_paths(Inputs *in, const Options *o, const char *const *paths, size_t count,
                       const CogScanner *scanner);
/* The next result that is not a failure, in input order; NULL at the end (or when `stop` was set
 * by a signal). Failures are counted and reported on the way: a record or a line. */
CogResult *inputs_next(Inputs *in, const Options *o, Screen *screen, size_t *argument,
                       const volatile int *stop);
/* 0 or 3. */
int inputs_close(Inputs *in);

/* ---- commands ---- */
int cmd_show(const Options *o); /* analyse functions strings traits indicators */
int cmd_learn(const Options *o);
int cmd_attribute(const Options *o);
int cmd_compare(const Options *o);
int cmd_search(const Options *o);
int cmd_link(const Options *o);
int cmd_import(const Options *o);
int cmd_export(const Options *o);
int cmd_export_yara(const Options *o, FILE *file);
int cmd_store(const Options *o);
int cmd_completion(const Options *o);

/* The store to use; ends the program with what is wrong. */
CogStore *store_of(const Options *o, CogStoreMode mode);

#endif
