/* SPDX-License-Identifier: Apache-2.0
 * link.h: why two things are connected: the most probable path between them through claims and
 * shared indicators, the weakest step of it, and further paths that do not need that step.
 * A path is no proof: each step says who says so. Weights: docs/evidence/infrastructure.md.
 * Owner: the arena given. Threads: none of its own. */
#ifndef COG_JUDGE_LINK_H
#define COG_JUDGE_LINK_H

#include "judge/verdict.h"
#include "store/know_store.h"

typedef struct LinkNode {
    uint64_t id;
    bool is_indicator;
    KnowKind kind;            /* of an entity */
    KnowValueKind value_kind; /* of an indicator */
    unsigned flags;           /* KNOW_PUBLIC ... */
    const char *name, *ref;   /* an indicator: its value, NULL */
    int64_t from, to;         /* when it was there, 0 not known */
} LinkNode;

typedef struct LinkEvidence {
    EvidenceClass evidence_class;
    const char *statement; /* one sentence */
    const char *source, *url;
    bool is_disputed;
} LinkEvidence;
typedef VEC(LinkEvidence) LinkEvidenceVec;

typedef struct LinkStep {
    LinkNode a, b;
    LinkEvidenceVec evidence; /* at least one; several when several say so */
    double probability;
} LinkStep;

typedef struct LinkPath {
    LinkNode from, to;
    VEC(LinkStep) steps;
    uint32_t weakest; /* index of a step */
    double probability;
    bool is_ordered; /* the dated things on it follow each other in time */
} LinkPath;
typedef VEC(LinkPath) LinkPathVec;

typedef struct LinkQuery {
    const KnowView *know;
    const Snapshot *snap;  /* for samples named by SHA-256; or NULL */
    const char *from, *to; /* a name, alias, ref, indicator or SHA-256; NULL: whatever is near */
    unsigned top;          /* paths, or ends */
} LinkQuery;

typedef struct LinkReport {
    LinkPathVec paths;             /* best first */
    double probability;            /* of the link by all paths together; from and to given */
    bool was_cut;                  /* a limit of the search was hit */
    unsigned from_count, to_count; /* how many things bear the names */
} LinkReport;

/* STATUS_NOT_FOUND: nobody knows one of the names; the message says which. */
Status link_find(const LinkQuery *query, Arena *a, LinkReport *out, Error *err);

#endif
