/* SPDX-License-Identifier: Apache-2.0
 * html.h: a writer for one self-contained page. All text of samples, stores and reports goes
 * through html_text, html_addf or an attribute call, which escape controls, direction marks and
 * invisible characters as for a terminal (escape.h), then what HTML reads. Tags and classes are our
 * own words. The page has no script and asks for nothing from elsewhere: a policy in its head
 * forbids both. */
#ifndef COG_REPORT_HTML_H
#define COG_REPORT_HTML_H

#include "base/text.h"

void html_escape(Bytes text, Text *out);
void html_text(Text *out, const char *text); /* NULL: nothing */
/* Escapes what printf made of it, at most 4 KiB. */
void html_addf(Text *out, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* <tag class="class">, without a class when it is NULL. */
void html_open(Text *out, const char *tag, const char *class);
void html_close(Text *out, const char *tag);
/* <tag class="class">text</tag> */
void html_element(Text *out, const char *tag, const char *class, const char *text);
/* A word of our records for people: shared_supplier as "shared supplier". */
void html_word(Text *out, const char *word);
/* "0x401000" in the font of code; a dash for UINT64_MAX. */
void html_va(Text *out, uint64_t va);
/* The first eight bytes of a hash, all of it as its title. */
void html_sha256(Text *out, const uint8_t sha256[32]);
/* A horizontal bar: shares 0..1, each with a class. */
typedef struct HtmlBar {
    double share;
    const char *class, *label;
} HtmlBar;
void html_bar(Text *out, const HtmlBar *parts, size_t count);

/* All up to <main>, and from </main>. */
void html_begin(Text *out, const char *title);
void html_end(Text *out);

#endif
