/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/party.h"

#include <math.h>

#include <stdlib.h>
#include <string.h>

#include "judge/calibrate.h"
#include "match/group.h"

static int compare_party(const void *x, const void *y) {
    const Party *p = x, *q = y;
    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    return (p->group > q->group) - (p->group < q->group);
}

void parties_from_matches(const MatchReport *report, const Snapshot *snap, PartyLess less, Arena *a,
                          PartyVec *out) {
    *out = (PartyVec){.max = report->samples.count + 1};
    for (size_t i = 0; i < report->samples.count; i++) {
        const SampleMatch *m = &report->samples.at[i];
        const StoredSample *sample = snapshot_find_sample(snap, m->sample);
        if (!sample || m->sample == less.sample || m->code_weight + m->token_weight_all <= 0)
            continue;
        if (less.source && sample->labels.source && !strcmp(sample->labels.source, less.source))
            continue;
        uint64_t group = group_from_sample(sample);
        Measures measures = measures_from_match(report, m);
        Measures rival = measures_of_rival(report, m);
        double score = score_from_measures(&measures), against = score_from_measures(&rival);
        Party *party = NULL;
        for (size_t k = 0; k < out->count; k++)
            if (out->at[k].group == group)
                party = &out->at[k];
        if (!party) {
            party = VEC_ADD(a, out);
            *party = (Party){.group = group,
                             .best = m,
                             .labels = &sample->labels,
                             .score = score,
                             .against = against};
        }
        party->samples++;
        party->against = fmax(party->against, against);
        if (score > party->score) {
            party->score = score;
            party->best = m;
            party->labels = &sample->labels;
        }
    }
    if (out->count > 1)
        qsort(out->at, out->count, sizeof *out->at, compare_party);
}

Measures measures_from_parties(const MatchReport *report, const PartyVec *parties) {
    if (parties->count == 0)
        return (Measures){.own_weight = report->weight_total,
                          .token_total = report->token_total,
                          .own_functions = report->own_functions};
    const Party *first = &parties->at[0], *second = parties->count > 1 ? first + 1 : NULL;
    Measures m = measures_from_match(report, first->best);
    m.margin = m.code_share - (second ? second->best->code_share : 0.0);
    m.score = first->score;
    m.lead = lead_without_rival();
    for (size_t i = 1; i < parties->count; i++) {
        double lead = first->score - parties->at[i].against;
        m.lead = i == 1 ? lead : fmin(m.lead, lead);
        m.rivals += exp(-lead);
    }
    return m;
}
