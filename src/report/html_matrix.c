/* SPDX-License-Identifier: Apache-2.0
 * html_matrix.c: what cannot be as it claims, evidence by common cause, and the matrix of competing
 * hypotheses (Heuer, Psychology of Intelligence Analysis, chapter 8). */
#include <string.h>

#include "report/html.h"
#include "report/html_report.h"
#include "report/number.h"

/* ---- contradictions ---- */

static void add_spot(Text *out, const HtmlFinding *f, const Spot *s) {
    bool is_here = memcmp(s->sha256, f->here.features->sha256, 32) == 0;
    text_add(out, "<span>");
    if (s->va != UINT64_MAX) {
        html_va(out, s->va);
    } else if (s->off != UINT64_MAX) {
        text_add(out, "offset <code>");
        text_add_va(out, s->off);
        text_add(out, "</code>");
    } else {
        text_add(out, "whole file");
    }
    const StoredSample *there = is_here ? NULL : snapshot_find_sha256(f->snap, s->sha256);
    if (!is_here)
        html_addf(out, " in %s", there && there->name ? there->name : "the reference");
    text_add(out, "</span>");
}

static void write_contradiction(const HtmlFinding *f, const Contradiction *c, Text *out) {
    text_add(out, "<tr><td data-of=\"kind\"><span class=\"tag low\">");
    html_word(out, contradiction_kind_name(c->kind));
    text_add(out, "</span></td><td data-of=\"what\" class=\"say\">");
    html_text(out, c->statement);
    text_add(out, "</td><td data-of=\"where\"><span>");
    for (unsigned i = 0; i < c->spot_count; i++) {
        text_add(out, i ? "<br>" : "");
        add_spot(out, f, &c->spots[i]);
    }
    text_add(out, "</span></td><td data-of=\"lowers\"><span>");
    for (unsigned i = 0; i < c->lower_count; i++) {
        text_add(out, i ? ", " : "");
        html_text(out, c->lowers[i]);
    }
    text_add(out, c->lower_count ? "" : "–");
    text_add(out, "</span></td><td data-of=\"weight\" class=\"n\">");
    text_add_real(out, c->log10_lr, 2, false);
    text_add(out, "</td></tr>\n");
}

void html_write_contradictions(const HtmlFinding *f, Text *out) {
    const ContradictionVec *all = &f->verdict->contradiction_details;
    if (all->count == 0)
        return;
    html_element(out, "h2", NULL, "Contradictions");
    html_element(out, "p", "soft small",
                 "What cannot be as it claims to be. A false flag leaves such traces; so does a "
                 "mistake. Weight: log10 of how much more often forged files have it.");
    text_add(out, "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>kind</th><th>what"
                  "</th><th>where</th><th>lowers</th><th class=\"n\">weight</th></tr></thead>"
                  "<tbody>\n");
    for (size_t i = 0; i < all->count; i++)
        write_contradiction(f, &all->at[i], out);
    text_add(out, "</tbody></table></div>\n");
}

/* ---- the matrix ---- */

static void add_row_label(const HtmlFinding *f, const MatrixRow *row, Text *out) {
    const LedgerRow *g = row->group;
    text_add(out, "<td class=\"say\">");
    if (!g) {
        const ContradictionVec *all = &f->verdict->contradiction_details;
        text_add(out, "contradiction: ");
        if (row->contradiction < all->count)
            html_word(out, contradiction_kind_name(all->at[row->contradiction].kind));
        text_add(out, "</td>");
        return;
    }
    html_text(out, g->group);
    text_addf(out, " <span class=\"soft small\">%s, %s to forge, weight ", vertex_name(g->vertex),
              g->forgeability);
    text_add_real(out, g->log10_lr, 2, false);
    text_add(out, "; evidence ");
    for (size_t i = 0; i < g->items.count; i++)
        text_addf(out, "%s%u", i ? ", " : "", g->items.at[i]);
    text_add(out, "</span></td>");
}

void html_write_matrix(const HtmlFinding *f, Text *out) {
    const Verdict *v = f->verdict;
    if (v->matrix.rows.count == 0)
        return;
    html_element(out, "h2", NULL, "Competing hypotheses");
    html_element(out, "p", "soft small",
                 "C consistent, I inconsistent (doubled: strongly), N says nothing. What counts is "
                 "what is inconsistent: evidence that fits every hypothesis decides nothing. Items "
                 "with one cause are one row.");
    text_add(out, "<div class=\"scroll\"><table class=\"matrix\"><thead><tr><th>evidence by cause"
                  "</th>");
    for (size_t i = 0; i < v->hypotheses.count; i++) {
        text_add(out, "<th>");
        const Hypothesis *h = &v->hypotheses.at[i];
        if (h->name)
            html_text(out, h->name);
        else
            html_word(out, hypothesis_kind_name(h->kind));
        text_add(out, "</th>");
    }
    text_add(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < v->matrix.rows.count; i++) {
        text_add(out, "<tr>");
        add_row_label(f, &v->matrix.rows.at[i], out);
        for (size_t k = 0; k < v->hypotheses.count; k++) {
            const char *cell = matrix_cell_name(v->matrix.rows.at[i].cells[k]);
            text_addf(out, "<td class=\"%s\">%s</td>", cell, cell);
        }
        text_add(out, "</tr>\n");
    }
    text_add(out, "<tr><td><b>inconsistency</b></td>");
    for (size_t k = 0; k < v->hypotheses.count; k++) {
        text_add(out, "<td class=\"sum\">");
        text_add_real(out, v->matrix.inconsistency ? v->matrix.inconsistency[k] : 0, 2, false);
        text_add(out, "</td>");
    }
    text_add(out, "</tr></tbody></table></div>\n");
}
