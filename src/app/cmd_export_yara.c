/* SPDX-License-Identifier: Apache-2.0
 * cmd_export_yara.c: rules from samples, tested before they are written. */
#include <stdlib.h>
#include <string.h>

#include "app/app.h"

static void add_samples(const Options *o, CogRules *rules, Inputs *in, Screen *screen) {
    CogStore *store = store_of(o, COG_READ);
    CogResult *r;
    while ((r = inputs_next(in, o, screen, NULL, NULL))) {
        CogError error;
        if (cog_rules_add(rules, store, r, o->family, &error) != COG_OK) {
            warn("%s: %s", cog_result_path(r), error.message);
            in->failed++;
        }
        cog_result_free(r);
    }
    cog_store_close(store);
}

/* What the rules, or their draft, hit among the samples and the goodware. */
static bool scan(const Options *o, CogRules *rules, Screen *screen) {
    CogOutput text = {0};
    CogError error;
    CogScanner *scanner = NULL;
    bool is_good = cog_rules_write(rules, &text, &error) == COG_OK;
    if (is_good && text.size)
        is_good = cog_scanner_new(text.at, &scanner, &error) == COG_OK;
    cog_output_free(&text);
    if (!is_good) {
        fail_with(&error);
        return false;
    }
    if (!scanner) /* nothing to test */
        return true;
    size_t count = o->arg_count + o->goodware_count, argument;
    const char **paths = need(calloc(count, sizeof *paths));
    memcpy(paths, o->args, o->arg_count * sizeof *paths);
    if (o->goodware_count)
        memcpy(paths + o->arg_count, o->goodware_paths, o->goodware_count * sizeof *paths);
    Inputs in;
    CogResult *r;
    inputs_open_paths(&in, o, paths, count, scanner);
    while ((r = inputs_next(&in, o, screen, &argument, NULL))) {
        cog_rules_see(rules, r, argument >= o->arg_count);
        cog_result_free(r);
    }
    inputs_close(&in);
    cog_scanner_free(scanner);
    free(paths);
    return true;
}

static bool make(const Options *o, CogRules *rules, Screen *screen) {
    CogError error;
    bool can_test = cog_scanner_is_there();
    if (!can_test)
        warn("built without libyara: the rules are not tested");
    if (can_test && !scan(o, rules, screen))
        return false;
    if (cog_rules_choose(rules, &error) != COG_OK) {
        fail_with(&error);
        return false;
    }
    return !can_test || scan(o, rules, screen);
}

static void show_notes(const CogOutput *notes) {
    for (const char *at = notes->at; at && *at;) {
        size_t n = strcspn(at, "\n");
        warn("%.*s", (int)n, at);
        at += n + (at[n] != 0);
    }
}

int cmd_export_yara(const Options *o, FILE *file) {
    Inputs in;
    Screen screen = screen_new(o);
    CogOutput text = {0}, notes = {0};
    CogError error;
    if (o->arg_count == 0)
        fail_usage("export", "--format yara needs samples: FILE...");
    CogRules *rules = cog_rules_new();
    inputs_open(&in, o);
    add_samples(o, rules, &in, &screen);
    int code = inputs_close(&in);
    bool is_made = make(o, rules, &screen);
    size_t left = is_made ? cog_rules_judge(rules, &notes) : 0;
    if (!o->quiet)
        show_notes(&notes);
    if (!is_made || left == 0) {
        if (is_made)
            warn("no rule was made");
        code = EXIT_FAILED;
    } else if (cog_rules_write(rules, &text, &error) != COG_OK) {
        code = fail_with(&error);
    } else if (fwrite(text.at, 1, text.size, file) != text.size) {
        warn("the rules were not written whole");
        code = EXIT_FAILED;
    }
    cog_output_free(&text);
    cog_output_free(&notes);
    cog_rules_free(rules);
    return code;
}
