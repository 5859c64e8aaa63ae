/* SPDX-License-Identifier: Apache-2.0
 * neighbour.h: what an address, a name or a certificate is joined with by what passive DNS and
 * certificates say, and how many share it. Weights: docs/evidence/infrastructure.md.
 * Owner: the arena given. Limits: MAX_NEIGHBOURS claims are read; `full` tells, and then the value
 * is everybody's. */
#ifndef COG_JUDGE_NEIGHBOUR_H
#define COG_JUDGE_NEIGHBOUR_H

#include "judge/host_kind.h"

typedef struct Neighbour {
    KnowValueKind kind;
    const char *value;
    KnowRelation relation; /* KNOW_RESOLVES_TO, KNOW_CERTIFIES */
    bool is_subject;       /* of the claim: the name that resolved, the certificate */
    int64_t from, to;      /* when that was seen, or is valid; 0 not known */
    const char *source, *note;
} Neighbour;

typedef struct Neighbours {
    KnowValueKind kind;
    const char *value;
    VEC(Neighbour) list; /* by value, then time; a value once for each claim */
    uint64_t sharers;    /* distinct names of an address or certificate; addresses of a name */
    HostKind own;        /* by its name and what is said of it */
    HostKind host;       /* the same, and by the names on it and its network */
    const char *network; /* "AS64500 Example Hosting, KR, says ..."; or NULL */
    bool full;
} Neighbours;

enum { MAX_NEIGHBOURS = 1024 };
Status neighbours_find(const KnowView *know, KnowValueKind kind, const char *value, Arena *a,
                       Neighbours *out, Error *err);

/* That the value and this neighbour belong together, 0..1. from, to: when the value was at hand,
 * 0 when that is not known; is_joined: it was reached over a neighbour, not from a list. */
typedef struct Stay {
    int64_t from, to;
    bool is_joined;
} Stay;
double neighbour_weight(const Neighbours *n, const Neighbour *one, Stay stay);

/* What is left of two windows that lie apart: halved for each `half_life` years between them. */
double neighbour_decay(Stay stay, int64_t from, int64_t to, double half_life);

/* "domain a.example resolved to ipv4 192.0.2.1 (2016-05-01 to 2016-08-20; 3 names share it), says
 * passive DNS in x.jsonl" */
const char *neighbour_statement(const Neighbours *n, const Neighbour *one, Arena *a);

#endif
