/* SPDX-License-Identifier: Apache-2.0
 * cmd_attribute.c: a verdict for each sample. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* NULL without --html. */
static CogPage *open_page(const Options *o, Screen *screen) {
    if (!o->html)
        return NULL;
    CogPage *page = cog_page_new();
    Inputs in;
    CogResult *r;
    if (o->beside_count == 0)
        return page;
    inputs_open_paths(&in, o, o->beside_paths, o->beside_count, NULL);
    while ((r = inputs_next(&in, o, screen, NULL, NULL)))
        cog_page_beside(page, r);
    inputs_close(&in);
    return page;
}

/* An exit code. */
static int write_page(const Options *o, const CogPage *page) {
    CogOutput out = {0};
    CogError error;
    if (cog_page_write(page, &out, &error) != COG_OK)
        return fail_with(&error);
    FILE *file = fopen(o->html, "wb");
    bool is_good = file && fwrite(out.at, 1, out.size, file) == out.size;
    is_good = (!file || fclose(file) == 0) && is_good;
    if (!is_good) {
        warn("%s: %s", o->html, strerror(errno));
        if (file)
            unlink(o->html); /* half a page is worse than none */
    }
    cog_output_free(&out);
    return is_good ? EXIT_DONE : EXIT_FAILED;
}

int cmd_attribute(const Options *o) {
    Inputs in;
    Screen screen = screen_new(o);
    CogResult *r;
    int code = EXIT_DONE;
    bool is_hit = false;
    if (o->beside_count && !o->html)
        fail_usage("attribute", "--beside needs --html FILE");
    CogPage *page = open_page(o, &screen);
    inputs_open(&in, o);
    CogStore *store = store_of(o, COG_READ);
    while ((r = inputs_next(&in, o, &screen, NULL, NULL))) {
        CogOutput out = {0};
        CogError error;
        const char *decision = NULL;
        cog_result_ask(r, &(CogQuestion){.first_seen = o->first_seen, .details = o->verbose});
        if (cog_attribute_page(store, r, screen.style, screen.columns, &out, &decision, page,
                               &error) != COG_OK) {
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
    if (page && write_page(o, page) != EXIT_DONE)
        code = EXIT_FAILED;
    cog_page_free(page);
    return code ? code : is_hit ? EXIT_FAILED : partial;
}
