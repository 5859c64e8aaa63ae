/* SPDX-License-Identifier: Apache-2.0
 * task_mcrit.c: builds of mbedTLS against builds, as in the table of MCRIT
 * (tests/quality/functions.md). In: the rows of tools/functions_mcrit.py, which say what MCRIT
 * answered on the same files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions/tasks.h"

/* MCRIT's least function (ANCHORS 2.1). */
enum { MIN_INSTRUCTIONS = 10 };

static bool is_wanted(const FunctionFeature *f) { return f->instructions >= MIN_INSTRUCTIONS; }

static const Case *find_case(const Corpus *corpus, const char *project, Config config) {
    for (size_t i = 0; i < corpus->count; i++)
        if (strcmp(corpus->cases[i].project, project) == 0 &&
            config_is_equal(corpus->cases[i].config, config))
            return &corpus->cases[i];
    return NULL;
}

/* Best answers to every function of a that is in b, too. Returns how many were asked. */
static size_t ask_all(const Case *a, const Case *b, Answer *out, size_t *answered, double *first) {
    Pool *pool = pool_new(&b, 1, is_wanted);
    Search *s = search_new(pool);
    size_t asked = 0;
    for (uint32_t f = 0; f < a->features->functions.count; f++) {
        long right = is_wanted(&a->features->functions.at[f]) ? case_find_same(a, f, b) : -1;
        if (right < 0 || !is_wanted(&b->features->functions.at[right]))
            continue;
        asked++;
        search_run(s, a, f);
        if (s->count == 0)
            continue;
        const PoolFunction *best = &pool->at[s->hits[0].at];
        bool is_right = best->function == (uint32_t)right ||
                        is_same_code(b, best->function, b, (uint32_t)right);
        *first += is_right;
        out[(*answered)++] = (Answer){s->hits[0].score, is_right};
    }
    search_free(s);
    pool_free(pool);
    return asked;
}

static void compare(const Task *t, const Case *a, const Case *b, double wrong) {
    Answer *answers = calloc(a->features->functions.count + 1, sizeof *answers);
    size_t answered = 0;
    double first = 0;
    size_t asked = ask_all(a, b, answers, &answered, &first);
    char set[96];
    snprintf(set, sizeof set, "%s/%s %s to %s", t->set, a->project, config_name(a->config),
             config_name(b->config));
    if (asked) {
        Point p = best_at_wrong_rate(answers, answered, asked, wrong);
        row(set, "recall_at_1_at_mcrits_wrong_rate", p.recall, "share", "cognate",
            "wrong %.4f; MCRIT %.4f; from score %.3f; %zu queries", p.wrong, wrong, p.threshold,
            asked);
        row(set, "recall_at_1", first / (double)asked, "share", "cognate",
            "whatever the score; %zu queries", asked);
    }
    free(answers);
}

/* Rows: functions,PART/PROJECT FROM to TO,wrong,VALUE,share,PEER,... of the peer with default
 * settings. */
void task_mcrit(const Task *t) {
    FILE *f = t->mcrit ? fopen(t->mcrit, "r") : NULL;
    char line[512];
    while (f && fgets(line, sizeof line, f)) {
        char project[24], from[32], to[32], peer[64];
        double wrong;
        Config a, b;
        if (sscanf(line, "functions,%*[^/]/%23s %31s to %31[^,],wrong,%lf,share,%63[^,]", project,
                   from, to, &wrong, peer) != 5 ||
            !strstr(peer, "defaults") || !config_from_text(from, &a) || !config_from_text(to, &b))
            continue;
        const Case *ca = find_case(t->corpus, project, a), *cb = find_case(t->corpus, project, b);
        if (ca && cb)
            compare(t, ca, cb, wrong);
    }
    if (f)
        fclose(f);
}
