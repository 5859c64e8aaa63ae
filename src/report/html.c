/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

#include <stdarg.h>
#include <stdio.h>

#include "report/escape.h"
/* Made from html.css by the build. */
#include "report/number.h"
#include <html_style.inc>

/* The longest text that one call escapes: names and strings have at most 4 KiB, a list of texts a
 * few of them. */
enum { MAX_ESCAPED = 1 << 20, MAX_FORMATTED = 4096 };

void html_escape(Bytes text, Text *out) {
    Text safe = text_new(MAX_ESCAPED);
    escape_terminal(text, 0, &safe);
    for (size_t i = 0; i < safe.size; i++) {
        char c = safe.at[i];
        if (c == '&')
            text_add(out, "&amp;");
        else if (c == '<')
            text_add(out, "&lt;");
        else if (c == '>')
            text_add(out, "&gt;");
        else if (c == '"')
            text_add(out, "&quot;");
        else if (c == '\'')
            text_add(out, "&#39;");
        else
            text_add_char(out, c);
    }
    text_free(&safe);
}

void html_text(Text *out, const char *text) { html_escape(bytes_from_text(text), out); }

void html_addf(Text *out, const char *fmt, ...) {
    char text[MAX_FORMATTED];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    html_text(out, text);
}

void html_open(Text *out, const char *tag, const char *class) {
    text_addf(out, "<%s", tag);
    if (class)
        text_addf(out, " class=\"%s\"", class);
    text_add_char(out, '>');
}

void html_close(Text *out, const char *tag) { text_addf(out, "</%s>\n", tag); }

void html_element(Text *out, const char *tag, const char *class, const char *text) {
    html_open(out, tag, class);
    html_text(out, text);
    html_close(out, tag);
}

void html_word(Text *out, const char *word) {
    for (; *word; word++)
        text_add_char(out, *word == '_' ? ' ' : *word);
}

void html_va(Text *out, uint64_t va) {
    if (va == UINT64_MAX) {
        text_add(out, "–");
        return;
    }
    text_add(out, "<code>");
    text_add_va(out, va);
    text_add(out, "</code>");
}

void html_sha256(Text *out, const uint8_t sha256[32]) {
    text_add(out, "<code title=\"");
    text_add_hex(out, (Bytes){sha256, 32});
    text_add(out, "\">");
    text_add_hex(out, (Bytes){sha256, 8});
    text_add(out, "…</code>");
}

void html_bar(Text *out, const HtmlBar *parts, size_t count) {
    html_open(out, "div", "bar");
    for (size_t i = 0; i < count; i++) {
        double share = parts[i].share < 0 ? 0 : parts[i].share > 1 ? 1 : parts[i].share;
        text_addf(out, "<i class=\"%s\" title=\"", parts[i].class);
        html_text(out, parts[i].label);
        text_add(out, "\" style=\"width:");
        text_add_real(out, share * 100, 2, true);
        text_add(out, "%\"></i>");
    }
    html_close(out, "div");
}

void html_begin(Text *out, const char *title) {
    text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    html_text(out, title);
    text_add(out, "</title>\n<style>\n");
    text_add_bytes(out, HTML_STYLE, sizeof HTML_STYLE);
    text_add(out, "</style>\n</head>\n<body>\n<main>\n");
}

void html_end(Text *out) { text_add(out, "</main>\n</body>\n</html>\n"); }
