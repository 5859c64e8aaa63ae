/* SPDX-License-Identifier: Apache-2.0
 * cmd_attribute.c: a verdict for each sample. */
#include <string.h>

#include "app/app.h"

/* Is the decision among the comma-separated words? */
static bool is_among(const char *words, const char *decision) {
    size_t n = strlen(decision);
    for (const char *at = words; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (!strncmp(at, decision, n) && (at[n] == 0 || at[n] == ','))
            return true;
    }
    return false;
}

int cmd_attribute(const Options *o) {
    Inputs in;
    Screen screen = screen_new(o);
    CogResult *r;
    int code = EXIT_DONE;
    bool is_hit = false;
    inputs_open(&in, o);
    CogStore *store = store_of(o, COG_READ);
    while ((r = inputs_next(&in, o, &screen, NULL, NULL))) {
        CogOutput out = {0};
        CogError error;
        const char *decision = NULL;
        if (cog_attribute(store, r, screen.style, screen.columns, &out, &decision, &error) !=
            COG_OK) {
            warn("%s: %s", cog_result_path(r), error.message);
            code = EXIT_FAILED;
        } else if (o->fail_on && is_among(o->fail_on, decision)) {
            is_hit = true;
        }
        screen_write(&screen, &out);
        cog_result_free(r);
    }
    if (in.seen == 0 && !o->quiet)
        warn("no files found");
    cog_store_close(store);
    int partial = inputs_close(&in);
    return code ? code : is_hit ? EXIT_FAILED : partial;
}
