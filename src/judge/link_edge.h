/* SPDX-License-Identifier: Apache-2.0
 * link_edge.h: what is next to an entity or an indicator, and how much each step says. */
#ifndef COG_JUDGE_LINK_EDGE_H
#define COG_JUDGE_LINK_EDGE_H

#include "judge/link.h"

typedef struct LinkEdge {
    LinkNode to;
    double probability;
    LinkEvidenceVec evidence;
    int64_t first, last; /* of a sighting, or of what joins two indicators */
    bool is_joined;      /* two indicators: passive DNS, certificates */
} LinkEdge;
typedef VEC(LinkEdge) LinkEdgeVec;

/* One step on from a node. is_start: nothing is taken off for what leads through it; first, last
 * and is_joined: of the edge by which an indicator was reached. */
typedef struct LinkAt {
    const LinkQuery *query;
    const LinkNode *node;
    bool is_start;
    int64_t first, last;
    bool is_joined;
} LinkAt;
Status link_edges(const LinkAt *at, Arena *a, LinkEdgeVec *out, Error *err);

/* What a name stands for; several things may bear it. */
typedef VEC(LinkNode) LinkNodeVec;
Status link_nodes_named(const LinkQuery *query, const char *name, Arena *a, LinkNodeVec *out,
                        Error *err);
/* An entity that nobody described keeps its id as a name. */
Status link_node_entity(const LinkQuery *query, uint64_t id, Arena *a, LinkNode *out, Error *err);

/* Entities that somebody calls so, added to out. */
Status link_nodes_called(const LinkQuery *query, const char *name, Arena *a, LinkNodeVec *out,
                         Error *err);
LinkNode link_node_indicator(KnowValueKind kind, const char *value);

/* ---- for the files that find edges ---- */
/* Two who say the same count as two when they are two (at most .95: they may copy each other). */
void link_edge_add(Arena *a, LinkEdgeVec *out, LinkEdge edge, LinkEvidence evidence);
/* That two who have the same value belong together, 0..1. */
double link_value_weight(KnowValueKind kind);

#endif
