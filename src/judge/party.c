/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/party.h"

#include <math.h>
#include <stdlib.h>

#include "match/group.h"

/* Ranks references: what is shared must be much of both sides, so that a big reference does not win
 * by its size alone; strings help a little (factor: guess, checked on the tuning part). */
static double strength(const SampleMatch *m) {
    return sqrt(fmax(0.0, m->code_share * m->reverse_share)) +
           0.02 * log2(1.0 + fmin(m->token_weight, 64.0));
}

static int compare_party(const void *x, const void *y) {
    const Party *p = x, *q = y;
    double a = strength(p->best), b = strength(q->best);
    if (a != b)
        return a > b ? -1 : 1;
    return (p->group > q->group) - (p->group < q->group);
}

void parties_from_matches(const MatchReport *report, const Snapshot *snap, uint32_t without,
                          Arena *a, PartyVec *out) {
    *out = (PartyVec){.max = report->samples.count + 1};
    for (size_t i = 0; i < report->samples.count; i++) {
        const SampleMatch *m = &report->samples.at[i];
        const StoredSample *sample = snapshot_find_sample(snap, m->sample);
        if (!sample || m->sample == without || strength(m) <= 0)
            continue;
        uint64_t group = group_from_sample(sample);
        Party *party = NULL;
        for (size_t k = 0; k < out->count; k++)
            if (out->at[k].group == group)
                party = &out->at[k];
        if (!party) {
            party = VEC_ADD(a, out);
            *party = (Party){.group = group, .best = m, .labels = &sample->labels};
        }
        party->samples++;
        if (strength(m) > strength(party->best)) {
            party->best = m;
            party->labels = &sample->labels;
        }
    }
    if (out->count > 1)
        qsort(out->at, out->count, sizeof *out->at, compare_party);
}

Measures measures_from_parties(const Features *query, const MatchReport *report,
                               const PartyVec *parties) {
    (void)query;
    Measures m = {.own_weight = report->weight_total};
    if (parties->count == 0)
        return m;
    const SampleMatch *best = parties->at[0].best;
    m.code_weight = best->code_weight;
    m.code_share = best->code_share;
    m.reverse_share = best->reverse_share;
    m.token_weight = best->token_weight;
    m.margin = best->code_share - (parties->count > 1 ? parties->at[1].best->code_share : 0.0);
    m.distinctive = best->distinctive_pairs;
    for (size_t i = 0; i < best->pairs.count; i++) {
        FunctionClass c = report->functions[best->pairs.at[i].a].function_class;
        if (c != CLASS_FAMILY && c != CLASS_COMMON)
            continue;
        if (best->pairs.at[i].reason == PAIR_EXACT)
            m.exact++;
        else
            m.similar++;
    }
    return m;
}
