/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/holders.h"

#include "match/group.h"

Holders holders_new(const KnowView *know, Arena *a) {
    return (Holders){.know = know, .arena = a, .of = map_new(a, 64)};
}

/* By name, so that one who is called the same by two publishers, or as label of a sample, is one.
 */
static Status named(Holders *h, uint64_t id, uint64_t *out, Error *err) {
    KnowEntity e;
    Status status = know_view_entity(h->know, id, h->arena, &e, err);
    uint64_t key = status == STATUS_OK ? know_name_key(e.name) : 0;
    *out = key ? key : id;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Whose list or report it is: who it is attributed to, else what it indicates, else itself. */
static Status holder_of(Holders *h, uint64_t container, uint64_t *out, Error *err) {
    KnowClaimVec claims = {.max = 64};
    const uint64_t *known = map_find(&h->of, container);
    uint64_t actor = 0, indicated = 0;
    *out = known ? *known : container;
    if (known)
        return STATUS_OK;
    Status status = know_view_claims(h->know, container, h->arena, &claims, err);
    for (size_t i = 0; i < claims.count && !actor; i++) {
        const KnowClaim *c = &claims.at[i];
        if (c->subject == container && c->relation == KNOW_ATTRIBUTED_TO)
            actor = c->object;
        else if (c->subject == container && c->relation == KNOW_INDICATES && !indicated)
            indicated = c->object;
    }
    uint64_t id = actor ? actor : indicated;
    if (status == STATUS_OK && id)
        status = named(h, id, out, err);
    map_put(&h->of, container, *out);
    return status;
}

uint64_t holder_from_sample(const StoredSample *sample) {
    const char *who = sample->labels.actor ? sample->labels.actor : sample->labels.campaign;
    uint64_t key = who ? know_name_key(who) : 0;
    return key ? key : group_from_sample(sample);
}

static void add(uint64_t *holders, size_t *count, uint64_t holder) {
    for (size_t k = 0; k < *count; k++)
        if (holders[k] == holder)
            return;
    holders[(*count)++] = holder;
}

Status holders_count(Holders *h, const KnowSeenVec *seen, uint64_t total,
                     const StoredSample *const *samples, size_t sample_count, uint64_t *out,
                     Error *err) {
    uint64_t holders[MAX_HOLDERS];
    size_t count = 0;
    Status status = STATUS_OK;
    *out = total + sample_count;
    if (*out <= 2 || *out > MAX_HOLDERS || total > seen->count)
        return STATUS_OK;
    for (size_t i = 0; i < total && status == STATUS_OK; i++) {
        uint64_t holder;
        status = holder_of(h, seen->at[i].container, &holder, err);
        add(holders, &count, holder);
    }
    for (size_t i = 0; i < sample_count; i++)
        add(holders, &count, holder_from_sample(samples[i]));
    *out = count;
    return status;
}
