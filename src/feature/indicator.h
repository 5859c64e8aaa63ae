/* SPDX-License-Identifier: Apache-2.0
 * indicator.h: what the files behind extract_indicators share. The rules, what they miss and what
 * fools them are in docs/evidence/strings.md. */
#ifndef COG_FEATURE_INDICATOR_H
#define COG_FEATURE_INDICATOR_H

#include "feature/extractors.h"

typedef struct Indicators {
    Sample *s;
    Features *out;
    Map seen;                  /* hash of kind and value */
    const StringFeature *from; /* the string being read */
} Indicators;

/* Longest indicator that is kept whole: a URL of 2,048 is more than servers take. */
enum { MAX_INDICATOR_BYTES = 2048 };

/* Adds it once; longer ones and empty ones are left out. */
void indicator_add(Indicators *d, IndicatorKind kind, const char *at, size_t n);

/* Addresses, names, URLs and e-mail addresses in n bytes of text without defanging. */
void indicators_from_net(Indicators *d, const char *text, size_t n);
/* Registry keys, file paths, mutexes, user agents. */
void indicators_from_host(Indicators *d, const char *text, size_t n);

/* Addresses of cryptocurrencies. */
void indicators_from_wallets(Indicators *d, const char *text, size_t n);

/* Public places that a name says nothing about: schemas, certificate authorities, documentation.
 * HOST_COMMON: the host alone says nothing, a URL on it may. */
typedef enum HostNoise { HOST_TELLS, HOST_COMMON, HOST_NOISE } HostNoise;
HostNoise host_noise(const char *host, size_t n);

/* Lower-case host name of two labels or more under a real top-level domain. */
bool host_is_domain(const char *host, size_t n);

#endif
