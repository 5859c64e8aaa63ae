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

/* Best answers to every function of a that is in b, too, by margin and by score. */
typedef struct Answers {
    Answer *by_margin, *by_score;
    size_t count, asked;
    double first;
} Answers;

static void ask_all(const Case *a, const Case *b, Answers *out) {
    Pool *pool = pool_new(&b, 1, is_wanted);
    Search *s = search_new(pool);
    for (uint32_t f = 0; f < a->features->functions.count; f++) {
        long right = is_wanted(&a->features->functions.at[f]) ? case_find_same(a, f, b) : -1;
        if (right < 0 || !is_wanted(&b->features->functions.at[right]))
            continue;
        out->asked++;
        search_run(s, a, f);
        if (s->count == 0)
            continue;
        uint32_t best = pool->at[s->hits[0].at].function;
        bool is_right = best == (uint32_t)right || is_same_code(b, best, b, (uint32_t)right);
        out->first += is_right;
        out->by_score[out->count] = (Answer){s->hits[0].score, is_right};
        out->by_margin[out->count++] = (Answer){search_margin(s), is_right};
    }
    search_free(s);
    pool_free(pool);
}

static void compare(const Task *t, const Case *a, const Case *b, double wrong) {
    size_t most = a->features->functions.count + 1;
    Answers all = {.by_margin = calloc(most, sizeof *all.by_margin),
                   .by_score = calloc(most, sizeof *all.by_score)};
    ask_all(a, b, &all);
    char set[96];
    snprintf(set, sizeof set, "%s/%s %s to %s", t->set, a->project, config_name(a->config),
             config_name(b->config));
    for (unsigned by = 0; by < 2 && all.asked; by++) {
        Point p =
            best_at_wrong_rate(by ? all.by_score : all.by_margin, all.count, all.asked, wrong);
        row(set, by ? "recall_at_wrong_rate_by_score" : "recall_at_wrong_rate", p.recall, "share",
            "cognate", "wrong %.4f; MCRIT %.4f; from %s %.3f; %zu queries", p.wrong, wrong,
            by ? "score" : "margin", p.threshold, all.asked);
    }
    if (all.asked)
        row(set, "recall_at_1", all.first / (double)all.asked, "share", "cognate",
            "whatever the score; %zu queries", all.asked);
    free(all.by_margin);
    free(all.by_score);
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
