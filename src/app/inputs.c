/* SPDX-License-Identifier: Apache-2.0
 * inputs.c: the paths of a command as a stream of results. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"

void inputs_open(Inputs *in, const Options *o) {
    inputs_open_paths(in, o, o->args, o->arg_count, NULL);
}

void inputs_open_paths(Inputs *in, const Options *o, const char *const *paths, size_t count,
                       const CogScanner *scanner) {
    *in = (Inputs){
        .options = {
            .paths = paths,
            .count = count,
            .analyse = {.scanner = scanner,
                        .windows = o->command == CMD_EXPORT && !strcmp(o->format, "yara"),
                        .effects =
                            (o->command == CMD_COMPARE && o->function_va != UINT64_MAX) || o->html,
                        .max_mb = o->max_mb,
                        .timeout_ms = o->timeout_ms,
                        .raw = o->raw,
                        .arch = o->arch,
                        .base = o->base},
            .jobs = o->jobs,
            .verbose = o->verbose}};
    progress_start(o);
    in->pool = pool_start(&in->options);
}

static void report_failure(Inputs *in, const Options *o, Screen *screen, const CogResult *r) {
    CogOutput out = {0};
    CogError error;
    in->failed++;
    if (cog_result_render(r, 0, o->json ? COG_JSON : COG_TEXT, 0, &out, &error) != COG_OK) {
        warn("%s", error.message);
        return;
    }
    if (o->json) {
        screen_write(screen, &out);
        return;
    }
    progress_clear();
    fputs("cognate: ", stderr);
    fwrite(out.at, 1, out.size, stderr);
    cog_output_free(&out);
}

CogResult *inputs_next(Inputs *in, const Options *o, Screen *screen, size_t *argument,
                       const volatile int *stop) {
    for (;;) {
        PoolItem item;
        if (stop && *stop)
            return NULL;
        switch (pool_next(in->pool, &item)) {
        case POOL_INTERRUPTED:
            continue;
        case POOL_END:
            progress_clear();
            return NULL;
        case POOL_BROKEN:
            fail("the analysis process died; nothing after the last result is known");
        case POOL_ITEM:
        default:
            break;
        }
        in->seen++;
        progress_show(item.done, item.known, item.is_known_final);
        if (argument)
            *argument = item.argument;
        if (!cog_result_is_failure(item.result))
            return item.result;
        report_failure(in, o, screen, item.result);
        cog_result_free(item.result);
    }
}

int inputs_close(Inputs *in) {
    progress_clear();
    pool_close(in->pool);
    in->pool = NULL;
    return in->failed ? EXIT_PARTIAL : EXIT_DONE;
}
