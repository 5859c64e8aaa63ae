/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/link_sample.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "judge/holders.h"
#include "know/value.h"
#include "match/group.h"

/* Of one host that are looked at: what more samples have says next to nothing. */
enum { MAX_SAMPLES = 16 };
/* That a label is right, whoever gave it (guess). */
static const double LABEL = 0.9;

static const StoredSample *sample_of(const LinkQuery *query, const LinkNode *node) {
    uint8_t sha256[32];
    return query->snap && node->value_kind == KNOW_SHA256 &&
                   hex_read(sha256, sizeof sha256, node->name)
               ? snapshot_find_sha256(query->snap, sha256)
               : NULL;
}

static Status add_label(const LinkAt *at, const StoredSample *s, const char *what, const char *name,
                        Arena *a, LinkEdgeVec *out, Error *err) {
    LinkNodeVec nodes = {.max = 16};
    Status status = name ? link_nodes_called(at->query, name, a, &nodes, err) : STATUS_OK;
    for (size_t i = 0; i < nodes.count && status == STATUS_OK; i++) {
        LinkEvidence evidence = {
            .evidence_class = EVIDENCE_KNOWLEDGE,
            .statement =
                arena_textf(a, "sample %.100s is labelled %s %.100s, says %.100s", s->name, what,
                            name, s->labels.source ? s->labels.source : "somebody not named"),
            .source = s->labels.source};
        link_edge_add(a, out, (LinkEdge){.to = nodes.at[i], .probability = LABEL}, evidence);
    }
    return status;
}

static bool is_host(KnowValueKind kind) {
    return kind == KNOW_IPV4 || kind == KNOW_IPV6 || kind == KNOW_DOMAIN || kind == KNOW_URL;
}

static double host_weight(KnowValueKind kind, HostKind host) {
    return sqrt(link_value_weight(kind) * shared_host_weight(host.shared));
}

static void add_host(const StoredSample *s, const KnowValue *v, Arena *a, LinkEdgeVec *out) {
    const char *value = arena_text(a, (Bytes){(const uint8_t *)v->text, strlen(v->text)});
    HostKind host = host_kind(v->kind, value);
    LinkEvidence evidence = {.evidence_class = EVIDENCE_INDICATOR,
                             .statement =
                                 arena_textf(a, "sample %.100s has %s %.150s%s%s", s->name,
                                             know_value_name(v->kind), value,
                                             host.words ? ", " : "", host.words ? host.words : "")};
    link_edge_add(a, out,
                  (LinkEdge){.to = link_node_indicator(v->kind, value),
                             .probability = host_weight(v->kind, host)},
                  evidence);
}

/* Addresses, names and URLs in it, hosts of URLs among them. */
static Status add_hosts(const LinkAt *at, const StoredSample *s, Arena *a, LinkEdgeVec *out,
                        Error *err) {
    Features *f;
    KnowValues *values = ARENA_NEW(a, KnowValues);
    Status status = snapshot_features(at->query->snap, s->id, a, &f, err);
    for (size_t i = 0; status == STATUS_OK && i < f->indicators.count; i++) {
        const Indicator *one = &f->indicators.at[i];
        KnowValueKind kind = know_value_from_name(indicator_kind_name(one->kind));
        if (!is_host(kind) || !know_values_from_text(kind, one->value, strlen(one->value), values))
            continue;
        for (size_t k = 0; k < values->count; k++)
            if (is_host(values->at[k].kind))
                add_host(s, &values->at[k], a, out);
    }
    return status;
}

/* Samples of one actor, else of one family, are one user; what more have is everybody's. */
static uint64_t users_of(const LinkAt *at, const TokenHitVec *hits, uint32_t total) {
    GroupSet users = {.count = 0};
    for (size_t i = 0; i < hits->count; i++) {
        const StoredSample *s = snapshot_find_sample(at->query->snap, hits->at[i].sample);
        if (s)
            group_set_add(&users, holder_from_sample(s));
    }
    return total > hits->count ? total : users.count;
}

/* Reference samples that have the host as a string of its own; one in goodware is everybody's. */
static Status add_samples(const LinkAt *at, const HostKind *host, Arena *a, LinkEdgeVec *out,
                          Error *err) {
    const LinkNode *node = at->node;
    uint64_t token = token_from_string(node->name, strlen(node->name));
    TokenHitVec hits = {.max = MAX_SAMPLES};
    uint32_t total = 0;
    Status status =
        snapshot_find_tokens(at->query->snap, a, &token, 1, MAX_SAMPLES, &hits, &total, err);
    uint64_t holders = users_of(at, &hits, total);
    double p = host_weight(node->value_kind, *host) * (holders > 2 ? 2.0 / (double)holders : 1);
    if (at->is_joined)
        p *= host_kind_joined(host);
    for (size_t i = 0; i < hits.count && status == STATUS_OK; i++) {
        const StoredSample *s = snapshot_find_sample(at->query->snap, hits.at[i].sample);
        if (!s || s->labels.sample_class != SAMPLE_REFERENCE)
            return STATUS_OK;
    }
    for (size_t i = 0; i < hits.count && status == STATUS_OK; i++) {
        const StoredSample *s = snapshot_find_sample(at->query->snap, hits.at[i].sample);
        char sha256[65];
        hex_write(sha256, s->sha256, 32);
        LinkEvidence evidence = {
            .evidence_class = EVIDENCE_INDICATOR,
            .statement =
                arena_textf(a, "sample %.100s has %s %.150s%s%s (%" PRIu32 " have it)", s->name,
                            know_value_name(node->value_kind), node->name, host->words ? ", " : "",
                            host->words ? host->words : "", total)};
        link_edge_add(
            a, out,
            (LinkEdge){.to = link_node_indicator(KNOW_SHA256, arena_textf(a, "%s", sha256)),
                       .probability = p},
            evidence);
    }
    return status;
}

Status link_sample_edges(const LinkAt *at, const HostKind *host, Arena *a, LinkEdgeVec *out,
                         Error *err) {
    const StoredSample *s = sample_of(at->query, at->node);
    if (at->query->snap && is_host(at->node->value_kind))
        return add_samples(at, host, a, out, err);
    if (!s)
        return STATUS_OK;
    Status status = add_label(at, s, "family", s->labels.family, a, out, err);
    if (status == STATUS_OK)
        status = add_label(at, s, "campaign", s->labels.campaign, a, out, err);
    if (status == STATUS_OK)
        status = add_label(at, s, "actor", s->labels.actor, a, out, err);
    return status == STATUS_OK && at->is_start ? add_hosts(at, s, a, out, err) : status;
}
