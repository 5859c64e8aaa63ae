/* SPDX-License-Identifier: Apache-2.0
 * host_kind.h: how many share a host: by its name (know/shared_host.h), and whether somebody says
 * that it is a compromised site. Owner: the arena. */
#ifndef COG_JUDGE_HOST_KIND_H
#define COG_JUDGE_HOST_KIND_H

#include "know/shared_host.h"
#include "store/know_store.h"

typedef struct HostKind {
    SharedHost shared;
    const char *words; /* "a compromised site, says X (comment)"; NULL for SHARED_NOT */
} HostKind;

/* By its name or URL alone. */
HostKind host_kind(KnowValueKind kind, const char *value);
/* What is said of it on top of that. claims: of the value's key. */
void host_kind_from_claims(HostKind *kind, const KnowClaimVec *claims, Arena *a);
/* The same, asked of the store; know may be NULL. Nothing is asked of what is shared by many more
 * than a compromised site is, and of what is no host. */
Status host_kind_hear(const KnowView *know, KnowValueKind kind, const char *value, Arena *a,
                      HostKind *host, Error *err);
/* What is left of a weight when the host is reached over what passive DNS or certificates join it
 * with, or these over the host: a compromised site's are its owner's. 1 for all others. */
double host_kind_joined(const HostKind *kind);

#endif
