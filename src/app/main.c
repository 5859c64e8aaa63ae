/* SPDX-License-Identifier: Apache-2.0
 * main.c: cognate COMMAND. */
#include <stdlib.h>

#include "app/app.h"

int main(int argc, char **argv) {
    static int (*const RUN[CMD_COUNT])(const Options *o) = {
        [CMD_ANALYSE] = cmd_show,
        [CMD_FUNCTIONS] = cmd_show,
        [CMD_STRINGS] = cmd_show,
        [CMD_TRAITS] = cmd_show,
        [CMD_ROUTINES] = cmd_show,
        [CMD_INDICATORS] = cmd_show,
        [CMD_LEARN] = cmd_learn,
        [CMD_ATTRIBUTE] = cmd_attribute,
        [CMD_COMPARE] = cmd_compare,
        [CMD_SEARCH] = cmd_search,
        [CMD_LINK] = cmd_link,
        [CMD_IMPORT] = cmd_import,
        [CMD_EXPORT] = cmd_export,
        [CMD_STORE] = cmd_store,
        [CMD_COMPLETION] = cmd_completion,
    };
    Options o;
    options_from_arguments(&o, argc, argv);
    cog_init();
    int code = screen_close(RUN[o.command](&o));
    free(o.args);
    free(o.goodware_paths);
    free(o.beside_paths);
    return code;
}
