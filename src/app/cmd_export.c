/* SPDX-License-Identifier: Apache-2.0
 * cmd_export.c: what is known, for other tools. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"

static bool write_file(void *ctx, const void *bytes, size_t size) {
    return fwrite(bytes, 1, size, ctx) == size;
}

int cmd_export(const Options *o) {
    CogError error;
    if (!o->format)
        fail_usage("export", "--format is needed: stix, misp, csv or navigator");
    CogStore *store = store_of(o, COG_READ);
    FILE *file = o->output ? fopen(o->output, "wb") : stdout;
    if (!file) {
        cog_store_close(store);
        fail("%s: %s", o->output, strerror(errno));
    }
    CogStatus status =
        cog_export(store, o->format, o->args, o->arg_count, write_file, file, &error);
    cog_store_close(store);
    bool is_written = o->output ? fclose(file) == 0 : true;
    if (status == COG_OK && is_written)
        return screen_close(EXIT_DONE);
    if (o->output)
        unlink(o->output); /* half an export is worse than none */
    if (status == COG_OK)
        fail("%s: %s", o->output, strerror(errno));
    return fail_with(&error);
}
