/* SPDX-License-Identifier: Apache-2.0 */
#include "functions/metric.h"

#include <stdlib.h>

double rank_first(Rank r) { return r.better ? 0.0 : 1.0 / (1.0 + r.tied); }

double rank_reciprocal_10(Rank r) {
    double rank = 1.0 + r.better + r.tied / 2.0;
    return rank <= 10.0 ? 1.0 / rank : 0.0;
}

void tally_add(Tally *t, Rank r) {
    t->first += rank_first(r);
    t->reciprocal += rank_reciprocal_10(r);
    t->queries++;
}

void tally_merge(Tally *t, const Tally *other) {
    t->first += other->first;
    t->reciprocal += other->reciprocal;
    t->queries += other->queries;
    t->strange += other->strange;
    t->lost += other->lost;
    t->lost_first += other->lost_first;
}

static int by_score(const void *x, const void *y) {
    const Answer *a = x, *b = y;
    return (a->score < b->score) - (a->score > b->score);
}

Point best_at_wrong_rate(Answer *answers, size_t count, size_t queries, double wrong) {
    Point best = {.threshold = 1.0 / 0.0};
    size_t right = 0, bad = 0;
    if (count > 1)
        qsort(answers, count, sizeof *answers, by_score);
    for (size_t i = 0; i < count && queries;) {
        float score = answers[i].score;
        for (; i < count && answers[i].score >= score; i++) {
            right += answers[i].is_right;
            bad += !answers[i].is_right;
        }
        double recall = (double)right / (double)queries, share = (double)bad / (double)queries;
        if (share <= wrong && recall > best.recall)
            best = (Point){recall, share, (double)score};
    }
    return best;
}

uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

uint32_t random_below(uint64_t *state, uint32_t limit) {
    return (uint32_t)((random_next(state) >> 32) * limit >> 32);
}

size_t even_pick(size_t i, size_t n, size_t total) {
    return n >= total ? i : (i * total + total / 2) / n;
}
