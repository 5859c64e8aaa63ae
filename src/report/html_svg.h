/* SPDX-License-Identifier: Apache-2.0
 * html_svg.h: the few shapes that the drawings of a report need. Text is escaped and cut. */
#ifndef COG_REPORT_HTML_SVG_H
#define COG_REPORT_HTML_SVG_H

#include "base/text.h"

/* label: for who cannot see it. */
void svg_begin(Text *out, unsigned width, unsigned height, const char *label);
void svg_end(Text *out);
void svg_line(Text *out, double x1, double y1, double x2, double y2, const char *class);
void svg_dot(Text *out, double x, double y, const char *class);
/* class may be NULL; columns: at most so many, cut with an ellipsis; 0: all. The whole text is the
 * title. anchor: "start", "middle" or "end". */
typedef struct SvgText {
    double x, y;
    const char *class, *anchor;
    unsigned columns;
} SvgText;
void svg_text(Text *out, SvgText at, const char *text);

#endif
