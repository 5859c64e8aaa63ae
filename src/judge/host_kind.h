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

HostKind host_kind(KnowValueKind kind, const char *value);
/* claims: of the value's key. A compromised site of which only its name was known. */
void host_kind_hear(HostKind *kind, const KnowClaimVec *claims, Arena *a);
/* What is left of a weight when the host is reached over what passive DNS or certificates join it
 * with, or these over the host: a compromised site's are its owner's. 1 for all others. */
double host_kind_joined(const HostKind *kind);
/* Both; know may be NULL. */
Status host_kind_find(const KnowView *know, KnowValueKind kind, const char *value, Arena *a,
                      HostKind *out, Error *err);

#endif
