/* SPDX-License-Identifier: Apache-2.0
 * compromised.h: sites that belong to somebody else and were broken into. Their names are their
 * owners', so what they resolve to leads to no attacker (docs/evidence/infrastructure.md). */
#ifndef COG_KNOW_COMPROMISED_H
#define COG_KNOW_COMPROMISED_H

#include "know/know.h"

/* The content management system in whose own folders the path of a URL lies, "WordPress"; NULL:
 * none that is known. */
const char *compromised_cms(const char *url);

/* A comment on a host says so: "compromised website", "hacked". */
bool compromised_says(const char *comment);

/* The text of a claim that a host is one: "domain a.example". False when it does not fit. */
bool compromised_write(KnowValueKind kind, const char *value, char out[KNOW_PAIR_BYTES]);
/* The kind, and in *value where it begins in the text; KNOW_VALUE_COUNT when it is none. */
KnowValueKind compromised_read(const char *text, const char **value);

#endif
