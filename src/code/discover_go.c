/* SPDX-License-Identifier: Apache-2.0
 * discover_go.c: functions that Go's pclntab declares. */
#include "code/discover.h"

void go_add(Discover *d) { (void)d; }
