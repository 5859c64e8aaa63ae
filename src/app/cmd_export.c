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

/* ---- verdicts ---- */

/* Files and folders are samples, other words are names; not both. */
static bool are_samples(const Options *o) {
    size_t files = 0;
    for (size_t i = 0; i < o->arg_count; i++)
        files += access(o->args[i], F_OK) == 0 || !strcmp(o->args[i], "-");
    for (size_t i = 0; files && files < o->arg_count && i < o->arg_count; i++)
        if (access(o->args[i], F_OK) != 0 && strcmp(o->args[i], "-") != 0)
            fail_usage("export", "%s is no file; give files, or names, not both", o->args[i]);
    return files > 0;
}

static int export_found(const Options *o, FILE *file) {
    Inputs in;
    Screen screen = screen_new(o);
    CogFindings *findings;
    CogOutput out = {0};
    CogError error;
    CogResult *r;
    if (cog_findings_begin(o->format, &findings, &error) != COG_OK)
        return fail_with(&error);
    inputs_open(&in, o);
    CogStore *store = store_of(o, COG_READ);
    while ((r = inputs_next(&in, o, &screen, NULL, NULL))) {
        if (cog_findings_add(findings, store, r, &error) != COG_OK) {
            warn("%s: %s", cog_result_path(r), error.message);
            in.failed++;
        }
        cog_result_free(r);
    }
    cog_store_close(store);
    int code = inputs_close(&in);
    if (cog_findings_end(findings, &out, &error) != COG_OK) {
        code = fail_with(&error);
    } else if (fwrite(out.at, 1, out.size, file) != out.size) {
        warn("the export was not written whole");
        code = EXIT_FAILED;
    }
    cog_output_free(&out);
    return code;
}

int cmd_export(const Options *o) {
    if (!o->format)
        fail_usage("export", "--format is needed: stix, misp, yara, csv or navigator");
    FILE *file = o->output ? fopen(o->output, "wb") : stdout;
    if (!file)
        fail("%s: %s", o->output, strerror(errno));
    int code = !strcmp(o->format, "yara") ? cmd_export_yara(o, file)
               : are_samples(o)           ? export_found(o, file)
                                          : export_known(o, file);
    bool is_written = o->output ? fclose(file) == 0 : true;
    if (!is_written) {
        warn("%s: %s", o->output, strerror(errno));
        code = EXIT_FAILED;
    }
    if (o->output && (code == EXIT_FAILED || code == EXIT_USAGE))
        unlink(o->output); /* half an export is worse than none */
    return screen_close(code);
}
