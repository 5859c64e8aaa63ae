/* SPDX-License-Identifier: Apache-2.0
 * cognate_yara.c: the public calls of cognate.h that make rules. */
#include "cognate_inner.h"

#include "report/yara.h"
#include "report/yara_scan.h"

struct CogRules {
    RuleSet *set;
};

bool cog_scanner_is_there(void) { return yara_scan_is_there(); }

CogStatus cog_scanner_new(const char *rules, CogScanner **out, CogError *err) {
    Error error = {0};
    YaraScanner *scanner = NULL;
    Status status = yara_scanner_new(rules, &scanner, &error);
    *out = (CogScanner *)scanner;
    return error_give(status, &error, err);
}

void cog_scanner_free(CogScanner *s) { yara_scanner_free((YaraScanner *)s); }

CogRules *cog_rules_new(void) {
    CogRules *rules = calloc(1, sizeof *rules);
    CHECK(rules);
    rules->set = rules_new(COG_VERSION);
    return rules;
}

void cog_rules_free(CogRules *rules) {
    if (!rules)
        return;
    rules_free(rules->set);
    free(rules);
}

/* ---- adding ---- */

typedef struct RuleQuestion {
    CogRules *rules;
    CogStore *store;
    const CogResult *result;
    const Features *features;
    const char *family;
} RuleQuestion;

/* Whose sample it is: as somebody says, as the store has it, as its verdict says. */
static void name_family(const RuleQuestion *q, RuleInput *in, Arena *a) {
    const StoredSample *stored = snapshot_find_sha256(in->snap, q->features->sha256);
    if (q->family) {
        in->family = q->family;
        in->basis = "given with --family";
    } else if (stored && stored->labels.family) {
        in->family = stored->labels.family;
        in->source = stored->labels.source;
        in->basis = "label of the sample in the store";
    } else {
        Verdict *v = verdict_from_match(q->features, in->report, in->snap, a);
        bool is_named = v->decision == DECISION_LINEAGE || v->decision == DECISION_ATTRIBUTED;
        for (size_t i = 0; is_named && i < v->hypotheses.count && !in->family; i++)
            if (v->hypotheses.at[i].kind == HYPOTHESIS_FAMILY) {
                in->family = v->hypotheses.at[i].name;
                in->source = v->hypotheses.at[i].source;
            }
        in->basis = in->family ? "verdict of cognate" : "nothing known is like it";
    }
}

static Status add(Work *w, void *ctx, Error *err) {
    RuleQuestion *q = ctx;
    CodeWindows windows;
    RuleSet *set = q->rules->set;
    Bytes bytes = {(const uint8_t *)text_str(&q->result->windows), q->result->windows.size};
    MatchReport *report = NULL;
    if (!code_windows_from_bytes(w->arena, bytes, &windows))
        return error_set(err, STATUS_CORRUPT, "the code windows do not check out");
    Status status = snapshot_open(q->store->store, &w->snap, err);
    if (status == STATUS_OK)
        status = match_from_features(q->features, w->snap, w->arena, w->scratch, &report, err);
    if (status != STATUS_OK)
        return status;
    RuleInput in = {
        .features = q->features, .windows = &windows, .report = report, .snap = w->snap};
    name_family(q, &in, w->arena);
    arena_set_escape(set->arena, &w->out_of_memory);
    rules_add(set, &in, w->scratch);
    arena_set_escape(set->arena, NULL);
    return STATUS_OK;
}

CogStatus cog_rules_add(CogRules *rules, CogStore *s, const CogResult *r, const char *family,
                        CogError *err) {
    Error error = {0};
    RuleQuestion q = {.rules = rules, .store = s, .result = r, .family = family};
    Status status = result_features(r, &q.features, &error);
    if (status == STATUS_OK)
        status = work_run(add, &q, &error);
    return error_give(status, &error, err);
}

/* ---- choosing ---- */

CogStatus cog_rules_write(const CogRules *rules, CogOutput *o, CogError *err) {
    Error error = {0};
    Text out = output_open(o);
    if (rules->set->is_chosen)
        rules_write(rules->set, &out);
    else
        rules_write_draft(rules->set, &out);
    return error_give(output_close(o, &out, &error), &error, err);
}

void cog_rules_see(CogRules *rules, const CogResult *r, bool is_goodware) {
    uint8_t sha256[32];
    if (cog_result_is_failure(r) || !hex_read(sha256, sizeof sha256, r->sha256))
        return;
    if (rules->set->is_chosen)
        rules_see_final(rules->set, sha256, is_goodware, text_str(&r->hits));
    else
        rules_see(rules->set, sha256, is_goodware, text_str(&r->hits));
}

static Status choose(Work *w, void *ctx, Error *err) {
    (void)err;
    rules_choose(ctx, w->scratch);
    return STATUS_OK;
}

CogStatus cog_rules_choose(CogRules *rules, CogError *err) {
    Error error = {0};
    return error_give(work_run(choose, rules->set, &error), &error, err);
}

static void add_subject(Text *out, const Rule *r) {
    if (r->family)
        text_add(out, r->family);
    else
        text_add_hex(out, (Bytes){r->samples.at[0].sha256, 32});
}

/* A line for what is refused, not covered, left out. */
static void add_notes(Text *out, const Rule *r) {
    if (r->is_refused) {
        text_add(out, "no rule for ");
        add_subject(out, r);
        text_addf(out, ": %s\n", r->why);
    }
    for (uint32_t k = 0; !r->is_refused && k < r->samples.count; k++) {
        if (r->covered >> k & 1)
            continue;
        text_add(out, "the rule for ");
        add_subject(out, r);
        text_add(out, " does not cover ");
        text_add_hex(out, (Bytes){r->samples.at[k].sha256, 32});
        text_add(out, ": too little code that only the family is known to have\n");
    }
    if (r->left_out) {
        text_add(out, "the rule for ");
        add_subject(out, r);
        text_addf(out, " is made from %d samples; %u more were left out\n", MAX_RULE_SAMPLES,
                  r->left_out);
    }
}

size_t cog_rules_judge(CogRules *rules, CogOutput *notes) {
    Text out = output_open(notes);
    Error error = {0};
    size_t left = 0;
    if (rules->set->was_tested)
        rules_judge(rules->set);
    if (rules->set->rules.count && !rules->set->public_samples && !rules->set->goodware_files)
        text_add(&out, "the store knows no goodware and no libraries, and none were given: "
                       "code of the compiler's run-time library may stand in the rules\n");
    for (size_t i = 0; i < rules->set->rules.count; i++) {
        left += !rules->set->rules.at[i].is_refused;
        add_notes(&out, &rules->set->rules.at[i]);
    }
    (void)output_close(notes, &out, &error);
    return left;
}
