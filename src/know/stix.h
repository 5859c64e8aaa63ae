/* SPDX-License-Identifier: Apache-2.0
 * stix.h: the words of STIX that the importer and the exporter share. */
#ifndef COG_KNOW_STIX_H
#define COG_KNOW_STIX_H

#include "know/know.h"

/* Our property extension: flags, Admiralty code, claims with a source each
 * (docs/formats/knowledge.md). */
#define STIX_EXTENSION "extension-definition--5e4a3c1e-8f0b-4c7b-9a57-6d2f1f3c9b10"

/* By relationship_type; KNOW_RELATED_TO for those that are not known here. */
KnowRelation stix_relation(const char *type);

#endif
