/* SPDX-License-Identifier: Apache-2.0
 * shared_host.h: hosts that many people use who have nothing to do with each other, so that two who
 * use the same one are hardly linked by it. The list and its sources: shared_host.c. */
#ifndef COG_KNOW_SHARED_HOST_H
#define COG_KNOW_SHARED_HOST_H

#include "know/know.h"

typedef enum SharedHost {
    SHARED_NOT,
    SHARED_DYNAMIC_DNS, /* a name that its user chose, under somebody else's domain */
    SHARED_HOSTING,     /* the same, of a web host or cloud */
    SHARED_NETWORK,     /* an address that a large hoster rents out */
    SHARED_COMPROMISED, /* a site that belongs to somebody else: by the URL's path, or said */
    SHARED_CDN,
    SHARED_TUNNEL,  /* names and addresses go from user to user */
    SHARED_SERVICE, /* one host for all: paste, file, message and test services */
    SHARED_SINKHOLE,
    SHARED_COUNT
} SharedHost;
const char *shared_host_words(SharedHost kind); /* "a dynamic DNS name"; NULL for SHARED_NOT */

/* Of a domain, an address, or the host of a URL. What people say of it is not asked:
 * judge/host_kind.h does. */
SharedHost shared_host(KnowValueKind kind, const char *value);

/* Of an autonomous system: that of a hoster or a content delivery network where strangers share
 * addresses. */
SharedHost shared_network(uint32_t asn);

/* What is left of the weight that a shared indicator would have: 1 for SHARED_NOT. A name of one's
 * own keeps nine tenths (measured: docs/evidence/infrastructure.md), the others are guesses. */
double shared_host_weight(SharedHost kind);

#endif
