/* SPDX-License-Identifier: Apache-2.0
 * page.h: readable text for a terminal of some width: colours, columns, wrapped sentences, bars.
 * Everything that comes from a sample or a store goes through page_cell or page_wrap, which escape
 * it; text of our own may be added to page->out as it is. */
#ifndef COG_REPORT_PAGE_H
#define COG_REPORT_PAGE_H

#include "report/escape.h"
#include "report/number.h"
#include "report/report.h"

typedef enum Ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GOOD, INK_BAD, INK_ODD } Ink;

typedef struct Page {
    Text *out;
    bool has_colour;
    unsigned columns;
} Page;

Page page_new(TextStyle style, Text *out);
void page_ink(Page *p, Ink ink); /* INK_PLAIN ends a colour */
/* A blank line, then the title. */
void page_title(Page *p, const char *title);
/* Text cut or padded to `columns`, then one blank. Negative: right-aligned. */
void page_cell(Page *p, int columns, Bytes text);
/* The last text of a line that has `used` columns: cut at the page's edge; ends the line. */
void page_rest(Page *p, unsigned used, Bytes text);
/* Words of a sentence between the margins; the first line has `used` columns already. Ends the
 * line. */
void page_wrap(Page *p, unsigned indent, unsigned used, Bytes text);
/* "  label    " in the label column (of LABEL_COLUMNS). */
void page_label(Page *p, const char *label);
/* Shares (0..1, in order, together at most 1) of a bar, the rest empty. */
void page_bar(Page *p, const double *shares, size_t count, unsigned columns);

enum { LABEL_COLUMNS = 13 };

#endif
