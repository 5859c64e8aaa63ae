/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_svg.h"

#include "report/escape.h"
#include "report/html.h"
#include "report/number.h"

void svg_begin(Text *out, unsigned width, unsigned height, const char *label) {
    text_addf(out,
              "<div class=\"drawing\"><svg viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\" "
              "role=\"img\" aria-label=\"",
              width, height, width, height);
    html_text(out, label);
    text_add(out, "\">\n");
}

void svg_end(Text *out) { text_add(out, "</svg></div>\n"); }

static void add(Text *out, const char *name, double value) {
    text_addf(out, " %s=\"", name);
    text_add_real(out, value, 1, true);
    text_add_char(out, '"');
}

void svg_line(Text *out, double x1, double y1, double x2, double y2, const char *class) {
    text_addf(out, "<line class=\"%s\"", class);
    add(out, "x1", x1);
    add(out, "y1", y1);
    add(out, "x2", x2);
    add(out, "y2", y2);
    text_add(out, "/>\n");
}

void svg_dot(Text *out, double x, double y, const char *class) {
    text_addf(out, "<circle class=\"%s\" r=\"5\"", class);
    add(out, "cx", x);
    add(out, "cy", y);
    text_add(out, "/>\n");
}

void svg_text(Text *out, SvgText at, const char *text) {
    Text cut = text_new(1 << 16);
    escape_terminal(bytes_from_text(text), at.columns, &cut);
    text_add(out, "<text");
    if (at.class)
        text_addf(out, " class=\"%s\"", at.class);
    text_addf(out, " text-anchor=\"%s\"", at.anchor);
    add(out, "x", at.x);
    add(out, "y", at.y);
    text_add_char(out, '>');
    html_escape((Bytes){(const uint8_t *)text_str(&cut), cut.size}, out);
    text_add(out, "<title>");
    html_text(out, text);
    text_add(out, "</title></text>\n");
    text_free(&cut);
}
