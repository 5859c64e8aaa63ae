/* SPDX-License-Identifier: Apache-2.0
 * yara_scan.h: which rules hit which bytes, by libyara; the only file that knows it. Built without
 * it, yara_scan_is_there says no. Compile before a sandbox closes; scanning opens nothing.
 * Threads: a scanner may be used by threads and forks, its compiled rules do not change. */
#ifndef COG_REPORT_YARA_SCAN_H
#define COG_REPORT_YARA_SCAN_H

#include "base/status.h"
#include "base/text.h"

bool yara_scan_is_there(void);

typedef struct YaraScanner YaraScanner;
Status yara_scanner_new(const char *rules, YaraScanner **out, Error *err);
void yara_scanner_free(YaraScanner *s);
/* Lines "rule<TAB>string" for each string of each rule that hits. False: it gave up. */
bool yara_scan(const YaraScanner *s, Bytes bytes, unsigned timeout_s, Text *hits);

#endif
