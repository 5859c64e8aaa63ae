/* SPDX-License-Identifier: Apache-2.0
 * cmd_link.c: why things are connected. */
#include "app/app.h"

int cmd_link(const Options *o) {
    Screen screen = screen_new(o);
    CogOutput out = {0};
    CogError error;
    if (o->tree && (o->link_from || o->link_to))
        fail_usage("link", "--tree goes without --from and --to");
    CogStore *store = store_of(o, COG_READ);
    CogStatus status = o->tree
                           ? cog_tree(store, o->tree, screen.style, screen.columns, &out, &error)
                           : cog_link(store, o->link_from, o->link_to, o->top, screen.style,
                                      screen.columns, &out, &error);
    cog_store_close(store);
    if (status != COG_OK) {
        cog_output_free(&out);
        return fail_with(&error);
    }
    screen_write(&screen, &out);
    return screen_close(EXIT_DONE);
}
