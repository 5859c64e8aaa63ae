/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/link_edge.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "judge/holders.h"
#include "judge/link_sample.h"
#include "judge/neighbour.h"
#include "know/value.h"

enum { MAX_EDGES = 16384, MAX_VALUES = 4096, MAX_SEEN = 512 };

/* Two who say the same count as two when they are two (at most .95: they may copy each other). */
void link_edge_add(Arena *a, LinkEdgeVec *out, LinkEdge edge, LinkEvidence evidence) {
    enum { MAX_EVIDENCE = 16 };
    LinkEdge *e = NULL;
    bool is_new = true;
    if (edge.probability <= 0)
        return;
    for (size_t i = 0; i < out->count && !e && !edge.to.is_indicator; i++)
        if (out->at[i].to.id == edge.to.id)
            e = &out->at[i];
    for (size_t i = 0; e && i < e->evidence.count; i++) {
        const char *source = e->evidence.at[i].source;
        is_new &= source && evidence.source && strcmp(source, evidence.source) != 0;
    }
    if (!e) {
        e = VEC_ADD(a, out);
        if (!e)
            return;
        *e = edge;
        e->evidence.max = MAX_EVIDENCE;
    } else if (is_new) {
        e->probability = fmin(1 - (1 - e->probability) * (1 - edge.probability),
                              fmax(0.95, fmax(e->probability, edge.probability)));
    } else {
        e->probability = fmax(e->probability, edge.probability);
    }
    LinkEvidence *slot = VEC_ADD(a, &e->evidence);
    if (slot)
        *slot = evidence;
}

/* ---- nodes ---- */

Status link_node_entity(const LinkQuery *query, uint64_t id, Arena *a, LinkNode *out, Error *err) {
    KnowEntity e;
    Status status = know_view_entity(query->know, id, a, &e, err);
    if (status == STATUS_NOT_FOUND) {
        *out = (LinkNode){
            .id = id, .kind = KNOW_OTHER, .name = arena_textf(a, "unknown %016" PRIx64, id)};
        return STATUS_OK;
    }
    *out = (LinkNode){.id = id,
                      .kind = e.kind,
                      .flags = e.flags,
                      .name = e.name,
                      .ref = e.ref,
                      .from = e.first_seen,
                      .to = e.last_seen};
    return status;
}

LinkNode link_node_indicator(KnowValueKind kind, const char *value) {
    return (LinkNode){.id = know_value_key(kind, value),
                      .is_indicator = true,
                      .kind = KNOW_INDICATOR,
                      .value_kind = kind,
                      .name = value};
}

static void add_node(Arena *a, LinkNodeVec *out, LinkNode node) {
    for (size_t i = 0; i < out->count; i++)
        if (out->at[i].id == node.id)
            return;
    LinkNode *slot = VEC_ADD(a, out);
    if (slot)
        *slot = node;
}

Status link_nodes_called(const LinkQuery *query, const char *name, Arena *a, LinkNodeVec *out,
                         Error *err) {
    KnowIdVec ids = {0};
    Status status = know_view_named(query->know, name, a, &ids, err);
    for (size_t i = 0; i < ids.count && status == STATUS_OK; i++) {
        LinkNode node;
        status = link_node_entity(query, ids.at[i], a, &node, err);
        if (status == STATUS_OK)
            add_node(a, out, node);
    }
    return status;
}

/* A sample in the store itself, and by its labels whoever bears these names. */
static Status add_sample(const LinkQuery *query, const char *sha256, Arena *a, LinkNodeVec *out,
                         Error *err) {
    uint8_t bytes[32];
    const StoredSample *sample = query->snap && hex_read(bytes, sizeof bytes, sha256)
                                     ? snapshot_find_sha256(query->snap, bytes)
                                     : NULL;
    const char *names[3] = {NULL, NULL, NULL};
    if (sample) {
        names[0] = sample->labels.family;
        names[1] = sample->labels.campaign;
        names[2] = sample->labels.actor;
    }
    Status status = STATUS_OK;
    if (sample)
        add_node(a, out, link_node_indicator(KNOW_SHA256, sha256));
    for (size_t i = 0; i < 3 && status == STATUS_OK; i++)
        if (names[i])
            status = link_nodes_called(query, names[i], a, out, err);
    return status;
}

Status link_nodes_named(const LinkQuery *query, const char *name, Arena *a, LinkNodeVec *out,
                        Error *err) {
    KnowEntity e;
    KnowValues *values = ARENA_NEW(a, KnowValues);
    out->max = 64;
    Status status = know_view_entity(query->know, know_id(name), a, &e, err);
    if (status == STATUS_OK) {
        LinkNode node;
        status = link_node_entity(query, know_id(name), a, &node, err);
        add_node(a, out, node);
    }
    status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (status == STATUS_OK)
        status = link_nodes_called(query, name, a, out, err);
    if (status == STATUS_OK &&
        know_values_from_text(KNOW_VALUE_OTHER, name, strlen(name), values)) {
        KnowSeenVec seen = {.max = 1};
        uint64_t total = 0;
        const KnowValue *v = &values->at[0];
        status = know_view_sightings(query->know, v->kind, v->text, a, &seen, &total, err);
        Neighbours joined = {.full = false};
        if (status == STATUS_OK && total == 0)
            status = neighbours_find(query->know, v->kind, v->text, a, &joined, err);
        if (total > 0 || joined.list.count > 0)
            add_node(a, out, link_node_indicator(v->kind, v->text));
        if (status == STATUS_OK && v->kind == KNOW_SHA256)
            status = add_sample(query, v->text, a, out, err);
    }
    return status;
}

/* ---- how much a step says ---- */

/* That both ends of a claim of this relation belong together, if it is true (guesses, but for what
 * is 0: targets, places and techniques are shared by actors who do not know each other; ATT&CK
 * overlap names the wrong group, docs/evidence/infrastructure.md). */
static double relation_weight(KnowRelation relation) {
    switch (relation) {
    case KNOW_REVOKED_BY:
    case KNOW_DUPLICATE_OF:
    case KNOW_ATTRIBUTED_TO: /* nothing is left to say once it is true */
        return 0.97;
    case KNOW_INDICATES:
    case KNOW_PART_OF:
        return 0.9;
    case KNOW_USES:
    case KNOW_VARIANT_OF:
        return 0.85;
    case KNOW_DERIVED_FROM:
    case KNOW_CONSISTS_OF:
    case KNOW_RESOLVES_TO: /* of STIX objects that hold a name and an address */
    case KNOW_CERTIFIES:
        return 0.8;
    case KNOW_DELIVERS:
    case KNOW_COMMUNICATES_WITH:
        return 0.7;
    case KNOW_SIMILAR_TO:
        return 0.5;
    case KNOW_RELATED_TO:
        return 0.2;
    case KNOW_MENTIONS:
        return 0.1;
    case KNOW_TARGETS:
    case KNOW_SUBTECHNIQUE_OF:
    case KNOW_MITIGATES:
    case KNOW_DETECTS:
    case KNOW_LOCATED_AT:
    case KNOW_EXPLOITS:
    case KNOW_OPINION:
    case KNOW_ALIAS:
    case KNOW_VICTIM:
    case KNOW_COUNT:
    case KNOW_DATED:
    case KNOW_COUNTRY:
    case KNOW_SPONSOR:
    case KNOW_REFERENCE:
    case KNOW_EXTERNAL_ID:
    case KNOW_TRAIT:
    case KNOW_NOTE:
    case KNOW_COMPROMISED:
    case KNOW_BELONGS_TO: /* an address a network: everybody's */
    case KNOW_RELATION_COUNT:
        break;
    }
    return 0;
}

/* That two containers that list the same value belong together: hosts measured (bench/
 * indicators.py, tune part: of 229 hidden reports that one other holder shares an address, a name
 * or a URL with, .89 are that actor's, with a standard error by actor of .04; the kinds differ by
 * less than chance). One standard error is taken off, since labels are partly made from overlap.
 * The others are guesses by how easily they are copied. */
double link_value_weight(KnowValueKind kind) {
    static const struct {
        KnowValueKind kind;
        double weight;
    } WEIGHTS[] = {
        {KNOW_IPV4, 0.88},   {KNOW_IPV6, 0.88},        {KNOW_DOMAIN, 0.88},  {KNOW_URL, 0.88},
        {KNOW_EMAIL, 0.8},   {KNOW_SHA256, 0.97},      {KNOW_SHA1, 0.97},    {KNOW_MD5, 0.97},
        {KNOW_SHA512, 0.97}, {KNOW_SECRET, 0.95},      {KNOW_KEY, 0.95},     {KNOW_WALLET, 0.9},
        {KNOW_MUTEX, 0.8},   {KNOW_CERTIFICATE, 0.85}, {KNOW_PDB, 0.6},      {KNOW_PIPE, 0.7},
        {KNOW_IMPHASH, 0.4}, {KNOW_CAMPAIGN_ID, 0.7},  {KNOW_REGISTRY, 0.4}, {KNOW_HTTP_PATH, 0.3},
        {KNOW_PATH, 0.3},    {KNOW_USER_AGENT, 0.3},   {KNOW_SERVICE, 0.3},  {KNOW_FILE_NAME, 0.15},
        {KNOW_RICH, 0.15},   {KNOW_SSDEEP, 0.8},       {KNOW_TLSH, 0.8},
    };
    for (size_t i = 0; i < sizeof WEIGHTS / sizeof *WEIGHTS; i++)
        if (WEIGHTS[i].kind == kind)
            return WEIGHTS[i].weight;
    return 0; /* ports, networks: everybody's */
}

/* Through what everybody has leads no way to a particular one (CASE.md 3.1: likelihood ratio 1; the
 * number is a guess that keeps such a step from ever being the best). */
static const double THROUGH_PUBLIC = 0.03, THROUGH_UMBRELLA = 0.3;

static double through_weight(const LinkAt *at) {
    if (at->is_start)
        return 1;
    if (at->node->flags & (KNOW_PUBLIC | KNOW_COMMODITY | KNOW_LEAKED))
        return THROUGH_PUBLIC;
    return at->node->flags & KNOW_UMBRELLA ? THROUGH_UMBRELLA : 1;
}

/* Kinds that many have in common without being connected. */
static bool is_crossroads(KnowKind kind) {
    return kind == KNOW_TECHNIQUE || kind == KNOW_VULNERABILITY || kind == KNOW_LOCATION ||
           kind == KNOW_ORGANISATION;
}

/* ---- claims ---- */

static const char *who(const LinkAt *at, const char *source, Arena *a) {
    KnowEntity e;
    if (!source)
        return "somebody not named";
    /* Sources are often refs of organisations. */
    if (strstr(source, "--") || strncmp(source, "misp:", 5) == 0)
        if (know_view_entity(at->query->know, know_id(source), a, &e, NULL) == STATUS_OK)
            return e.name;
    return source;
}

/* What opinions on a claim leave of it: each disagreement halves, a strong one takes 80 % (guess).
 */
static Status opinions(const LinkAt *at, const KnowClaim *c, Arena *a, double *left, Error *err) {
    KnowClaimVec list = {.max = 64};
    *left = 1;
    if (!c->ref)
        return STATUS_OK;
    Status status = know_view_claims(at->query->know, know_id(c->ref), a, &list, err);
    for (size_t i = 0; i < list.count && status == STATUS_OK; i++) {
        const char *word = list.at[i].relation == KNOW_OPINION ? list.at[i].text : NULL;
        if (word && strcmp(word, "strongly-disagree") == 0)
            *left *= 0.2;
        else if (word && strcmp(word, "disagree") == 0)
            *left *= 0.5;
    }
    return status;
}

/* A thing cannot come from what is younger. */
static bool is_against_time(const KnowClaim *c, const LinkNode *node, const LinkNode *other) {
    if (c->relation != KNOW_DERIVED_FROM && c->relation != KNOW_VARIANT_OF)
        return false;
    const LinkNode *child = c->subject == node->id ? node : other;
    const LinkNode *parent = child == node ? other : node;
    return child->from && parent->from && child->from < parent->from;
}

static const char *claim_statement(const LinkAt *at, const KnowClaim *c, const LinkNode *other,
                                   bool is_late, Arena *a) {
    const LinkNode *s = c->subject == at->node->id ? at->node : other;
    const LinkNode *o = s == at->node ? other : at->node;
    char sure[64] = "";
    if (c->trust.confidence <= 100)
        snprintf(sure, sizeof sure, ", confidence %u of 100", c->trust.confidence);
    else if (c->trust.reliability || c->trust.credibility)
        snprintf(sure, sizeof sure, ", Admiralty %c%u",
                 c->trust.reliability ? c->trust.reliability : '-', c->trust.credibility);
    return arena_textf(a, "%.120s (%s) %s %.120s (%s), says %.100s%s%s%.140s%s", s->name,
                       know_kind_name(s->kind), c->text ? c->text : know_relation_name(c->relation),
                       o->name, know_kind_name(o->kind), who(at, c->source, a), sure,
                       c->note ? ": " : "", c->note ? c->note : "",
                       is_late ? " (but it is the older one)" : "");
}

/* How many use what is at hand. */
static double crowd(const LinkAt *at, const KnowClaimVec *claims) {
    size_t users = 0;
    for (size_t i = 0; i < claims->count; i++)
        users += claims->at[i].relation == KNOW_USES && claims->at[i].object == at->node->id;
    return claims->full ? 0 : users > 2 ? 2.0 / (double)users : 1.0;
}

static Status add_claim(const LinkAt *at, const KnowClaim *c, double through, Arena *a,
                        LinkEdgeVec *out, Error *err) {
    uint64_t id = c->subject == at->node->id ? c->object : c->subject;
    double p = relation_weight(c->relation) * through, left = 1;
    LinkNode other;
    if (p <= 0 || id == 0)
        return STATUS_OK;
    Status status = link_node_entity(at->query, id, a, &other, err);
    if (status != STATUS_OK || is_crossroads(other.kind) || other.kind == KNOW_OTHER)
        return status;
    if (c->relation == KNOW_MENTIONS &&
        (other.kind == KNOW_INDICATOR || at->node->kind == KNOW_INDICATOR))
        p *= 8; /* a report and its own list */
    if (c->trust.confidence <= 100 || c->trust.credibility)
        p *= know_trust_weight(c->trust);
    status = opinions(at, c, a, &left, err);
    bool is_late = is_against_time(c, at->node, &other);
    p *= left * (is_late ? 0.3 : 1);
    bool is_routine = other.kind == KNOW_ROUTINE || at->node->kind == KNOW_ROUTINE;
    LinkEvidence evidence = {.evidence_class = is_routine ? EVIDENCE_ROUTINE : EVIDENCE_KNOWLEDGE,
                             .statement = claim_statement(at, c, &other, is_late, a),
                             .source = c->source ? who(at, c->source, a) : NULL,
                             .url = c->url,
                             .is_disputed = left < 1};
    if (status == STATUS_OK)
        link_edge_add(a, out, (LinkEdge){.to = other, .probability = p}, evidence);
    return status;
}

/* A name in common: .9 when it is the main name of both and they are of one kind, .5 when it is
 * somebody's alias of one (guesses). */
static Status add_namesakes(const LinkAt *at, const char *name, bool is_main, double through,
                            Arena *a, LinkEdgeVec *out, Error *err) {
    LinkNodeVec nodes = {.max = 64};
    Status status = link_nodes_called(at->query, name, a, &nodes, err);
    for (size_t i = 0; i < nodes.count && status == STATUS_OK; i++) {
        const LinkNode *n = &nodes.at[i];
        bool is_same = n->kind == at->node->kind && know_name_key(n->name) == know_name_key(name);
        if (n->id == at->node->id || is_crossroads(n->kind) || n->kind == KNOW_REPORT)
            continue;
        LinkEvidence evidence = {
            .evidence_class = EVIDENCE_KNOWLEDGE,
            .statement = arena_textf(a, "both are called %.100s: %.100s (%s) and %.100s (%s)", name,
                                     at->node->name, at->node->ref, n->name, n->ref)};
        double p = (is_main && is_same ? 0.9 : 0.5) * through;
        link_edge_add(a, out, (LinkEdge){.to = *n, .probability = p}, evidence);
    }
    return status;
}

/* ---- indicators ---- */

typedef struct Listing {
    const LinkAt *at;
    Arena *arena;
    LinkEdgeVec *out;
    double through;
    unsigned count;
} Listing;

static bool add_value(void *ctx, const KnowListed *listed) {
    Listing *l = ctx;
    const char *value = arena_text(l->arena, listed->value);
    HostKind host = host_kind(listed->kind, value); /* what is said of it: add_containers */
    double p = sqrt(link_value_weight(listed->kind) * shared_host_weight(host.shared)) * l->through;
    LinkEvidence evidence = {
        .evidence_class = EVIDENCE_INDICATOR,
        .statement = arena_textf(l->arena, "%.150s lists %s %.150s%s%s", l->at->node->name,
                                 know_value_name(listed->kind), value, host.words ? ", " : "",
                                 host.words ? host.words : ""),
        .source = l->at->node->name};
    link_edge_add(l->arena, l->out,
                  (LinkEdge){.to = link_node_indicator(listed->kind, value),
                             .probability = p,
                             .first = listed->first,
                             .last = listed->last},
                  evidence);
    return ++l->count < MAX_VALUES;
}

static Status add_containers(const LinkAt *at, const HostKind *host, Arena *a, LinkEdgeVec *out,
                             Error *err) {
    /* Half of the hosts change hands within four years (guess). */
    const double half_life = 4, year_apart = pow(0.5, 1 / half_life);
    KnowSeenVec seen = {.max = MAX_SEEN};
    uint64_t total = 0;
    const LinkNode *node = at->node;
    Status status =
        know_view_sightings(at->query->know, node->value_kind, node->name, a, &seen, &total, err);
    double by_name = shared_host_weight(host_kind(node->value_kind, node->name).shared);
    Holders search = holders_new(at->query->know, a);
    uint64_t holders = 0;
    if (status == STATUS_OK)
        status = holders_count(&search, &seen, total, NULL, 0, &holders, err);
    /* The way to it took off for its name alone: what is said of it counts for both steps here. */
    double p =
        sqrt(link_value_weight(node->value_kind) / by_name) * shared_host_weight(host->shared);
    if (at->is_joined)
        p *= host_kind_joined(host);
    if (holders > 2)
        p /= (double)holders - 1; /* it is one of the others' */
    out->full |= total > seen.count;
    for (size_t i = 0; i < seen.count && status == STATUS_OK; i++) {
        LinkNode container;
        const KnowSeen *one = &seen.at[i];
        double left =
            neighbour_decay((Stay){at->first, at->last, false}, one->first, one->last, half_life);
        status = link_node_entity(at->query, one->container, a, &container, err);
        LinkEvidence evidence = {
            .evidence_class = EVIDENCE_INDICATOR,
            .statement =
                arena_textf(a, "%s %.150s%s%s is listed by %.150s too (%" PRIu64 " list it%s)",
                            know_value_name(node->value_kind), node->name, host->words ? ", " : "",
                            host->words ? host->words : "", container.name, total,
                            left <= year_apart ? "; more than a year apart" : ""),
            .source = container.name};
        if (status == STATUS_OK)
            link_edge_add(a, out,
                          (LinkEdge){.to = container,
                                     .probability = p * left,
                                     .first = one->first,
                                     .last = one->last},
                          evidence);
    }
    return status;
}

/* What passive DNS and certificates join it with. */
static void add_neighbours(const LinkAt *at, const Neighbours *n, Arena *a, LinkEdgeVec *out) {
    out->full |= n->full;
    for (size_t i = 0; i < n->list.count; i++) {
        const Neighbour *one = &n->list.at[i];
        double p = neighbour_weight(n, one, (Stay){at->first, at->last, at->is_joined});
        if (p <= 0)
            continue;
        LinkEvidence evidence = {.evidence_class = EVIDENCE_INDICATOR,
                                 .statement = neighbour_statement(n, one, a),
                                 .source = one->source};
        link_edge_add(a, out,
                      (LinkEdge){.to = link_node_indicator(one->kind, one->value),
                                 .probability = p,
                                 .first = one->from,
                                 .last = one->to,
                                 .is_joined = true},
                      evidence);
    }
}

static bool has_namesakes(KnowKind kind) {
    return kind == KNOW_ACTOR || kind == KNOW_FAMILY || kind == KNOW_TOOL || kind == KNOW_CAMPAIGN;
}

Status link_edges(const LinkAt *at, Arena *a, LinkEdgeVec *out, Error *err) {
    out->max = MAX_EDGES;
    if (at->node->is_indicator) {
        const LinkNode *node = at->node;
        Neighbours n;
        Status status = neighbours_find(at->query->know, node->value_kind, node->name, a, &n, err);
        if (status == STATUS_OK)
            status = add_containers(at, &n.own, a, out, err);
        if (status == STATUS_OK)
            add_neighbours(at, &n, a, out);
        return status == STATUS_OK ? link_sample_edges(at, &n.own, a, out, err) : status;
    }
    if (is_crossroads(at->node->kind))
        return STATUS_OK;
    KnowClaimVec claims = {.max = MAX_EDGES};
    double through = through_weight(at);
    bool is_name = has_namesakes(at->node->kind);
    Status status = know_view_claims(at->query->know, at->node->id, a, &claims, err);
    double crowded = crowd(at, &claims);
    for (size_t i = 0; i < claims.count && status == STATUS_OK; i++) {
        const KnowClaim *c = &claims.at[i];
        bool is_user = c->relation == KNOW_USES && c->object == at->node->id && !at->is_start;
        status = add_claim(at, c, through * (is_user ? crowded : 1), a, out, err);
        bool is_alias = c->relation == KNOW_ALIAS || c->relation == KNOW_EXTERNAL_ID;
        if (status == STATUS_OK && is_alias && is_name && c->text)
            status =
                add_namesakes(at, c->text, c->relation == KNOW_EXTERNAL_ID, through, a, out, err);
    }
    if (status == STATUS_OK && is_name)
        status = add_namesakes(at, at->node->name, true, through, a, out, err);
    Listing l = {.at = at, .arena = a, .out = out, .through = through};
    if (status == STATUS_OK)
        status = know_view_values(at->query->know, at->node->id, add_value, &l, err);
    out->full |= claims.full || l.count >= MAX_VALUES;
    return status;
}
