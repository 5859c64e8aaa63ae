/* SPDX-License-Identifier: Apache-2.0
 * export_stix.h: what the files of the STIX export of knowledge share. */
#ifndef COG_REPORT_EXPORT_STIX_H
#define COG_REPORT_EXPORT_STIX_H

#include "report/export.h"
#include "report/json.h"

/* A claim that carries a text, as our extension has it, into the array that is open. */
void export_stix_claim(Json *j, const KnowClaim *c);
/* Claims between indicators (passive DNS, certificates, networks) and what is said of one (a
 * compromised site, an address's country), into the array that is open. */
Status export_stix_pairs(KnowExport *x, Json *json, Error *err);

#endif
