/* SPDX-License-Identifier: Apache-2.0
 * link.c: best-first search over claims and indicators (Dijkstra 1959, on -log of the steps'
 * probabilities), a few disjoint paths. */
#include "judge/link.h"

#include <math.h>
#include <string.h>

#include "judge/link_edge.h"

enum {
    MAX_VISITS = 60000, /* a search over all of ATT&CK and the galaxies sees about 30,000 */
    MAX_EXPANDED = 6000,
    MAX_STEPS = 8,
    MAX_BANNED = 16,
    MAX_INCIDENTS = 64
};
/* Less than this is no link worth showing (guess). */
static const double LEAST = 0.005;
/* However many paths: they rest on reports that may copy each other. */
static const double MOST = 0.95;

typedef struct Visit {
    LinkNode node;
    double p;
    uint32_t parent; /* UINT32_MAX: a start */
    LinkEdge edge;   /* from the parent */
    uint8_t depth;
    bool is_done;
} Visit;

typedef struct Banned {
    uint64_t a, b;
} Banned;

typedef struct Search {
    const LinkQuery *query;
    Arena *arena;
    VEC(Visit) visits;
    VEC(uint32_t) heap; /* visits by p, the greatest first */
    Map seen;           /* node id -> visit + 1 */
    Banned banned[MAX_BANNED];
    size_t banned_count;
    const LinkNodeVec *targets; /* NULL: actors, campaigns and incidents */
    unsigned wanted;
    VEC(uint32_t) found;
    bool was_cut;
} Search;

/* ---- heap ---- */

static double heap_p(const Search *s, size_t i) { return s->visits.at[s->heap.at[i]].p; }

static void heap_swap(Search *s, size_t i, size_t k) {
    uint32_t t = s->heap.at[i];
    s->heap.at[i] = s->heap.at[k];
    s->heap.at[k] = t;
}

static void heap_push(Search *s, uint32_t visit) {
    uint32_t *slot = VEC_ADD(s->arena, &s->heap);
    if (!slot) {
        s->was_cut = true;
        return;
    }
    *slot = visit;
    for (size_t i = s->heap.count - 1; i > 0 && heap_p(s, i) > heap_p(s, (i - 1) / 2);
         i = (i - 1) / 2)
        heap_swap(s, i, (i - 1) / 2);
}

static uint32_t heap_pop(Search *s) {
    uint32_t top = s->heap.at[0];
    s->heap.at[0] = s->heap.at[--s->heap.count];
    for (size_t i = 0;;) {
        size_t best = i;
        for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < s->heap.count; k++)
            if (heap_p(s, k) > heap_p(s, best))
                best = k;
        if (best == i)
            return top;
        heap_swap(s, i, best);
        i = best;
    }
}

/* ---- search ---- */

static void reach(Search *s, const LinkNode *node, double p, uint32_t parent,
                  const LinkEdge *edge) {
    uint64_t *at = map_find(&s->seen, node->id);
    unsigned depth = parent == UINT32_MAX ? 0 : s->visits.at[parent].depth + 1u;
    if (depth > MAX_STEPS || p < LEAST)
        return;
    if (at && (s->visits.at[*at - 1].is_done || s->visits.at[*at - 1].p >= p))
        return;
    /* A better way is a visit of its own; the old one is passed over when it comes up. */
    Visit *v = VEC_ADD(s->arena, &s->visits);
    if (!v) {
        s->was_cut = true;
        return;
    }
    *v = (Visit){.node = *node, .p = p, .parent = parent, .depth = (uint8_t)depth};
    if (edge)
        v->edge = *edge;
    uint32_t index = (uint32_t)(s->visits.count - 1);
    map_put(&s->seen, node->id, index + 1u);
    heap_push(s, index);
}

static bool is_banned(const Search *s, uint64_t a, uint64_t b) {
    for (size_t i = 0; i < s->banned_count; i++)
        if ((s->banned[i].a == a && s->banned[i].b == b) ||
            (s->banned[i].a == b && s->banned[i].b == a))
            return true;
    return false;
}

static bool is_target(const Search *s, const Visit *v) {
    if (v->parent == UINT32_MAX)
        return false;
    if (!s->targets)
        return !v->node.is_indicator &&
               (v->node.kind == KNOW_ACTOR || v->node.kind == KNOW_CAMPAIGN ||
                v->node.kind == KNOW_INCIDENT);
    for (size_t i = 0; i < s->targets->count; i++)
        if (s->targets->at[i].id == v->node.id)
            return true;
    return false;
}

static Status expand(Search *s, uint32_t index, Error *err) {
    Visit v = s->visits.at[index];
    LinkEdgeVec edges = {0};
    LinkAt at = {.query = s->query,
                 .node = &v.node,
                 .is_start = v.parent == UINT32_MAX,
                 .first = v.edge.first,
                 .last = v.edge.last,
                 .is_joined = v.edge.is_joined};
    Status status = link_edges(&at, s->arena, &edges, err);
    s->was_cut |= edges.full;
    for (size_t i = 0; i < edges.count && status == STATUS_OK; i++) {
        const LinkEdge *e = &edges.at[i];
        if (!is_banned(s, v.node.id, e->to.id))
            reach(s, &e->to, v.p * e->probability, index, e);
    }
    return status;
}

static Status search(Search *s, const LinkNodeVec *starts, Error *err) {
    Status status = STATUS_OK;
    unsigned expanded = 0;
    s->visits.max = s->heap.max = MAX_VISITS;
    s->visits.count = s->heap.count = s->found.count = 0;
    s->found.max = s->wanted;
    s->seen = map_new(s->arena, 1024);
    for (size_t i = 0; i < starts->count; i++)
        reach(s, &starts->at[i], 1.0, UINT32_MAX, NULL);
    while (status == STATUS_OK && s->heap.count > 0 && s->found.count < s->wanted) {
        uint32_t index = heap_pop(s);
        Visit *v = &s->visits.at[index];
        if (*map_find(&s->seen, v->node.id) != index + 1u)
            continue;
        v->is_done = true;
        if (is_target(s, v)) {
            uint32_t *slot = VEC_ADD(s->arena, &s->found);
            if (slot)
                *slot = index;
            if (s->targets)
                continue; /* what lies behind is another question */
        }
        s->was_cut |= expanded >= MAX_EXPANDED;
        if (expanded++ < MAX_EXPANDED)
            status = expand(s, index, err);
    }
    return status;
}

/* ---- paths ---- */

static bool follow_in_time(const LinkPath *path) {
    int64_t last = 0;
    int direction = 0;
    for (size_t i = 0; i <= path->steps.count; i++) {
        const LinkNode *n = i == 0 ? &path->from : &path->steps.at[i - 1].b;
        if (!n->from || n->kind == KNOW_REPORT || n->is_indicator)
            continue;
        if (last && n->from != last) {
            int now = n->from > last ? 1 : -1;
            if (direction && now != direction)
                return false;
            direction = now;
        }
        last = n->from;
    }
    return true;
}

static LinkPath path_to(const Search *s, uint32_t end, Arena *a) {
    uint32_t order[MAX_STEPS + 1];
    size_t n = 0;
    LinkPath path = {.probability = s->visits.at[end].p, .to = s->visits.at[end].node};
    path.steps.max = MAX_STEPS;
    uint32_t at = end;
    for (; s->visits.at[at].parent != UINT32_MAX; at = s->visits.at[at].parent)
        order[n++] = at;
    path.from = s->visits.at[at].node;
    while (n > 0) {
        const Visit *v = &s->visits.at[order[--n]];
        LinkStep *step = VEC_ADD(a, &path.steps);
        CHECK(step);
        *step = (LinkStep){.a = s->visits.at[v->parent].node,
                           .b = v->node,
                           .evidence = v->edge.evidence,
                           .probability = v->edge.probability};
        if (step->probability < path.steps.at[path.weakest].probability)
            path.weakest = (uint32_t)(path.steps.count - 1);
    }
    path.is_ordered = follow_in_time(&path);
    return path;
}

static void add_path(LinkReport *out, Arena *a, LinkPath path) {
    LinkPath *slot = VEC_ADD(a, &out->paths);
    if (!slot)
        return;
    *slot = path;
    for (size_t i = out->paths.count - 1;
         i > 0 && out->paths.at[i - 1].probability < out->paths.at[i].probability; i--) {
        LinkPath t = out->paths.at[i];
        out->paths.at[i] = out->paths.at[i - 1];
        out->paths.at[i - 1] = t;
    }
}

/* Between two names: the best path, then paths without its weakest step, and so on. */
static Status between(Search *s, const LinkNodeVec *from, const LinkNodeVec *to, LinkReport *out,
                      Error *err) {
    double none = 1;
    Status status = STATUS_OK;
    s->targets = to;
    s->wanted = 1;
    for (unsigned k = 0; k < s->query->top && k < MAX_BANNED && status == STATUS_OK; k++) {
        status = search(s, from, err);
        out->was_cut |= s->was_cut;
        if (status != STATUS_OK || s->found.count == 0)
            break;
        LinkPath path = path_to(s, s->found.at[0], s->arena);
        const LinkStep *weakest = &path.steps.at[path.weakest];
        s->banned[s->banned_count++] = (Banned){weakest->a.id, weakest->b.id};
        none *= 1 - path.probability;
        add_path(out, s->arena, path);
    }
    out->probability = fmin(1 - none, MOST);
    return status;
}

/* From a name to whatever is near. */
static Status around(Search *s, const LinkNodeVec *from, LinkReport *out, Error *err) {
    s->targets = NULL;
    s->wanted = s->query->top;
    Status status = search(s, from, err);
    out->was_cut |= s->was_cut;
    for (size_t i = 0; i < s->found.count && status == STATUS_OK; i++)
        add_path(out, s->arena, path_to(s, s->found.at[i], s->arena));
    return status;
}

typedef struct Incidents {
    const LinkQuery *query;
    Arena *arena;
    LinkNodeVec nodes;
    uint64_t last;
} Incidents;

static Status see_incident(void *ctx, const KnowEntry *e, Error *err) {
    Incidents *i = ctx;
    KnowEntity entity;
    if (e->key == i->last || !know_entity_read(e->key, e->payload, i->arena, &entity) ||
        (entity.kind != KNOW_INCIDENT && entity.kind != KNOW_CAMPAIGN))
        return STATUS_OK;
    i->last = e->key;
    LinkNode *slot = VEC_ADD(i->arena, &i->nodes);
    return slot ? link_node_entity(i->query, e->key, i->arena, slot, err) : STATUS_OK;
}

/* No name at all: incidents and campaigns with each other. */
static Status among_incidents(Search *s, LinkReport *out, Error *err) {
    Incidents i = {.query = s->query, .arena = s->arena, .nodes = {.max = MAX_INCIDENTS}};
    Status status = know_view_each(s->query->know, KNOW_ENTRY_ENTITY, see_incident, &i, err);
    out->was_cut |= i.nodes.full;
    s->targets = &i.nodes;
    for (size_t k = 0; k < i.nodes.count && status == STATUS_OK; k++) {
        LinkNodeVec one = {.at = &i.nodes.at[k], .count = 1};
        s->wanted = s->query->top;
        status = search(s, &one, err);
        for (size_t f = 0; f < s->found.count && status == STATUS_OK; f++)
            if (s->visits.at[s->found.at[f]].node.id > one.at[0].id)
                add_path(out, s->arena, path_to(s, s->found.at[f], s->arena));
        out->was_cut |= s->was_cut;
    }
    return status;
}

static Status resolve(const LinkQuery *query, const char *name, Arena *a, LinkNodeVec *out,
                      Error *err) {
    Status status = link_nodes_named(query, name, a, out, err);
    if (status == STATUS_OK && out->count == 0)
        return error_set(err, STATUS_NOT_FOUND, "nothing in the store is called %.200s", name);
    return status;
}

Status link_find(const LinkQuery *query, Arena *a, LinkReport *out, Error *err) {
    LinkQuery asked = *query;
    if (!asked.from) { /* the way is the same from both ends */
        asked.from = asked.to;
        asked.to = NULL;
    }
    Search s = {.query = &asked, .arena = a};
    LinkNodeVec from = {0}, to = {0};
    *out = (LinkReport){.paths = {.max = 1024}};
    Status status = STATUS_OK;
    if (asked.from)
        status = resolve(&asked, asked.from, a, &from, err);
    if (status == STATUS_OK && asked.to)
        status = resolve(&asked, asked.to, a, &to, err);
    out->from_count = (unsigned)from.count;
    out->to_count = (unsigned)to.count;
    if (status != STATUS_OK)
        return status;
    if (!asked.from)
        return among_incidents(&s, out, err);
    return asked.to ? between(&s, &from, &to, out, err) : around(&s, &from, out, err);
}
