/* SPDX-License-Identifier: Apache-2.0
 * text_lists.h: one line each for functions, strings, routines, traits and indicators. */
#ifndef COG_REPORT_TEXT_LISTS_H
#define COG_REPORT_TEXT_LISTS_H

#include "report/page.h"

void list_string(Page *p, const StringFeature *s);
void list_routine(Page *p, const Features *f, const Routine *r);
void list_indicator(Page *p, const Indicator *i);
/* All of one part (PART_FUNCTIONS, ...), with a heading. */
void list_part(Page *p, const Features *f, unsigned part);
/* An address in a column of its own; "-" when there is none. */
void list_va(Page *p, uint64_t va);

#endif
