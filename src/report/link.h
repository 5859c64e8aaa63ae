/* SPDX-License-Identifier: Apache-2.0
 * link.h: paths between things as records and as text. */
#ifndef COG_REPORT_LINK_H
#define COG_REPORT_LINK_H

#include "judge/link.h"
#include "report/report.h"

/* One `link` record for each path. */
void json_write_links(const LinkReport *r, Text *out);
/* from, to: as asked, or NULL. */
void text_write_links(const LinkReport *r, const char *from, const char *to, TextStyle style,
                      Text *out);

#endif
