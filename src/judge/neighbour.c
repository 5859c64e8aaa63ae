/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/neighbour.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double YEAR_MS = 31557600000.0;

/* Two steps, to the address and from it, make .81: names on one address of their own (guess; two
 * lists with one address are of one actor more often, docs/evidence/infrastructure.md). */
static const double STEP = 0.9;
/* A rented address is handed on within months: half for each year between two names on it (guess;
 * lists lag behind what they list and have four years in link_edge.c). */
static const double RENT_YEARS = 1, LIST_YEARS = 4;
/* Names of one address that are nobody's yet, as in link_edge.c; of a certificate, whose holder
 * asked for all of them; addresses of a name that moved now and then (guesses). */
static const double ADDRESS_NAMES = 2, CERTIFICATE_NAMES = 8, NAME_ADDRESSES = 16;

static bool is_address(KnowValueKind kind) { return kind == KNOW_IPV4 || kind == KNOW_IPV6; }

/* ---- looking up ---- */

static int compare(const void *x, const void *y) {
    const Neighbour *a = x, *b = y;
    int order = (a->kind > b->kind) - (a->kind < b->kind);
    if (order == 0)
        order = strcmp(a->value, b->value);
    if (order == 0)
        order = (a->from > b->from) - (a->from < b->from);
    if (order == 0)
        order = (a->to > b->to) - (a->to < b->to);
    return order ? order : strcmp(a->source ? a->source : "", b->source ? b->source : "");
}

static void add(Neighbours *out, const KnowClaim *c, uint64_t key, Arena *a) {
    char *room = arena_alloc(a, KNOW_PAIR_BYTES);
    KnowPair pair;
    if (!know_pair_read(c->text, room, &pair))
        return;
    unsigned other = c->subject == key ? 1 : 0;
    Neighbour *n = VEC_ADD(a, &out->list);
    if (n)
        *n = (Neighbour){.kind = pair.kinds[other],
                         .value = pair.values[other],
                         .relation = c->relation,
                         .is_subject = other == 0,
                         .from = c->from,
                         .to = c->to,
                         .source = c->source,
                         .note = c->note};
}

static void set_shared(Neighbours *out, SharedHost shared) {
    out->host = (HostKind){shared, shared_host_words(shared)};
}

/* Where the address lies, as the latest of those who say so has it. */
static void place(Neighbours *out, const KnowClaimVec *claims, Arena *a) {
    const KnowClaim *network = NULL, *country = NULL;
    char room[KNOW_PAIR_BYTES];
    KnowPair pair;
    for (size_t i = 0; i < claims->count; i++) {
        const KnowClaim *c = &claims->at[i];
        if (c->relation == KNOW_COUNTRY && (!country || c->said > country->said))
            country = c;
        else if (c->relation == KNOW_BELONGS_TO && (!network || c->said > network->said))
            network = c;
    }
    bool has_network = network && know_pair_read(network->text, room, &pair);
    if (has_network && pair.kinds[1] == KNOW_ASN && strlen(pair.values[1]) > 2)
        set_shared(out, shared_network((uint32_t)strtoul(pair.values[1] + 2, NULL, 10)));
    if (!has_network && !country)
        return;
    const char *source = has_network ? network->source : country->source;
    const char *holder = has_network ? network->note : NULL;
    out->network =
        arena_textf(a, "%.16s%s%.80s%s%.8s, says %.100s", has_network ? pair.values[1] : "",
                    holder ? " " : "", holder ? holder : "", has_network && country ? ", " : "",
                    country ? country->text : "", source ? source : "somebody not named");
}

/* What the names on an address tell of it: operators put sinkholes, CDNs and tunnels under their
 * own names, and nobody else can. */
static void see_names(Neighbours *out) {
    for (size_t i = 0; i < out->list.count; i++) {
        const Neighbour *n = &out->list.at[i];
        bool is_new = i == 0 || n->kind != out->list.at[i - 1].kind ||
                      strcmp(n->value, out->list.at[i - 1].value) != 0;
        bool is_address_side = is_address(out->kind);
        bool counts =
            is_address_side || out->kind == KNOW_CERTIFICATE || n->relation == KNOW_RESOLVES_TO;
        out->sharers += is_new && counts;
        SharedHost kind = is_address_side ? shared_host(n->kind, n->value) : SHARED_NOT;
        if (kind >= SHARED_CDN && shared_host_weight(kind) < shared_host_weight(out->host.shared))
            set_shared(out, kind);
    }
}

Status neighbours_find(const KnowView *know, KnowValueKind kind, const char *value, Arena *a,
                       Neighbours *out, Error *err) {
    KnowClaimVec claims = {.max = MAX_NEIGHBOURS};
    uint64_t key = know_value_key(kind, value);
    *out = (Neighbours){.kind = kind, .value = value, .list = {.max = MAX_NEIGHBOURS}};
    Status status = know_view_claims(know, key, a, &claims, err);
    out->full = claims.full;
    for (size_t i = 0; i < claims.count && status == STATUS_OK; i++)
        if (claims.at[i].relation == KNOW_RESOLVES_TO || claims.at[i].relation == KNOW_CERTIFIES)
            add(out, &claims.at[i], key, a);
    if (out->list.count > 1)
        qsort(out->list.at, out->list.count, sizeof *out->list.at, compare);
    out->own = host_kind(kind, value);
    host_kind_from_claims(&out->own, &claims, a);
    if (is_address(kind))
        place(out, &claims, a);
    if (!is_address(kind) || out->own.shared > out->host.shared)
        out->host = out->own;
    see_names(out);
    return status;
}

/* ---- weight ---- */

double neighbour_decay(Stay stay, int64_t from, int64_t to, double half_life) {
    int64_t here_end = stay.to ? stay.to : stay.from, there_end = to ? to : from;
    if (!here_end || !there_end)
        return 1;
    int64_t here = stay.from ? stay.from : here_end, there = from ? from : there_end;
    int64_t gap = there > here_end ? there - here_end : here > there_end ? here - there_end : 0;
    return pow(0.5, (double)gap / YEAR_MS / half_life);
}

double neighbour_weight(const Neighbours *n, const Neighbour *one, Stay stay) {
    double free = n->kind == KNOW_CERTIFICATE ? CERTIFICATE_NAMES
                  : is_address(n->kind)       ? ADDRESS_NAMES
                                              : NAME_ADDRESSES;
    double sharers = (double)n->sharers;
    double weight = STEP * (sharers > free ? free / sharers : 1);
    /* A name of one's own under somebody's domain still leads to one's own address, that of a
     * compromised site to its owner's. */
    if (n->host.shared == SHARED_COMPROMISED)
        weight *= host_kind_joined(&n->host);
    else if (is_address(n->kind) || n->host.shared >= SHARED_CDN)
        weight *= shared_host_weight(n->host.shared);
    double years = stay.is_joined && is_address(n->kind) ? RENT_YEARS : LIST_YEARS;
    return n->full ? 0 : weight * neighbour_decay(stay, one->from, one->to, years);
}

/* ---- words ---- */

const char *neighbour_statement(const Neighbours *n, const Neighbour *one, Arena *a) {
    char from[KNOW_TIME_BYTES], to[KNOW_TIME_BYTES], window[64] = "", sharers[64] = "";
    const char *other = one->value, *mine = n->value;
    know_time_write(one->from, from);
    know_time_write(one->to, to);
    if (one->from || one->to)
        snprintf(window, sizeof window, " (%.10s to %.10s)", one->from ? from : "?",
                 one->to ? to : "?");
    if (n->sharers > 1 && (is_address(n->kind) || n->kind == KNOW_CERTIFICATE))
        snprintf(sharers, sizeof sharers, "; %" PRIu64 " names share it", n->sharers);
    return arena_textf(
        a, "%s %.120s %s %s %.120s%s, says %.100s%s%s%s%s%.240s",
        know_value_name(one->is_subject ? one->kind : n->kind), one->is_subject ? other : mine,
        one->relation == KNOW_CERTIFIES ? "names" : "resolved to",
        know_value_name(one->is_subject ? n->kind : one->kind), one->is_subject ? mine : other,
        window, one->source ? one->source : "somebody not named", sharers,
        n->host.words ? "; it is " : "", n->host.words ? n->host.words : "",
        n->network ? "; in " : "", n->network ? n->network : "");
}
