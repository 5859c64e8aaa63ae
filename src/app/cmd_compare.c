/* SPDX-License-Identifier: Apache-2.0
 * cmd_compare.c: two samples side by side. */
#include <string.h>

#include "app/app.h"

static CogStatus compare(const Options *o, const Screen *screen, CogResult *const both[2],
                         CogOutput *out, CogError *error) {
    if (o->function_va == UINT64_MAX)
        return cog_compare(both[0], both[1], screen->style, screen->columns, out, error);
    return cog_compare_function(both[0], both[1], o->function_va, screen->style, screen->columns,
                                out, error);
}

/* What a packed sample unpacks to stands for it. */
static bool is_unpacked(const CogResult *r) {
    const char *mark = strrchr(cog_result_path(r), '!');
    return !cog_result_is_failure(r) && mark &&
           (strcmp(mark, "!unpacked") == 0 || strcmp(mark, "!repaired") == 0);
}

int cmd_compare(const Options *o) {
    Inputs in;
    Screen screen = screen_new(o);
    CogResult *r, *both[2] = {NULL, NULL};
    CogOutput out = {0};
    CogError error;
    size_t argument, extra = 2;
    inputs_open(&in, o);
    while ((r = inputs_next(&in, o, &screen, &argument, NULL))) {
        if (argument < 2 && (!both[argument] || is_unpacked(r))) {
            cog_result_free(both[argument]);
            both[argument] = r;
        } else {
            extra = argument < 2 ? argument : 0;
            cog_result_free(r);
        }
    }
    int code = inputs_close(&in);
    if (extra < 2) {
        warn("%s holds more than one sample; compare takes one each", o->args[extra]);
        code = EXIT_USAGE;
    } else if (both[0] && both[1]) {
        code = EXIT_DONE;
        if (compare(o, &screen, both, &out, &error) != COG_OK)
            code = fail_with(&error);
        screen_write(&screen, &out);
    } else if (code == EXIT_DONE) {
        warn("no sample in %s", o->args[both[0] ? 1 : 0]);
        code = EXIT_PARTIAL;
    }
    cog_result_free(both[0]);
    cog_result_free(both[1]);
    return code;
}
