/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/joined.h"

#include <string.h>

/* A path that weighs less leaves less than a factor of two of the strongest indicator there is, an
 * address's 197 (docs/evidence/infrastructure.md). */
static const double LEAST = 0.01;

JoinedSearch joined_init(const KnowView *know, Arena *a, int64_t seen) {
    return (JoinedSearch){
        .know = know, .arena = a, .seen = seen, .found = {.max = MAX_JOINED}, .at = map_new(a, 64)};
}

/* The best way to it is the one that is kept. */
static void keep(JoinedSearch *s, Joined j) {
    uint64_t key = know_value_key(j.kind, j.value);
    const uint64_t *at = map_find(&s->at, key);
    Joined *slot = at ? &s->found.at[*at - 1] : VEC_ADD(s->arena, &s->found);
    s->full |= !slot;
    if (!slot || (at && slot->weight >= j.weight))
        return;
    *slot = j;
    if (!at)
        map_put(&s->at, key, s->found.count);
}

static Status look(JoinedSearch *s, KnowValueKind kind, const char *value, Neighbours *out,
                   Error *err) {
    if (s->looks++ < MAX_JOINED_LOOKS)
        return neighbours_find(s->know, kind, value, s->arena, out, err);
    s->full = true;
    *out = (Neighbours){.kind = kind, .value = value};
    return STATUS_OK;
}

/* From the address or certificate that `first` is to the other names on it. */
static Status add_second(JoinedSearch *s, const Joined *first, const Neighbour *reached,
                         const char *start, Error *err) {
    Neighbours n;
    Stay stay = {reached->from, reached->to, true};
    Status status = look(s, first->kind, first->value, &n, err);
    for (size_t i = 0; status == STATUS_OK && i < n.list.count; i++) {
        const Neighbour *one = &n.list.at[i];
        double weight = first->weight * neighbour_weight(&n, one, stay);
        if (weight < LEAST || strcmp(one->value, start) == 0)
            continue;
        keep(s, (Joined){.kind = one->kind,
                         .value = one->value,
                         .weight = weight,
                         .via = arena_textf(s->arena, "%s; %s", first->via,
                                            neighbour_statement(&n, one, s->arena)),
                         .source = one->source,
                         .va = first->va});
    }
    return status;
}

Status joined_add(JoinedSearch *s, KnowValueKind kind, const char *value, uint64_t va, Error *err) {
    Neighbours n;
    Stay stay = {s->seen, s->seen, false};
    bool is_host = kind == KNOW_DOMAIN || kind == KNOW_IPV4 || kind == KNOW_IPV6;
    if (!is_host && kind != KNOW_CERTIFICATE)
        return STATUS_OK;
    Status status = look(s, kind, value, &n, err);
    for (size_t i = 0; status == STATUS_OK && i < n.list.count; i++) {
        const Neighbour *one = &n.list.at[i];
        Joined first = {.kind = one->kind,
                        .value = one->value,
                        .weight = neighbour_weight(&n, one, stay),
                        .source = one->source,
                        .va = va};
        if (first.weight < LEAST)
            continue;
        first.via = neighbour_statement(&n, one, s->arena);
        keep(s, first);
        if (one->kind != KNOW_DOMAIN)
            status = add_second(s, &first, one, value, err);
    }
    return status;
}
