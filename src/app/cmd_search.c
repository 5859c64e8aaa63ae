/* SPDX-License-Identifier: Apache-2.0
 * cmd_search.c: nearest known functions. */
#include "app/app.h"

int cmd_search(const Options *o) {
    Inputs in;
    Screen screen = screen_new(o);
    CogResult *r;
    int code = EXIT_DONE;
    inputs_open(&in, o);
    CogStore *store = store_of(o, COG_READ);
    while ((r = inputs_next(&in, o, &screen, NULL, NULL))) {
        CogOutput out = {0};
        CogError error;
        if (cog_search(store, r, o->function_va, o->top, screen.style, screen.columns, &out,
                       &error) != COG_OK) {
            warn("%s: %s", cog_result_path(r), error.message);
            code = error.status == COG_NOT_FOUND && code == EXIT_DONE ? EXIT_PARTIAL : EXIT_FAILED;
        }
        screen_write(&screen, &out);
        cog_result_free(r);
    }
    cog_store_close(store);
    int partial = inputs_close(&in);
    return code ? code : partial;
}
