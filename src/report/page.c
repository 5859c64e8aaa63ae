/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page.h"

enum { DEFAULT_COLUMNS = 100, LEAST_COLUMNS = 40 };

Page page_new(TextStyle style, Text *out) {
    unsigned columns = style.columns ? style.columns : DEFAULT_COLUMNS;
    return (Page){.out = out,
                  .has_colour = style.colour,
                  .columns = columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns};
}

void page_ink(Page *p, Ink ink) {
    static const char *const CODES[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                        "\033[32m", "\033[31m", "\033[33m"};
    if (p->has_colour)
        text_add(p->out, CODES[ink]);
}

void page_title(Page *p, const char *title) {
    text_add_char(p->out, '\n');
    page_ink(p, INK_BOLD);
    text_add(p->out, title);
    page_ink(p, INK_PLAIN);
    text_add_char(p->out, '\n');
}

static void add_blanks(Page *p, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        text_add_char(p->out, ' ');
}

void page_cell(Page *p, int columns, Bytes text) {
    unsigned width = (unsigned)(columns < 0 ? -columns : columns);
    Text cell = text_new(1 << 16);
    unsigned used = escape_terminal(text, width, &cell);
    unsigned blanks = used < width ? width - used : 0;
    if (columns < 0)
        add_blanks(p, blanks);
    text_add_bytes(p->out, cell.at, cell.size);
    if (columns >= 0)
        add_blanks(p, blanks);
    text_add_char(p->out, ' ');
    text_free(&cell);
}

void page_rest(Page *p, unsigned used, Bytes text) {
    unsigned room = p->columns > used + 8 ? p->columns - used : 8;
    escape_terminal(text, room, p->out);
    while (p->out->size > 0 && p->out->at[p->out->size - 1] == ' ' && !p->out->full)
        p->out->size--; /* no blanks at the end of a line */
    text_add_char(p->out, '\n');
}

void page_wrap(Page *p, unsigned indent, unsigned used, Bytes text) {
    Text word = text_new(1 << 16);
    unsigned at = used;
    bool is_line_start = true;
    for (size_t off = 0; off < text.size;) {
        size_t start = off;
        while (off < text.size && text.at[off] != ' ')
            off++;
        Bytes piece = bytes_cut(text, start, off - start);
        while (off < text.size && text.at[off] == ' ')
            off++;
        text_clear(&word);
        unsigned width = escape_terminal(piece, 0, &word);
        if (!is_line_start && at + 1 + width > p->columns) {
            text_add_char(p->out, '\n');
            add_blanks(p, indent);
            at = indent;
            is_line_start = true;
        }
        if (!is_line_start) {
            text_add_char(p->out, ' ');
            at++;
        }
        text_add_bytes(p->out, word.at, word.size);
        at += width;
        is_line_start = false;
    }
    text_add_char(p->out, '\n');
    text_free(&word);
}

void page_label(Page *p, const char *label) {
    text_add(p->out, "  ");
    page_ink(p, INK_DIM);
    page_cell(p, LABEL_COLUMNS - 3, bytes_from_text(label));
    page_ink(p, INK_PLAIN);
}

void page_bar(Page *p, const double *shares, size_t count, unsigned columns) {
    static const char *const BLOCKS[] = {"█", "▓", "▒"};
    static const Ink INKS[] = {INK_GOOD, INK_ODD, INK_DIM};
    double sum = 0;
    unsigned drawn = 0;
    for (size_t i = 0; i < count && i < 3; i++) {
        sum += shares[i] > 0 ? shares[i] : 0;
        unsigned end = sum >= 1 ? columns : (unsigned)(sum * columns + 0.5);
        page_ink(p, INKS[i]);
        for (; drawn < end; drawn++)
            text_add(p->out, BLOCKS[i]);
        page_ink(p, INK_PLAIN);
    }
    for (; drawn < columns; drawn++)
        text_add(p->out, "░");
}
