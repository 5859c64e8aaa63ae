/* SPDX-License-Identifier: Apache-2.0
 * cmd_export.c: what is known or found, for other tools. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"

static bool write_file(void *ctx, const void *bytes, size_t size) {
    return fwrite(bytes, 1, size, ctx) == size;
}

static int export_known(const Options *o, FILE *file) {
    CogError error;
    CogStore *store = store_of(o, COG_READ);
    CogStatus status =
        cog_export(store, o->format, o->args, o->arg_count, write_file, file, &error);
    cog_store_close(store);
    return status == COG_OK ? EXIT_DONE : fail_with(&error);
}

int cmd_export(const Options *o) {
    if (!o->format)
        fail_usage("export", "--format is needed: stix, misp, yara, csv or navigator");
    FILE *file = o->output ? fopen(o->output, "wb") : stdout;
    if (!file)
        fail("%s: %s", o->output, strerror(errno));
    int code = !strcmp(o->format, "yara") ? cmd_export_yara(o, file) : export_known(o, file);
    bool is_written = o->output ? fclose(file) == 0 : true;
    if (!is_written) {
        warn("%s: %s", o->output, strerror(errno));
        code = EXIT_FAILED;
    }
    if (o->output && (code == EXIT_FAILED || code == EXIT_USAGE))
        unlink(o->output); /* half an export is worse than none */
    return screen_close(code);
}
