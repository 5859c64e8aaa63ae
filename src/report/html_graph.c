/* SPDX-License-Identifier: Apache-2.0
 * html_graph.c: how the sample is connected to names: by code with references, by labels and claims
 * from there on. Columns from left to right; every edge says why. */
#include <string.h>

#include "report/html.h"
#include "report/html_report.h"
#include "report/html_svg.h"
#include "report/number.h"

enum {
    MAX_GRAPH_NODES = 48,
    MAX_GRAPH_EDGES = 96,
    GRAPH_COLUMNS = 6,
    GRAPH_REFERENCES = 6, /* samples shown */
    NODE_WIDTH = 176,
    NODE_HEIGHT = 40,
    COLUMN_WIDTH = 326,
    ROW_HEIGHT = 66,
    MARGIN = 12
};

/* Of its code: below it a reference is not worth a line, unless evidence points to it. */
#define LEAST_SHARE 0.01

typedef struct Node {
    const char *label, *kind, *class;
    unsigned column, row;
} Node;

typedef struct Edge {
    uint32_t a, b;
    const char *label, *class;
} Edge;

typedef struct Graph {
    Arena *a;
    VEC(Node) nodes;
    VEC(Edge) edges;
    unsigned rows[GRAPH_COLUMNS];
} Graph;

/* The node of this name and kind, made when there is none. UINT32_MAX: no room. */
static uint32_t node_for(Graph *g, const Node *wanted) {
    for (uint32_t i = 0; i < g->nodes.count; i++)
        if (!strcmp(g->nodes.at[i].label, wanted->label) &&
            !strcmp(g->nodes.at[i].kind, wanted->kind))
            return i;
    Node *n = VEC_ADD(g->a, &g->nodes);
    if (!n)
        return UINT32_MAX;
    *n = *wanted;
    if (n->column >= GRAPH_COLUMNS)
        n->column = GRAPH_COLUMNS - 1;
    n->row = g->rows[n->column]++;
    return (uint32_t)g->nodes.count - 1;
}

static void connect(Graph *g, uint32_t a, uint32_t b, const char *label, const char *class) {
    if (a == UINT32_MAX || b == UINT32_MAX || a == b)
        return;
    for (size_t i = 0; i < g->edges.count; i++)
        if ((g->edges.at[i].a == a && g->edges.at[i].b == b) ||
            (g->edges.at[i].a == b && g->edges.at[i].b == a))
            return;
    Edge *e = VEC_ADD(g->a, &g->edges);
    if (e)
        *e = (Edge){a, b, label, class};
}

/* ---- what is in it ---- */

static const char *share_label(const HtmlFinding *f, const SampleMatch *m) {
    Text t = text_new(128);
    if (m->code_share < LEAST_SHARE) {
        text_add(&t, "routine or trait");
    } else {
        text_add_real(&t, m->code_share * 100, 0, false);
        text_add(&t, " % of its code");
    }
    const char *kept = arena_text(f->arena, (Bytes){(const uint8_t *)text_str(&t), t.size});
    text_free(&t);
    return kept;
}

static const char *says(const HtmlFinding *f, const char *source) {
    Text t = text_new(600);
    text_addf(&t, "says %.500s", source ? source : "a label");
    const char *kept = arena_text(f->arena, (Bytes){(const uint8_t *)text_str(&t), t.size});
    text_free(&t);
    return kept;
}

/* Red: a name that the verdict gives. */
static const char *class_of(const HtmlFinding *f, const char *name) {
    const Verdict *v = f->verdict;
    bool is_named = v->decision == DECISION_ATTRIBUTED || v->decision == DECISION_LINEAGE;
    const char *first = v->hypotheses.count ? v->hypotheses.at[0].name : NULL;
    return is_named && first && strcmp(first, name) == 0 ? "node name" : "node";
}

static void add_labels(Graph *g, const HtmlFinding *f, uint32_t sample, const Labels *l) {
    uint32_t family = UINT32_MAX;
    const char *why = says(f, l->source);
    if (l->family) {
        family = node_for(g, &(Node){.label = l->family,
                                     .kind = "family",
                                     .class = class_of(f, l->family),
                                     .column = 2});
        connect(g, sample, family, why, "edge");
    }
    uint32_t from = family == UINT32_MAX ? sample : family;
    if (l->campaign)
        connect(g, from,
                node_for(g, &(Node){.label = l->campaign, .kind = "campaign", "node known", 3}),
                why, "edge faint");
    if (l->actor)
        connect(g, from, node_for(g, &(Node){.label = l->actor, .kind = "actor", "node known", 4}),
                why, "edge faint");
}

/* Does the evidence point to it? */
static bool is_cited(const HtmlFinding *f, const StoredSample *there) {
    for (size_t i = 0; i < f->verdict->evidence.count; i++)
        if (memcmp(f->verdict->evidence.at[i].there.sha256, there->sha256, 32) == 0)
            return true;
    return false;
}

static void add_references(Graph *g, const HtmlFinding *f, uint32_t here) {
    for (size_t i = 0; i < f->report->samples.count && i < GRAPH_REFERENCES; i++) {
        const SampleMatch *m = &f->report->samples.at[i];
        const StoredSample *there = snapshot_find_sample(f->snap, m->sample);
        if (!there || (m->code_share < LEAST_SHARE && !is_cited(f, there)))
            continue;
        uint32_t node = node_for(g, &(Node){.label = there->name ? there->name : "?",
                                            .kind = "reference",
                                            .class = "node",
                                            .column = 1});
        connect(g, here, node, share_label(f, m), "edge");
        if (node != UINT32_MAX)
            add_labels(g, f, node, &there->labels);
    }
}

static uint32_t known_node(Graph *g, const LinkNode *n, unsigned column) {
    const char *kind = n->is_indicator ? know_value_name(n->value_kind) : know_kind_name(n->kind);
    return node_for(g, &(Node){.label = n->name ? n->name : "?",
                               .kind = kind,
                               .class = "node known",
                               .column = column});
}

/* What others say of the names: the steps of the paths that start there. */
static void add_known(Graph *g, const HtmlFinding *f) {
    for (size_t i = 0; f->links && i < f->links->paths.count; i++) {
        const LinkPath *p = &f->links->paths.at[i];
        unsigned column = 2;
        for (size_t k = 0; k < p->steps.count; k++, column++) {
            const LinkStep *s = &p->steps.at[k];
            uint32_t a = known_node(g, &s->a, column), b = known_node(g, &s->b, column + 1);
            const char *why = s->evidence.count ? s->evidence.at[0].source : NULL;
            connect(g, a, b, says(f, why), "edge faint");
        }
    }
}

/* ---- drawing ---- */

static double x_of(const Node *n) { return MARGIN + (double)n->column * COLUMN_WIDTH; }

static double y_of(const Graph *g, const Node *n, unsigned most) {
    double step = (double)most / g->rows[n->column];
    return MARGIN + ((double)n->row + 0.5) * step * ROW_HEIGHT - NODE_HEIGHT / 2.0;
}

static void add_number(Text *out, double value) {
    text_add_real(out, value, 1, true);
    text_add_char(out, ' ');
}

/* An edge over another column goes below what stands there. */
static double bend_of(const Node *a, const Node *b) {
    unsigned columns = a->column < b->column ? b->column - a->column : a->column - b->column;
    return columns > 1 ? ROW_HEIGHT : 0;
}

static void draw_edge(const Graph *g, const Edge *e, unsigned most, Text *out) {
    const Node *a = &g->nodes.at[e->a], *b = &g->nodes.at[e->b];
    if (a->column > b->column) {
        const Node *swap = a;
        a = b;
        b = swap;
    }
    double x1 = x_of(a) + NODE_WIDTH, y1 = y_of(g, a, most) + NODE_HEIGHT / 2.0;
    double x2 = x_of(b), y2 = y_of(g, b, most) + NODE_HEIGHT / 2.0;
    if (a->column == b->column)
        x2 += NODE_WIDTH; /* around, on the right */
    double reach = a->column == b->column ? 40 : (x2 - x1) / 2;
    double bend = bend_of(a, b);
    text_addf(out, "<path class=\"%s\" d=\"M ", e->class);
    add_number(out, x1);
    add_number(out, y1);
    text_add(out, "C ");
    add_number(out, x1 + reach);
    add_number(out, y1 + bend);
    add_number(out, a->column == b->column ? x2 + reach : x2 - reach);
    add_number(out, y2 + bend);
    add_number(out, x2);
    add_number(out, y2);
    text_add(out, "\"/>\n");
}

static void draw_label(const Graph *g, const Edge *e, unsigned most, Text *out) {
    const Node *a = &g->nodes.at[e->a], *b = &g->nodes.at[e->b];
    double y1 = y_of(g, a, most), y2 = y_of(g, b, most);
    const Node *left = a->column <= b->column ? a : b;
    /* Nearer to the end that has fewer edges: labels of a fan would meet at its root. */
    double part = left->column == 0 ? 0.62 : 0.40;
    double y = left == a ? y1 + (y2 - y1) * part : y2 + (y1 - y2) * part;
    SvgText at = {.x = x_of(left) + NODE_WIDTH + (COLUMN_WIDTH - NODE_WIDTH) * 0.5,
                  .y = y + NODE_HEIGHT / 2.0 - 5 + bend_of(a, b) / 2,
                  .class = "soft label",
                  .anchor = "middle",
                  .columns = 22};
    svg_text(out, at, e->label);
}

static void draw_node(const Graph *g, const Node *n, unsigned most, Text *out) {
    double x = x_of(n), y = y_of(g, n, most);
    text_addf(out, "<rect class=\"%s\" rx=\"6\" width=\"%d\" height=\"%d\" x=\"", n->class,
              NODE_WIDTH, NODE_HEIGHT);
    text_add_real(out, x, 1, true);
    text_add(out, "\" y=\"");
    text_add_real(out, y, 1, true);
    text_add(out, "\"/>\n");
    svg_text(out, (SvgText){x + 10, y + 17, NULL, "start", 23}, n->label);
    svg_text(out, (SvgText){x + 10, y + 33, "soft", "start", 24}, n->kind);
}

void html_write_graph(const HtmlFinding *f, Text *out) {
    Graph g = {.a = f->arena};
    g.nodes.max = MAX_GRAPH_NODES;
    g.edges.max = MAX_GRAPH_EDGES;
    const char *name = f->here.features->name ? f->here.features->name : f->path;
    uint32_t here =
        node_for(&g, &(Node){.label = name, .kind = "this sample", .class = "node here"});
    add_references(&g, f, here);
    add_known(&g, f);
    if (g.nodes.count < 2)
        return;
    unsigned most = 1, columns = 1;
    for (unsigned i = 0; i < GRAPH_COLUMNS; i++) {
        most = g.rows[i] > most ? g.rows[i] : most;
        columns = g.rows[i] ? i + 1 : columns;
    }
    html_element(out, "h2", NULL, "How it is connected");
    html_element(
        out, "p", "soft small",
        "Solid: shared code, and labels of the reference samples. Dashed: what others say. "
        "A path is no proof; each step says who says so.");
    svg_begin(out, 2 * MARGIN + (columns - 1) * COLUMN_WIDTH + NODE_WIDTH,
              2 * MARGIN + most * ROW_HEIGHT + ROW_HEIGHT / 4, "links from this sample to names");
    for (size_t i = 0; i < g.edges.count; i++)
        draw_edge(&g, &g.edges.at[i], most, out);
    for (size_t i = 0; i < g.nodes.count; i++)
        draw_node(&g, &g.nodes.at[i], most, out);
    for (size_t i = 0; i < g.edges.count; i++)
        draw_label(&g, &g.edges.at[i], most, out);
    svg_end(out);
}
