/* SPDX-License-Identifier: Apache-2.0
 * bench_verdict STORE < CASES: verdicts about samples of the store, each with other samples hidden,
 * so that one learned corpus gives known families and strangers alike (bench/crossfit.py makes the
 * cases and reads the answers).
 * A case is a line: SHA-256 of the query, a tab, then the SHA-256 of each sample to hide, or the
 * name of a family with "=" before it, or "#" (all slices, bench_slice.c) or "!#" (all that are
 * whole), separated by spaces. The query itself is always hidden. One JSON record a line answers
 * each. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "judge/verdict.h"
#include "match/evidence.h"
#include "report/report.h"

typedef struct Case {
    uint8_t query[32];
    const char *hidden; /* as in the line */
} Case;

static bool is_hidden(void *ctx, const StoredSample *s) {
    const Case *c = ctx;
    char hex[65];
    bool is_slice = s->name && strchr(s->name, '#');
    hex_write(hex, s->sha256, 32);
    if (memcmp(s->sha256, c->query, 32) == 0)
        return true;
    for (const char *at = c->hidden; *at;) {
        size_t n = strcspn(at, " \n");
        if (n == 64 && memcmp(at, hex, 64) == 0)
            return true;
        if (n > 1 && *at == '=' && s->labels.family && strlen(s->labels.family) == n - 1 &&
            memcmp(at + 1, s->labels.family, n - 1) == 0)
            return true;
        if (s->labels.sample_class == SAMPLE_REFERENCE &&
            ((n == 1 && *at == '#' && is_slice) || (n == 2 && !memcmp(at, "!#", 2) && !is_slice)))
            return true;
        at += n + (at[n] != 0);
    }
    return false;
}

/* ---- what the tables of match and judge are fitted on ---- */

enum { CELLS = EVIDENCE_KINDS * EVIDENCE_SIZES * EVIDENCE_BINS };

static void write_counts(Text *out, const char *name, const double *at, size_t n) {
    text_addf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++)
        text_addf(out, "%s%.6g", i ? "," : "", at[i]);
    text_add(out, "]");
}

static void write_match(Text *out, const Features *q, const MatchReport *report,
                        const SampleMatch *m, const StoredSample *sample) {
    double cells[CELLS] = {0}, tokens[2] = {0};
    uint32_t exact = 0;
    const FunctionPair **of = calloc(q->functions.count + 1, sizeof *of);
    for (size_t i = 0; of && i < m->pairs.count; i++)
        of[m->pairs.at[i].a] = &m->pairs.at[i];
    for (size_t i = 0; of && i < q->functions.count; i++) {
        const FunctionInfo *info = &report->functions[i];
        if (evidence_has_part(info))
            cells[evidence_cell(&q->functions.at[i], info, of[i])]++;
        exact += evidence_has_part(info) && of[i] && of[i]->reason == PAIR_EXACT;
    }
    for (size_t i = 0; i < m->tokens.count; i++)
        tokens[m->tokens.at[i].is_trait]++;
    text_addf(out, "{\"family\":\"%s\",\"sample\":%u", sample->labels.family, m->sample);
    write_counts(out, "cells", cells, CELLS);
    write_counts(out, "tokens", tokens, 2);
    text_addf(
        out,
        ",\"code_weight\":%.6g,\"code_share\":%.6g,\"reverse_share\":%.6g,"
        "\"token_weight\":%.6g,\"token_share\":%.6g,\"token_reverse\":%.6g,\"likelihood\":%.6g,"
        "\"distinctive\":%u,\"exact\":%u,\"arch\":%u,\"functions\":%zu}",
        m->code_weight, m->code_share, m->reverse_share, m->token_weight, m->token_share,
        m->token_reverse, m->likelihood, m->distinctive_pairs, exact, sample->arch,
        (size_t)sample->function_count);
    free(of);
}

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static Status answer(Snapshot *snap, Case *c, Arena *a, Arena *scratch, Error *err) {
    snapshot_hide(snap, is_hidden, &(Case){.hidden = ""}, err);
    const StoredSample *sample = snapshot_find_sha256(snap, c->query);
    Features *query = NULL;
    MatchReport *report = NULL;
    if (!sample)
        return error_set(err, STATUS_NOT_FOUND, "the store has no such sample");
    Status status = snapshot_features(snap, sample->id, a, &query, err);
    if (status == STATUS_OK)
        status = snapshot_hide(snap, is_hidden, c, err);
    double start = now(CLOCK_MONOTONIC), start_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    if (status == STATUS_OK)
        status = match_from_features(query, snap, a, scratch, &report, err);
    if (status != STATUS_OK)
        return status;
    double matched = now(CLOCK_MONOTONIC), matched_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    const Verdict *v = verdict_from_match(query, report, snap, a);
    double judged = now(CLOCK_MONOTONIC);
    Text out = text_new(1 << 28);
    json_write_verdict(v, v->name, "", &out);
    out.at[--out.size] = 0;
    text_addf(&out,
              ",\"strings\":%zu,\"arch\":%u,\"own_functions\":%u,\"own_weight\":%.6g,"
              "\"token_total\":%.6g,\"matches\":[",
              query->strings.count, query->arch, report->own_functions, report->weight_total,
              report->token_total);
    for (size_t i = 0; i < report->samples.count; i++) {
        const SampleMatch *m = &report->samples.at[i];
        text_add(&out, i ? "," : "");
        write_match(&out, query, report, m, snapshot_find_sample(snap, m->sample));
    }
    printf("{\"match_s\":%.4f,\"match_cpu_s\":%.4f,\"judge_s\":%.4f,\"functions\":%zu,"
           "\"verdict\":%s]}\n",
           matched - start, matched_cpu - start_cpu, judged - matched, query->functions.count,
           text_str(&out));
    fflush(stdout);
    text_free(&out);
    return STATUS_OK;
}

static bool run_case(Snapshot *snap, char *line) {
    Case c = {.hidden = ""};
    char *tab = strchr(line, '\t');
    if (tab) {
        *tab = 0;
        c.hidden = tab + 1;
    }
    line[strcspn(line, "\n")] = 0;
    Error err = {0};
    Arena *a = arena_new((size_t)8 << 30), *scratch = arena_new((size_t)8 << 30);
    bool is_done = hex_read(c.query, 32, line) && a && scratch &&
                   answer(snap, &c, a, scratch, &err) == STATUS_OK;
    if (!is_done)
        fprintf(stderr, "bench_verdict: %s: %s\n", line, err.message);
    arena_free(a);
    arena_free(scratch);
    return is_done;
}

int main(int argc, char **argv) {
    static char line[1 << 20];
    Error err = {0};
    Store *store = NULL;
    Snapshot *snap = NULL;
    digest_init();
    if (argc != 2 || store_open(argv[1], STORE_READ, 0, &store, &err) != STATUS_OK ||
        snapshot_open(store, &snap, &err) != STATUS_OK) {
        fprintf(stderr, "bench_verdict: %s\n", argc == 2 ? err.message : "STORE < CASES");
        return 2;
    }
    int failed = 0;
    while (fgets(line, sizeof line, stdin))
        failed += !run_case(snap, line);
    snapshot_close(snap);
    store_close(store);
    return failed > 0;
}
