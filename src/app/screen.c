/* SPDX-License-Identifier: Apache-2.0
 * screen.c: stdout for data, stderr for everything else. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/label.h"

void *need(void *pointer) {
    if (!pointer)
        fail("out of memory");
    return pointer;
}

/* ---- stderr ---- */

void say_escaped(const char *at, size_t size) {
    char text[2048];
    size_t n = size < sizeof text ? size : sizeof text - 1;
    memcpy(text, at, n);
    text[n] = 0;
    for (size_t i = 0; i < n;) {
        size_t bytes = text[i] == '\n' ? 1 : printable_bytes(text + i);
        if (bytes)
            fwrite(text + i, 1, bytes, stderr);
        else
            fprintf(stderr, "\\x%02x", (unsigned)(unsigned char)text[i]);
        i += bytes ? bytes : 1;
    }
}

__attribute__((format(printf, 1, 0))) static void say(const char *fmt, va_list args) {
    char text[2048];
    progress_clear();
    vsnprintf(text, sizeof text, fmt, args);
    fputs("cognate: ", stderr);
    say_escaped(text, strlen(text));
    fputc('\n', stderr);
}

void warn(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void fail(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
    exit(EXIT_FAILED);
}

void fail_usage(const char *command, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
    fprintf(stderr, "Help: cognate %s%s--help\n", command ? command : "", command ? " " : "");
    exit(EXIT_USAGE);
}

int fail_with(const CogError *error) {
    warn("%s", error->message);
    return error->status == COG_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

/* ---- stdout ---- */

static unsigned terminal_columns(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col < 200 ? size.ws_col : 200;
    return 100;
}

static bool wants_colour(const Options *o) {
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !o->no_color && !(no && no[0]) &&
           !(term && !strcmp(term, "dumb"));
}

Screen screen_new(const Options *o) {
    return (Screen){.style = o->json           ? COG_JSON
                             : wants_colour(o) ? COG_TEXT_COLOUR
                                               : COG_TEXT,
                    .columns = terminal_columns(),
                    .is_first = true};
}

void screen_write(Screen *s, CogOutput *out) {
    progress_clear();
    if (s->style != COG_JSON && !s->is_first && out->size)
        fputc('\n', stdout);
    s->is_first = s->is_first && !out->size;
    if (out->size && fwrite(out->at, 1, out->size, stdout) != out->size)
        fail("stdout: %s", strerror(errno));
    /* Whoever reads along gets a sample when it is done, not when a buffer is full. */
    if (fflush(stdout) != 0)
        fail("stdout: %s", strerror(errno));
    cog_output_free(out);
}

int screen_close(int code) {
    if (fflush(stdout) != 0 || ferror(stdout)) {
        warn("stdout: %s", strerror(errno));
        return EXIT_FAILED;
    }
    return code;
}

/* ---- progress ---- */

static struct {
    bool is_on, is_shown;
    struct timespec start;
    double last;
} progress;

static double seconds_since_start(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - progress.start.tv_sec) +
           (double)(now.tv_nsec - progress.start.tv_nsec) / 1e9;
}

void progress_start(const Options *o) {
    const char *term = getenv("TERM");
    progress.is_on = isatty(STDERR_FILENO) && !o->quiet && !(term && !strcmp(term, "dumb"));
    clock_gettime(CLOCK_MONOTONIC, &progress.start);
}

void progress_show(uint64_t done, uint64_t known, bool is_final) {
    if (!progress.is_on)
        return;
    double t = seconds_since_start();
    /* Nothing for what is over at once; then some times a second. */
    if (t < 0.5 || t - progress.last < 0.2)
        return;
    progress.last = t;
    progress.is_shown = true;
    fprintf(stderr, "\r%llu/%llu%s files, %.1f/s\033[K", (unsigned long long)done,
            (unsigned long long)known, is_final ? "" : "+", (double)done / t);
}

void progress_clear(void) {
    if (progress.is_shown)
        fputs("\r\033[K", stderr);
    progress.is_shown = false;
}
