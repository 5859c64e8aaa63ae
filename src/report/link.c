/* SPDX-License-Identifier: Apache-2.0 */
#include "report/link.h"

#include <stdio.h>
#include <string.h>

#include "report/json.h"
#include "report/page.h"

static const char *kind_of(const LinkNode *n) {
    return n->is_indicator ? know_value_name(n->value_kind) : know_kind_name(n->kind);
}

static void write_time(Json *j, const char *key, int64_t time) {
    char text[KNOW_TIME_BYTES];
    know_time_write(time, text);
    json_text(j, key, time ? text : NULL);
}

static void write_node(Json *j, const char *key, const LinkNode *n) {
    char name[32];
    snprintf(name, sizeof name, "%s_kind", key);
    json_text(j, key, n->name);
    json_text(j, name, kind_of(n));
    snprintf(name, sizeof name, "%s_id", key);
    json_text(j, name, n->ref);
    snprintf(name, sizeof name, "%s_first", key);
    write_time(j, name, n->from);
}

static void write_step(Json *j, const LinkStep *s) {
    json_open(j, NULL, '{');
    write_node(j, "a", &s->a);
    write_node(j, "b", &s->b);
    json_real(j, "probability", s->probability, 4);
    json_open(j, "evidence", '[');
    for (size_t i = 0; i < s->evidence.count; i++) {
        const LinkEvidence *e = &s->evidence.at[i];
        json_open(j, NULL, '{');
        json_text(j, "class", evidence_class_name(e->evidence_class));
        json_text(j, "statement", e->statement);
        json_text(j, "source", e->source);
        json_text(j, "url", e->url);
        json_bool(j, "disputed", e->is_disputed);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

void json_write_links(const LinkReport *r, Text *out) {
    for (size_t i = 0; i < r->paths.count; i++) {
        const LinkPath *p = &r->paths.at[i];
        Json j = json_record(out, "link");
        json_u64(&j, "rank", i + 1);
        write_node(&j, "from", &p->from);
        write_node(&j, "to", &p->to);
        json_real(&j, "probability", p->probability, 4);
        json_text(&j, "words", likelihood_words(p->probability));
        if (r->probability > 0)
            json_real(&j, "probability_of_all", r->probability, 4);
        else
            json_null(&j, "probability_of_all");
        json_open(&j, "path", '[');
        for (size_t k = 0; k < p->steps.count; k++)
            write_step(&j, &p->steps.at[k]);
        json_close(&j, ']');
        if (p->steps.count) {
            const LinkStep *weakest = &p->steps.at[p->weakest];
            json_open(&j, "weakest", '{');
            json_u64(&j, "step", p->weakest + 1u);
            json_text(&j, "statement", weakest->evidence.at[0].statement);
            json_real(&j, "probability", weakest->probability, 4);
            json_close(&j, '}');
        } else {
            json_null(&j, "weakest");
        }
        json_bool(&j, "time_ordered", p->is_ordered);
        json_bool(&j, "was_cut", r->was_cut);
        json_end(&j);
    }
}

/* ---- text ---- */

static void add_escaped(Text *out, const char *text) {
    escape_terminal(bytes_from_text(text), 0, out);
}

/* used: columns of the line that are taken. */
static void write_evidence(Page *p, const LinkEvidence *e, unsigned used, bool is_weakest) {
    enum { INDENT = 9 };
    Text line = text_new(4096);
    text_add(&line, e->statement);
    text_add(&line, e->is_disputed ? " [disputed]" : "");
    text_add(&line, is_weakest ? " <- weakest step" : "");
    if (!used)
        text_add(p->out, "         ");
    page_wrap(p, INDENT, used ? used : INDENT, bytes_from_text(text_str(&line)));
    text_free(&line);
    if (!e->url)
        return;
    page_ink(p, INK_DIM);
    text_add(p->out, "         ");
    page_rest(p, INDENT, bytes_from_text(e->url));
    page_ink(p, INK_PLAIN);
}

static void write_path(Page *p, const LinkPath *path, size_t rank) {
    Text *out = p->out;
    char head[64];
    page_ink(p, INK_BOLD);
    text_addf(out, "%zu. ", rank);
    add_escaped(out, path->from.name);
    text_add(out, " - ");
    add_escaped(out, path->to.name);
    page_ink(p, INK_PLAIN);
    text_addf(out, ": %s (%.0f %%)%s\n", likelihood_words(path->probability),
              100 * path->probability,
              path->is_ordered ? "" : "; the dates on it do not follow each other");
    for (size_t i = 0; i < path->steps.count; i++) {
        const LinkStep *s = &path->steps.at[i];
        bool is_weakest = i == path->weakest && path->steps.count > 1;
        int n = snprintf(head, sizeof head, "  %3.0f %%  ", 100 * s->probability);
        page_ink(p, i == path->weakest ? INK_ODD : INK_DIM);
        text_add(out, head);
        page_ink(p, INK_PLAIN);
        for (size_t k = 0; k < s->evidence.count; k++)
            write_evidence(p, &s->evidence.at[k], k == 0 ? (unsigned)n : 0,
                           is_weakest && k + 1 == s->evidence.count);
    }
}

void text_write_links(const LinkReport *r, const char *from, const char *to, TextStyle style,
                      Text *out) {
    Page page = page_new(style, out), *p = &page;
    if (from && r->from_count > 1) {
        text_addf(out, "%u things are called ", r->from_count);
        add_escaped(out, from);
        text_add(out, "; all of them were taken as a start.\n");
    }
    if (r->paths.count == 0) {
        text_add(out, "no link found");
        if (from && to) {
            text_add(out, " between ");
            add_escaped(out, from);
            text_add(out, " and ");
            add_escaped(out, to);
        }
        text_add(out, "; what is not known is no sign that there is none\n");
        return;
    }
    for (size_t i = 0; i < r->paths.count; i++)
        write_path(p, &r->paths.at[i], i + 1);
    if (from && to) {
        text_addf(out, "All paths together: %s (%.0f %%). ", likelihood_words(r->probability),
                  100 * r->probability);
        text_add(out, r->paths.count > 1
                          ? "The link survives the loss of any one step.\n"
                          : "There is one path only: without its weakest step the link is gone.\n");
    }
    if (r->was_cut)
        text_add(out, "A limit of the search was hit: there may be more paths.\n");
}
