/* SPDX-License-Identifier: Apache-2.0
 * html_tree.c: the tree of a family as a drawing. */
#include <stdio.h>

#include "report/html.h"
#include "report/html_report.h"
#include "report/html_svg.h"
#include "report/tree.h"

enum { TREE_WIDTH = 560, TREE_LABELS = 380, TREE_ROW = 26, TREE_MARGIN = 14 };

static double x_of(const FamilyTree *t, const TreeNode *n, double deepest) {
    (void)t;
    return TREE_MARGIN + (deepest > 0 ? n->depth / deepest : 0) * TREE_WIDTH;
}

static double y_of(const FamilyTree *t, uint32_t at) {
    const TreeNode *n = &t->nodes[at];
    if (n->leaf != UINT32_MAX)
        return TREE_MARGIN + (n->first + 0.5) * TREE_ROW;
    return (y_of(t, n->child[0]) + y_of(t, n->child[1])) / 2;
}

static void draw_leaf(const FamilyTree *t, const TreeNode *n, double x, double y, Text *out) {
    const TreeLeaf *leaf = &t->leaves[n->leaf];
    char label[320];
    snprintf(label, sizeof label, "%.200s%s%.10s%s%s", leaf->name, leaf->date ? "  (" : "",
             leaf->date ? leaf->date : "", leaf->date ? ")" : "",
             leaf->is_query ? "  – this sample" : "");
    svg_dot(out, x, y, leaf->is_query ? "dot here" : "dot");
    svg_text(out, (SvgText){x + 10, y + 4, NULL, "start", 50}, label);
}

void html_write_tree(const FamilyTree *t, Text *out) {
    double deepest = 0;
    for (uint32_t i = 0; i < t->node_count; i++)
        deepest = t->nodes[i].depth > deepest ? t->nodes[i].depth : deepest;
    html_open(out, "h2", NULL);
    html_addf(out, "The family %s: what is like what", t->family);
    html_close(out, "h2");
    html_element(out, "p", "soft small",
                 t->is_dated ? "Lengths are distances by shared code; dates tell the older end."
                             : "Lengths are distances by shared code; no dates tell which end is "
                               "the older one.");
    svg_begin(out, TREE_WIDTH + TREE_LABELS + 2 * TREE_MARGIN,
              t->leaf_count * TREE_ROW + 2 * TREE_MARGIN, "tree of the family's samples");
    for (uint32_t i = 0; i < t->node_count; i++) {
        const TreeNode *n = &t->nodes[i];
        double x = x_of(t, n, deepest), y = y_of(t, i);
        if (n->parent != UINT32_MAX)
            svg_line(out, x_of(t, &t->nodes[n->parent], deepest), y, x, y, "edge");
        if (n->leaf == UINT32_MAX)
            svg_line(out, x, y_of(t, n->child[0]), x, y_of(t, n->child[1]), "edge");
        else
            draw_leaf(t, n, x, y, out);
    }
    svg_end(out);
    html_open(out, "details", "card");
    text_add(out, "<summary><h3>The same as Newick</h3></summary><div class=\"in\"><code>");
    Text newick = text_new(1 << 20);
    newick_write(t, &newick);
    html_escape((Bytes){(const uint8_t *)text_str(&newick), newick.size}, out);
    text_free(&newick);
    text_add(out, "</code></div></details>\n");
}
