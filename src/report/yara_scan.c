/* SPDX-License-Identifier: Apache-2.0 */
#include "report/yara_scan.h"

#include <stdlib.h>

#ifdef COG_HAS_YARA
#include <yara.h>

struct YaraScanner {
    YR_RULES *rules;
};

bool yara_scan_is_there(void) { return true; }

typedef struct Complaint {
    char text[200];
    int line;
} Complaint;

static void take_complaint(int level, const char *file, int line, const YR_RULE *rule,
                           const char *message, void *ctx) {
    Complaint *c = ctx;
    (void)file;
    (void)rule;
    if (level != YARA_ERROR_LEVEL_ERROR || c->line)
        return;
    c->line = line;
    snprintf(c->text, sizeof c->text, "%s", message);
}

static Status compile(YR_COMPILER *compiler, const char *rules, YR_RULES **out, Error *err) {
    Complaint complaint = {.line = 0};
    yr_compiler_set_callback(compiler, take_complaint, &complaint);
    /* Nothing of the samples' stands outside quotes, and no rule may read another file. */
    yr_compiler_set_include_callback(compiler, NULL, NULL, NULL);
    if (yr_compiler_add_string(compiler, rules, NULL) != 0)
        return error_set(err, STATUS_FAILED, "YARA refuses the rules at line %d: %s",
                         complaint.line, complaint.text);
    if (yr_compiler_get_rules(compiler, out) != ERROR_SUCCESS)
        return error_set(err, STATUS_FULL, "no memory for the compiled rules");
    return STATUS_OK;
}

Status yara_scanner_new(const char *rules, YaraScanner **out, Error *err) {
    YR_COMPILER *compiler = NULL;
    *out = NULL;
    if (yr_initialize() != ERROR_SUCCESS)
        return error_set(err, STATUS_FAILED, "libyara does not start");
    YaraScanner *s = calloc(1, sizeof *s);
    CHECK(s);
    Status status = STATUS_FULL;
    if (yr_compiler_create(&compiler) == ERROR_SUCCESS)
        status = compile(compiler, rules, &s->rules, err);
    else
        (void)error_set(err, STATUS_FULL, "no memory for YARA's compiler");
    if (compiler)
        yr_compiler_destroy(compiler);
    if (status != STATUS_OK) {
        yara_scanner_free(s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

void yara_scanner_free(YaraScanner *s) {
    if (!s)
        return;
    if (s->rules)
        yr_rules_destroy(s->rules);
    free(s);
    yr_finalize();
}

static int take_hit(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx) {
    Text *hits = ctx;
    if (message != CALLBACK_MSG_RULE_MATCHING)
        return CALLBACK_CONTINUE;
    const YR_RULE *rule = data;
    YR_STRING *string;
    /* Not by yr_string_matches_foreach: it looks into matches, which need not be aligned. */
    yr_rule_strings_foreach(rule, string) {
        if (context->matches[string->idx].head)
            text_addf(hits, "%s\t%s\n", rule->identifier, string->identifier);
    }
    return CALLBACK_CONTINUE;
}

bool yara_scan(const YaraScanner *s, Bytes bytes, unsigned timeout_s, Text *hits) {
    /* The handler of faults that YARA would set is for files that change under it. */
    int flags = SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_NO_TRYCATCH;
    return yr_rules_scan_mem(s->rules, bytes.at, bytes.size, flags, take_hit, hits,
                             (int)timeout_s) == ERROR_SUCCESS &&
           !hits->full;
}

#else

bool yara_scan_is_there(void) { return false; }

Status yara_scanner_new(const char *rules, YaraScanner **out, Error *err) {
    (void)rules;
    *out = NULL;
    return error_set(err, STATUS_USAGE, "built without libyara: rules cannot be tested");
}

void yara_scanner_free(YaraScanner *s) { free(s); }

bool yara_scan(const YaraScanner *s, Bytes bytes, unsigned timeout_s, Text *hits) {
    (void)s;
    (void)bytes;
    (void)timeout_s;
    (void)hits;
    return false;
}

#endif
