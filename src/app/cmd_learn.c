/* SPDX-License-Identifier: Apache-2.0
 * cmd_learn.c: reference samples into the store. */
#include <signal.h>
#include <stdio.h>

#include "app/app.h"

static volatile sig_atomic_t stop_signal;
static void on_signal(int number) { stop_signal = number; }

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

typedef struct Learning {
    CogStore *store;
    CogLabels labels;
    uint64_t counts[3]; /* by CogLearned */
} Learning;

/* False when the store can take no more; error then says why. */
static bool learn_one(Learning *l, const Options *o, Screen *screen, const CogResult *r,
                      CogError *error) {
    CogLearned learned;
    CogOutput out = {0};
    if (cog_store_learn(l->store, r, &l->labels, &learned, error) != COG_OK)
        return false;
    l->counts[learned]++;
    if (!o->json && !o->verbose)
        return true;
    if (cog_learned_render(r, learned, screen->style, &out, error) != COG_OK)
        return false;
    screen->is_first = true; /* lines, not paragraphs */
    screen_write(screen, &out);
    return true;
}

static void write_summary(const Learning *l, uint64_t failed) {
    if (!l->counts[COG_LEARNED_NEW] && !l->counts[COG_LEARNED_LABELS])
        printf("no change: ");
    printf("%llu new, %llu relabelled, %llu already known, %llu failed\n",
           (unsigned long long)l->counts[COG_LEARNED_NEW],
           (unsigned long long)l->counts[COG_LEARNED_LABELS],
           (unsigned long long)l->counts[COG_LEARNED_NOTHING], (unsigned long long)failed);
}

static bool learn_all(Learning *l, const Options *o, Screen *screen, Inputs *in, CogError *error) {
    CogResult *r;
    bool ok = cog_store_batch_begin(l->store, error) == COG_OK;
    while (ok && (r = inputs_next(in, o, screen, NULL, &stop_signal))) {
        ok = learn_one(l, o, screen, r, error);
        cog_result_free(r);
    }
    CogError late;
    if (cog_store_batch_end(l->store, ok ? error : &late) != COG_OK)
        ok = false;
    return ok;
}

int cmd_learn(const Options *o) {
    Inputs in;
    Screen screen = screen_new(o);
    CogError error = {0};
    Learning l = {.labels = {.family = o->family,
                             .campaign = o->campaign,
                             .actor = o->actor,
                             .library = o->library,
                             .source = o->source,
                             .first_seen = o->first_seen,
                             .goodware = o->goodware}};
    if (!o->family && !o->campaign && !o->actor && !o->library && !o->goodware && !o->quiet)
        warn("no label given: these samples can be found again, but name nobody");
    catch_signals();
    inputs_open(&in, o); /* before the store: see pool.h */
    l.store = store_of(o, COG_CREATE);
    bool ok = learn_all(&l, o, &screen, &in, &error);
    int code = inputs_close(&in);
    cog_store_close(l.store);
    if (!ok)
        code = fail_with(&error);
    if (!o->json && !o->quiet)
        write_summary(&l, in.failed);
    code = screen_close(code);
    if (stop_signal) {
        warn("interrupted; what was learned so far is kept");
        signal(stop_signal, SIG_DFL);
        raise(stop_signal); /* the shell is to know */
    }
    return code;
}
