/* SPDX-License-Identifier: Apache-2.0
 * cmd_show.c: analyse, functions, strings, routines, traits, indicators: what is in a file. */
#include "app/app.h"

static unsigned parts_of(CommandId command) {
    switch (command) {
    case CMD_FUNCTIONS:
        return COG_FUNCTIONS;
    case CMD_STRINGS:
        return COG_STRINGS;
    case CMD_ROUTINES:
        return COG_ROUTINES;
    case CMD_TRAITS:
        return COG_TRAITS;
    case CMD_INDICATORS:
        return COG_INDICATORS;
    case CMD_ANALYSE:
    case CMD_LEARN:
    case CMD_ATTRIBUTE:
    case CMD_COMPARE:
    case CMD_SEARCH:
    case CMD_LINK:
    case CMD_IMPORT:
    case CMD_EXPORT:
    case CMD_STORE:
    case CMD_COMPLETION:
    case CMD_COUNT:
    default:
        return COG_ALL;
    }
}

int cmd_show(const Options *o) {
    Inputs in;
    Screen screen = screen_new(o);
    CogResult *r;
    int code = EXIT_DONE;
    inputs_open(&in, o);
    while ((r = inputs_next(&in, o, &screen, NULL, NULL))) {
        CogOutput out = {0};
        CogError error;
        if (cog_result_render(r, parts_of(o->command), screen.style, screen.columns, &out,
                              &error) != COG_OK) {
            warn("%s: %s", cog_result_path(r), error.message);
            code = EXIT_FAILED;
        }
        screen_write(&screen, &out);
        cog_result_free(r);
    }
    if (in.seen == 0 && !o->quiet)
        warn("no files found");
    int partial = inputs_close(&in);
    return code ? code : partial;
}
