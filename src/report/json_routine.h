/* SPDX-License-Identifier: Apache-2.0
 * json_routine.h: the record `routine`; private to report/. */
#ifndef COG_REPORT_JSON_ROUTINE_H
#define COG_REPORT_JSON_ROUTINE_H

#include "feature/feature.h"
#include "report/json.h"

void json_write_routine(const Features *f, const Routine *r, Text *out);

#endif
